//! Following events as they are recorded.

use super::parameters::Parameters;
use super::selection::{self, FIELDS, FILTERS, Wanted};
use crate::auth::Caller;
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use axum::response::sse::{Event as Sse, KeepAlive, Sse as Stream};
use futures_util::{StreamExt as _, stream};
use http::HeaderMap;
use picket_event::Event;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

/// Entries that are read at a time.
const BATCH: usize = 256;

/// How often the reader's token is looked at while nothing happens.
const CHECK: Duration = Duration::from_millis(500);

struct Follow {
    state: State,
    caller: Caller,
    filter: picket_query::Query,
    types: Vec<String>,
    is_rendered: bool,
    next: u64,
    ready: VecDeque<(u64, Box<Event>)>,
}

pub(crate) async fn tail(
    Shared(state): Shared<State>,
    caller: Caller,
    parameters: Parameters,
    headers: HeaderMap,
) -> Result<Stream<impl futures_util::Stream<Item = Result<Sse, Infallible>>>, ApiProblem> {
    parameters.only(&[FIELDS, FILTERS, &["since"]])?;
    // Relative times count from now on both sides of it: in what is read back, and in what comes.
    let Wanted { filter, types, is_rendered } = selection::wanted(&parameters)?;
    let filter = filter.at(state.log.clock().now());
    let next = match (last_seen(&headers)?, parameters.moment("since", state.log.clock().now())?) {
        (Some(last), _) if last >= state.log.size() => {
            return Err(ApiProblem::bad("last-event-id lies beyond the log's end: it is of another log"));
        }
        (Some(last), _) => last + 1,
        (None, Some(since)) => state.blocking(move |state| first_since(state, since)).await?,
        (None, None) => state.log.size(),
    };
    let follow = Follow { filter, types, is_rendered, next, ready: VecDeque::new(), state, caller };
    // Says at once where following begins, so that a reader whose connection breaks before the first event misses none.
    let begin = next.checked_sub(1).map(|last| Ok(Sse::default().id(last.to_string())));
    let events = stream::unfold(follow, |mut follow| async move {
        let (position, event) = follow.one().await?;
        let data = serde_json::to_string(&event).unwrap_or_default();
        Some((Ok(Sse::default().id(position.to_string()).event("event").data(data)), follow))
    });
    Ok(Stream::new(stream::iter(begin).chain(events)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))))
}

/// The last position that the reader has seen.
fn last_seen(headers: &HeaderMap) -> Result<Option<u64>, ApiProblem> {
    let position = |id: &http::HeaderValue| id.to_str().ok()?.parse().ok();
    let id = headers.get("last-event-id");
    id.map(|id| position(id).ok_or_else(|| ApiProblem::bad("last-event-id takes the id of an event of this tail")))
        .transpose()
}

impl Follow {
    /// The next event that matches; `None` when the reader's token has ended, the process drains, or the log cannot be
    /// read.
    async fn one(&mut self) -> Option<(u64, Box<Event>)> {
        loop {
            if !self.state.is_active(&self.caller) {
                return None;
            }
            if let Some(found) = self.ready.pop_front() {
                return Some(found);
            }
            let mut tail = self.state.log.tail();
            let reached = self.next;
            tokio::select! {
                size = tail.wait_for(|size| *size > reached) => drop(size.ok()?),
                () = self.state.shutdown.draining() => return None,
                () = tokio::time::sleep(CHECK) => continue,
            }
            let batch = self.state.blocking(move |state| Ok(state.log.batch(reached, BATCH)?)).await.ok()?;
            for logged in batch {
                self.next = logged.position + 1;
                let Some(event) = &logged.event else { continue };
                let is_wanted =
                    self.types.is_empty() || self.types.iter().any(|kind| kind == event.event_type.as_str());
                if is_wanted && self.filter.matches(event) {
                    self.ready.push_back((logged.position, shown(event.clone(), self.is_rendered)));
                }
            }
        }
    }
}

/// An event as it is shown.
fn shown(event: Box<Event>, is_rendered: bool) -> Box<Event> {
    if is_rendered { Box::new(event.as_auto_approved()) } else { event }
}

/// The first position that was recorded at or after a moment: times never fall along the log.
fn first_since(state: &State, since: picket_stdx::Timestamp) -> Result<u64, ApiProblem> {
    let (mut low, mut high) = (0, state.log.size());
    while low < high {
        let middle = u64::midpoint(low, high);
        let at = state.log.entries(middle, 1)?.first().map(|entry| entry.at);
        if at.is_none_or(|at| at < since) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    Ok(low)
}
