//! Types of events that no entry has: another name for events that have certain values.

use crate::expr::{Expr, Term, Test};
use crate::field::Field;
use picket_event::EventType;

/// Whether a request for them stands anywhere but in what is excluded.
pub(crate) fn asks(expr: &Expr) -> bool {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().any(asks),
        Expr::Term(Term { field: Field::EventType, test: Test::OneOf(types) }) => types.iter().any(is_auto_approved),
        Expr::All | Expr::Not(_) | Expr::Term(_) | Expr::Word(_) => false,
    }
}

/// Whether it asks for types of events: for some, or for what is no request. To exclude others is no such question.
pub(crate) fn asks_for_types(expr: &Expr) -> bool {
    match expr {
        Expr::And(parts) | Expr::Or(parts) => parts.iter().any(asks_for_types),
        Expr::Term(term) => term.field == Field::EventType,
        Expr::Not(inner) => matches!(
            &**inner,
            Expr::Term(Term { field: Field::EventType, test: Test::OneOf(types) }) if types.iter().any(|kind| kind == "request")
        ),
        Expr::All | Expr::Word(_) => false,
    }
}

/// The same with what such events have in place of their name.
pub(crate) fn stored(expr: Expr) -> Expr {
    let each = |parts: Vec<Expr>| parts.into_iter().map(stored).collect::<Vec<_>>();
    match expr {
        Expr::And(parts) => Expr::all_of(each(parts)),
        Expr::Or(parts) => Expr::any_of(each(parts)),
        Expr::Not(inner) => stored(*inner).negated(),
        Expr::Term(Term { field: Field::EventType, test: Test::OneOf(types) })
            if types.iter().any(is_auto_approved) =>
        {
            let others: Vec<String> = types.into_iter().filter(|kind| !is_auto_approved(kind)).collect();
            let others = (!others.is_empty()).then(|| one_of(Field::EventType, others));
            Expr::any_of(others.into_iter().chain([auto_approved()]).collect())
        }
        other => other,
    }
}

fn is_auto_approved(kind: &String) -> bool {
    kind == EventType::AUTO_APPROVED.as_str()
}

/// What [`picket_event::Event::is_auto_approved`] says.
pub(crate) fn auto_approved() -> Expr {
    let one = |field, word: &str| one_of(field, vec![word.to_owned()]);
    let escalated = Expr::Term(Term { field: Field::Escalation, test: Test::Exists });
    Expr::all_of(vec![
        one(Field::EventType, "request"),
        one(Field::Decision, "allowed"),
        one_of(Field::Severity, vec!["info".to_owned(), "low".to_owned()]),
        one_of(Field::RiskBand, vec!["medium".to_owned(), "high".to_owned()]).negated(),
        one(Field::Held, "true").negated(),
        escalated.negated(),
    ])
}

fn one_of(field: Field, values: Vec<String>) -> Expr {
    Expr::Term(Term { field, test: Test::OneOf(values) })
}
