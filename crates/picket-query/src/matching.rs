//! Matching an event in memory, as the index would.

use crate::Query;
use crate::expr::{Expr, Term, Test};
use crate::field::{Field, FieldKind, Value};
use picket_event::Event;
use picket_event::vocabulary::fold;
use picket_stdx::Timestamp;
use std::net::IpAddr;
use std::ops::RangeBounds as _;

impl Query {
    /// Whether an event matches. Relative times count back from when the log took the event.
    pub fn matches(&self, event: &Event) -> bool {
        let now = event.recorded_at.unwrap_or(event.timestamp);
        expr(self.expr(), event, now)
    }
}

fn expr(expression: &Expr, event: &Event, now: Timestamp) -> bool {
    match expression {
        Expr::All => true,
        Expr::And(parts) => parts.iter().all(|part| expr(part, event, now)),
        Expr::Or(parts) => parts.iter().any(|part| expr(part, event, now)),
        Expr::Not(inner) => !expr(inner, event, now),
        Expr::Term(term) => term.field.values(event).iter().any(|value| term.holds(value, now)),
        Expr::Word(word) => {
            let is_it = |value: &Value<'_>| matches!(value, Value::Text(text) if fold(text) == *word);
            Field::OF_WORDS.iter().any(|field| field.values(event).iter().any(is_it))
        }
    }
}

impl Field {
    /// Where words without a field are looked for.
    pub const OF_WORDS: &[Self] = &[Self::Type, Self::Category, Self::Policies];

    /// A text of this field in the spelling that tests have.
    pub fn spelled(self, text: &str) -> std::borrow::Cow<'_, str> {
        match self.kind() {
            FieldKind::Word | FieldKind::Closed => fold(text).into(),
            _ => text.into(),
        }
    }
}

impl Term {
    fn holds(&self, value: &Value<'_>, now: Timestamp) -> bool {
        match (&self.test, value) {
            (Test::Exists, _) => true,
            (Test::OneOf(wanted), Value::Text(text)) => {
                let text = self.field.spelled(text);
                wanted.iter().any(|wanted| *wanted == text)
            }
            (Test::Prefix(begin), Value::Text(text)) => self.field.spelled(text).starts_with(begin.as_str()),
            (Test::Networks(networks), Value::Text(text)) => {
                let address = text.parse::<IpAddr>().map(|address| address.to_canonical());
                address.is_ok_and(|address| networks.iter().any(|network| network.contains(&address)))
            }
            (Test::Integers(ranges), Value::Integer(number)) => {
                ranges.iter().any(|range| (range.from..=range.to).contains(number))
            }
            (Test::Decimals(ranges), Value::Decimal(number)) => {
                ranges.iter().any(|range| (range.from, range.to).contains(number))
            }
            (Test::Times(ranges), Value::Time(at)) => ranges.iter().any(|range| {
                let (from, until) = range.at(now);
                from.is_none_or(|from| from <= *at) && until.is_none_or(|until| *at < until)
            }),
            _ => false,
        }
    }
}
