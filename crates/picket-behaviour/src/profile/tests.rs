use super::*;
use proptest::prelude::*;

const MONDAY: i64 = 1_795_392_000_000;

/// A user of weekdays from 9 to 17, six requests an hour.
fn office(days: i64, peers: &mut Peers) -> Profile {
    let mut profile = Profile::default();
    for day in (0..days).filter(|day| day % 7 < 5) {
        for hour in 9..17 {
            for request in 0..6 {
                let at_ms = MONDAY + (day * 24 + hour) * HOUR_MS + request * 60_000;
                let tokens = 200 + u64::try_from((day + hour + request) % 7).unwrap() * 20;
                profile.observe(&usual(at_ms, tokens), peers);
            }
        }
    }
    profile
}

fn usual(at_ms: i64, tokens: u64) -> Observation {
    Observation {
        at_ms,
        tokens_in: Some(tokens),
        tokens_out: Some(tokens * 2),
        cost: Some(0.001),
        latency_ms: Some(900),
        model: Some(1),
        network: Some(2),
        prompt: Some(at_ms.cast_unsigned()),
        ..Observation::default()
    }
}

fn tail_of(evidence: &[Evidence], what: &str) -> Option<f64> {
    evidence.iter().find(|evidence| evidence.what == what).map(|evidence| evidence.tail)
}

#[test]
fn a_profile_has_512_bytes_at_most() {
    assert!(size_of::<Profile>() <= 512, "{}", size_of::<Profile>());
}

#[test]
fn what_is_unusual_says_why_and_what_is_usual_does_not() {
    let mut peers = Peers::default();
    let profile = office(28, &mut peers);
    let noon = MONDAY + (28 * 24 + 12) * HOUR_MS;
    let ordinary = profile.clone().observe(&usual(noon, 240), &mut peers.clone());
    assert!(Evidence::together(&ordinary) > 0.05, "{ordinary:?}");

    let cases = [
        ("tokens_in", Observation { tokens_in: Some(60_000), ..usual(noon, 240) }),
        ("cost", Observation { cost: Some(4.0), ..usual(noon, 240) }),
        ("hour of the week", usual(noon - 9 * HOUR_MS, 240)),
        ("model", Observation { model: Some(99), ..usual(noon, 240) }),
        ("network", Observation { network: Some(99), ..usual(noon, 240) }),
    ];
    for (what, seen) in cases {
        let evidence = profile.clone().observe(&seen, &mut peers.clone());
        assert_eq!(evidence[0].what, what, "{evidence:?}");
        assert!(Evidence::together(&evidence) < 0.01, "{evidence:?}");
    }
}

#[test]
fn more_requests_in_an_hour_than_usual_are_told_while_they_come() {
    let mut peers = Peers::default();
    let mut profile = office(28, &mut peers);
    let noon = MONDAY + (28 * 24 + 12) * HOUR_MS;
    let mut first = None;
    for request in 0..60 {
        let evidence = profile.observe(&usual(noon + request * 20_000, 240), &mut peers);
        if tail_of(&evidence, "requests an hour").is_some_and(|tail| tail < 1e-4) {
            first.get_or_insert(request);
        }
    }
    assert!(first.is_some_and(|first| (8..50).contains(&first)), "{first:?}");
}

#[test]
fn sensitive_data_that_rises_slowly_is_told_before_any_single_day_is_unusual() {
    let mut peers = Peers::default();
    let mut profile = Profile::default();
    let (mut told, mut single) = (None, None);
    for day in 0..60_i64 {
        let count = if day < 30 { 2 + day % 2 } else { 3 + (day - 30) / 6 };
        for request in 0..count {
            let at_ms = MONDAY + day * 24 * HOUR_MS + request * HOUR_MS;
            let seen = Observation { is_sensitive: true, ..usual(at_ms, 200) };
            let evidence = profile.observe(&seen, &mut peers);
            if tail_of(&evidence, "sensitive data a day, rising").is_some_and(|tail| tail < 1e-3) {
                told.get_or_insert(day);
            }
            if tail_of(&evidence, "requests with sensitive data an hour").is_some_and(|tail| tail < 1e-3) {
                single.get_or_insert(day);
            }
        }
    }
    assert!(told.is_some_and(|day| (32..55).contains(&day)), "{told:?}");
    assert_eq!(single, None);
}

#[test]
fn somebody_new_is_measured_by_the_peers() {
    let mut peers = Peers::default();
    office(28, &mut peers);
    let noon = MONDAY + (28 * 24 + 12) * HOUR_MS;
    let mut new = Profile::default();
    let ordinary = new.clone().observe(&usual(noon, 240), &mut peers.clone());
    assert!(Evidence::together(&ordinary) > 0.01, "{ordinary:?}");
    let evidence = new.observe(&Observation { tokens_in: Some(200_000), ..usual(noon, 240) }, &mut peers);
    assert!(tail_of(&evidence, "tokens_in").unwrap() < 1e-6, "{evidence:?}");
    // With nothing known at all, nothing is said.
    let alone = Profile::default().observe(&usual(noon, 240), &mut Peers::default());
    assert!(Evidence::together(&alone) > 0.999, "{alone:?}");
}

proptest! {
    #[test]
    fn whatever_comes_tails_are_probabilities_and_state_stays_finite(
        seen in prop::collection::vec((0_i64..2_000_000_000_000, any::<u64>(), -1.0_f64..1e12, any::<bool>(), any::<bool>()), 1..60),
    ) {
        let (mut profile, mut peers) = (Profile::default(), Peers::default());
        for (at_ms, tokens, cost, is_blocked, is_sensitive) in seen {
            let seen = Observation {
                at_ms, tokens_in: Some(tokens), cost: Some(cost), is_blocked, is_sensitive, model: Some(tokens), ..Observation::default()
            };
            for evidence in profile.observe(&seen, &mut peers) {
                prop_assert!((0.0..=1.0).contains(&evidence.tail), "{:?}", evidence);
                prop_assert!(evidence.expected.is_finite());
            }
        }
        for metric in Metric::ALL {
            let usual = profile.usual(metric, &peers);
            prop_assert!(usual.mean.is_finite() && usual.variance.is_finite());
        }
    }
}
