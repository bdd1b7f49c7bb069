//! The queue as a state machine: whatever people do in whatever order, it keeps its promises.

use super::{NOW, db, ws};
use crate::escalations::{self, Escalation, QueueError, Resolve, Resolved, Step, Taken};
use picket_db::{Db, Lane, Ticket};
use picket_stdx::Timestamp;
use proptest::prelude::*;
use std::time::Duration;

fn entry(id: &str, severity: &str) -> Escalation {
    Escalation {
        id: id.to_owned(),
        kind: "pii".to_owned(),
        likeness: "pii: pii-detector(EMAIL)".to_owned(),
        created_at: NOW,
        severity: severity.to_owned(),
        priority: 3,
        event_id: format!("evt_{id}"),
        user: Some("mallory".to_owned()),
        expires_at: Some(NOW.plus(Duration::from_secs(1_000))),
        ..Escalation::default()
    }
}

fn create(db: &Db, entry: Escalation) {
    let created: Ticket<bool, rusqlite::Error> =
        db.write(Lane::Consumer, "create", move |tx| escalations::create(tx, &ws(), &entry));
    assert!(created.wait().unwrap());
}

fn get(db: &Db, id: &str) -> Escalation {
    db.read(|connection| escalations::get(connection, &ws(), id)).unwrap().unwrap()
}

fn take(db: &Db, id: &str, step: Step, by: &str, at: Timestamp) -> Result<Escalation, String> {
    let (id, taken) = (id.to_owned(), Taken { step, note: None, by: by.to_owned(), at, version: None });
    let done = db.write(Lane::Admin, "take", move |tx| escalations::take(tx, &ws(), &id, &taken));
    done.wait().map_err(|error: picket_db::WriteError<QueueError>| error.to_string())
}

fn resolve(db: &Db, id: &str, resolution: &'static str, by: &str, at: Timestamp) -> Result<Resolved, String> {
    let wanted = Resolve {
        resolution,
        verdict: "undetermined".to_owned(),
        note: None,
        by: by.to_owned(),
        person: format!("tok_{by}"),
        also: Vec::new(),
        at,
        version: None,
        two_for: vec!["critical".to_owned()],
        incident: None,
    };
    let id = id.to_owned();
    let done = db.write(Lane::Admin, "resolve", move |tx| escalations::resolve(tx, &ws(), &id, &wanted));
    done.wait().map_err(|error: picket_db::WriteError<QueueError>| error.to_string())
}

#[test]
fn who_comes_second_learns_who_has_it() {
    let (db, _folder) = db();
    create(&db, entry("esc_1", "high"));
    assert_eq!(take(&db, "esc_1", Step::Claim, "ann", NOW).unwrap().stage, "claimed");
    let refused = take(&db, "esc_1", Step::Claim, "bob", NOW).unwrap_err();
    assert!(refused.contains("ann has it"), "{refused}");
    assert!(take(&db, "esc_1", Step::Claim, "ann", NOW).is_ok(), "what one has, one may take again");
    let given = take(&db, "esc_1", Step::Assign { to: "bob".to_owned() }, "cleo", NOW).unwrap();
    assert_eq!((given.assignee.as_deref(), given.changed_by.as_deref()), (Some("bob"), Some("cleo")));
    let refused = take(&db, "esc_1", Step::Claim, "ann", NOW).unwrap_err();
    assert!(refused.contains("bob has it") && refused.contains("cleo"), "{refused}");
    let back = take(&db, "esc_1", Step::Release, "bob", NOW).unwrap();
    assert_eq!((back.stage.as_str(), back.assignee), ("new", None));
}

#[test]
fn an_approval_that_takes_two_takes_two_people() {
    let (db, _folder) = db();
    for id in ["esc_1", "esc_2"] {
        create(&db, entry(id, "critical"));
    }
    let Resolved::Seconded(waits) = resolve(&db, "esc_1", "approved", "ann", NOW).unwrap() else {
        panic!("it takes two")
    };
    assert_eq!((waits.status.as_str(), waits.vote.unwrap().by.as_str()), ("pending", "ann"));
    let alone = resolve(&db, "esc_1", "approved", "ann", NOW).unwrap_err();
    assert!(alone.contains("ann approved it first"), "{alone}");
    let Resolved::Decided(done) = resolve(&db, "esc_1", "approved", "bob", NOW).unwrap() else { panic!("it took two") };
    assert_eq!((done.status.as_str(), done.resolved_by.as_deref()), ("resolved", Some("bob")));
    resolve(&db, "esc_2", "approved", "ann", NOW).unwrap();
    let Resolved::Decided(done) = resolve(&db, "esc_2", "rejected", "bob", NOW).unwrap() else {
        panic!("one may refuse")
    };
    assert_eq!(done.resolution.as_deref(), Some("rejected"));
}

#[test]
fn nobody_approves_what_he_asked_for_himself() {
    let (db, _folder) = db();
    create(&db, entry("esc_1", "high"));
    let refused = resolve(&db, "esc_1", "approved", "Mallory", NOW).unwrap_err();
    assert!(refused.contains("somebody else"), "{refused}");
    assert!(resolve(&db, "esc_1", "rejected", "mallory", NOW).is_ok(), "to refuse it is another matter");
}

#[test]
fn equals_are_one_group_and_what_was_decided_is_precedent() {
    let (db, _folder) = db();
    for (id, user, priority) in [("esc_1", "ann", 2), ("esc_2", "ann", 4), ("esc_3", "bob", 3), ("esc_4", "ann", 3)] {
        create(&db, Escalation { user: Some(user.to_owned()), priority, ..entry(id, "high") });
    }
    create(&db, Escalation { likeness: "other".to_owned(), ..entry("esc_5", "high") });
    let groups = db.read(|connection| escalations::groups(connection, &ws(), 10)).unwrap();
    let seen: Vec<_> =
        groups.iter().map(|group| (group.user.as_deref(), group.count, group.escalation.as_str())).collect();
    assert_eq!(seen, [(Some("ann"), 3, "esc_2"), (Some("bob"), 1, "esc_3"), (Some("mallory"), 1, "esc_5")]);
    resolve(&db, "esc_1", "approved", "cleo", NOW).unwrap();
    let before =
        |since| db.read(|connection| escalations::precedent(connection, &ws(), &get(&db, "esc_3"), since)).unwrap();
    let found = before(NOW);
    assert_eq!((found.seen, found.undetermined, found.pending), (3, 1, 2));
    assert_eq!(before(NOW.plus(Duration::from_secs(1))).seen, 0, "what is older does not count");
}

#[derive(Debug, Clone)]
enum Move {
    Take(Step),
    Resolve(&'static str),
    Wake,
    Expire,
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        Just(Move::Take(Step::Claim)),
        "[ab]".prop_map(|to| Move::Take(Step::Assign { to })),
        Just(Move::Take(Step::Release)),
        Just(Move::Take(Step::Review)),
        (0_u64..400).prop_map(|wait| Move::Take(Step::Snooze { until: NOW.plus(Duration::from_secs(wait)) })),
        Just(Move::Take(Step::HandOn { team: "t".to_owned() })),
        Just(Move::Take(Step::Comment)),
        prop_oneof![Just("approved"), Just("rejected"), Just("investigate")].prop_map(Move::Resolve),
        Just(Move::Wake),
        Just(Move::Expire),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_people_do_an_escalation_ends_once_and_every_change_counts(
        severity in prop_oneof![Just("high"), Just("critical")],
        steps in proptest::collection::vec((moves(), "[abc]", 0_u64..120), 1..24),
    ) {
        let (db, _folder) = db();
        create(&db, entry("esc_1", severity));
        let mut now = NOW;
        for (step, by, passes) in steps {
            now = now.plus(Duration::from_secs(passes));
            let before = get(&db, "esc_1");
            let changed = match step {
                Move::Take(step) => take(&db, "esc_1", step, &by, now).is_ok(),
                Move::Resolve(resolution) => resolve(&db, "esc_1", resolution, &by, now).is_ok(),
                Move::Wake => {
                    let woken: Ticket<_, rusqlite::Error> = db.write(Lane::Consumer, "wake", move |tx| escalations::wake(tx, &ws(), now, 9));
                    !woken.wait().unwrap().is_empty()
                }
                Move::Expire => {
                    let ended: Ticket<_, rusqlite::Error> = db.write(Lane::Consumer, "expire", move |tx| escalations::expire(tx, &ws(), now, 9));
                    !ended.wait().unwrap().is_empty()
                }
            };
            let after = get(&db, "esc_1");
            prop_assert_eq!(after.version, before.version + u64::from(changed), "every change counts, and nothing else");
            prop_assert!(changed || after == before, "what is refused changes nothing");
            prop_assert!(before.status == "pending" || !changed, "what has ended does not change");
            if after.status == "pending" {
                prop_assert_eq!(after.snoozed_until.is_some(), after.stage == "snoozed");
                prop_assert!(after.stage != "new" || after.assignee.is_none());
                prop_assert!(!["claimed"].contains(&after.stage.as_str()) || after.assignee.is_some());
                prop_assert!(after.resolution.is_none());
            }
            prop_assert_eq!(after.resolution.is_some(), after.status == "resolved");
            if after.resolution.as_deref() == Some("approved") && severity == "critical" {
                prop_assert!(after.vote.is_some_and(|vote| Some(vote.by) != after.resolved_by), "it takes two");
            }
        }
    }
}
