//! Unsafe content: hate, harassment, sexual content, minors, violence, self-harm, weapons, crime, attacks on computers.
//!
//! Words speak for a category by themselves or near others; a linear model over pieces of words has learned from texts
//! that people judged. Both are evidence for the score. The words name the category; what only the model sees is
//! [`Category::Other`].

mod lexicon;

use crate::Reading;
use crate::linear::{SHIPPED, Shipped};
pub use lexicon::Category;
use lexicon::Spoken;
use picket_event::Role;
use picket_text::{Check, Context, Hit, Hits, Report, disjoint};
use picket_text::{Origins, fold};

/// From which score on each category counts; what is not named does not count.
#[derive(Debug, Clone, PartialEq)]
pub struct Thresholds([Option<f32>; Category::ALL.len()]);

/// The score from which on a category counts, unless an operator says otherwise.
pub const THRESHOLD: f32 = 0.5;

impl Default for Thresholds {
    fn default() -> Self {
        Self([Some(THRESHOLD); Category::ALL.len()])
    }
}

impl Thresholds {
    /// Only these categories.
    pub fn of(categories: impl IntoIterator<Item = (Category, f32)>) -> Self {
        let mut all = [None; Category::ALL.len()];
        for (category, threshold) in categories {
            if let Some(place) = all.get_mut(category as usize) {
                *place = Some(threshold);
            }
        }
        Self(all)
    }

    /// The threshold of a category, if it counts.
    pub fn get(&self, category: Category) -> Option<f32> {
        self.0.get(category as usize).copied().flatten()
    }
}

/// How much the model alone says.
const BELIEF: f32 = 0.35;

/// What the words of a text say, category by category, 0 to 1.
pub fn word_scores(text: &str) -> [f32; Category::ALL.len()] {
    joined(&lexicon::spoken(&fold(text)))
}

fn joined(spoken: &[Spoken]) -> [f32; Category::ALL.len()] {
    let mut scores = [0.0_f32; Category::ALL.len()];
    for spoken in spoken {
        if let Some(score) = scores.get_mut(spoken.category as usize) {
            *score = 1.0 - (1.0 - *score) * (1.0 - spoken.weight);
        }
    }
    scores
}

/// Words and model as one score: either is enough, and weak ones add up.
pub fn combined(words: f32, model: f32) -> f32 {
    let learned = BELIEF / (1.0 + (-(model - MODEL_MIDDLE) * MODEL_SLOPE).exp());
    1.0 - (1.0 - words) * (1.0 - learned)
}

/// The model's score that is worth half of its belief, and how steeply that rises.
const MODEL_MIDDLE: f32 = 1.2;
const MODEL_SLOPE: f32 = 1.6;

pub(crate) fn scan(reading: &Reading<'_>, thresholds: &Thresholds, context: Context) -> Report {
    let spoken = lexicon::spoken(reading.folded());
    let words = joined(&spoken);
    let best = SHIPPED.safety.as_ref();
    let best = best.map(|model| model.best_of(reading.ends().iter().map(|ends| ends.of(Shipped::SAFETY))));
    let model = best.map_or(f32::NEG_INFINITY, |best| best.score) + trust(context.role);
    // Of the categories, the one that the words speak for gains by what is learned.
    let strongest =
        Category::ALL.iter().copied().zip(words).max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, words)| *words > 0.0);
    let mut scores = words;
    let (named, spoken_for) = strongest.unwrap_or((Category::Other, 0.0));
    if let Some(score) = scores.get_mut(named as usize) {
        *score = combined(spoken_for, model);
    }
    let counts = |category: Category| {
        thresholds
            .get(category)
            .map(|threshold| scaled(scores.get(category as usize).copied().unwrap_or(0.0), threshold))
    };
    let score = Category::ALL.iter().filter_map(|category| counts(*category)).fold(0.0, f32::max);
    if score < THRESHOLD {
        return Report { score, ..Report::default() };
    }
    let origins = Origins::of(reading.text());
    let mut hits = Hits::default();
    let mut put = |category: Category, start: usize, end: usize, detector| {
        if let Some(score) = counts(category).filter(|score| *score >= THRESHOLD) {
            let (start, end) = (origins.original(start), origins.original(end));
            hits.add(Hit { check: Check::Safety, kind: category.as_str(), start, end, score, detector });
        }
    };
    for said in spoken.iter().filter(|said| said.weight >= 0.15) {
        put(said.category, said.start, said.end, "words");
    }
    if let Some(best) = best.filter(|best| best.end > best.start && spoken.iter().all(|said| said.weight < 0.15)) {
        put(named, best.start, best.end, "linear model");
    }
    let mut hits = disjoint(hits.into_vec());
    hits.retain(|hit| hit.end > hit.start);
    Report { score, kind: (!hits.is_empty()).then_some("toxicity"), hits }
}

/// A score on a scale where its threshold is at [`THRESHOLD`].
fn scaled(score: f32, threshold: f32) -> f32 {
    if score < threshold {
        score / threshold * THRESHOLD
    } else {
        THRESHOLD + (score - threshold) / (1.0 - threshold).max(f32::EPSILON) * (1.0 - THRESHOLD)
    }
}

/// How much less the model's score counts by whose words it judges: operators write rules about such content.
fn trust(role: Role) -> f32 {
    match role {
        Role::System | Role::Definition => -1.0,
        Role::User | Role::Assistant | Role::Reasoning | Role::Tool | Role::Document | Role::Other => 0.0,
    }
}

#[cfg(test)]
mod tests;
