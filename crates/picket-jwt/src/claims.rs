//! What a token says, once it is believed.

use crate::{Algorithm, Refused};
use picket_stdx::Timestamp;
use serde_json::{Map, Value};
use std::time::Duration;

/// How far clocks may differ.
const LEEWAY: Duration = Duration::from_secs(60);
/// The longest subject (OpenID Connect Core, 2).
const SUBJECT_BYTES_MAX: usize = 255;

/// What a token is shown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To say who signed in, to the client that asked: it is the party that the token was made for.
    SignIn,
    /// To be let in: a client of its own asked for it, and this is one of those that it may be shown to.
    Access,
}

/// What a token has to be like.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Who issued it, to the letter.
    pub issuer: &'a str,
    /// Whom it is for.
    pub audience: &'a str,
    /// What it is shown for.
    pub purpose: Purpose,
    /// How it may be signed.
    pub algorithms: &'a [Algorithm],
    /// What it answers; `None` where it answers nothing.
    pub nonce: Option<&'a str>,
    /// The present time.
    pub now: Timestamp,
}

/// The claims of a token that was checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    subject: String,
    all: Map<String, Value>,
}

impl Claims {
    pub(crate) fn checked(all: Map<String, Value>, expected: &Expected<'_>) -> Result<Self, Refused> {
        check(&all, expected)?;
        let subject = all.get("sub").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Self { subject, all })
    }

    /// From when on it is over, clocks that differ taken in.
    pub fn ends_at(&self) -> Timestamp {
        // It has an end: that was checked.
        moment(&self.all, "exp").ok().flatten().unwrap_or_default().plus(LEEWAY)
    }

    /// The provider's own id of whom it is about.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// A claim that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.all.get(name).and_then(Value::as_str)
    }

    /// Whether a claim is true.
    pub fn is_true(&self, name: &str) -> bool {
        self.all.get(name) == Some(&Value::Bool(true))
    }

    /// A claim. Its name may lead inside, with dots: `realm_access.roles`.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.all.get(name).or_else(|| {
            let mut parts = name.split('.');
            let first = self.all.get(parts.next()?)?;
            parts.try_fold(first, |inside, part| inside.get(part))
        })
    }

    /// A claim that is a list of texts, or one text.
    pub fn list(&self, name: &str) -> Vec<&str> {
        match self.value(name) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(one)) => vec![one],
            _ => Vec::new(),
        }
    }
}

/// Everything about claims but who signed them.
pub(crate) fn check(all: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), Refused> {
    let text = |name: &str| all.get(name).and_then(Value::as_str);
    if text("iss") != Some(expected.issuer) {
        return Err(Refused::Issuer);
    }
    if !is_for(all, expected.audience, expected.purpose) {
        return Err(Refused::Audience);
    }
    if !is_now(all, expected.now) {
        return Err(Refused::Time);
    }
    if expected.nonce.is_some_and(|nonce| text("nonce") != Some(nonce)) {
        return Err(Refused::Nonce);
    }
    let is_subject = |subject: &&str| !subject.is_empty() && subject.len() <= SUBJECT_BYTES_MAX;
    text("sub").filter(is_subject).map(drop).ok_or(Refused::Subject)
}

/// Whether it is for `audience`; one of a sign-in that is for others too has to say that it was made for this
/// one (Core, 3.1.3.7).
fn is_for(all: &Map<String, Value>, audience: &str, purpose: Purpose) -> bool {
    let (named, several) = match all.get("aud") {
        Some(Value::String(one)) => (one == audience, false),
        Some(Value::Array(many)) => (many.iter().any(|one| one.as_str() == Some(audience)), many.len() > 1),
        _ => (false, false),
    };
    let party = all.get("azp").map(Value::as_str);
    if purpose == Purpose::Access {
        return named;
    }
    named && party.map_or(!several, |party| party == Some(audience))
}

/// Whether it has begun and is not over. Without an end it is refused.
fn is_now(all: &Map<String, Value>, now: Timestamp) -> bool {
    let moment = |name: &str| moment(all, name);
    let (Ok(Some(end)), Ok(begin), Ok(made)) = (moment("exp"), moment("nbf"), moment("iat")) else {
        return false;
    };
    let has_come = |at: Option<Timestamp>| at.is_none_or(|at| at <= now.plus(LEEWAY));
    now < end.plus(LEEWAY) && has_come(begin) && has_come(made)
}

/// A moment among claims, if it is there; `Err` when it cannot be read.
fn moment(all: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, Refused> {
    let Some(value) = all.get(name) else { return Ok(None) };
    let seconds = value.as_i64().or_else(|| value.as_f64().map(whole)).ok_or(Refused::Time)?;
    Ok(Some(Timestamp::from_millis(seconds.saturating_mul(1_000))))
}

#[expect(clippy::cast_possible_truncation, reason = "a conversion of floats saturates")]
fn whole(seconds: f64) -> i64 {
    seconds as i64
}
