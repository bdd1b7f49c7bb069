//! Paths to what a change is about (RFC 7644, 3.5.2): `active`, `name.givenName`, `members[value eq "x"]`,
//! `emails[type eq "work"].value`, each with or without the name of its schema in front.

use crate::filter::{self, Filter};
use crate::{Kind, ScimError};
use std::fmt;

/// The longest path that is read.
const PATH_BYTES_MAX: usize = 1_024;

/// Where something is, in lower case: names of attributes differ in more than case.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// The attribute.
    pub attribute: String,
    /// Which of its values are meant.
    pub filter: Option<Filter>,
    /// What of them.
    pub sub: Option<String>,
}

impl Path {
    /// Reads a path.
    pub fn parse(text: &str) -> Result<Self, ScimError> {
        let refuse =
            || ScimError::bad("invalidPath", "a path is written attribute, attribute.sub or attribute[filter].sub");
        if text.len() > PATH_BYTES_MAX {
            return Err(refuse());
        }
        let text = without_schema(text.trim());
        let (head, filter, rest) = match text.split_once('[') {
            None => (text, None, ""),
            Some((head, inside)) => {
                let (inside, rest) = filter::closed(inside).ok_or_else(refuse)?;
                (head, Some(Filter::parse(inside)?), rest)
            }
        };
        let (attribute, sub) = match (filter.is_some(), rest) {
            (false, _) => head.split_once('.').map_or((head, None), |(attribute, sub)| (attribute, Some(sub))),
            (true, "") => (head, None),
            (true, rest) => (head, Some(rest.strip_prefix('.').ok_or_else(refuse)?)),
        };
        if !is_name(attribute) || sub.is_some_and(|sub| !is_name(sub)) {
            return Err(refuse());
        }
        Ok(Self { attribute: attribute.to_ascii_lowercase(), filter, sub: sub.map(str::to_ascii_lowercase) })
    }

    /// Both names together, as they are looked up.
    pub(crate) fn name(&self) -> String {
        match &self.sub {
            None => self.attribute.clone(),
            Some(sub) => format!("{}.{sub}", self.attribute),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.attribute)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        self.sub.as_ref().map_or(Ok(()), |sub| write!(f, ".{sub}"))
    }
}

/// A name as attributes have one (RFC 7643, 2.1).
pub(crate) fn is_name(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || b"_-$".contains(&byte);
    let begins_well = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'$');
    begins_well && text.len() <= 64 && text.bytes().all(is_inner)
}

/// A name without that of a schema in front; the schema of an extension is part of the name, which nobody here knows.
pub(crate) fn without_schema(text: &str) -> &str {
    let of = |kind: &&Kind| {
        let schema = kind.schema();
        let head = text.get(..schema.len()).filter(|head| head.eq_ignore_ascii_case(schema))?;
        text.get(head.len()..)?.strip_prefix(':')
    };
    Kind::ALL.iter().find_map(|kind| of(&kind)).unwrap_or(text)
}
