//! Why a text is taken for an injection, or not: what each view of it says to the rules and to the model.

use super::{COUNTS, FAMILIES, belief, decoded, fired, joined, score, trust};
use crate::Reading;
use crate::linear::{Best, End, Model, SHIPPED, Shipped, Stratum};
use picket_text::{Context, Origins};
use std::ops::Range;

/// Runs of words that are told of a window.
const STRONGEST: usize = 8;
/// Words of such a run: so many does a weight of the model stand for at most.
const RUN_WORDS: usize = 3;

/// One reading of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// The text as the rules and the model see it.
    pub text: String,
    /// The bytes of the original that it is decoded from; `None` of the text as it stands.
    pub decoded: Option<Range<usize>>,
    /// The rules that fired.
    pub rules: Vec<Matched>,
    /// What they make together.
    pub rules_score: f32,
    /// What the model says, where the letters of the view are words.
    pub learned: Option<Learned>,
    /// The score of this view.
    pub score: f32,
}

/// A rule that fired.
#[derive(Debug, Clone, PartialEq)]
pub struct Matched {
    /// Its name.
    pub name: &'static str,
    /// What it is about.
    pub family: &'static str,
    /// Its weight, by whose words the text is.
    pub weight: f32,
    /// The words of the view.
    pub words: String,
    /// Their bytes in the original, of a view that is not decoded.
    pub range: Option<Range<usize>>,
}

/// What the model says.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    /// The texts that this one is compared with.
    pub stratum: String,
    /// The score of the window that is most like an attack; above zero is more like one than not.
    pub window_score: f32,
    /// The same of the whole view.
    pub whole_score: f32,
    /// The words of that window.
    pub window: String,
    /// How rare model and rules are together among harmless texts, as an order of magnitude, by whose words it is.
    pub evidence: f32,
    /// The evidence from which on it counts.
    pub counts_from: f32,
    /// The runs of words that add most to the window's score, and how much.
    pub strongest: Vec<(String, f32)>,
}

/// Every view of a text, as it stands first. The others count only where that one says too little.
pub fn views(text: &str, context: Context) -> Vec<View> {
    let decoded = decoded(text);
    let has_words = !decoded.iter().any(|decoded| decoded.covers);
    let mut views = vec![view(text, None, context, has_words)];
    views.extend(decoded.into_iter().map(|decoded| view(&decoded.text, Some(decoded.range), context, true)));
    views
}

fn view(original: &str, decoded: Option<Range<usize>>, context: Context, has_words: bool) -> View {
    let reading = Reading::of(original);
    let text = reading.folded().to_owned();
    let fired = fired(&text);
    let weights = fired.as_ref().map_or([0.0; FAMILIES], |fired| fired.weights(&context));
    let rules_score = joined(&weights);
    let origins = decoded.is_none().then(|| Origins::of(original));
    let matched = fired.iter().flat_map(|fired| &fired.0).map(|(rule, range)| Matched {
        name: rule.name,
        family: rule.family.as_str(),
        weight: rule.weight * trust(rule.family, context),
        words: text.get(range.clone()).unwrap_or_default().to_owned(),
        range: origins.as_ref().map(|origins| origins.original(range.start)..origins.original(range.end)),
    });
    let rules = matched.collect();
    let learned = SHIPPED.injection.as_ref().filter(|_| has_words);
    let learned = learned.map(|model| learned_by(model, &reading, rules_score, context));
    let score = learned.as_ref().map_or(rules_score, |learned| score(learned.evidence));
    View { text, decoded, rules, rules_score, learned, score }
}

fn learned_by(model: &Model, reading: &Reading<'_>, rules: f32, context: Context) -> Learned {
    let view = reading.folded();
    let ends: Vec<End> = reading.ends().iter().map(|ends| ends.of(Shipped::INJECTION)).collect();
    let (stratum, best) = (Stratum::of(view), model.best_of(ends.iter().copied()));
    Learned {
        stratum: stratum.describe(),
        window_score: best.score,
        whole_score: best.whole,
        window: view.get(best.start..best.end).unwrap_or_default().trim().to_owned(),
        evidence: model.evidence(stratum, best, rules) * belief(context.role),
        counts_from: COUNTS,
        strongest: strongest(model, (view, &ends), best),
    }
}

/// What each word adds with those before it, so that all of it sums up to the score of the window without its bias.
fn strongest(model: &Model, (view, ends): (&str, &[End]), best: Best) -> Vec<(String, f32)> {
    let ends: Vec<End> = std::iter::once(End::BEGIN).chain(ends.iter().copied()).collect();
    let inside = |end: &&End| end.at >= best.start && end.at <= best.end;
    let (Some(first), Some(last)) = (ends.iter().find(inside), ends.iter().rfind(inside)) else { return Vec::new() };
    let all = last.sum - first.sum;
    if best.end <= best.start || all <= 0.0 {
        return Vec::new();
    }
    let worth = (best.score - model.bias) / all;
    let added = |(at, pair): (usize, &[End])| {
        let [before, end] = pair else { return None };
        let from = ends.get((at + 1).saturating_sub(RUN_WORDS))?;
        let words = view.get(from.at.max(best.start)..end.at)?.trim();
        let (share, is_inside) = ((end.sum - before.sum) * worth, before.at >= best.start && end.at <= best.end);
        (is_inside && share > 0.0 && !words.is_empty()).then(|| (words.to_owned(), share))
    };
    let mut runs: Vec<(String, f32)> = ends.windows(2).enumerate().filter_map(added).collect();
    runs.sort_by(|a, b| b.1.total_cmp(&a.1));
    runs.truncate(STRONGEST);
    runs
}
