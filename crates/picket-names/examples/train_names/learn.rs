//! Learning the chain: the likelihood of the right tags, made larger step by step.

use crate::data::{Stretch, Table};
use crate::draw::Draw;
use picket_names::{Bundle, Calibration, Chain, FEATURES, Kind, Lexicon, Path, TAGS, Weights};

/// Passes over all stretches before and after features are dropped.
const PASSES: usize = 5;
const MORE_PASSES: usize = 2;
/// A rarer feature is not learned.
const RARE: u32 = 3;
/// Features that are kept, and slots for them.
const KEPT: usize = 130_000;
const SLOTS: usize = 150_000;
/// The largest weight.
const MOST: f32 = 6.0;

/// Stretches whose features are numbered.
struct Numbered {
    tags: Vec<Vec<u8>>,
    /// Of each token, the numbers of its features; `NONE` where it is not learned.
    features: Vec<Vec<[u32; FEATURES]>>,
    hashes: Vec<u64>,
    counts: Vec<u32>,
}

const NONE: u32 = u32::MAX;

fn number(stretches: &[Stretch]) -> Numbered {
    let mut counts: Table<u32> = Table::default();
    for stretch in stretches {
        for features in &stretch.features {
            for feature in features {
                *counts.entry(*feature).or_default() += 1;
            }
        }
    }
    let all = counts.len();
    let mut numbers: Table<u32> = Table::default();
    let (mut hashes, mut often) = (Vec::new(), Vec::new());
    let mut features = Vec::with_capacity(stretches.len());
    for stretch in stretches {
        let numbered = stretch.features.iter().map(|of_token| {
            of_token.map(|hash| {
                let count = counts.get(&hash).copied().unwrap_or(0);
                if count < RARE {
                    return NONE;
                }
                *numbers.entry(hash).or_insert_with(|| {
                    hashes.push(hash);
                    often.push(count);
                    u32::try_from(hashes.len() - 1).unwrap_or(NONE)
                })
            })
        });
        features.push(numbered.collect());
    }
    println!("{all} features, {} of them often enough", hashes.len());
    Numbered { tags: stretches.iter().map(|stretch| stretch.tags.clone()).collect(), features, hashes, counts: often }
}

#[derive(Clone, Copy)]
struct Learned {
    weights: [f32; TAGS],
    squares: [f32; TAGS],
}

/// The weights while they are learned.
struct Learner {
    features: Vec<Learned>,
    steps: [[f32; TAGS]; TAGS],
    step_squares: [[f32; TAGS]; TAGS],
    is_kept: Vec<bool>,
    rate: f32,
}

impl Learner {
    fn scores(&self, features: &[[u32; FEATURES]], scores: &mut Vec<[f32; TAGS]>) {
        scores.clear();
        for of_token in features {
            let mut sum = [0.0; TAGS];
            for feature in of_token.iter().filter_map(|number| self.features.get(*number as usize)) {
                sum.iter_mut().zip(feature.weights).for_each(|(sum, weight)| *sum += weight);
            }
            scores.push(sum);
        }
    }

    /// Learns from one stretch; how unlikely its tags were.
    fn learn(&mut self, tags: &[u8], features: &[[u32; FEATURES]], scores: &mut Vec<[f32; TAGS]>, path: &mut Path) {
        self.scores(features, scores);
        let chain = Chain::new(self.steps);
        chain.weigh(scores, path);
        let mut expected = [[0.0; TAGS]; TAGS];
        for (at, (tag, features)) in tags.iter().zip(features).enumerate() {
            let mut wrong = Chain::shares(path, at);
            wrong[usize::from(*tag)] -= 1.0;
            chain.add_step_shares(path, at, 1.0, &mut expected);
            let before = at.checked_sub(1).map_or(0, |before| usize::from(tags[before]));
            expected[before][usize::from(*tag)] -= 1.0;
            if wrong.iter().all(|share| share.abs() < 0.002) {
                continue;
            }
            for number in features {
                let number = *number as usize;
                if !self.is_kept.get(number).copied().unwrap_or(false) {
                    continue;
                }
                let Learned { weights, squares } = &mut self.features[number];
                for tag in 0..TAGS {
                    let slope = wrong[tag] + 2e-6 * weights[tag];
                    squares[tag] += slope * slope;
                    weights[tag] = (weights[tag] - self.rate * slope / (1.0 + squares[tag]).sqrt()).clamp(-MOST, MOST);
                }
            }
        }
        let steps = self.steps.as_flattened_mut().iter_mut().zip(self.step_squares.as_flattened_mut());
        for ((step, squares), slope) in steps.zip(expected.as_flattened()) {
            *squares += slope * slope;
            *step = (*step - 0.1 * slope / (1.0 + *squares).sqrt()).clamp(-8.0, 8.0);
        }
    }

    fn pass(&mut self, all: &Numbered, order: &[usize]) {
        let (mut scores, mut path) = (Vec::new(), Path::default());
        for at in order {
            self.learn(&all.tags[*at], &all.features[*at], &mut scores, &mut path);
        }
    }
}

/// Learns a model. Its calibration is to be set yet.
pub fn learn(stretches: &[Stretch], lexicon: Lexicon, draw: &mut Draw) -> Bundle {
    let all = number(stretches);
    let count = all.hashes.len();
    let mut learner = Learner {
        features: vec![Learned { weights: [0.0; TAGS], squares: [0.0; TAGS] }; count],
        steps: [[0.0; TAGS]; TAGS],
        step_squares: [[0.0; TAGS]; TAGS],
        is_kept: vec![true; count],
        rate: 0.25,
    };
    let mut order: Vec<usize> = (0..stretches.len()).collect();
    for _ in 0..PASSES {
        draw.shuffle(&mut order);
        learner.pass(&all, &order);
    }
    // Whatever says most, and says it often, is kept.
    let value = |number: usize, learner: &Learner| {
        let most = learner.features[number].weights.iter().fold(0.0_f32, |most, weight| most.max(weight.abs()));
        let often = f32::from(u16::try_from(all.counts[number].min(60_000)).unwrap_or(0));
        most * (1.0 + often).ln()
    };
    let mut ranked: Vec<(usize, f32)> = (0..count).map(|number| (number, value(number, &learner))).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut places = Weights::empty(SLOTS);
    let mut kept = 0;
    learner.is_kept.fill(false);
    for (number, _) in ranked {
        if kept < KEPT && places.insert(all.hashes[number], [0; TAGS]) {
            learner.is_kept[number] = true;
            kept += 1;
        } else {
            learner.features[number].weights = [0.0; TAGS];
        }
    }
    println!("{kept} features kept");
    learner.rate = 0.15;
    for _ in 0..MORE_PASSES {
        draw.shuffle(&mut order);
        learner.pass(&all, &order);
    }
    let unit = MOST / 127.0;
    let mut weights = Weights::empty(SLOTS);
    let mut entries: Vec<(usize, f32)> =
        (0..count).filter(|number| learner.is_kept[*number]).map(|number| (number, value(number, &learner))).collect();
    entries.sort_by(|a, b| b.1.total_cmp(&a.1));
    for (number, _) in entries {
        #[expect(clippy::cast_possible_truncation, reason = "weights are within bounds")]
        weights
            .insert(all.hashes[number], learner.features[number].weights.map(|weight| (weight / unit).round() as i8));
    }
    let calibration = [Calibration { slope: 1.0, offset: 0.0 }; Kind::ALL.len()];
    Bundle { unit, chain: Chain::new(learner.steps), calibration, lexicon, weights }
}

/// Fits the calibration of a kind to places that were right and wrong.
pub fn calibrate(found: &[(f32, bool)]) -> Calibration {
    let (mut slope, mut offset) = (1.0_f32, 0.0_f32);
    if found.len() < 50 {
        return Calibration { slope, offset };
    }
    for _ in 0..2000 {
        let (mut by_slope, mut by_offset) = (0.0, 0.0);
        for (probability, is_right) in found {
            let probability = probability.clamp(1e-6, 1.0 - 1e-6);
            let odds = (probability / (1.0 - probability)).ln();
            let wrong = 1.0 / (1.0 + (-(slope * odds + offset)).exp()) - f32::from(u8::from(*is_right));
            by_slope += wrong * odds;
            by_offset += wrong;
        }
        let count = found.len() as f32;
        slope = (slope - 0.05 * by_slope / count).clamp(0.2, 2.0);
        offset -= 0.2 * by_offset / count;
    }
    Calibration { slope, offset }
}
