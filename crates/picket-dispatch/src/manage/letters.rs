//! Dead letters: looking at them, sending them once more, dropping them.

use super::{DispatchError, Done, unread};
use crate::Dispatch;
use picket_event::EventType;
use picket_log::EventLog;
use picket_store::destinations::{self, Chosen, DeadLetter, Which};
use std::sync::Arc;

const REPLAYED: EventType = EventType::of("delivery.replayed");
const DISCARDED: EventType = EventType::of("delivery.discarded");

impl Dispatch {
    /// Dead letters of a destination after a position, in the order of the log.
    pub fn dead_letters(&self, id: &str, after: Option<u64>, limit: u64) -> Result<Vec<DeadLetter>, DispatchError> {
        let (shared, row) = (self.shared(), self.shared().find(id)?);
        let page = (after, limit);
        shared
            .db
            .read(|connection| destinations::dead_letters(connection, &shared.workspace, &row.id, page))
            .map_err(unread)
    }

    /// Sends dead letters once more: how many, and which there are not.
    pub fn replay(&self, id: &str, which: Which, by: &str) -> Done<Chosen> {
        let (shared, id, by) = (Arc::clone(self.shared()), id.to_owned(), by.to_owned());
        let (id, chosen) = self.act("dispatch.replay", move |tx| {
            let row = shared.row(tx, &id)?;
            let chosen = destinations::want_replay(tx, &shared.workspace, &row.id, &which)?;
            let count = chosen.count;
            if count > 0 {
                shared.tell(tx, (REPLAYED, &row.id), &by, Some(format!("{count} dead letters are sent once more")))?;
            }
            Ok((row.id, chosen))
        })?;
        self.poke(&id);
        Ok(chosen)
    }

    /// Drops dead letters for good: how many, and which there are not. They stay counted.
    pub fn discard(&self, id: &str, which: Which, by: &str) -> Done<Chosen> {
        let (shared, id, by) = (Arc::clone(self.shared()), id.to_owned(), by.to_owned());
        self.act("dispatch.discard", move |tx| {
            let row = shared.row(tx, &id)?;
            let chosen = destinations::discard(tx, &shared.workspace, &row.id, &which)?;
            let count = chosen.count;
            if count > 0 {
                shared.tell(tx, (DISCARDED, &row.id), &by, Some(format!("{count} dead letters were dropped")))?;
            }
            Ok(chosen)
        })
    }

    /// The log that dead letters are of.
    pub fn log(&self) -> &EventLog {
        &self.shared().log
    }
}
