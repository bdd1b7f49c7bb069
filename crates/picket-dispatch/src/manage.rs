//! What people do with destinations. Each act and its event are one transaction.

mod change;
mod letters;
mod view;

pub(crate) use change::UPDATED;
pub use view::{Preview, View};

use crate::settings::{Settings, SettingsError};
use crate::{Dispatch, Shared};
use picket_db::{Lane, Ticket, Tx, WriteError};
use picket_event::{DestinationId, Event, EventType, Severity};
use picket_log::{AppendError, ReadError};
use picket_receivers::{Credentials, Kind, Receiver, Tested};
use picket_stdx::{Timestamp, error_chain};
use picket_store::destinations::{self, Destination, State};
use picket_store::sealed::{self, Entered, Secrets};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Destinations of one workspace.
pub const DESTINATIONS_MAX: usize = 100;
/// Longest name.
const NAME_CHARS_MAX: usize = 64;

const CREATED: EventType = EventType::of("destination.created");
const DELETED: EventType = EventType::of("destination.deleted");
/// Prompts and answers are sent from now on, and no longer.
const BODIES_INCLUDED: EventType = EventType::of("destination.bodies_included");
const BODIES_EXCLUDED: EventType = EventType::of("destination.bodies_excluded");
const TESTED: EventType = EventType::of("destination.tested");
/// What a probe is, at a receiver.
const PROBE: EventType = EventType::of("system.test");

/// Where a new destination begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Start {
    /// With what comes from now on.
    #[default]
    Now,
    /// With the oldest entry that the log still has.
    Beginning,
    /// With what the log took at a time and later.
    At(Timestamp),
}

/// A destination to be made.
#[derive(Debug, Clone)]
pub struct New {
    /// Its name.
    pub name: String,
    /// What it is told.
    pub settings: Settings,
    /// Its credentials.
    pub secrets: Secrets,
    /// Where it begins.
    pub start: Start,
    /// Whether who makes it may read prompts and answers.
    pub reads_bodies: bool,
}

/// What is to be otherwise.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Its name.
    pub name: Option<String>,
    /// All that it is told.
    pub settings: Option<Settings>,
    /// All its credentials.
    pub secrets: Option<Secrets>,
    /// The version that was changed; another one is a conflict.
    pub version: Option<u64>,
    /// Whether who changes it may read prompts and answers.
    pub reads_bodies: bool,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum DispatchError {
    /// There is none of that id or name.
    #[error("there is no such destination")]
    Unknown,
    /// The name.
    #[error("a name has 1 to {NAME_CHARS_MAX} characters: letters, digits, space, `.`, `_` and `-`")]
    Name,
    /// Another one has it.
    #[error("there is a destination `{0}` already; give it another name")]
    Taken(String),
    /// Another one writes into the same file.
    #[error("the destination `{0}` writes into this file already; give it another `name`")]
    SharedFile(String),
    /// Too many.
    #[error("there are {DESTINATIONS_MAX} destinations, which is as many as may be; delete one that is not needed")]
    TooMany,
    /// What it is told.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Prompts and answers would go where somebody says who may not read them.
    #[error("it is sent prompts and answers, so that only who may read them may make or change it")]
    Bodies,
    /// Its credentials are for another host.
    #[error(
        "its credentials were entered for another host; a new host needs them again, so that nobody sends them elsewhere"
    )]
    OtherHost,
    /// Somebody else changed it.
    #[error("it was changed meanwhile: version {0} is there now; look at it and change that")]
    Stale(u64),
    /// It is so already.
    #[error("it is {0} already")]
    Stands(State),
    /// Only one at a time.
    #[error("the sums of a destination are held against the log just now; ask again later")]
    Recounting,
    /// What was asked for was begun and not ended.
    #[error("it ended before it was done; ask again")]
    Unfinished,
    /// The credentials cannot be opened.
    #[error(transparent)]
    Sealed(#[from] sealed::SealedError),
    /// The log.
    #[error("the log cannot be read")]
    Log(#[from] ReadError),
    /// It could not be recorded, so it did not happen.
    #[error("it could not be recorded")]
    Record(#[from] AppendError),
}

impl From<rusqlite::Error> for DispatchError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Record(AppendError::Database(error))
    }
}

impl From<picket_receivers::Problem> for DispatchError {
    fn from(problem: picket_receivers::Problem) -> Self {
        Self::Settings(SettingsError::Kind(problem))
    }
}

/// What became of an act.
pub type Done<T> = Result<T, WriteError<DispatchError>>;

impl Dispatch {
    /// Makes a destination; blocks until that is durable.
    pub fn create(&self, new: New, by: &str) -> Done<View> {
        let own = |error: DispatchError| WriteError::Job(error);
        let name = checked_name(&new.name).map_err(own)?;
        new.settings.check().map_err(|error| own(error.into()))?;
        self.shared().check_bodies(&new.settings, new.reads_bodies).map_err(own)?;
        let shared = Arc::clone(self.shared());
        Receiver::open(&new.settings.to, &credentials(&new.secrets).map_err(own)?, &shared.network)
            .map_err(|problem| own(problem.into()))?;
        let begin = shared.begin(new.start).map_err(|error| own(error.into()))?;
        let by = by.to_owned();
        let made = self.act("dispatch.create", move |tx| {
            let now = shared.log.clock().now();
            let row = Destination {
                id: DestinationId::new(now).to_string(),
                name,
                kind: new.settings.to.name().to_owned(),
                host: new.settings.to.host(),
                settings: json(&new.settings)?,
                state: State::Active,
                reason: None,
                changed_by: by.clone(),
                changed_at: now,
                created_by: by.clone(),
                created_at: now,
                version: 1,
            };
            if destinations::list(tx.connection(), &shared.workspace)?.len() >= DESTINATIONS_MAX {
                return Err(DispatchError::TooMany);
            }
            shared.check_file(tx, &new.settings, &row.id)?;
            if !destinations::create(tx, &shared.workspace, &row)? {
                return Err(DispatchError::Taken(row.name));
            }
            destinations::begin_anew(tx, &shared.workspace, &row.id, begin)?;
            shared.seal(tx, &row, &new.secrets, (&by, now))?;
            let to = row.host.as_deref().unwrap_or("this machine");
            let reason = format!("{} to {to}, from entry {begin} on", row.kind);
            shared.tell(tx, (CREATED, &row.id), &by, Some(reason))?;
            shared.tell_bodies(tx, &row, (false, new.settings.wanted.bodies), &by)?;
            Ok(row.id)
        })?;
        self.0.changed.notify_one();
        self.get(&made)
    }

    /// Deletes a destination with its credentials and dead letters; its sums stand in the event.
    pub fn delete(&self, id: &str, by: &str) -> Done<()> {
        let (shared, id, by) = (Arc::clone(self.shared()), id.to_owned(), by.to_owned());
        let id = self.act("dispatch.delete", move |tx| {
            let row = shared.row(tx, &id)?;
            let standing = destinations::standing(tx.connection(), &shared.workspace, &row.id)?.unwrap_or_default();
            destinations::remove(tx, &shared.workspace, &row.id)?;
            sealed::forget(tx, &shared.workspace, &row.id)?;
            let counts = standing.counts;
            let pending = counts.accepted - counts.delivered - counts.dead_lettered - counts.expired;
            let reason = format!(
                "`{}`: {} accepted, {} delivered, {} dead-lettered, {} expired, {pending} never sent",
                row.name, counts.accepted, counts.delivered, counts.dead_lettered, counts.expired
            );
            shared.tell(tx, (DELETED, &row.id), &by, Some(reason))?;
            Ok(row.id)
        })?;
        self.poke(&id);
        Ok(())
    }

    /// Sends a probe, which is an event of no log, and shows what went out and what came back. That somebody did is an
    /// event.
    pub async fn test(&self, id: &str, by: &str) -> Done<Tested> {
        let (shared, name) = (Arc::clone(self.shared()), id.to_owned());
        let opened = tokio::task::spawn_blocking(move || {
            let row = shared.find(&name)?;
            let settings = row_settings(&row)?;
            let receiver = shared.opened(&row, &settings)?;
            Ok::<_, DispatchError>((row.id, receiver))
        });
        let (id, receiver) = opened.await.map_err(|_stopped| WriteError::Closed)?.map_err(WriteError::Job)?;
        let probe = self.shared().probe();
        let tested = receiver.test(&picket_render::Subject::new(&probe)).await;
        let (shared, by, word) = (Arc::clone(self.shared()), by.to_owned(), tested.answer.outcome.word());
        let told: Ticket<(), DispatchError> = shared.db.clone().write(Lane::Admin, "dispatch.test", move |tx| {
            shared.tell(tx, (TESTED, &id), &by, Some(format!("the receiver's answer: {word}")))
        });
        told.await?;
        Ok(tested)
    }

    fn act<T: Send + 'static>(
        &self,
        name: &'static str,
        job: impl FnOnce(&mut Tx<'_>) -> Result<T, DispatchError> + Send + 'static,
    ) -> Done<T> {
        let done: Ticket<T, DispatchError> = self.shared().db.write(Lane::Admin, name, job);
        done.wait()
    }
}

impl Shared {
    /// The position at which a new destination begins.
    fn begin(&self, start: Start) -> Result<u64, ReadError> {
        match start {
            Start::Now => Ok(self.log.size()),
            Start::Beginning => self.log.first(),
            Start::At(at) => self.log.position_at(at, self.log.first()?, self.log.size()),
        }
    }

    /// A destination by its id or name.
    fn row(&self, tx: &Tx<'_>, id: &str) -> Result<Destination, DispatchError> {
        destinations::get(tx.connection(), &self.workspace, &normal(id))?.ok_or(DispatchError::Unknown)
    }

    /// The same outside a transaction.
    pub(crate) fn find(&self, id: &str) -> Result<Destination, DispatchError> {
        let id = normal(id);
        let found = self.db.read(|connection| destinations::get(connection, &self.workspace, &id));
        found.map_err(unread)?.ok_or(DispatchError::Unknown)
    }

    /// Refuses that prompts and answers are sent where the operator or the rights of who wants it do not allow that.
    fn check_bodies(&self, settings: &Settings, reads_bodies: bool) -> Result<(), DispatchError> {
        match (settings.wanted.bodies, self.bodies, reads_bodies) {
            (false, ..) | (true, true, true) => Ok(()),
            (true, false, _) => Err(SettingsError::Forbidden.into()),
            (true, true, false) => Err(DispatchError::Bodies),
        }
    }

    /// Records that prompts and answers are sent from now on, or no longer.
    fn tell_bodies(
        &self,
        tx: &mut Tx<'_>,
        row: &Destination,
        (before, after): (bool, bool),
        by: &str,
    ) -> Result<(), DispatchError> {
        let (event_type, severity) = match (before, after) {
            (false, true) => (BODIES_INCLUDED, Severity::Medium),
            (true, false) => (BODIES_EXCLUDED, Severity::Info),
            _ => return Ok(()),
        };
        let to = row.host.as_deref().unwrap_or("this machine");
        let mut event = self.event(event_type, &row.id, severity);
        (event.actor, event.reason) = (Some(by.to_owned()), Some(format!("`{}`: {} to {to}", row.name, row.kind)));
        self.log.append_in(tx, self.log.prepare(event, &[]))?;
        Ok(())
    }

    /// Seals credentials of a destination. One that connects to nothing has none.
    fn seal(
        &self,
        tx: &mut Tx<'_>,
        row: &Destination,
        secrets: &Secrets,
        (by, at): (&str, Timestamp),
    ) -> Result<(), DispatchError> {
        let entered = Entered { by: by.to_owned(), at, keep_until: None };
        let place = (row.id.as_str(), row.host.as_deref().unwrap_or_default());
        self.vault.put(tx, &self.workspace, place, secrets, &entered)?;
        Ok(())
    }

    fn tell(
        &self,
        tx: &mut Tx<'_>,
        (event_type, id): (EventType, &str),
        by: &str,
        reason: Option<String>,
    ) -> Result<(), DispatchError> {
        let mut event = self.event(event_type, id, Severity::Info);
        (event.actor, event.reason) = (Some(by.to_owned()), reason);
        self.log.append_in(tx, self.log.prepare(event, &[]))?;
        Ok(())
    }

    /// An event that no log has, to see whether a receiver takes events.
    pub(crate) fn probe(&self) -> Event {
        let mut event = Event::new(PROBE, self.workspace.as_str(), self.log.clock().now());
        event.reason = Some("a test that the destination takes events; it is about nothing".to_owned());
        event
    }

    /// The receiver of a destination, with the credentials that were entered for its host.
    fn opened(&self, row: &Destination, settings: &Settings) -> Result<Receiver, DispatchError> {
        let place = (row.id.as_str(), row.host.as_deref().unwrap_or_default());
        let now = self.log.clock().now();
        let versions = self.db.read(|connection| self.vault.open(connection, &self.workspace, place, now));
        let versions = versions.map_err(|error| match error {
            picket_db::ReadError::Job(error) => DispatchError::Sealed(error),
            picket_db::ReadError::Database(error) => error.into(),
        })?;
        let secrets = versions.into_iter().next().map(|(_, secrets)| secrets).unwrap_or_default();
        Ok(Receiver::open(&settings.to, &credentials(&secrets)?, &self.network)?)
    }

    /// The same for a task, which only says what is wrong.
    pub(crate) fn receiver(&self, row: &Destination, settings: &Settings) -> Result<Receiver, String> {
        self.opened(row, settings).map_err(|error| error_chain(&error))
    }
}

fn checked_name(name: &str) -> Result<String, DispatchError> {
    let name = name.trim();
    let is_plain = |character: char| character.is_alphanumeric() || " ._-".contains(character);
    let is_name = !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX && name.chars().all(is_plain);
    // An id is looked up before a name, so that no name may look like one.
    if is_name && name.parse::<DestinationId>().is_err() { Ok(name.to_owned()) } else { Err(DispatchError::Name) }
}

/// The id as it is stored; a name stays as it is.
fn normal(id: &str) -> String {
    id.parse::<DestinationId>().map_or_else(|_name| id.trim().to_owned(), |id| id.to_string())
}

fn json(settings: &Settings) -> Result<String, DispatchError> {
    serde_json::to_string(settings).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)).into())
}

pub(crate) fn row_settings(row: &Destination) -> Result<Settings, DispatchError> {
    let failed = |error: serde_json::Error| {
        rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Text, Box::new(error)).into()
    };
    serde_json::from_str(&row.settings).map_err(failed)
}

/// Credentials as receivers take them: text.
fn credentials(secrets: &Secrets) -> Result<Credentials, DispatchError> {
    let text = |(field, secret): (&str, &[u8])| {
        let text = String::from_utf8(secret.to_vec());
        let problem = || picket_receivers::Problem { field: field.to_owned(), message: "is no text".to_owned() };
        text.map(|text| (field.to_owned(), Zeroizing::new(text))).map_err(|_bytes| problem().into())
    };
    secrets.iter().map(text).collect()
}

/// The names of the credentials that a kind takes, each with whether it must be there.
pub fn fields(kind: &Kind) -> impl Iterator<Item = (&'static str, bool)> {
    kind.secrets().iter().map(|field| (field.name, field.is_required))
}

pub(crate) fn unread(error: picket_db::ReadError<rusqlite::Error>) -> DispatchError {
    match error {
        picket_db::ReadError::Job(error) | picket_db::ReadError::Database(error) => error.into(),
    }
}
