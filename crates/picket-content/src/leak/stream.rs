//! What an answer has told so far.

use super::base::{Covered, Pairs, RUN, Rolling};
use super::encoded::Encoded;
use super::letters::{Words, letters};
use super::{Confidence, THRESHOLD};
use picket_text::{Check, Hit, Report};
use std::collections::VecDeque;

/// Words over which the density of pairs is taken.
const WINDOW_WORDS: usize = 40;
/// A shorter answer is taken for so many words.
const WINDOW_WORDS_MIN: usize = 14;
/// Runs that are told; a leak with more has been told.
const RUNS_MAX: usize = 64;
/// Letters that two runs may lie apart and still be one: a word that is another.
const GAP: usize = 12;

/// A channel as it is measured. Bounded by the prompt.
#[derive(Debug)]
pub struct Stream {
    rolling: Rolling,
    words: Words,
    pairs: Pairs,
    encoded: Encoded,
    covered: Covered,
    /// For each of the last words, how many of its pairs are the prompt's.
    near: VecDeque<(u8, usize)>,
    near_hits: usize,
    word_count: usize,
    /// The densest window: its hits, words, and place.
    densest: (f32, usize, usize),
    own_pairs: usize,
    own_letters: usize,
    run: Option<Run>,
    longest: usize,
    runs: Vec<Run>,
    canaries: Vec<(usize, usize)>,
    tail: String,
    /// What base64 and hex say, as a text of its own, and where they stand.
    inner: Option<(Box<Stream>, usize, usize)>,
    /// Code points and letters so far.
    at: usize,
    letters: usize,
}

/// A run of the prompt's letters in the answer.
#[derive(Debug, Clone, Copy)]
struct Run {
    start: usize,
    end: usize,
    /// Letters of the answer where it begins and ends.
    from: usize,
    to: usize,
}

impl Stream {
    /// Nothing told yet.
    pub fn new(confidence: &Confidence) -> Self {
        Self {
            rolling: Rolling::default(),
            words: Words::default(),
            pairs: Pairs::default(),
            encoded: Encoded::default(),
            covered: confidence.prompt.nothing(),
            near: VecDeque::with_capacity(WINDOW_WORDS + 1),
            near_hits: 0,
            word_count: 0,
            densest: (0.0, 0, 0),
            own_pairs: confidence.prompt.pair_count.saturating_sub(confidence.known.pairs.count()),
            own_letters: confidence.prompt.letters.saturating_sub(confidence.known.letters.count()),
            run: None,
            longest: 0,
            runs: Vec::new(),
            canaries: Vec::new(),
            tail: String::new(),
            inner: None,
            at: 0,
            letters: 0,
        }
    }

    /// Takes a piece.
    pub fn push(&mut self, text: &str, confidence: &Confidence) {
        self.canaries(text, confidence);
        let mut encoded = std::mem::take(&mut self.encoded);
        encoded.push(text, |said, end| {
            let points = text.get(..end).map_or(0, |text| text.chars().count());
            self.decoded(said, self.at + points, confidence);
        });
        self.encoded = encoded;
        for character in text.chars() {
            self.character(character, self.at, confidence);
            self.at += 1;
        }
    }

    /// Ends the text.
    pub fn finish(&mut self, confidence: &Confidence) {
        let mut encoded = std::mem::take(&mut self.encoded);
        encoded.finish(|said| self.decoded(said, self.at, confidence));
        if let Some((word, begin)) = self.words.finish() {
            self.word(word, begin, self.at, confidence);
        }
        self.close();
    }

    fn character(&mut self, character: char, at: usize, confidence: &Confidence) {
        if let Some((word, begin)) = self.words.push(character, at) {
            self.word(word, begin, at, confidence);
        }
        letters(character, |letter| {
            self.letters += 1;
            let found = self.rolling.push(letter).and_then(|hash| confidence.prompt.run(hash));
            let Some(first) = found else { return };
            let fresh = (first..first + RUN).filter(|at| !confidence.known.letters.has(*at)).count();
            if fresh * 2 < RUN {
                return;
            }
            (first..first + RUN).filter(|at| !confidence.known.letters.has(*at)).for_each(|at| {
                self.covered.letters.put(at);
            });
            let end = at + 1;
            match &mut self.run {
                Some(run) if self.letters <= run.to + RUN + GAP => (run.end, run.to) = (end, self.letters),
                _ => {
                    self.close();
                    let from = self.letters - RUN;
                    self.run = Some(Run { start: at.saturating_sub(RUN), end, from, to: self.letters });
                }
            }
            let run = self.run.map_or(0, |run| run.to - run.from);
            self.longest = self.longest.max(run);
        });
    }

    fn close(&mut self) {
        if let Some(run) = self.run.take()
            && self.runs.len() < RUNS_MAX
        {
            self.runs.push(run);
        }
    }

    fn word(&mut self, word: u64, begin: usize, end: usize, confidence: &Confidence) {
        let mut hits = 0_u8;
        let (prompt, known, covered) = (&confidence.prompt, &confidence.known.pairs, &mut self.covered.pairs);
        self.pairs.push(word, |hash| {
            if let Some(pair) = prompt.pair(hash).filter(|pair| !known.has(*pair)) {
                // A pair that is said over and over says no more than once.
                hits += u8::from(covered.put(pair));
            }
        });
        self.word_count += 1;
        self.near_hits += usize::from(hits);
        self.near.push_back((hits, begin));
        if self.near.len() > WINDOW_WORDS
            && let Some((hits, _)) = self.near.pop_front()
        {
            self.near_hits -= usize::from(hits);
        }
        let density = ratio(self.near_hits, self.near.len().max(WINDOW_WORDS_MIN) * super::base::NEAR);
        if density > self.densest.0 {
            self.densest = (density, self.near.front().map_or(begin, |(_, begin)| *begin), end);
        }
    }

    /// What runs of base64 or hex say counts as if it were said.
    fn decoded(&mut self, said: &str, end: usize, confidence: &Confidence) {
        let start = end.saturating_sub(said.len());
        let (inner, _, until) = self.inner.get_or_insert_with(|| (Box::new(Self::new(confidence)), start, end));
        *until = end;
        inner.canaries(said, confidence);
        for character in said.chars() {
            inner.character(character, 0, confidence);
        }
    }

    fn canaries(&mut self, text: &str, confidence: &Confidence) {
        let Some(canaries) = &confidence.canaries else { return };
        let before = self.tail.len();
        self.tail.push_str(text);
        if !canaries.is_match(&self.tail) {
            return self.forget(confidence);
        }
        for found in canaries.find_iter(&self.tail).filter(|found| found.end() > before) {
            if self.canaries.len() < RUNS_MAX {
                let points = |to: usize| self.tail.get(..to).map_or(0, |text| text.chars().count());
                let from = (self.at + points(found.start())).saturating_sub(points(before));
                self.canaries.push((from, from + points(found.end()) - points(found.start())));
            }
        }
        self.forget(confidence);
    }

    /// Keeps as much of the text as a token may begin in.
    fn forget(&mut self, confidence: &Confidence) {
        let kept = self.tail.len().saturating_sub(confidence.canary_bytes);
        self.tail.drain(..self.tail.floor_char_boundary(kept));
    }

    /// How sure it is that the prompt leaks, 0 to 1.
    pub fn score(&self) -> f32 {
        let hidden = self.inner.as_ref().map_or(0.0, |(inner, ..)| inner.score());
        self.own_score().max(hidden)
    }

    fn own_score(&self) -> f32 {
        if !self.canaries.is_empty() {
            return 1.0;
        }
        let covered = self.covered.letters.count();
        let share = ratio(covered, self.own_letters.max(80));
        let run = ramp(ratio(self.longest, 1), 45.0, 130.0);
        let coverage = if covered >= 40 { ramp(share, 0.08, 0.40) } else { 0.0 };
        let pairs = ramp(ratio(self.covered.pairs.count(), self.own_pairs.max(24)), 0.07, 0.34);
        let density = ramp(self.densest.0, 0.18, 0.52);
        1.0 - (1.0 - run) * (1.0 - coverage) * (1.0 - pairs * 0.9) * (1.0 - density * 0.9)
    }

    /// What was told, with places in code points of the text.
    pub fn report(&self) -> Report {
        let score = self.score();
        let hit = |kind, (start, end), detector| Hit { check: Check::PromptLeak, kind, start, end, score, detector };
        let mut hits: Vec<Hit> =
            self.canaries.iter().map(|place| hit("CANARY", *place, "token of the prompt")).collect();
        let runs = self.runs.iter().chain(&self.run).filter(|run| run.to - run.from >= RUN);
        hits.extend(runs.map(|run| hit("VERBATIM", (run.start, run.end), "words of the prompt")));
        if let Some((inner, start, end)) = &self.inner
            && inner.score() >= THRESHOLD
        {
            hits.push(hit("ENCODED", (*start, *end), "prompt in code"));
        }
        if hits.is_empty() && self.densest.0 > 0.0 {
            hits.push(hit("PARAPHRASE", (self.densest.1, self.densest.2), "pairs of words of the prompt"));
        }
        Report { score, kind: (!hits.is_empty()).then_some("prompt_leak"), hits: picket_text::disjoint(hits) }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts for a score")]
fn ratio(count: usize, of: usize) -> f32 {
    count as f32 / of.max(1) as f32
}

/// 0 up to `from`, 1 from `to` on.
fn ramp(value: f32, from: f32, to: f32) -> f32 {
    ((value - from) / (to - from)).clamp(0.0, 1.0)
}
