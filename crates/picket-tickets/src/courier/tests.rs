use super::*;

fn failed(then: Then, after: Option<u64>) -> Failed {
    Failed { after: after.map(Duration::from_secs), ..Failed::new(then, "why") }
}

#[test]
fn waits_grow_to_an_hour_and_are_never_shorter_than_the_place_asks_for() {
    for attempts in 0..ATTEMPTS_MAX {
        let ceiling = WAIT.0.saturating_mul(1 << attempts.min(16)).min(WAIT.1);
        for _ in 0..50 {
            let wait = wait(attempts, &failed(Then::Retry, None));
            assert!(wait >= ceiling / 2 && wait <= ceiling, "{attempts}: {wait:?}");
        }
    }
    assert!(wait(0, &failed(Then::Retry, Some(90))) >= Duration::from_secs(90));
    assert!(wait(0, &failed(Then::Auth, None)) >= FAULT_WAIT);
    let whole: Duration = (0..ATTEMPTS_MAX).map(|attempts| wait(attempts, &failed(Then::Retry, None))).sum();
    assert!(whole > Duration::from_secs(10 * 3_600), "an outage of a night is survived: {whole:?}");
}
