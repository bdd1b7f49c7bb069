//! The smallest questions that rules ask: one field, one test. Rules that ask the same share the answer.

use crate::event::{Atom, Values, What};
use crate::fields::Slot;
use crate::model::Order;
use crate::pattern::{How, Pattern};
use crate::timepart::{self, TimePart};
use ipnet::IpNet;
use memchr::memmem::Finder;
use regex::Regex;
use std::net::IpAddr;

/// A question.
#[derive(Debug, Clone)]
pub(crate) struct Leaf {
    pub(crate) slot: Slot,
    pub(crate) check: Check,
}

/// What a value is held against.
#[derive(Debug, Clone)]
pub(crate) enum Check {
    Literal {
        how: How,
        text: String,
        finder: Box<Finder<'static>>,
        cased: bool,
    },
    Pattern {
        pattern: Pattern,
        cased: bool,
    },
    Regex(Regex),
    Network(IpNet),
    Compare(Order, f64),
    Number(f64),
    Bool(bool),
    /// Nothing but null stands there.
    Null,
    /// Something but null stands there.
    Exists,
    Field {
        how: How,
        other: Slot,
        cased: bool,
    },
    Time(TimePart, i64),
}

impl Check {
    pub(crate) fn literal(text: &str, how: How, cased: bool) -> Self {
        let finder = Box::new(Finder::new(text.as_bytes()).into_owned());
        Self::Literal { how, text: text.to_owned(), finder, cased }
    }

    /// What two equal questions have in common, and no others.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Literal { how, text, cased, .. } => format!("literal {how:?} {cased} {text}"),
            Self::Pattern { pattern, cased } => format!("pattern {cased} {pattern:?}"),
            Self::Regex(regex) => format!("regex {}", regex.as_str()),
            Self::Network(network) => format!("network {network}"),
            Self::Compare(order, bound) => format!("compare {} {bound}", order.as_str()),
            Self::Number(number) => format!("number {number}"),
            Self::Bool(value) => format!("bool {value}"),
            Self::Null => "null".to_owned(),
            Self::Exists => "exists".to_owned(),
            Self::Field { how, other, cased } => format!("field {how:?} {other} {cased}"),
            Self::Time(part, value) => format!("time {part:?} {value}"),
        }
    }

    /// Roughly how often the answer is yes: what rules are found by should be rare. None where the answer may be yes
    /// although nothing stands in the field.
    pub(crate) fn chance(&self) -> Option<f64> {
        let of_length = |text: &str, base: f64| {
            let length = i32::try_from(text.len()).unwrap_or(i32::MAX).min(20);
            base * 0.6_f64.powi(length)
        };
        Some(match self {
            Self::Literal { how: How::Equals, text, .. } => of_length(text, 0.1).max(1e-4),
            Self::Literal { text, .. } => of_length(text, 1.0).max(1e-4),
            Self::Number(_) => 0.05,
            Self::Network(network) => 0.7_f64.powi(i32::from(network.prefix_len().min(24))),
            Self::Time(..) | Self::Field { .. } => 0.2,
            Self::Regex(_) | Self::Pattern { .. } => 0.5,
            Self::Compare(..) => 0.4,
            Self::Bool(_) => 0.5,
            Self::Exists => 0.9,
            Self::Null => return None,
        })
    }

    /// Roughly how much work the answer is.
    pub(crate) fn effort(&self) -> usize {
        match self {
            Self::Null | Self::Exists | Self::Bool(_) => 1,
            Self::Number(_) | Self::Compare(..) => 2,
            Self::Literal { how, .. } => {
                if *how == How::Contains {
                    6
                } else {
                    3
                }
            }
            Self::Network(_) | Self::Time(..) | Self::Field { .. } => 10,
            Self::Pattern { .. } => 20,
            Self::Regex(_) => 100,
        }
    }

    fn needs_fold(&self) -> bool {
        matches!(
            self,
            Self::Literal { cased: false, .. } | Self::Pattern { cased: false, .. } | Self::Field { cased: false, .. }
        )
    }
}

impl Leaf {
    /// Asks the question of an event.
    pub(crate) fn holds(&self, event: &str, values: &mut Values) -> bool {
        if self.check.needs_fold() {
            values.fold(event, self.slot);
            if let Check::Field { other, .. } = self.check {
                values.fold(event, other);
            }
        }
        match &self.check {
            Check::Null => !values.is_there(self.slot),
            Check::Exists => values.is_there(self.slot),
            check => values.atoms(self.slot).any(|atom| holds(check, event, values, atom)),
        }
    }
}

fn holds(check: &Check, event: &str, values: &Values, atom: &Atom) -> bool {
    let text = |cased: bool| if cased { values.text(event, atom) } else { values.folded(atom) };
    match check {
        Check::Literal { how, text: literal, finder, cased } => {
            let text = text(*cased);
            match how {
                How::Equals => text == literal,
                How::Starts => text.starts_with(literal.as_str()),
                How::Ends => text.ends_with(literal.as_str()),
                How::Contains => finder.find(text.as_bytes()).is_some(),
            }
        }
        Check::Pattern { pattern, cased } => pattern.matches(text(*cased)),
        Check::Regex(regex) => regex.is_match(values.text(event, atom)),
        Check::Network(network) => address(values.text(event, atom)).is_some_and(|address| network.contains(&address)),
        Check::Compare(order, bound) => number(values, event, atom).is_some_and(|number| order.holds(number, *bound)),
        Check::Number(expected) => {
            number(values, event, atom).is_some_and(|number| (number - expected).abs() < f64::EPSILON)
        }
        Check::Bool(expected) => boolean(values, event, atom) == Some(*expected),
        Check::Time(part, expected) => {
            let moment = match atom.what {
                What::Text => timepart::moment(values.text(event, atom)),
                What::Number(number) => timepart::moment_of_number(number),
                What::Bool(_) => None,
            };
            moment.is_some_and(|moment| part.of(moment) == *expected)
        }
        Check::Field { how, other, cased } => {
            let this = text(*cased);
            values.atoms(*other).any(|atom| {
                let other = if *cased { values.text(event, atom) } else { values.folded(atom) };
                match how {
                    How::Equals => this == other,
                    How::Starts => this.starts_with(other),
                    How::Ends => this.ends_with(other),
                    How::Contains => this.contains(other),
                }
            })
        }
        Check::Null | Check::Exists => false,
    }
}

/// The number that a value is, or says.
pub(crate) fn number(values: &Values, event: &str, atom: &Atom) -> Option<f64> {
    match atom.what {
        What::Number(number) => Some(number),
        What::Text => {
            let text = values.text(event, atom);
            // What does not begin like a number is most texts, and is not parsed.
            let may_be = text.len() <= 64
                && text.bytes().next().is_some_and(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
            if may_be { text.parse().ok() } else { None }
        }
        What::Bool(_) => None,
    }
}

/// The address that a text says.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    let may_be = (2..=45).contains(&text.len()) && text.bytes().any(|byte| matches!(byte, b'.' | b':'));
    let address: IpAddr = if may_be { text.parse().ok()? } else { return None };
    // An address of IPv4 in the clothes of IPv6 is the same machine.
    Some(address.to_canonical())
}

fn boolean(values: &Values, event: &str, atom: &Atom) -> Option<bool> {
    match atom.what {
        What::Bool(value) => Some(value),
        What::Text => {
            let text = values.text(event, atom);
            let is = |words: [&str; 3]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
            if is(["true", "1", "yes"]) {
                Some(true)
            } else if is(["false", "0", "no"]) {
                Some(false)
            } else {
                None
            }
        }
        What::Number(_) => None,
    }
}
