use super::*;

const WAIT_MIN: Duration = Duration::from_millis(250);
const WAIT_MAX: Duration = Duration::from_secs(60);

#[test]
fn waits_grow_with_faults_within_their_bounds_and_a_good_request_ends_them() {
    let mut pace = Pace::new(16, Waits::default());
    let mut now = Duration::ZERO;
    let mut longest = Duration::ZERO;
    // A wait is a random part of three times the one before: in so many, some are long.
    for faults in 1..=4_000 {
        assert!(pace.fault(pace.round(), None, now));
        assert_eq!((pace.faults(), pace.requests()), (faults, 1));
        let wait = pace.until().saturating_sub(now);
        assert!((WAIT_MIN..=WAIT_MAX).contains(&wait), "{wait:?}");
        assert!(wait <= (WAIT_MIN * 3_u32.saturating_pow(faults)), "{faults}: {wait:?}");
        longest = longest.max(wait);
        now = pace.until();
    }
    assert!(longest > Duration::from_secs(10), "{longest:?}");
    pace.good();
    assert_eq!(pace.faults(), 0);
    pace.fault(pace.round(), None, now);
    assert!(pace.until().saturating_sub(now) <= WAIT_MIN * 3);
}

#[test]
fn a_receiver_that_asks_for_time_gets_it_and_an_hour_at_most() {
    for (asked, given) in [(30, 30), (3_600, 3_600), (31_536_000, 3_600)] {
        let mut pace = Pace::new(16, Waits::default());
        pace.fault(pace.round(), Some(Duration::from_secs(asked)), Duration::from_secs(100));
        assert_eq!(pace.until(), Duration::from_secs(100 + given));
    }
}

#[test]
fn requests_that_failed_together_are_one_fault() {
    let mut pace = Pace::new(16, Waits::default());
    let round = pace.round();
    assert!(pace.fault(round, None, Duration::ZERO));
    for _ in 0..15 {
        assert!(!pace.fault(round, None, Duration::ZERO));
    }
    assert_eq!(pace.faults(), 1);
}

#[test]
fn what_goes_well_goes_faster_and_what_does_not_slower() {
    let mut pace = Pace::new(16, Waits::default());
    assert_eq!(pace.requests(), 1);
    for _ in 0..200 {
        pace.good();
    }
    assert_eq!(pace.requests(), 16);
    pace.slow(None, Duration::ZERO);
    assert_eq!(pace.requests(), 8);
    let mut ordered = Pace::new(1, Waits::default());
    (0..100).for_each(|_| ordered.good());
    assert_eq!(ordered.requests(), 1);
}
