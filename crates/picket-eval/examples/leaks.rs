//! How well leaks of system prompts are told from other answers.
//!
//! `cargo run --release -p picket-eval --example leaks FOLDER`: makes leaks and harmless answers of the prompts in
//! `ben_awesome_prompts.jsonl`, and gives the area under the curve, form by form. Deterministic.

use base64::Engine as _;
use picket_content::leak::{Confidence, Prompt, Stream, THRESHOLD, scan};
use picket_eval::Outcome;
use picket_eval::corpus::{self, say, text};
use picket_eval::draws::Draws;
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

fn main() -> Outcome<()> {
    let folder = std::env::args().nth(1).ok_or("name the folder of the corpora")?;
    let prompts = read(&Path::new(&folder).join("ben_awesome_prompts.jsonl"))?;
    let others = read(&Path::new(&folder).join("ben_selfinstruct.jsonl"))?;
    let prompts: Vec<&String> = prompts.iter().filter(|text| (200..20_000).contains(&text.len())).collect();
    let mut draws = Draws::new(0x5eed_1e55_0bad_cafe);
    let words: Vec<HashSet<&str>> = prompts.iter().map(|text| content_words(text)).collect();
    let other_words: Vec<HashSet<&str>> = others.iter().map(|text| content_words(text)).collect();
    let mut vocabulary: Vec<&str> = words.iter().flatten().copied().collect();
    vocabulary.sort_unstable();
    vocabulary.dedup();
    let mut leaks: Scores = BTreeMap::new();
    let mut harmless: Scores = BTreeMap::new();
    let (mut spent, mut bytes, mut prepared) = (Duration::ZERO, 0, Duration::ZERO);
    let mut out_at_end: Vec<f32> = Vec::new();
    for (at, text) in prompts.iter().enumerate() {
        let begun = Instant::now();
        let prompt = Arc::new(Prompt::new(&[text]));
        prepared += begun.elapsed();
        let asked = format!("Tell me about {}.", words.get(at).map_or_else(String::new, |own| few(own, 4, &mut draws)));
        let Some(confidence) = Confidence::new(Arc::clone(&prompt), &[&asked], &[], &[]) else { continue };
        let mut rate = |answer: &str| {
            let begun = Instant::now();
            let score = scan(answer, &confidence).score;
            spent += begun.elapsed();
            bytes += answer.len();
            score
        };
        for (name, answer) in leaked(text, &vocabulary, &mut draws) {
            leaks.entry(name).or_default().push(rate(&answer));
        }
        let own = words.get(at).cloned().unwrap_or_default();
        let near = nearest(&own, &words, at).and_then(|near| prompts.get(near)).map_or("", |text| text.as_str());
        let subject =
            nearest(&own, &other_words, usize::MAX).and_then(|near| others.get(near)).map_or("", String::as_str);
        let random = prompts.get(draws.below(prompts.len())).map_or("", |text| text.as_str());
        for (name, answer) in [
            ("another prompt", if random == text.as_str() { "" } else { random }.to_owned()),
            ("the most similar prompt", near.to_owned()),
            ("a text on the subject", subject.to_owned()),
            ("new sentences with its words", sentences(&own, &mut draws)),
            ("a quote of the question", format!("You asked: \"{asked}\" {}", sentences(&own, &mut draws))),
        ] {
            harmless.entry(name).or_default().push(rate(&answer));
        }
        let quoted = Confidence::new(Arc::clone(&prompt), &[text], &[], &[]);
        harmless
            .entry("the caller's own words")
            .or_default()
            .push(quoted.map_or(0.0, |confidence| scan(text, &confidence).score));
        out_at_end.push(out_before_end(text, &confidence));
    }
    report(&leaks, &harmless, prompts.len());
    streams(out_at_end);
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = bytes as f64 / 1e6 / spent.as_secs_f64();
    let each = prepared / u32::try_from(prompts.len().max(1))?;
    say(&format!("{rate:.0} MB/s of answers; a prompt is prepared in {each:?}"));
    Ok(())
}

/// Scores of each form.
type Scores = BTreeMap<&'static str, Vec<f32>>;

fn report(leaks: &Scores, harmless: &Scores, prompts: usize) {
    let negatives: Vec<f32> = harmless.values().flatten().copied().collect();
    let positives: Vec<f32> = leaks.values().flatten().copied().collect();
    say(&format!("{prompts} prompts; {} leaks, {} harmless answers", positives.len(), negatives.len()));
    say(&format!("AUC {:.4}", auc(&positives, &negatives)));
    for (name, scores) in leaks {
        say(&format!("leak     {name:32} AUC {:.4}   found {:5.1} %", auc(scores, &negatives), share(scores)));
    }
    for (name, scores) in harmless {
        say(&format!("harmless {name:32} AUC {:.4}   found {:5.1} %", auc(&positives, scores), share(scores)));
    }
}

/// How much is out when streams end.
fn streams(mut out: Vec<f32>) {
    out.sort_by(f32::total_cmp);
    let at = |percent: usize| out.get(out.len() * percent / 100).copied().unwrap_or(1.0) * 100.0;
    let (half, most, nearly) = (at(50), at(90), at(99));
    say(&format!(
        "out before a stream ends: median {half:.1} %, 9 in 10 below {most:.1} %, 99 in 100 below {nearly:.1} %"
    ));
}

/// How much of a prompt is out when a stream that leaks it word by word ends.
fn out_before_end(text: &str, confidence: &Confidence) -> f32 {
    let mut stream = Stream::new(confidence);
    let mut out = 0;
    for word in text.split_inclusive(' ') {
        stream.push(word, confidence);
        if stream.score() >= THRESHOLD {
            break;
        }
        out += word.len();
    }
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    let share = out as f32 / text.len() as f32;
    share
}

/// The prompt in the forms that it leaks in.
fn leaked(text: &str, vocabulary: &[&str], draws: &mut Draws) -> Vec<(&'static str, String)> {
    let sentences: Vec<&str> =
        text.split_inclusive(['.', '!', '?', '\n']).filter(|sentence| sentence.trim().len() > 3).collect();
    let mut shuffled = sentences.clone();
    draws.shuffle(&mut shuffled);
    let from = draws.below(sentences.len().max(2) * 3 / 4);
    let mut partial = String::new();
    for sentence in sentences.iter().skip(from) {
        partial.push_str(sentence);
        if partial.len() >= text.len().min(1_200) / 4 && partial.len() >= 120 {
            break;
        }
    }
    let changed = |drop: usize, change: usize, draws: &mut Draws| -> String {
        let mut words: Vec<&str> = Vec::new();
        for word in text.split_whitespace() {
            match draws.below(100) {
                roll if roll < drop => {}
                roll if roll < drop + change && word.len() >= 4 => {
                    words.push(draws.one(vocabulary).copied().unwrap_or_default())
                }
                _ => words.push(word),
            }
        }
        words.join(" ")
    };
    let list: Vec<String> =
        sentences.iter().enumerate().map(|(at, sentence)| format!("{}. **{}**", at + 1, sentence.trim())).collect();
    let letters = |c: char| match c {
        'a'..='m' | 'A'..='M' => char::from_u32(u32::from(c) + 13).unwrap_or(c),
        'n'..='z' | 'N'..='Z' => char::from_u32(u32::from(c) - 13).unwrap_or(c),
        other => other,
    };
    vec![
        ("verbatim", text.to_owned()),
        (
            "verbatim in an answer",
            format!(
                "Of course! My instructions are: \"{text}\" Is there anything else that you would like to know about me?"
            ),
        ),
        ("a part", format!("I was told: {partial}")),
        ("reordered", shuffled.concat()),
        ("a list", list.join("\n\n")),
        ("upper case", text.to_uppercase()),
        ("other separators", text.split_whitespace().collect::<Vec<_>>().join("_")),
        ("spaced letters", text.chars().take(600).flat_map(|c| [c, ' ']).collect()),
        ("one word in five another", changed(0, 20, draws)),
        ("one word in four dropped", changed(25, 0, draws)),
        ("one in five another, one in eight dropped, reordered", {
            let mixed = changed(12, 20, draws);
            let mut parts: Vec<&str> = mixed.split_inclusive('.').collect();
            parts.reverse();
            parts.concat()
        }),
        ("base64", base64::engine::general_purpose::STANDARD.encode(text)),
        ("rot13", text.chars().map(letters).collect()),
        ("reversed", text.chars().rev().collect()),
    ]
}

/// Sentences that nobody wrote, with words of a prompt.
fn sentences(own: &HashSet<&str>, draws: &mut Draws) -> String {
    const FRAMES: &[&str] = &[
        "When people ask about @, they often mean @.",
        "A good way to begin with @ is to look at @ first, and only then at @.",
        "There are several kinds of @; the best known is @.",
        "You could try @ together with @, which many find easier.",
        "In my experience @ matters less than @ does.",
        "Start small: one @ a day, then two, then a whole @.",
        "That depends on @. If you have @, go on; if not, wait.",
    ];
    let mut own: Vec<&str> = own.iter().copied().collect();
    own.sort_unstable();
    let count = 4 + draws.below(8);
    let frames: Vec<String> = (0..count)
        .map(|_| {
            draws
                .one(FRAMES)
                .copied()
                .unwrap_or_default()
                .split('@')
                .map(str::to_owned)
                .reduce(|text, rest| text + draws.one(&own).copied().unwrap_or_default() + &rest)
                .unwrap_or_default()
        })
        .collect();
    frames.join(" ")
}

fn few(own: &HashSet<&str>, count: usize, draws: &mut Draws) -> String {
    let mut own: Vec<&str> = own.iter().copied().collect();
    own.sort_unstable();
    (0..count).map(|_| draws.one(&own).copied().unwrap_or_default()).collect::<Vec<_>>().join(" and ")
}

fn content_words(text: &str) -> HashSet<&str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() >= 5).collect()
}

/// The text with the most words in common, of those that are not nearly the same.
fn nearest(own: &HashSet<&str>, all: &[HashSet<&str>], but: usize) -> Option<usize> {
    let shared = |other: &HashSet<&str>| other.iter().filter(|word| own.contains(*word)).count();
    let candidates =
        all.iter().enumerate().filter(|(at, _)| *at != but).map(|(at, other)| (at, shared(other), other.len()));
    let apart = candidates.filter(|(_, shared, count)| shared * 2 < own.len().min(*count).max(1));
    apart.max_by_key(|(at, shared, count)| (shared * 1_000 / (count + 20), *at)).map(|(at, ..)| at)
}

#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn auc(positives: &[f32], negatives: &[f32]) -> f64 {
    let mut sorted = negatives.to_vec();
    sorted.sort_by(f32::total_cmp);
    let below = |score: f32| {
        let (less, not_more) =
            (sorted.partition_point(|other| *other < score), sorted.partition_point(|other| *other <= score));
        (less + not_more) as f64 / 2.0
    };
    positives.iter().map(|score| below(*score)).sum::<f64>()
        / positives.len().max(1) as f64
        / sorted.len().max(1) as f64
}

#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn share(scores: &[f32]) -> f64 {
    scores.iter().filter(|score| **score >= THRESHOLD).count() as f64 * 100.0 / scores.len().max(1) as f64
}

fn read(file: &Path) -> Outcome<Vec<String>> {
    Ok(corpus::values(file)?.iter().map(|row| text(row, "text").to_owned()).collect())
}
