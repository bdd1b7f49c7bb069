//! Learning the weights of a linear model over hashed pieces of words, one text at a time.

use picket_content::injection::Stratum;
use picket_content::linear::{self as model, Model, Rarity, TABLE};

/// Features that a window has beside its own, as in the model.
const PRIOR: f32 = 24.0;

/// How fast weights move.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The size of the first steps.
    pub rate: f32,
    /// How much of a weight is lost each time that it is used.
    pub decay: f32,
    /// What a feature must have gathered before it moves as fast as its gradients are large: with more of it, what was
    /// seen once or twice says little.
    pub caution: f32,
}

/// Weights while they are learned: each with the sum of the squares of its gradients.
#[derive(Debug)]
pub struct Learner {
    pace: Pace,
    table: Vec<(f32, f32)>,
    bias: f32,
    bias_square: f32,
    slots: Vec<usize>,
    /// The sum of the weights that were kept, the sum of their biases, and their number.
    kept: (Vec<f32>, f32, f32),
}

impl Learner {
    /// Knows nothing.
    pub fn new(pace: Pace) -> Self {
        let kept = (vec![0.0; TABLE], 0.0, 0.0);
        let table = vec![(0.0, pace.caution); TABLE];
        Self { pace, table, bias: 0.0, bias_square: 1e-2, slots: Vec::new(), kept }
    }

    /// Learns what a folded text is.
    pub fn learn(&mut self, view: &str, positive: bool, weight: f32) {
        self.slots.clear();
        model::features(view, |slot| self.slots.push(slot));
        #[expect(clippy::cast_precision_loss, reason = "features of a window are few")]
        let norm = 1.0 / (self.slots.len() as f32 + PRIOR).sqrt();
        let sum: f32 = self.slots.iter().filter_map(|slot| self.table.get(*slot)).map(|(weight, _)| weight).sum();
        let target = f32::from(u8::from(positive));
        let error = (1.0 / (1.0 + (-sum * norm - self.bias).exp()) - target) * weight;
        for slot in &self.slots {
            if let Some((weight, squares)) = self.table.get_mut(*slot) {
                let gradient = error * norm + self.pace.decay * *weight;
                *squares += gradient * gradient;
                *weight -= self.pace.rate * gradient / squares.sqrt();
            }
        }
        self.bias_square += error * error;
        self.bias -= 0.1 * error / self.bias_square.sqrt();
    }

    /// Keeps the present weights for the mean.
    pub fn keep(&mut self) {
        let (weights, bias, number) = &mut self.kept;
        weights.iter_mut().zip(&self.table).for_each(|(sum, (weight, _))| *sum += weight);
        *bias += self.bias;
        *number += 1.0;
    }

    /// A model of the present weights.
    pub fn present(&self) -> Model {
        quantised(self.table.iter().map(|(weight, _)| *weight), self.bias)
    }

    /// A model of the mean of what was kept, which depends less on the order of the texts; of the present weights, if
    /// nothing was.
    pub fn mean(&self) -> Model {
        let (weights, bias, number) = &self.kept;
        if *number < 1.0 {
            return self.present();
        }
        quantised(weights.iter().map(|sum| sum / number), bias / number)
    }
}

/// Weights as whole steps; the few largest are cut.
fn quantised(weights: impl Iterator<Item = f32> + Clone, bias: f32) -> Model {
    let mut sizes: Vec<f32> = weights.clone().map(f32::abs).collect();
    sizes.sort_by(f32::total_cmp);
    let largest = sizes.get(sizes.len() * 9_995 / 10_000).copied().unwrap_or(1.0).max(1e-6);
    let scale = largest / 127.0;
    #[expect(clippy::cast_possible_truncation, reason = "clamped to what fits")]
    let quantise = |weight: f32| (weight / scale).round().clamp(-127.0, 127.0) as i8;
    Model::new(weights.map(quantise).collect(), scale, bias, [Rarity::default(); Stratum::COUNT])
}

#[cfg(test)]
mod tests;
