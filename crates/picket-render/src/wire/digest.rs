//! The digest of a delivery: SHA-256 over workspace, event and body.
//!
//! It shows that a body is the one that was sent for this event, and serves as a key against duplicates. It has no key of
//! its own, so it does **not** show who sent it: the signature of [`super::webhook`] does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use picket_stdx::encode::hex;
use sha2::{Digest as _, Sha256};

/// Lower-case hex of SHA-256 over `workspace_id:event_id:body`.
pub fn digest(workspace_id: &str, event_id: &str, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    for part in [workspace_id.as_bytes(), b":", event_id.as_bytes(), b":", body] {
        hash.update(part);
    }
    hex(&hash.finalize())
}

/// The value of `Content-Digest` (RFC 9530).
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)))
}
