//! Topics: what a text is about, by the words and the example sentences that an operator gives.
//!
//! A keyword is enough by itself. Example sentences are compared by hashed stems of words and pairs of them, window by
//! window, so that a long text is on a topic where a piece of it is. Who allows some topics refuses what is on none of
//! them; a text that is too short to be about anything passes.

use crate::leak::{Words, mix};
use aho_corasick::AhoCorasick;
use picket_event::{Phase, Role};
use picket_text::{Check, Context, Hit, Hits, Report, disjoint};
use picket_text::{Origins, fold, folded};
use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};

/// Words of a text that are compared at once, and how far the next window begins.
const WINDOW_WORDS: usize = 32;
const STEP_WORDS: usize = 16;
/// A text with fewer words that tell something is about nothing: an answer to a question, thanks.
const TELLING_WORDS_MIN: usize = 4;
/// An example that is this alike is of the same topic.
const ALIKE: f32 = 0.22;
/// Keywords and examples of all topics together.
pub const EXPRESSIONS_MAX: usize = 2_048;

/// A topic as an operator writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Topic {
    /// What it is called.
    pub name: String,
    /// Words and phrases that only this topic has.
    pub keywords: Vec<String>,
    /// Sentences as users would write them.
    pub examples: Vec<String>,
}

/// Topics that are allowed, and topics that are denied.
#[derive(Debug, Clone)]
pub struct Topics {
    allow: Side,
    deny: Side,
    /// As they were written.
    written: (Vec<Topic>, Vec<Topic>),
}

impl PartialEq for Topics {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

/// Features, which are hashes already. A window has few, so that nobody gains by features that collide.
type Features = HashSet<u64, BuildHasherDefault<Mixed>>;

/// Takes a hash as it is.
#[derive(Debug, Clone, Copy, Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = mix(self.0, u64::from(*byte)));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// One list of topics, prepared.
#[derive(Debug, Clone, Default)]
struct Side {
    keywords: Option<AhoCorasick>,
    examples: Vec<Features>,
    /// The features of all examples.
    known: Features,
}

/// How far a text is on a list of topics, and where.
#[derive(Debug, Default)]
struct Found {
    score: f32,
    /// Bytes of the folded text.
    places: Vec<(usize, usize)>,
}

impl Side {
    fn new(topics: &[Topic]) -> Self {
        let words: Vec<String> =
            topics.iter().flat_map(|topic| &topic.keywords).map(|word| folded(&fold(word))).collect();
        let examples = topics.iter().flat_map(|topic| &topic.examples).map(|text| stems(&fold(text)));
        let examples: Vec<Features> = examples
            .map(|stems| features(&stems).collect())
            .filter(|features: &Features| !features.is_empty())
            .collect();
        let known = examples.iter().flatten().copied().collect();
        let keywords = if words.is_empty() { None } else { AhoCorasick::new(&words).ok() };
        Self { keywords, examples, known }
    }

    fn is_empty(&self) -> bool {
        self.keywords.is_none() && self.examples.is_empty()
    }

    /// 0.5 is where a text is on a topic.
    fn rate(&self, view: &str, stems: &[(u64, usize, usize)]) -> Found {
        let mut found = Found::default();
        for word in self.keywords.iter().flat_map(|keywords| keywords.find_overlapping_iter(view)) {
            let goes_on = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
            let (before, after) = (view.get(..word.start()), view.get(word.end()..));
            let is_word = !goes_on(before.and_then(|text| text.chars().next_back()))
                && !goes_on(after.and_then(|text| text.chars().next()));
            let stands_alone = is_word || view.get(word.range()).is_some_and(|text| !text.is_ascii());
            if stands_alone && found.places.len() < picket_text::HITS_MAX {
                found.score = found.score.max(0.75);
                found.places.push((word.start(), word.end()));
            }
        }
        if self.examples.is_empty() {
            return found;
        }
        let mut from = 0;
        loop {
            let window = stems.get(from..stems.len().min(from + WINDOW_WORDS)).unwrap_or_default();
            // Most windows share nothing with any example, and need not be counted.
            let alike = if features(window).any(|feature| self.known.contains(&feature)) {
                let own = features(window).collect();
                self.examples.iter().map(|example| alike(&own, example)).fold(0.0, f32::max)
            } else {
                0.0
            };
            let score = (alike / ALIKE * 0.5).min(0.95);
            if let (Some((_, start, _)), Some((_, _, end))) = (window.first(), window.last())
                && score >= 0.5
                && found.places.len() < picket_text::HITS_MAX
            {
                found.places.push((*start, *end));
            }
            found.score = found.score.max(score);
            if from + WINDOW_WORDS >= stems.len() {
                return found;
            }
            from += STEP_WORDS;
        }
    }
}

/// The telling words of a folded text: a hash of each stem, and its place.
fn stems(view: &str) -> Vec<(u64, usize, usize)> {
    let (mut words, mut stems) = (Words::default(), Vec::new());
    for (at, character) in view.char_indices() {
        stems
            .extend(words.push(character, at).map(|(word, begin)| (word, begin, at.max(begin + character.len_utf8()))));
    }
    stems.extend(words.finish().map(|(word, begin)| (word, begin, view.len())));
    stems
}

/// Stems, and pairs of neighbours.
fn features(stems: &[(u64, usize, usize)]) -> impl Iterator<Item = u64> + '_ {
    let pairs = stems.windows(2).filter_map(|pair| match pair {
        [(a, ..), (b, ..)] => Some(mix(mix(5, *a), *b)),
        _ => None,
    });
    stems.iter().map(|(stem, ..)| *stem).chain(pairs)
}

/// How alike two sets are: what they share over the root of their sizes.
fn alike(a: &Features, b: &Features) -> f32 {
    let (few, many) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let shared = few.iter().filter(|feature| many.contains(feature)).count();
    #[expect(clippy::cast_precision_loss, reason = "windows are small")]
    let alike = shared as f32 / (a.len().max(1) as f32 * b.len().max(1) as f32).sqrt();
    alike
}

impl Topics {
    /// Prepares lists of topics.
    pub fn new(allow: Vec<Topic>, deny: Vec<Topic>) -> Self {
        Self { allow: Side::new(&allow), deny: Side::new(&deny), written: (allow, deny) }
    }

    /// Names of the topics that are allowed, and of those that are denied.
    pub fn names(&self) -> (Vec<&str>, Vec<&str>) {
        (
            self.written.0.iter().map(|topic| topic.name.as_str()).collect(),
            self.written.1.iter().map(|topic| topic.name.as_str()).collect(),
        )
    }
}

pub(crate) fn scan(text: &str, topics: &Topics, context: Context) -> Report {
    // Rules for the model speak of everything that it shall not do.
    if matches!(context.role, Role::System | Role::Definition) {
        return Report::default();
    }
    let view = fold(text);
    let stems = stems(&view);
    let denied = topics.deny.rate(&view, &stems);
    // What a caller asks for is on a topic or not; an answer follows the question, a document is what it is.
    let is_asked = context.phase == Phase::Input && context.role == Role::User;
    let is_long = stems.len() >= TELLING_WORDS_MIN;
    let off = if topics.allow.is_empty() || !is_asked || !is_long {
        0.0
    } else {
        1.0 - topics.allow.rate(&view, &stems).score
    };
    let score = denied.score.max(off);
    if score <= 0.5 && denied.score < 0.5 {
        return Report { score: score.min(0.49), ..Report::default() };
    }
    let origins = Origins::of(text);
    let mut hits = Hits::default();
    let mut put = |kind, (start, end), score, detector| {
        let (start, end) = (origins.original(start), origins.original(end));
        if start < end {
            hits.add(Hit { check: Check::Topic, kind, start, end, score, detector });
        }
    };
    for place in denied.places.iter().filter(|_| denied.score >= 0.5) {
        put("DENIED_TOPIC", *place, denied.score, "topic that is denied");
    }
    if off > denied.score {
        put("OFF_TOPIC", (0, view.len()), off, "no topic that is allowed");
    }
    let hits = disjoint(hits.into_vec());
    Report { score, kind: (!hits.is_empty()).then_some("off_topic"), hits }
}

#[cfg(test)]
mod tests;
