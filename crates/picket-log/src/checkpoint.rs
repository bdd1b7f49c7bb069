//! Checkpoints: signed notes of origin, size and root.

use crate::failure::{ProofError, ReadError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, SigningKey, VerifyingKey};
use picket_keys::Key;
use signed_note::{Note, StandardSigner, StandardVerifier, Verifier as _, key_id, new_ed25519_verifier_key};
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

/// What a checkpoint says, after its signature was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedHead {
    /// Origin of the log.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// Root over them.
    pub root: [u8; 32],
}

/// Verifies a checkpoint against a verifier key that the caller trusts.
///
/// The log of the key must have signed it, with a strict Ed25519 signature; signatures of others, such as witnesses,
/// are passed over. The origin must be the key's name.
pub fn verify_checkpoint(note: &[u8], vkey: &str) -> Result<SignedHead, ProofError> {
    let (known, key) = parse_vkey(vkey)?;
    let malformed = || ProofError::Malformed("checkpoint");
    let parsed = Note::from_bytes(note).map_err(|_error| malformed())?;
    if parsed.to_bytes() != note {
        return Err(malformed());
    }
    let checkpoint = Checkpoint::from_bytes(parsed.text()).map_err(|_error| malformed())?;
    let line = signature_line(note, known.name(), known.key_id()).ok_or(ProofError::NotSigned)?;
    let signature = Signature::from_slice(&line).map_err(|_error| ProofError::NotSigned)?;
    // Strict: no key of small order, and one signature for one message.
    key.verify_strict(parsed.text(), &signature).map_err(|_error| ProofError::NotSigned)?;
    if checkpoint.origin() != known.name() {
        return Err(ProofError::Origin);
    }
    Ok(SignedHead { origin: checkpoint.origin().to_owned(), size: checkpoint.size(), root: checkpoint.hash().0 })
}

fn parse_vkey(vkey: &str) -> Result<(StandardVerifier, VerifyingKey), ProofError> {
    let malformed = || ProofError::Malformed("verifier key");
    let known = StandardVerifier::new(vkey).map_err(|_error| malformed())?;
    let encoded = vkey.splitn(3, '+').nth(2).ok_or_else(malformed)?;
    let bytes = STANDARD.decode(encoded).map_err(|_error| malformed())?;
    let bytes = bytes.split_first().and_then(|(_, key)| <[u8; 32]>::try_from(key).ok()).ok_or_else(malformed)?;
    Ok((known, VerifyingKey::from_bytes(&bytes).map_err(|_error| malformed())?))
}

/// The signature of a key in a note, without the key's id.
fn signature_line(note: &[u8], name: &str, id: u32) -> Option<Vec<u8>> {
    let (_, signatures) = std::str::from_utf8(note).ok()?.rsplit_once("\n\n")?;
    let prefix = format!("\u{2014} {name} ");
    let decoded = signatures.lines().filter_map(|line| STANDARD.decode(line.strip_prefix(&prefix)?).ok());
    decoded.into_iter().find_map(|bytes| {
        let (found, signature) = bytes.split_first_chunk::<4>()?;
        (*found == id.to_be_bytes()).then(|| signature.to_vec())
    })
}

#[cfg(test)]
mod tests;
