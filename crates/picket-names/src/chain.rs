//! The chain: which tags follow each other, the most likely tags of a stretch, and how likely a place is.

use crate::kind::Kind;

/// How many tags there are: nothing, and the beginning and the inside of each kind.
pub const TAGS: usize = 1 + 2 * Kind::ALL.len();

/// Worse than whatever features say.
const NEVER: f32 = -1e4;

/// A tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tag(pub usize);

impl Tag {
    /// Part of nothing.
    pub const NOTHING: Self = Self(0);

    /// The first token of a kind.
    pub const fn first(kind: Kind) -> Self {
        Self(1 + 2 * kind as usize)
    }

    /// A further token of a kind.
    pub const fn more(kind: Kind) -> Self {
        Self(2 + 2 * kind as usize)
    }

    /// The kind of a token, and whether it is its first.
    pub fn kind(self) -> Option<(Kind, bool)> {
        let at = self.0.checked_sub(1)?;
        Kind::ALL.get(at / 2).map(|kind| (*kind, at % 2 == 0))
    }

    /// Whether a tag may stand behind this one; at the beginning of a stretch stands [`Self::NOTHING`].
    pub const fn may_precede(self, next: Self) -> bool {
        let is_inside = next.0 > 0 && next.0.is_multiple_of(2);
        !is_inside || self.0 == next.0 || self.0 + 1 == next.0
    }
}

/// What is added to a score for a tag behind a tag.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    /// From the tag before to the tag behind.
    steps: [[f32; TAGS]; TAGS],
    /// The same as factors of likelihoods.
    factors: [[f32; TAGS]; TAGS],
}

/// How a probability of the chain is turned to the share of such places that are right.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// What the log-odds are multiplied with.
    pub slope: f32,
    /// What is added to them then.
    pub offset: f32,
}

impl Calibration {
    /// The calibrated probability.
    pub fn of(self, probability: f32) -> f32 {
        let probability = probability.clamp(1e-6, 1.0 - 1e-6);
        let odds = (probability / (1.0 - probability)).ln();
        1.0 / (1.0 + (-(self.slope * odds + self.offset)).exp())
    }
}

/// A stretch that was decoded.
#[derive(Debug, Default)]
pub struct Path {
    /// The most likely tag of each token.
    pub tags: Vec<Tag>,
    back: Vec<[u8; TAGS]>,
    /// Likelihoods of what stands before and up to a token, and behind it, each scaled to a sum of one.
    forward: Vec<[f32; TAGS]>,
    backward: Vec<[f32; TAGS]>,
    likely: Vec<[f32; TAGS]>,
    scales: Vec<f32>,
}

impl Chain {
    /// A chain with these weights; steps that no tags can take are made impossible.
    pub fn new(mut steps: [[f32; TAGS]; TAGS]) -> Self {
        for (from, row) in steps.iter_mut().enumerate() {
            for (to, step) in row.iter_mut().enumerate() {
                if !Tag(from).may_precede(Tag(to)) {
                    *step = NEVER;
                }
            }
        }
        Self { steps, factors: steps.map(|row| row.map(f32::exp)) }
    }

    /// Its steps.
    pub const fn steps(&self) -> &[[f32; TAGS]; TAGS] {
        &self.steps
    }

    /// Finds the most likely tags of tokens by what their features say.
    pub fn decode(&self, scores: &[[f32; TAGS]], path: &mut Path) {
        path.tags.clear();
        path.back.clear();
        let mut best = [NEVER; TAGS];
        if let Some(nothing) = best.first_mut() {
            *nothing = 0.0;
        }
        for score in scores {
            let mut next = [f32::MIN; TAGS];
            let mut from = [0_u8; TAGS];
            for (before, (sum, steps)) in (0_u8..).zip(best.iter().zip(&self.steps)) {
                let reached = next.iter_mut().zip(steps).zip(&mut from);
                reached.filter(|((to, step), _)| sum + **step > **to).for_each(|((to, step), origin)| {
                    (*to, *origin) = (sum + step, before);
                });
            }
            next.iter_mut().zip(score).for_each(|(to, score)| *to += score);
            best = next;
            path.back.push(from);
        }
        let last = best.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(tag, _)| tag);
        let mut tag = last;
        for from in path.back.iter().rev() {
            path.tags.push(Tag(tag));
            tag = from.get(tag).copied().map_or(0, usize::from);
        }
        path.tags.reverse();
    }

    /// Prepares [`Self::probability`] for tokens.
    pub fn weigh(&self, scores: &[[f32; TAGS]], path: &mut Path) {
        for list in [&mut path.forward, &mut path.backward, &mut path.likely] {
            list.clear();
        }
        path.scales.clear();
        let mut before = [0.0; TAGS];
        if let Some(nothing) = before.first_mut() {
            *nothing = 1.0;
        }
        for score in scores {
            let most = score.iter().copied().fold(f32::MIN, f32::max);
            let likely = score.map(|score| (score - most).exp());
            let mut next = [0.0; TAGS];
            for (share, steps) in before.iter().zip(&self.factors) {
                next.iter_mut().zip(steps).for_each(|(to, step)| *to += share * step);
            }
            next.iter_mut().zip(&likely).for_each(|(to, likely)| *to *= likely);
            let sum: f32 = next.iter().sum::<f32>().max(f32::MIN_POSITIVE);
            before = next.map(|value| value / sum);
            path.likely.push(likely);
            path.forward.push(before);
            path.scales.push(sum);
        }
        let mut behind = [1.0; TAGS];
        for (likely, sum) in path.likely.iter().zip(&path.scales).rev() {
            path.backward.push(behind);
            let mut next = [0.0; TAGS];
            for (to, steps) in next.iter_mut().zip(&self.factors) {
                *to =
                    steps.iter().zip(likely).zip(&behind).map(|((step, likely), behind)| step * likely * behind).sum();
            }
            behind = next.map(|value| value / sum);
        }
        path.backward.reverse();
    }

    /// How likely the chain finds exactly this place: its first token, one past its last, and its kind. Needs
    /// [`Self::weigh`].
    pub fn probability(&self, path: &Path, (from, to): (usize, usize), kind: Kind) -> f32 {
        let (first, more) = (Tag::first(kind), Tag::more(kind));
        let value = |list: &[[f32; TAGS]], at: usize, tag: Tag| {
            list.get(at).and_then(|row| row.get(tag.0)).copied().unwrap_or(0.0)
        };
        // What stands before it is in the forward value of its first token, all but the step out is in the backward one.
        let mut probability = value(&path.forward, from, first);
        let mut tag = first;
        for at in from + 1..to {
            let scale = path.scales.get(at).copied().unwrap_or(1.0);
            probability *= self.step(tag, more) * value(&path.likely, at, more) / scale;
            tag = more;
        }
        let Some(next) = path.likely.get(to) else { return probability };
        let scale = path.scales.get(to).copied().unwrap_or(1.0);
        let out: f32 = (0..TAGS)
            .filter(|next| Tag(*next) != more)
            .map(|next_tag| {
                self.step(tag, Tag(next_tag))
                    * next.get(next_tag).copied().unwrap_or(0.0)
                    * value(&path.backward, to, Tag(next_tag))
            })
            .sum();
        probability * out / scale
    }

    fn step(&self, from: Tag, to: Tag) -> f32 {
        self.factors.get(from.0).and_then(|row| row.get(to.0)).copied().unwrap_or(0.0)
    }

    /// How likely each tag is for a token. Needs [`Self::weigh`].
    pub fn shares(path: &Path, at: usize) -> [f32; TAGS] {
        let mut shares = path.forward.get(at).copied().unwrap_or([0.0; TAGS]);
        if let Some(backward) = path.backward.get(at) {
            shares.iter_mut().zip(backward).for_each(|(share, behind)| *share *= behind);
        }
        let sum: f32 = shares.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        shares.map(|share| share / sum)
    }

    /// How likely two tags are for a token and the one before it, added to `sums` and weighed. Needs [`Self::weigh`].
    pub fn add_step_shares(&self, path: &Path, at: usize, weight: f32, sums: &mut [[f32; TAGS]; TAGS]) {
        let mut start = [0.0; TAGS];
        if let Some(nothing) = start.first_mut() {
            *nothing = 1.0;
        }
        let before = at.checked_sub(1).map_or(Some(&start), |before| path.forward.get(before));
        let (Some(before), Some(likely), Some(behind), Some(scale)) =
            (before, path.likely.get(at), path.backward.get(at), path.scales.get(at))
        else {
            return;
        };
        for ((share, steps), sums) in before.iter().zip(&self.factors).zip(sums) {
            for (((step, likely), behind), sum) in steps.iter().zip(likely).zip(behind).zip(sums) {
                *sum += weight * share * step * likely * behind / scale;
            }
        }
    }
}

#[cfg(test)]
mod tests;
