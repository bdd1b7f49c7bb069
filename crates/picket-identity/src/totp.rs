//! Codes by time (RFC 6238): six digits, SHA-1, a new one each 30 seconds, as every authenticator makes them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use picket_stdx::{Timestamp, encode, random};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Bytes of a secret: as many as the hash has.
const SECRET_BYTES: usize = 20;
const STEP_S: i64 = 30;
const DIGITS: u32 = 6;
/// Steps before and after the present one that are taken: clocks differ, and typing takes time.
const SKEW_STEPS: i64 = 1;

/// A new secret.
pub(crate) fn secret() -> Zeroizing<Vec<u8>> {
    Zeroizing::new(random::bytes::<SECRET_BYTES>().to_vec())
}

/// A secret as people type it into an authenticator.
pub(crate) fn shown(secret: &[u8]) -> String {
    encode::base32(secret).to_ascii_uppercase()
}

/// A secret as an authenticator reads it from a picture.
pub(crate) fn uri(secret: &[u8], name: &str) -> String {
    let name: String = name.bytes().fold(String::new(), |mut safe, byte| {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            safe.push(char::from(byte));
        } else {
            safe.push('%');
            safe.push_str(&encode::hex(&[byte]).to_ascii_uppercase());
        }
        safe
    });
    format!("otpauth://totp/Picket:{name}?secret={}&issuer=Picket", shown(secret))
}

/// The step of a moment.
pub(crate) fn step(at: Timestamp) -> i64 {
    at.as_secs().div_euclid(STEP_S)
}

/// The number behind the code of a step (RFC 4226, 5.3).
fn number(secret: &[u8], step: i64) -> u32 {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret) else { return 0 };
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash.last().copied().unwrap_or(0) & 0x0f);
    let word = hash.get(offset..).and_then(|rest| rest.first_chunk::<4>()).copied().unwrap_or_default();
    u32::from_be_bytes(word) & 0x7fff_ffff
}

/// The code of a step.
pub(crate) fn code(secret: &[u8], step: i64) -> String {
    format!("{:06}", number(secret, step) % 10_u32.pow(DIGITS))
}

/// The step that a code is of, if it is one of about now.
pub(crate) fn matching(secret: &[u8], given: &str, now: Timestamp) -> Option<i64> {
    let given: String = given.chars().filter(|character| *character != ' ').take(16).collect();
    let present = step(now);
    // All are compared, whichever it is.
    (present - SKEW_STEPS..=present + SKEW_STEPS).fold(None, |found, step| {
        let is_it = bool::from(code(secret, step).as_bytes().ct_eq(given.as_bytes()));
        if is_it { Some(step) } else { found }
    })
}

#[cfg(test)]
mod tests;
