//! How many names a model finds, and how many it makes up.

use crate::sample::Sample;
use picket_names::{Kind, Span, Tagger};
use std::ops::Range;
use std::time::Instant;

/// Counts of a kind.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tally {
    pub named: usize,
    pub found: usize,
    pub touched: usize,
    pub exact: usize,
    pub made_up: usize,
}

fn shared(a: &Range<usize>, b: &Range<usize>) -> usize {
    a.end.min(b.end).saturating_sub(a.start.max(b.start))
}

/// Two places are the same when they share half of what they cover together.
pub fn is_same(a: &Range<usize>, b: &Range<usize>) -> bool {
    let shared = shared(a, b);
    shared > 0 && 2 * shared >= a.len() + b.len() - shared
}

pub const THRESHOLD: f32 = 0.5;

pub fn find(tagger: &Tagger, text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    tagger.each(text, |span| spans.push(span));
    spans
}

/// Counts over samples by kind.
pub fn tally<'a>(tagger: &Tagger, samples: impl Iterator<Item = &'a Sample>) -> [Tally; Kind::ALL.len()] {
    let mut tallies = [Tally::default(); Kind::ALL.len()];
    for sample in samples {
        let mut open: Vec<Span> =
            find(tagger, &sample.text).into_iter().filter(|span| span.score >= THRESHOLD).collect();
        let all = open.clone();
        for (span, kind) in &sample.names {
            let tally = &mut tallies[*kind as usize];
            tally.named += 1;
            let covers = |other: &Span| 2 * shared(&(other.start..other.end), span) >= span.len();
            tally.touched += usize::from(all.iter().any(covers));
            let place = open.iter().position(|other| other.kind == *kind && is_same(&(other.start..other.end), span));
            if let Some(place) = place {
                let other = open.swap_remove(place);
                tally.found += 1;
                tally.exact += usize::from(other.start == span.start && other.end == span.end);
            }
        }
        for span in open {
            tallies[span.kind as usize].made_up += 1;
        }
    }
    tallies
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

pub fn print(title: &str, tallies: &[Tally; Kind::ALL.len()]) {
    println!(
        "\n{title}\n| Kind | named | precision | recall | F1 | exact F1 | found as any kind |\n|---|---|---|---|---|---|---|"
    );
    let mut all = Tally::default();
    for tally in tallies {
        all.named += tally.named;
        all.found += tally.found;
        all.touched += tally.touched;
        all.exact += tally.exact;
        all.made_up += tally.made_up;
    }
    for (name, tally) in Kind::ALL.iter().map(|kind| kind.as_str()).zip(tallies).chain([("all", &all)]) {
        let precision = share(tally.found, tally.found + tally.made_up);
        let f1 = |found: usize| share(2 * found, tally.named + tally.found + tally.made_up);
        println!(
            "| {name} | {} | {precision:.3} | {:.3} | **{:.3}** | {:.3} | {:.3} |",
            tally.named,
            share(tally.found, tally.named),
            f1(tally.found),
            f1(tally.exact),
            share(tally.touched, tally.named)
        );
    }
}

/// Microseconds for each KiB of texts, the median of five runs over all.
pub fn speed(tagger: &Tagger, texts: &[&str]) -> f64 {
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    let mut times: Vec<f64> = (0..5)
        .map(|_| {
            let begin = Instant::now();
            let mut count = 0;
            for text in texts {
                tagger.each(text, |_| count += 1);
            }
            std::hint::black_box(count);
            begin.elapsed().as_secs_f64() * 1e6 / (bytes as f64 / 1024.0)
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[2]
}
