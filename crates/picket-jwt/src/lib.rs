//! Signed tokens of identity providers: JWS in its compact form (RFC 7515) with claims (RFC 7519), as OpenID Connect uses
//! them.
//!
//! What a token says of itself decides nothing but which of the known keys is tried: the algorithms are pinned by whoever
//! asks, keys come from the provider's own set, and a key serves one algorithm. **Invariant:** claims come out only of a
//! token whose signature, issuer, audience and time were all checked.

mod claims;
mod keys;

pub use claims::{Claims, Expected};
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

/// The claims of a token, if everything about it is as expected.
pub fn verify(token: &str, keys: &KeySet, expected: &Expected<'_>) -> Result<Claims, Refused> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(Refused::Malformed);
    }
    let (signed, signature) = token.rsplit_once('.').ok_or(Refused::Malformed)?;
    let (head, body) = signed.split_once('.').filter(|(_, body)| !body.contains('.')).ok_or(Refused::Malformed)?;
    let head = object(head)?;
    let algorithm = head.get("alg").and_then(Value::as_str).and_then(Algorithm::of);
    let algorithm = algorithm.filter(|algorithm| expected.algorithms.contains(algorithm)).ok_or(Refused::Algorithm)?;
    if head.contains_key("crit") {
        return Err(Refused::Critical);
    }
    let signature = decoded(signature)?;
    let meant = match head.get("kid") {
        None => None,
        Some(Value::String(kid)) => Some(kid.as_str()),
        Some(_) => return Err(Refused::Malformed),
    };
    keys.verify(algorithm, meant, signed.as_bytes(), &signature)?;
    Claims::checked(object(body)?, expected)
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
