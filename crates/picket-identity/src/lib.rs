//! People: users and teams, passwords and second factors, sessions, and what the operator's rules say about coming in.
//!
//! What a request needs is in memory and follows each commit; whatever changes somebody takes the caller's transaction, so
//! that the act and its audit entry become durable together, or neither does. **Invariants:** a session is made in one
//! place, which asks the rules first; nobody gives or touches more than he may do himself; a code, a recovery code and a
//! password that somebody else chose are good once; a name that nobody has costs a guess as much as one that somebody has.

mod attempts;
mod callers;
mod erasure;
mod factor;
mod failures;
mod login;
pub mod names;
mod oidc;
pub mod passwords;
mod people;
mod provision;
mod recovery;
mod rules;
mod schema;
mod sessions;
mod teams;
mod totp;
mod users;
mod workers;

pub use attempts::Limited;
pub use callers::CallerStanding;
pub use erasure::Erasure;
pub use factor::{Enrolled, Enrolment};
pub use login::{LoginError, Shown, SignedIn};
pub use names::NameError;
pub use oidc::{Begun, Callback, Oidc, OidcError, OidcSettings, Vouched, Wanted};
pub use passwords::{Busy, PasswordError};
pub use people::{External, SentGroup, SentUser, Team, User, UserState};
pub use picket_jwt::Algorithm;
pub use provision::{ProvisionError, ScimSettings, as_sent, group_as_sent};
pub use rules::{Method, Rules, SsoOnly};
pub use schema::MIGRATIONS;
pub use sessions::{IDLE, LIFE, Origin, RefusedSession, STEP_UP, Session, SessionToken, is_session};
pub use users::{Maker, NewUser, PeopleError, TEMPORARY_LIFE, UserChange};

/// Readers of what identity providers answer, for fuzzing.
#[cfg(fuzzing)]
pub mod fuzzing {
    /// Reads an answer in every way in which one is read.
    pub fn answers(answer: &[u8], text: &str) {
        crate::oidc::read_answers(answer, text);
    }
}

use arc_swap::{ArcSwap, ArcSwapOption};
use attempts::Attempts;
use failures::Failures;
use passwords::Hasher;
use people::People;
use picket_db::{Db, Tx};
use picket_event::{Event, EventType, Workspace};
use picket_keys::{KeyError, Keyring, Sealer};
use picket_log::{AppendError, EventLog};
use picket_stdx::{Timestamp, encode};
use sessions::Sessions;
use std::sync::Arc;

/// What the secrets of second factors are sealed for.
const TOTP_LABEL: &str = "totp/v1";

/// The people of a workspace. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Identity(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    db: Db,
    log: EventLog,
    workspace: Workspace,
    keyring: Keyring,
    sealer: Sealer,
    people: People,
    sessions: Sessions,
    hasher: Hasher,
    attempts: Attempts,
    failures: Failures,
    rules: ArcSwap<Rules>,
    oidc: ArcSwapOption<Oidc>,
    scim: ArcSwapOption<ScimSettings>,
}

/// The people of a store cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A key is missing.
    #[error("the key of second factors cannot be opened")]
    Key(#[from] KeyError),
    /// No thread.
    #[error("no thread for passwords can be started")]
    Thread(#[from] std::io::Error),
    /// The database refused.
    #[error("users and sessions cannot be read")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Identity {
    /// The people of a workspace, whose acts are recorded in `log`.
    pub fn open(
        db: &Db,
        keyring: &Keyring,
        log: &EventLog,
        workspace: &Workspace,
        rules: Rules,
    ) -> Result<Self, OpenError> {
        let both = db.read(|connection| {
            Ok::<_, rusqlite::Error>((People::open(connection, workspace)?, Sessions::open(connection, workspace)?))
        });
        let (people, sessions) = both.map_err(|error| OpenError::Database(Box::new(error)))?;
        Ok(Self(Arc::new(Inner {
            db: db.clone(),
            log: log.clone(),
            workspace: workspace.clone(),
            keyring: keyring.clone(),
            sealer: keyring.sealer(TOTP_LABEL)?,
            people,
            sessions,
            hasher: Hasher::new()?,
            attempts: Attempts::new(log.clock()),
            failures: Failures::default(),
            rules: ArcSwap::from_pointee(rules),
            oidc: ArcSwapOption::empty(),
            scim: ArcSwapOption::empty(),
        })))
    }

    /// A user by his id.
    pub fn user(&self, id: &str) -> Option<Arc<User>> {
        self.people().get(id)
    }

    /// A user by what he signs in with.
    pub fn user_named(&self, name: &str) -> Option<Arc<User>> {
        self.people().named(name)
    }

    /// All users, by name.
    pub fn users(&self) -> Vec<Arc<User>> {
        self.people().users()
    }

    /// All teams, by name.
    pub fn teams(&self) -> Vec<Arc<Team>> {
        self.people().teams()
    }

    /// A team by its id.
    pub fn team(&self, id: &str) -> Option<Arc<Team>> {
        self.people().team(id)
    }

    /// Puts other rules in force; sessions that they do not allow are refused from now on.
    pub fn set_rules(&self, rules: Rules) {
        self.0.rules.store(Arc::new(rules));
    }

    /// The identity provider that vouches for people.
    pub fn oidc(&self) -> Option<Oidc> {
        self.0.oidc.load_full().map(|oidc| Oidc::clone(&oidc))
    }

    /// Puts another provider in force, or none. Who is on the way through the old one begins again.
    pub fn set_oidc(&self, oidc: Option<Oidc>) {
        self.0.oidc.store(oidc.map(Arc::new));
    }

    /// What the operator says of users that an identity provider sends; none where it sends none.
    pub fn scim(&self) -> Option<Arc<ScimSettings>> {
        self.0.scim.load_full()
    }

    /// Puts other settings in force. What was sent before stays.
    pub fn set_scim(&self, settings: Option<ScimSettings>) {
        self.0.scim.store(settings.map(Arc::new));
    }

    /// A password for somebody who has none yet, and its hash.
    pub fn temporary_password(&self) -> Result<(String, String), Busy> {
        let password = encode::random_base62(20);
        let hash = self.hasher().hash(&password)?;
        Ok((password, hash))
    }

    /// Whether one more from there may go to the provider.
    pub fn may_go(&self, origin: &Origin) -> Result<(), Limited> {
        origin.address.map_or(Ok(()), |address| self.attempts().take_way(address))
    }

    /// Counts somebody who did not come in through the provider; who he is, nobody vouched for.
    pub fn count_failure(&self) {
        self.failures().add(None, self.now());
    }

    /// Failed attempts to sign in since the last time, as events: how often, and on whose account.
    pub fn take_failures(&self) -> Vec<Event> {
        self.failures().take(self.workspace())
    }

    fn rules_now(&self) -> Arc<Rules> {
        self.0.rules.load_full()
    }

    fn now(&self) -> Timestamp {
        self.0.log.clock().now()
    }

    /// The workspace whose people they are.
    pub fn workspace(&self) -> &Workspace {
        &self.0.workspace
    }

    fn people(&self) -> &People {
        &self.0.people
    }

    fn sessions(&self) -> &Sessions {
        &self.0.sessions
    }

    fn hasher(&self) -> &Hasher {
        &self.0.hasher
    }

    fn attempts(&self) -> &Attempts {
        &self.0.attempts
    }

    fn failures(&self) -> &Failures {
        &self.0.failures
    }

    /// Writes down what a user did with his own account.
    fn record(
        &self,
        tx: &mut Tx<'_>,
        what: &'static str,
        user: &str,
        target: String,
        origin: &Origin,
    ) -> Result<(), AppendError> {
        let mut event = Event::new(EventType::of(what), self.workspace().as_str(), self.now());
        event.actor = Some(user.to_owned());
        event.target = Some(target);
        event.src_ip = origin.address.map(|address| address.to_string());
        event.user_agent = origin.agent.clone();
        self.0.log.append_in(tx, self.0.log.prepare(event, &[])).map(drop)
    }
}

#[cfg(test)]
mod tests;
