//! The filter grammar of events: one parser for API, command line and exports.
//!
//! `field:value`, `-field:value`, `field:a,b`, `field:abc*`, `field:*`, `field:>=high`, `field:1..5`, bare words, quoted
//! phrases, `OR`, parentheses; terms next to each other must all hold. Errors name the column and the nearest field.
//! **Invariant:** the normal form of a query parses to the same query.

mod field;
mod matching;
mod parse;

pub use field::{Field, FieldKind};
pub use parse::QueryError;

use std::fmt;

/// A parsed filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query(Expr);

/// The shape of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// Everything.
    All,
    /// All of them.
    And(Vec<Expr>),
    /// Any of them.
    Or(Vec<Expr>),
    /// Not it.
    Not(Box<Expr>),
    /// A field and a test.
    Term(Field, Test),
    /// A word without a field: type, category or policy.
    Word(String),
}

/// What a field is tested for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// One of these values.
    Equals(Vec<String>),
    /// A value that begins so.
    Prefix(String),
    /// Any value.
    Exists,
    /// A comparison.
    Compare(Op, String),
    /// From and to, both included.
    Range(String, String),
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
}

impl Query {
    /// Everything.
    pub fn all() -> Self {
        Self(Expr::All)
    }

    /// Parses a filter; an empty one means everything.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        parse::parse(text).map(Self)
    }

    /// One of these values in a field.
    pub fn one_of(field: Field, values: Vec<String>) -> Self {
        Self(Expr::Term(field, Test::Equals(values)))
    }

    /// Both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Expr::All, other) => Self(other),
            (this, Expr::All) => Self(this),
            (Expr::And(mut all), Expr::And(more)) => {
                all.extend(more);
                Self(Expr::And(all))
            }
            (Expr::And(mut all), other) => {
                all.push(other);
                Self(Expr::And(all))
            }
            (this, Expr::And(more)) => Self(Expr::And(std::iter::once(this).chain(more).collect())),
            (this, other) => Self(Expr::And(vec![this, other])),
        }
    }

    /// The shape.
    pub fn expr(&self) -> &Expr {
        &self.0
    }

    /// The query in words.
    pub fn explain(&self) -> String {
        format!("matches events where {self}")
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = |inner: &Self, f: &mut fmt::Formatter<'_>| match inner {
            Self::And(_) | Self::Or(_) => write!(f, "({inner})"),
            _ => write!(f, "{inner}"),
        };
        match self {
            Self::All => Ok(()),
            Self::And(all) => all.iter().enumerate().try_for_each(|(at, one)| {
                if at > 0 {
                    f.write_str(" ")?;
                }
                group(one, f)
            }),
            Self::Or(any) => any.iter().enumerate().try_for_each(|(at, one)| {
                if at > 0 {
                    f.write_str(" OR ")?;
                }
                group(one, f)
            }),
            Self::Not(inner) => {
                f.write_str("-")?;
                group(inner, f)
            }
            Self::Term(field, test) => write!(f, "{}:{test}", field.as_str()),
            Self::Word(word) => f.write_str(&parse::quoted(word)),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(values) => {
                let values: Vec<String> = values.iter().map(|value| parse::quoted(value)).collect();
                f.write_str(&values.join(","))
            }
            Self::Prefix(prefix) => write!(f, "{}*", parse::quoted(prefix)),
            Self::Exists => f.write_str("*"),
            Self::Compare(op, value) => write!(f, "{}{}", op.as_str(), parse::quoted(value)),
            Self::Range(from, to) => write!(f, "{}..{}", parse::quoted(from), parse::quoted(to)),
        }
    }
}

impl Op {
    /// The sign.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }

    /// Whether a comparison result satisfies it.
    pub fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
        }
    }
}

#[cfg(test)]
mod tests;
