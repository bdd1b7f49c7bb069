//! Sessions: what somebody has who signed in. The text is 256 random bits; its hash is all that is stored.
//!
//! All live ones are in memory, so that a request asks no disk, and one that is ended is refused with the commit that ends
//! it. Made in one place only, [`Identity::mint`], after the rules were asked.

use crate::rules::Method;
use crate::{Identity, LoginError, User};
use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::encode::{base62_number, random_base62};
use picket_stdx::{Timestamp, limits};
use rusqlite::{Connection, Row, params};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// How long a session lasts that nobody uses.
pub const IDLE: Duration = Duration::from_secs(30 * 60);
/// How long it lasts in any case.
pub const LIFE: Duration = Duration::from_secs(12 * 3_600);
/// How long it counts that somebody showed who he is.
pub const STEP_UP: Duration = Duration::from_secs(5 * 60);
/// Sessions of one user; with one more the oldest ends.
const OF_ONE_MAX: usize = 32;

const PREFIX: &str = "picket_ses_";
/// 62^43 is just above 2^256.
const SECRET: usize = 43;
const CRC: usize = 6;
type Hash = [u8; 32];

/// A session's text, to be shown once. Never printed by accident.
pub struct SessionToken(String);

impl SessionToken {
    pub(crate) fn new() -> Self {
        let body = format!("{PREFIX}{}", random_base62(SECRET));
        let crc = base62_number(u64::from(crc32fast::hash(body.as_bytes())), CRC);
        Self(format!("{body}{crc}"))
    }

    /// The text.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn hash(&self) -> Hash {
        hash(&self.0)
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(..)")
    }
}

/// Whether a text has the form of a session's, checksum included: asked before anything is looked up.
pub fn is_session(text: &str) -> bool {
    let fits = text.len() == PREFIX.len() + SECRET + CRC && text.starts_with(PREFIX) && text.is_ascii();
    let parts = fits.then(|| text.split_at_checked(text.len() - CRC)).flatten();
    parts.is_some_and(|(body, crc)| {
        let is_plain = body.bytes().skip(PREFIX.len()).all(|byte| byte.is_ascii_alphanumeric());
        is_plain && base62_number(u64::from(crc32fast::hash(body.as_bytes())), CRC) == crc
    })
}

fn hash(text: &str) -> Hash {
    Sha256::new().chain_update(b"picket/session/v1\0").chain_update(text.as_bytes()).finalize().into()
}

/// A session.
#[derive(Debug)]
pub struct Session {
    /// `ses_…`, without meaning to anybody who has not the text.
    pub id: String,
    /// Whose it is.
    pub user: String,
    /// How he signed in.
    pub method: Method,
    /// Whether a second factor, or a provider, vouched for him.
    pub is_strong: bool,
    /// When.
    pub created_at: Timestamp,
    /// When it ends in any case.
    pub ends_at: Timestamp,
    /// When he last showed who he is.
    pub confirmed_at: Timestamp,
    /// Where he signed in.
    pub address: Option<String>,
    /// With what.
    pub agent: Option<String>,
    hash: Hash,
    last_used: AtomicI64,
}

impl Session {
    /// When it was last used.
    pub fn last_used_at(&self) -> Timestamp {
        Timestamp::from_micros(self.last_used.load(Ordering::Relaxed))
    }

    /// Whether it is good now.
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.ends_at && now.since(self.last_used_at()) < IDLE
    }

    /// Whether he showed who he is just now. A moment to come is none: the clock was put back since.
    pub fn is_confirmed(&self, now: Timestamp) -> bool {
        self.confirmed_at <= now && now.since(self.confirmed_at) < STEP_UP
    }
}

/// Why a session is not accepted. Callers hear only that it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefusedSession {
    /// It has not the form of one.
    #[error("the session is malformed")]
    Malformed,
    /// There is none, or there is no longer.
    #[error("the session is unknown")]
    Unknown,
    /// Its time is over.
    #[error("the session has ended")]
    Ended,
    /// Its user may not come in.
    #[error("the user is suspended")]
    User,
}

/// What a new session is of.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// Where it comes from.
    pub address: Option<IpAddr>,
    /// With what.
    pub agent: Option<String>,
}

/// All live sessions. Clones share them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sessions(Arc<RwLock<HashMap<Hash, Arc<Session>>>>);

impl Sessions {
    pub(crate) fn open(connection: &Connection, workspace: &Workspace) -> Result<Self, rusqlite::Error> {
        let mut statement = connection.prepare(
            "SELECT id, user, digest, method, strong, created_at, ends_at, confirmed_at, last_used_at, address, agent
             FROM session WHERE workspace = ?1",
        )?;
        let rows = statement.query_map(params![workspace.as_str()], read)?;
        let all = rows.map(|row| row.map(|session| (session.hash, Arc::new(session)))).collect::<Result<_, _>>()?;
        Ok(Self(Arc::new(RwLock::new(all))))
    }

    fn all<T>(&self, ask: impl FnOnce(&HashMap<Hash, Arc<Session>>) -> T) -> T {
        ask(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, change: impl FnOnce(&mut HashMap<Hash, Arc<Session>>)) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Puts a session in once it is durable.
    fn learn(&self, tx: &mut Tx<'_>, session: Session) {
        let sessions = self.clone();
        tx.on_commit(move || sessions.change(|all| drop(all.insert(session.hash, Arc::new(session)))));
    }

    /// Takes those out that went, once that is durable.
    fn forget(&self, tx: &mut Tx<'_>, went: Vec<Hash>) {
        let sessions = self.clone();
        tx.on_commit(move || sessions.change(|all| went.iter().for_each(|hash| drop(all.remove(hash)))));
    }
}

impl Identity {
    /// The session of a text, with its user as he is now.
    pub fn session(&self, text: &str) -> Result<(Arc<Session>, Arc<User>), RefusedSession> {
        if !is_session(text) {
            return Err(RefusedSession::Malformed);
        }
        let found = self.sessions().all(|all| all.get(&hash(text)).cloned()).ok_or(RefusedSession::Unknown)?;
        let now = self.now();
        if !found.is_live(now) || self.allow(found.method).is_err() {
            return Err(RefusedSession::Ended);
        }
        let user = self.user(&found.user).filter(|user| user.is_active()).ok_or(RefusedSession::User)?;
        found.last_used.fetch_max(now.as_micros(), Ordering::Relaxed);
        Ok((found, user))
    }

    /// Live sessions, newest first: of one user, or all.
    pub fn sessions_of(&self, user: Option<&str>) -> Vec<Arc<Session>> {
        let now = self.now();
        let is_asked = |session: &&Arc<Session>| session.is_live(now) && user.is_none_or(|user| session.user == user);
        let mut found: Vec<_> = self.sessions().all(|all| all.values().filter(is_asked).cloned().collect());
        found.sort_by(|a, b| (b.created_at, &b.id).cmp(&(a.created_at, &a.id)));
        found
    }

    /// A live session by its id.
    pub fn session_by_id(&self, id: &str) -> Option<Arc<Session>> {
        let now = self.now();
        self.sessions().all(|all| all.values().find(|session| session.id == id && session.is_live(now)).cloned())
    }

    /// Makes a session. No other place does, and it asks the rules first, whoever calls.
    pub(crate) fn mint(
        &self,
        tx: &mut Tx<'_>,
        user: &str,
        how: (Method, bool),
        origin: &Origin,
    ) -> Result<(SessionToken, String), LoginError> {
        self.allow(how.0)?;
        let (token, now) = (SessionToken::new(), self.now());
        let session = Session {
            id: format!("ses_{}", random_base62(16)),
            user: user.to_owned(),
            method: how.0,
            is_strong: how.1,
            created_at: now,
            ends_at: now.plus(LIFE),
            confirmed_at: now,
            address: origin.address.map(|address| address.to_string()),
            agent: origin.agent.as_deref().map(short),
            hash: token.hash(),
            last_used: AtomicI64::new(now.as_micros()),
        };
        self.make_room(tx, user)?;
        insert(tx.connection(), self.workspace(), &session)?;
        let id = session.id.clone();
        self.sessions().learn(tx, session);
        Ok((token, id))
    }

    /// Gives a session another text, since from now on more can be done with it.
    pub(crate) fn rotate(
        &self,
        tx: &mut Tx<'_>,
        old: &Session,
        is_strong: bool,
    ) -> Result<Option<SessionToken>, rusqlite::Error> {
        let sql = "DELETE FROM session WHERE workspace = ?1 AND digest = ?2";
        if tx.connection().execute(sql, params![self.workspace().as_str(), old.hash])? == 0 {
            return Ok(None);
        }
        let (token, now) = (SessionToken::new(), self.now());
        let session = Session {
            id: old.id.clone(),
            user: old.user.clone(),
            method: old.method,
            is_strong,
            created_at: old.created_at,
            ends_at: old.ends_at,
            confirmed_at: now,
            address: old.address.clone(),
            agent: old.agent.clone(),
            hash: token.hash(),
            last_used: AtomicI64::new(now.as_micros()),
        };
        insert(tx.connection(), self.workspace(), &session)?;
        self.sessions().forget(tx, vec![old.hash]);
        self.sessions().learn(tx, session);
        Ok(Some(token))
    }

    /// Ends one session; whether there was one.
    pub fn end_session(&self, tx: &mut Tx<'_>, id: &str) -> Result<bool, rusqlite::Error> {
        self.end(tx, "DELETE FROM session WHERE workspace = ?1 AND id = ?2 RETURNING digest", id).map(|went| went > 0)
    }

    /// Ends all sessions of a user.
    pub(crate) fn end_sessions_of(&self, tx: &mut Tx<'_>, user: &str) -> Result<(), rusqlite::Error> {
        self.end(tx, "DELETE FROM session WHERE workspace = ?1 AND user = ?2 RETURNING digest", user).map(drop)
    }

    /// Ends all sessions of a user but one.
    pub(crate) fn end_other_sessions(&self, tx: &mut Tx<'_>, user: &str, kept: &str) -> Result<(), rusqlite::Error> {
        let sql = "DELETE FROM session WHERE workspace = ?1 AND user = ?2 AND id <> ?3 RETURNING digest";
        let mut statement = tx.connection().prepare_cached(sql)?;
        let went = statement.query_map(params![self.workspace().as_str(), user, kept], |row| row.get(0))?;
        let went = went.collect::<Result<Vec<Hash>, _>>()?;
        drop(statement);
        self.sessions().forget(tx, went);
        Ok(())
    }

    fn end(&self, tx: &mut Tx<'_>, sql: &'static str, key: &str) -> Result<usize, rusqlite::Error> {
        let mut statement = tx.connection().prepare_cached(sql)?;
        let went = statement.query_map(params![self.workspace().as_str(), key], |row| row.get(0))?;
        let went = went.collect::<Result<Vec<Hash>, _>>()?;
        drop(statement);
        let count = went.len();
        self.sessions().forget(tx, went);
        Ok(count)
    }

    /// The oldest sessions of a user end where he has as many as there may be.
    fn make_room(&self, tx: &mut Tx<'_>, user: &str) -> Result<(), rusqlite::Error> {
        let mut statement = tx.connection().prepare_cached(
            "DELETE FROM session WHERE id IN
               (SELECT id FROM session WHERE workspace = ?1 AND user = ?2 ORDER BY created_at DESC, id LIMIT -1 OFFSET ?3)
             RETURNING digest",
        )?;
        let went = statement.query_map(params![self.workspace().as_str(), user, OF_ONE_MAX - 1], |row| row.get(0))?;
        let went = went.collect::<Result<Vec<Hash>, _>>()?;
        drop(statement);
        self.sessions().forget(tx, went);
        Ok(())
    }

    /// Makes last use durable, and forgets sessions whose time is over.
    pub fn flush_sessions(&self, tx: &mut Tx<'_>) -> Result<(), rusqlite::Error> {
        let now = self.now();
        let all: Vec<Arc<Session>> = self.sessions().all(|all| all.values().cloned().collect());
        let mut used = tx.connection().prepare_cached(
            "UPDATE session SET last_used_at = ?3 WHERE workspace = ?1 AND digest = ?2 AND last_used_at < ?3",
        )?;
        let mut over = Vec::new();
        for session in all {
            if session.is_live(now) {
                used.execute(params![self.workspace().as_str(), session.hash, session.last_used_at().as_micros()])?;
            } else {
                over.push(session.hash);
            }
        }
        let mut gone = tx.connection().prepare_cached("DELETE FROM session WHERE workspace = ?1 AND digest = ?2")?;
        over.iter().try_for_each(|hash| gone.execute(params![self.workspace().as_str(), hash]).map(drop))?;
        drop((used, gone));
        self.sessions().forget(tx, over);
        Ok(())
    }
}

/// What a client calls itself, as far as anybody reads it.
fn short(agent: &str) -> String {
    let shown = picket_stdx::escape::terminal(agent).into_owned();
    shown.chars().take(limits::NAME_BYTES_MAX / 4).collect()
}

fn insert(connection: &Connection, workspace: &Workspace, session: &Session) -> Result<(), rusqlite::Error> {
    connection
        .execute(
            "INSERT INTO session (id, workspace, user, digest, method, strong, created_at, ends_at, confirmed_at, last_used_at, address, agent)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                session.id,
                workspace.as_str(),
                session.user,
                session.hash,
                session.method.as_str(),
                session.is_strong,
                session.created_at.as_micros(),
                session.ends_at.as_micros(),
                session.confirmed_at.as_micros(),
                session.last_used_at().as_micros(),
                session.address,
                session.agent
            ],
        )
        .map(drop)
}

fn read(row: &Row<'_>) -> Result<Session, rusqlite::Error> {
    let time = |column: usize| row.get::<_, i64>(column).map(Timestamp::from_micros);
    let invalid = || rusqlite::Error::InvalidColumnType(3, "session".to_owned(), rusqlite::types::Type::Text);
    Ok(Session {
        id: row.get(0)?,
        user: row.get(1)?,
        hash: row.get(2)?,
        method: Method::of(&row.get::<_, String>(3)?).ok_or_else(invalid)?,
        is_strong: row.get(4)?,
        created_at: time(5)?,
        ends_at: time(6)?,
        confirmed_at: time(7)?,
        last_used: AtomicI64::new(row.get(8)?),
        address: row.get(9)?,
        agent: row.get(10)?,
    })
}
