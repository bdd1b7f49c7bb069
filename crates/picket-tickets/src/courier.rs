//! What is in the outbox is carried out: a few at a time, one at a time for each place, and again when it fails.

use crate::desk::{Desk, Record};
use crate::exchange::{Failed, Remote, Then};
use crate::kind::Kind;
use crate::lookout;
use crate::notice::{Act, Notice};
use picket_db::{Lane, Ticket, Tx};
use picket_log::AppendError;
use picket_pipeline::{ConsumeError, Due, Outbox, PoolSettings, UnderWay};
use picket_stdx::{error_chain, random};
use picket_store::tickets::{self, Place, State, Told, Waiting};
use std::time::Duration;

/// Things that are done in places at a time, and in one place: chat takes a message a second.
pub const POOL: PoolSettings = PoolSettings { at_a_time: 16, per_lane: 1, idle: Duration::from_millis(500) };
/// Tries before somebody has to look: a bit more than a day.
const ATTEMPTS_MAX: u32 = 32;
/// The shortest and the longest wait between two tries.
const WAIT: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(3_600));
/// The shortest wait where a person has to change something.
const FAULT_WAIT: Duration = Duration::from_secs(60);

/// Carries out what waits.
#[derive(Debug)]
pub struct Courier(pub Desk);

/// Something to do, with what it needs.
#[derive(Debug)]
pub struct Errand {
    what: Waiting,
    place: Place,
}

impl Outbox for Courier {
    type Row = Errand;

    fn due(&self, under_way: &UnderWay, limit: usize) -> Result<Vec<Due<Errand>>, ConsumeError> {
        let (desk, now) = (&self.0, self.0.log.clock().now());
        let read = |connection: &rusqlite::Connection| {
            let limit = u64::try_from(limit).unwrap_or(u64::MAX);
            let due = tickets::due(connection, &desk.workspace, (now, &under_way.full()), limit)?;
            let mut all = Vec::with_capacity(due.len());
            for what in due {
                let Some(place) = tickets::get_place(connection, &desk.workspace, &what.place)? else { continue };
                all.push(Due { id: what.id, lane: what.place.clone(), row: Errand { what, place } });
            }
            Ok::<_, rusqlite::Error>(all)
        };
        desk.db.read(read).map_err(|error| error.to_string().into())
    }

    async fn carry_out(&self, Errand { what, place }: Errand) {
        let done = self.attempt(&what, &place).await;
        let (desk, id, place_id) = (self.0.clone(), what.id, place.id.clone());
        let ticket: Ticket<(), AppendError> =
            desk.db.clone().write(Lane::Consumer, "tickets.done", move |tx| note(&desk, tx, &what, &place, done));
        if let Err(error) = ticket.await {
            tracing::error!(place = place_id, row = id, error = %error_chain(&error), "how an errand went could not be written down; it is done again");
        }
    }
}

impl Courier {
    /// Does it once; nothing where there is nothing left to speak of.
    async fn attempt(&self, what: &Waiting, place: &Place) -> Option<Result<Remote, Failed>> {
        let ready = match self.prepare(what, place) {
            Ok(ready) => ready?,
            Err(failed) => return Some(Err(failed)),
        };
        let (kind, credentials, act, notice) = ready;
        Some(kind.carry_out(&credentials, act, &notice, &self.0.network).await)
    }

    fn prepare(
        &self,
        what: &Waiting,
        place: &Place,
    ) -> Result<Option<(Kind, crate::Credentials, Act, Notice)>, Failed> {
        let desk = &self.0;
        let act: Act =
            what.act.parse().map_err(|error: crate::UnknownAct| Failed::new(Then::Settings, error.to_string()))?;
        let (kind, credentials) = desk.unlock(place)?;
        let number = u64::try_from(what.id).unwrap_or_default();
        let notice = desk.db.read(|connection| desk.notice(connection, &what.subject, number));
        let notice = notice.map_err(|error| Failed::new(Then::Retry, error.to_string()))?;
        Ok(notice.map(|notice| (kind, credentials, act, notice)))
    }
}

/// Writes down how it went, with what people are told of it.
fn note(
    desk: &Desk,
    tx: &mut Tx<'_>,
    what: &Waiting,
    place: &Place,
    done: Option<Result<Remote, Failed>>,
) -> Result<(), AppendError> {
    let (workspace, now) = (&desk.workspace, desk.log.clock().now());
    match done {
        None => {
            tickets::done_with(tx, workspace, what.id)?;
        }
        Some(Ok(remote)) => {
            let state = match what.act.as_str() {
                "open" => Some(State::Open),
                "acknowledge" => Some(State::Acknowledged),
                "resolve" => Some(State::Resolved),
                _ => None,
            };
            let Remote { id, key, url, state: word, stage } = remote;
            let before = tickets::get_ticket(tx.connection(), workspace, &what.ticket)?.map(|ticket| ticket.state);
            let is_news = |to: &State| match before {
                None | Some(State::Opening | State::Failed) => true,
                Some(before) => *to > before,
            };
            let own = state.filter(is_news);
            // Somebody there may be further than what was done here.
            let theirs = stage.filter(|stage| Some(*stage) > state).filter(is_news);
            let remote_state = word.as_deref().map(lookout::shown);
            let tells = Kind::parse(&place.kind, &place.settings).is_ok_and(|kind| kind.tells());
            let look_at = tells.then(|| now.plus(lookout::SOONEST));
            let shown = remote_state.clone().unwrap_or_default();
            let told =
                Told { state: theirs.or(own), remote_id: id, remote_key: key, url, remote_state, error: None, look_at };
            tickets::tell(tx, workspace, &what.ticket, &told, now)?;
            tickets::done_with(tx, workspace, what.id)?;
            tickets::succeeded_at(tx, workspace, &place.id, now)?;
            if state.is_some() {
                record(desk, tx, what, (place, None))?;
            }
            if let Some(theirs) = theirs {
                lookout::record(desk, tx, (&what.ticket, &what.subject), (place, theirs, &shown))?;
            }
        }
        Some(Err(failed)) => {
            let why = failed.why.as_str();
            tickets::failed_at(tx, workspace, &place.id, (why, now))?;
            let is_over = failed.then == Then::Refused || what.attempts + 1 >= ATTEMPTS_MAX;
            let state = (is_over && what.act == "open").then_some(State::Failed);
            let told = Told { state, error: Some(why.to_owned()), ..Told::default() };
            tickets::tell(tx, workspace, &what.ticket, &told, now)?;
            if is_over {
                tickets::bury(tx, workspace, what.id, (now, why))?;
                record(desk, tx, what, (place, Some(why)))?;
            } else {
                let next_at = now.plus(wait(what.attempts, &failed));
                tickets::put_off(tx, workspace, what.id, (next_at, why))?;
            }
        }
    }
    Ok(())
}

/// How long to wait: twice as long each time, somewhere in the second half of that, and as long as the place says.
fn wait(attempts: u32, failed: &Failed) -> Duration {
    let ceiling = WAIT.0.saturating_mul(2_u32.saturating_pow(attempts.min(16))).min(WAIT.1);
    let half = u64::try_from(ceiling.as_micros() / 2).unwrap_or(u64::MAX).max(1);
    let own = Duration::from_micros(half.saturating_add(random::number() % half));
    let least = match failed.then {
        Then::Auth | Then::Settings => FAULT_WAIT,
        Then::Retry | Then::Refused => Duration::ZERO,
    };
    own.max(least).max(failed.after.unwrap_or_default())
}

/// Tells in the log what became of a ticket.
fn record(
    desk: &Desk,
    tx: &mut Tx<'_>,
    what: &Waiting,
    (place, failure): (&Place, Option<&str>),
) -> Result<(), AppendError> {
    let event_type = match (failure, what.act.as_str()) {
        (Some(_), _) => "ticket.failed",
        (None, "acknowledge") => "ticket.acknowledged",
        (None, "resolve") => "ticket.resolved",
        (None, _) => "ticket.opened",
    };
    let reason = match failure {
        Some(why) => format!("{} of {} at {}: {why}", what.act, what.subject, place.kind),
        None => format!("{} of {} at {}", what.act, what.subject, place.kind),
    };
    let (ticket, subject) = (what.ticket.as_str(), what.subject.as_str());
    desk.record(tx, Record { event_type, ticket, subject, reason, is_failure: failure.is_some() })
}

#[cfg(test)]
mod tests;
