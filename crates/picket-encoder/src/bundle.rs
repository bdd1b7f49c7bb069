//! The file of a model: everything that belongs together, under one digest.
//!
//! ```text
//! picket encoder 1\n
//! SHA-256 of all that follows, 32 bytes
//! bytes of the vocabulary and of the rarity, each 4 bytes, little-endian
//! the vocabulary: a piece a line, UTF-8
//! the rarity: see `Rarity`, UTF-8
//! the network, ONNX
//! ```

use crate::rarity::Rarity;
use sha2::{Digest as _, Sha256};

const MAGIC: &[u8] = b"picket encoder 1\n";
const DIGEST_BYTES: usize = 32;
/// A larger file is not looked at.
const BYTES_MAX: usize = 64 * 1024 * 1024;

/// Why a model cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file is something else, or of another version.
    #[error(
        "encoder model: does not begin with `picket encoder 1`: it is another file or of another version; take the encoder.bin of this release"
    )]
    Magic,
    /// The file ends too early, or is far too large.
    #[error("encoder model: {bytes} bytes cannot be the whole file; copy encoder.bin of this release again")]
    Length {
        /// How many there are.
        bytes: usize,
    },
    /// The digest differs.
    #[error(
        "encoder model: its content does not match its SHA-256: it was damaged or changed; copy encoder.bin of this release again"
    )]
    Checksum,
    /// A part cannot be read although the digest fits.
    #[error(
        "encoder model: its {part} cannot be read: {cause}; it was made by another version, so take the encoder.bin of this release"
    )]
    Part {
        /// vocabulary, rarity or network.
        part: &'static str,
        /// What is wrong with it.
        cause: String,
    },
}

impl LoadError {
    pub(crate) fn part(part: &'static str, cause: impl ToString) -> Self {
        Self::Part { part, cause: cause.to_string() }
    }
}

/// A model's file, taken apart.
#[derive(Debug, Clone, Copy)]
pub struct Bundle<'a> {
    /// A piece a line.
    pub vocabulary: &'a str,
    /// How rare scores are.
    pub rarity: &'a str,
    /// The network.
    pub network: &'a [u8],
}

impl<'a> Bundle<'a> {
    /// Takes a file apart, after its digest.
    pub fn read(bytes: &'a [u8]) -> Result<Self, LoadError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(LoadError::Magic)?;
        let short = || LoadError::Length { bytes: bytes.len() };
        if bytes.len() > BYTES_MAX {
            return Err(short());
        }
        let (digest, rest) = rest.split_at_checked(DIGEST_BYTES).ok_or_else(short)?;
        if Sha256::digest(rest).as_slice() != digest {
            return Err(LoadError::Checksum);
        }
        let (words, rest) = rest.split_first_chunk().ok_or_else(short)?;
        let (rarity, rest) = rest.split_first_chunk().ok_or_else(short)?;
        let length = |bytes: &[u8; 4]| usize::try_from(u32::from_le_bytes(*bytes)).unwrap_or(usize::MAX);
        let (words, rest) = rest.split_at_checked(length(words)).ok_or_else(short)?;
        let (rarity, network) = rest.split_at_checked(length(rarity)).ok_or_else(short)?;
        let text = |part, bytes| std::str::from_utf8(bytes).map_err(|error| LoadError::part(part, error));
        Ok(Self { vocabulary: text("vocabulary", words)?, rarity: text("rarity", rarity)?, network })
    }

    /// The file of these parts.
    pub fn write(&self) -> Vec<u8> {
        let mut rest = Vec::new();
        for part in [self.vocabulary, self.rarity] {
            rest.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
        }
        for part in [self.vocabulary.as_bytes(), self.rarity.as_bytes(), self.network] {
            rest.extend_from_slice(part);
        }
        [MAGIC, &Sha256::digest(&rest), &rest].concat()
    }

    /// The same model with other tables.
    pub fn with_rarity(&self, rarity: &Rarity) -> Vec<u8> {
        Bundle { rarity: &rarity.to_string(), ..*self }.write()
    }
}

#[cfg(test)]
mod tests;
