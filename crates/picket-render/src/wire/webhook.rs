//! Signatures of Standard Webhooks 1.0.0: `v1` (HMAC-SHA-256) and `v1a` (Ed25519) over `id.timestamp.body`.

use super::WireError;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

/// Fewest and most bytes of a symmetric secret.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// What a message is signed with.
pub struct Secret(Key);

enum Key {
    Symmetric(Zeroizing<Vec<u8>>),
    Signing(Box<SigningKey>),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Key::Symmetric(_) => "Secret(v1)",
            Key::Signing(_) => "Secret(v1a)",
        })
    }
}

impl Secret {
    /// Reads `whsec_` and base64 of 24 to 64 bytes, or `whsk_` and base64 of an Ed25519 key: its seed, with or without
    /// the public half behind it.
    pub fn parse(text: &str) -> Result<Self, WireError> {
        const REMEDY: &str =
            "give `whsec_` and base64 of 24 to 64 random bytes, or `whsk_` and base64 of an Ed25519 key";
        let refused = || WireError::Value { what: "secret of webhooks", remedy: REMEDY };
        let decode = |text: &str| {
            let bytes = STANDARD.decode(text).or_else(|_padded| STANDARD_NO_PAD.decode(text));
            bytes.map(Zeroizing::new).map_err(|_bad| refused())
        };
        if let Some(text) = text.strip_prefix("whsec_") {
            let bytes = decode(text)?;
            return if SECRET_BYTES.contains(&bytes.len()) { Ok(Self(Key::Symmetric(bytes))) } else { Err(refused()) };
        }
        let bytes = decode(text.strip_prefix("whsk_").ok_or_else(refused)?)?;
        let (seed, public) = bytes.split_first_chunk::<32>().ok_or_else(refused)?;
        let key = SigningKey::from_bytes(seed);
        let matches = public.is_empty() || public == key.verifying_key().as_bytes();
        if matches { Ok(Self(Key::Signing(Box::new(key)))) } else { Err(refused()) }
    }

    /// The `whpk_` by which a receiver verifies, for an asymmetric secret.
    pub fn public(&self) -> Option<String> {
        match &self.0 {
            Key::Symmetric(_) => None,
            Key::Signing(key) => Some(format!("whpk_{}", STANDARD.encode(key.verifying_key().as_bytes()))),
        }
    }

    fn sign(&self, message: &[&[u8]]) -> String {
        match &self.0 {
            Key::Symmetric(key) => {
                // HMAC takes keys of every length.
                let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
                message.iter().for_each(|part| mac.update(part));
                format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
            }
            // Ed25519 reads the message twice, so it has to stand in one piece.
            Key::Signing(key) => format!("v1a,{}", STANDARD.encode(key.sign(&message.concat()).to_bytes())),
        }
    }
}

/// The value of `webhook-signature`: one signature for each secret, two while a secret is rotated. `id` is the same in
/// every attempt, `timestamp` (seconds) is that of the attempt, `body` the exact bytes that are sent.
pub fn signature(id: &str, timestamp: i64, body: &[u8], secrets: &[Secret]) -> Result<String, WireError> {
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.') {
        return Err(WireError::Value { what: "webhook-id", remedy: "give printable ASCII without spaces and dots" });
    }
    if secrets.is_empty() {
        return Err(WireError::Value { what: "list of secrets", remedy: "give at least one" });
    }
    let mut digits = itoa::Buffer::new();
    let message = [id.as_bytes(), b".", digits.format(timestamp).as_bytes(), b".", body];
    let signatures: Vec<String> = secrets.iter().map(|secret| secret.sign(&message)).collect();
    Ok(signatures.join(" "))
}
