//! From rules as they are written to engines.

use super::engine::{self, Engine, Pattern};
use super::kept::{Recipe, Spelling};
use super::live::Live;
use super::{
    Around, ENTRY_BYTES_MAX, Lane, NEAR_BYTES_MAX, Near, Part, REGEX_BYTES_MAX, Refusal, Rule, Rules, Spec, cost, name,
};
use aho_corasick::AhoCorasick;
use picket_event::{Phase, Role};
use picket_text::{fold, folded};
use std::collections::{HashMap, HashSet};

/// More regular expressions than these are compiled when they are needed, and not all kept.
const AT_ONCE_MAX: usize = 512;

/// Rules while they are compiled.
#[derive(Debug, Default)]
pub(super) struct Building {
    rules: Vec<Rule>,
    numbers: HashMap<&'static str, usize>,
    plain: Vec<Pattern>,
    ascii: Vec<Pattern>,
    folded: Vec<Pattern>,
    streamed: Vec<Pattern>,
    refusals: Vec<Refusal>,
    /// Regular expressions are compiled when they are needed.
    are_many: bool,
    /// Streams wait for what these rules say.
    are_streamed: bool,
}

impl Building {
    /// Takes rules of a lane, with so many regular expressions.
    pub(super) fn new(lane: Lane, regexes: usize) -> Self {
        let is_late = lane == Lane::Late;
        Self { are_many: is_late || regexes > AT_ONCE_MAX, are_streamed: !is_late, ..Self::default() }
    }

    /// Takes a rule.
    pub(super) fn rule(&mut self, number: usize, spec: &Spec, threshold: f32) {
        let Some(id) = name::interned(&spec.id) else {
            let message = "a name has 1 to 64 small letters, digits, `-`, `_` or `.`";
            return self.refuse(number, Part::Id, message.to_owned());
        };
        if self.numbers.insert(id, number).is_some() {
            self.refuse(number, Part::Id, "two rules have this name; give each its own".to_owned());
        }
        if spec.keywords.is_empty() && spec.regexes.is_empty() {
            self.refuse(number, Part::Whole, "looks for nothing: write `keywords` or `regexes`".to_owned());
        }
        if spec.case_sensitive && (spec.views.folded || spec.views.decoded) {
            let message = "case counts only in the text as it stands: write `views: [text]`, or leave `case_sensitive`";
            self.refuse(number, Part::Whole, message.to_owned());
        }
        let patterns = self.patterns(number, spec);
        let is_bounded = |pattern: &Pattern| engine::is_bounded(pattern.longest);
        let is_alone = spec.near.is_none() && spec.unless.is_none() && spec.score >= threshold;
        let is_heard =
            spec.phase != Some(Phase::Input) && (spec.roles.is_empty() || spec.roles.contains(&Role::Assistant));
        let is_exact = self.are_streamed && spec.views.text && is_alone && is_heard && patterns.iter().all(is_bounded);
        self.streamed.extend(patterns.iter().filter(|_| is_exact).cloned());
        // What the folded text says too need not be looked for twice. Beyond ASCII, invisible characters may end a word.
        let is_twice = |pattern: &&Pattern| spec.views.folded && pattern.is_any_case_word();
        if spec.views.text {
            self.ascii.extend(patterns.iter().filter(|pattern| !is_twice(pattern)).cloned());
            self.plain.extend(patterns);
        }
        if spec.views.folded || spec.views.decoded {
            self.fold(number, spec);
        }
        let near = self.around(number, Part::Near, spec.near.as_ref());
        let unless = self.around(number, Part::Unless, spec.unless.as_ref());
        let (views, phase, roles, score) = (spec.views, spec.phase, spec.roles.clone(), spec.score);
        self.rules.push(Rule { id, views, near, unless, phase, roles, score, is_exact });
    }

    /// The patterns over the text as it stands.
    fn patterns(&mut self, number: usize, spec: &Spec) -> Vec<Pattern> {
        let mut patterns = Vec::new();
        for (entry, keyword) in spec.keywords.iter().enumerate() {
            let made = Pattern::keyword(number, entry, keyword, spec.case_sensitive, spec.whole_words);
            match made.and_then(|made| fits(keyword, ENTRY_BYTES_MAX).map(|()| made)) {
                Ok(pattern) => patterns.push(pattern),
                Err(message) => self.refuse(number, Part::Keyword(entry), message),
            }
        }
        for (entry, regex) in spec.regexes.iter().enumerate() {
            let recipe = fits(regex, REGEX_BYTES_MAX).map(|()| Recipe::new(regex, Spelling::Plain));
            let entry_number = entry + spec.keywords.len();
            match recipe.and_then(|recipe| Pattern::regex(number, entry_number, &recipe, self.are_many)) {
                Ok(made) => patterns.extend(made),
                Err(message) => self.refuse(number, Part::Regex(entry), message),
            }
        }
        patterns
    }

    /// The patterns over the folded text, in which everything is small.
    fn fold(&mut self, number: usize, spec: &Spec) {
        for (entry, keyword) in spec.keywords.iter().enumerate() {
            let keyword = fold(keyword);
            if let Ok(pattern) = Pattern::keyword(number, entry, &keyword, true, spec.whole_words) {
                self.folded.push(pattern);
            }
        }
        for (entry, regex) in spec.regexes.iter().enumerate() {
            let recipe = Recipe::new(&folded(regex), Spelling::Folded);
            match Pattern::regex(number, entry + spec.keywords.len(), &recipe, self.are_many) {
                Ok(patterns) => self.folded.extend(patterns),
                // It was told once.
                Err(_) if self.refusals.iter().any(|known| known.rule == number) => {}
                Err(message) => self.refuse(number, Part::Regex(entry), message),
            }
        }
    }

    fn around(&mut self, number: usize, part: Part, near: Option<&Near>) -> Option<Around> {
        let near = near?;
        if near.words.is_empty() || near.words.iter().any(String::is_empty) {
            self.refuse(number, part, "write `words: [...]` with at least one word".to_owned());
            return None;
        }
        let words = AhoCorasick::builder().ascii_case_insensitive(true).build(&near.words).ok()?;
        Some(Around { words, within: near.within.min(NEAR_BYTES_MAX) })
    }

    fn refuse(&mut self, rule: usize, part: Part, message: String) {
        self.refusals.push(Refusal { rule, part, message });
    }

    /// The rules, unless something is wrong with them.
    pub(super) fn finish(mut self, specs: &[Spec], lane: Lane) -> Result<Rules, Vec<Refusal>> {
        let mut engine = |patterns: Vec<Pattern>| {
            let refuse = |message| self.refusals.push(Refusal { rule: 0, part: Part::Whole, message });
            Engine::new(patterns).map_err(refuse).unwrap_or_default()
        };
        let bare = |patterns: Vec<Pattern>| patterns.into_iter().map(Pattern::bare).collect();
        let (plain, ascii, folded) = (engine(bare(self.plain)), engine(bare(self.ascii)), engine(bare(self.folded)));
        let streamed = engine(self.streamed);
        self.refusals.extend(cost::refusals(&[&plain, &folded], specs, cost::Limits::of(lane)));
        if !self.refusals.is_empty() {
            return Err(self.refusals);
        }
        let live = Live::new(streamed.patterns());
        let live = live.map_err(|message| vec![Refusal { rule: 0, part: Part::Whole, message }])?;
        let mut concerned = HashSet::new();
        for rule in &self.rules {
            let roles: Vec<Option<Role>> =
                if rule.roles.is_empty() { vec![None] } else { rule.roles.iter().copied().map(Some).collect() };
            concerned.extend(roles.into_iter().map(|role| (rule.phase, role)));
        }
        let decodes = self.rules.iter().any(|rule| rule.views.decoded);
        let (rules, numbers) = (self.rules, self.numbers);
        Ok(Rules { rules, numbers, plain, ascii, folded, decodes, streamed, live, concerned })
    }
}

fn fits(entry: &str, most: usize) -> Result<(), String> {
    match entry.len() {
        0 => Err("an empty text would match everywhere; leave it out".to_owned()),
        bytes if bytes <= most => Ok(()),
        _ => Err(format!("longer than {most} bytes; write several shorter ones")),
    }
}
