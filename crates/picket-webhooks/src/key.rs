//! Keys that webhooks are signed with.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use picket_render::wire::webhook::Secret;
use picket_stdx::random;
use std::fmt;
use std::str::FromStr;
use zeroize::Zeroizing;

/// How a webhook is signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scheme {
    /// HMAC-SHA-256: both sides have the key.
    #[default]
    V1,
    /// Ed25519: the receiver has the public half, and can show nobody that it made a message itself.
    V1a,
}

impl Scheme {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V1a => "v1a",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Scheme {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, &'static str> {
        match word {
            "v1" => Ok(Self::V1),
            "v1a" => Ok(Self::V1a),
            _ => Err("v1 or v1a"),
        }
    }
}

/// A new key, as Standard Webhooks writes it.
pub fn new_key(scheme: Scheme) -> Zeroizing<String> {
    let bytes: Zeroizing<[u8; 32]> = Zeroizing::new(random::bytes());
    Zeroizing::new(match scheme {
        Scheme::V1 => format!("whsec_{}", STANDARD.encode(*bytes)),
        Scheme::V1a => {
            let key = SigningKey::from_bytes(&bytes);
            format!("whsk_{}", STANDARD.encode(Zeroizing::new(key.to_keypair_bytes())))
        }
    })
}

/// The half of a key by which receivers verify, where it has one.
pub fn public_of(key: &str) -> Option<String> {
    Secret::parse(key).ok()?.public()
}
