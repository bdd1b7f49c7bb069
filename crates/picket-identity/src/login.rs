//! Signing in with a password, and what else a password is good for.

use crate::passwords::{self, PasswordError};
use crate::rules::Method;
use crate::{Busy, Identity, Limited, Origin, PeopleError, Session, SessionToken, SsoOnly, User, names, totp};
use picket_db::{Lane, Tx, WriteError};
use picket_log::AppendError;
use rusqlite::{OptionalExtension as _, params};
use std::sync::Arc;

/// What somebody shows.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// Name.
    pub name: &'a str,
    /// Password.
    pub password: &'a str,
    /// Code of the second factor, or a recovery code.
    pub code: Option<&'a str>,
}

impl std::fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shown").field("has_code", &self.code.is_some()).finish_non_exhaustive()
    }
}

/// Somebody who came in.
#[derive(Debug)]
pub struct SignedIn {
    /// What he shows from now on.
    pub token: SessionToken,
    /// Id of the session.
    pub session: String,
    /// Who he is.
    pub user: Arc<User>,
}

/// Somebody does not come in, or what he wanted was not done.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// Passwords are switched off.
    #[error(transparent)]
    Sso(#[from] SsoOnly),
    /// Too often.
    #[error(transparent)]
    Limited(#[from] Limited),
    /// Too many at a time.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// Something of it is wrong. Which part, nobody hears.
    #[error("name, password or code is wrong")]
    Refused,
    /// The password is right, and a code is needed.
    #[error("the code of the second factor is needed too")]
    CodeNeeded,
    /// The password is right, and somebody else chose it.
    #[error("this password was chosen by somebody else; set one of your own first")]
    Temporary,
    /// The new password is no good one.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// There is a second factor already, or none where there should be.
    #[error("{0}")]
    Factor(&'static str),
    /// It was not recorded, so it was not done.
    #[error("nothing was done, because it cannot be recorded now")]
    NotRecorded(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The log refused.
    #[error("the act could not be recorded")]
    Log(#[from] AppendError),
    /// Users refused.
    #[error(transparent)]
    People(#[from] PeopleError),
    /// The database refused.
    #[error("the database refused")]
    Database(#[from] rusqlite::Error),
}

/// What a second factor showed, to be used up in the transaction that it leads to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Factor {
    /// A code of this step.
    Code(i64),
    /// A recovery code.
    Recovery([u8; 32]),
}

/// Somebody who showed who he is.
#[derive(Debug)]
struct Proven {
    user: Arc<User>,
    factor: Option<Factor>,
}

impl Identity {
    /// Lets somebody in. Blocks for a tenth of a second, and for a place.
    pub fn login(&self, shown: Shown<'_>, origin: &Origin) -> Result<SignedIn, LoginError> {
        let proven = self.prove(shown, origin)?;
        if proven.user.password_until.is_some() {
            return Err(LoginError::Temporary);
        }
        let hash = proven.user.password.as_deref().filter(|hash| self.hasher().is_outgrown(hash));
        let grown = hash.map(|_hash| self.hasher().hash(shown.password)).transpose()?;
        let (identity, origin, name) = (self.clone(), origin.clone(), names::folded(shown.name));
        let id = proven.user.id.clone();
        let signed_in = self.transact("identity.login", move |tx| {
            let is_strong = identity.settle(tx, &proven)?;
            let user = proven.user;
            if let Some(grown) = grown {
                let sql = "UPDATE user SET password = ?3 WHERE workspace = ?1 AND id = ?2";
                tx.connection().execute(sql, params![identity.workspace().as_str(), user.id, grown])?;
            }
            let (token, session) = identity.enter(tx, &user, (Method::Password, is_strong), &origin)?;
            Ok(SignedIn { token, session, user })
        });
        let signed_in = signed_in.inspect_err(|error| {
            // A code that was used before.
            if matches!(error, LoginError::Refused) {
                self.failures().add(Some(&id), self.now());
            }
        })?;
        self.attempts().give_back(&name);
        Ok(signed_in)
    }

    /// Makes a session of somebody who showed who he is, and writes it down.
    pub(crate) fn enter(
        &self,
        tx: &mut Tx<'_>,
        user: &User,
        how: (Method, bool),
        origin: &Origin,
    ) -> Result<(SessionToken, String), LoginError> {
        let (token, session) = self.mint(tx, &user.id, how, origin)?;
        let sql = "UPDATE user SET last_login_at = ?3 WHERE workspace = ?1 AND id = ?2";
        tx.connection().execute(sql, params![self.workspace().as_str(), user.id, self.now().as_micros()])?;
        self.people().refresh(tx, self.workspace(), &user.id)?;
        self.record(tx, "auth.login", &user.id, format!("session:{session}"), origin)?;
        Ok((token, session))
    }

    /// Shows anew who somebody is whose session it is: for a while he may do what needs that. The session gets another text.
    pub fn confirm(
        &self,
        session: &Arc<Session>,
        user: &User,
        (password, code): (&str, Option<&str>),
        origin: &Origin,
    ) -> Result<SessionToken, LoginError> {
        let proven = self.prove(Shown { name: &user.name, password, code }, origin)?;
        if proven.user.id != session.user {
            return Err(LoginError::Refused);
        }
        let (identity, origin, session, name) =
            (self.clone(), origin.clone(), Arc::clone(session), names::folded(&user.name));
        let token = self.transact("identity.confirm", move |tx| {
            let is_strong = identity.settle(tx, &proven)? || session.is_strong;
            let token = identity.rotate(tx, &session, is_strong)?.ok_or(LoginError::Refused)?;
            identity.record(tx, "auth.confirmed", &session.user, format!("session:{}", session.id), &origin)?;
            Ok(token)
        })?;
        self.attempts().give_back(&name);
        Ok(token)
    }

    /// Sets a new password of somebody who shows the old one, and ends his sessions.
    pub fn change_password(&self, shown: Shown<'_>, new: &str, origin: &Origin) -> Result<Arc<User>, LoginError> {
        self.allow(Method::Password)?;
        passwords::check(new, shown.name)?;
        if passwords::normal(new) == passwords::normal(shown.password) {
            return Err(LoginError::Factor("the new password is the old one"));
        }
        let proven = self.prove(shown, origin)?;
        let hash = self.hasher().hash(new)?;
        let (identity, origin, name) = (self.clone(), origin.clone(), names::folded(shown.name));
        let user = self.transact("identity.change_password", move |tx| {
            identity.settle(tx, &proven)?;
            let id = proven.user.id.clone();
            identity.set_password(tx, &id, &hash, None)?;
            identity.record(tx, "user.password_changed", &id, format!("user:{id}"), &origin)?;
            Ok(proven.user)
        })?;
        self.attempts().give_back(&name);
        Ok(user)
    }

    /// Who shows this. Everything that is wrong with it takes as long and says the same, but for a missing code, which only
    /// who knows the password hears of.
    fn prove(&self, shown: Shown<'_>, origin: &Origin) -> Result<Proven, LoginError> {
        self.allow(Method::Password)?;
        let is_name = names::check_login(shown.name).is_ok() && shown.password.len() <= passwords::BYTES_MAX;
        let name = if is_name { names::folded(shown.name) } else { String::new() };
        self.attempts().take(&name, origin.address)?;
        let (now, found) = (self.now(), if is_name { self.people().named(&name) } else { None });
        let password = if is_name { shown.password } else { "" };
        let is_right = self.hasher().verify(password, found.as_ref().and_then(|user| user.password.as_deref()))?;
        let refuse = |user: Option<&Arc<User>>| {
            self.failures().add(user.map(|user| user.id.as_str()), now);
            LoginError::Refused
        };
        let may = |user: &&Arc<User>| is_right && user.is_active() && user.password_until.is_none_or(|end| now < end);
        let Some(user) = found.as_ref().filter(may) else { return Err(refuse(found.as_ref())) };
        if !user.has_totp {
            return Ok(Proven { user: Arc::clone(user), factor: None });
        }
        let Some(code) = shown.code.filter(|code| !code.is_empty()) else {
            // The same person comes again at once.
            self.attempts().give_back(&name);
            return Err(LoginError::CodeNeeded);
        };
        let factor = self.factor(user, code)?.ok_or_else(|| refuse(Some(user)))?;
        Ok(Proven { user: Arc::clone(user), factor: Some(factor) })
    }

    /// What a code is, if it is one of the user's.
    fn factor(&self, user: &User, code: &str) -> Result<Option<Factor>, LoginError> {
        let secret = self.totp_secret(&user.id, "totp")?;
        if let Some(step) = secret.and_then(|secret| totp::matching(&secret, code, self.now())) {
            return Ok(Some(Factor::Code(step)));
        }
        let digest = self.recovery_digest(&user.id, code);
        let known = self.0.db.read(|connection| {
            let sql = "SELECT 1 FROM recovery_code WHERE user = ?1 AND digest = ?2";
            connection.query_row(sql, params![user.id, digest], |_row| Ok(())).optional()
        });
        let known = known.map_err(|error| LoginError::NotRecorded(Box::new(error)))?;
        Ok(known.map(|()| Factor::Recovery(digest)))
    }

    /// What was shown holds in this transaction too, and its code is used up; whether there was a second factor.
    fn settle(&self, tx: &mut Tx<'_>, proven: &Proven) -> Result<bool, LoginError> {
        let user = &proven.user;
        let same = tx.connection().query_row(
            "SELECT password IS ?3 AND state = 'active' AND (totp IS NOT NULL) = ?4 FROM user WHERE workspace = ?1 AND id = ?2",
            params![self.workspace().as_str(), user.id, user.password, user.has_totp],
            |row| row.get(0),
        );
        if !same.optional()?.unwrap_or(false) {
            return Err(LoginError::Refused);
        }
        let used = match proven.factor {
            None => return Ok(false),
            Some(Factor::Code(step)) => self.use_step(tx, &user.id, step)?,
            Some(Factor::Recovery(digest)) => self.use_recovery_code(tx, &user.id, &digest)?,
        };
        if used { Ok(true) } else { Err(LoginError::Refused) }
    }

    /// Runs an act on somebody's own account; blocks until it is durable, or not done.
    pub(crate) fn transact<T: Send + 'static>(
        &self,
        name: &'static str,
        act: impl FnOnce(&mut Tx<'_>) -> Result<T, LoginError> + Send + 'static,
    ) -> Result<T, LoginError> {
        self.0.db.write(Lane::Admin, name, act).wait().map_err(|error| match error {
            WriteError::Job(error) => error,
            other => LoginError::NotRecorded(other.to_string().into()),
        })
    }
}
