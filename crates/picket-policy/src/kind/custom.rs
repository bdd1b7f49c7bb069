//! `custom`: rules that a customer writes.
//!
//! ```yaml
//! custom:
//!   action: block
//!   rules:
//!     - id: project-aurora
//!       keywords: [Project Aurora]
//!       regexes: ['\bAUR-\d{4}\b']
//!       views: [text, folded]
//!       unless: { words: [press release], within: 80 }
//!       score: 0.9
//!       action: redact
//!       message: the name of a project that is not public
//!       tests: { match: [about Project Aurora, AUR-1234], no_match: [the aurora project] }
//! ```

mod pack;

use super::{ACTIONS, Members, ROLES, lane};
use crate::document::{Key, Node, Problem, Problems, Value};
use picket_content::Context;
use picket_content::custom::{ENTRIES_MAX, Lane, Near, Part, RULES_MAX, Refusal, Rules, Spec, Views};
use picket_content::stream::{self, Mode};
use picket_event::{Action, Phase, Role};
use picket_stdx::encode::hex;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// From here on, a score counts, unless the document says otherwise.
const THRESHOLD: f32 = 0.5;
/// How far words nearby may be, unless the rule says otherwise.
const WITHIN_BYTES: usize = 100;

const MEMBERS: &[&str] = &[
    "id",
    "keywords",
    "regexes",
    "views",
    "case_sensitive",
    "words",
    "near",
    "unless",
    "phase",
    "roles",
    "score",
    "action",
    "message",
    "tests",
];

/// Rules, and what each asks for.
#[derive(Debug, Clone)]
pub struct Custom {
    rules: Arc<Rules>,
    asked: Vec<Asked>,
    /// The score from which on a text counts.
    pub(crate) threshold: f32,
    /// First digits of the digest of the rules, to tell whether they changed.
    version: String,
    /// The pack that they come from, in words.
    pack: Option<String>,
    /// What is valid, but deserves a look.
    pub(crate) warnings: Vec<Problem>,
}

/// What a rule asks for.
#[derive(Debug, Clone)]
struct Asked {
    action: Action,
    message: Option<String>,
}

/// A rule as it stands in the document.
struct Written<'a> {
    spec: Spec,
    asked: Asked,
    node: &'a Node,
    matching: Vec<Node>,
    other: Vec<Node>,
}

impl Members<'_> {
    /// Reads the members of `custom`. `action` is for rules that name none.
    pub(super) fn custom(&mut self, action: Option<Action>) -> Custom {
        let (rules, pack) = (self.get("rules"), self.get("pack"));
        let threshold = self.threshold().unwrap_or(THRESHOLD);
        let is_late = self.config.is_some_and(|config| lane::is_late(config, &mut Problems::default()));
        let lane = if is_late { Lane::Late } else { Lane::Inline };
        match (rules, pack) {
            (Some(_), Some(node)) => {
                self.problems.at(&node, "a check has rules of its own or those of a pack; write two checks");
                self.known.extend(pack::MEMBERS);
                Custom::none()
            }
            (_, Some(pack)) => self.packed(&pack, action.unwrap_or(Action::Flag), (lane, threshold)),
            (Some(rules), None) => {
                Custom::read(&rules, action.unwrap_or(Action::Block), (lane, threshold), self.problems)
            }
            (None, None) => {
                if let Some(config) = self.config {
                    self.problems.at(config, "write `rules:` with what to look for");
                }
                Custom::none()
            }
        }
    }
}

impl Custom {
    /// No rules.
    fn none() -> Self {
        Self {
            rules: Arc::default(),
            asked: Vec::new(),
            threshold: THRESHOLD,
            version: String::new(),
            pack: None,
            warnings: Vec::new(),
        }
    }

    /// Compiles rules, or tells each refusal.
    fn compiled(
        specs: &[Spec],
        asked: Vec<Asked>,
        (lane, threshold): (Lane, f32),
        refuse: impl FnMut(&Refusal),
    ) -> Self {
        let rules = Rules::compile_for(lane, specs, threshold).unwrap_or_else(|refusals| {
            refusals.iter().for_each(refuse);
            Rules::default()
        });
        let version = hex(&Sha256::digest(format!("{specs:?}{asked:?}"))).chars().take(12).collect();
        Self { rules: Arc::new(rules), asked, threshold, version, ..Self::none() }
    }

    /// Reads `rules:`. `action` is for rules that name none.
    fn read(rules: &Node, action: Action, (lane, threshold): (Lane, f32), problems: &mut Problems) -> Self {
        let items = match &rules.value {
            Value::List(items) => items.as_slice(),
            _ => {
                problems.at(rules, "expected a list of rules such as - { id: name, keywords: [text] }");
                &[]
            }
        };
        if let Some(item) = items.get(RULES_MAX) {
            problems
                .at(item, format!("one check has at most {RULES_MAX} rules; write a second one with `kind: custom`"));
        }
        let before = problems.list.len();
        let written: Vec<Written<'_>> =
            items.iter().take(RULES_MAX).map(|item| written(item, action, problems)).collect();
        let specs: Vec<Spec> = written.iter().map(|rule| rule.spec.clone()).collect();
        let asked = written.iter().map(|rule| rule.asked.clone()).collect();
        let custom = Self::compiled(&specs, asked, (lane, threshold), |refusal| refuse(&written, refusal, problems));
        if problems.list.len() > before {
            return custom;
        }
        written.iter().for_each(|rule| custom.test(rule, problems));
        let is_inline = lane == Lane::Inline;
        let numbered = written.iter().enumerate().filter(|_| is_inline);
        let warnings = numbered.filter_map(|(number, rule)| custom.warning(number, rule)).collect();
        Self { warnings, ..custom }
    }

    /// The rules.
    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    /// What the rule of a hit asks for, and why.
    pub(crate) fn asked(&self, kind: &str) -> (Action, Option<&str>) {
        let asked = self.rules.number(kind).and_then(|number| self.asked.get(number));
        asked.map_or((Action::Allow, None), |asked| (asked.action, asked.message.as_deref()))
    }

    /// What a guard of streams does for these rules.
    pub(crate) fn streamed(&self, enforce: bool, strictest: impl Fn(Action) -> Action) -> stream::Custom {
        let mode = |asked: &Asked| match strictest(asked.action) {
            Action::Redact if enforce => Mode::Redact,
            Action::Escalate | Action::Block if enforce => Mode::Block,
            _ => Mode::Watch,
        };
        stream::Custom { rules: Arc::clone(&self.rules), modes: self.asked.iter().map(mode).collect() }
    }

    /// Lets the guard only watch for rules; for all of them, where none is named.
    pub(crate) fn watch(&self, rules: &[String], streamed: &mut stream::Custom) {
        if rules.is_empty() {
            streamed.modes.fill(Mode::Watch);
        }
        for number in rules.iter().filter_map(|rule| self.rules.number(rule)) {
            if let Some(mode) = streamed.modes.get_mut(number) {
                *mode = Mode::Watch;
            }
        }
    }

    /// The rules in words, for the difference of two policies.
    pub(crate) fn describe(&self) -> Vec<String> {
        let of = |action: Action| self.asked.iter().filter(|asked| asked.action == action).count();
        let counts = Action::ALL.iter().map(|action| (of(*action), action)).filter(|(count, _)| *count > 0);
        let counts: Vec<String> = counts.map(|(count, action)| format!("{count} {action}")).collect();
        let pack = self.pack.iter().cloned();
        let rules = format!("{} rules ({}), version {}", self.asked.len(), counts.join(", "), self.version);
        pack.chain([rules]).collect()
    }

    /// A rule's own tests: what they say holds, or the document does not load.
    fn test(&self, rule: &Written<'_>, problems: &mut Problems) {
        let phase = rule.spec.phase.unwrap_or(Phase::Input);
        let fallback = if phase == Phase::Output { Role::Assistant } else { Role::User };
        let context = Context { role: rule.spec.roles.first().copied().unwrap_or(fallback), phase };
        let expected = rule.matching.iter().map(|test| (test, true)).chain(rule.other.iter().map(|test| (test, false)));
        for (test, expected) in expected {
            let text = test.text(&mut Problems::default()).unwrap_or_default();
            let hits = self.rules.scan(text, &context).hits;
            if hits.iter().any(|hit| hit.kind == rule.spec.id) != expected {
                let id = &rule.spec.id;
                let message = if expected {
                    format!("the rule `{id}` does not find this; change the rule, or move the text to `no_match`")
                } else {
                    format!("the rule `{id}` finds something here; change the rule, or move the text to `match`")
                };
                problems.at(test, message);
            }
        }
    }

    fn warning(&self, number: usize, rule: &Written<'_>) -> Option<Problem> {
        let acts = rule.asked.action >= Action::Redact && rule.spec.phase != Some(Phase::Input);
        let is_heard = rule.spec.roles.is_empty() || rule.spec.roles.contains(&Role::Assistant);
        if !acts || !is_heard || self.rules.is_exact_on_streams(number) {
            return None;
        }
        let message = "on streams this is judged when the text is out: only rules with `views: [text, …]`, without `near` and `unless`, \
                       with repeats that have an end (such as {1,64}) and a score from the threshold on hold text back";
        Some(Problem { line: rule.node.line, column: rule.node.column, message: message.to_owned() })
    }
}

/// Puts a refusal where the part of the rule stands.
fn refuse(written: &[Written<'_>], refusal: &Refusal, problems: &mut Problems) {
    let Some(rule) = written.get(refusal.rule) else { return };
    let entry = |name: &str, at: usize| match rule.node.member(name).map(|node| (&node.value, node)) {
        Some((Value::List(items), node)) => items.get(at).unwrap_or(node),
        Some((_, node)) => node,
        None => rule.node,
    };
    let node = match refusal.part {
        Part::Whole => rule.node,
        Part::Id => rule.node.member("id").unwrap_or(rule.node),
        Part::Keyword(at) => entry("keywords", at),
        Part::Regex(at) => entry("regexes", at),
        Part::Near => rule.node.member("near").unwrap_or(rule.node),
        Part::Unless => rule.node.member("unless").unwrap_or(rule.node),
    };
    let is_told = problems.list.iter().any(|known| known.line == node.line && known.column == node.column);
    if !is_told {
        problems.at(node, refusal.message.clone());
    }
}

fn written<'a>(node: &'a Node, action: Action, problems: &mut Problems) -> Written<'a> {
    known(node.map(problems), MEMBERS, problems);
    let mut texts = |name: &str| {
        let list = node.member(name).map(|node| node.texts(problems)).unwrap_or_default();
        if let Some(node) = node.member(name).filter(|_| list.len() > ENTRIES_MAX) {
            problems.at(node, format!("a rule has at most {ENTRIES_MAX} of these; write several rules"));
        }
        list
    };
    let (keywords, regexes) = (texts("keywords"), texts("regexes"));
    let case_sensitive = node.member("case_sensitive").and_then(|node| node.bool(problems)).unwrap_or(false);
    let whole_words = node.member("words").and_then(|node| node.word(&[("whole", true), ("any", false)], problems));
    let phase = node.member("phase").and_then(|node| {
        node.word(&[("input", Some(Phase::Input)), ("output", Some(Phase::Output)), ("both", None)], problems).flatten()
    });
    let spec = Spec {
        id: id(node, problems),
        keywords,
        regexes,
        views: views(node, case_sensitive, problems),
        case_sensitive,
        whole_words: whole_words.unwrap_or(true),
        near: node.member("near").map(|node| near(node, problems)),
        unless: node.member("unless").map(|node| near(node, problems)),
        phase,
        roles: roles(node, problems),
        score: score(node, problems),
    };
    let own = node.member("action").and_then(|node| node.word(ACTIONS, problems));
    let message =
        node.member("message").and_then(|node| node.text(problems)).map(|text| text.chars().take(200).collect());
    let (matching, other) = tests(node, problems);
    Written { spec, asked: Asked { action: own.unwrap_or(action), message }, node, matching, other }
}

fn known(members: &[(Key, Node)], valid: &[&str], problems: &mut Problems) {
    for (key, _) in members {
        if !valid.contains(&key.name.as_str()) {
            key.unknown(valid, problems);
        }
    }
}

fn id(node: &Node, problems: &mut Problems) -> String {
    match node.member("id") {
        Some(id) => id.text(problems).unwrap_or_default().to_owned(),
        None => {
            problems.at(node, "a rule needs an `id`, by which events name it");
            String::new()
        }
    }
}

fn views(node: &Node, case_sensitive: bool, problems: &mut Problems) -> Views {
    let Some(node) = node.member("views") else {
        return Views { text: true, folded: !case_sensitive, decoded: false };
    };
    let mut views = Views { text: false, folded: false, decoded: false };
    for item in node.items() {
        match item.word(&[("text", 0), ("folded", 1), ("decoded", 2)], problems) {
            Some(0) => views.text = true,
            Some(1) => views.folded = true,
            Some(_) => views.decoded = true,
            None => {}
        }
    }
    if views == (Views { text: false, folded: false, decoded: false }) {
        problems.at(node, "name at least one of text, folded, decoded");
    }
    views
}

fn roles(node: &Node, problems: &mut Problems) -> Vec<Role> {
    let Some(node) = node.member("roles") else { return Vec::new() };
    node.items().iter().filter_map(|item| item.word(ROLES, problems)).collect()
}

fn near(node: &Node, problems: &mut Problems) -> Near {
    known(node.map(problems), &["words", "within"], problems);
    let words = node.member("words").map(|node| node.texts(problems)).unwrap_or_default();
    let within = node.member("within").and_then(|node| node.number(problems));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the number is not negative, and is bounded"
    )]
    let within = within.map_or(WITHIN_BYTES, |within| within.min(4_096.0) as usize);
    Near { words, within }
}

fn score(node: &Node, problems: &mut Problems) -> f32 {
    let Some(node) = node.member("score") else { return 1.0 };
    let score = node.number(problems).unwrap_or(1.0);
    if score <= 0.0 || score > 1.0 {
        problems.at(node, "a score is above 0 and at most 1");
    }
    #[expect(clippy::cast_possible_truncation, reason = "a score needs no more precision")]
    let score = score.clamp(0.01, 1.0) as f32;
    score
}

fn tests(node: &Node, problems: &mut Problems) -> (Vec<Node>, Vec<Node>) {
    let Some(node) = node.member("tests") else { return (Vec::new(), Vec::new()) };
    known(node.map(problems), &["match", "no_match"], problems);
    let mut list = |name: &str| {
        let tests: Vec<Node> = node.member(name).map(|node| node.items().to_vec()).unwrap_or_default();
        tests.into_iter().filter(|test| test.text(problems).is_some()).collect()
    };
    (list("match"), list("no_match"))
}

#[cfg(test)]
mod tests;
