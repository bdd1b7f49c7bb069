//! Matching an event in memory, as the index would.

use crate::field::{Field, FieldKind};
use crate::{Expr, Query, Test};
use picket_event::Event;
use picket_event::vocabulary::{Severity, fold};
use std::borrow::Cow;
use std::net::IpAddr;

impl Query {
    /// Whether an event matches.
    pub fn matches(&self, event: &Event) -> bool {
        expr(self.expr(), event)
    }
}

fn expr(expression: &Expr, event: &Event) -> bool {
    match expression {
        Expr::All => true,
        Expr::And(all) => all.iter().all(|one| expr(one, event)),
        Expr::Or(any) => any.iter().any(|one| expr(one, event)),
        Expr::Not(inner) => !expr(inner, event),
        Expr::Term(field, test) => term(*field, test, event),
        Expr::Word(word) => {
            let wanted = fold(word);
            [Field::Type, Field::Category, Field::Policy]
                .iter()
                .any(|field| field.texts(event).iter().any(|text| fold(text) == wanted))
        }
    }
}

fn term(field: Field, test: &Test, event: &Event) -> bool {
    if field.kind() == FieldKind::Number {
        return field.number(event).is_some_and(|number| numeric(number, test));
    }
    let texts = field.texts(event);
    match test {
        Test::Exists => !texts.is_empty(),
        Test::Equals(values) => texts.iter().any(|text| values.iter().any(|value| equal(field, text, value))),
        Test::Prefix(prefix) => texts.iter().any(|text| spelled(field, text).starts_with(prefix.as_str())),
        Test::Compare(op, value) => value.parse::<Severity>().is_ok_and(|wanted| op.holds(event.severity.cmp(&wanted))),
        Test::Range(from, to) => {
            let (from, to) = (from.parse::<Severity>(), to.parse::<Severity>());
            matches!((from, to), (Ok(from), Ok(to)) if (from..=to).contains(&event.severity))
        }
    }
}

fn numeric(number: f64, test: &Test) -> bool {
    let of = |text: &String| text.parse::<f64>().unwrap_or(f64::NAN);
    match test {
        Test::Exists => true,
        Test::Equals(values) => {
            values.iter().any(|value| (of(value) - number).abs() < f64::EPSILON * number.abs().max(1.0))
        }
        Test::Compare(op, value) => number.partial_cmp(&of(value)).is_some_and(|order| op.holds(order)),
        Test::Range(from, to) => (of(from)..=of(to)).contains(&number),
        Test::Prefix(_) => false,
    }
}

fn equal(field: Field, text: &str, value: &str) -> bool {
    if field.kind() == FieldKind::Address {
        let Ok(address) = text.parse::<IpAddr>() else { return false };
        return value.parse::<IpAddr>().is_ok_and(|wanted| wanted == address)
            || value.parse::<ipnet::IpNet>().is_ok_and(|net| net.contains(&address));
    }
    spelled(field, text) == value
}

/// A text of an event in the spelling that queries have.
fn spelled(field: Field, text: &str) -> Cow<'_, str> {
    let as_is = matches!(field, Field::EventId | Field::Escalation | Field::Key | Field::Endpoint | Field::Gateway);
    if !as_is && matches!(field.kind(), FieldKind::Word | FieldKind::Ordered) {
        Cow::Owned(fold(text))
    } else {
        Cow::Borrowed(text)
    }
}

impl Field {
    /// The texts of this field in an event.
    pub fn texts(self, event: &Event) -> Vec<Cow<'_, str>> {
        let optional = |text: &'_ Option<String>| text.clone().map(Cow::Owned).into_iter().collect::<Vec<_>>();
        let word = |word: Option<&'static str>| word.map(Cow::Borrowed).into_iter().collect::<Vec<_>>();
        match self {
            Self::EventType => vec![Cow::Owned(event.event_type.as_str().to_owned())],
            Self::Type => optional(&event.finding_type),
            Self::Category => word(event.category.map(picket_event::Category::as_str)),
            Self::Severity => word(Some(event.severity.as_str())),
            Self::Decision => word(Some(event.decision.as_str())),
            Self::Outcome => word(event.outcome.map(picket_event::Outcome::as_str)),
            Self::Policy => event.policies_triggered.iter().cloned().map(Cow::Owned).collect(),
            Self::User => optional(&event.user),
            Self::Team => optional(&event.team),
            Self::Application => optional(&event.application),
            Self::Model => optional(&event.model),
            Self::Tool => event.tools.iter().chain(&event.tool).cloned().map(Cow::Owned).collect(),
            Self::Provider => optional(&event.provider),
            Self::Key => optional(&event.key_id),
            Self::Session => optional(&event.session_id),
            Self::Request => optional(&event.request_id),
            Self::SrcIp => optional(&event.src_ip),
            Self::Gateway => optional(&event.gateway_id),
            Self::EventId => vec![Cow::Owned(event.event_id.to_string())],
            Self::Escalation => event.escalation_id.map(|id| Cow::Owned(id.to_string())).into_iter().collect(),
            Self::Identity => word(event.identity.map(picket_event::Identity::as_str)),
            Self::RiskBand => word(event.risk_band.map(picket_event::RiskBand::as_str)),
            Self::Held => word(event.held.map(|held| if held { "true" } else { "false" })),
            Self::Stream => word(event.stream.map(|stream| if stream { "true" } else { "false" })),
            Self::Scanned => word(event.scanned.map(picket_event::Scanned::as_str)),
            Self::Endpoint => optional(&event.endpoint),
            Self::StatusCode | Self::TokensIn | Self::TokensOut | Self::Cost | Self::LatencyMs | Self::RiskScore => {
                Vec::new()
            }
        }
    }

    /// The number of this field in an event.
    #[expect(clippy::cast_precision_loss, reason = "counts of a request are far below 2^52")]
    pub fn number(self, event: &Event) -> Option<f64> {
        match self {
            Self::StatusCode => event.status_code.map(f64::from),
            Self::TokensIn => event.tokens_in.map(|n| n as f64),
            Self::TokensOut => event.tokens_out.map(|n| n as f64),
            Self::Cost => event.cost,
            Self::LatencyMs => event.latency_ms.map(|n| n as f64),
            Self::RiskScore => event.risk_score,
            _ => None,
        }
    }
}
