//! Filters (RFC 7644, 3.4.2.2), as far as providers use them: comparisons joined by `and`.

use crate::ScimError;
use crate::path::{is_name, without_schema};
use serde_json::Value;
use std::fmt;

/// The longest filter that is read, and its most comparisons.
const FILTER_BYTES_MAX: usize = 1_024;
const TERMS_MAX: usize = 8;

/// What a resource has to be like: all of its comparisons hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter(Vec<Term>);

/// One comparison, its attribute in lower case.
#[derive(Debug, Clone, PartialEq)]
struct Term {
    attribute: String,
    test: Test,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    Present,
    Compares(Comparison, Literal),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Contains,
    StartsWith,
    EndsWith,
}

impl Comparison {
    const ALL: &[(&str, Self)] = &[
        ("eq", Self::Equal),
        ("ne", Self::NotEqual),
        ("co", Self::Contains),
        ("sw", Self::StartsWith),
        ("ew", Self::EndsWith),
    ];

    fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, comparison)| *comparison)
    }

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, comparison)| *comparison == self).map_or("eq", |(name, _)| name)
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Literal {
    Text(String),
    Truth(bool),
}

/// Attributes whose case counts (RFC 7643, 4.1 and 4.2).
const EXACT: &[&str] = &["id", "externalid", "value", "members.value", "groups.value", "meta.version"];

impl Filter {
    /// Reads a filter.
    pub fn parse(text: &str) -> Result<Self, ScimError> {
        let refuse = || {
            let detail = "a filter is up to 8 comparisons such as userName eq \"ana\", joined by and; \
                          eq, ne, co, sw, ew and pr are known";
            ScimError::bad("invalidFilter", detail)
        };
        if text.len() > FILTER_BYTES_MAX {
            return Err(refuse());
        }
        let mut rest = text.trim();
        let mut terms = Vec::new();
        loop {
            let (term, after) = term(rest).ok_or_else(refuse)?;
            terms.push(term);
            if after.is_empty() {
                return Ok(Self(terms));
            }
            let (and, after) = word(after).ok_or_else(refuse)?;
            if !and.eq_ignore_ascii_case("and") || terms.len() >= TERMS_MAX {
                return Err(refuse());
            }
            rest = after;
        }
    }

    /// Whether it holds for a resource.
    pub fn matches(&self, resource: &Value) -> bool {
        self.0.iter().all(|term| term.holds(resource))
    }

    /// The value that an attribute has to be, where the filter says nothing else: `value eq "x"`.
    pub(crate) fn only(&self, attribute: &str) -> Option<&str> {
        match self.0.as_slice() {
            [Term { attribute: named, test: Test::Compares(Comparison::Equal, Literal::Text(text)) }]
                if named == attribute =>
            {
                Some(text)
            }
            _ => None,
        }
    }
}

impl Term {
    fn holds(&self, resource: &Value) -> bool {
        let mut found = Vec::new();
        values(resource, &self.attribute, &mut found);
        match &self.test {
            Test::Present => !found.is_empty(),
            // What is not there differs from everything.
            Test::Compares(Comparison::NotEqual, literal) => {
                !found.iter().any(|value| is_so(value, Comparison::Equal, literal, &self.attribute))
            }
            Test::Compares(comparison, literal) => {
                found.iter().any(|value| is_so(value, *comparison, literal, &self.attribute))
            }
        }
    }
}

fn is_so(value: &Value, comparison: Comparison, literal: &Literal, attribute: &str) -> bool {
    match (value, literal) {
        (Value::Bool(value), Literal::Truth(truth)) => comparison == Comparison::Equal && value == truth,
        // Truth as a text, as some write it.
        (Value::Bool(value), Literal::Text(text)) => {
            comparison == Comparison::Equal && text.eq_ignore_ascii_case(if *value { "true" } else { "false" })
        }
        (Value::String(value), Literal::Text(text)) => {
            let is_exact = EXACT.contains(&attribute);
            let (value, text) =
                if is_exact { (value.clone(), text.clone()) } else { (value.to_lowercase(), text.to_lowercase()) };
            match comparison {
                Comparison::Equal | Comparison::NotEqual => value == text,
                Comparison::Contains => value.contains(&text),
                Comparison::StartsWith => value.starts_with(&text),
                Comparison::EndsWith => value.ends_with(&text),
            }
        }
        _ => false,
    }
}

/// The values of an attribute: of lists each, and of what is made of parts its `value`.
fn values<'a>(resource: &'a Value, attribute: &str, found: &mut Vec<&'a Value>) {
    let (name, rest) = attribute.split_once('.').map_or((attribute, None), |(name, rest)| (name, Some(rest)));
    let Value::Object(members) = resource else { return };
    let Some((_, value)) = members.iter().find(|(member, _)| member.eq_ignore_ascii_case(name)) else { return };
    let items = match value {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    for item in items {
        match (rest, item) {
            (_, Value::Null) => {}
            (Some(rest), inside) => values(inside, rest, found),
            (None, Value::Object(inside)) => found.extend(inside.get("value")),
            (None, plain) => found.push(plain),
        }
    }
}

/// One comparison, and what follows it.
fn term(text: &str) -> Option<(Term, &str)> {
    let (attribute, rest) = word(text)?;
    let attribute = without_schema(attribute);
    if !attribute.split('.').all(is_name) || attribute.split('.').count() > 2 {
        return None;
    }
    let attribute = attribute.to_ascii_lowercase();
    let (operator, rest) = word(rest)?;
    if operator.eq_ignore_ascii_case("pr") {
        return Some((Term { attribute, test: Test::Present }, rest));
    }
    let comparison = Comparison::of(operator)?;
    let (literal, rest) = literal(rest)?;
    let is_usable = match literal {
        Literal::Text(_) => true,
        Literal::Truth(_) => matches!(comparison, Comparison::Equal | Comparison::NotEqual),
    };
    is_usable.then_some((Term { attribute, test: Test::Compares(comparison, literal) }, rest))
}

/// A word up to white space, and what follows.
fn word(text: &str) -> Option<(&str, &str)> {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end)?;
    (!word.is_empty()).then(|| (word, rest.trim_start()))
}

/// A text between quotes as JSON writes it, or a truth; and what follows it after white space.
fn literal(text: &str) -> Option<(Literal, &str)> {
    if !text.starts_with('"') {
        let (plain, rest) = word(text)?;
        let truth = if plain.eq_ignore_ascii_case("true") {
            true
        } else if plain.eq_ignore_ascii_case("false") {
            false
        } else {
            return None;
        };
        return Some((Literal::Truth(truth), rest));
    }
    let end = quoted(text)?;
    let (literal, rest) = text.split_at_checked(end)?;
    let parsed: String = serde_json::from_str(literal).ok()?;
    let is_apart = rest.is_empty() || rest.starts_with(char::is_whitespace);
    is_apart.then(|| (Literal::Text(parsed), rest.trim_start()))
}

/// Where a text between quotes ends that begins here.
fn quoted(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// What stands before the bracket that closes, quotes taken in, and what follows it.
pub(crate) fn closed(text: &str) -> Option<(&str, &str)> {
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(']') {
            return Some((text.get(..at)?, text.get(at + 1..)?));
        }
        at += if rest.starts_with('"') { quoted(rest)? } else { rest.chars().next()?.len_utf8() };
    }
    None
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, Term { attribute, test }) in self.0.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { " and " })?;
            match test {
                Test::Present => write!(f, "{attribute} pr")?,
                Test::Compares(comparison, Literal::Truth(truth)) => {
                    write!(f, "{attribute} {} {truth}", comparison.word())?;
                }
                Test::Compares(comparison, Literal::Text(text)) => {
                    write!(f, "{attribute} {} {}", comparison.word(), Value::from(text.as_str()))?;
                }
            }
        }
        Ok(())
    }
}
