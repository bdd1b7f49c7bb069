//! YAML with positions: a tree whose every node knows its line and column, and getters that collect problems instead of
//! stopping at the first. Policies, the server's configuration and detection rules are read in this way.

use picket_stdx::duration;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Error, Spanned};
use std::fmt;
use std::time::Duration;

/// The longest document that is read.
const DOCUMENT_BYTES_MAX: usize = 1024 * 1024;
/// What is wrong where a line is indented with a tab, whatever the parser makes of it.
const TAB: &str = "a tab stands where spaces belong; indent with spaces";

/// A value with its place.
#[derive(Debug, Clone)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// What a node is.
#[derive(Debug, Clone)]
pub enum Value {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// Members in order.
    Map(Vec<(Key, Node)>),
}

/// The name of a member, with its place.
#[derive(Debug, Clone)]
pub struct Key {
    /// The name.
    pub name: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// What is wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What, and what to do.
    pub message: String,
}

/// Everything that is wrong with a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    /// Name of the document.
    pub source: String,
    /// In order of their places.
    pub list: Vec<Problem>,
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.list.iter().enumerate() {
            let end = if at + 1 < self.list.len() { "\n" } else { "" };
            write!(f, "{}:{}:{}: {}{end}", self.source, problem.line, problem.column, problem.message)?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for Problems {}

impl Problems {
    /// No problems yet.
    pub fn new(source: &str) -> Self {
        Self { source: source.to_owned(), list: Vec::new() }
    }

    /// Adds a problem at a node.
    pub fn at(&mut self, node: &Node, message: impl Into<String>) {
        self.list.push(Problem { line: node.line, column: node.column, message: message.into() });
    }

    /// Adds a problem at the name of a member.
    pub fn at_key(&mut self, key: &Key, message: impl Into<String>) {
        self.list.push(Problem { line: key.line, column: key.column, message: message.into() });
    }

    /// `value`, unless there are problems.
    pub fn or<T>(mut self, value: T) -> Result<T, Self> {
        self.list.sort_by_key(|problem| (problem.line, problem.column));
        if self.list.is_empty() { Ok(value) } else { Err(self) }
    }
}

/// Reads a document. `yes`, `on` and the like are true, `no`, `off` and the like false.
pub fn parse(text: &str, source: &str) -> Result<Node, Problems> {
    parse_with(text, source, serde_saphyr::Options::default())
}

fn parse_with(text: &str, source: &str, options: serde_saphyr::Options) -> Result<Node, Problems> {
    let mut problems = Problems::new(source);
    if text.len() > DOCUMENT_BYTES_MAX {
        problems.list.push(Problem {
            line: 1,
            column: 1,
            message: format!("the document is longer than {DOCUMENT_BYTES_MAX} bytes"),
        });
        return Err(problems);
    }
    match serde_saphyr::from_str_with_options::<Node>(text, options) {
        Ok(node) => Ok(node),
        Err(error) => {
            let place = error.location();
            let number = |part: Option<u64>| part.and_then(|part| usize::try_from(part).ok()).unwrap_or(1).max(1);
            let (line, column) = (number(place.map(|place| place.line())), number(place.map(|place| place.column())));
            let indent = text.lines().nth(line - 1).unwrap_or_default();
            let indent = indent.get(..indent.len() - indent.trim_start().len()).unwrap_or_default();
            let message = match infinite(&error) {
                Some(value) => format!(
                    "`{value}` is no number that means something here; write one that ends, or put it into quotes if it is a text"
                ),
                None if indent.contains('\t') => format!("not valid YAML: {TAB}"),
                None => format!("not valid YAML: {}", cause(&error)),
            };
            problems.list.push(Problem { line, column, message });
            Err(problems)
        }
    }
}

/// The number that is the mistake, if it is infinite or none: YAML knows such, and nothing that is read here does.
fn infinite(error: &Error) -> Option<String> {
    match error {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => infinite(error),
        Error::NonFiniteFloat { value, .. } => Some(value.chars().filter(|c| !c.is_control()).take(40).collect()),
        _ => None,
    }
}

/// What is wrong, in our own words: the parser's speak of its inside, and may quote the document.
fn cause(error: &Error) -> String {
    let words = match error {
        Error::WithSnippet { error, .. } | Error::AliasError { error, .. } => return cause(error),
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().unwrap_or_default();
            let shown: String = key.chars().filter(|c| !c.is_control()).take(40).collect();
            return format!("the key `{shown}` stands twice here; keep one of them");
        }
        Error::Eof { .. } => "it ends in the middle of something; close what is open: a quote, `[` or `{`",
        Error::MultipleDocuments { .. } => "`---` begins a second document; a file holds one",
        Error::UnknownAnchor { .. } => "`*name` stands here, but no `&name` before it",
        Error::UnsupportedTag { .. } | Error::TaggedScalarCannotDeserializeIntoString { .. } => {
            "words that begin with `!` are not understood; put what is meant as text into quotes"
        }
        Error::Budget { .. }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::RecursiveReferencesRequireWeakTypes { .. } => "it is nested too deep, or repeats itself too often",
        Error::MergeValueNotMapOrSeqOfMaps { .. } | Error::MergeKeyNotAllowed { .. } => {
            "`<<` merges nothing here; write the members out"
        }
        Error::InvalidUtf8Input => "it is not UTF-8; store the file in that encoding",
        Error::Message { msg, .. } if msg.contains("quoted") => "a quoted text does not end; close the quote",
        Error::Message { msg, .. } if msg.contains("flow") => {
            "a list or map in brackets is broken; look for a missing `,`, `]` or `}`"
        }
        Error::Unexpected { .. } => "a plain word is expected as a key",
        other if other.to_string().contains("recursion limit") => "it is nested too deep, or repeats itself too often",
        _ => {
            "the structure breaks here; look for a missing `:`, a quote or bracket that is not closed, or an indentation that does not line up"
        }
    };
    words.to_owned()
}

/// Reads a file of several documents, separated by lines of `---`. Each is read on its own, when it is asked for, so that
/// what is wrong with one hides nothing of the others; empty ones are left out. Words such as `yes` and `off` are texts
/// here, as YAML 1.2 has it.
pub fn parse_many<'a>(text: &'a str, source: &'a str) -> impl Iterator<Item = Result<Node, Problems>> + use<'a> {
    documents(text).map(move |(document, line)| parse_from(document, source, line))
}

/// The texts of the documents of a file that [`parse_many`] reads, each with how many lines of the file come before it.
pub fn documents(text: &str) -> impl Iterator<Item = (&str, usize)> {
    Documents { text, at: 0, line: 0 }
}

struct Documents<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl<'a> Documents<'a> {
    /// The text up to the next marker, or to the end.
    fn cut(&mut self) -> (&'a str, usize) {
        let (begin, first_line) = (self.at, self.line);
        let text = self.text.get(begin..).unwrap_or_default();
        for line in text.split_inclusive('\n') {
            let end = self.at;
            (self.at, self.line) = (end + line.len(), self.line + 1);
            let Some(rest) = after_marker(line) else { continue };
            if !rest.trim().is_empty() {
                // What follows the marker on its line belongs to the next document.
                (self.at, self.line) = (end + line.len() - rest.len(), self.line - 1);
            }
            return (self.text.get(begin..end).unwrap_or_default(), first_line);
        }
        (text, first_line)
    }
}

impl<'a> Iterator for Documents<'a> {
    type Item = (&'a str, usize);

    fn next(&mut self) -> Option<Self::Item> {
        let is_full = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
        while self.at < self.text.len() {
            let (document, line) = self.cut();
            if document.lines().any(is_full) {
                return Some((document, line));
            }
        }
        None
    }
}

/// What follows `---` or `...` on a line.
fn after_marker(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("---").or_else(|| line.strip_prefix("..."))?;
    Some(rest).filter(|rest| rest.chars().next().is_none_or(char::is_whitespace))
}

/// Reads a document that begins after so many lines of its file.
fn parse_from(text: &str, source: &str, lines_before: usize) -> Result<Node, Problems> {
    match parse_with(text, source, serde_saphyr::options! { strict_booleans: true }) {
        Ok(mut node) => {
            node.move_down(lines_before);
            Ok(node)
        }
        Err(mut problems) => {
            problems.list.iter_mut().for_each(|problem| problem.line += lines_before);
            Err(problems)
        }
    }
}

impl Node {
    fn move_down(&mut self, lines: usize) {
        self.line += lines;
        match &mut self.value {
            Value::List(items) => items.iter_mut().for_each(|item| item.move_down(lines)),
            Value::Map(members) => members.iter_mut().for_each(|(key, node)| {
                key.line += lines;
                node.move_down(lines);
            }),
            Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::Text(_) => {}
        }
    }

    /// The members, if it is a map; a problem otherwise. Nothing counts as an empty map.
    pub fn map(&self, problems: &mut Problems) -> &[(Key, Self)] {
        match &self.value {
            Value::Map(members) => members,
            Value::Null => &[],
            _ => {
                problems.at(self, "expected `name: value` members here");
                &[]
            }
        }
    }

    /// A member of a map by its name.
    pub fn member(&self, name: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(members) => members.iter().find(|(key, _)| key.name == name).map(|(_, node)| node),
            _ => None,
        }
    }

    /// The elements of a list; anything else counts as a list of one.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// The elements of a list; one text counts as a list of one.
    pub fn texts(&self, problems: &mut Problems) -> Vec<String> {
        match &self.value {
            Value::List(items) => items.iter().filter_map(|item| item.text(problems).map(str::to_owned)).collect(),
            Value::Text(text) => vec![text.clone()],
            Value::Null => Vec::new(),
            _ => {
                problems.at(self, "expected a list of texts");
                Vec::new()
            }
        }
    }

    /// The text.
    pub fn text(&self, problems: &mut Problems) -> Option<&str> {
        if let Value::Text(text) = &self.value {
            return Some(text);
        }
        problems.at(self, "expected text");
        None
    }

    /// `true` or `false`.
    pub fn bool(&self, problems: &mut Problems) -> Option<bool> {
        if let Value::Bool(value) = self.value {
            return Some(value);
        }
        problems.at(self, "expected true or false");
        None
    }

    /// A number that is not negative.
    pub fn number(&self, problems: &mut Problems) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "limits and prices are far below 2^52")]
        let number = match self.value {
            Value::Integer(number) => number as f64,
            Value::Float(number) => number,
            _ => -1.0,
        };
        if number >= 0.0 && number.is_finite() {
            return Some(number);
        }
        problems.at(self, "expected a number of at least 0");
        None
    }

    /// A duration such as `30m`.
    pub fn duration(&self, problems: &mut Problems) -> Option<Duration> {
        let text = if let Value::Text(text) = &self.value { text.as_str() } else { "" };
        duration::parse(text).map_err(|_error| problems.at(self, "expected a duration such as 30s, 5m, 1h or 30d")).ok()
    }

    /// One of a closed set of words; `-` and `_` are equal.
    pub fn word<'a, T: Copy>(&self, words: &'a [(&'a str, T)], problems: &mut Problems) -> Option<T> {
        let text = self.text(problems)?;
        let folded = text.to_ascii_lowercase().replace('_', "-");
        let found = words.iter().find(|(word, _)| *word == folded).map(|(_, value)| *value);
        if found.is_none() {
            let valid: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            problems.at(self, format!("expected one of {}{}", valid.join(", "), suggestion(&folded, &valid)));
        }
        found
    }
}

impl Key {
    /// A problem: the name is none of `valid`.
    pub fn unknown(&self, valid: &[&str], problems: &mut Problems) {
        let shown: String = self.name.chars().take(40).collect();
        problems.at_key(
            self,
            format!("unknown key `{shown}`; valid here: {}{}", valid.join(", "), suggestion(&shown, valid)),
        );
    }
}

/// `; did you mean …?`, where one of the words is near.
pub fn suggestion(text: &str, words: &[&str]) -> String {
    let near = words.iter().map(|word| (strsim::levenshtein(text, word), word)).min();
    near.filter(|(distance, word)| *distance <= 1 + word.len() / 4)
        .map_or_else(String::new, |(_, word)| format!("; did you mean `{word}`?"))
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Value>::deserialize(deserializer)?;
        let place = spanned.referenced;
        let number = |part: u64| usize::try_from(part).unwrap_or(1).max(1);
        Ok(Self { value: spanned.value, line: number(place.line()), column: number(place.column()) })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Integer(i64::try_from(value).unwrap_or(i64::MAX)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let number = |part: u64| usize::try_from(part).unwrap_or(1).max(1);
            let place = key.referenced;
            let key = Key { name: key.value, line: number(place.line()), column: number(place.column()) };
            members.push((key, map.next_value()?));
        }
        Ok(Value::Map(members))
    }
}

#[cfg(test)]
mod tests;
