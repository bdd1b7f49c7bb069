//! Callers who show a token of an identity provider instead of a gateway key.
//!
//! What a token says costs a signature once, and a hash from then on, until it ends, its key goes, or the one whom it is
//! about does. Everything that can be told without a key is asked first, and whoever makes tokens up makes nobody ask the
//! provider more often than every [`keys::AGAIN`]. Whom it is about says the pair of issuer and subject; names are what
//! policies and people read.

mod keys;
mod known;

use crate::jwt::keys::Keys;
use crate::jwt::known::Known;
use picket_egress::EgressError;
use picket_jwt::{Claims, Expected, Purpose, Refused, Shown};
use picket_stdx::limits::NAME_BYTES_MAX;
use picket_stdx::{Clock, Timestamp, escape};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use keys::JwtCounts;
pub use picket_jwt::Algorithm;

/// The longest token that is looked at.
const TOKEN_BYTES_MAX: usize = 8 * 1024;
/// What a token may say that it is: others are for other uses (RFC 8725, 3.11).
const KINDS: [&str; 2] = ["jwt", "at+jwt"];

/// What the operator says of tokens at the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtSettings {
    /// Who issues them, to the letter.
    pub issuer: String,
    /// Whom they are for.
    pub audience: String,
    /// Where the issuer's keys are; where its document says without.
    pub jwks_uri: Option<String>,
    /// Origins beside its own at which its document may say that they are.
    pub origins: Vec<String>,
    /// Certificates of the authority that vouches for it, instead of the public ones.
    pub ca: Option<Vec<u8>>,
    /// How they may be signed.
    pub algorithms: Vec<Algorithm>,
    /// Which claims say what.
    pub claims: JwtClaims,
    /// Models that their callers may ask for, with `*`; empty means all.
    pub models: Vec<String>,
    /// How long its keys count that cannot be had again.
    pub keys_kept: Duration,
}

/// Which claims say what. A claim that is named here has to be there; names may lead inside, with dots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtClaims {
    /// The issuer's own id of whom it is about.
    pub subject: String,
    /// His name; without, `preferred_username` where it is there, and the subject where it is not.
    pub user: Option<String>,
    /// His team.
    pub team: Option<String>,
    /// The application that he uses.
    pub application: Option<String>,
}

impl Default for JwtClaims {
    fn default() -> Self {
        Self { subject: "sub".to_owned(), user: None, team: None, application: None }
    }
}

/// Whom a token is about: the pair, and never a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct JwtSubject {
    /// Who issued it.
    pub issuer: String,
    /// The issuer's own id of him.
    pub subject: String,
}

/// Who somebody is here whom an issuer vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nobody knows him, and nobody else has his name.
    Stranger,
    /// Nobody knows him, and somebody else has his name.
    NameTaken,
    /// A user.
    User {
        /// What he is called here.
        name: String,
        /// His first team.
        team: Option<String>,
    },
    /// He may not come in.
    Barred,
}

/// Who knows people. The gateway runs without.
pub trait People: Send + Sync + fmt::Debug {
    /// Who somebody is at this moment; `name` is what his token calls him. Asked for each request, so it does no I/O.
    fn standing(&self, who: &JwtSubject, name: &str) -> Standing;
    /// The id without meaning that stands for him in events, made durable when he comes for the first time; a cause in a
    /// word when it cannot be. Blocks.
    fn id_of(&self, who: &JwtSubject, name: &str) -> Result<String, &'static str>;
}

/// What a token says that was believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bearer {
    pub(crate) who: JwtSubject,
    /// What his token calls him.
    pub(crate) name: String,
    pub(crate) team: Option<String>,
    pub(crate) application: Option<String>,
    /// From when on it is over.
    pub(crate) ends_at: Timestamp,
    /// The keys that it was believed with.
    pub(crate) keys: u64,
    /// What stands for him in events.
    pub(crate) id: String,
}

/// Why a token does not let anybody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unbelieved {
    /// It is not in order; why is for the operator.
    Refused(Refused),
    /// The issuer's keys cannot be had.
    NoKeys,
    /// He cannot be written down, and why in a word.
    Unrecorded(&'static str),
}

impl From<Refused> for Unbelieved {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

/// The tokens of one issuer. Lives as long as what the operator says of it.
#[derive(Debug)]
pub struct Jwt {
    settings: JwtSettings,
    clock: Clock,
    keys: Keys,
    known: Known,
}

impl Jwt {
    /// An issuer of the operator's file.
    pub fn new(settings: JwtSettings, clock: &Clock) -> Result<Self, EgressError> {
        keys::check(&settings)?;
        Ok(Self { settings, clock: clock.clone(), keys: Keys::default(), known: Known::default() })
    }

    /// Whether both are the same issuer, believed in the same way: what is known of one holds for the other.
    pub fn is_same(&self, other: &Self) -> bool {
        self.settings == other.settings
    }

    /// How its keys have been doing.
    pub fn counts(&self) -> JwtCounts {
        self.keys.counts(&self.settings, self.clock.steady())
    }

    pub(crate) fn settings(&self) -> &JwtSettings {
        &self.settings
    }

    /// Whether a credential may be a token of an issuer: three parts, and no key of the gateway.
    pub(crate) fn is_meant(credential: &str) -> bool {
        credential.bytes().filter(|byte| *byte == b'.').count() == 2
    }

    /// What a token says, if it is in order now.
    pub(crate) async fn verify(
        self: &Arc<Self>,
        token: &str,
        people: &Arc<dyn People>,
    ) -> Result<Arc<Bearer>, Unbelieved> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if token.len() > TOKEN_BYTES_MAX || !token.bytes().all(is_plain) {
            return Err(Refused::Malformed.into());
        }
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let now = self.clock.now();
        if let Some(known) = self.known.get(&digest)
            && now < known.ends_at
            && self.keys.are(known.keys, &self.settings, self.clock.steady())
        {
            self.keys.look_after(self);
            return Ok(known);
        }
        let bearer = Box::pin(self.believe(token, now, people)).await?;
        Ok(self.known.put(digest, bearer))
    }

    async fn believe(
        self: &Arc<Self>,
        token: &str,
        now: Timestamp,
        people: &Arc<dyn People>,
    ) -> Result<Bearer, Unbelieved> {
        let expected = Expected {
            issuer: &self.settings.issuer,
            audience: &self.settings.audience,
            purpose: Purpose::Access,
            algorithms: &self.settings.algorithms,
            nonce: None,
            now,
        };
        let shown = || Shown::read(token, &self.settings.algorithms);
        let first = shown()?;
        if first.kind().is_some_and(|kind| !KINDS.contains(&kind.as_str())) {
            return Err(Refused::Malformed.into());
        }
        first.precheck(&expected)?;
        let (set, mut generation) = self.keys.usable(self).await.ok_or(Unbelieved::NoKeys)?;
        let claims = match first.verify(&set, &expected) {
            Err(Refused::UnknownKey) => {
                let (set, newer) = self.keys.newer(self).await.ok_or(Unbelieved::NoKeys)?;
                generation = newer;
                shown()?.verify(&set, &expected)?
            }
            other => other?,
        };
        let mut bearer = self.read(&claims, generation)?;
        let (people, who, name) = (Arc::clone(people), bearer.who.clone(), bearer.name.clone());
        let id = tokio::task::spawn_blocking(move || people.id_of(&who, &name)).await;
        bearer.id = id.unwrap_or(Err("stopping")).map_err(Unbelieved::Unrecorded)?;
        Ok(bearer)
    }

    /// Takes out of claims what the operator named. What he named and is not there, or is no name, lets nobody in: whoever
    /// has no team would be judged as if the rules for teams were not meant for him.
    fn read(&self, claims: &Claims, keys: u64) -> Result<Bearer, Refused> {
        let named = &self.settings.claims;
        let needed = |name: &Option<String>| name.as_deref().map(|name| text(claims, name)).transpose();
        let subject = text(claims, &named.subject)?;
        let name = match &named.user {
            Some(user) => text(claims, user)?,
            None if claims.value("preferred_username").is_some() => text(claims, "preferred_username")?,
            None => subject.clone(),
        };
        let who = JwtSubject { issuer: self.settings.issuer.clone(), subject };
        let (team, application) = (needed(&named.team)?, needed(&named.application)?);
        Ok(Bearer { who, name, team, application, ends_at: claims.ends_at(), keys, id: String::new() })
    }
}

/// A claim that is a name, or the first of a list of names.
fn text(claims: &Claims, name: &str) -> Result<String, Refused> {
    let found = match claims.value(name) {
        Some(Value::Array(items)) => items.first(),
        found => found,
    };
    let is_name = |text: &&str| {
        let is_clean = escape::terminal(text) == *text && text.trim() == *text;
        !text.is_empty() && text.len() <= NAME_BYTES_MAX && is_clean
    };
    found.and_then(Value::as_str).filter(is_name).map(str::to_owned).ok_or(Refused::Subject)
}

#[cfg(test)]
mod tests;
