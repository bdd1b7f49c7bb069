//! Who there is: users and teams of the workspace in memory, following each commit, so that a request asks no disk.

use crate::names::folded;
use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use picket_store::Roles;
use rusqlite::{Connection, Row, params};
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

/// Users of a store.
pub(crate) const USERS_MAX: usize = 100_000;
/// Teams of a store.
pub(crate) const TEAMS_MAX: usize = 10_000;

/// Whether somebody may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserState {
    /// He may.
    Active,
    /// He may not, and neither may what he made.
    Suspended,
}

impl UserState {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    /// The state of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Active, Self::Suspended].into_iter().find(|state| state.as_str() == word)
    }
}

/// Whom an identity provider means: the pair, and never the subject or a mail address alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct External {
    /// The provider.
    pub issuer: String,
    /// Its own id of the user.
    pub subject: String,
}

/// A user.
#[derive(Clone)]
pub struct User {
    /// `usr_…`.
    pub id: String,
    /// What he signs in with.
    pub name: String,
    /// What he is called.
    pub full_name: Option<String>,
    /// Where mail reaches him.
    pub email: Option<String>,
    /// What he is responsible for.
    pub roles: Roles,
    /// Whether he may come in.
    pub state: UserState,
    /// Ids of his teams, in order.
    pub teams: Vec<String>,
    /// As whom providers know him.
    pub external: Vec<External>,
    /// When his password, which somebody else chose for him, ends; `None` where it is his own or he has none.
    pub password_until: Option<Timestamp>,
    /// Whether signing in takes a code too.
    pub has_totp: bool,
    /// Who made him.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// When he last signed in.
    pub last_login_at: Option<Timestamp>,
    /// Counts changes.
    pub version: u64,
    /// What SCIM says of him; `None` where it did not make him.
    pub sent: Option<SentUser>,
    pub(crate) password: Option<String>,
}

/// What SCIM says of a user that it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentUser {
    /// The provider's own id of him.
    pub external_id: String,
    /// His first name.
    pub given_name: Option<String>,
    /// His last name.
    pub family_name: Option<String>,
    /// Whether the provider lets him in.
    pub active: bool,
    /// When it last changed him.
    pub changed_at: Timestamp,
}

/// What SCIM says of a group that it made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentGroup {
    /// The provider's own id of it.
    pub external_id: Option<String>,
    /// Counts changes.
    pub version: u64,
    /// When it was last changed.
    pub changed_at: Timestamp,
}

impl User {
    /// Whether there is a password to sign in with.
    pub fn has_password(&self) -> bool {
        self.password.is_some()
    }

    /// Whether he may come in.
    pub fn is_active(&self) -> bool {
        self.state == UserState::Active
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("id", &self.id)
            .field("roles", &self.roles)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Team {
    /// `tem_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// What SCIM says of it; `None` where it did not make it.
    pub sent: Option<SentGroup>,
}

/// All of them. Clones share what they know.
#[derive(Debug, Clone, Default)]
pub(crate) struct People(Arc<RwLock<Known>>);

#[derive(Debug, Default)]
struct Known {
    users: HashMap<String, Arc<User>>,
    /// Ids by folded name.
    names: HashMap<String, String>,
    /// Ids by what providers say.
    external: HashMap<External, String>,
    teams: BTreeMap<String, Arc<Team>>,
    /// Digests of those who do not come in any more, and whether SCIM said it.
    barred: HashMap<[u8; 32], bool>,
}

impl Known {
    fn forget(&mut self, id: &str) {
        if let Some(old) = self.users.remove(id) {
            self.names.remove(&folded(&old.name));
            for external in &old.external {
                self.external.remove(external);
            }
        }
    }

    fn learn(&mut self, user: User) {
        self.forget(&user.id);
        self.names.insert(folded(&user.name), user.id.clone());
        self.external.extend(user.external.iter().map(|external| (external.clone(), user.id.clone())));
        self.users.insert(user.id.clone(), Arc::new(user));
    }
}

impl People {
    pub(crate) fn open(connection: &Connection, workspace: &Workspace) -> Result<Self, rusqlite::Error> {
        let mut known = Known::default();
        load(connection, workspace, None)?.into_iter().for_each(|user| known.learn(user));
        known.teams = teams(connection, workspace)?;
        known.barred = barred(connection, workspace)?;
        Ok(Self(Arc::new(RwLock::new(known))))
    }

    fn known<T>(&self, ask: impl FnOnce(&Known) -> T) -> T {
        ask(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn get(&self, id: &str) -> Option<Arc<User>> {
        self.known(|known| known.users.get(id).cloned())
    }

    pub(crate) fn named(&self, name: &str) -> Option<Arc<User>> {
        self.known(|known| known.users.get(known.names.get(&folded(name))?).cloned())
    }

    pub(crate) fn external(&self, external: &External) -> Option<Arc<User>> {
        self.known(|known| known.users.get(known.external.get(external)?).cloned())
    }

    /// All users by name.
    pub(crate) fn users(&self) -> Vec<Arc<User>> {
        let mut all: Vec<Arc<User>> = self.known(|known| known.users.values().cloned().collect());
        all.sort_by_cached_key(|user| folded(&user.name));
        all
    }

    pub(crate) fn teams(&self) -> Vec<Arc<Team>> {
        let mut all: Vec<Arc<Team>> = self.known(|known| known.teams.values().cloned().collect());
        all.sort_by_cached_key(|team| folded(&team.name));
        all
    }

    pub(crate) fn team(&self, id: &str) -> Option<Arc<Team>> {
        self.known(|known| known.teams.get(id).cloned())
    }

    /// Whether somebody does not come in any more, and if so, whether SCIM said it. Nobody is barred, nearly always, and then
    /// no digest is made.
    pub(crate) fn barred(&self, digest: impl FnOnce() -> [u8; 32]) -> Option<bool> {
        self.known(|known| if known.barred.is_empty() { None } else { known.barred.get(&digest()).copied() })
    }

    pub(crate) fn barred_count(&self) -> usize {
        self.known(|known| known.barred.len())
    }

    /// Bars somebody, or nobody any more, once that is durable.
    pub(crate) fn set_barred(&self, tx: &mut Tx<'_>, digest: [u8; 32], by_scim: Option<bool>) {
        let people = self.clone();
        tx.on_commit(move || {
            let barred = &mut people.0.write().unwrap_or_else(PoisonError::into_inner).barred;
            match by_scim {
                Some(by_scim) => drop(barred.insert(digest, by_scim)),
                None => drop(barred.remove(&digest)),
            }
        });
    }

    /// Reads one user anew, and shows what became of him once the transaction is durable.
    pub(crate) fn refresh(&self, tx: &mut Tx<'_>, workspace: &Workspace, id: &str) -> Result<(), rusqlite::Error> {
        let fresh = load(tx.connection(), workspace, Some(id))?.pop();
        let (people, id) = (self.clone(), id.to_owned());
        tx.on_commit(move || {
            let mut known = people.0.write().unwrap_or_else(PoisonError::into_inner);
            match fresh {
                Some(user) => known.learn(user),
                None => known.forget(&id),
            }
        });
        Ok(())
    }

    /// Reads the teams anew, and these users, whose teams changed.
    pub(crate) fn refresh_teams(
        &self,
        tx: &mut Tx<'_>,
        workspace: &Workspace,
        members: &[String],
    ) -> Result<(), rusqlite::Error> {
        let (people, fresh) = (self.clone(), teams(tx.connection(), workspace)?);
        tx.on_commit(move || people.0.write().unwrap_or_else(PoisonError::into_inner).teams = fresh);
        members.iter().try_for_each(|id| self.refresh(tx, workspace, id))
    }
}

/// The users of a workspace, or one of them.
pub(crate) fn load(
    connection: &Connection,
    workspace: &Workspace,
    only: Option<&str>,
) -> Result<Vec<User>, rusqlite::Error> {
    let which = |column: &str| if only.is_some() { format!("AND {column} = ?2") } else { "AND ?2 IS NULL".to_owned() };
    let sql = format!(
        "SELECT id, name, full_name, email, roles, state, password, password_until, totp IS NOT NULL, created_by, created_at,
           last_login_at, version, external_id, given_name, family_name, active, changed_at
         FROM user LEFT JOIN scim_user ON scim_user.user = user.id WHERE workspace = ?1 {}",
        which("id")
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut users = statement
        .query_map(params![workspace.as_str(), only], |row| read(row).map(|user| (user.id.clone(), user)))?
        .collect::<Result<HashMap<_, _>, _>>()?;
    let sql = format!("SELECT user, issuer, subject FROM user_external WHERE workspace = ?1 {}", which("user"));
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![workspace.as_str(), only])?;
    while let Some(row) = rows.next()? {
        if let Some(user) = users.get_mut(&row.get::<_, String>(0)?) {
            user.external.push(External { issuer: row.get(1)?, subject: row.get(2)? });
        }
    }
    let sql = format!(
        "SELECT user, team FROM team_member JOIN team ON team.id = team_member.team WHERE workspace = ?1 {} ORDER BY folded",
        which("user")
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![workspace.as_str(), only])?;
    while let Some(row) = rows.next()? {
        if let Some(user) = users.get_mut(&row.get::<_, String>(0)?) {
            user.teams.push(row.get(1)?);
        }
    }
    Ok(users.into_values().collect())
}

fn read(row: &Row<'_>) -> Result<User, rusqlite::Error> {
    let invalid =
        |column: usize| rusqlite::Error::InvalidColumnType(column, "user".to_owned(), rusqlite::types::Type::Text);
    let time = |column: usize| row.get::<_, Option<i64>>(column).map(|at| at.map(Timestamp::from_micros));
    Ok(User {
        id: row.get(0)?,
        name: row.get(1)?,
        full_name: row.get(2)?,
        email: row.get(3)?,
        roles: roles(&row.get::<_, String>(4)?).ok_or_else(|| invalid(4))?,
        state: UserState::of(&row.get::<_, String>(5)?).ok_or_else(|| invalid(5))?,
        password: row.get(6)?,
        password_until: time(7)?,
        has_totp: row.get(8)?,
        created_by: row.get(9)?,
        created_at: Timestamp::from_micros(row.get(10)?),
        last_login_at: time(11)?,
        version: row.get(12)?,
        sent: sent(row)?,
        teams: Vec::new(),
        external: Vec::new(),
    })
}

/// Roles as they are stored: whom SCIM made may have none.
fn roles(text: &str) -> Option<Roles> {
    if text.is_empty() { Some(Roles::of(&[])) } else { text.parse().ok() }
}

fn sent(row: &Row<'_>) -> Result<Option<SentUser>, rusqlite::Error> {
    let (Some(external_id), Some(at)) = (row.get(13)?, row.get::<_, Option<i64>>(17)?) else { return Ok(None) };
    Ok(Some(SentUser {
        external_id,
        given_name: row.get(14)?,
        family_name: row.get(15)?,
        active: row.get(16)?,
        changed_at: Timestamp::from_micros(at),
    }))
}

fn teams(connection: &Connection, workspace: &Workspace) -> Result<BTreeMap<String, Arc<Team>>, rusqlite::Error> {
    let mut statement = connection.prepare(
        "SELECT id, name, created_by, created_at, external_id, version, changed_at
         FROM team LEFT JOIN scim_group ON scim_group.team = team.id WHERE workspace = ?1",
    )?;
    let rows = statement.query_map(params![workspace.as_str()], |row| {
        let sent = match (row.get(5)?, row.get::<_, Option<i64>>(6)?) {
            (Some(version), Some(at)) => {
                Some(SentGroup { external_id: row.get(4)?, version, changed_at: Timestamp::from_micros(at) })
            }
            _ => None,
        };
        let team = Team {
            id: row.get(0)?,
            name: row.get(1)?,
            created_by: row.get(2)?,
            created_at: Timestamp::from_micros(row.get(3)?),
            sent,
        };
        Ok((team.id.clone(), Arc::new(team)))
    })?;
    rows.collect()
}

fn barred(connection: &Connection, workspace: &Workspace) -> Result<HashMap<[u8; 32], bool>, rusqlite::Error> {
    let mut statement = connection.prepare("SELECT digest, by_scim FROM barred WHERE workspace = ?1")?;
    statement.query_map(params![workspace.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// Whether a row of this workspace is there.
pub(crate) fn exists(
    connection: &Connection,
    sql: &'static str,
    (workspace, key): (&Workspace, &str),
) -> Result<bool, rusqlite::Error> {
    connection.prepare_cached(sql)?.exists(params![workspace.as_str(), key])
}
