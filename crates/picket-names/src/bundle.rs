//! The file of a model: everything that belongs together, under one digest.
//!
//! ```text
//! picket names 1\n
//! SHA-256 of all that follows, 32 bytes
//! what one of a weight is worth, the steps of the chain and the calibration of each kind: numbers of 4 bytes
//! slots of the lexicon, and slots of the weights: numbers of 4 bytes
//! the lexicon: 4 bytes a slot; the weights: 10 bytes a slot; all little-endian
//! ```

use crate::chain::{Calibration, Chain, TAGS};
use crate::kind::Kind;
use crate::lexicon::Lexicon;
use crate::weights::{SLOT_BYTES, Weights};
use sha2::{Digest as _, Sha256};

const MAGIC: &[u8] = b"picket names 1\n";
const DIGEST_BYTES: usize = 32;
/// A larger file is not looked at.
const BYTES_MAX: usize = 16 * 1024 * 1024;

/// Why a model cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The program was built without it.
    #[error("names model: this build has none; build with the feature `names`")]
    Missing,
    /// The file is something else, or of another version.
    #[error(
        "names model: does not begin with `picket names 1`: it is another file or of another version; take the names.bin of this release"
    )]
    Magic,
    /// The file ends too early, or is far too large.
    #[error("names model: {bytes} bytes cannot be the whole file; copy names.bin of this release again")]
    Length {
        /// How many there are.
        bytes: usize,
    },
    /// The digest differs.
    #[error(
        "names model: its content does not match its SHA-256: it was damaged or changed; copy names.bin of this release again"
    )]
    Checksum,
    /// A part cannot be what it should although the digest fits.
    #[error(
        "names model: its {part} cannot be read; it was made by another version, so take the names.bin of this release"
    )]
    Part {
        /// numbers, lexicon or weights.
        part: &'static str,
    },
}

/// All parts of a model.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// What one of a weight is worth.
    pub unit: f32,
    /// Which tags follow each other.
    pub chain: Chain,
    /// How sure the places of each kind are.
    pub calibration: [Calibration; Kind::ALL.len()],
    /// Known words.
    pub lexicon: Lexicon,
    /// What features say.
    pub weights: Weights,
}

impl Bundle {
    /// Takes a file apart, after its digest.
    pub fn read(bytes: &[u8]) -> Result<Self, LoadError> {
        let short = || LoadError::Length { bytes: bytes.len() };
        let rest = bytes.strip_prefix(MAGIC).ok_or(LoadError::Magic)?;
        if bytes.len() > BYTES_MAX {
            return Err(short());
        }
        let (digest, mut rest) = rest.split_at_checked(DIGEST_BYTES).ok_or_else(short)?;
        if Sha256::digest(rest).as_slice() != digest {
            return Err(LoadError::Checksum);
        }
        let mut number = || {
            let (first, more) = rest.split_first_chunk().ok_or_else(short)?;
            rest = more;
            Ok(*first)
        };
        let mut real = || number().map(f32::from_le_bytes);
        let unit = real()?;
        let mut steps = [[0.0; TAGS]; TAGS];
        for step in steps.as_flattened_mut() {
            *step = real()?;
        }
        let mut calibration = [Calibration { slope: 1.0, offset: 0.0 }; Kind::ALL.len()];
        for kind in &mut calibration {
            *kind = Calibration { slope: real()?, offset: real()? };
        }
        let mut count = || number().map(|bytes| usize::try_from(u32::from_le_bytes(bytes)).unwrap_or(usize::MAX));
        let (words, slots) = (count()?, count()?);
        let of = |count: usize, bytes: usize| count.checked_mul(bytes).ok_or_else(short);
        let (words, rest) = rest.split_at_checked(of(words, 4)?).ok_or_else(short)?;
        if rest.len() != of(slots, SLOT_BYTES)? {
            return Err(short());
        }
        let is_sound = [unit].iter().chain(steps.as_flattened()).all(|number| number.is_finite())
            && calibration.iter().all(|kind| kind.slope.is_finite() && kind.offset.is_finite());
        if !is_sound {
            return Err(LoadError::Part { part: "numbers" });
        }
        let lexicon = Lexicon::from_bytes(words).ok_or(LoadError::Part { part: "lexicon" })?;
        let weights = Weights::from_bytes(rest).ok_or(LoadError::Part { part: "weights" })?;
        Ok(Self { unit, chain: Chain::new(steps), calibration, lexicon, weights })
    }

    /// The file of these parts.
    pub fn write(&self) -> Vec<u8> {
        let (lexicon, weights) = (self.lexicon.to_bytes(), self.weights.as_bytes());
        let calibration = self.calibration.iter().flat_map(|kind| [kind.slope, kind.offset]);
        let reals =
            std::iter::once(self.unit).chain(self.chain.steps().as_flattened().iter().copied()).chain(calibration);
        let mut rest: Vec<u8> = reals.flat_map(f32::to_le_bytes).collect();
        for (bytes, size) in [(lexicon.as_slice(), 4), (weights, SLOT_BYTES)] {
            rest.extend(u32::try_from(bytes.len() / size).unwrap_or(u32::MAX).to_le_bytes());
        }
        rest.extend_from_slice(&lexicon);
        rest.extend_from_slice(weights);
        [MAGIC, &Sha256::digest(&rest), &rest].concat()
    }
}

#[cfg(test)]
mod tests;
