//! The salted commitment to a body: what an entry says of it. A text in entries, 32 bytes in rows.

use picket_stdx::encode;
use sha2::{Digest as _, Sha256};

/// The commitment to a body under a salt.
pub(crate) fn of(salt: &[u8], body: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"evidence-body/v1\n");
    hash.update(salt);
    hash.update(body);
    hash.finalize().into()
}

/// As it stands in an entry.
pub(crate) fn text(commitment: &[u8]) -> String {
    format!("sha256s:{}", encode::hex(commitment))
}
