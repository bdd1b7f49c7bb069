//! Texts as tags and features, and the lexicon that they are read with.

use crate::draw::Draw;
use crate::lists::All;
use crate::sample::Sample;
use crate::templates::Template;
use picket_names::{Class, FEATURES, Kind, Lexicon, Segment, Segments, TAGS, Tag, Token, Word, bit, features, hash_of};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Features are hashes already.
#[derive(Default)]
pub struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, value: u64) {
        self.0 = value.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

pub type Table<V> = HashMap<u64, V, BuildHasherDefault<Same>>;

/// Words of a text in small letters, in order, and whether they are written so.
pub fn words(text: &str) -> impl Iterator<Item = (String, bool)> + '_ {
    let mut segments = Segments::of(text);
    let mut all = Vec::new();
    let mut segment = Segment::default();
    while segments.next_into(&mut segment).is_some() {
        for token in segment.tokens.iter().filter(|token| matches!(token.class, Class::Word | Class::Letter)) {
            let written = &text[token.start..token.end];
            let small = written.to_lowercase();
            let is_small = small == written;
            all.push((small, is_small));
        }
    }
    all.into_iter()
}

/// Counts of words in what is no name.
#[derive(Default)]
pub struct Counts(HashMap<String, (u32, u32)>);

impl Counts {
    pub fn add(&mut self, text: &str, times: u32) {
        for (word, is_small) in words(text) {
            let count = self.0.entry(word).or_default();
            count.0 += times;
            count.1 += times * u32::from(is_small);
        }
    }

    /// Counts what stands outside the names of a sample.
    pub fn add_sample(&mut self, sample: &Sample) {
        let mut at = 0;
        for (span, _) in &sample.names {
            self.add(&sample.text[at..span.start.max(at)], 1);
            at = span.end;
        }
        self.add(&sample.text[at..], 1);
    }

    pub fn add_template(&mut self, template: &Template) {
        let mut text = String::new();
        for (at, piece) in template.line.split('{').enumerate() {
            text.push_str(if at == 0 { piece } else { piece.split_once('}').map_or(piece, |(_, rest)| rest) });
            text.push(' ');
        }
        self.add(&text, 4);
    }
}

impl Counts {
    /// Ordinary English words that are mostly written small.
    pub fn ordinary(&self) -> Vec<String> {
        let is_ordinary = |word: &str, (all, small): (u32, u32)| {
            small >= 6 && 3 * small >= 2 * all && word.len() > 2 && word.bytes().all(|byte| byte.is_ascii_lowercase())
        };
        let mut words: Vec<String> =
            self.0.iter().filter(|(word, count)| is_ordinary(word, **count)).map(|(word, _)| word.clone()).collect();
        words.sort();
        words
    }
}

/// Sentences of a text that seem to hold no name.
pub fn sentences(text: &str, lexicon: &Lexicon, take: &mut impl FnMut(&str)) {
    for line in text.lines() {
        let mut rest = line.trim();
        while let Some(end) = rest.find(['.', '!', '?']) {
            let (sentence, more) = rest.split_at(end + 1);
            let (mut segments, mut segment) = (Segments::of(sentence), Segment::default());
            let is_plain = (12..140).contains(&sentence.len())
                && segments.next_into(&mut segment).is_some()
                && !seems_to_hold_a_name(sentence, &segment.tokens, lexicon);
            if is_plain {
                take(sentence.trim());
            }
            rest = more;
        }
    }
}

/// What is ordinary although it is somebody's name too.
const ORDINARY: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "english",
    "french",
    "german",
    "spanish",
    "chinese",
    "christian",
    "christmas",
    "easter",
    "will",
    "mark",
    "bill",
    "grant",
    "rose",
    "hope",
    "grace",
    "faith",
    "joy",
    "art",
    "dawn",
    "summer",
    "autumn",
    "frank",
    "rich",
    "jack",
    "rob",
    "sue",
    "pat",
    "gene",
    "chase",
    "major",
    "mason",
    "king",
    "queen",
    "prince",
    "earl",
    "duke",
    "page",
    "young",
    "long",
    "little",
    "good",
    "black",
    "white",
    "green",
    "brown",
    "gray",
    "west",
    "north",
    "best",
    "love",
    "day",
    "case",
    "read",
    "law",
    "price",
    "power",
    "cash",
    "banks",
    "fields",
    "rivers",
    "stone",
    "wood",
    "hill",
    "ford",
    "field",
    "house",
    "street",
    "key",
    "an",
    "in",
    "my",
    "so",
    "do",
    "to",
    "see",
    "see",
    "sun",
    "sky",
    "star",
    "ruby",
    "crystal",
    "amber",
    "jade",
    "pearl",
    "java",
    "python",
    "julia",
    "swift",
    "alexa",
    "siri",
    "claude",
    "god",
    "jesus",
];

/// Words that the model knows as themselves, at most.
const KNOWN_MAX: usize = 30_000;
const LEXICON_SLOTS: usize = 1 << 17;

/// The lexicon of lists and of counts.
pub fn lexicon(all: &All, counts: &Counts) -> Lexicon {
    let mut bits: HashMap<String, u8> = HashMap::new();
    let mut add = |text: &str, mark: u8| {
        for (word, _) in words(text).filter(|(word, _)| word.chars().count() > 1 || !word.is_ascii()) {
            *bits.entry(word).or_default() |= mark;
        }
    };
    for lists in all.languages.values().chain([&all.census]) {
        lists.given.iter().for_each(|name| add(name, bit::GIVEN));
        lists.family.iter().for_each(|name| add(name, bit::FAMILY));
    }
    let real = all.languages.values().filter(|lists| lists.has_real_towns).flat_map(|lists| &lists.city);
    let countries = all.languages.values().flat_map(|lists| &lists.country);
    for place in all.towns.iter().chain(real).chain(countries) {
        let parts: Vec<(String, bool)> = words(place).collect();
        for (at, (word, is_small)) in parts.iter().enumerate() {
            let mark = match (parts.len(), at) {
                (1, _) => bit::PLACE,
                (_, 0) => bit::PLACE_FIRST,
                _ => bit::PLACE_MORE,
            };
            // `of`, `de` and the like are no places.
            if !*is_small || !word.is_ascii() {
                *bits.entry(word.clone()).or_default() |= mark;
            }
        }
    }
    for lists in all.languages.values() {
        for (list, mark) in [(&lists.street, bit::STREET | bit::KNOWN), (&lists.company, bit::KNOWN)] {
            let mut often: HashMap<String, usize> = HashMap::new();
            list.iter().flat_map(|text| words(text)).for_each(|(word, _)| *often.entry(word).or_default() += 1);
            let enough = (list.len() / 120).max(8);
            for (word, _) in often.into_iter().filter(|(_, count)| *count >= enough) {
                *bits.entry(word).or_default() |= mark;
            }
        }
    }
    let mut known: Vec<(&String, &(u32, u32))> = counts.0.iter().filter(|(_, (all, _))| *all >= 4).collect();
    known.sort_by(|a, b| (b.1.0, a.0).cmp(&(a.1.0, b.0)));
    for (word, (all, small)) in known.into_iter().take(KNOWN_MAX) {
        let ordinary = if *small >= 4 && 2 * small >= *all { bit::ORDINARY } else { 0 };
        *bits.entry(word.clone()).or_default() |= bit::KNOWN | ordinary;
    }
    for word in ORDINARY {
        *bits.entry((*word).to_owned()).or_default() |= bit::KNOWN | bit::ORDINARY;
    }
    let mut entries: Vec<(u32, u8)> = bits.iter().map(|(word, bits)| (hash_of(word.as_bytes()), *bits)).collect();
    entries.sort_unstable();
    println!("lexicon: {} words", entries.len());
    Lexicon::new(entries, LEXICON_SLOTS)
}

/// One stretch of a text.
#[derive(Debug, Clone, Default)]
pub struct Stretch {
    pub tags: Vec<u8>,
    pub features: Vec<[u64; FEATURES]>,
}

/// The tags of tokens, by the names that they touch.
pub fn tags(tokens: &[Token], names: &[(std::ops::Range<usize>, Kind)]) -> Vec<u8> {
    let mut last = None;
    let mut tags = Vec::new();
    for token in tokens {
        let name = names.iter().position(|(span, _)| span.start < token.end && token.start < span.end);
        let tag = match name {
            None => Tag::NOTHING,
            Some(at) if last == Some(at) => Tag::more(names[at].1),
            Some(at) => Tag::first(names[at].1),
        };
        last = name;
        debug_assert!(tag.0 < TAGS);
        tags.push(u8::try_from(tag.0).unwrap_or(0));
    }
    tags
}

/// A text with its names as stretches. What the lexicon says of a name is hidden from a share of a hundred.
pub fn stretches(sample: &Sample, lexicon: &Lexicon, hidden: usize, draw: &mut Draw, take: &mut impl FnMut(Stretch)) {
    let (mut segments, mut segment) = (Segments::of(&sample.text), Segment::default());
    while segments.next_into(&mut segment).is_some() {
        let tags = tags(&segment.tokens, &sample.names);
        let mut hides = false;
        let words: Vec<Word> = segment
            .tokens
            .iter()
            .zip(&tags)
            .map(|(token, tag)| {
                if *tag % 2 == 1 {
                    hides = draw.percent(hidden);
                }
                let hide = if *tag > 0 && hides { bit::NAMES } else { 0 };
                Word::of(&sample.text, token, lexicon, |_| hide)
            })
            .collect();
        let mut stretch = Stretch { tags, features: Vec::with_capacity(words.len()) };
        features(&words, |_, features| stretch.features.push(*features));
        take(stretch);
    }
}

const TITLES: &[&str] =
    &["mr", "mrs", "ms", "dr", "prof", "professor", "president", "king", "queen", "sir", "saint", "st"];

/// Whether a harmless stretch seems to hold a name after all, so that nothing is learned from it.
pub fn seems_to_hold_a_name(text: &str, tokens: &[Token], lexicon: &Lexicon) -> bool {
    let capital =
        |token: &Token| token.class == Class::Word && text[token.start..token.end].starts_with(char::is_uppercase);
    let bits = |token: &Token| lexicon.bits(hash_of(text[token.start..token.end].to_lowercase().as_bytes()));
    let mut before: Option<&Token> = None;
    for token in tokens {
        let is_letter = token.class == Class::Letter;
        let mine = bits(token);
        let is_rare = mine & bit::ORDINARY == 0;
        if capital(token) {
            if mine & bit::PLACE != 0 && is_rare {
                return true;
            }
            if let Some(before) = before.filter(|before| before.class == Class::Word && before.end + 2 >= token.start) {
                let theirs = bits(before);
                let title = text[before.start..before.end].to_lowercase();
                let is_pair =
                    theirs & bit::GIVEN != 0 && capital(before) && (mine & bit::FAMILY != 0 || mine & bit::KNOWN == 0);
                let is_place = theirs & bit::PLACE_FIRST != 0 && mine & bit::PLACE_MORE != 0 && capital(before);
                if is_pair || is_place || TITLES.contains(&title.as_str()) {
                    return true;
                }
            }
            // A name by itself, which is no ordinary word.
            if mine & bit::GIVEN != 0 && is_rare && token.end - token.start > 2 {
                return true;
            }
        }
        if !is_letter && token.class != Class::Sign || text[token.start..token.end] == *"." {
            before = if text[token.start..token.end] == *"." { before } else { Some(token) };
        } else {
            before = None;
        }
    }
    false
}
