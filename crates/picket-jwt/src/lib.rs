//! Signed tokens of identity providers: JWS in its compact form (RFC 7515) with claims (RFC 7519), as OpenID Connect uses
//! them.
//!
//! What a token says of itself decides nothing but which of the known keys is tried: the algorithms are pinned by whoever
//! asks, keys come from the provider's own set, and a key serves one algorithm. **Invariant:** claims come out only of a
//! token whose signature, issuer, audience and time were all checked.

mod claims;
mod keys;

pub use claims::{Claims, Expected, Purpose};
pub use keys::{Algorithm, KeySet, KeySetError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// The longest token that is read.
pub const TOKEN_BYTES_MAX: usize = 16 * 1024;

/// Why a token is not accepted. It is for the operator's eyes: whoever shows the token hears only that it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is no token at all.
    #[error("it is no signed token in compact form")]
    Malformed,
    /// Its algorithm is none of those that were agreed on; `none` never is.
    #[error("its algorithm is not one that was agreed on")]
    Algorithm,
    /// It asks for something that must be understood, and is not.
    #[error("it has critical extensions")]
    Critical,
    /// No known key is meant: the provider may have changed its keys.
    #[error("its key is not in the provider's set")]
    UnknownKey,
    /// The signature is wrong.
    #[error("its signature is wrong")]
    Signature,
    /// Somebody else issued it.
    #[error("its issuer is another one")]
    Issuer,
    /// It is for somebody else.
    #[error("it is for another audience")]
    Audience,
    /// It has no subject, or an unreasonable one.
    #[error("it names no subject")]
    Subject,
    /// It is over, or has not begun.
    #[error("it is not valid now")]
    Time,
    /// It answers another request.
    #[error("its nonce is another one")]
    Nonce,
}

/// A token that was taken apart, and not believed yet: nothing of it is shown but the name of its key and its kind.
#[derive(Debug)]
pub struct Shown<'a> {
    signed: &'a str,
    algorithm: Algorithm,
    key: Option<String>,
    kind: Option<String>,
    signature: Vec<u8>,
    claims: Map<String, Value>,
}

impl<'a> Shown<'a> {
    /// Takes a token apart that is signed with one of `algorithms`, as it says.
    pub fn read(token: &'a str, algorithms: &[Algorithm]) -> Result<Self, Refused> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Refused::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Refused::Malformed)?;
        let (head, body) = signed.split_once('.').filter(|(_, body)| !body.contains('.')).ok_or(Refused::Malformed)?;
        let head = object(head)?;
        let algorithm = head.get("alg").and_then(Value::as_str).and_then(Algorithm::of);
        let algorithm = algorithm.filter(|algorithm| algorithms.contains(algorithm)).ok_or(Refused::Algorithm)?;
        if head.contains_key("crit") {
            return Err(Refused::Critical);
        }
        let text = |name: &str| match head.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Refused::Malformed),
        };
        let (key, kind) = (text("kid")?, text("typ")?);
        Ok(Self { signed, algorithm, key, kind, signature: decoded(signature)?, claims: object(body)? })
    }

    /// What it says that it is, such as `JWT` or `at+jwt`, in lower case and without `application/` (RFC 8725, 3.11).
    pub fn kind(&self) -> Option<String> {
        let kind = self.kind.as_deref()?.to_ascii_lowercase();
        Some(kind.strip_prefix("application/").map(str::to_owned).unwrap_or(kind))
    }

    /// What would be wrong with it whoever signed it: what costs nothing is asked first.
    pub fn precheck(&self, expected: &Expected<'_>) -> Result<(), Refused> {
        claims::check(&self.claims, expected)
    }

    /// Its claims, if its signature is right and everything about it as expected.
    pub fn verify(self, keys: &KeySet, expected: &Expected<'_>) -> Result<Claims, Refused> {
        if !expected.algorithms.contains(&self.algorithm) {
            return Err(Refused::Algorithm);
        }
        keys.verify(self.algorithm, self.key.as_deref(), self.signed.as_bytes(), &self.signature)?;
        Claims::checked(self.claims, expected)
    }
}

/// The claims of a token, if everything about it is as expected.
pub fn verify(token: &str, keys: &KeySet, expected: &Expected<'_>) -> Result<Claims, Refused> {
    Shown::read(token, expected.algorithms)?.verify(keys, expected)
}

fn decoded(part: &str) -> Result<Vec<u8>, Refused> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_error| Refused::Malformed)
}

fn object(part: &str) -> Result<Map<String, Value>, Refused> {
    match serde_json::from_slice(&decoded(part)?) {
        Ok(Value::Object(members)) => Ok(members),
        _ => Err(Refused::Malformed),
    }
}

#[cfg(test)]
mod tests;
