//! Why a detector says what it says, for people and as JSON.

use picket_content::explain::{self, Value as Found};
use picket_content::injection::View;
use picket_content::{Check, Context, Report, code_points};
use picket_event::score::rounded;
use picket_stdx::escape;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::ops::Range;

/// Characters of a view that are shown.
const SHOWN: usize = 160;

/// Why a text has its score.
pub(super) struct Why {
    check: Check,
    score: f32,
    kind: Option<&'static str>,
    threshold: f32,
    views: Vec<View>,
    values: Vec<Found>,
    /// Places of what was found, in code points, with the words there.
    hits: Vec<Hit>,
    text: String,
}

struct Hit {
    kind: &'static str,
    detector: &'static str,
    score: f32,
    place: Range<usize>,
    words: String,
}

impl Why {
    pub(super) fn of(check: Check, text: &str, report: &Report, threshold: f32, context: &Context) -> Self {
        let places = code_points(text, report.hits.iter().map(|hit| hit.start..hit.end));
        let hits = report.hits.iter().zip(places).map(|(hit, place)| Hit {
            kind: hit.kind,
            detector: hit.detector,
            score: hit.score,
            place,
            words: text.get(hit.start..hit.end).unwrap_or_default().to_owned(),
        });
        Self {
            check,
            score: report.score,
            kind: report.kind,
            threshold,
            views: if check == Check::PromptInjection { explain::views(text, *context) } else { Vec::new() },
            values: explain::values(check, text, &report.hits),
            hits: hits.collect(),
            text: text.to_owned(),
        }
    }

    /// The same for programs.
    pub(super) fn json(&self) -> Value {
        let views = self.views.iter().map(|view| {
            json!({
                "view": name(view),
                "decoded_from": view.decoded.clone().map(|range| self.place(range)),
                "text": cut(&view.text),
                "score": number(view.score),
                "rules_score": number(view.rules_score),
                "rules": view.rules.iter().map(|rule| json!({
                    "name": rule.name,
                    "family": rule.family,
                    "weight": number(rule.weight),
                    "words": rule.words,
                    "span": rule.range.clone().map(|range| self.place(range)),
                })).collect::<Vec<_>>(),
                "model": view.learned.as_ref().map(|learned| json!({
                    "stratum": learned.stratum,
                    "window": cut(&learned.window),
                    "window_score": number(learned.window_score),
                    "whole_score": number(learned.whole_score),
                    "evidence": number(learned.evidence),
                    "counts_from": number(learned.counts_from),
                    "strongest": learned.strongest.iter().map(|(words, share)| json!([words, number(*share)])).collect::<Vec<_>>(),
                })),
            })
        });
        let values = self.values.iter().zip(&self.hits).map(|(value, hit)| {
            json!({
                "type": value.kind,
                "rule": value.detector,
                "score": number(value.score),
                "span": [hit.place.start, hit.place.end],
                "about": value.about.as_ref().map(|(about, _)| about),
                "recognised_by": value.about.as_ref().map(|(_, how)| how),
                "found_alone": value.alone,
                "context_word": value.word,
                "other_digits_refused": value.other_digits_refused.map(number),
                "entropy_bits": rounded(value.entropy),
            })
        });
        json!({
            "threshold": number(self.threshold),
            "views": views.collect::<Vec<_>>(),
            "values": values.collect::<Vec<_>>(),
        })
    }

    /// The same for people. Texts are shown without what a terminal would take for commands.
    pub(super) fn text(&self, id: &Value) -> String {
        let mut text = String::new();
        let verdict = if self.score >= self.threshold { "found" } else { "not found" };
        let kind = self.kind.map_or_else(String::new, |kind| format!(" ({kind})"));
        let name = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        let (check, score, threshold) = (self.check, self.score, self.threshold);
        say(&mut text, 0, &format!("{name}: {check} {verdict}{kind}, score {score:.3}, counts from {threshold:.2}"));
        self.views.iter().for_each(|view| self.say_view(&mut text, view));
        for (at, hit) in self.hits.iter().enumerate() {
            let Hit { kind, detector, score, place, words } = hit;
            if self.views.is_empty() {
                let line =
                    format!("{kind} at {}..{} by {detector}, {score:.2}: {}", place.start, place.end, cut(words));
                say(&mut text, 1, &line);
            }
            if let Some(value) = self.values.get(at) {
                say_value(&mut text, value);
            }
        }
        if self.hits.is_empty() && self.views.is_empty() {
            say(&mut text, 1, "nothing was found");
        }
        text
    }

    fn say_view(&self, text: &mut String, view: &View) {
        say(text, 1, &format!("{}, score {:.3}: {}", name(view), view.score, cut(&view.text)));
        if view.rules.is_empty() {
            say(text, 2, "no rule");
        }
        for rule in &view.rules {
            let span = rule.range.clone().map(|range| self.place(range));
            let span = span.map_or_else(String::new, |[start, end]| format!(" at {start}..{end}"));
            let line = format!("rule {} ({}, {:.2}){span}: {}", rule.name, rule.family, rule.weight, cut(&rule.words));
            say(text, 2, &line);
        }
        let Some(learned) = &view.learned else {
            return say(text, 2, "the model is not asked: most of it is code, which is decoded below");
        };
        let line = format!(
            "model: evidence {:.2}, counts from {:.1}, among {}; window {:+.2}, whole {:+.2}",
            learned.evidence, learned.counts_from, learned.stratum, learned.window_score, learned.whole_score
        );
        say(text, 2, &line);
        for (words, share) in &learned.strongest {
            say(text, 3, &format!("{share:+.2} {}", cut(words)));
        }
    }

    /// A range of the text in code points.
    fn place(&self, range: Range<usize>) -> [usize; 2] {
        let places = code_points(&self.text, std::iter::once(range));
        places.into_iter().next().map_or([0, 0], |place| [place.start, place.end])
    }
}

fn say_value(text: &mut String, value: &Found) {
    if let Some((about, how)) = &value.about {
        say(text, 2, &format!("{about}: {how}"));
    }
    let context = match (&value.word, value.alone) {
        (Some(word), true) => format!("found alone, and surer by the word `{word}`"),
        (Some(word), false) => format!("needs the word `{word}` beside it"),
        (None, true) => "found alone, whatever is beside it".to_owned(),
        (None, false) => "needs what is beside it".to_owned(),
    };
    say(text, 2, &context);
    if let Some(refused) = value.other_digits_refused {
        say(text, 2, &format!("{:.0} % of other digits in single places are no such value", refused * 100.0));
    }
    say(text, 2, &format!("entropy {:.1} bits a byte", value.entropy));
}

fn name(view: &View) -> &'static str {
    if view.decoded.is_some() { "decoded" } else { "as it stands" }
}

fn say(text: &mut String, depth: usize, line: &str) {
    writeln!(text, "{:width$}{}", "", escape::terminal(line), width = depth * 2).unwrap_or_default();
}

/// The beginning of a text in one line.
fn cut(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    let line = line.join(" ");
    let mut shown: String = line.chars().take(SHOWN).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    shown
}

fn number(value: f32) -> f64 {
    rounded(f64::from(value))
}

#[cfg(test)]
mod tests;
