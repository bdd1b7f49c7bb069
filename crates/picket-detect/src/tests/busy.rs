//! A writer that is slower than the judging, and one that fails.

use super::*;
use std::sync::mpsc;

/// Applies what the log has from a position on, a few events at a time, to a position or to its end, which what is found moves on;
/// the position after the last, or the failure.
fn apply(place: &mut Place, mut at: u64, to: u64) -> Result<u64, String> {
    while at < to.min(place.log.size()) {
        let batch = place.log.batch(at, 4).unwrap();
        at = place.detector.apply(&batch).map_err(|error| error.to_string())?;
    }
    Ok(at)
}

#[test]
fn while_the_writer_is_busy_more_is_judged_and_each_finding_is_that_of_the_rules_that_found_it() {
    let mut place = Place::new(RULES);
    place.enable("many", false);
    place.enable("error", false);
    let begin = place.detector.cursor().unwrap();
    for user in ["ana", "ben", "cat", "dan"] {
        place.blocks(user, 3);
        place.append(place.request(user, Decision::Error));
    }
    let (release, held) = mpsc::channel::<()>();
    let busy: Ticket<(), AppendError> = place.detection.db().write(Lane::Consumer, "test.busy", move |_tx| {
        held.recv().unwrap_or_default();
        Ok(())
    });
    let at = apply(&mut place, begin, begin + 12).unwrap();
    assert_eq!(place.findings(), [], "the writer has none of it yet");
    release.send(()).unwrap();
    busy.wait().unwrap();
    // The same rules at other places.
    let parts: Vec<&str> = RULES.trim_end().split("\n---\n").collect();
    let [block, many, error] = parts.as_slice() else { panic!("{parts:?}") };
    std::fs::write(place.folder.path().join("rules.yml"), [*error, *block, *many].join("\n---\n")).unwrap();
    place.detection.look();
    assert_eq!(place.detection.load().problems, Vec::<String>::new());
    assert!(at < place.log.size(), "the rest is for these");
    apply(&mut place, at, u64::MAX).unwrap();
    let told = |rule: &str| {
        let of_rule = place.findings().into_iter().filter(|finding| finding.rule == rule);
        let mut users: Vec<_> = of_rule.map(|finding| (finding.entity, finding.hits)).collect();
        users.sort();
        users
    };
    let each = ["ana", "ben", "cat", "dan"].map(|user| (user.to_owned(), 1));
    assert_eq!(told("many"), each);
    assert_eq!(told("error"), each);
}

#[test]
fn what_could_not_be_stored_is_found_again_and_stored_once() {
    let mut place = Place::new(RULES);
    place.enable("many", false);
    let begin = place.detector.cursor().unwrap();
    for user in ["ana", "ben", "cat", "dan"] {
        place.blocks(user, 3);
    }
    let run = |place: &Place, sql: &'static str| {
        let done: Ticket<(), AppendError> = place
            .detection
            .db()
            .write(Lane::Consumer, "test.trigger", move |tx| Ok(tx.connection().execute_batch(sql)?));
        done.wait().unwrap();
    };
    run(&place, "CREATE TRIGGER full BEFORE INSERT ON finding BEGIN SELECT RAISE(ABORT, 'nothing goes in'); END;");
    let failed = apply(&mut place, begin, u64::MAX).unwrap_err();
    assert!(failed.contains("refused"), "{failed}");
    assert_eq!(place.findings(), []);
    run(&place, "DROP TRIGGER full;");
    place.catch_up();
    let told: Vec<_> = place.findings().into_iter().map(|finding| (finding.entity, finding.hits)).collect();
    assert_eq!(told, ["ana", "ben", "cat", "dan"].map(|user| (user.to_owned(), 1)));
    assert_eq!(place.events("finding.created").len(), 4);
}
