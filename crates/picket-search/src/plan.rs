//! From a filter to terms and ranges of the index: names resolved, values hashed, times absolute.

use crate::failure::SearchError;
use crate::hashing::{self, NETWORK_STEP};
use crate::schema::{Fields, Slot};
use ipnet::IpNet;
use picket_event::EventId;
use picket_event::entry::NameKind;
use picket_keys::Keyring;
use picket_log::EventLog;
use picket_query::{Decimals, Expr, Field, Term, Test};
use picket_stdx::Timestamp;
use std::ops::{Bound, RangeInclusive};
use tantivy::schema::Field as Id;
use tantivy::{f64_to_u64, i64_to_u64};

/// Names that a prefix may stand for.
const PREFIX_NAMES_MAX: usize = 4_096;

/// Fields of which every event has exactly one value.
const SOLE: &[Field] = &[Field::EventType, Field::Decision, Field::Severity];

/// What to look for, the same for every segment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Plan {
    All,
    Nothing,
    And(Vec<Plan>),
    Or(Vec<Plan>),
    Not(Box<Plan>),
    /// Any of these terms of a field.
    Terms(Id, Vec<Vec<u8>>),
    /// The same, where every event has exactly one term in the field.
    Sole(Id, Vec<Vec<u8>>),
    /// Any term of a field that begins so.
    Prefix(Id, Vec<u8>),
    /// A value of a column, in the order-preserving mapping to integers.
    Range(Id, RangeInclusive<u64>),
    /// Any value of a column.
    Present(Id),
    /// The event at this position.
    At(u64),
}

/// What a plan is made with.
pub(crate) struct Planner<'a> {
    pub(crate) fields: &'a Fields,
    pub(crate) log: &'a EventLog,
    pub(crate) keyring: &'a Keyring,
    pub(crate) now: Timestamp,
}

impl Plan {
    pub(crate) fn and(parts: Vec<Self>) -> Self {
        let mut parts: Vec<Self> = parts.into_iter().filter(|part| *part != Self::All).collect();
        match parts.len() {
            0 => Self::All,
            1 => parts.remove(0),
            _ if parts.contains(&Self::Nothing) => Self::Nothing,
            _ => Self::And(parts),
        }
    }

    pub(crate) fn or(parts: Vec<Self>) -> Self {
        let mut parts: Vec<Self> = parts.into_iter().filter(|part| *part != Self::Nothing).collect();
        match parts.len() {
            0 => Self::Nothing,
            1 => parts.remove(0),
            _ if parts.contains(&Self::All) => Self::All,
            _ => Self::Or(parts),
        }
    }

    /// Moments from the first, and before the second.
    pub(crate) fn moments(column: Id, from: Option<Timestamp>, until: Option<Timestamp>) -> Self {
        let least = from.map_or(i64::MIN, Timestamp::as_micros);
        let Some(most) = until.map_or(Some(i64::MAX), |until| until.as_micros().checked_sub(1)) else {
            return Self::Nothing;
        };
        if from.is_none() && until.is_none() {
            Self::All
        } else {
            Self::range(column, i64_to_u64(least), i64_to_u64(most))
        }
    }

    fn range(column: Id, from: u64, to: u64) -> Self {
        if from > to { Self::Nothing } else { Self::Range(column, from..=to) }
    }

    fn term(field: Id, term: &str) -> Self {
        Self::Terms(field, vec![term.as_bytes().to_vec()])
    }
}

impl Planner<'_> {
    pub(crate) fn expr(&self, expr: &Expr) -> Result<Plan, SearchError> {
        let each = |parts: &[Expr]| parts.iter().map(|part| self.expr(part)).collect::<Result<Vec<_>, _>>();
        Ok(match expr {
            Expr::All => Plan::All,
            Expr::And(parts) => Plan::and(each(parts)?),
            Expr::Or(parts) => Plan::or(each(parts)?),
            Expr::Not(inner) => match self.expr(inner)? {
                Plan::All => Plan::Nothing,
                Plan::Nothing => Plan::All,
                other => Plan::Not(Box::new(other)),
            },
            Expr::Word(word) => {
                let fields = Field::OF_WORDS.iter().filter_map(|field| match self.fields.slot(*field) {
                    Slot::Word(id, _) | Slot::Text(id) => Some(Plan::term(id, word)),
                    _ => None,
                });
                Plan::or(fields.collect())
            }
            Expr::Term(term) => self.term(term)?,
        })
    }

    fn term(&self, Term { field, test }: &Term) -> Result<Plan, SearchError> {
        let slot = self.fields.slot(*field);
        Ok(match (slot, test) {
            (Slot::Position, Test::Exists) => Plan::All,
            (Slot::Position, Test::OneOf(ids)) => self.positions(ids)?,
            (Slot::Text(id) | Slot::Word(_, id) | Slot::Number(id), Test::Exists) => Plan::Present(id),
            (Slot::Name(id), Test::Exists) => {
                Plan::or(vec![Plan::Present(id), Plan::term(self.fields.has, field.as_str())])
            }
            (Slot::Hashed(_) | Slot::Id(_), Test::Exists) => Plan::term(self.fields.has, field.as_str()),
            (Slot::Text(id) | Slot::Word(id, _) | Slot::Id(id), Test::OneOf(values)) => {
                let terms = values.iter().map(|value| value.clone().into_bytes()).collect();
                if SOLE.contains(field) { Plan::Sole(id, terms) } else { Plan::Terms(id, terms) }
            }
            (Slot::Text(id) | Slot::Word(id, _), Test::Prefix(prefix)) => Plan::Prefix(id, prefix.clone().into_bytes()),
            (Slot::Name(id), Test::OneOf(names)) => self.names(*field, id, names)?,
            (Slot::Name(id), Test::Prefix(prefix)) => self.names_of_prefix(*field, id, prefix)?,
            (Slot::Hashed(id), Test::OneOf(values)) => Plan::Terms(id, self.hashes(*field, values)),
            (Slot::Hashed(id), Test::Networks(networks)) => {
                Plan::Terms(id, networks.iter().flat_map(|network| self.networks(*field, *network)).collect())
            }
            (Slot::Number(id), Test::Integers(ranges)) => {
                Plan::or(ranges.iter().map(|range| Plan::range(id, range.from, range.to)).collect())
            }
            (Slot::Number(id), Test::Decimals(ranges)) => {
                Plan::or(ranges.iter().map(|range| decimals(id, *range)).collect())
            }
            (Slot::Number(id), Test::Times(ranges)) => {
                let ranges = ranges.iter().map(|range| range.at(self.now));
                Plan::or(ranges.map(|(from, until)| Plan::moments(id, from, until)).collect())
            }
            // The parser makes no other pairs.
            _ => Plan::Nothing,
        })
    }

    fn positions(&self, ids: &[String]) -> Result<Plan, SearchError> {
        let mut positions = Vec::new();
        for id in ids.iter().filter_map(|id| id.parse::<EventId>().ok()) {
            positions.extend(self.log.position_of(id)?.map(Plan::At));
        }
        Ok(Plan::or(positions))
    }

    fn names(&self, field: Field, id: Id, names: &[String]) -> Result<Plan, SearchError> {
        let Some(kind) = name_kind(field) else { return Ok(Plan::Nothing) };
        let mut ids = Vec::new();
        for name in names {
            ids.extend(self.log.id_of_name(kind, name)?.map(String::into_bytes));
        }
        let known = if ids.is_empty() { Plan::Nothing } else { Plan::Terms(id, ids) };
        let other = if field == Field::Tools {
            Plan::Terms(self.fields.other_names, self.hashes(field, names))
        } else {
            Plan::Nothing
        };
        Ok(Plan::or(vec![known, other]))
    }

    fn names_of_prefix(&self, field: Field, id: Id, prefix: &str) -> Result<Plan, SearchError> {
        let Some(kind) = name_kind(field) else { return Ok(Plan::Nothing) };
        let ids = self.log.ids_of_prefix(kind, prefix, PREFIX_NAMES_MAX + 1)?;
        match ids.len() {
            0 => Ok(Plan::Nothing),
            count if count > PREFIX_NAMES_MAX => {
                Err(SearchError::PrefixTooShort { field: field.as_str(), most: PREFIX_NAMES_MAX })
            }
            _ => Ok(Plan::Terms(id, ids.into_iter().map(String::into_bytes).collect())),
        }
    }

    fn hashes(&self, field: Field, values: &[String]) -> Vec<Vec<u8>> {
        values.iter().map(|value| hashing::hash(self.keyring, field, value.as_bytes()).to_vec()).collect()
    }

    /// The indexed networks that make up a network: itself, or its parts of the next indexed length.
    fn networks(&self, field: Field, network: IpNet) -> Vec<Vec<u8>> {
        let length = network.prefix_len().next_multiple_of(NETWORK_STEP).max(NETWORK_STEP);
        let parts = network.subnets(length).into_iter().flatten();
        parts.map(|part| hashing::network(self.keyring, field, part).to_vec()).collect()
    }
}

fn decimals(column: Id, range: Decimals) -> Plan {
    let least = f64_to_u64(f64::NEG_INFINITY);
    let most = f64_to_u64(f64::INFINITY);
    let from = match range.from {
        Bound::Included(from) => f64_to_u64(from),
        Bound::Excluded(from) => f64_to_u64(from).saturating_add(1),
        Bound::Unbounded => least,
    };
    let to = match range.to {
        Bound::Included(to) => f64_to_u64(to),
        Bound::Excluded(to) => f64_to_u64(to).saturating_sub(1),
        Bound::Unbounded => most,
    };
    Plan::range(column, from, to)
}

/// The kind of names of a field.
pub(crate) fn name_kind(field: Field) -> Option<NameKind> {
    match field {
        Field::User => Some(NameKind::User),
        Field::Team => Some(NameKind::Team),
        Field::Application => Some(NameKind::Application),
        Field::Model => Some(NameKind::Model),
        Field::Tools => Some(NameKind::Tool),
        _ => None,
    }
}
