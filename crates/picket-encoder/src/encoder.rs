//! The network, and what it says about a text.

use crate::bundle::{Bundle, LoadError};
use crate::rarity::{Rarity, Stratum, score_of};
use crate::windows::{TOKENS_MAX, needed, windows};
use crate::wordpiece::WordPieces;
use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};
use std::fmt;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::available_parallelism;
use std::time::Instant;

/// Texts that are judged at the same time; further ones wait.
const LANES_MAX: usize = 8;
/// Tells that the network runs, when it is loaded.
const TRIAL: &str = "The meeting begins at ten o'clock.";

/// An encoder of texts. Shared by threads; each call computes on one core.
pub struct Encoder {
    words: WordPieces,
    network: Model,
    ids: NodeId,
    places: NodeId,
    out: NodeId,
    rarity: Rarity,
    /// One thread each: a call takes the next one, so that calls do not share what one core can do.
    lanes: Vec<Arc<ThreadPool>>,
    next: AtomicUsize,
}

/// What an encoder says about a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// The score of the most suspicious window, as it comes from the network; above zero is more like an attack.
    pub highest: f32,
    /// How rare it is among harmless texts, as an order of magnitude: 2 is one in a hundred.
    pub evidence: f32,
    /// How the text is judged.
    pub stratum: Stratum,
    /// Windows that were judged.
    pub windows: usize,
    /// Windows of the text that were not: there were too many, or the network failed. Whoever fails closed looks here.
    pub passed_over: usize,
}

impl Score {
    /// 0 to 1, on the scale of the first tier: 0.6 is where a finding counts there.
    pub fn value(&self) -> f32 {
        score_of(self.evidence)
    }
}

impl Encoder {
    /// Loads a model: the bytes of an `encoder.bin`. The network runs once, so that what loads also works.
    pub fn load(bytes: &[u8]) -> Result<Self, LoadError> {
        let bundle = Bundle::read(bytes)?;
        Self::of(&bundle, |options| options.load(bundle.network.to_vec()))
    }

    /// The shipped model, of which nothing is copied that need not be.
    #[cfg(feature = "weights")]
    pub fn shipped() -> Result<Self, LoadError> {
        let bundle = Bundle::read(crate::SHIPPED)?;
        Self::of(&bundle, |options| options.load_static_slice(bundle.network))
    }

    fn of(
        bundle: &Bundle<'_>,
        load: impl FnOnce(&ModelOptions) -> Result<Model, rten::LoadError>,
    ) -> Result<Self, LoadError> {
        let words = WordPieces::read(bundle.vocabulary)?;
        let rarity = Rarity::read(bundle.rarity)?;
        let mut options = ModelOptions::with_all_ops();
        options.prepack_weights(true);
        let wrong = |cause: String| LoadError::part("network", cause);
        let network = load(&options).map_err(|error| wrong(error.to_string()))?;
        let node = |name: &str| network.node_id(name).map_err(|_| wrong(format!("it lacks `{name}`")));
        let (ids, places, out) = (node("ids")?, node("at")?, node("score")?);
        let lanes = available_parallelism().map_or(1, NonZero::get).min(LANES_MAX);
        let lanes = (0..lanes).map(|_| Arc::new(ThreadPool::with_num_threads(1))).collect();
        let encoder = Self { words, network, ids, places, out, rarity, lanes, next: AtomicUsize::new(0) };
        let trial = encoder.words.pieces(TRIAL, TOKENS_MAX);
        encoder.window(&trial).map_err(wrong)?;
        Ok(encoder)
    }

    /// How rare scores are.
    pub const fn rarity(&self) -> &Rarity {
        &self.rarity
    }

    /// What takes texts apart.
    pub const fn words(&self) -> &WordPieces {
        &self.words
    }

    /// Judges a text: every window of it, or, of a very long one, windows that are spread evenly.
    pub fn score(&self, text: &str) -> Score {
        self.windows(text).score(&self.rarity)
    }

    /// The same, if it takes no longer than `until` then: a window that was begun is finished.
    pub fn score_until(&self, text: &str, until: Instant) -> Option<Score> {
        Some(self.read(text, || Instant::now() < until)?.score(&self.rarity))
    }

    /// Reads a text: the scores of its windows.
    pub fn windows(&self, text: &str) -> Windows {
        self.read(text, || true).unwrap_or_else(|| Windows { judged: Vec::new(), needed: 0, stratum: Stratum::Short })
    }

    fn read(&self, text: &str, goes_on: impl Fn() -> bool) -> Option<Windows> {
        let pieces = self.words.pieces(text, TOKENS_MAX);
        let mut judged = Vec::new();
        for at in windows(pieces.len()) {
            if !goes_on() {
                return None;
            }
            judged.extend(pieces.get(at).and_then(|pieces| self.window(pieces).ok()));
        }
        let needed = needed(pieces.len());
        Some(Windows { judged, needed, stratum: Stratum::of(text, needed) })
    }

    fn window(&self, pieces: &[i32]) -> Result<f32, String> {
        let ids: Vec<i32> = [self.words.first].iter().chain(pieces).chain([&self.words.last]).copied().collect();
        let length = ids.len();
        let places: Vec<i32> = (0..).take(length).collect();
        let inputs = vec![
            (self.ids, NdTensor::from_data([1, length], ids).into()),
            (self.places, NdTensor::from_data([1, length], places).into()),
        ];
        let lane = self.next.fetch_add(1, Ordering::Relaxed) % self.lanes.len().max(1);
        let options = RunOptions::default().with_thread_pool(self.lanes.get(lane).cloned());
        let mut values = self.network.run(inputs, &[self.out], Some(options)).map_err(|error| error.to_string())?;
        let value: Option<Value> = values.pop();
        let score = value.and_then(Value::into_tensor::<f32>);
        let score = score.and_then(|score: Tensor<f32>| score.iter().next().copied());
        score.filter(|score| score.is_finite()).ok_or_else(|| "its answer is no number".to_owned())
    }
}

/// The scores of a text's windows.
#[derive(Debug, Clone, PartialEq)]
pub struct Windows {
    /// Of those that were judged.
    pub judged: Vec<f32>,
    /// How many cover the text.
    pub needed: usize,
    /// How the text is judged.
    pub stratum: Stratum,
}

impl Windows {
    /// What the windows say together.
    pub fn score(&self, rarity: &Rarity) -> Score {
        let highest = self.judged.iter().copied().reduce(f32::max).unwrap_or_default();
        Score {
            highest,
            evidence: rarity.evidence(self.stratum, highest, self.judged.len()),
            stratum: self.stratum,
            windows: self.judged.len(),
            passed_over: self.needed.saturating_sub(self.judged.len()),
        }
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder").field("lanes", &self.lanes.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
