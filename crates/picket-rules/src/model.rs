//! Rules as Picket knows them: detections, correlations and filters.

use crate::behaviour::Behaviour;
use crate::extension::Extension;
use crate::issue::Place;
use crate::pattern::{How, Pattern};
use crate::timepart::TimePart;
use ipnet::IpNet;
use regex::Regex;
use std::time::Duration;

/// How severe a match is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Worth knowing.
    Informational,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

impl Level {
    pub(crate) const WORDS: &[(&str, Self)] = &[
        ("informational", Self::Informational),
        ("low", Self::Low),
        ("medium", Self::Medium),
        ("high", Self::High),
        ("critical", Self::Critical),
    ];

    /// The word of a rule.
    pub fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(_, level)| *level == self).map_or("", |(word, _)| word)
    }
}

/// How mature a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Proven.
    Stable,
    /// Tried.
    Test,
    /// New.
    Experimental,
    /// Replaced.
    Deprecated,
    /// Not usable as it stands.
    Unsupported,
}

impl Status {
    pub(crate) const WORDS: &[(&str, Self)] = &[
        ("stable", Self::Stable),
        ("test", Self::Test),
        ("experimental", Self::Experimental),
        ("deprecated", Self::Deprecated),
        ("unsupported", Self::Unsupported),
    ];

    /// The word of a rule.
    pub fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(_, status)| *status == self).map_or("", |(word, _)| word)
    }
}

/// What every document says of itself.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// Where the document begins.
    pub place: Place,
    /// Its id, by which others refer to it.
    pub id: Option<String>,
    /// Its name, by which others may refer to it too.
    pub name: Option<String>,
    /// Its title.
    pub title: String,
    /// How severe a match is.
    pub level: Option<Level>,
    /// How mature it is.
    pub status: Option<Status>,
    /// What it detects.
    pub description: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Framework ids and other marks, such as `attack.t1059`.
    pub tags: Vec<String>,
    /// What Sigma has no words for.
    pub extension: Extension,
    /// Fields that its extension speaks of, and where.
    pub(crate) fields: Vec<(String, Place)>,
    /// What it should make of some events.
    pub(crate) tests: Vec<Example>,
    /// Where its behaviour names another rule.
    pub(crate) refers: Option<Place>,
}

/// Events, and which of them match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Example {
    pub(crate) name: String,
    /// As JSON, in the order in which they come.
    pub(crate) events: Vec<String>,
    /// Their numbers, from 1.
    pub(crate) matches: Vec<usize>,
    /// It has to be the same in whatever order they come.
    pub(crate) any_order: bool,
}

impl About {
    /// How many tests stand in it.
    pub fn tests(&self) -> usize {
        self.tests.len()
    }

    /// The id, else the name, else the title.
    pub fn key(&self) -> &str {
        self.id.as_deref().or(self.name.as_deref()).unwrap_or(&self.title)
    }

    /// Whether a reference in another document means this one.
    pub fn is_called(&self, reference: &str) -> bool {
        self.id.as_deref() == Some(reference) || self.name.as_deref() == Some(reference)
    }
}

/// The kind of events that a rule is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct LogSource {
    /// Such as `windows`.
    pub product: Option<String>,
    /// Such as `sysmon`.
    pub service: Option<String>,
    /// Such as `process_creation`.
    pub category: Option<String>,
}

impl LogSource {
    /// Whether everything that this names is the same there.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        let within = |mine: &Option<String>, theirs: &Option<String>| {
            mine.as_ref().is_none_or(|mine| theirs.as_ref().is_some_and(|theirs| theirs.eq_ignore_ascii_case(mine)))
        };
        within(&self.product, &other.product)
            && within(&self.service, &other.service)
            && within(&self.category, &other.category)
    }
}

/// A rule about single events.
#[derive(Debug, Clone)]
pub struct Rule {
    /// What it says of itself.
    pub about: About,
    /// The kind of events that it is for.
    pub logsource: LogSource,
    pub(crate) detection: Detection,
    /// It only feeds the behaviour of its document, under this name.
    pub(crate) feeds: Option<String>,
}

impl Rule {
    /// Whether it only feeds a behaviour, which stands among the correlations and is about the same document.
    pub fn is_feed(&self) -> bool {
        self.feeds.is_some()
    }
}

/// Selections by name, and how they are joined.
#[derive(Debug, Clone)]
pub(crate) struct Detection {
    pub(crate) selections: Vec<(String, Selection)>,
    /// Any of them suffices.
    pub(crate) conditions: Vec<Condition>,
}

impl Detection {
    pub(crate) fn selection(&self, name: &str) -> Option<&Selection> {
        self.selections.iter().find(|(other, _)| other == name).map(|(_, selection)| selection)
    }

    /// The selections that `… of pattern` speaks of.
    pub(crate) fn selected<'a>(&'a self, pattern: &'a Them) -> impl Iterator<Item = &'a (String, Selection)> {
        self.selections.iter().filter(|(name, _)| pattern.has(name))
    }
}

/// What an event is held against.
#[derive(Debug, Clone)]
pub(crate) enum Selection {
    /// All items hold.
    All(Vec<Item>),
    /// One of these holds.
    Any(Vec<Selection>),
}

/// Values for a field, or for any text of the event.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) place: Place,
    /// As it is written, with modifiers.
    pub(crate) key: String,
    /// None: any text of the event.
    pub(crate) field: Option<String>,
    pub(crate) values: Vec<Test>,
    /// All values have to hold, not one.
    pub(crate) all: bool,
    /// The field is there, and holds none of them.
    pub(crate) differs: bool,
}

/// What a value is held against.
#[derive(Debug, Clone)]
pub(crate) enum Test {
    Text {
        pattern: Pattern,
        cased: bool,
    },
    /// One of them: what one value of the rule stands for.
    Texts {
        patterns: Vec<Pattern>,
        cased: bool,
    },
    Regex(Regex),
    Network(IpNet),
    Compare(Order, f64),
    Number(f64),
    Bool(bool),
    Null,
    Exists(bool),
    Field {
        name: String,
        how: How,
        cased: bool,
    },
    Time(TimePart, i64),
    /// A text with `%names%` that data gives values for.
    Placeholder {
        text: String,
        how: How,
        cased: bool,
    },
}

/// How a number is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Order {
    /// Less.
    Lt,
    /// Less or equal.
    Lte,
    /// Greater.
    Gt,
    /// Greater or equal.
    Gte,
    /// Equal.
    Eq,
    /// Another.
    Neq,
}

impl Order {
    pub(crate) const WORDS: &[(&str, Self)] = &[
        ("lt", Self::Lt),
        ("lte", Self::Lte),
        ("gt", Self::Gt),
        ("gte", Self::Gte),
        ("eq", Self::Eq),
        ("neq", Self::Neq),
    ];

    /// Whether it holds.
    pub(crate) fn holds<T: PartialOrd>(self, value: T, bound: T) -> bool {
        match self {
            Self::Lt => value < bound,
            Self::Lte => value <= bound,
            Self::Gt => value > bound,
            Self::Gte => value >= bound,
            Self::Eq => value == bound,
            Self::Neq => value != bound,
        }
    }

    /// The word of a rule.
    pub(crate) fn as_str(self) -> &'static str {
        Self::WORDS.iter().find(|(_, order)| *order == self).map_or("", |(word, _)| word)
    }
}

/// How selections, or rules of a correlation, are joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Condition {
    Name(String),
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
    /// At least so many of those; none: all.
    Of(Option<usize>, Them),
}

/// What `… of …` speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Them {
    /// `them`: all whose name does not begin with `_`.
    All,
    /// A name with `*`.
    Named(String),
}

impl Them {
    pub(crate) fn has(&self, name: &str) -> bool {
        match self {
            Self::All => !name.starts_with('_'),
            Self::Named(pattern) => {
                let pattern = Pattern::parse(pattern, How::Equals);
                pattern.matches(name)
            }
        }
    }
}

/// A rule about several matches of other rules.
#[derive(Debug, Clone)]
pub struct Correlation {
    /// What it says of itself.
    pub about: About,
    pub(crate) kind: Kind,
    /// Ids or names of rules.
    pub(crate) rules: Vec<String>,
    /// Where they are named; the behaviour of a document has none of its own.
    pub(crate) places: Vec<Place>,
    /// What a name in `group-by` or `field` is called in the events of each rule.
    pub(crate) aliases: Vec<Alias>,
    pub(crate) group_by: Vec<String>,
    pub(crate) span_ms: i64,
    /// All have to hold.
    pub(crate) bounds: Vec<(Order, f64)>,
    /// Matches of its rules are told too.
    pub(crate) generate: bool,
    /// It only feeds the behaviour of its document, under this name.
    pub(crate) feeds: Option<String>,
}

impl Correlation {
    /// Whether it only feeds a behaviour, which is another correlation and is about the same document.
    pub fn is_feed(&self) -> bool {
        self.feeds.is_some()
    }

    /// Fields that make a group.
    pub fn group_by(&self) -> &[String] {
        &self.group_by
    }

    /// The time span that it looks at.
    pub fn span(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.span_ms).unwrap_or(0))
    }
}

/// A name, and what stands for it in the events of each rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Alias {
    pub(crate) name: String,
    /// Rule and field.
    pub(crate) fields: Vec<(String, String)>,
}

/// What a correlation looks at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    /// How many matches.
    EventCount,
    /// How many different values.
    ValueCount(Vec<String>),
    /// All rules, or what a condition over them says, in any order.
    Temporal(Option<Condition>),
    /// All rules in order.
    TemporalOrdered,
    ValueSum(String),
    ValueAvg(String),
    /// Of a field, and which: from 0 to 100.
    ValuePercentile(String, f64),
    /// What Sigma cannot say.
    Behaviour(Behaviour),
}

impl Kind {
    /// The rule whose share is measured.
    pub(crate) fn share_of(&self) -> Option<&str> {
        match self {
            Self::Behaviour(behaviour) => behaviour.share_of(),
            _ => None,
        }
    }

    /// Whose values it looks at.
    pub(crate) fn fields(&self) -> &[String] {
        match self {
            Self::ValueCount(fields) => fields,
            Self::ValueSum(field) | Self::ValueAvg(field) | Self::ValuePercentile(field, _) => {
                std::slice::from_ref(field)
            }
            Self::Behaviour(behaviour) => behaviour.fields(),
            Self::EventCount | Self::Temporal(_) | Self::TemporalOrdered => &[],
        }
    }
}

/// Exclusions for rules that others wrote.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    /// What it says of itself.
    pub(crate) about: About,
    pub(crate) logsource: LogSource,
    /// Ids or names of rules; none: all of its kind of events.
    pub(crate) rules: Option<Vec<(String, Place)>>,
    pub(crate) detection: Detection,
}

/// A document of a file of rules.
#[derive(Debug, Clone)]
pub(crate) enum Document {
    Rule(Rule),
    Correlation(Correlation),
    Filter(Filter),
}

impl Document {
    /// What it says of itself; nothing of a filter, which finds nothing.
    pub(crate) fn about(&self) -> Option<&About> {
        match self {
            Self::Rule(rule) => Some(&rule.about),
            Self::Correlation(correlation) => Some(&correlation.about),
            Self::Filter(_) => None,
        }
    }
}
