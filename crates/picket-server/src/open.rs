//! Opening a store, and setting a new one up.

use crate::build::StartError;
use crate::config::Config;
use picket_bodies::Bodies;
use picket_db::{Db, Lane, Options as DbOptions, Ticket};
use picket_event::Workspace;
use picket_identity::{Identity, Oidc, OidcError, User};
use picket_keys::{Keyring, RootKey, RootSource};
use picket_log::{Logs, Notary, Options as LogOptions};
use picket_stdx::encode::random_base62;
use picket_stdx::{Clock, error_chain, fs};
use picket_store::containments::Containments;
use picket_store::credentials::Details;
use picket_store::sealed::Vault;
use picket_store::{Credentials, NewCredential, Role, Secret, TokenKind, meta};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Everything that lies in the data folder, opened.
#[derive(Debug, Clone)]
pub struct Opened {
    pub(crate) db: Db,
    pub(crate) keyring: Keyring,
    /// All logs.
    pub logs: Logs,
    pub(crate) credentials: Credentials,
    pub(crate) containments: Containments,
    pub(crate) identity: Identity,
    /// Where credentials for other systems are sealed.
    pub(crate) vault: Vault,
    pub(crate) workspace: Workspace,
    /// Whether the store was made just now.
    pub is_new: bool,
}

/// A token that sets a new store up, or its first administrator's; shown once.
#[derive(Debug)]
pub struct SetupToken(Secret);

impl SetupToken {
    /// The text.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }
}

const SETUP_LIFE: Duration = Duration::from_secs(30 * 60);
const ADMIN_LIFE: Duration = Duration::from_secs(90 * 86_400);

impl Opened {
    /// Opens a store, or makes a new one.
    pub fn open(config: &Config, clock: &Clock) -> Result<Self, StartError> {
        fs::create_private_folder(&config.data)
            .map_err(|source| StartError::Folder { path: config.data.clone(), source })?;
        let migrations = [
            picket_keys::MIGRATIONS,
            picket_bodies::MIGRATIONS,
            picket_log::MIGRATIONS,
            picket_store::MIGRATIONS,
            picket_store::schedules::MIGRATIONS,
            picket_store::detection::MIGRATIONS,
            picket_store::sealed::MIGRATIONS,
            picket_store::destinations::MIGRATIONS,
            picket_store::tickets::MIGRATIONS,
            picket_store::webhooks::MIGRATIONS,
            picket_identity::MIGRATIONS,
        ];
        let db = Db::open(DbOptions::new(config.data.join("picket.db")), &migrations)?;
        // A start that was cut short begins again with the names that it chose, and ends with the logs.
        let is_new = !Logs::exist(&db)?;
        // Before anything of the store is used: what lies there may be somebody else's.
        let workspace = settled_workspace(&db, config)?;
        let store_id = settled(&db, "store_id", || format!("st_{}", random_base62(12)))?;
        let root = RootKey::load(&root_source(config, &store_id)?, &config.data, is_new)?;
        let keyring = Keyring::open(&db, root)?;
        let options = LogOptions { host: config.host.clone(), state: config.state.clone(), clock: clock.clone() };
        if is_new {
            Logs::create(&db, &keyring, &options, &workspace)?;
        }
        let bodies = Bodies::new(&db, &keyring);
        let logs = Logs::open(&db, &keyring, &bodies, &options)?;
        let credentials =
            Credentials::open(&db, keyring.pepper()).map_err(|error| StartError::Store(error.to_string()))?;
        let containments = Containments::open(&db, &workspace, config.containment.never.clone())
            .map_err(|error| StartError::Store(error.to_string()))?;
        let log = logs.workspace(&workspace)?;
        let identity = Identity::open(&db, &keyring, log, &workspace, config.rules.clone())?;
        identity.set_oidc(provider(config, clock)?);
        let vault = Vault::of(&keyring)?;
        Ok(Self { db, keyring, logs, credentials, containments, identity, vault, workspace, is_new })
    }

    /// Makes a credential for somebody who has none yet.
    pub(crate) fn first_token(&self, kind: TokenKind, clock: &Clock) -> Result<SetupToken, StartError> {
        let now = clock.now();
        let life = if kind == TokenKind::Setup { SETUP_LIFE } else { ADMIN_LIFE };
        let name = if kind == TokenKind::Setup { "setup" } else { "first administrator" };
        let new = NewCredential {
            kind,
            roles: Role::Owner.into(),
            workspace: self.workspace.clone(),
            name: Some(name.to_owned()),
            details: Details::default(),
            created_by: "system".to_owned(),
            created_at: now,
            expires_at: Some(now.plus(life)),
        };
        let (credentials, log) = (self.credentials.clone(), self.logs.workspace(&self.workspace)?.clone());
        let ticket = self.db.write(Lane::Admin, "open.first_token", move |tx| {
            let (secret, id) = credentials.create(tx, &new)?;
            let mut event =
                picket_event::Event::new(picket_event::EventType::of("key.created"), new.workspace.as_str(), now);
            event.target = Some(format!("credential:{id}"));
            log.append_in(tx, log.prepare(event, &[]))?;
            Ok::<_, picket_log::AppendError>(secret)
        });
        ticket.wait().map(SetupToken).map_err(|error| StartError::Store(error.to_string()))
    }

    /// Whether anybody can administer the store.
    pub(crate) fn has_owner(&self, clock: &Clock) -> bool {
        let now = clock.now();
        // Whoever has no way in administers nothing.
        let has_way_in = |user: &User| user.has_password() || !user.external.is_empty();
        let is_owner = |user: &Arc<User>| user.is_active() && user.roles.has(Role::Owner) && has_way_in(user);
        let owns = self.identity.users().iter().any(is_owner);
        owns || self.credentials.list(&self.workspace).iter().any(|credential| {
            credential.roles.has(Role::Owner)
                && credential.kind != TokenKind::Setup
                && credential.status(now) == "active"
        })
    }
}

/// The identity provider of a configuration.
pub(crate) fn provider(config: &Config, clock: &Clock) -> Result<Option<Oidc>, OidcError> {
    config.oidc.clone().map(|settings| Oidc::new(settings, clock)).transpose()
}

/// The workspace of the store: the one that its first start chose, which has to be the one that the configuration names.
fn settled_workspace(db: &Db, config: &Config) -> Result<Workspace, StartError> {
    let choose = || config.workspace.clone().unwrap_or_else(Workspace::random).to_string();
    let name = settled(db, "workspace", choose)?;
    let found = Workspace::parse(&name).map_err(|error| StartError::Store(error.to_string()))?;
    refuse_other(config, &found)?;
    Ok(found)
}

/// Refuses a configuration that names another workspace than the store's.
pub(crate) fn refuse_other(config: &Config, found: &Workspace) -> Result<(), StartError> {
    match &config.workspace {
        Some(named) if named != found => {
            Err(StartError::Workspace { data: config.data.clone(), found: found.clone(), named: named.clone() })
        }
        _ => Ok(()),
    }
}

/// A name of the store, chosen once.
fn settled(db: &Db, name: &'static str, choose: impl FnOnce() -> String) -> Result<String, StartError> {
    let stored = db.read(|connection| meta::get(connection, name));
    if let Some(value) = stored.map_err(|error| StartError::Store(error.to_string()))? {
        return Ok(value);
    }
    let value = choose();
    let chosen = value.clone();
    let made: Ticket<(), rusqlite::Error> =
        db.write(Lane::Admin, "open.settle", move |tx| meta::set(tx, name, &chosen));
    made.wait().map_err(|error| StartError::Store(error.to_string()))?;
    Ok(value)
}

/// The root key: a systemd credential, the configured file, the environment (warned), or the user's configuration folder.
fn root_source(config: &Config, store_id: &str) -> Result<RootSource, StartError> {
    if let Some(path) = &config.root_key {
        return Ok(RootSource::File(path.clone()));
    }
    if let Some(folder) = variable("CREDENTIALS_DIRECTORY") {
        let credential = PathBuf::from(folder).join("picket-root-key");
        if credential.exists() {
            return Ok(RootSource::File(credential));
        }
    }
    if let Some(text) = variable("PICKET_ROOT_KEY") {
        tracing::warn!("the root key comes from the environment, where other programs may see it; a file is better");
        return Ok(RootSource::Hex(text));
    }
    let folder = variable("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| PathBuf::from(home).join(".config")));
    let folder = folder.ok_or_else(|| {
        StartError::Store("no place for the root key: set XDG_CONFIG_HOME, HOME, or `keys: { root: PATH }`".to_owned())
    })?;
    Ok(RootSource::File(folder.join("picket").join(store_id).join("root.key")))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Sets a store up without questions; the first administrator's token.
pub fn set_up(config: &Config, clock: &Clock) -> Result<SetupToken, StartError> {
    let opened = Opened::open(config, clock)?;
    if opened.has_owner(clock) {
        return Err(StartError::Store("the store is set up already".to_owned()));
    }
    let token = opened.first_token(TokenKind::Admin, clock)?;
    // What is there is signed and marked at once: the first start of the server can tell whether it was put back.
    Notary::new(&opened.logs).tick().map_err(|error| StartError::Store(error_chain(&error)))?;
    Ok(token)
}

/// Verifies every log of a store that is not running; reports as JSON values.
pub fn verify(
    config: &Config,
    clock: &Clock,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Vec<picket_log::Report>, StartError> {
    let opened = Opened::open(config, clock)?;
    opened.logs.all().iter().map(|log| log.verify(progress).map_err(StartError::from)).collect()
}

/// Builds the index anew from the log, of a store that is not running; how many entries it covers.
pub fn rebuild_index(config: &Config, clock: &Clock, progress: &mut dyn FnMut(u64, u64)) -> Result<u64, StartError> {
    let opened = Opened::open(config, clock)?;
    let log = opened.logs.workspace(&opened.workspace)?;
    let index = picket_search::Index::rebuild(&config.data.join("index"), log, &opened.keyring, progress)?;
    Ok(index.cursor())
}
