//! A table of names of the operator's own, in place of that of `mapped`: fields renamed, constants added, fields left
//! out.
//!
//! What reads the table (a configuration, a file of the command line) gives each rule with its place; every problem of a
//! table names one.

use crate::field::Field;
use crate::json::{Raw, object};
use crate::subject::Subject;
use std::fmt;

/// Most rules of a table.
const RULES_MAX: usize = 256;
/// Longest name of a member.
const NAME_BYTES_MAX: usize = 256;
/// Longest constant, as JSON.
const CONSTANT_BYTES_MAX: usize = 4_096;

/// Where a rule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// The field is a member of this name.
    Name(String),
    /// The field is left out; of use together with `rest: keep`.
    Drop,
    /// There is a member of the rule's name, with this value: text, number or truth.
    Constant(serde_json::Value),
}

/// A rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Where it stands.
    pub place: Place,
    /// A field of the event, or the name of a constant.
    pub from: String,
    /// What becomes of it.
    pub target: Target,
}

/// What is wrong with a rule, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingProblem {
    /// Where it stands.
    pub place: Place,
    /// What, and what to do.
    pub message: String,
}

impl fmt::Display for MappingProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.place.line, self.place.column, self.message)
    }
}

#[derive(Debug, Clone)]
enum Source {
    Field(Field),
    /// JSON.
    Constant(Vec<u8>),
}

impl Source {
    /// Its value for an event as JSON, if there is one.
    fn value<'a>(&'a self, subject: &Subject<'_>, scratch: &'a mut Vec<u8>) -> Option<&'a [u8]> {
        match self {
            Self::Constant(constant) => Some(constant),
            Self::Field(field) => {
                scratch.clear();
                field.write(subject, scratch).then_some(scratch.as_slice())
            }
        }
    }
}

/// A checked table.
#[derive(Debug, Clone)]
pub struct Mapping {
    members: Vec<(String, Source)>,
}

/// A member of a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Previewed {
    /// The field that it comes from; none for a constant.
    pub from: Option<&'static str>,
    /// Its name.
    pub to: String,
    /// Its value as JSON; none when the event has no such field, so that the member is left out.
    pub value: Option<String>,
}

impl Mapping {
    /// Checks rules and makes a table of them. Fields that no rule names are members under their own names, if
    /// `keep_rest`; else they are left out.
    pub fn new(rules: &[Rule], keep_rest: bool) -> Result<Self, Vec<MappingProblem>> {
        let mut problems = Vec::new();
        let mut members = Vec::new();
        let mut named: Vec<(Field, Place)> = Vec::new();
        if let Some(rule) = rules.get(RULES_MAX) {
            let message = format!("a table has at most {RULES_MAX} rules; leave out what the receiver does not need");
            problems.push(MappingProblem { place: rule.place, message });
        }
        for rule in rules.iter().take(RULES_MAX) {
            match Self::member(rule, &mut named) {
                Ok(Some((name, source))) => members.push((name, source, rule.place)),
                Ok(None) => {}
                Err(message) => problems.push(MappingProblem { place: rule.place, message }),
            }
        }
        if keep_rest {
            let rest = Field::all().filter(|field| named.iter().all(|(known, _)| known != field));
            members.extend(rest.map(|field| (field.name().to_owned(), Source::Field(field), Place::default())));
        }
        problems.extend(clashes(&members));
        problems.sort_by_key(|problem| problem.place);
        if problems.is_empty() {
            Ok(Self { members: members.into_iter().map(|(name, source, _)| (name, source)).collect() })
        } else {
            Err(problems)
        }
    }

    fn member(rule: &Rule, named: &mut Vec<(Field, Place)>) -> Result<Option<(String, Source)>, String> {
        if let Target::Constant(value) = &rule.target {
            check_name(&rule.from)?;
            if value.is_array() || value.is_object() || value.is_null() {
                return Err(format!(
                    "the constant `{}` is no text, number or truth; give one of these",
                    shown(&rule.from)
                ));
            }
            let text = value.to_string().into_bytes();
            if text.len() > CONSTANT_BYTES_MAX {
                let name = shown(&rule.from);
                return Err(format!("the constant `{name}` is longer than {CONSTANT_BYTES_MAX} bytes; shorten it"));
            }
            return Ok(Some((rule.from.clone(), Source::Constant(text))));
        }
        let field = Field::of(&rule.from).ok_or_else(|| unknown(&rule.from))?;
        if let Some((_, place)) = named.iter().find(|(known, _)| *known == field) {
            return Err(format!("`{}` has a rule already, in line {}; keep one of them", field.name(), place.line));
        }
        named.push((field, rule.place));
        match &rule.target {
            Target::Name(name) => {
                check_name(name)?;
                Ok(Some((name.clone(), Source::Field(field))))
            }
            Target::Drop | Target::Constant(_) => Ok(None),
        }
    }

    /// Appends an event under the names of the table.
    pub fn render(&self, subject: &Subject<'_>, out: &mut Vec<u8>) {
        let mut scratch = Vec::new();
        object(out, |object| {
            for (name, source) in &self.members {
                if let Some(value) = source.value(subject, &mut scratch) {
                    object.put(name, Raw(value));
                }
            }
        });
    }

    /// Whether it has a member of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.iter().any(|(known, _)| known == name)
    }

    /// What becomes of each member for an event.
    pub fn preview(&self, subject: &Subject<'_>) -> Vec<Previewed> {
        let mut scratch = Vec::new();
        let row = |(name, source): &(String, Source)| Previewed {
            from: match source {
                Source::Field(field) => Some(field.name()),
                Source::Constant(_) => None,
            },
            to: name.clone(),
            value: source.value(subject, &mut scratch).map(|value| String::from_utf8_lossy(value).into_owned()),
        };
        self.members.iter().map(row).collect()
    }
}

/// Members that cannot stand beside each other: of one name, or one where the other needs an object.
fn clashes(members: &[(String, Source, Place)]) -> Vec<MappingProblem> {
    let mut order: Vec<&(String, Source, Place)> = members.iter().collect();
    // By the parts of their names, so that a name stands before those that begin with it.
    order.sort_by(|left, right| left.0.split('.').cmp(right.0.split('.')).then(left.2.cmp(&right.2)));
    let mut problems = Vec::new();
    for (one, next) in order.iter().zip(order.iter().skip(1)) {
        let (outer, inner) = (shown(&one.0), shown(&next.0));
        let place = one.2.max(next.2);
        let message = if one.0 == next.0 {
            format!("two rules give the member `{outer}`; name one of them otherwise")
        } else if next.0.strip_prefix(one.0.as_str()).is_some_and(|rest| rest.starts_with('.')) {
            format!("`{outer}` is a value, so that `{inner}` cannot stand inside it; name one of them otherwise")
        } else {
            continue;
        };
        problems.push(MappingProblem { place, message });
    }
    problems
}

fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return Err(format!("a name has 1 to {NAME_BYTES_MAX} bytes; give one, or `drop` to leave the field out"));
    }
    if name.chars().any(|character| character.is_control() || character.is_whitespace()) {
        return Err(format!("the name `{}` has spaces or control characters; leave them out", shown(name)));
    }
    if name.split('.').any(str::is_empty) {
        return Err(format!("the name `{}` has an empty part; put one dot between words", shown(name)));
    }
    Ok(())
}

fn unknown(name: &str) -> String {
    let near = Field::nearest(name).map(|field| format!("; did you mean `{}`?", field.name())).unwrap_or_default();
    format!("an event has no field `{}`{near}", shown(name))
}

/// A name from outside, short enough for a message.
fn shown(name: &str) -> String {
    name.chars().take(64).collect()
}

#[cfg(test)]
mod tests;
