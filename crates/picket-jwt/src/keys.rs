//! The keys of a provider (RFC 7517), each for one algorithm.

use crate::{Refused, decoded};
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde_json::{Map, Value};
use std::fmt;

/// Keys of one provider; it has two while it changes them, and some more for other uses.
const KEYS_MAX: usize = 64;

/// How a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSA, PKCS #1 v1.5, SHA-256.
    Rs256,
    /// ECDSA on P-256, SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: &[Self] = &[Self::Rs256, Self::Es256, Self::EdDsa];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of a name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|algorithm| algorithm.as_str() == name).copied()
    }
}

/// A text is no set of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// It is none.
    #[error("this is no set of keys: expected {{\"keys\": [..]}}")]
    Malformed,
    /// It has none that can be used.
    #[error("no key of the set signs with RS256, ES256 or EdDSA")]
    Useless,
    /// It has too many.
    #[error("the set has more than {KEYS_MAX} keys")]
    TooMany,
}

/// The keys of a provider that sign.
#[derive(Debug, Clone)]
pub struct KeySet(Vec<Key>);

#[derive(Clone)]
struct Key {
    id: Option<String>,
    material: Material,
}

#[derive(Clone)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?}, {})", self.id, self.material.algorithm().as_str())
    }
}

impl Material {
    const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa { .. } => Algorithm::Rs256,
            Self::P256(_) => Algorithm::Es256,
            Self::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    fn read(key: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| key.get(name).and_then(Value::as_str);
        let bytes = |name: &str| decoded(text(name)?).ok();
        match (text("kty")?, text("crv")) {
            ("RSA", None) => Some(Self::Rsa { n: bytes("n")?, e: bytes("e")? }),
            ("EC", Some("P-256")) => {
                let (x, y) = (bytes("x")?, bytes("y")?);
                (x.len() == 32 && y.len() == 32).then(|| Self::P256([&[4_u8][..], &x, &y].concat()))
            }
            ("OKP", Some("Ed25519")) => bytes("x").filter(|x| x.len() == 32).map(Self::Ed25519),
            _ => None,
        }
    }

    fn verify(&self, signed: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&signature::RSA_PKCS1_2048_8192_SHA256, signed, signature)
                .is_ok(),
            Self::P256(point) => {
                UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point).verify(signed, signature).is_ok()
            }
            Self::Ed25519(point) => {
                UnparsedPublicKey::new(&signature::ED25519, point).verify(signed, signature).is_ok()
            }
        }
    }
}

impl KeySet {
    /// Reads a set. Keys for other uses, and of kinds that are not known here, are passed over.
    pub fn parse(text: &[u8]) -> Result<Self, KeySetError> {
        let set: Value = serde_json::from_slice(text).map_err(|_error| KeySetError::Malformed)?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or(KeySetError::Malformed)?;
        if keys.len() > KEYS_MAX {
            return Err(KeySetError::TooMany);
        }
        let keys: Vec<Key> = keys.iter().filter_map(|key| read(key.as_object()?)).collect();
        if keys.is_empty() { Err(KeySetError::Useless) } else { Ok(Self(keys)) }
    }

    /// Checks a signature with the key that is meant; without a name, with the only one there is for the algorithm.
    pub(crate) fn verify(
        &self,
        algorithm: Algorithm,
        meant: Option<&str>,
        signed: &[u8],
        signature: &[u8],
    ) -> Result<(), Refused> {
        let fits = |key: &&Key| {
            key.material.algorithm() == algorithm && meant.is_none_or(|meant| key.id.as_deref() == Some(meant))
        };
        let mut fitting = self.0.iter().filter(fits);
        let key = fitting.next().ok_or(Refused::UnknownKey)?;
        if fitting.next().is_some() {
            return Err(Refused::UnknownKey);
        }
        if key.material.verify(signed, signature) { Ok(()) } else { Err(Refused::Signature) }
    }
}

fn read(key: &Map<String, Value>) -> Option<Key> {
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    if text("use").is_some_and(|usage| usage != "sig") {
        return None;
    }
    let may = |operations: &Vec<Value>| operations.iter().any(|operation| operation.as_str() == Some("verify"));
    if key.get("key_ops").is_some_and(|operations| !operations.as_array().is_some_and(may)) {
        return None;
    }
    let material = Material::read(key)?;
    if text("alg").is_some_and(|named| named != material.algorithm().as_str()) {
        return None;
    }
    Some(Key { id: text("kid").map(str::to_owned), material })
}
