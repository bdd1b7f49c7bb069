use super::promises::{self, Answered, Observed};
use super::*;
use picket_testkit::scene::{self, Fate};

/// What a whole play leaves behind, with everything kept.
fn observed() -> Observed {
    let stage = Stage::set(None, None, 0).unwrap();
    let since = Clock::system().now();
    let played = stage.runtime.block_on(stage.players.play(Some(Duration::ZERO))).unwrap();
    let observed = stage.runtime.block_on(stage.players.observe(played, since)).unwrap();
    stage.server.stop().unwrap();
    observed
}

fn of(observed: &mut Observed, fate: Fate) -> &mut Answered {
    observed.answers.iter_mut().find(|answer| answer.fate == fate).unwrap()
}

/// Changes the event of the first request with a fate.
fn event_of(observed: &mut Observed, fate: Fate, decision: &str, outcome: &str) {
    let id = of(observed, fate).event.clone().unwrap();
    let seen = observed.events.iter_mut().find(|seen| seen.id == id).unwrap();
    (seen.decision, seen.outcome) = (decision.to_owned(), outcome.to_owned());
}

/// Breaks one promise.
type Fault = fn(&mut Observed);

const FAULTS: &[(&str, &str, Fault)] = &[
    ("each request is in the log once", "is not found", |it| drop(it.events.pop())),
    ("each request is in the log once", "is found 2 times", |it| it.events.push(it.events[0].clone())),
    ("each request is in the log once", "nobody sent evt_x", |it| {
        let mut other = it.events[0].clone();
        other.id = "evt_x".to_owned();
        it.events.push(other);
    }),
    ("each request is in the log once", "names no event", |it| it.answers.last_mut().unwrap().event = None),
    ("each request is in the log once", "two answers name", |it| it.answers.push(it.answers[0].clone())),
    ("each request is in the log once", "nothing was sent", |it| {
        (it.answers, it.events, it.proofs) = (Vec::new(), Vec::new(), Vec::new());
    }),
    ("attacks are stopped", "was answered with 200", |it| of(it, Fate::Blocked).status = 200),
    ("attacks are stopped", "was answered with 200", |it| of(it, Fate::Escalated).status = 200),
    ("attacks are stopped", "is allowed and refused, not blocked", |it| {
        event_of(it, Fate::Blocked, "allowed", "refused");
    }),
    ("attacks are stopped", "is blocked and completed, not blocked and refused", |it| {
        event_of(it, Fate::Blocked, "blocked", "completed");
    }),
    ("attacks are stopped", "not escalated and refused", |it| event_of(it, Fate::Escalated, "flagged", "completed")),
    ("ordinary work passes", "was answered with 403", |it| of(it, Fate::Allowed).status = 403),
    ("ordinary work passes", "not redacted and completed", |it| event_of(it, Fate::Redacted, "allowed", "completed")),
    ("no answer holds a secret or personal data", "held US_SSN", |it| {
        of(it, Fate::Redacted).leaked = Some("US_SSN".to_owned());
    }),
    ("what is held is in the review queue", "does not wait there", |it| it.pending.clear()),
    ("what is held is in the review queue", "names no escalation", |it| of(it, Fate::Escalated).escalation = None),
    ("the log can be checked", "it does not verify", |it| it.verified["passed"] = false.into()),
    ("the log can be checked", "it does not verify", |it| it.verified = serde_json::Value::Null),
    ("the log can be checked", "there is no proof of", |it| it.proofs[0].proof = None),
    ("the log can be checked", "does not hold", |it| {
        let proof = it.proofs[0].proof.as_mut().unwrap();
        proof.entry = proof.entry.replacen("\"decision\":\"", "\"decision\":\"x", 1);
    }),
    ("the log can be checked", "does not hold", |it| it.vkey.clear()),
    ("the log can be checked", "is about another one", |it| {
        // The documents change places, the events stay.
        let first = it.proofs[0].proof.take();
        it.proofs[0].proof = it.proofs[1].proof.replace(first.unwrap());
    }),
    ("the log can be checked", "no proof was asked for", |it| it.proofs.clear()),
];

#[test]
fn a_broken_promise_is_named_and_fails_the_demo_and_nothing_else_is_named() {
    let observed = observed();
    assert_eq!(promises::broken(&observed), Vec::<String>::new());
    verdict(&[]).unwrap();
    for (promise, cause, fault) in FAULTS {
        let mut doctored = observed.clone();
        fault(&mut doctored);
        let broken = promises::broken(&doctored);
        assert!(!broken.is_empty(), "{promise}: {cause}: nobody noticed");
        assert!(broken.iter().all(|found| found.starts_with(promise)), "{promise}: {broken:?}");
        assert!(broken.iter().any(|found| found.contains(cause)), "{cause}: {broken:?}");
        let failure = verdict(&broken).unwrap_err();
        assert!(failure.to_string().contains(promise), "{failure}");
        assert_eq!(failure.report(false), ExitCode::from(6));
    }
}

/// A stream that says one character in each event.
fn in_pieces(text: &str) -> String {
    let said = format!("the number is {text} as you asked");
    let event = |piece: char| {
        let delta = serde_json::json!({"choices": [{"index": 0, "delta": {"content": piece.to_string()}}]});
        format!("data: {delta}\n\n")
    };
    said.chars().map(event).chain(["data: [DONE]\n\n".to_owned()]).collect()
}

#[test]
fn the_answer_to_an_attack_is_searched_for_what_it_must_not_hold() {
    use picket_testkit::values;
    let play = |fate| scene::scene(2).into_iter().find(|play| play.fate == fate).unwrap();
    for (fate, answer, leaks) in [
        (Fate::Redacted, format!("the number is {}", values::us_ssn()), true),
        (Fate::Redacted, format!("write to {}", values::email()), true),
        (Fate::Blocked, format!("stored {}", values::aws_access_key_id()), true),
        (Fate::Redacted, in_pieces(&values::us_ssn()), true),
        (Fate::Redacted, in_pieces("[US_SSN]"), false),
        (Fate::Redacted, "the number is [US_SSN]".to_owned(), false),
        (Fate::Blocked, "refused".to_owned(), false),
    ] {
        assert_eq!(traffic::leaked(&play(fate), &answer).is_some(), leaks, "{answer}");
    }
}

#[test]
fn the_way_to_the_program_is_printed_where_a_shell_would_not_find_it() {
    let folder = tempfile::tempdir().unwrap();
    let (here, elsewhere) = (folder.path().join("it's here"), folder.path().join("elsewhere"));
    for place in [&here, &elsewhere] {
        std::fs::create_dir(place).unwrap();
        std::fs::write(place.join("picket"), "").unwrap();
    }
    let program = here.join("picket");
    let quoted = format!("'{}'", here.display().to_string().replace('\'', "'\\''"));
    for (path, expected) in [
        (vec![], Some(&quoted)),
        (vec![&elsewhere], Some(&quoted)),
        (vec![&elsewhere, &here], Some(&quoted)),
        (vec![&here, &elsewhere], None),
        (vec![&here], None),
    ] {
        let path = std::env::join_paths(&path).unwrap();
        assert_eq!(place(&program, Some(&path)).as_ref(), expected, "{path:?}");
    }
}
