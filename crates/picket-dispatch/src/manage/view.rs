//! A destination as it is shown.

use super::{DispatchError, Done, row_settings, unread};
use crate::Dispatch;
use crate::settings::Settings;
use crate::status::Health;
use picket_db::WriteError;
use picket_event::EventId;
use picket_render::Subject;
use picket_store::destinations::{self, Destination, Standing};
use picket_store::sealed::{self, Held};

/// Entries that are looked at for a preview.
const LOOKED_AT: u64 = 2_000;

/// A destination with what it is told and how it stands.
#[derive(Debug, Clone)]
pub struct View {
    /// The row.
    pub row: Destination,
    /// What it is told; none where this version cannot read it.
    pub settings: Option<Settings>,
    /// What may be shown of its credentials.
    pub held: Vec<Held>,
    /// How it stands.
    pub health: Health,
    /// Dead letters that are there.
    pub letters: u64,
    /// Entries of the log that it has not looked at.
    pub unread: u64,
}

/// An event as a destination's receiver would get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The event.
    pub event_id: EventId,
    /// Its type, as the receiver sees it.
    pub event_type: String,
    /// What is sent for it, or why it cannot be.
    pub encoded: Result<String, String>,
}

impl Dispatch {
    /// One destination, by its id or name.
    pub fn get(&self, id: &str) -> Done<View> {
        let row = self.shared().find(id).map_err(WriteError::Job)?;
        self.view(row).map_err(WriteError::Job)
    }

    /// All destinations, by name.
    pub fn list(&self) -> Result<Vec<View>, DispatchError> {
        let shared = self.shared();
        let rows = shared.db.read(|connection| destinations::list(connection, &shared.workspace)).map_err(unread)?;
        rows.into_iter().map(|row| self.view(row)).collect()
    }

    pub(crate) fn view(&self, row: Destination) -> Result<View, DispatchError> {
        let shared = self.shared();
        let read = |connection: &_| {
            let held = sealed::held(connection, &shared.workspace, &row.id)?;
            let standing = destinations::standing(connection, &shared.workspace, &row.id)?.unwrap_or_default();
            let letters = destinations::count_dead(connection, &shared.workspace, &row.id)?;
            Ok::<_, rusqlite::Error>((held, standing, letters))
        };
        let (held, standing, letters) = shared.db.read(read).map_err(unread)?;
        // Before its task has looked, what was kept tells.
        let working = self.health_of(&row.id).filter(|health| health.state.is_some());
        let mut health = working.unwrap_or_else(|| kept(&standing));
        health.state = Some(row.state);
        let unread = shared.log.size().saturating_sub(health.scanned);
        Ok(View { settings: row_settings(&row).ok(), row, held, health, letters, unread })
    }

    /// The newest events that a destination wants, as its receiver would get them. Nothing is sent.
    pub fn preview(&self, id: &str, limit: usize) -> Result<Vec<Preview>, DispatchError> {
        let shared = self.shared();
        let row = shared.find(id)?;
        let settings = row_settings(&row)?;
        let subscription = settings.wanted.compile().map_err(crate::SettingsError::from)?;
        let receiver = shared.opened(&row, &settings)?;
        let size = shared.log.size();
        let entries = shared.log.batch(size.saturating_sub(LOOKED_AT), usize::try_from(LOOKED_AT).unwrap_or(0))?;
        let wanted = entries.iter().rev().filter_map(|entry| entry.event.as_deref());
        let shown = wanted.filter(|event| subscription.wants(event)).take(limit).map(|event| {
            let subject = Subject::new(event);
            let mut encoded = Vec::new();
            let written = receiver.encode(&subject, &mut encoded);
            Preview {
                event_id: event.event_id,
                event_type: subject.name().to_owned(),
                encoded: written
                    .map(|()| String::from_utf8_lossy(&encoded).into_owned())
                    .map_err(|error| error.to_string()),
            }
        });
        Ok(shown.collect())
    }
}

/// How a destination stands of which only is known what was kept.
pub(crate) fn kept(standing: &Standing) -> Health {
    let counts = standing.counts;
    let pending = counts.accepted.saturating_sub(counts.delivered + counts.dead_lettered + counts.expired);
    Health { counts, pending, scanned: standing.scanned, cursor: standing.scanned, ..Health::default() }
}
