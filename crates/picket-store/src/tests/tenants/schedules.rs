//! Schedules of exports, and the exports that they make, of two workspaces.

use super::{At, Case, NOW, THEIRS, export, first, id, shown, workspaces};
use crate::escalations::QueueError;
use crate::exports::{self, Planned, Window};
use crate::schedules::{self, Schedule};
use std::time::Duration;

const WINDOW: Window = Window { begin: 3, until: 9, from: NOW, to: NOW };

fn schedule(mark: &str, number: u64) -> Schedule {
    Schedule {
        id: id("exs", mark, number),
        request: "{}".to_owned(),
        every: Duration::from_secs(3_600),
        keep: 10,
        is_paused: false,
        created_by: mark.to_owned(),
        created_at: NOW,
        changed_by: mark.to_owned(),
        changed_at: NOW,
        covered: 3,
        covered_at: NOW,
        next_at: NOW,
        retry_at: None,
        export: None,
        failures: 0,
        error: None,
        revision: 1,
    }
}

fn planned<'a>(id: &'a str, schedule: &'a str) -> Planned<'a> {
    Planned { id, schedule, request: "{}", window: WINDOW }
}

pub(super) fn fill(at: &mut At<'_, '_>, mark: &str, count: u64) -> Result<(), QueueError> {
    for number in 1..=count {
        schedules::create(at.tx, at.whose, &schedule(mark, number))?;
    }
    Ok(())
}

/// Has the first export of the other be a finished one of his first schedule.
fn finish(at: &mut At<'_, '_>) -> Result<(), rusqlite::Error> {
    let theirs = &workspaces()[1].0;
    let sql = "UPDATE export SET schedule = ?1 WHERE workspace = ?2 AND id = ?3";
    at.connection().execute(sql, [first("exs").as_str(), theirs.as_str(), &first("exp")])?;
    exports::update(at.tx, theirs, &export("done")).map(drop)
}

pub(super) const CASES: &[Case] = &[
    ("schedules::create", |at| shown(schedules::create(at.tx, at.whose, &schedule("new", 1)))),
    ("schedules::update", |at| shown(schedules::update(at.tx, at.whose, &schedule(THEIRS, 1)))),
    ("schedules::remove", |at| shown(schedules::remove(at.tx, at.whose, &first("exs")))),
    ("schedules::get", |at| shown(schedules::get(at.connection(), at.whose, &first("exs")))),
    ("schedules::list", |at| shown(schedules::list(at.connection(), at.whose))),
    ("exports::create_planned", |at| {
        shown(exports::create_planned(at.tx, at.whose, planned("exp_new", "exs_new"), ("bob", NOW)))
    }),
    ("exports::expire_surplus", |at| {
        finish(at)?;
        shown(exports::expire_surplus(at.tx, at.whose, &first("exs"), (0, 100)))
    }),
    ("exports::forget_ended", |at| {
        finish(at)?;
        exports::expire_surplus(at.tx, &workspaces()[1].0, &first("exs"), (0, 100))?;
        shown(exports::forget_ended(at.tx, at.whose, &first("exs"), 0))
    }),
];
