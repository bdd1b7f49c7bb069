//! Tickets that are open elsewhere are looked at: what people do with them there is shown here.

use crate::desk::{Desk, Record};
use crate::exchange::{Failed, Look, Remote, Then};
use crate::kind::Kind;
use crate::notice::{clamp, key_of, plain};
use picket_db::{Lane, Tx};
use picket_log::AppendError;
use picket_pipeline::{ConsumeError, Due, Outbox, PoolSettings, UnderWay};
use picket_stdx::{Timestamp, error_chain};
use picket_store::tickets::{self, Place, Seen, State, Ticket};
use std::time::Duration;

/// Tickets that are asked for at a time, and in one place: whoever is asked has people to serve as well.
pub const LOOKS: PoolSettings = PoolSettings { at_a_time: 4, per_lane: 1, idle: Duration::from_secs(5) };
/// How long it takes at least until a ticket is looked at again, and at most.
pub(crate) const SOONEST: Duration = Duration::from_secs(120);
const LATEST: Duration = Duration::from_secs(86_400);
/// A ticket is looked at after so much of its age: a day old, each half an hour.
const OF_AGE: u32 = 48;
/// How long no ticket of a place is asked for that gave no answer, and that a person has to look after.
const REST: Duration = Duration::from_secs(60);
const FAULT_REST: Duration = Duration::from_secs(900);
/// Characters of a system's word for where a ticket stands.
const WORD_CHARS_MAX: usize = 64;

/// Looks at open tickets.
#[derive(Debug)]
pub struct Lookout(pub Desk);

impl Outbox for Lookout {
    type Row = (Ticket, Place);

    fn due(&self, under_way: &UnderWay, limit: usize) -> Result<Vec<Due<Self::Row>>, ConsumeError> {
        let (desk, now) = (&self.0, self.0.log.clock().now());
        let read = |connection: &rusqlite::Connection| {
            let limit = u64::try_from(limit).unwrap_or(u64::MAX);
            let open = tickets::to_look_at(connection, &desk.workspace, (now, &under_way.full()), limit)?;
            let mut all = Vec::with_capacity(open.len());
            for (id, ticket) in open {
                let Some(place) = tickets::get_place(connection, &desk.workspace, &ticket.place)? else { continue };
                all.push(Due { id, lane: ticket.place.clone(), row: (ticket, place) });
            }
            Ok::<_, rusqlite::Error>(all)
        };
        desk.db.read(read).map_err(|error| error.to_string().into())
    }

    async fn carry_out(&self, (ticket, place): (Ticket, Place)) {
        let looked = self.look(&ticket, &place).await;
        let (desk, id) = (self.0.clone(), ticket.id.clone());
        let done: picket_db::Ticket<(), AppendError> =
            desk.db.clone().write(Lane::Consumer, "tickets.see", move |tx| note(&desk, tx, &ticket, &place, looked));
        if let Err(error) = done.await {
            tracing::error!(ticket = id, error = %error_chain(&error), "where a ticket stands could not be written down; it is asked for again");
        }
    }
}

impl Lookout {
    async fn look(&self, ticket: &Ticket, place: &Place) -> Result<Look, Failed> {
        // Who tells nothing is asked nothing, and needs no credentials for it.
        if Kind::parse(&place.kind, &place.settings).is_ok_and(|kind| !kind.tells()) {
            return Ok(Look::Mute);
        }
        let (kind, credentials) = self.0.unlock(place)?;
        kind.look(&credentials, &key_of(&ticket.subject), &self.0.network).await
    }
}

/// Writes down where a ticket stands. Nothing goes back: what was told there is there, whatever an index says of it yet.
/// Whether its place is well is told by what is done there, not by looks.
fn note(
    desk: &Desk,
    tx: &mut Tx<'_>,
    ticket: &Ticket,
    place: &Place,
    looked: Result<Look, Failed>,
) -> Result<(), AppendError> {
    let (workspace, now) = (&desk.workspace, desk.log.clock().now());
    let later = Some(now.plus(wait(ticket.created_at, now)));
    let seen = match looked {
        Ok(Look::There(Remote { state: word, stage, .. })) => {
            let state = stage.filter(|stage| *stage > ticket.state);
            let look_at = later.filter(|_| state != Some(State::Resolved));
            Seen { state, remote_state: word.as_deref().map(shown), error: None, seen_at: Some(now), look_at }
        }
        Ok(Look::Gone) => {
            let error = format!("{} does not show it any more", place.kind);
            Seen { error: Some(error), seen_at: Some(now), look_at: later, ..Seen::default() }
        }
        Ok(Look::Mute) => Seen { error: ticket.error.clone(), ..Seen::default() },
        Err(failed) => {
            let rest = if matches!(failed.then, Then::Auth | Then::Settings) { FAULT_REST } else { REST };
            let until = now.plus(rest.max(failed.after.unwrap_or_default()));
            tickets::look_later(tx, workspace, &place.id, until)?;
            Seen { error: Some(failed.why), look_at: later.max(Some(until)), ..Seen::default() }
        }
    };
    if tickets::see(tx, workspace, ticket, &seen, now)?
        && let Some(state) = seen.state
    {
        let word = seen.remote_state.as_deref().unwrap_or_default();
        record(desk, tx, (&ticket.id, &ticket.subject), (place, state, word))?;
    }
    Ok(())
}

/// A system's word for where a ticket stands, harmless and short.
pub(crate) fn shown(word: &str) -> String {
    clamp(&plain(word), WORD_CHARS_MAX)
}

/// Tells in the log that somebody took a ticket elsewhere, or ended it.
pub(crate) fn record(
    desk: &Desk,
    tx: &mut Tx<'_>,
    (ticket, subject): (&str, &str),
    (place, state, word): (&Place, State, &str),
) -> Result<(), AppendError> {
    let event_type = match state {
        State::Acknowledged => "ticket.acknowledged",
        State::Resolved => "ticket.resolved",
        State::Opening | State::Open | State::Failed => return Ok(()),
    };
    let reason = format!("somebody at {} changed the ticket of {subject}: it is {word} there", place.kind);
    desk.record(tx, Record { event_type, ticket, subject, reason, is_failure: false })
}

/// How long nobody looks at a ticket again: the older it is, the longer.
fn wait(created_at: Timestamp, now: Timestamp) -> Duration {
    (now.since(created_at) / OF_AGE).clamp(SOONEST, LATEST)
}
