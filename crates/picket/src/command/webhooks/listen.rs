//! Product events to a program of one's own, as a webhook would send them.

use super::{Context, posted};
use crate::client::Client;
use crate::command::PARTIAL;
use crate::failure::Failure;
use bytes::Bytes;
use http::Method;
use picket_egress::{Limits, Upstream};
use picket_event::{Event, MessageId};
use picket_render::message;
use picket_render::wire::webhook::Secret;
use picket_stdx::{Clock, error_chain};
use picket_webhooks::{Scheme, headers, new_key};
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;
use tokio::runtime::Runtime;

/// The time of one exchange.
const WITHIN: Duration = Duration::from_secs(10);

/// Posts what it is given.
pub(super) struct Listen {
    server: Upstream,
    path: String,
    events: Vec<String>,
    key: [Secret; 1],
    left: Option<u64>,
    /// How many there were, and how many of them nobody took.
    posted: (u64, u64),
    runtime: Runtime,
    clock: Clock,
}

impl Listen {
    pub(super) fn new(
        url: &str,
        events: Vec<String>,
        max: Option<u64>,
        key_file: Option<&Path>,
        context: &Context,
    ) -> Result<Self, Failure> {
        if let Some(unknown) = events.iter().find(|kind| !message::TYPES.contains(&kind.as_str())) {
            let known = message::TYPES.join(", ");
            return Err(Failure::usage(format!("`{unknown}` is no product event; there are {known}")));
        }
        let limits = Limits { connect: WITHIN, head: WITHIN, idle: WITHIN, total: WITHIN, ..Limits::default() };
        let (server, path) =
            Upstream::of_url(url, limits, None).map_err(|error| Failure::usage(format!("--forward-to: {error}")))?;
        let text = match key_file {
            Some(file) => {
                std::fs::read_to_string(file).map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?
            }
            None => {
                let key = new_key(Scheme::V1);
                context.note(&format!("verify with {}", *key));
                key.to_string()
            }
        };
        let key = Secret::parse(text.trim()).map_err(|error| Failure::usage(format!("--key-file: {error}")))?;
        if let Some(public) = key.public() {
            context.note(&format!("verify with {public}"));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::general(format!("no runtime: {error}")))?;
        Ok(Self { server, path, events, key: [key], left: max, posted: (0, 0), runtime, clock: Clock::system() })
    }

    /// Follows events until there were enough, or somebody interrupts.
    pub(super) fn run(
        mut self,
        client: &Client,
        context: &Context,
        (filter, since): (Option<&str>, Option<&str>),
    ) -> Result<ExitCode, Failure> {
        if self.left == Some(0) {
            return Ok(ExitCode::SUCCESS);
        }
        let query = [("event_type", Some("*")), ("filter", filter), ("since", since)];
        let mut show = |text: &str| self.take(text);
        let interrupted = client.follow("/v1/events/tail", &query, None, &|text| context.note(text), &mut show)?;
        let (all, lost) = self.posted;
        if lost > 0 {
            context.note(&format!(
                "{lost} of {all} were not taken: the program has to answer with a status from 200 to 299"
            ));
        }
        let partial = if lost > 0 { PARTIAL } else { 0 };
        Ok(ExitCode::from(if interrupted { 130 } else { partial }))
    }

    /// Posts an event if it is one that is wanted; whether more are.
    fn take(&mut self, text: &str) -> Result<bool, Failure> {
        let event: Event = serde_json::from_str(text)?;
        let Some(kind) = message::told_as(&event) else { return Ok(true) };
        let is_wanted = self.events.is_empty() || self.events.iter().any(|wanted| message::covers(wanted, kind));
        if !is_wanted {
            return Ok(true);
        }
        let (id, said, is_taken) = self.post(kind, &event)?;
        self.posted.0 += 1;
        self.posted.1 += u64::from(!is_taken);
        posted(kind, &id, &said)?;
        self.left = self.left.map(|left| left.saturating_sub(1));
        Ok(self.left != Some(0))
    }

    /// The id of a message, what was said to it, and whether it was taken.
    fn post(&self, kind: &str, event: &Event) -> Result<(String, String, bool), Failure> {
        let now = self.clock.now();
        let (id, body) = (MessageId::new(now).to_string(), message::message(kind, event));
        let headers = headers((&id, kind), now, &body, &self.key).map_err(Failure::general)?;
        let sent = async {
            let sent = self.server.send(Method::POST, &self.path, headers, Bytes::from(body)).await?;
            Ok::<_, picket_egress::EgressError>(sent.status())
        };
        // A program that is just being written is not always there.
        Ok(match self.runtime.block_on(sent) {
            Ok(status) => (id, status.as_u16().to_string(), status.is_success()),
            Err(error) => (id, error_chain(&error), false),
        })
    }
}
