//! Teams, and who is in them.

use crate::people::TEAMS_MAX;
use crate::{Identity, PeopleError, names};
use picket_db::Tx;
use picket_event::ids::{Id, Kind};
use rusqlite::{Connection, params};

/// Teams.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OfTeam {}

impl Kind for OfTeam {
    const PREFIX: &'static str = "tem";
}

impl Identity {
    /// Makes a team; its id.
    pub fn create_team(&self, tx: &mut Tx<'_>, name: &str, by: &str) -> Result<String, PeopleError> {
        names::check_team(name)?;
        let (connection, folded) = (tx.connection(), names::folded(name));
        let (count, taken): (usize, usize) = connection.query_row(
            "SELECT count(*), coalesce(sum(folded = ?2), 0) FROM team WHERE workspace = ?1",
            params![self.workspace().as_str(), folded],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        if taken > 0 {
            return Err(PeopleError::Taken);
        }
        if count >= TEAMS_MAX {
            return Err(PeopleError::Full(TEAMS_MAX));
        }
        let id = Id::<OfTeam>::new(self.now()).to_string();
        connection.execute(
            "INSERT INTO team (id, workspace, name, folded, created_by, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![id, self.workspace().as_str(), name, folded, by, self.now().as_micros()],
        )?;
        self.people().refresh_teams(tx, self.workspace(), &[])?;
        Ok(id)
    }

    /// Removes a team; its members stay as they are otherwise.
    pub fn delete_team(&self, tx: &mut Tx<'_>, id: &str) -> Result<(), PeopleError> {
        let connection = tx.connection();
        if !self.team_exists(connection, id)? {
            return Err(PeopleError::NotFound("team"));
        }
        if self.is_sent(connection, id)? {
            return Err(PeopleError::Sent);
        }
        self.remove_team(tx, id).map(drop)
    }

    /// Whether a provider looks after a team, and goes on doing so.
    pub(crate) fn is_sent(&self, connection: &Connection, team: &str) -> Result<bool, rusqlite::Error> {
        let sql = "SELECT 1 FROM scim_group WHERE team = ?1";
        Ok(self.scim().is_some() && connection.prepare_cached(sql)?.exists(params![team])?)
    }

    /// Removes a team; who was in it.
    pub(crate) fn remove_team(&self, tx: &mut Tx<'_>, id: &str) -> Result<Vec<String>, PeopleError> {
        let connection = tx.connection();
        let mut statement = connection.prepare("SELECT user FROM team_member WHERE team = ?1")?;
        let members = statement.query_map(params![id], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
        connection.execute("DELETE FROM team_member WHERE team = ?1", params![id])?;
        connection.execute("DELETE FROM scim_group WHERE team = ?1", params![id])?;
        let sql = "DELETE FROM team WHERE workspace = ?1 AND id = ?2";
        connection.execute(sql, params![self.workspace().as_str(), id])?;
        drop(statement);
        self.people().refresh_teams(tx, self.workspace(), &members)?;
        Ok(members)
    }

    /// Puts a user into a team, or takes him out; whether that changed anything.
    pub fn set_member(&self, tx: &mut Tx<'_>, team: &str, user: &str, is_in: bool) -> Result<bool, PeopleError> {
        let connection = tx.connection();
        if !self.team_exists(connection, team)? {
            return Err(PeopleError::NotFound("team"));
        }
        if !self.user_exists(connection, user)? {
            return Err(PeopleError::NotFound("user"));
        }
        if self.is_sent(connection, team)? {
            return Err(PeopleError::Sent);
        }
        let sql = if is_in {
            "INSERT INTO team_member (team, user) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
        } else {
            "DELETE FROM team_member WHERE team = ?1 AND user = ?2"
        };
        let changed = connection.execute(sql, params![team, user])? > 0;
        self.people().refresh(tx, self.workspace(), user)?;
        Ok(changed)
    }
}
