//! About how many different values there were, in 64 bytes.

use crate::number::{length, real};

const REGISTERS: usize = 64;

/// A HyperLogLog of 64 registers: 13 per cent off on average, almost exact for few values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Distinct([u8; REGISTERS]);

impl Default for Distinct {
    fn default() -> Self {
        Self([0; REGISTERS])
    }
}

impl Distinct {
    /// Takes a value in, by its hash.
    pub fn add(&mut self, hash: u64) {
        let hash = mixed(hash);
        let place = usize::try_from(hash >> 58).unwrap_or(0);
        let rank = u8::try_from((hash << 6).leading_zeros().min(58) + 1).unwrap_or(0);
        if let Some(register) = self.0.get_mut(place) {
            *register = (*register).max(rank);
        }
    }

    /// Takes all values of another in.
    pub fn merge(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(one, other)| *one = (*one).max(*other));
    }

    /// About how many there were.
    pub fn count(&self) -> f64 {
        let sum: f64 = self.0.iter().map(|register| real(1 << (*register).min(63)).recip()).sum();
        let registers = length(REGISTERS);
        let estimate = 0.709 * registers * registers / sum;
        let empty: usize = self.0.iter().map(|register| usize::from(*register == 0)).sum();
        if empty > 0 && estimate <= 2.5 * registers { registers * (registers / length(empty)).ln() } else { estimate }
    }

    /// The registers.
    pub fn bytes(&self) -> &[u8; REGISTERS] {
        &self.0
    }

    /// With these registers.
    pub fn from_bytes(bytes: [u8; REGISTERS]) -> Self {
        Self(bytes)
    }
}

/// A hash whose bits all depend on all of another (SplitMix64).
pub(crate) fn mixed(hash: u64) -> u64 {
    let hash = hash.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests;
