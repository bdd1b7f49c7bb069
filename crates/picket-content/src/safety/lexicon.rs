//! Words, and which of them speak for a category together.

mod finder;

use finder::{Finder, Manner};
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
    finder: Finder,
    #[cfg(test)]
    patterns: Vec<String>,
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
    let manner = |at: usize| {
        let any = |is: fn(&Term) -> bool| terms.get(at).into_iter().flatten().any(is);
        Manner { is_free: any(|term| !term.bounded), is_open: any(|term| !term.bounded || term.any_ending) }
    };
    let finder = Finder::new(&patterns, manner);
    Lexicon {
        finder,
        #[cfg(test)]
        patterns,
        terms,
        rules,
        context,
        count,
    }
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
    let mut said = Said::default();
    lexicon.finder.find(view, |start, end, number| {
        let before = view.get(..start).and_then(|text| text.chars().next_back());
        let after = view.get(end..).and_then(|text| text.chars().next());
        for term in lexicon.terms.get(number).into_iter().flatten() {
            if !term.bounded || !(goes_on(before) || (!term.any_ending && goes_on(after))) {
                said.take(lexicon, term, (start, end));
            }
        }
    });
    let Said { mut spoken, contexts, .. } = said;
    if contexts > 0 {
        // Who speaks about it says the words as well; threats and abuse stay what they are.
        let trust = if contexts == 1 { 0.75 } else { 0.55 };
        let is_topic = |spoken: &&mut Spoken| !matches!(spoken.category, Category::Hate | Category::Harassment);
        spoken.iter_mut().filter(is_topic).for_each(|spoken| spoken.weight *= trust);
    }
    spoken
}

/// What was said so far. Most texts say nothing, and cost nothing here.
#[derive(Default)]
struct Said {
    spoken: Vec<Spoken>,
    /// Words and rules that spoke.
    seen: Vec<bool>,
    fired: Vec<bool>,
    /// Where each name was last said.
    last: Vec<Option<(usize, usize)>>,
    contexts: u8,
}

impl Said {
    fn take(&mut self, lexicon: &Lexicon, term: &Term, place: (usize, usize)) {
        if term.name == lexicon.context {
            self.contexts = self.contexts.saturating_add(1);
            return;
        }
        if self.seen.is_empty() {
            self.seen.resize(lexicon.count, false);
            self.fired.resize(lexicon.rules.len(), false);
            self.last.resize(lexicon.rules.len() * 2 + 64, None);
        }
        pairs(lexicon, (term.name, place), &self.last, &mut self.fired, &mut self.spoken);
        if let Some(slot) = self.last.get_mut(term.name) {
            *slot = Some(place);
        }
        let is_new = self.seen.get_mut(term.id).is_some_and(|seen| !std::mem::replace(seen, true));
        // Words without a category of their own that weigh something are rude.
        let category = Category::ALL.get(term.name).copied().unwrap_or(Category::Harassment);
        if is_new && term.weight > 0.0 {
            self.spoken.push(Spoken { category, weight: term.weight, start: place.0, end: place.1 });
        }
    }
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

#[cfg(test)]
mod tests;
