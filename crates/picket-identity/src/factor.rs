//! The second factor of a user: beginning with it, confirming that his device makes the same codes, and ending it.

use crate::{Identity, LoginError, Origin, Session, SessionToken, User, totp};
use picket_db::Tx;
use rusqlite::{OptionalExtension as _, params};
use std::sync::Arc;
use zeroize::Zeroizing;

/// What a user puts into his authenticator.
#[derive(Debug)]
pub struct Enrolment {
    /// As text.
    pub secret: String,
    /// For a picture.
    pub uri: String,
}

/// How an account stands whose second factor was confirmed.
#[derive(Debug)]
pub struct Enrolled {
    /// Codes for when the device is lost, each good once.
    pub recovery_codes: Vec<String>,
    /// The new text of the session.
    pub token: SessionToken,
}

impl Identity {
    /// Begins: a new secret, of which nothing counts until a code of it was shown.
    pub fn begin_totp(&self, user: &User, origin: &Origin) -> Result<Enrolment, LoginError> {
        let secret = totp::secret();
        let shown = Enrolment { secret: totp::shown(&secret), uri: totp::uri(&secret, &user.name) };
        let sealed = self.0.sealer.seal(user.id.as_bytes(), &secret);
        let (identity, id, origin) = (self.clone(), user.id.clone(), origin.clone());
        self.transact("identity.begin_totp", move |tx| {
            let begun = tx.connection().execute(
                "UPDATE user SET totp_pending = ?3 WHERE workspace = ?1 AND id = ?2 AND totp IS NULL",
                params![identity.workspace().as_str(), id, sealed],
            )?;
            if begun == 0 {
                return Err(LoginError::Factor("there is a second factor already; end it first"));
            }
            identity.record(tx, "user.totp_begun", &id, format!("user:{id}"), &origin)?;
            Ok(())
        })?;
        Ok(shown)
    }

    /// Confirms with a code. From then on every sign-in asks for one; sessions other than this one end.
    pub fn confirm_totp(&self, session: &Arc<Session>, code: &str, origin: &Origin) -> Result<Enrolled, LoginError> {
        let user = session.user.clone();
        self.attempts().take(&format!("totp:{user}"), origin.address)?;
        let secret = self.totp_secret(&user, "totp_pending")?;
        let secret = secret.ok_or(LoginError::Factor("begin with a second factor first"))?;
        let step = totp::matching(&secret, code, self.now()).ok_or(LoginError::Refused)?;
        let (identity, session, origin) = (self.clone(), Arc::clone(session), origin.clone());
        self.transact("identity.confirm_totp", move |tx| {
            let confirmed = tx.connection().execute(
                "UPDATE user SET totp = totp_pending, totp_pending = NULL, totp_step = ?3, version = version + 1
                 WHERE workspace = ?1 AND id = ?2 AND totp IS NULL AND totp_pending IS NOT NULL",
                params![identity.workspace().as_str(), user, step],
            )?;
            if confirmed == 0 {
                return Err(LoginError::Factor("begin with a second factor first"));
            }
            let recovery_codes = identity.new_recovery_codes(tx, &user)?;
            let token = identity.rotate(tx, &session, true)?.ok_or(LoginError::Refused)?;
            identity.end_other_sessions(tx, &user, &session.id)?;
            identity.people().refresh(tx, identity.workspace(), &user)?;
            identity.record(tx, "user.totp_enabled", &user, format!("user:{user}"), &origin)?;
            Ok(Enrolled { recovery_codes, token })
        })
    }

    /// Ends a user's own second factor.
    pub fn end_totp(&self, user: &User, origin: &Origin) -> Result<(), LoginError> {
        let (identity, id, origin) = (self.clone(), user.id.clone(), origin.clone());
        self.transact("identity.end_totp", move |tx| {
            let counted = identity.remove_totp(tx, &id)?.ok_or(LoginError::Factor("there is no second factor"))?;
            // One that was only begun vouched for nobody.
            if counted {
                identity.end_sessions_of(tx, &id)?;
            }
            identity.record(tx, "user.totp_ended", &id, format!("user:{id}"), &origin)?;
            Ok(())
        })
    }

    /// Takes a second factor and its recovery codes away; whether it counted, if there was one.
    pub(crate) fn remove_totp(&self, tx: &mut Tx<'_>, id: &str) -> Result<Option<bool>, rusqlite::Error> {
        let connection = tx.connection();
        let found = connection
            .query_row(
                "SELECT totp IS NOT NULL FROM user
                 WHERE workspace = ?1 AND id = ?2 AND (totp IS NOT NULL OR totp_pending IS NOT NULL)",
                params![self.workspace().as_str(), id],
                |row| row.get(0),
            )
            .optional()?;
        connection.execute(
            "UPDATE user SET totp = NULL, totp_pending = NULL, version = version + 1 WHERE workspace = ?1 AND id = ?2",
            params![self.workspace().as_str(), id],
        )?;
        connection.execute("DELETE FROM recovery_code WHERE user = ?1", params![id])?;
        self.people().refresh(tx, self.workspace(), id)?;
        Ok(found)
    }

    /// Uses a step's code up; false when it, or a later one, was used before.
    pub(crate) fn use_step(&self, tx: &mut Tx<'_>, id: &str, step: i64) -> Result<bool, rusqlite::Error> {
        let used = tx.connection().execute(
            "UPDATE user SET totp_step = ?3 WHERE workspace = ?1 AND id = ?2 AND totp_step < ?3",
            params![self.workspace().as_str(), id, step],
        )?;
        Ok(used > 0)
    }

    /// The secret in a column of a user's row.
    pub(crate) fn totp_secret(&self, id: &str, column: &'static str) -> Result<Option<Zeroizing<Vec<u8>>>, LoginError> {
        let sql = format!("SELECT {column} FROM user WHERE workspace = ?1 AND id = ?2");
        let sealed = self.0.db.read(|connection| {
            connection
                .query_row(&sql, params![self.workspace().as_str(), id], |row| row.get::<_, Option<Vec<u8>>>(0))
                .optional()
        });
        let sealed = sealed.map_err(|error| LoginError::NotRecorded(Box::new(error)))?.flatten();
        Ok(sealed.and_then(|sealed| self.0.sealer.open(id.as_bytes(), &sealed)))
    }
}
