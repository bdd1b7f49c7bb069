//! The shape of a filter, its normal form, and its words.

use crate::field::Field;
use crate::parse::quoted;
use crate::time::{self, Moment};
use ipnet::IpNet;
use picket_stdx::Timestamp;
use std::fmt;
use std::ops::Bound;

/// The shape of a filter. Nested `And`s and `Or`s are flat, and hold at least two parts.
#[derive(Debug, Clone, PartialEq)]
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
    Term(Term),
    /// A word without a field, folded: type, category or policy.
    Word(String),
}

/// A field and what it is tested for.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// The field.
    pub field: Field,
    /// The test.
    pub test: Test,
}

/// What a field is tested for. Each list has at least one member, and one of them must hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Any value.
    Exists,
    /// One of these texts, in the spelling of the field: words folded, ids canonical. Comparisons of ordered words are
    /// such lists too.
    OneOf(Vec<String>),
    /// A text that begins so.
    Prefix(String),
    /// An address in one of these networks.
    Networks(Vec<IpNet>),
    /// A whole number in one of these ranges.
    Integers(Vec<Integers>),
    /// A number in one of these ranges.
    Decimals(Vec<Decimals>),
    /// A moment in one of these ranges.
    Times(Vec<Times>),
}

/// A range of whole numbers, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Integers {
    /// The least.
    pub from: u64,
    /// The greatest.
    pub to: u64,
}

/// A range of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decimals {
    /// The lower end.
    pub from: Bound<f64>,
    /// The upper end.
    pub to: Bound<f64>,
}

/// A range of moments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// The first moment.
    pub from: Option<Moment>,
    /// The first moment after it; a relative one is included.
    pub until: Option<Moment>,
}

impl Times {
    /// The first moment, and the first moment after the range.
    pub fn at(self, now: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        let until = |until| match until {
            Moment::At(at) => at,
            Moment::Ago(_) => until.at(now).plus(time::STEP),
        };
        (self.from.map(|from| from.at(now)), self.until.map(until))
    }
}

impl Expr {
    /// All of these.
    pub(crate) fn all_of(parts: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::All => {}
                Self::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            0 => Self::All,
            1 => flat.remove(0),
            _ => Self::And(flat),
        }
    }

    /// Any of these; at least one.
    pub(crate) fn any_of(parts: Vec<Self>) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                Self::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        if flat.len() == 1 { flat.remove(0) } else { Self::Or(flat) }
    }

    pub(crate) fn negated(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    pub(crate) fn at(self, now: Timestamp) -> Self {
        let each = |parts: Vec<Self>| parts.into_iter().map(|part| part.at(now)).collect();
        match self {
            Self::And(parts) => Self::And(each(parts)),
            Self::Or(parts) => Self::Or(each(parts)),
            Self::Not(inner) => Self::Not(Box::new(inner.at(now))),
            Self::Term(Term { field, test: Test::Times(ranges) }) => {
                let absolute = |range: Times| {
                    let (from, until) = range.at(now);
                    Times { from: from.map(Moment::At), until: until.map(Moment::At) }
                };
                Self::Term(Term { field, test: Test::Times(ranges.into_iter().map(absolute).collect()) })
            }
            other => other,
        }
    }

    pub(crate) fn explain(&self) -> String {
        let joined = |parts: &[Self], by: &str| {
            let parts: Vec<String> = parts.iter().map(Self::explain_nested).collect();
            parts.join(by)
        };
        match self {
            Self::All => "every event".to_owned(),
            Self::And(parts) => joined(parts, " and "),
            Self::Or(parts) => joined(parts, " or "),
            Self::Not(inner) => format!("not {}", inner.explain_nested()),
            Self::Term(Term { field, test }) => format!("{} {}", field.as_str(), test.explain()),
            Self::Word(word) => format!("type, category or policy is {word}"),
        }
    }

    fn explain_nested(&self) -> String {
        let whole = self.explain();
        if matches!(self, Self::And(_) | Self::Or(_)) { format!("({whole})") } else { whole }
    }
}

impl Test {
    fn explain(&self) -> String {
        match self {
            Self::Exists => "is known".to_owned(),
            Self::OneOf(values) => format!("is {}", values.join(" or ")),
            Self::Prefix(prefix) => format!("begins with {prefix}"),
            Self::Networks(_) => format!("is in {self}"),
            Self::Integers(_) | Self::Decimals(_) | Self::Times(_) => format!("is {self}"),
        }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => Ok(()),
            Self::And(parts) => joined(f, parts.iter().map(Nested), " "),
            Self::Or(parts) => joined(f, parts.iter().map(Nested), " OR "),
            Self::Not(inner) => write!(f, "-{}", Nested(inner)),
            Self::Term(Term { field, test }) => write!(f, "{}:{test}", field.as_str()),
            Self::Word(word) => f.write_str(&quoted(word)),
        }
    }
}

struct Nested<'a>(&'a Expr);

impl fmt::Display for Nested<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Expr::And(_) | Expr::Or(_) => write!(f, "({})", self.0),
            other => other.fmt(f),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exists => f.write_str("*"),
            Self::OneOf(values) => joined(f, values.iter().map(|value| quoted(value)), ","),
            Self::Prefix(prefix) => write!(f, "{}*", quoted(prefix)),
            Self::Networks(networks) => joined(f, networks, ","),
            Self::Integers(ranges) => joined(f, ranges, ","),
            Self::Decimals(ranges) => joined(f, ranges, ","),
            Self::Times(ranges) => joined(f, ranges, ","),
        }
    }
}

fn joined<T: fmt::Display>(f: &mut fmt::Formatter<'_>, parts: impl IntoIterator<Item = T>, by: &str) -> fmt::Result {
    for (at, part) in parts.into_iter().enumerate() {
        if at > 0 {
            f.write_str(by)?;
        }
        part.fmt(f)?;
    }
    Ok(())
}

impl fmt::Display for Integers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.to) {
            (from, to) if from == to => write!(f, "{from}"),
            (from, u64::MAX) => write!(f, "{from}.."),
            (from, to) => write!(f, "{from}..{to}"),
        }
    }
}

impl fmt::Display for Decimals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Bound::{Excluded, Included, Unbounded};
        match (self.from, self.to) {
            (Included(from), Included(to)) if from.to_bits() == to.to_bits() => write!(f, "{from}"),
            (Included(from), Included(to)) => write!(f, "{from}..{to}"),
            (Included(from), _) => write!(f, "{from}.."),
            (Excluded(from), _) => write!(f, ">{from}"),
            (Unbounded, Included(to)) => write!(f, "..{to}"),
            (Unbounded, Excluded(to)) => write!(f, "<{to}"),
            (Unbounded, Unbounded) => f.write_str("*"),
        }
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.until.map(Moment::before);
        if let Some(from @ Moment::At(_)) = self.from.filter(|_| self.from == last) {
            return from.fmt(f);
        }
        self.from.map_or(Ok(()), |from| from.fmt(f))?;
        f.write_str("..")?;
        last.map_or(Ok(()), |last| last.fmt(f))
    }
}
