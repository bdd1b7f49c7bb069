//! Erasing a person: the name is forgotten first, so that no new entry can lead to it, then their bodies lose their keys.

use crate::failure::AppendError;
use crate::{EventLog, rows};
use picket_bodies::Bodies;
use picket_db::{Lane, Ticket, WriteError};
use picket_event::EventType;

const STARTED: EventType = EventType::of("privacy.erasure_started");
const DONE: EventType = EventType::of("privacy.erasure_done");
/// Entries that are looked through in one read, and whose bodies are erased in one write.
const STEP: u64 = 4_096;

impl EventLog {
    /// Erases every body behind an entry of the user with this dictionary id, and the name; how many bodies there were.
    /// Beginning and end are events. After a crash in between, call it again. It reads the whole log, in short steps, so
    /// that appending need not keep an index of persons.
    pub fn erase_user(&self, user: &str) -> Result<usize, WriteError<AppendError>> {
        let (log, id) = (self.clone(), user.to_owned());
        let started: Ticket<(), AppendError> = self.0.db.write(Lane::Admin, "log.forget", move |tx| {
            log.forget(tx, &id)?;
            let mut event = log.own_event(STARTED);
            event.target = Some(format!("user:{id}"));
            log.append_in(tx, log.prepare_bare(event)).map(drop)
        });
        started.wait()?;
        let mut erased = 0;
        let mut from = 0;
        // The name means a new id from here on: what comes later is not about this one.
        let end = self.size();
        while from < end {
            let to = (from + STEP).min(end);
            let positions = self.positions_of(user, from, to).map_err(WriteError::Job)?;
            erased += self.erase(positions)?;
            from = to;
        }
        let mut event = self.own_event(DONE);
        (event.target, event.count) = (Some(format!("user:{user}")), u64::try_from(erased).ok());
        self.append(Lane::Admin, self.prepare_bare(event)).wait()?;
        Ok(erased)
    }

    fn positions_of(&self, user: &str, from: u64, to: u64) -> Result<Vec<u64>, AppendError> {
        // The form is canonical, so these members are the last.
        let end = format!("\"user\":\"{user}\",\"v\":1}}");
        let read = self.0.db.read(|connection| rows::entries(connection, self.id(), from, to));
        let entries = read.map_err(|error| AppendError::Read(error.into()))?;
        let theirs = entries.into_iter().filter(|(_, bytes)| bytes.ends_with(end.as_bytes()));
        Ok(theirs.map(|(position, _)| position).collect())
    }

    fn erase(&self, positions: Vec<u64>) -> Result<usize, WriteError<AppendError>> {
        if positions.is_empty() {
            return Ok(0);
        }
        let log = self.clone();
        let step: Ticket<usize, AppendError> = self.0.db.write(Lane::Consumer, "log.erase", move |tx| {
            positions.into_iter().try_fold(0, |sum, position| Ok(sum + Bodies::erase(tx, log.id(), position)?))
        });
        let erased = step.wait();
        // What is read of them from here on comes from the database.
        self.recent().clear();
        erased
    }
}
