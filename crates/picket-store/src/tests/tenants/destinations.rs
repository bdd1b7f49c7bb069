//! Destinations of two workspaces, and how far they have come. Those of both have the same names.

use super::{At, Case, NOW, first, id, shown};
use crate::destinations::{self, Counts, DeadLetter, Destination, Hour, Standing, State, Which};
use crate::escalations::QueueError;

/// Progress is kept by the id of a destination: with the same id in both workspaces, the column alone tells them apart.
const SAME: &str = "dst_same";

fn destination(id: String, name: &str) -> Destination {
    Destination {
        id,
        name: name.to_owned(),
        kind: "file".to_owned(),
        host: None,
        settings: "{}".to_owned(),
        state: State::Active,
        reason: None,
        changed_by: "ann".to_owned(),
        changed_at: NOW,
        created_by: "ann".to_owned(),
        created_at: NOW,
        version: 1,
    }
}

fn letter(position: u64) -> DeadLetter {
    DeadLetter {
        position,
        event_id: id("evt", "dead", position),
        event_type: "request".to_owned(),
        happened_at: NOW,
        reason: "refused".to_owned(),
        status: Some(400),
        excerpt: "what mallory said".to_owned(),
        attempts: 2,
        at: NOW,
        is_wanted: false,
    }
}

fn hour(hour: i64, count: i64) -> Hour {
    Hour { hour, accepted: count, delivered: count, dead_lettered: 0, expired: 0 }
}

pub(super) fn fill(at: &mut At<'_, '_>, mark: &str, count: u64) -> Result<(), QueueError> {
    for number in 1..=count {
        destinations::create(at.tx, at.whose, &destination(id("dst", mark, number), &format!("siem {number}")))?;
    }
    destinations::begin_anew(at.tx, at.whose, SAME, count)?;
    let letters: Vec<DeadLetter> = (1..=count).map(letter).collect();
    destinations::bury(at.tx, at.whose, SAME, &letters)?;
    let wanted = Which::At(vec![1]);
    destinations::want_replay(at.tx, at.whose, SAME, &wanted)?;
    let hours: Vec<Hour> = (1..=3).map(|at| hour(at, 1)).collect();
    destinations::count_hours(at.tx, at.whose, SAME, hours.get(..usize::try_from(count).unwrap()).unwrap())?;
    Ok(())
}

pub(super) const CASES: &[Case] = &[
    ("destinations::create", |at| {
        // A name that only the other has.
        shown(destinations::create(at.tx, at.whose, &destination("dst_new".to_owned(), "siem 2")))
    }),
    ("destinations::get", |at| {
        let by_id = destinations::get(at.connection(), at.whose, &first("dst"))?.is_some();
        let by_name = destinations::get(at.connection(), at.whose, "siem 3")?.is_some();
        Ok(format!("{by_id} {by_name}"))
    }),
    ("destinations::list", |at| shown(destinations::list(at.connection(), at.whose).map(|all| all.len()))),
    ("destinations::update", |at| {
        // The other has one of this name.
        let mut to = destination(first("dst"), "siem 9");
        (to.version, to.settings) = (2, "{\"changed\":true}".to_owned());
        let theirs = destinations::update(at.tx, at.whose, &to)?;
        to.id = id("dst", "mine", 1);
        to.name = "siem 2".to_owned();
        let mine = destinations::update(at.tx, at.whose, &to)?;
        Ok(format!("{theirs} {mine}"))
    }),
    ("destinations::set_state", |at| {
        let to = (State::Paused, Some("ten faults"));
        shown(destinations::set_state(at.tx, at.whose, &first("dst"), to, ("bob", NOW)))
    }),
    ("destinations::remove", |at| {
        let same = destinations::remove(at.tx, at.whose, SAME)?;
        let theirs = destinations::remove(at.tx, at.whose, &first("dst"))?;
        Ok(format!("{same} {theirs}"))
    }),
    ("destinations::forget_user", |at| shown(destinations::forget_user(at.tx, at.whose, "mallory"))),
    ("destinations::standing", |at| shown(destinations::standing(at.connection(), at.whose, SAME))),
    ("destinations::begin_anew", |at| shown(destinations::begin_anew(at.tx, at.whose, "dst_new", 9))),
    ("destinations::keep", |at| {
        let to = Standing { begin: 0, scanned: 9, open: vec![1], counts: Counts { accepted: 1, ..Counts::default() } };
        shown(destinations::keep(at.tx, at.whose, SAME, &to))
    }),
    ("destinations::count_hours", |at| shown(destinations::count_hours(at.tx, at.whose, SAME, &[hour(1, 5)]))),
    ("destinations::hours", |at| shown(destinations::hours(at.connection(), at.whose, SAME, (0, 10)))),
    ("destinations::forget_hours", |at| shown(destinations::forget_hours(at.tx, at.whose, SAME, 0))),
    ("destinations::bury", |at| shown(destinations::bury(at.tx, at.whose, SAME, &[letter(1), letter(7)]))),
    ("destinations::dead_letters", |at| {
        shown(destinations::dead_letters(at.connection(), at.whose, SAME, (None, 100)).map(|all| all.len()))
    }),
    ("destinations::count_dead", |at| shown(destinations::count_dead(at.connection(), at.whose, SAME))),
    ("destinations::want_replay", |at| shown(destinations::want_replay(at.tx, at.whose, SAME, &Which::All))),
    ("destinations::take_replays", |at| {
        destinations::want_replay(at.tx, at.whose, SAME, &Which::All)?;
        shown(destinations::take_replays(at.tx, at.whose, SAME, 100).map(|all| all.len()))
    }),
    ("destinations::discard", |at| shown(destinations::discard(at.tx, at.whose, SAME, &Which::All))),
];
