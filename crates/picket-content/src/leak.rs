//! Prompt leaks: an answer measured against the very system prompt of its request.
//!
//! Two measures, of which either is enough. *Verbatim*: runs of letters and digits, whatever stands between them, which
//! also occur in the prompt, in its rot13 or in its reverse; and what base64 or hex in the answer says. *Paraphrase*:
//! pairs of words that stand near each other in both, which survive other words in between, other forms and another
//! order. What the caller said itself, and phrases that prompts share with each other, tell nothing. Tokens that only the
//! prompt could know are enough by themselves.
//!
//! All of it is incremental: a whole answer is a stream of one piece.

mod base;
mod encoded;
mod letters;
mod stream;

use aho_corasick::AhoCorasick;
use base::Covered;
pub use base::Prompt;
pub(crate) use letters::{Words, mix};
use picket_text::Report;
use std::collections::BTreeSet;
use std::sync::Arc;
pub use stream::Stream;

/// Tokens that are looked for.
const CANARIES_MAX: usize = 128;
/// Shorter tokens occur by chance.
pub const CANARY_BYTES_MIN: usize = 6;
/// A random token in a prompt has so many characters.
const TOKEN_BYTES_MIN: usize = 16;
const TOKEN_BYTES_MAX: usize = 256;

/// What one request told its model in confidence.
#[derive(Debug, Clone)]
pub struct Confidence {
    prompt: Arc<Prompt>,
    /// What the caller knows already.
    known: Covered,
    canaries: Option<AhoCorasick>,
    /// The longest of them.
    canary_bytes: usize,
}

impl Confidence {
    /// What is confidential of a prompt: all that the caller did not say.
    ///
    /// `canaries` are an operator's own tokens; `private` are texts whose credentials nobody shall repeat, such as
    /// results of tools. `None` where there is nothing to keep.
    pub fn new(prompt: Arc<Prompt>, said: &[&str], private: &[&str], canaries: &[String]) -> Option<Self> {
        let is_known = |token: &str| said.iter().any(|text| text.contains(token));
        let mut tokens: BTreeSet<&str> = canaries.iter().map(String::as_str).collect();
        tokens.extend(prompt.tokens());
        for text in private {
            tokens.extend(picket_secret::scan(text).iter().filter_map(|hit| text.get(hit.start..hit.end)));
        }
        tokens.retain(|token| token.len() >= CANARY_BYTES_MIN && !is_known(token));
        let tokens: Vec<&str> = tokens.into_iter().take(CANARIES_MAX).collect();
        let known = prompt.covered_by(said);
        if tokens.is_empty() && !prompt.has_enough(&known) {
            return None;
        }
        let canary_bytes = tokens.iter().map(|token| token.len()).max().unwrap_or(0);
        let canaries = if tokens.is_empty() { None } else { AhoCorasick::new(&tokens).ok() };
        Some(Self { prompt, known, canaries, canary_bytes })
    }
}

/// The score from which on a leak counts.
pub const THRESHOLD: f32 = 0.5;

/// How much of what is confidential a whole text tells.
pub fn scan(text: &str, confidence: &Confidence) -> Report {
    let mut stream = Stream::new(confidence);
    stream.push(text, confidence);
    stream.finish(confidence);
    let mut report = stream.report();
    let mut places = report.hits.iter().flat_map(|hit| [hit.start, hit.end]).collect::<Vec<_>>();
    places.sort_unstable();
    let bytes = bytes_of(text, &places);
    let byte =
        |point: usize| places.binary_search(&point).ok().and_then(|at| bytes.get(at)).copied().unwrap_or(text.len());
    report.hits.iter_mut().for_each(|hit| (hit.start, hit.end) = (byte(hit.start), byte(hit.end)));
    report
}

/// The bytes of code points, which ascend.
fn bytes_of(text: &str, points: &[usize]) -> Vec<usize> {
    let (mut bytes, mut characters) = (Vec::with_capacity(points.len()), text.char_indices().enumerate().peekable());
    for point in points {
        while characters.peek().is_some_and(|(at, _)| at < point) {
            characters.next();
        }
        bytes.push(characters.peek().map_or(text.len(), |(_, (byte, _))| *byte));
    }
    bytes
}

/// Tokens of a text that nobody says by chance: credentials, and long runs of letters and digits mixed.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens: Vec<String> =
        picket_secret::scan(text).iter().filter_map(|hit| text.get(hit.start..hit.end).map(str::to_owned)).collect();
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let words =
        text.split(|c| !is_of_token(c)).filter(|word| (TOKEN_BYTES_MIN..=TOKEN_BYTES_MAX).contains(&word.len()));
    tokens.extend(words.filter(|word| is_random(word)).map(str::to_owned));
    tokens.truncate(CANARIES_MAX);
    tokens
}

/// Whether digits stand among letters as they do in no name or date.
fn is_random(word: &str) -> bool {
    let bytes = word.as_bytes();
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = bytes.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let turns =
        bytes.windows(2).filter(|pair| matches!(pair, [a, b] if a.is_ascii_digit() != b.is_ascii_digit())).count();
    digits >= 3 && letters >= 3 && turns >= 4
}

#[cfg(test)]
mod tests;
