use super::*;

const MINUTE: Duration = Duration::from_secs(60);

fn takes(limiter: &Limiter, seconds: i64) -> bool {
    limiter.take("who", Unit::Requests, 1.0, 2.0, MINUTE, Timestamp::from_millis(seconds * 1_000)).is_ok()
}

#[test]
fn whoever_comes_to_the_border_of_a_window_a_moment_late_forgets_nothing() {
    let limiter = Limiter::default();
    for (at, expected) in [(60, true), (60, true), (59, false), (60, false), (61, false)] {
        assert_eq!(takes(&limiter, at), expected, "at {at}");
    }
}

#[test]
fn a_window_slides() {
    let limiter = Limiter::default();
    for (at, expected) in
        [(0, true), (1, true), (2, false), (60, false), (89, false), (91, true), (200, true), (201, true), (202, false)]
    {
        assert_eq!(takes(&limiter, at), expected, "at {at}");
    }
}
