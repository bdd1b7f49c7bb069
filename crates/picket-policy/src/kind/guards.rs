//! The kinds that look into texts and have settings of their own.
//!
//! ```yaml
//! exfiltration-guard: { action: block, allow_hosts: [assets.example.com], max_rows: 100, max_entities: 20 }
//! prompt-leak:        { action: block, canaries: [bluebottle-79] }
//! safety-filter:      { action: flag, categories: { hate: 0.6, minors: 0.5 } }
//! topic-filter:
//!   deny:
//!     - { name: politics, keywords: [election, ballot], examples: [Whom should I vote for next Sunday?] }
//! duplicate-guard:    { action: flag, count: 5, users: 2, window: 10m }
//! ```

use super::{Kind, Members};
use crate::document::{Node, Problems, Value, suggestion};
use crate::duplicates::Duplicates;
use picket_content::exfiltration::Limits;
use picket_content::leak::CANARY_BYTES_MIN;
use picket_content::safety::{self, Category, Thresholds};
use picket_content::topic::{EXPRESSIONS_MAX, Topic, Topics};
use picket_content::{Check, Settings};
use picket_event::Action;
use std::sync::Arc;
use std::time::Duration;

impl Members<'_> {
    /// A kind by its name. What it finds is blocked unless the document says otherwise.
    pub(super) fn guard(&mut self, name: &str, action: Option<Action>) -> Kind {
        let (check, threshold, settings) = match name {
            "exfiltration-guard" => (Check::Exfiltration, self.threshold(), self.exfiltration()),
            "prompt-leak" => {
                self.refuse_redact("what leaks would leak around the gap; take flag, escalate or block");
                (Check::PromptLeak, self.threshold(), Settings::Canaries(self.canaries()))
            }
            "topic-filter" => (Check::Topic, self.threshold(), self.topics()),
            _ => (Check::Safety, None, Settings::Safety(self.categories())),
        };
        Kind::Content { check, action: action.unwrap_or(Action::Block), entities: Vec::new(), threshold, settings }
    }

    fn topics(&mut self) -> Settings {
        let (allow, deny) = (self.topic_list("allow"), self.topic_list("deny"));
        let all = allow.iter().chain(&deny);
        let count: usize = all.map(|topic| topic.keywords.len() + topic.examples.len()).sum();
        match self.config {
            Some(config) if count == 0 => {
                self.problems
                    .at(config, "a topic-filter needs `allow` or `deny`: lists of { name, keywords, examples }");
            }
            Some(config) if count > EXPRESSIONS_MAX => {
                self.problems.at(config, format!("there are more than {EXPRESSIONS_MAX} keywords and examples"));
            }
            _ => {}
        }
        Settings::Topics(Arc::new(Topics::new(allow, deny)))
    }

    fn topic_list(&mut self, name: &'static str) -> Vec<Topic> {
        let Some(node) = self.get(name) else { return Vec::new() };
        let Value::List(items) = &node.value else {
            self.problems.at(&node, "expected a list of { name, keywords, examples }");
            return Vec::new();
        };
        items.iter().map(|item| topic(item, self.problems)).collect()
    }

    /// The same prompt again and again.
    pub(super) fn duplicates(&mut self, action: Option<Action>) -> Kind {
        self.refuse_redact("the text by itself is harmless; take flag, escalate or block");
        let usual = Duplicates::default();
        let window = self.get("window").and_then(|node| node.duration(self.problems));
        let limits = Duplicates {
            count: self.count("count").unwrap_or(usual.count).max(2),
            users: self.count("users").unwrap_or(usual.users),
            window: window.unwrap_or(usual.window).max(Duration::from_secs(1)),
        };
        Kind::Duplicate { limits, action: action.unwrap_or(Action::Flag) }
    }

    /// Tokens that no answer may have. Short ones would stand in answers by chance.
    fn canaries(&mut self) -> Vec<String> {
        let canaries = self.texts("canaries");
        if let (Some(config), true) = (self.config, canaries.iter().any(|canary| canary.len() < CANARY_BYTES_MIN)) {
            self.problems.at(config, format!("a canary has at least {CANARY_BYTES_MIN} characters"));
        }
        canaries
    }

    /// Categories with their thresholds: a map, or a list of those that count from the usual one.
    fn categories(&mut self) -> Thresholds {
        let Some(node) = self.get("categories") else { return Thresholds::default() };
        let mut named = Vec::new();
        if let Value::Map(members) = &node.value {
            for (key, value) in members {
                let category = self.category(&key.name, value);
                named.extend(category.zip(self.share(value)));
            }
        } else {
            for name in node.texts(self.problems) {
                named.extend(self.category(&name, &node).map(|category| (category, safety::THRESHOLD)));
            }
        }
        Thresholds::of(named)
    }

    fn category(&mut self, name: &str, node: &Node) -> Option<Category> {
        let category = Category::named(name);
        if category.is_none() {
            let known: Vec<&str> = Category::ALL.iter().map(|category| category.as_str()).collect();
            let shown: String = name.chars().take(40).collect();
            let near = suggestion(&shown, &known);
            self.problems.at(node, format!("unknown category; valid are {}{near}", known.join(", ")));
        }
        category
    }

    fn exfiltration(&mut self) -> Settings {
        let usual = Limits::default();
        let allow_hosts = self.texts("allow_hosts");
        let max_rows = self.count("max_rows").unwrap_or(usual.max_rows);
        let max_entities = self.count("max_entities").unwrap_or(usual.max_entities);
        Settings::Exfiltration(Limits { allow_hosts, max_rows, max_entities })
    }

    /// A number of things.
    fn count(&mut self, name: &'static str) -> Option<usize> {
        let node = self.get(name)?;
        let number = node.number(self.problems)?;
        if number < 1.0 || number.fract() != 0.0 {
            self.problems.at(&node, "this is a whole number from 1 on");
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is no count is a problem")]
        let count = number as usize;
        Some(count)
    }
}

/// One topic: keywords or examples, and a name.
fn topic(node: &Node, problems: &mut Problems) -> Topic {
    let mut topic = Topic::default();
    for (key, value) in node.map(problems) {
        match key.name.as_str() {
            "name" => topic.name = value.text(problems).unwrap_or_default().to_owned(),
            "keywords" => topic.keywords = value.texts(problems),
            "examples" => topic.examples = value.texts(problems),
            _ => key.unknown(&["name", "keywords", "examples"], problems),
        }
    }
    if topic.keywords.iter().chain(&topic.examples).any(|text| text.trim().len() < 2) {
        problems.at(node, "a keyword or example has at least two letters");
    }
    topic
}
