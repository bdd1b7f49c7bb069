//! Numbers that are the same in every run of a seed.

use std::collections::BTreeSet;

/// Draws of a seed.
#[derive(Debug, Clone)]
pub struct Draws(u64);

impl Draws {
    /// All seeds are good, zero too.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Below `bound`; zero if that is zero.
    pub fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.next()) * bound as u128;
        usize::try_from(wide >> 64).unwrap_or_default()
    }

    /// True so many times in a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of a list, if it has any.
    pub fn one<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }

    /// Another order, each as likely as any other.
    pub fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }

    /// `size` different numbers below `bound`, or all of them.
    pub fn choose(&mut self, size: usize, bound: usize) -> BTreeSet<usize> {
        let mut chosen = BTreeSet::new();
        // Floyd's algorithm: each set of this size is as likely as any other.
        for last in bound.saturating_sub(size)..bound {
            let drawn = self.below(last + 1);
            chosen.insert(if chosen.contains(&drawn) { last } else { drawn });
        }
        chosen
    }
}
