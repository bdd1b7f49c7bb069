//! What features say for and against each tag: a table of small numbers.
//!
//! A feature has one of two neighbouring slots, told by a byte of its hash. So what was never learned says nothing in all
//! but one of some hundred cases, where a table without that byte would answer with the weights of something else.

use crate::chain::TAGS;

/// Bytes of a slot: the byte of the hash, and a weight for each tag.
pub const SLOT_BYTES: usize = TAGS + 1;

/// The table.
#[derive(Debug, Clone, Default)]
pub struct Weights {
    slots: Vec<[u8; SLOT_BYTES]>,
}

impl Weights {
    /// A table with room for at least so many features.
    pub fn empty(slots: usize) -> Self {
        Self { slots: vec![[0; SLOT_BYTES]; slots.max(2).next_multiple_of(2)] }
    }

    /// Puts a feature in one of its slots if one is free; whether it was.
    pub fn insert(&mut self, feature: u64, weights: [i8; TAGS]) -> bool {
        let (first, mark) = place(feature, self.slots.len());
        for at in [first, first ^ 1] {
            if let Some(slot) = self.slots.get_mut(at).filter(|slot| slot.first() == Some(&0)) {
                let bytes = std::iter::once(mark).chain(weights.into_iter().map(i8::cast_unsigned));
                slot.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
                return true;
            }
            if self.slots.get(at).is_some_and(|slot| slot.first() == Some(&mark)) {
                return false;
            }
        }
        false
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (slots, rest) = bytes.as_chunks::<SLOT_BYTES>();
        (rest.is_empty() && slots.len() % 2 == 0 && slots.len() > 1).then(|| Self { slots: slots.to_vec() })
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.slots.as_flattened()
    }

    /// The sum of what features say.
    #[inline]
    pub fn sum(&self, features: &[u64]) -> [i16; TAGS] {
        let mut sums = [0_i16; TAGS];
        for weights in features.iter().filter_map(|feature| self.of(*feature)) {
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum = sum.saturating_add(i16::from(weight.cast_signed()));
            }
        }
        sums
    }

    /// What one feature says, if anything.
    #[inline]
    fn of(&self, feature: u64) -> Option<&[u8; TAGS]> {
        let (first, mark) = place(feature, self.slots.len());
        let at =
            |at: usize| self.slots.get(at).and_then(|slot| slot.split_first()).filter(|(theirs, _)| **theirs == mark);
        let (_, weights) = at(first).or_else(|| at(first ^ 1))?;
        weights.first_chunk()
    }
}

/// The first slot of a feature, and the byte that tells it there; never zero.
#[inline]
fn place(feature: u64, slots: usize) -> (usize, u8) {
    let slots = u64::try_from(slots).unwrap_or(0);
    let first = usize::try_from(((feature >> 32) * slots) >> 32).unwrap_or(0);
    let [_, mark, ..] = feature.to_le_bytes();
    (first, mark.max(1))
}

#[cfg(test)]
mod tests;
