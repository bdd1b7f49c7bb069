//! The filter grammar of events: one parser for API, command line, exports and tail.
//!
//! ```text
//! query = all { "OR" all }                          all   = one { ["AND"] one }
//! one   = ("-" | "NOT") one | "(" query ")" | word | field ":" test
//! test  = "*" | ("<" | "<=" | ">" | ">=") value | item { "," item } | value "*"
//! item  = value | value ".." value | value ".." | ".." value
//! value = "quoted, with \" and \\" | characters other than space ( ) , * and "
//! ```
//! Terms side by side must all hold. A word without a field is looked for in `type`, `category` and
//! `policies_triggered`. `-` and `_` are equal in words, names are exact, ranges include both ends. Times are RFC 3339,
//! a date (its whole UTC day), or relative: `24h` and `now-24h` both mean 24 hours ago.
//!
//! **Invariants:** the normal form of a query parses to the same query; no text makes the parser panic; what a query
//! matches in memory is what the index finds for it.

mod error;
mod expr;
mod field;
mod matching;
mod parse;
mod reading;
mod rendered;
pub mod time;
mod word;

pub use error::QueryError;
pub use expr::{Decimals, Expr, Integers, Term, Test, Times};
pub use field::{Field, FieldKind, Value};
pub use word::nearest;

use picket_stdx::Timestamp;
use std::fmt;
use std::str::FromStr;

/// The longest filter, in bytes.
pub const TEXT_BYTES_MAX: usize = 4_096;
/// The most terms of a filter.
pub const TERMS_MAX: usize = 64;
/// The deepest nesting of a filter.
pub const DEPTH_MAX: usize = 16;

/// A parsed filter. Displays as its normal form.
#[derive(Debug, Clone, PartialEq)]
pub struct Query(Expr);

impl Default for Query {
    fn default() -> Self {
        Self::all()
    }
}

impl Query {
    /// Everything.
    pub const fn all() -> Self {
        Self(Expr::All)
    }

    /// Parses a filter; an empty one means everything.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        parse::parse(text).map(Self)
    }

    /// Events with one of these values in a field, as the parameters of the API give them: each value as it stands,
    /// without prefixes or comparisons.
    pub fn one_of<'a>(field: Field, values: impl IntoIterator<Item = &'a str>) -> Result<Self, QueryError> {
        let items: Vec<reading::Item> = values.into_iter().map(reading::Item::one).collect();
        if items.is_empty() {
            return Ok(Self::all());
        }
        let test = reading::items(field, &items)?;
        Ok(Self(Expr::Term(Term { field, test })))
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(Expr::all_of(vec![self.0, other.0]))
    }

    /// The shape.
    pub fn expr(&self) -> &Expr {
        &self.0
    }

    /// The same query with relative times counted back from `now`.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        Self(self.0.at(now))
    }

    /// Whether it asks for types of events: for some of them, or for all but requests.
    pub fn asks_for_types(&self) -> bool {
        rendered::asks_for_types(&self.0)
    }

    /// Whether it asks for requests that passed by themselves, by the type that they are shown as.
    pub fn asks_for_auto_approved(&self) -> bool {
        rendered::asks(&self.0)
    }

    /// The same query, with types that events are only shown as told by what such events have. A log and an index know no
    /// others.
    #[must_use]
    pub fn stored(self) -> Self {
        Self(rendered::stored(self.0))
    }

    /// Requests that passed by themselves.
    pub fn auto_approved() -> Self {
        Self(rendered::auto_approved())
    }

    /// Either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Expr::All, _) | (_, Expr::All) => Self::all(),
            (one, other) => Self(Expr::any_of(vec![one, other])),
        }
    }

    /// The query in words.
    pub fn explain(&self) -> String {
        self.0.explain()
    }
}

impl FromStr for Query {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests;
