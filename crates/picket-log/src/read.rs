//! Reading entries, and events made whole again from entry and facts.

use crate::failure::ReadError;
use crate::pending::{Pending, Placed};
use crate::recent::Recent;
use crate::record::{FACTS, Record};
use crate::{EventLog, dictionary, rows};
use picket_bodies::{BodyKey, BodyState};
use picket_event::entry::Place;
use picket_event::{Entry, Event, EventId, EventType, LogPlace, Workspace};
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::Serialize;
use serde_json::value::RawValue;
use std::str::FromStr;
use std::sync::{Arc, MutexGuard, PoisonError};

/// An entry as it stands in the log.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Leaf index.
    pub position: u64,
    /// The canonical bytes: what the leaf hash is of.
    pub bytes: Vec<u8>,
    /// The same, read.
    pub entry: Entry,
    /// When the log took it.
    pub at: Timestamp,
}

/// What only the log knows of an event.
#[derive(Serialize)]
struct Added<'a> {
    recorded_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    log: LogPlace,
}

/// Events that are read in one transaction.
const STEP: usize = 512;

/// An entry with its event, for consumers.
#[derive(Debug, Clone)]
pub struct LoggedEvent {
    /// Leaf index.
    pub position: u64,
    /// The entry.
    pub entry: Entry,
    /// The event; `None` for `request.received`, whose event comes with its closing entry.
    pub event: Option<Box<Event>>,
}

impl EventLog {
    /// The oldest entry that retention left; those before it are known by their hashes only.
    pub fn first(&self) -> Result<u64, ReadError> {
        Ok(self.0.db.read(|connection| Ok::<_, ReadError>(rows::first(connection, self.id())?))?)
    }

    /// Entries from a position on, ascending; from the oldest that retention left, if that is later.
    pub fn entries(&self, from: u64, limit: u64) -> Result<Vec<Stored>, ReadError> {
        Ok(self.0.db.read(|connection| self.run_of(connection, from, limit))?)
    }

    /// Entries with their events, for consumers; from the oldest that retention left, if `from` is before it.
    pub fn batch(&self, from: u64, limit: usize) -> Result<Vec<Arc<LoggedEvent>>, ReadError> {
        let size = self.size();
        if from >= size {
            return Ok(Vec::new());
        }
        let to = size.min(from.saturating_add(u64::try_from(limit).unwrap_or(u64::MAX)));
        let recent = self.recent().range(from, to);
        if let Some(recent) = recent {
            return Ok(recent);
        }
        self.batch_of(from, limit)
    }

    fn batch_of(&self, from: u64, limit: usize) -> Result<Vec<Arc<LoggedEvent>>, ReadError> {
        let batch = self.0.db.read(|connection| {
            let entries = self.run_of(connection, from, u64::try_from(limit).unwrap_or(u64::MAX))?;
            let whole = entries.into_iter().map(|stored| {
                let is_open = stored.entry.event_type == EventType::REQUEST_RECEIVED;
                let event = if is_open { None } else { Some(Box::new(self.hydrate(connection, &stored)?)) };
                Ok(Arc::new(LoggedEvent { position: stored.position, entry: stored.entry, event }))
            });
            whole.collect::<Result<Vec<_>, ReadError>>()
        })?;
        Ok(batch)
    }

    /// Events by the positions of their entries, in the order asked for. Those that retention dropped are left out.
    pub fn events(&self, positions: &[u64]) -> Result<Vec<Event>, ReadError> {
        self.each(positions, |connection, stored| self.hydrate(connection, stored))
    }

    /// Events as JSON texts, by the positions of their entries: the stored facts with the log's own members added,
    /// without being parsed. Those that retention dropped are left out.
    pub fn events_json(&self, positions: &[u64]) -> Result<Vec<Box<RawValue>>, ReadError> {
        self.each(positions, |connection, stored| self.json(connection, stored))
    }

    /// Reads in steps, so that no long read keeps the write-ahead log from beginning anew.
    fn each<T>(
        &self,
        positions: &[u64],
        mut read: impl FnMut(&Connection, &Stored) -> Result<T, ReadError>,
    ) -> Result<Vec<T>, ReadError> {
        let mut found = Vec::with_capacity(positions.len());
        for some in positions.chunks(STEP) {
            self.0.db.read(|connection| {
                let first = rows::first(connection, self.id())?;
                let mut single = rows::Single::default();
                for position in some.iter().filter(|position| **position >= first) {
                    let bytes = single.entry(connection, self.id(), *position)?;
                    let stored = self::read(*position, bytes.ok_or(ReadError::Absent(*position))?)?;
                    found.push(read(connection, &stored)?);
                }
                Ok::<_, ReadError>(())
            })?;
        }
        Ok(found)
    }

    /// The id of the event at a position; none where retention dropped it.
    pub fn event_id(&self, position: u64) -> Result<Option<String>, ReadError> {
        let found = self.entries(position, 1)?;
        Ok(found.into_iter().find(|stored| stored.position == position).map(|stored| stored.entry.event))
    }

    /// The position of an event's closing entry.
    pub fn position_of(&self, event: EventId) -> Result<Option<u64>, ReadError> {
        let found = self.0.db.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT position FROM event_place WHERE event = ?1 AND log = ?2")?;
            Ok::<_, ReadError>(
                statement.query_row(params![event.to_bits().to_be_bytes(), self.id()], |row| row.get(0)).optional()?,
            )
        })?;
        Ok(found)
    }

    fn run_of(&self, connection: &Connection, from: u64, limit: u64) -> Result<Vec<Stored>, ReadError> {
        let from = from.max(rows::first(connection, self.id())?);
        self.stored(connection, from, from.saturating_add(limit).min(self.size()))
    }

    pub(crate) fn stored(&self, connection: &Connection, from: u64, to: u64) -> Result<Vec<Stored>, ReadError> {
        let entries = rows::entries(connection, self.id(), from, to)?;
        entries.into_iter().map(|(position, bytes)| read(position, bytes)).collect()
    }

    pub(crate) fn one(&self, connection: &Connection, position: u64) -> Result<Stored, ReadError> {
        let found = self.stored(connection, position, position + 1)?;
        found.into_iter().next().ok_or(ReadError::Absent(position))
    }

    fn hydrate(&self, connection: &Connection, stored: &Stored) -> Result<Event, ReadError> {
        let json = self.json(connection, stored)?;
        serde_json::from_str(json.get()).map_err(|error| damaged(stored.position, &error))
    }

    fn json(&self, connection: &Connection, stored: &Stored) -> Result<Box<RawValue>, ReadError> {
        let key = BodyKey { log: self.id(), position: stored.position, role: FACTS };
        let facts = self.0.bodies.open_with(connection, &key);
        let facts = facts.map_err(|source| ReadError::Body { position: stored.position, source })?;
        let facts = match facts.filter(|facts| facts.state == BodyState::Present) {
            Some(facts) => String::from_utf8(facts.bytes).map_err(|error| damaged(stored.position, &error))?,
            None => self.without_facts(connection, stored)?,
        };
        let mut text = facts;
        // The facts are a JSON object with members; the log's own go before its closing brace.
        text.truncate(text.trim_end().len().saturating_sub(1));
        text.push(',');
        text.push_str(self.added(stored).get(1..).unwrap_or("}"));
        RawValue::from_string(text).map_err(|error| damaged(stored.position, &error))
    }

    pub(crate) fn recent(&self) -> MutexGuard<'_, Recent> {
        self.0.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What [`batch`](Self::batch) will give for a record that is durable now, if that is known without the database, and
    /// the size of its facts.
    pub(crate) fn logged(&self, pending: Pending) -> (Option<LoggedEvent>, usize) {
        let Pending { placed: Placed { position, at, received, ids, .. }, passing } = pending;
        let Some(Record { head, draft: Ok(draft), event, .. }) = passing.arrived() else { return (None, 0) };
        let place = Place { log: self.id(), position, at, received };
        let entry = draft.into_entry(&place, head.entry_type(), ids);
        if entry.event_type == EventType::REQUEST_RECEIVED {
            return (Some(LoggedEvent { position, entry, event: None }), 0);
        }
        let Some((mut event, facts)) = event else { return (None, 0) };
        event.recorded_at = Some(at);
        event.user_id.clone_from(&entry.user);
        event.log = Some(LogPlace { id: self.id().to_owned(), received, completed: position });
        (Some(LoggedEvent { position, entry, event: Some(event) }), facts)
    }

    /// The members that only the log knows, as a JSON object.
    fn added(&self, stored: &Stored) -> String {
        let entry = &stored.entry;
        // A request that is still open is known by the place of its `request.received`.
        let is_open = entry.event_type == EventType::REQUEST_RECEIVED;
        let received = if is_open { Some(stored.position) } else { entry.received };
        let added = Added {
            recorded_at: stored.at,
            user_id: entry.user.as_deref(),
            log: LogPlace { id: self.id().to_owned(), received, completed: stored.position },
        };
        serde_json::to_string(&added).unwrap_or_default()
    }

    /// The facts as far as the entry and the dictionary know them, after the facts themselves were erased.
    fn without_facts(&self, connection: &Connection, stored: &Stored) -> Result<String, ReadError> {
        let entry = &stored.entry;
        let is_request = entry.event_type.is_request();
        let kind = if is_request { EventType::REQUEST } else { entry.event_type.clone() };
        let name = |id: &Option<String>| id.as_ref().map_or(Ok(None), |id| dictionary::name(connection, self.id(), id));
        let workspace = self.info().workspace.as_ref().map_or("", Workspace::as_str);
        let mut event = Event::new(kind, workspace, stored.at);
        event.event_id = entry.event.parse().map_err(|error| damaged(stored.position, &error))?;
        (event.parent_event_id, event.escalation_id) =
            (parsed(entry.parent.as_deref()), parsed(entry.escalation.as_deref()));
        event.risk_score = entry.score_ppm.map(from_millionths);
        if let Some(policy) = &entry.policy {
            (event.policy_version, event.policy_digest) = (Some(policy.version), Some(policy.digest.clone()));
        }
        for tool in &entry.tools {
            event.tools.extend(name(&Some(tool.clone()))?);
        }
        (event.severity, event.decision, event.category) = (entry.severity, entry.decision, entry.category);
        (event.outcome, event.status_code, event.held) = (entry.outcome, entry.status, entry.held);
        (event.finding_type, event.key_id) = (entry.found.clone(), entry.key.clone());
        event.policies_triggered.clone_from(&entry.policies);
        event.bodies = entry.bodies.iter().filter(|body| body.role != FACTS).map(|body| body.role.clone()).collect();
        event.user = name(&entry.user)?;
        event.team = name(&entry.team)?;
        event.application = name(&entry.application)?;
        event.model = name(&entry.model)?;
        if let Some(usage) = &entry.usage {
            (event.tokens_in, event.tokens_out) = (usage.tokens_in, usage.tokens_out);
            event.cost = usage.cost_micro.map(from_millionths);
        }
        (event.actor, event.target, event.count) = (entry.actor.clone(), entry.target.clone(), entry.count);
        serde_json::to_string(&event).map_err(|error| damaged(stored.position, &error))
    }
}

fn read(position: u64, bytes: Vec<u8>) -> Result<Stored, ReadError> {
    let entry = serde_json::from_slice::<Entry>(&bytes).map_err(|error| damaged(position, &error))?;
    let at = entry.ts.parse().map_err(|error| damaged(position, &error))?;
    Ok(Stored { position, bytes, entry, at })
}

fn parsed<T: FromStr>(text: Option<&str>) -> Option<T> {
    text.and_then(|text| text.parse().ok())
}

#[expect(clippy::cast_precision_loss, reason = "an entry's integers are at most 2^53-1, which a double holds exactly")]
fn from_millionths(value: u64) -> f64 {
    value as f64 / 1e6
}

fn damaged(position: u64, cause: &dyn std::fmt::Display) -> ReadError {
    ReadError::Damaged { position, cause: cause.to_string() }
}
