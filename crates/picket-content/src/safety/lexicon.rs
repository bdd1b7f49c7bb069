//! Words, and which of them speak for a category together.

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};
use picket_text::folded;
use std::sync::LazyLock;

/// What unsafe texts are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Contempt for people because of what they are.
    Hate,
    /// Contempt for somebody.
    Harassment,
    /// Sexual content.
    Sexual,
    /// Sexual content with minors.
    Minors,
    /// Violence and threats.
    Violence,
    /// Self-harm and suicide.
    SelfHarm,
    /// Weapons of all kinds.
    Weapons,
    /// Crimes.
    Crime,
    /// Attacks on computers.
    Cyber,
    /// What is learned to be unsafe, and has none of the words.
    Other,
}

impl Category {
    /// Every category.
    pub const ALL: &[Self] = &[
        Self::Hate,
        Self::Harassment,
        Self::Sexual,
        Self::Minors,
        Self::Violence,
        Self::SelfHarm,
        Self::Weapons,
        Self::Crime,
        Self::Cyber,
        Self::Other,
    ];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hate => "hate",
            Self::Harassment => "harassment",
            Self::Sexual => "sexual",
            Self::Minors => "minors",
            Self::Violence => "violence",
            Self::SelfHarm => "self_harm",
            Self::Weapons => "weapons",
            Self::Crime => "crime",
            Self::Cyber => "cyber",
            Self::Other => "other",
        }
    }

    /// A category by its name; `-` and `_` are equal.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase().replace('-', "_");
        Self::ALL.iter().copied().find(|category| category.as_str() == name)
    }
}

/// A word and what it says.
#[derive(Debug)]
struct Term {
    /// Which name; categories come first, in their order.
    name: usize,
    weight: f32,
    any_ending: bool,
    bounded: bool,
    /// Its number among all.
    id: usize,
}

#[derive(Debug)]
struct Rule {
    category: Category,
    weight: f32,
    within: usize,
    names: [usize; 2],
}

struct Lexicon {
    finder: AhoCorasick,
    /// Of each pattern, its terms: a word may have several names.
    terms: Vec<Vec<Term>>,
    rules: Vec<Rule>,
    context: usize,
    /// Words in all.
    count: usize,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| read(include_str!("lexicon.txt")));

/// A category that is spoken for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spoken {
    pub(super) category: Category,
    pub(super) weight: f32,
    pub(super) start: usize,
    pub(super) end: usize,
}

#[expect(clippy::expect_used, reason = "the words are constants, and every test compiles them")]
fn read(text: &str) -> Lexicon {
    let mut names: Vec<String> = Category::ALL.iter().map(|category| category.as_str().to_owned()).collect();
    let mut patterns: Vec<String> = Vec::new();
    let mut terms: Vec<Vec<Term>> = Vec::new();
    let mut rules = Vec::new();
    let mut count = 0;
    for (head, body) in text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(": ")) {
        let mut words = head.split(' ');
        let first = words.next().unwrap_or_default();
        let mut number = || words.next().and_then(|word| word.parse::<f32>().ok()).unwrap_or(0.0);
        if first == "rule" {
            let words: Vec<&str> = head.split(' ').collect();
            rules.extend(rule(&words, body, &mut names));
            continue;
        }
        let (weight, name) = (number(), position(&mut names, first));
        for word in body.split(" | ").map(str::trim).filter(|word| !word.is_empty()) {
            let pattern = folded(&word.trim_end_matches('*').to_lowercase());
            let term = Term { name, weight, any_ending: word.ends_with('*'), bounded: is_bounded(word), id: count };
            count += 1;
            match patterns.iter().position(|known| *known == pattern) {
                Some(at) => terms.get_mut(at).into_iter().for_each(|list| list.push(Term { ..term })),
                None => {
                    patterns.push(pattern);
                    terms.push(vec![term]);
                }
            }
        }
    }
    let context = position(&mut names, "context");
    let finder = AhoCorasickBuilder::new().match_kind(MatchKind::Standard).build(&patterns).expect("words are few");
    Lexicon { finder, terms, rules, context, count }
}

fn position(names: &mut Vec<String>, name: &str) -> usize {
    names.iter().position(|known| known == name).unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    })
}

fn rule(head: &[&str], body: &str, names: &mut Vec<String>) -> Option<Rule> {
    let [_, category, weight, within] = head else { return None };
    let (first, second) = body.split_once(" + ")?;
    let names = [position(names, first.trim()), position(names, second.trim())];
    Some(Rule {
        category: Category::named(category)?,
        weight: weight.parse().ok()?,
        within: within.parse().ok()?,
        names,
    })
}

/// Scripts without spaces have no boundaries.
fn is_bounded(word: &str) -> bool {
    !word.chars().any(|c| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}'))
}

fn goes_on(character: Option<char>) -> bool {
    character.is_some_and(char::is_alphanumeric)
}

/// What the words of a folded text speak for; each word and each rule once, so that there is an end to it.
pub(super) fn spoken(view: &str) -> Vec<Spoken> {
    let lexicon = &*LEXICON;
    let mut spoken: Vec<Spoken> = Vec::new();
    let mut seen = vec![false; lexicon.count];
    // Where each name was last said.
    let mut last: Vec<Option<(usize, usize)>> = vec![None; lexicon.rules.len() * 2 + 64];
    let mut fired = vec![false; lexicon.rules.len()];
    let mut contexts = 0_u8;
    for found in lexicon.finder.find_overlapping_iter(view) {
        let before = view.get(..found.start()).and_then(|text| text.chars().next_back());
        let after = view.get(found.end()..).and_then(|text| text.chars().next());
        for term in lexicon.terms.get(found.pattern().as_usize()).into_iter().flatten() {
            if term.bounded && (goes_on(before) || (!term.any_ending && goes_on(after))) {
                continue;
            }
            if term.name == lexicon.context {
                contexts = contexts.saturating_add(1);
                continue;
            }
            let place = (found.start(), found.end());
            pairs(lexicon, (term.name, place), &last, &mut fired, &mut spoken);
            if let Some(slot) = last.get_mut(term.name) {
                *slot = Some(place);
            }
            let is_new = seen.get_mut(term.id).is_some_and(|seen| !std::mem::replace(seen, true));
            // Words without a category of their own that weigh something are rude.
            let category = Category::ALL.get(term.name).copied().unwrap_or(Category::Harassment);
            if is_new && term.weight > 0.0 {
                spoken.push(Spoken { category, weight: term.weight, start: place.0, end: place.1 });
            }
        }
    }
    if contexts > 0 {
        // Who speaks about it says the words as well; threats and abuse stay what they are.
        let trust = if contexts == 1 { 0.75 } else { 0.55 };
        let is_topic = |spoken: &&mut Spoken| !matches!(spoken.category, Category::Hate | Category::Harassment);
        spoken.iter_mut().filter(is_topic).for_each(|spoken| spoken.weight *= trust);
    }
    spoken
}

/// The rules that a name completes.
fn pairs(
    lexicon: &Lexicon,
    (name, place): (usize, (usize, usize)),
    last: &[Option<(usize, usize)>],
    fired: &mut [bool],
    spoken: &mut Vec<Spoken>,
) {
    for (rule, fired) in lexicon.rules.iter().zip(fired) {
        let other = match rule.names {
            [first, second] if first == name => second,
            [first, second] if second == name => first,
            _ => continue,
        };
        let Some((start, end)) = last.get(other).copied().flatten().filter(|_| !*fired) else { continue };
        if place.0.saturating_sub(end) <= rule.within && end <= place.0 {
            *fired = true;
            spoken.push(Spoken { category: rule.category, weight: rule.weight, start, end: place.1 });
        }
    }
}
