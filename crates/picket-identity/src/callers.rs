//! Those whom a provider vouches for at the gateway, where most are no users here: who they are, what stands for them in
//! events, and who of them does not come in any more.

use crate::{External, Identity, PeopleError};
use picket_db::{Lane, Ticket, Tx, WriteError};
use picket_event::Workspace;
use picket_stdx::encode::random_base62;
use rusqlite::{Connection, OptionalExtension as _, params};

/// Those that a store remembers. More are a claim that is no id, such as one that differs in each token.
const CALLERS_MAX: i64 = 1_000_000;
/// Those who do not come in any more.
const BARRED_MAX: usize = 200_000;

/// Who somebody is whom a provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallerStanding {
    /// Nobody knows him.
    Stranger,
    /// Nobody knows him, and a user has his name.
    NameTaken,
    /// A user: his name, and that of his first team.
    User(String, Option<String>),
    /// He may not come in.
    Barred,
}

impl Identity {
    /// Who somebody is at this moment whom a provider vouches for under `name`. Asks no disk.
    pub fn caller(&self, external: &External, name: &str) -> CallerStanding {
        if let Some(user) = self.people().external(external) {
            let team = || self.team(user.teams.first()?).map(|team| team.name.clone());
            let may = user.is_active();
            return if may { CallerStanding::User(user.name.clone(), team()) } else { CallerStanding::Barred };
        }
        if self.is_barred(external).is_some() {
            return CallerStanding::Barred;
        }
        if self.people().named(name).is_some() { CallerStanding::NameTaken } else { CallerStanding::Stranger }
    }

    /// The id without meaning that stands for somebody in events; made, and durable, when he comes for the first time. A
    /// cause in a word when it cannot be. Blocks.
    pub fn caller_id(&self, external: &External, name: &str) -> Result<String, &'static str> {
        let (digest, workspace, name) = (self.digest(external), self.workspace().clone(), name.to_owned());
        let known = self.0.db.read(|connection| known(connection, &workspace, &digest));
        if let Some((id, _)) = known.map_err(|_error| "disk")?.filter(|(_, known)| *known == name) {
            return Ok(id);
        }
        let made: Ticket<Option<String>, rusqlite::Error> =
            self.0.db.write(Lane::Gateway, "identity.caller", move |tx| {
                let sql = "SELECT coalesce(max(rowid), 0) FROM caller";
                if tx.connection().query_row(sql, [], |row| row.get::<_, i64>(0))? >= CALLERS_MAX {
                    return Ok(None);
                }
                let sql = "INSERT INTO caller (workspace, digest, id, name) VALUES (?1, ?2, ?3, ?4)
                           ON CONFLICT (workspace, digest) DO UPDATE SET name = excluded.name RETURNING id";
                let new = format!("sub_{}", random_base62(16));
                tx.connection()
                    .query_row(sql, params![workspace.as_str(), digest, new, name], |row| row.get(0))
                    .map(Some)
            });
        made.wait()
            .map_err(|error| match error {
                WriteError::Busy => "queue full",
                WriteError::Closed => "stopping",
                _ => "disk",
            })?
            .ok_or("too many callers")
    }

    /// Forgets what stands for those who are called so, and for a user whom a provider knows: whoever comes again is
    /// somebody else in the log. How many there were.
    pub fn forget_callers(&self, tx: &mut Tx<'_>, name: &str) -> Result<usize, rusqlite::Error> {
        let mut gone = tx.connection().execute(
            "DELETE FROM caller WHERE workspace = ?1 AND name = ?2",
            params![self.workspace().as_str(), name],
        )?;
        let external = self.user_named(name).map(|user| user.external.clone()).unwrap_or_default();
        for external in external {
            gone += tx.connection().execute(
                "DELETE FROM caller WHERE workspace = ?1 AND digest = ?2",
                params![self.workspace().as_str(), self.digest(&external)],
            )?;
        }
        Ok(gone)
    }

    /// Whether somebody does not come in any more, and if so, whether SCIM said it.
    pub(crate) fn is_barred(&self, external: &External) -> Option<bool> {
        self.people().barred(|| self.digest(external))
    }

    /// Lets somebody in no more whom a provider goes on vouching for.
    pub(crate) fn bar(&self, tx: &mut Tx<'_>, external: &External, by_scim: bool) -> Result<(), PeopleError> {
        if self.people().barred_count() >= BARRED_MAX {
            return Err(PeopleError::Full(BARRED_MAX));
        }
        let digest = self.digest(external);
        tx.connection().execute(
            "INSERT INTO barred (workspace, digest, by_scim) VALUES (?1, ?2, ?3)
             ON CONFLICT (workspace, digest) DO UPDATE SET by_scim = excluded.by_scim",
            params![self.workspace().as_str(), digest, by_scim],
        )?;
        self.people().set_barred(tx, digest, Some(by_scim));
        Ok(())
    }

    /// Lets somebody in again.
    pub(crate) fn unbar(&self, tx: &mut Tx<'_>, external: &External) -> Result<(), rusqlite::Error> {
        let digest = self.digest(external);
        let sql = "DELETE FROM barred WHERE workspace = ?1 AND digest = ?2";
        tx.connection().execute(sql, params![self.workspace().as_str(), digest])?;
        self.people().set_barred(tx, digest, None);
        Ok(())
    }

    /// What stands for the pair of issuer and subject where neither shall be read.
    fn digest(&self, External { issuer, subject }: &External) -> [u8; 32] {
        // With the length of the first, so that it cannot be continued in the second.
        self.0.keyring.keyed_hash("caller", format!("{}:{issuer}{subject}", issuer.len()).as_bytes())
    }
}

fn known(
    connection: &Connection,
    workspace: &Workspace,
    digest: &[u8; 32],
) -> Result<Option<(String, String)>, rusqlite::Error> {
    let mut statement =
        connection.prepare_cached("SELECT id, name FROM caller WHERE workspace = ?1 AND digest = ?2")?;
    statement.query_row(params![workspace.as_str(), digest], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}
