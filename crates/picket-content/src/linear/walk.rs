//! One walk over the words of a folded text, for any number of models at once: what a word is costs more than what each of
//! them says about it.

use super::known::{Known, Memory};
use super::words::{Behind, Spelled, each};

/// A place of a text where a word ends, with what one model says up to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct End {
    /// Byte after the word.
    pub at: usize,
    /// Sum of the weights of all features so far.
    pub sum: f32,
    /// Their number.
    pub count: u32,
}

impl End {
    /// The beginning of a text.
    pub const BEGIN: Self = Self { at: 0, sum: 0.0, count: 0 };
}

/// A place of a text where a word ends, with what each of some models says up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ends<const N: usize> {
    at: usize,
    sums: [i32; N],
    count: u32,
    /// The hash of the word.
    hash: u32,
}

impl<const N: usize> Ends<N> {
    /// What one of the models says.
    #[inline]
    pub(crate) fn of(&self, model: usize) -> End {
        #[expect(clippy::cast_precision_loss, reason = "a sum of small weights, for a score")]
        let sum = self.sums.get(model).map_or(0.0, |sum| *sum as f32);
        End { at: self.at, sum, count: self.count }
    }
}

/// A walk: the weights of each model in a slot, and the words that are remembered.
pub(super) struct Walk<'k, const N: usize, W> {
    /// The weights of a slot.
    pub(super) weights: W,
    pub(super) known: Memory<'k, N>,
}

impl<const N: usize, W: Fn(usize) -> [i8; N]> Walk<'_, N, W> {
    /// Prefix sums over the words of a folded text.
    pub(super) fn ends(&mut self, view: &str) -> Vec<Ends<N>> {
        let mut ends = self.words(view);
        self.join(&mut ends);
        ends
    }

    /// What each word says by itself.
    fn words(&mut self, view: &str) -> Vec<Ends<N>> {
        let mut ends = Vec::with_capacity(view.len() / 5 + 1);
        let Self { weights, known } = self;
        let mut last = 0;
        each(view, |word| {
            let at = word.end;
            let known = known.of(view, word, |word| alone(word, weights));
            let hash = known.hash();
            // A word that is said over and over says no more than once.
            if hash != std::mem::replace(&mut last, hash) {
                ends.push(Ends { at, sums: known.sums(), count: known.count(), hash });
            }
        });
        ends
    }

    /// Adds what each word says with those before it, and all that was said before. The weights are far apart in memory, and
    /// nothing here has to wait for one of them before it asks for the next.
    fn join(&self, ends: &mut [Ends<N>]) {
        let (mut sums, mut count, mut behind) = ([0_i32; N], 0_u32, Behind::NOTHING);
        for end in ends {
            for weights in behind.slots(end.hash).map(&self.weights) {
                add(&mut end.sums, weights);
            }
            for (sum, own) in sums.iter_mut().zip(&mut end.sums) {
                *sum = sum.saturating_add(*own);
                *own = *sum;
            }
            count = count.saturating_add(end.count + 3);
            end.count = count;
            behind = behind.then(end.hash);
        }
    }
}

/// What the features of a word by itself sum up to.
fn alone<const N: usize>(word: &str, weights: &impl Fn(usize) -> [i8; N]) -> Known<N> {
    let word = Spelled::of(word);
    let (mut sums, mut count) = ([0; N], 0_u8);
    word.features(|slot| {
        add(&mut sums, weights(slot));
        count += 1;
    });
    Known::new(word.hash, sums, count)
}

/// Adds weights to the sums of a word, of which there are too few for any sum to become too large.
#[inline]
fn add<const N: usize>(sums: &mut [i32; N], weights: [i8; N]) {
    for (sum, weight) in sums.iter_mut().zip(weights) {
        *sum += i32::from(weight);
    }
}
