//! Users and teams that an identity provider sends (SCIM). It sees and touches what it made, and nothing else: a user is
//! known by issuer and external id, and no name or mail address makes him somebody who is here already. Groups are teams;
//! where the operator says so they bring roles, of which owner is none.

use crate::people::{self, SentUser, UserState};
use crate::users::checked;
use crate::{External, Identity, Maker, NewUser, PeopleError, Team, User, names};
use picket_db::Tx;
use picket_event::{Event, EventType, Workspace};
use picket_log::AppendError;
use picket_scim as scim;
use picket_stdx::limits::NAME_BYTES_MAX;
use picket_store::{Role, Roles};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::collections::BTreeSet;

/// What the operator says of users that an identity provider sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimSettings {
    /// Whose users they are: with it, the provider's own id of a user says whom tokens are about.
    pub issuer: String,
    /// What each group is responsible for, by its name. Where there are none, groups only make teams.
    pub roles: Vec<(String, Roles)>,
}

/// What a provider sent was not done.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// It may not be.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// It makes no sense.
    #[error("{0}")]
    Scim(#[from] scim::ScimError),
    /// It could not be written down.
    #[error("what was done cannot be recorded")]
    Record(#[from] AppendError),
}

impl From<rusqlite::Error> for ProvisionError {
    fn from(error: rusqlite::Error) -> Self {
        Self::People(error.into())
    }
}

impl From<crate::NameError> for ProvisionError {
    fn from(error: crate::NameError) -> Self {
        Self::Scim(scim::ScimError::bad("invalidValue", error.to_string()))
    }
}

impl Identity {
    /// Makes a user; his id. One whom a name, or the provider's id, belongs to already is not touched.
    pub fn make_sent_user(&self, tx: &mut Tx<'_>, new: &scim::User, by: &str) -> Result<String, ProvisionError> {
        let settings = self.scim().ok_or(PeopleError::NotFound("provider"))?;
        let external_id = external_id(new)?;
        let external = External { issuer: settings.issuer.clone(), subject: external_id.clone() };
        let made = NewUser {
            name: new.user_name.clone(),
            full_name: new.full_name(),
            email: new.email.clone(),
            roles: Roles::of(&[]),
            teams: Vec::new(),
            temporary: None,
            external: Some(external),
        };
        let (given, family) = parts(new)?;
        let id = self.insert_user(tx, &made, by).map_err(named)?;
        tx.connection().execute(
            "INSERT INTO scim_user (user, external_id, given_name, family_name, active, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![id, external_id, given, family, new.active, self.now().as_micros()],
        )?;
        if !new.active {
            let sql = "UPDATE user SET state = ?3 WHERE workspace = ?1 AND id = ?2";
            tx.connection().execute(sql, params![self.workspace().as_str(), id, UserState::Suspended.as_str()])?;
        }
        self.people().refresh(tx, self.workspace(), &id)?;
        Ok(id)
    }

    /// Puts a user into the form that `change` gives him; what that was, for the log. `seen` is the version that whoever
    /// changes him saw.
    pub fn change_sent_user(
        &self,
        tx: &mut Tx<'_>,
        id: &str,
        seen: Option<u64>,
        maker: &Maker,
        change: impl FnOnce(scim::User) -> Result<scim::User, scim::ScimError>,
    ) -> Result<&'static str, ProvisionError> {
        let (before, sent) = self.sent_user(tx.connection(), id, seen)?;
        let after = change(as_sent(&before, &sent))?;
        if after.external_id.as_deref() != Some(&sent.external_id) {
            let detail = "`externalId` says who somebody is, and does not change; make another user";
            return Err(scim::ScimError::bad("mutability", detail).into());
        }
        names::check_login(&after.user_name)?;
        let full_name = after.full_name();
        checked(full_name.as_deref(), after.email.as_deref())?;
        let (given, family) = parts(&after)?;
        let folded = names::folded(&after.user_name);
        let taken = "SELECT 1 FROM user WHERE workspace = ?1 AND folded = ?2 AND id <> ?3";
        if tx.connection().prepare_cached(taken)?.exists(params![self.workspace().as_str(), folded, id])? {
            return Err(PeopleError::Taken.into());
        }
        let state = match (after.active, sent.active) {
            (false, _) => UserState::Suspended,
            // Whom an administrator suspended stays so until the administrator, or a new word of the provider, resumes him.
            (true, false) => UserState::Active,
            (true, true) => before.state,
        };
        if state == UserState::Suspended {
            self.refuse_last_owner(tx.connection(), &before, maker)?;
        }
        tx.connection().execute(
            "UPDATE user SET name = ?3, folded = ?4, full_name = ?5, email = ?6, state = ?7, version = version + 1 WHERE workspace = ?1 AND id = ?2",
            params![self.workspace().as_str(), id, after.user_name, folded, full_name, after.email, state.as_str()],
        )?;
        tx.connection().execute(
            "UPDATE scim_user SET given_name = ?2, family_name = ?3, active = ?4, changed_at = ?5 WHERE user = ?1",
            params![id, given, family, after.active, self.now().as_micros()],
        )?;
        if state != before.state {
            self.end_sessions_of(tx, id)?;
        }
        self.people().refresh(tx, self.workspace(), id)?;
        Ok(match (before.is_active(), state) {
            (true, UserState::Suspended) => "user.suspended",
            (false, UserState::Active) => "user.resumed",
            _ => "user.changed",
        })
    }

    /// Removes a user whom SCIM made, and lets him in nowhere any more until it makes him again.
    pub fn remove_sent_user(
        &self,
        tx: &mut Tx<'_>,
        id: &str,
        seen: Option<u64>,
        maker: &Maker,
    ) -> Result<(), ProvisionError> {
        let (before, _) = self.sent_user(tx.connection(), id, seen)?;
        self.refuse_last_owner(tx.connection(), &before, maker)?;
        Ok(self.remove_user(tx, &before, true)?)
    }

    /// Makes a team with members; its id.
    pub fn make_sent_group(&self, tx: &mut Tx<'_>, new: &scim::Group, by: &str) -> Result<String, ProvisionError> {
        let id = self.create_team(tx, &new.display_name, by).map_err(named)?;
        checked_id(new.external_id.as_deref())?;
        tx.connection().execute(
            "INSERT INTO scim_group (team, external_id, version, changed_at) VALUES (?1, ?2, 1, ?3)",
            params![id, new.external_id, self.now().as_micros()],
        )?;
        self.set_members(tx, &id, &BTreeSet::new(), &new.members)?;
        self.people().refresh_teams(tx, self.workspace(), &[])?;
        self.follow_groups(tx, &new.members, by)?;
        Ok(id)
    }

    /// Puts a group into the form that `change` gives it.
    pub fn change_sent_group(
        &self,
        tx: &mut Tx<'_>,
        id: &str,
        seen: Option<u64>,
        by: &str,
        change: impl FnOnce(scim::Group) -> Result<scim::Group, scim::ScimError>,
    ) -> Result<(), ProvisionError> {
        let before = self.sent_group(tx.connection(), id, seen)?;
        let after = change(before.clone())?;
        names::check_team(&after.display_name)?;
        checked_id(after.external_id.as_deref())?;
        let folded = names::folded(&after.display_name);
        let taken = "SELECT 1 FROM team WHERE workspace = ?1 AND folded = ?2 AND id <> ?3";
        if tx.connection().prepare_cached(taken)?.exists(params![self.workspace().as_str(), folded, id])? {
            return Err(PeopleError::Taken.into());
        }
        let rename = "UPDATE team SET name = ?3, folded = ?4 WHERE workspace = ?1 AND id = ?2";
        tx.connection().execute(rename, params![self.workspace().as_str(), id, after.display_name, folded])?;
        tx.connection().execute(
            "UPDATE scim_group SET external_id = ?2, version = version + 1, changed_at = ?3 WHERE team = ?1",
            params![id, after.external_id, self.now().as_micros()],
        )?;
        self.set_members(tx, id, &before.members, &after.members)?;
        self.people().refresh_teams(tx, self.workspace(), &[])?;
        let concerned: BTreeSet<String> = if before.display_name == after.display_name {
            before.members.symmetric_difference(&after.members).cloned().collect()
        } else {
            before.members.union(&after.members).cloned().collect()
        };
        self.follow_groups(tx, &concerned, by)
    }

    /// Removes a group; its members stay, without the roles that it brought.
    pub fn remove_sent_group(
        &self,
        tx: &mut Tx<'_>,
        id: &str,
        seen: Option<u64>,
        by: &str,
    ) -> Result<(), ProvisionError> {
        self.sent_group(tx.connection(), id, seen)?;
        let members = self.remove_team(tx, id)?;
        self.follow_groups(tx, &members.into_iter().collect(), by)
    }

    /// Gives everybody whom SCIM made the roles that his groups bring as the operator says now; how many got others.
    pub fn follow_all_groups(&self, tx: &mut Tx<'_>, by: &str) -> Result<(), ProvisionError> {
        let sent = self.users().into_iter().filter(|user| user.sent.is_some());
        let all = sent.map(|user| user.id.clone()).collect();
        self.follow_groups(tx, &all, by)
    }

    /// Gives users the roles that their groups bring. Sessions with other ones end. Owners are made here, and stay.
    fn follow_groups(&self, tx: &mut Tx<'_>, users: &BTreeSet<String>, by: &str) -> Result<(), ProvisionError> {
        let Some(settings) = self.scim().filter(|settings| !settings.roles.is_empty()) else { return Ok(()) };
        for id in users {
            let Some(user) = people::load(tx.connection(), self.workspace(), Some(id))?.pop() else { continue };
            if user.sent.is_none() || user.roles.has(Role::Owner) {
                continue;
            }
            let roles = brought(tx.connection(), self.workspace(), &settings, &user.id)?;
            if roles == user.roles {
                continue;
            }
            tx.connection().execute(
                "UPDATE user SET roles = ?3, version = version + 1 WHERE workspace = ?1 AND id = ?2",
                params![self.workspace().as_str(), user.id, roles.to_string()],
            )?;
            self.end_sessions_of(tx, &user.id)?;
            self.people().refresh(tx, self.workspace(), &user.id)?;
            let mut event = Event::new(EventType::of("user.changed"), self.workspace().as_str(), self.now());
            event.actor = Some(by.to_owned());
            event.target = Some(format!("user:{}", user.id));
            let shown = |roles: Roles| if roles.is_empty() { "none".to_owned() } else { roles.to_string() };
            event.reason = Some(format!("roles {}, were {}, by groups", shown(roles), shown(user.roles)));
            self.0.log.append_in(tx, self.0.log.prepare(event, &[]))?;
        }
        Ok(())
    }

    /// A user whom SCIM made, as he is in this transaction; nobody else is there for it.
    fn sent_user(
        &self,
        connection: &Connection,
        id: &str,
        seen: Option<u64>,
    ) -> Result<(User, SentUser), ProvisionError> {
        let found = people::load(connection, self.workspace(), Some(id))?.pop();
        let (user, sent) =
            found.and_then(|user| user.sent.clone().map(|sent| (user, sent))).ok_or(PeopleError::NotFound("user"))?;
        if seen.is_some_and(|seen| seen != user.version) {
            return Err(PeopleError::Changed(user.version).into());
        }
        Ok((user, sent))
    }

    fn sent_group(&self, connection: &Connection, id: &str, seen: Option<u64>) -> Result<scim::Group, ProvisionError> {
        let sql = "SELECT name, external_id, version FROM team JOIN scim_group ON scim_group.team = team.id WHERE workspace = ?1 AND id = ?2";
        let found = connection
            .prepare_cached(sql)?
            .query_row(params![self.workspace().as_str(), id], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get::<_, u64>(2)?))
            })
            .optional()?;
        let (display_name, external_id, version) = found.ok_or(PeopleError::NotFound("group"))?;
        if seen.is_some_and(|seen| seen != version) {
            return Err(PeopleError::Changed(version).into());
        }
        let mut statement =
            connection.prepare_cached("SELECT user FROM team_member JOIN scim_user USING (user) WHERE team = ?1")?;
        let members = statement.query_map(params![id], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(scim::Group { display_name, external_id, members })
    }

    fn set_members(
        &self,
        tx: &mut Tx<'_>,
        team: &str,
        before: &BTreeSet<String>,
        after: &BTreeSet<String>,
    ) -> Result<(), ProvisionError> {
        let connection = tx.connection();
        for gone in before.difference(after) {
            connection
                .prepare_cached("DELETE FROM team_member WHERE team = ?1 AND user = ?2")?
                .execute(params![team, gone])?;
        }
        for new in after.difference(before) {
            // Only whom SCIM made is there for it.
            let known =
                "SELECT 1 FROM user JOIN scim_user ON scim_user.user = user.id WHERE workspace = ?1 AND id = ?2";
            if !connection.prepare_cached(known)?.exists(params![self.workspace().as_str(), new])? {
                let detail = "a member is no user that was made by SCIM; members are named by their `id`";
                return Err(scim::ScimError::bad("invalidValue", detail).into());
            }
            connection
                .prepare_cached("INSERT INTO team_member (team, user) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
                .execute(params![team, new])?;
        }
        before.symmetric_difference(after).try_for_each(|id| self.people().refresh(tx, self.workspace(), id))?;
        Ok(())
    }
}

/// A user as SCIM sees him.
pub fn as_sent(user: &User, sent: &SentUser) -> scim::User {
    scim::User {
        user_name: user.name.clone(),
        external_id: Some(sent.external_id.clone()),
        display_name: user.full_name.clone(),
        given_name: sent.given_name.clone(),
        family_name: sent.family_name.clone(),
        email: user.email.clone(),
        active: user.is_active() && sent.active,
    }
}

/// A team as SCIM sees it, with these members.
pub fn group_as_sent(team: &Team, members: BTreeSet<String>) -> scim::Group {
    let external_id = team.sent.as_ref().and_then(|sent| sent.external_id.clone());
    scim::Group { display_name: team.name.clone(), external_id, members }
}

/// What the groups of a user that SCIM made bring together. Owner is none of it, whatever stands in the file.
fn brought(
    connection: &Connection,
    workspace: &Workspace,
    settings: &ScimSettings,
    user: &str,
) -> Result<Roles, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT name FROM team JOIN scim_group ON scim_group.team = team.id JOIN team_member ON team_member.team = team.id
         WHERE team.workspace = ?1 AND team_member.user = ?2",
    )?;
    let groups = statement
        .query_map(params![workspace.as_str(), user], |row| row.get(0))?
        .collect::<Result<Vec<String>, _>>()?;
    let mapped = settings.roles.iter().filter(|(group, _)| groups.iter().any(|name| name.eq_ignore_ascii_case(group)));
    let roles: Vec<Role> = mapped.flat_map(|(_, roles)| roles.iter()).filter(|role| *role != Role::Owner).collect();
    Ok(Roles::of(&roles))
}

/// The provider's own id of a user, which says who he is: without one he would be somebody by his name alone.
fn external_id(user: &scim::User) -> Result<String, scim::ScimError> {
    let id = user.external_id.clone();
    let id =
        id.ok_or_else(|| scim::ScimError::bad("invalidValue", "a user needs `externalId`, which says who he is"))?;
    checked_id(Some(&id)).map(|()| id)
}

fn checked_id(id: Option<&str>) -> Result<(), scim::ScimError> {
    let fits = |id: &str| id.len() <= NAME_BYTES_MAX && picket_stdx::escape::terminal(id) == id;
    if id.is_none_or(fits) {
        return Ok(());
    }
    let detail = "`externalId` has at most 256 bytes, without control or invisible characters";
    Err(scim::ScimError::bad("invalidValue", detail))
}

/// First and last name, if they can be shown.
fn parts(user: &scim::User) -> Result<(Option<String>, Option<String>), ProvisionError> {
    for part in [&user.given_name, &user.family_name].into_iter().flatten() {
        names::check_full(part)?;
    }
    Ok((user.given_name.clone(), user.family_name.clone()))
}

/// A name that cannot be used is a value that cannot.
fn named(error: PeopleError) -> ProvisionError {
    match error {
        PeopleError::Name(error) => error.into(),
        other => other.into(),
    }
}
