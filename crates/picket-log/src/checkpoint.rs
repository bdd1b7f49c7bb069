//! Checkpoints: signed notes of origin, size and root.

use crate::failure::ReadError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use picket_keys::Key;
use signed_note::{Note, StandardSigner, key_id, new_ed25519_verifier_key};
use std::fmt;
use tlog_tiles::checkpoint::Checkpoint;
use tlog_tiles::tlog::Hash;

/// Ed25519 in signed notes.
const ALGORITHM: u8 = 1;

/// Signs the checkpoints of one log.
#[derive(Clone)]
pub(crate) struct LogSigner {
    origin: String,
    signer: StandardSigner,
    vkey: String,
}

impl fmt::Debug for LogSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogSigner({})", self.vkey)
    }
}

impl LogSigner {
    pub(crate) fn new(origin: &str, seed: &Key) -> Result<Self, ReadError> {
        let key = SigningKey::from_bytes(seed.bytes());
        let public = [&[ALGORITHM], key.verifying_key().as_bytes().as_slice()].concat();
        let private = [&[ALGORITHM], seed.bytes().as_slice()].concat();
        let text = format!("PRIVATE+KEY+{origin}+{:08x}+{}", key_id(origin, &public), STANDARD.encode(private));
        let signer = StandardSigner::new(&text).map_err(|error| ReadError::Checkpoint(error.to_string()))?;
        let vkey = new_ed25519_verifier_key(origin, &key.verifying_key());
        Ok(Self { origin: origin.to_owned(), signer, vkey })
    }

    /// The verifier key, in the text form of signed notes.
    pub(crate) fn vkey(&self) -> &str {
        &self.vkey
    }

    /// The signed note of a size and root.
    pub(crate) fn sign(&self, size: u64, root: Hash) -> Result<Vec<u8>, ReadError> {
        let refuse = |cause: String| ReadError::Checkpoint(cause);
        let checkpoint = Checkpoint::new(&self.origin, size, root, "").map_err(|error| refuse(error.to_string()))?;
        let mut note = Note::new(&checkpoint.to_bytes(), &[]).map_err(|error| refuse(error.to_string()))?;
        note.add_sigs(&[&self.signer]).map_err(|error| refuse(error.to_string()))?;
        Ok(note.to_bytes())
    }
}
