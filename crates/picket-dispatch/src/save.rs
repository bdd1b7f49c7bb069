//! Making durable how far a destination has come, with all that belongs to it in one transaction.

use crate::Shared;
use crate::packed;
use crate::progress::Save;
use picket_db::{Lane, Ticket, Tx};
use picket_event::{Event, EventType, Severity};
use picket_log::AppendError;
use picket_store::destinations::{self, DeadLetter, State};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Dead letters of one destination; with more of them, somebody has to look first.
pub const DEAD_LETTERS_MAX: u64 = 100_000;
/// Hours whose counts are kept.
const HOURS_MAX: u32 = 24 * 400;

const COMPLETED: EventType = EventType::of("delivery.completed");
const DEAD_LETTERED: EventType = EventType::of("delivery.dead_lettered");
const EXPIRED: EventType = EventType::of("delivery.expired");
pub(crate) const PAUSED: EventType = EventType::of("destination.paused");
pub(crate) const RESUMED: EventType = EventType::of("destination.resumed");
/// Who pauses and resumes when nobody does.
pub(crate) const SYSTEM: &str = "system";

/// What goes with a save.
#[derive(Debug, Clone, Default)]
pub(crate) struct Beside {
    /// Dead letters that may be taken back to be sent again; at most so many.
    pub(crate) replays_max: usize,
    /// Open positions, if some may be.
    pub(crate) open: BTreeSet<u64>,
    /// Delivered events that no event has told of, when it is time to.
    pub(crate) told: u64,
    /// The destination is to be paused, and why.
    pub(crate) pause: Option<String>,
}

/// What a save did.
#[derive(Debug)]
pub(crate) struct Saved {
    /// The destination is no longer there.
    pub(crate) is_gone: bool,
    /// Dead letters that are open again.
    pub(crate) replays: Vec<DeadLetter>,
    /// It is paused now.
    pub(crate) is_paused: bool,
}

/// Begins to make a save durable.
pub(crate) fn begin(shared: &Arc<Shared>, id: &str, save: &Arc<Save>, beside: Beside) -> Ticket<Saved, AppendError> {
    let (own, id, save) = (Arc::clone(shared), id.to_owned(), Arc::clone(save));
    shared.db.write(Lane::Consumer, "dispatch.save", move |tx| own.save(tx, &id, &save, beside))
}

impl Shared {
    fn save(&self, tx: &mut Tx<'_>, id: &str, save: &Save, beside: Beside) -> Result<Saved, AppendError> {
        let workspace = &self.workspace;
        let mut standing = save.standing.clone();
        let mut replays = Vec::new();
        if beside.replays_max > 0 {
            replays = destinations::take_replays(tx, workspace, id, beside.replays_max)?;
        }
        if !replays.is_empty() {
            let mut open = beside.open;
            open.extend(replays.iter().map(|letter| letter.position));
            standing.open = packed::pack(&open);
            let count = u64::try_from(replays.len()).unwrap_or(u64::MAX);
            standing.counts.dead_lettered = standing.counts.dead_lettered.saturating_sub(count);
        }
        if !destinations::keep(tx, workspace, id, &standing)? {
            return Ok(Saved { is_gone: true, replays: Vec::new(), is_paused: false });
        }
        destinations::count_hours(tx, workspace, id, &save.hours)?;
        let mut pause = beside.pause;
        if !save.letters.is_empty() {
            destinations::bury(tx, workspace, id, &save.letters)?;
            destinations::forget_hours(tx, workspace, id, HOURS_MAX)?;
            let letters = destinations::count_dead(tx.connection(), workspace, id)?;
            if letters >= DEAD_LETTERS_MAX && pause.is_none() {
                pause = Some(format!("{letters} dead letters: look at them, then replay or discard them"));
            }
        }
        self.report(tx, id, save, beside.told)?;
        let mut is_paused = false;
        if let Some(reason) = pause {
            let now = self.log.clock().now();
            let to = (State::Paused, Some(reason.as_str()));
            is_paused = destinations::set_state(tx, workspace, id, to, (SYSTEM, now))?;
            if is_paused {
                let mut event = self.event(PAUSED, id, Severity::High);
                event.reason = Some(reason);
                self.log.append_in(tx, self.log.prepare(event, &[]))?;
            }
        }
        Ok(Saved { is_gone: false, replays, is_paused })
    }

    /// Events about deliveries: many deliveries in each, and none about the delivery of such events.
    fn report(&self, tx: &mut Tx<'_>, id: &str, save: &Save, told: u64) -> Result<(), AppendError> {
        let dead = save.tally.dead_lettered;
        let first = save.letters.first().map(|letter| letter.reason.as_str()).unwrap_or_default();
        let reports = [
            (COMPLETED, Severity::Info, told, format!("{told} events were taken by the receiver")),
            (DEAD_LETTERED, Severity::Medium, dead, format!("{dead} events were given up; the first: {first}")),
            (
                EXPIRED,
                Severity::High,
                save.tally.expired,
                format!("retention dropped {} events that were not delivered", save.tally.expired),
            ),
        ];
        for (event_type, severity, count, reason) in reports {
            if count > 0 {
                let mut event = self.event(event_type, id, severity);
                (event.count, event.reason) = (Some(count), Some(reason));
                self.log.append_in(tx, self.log.prepare(event, &[]))?;
            }
        }
        Ok(())
    }

    /// An event about a destination.
    pub(crate) fn event(&self, event_type: EventType, id: &str, severity: Severity) -> Event {
        let mut event = Event::new(event_type, self.workspace.as_str(), self.log.clock().now());
        event.severity = severity;
        event.target = Some(format!("destination:{id}"));
        event
    }
}
