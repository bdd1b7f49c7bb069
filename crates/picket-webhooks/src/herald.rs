//! The consumer of the log that queues messages: they and its cursor are one transaction.

use crate::hooks::Hooks;
use picket_db::{Lane, Ticket, Tx};
use picket_event::{Decision, Event, EventType, MessageId, Severity};
use picket_log::{AppendError, LoggedEvent};
use picket_pipeline::{ConsumeError, Consumer};
use picket_query::Query;
use picket_render::message;
use picket_store::cursors;
use picket_store::webhooks::{self, Webhook, WebhookState};
use std::sync::Arc;
use std::time::Duration;

const NAME: &str = "herald";
/// Messages that wait for one webhook; with more it is given up.
pub const WAITING_MAX: u64 = 100_000;
/// How long the cursor may stay behind while nothing concerns it.
const MOVE_EVERY: Duration = Duration::from_secs(1);

/// Reads the log for what webhooks tell of.
#[derive(Debug)]
pub struct Herald {
    hooks: Hooks,
    begin: u64,
    reached: u64,
    kept: (u64, Duration),
}

/// An event with what it is told as.
type News = (u64, &'static str, Arc<LoggedEvent>);

impl Herald {
    /// The consumer of a workspace's log. One that never ran begins at its present end.
    pub fn new(hooks: &Hooks) -> Self {
        Self { begin: hooks.log.size(), hooks: hooks.clone(), reached: 0, kept: (0, Duration::ZERO) }
    }

    fn keep(&mut self, news: Vec<News>) -> Result<(), ConsumeError> {
        let (hooks, reached) = (self.hooks.clone(), self.reached);
        let done: Ticket<(), AppendError> = self.hooks.db.write(Lane::Consumer, "webhooks.queue", move |tx| {
            if !news.is_empty() {
                queue(&hooks, tx, &news)?;
                let bell = hooks.bell.clone();
                tx.on_commit(move || bell.ring());
            }
            Ok(cursors::set(tx, NAME, hooks.log.id(), reached)?)
        });
        done.wait().map_err(|error| error.to_string())?;
        self.kept = (reached, self.hooks.log.clock().steady());
        Ok(())
    }
}

impl Consumer for Herald {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cursor(&mut self) -> Result<u64, ConsumeError> {
        let found = self.hooks.db.read(|connection| cursors::find(connection, NAME, self.hooks.log.id()));
        let known = found.map_err(|error| error.to_string())?;
        self.reached = known.unwrap_or(self.begin);
        if known.is_none() {
            self.keep(Vec::new())?;
        }
        self.kept.0 = self.reached;
        Ok(self.reached)
    }

    fn apply(&mut self, batch: &[Arc<LoggedEvent>]) -> Result<u64, ConsumeError> {
        self.reached = batch.last().map_or(self.reached, |logged| logged.position + 1);
        let news: Vec<News> = batch.iter().filter_map(news).collect();
        let is_time = self.hooks.log.clock().steady().saturating_sub(self.kept.1) >= MOVE_EVERY;
        if !news.is_empty() || is_time {
            self.keep(news)?;
        }
        Ok(self.reached)
    }

    fn idle(&mut self) -> Result<(), ConsumeError> {
        if self.reached > self.kept.0 { self.keep(Vec::new()) } else { Ok(()) }
    }
}

fn news(logged: &Arc<LoggedEvent>) -> Option<News> {
    let kind = message::told_as(logged.event.as_deref()?)?;
    let kind = message::TYPES.iter().find(|known| **known == kind).copied()?;
    Some((logged.position, kind, Arc::clone(logged)))
}

fn queue(hooks: &Hooks, tx: &mut Tx<'_>, news: &[News]) -> Result<(), AppendError> {
    let now = hooks.log.clock().now();
    for webhook in webhooks::list_webhooks(tx.connection(), &hooks.workspace)? {
        if webhook.state == WebhookState::Disabled {
            continue;
        }
        let filter = webhook.filter.as_deref().and_then(|filter| Query::parse(filter).ok()).map(|query| query.at(now));
        let mut count = 0;
        for (position, kind, logged) in news {
            let Some(event) = logged.event.as_deref() else { continue };
            let is_wanted = webhook.events.iter().any(|wanted| message::covers(wanted, kind));
            if !is_wanted || filter.as_ref().is_some_and(|filter| !filter.matches(event)) {
                continue;
            }
            let id = MessageId::new(now).to_string();
            webhooks::queue_message(tx, &hooks.workspace, (&webhook.id, &id), (kind, *position), now)?;
            count += 1;
        }
        let is_full = count > 0
            && webhooks::waiting_messages(tx.connection(), &hooks.workspace, Some(&webhook.id))? > WAITING_MAX;
        if is_full {
            give_up(hooks, tx, &webhook, &format!("more than {WAITING_MAX} messages waited"))?;
        }
    }
    Ok(())
}

/// Gives a webhook up, and says so.
pub(crate) fn give_up(hooks: &Hooks, tx: &mut Tx<'_>, webhook: &Webhook, why: &str) -> Result<(), AppendError> {
    if !webhooks::disable(tx, &hooks.workspace, &webhook.id, why)? {
        return Ok(());
    }
    let now = hooks.log.clock().now();
    let mut event = Event::new(EventType::of("webhook.disabled"), hooks.workspace.as_str(), now);
    (event.severity, event.decision) = (Severity::Medium, Decision::Error);
    event.target = Some(format!("webhook:{}", webhook.id));
    event.reason = Some(why.to_owned());
    hooks.log.append_in(tx, hooks.log.prepare(event, &[])).map(drop)
}
