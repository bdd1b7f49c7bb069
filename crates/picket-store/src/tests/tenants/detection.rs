//! What detection keeps, of two workspaces.

use super::{At, Case, LATER, NOW, THEIRS, first, id, shown};
use crate::containments::{self, TargetKind};
use crate::detection::entities::{self, Points};
use crate::detection::findings::{self, Details, Filter, Finding, Status};
use crate::detection::late::{self, Again};
use crate::detection::rules::{self, Choice, RuleState};
use crate::detection::suppressions::{self, Suppression};
use crate::detection::{self, checkpoint, profiles};
use crate::escalations::QueueError;
use picket_event::Severity;
use std::time::Duration;

fn finding(mark: &str, number: u64) -> Finding {
    Finding {
        id: id("fnd", mark, number),
        fingerprint: "same".to_owned(),
        rule: "blocks".to_owned(),
        category: None,
        severity: Severity::High,
        entity_kind: "user".to_owned(),
        entity: "mallory".to_owned(),
        is_shadow: false,
        status: Status::Open,
        verdict: None,
        hits: number,
        first_at: NOW,
        last_at: NOW,
        created_at: NOW,
        version: 1,
        details: Details { title: mark.to_owned(), ..Details::default() },
    }
}

fn suppression(mark: &str, number: u64) -> Suppression {
    Suppression {
        id: id("sup", mark, number),
        rule: Some("blocks".to_owned()),
        entity: Some(("user".to_owned(), "mallory".to_owned())),
        reason: mark.to_owned(),
        created_by: "ann".to_owned(),
        created_at: NOW,
        expires_at: LATER.plus(Duration::from_secs(1)),
        ended: None,
        hits: 0,
    }
}

fn points(mark: &str, number: u64) -> Points {
    Points {
        at: NOW,
        points: 1.0,
        half_life: Duration::from_secs(60),
        rule: "blocks".to_owned(),
        finding: id("fnd", mark, number),
    }
}

fn choice(rule: &str) -> Choice {
    Choice {
        rule: rule.to_owned(),
        state: RuleState::Enabled,
        responds: true,
        reason: "a test".to_owned(),
        changed_by: "ann".to_owned(),
        changed_at: NOW,
    }
}

/// The groups of both workspaces have the same names.
fn again(mark: &str, number: u64) -> Again {
    Again {
        rule: "blocks".to_owned(),
        group: vec![("user".to_owned(), if number == 1 { "mallory".to_owned() } else { number.to_string() })],
        since: NOW,
        until: NOW,
        positions: mark.bytes().map(u64::from).collect(),
        told: Vec::new(),
        looked: None,
    }
}

fn changed(mark: &str, place: u32) -> profiles::Changed {
    profiles::Changed { place, owner: 5, state: Some(mark.as_bytes().to_vec()) }
}

pub(super) fn fill(at: &mut At<'_, '_>, mark: &str, count: u64) -> Result<(), QueueError> {
    let whose = at.whose;
    for number in 1..=count {
        findings::create(at.tx, whose, &finding(mark, number))?;
        suppressions::create(at.tx, whose, &suppression(mark, number))?;
        entities::add(at.tx, whose, ("user", "mallory"), &points(mark, number))?;
        rules::choose(at.tx, whose, &choice(&id("rule", mark, number)))?;
    }
    for number in 1..=count {
        late::add(at.tx, whose, &again(mark, number))?;
    }
    profiles::keep(at.tx, whose, (count, mark.as_bytes()), &[changed(mark, 1)])?;
    Ok(checkpoint::set(at.tx, whose, count, mark.as_bytes())?)
}

pub(super) const CASES: &[Case] = &[
    ("detection::forget_user", |at| shown(detection::forget_user(at.tx, at.whose, "mallory", "usr_1"))),
    ("findings::create", |at| shown(findings::create(at.tx, at.whose, &finding("new", 1)))),
    ("findings::update", |at| {
        let changed = Finding { status: Status::Closed, ..finding(THEIRS, 1) };
        shown(findings::update(at.tx, at.whose, &changed))
    }),
    ("findings::get", |at| shown(findings::get(at.connection(), at.whose, &first("fnd")))),
    ("findings::newest", |at| shown(findings::newest(at.connection(), at.whose, "same", false))),
    ("findings::list", |at| shown(findings::list(at.connection(), at.whose, &Filter::default(), 100))),
    ("findings::tallies", |at| shown(findings::tallies(at.connection(), at.whose, NOW))),
    ("findings::drop_older", |at| shown(findings::drop_older(at.tx, at.whose, LATER, 100))),
    ("suppressions::create", |at| shown(suppressions::create(at.tx, at.whose, &suppression("new", 1)))),
    ("suppressions::end", |at| shown(suppressions::end(at.tx, at.whose, &first("sup"), ("bob", NOW)))),
    ("suppressions::count", |at| shown(suppressions::count(at.tx, at.whose, &first("sup"), 3))),
    ("suppressions::get", |at| shown(suppressions::get(at.connection(), at.whose, &first("sup")))),
    ("suppressions::list", |at| shown(suppressions::list(at.connection(), at.whose, Some(LATER), 100))),
    ("entities::add", |at| shown(entities::add(at.tx, at.whose, ("user", "mallory"), &points("new", 1)))),
    ("entities::history", |at| shown(entities::history(at.connection(), at.whose, ("user", "mallory"), 100))),
    ("entities::list", |at| shown(entities::list(at.connection(), at.whose, NOW, 100))),
    ("entities::drop_older", |at| shown(entities::drop_older(at.tx, at.whose, LATER, 100))),
    ("rules::choose", |at| shown(rules::choose(at.tx, at.whose, &choice(&id("rule", "new", 1))))),
    ("rules::choices", |at| shown(rules::choices(at.connection(), at.whose))),
    ("checkpoint::get", |at| shown(checkpoint::get(at.connection(), at.whose))),
    ("checkpoint::set", |at| shown(checkpoint::set(at.tx, at.whose, 7, b"new"))),
    ("checkpoint::forget", |at| shown(checkpoint::forget(at.tx, at.whose))),
    ("late::add", |at| shown(late::add(at.tx, at.whose, &again("newer", 1)))),
    ("late::put", |at| shown(late::put(at.tx, at.whose, &Again { looked: Some(9), ..again("new", 1) }))),
    ("late::get", |at| shown(late::get(at.connection(), at.whose, "blocks", &again("new", 1).group))),
    ("late::list", |at| shown(late::list(at.connection(), at.whose, 100))),
    ("late::end", |at| shown(late::end(at.tx, at.whose, "blocks", &again("new", 1).group))),
    ("profiles::shared", |at| shown(profiles::shared(at.connection(), at.whose))),
    ("profiles::each", |at| {
        let mut all = Vec::new();
        shown(
            profiles::each(at.connection(), at.whose, |place, owner, state| all.push((place, owner, state.to_vec())))
                .map(|()| all),
        )
    }),
    ("profiles::keep", |at| shown(profiles::keep(at.tx, at.whose, (7, b"new"), &[changed("new", 2)]))),
    ("profiles::forget", |at| shown(profiles::forget(at.tx, at.whose, (1, 5)))),
    ("profiles::clear", |at| shown(profiles::clear(at.tx, at.whose))),
    ("containments::of_cause", |at| {
        let whom = (TargetKind::User, "mallory");
        shown(containments::of_cause(at.connection(), at.whose, "a rule", whom).map(|all| all.len()))
    }),
    ("containments::of_target", |at| {
        shown(containments::of_target(at.connection(), at.whose, (TargetKind::User, "mallory")))
    }),
];
