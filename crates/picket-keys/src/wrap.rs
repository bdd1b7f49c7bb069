//! One key encrypted under another: AES-256-GCM with a random nonce, bound to purpose and generation.

use crate::{Key, RootKey};
use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use picket_stdx::random;

const NONCE_BYTES: usize = 12;
/// Nonce, 32 bytes of key, tag.
pub(crate) const WRAPPED_BYTES: usize = NONCE_BYTES + 32 + 16;

pub(crate) fn seal(root: &RootKey, purpose: &str, generation: u32, key: &Key) -> Vec<u8> {
    let nonce: [u8; NONCE_BYTES] = random::bytes();
    let aad = context(purpose, generation);
    let cipher = Aes256Gcm::new(root.key().bytes().into());
    let sealed = cipher.encrypt(&nonce.into(), Payload { msg: key.bytes(), aad: &aad }).unwrap_or_default();
    [nonce.as_slice(), &sealed].concat()
}

pub(crate) fn open(root: &RootKey, purpose: &str, generation: u32, wrapped: &[u8]) -> Option<Key> {
    let (nonce, sealed) = wrapped.split_first_chunk::<NONCE_BYTES>()?;
    let aad = context(purpose, generation);
    let cipher = Aes256Gcm::new(root.key().bytes().into());
    let bytes = cipher.decrypt(nonce.into(), Payload { msg: sealed, aad: &aad }).ok()?;
    Some(Key::new(bytes.try_into().ok()?))
}

fn context(purpose: &str, generation: u32) -> Vec<u8> {
    [b"picket/wrapped-key/v1\0", purpose.as_bytes(), b"\0", &generation.to_be_bytes()].concat()
}
