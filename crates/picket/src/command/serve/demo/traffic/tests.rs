use super::*;

fn played(answers: &[(&str, u16, &str)]) -> Summary {
    let mut summary = Summary::default();
    for (what, status, text) in answers {
        let play = scene(0).into_iter().chain(scene(2)).chain(scene(4)).find(|play| play.what == *what).unwrap();
        summary.answered(&play, *status, text);
    }
    summary
}

#[test]
fn each_promise_that_is_broken_is_named_and_nothing_else_is() {
    let good =
        [("a summary", 200, "done"), ("a prompt injection", 403, "refused"), ("an answer that leaks", 200, "[US_SSN]")];
    let leak = format!("the number is {}", values::us_ssn());
    let found = |counted| Found { counted, verified: (true, String::new()), pending: 1 };
    assert_eq!(played(&good).judge(&found(3)), Vec::<String>::new());
    let unverified = Found { verified: (false, "leaf 7".to_owned()), ..found(3) };
    let broken = [
        (played(&good), found(2), "3 requests were sent, 2 are found"),
        (played(&good), found(4), "3 requests were sent, 4 are found"),
        (played(&good), unverified, "the log does not verify: leaf 7"),
        (played(&good), Found { pending: 0, ..found(3) }, "no attack reached the review queue"),
        (
            played(&[("a prompt injection", 200, "")]),
            found(1),
            "a prompt injection: expected status 403, got 200 (1 times)",
        ),
        (played(&[("a summary", 502, "")]), found(1), "a summary: expected status 200, got 502 (1 times)"),
        (
            played(&[("an answer that leaks", 200, &leak), ("an answer that leaks", 200, &leak)]),
            found(2),
            "an answer that leaks: the answer held personal data (2 times)",
        ),
    ];
    for (summary, found, expected) in broken {
        assert_eq!(summary.judge(&found), [expected]);
    }
}
