mod accounts;
mod factors;
mod passwords;
mod sessions;

use super::*;
use picket_bodies::Bodies;
use picket_db::{Lane, Options as DbOptions, WriteError};
use picket_keys::RootKey;
use picket_log::{Logs, Options as LogOptions};
use picket_stdx::Clock;
use picket_store::{Permissions, Role, Roles};
use std::time::Duration;

const START: Timestamp = Timestamp::from_millis(1_780_000_000_000);

fn workspace() -> Workspace {
    Workspace::parse("ws_test").unwrap()
}

/// A store of its own, with the people in it.
struct Place {
    identity: Identity,
    db: Db,
    log: EventLog,
    clock: Clock,
    keyring: Keyring,
    _folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::manual(START);
        let migrations = [picket_keys::MIGRATIONS, picket_bodies::MIGRATIONS, picket_log::MIGRATIONS, MIGRATIONS];
        let db = Db::open(DbOptions::new(folder.path().join("picket.db")), &migrations).unwrap();
        let keyring = Keyring::open(&db, RootKey::new([7; 32])).unwrap();
        let options = LogOptions { host: "test".to_owned(), state: folder.path().join("state"), clock: clock.clone() };
        Logs::create(&db, &keyring, &options, &workspace()).unwrap();
        let logs = Logs::open(&db, &keyring, &Bodies::new(&db, &keyring), &options).unwrap();
        let log = logs.workspace(&workspace()).unwrap().clone();
        let identity = Identity::open(&db, &keyring, &log, &workspace(), Rules::default()).unwrap();
        Self { identity, db, log, clock, keyring, _folder: folder }
    }

    /// The same store, opened again.
    fn again(&self) -> Identity {
        Identity::open(&self.db, &self.keyring, &self.log, &workspace(), Rules::default()).unwrap()
    }

    fn act<T: Send + 'static, E: std::fmt::Display + Send + 'static>(
        &self,
        act: impl FnOnce(&Identity, &mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let identity = self.identity.clone();
        self.db.write(Lane::Admin, "test", move |tx| act(&identity, tx)).wait().map_err(|error| match error {
            WriteError::Job(error) => error,
            other => panic!("{other}"),
        })
    }

    fn make(&self, new: NewUser, maker: Maker) -> Result<String, PeopleError> {
        self.act(move |identity, tx| identity.create_user(tx, &new, &maker))
    }

    /// A user who has chosen his password.
    fn user(&self, name: &str, roles: &[Role]) -> String {
        let hash = self.identity.hasher().hash(PASSWORD).unwrap();
        let id = self.make(new(name, roles), owner()).unwrap();
        let user = id.clone();
        self.act(move |identity, tx| identity.set_password(tx, &user, &hash, None)).unwrap();
        id
    }

    fn login(&self, name: &str, password: &str) -> Result<SignedIn, LoginError> {
        self.identity.login(Shown { name, password, code: None }, &Origin::default())
    }

    fn login_with(&self, name: &str, code: &str) -> Result<SignedIn, LoginError> {
        self.identity.login(Shown { name, password: PASSWORD, code: Some(code) }, &Origin::default())
    }

    /// Types, actors and targets of what was recorded since `from`.
    fn recorded(&self, from: u64) -> Vec<String> {
        let positions: Vec<u64> = (from..self.log.size()).collect();
        let events = self.log.events(&positions).unwrap();
        let shown = |event: &Event| {
            let words = [event.actor.as_deref(), event.target.as_deref()].into_iter().flatten();
            words.fold(event.event_type.to_string(), |all, word| format!("{all} {word}"))
        };
        events.iter().map(shown).collect()
    }
}

/// What every user of these tests signs in with.
const PASSWORD: &str = "several words make one";

fn maker(id: &str, permissions: Permissions) -> Maker {
    Maker { id: id.to_owned(), permissions, others_own: false }
}

fn owner() -> Maker {
    maker("tok_owner", Role::Owner.permissions())
}

fn new(name: &str, roles: &[Role]) -> NewUser {
    NewUser {
        name: name.to_owned(),
        full_name: None,
        email: None,
        roles: Roles::of(roles),
        teams: Vec::new(),
        temporary: None,
        external: None,
    }
}
