//! Small secrets in rows: AES-256-GCM with a random nonce, bound to what the secret is for and to whose it is.

use crate::Key;
use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use picket_stdx::random;
use zeroize::Zeroizing;

const NONCE_BYTES: usize = 12;

/// Encrypts secrets of one kind.
#[derive(Debug, Clone)]
pub struct Sealer {
    key: Key,
    label: &'static str,
}

impl Sealer {
    pub(crate) fn new(key: Key, label: &'static str) -> Self {
        Self { key, label }
    }

    /// Encrypts a secret; `owner` is whose it is, and must be given again to open it.
    pub fn seal(&self, owner: &[u8], secret: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_BYTES] = random::bytes();
        let aad = self.context(owner);
        let sealed = self.cipher().encrypt(&nonce.into(), Payload { msg: secret, aad: &aad }).unwrap_or_default();
        [nonce.as_slice(), &sealed].concat()
    }

    /// The secret, if it is of this kind and of this owner, and nothing of it was changed.
    pub fn open(&self, owner: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let aad = self.context(owner);
        self.cipher().decrypt(nonce.into(), Payload { msg: sealed, aad: &aad }).ok().map(Zeroizing::new)
    }

    fn cipher(&self) -> Aes256Gcm {
        Aes256Gcm::new(self.key.bytes().into())
    }

    fn context(&self, owner: &[u8]) -> Vec<u8> {
        [b"picket/sealed/v1\0", self.label.as_bytes(), b"\0", owner].concat()
    }
}

/// The keys of one label, oldest first: what is new is sealed with the newest, what is there opens with the one that it was
/// sealed with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Sealers {
    newest: Sealer,
    older: Vec<Sealer>,
}

impl Sealers {
    pub(crate) fn new(newest: Sealer, older: Vec<Sealer>) -> Self {
        Self { newest, older }
    }

    /// The version of the key that seals what is new: 0, 1, and so on.
    pub fn version(&self) -> u32 {
        u32::try_from(self.older.len()).unwrap_or(u32::MAX)
    }

    /// Encrypts a secret with the newest key; `owner` is whose it is, and must be given again to open it.
    pub fn seal(&self, owner: &[u8], secret: &[u8]) -> Vec<u8> {
        self.newest.seal(owner, secret)
    }

    /// The secret, if it was sealed with the key of that version, is of this owner, and nothing of it was changed.
    pub fn open(&self, version: u32, owner: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let at = usize::try_from(version).ok()?;
        let sealer = if version == self.version() { &self.newest } else { self.older.get(at)? };
        sealer.open(owner, sealed)
    }
}
