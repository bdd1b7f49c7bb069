//! From the texts of values to tests that fit a field.

use crate::error::QueryError;
use crate::expr::{Decimals, Integers, Test, Times};
use crate::field::{Field, FieldKind};
use crate::time::{Moment, Span};
use crate::word::nearest;
use ipnet::{IpNet, Ipv4Net};
use picket_event::vocabulary::fold;
use picket_event::{Decision, EscalationId, EventId};
use std::net::IpAddr;
use std::ops::Bound;

/// A value, or a range when `last` is there; an empty end of a range is open.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// Its first code point, from 0.
    pub(crate) at: usize,
    /// Its code points.
    pub(crate) length: usize,
    pub(crate) first: String,
    pub(crate) last: Option<String>,
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Above,
    AtLeast,
    Below,
    AtMost,
}

impl Item {
    /// A value that stands alone.
    pub(crate) fn one(value: &str) -> Self {
        Self { at: 0, length: value.chars().count(), first: value.to_owned(), last: None }
    }

    fn refuse(&self, message: impl Into<String>) -> QueryError {
        QueryError::new(self.at, self.length, message)
    }

    fn ends(&self) -> (Option<&str>, Option<&str>) {
        let last = self.last.as_deref().unwrap_or(&self.first);
        (Some(self.first.as_str()).filter(|text| !text.is_empty()), Some(last).filter(|text| !text.is_empty()))
    }
}

/// A word without a field, folded; spaces count as `_`.
pub(crate) fn word(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split_whitespace().collect();
    let folded = fold(&parts.join("_"));
    (!folded.is_empty()).then_some(folded)
}

/// The test for one of these values.
pub(crate) fn items(field: Field, items: &[Item]) -> Result<Test, QueryError> {
    fn each<T: PartialEq>(
        items: &[Item],
        read: impl Fn(&Item) -> Result<Vec<T>, QueryError>,
    ) -> Result<Vec<T>, QueryError> {
        let mut all = Vec::new();
        for item in items {
            for value in read(item)? {
                if !all.contains(&value) {
                    all.push(value);
                }
            }
        }
        Ok(all)
    }
    Ok(match field.kind() {
        FieldKind::Integer => Test::Integers(each(items, |item| integers(field, item).map(|range| vec![range]))?),
        FieldKind::Decimal => Test::Decimals(each(items, |item| decimals(field, item).map(|range| vec![range]))?),
        FieldKind::Time => Test::Times(each(items, |item| times(item).map(|range| vec![range]))?),
        FieldKind::Address => Test::Networks(each(items, |item| network(field, item).map(|net| vec![net]))?),
        _ => Test::OneOf(each(items, |item| texts(field, item))?),
    })
}

/// The test for a beginning.
pub(crate) fn prefix(field: Field, item: &Item) -> Result<Test, QueryError> {
    let name = field.as_str();
    if item.last.is_some() {
        return Err(item.refuse("a range takes no `*`"));
    }
    match field.kind() {
        FieldKind::Word => Ok(Test::Prefix(fold(&item.first))),
        FieldKind::Text | FieldKind::Name => Ok(Test::Prefix(item.first.clone())),
        FieldKind::Closed => {
            let begin = fold(&item.first);
            let words: Vec<String> =
                field.words().into_iter().filter(|word| word.starts_with(&begin)).map(str::to_owned).collect();
            if words.is_empty() { Err(unknown(field, item)) } else { Ok(Test::OneOf(words)) }
        }
        FieldKind::Address => Err(item.refuse(format!("{name} takes a network instead, such as 10.0.0.0/8"))),
        FieldKind::Integer | FieldKind::Decimal | FieldKind::Time => {
            Err(item.refuse(format!("{name} takes a range instead, such as 1..5")))
        }
        FieldKind::Id | FieldKind::Hashed => Err(item.refuse(format!("{name} takes whole values, without `*`"))),
    }
}

/// The test for a comparison.
pub(crate) fn comparison(field: Field, op: Op, item: &Item) -> Result<Test, QueryError> {
    let nothing = || item.refuse("nothing can be there");
    match field.kind() {
        FieldKind::Closed if field.is_ordered() => {
            let at = rank(field, item)?;
            let fits = |(rank, _): &(usize, &str)| match op {
                Op::Above => *rank > at,
                Op::AtLeast => *rank >= at,
                Op::Below => *rank < at,
                Op::AtMost => *rank <= at,
            };
            ordered(field, fits).ok_or_else(nothing)
        }
        FieldKind::Integer => {
            let value = integer(field, item, &item.first)?;
            let range = match op {
                Op::Above => value.checked_add(1).map(|from| (from, u64::MAX)),
                Op::AtLeast => Some((value, u64::MAX)),
                Op::Below => value.checked_sub(1).map(|to| (0, to)),
                Op::AtMost => Some((0, value)),
            };
            let (from, to) = range.ok_or_else(nothing)?;
            Ok(Test::Integers(vec![Integers { from, to }]))
        }
        FieldKind::Decimal => {
            let value = decimal(field, item, &item.first)?;
            let (from, to) = match op {
                Op::Above => (Bound::Excluded(value), Bound::Unbounded),
                Op::AtLeast => (Bound::Included(value), Bound::Unbounded),
                Op::Below => (Bound::Unbounded, Bound::Excluded(value)),
                Op::AtMost => (Bound::Unbounded, Bound::Included(value)),
            };
            Ok(Test::Decimals(vec![Decimals { from, to }]))
        }
        FieldKind::Time => {
            let span = span(item, &item.first)?;
            let (from, until) = match op {
                Op::Above => (Some(span.until), None),
                Op::AtLeast => (Some(span.from), None),
                Op::Below => (None, Some(span.from)),
                Op::AtMost => (None, Some(span.until)),
            };
            Ok(Test::Times(vec![Times { from, until }]))
        }
        _ => Err(item.refuse(format!("{} has no order; write {}:value", field.as_str(), field.as_str()))),
    }
}

/// The texts that an item stands for: one, or several for a range of ordered words.
fn texts(field: Field, item: &Item) -> Result<Vec<String>, QueryError> {
    if item.last.is_some() {
        if !field.is_ordered() {
            let name = field.as_str();
            return Err(item.refuse(format!("{name} takes no ranges; quote a value that contains `..`")));
        }
        let end = |text: Option<&str>, open: usize| {
            text.map_or(Ok(open), |text| rank(field, &Item { first: text.to_owned(), ..item.clone() }))
        };
        let (from, to) = item.ends();
        let (from, to) = (end(from, 0)?, end(to, usize::MAX)?);
        let test = ordered(field, |(rank, _)| (from..=to).contains(rank));
        let Some(Test::OneOf(words)) = test else { return Err(item.refuse("the range is empty")) };
        return Ok(words);
    }
    let text = item.first.as_str();
    let id = |read: Result<String, String>| read.map_err(|message| item.refuse(message));
    let read = match (field, field.kind()) {
        (Field::Escalation, _) => {
            id(text.parse::<EscalationId>().map(|id| id.to_string()).map_err(|error| error.to_string()))?
        }
        (_, FieldKind::Id) => id(text.parse::<EventId>().map(|id| id.to_string()).map_err(|error| error.to_string()))?,
        (_, FieldKind::Closed) => closed(field, item)?.to_owned(),
        (_, FieldKind::Word) => fold(text),
        _ => text.to_owned(),
    };
    if read.is_empty() { Err(item.refuse("the value is empty")) } else { Ok(vec![read]) }
}

/// A word of a closed field, synonyms included.
fn closed(field: Field, item: &Item) -> Result<&'static str, QueryError> {
    let folded = fold(&item.first);
    let known = match (field, folded.as_str()) {
        (Field::Decision, text) => text.parse::<Decision>().ok().map(Decision::as_str),
        (Field::Held | Field::Stream | Field::Repeat, "yes" | "1") => Some("true"),
        (Field::Held | Field::Stream | Field::Repeat, "no" | "0") => Some("false"),
        (_, text) => field.words().into_iter().find(|word| *word == text),
    };
    known.ok_or_else(|| unknown(field, item))
}

fn unknown(field: Field, item: &Item) -> QueryError {
    let words = field.words();
    let near = nearest(&fold(&item.first), words.iter().copied());
    let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    let shown: String = item.first.chars().take(40).collect();
    let message = format!("`{shown}` is no {}: {}{hint}", field.as_str(), words.join(", "));
    item.refuse(message).suggesting(near.map(str::to_owned))
}

fn rank(field: Field, item: &Item) -> Result<usize, QueryError> {
    let word = closed(field, item)?;
    Ok(field.words().iter().position(|known| *known == word).unwrap_or(0))
}

fn ordered(field: Field, fits: impl Fn(&(usize, &str)) -> bool) -> Option<Test> {
    let words: Vec<String> =
        field.words().into_iter().enumerate().filter(|ranked| fits(ranked)).map(|(_, word)| word.to_owned()).collect();
    (!words.is_empty()).then_some(Test::OneOf(words))
}

fn integer(field: Field, item: &Item, text: &str) -> Result<u64, QueryError> {
    let wrong = || item.refuse(format!("{} takes whole numbers, such as 100, >100 or 100..200", field.as_str()));
    text.parse().map_err(|_error| wrong())
}

fn integers(field: Field, item: &Item) -> Result<Integers, QueryError> {
    let (from, to) = item.ends();
    let from = from.map_or(Ok(0), |text| integer(field, item, text))?;
    let to = to.map_or(Ok(u64::MAX), |text| integer(field, item, text))?;
    if from > to { Err(item.refuse("the range is empty")) } else { Ok(Integers { from, to }) }
}

fn decimal(field: Field, item: &Item, text: &str) -> Result<f64, QueryError> {
    let wrong = || item.refuse(format!("{} takes numbers, such as 0.5, >0.5 or 0.5..0.8", field.as_str()));
    // Adding zero makes one zero of the two.
    text.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| number + 0.0).ok_or_else(wrong)
}

fn decimals(field: Field, item: &Item) -> Result<Decimals, QueryError> {
    let end = |text: Option<&str>| text.map(|text| decimal(field, item, text)).transpose();
    let (from, to) = item.ends();
    let (from, to) = (end(from)?, end(to)?);
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        return Err(item.refuse("the range is empty"));
    }
    let bound = |end: Option<f64>| end.map_or(Bound::Unbounded, Bound::Included);
    Ok(Decimals { from: bound(from), to: bound(to) })
}

fn span(item: &Item, text: &str) -> Result<Span, QueryError> {
    Span::parse(text).map_err(|error| item.refuse(error.to_string()))
}

fn times(item: &Item) -> Result<Times, QueryError> {
    let (from, to) = item.ends();
    let from = from.map(|text| span(item, text)).transpose()?;
    let to = to.map(|text| span(item, text)).transpose()?;
    if item.last.is_none() && from.is_some_and(Span::is_relative) {
        return Err(item.refuse("a relative time is compared: write >=24h for the last 24 hours"));
    }
    let range = Times { from: from.map(|span| span.from), until: to.map(|span| span.until) };
    let empty = match (range.from, range.until) {
        (Some(Moment::At(from)), Some(Moment::At(until))) => from >= until,
        (Some(Moment::Ago(from)), Some(Moment::Ago(until))) => from < until,
        _ => false,
    };
    if empty { Err(item.refuse("the range is empty")) } else { Ok(range) }
}

fn network(field: Field, item: &Item) -> Result<IpNet, QueryError> {
    if item.last.is_some() {
        return Err(item.refuse(format!("{} takes a network instead, such as 10.0.0.0/8", field.as_str())));
    }
    let address = |text: &str| text.parse::<IpAddr>().ok().map(|address| IpNet::from(address.to_canonical()));
    let found = address(&item.first).or_else(|| item.first.parse::<IpNet>().ok().map(|net| canonical(net.trunc())));
    found.ok_or_else(|| {
        item.refuse(format!("{} takes an address or a network, such as 10.1.2.3 or 10.0.0.0/8", field.as_str()))
    })
}

/// A network of IPv4 addresses mapped into IPv6 is one of IPv4 addresses.
fn canonical(net: IpNet) -> IpNet {
    let IpNet::V6(six) = net else { return net };
    let length = six.prefix_len().checked_sub(96);
    let mapped = six.addr().to_ipv4_mapped().zip(length).and_then(|(four, length)| Ipv4Net::new(four, length).ok());
    mapped.map_or(net, IpNet::V4)
}
