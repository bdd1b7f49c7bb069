//! From the filter grammar to queries of the index.

use crate::document::hash;
use crate::failure::SearchError;
use crate::schema::Fields;
use picket_event::Severity;
use picket_event::entry::NameKind;
use picket_keys::Keyring;
use picket_log::EventLog;
use picket_query::{Expr, Field, FieldKind, Op, Test};
use std::ops::Bound;
use tantivy::Term;
use tantivy::query::{AllQuery, BooleanQuery, EmptyQuery, ExistsQuery, Occur, Query, RangeQuery, TermQuery};
use tantivy::schema::IndexRecordOption;

/// Names that a prefix may stand for.
const PREFIX_NAMES_MAX: usize = 1_024;

pub(crate) struct Translator<'a> {
    pub(crate) fields: &'a Fields,
    pub(crate) log: &'a EventLog,
    pub(crate) keyring: &'a Keyring,
}

type Boxed = Box<dyn Query>;

impl Translator<'_> {
    pub(crate) fn expr(&self, expr: &Expr) -> Result<Boxed, SearchError> {
        Ok(match expr {
            Expr::All => Box::new(AllQuery),
            Expr::And(all) => self.joined(all, Occur::Must)?,
            Expr::Or(any) => self.joined(any, Occur::Should)?,
            Expr::Not(inner) => {
                let clauses: Vec<(Occur, Boxed)> =
                    vec![(Occur::Must, Box::new(AllQuery)), (Occur::MustNot, self.expr(inner)?)];
                Box::new(BooleanQuery::new(clauses))
            }
            Expr::Term(field, test) => self.term(*field, test)?,
            Expr::Word(word) => {
                let word = picket_event::vocabulary::fold(word);
                any([Field::Type, Field::Category, Field::Policy]
                    .iter()
                    .map(|field| self.equals(*field, &word))
                    .collect())
            }
        })
    }

    fn joined(&self, parts: &[Expr], occur: Occur) -> Result<Boxed, SearchError> {
        let clauses =
            parts.iter().map(|part| Ok((occur, self.expr(part)?))).collect::<Result<Vec<_>, SearchError>>()?;
        Ok(Box::new(BooleanQuery::new(clauses)))
    }

    fn term(&self, field: Field, test: &Test) -> Result<Boxed, SearchError> {
        Ok(match (field.kind(), test) {
            (_, Test::Exists) => Box::new(ExistsQuery::new(field.as_str().to_owned(), false)),
            (FieldKind::Number, test) => self.number(field, test),
            (FieldKind::Ordered, Test::Compare(op, value)) => self
                .severities(|severity| value.parse::<Severity>().is_ok_and(|wanted| op.holds(severity.cmp(&wanted)))),
            (FieldKind::Ordered, Test::Range(from, to)) => {
                let range = (from.parse::<Severity>(), to.parse::<Severity>());
                self.severities(|severity| matches!(range, (Ok(from), Ok(to)) if (from..=to).contains(&severity)))
            }
            (FieldKind::Name, Test::Equals(names)) => {
                let ids = names
                    .iter()
                    .map(|name| self.log.id_of_name(name_kind(field), name))
                    .collect::<Result<Vec<_>, _>>()?;
                any(ids.into_iter().flatten().map(|id| self.equals(field, &id)).collect())
            }
            (FieldKind::Name, Test::Prefix(prefix)) => {
                let ids = self.log.ids_of_prefix(name_kind(field), prefix, PREFIX_NAMES_MAX)?;
                any(ids.iter().map(|id| self.equals(field, id)).collect())
            }
            (FieldKind::Hashed, Test::Equals(values)) => {
                any(values.iter().map(|value| self.equals(field, &hash(self.keyring, field, value))).collect())
            }
            (FieldKind::Address, Test::Equals(values)) => {
                let nets = values.iter().filter_map(|value| {
                    value
                        .parse::<ipnet::IpNet>()
                        .ok()
                        .or_else(|| value.parse::<std::net::IpAddr>().ok().map(ipnet::IpNet::from))
                });
                any(nets.map(|net| self.network(field, net)).collect())
            }
            (_, Test::Equals(values)) => any(values.iter().map(|value| self.equals(field, value)).collect()),
            (_, Test::Prefix(prefix)) => self.prefix(field, prefix),
            (_, Test::Compare(..) | Test::Range(..)) => Box::new(EmptyQuery),
        })
    }

    fn equals(&self, field: Field, value: &str) -> Boxed {
        Box::new(TermQuery::new(Term::from_field_text(self.fields.of(field), value), IndexRecordOption::Basic))
    }

    /// Values that begin so: the range up to the first text that does not.
    fn prefix(&self, field: Field, prefix: &str) -> Boxed {
        let field = self.fields.of(field);
        let end = format!("{prefix}\u{10ffff}");
        Box::new(RangeQuery::new(
            Bound::Included(Term::from_field_text(field, prefix)),
            Bound::Excluded(Term::from_field_text(field, &end)),
        ))
    }

    /// A network by the hash of its text; lengths that are not indexed are widened to the halves that are.
    fn network(&self, field: Field, net: ipnet::IpNet) -> Boxed {
        let step = if net.addr().is_ipv4() { 1 } else { 4 };
        let length = net.prefix_len().next_multiple_of(step).max(8);
        let parts = net.subnets(length).map(|subnets| subnets.take(4_096).collect::<Vec<_>>()).unwrap_or_default();
        any(parts
            .iter()
            .map(|part| self.equals(field, &hash(self.keyring, field, &part.trunc().to_string())))
            .collect())
    }

    fn severities(&self, fits: impl Fn(Severity) -> bool) -> Boxed {
        any(Severity::ALL
            .iter()
            .filter(|severity| fits(**severity))
            .map(|severity| self.equals(Field::Severity, severity.as_str()))
            .collect())
    }

    fn number(&self, field: Field, test: &Test) -> Boxed {
        let id = self.fields.of(field);
        let term = |text: &String| Term::from_field_f64(id, text.parse().unwrap_or(f64::NAN));
        let range = |from, to| -> Boxed { Box::new(RangeQuery::new(from, to)) };
        match test {
            Test::Equals(values) => any(values
                .iter()
                .map(|value| range(Bound::Included(term(value)), Bound::Included(term(value))))
                .collect()),
            Test::Compare(Op::Greater, value) => range(Bound::Excluded(term(value)), Bound::Unbounded),
            Test::Compare(Op::GreaterOrEqual, value) => range(Bound::Included(term(value)), Bound::Unbounded),
            Test::Compare(Op::Less, value) => range(Bound::Unbounded, Bound::Excluded(term(value))),
            Test::Compare(Op::LessOrEqual, value) => range(Bound::Unbounded, Bound::Included(term(value))),
            Test::Range(from, to) => range(Bound::Included(term(from)), Bound::Included(term(to))),
            Test::Prefix(_) | Test::Exists => Box::new(EmptyQuery),
        }
    }
}

fn any(parts: Vec<Boxed>) -> Boxed {
    Box::new(BooleanQuery::new(parts.into_iter().map(|part| (Occur::Should, part)).collect()))
}

pub(crate) fn name_kind(field: Field) -> NameKind {
    match field {
        Field::Team => NameKind::Team,
        Field::Application => NameKind::Application,
        Field::Model => NameKind::Model,
        Field::Tool => NameKind::Tool,
        _ => NameKind::User,
    }
}
