//! Compressed bodies, which may not become much larger than they came.

use bytes::Bytes;
use flate2::read::GzDecoder;
use picket_stdx::limits::{BODY_BYTES_MAX, DECOMPRESSION_RATIO_MAX};
use std::io::Read as _;

/// Why a compressed body is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GunzipError {
    /// It is no gzip, or breaks off.
    #[error("the body is not valid gzip")]
    Malformed,
    /// It is larger than a body may be, or expands too far.
    #[error("the body is too large, or expands too far")]
    TooLarge,
}

/// Decompresses a body, within the limits of bodies.
pub fn gunzip(bytes: &[u8]) -> Result<Bytes, GunzipError> {
    let limit = bytes.len().saturating_mul(DECOMPRESSION_RATIO_MAX).min(BODY_BYTES_MAX);
    let mut plain = Vec::new();
    let cap = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    GzDecoder::new(bytes).take(cap).read_to_end(&mut plain).map_err(|_error| GunzipError::Malformed)?;
    if plain.len() > limit { Err(GunzipError::TooLarge) } else { Ok(plain.into()) }
}
