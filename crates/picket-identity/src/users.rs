//! Making, changing and removing users. Whoever does it can give and touch only what he may do himself, as things stand in
//! the very transaction that changes them.

use crate::people::{self, USERS_MAX};
use crate::{External, Identity, NameError, User, UserState, names};
use picket_db::Tx;
use picket_event::ids::{Id, Kind};
use picket_stdx::Timestamp;
use picket_store::{Permission, Permissions, Role, Roles};
use rusqlite::{Connection, params};
use std::time::Duration;

/// Users.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OfUser {}

impl Kind for OfUser {
    const PREFIX: &'static str = "usr";
}

/// How long a password is good that somebody else chose.
pub const TEMPORARY_LIFE: Duration = Duration::from_secs(72 * 3_600);

/// Who changes something.
#[derive(Debug, Clone)]
pub struct Maker {
    /// Id of the user or credential.
    pub id: String,
    /// What he may do.
    pub permissions: Permissions,
    /// Whether somebody else than a user is an owner, such as a token: then no user needs to be.
    pub others_own: bool,
}

/// A user to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// What he signs in with.
    pub name: String,
    /// What he is called.
    pub full_name: Option<String>,
    /// Where mail reaches him.
    pub email: Option<String>,
    /// What he is responsible for.
    pub roles: Roles,
    /// Ids of his teams.
    pub teams: Vec<String>,
    /// Hash of a first password, which he has to change.
    pub temporary: Option<String>,
    /// As whom a provider knows him.
    pub external: Option<External>,
}

/// What becomes different of a user; `None` stays.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// What he is called; `Some(None)` is nothing.
    pub full_name: Option<Option<String>>,
    /// Where mail reaches him.
    pub email: Option<Option<String>>,
    /// What he is responsible for.
    pub roles: Option<Roles>,
    /// Ids of his teams.
    pub teams: Option<Vec<String>>,
    /// Whether he may come in.
    pub state: Option<UserState>,
    /// The version that whoever changes it saw.
    pub version: Option<u64>,
}

/// Something was not done.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// There is none in the workspace.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A name that cannot be used.
    #[error(transparent)]
    Name(#[from] NameError),
    /// Somebody has the name.
    #[error("this name is taken; names differ in more than upper and lower case")]
    Taken,
    /// A user without a role could do nothing.
    #[error("a user has at least one role")]
    NoRole,
    /// More than the maker may do.
    #[error("nobody gives, takes or touches more than he may do himself")]
    Wider,
    /// Somebody was first.
    #[error("somebody changed it in the meantime; its version is {0} now")]
    Changed(u64),
    /// A provider looks after it.
    #[error("the identity provider sends this team, and says who is in it; change it there")]
    Sent,
    /// Nobody would be left who may everything.
    #[error("this is the only owner that is left; make another one first")]
    LastOwner,
    /// Enough of them.
    #[error("there are {0} already, as many as there may be")]
    Full(usize),
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] rusqlite::Error),
}

const BY_ID: &str = "SELECT 1 FROM user WHERE workspace = ?1 AND id = ?2";
const BY_NAME: &str = "SELECT 1 FROM user WHERE workspace = ?1 AND folded = ?2";
const TEAM_BY_ID: &str = "SELECT 1 FROM team WHERE workspace = ?1 AND id = ?2";

impl NewUser {
    fn check(&self) -> Result<(), NameError> {
        names::check_login(&self.name)?;
        checked(self.full_name.as_deref(), self.email.as_deref())
    }
}

pub(crate) fn checked(full_name: Option<&str>, email: Option<&str>) -> Result<(), NameError> {
    full_name.map_or(Ok(()), names::check_full)?;
    email.map_or(Ok(()), names::check_email)
}

impl Identity {
    /// Makes a user; his id.
    pub fn create_user(&self, tx: &mut Tx<'_>, new: &NewUser, maker: &Maker) -> Result<String, PeopleError> {
        new.check()?;
        if new.roles.is_empty() {
            return Err(PeopleError::NoRole);
        }
        if !maker.permissions.may(Permission::WriteUsers) || !maker.permissions.covers(new.roles.permissions()) {
            return Err(PeopleError::Wider);
        }
        self.insert_user(tx, new, &maker.id)
    }

    /// Makes a user without asking who makes him.
    pub(crate) fn insert_user(&self, tx: &mut Tx<'_>, new: &NewUser, by: &str) -> Result<String, PeopleError> {
        new.check()?;
        let (connection, now) = (tx.connection(), self.now());
        if people::exists(connection, BY_NAME, (self.workspace(), &names::folded(&new.name)))? {
            return Err(PeopleError::Taken);
        }
        if let Some(External { issuer, subject }) = &new.external {
            let known = "SELECT 1 FROM user_external WHERE workspace = ?1 AND issuer = ?2 AND subject = ?3";
            if connection.prepare_cached(known)?.exists(params![self.workspace().as_str(), issuer, subject])? {
                return Err(PeopleError::Taken);
            }
        }
        let count: usize = connection.query_row(
            "SELECT count(*) FROM user WHERE workspace = ?1",
            params![self.workspace().as_str()],
            |row| row.get(0),
        )?;
        if count >= USERS_MAX {
            return Err(PeopleError::Full(USERS_MAX));
        }
        let id = Id::<OfUser>::new(now).to_string();
        let until = new.temporary.as_ref().map(|_hash| now.plus(TEMPORARY_LIFE).as_micros());
        let set_at = new.temporary.as_ref().map(|_hash| now.as_micros());
        connection.execute(
            "INSERT INTO user (id, workspace, name, folded, full_name, email, roles, state, password, password_at,
               password_until, created_by, created_at, version)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'active', ?8, ?9, ?10, ?11, ?12, 1)",
            params![
                id,
                self.workspace().as_str(),
                new.name,
                names::folded(&new.name),
                new.full_name,
                new.email,
                new.roles.to_string(),
                new.temporary,
                set_at,
                until,
                by,
                now.as_micros()
            ],
        )?;
        self.set_teams(tx.connection(), &id, &new.teams)?;
        if let Some(external) = &new.external {
            tx.connection().execute(
                "INSERT INTO user_external (workspace, issuer, subject, user) VALUES (?1, ?2, ?3, ?4)",
                params![self.workspace().as_str(), external.issuer, external.subject, id],
            )?;
            self.unbar(tx, external)?;
        }
        self.people().refresh(tx, self.workspace(), &id)?;
        Ok(id)
    }

    /// Changes a user. One who may do something else from now on, or nothing, has to sign in again.
    pub fn change_user(
        &self,
        tx: &mut Tx<'_>,
        id: &str,
        change: &UserChange,
        maker: &Maker,
    ) -> Result<(), PeopleError> {
        checked(
            change.full_name.as_ref().and_then(Option::as_deref),
            change.email.as_ref().and_then(Option::as_deref),
        )?;
        let before = self.touched(tx.connection(), id, maker)?;
        if change.version.is_some_and(|seen| seen != before.version) {
            return Err(PeopleError::Changed(before.version));
        }
        let roles = change.roles.unwrap_or(before.roles);
        let state = change.state.unwrap_or(before.state);
        // Whom SCIM made may have none.
        if change.roles.is_some_and(Roles::is_empty) {
            return Err(PeopleError::NoRole);
        }
        if !maker.permissions.covers(roles.permissions()) {
            return Err(PeopleError::Wider);
        }
        let stays_owner = roles.has(Role::Owner) && state == UserState::Active;
        if !stays_owner {
            self.refuse_last_owner(tx.connection(), &before, maker)?;
        }
        tx.connection().execute(
            "UPDATE user SET full_name = ?3, email = ?4, roles = ?5, state = ?6, version = version + 1 WHERE workspace = ?1 AND id = ?2",
            params![
                self.workspace().as_str(),
                id,
                change.full_name.as_ref().unwrap_or(&before.full_name),
                change.email.as_ref().unwrap_or(&before.email),
                roles.to_string(),
                state.as_str()
            ],
        )?;
        if let Some(teams) = &change.teams {
            self.set_teams(tx.connection(), id, teams)?;
        }
        if roles != before.roles || state != before.state {
            self.end_sessions_of(tx, id)?;
        }
        Ok(self.people().refresh(tx, self.workspace(), id)?)
    }

    /// Removes a user and what is kept of him here. What he did stays in the log, under an id without meaning.
    pub fn delete_user(&self, tx: &mut Tx<'_>, id: &str, maker: &Maker) -> Result<(), PeopleError> {
        let before = self.touched(tx.connection(), id, maker)?;
        self.refuse_last_owner(tx.connection(), &before, maker)?;
        self.remove_user(tx, &before, false)
    }

    /// Removes a user without asking who does it. Tokens that a provider gave him let him in no more either.
    pub(crate) fn remove_user(&self, tx: &mut Tx<'_>, before: &User, by_scim: bool) -> Result<(), PeopleError> {
        let id = before.id.as_str();
        self.end_sessions_of(tx, id)?;
        before.external.iter().try_for_each(|external| self.bar(tx, external, by_scim))?;
        for sql in [
            "DELETE FROM user WHERE workspace = ?1 AND id = ?2",
            "DELETE FROM user_external WHERE workspace = ?1 AND user = ?2",
        ] {
            tx.connection().execute(sql, params![self.workspace().as_str(), id])?;
        }
        for sql in [
            "DELETE FROM team_member WHERE user = ?1",
            "DELETE FROM recovery_code WHERE user = ?1",
            "DELETE FROM scim_user WHERE user = ?1",
        ] {
            tx.connection().execute(sql, params![id])?;
        }
        Ok(self.people().refresh(tx, self.workspace(), id)?)
    }

    /// Gives a user a password that he has to change, and ends his sessions.
    pub fn reset_password(&self, tx: &mut Tx<'_>, id: &str, hash: &str, maker: &Maker) -> Result<(), PeopleError> {
        self.touched(tx.connection(), id, maker)?;
        let now = self.now();
        self.set_password(tx, id, hash, Some(now.plus(TEMPORARY_LIFE)))
    }

    /// Ends a user's second factor, such as when it is lost, and his sessions.
    pub fn reset_totp(&self, tx: &mut Tx<'_>, id: &str, maker: &Maker) -> Result<(), PeopleError> {
        self.touched(tx.connection(), id, maker)?;
        self.remove_totp(tx, id)?;
        Ok(self.end_sessions_of(tx, id)?)
    }

    /// Sets a password and ends all sessions.
    pub(crate) fn set_password(
        &self,
        tx: &mut Tx<'_>,
        id: &str,
        hash: &str,
        until: Option<Timestamp>,
    ) -> Result<(), PeopleError> {
        tx.connection().execute(
            "UPDATE user SET password = ?3, password_at = ?4, password_until = ?5, version = version + 1 WHERE workspace = ?1 AND id = ?2",
            params![self.workspace().as_str(), id, hash, self.now().as_micros(), until.map(Timestamp::as_micros)],
        )?;
        self.end_sessions_of(tx, id)?;
        Ok(self.people().refresh(tx, self.workspace(), id)?)
    }

    /// A user as he is in this transaction, if whoever changes him may do all that he may.
    fn touched(&self, connection: &Connection, id: &str, maker: &Maker) -> Result<User, PeopleError> {
        let found = people::load(connection, self.workspace(), Some(id))?.pop().ok_or(PeopleError::NotFound("user"))?;
        let may = maker.permissions.may(Permission::WriteUsers) && maker.permissions.covers(found.roles.permissions());
        if may { Ok(found) } else { Err(PeopleError::Wider) }
    }

    pub(crate) fn refuse_last_owner(
        &self,
        connection: &Connection,
        before: &User,
        maker: &Maker,
    ) -> Result<(), PeopleError> {
        if maker.others_own || !before.is_active() || !before.roles.has(Role::Owner) {
            return Ok(());
        }
        // Roles are written widest first.
        let others = "SELECT 1 FROM user WHERE workspace = ?1 AND id <> ?2 AND state = 'active'
                      AND (roles = 'owner' OR roles LIKE 'owner,%')";
        let is_another = people::exists(connection, others, (self.workspace(), &before.id))?;
        if is_another { Ok(()) } else { Err(PeopleError::LastOwner) }
    }

    fn set_teams(&self, connection: &Connection, id: &str, teams: &[String]) -> Result<(), PeopleError> {
        // Who is in those that a provider sends stays as the provider says: with them may come roles.
        let sent = "SELECT team FROM team_member JOIN scim_group USING (team) WHERE user = ?1";
        let mut before = connection.prepare_cached(sent)?;
        let before = before.query_map(params![id], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
        let others = teams.iter().filter(|team| !before.contains(team));
        let is_sent = others.map(|team| self.is_sent(connection, team)).collect::<Result<Vec<_>, _>>()?;
        if is_sent.contains(&true) || (self.scim().is_some() && before.iter().any(|team| !teams.contains(team))) {
            return Err(PeopleError::Sent);
        }
        connection.execute("DELETE FROM team_member WHERE user = ?1", params![id])?;
        for team in teams {
            if !people::exists(connection, TEAM_BY_ID, (self.workspace(), team))? {
                return Err(PeopleError::NotFound("team"));
            }
            connection.execute(
                "INSERT INTO team_member (team, user) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                params![team, id],
            )?;
        }
        Ok(())
    }

    pub(crate) fn user_exists(&self, connection: &Connection, id: &str) -> Result<bool, rusqlite::Error> {
        people::exists(connection, BY_ID, (self.workspace(), id))
    }

    pub(crate) fn team_exists(&self, connection: &Connection, id: &str) -> Result<bool, rusqlite::Error> {
        people::exists(connection, TEAM_BY_ID, (self.workspace(), id))
    }
}
