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

fn tail_of_look(judgement: &Judgement, look: Look) -> Option<f64> {
    judgement.evidence.iter().find(|evidence| evidence.look == look).map(|evidence| evidence.tail)
}

#[test]
fn a_profile_has_480_bytes_at_most() {
    assert!(size_of::<Profile>() <= 480, "{}", size_of::<Profile>());
}

#[test]
fn what_is_unusual_says_why_and_what_is_usual_does_not() {
    let mut peers = Peers::default();
    let profile = office(28, &mut peers);
    let noon = MONDAY + (28 * 24 + 12) * HOUR_MS;
    let ordinary = profile.clone().observe(&usual(noon, 240), &mut peers.clone());
    assert!(ordinary.surprise() < 1.3, "{ordinary:?}");

    let night = noon - 9 * HOUR_MS;
    let cases = [
        (Look::Metric(Metric::TokensIn), Observation { tokens_in: Some(60_000), ..usual(noon, 240) }, 5.0),
        (Look::Metric(Metric::Cost), Observation { cost: Some(4.0), ..usual(noon, 240) }, 5.0),
        (Look::Hour, usual(night, 240), 0.7),
        (Look::Model, Observation { model: Some(99), ..usual(noon, 240) }, 1.5),
        (Look::Network, Observation { network: Some(99), ..usual(noon, 240) }, 1.5),
    ];
    for (look, seen, least) in cases {
        let judgement = profile.clone().observe(&seen, &mut peers.clone());
        assert!(judgement.surprise() > least && judgement.evidence.len() <= 4, "{judgement:?}");
        assert!(tail_of_look(&judgement, look).is_some_and(|tail| tail < 0.01), "{judgement:?}");
        assert!(judgement.text(3).starts_with(&judgement.evidence[0].text()), "{}", judgement.text(3));
    }
    // What is little for itself is much together.
    let all = Observation { network: Some(99), tokens_in: Some(700), ..usual(night, 240) };
    let judgement = profile.clone().observe(&all, &mut peers.clone());
    assert!(judgement.aspects() >= 3 && judgement.surprise() > 4.0, "{judgement:?}");
    let known = Observation { network: Some(99), ..usual(noon, 240) };
    let mut of_others = peers.clone();
    Profile::default().observe(&known, &mut of_others);
    let judgement = profile.clone().observe(&known, &mut of_others);
    assert!(judgement.surprise() < 1.0, "peers know it: {judgement:?}");
}

#[test]
fn more_requests_in_an_hour_than_usual_are_told_while_they_come() {
    let mut peers = Peers::default();
    let mut profile = office(28, &mut peers);
    let noon = MONDAY + (28 * 24 + 12) * HOUR_MS;
    let mut first = None;
    for request in 0..60 {
        let judgement = profile.observe(&usual(noon + request * 20_000, 240), &mut peers);
        if tail_of_look(&judgement, Look::Metric(Metric::Requests)).is_some_and(|tail| tail < 1e-4) {
            first.get_or_insert(request);
        }
    }
    assert!(first.is_some_and(|first| (8..50).contains(&first)), "{first:?}");
    let (surprise, at_ms) = profile.peak();
    assert!(surprise > 4.0 && at_ms == noon, "{surprise}");
    let scores = profile.present_scores(noon + 1_200_000, &peers);
    assert_eq!(scores.evidence[0].look, Look::Metric(Metric::Requests), "{scores:?}");
    assert!(scores.text(1).contains("60 requests in an hour, usual are 6"), "{}", scores.text(1));
    let later = profile.present_scores(noon + HOUR_MS, &peers);
    assert!(later.surprise() < 0.5, "the hour is over: {later:?}");
}

#[test]
fn within_two_hours_that_have_something_order_does_not_matter_to_hours_and_what_is_later_is_told() {
    let at = |minutes: i64| usual(MONDAY + minutes * 60_000, 240);
    let counts = |order: &[i64]| {
        let (mut profile, mut peers) = (Profile::default(), Peers::default());
        let late = order.iter().filter(|minutes| profile.observe(&at(**minutes), &mut peers).is_late).count();
        (profile.open.map(|hour| hour.requests), profile.own(Metric::Requests).mean, late, profile.requests())
    };
    assert_eq!(counts(&[0, 50, 70, 80, 100]), ([2, 3], 0.0, 0, 5));
    assert_eq!(counts(&[0, 70, 80, 50, 100]), ([2, 3], 0.0, 0, 5));
    assert_eq!(counts(&[0, 50, 70, 130, 80]), ([2, 1], 2.0, 0, 5));
    assert_eq!(counts(&[0, 70, 130, 50, 80]), ([2, 1], 1.0, 1, 5), "its hour is closed");
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
            let judgement = profile.observe(&seen, &mut peers);
            if tail_of_look(&judgement, Look::Rising).is_some_and(|tail| tail < 1e-3) {
                told.get_or_insert(day);
            }
            if tail_of_look(&judgement, Look::Metric(Metric::Sensitive)).is_some_and(|tail| tail < 1e-3) {
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
    assert!(ordinary.surprise() < 2.0, "{ordinary:?}");
    let judgement = new.observe(&Observation { tokens_in: Some(200_000), ..usual(noon, 240) }, &mut peers);
    assert!(tail_of_look(&judgement, Look::Metric(Metric::TokensIn)).unwrap() < 1e-6, "{judgement:?}");
    // With nothing known at all, nothing is said.
    let alone = Profile::default().observe(&usual(noon, 240), &mut Peers::default());
    assert!(alone.evidence.is_empty() && alone.surprise() == 0.0, "{alone:?}");
}

#[test]
fn hours_of_the_week_are_known_by_weeks_and_fade() {
    let mut week = Week::default();
    for _ in 0..20 {
        week.mark(5);
    }
    week.mark(6);
    assert_eq!((week.of(5), week.of(6), week.hours().map(u32::from).sum::<u32>()), (12, 1, 13));
    assert_eq!((week.rarity(7), week.rarity(6), week.rarity(5)), ((0, 13), (1, 13), (13, 13)));
}

proptest! {
    #[test]
    fn whatever_comes_tails_are_probabilities_state_stays_finite_and_is_read_back_as_it_was(
        seen in prop::collection::vec((0_i64..2_000_000_000_000, any::<u64>(), -1.0_f64..1e12, any::<bool>(), any::<bool>()), 1..60),
        cut in 0_usize..60,
    ) {
        let (mut profile, mut peers) = (Profile::default(), Peers::default());
        for (place, (at_ms, tokens, cost, is_blocked, is_sensitive)) in seen.into_iter().enumerate() {
            let value = u32::try_from(tokens >> 60).unwrap();
            let seen = Observation {
                at_ms, tokens_in: Some(tokens), cost: Some(cost), is_blocked, is_sensitive, prompt: Some(tokens),
                model: Some(value + 1), network: Some(value / 2 + 1), ..Observation::default()
            };
            let judgement = profile.observe(&seen, &mut peers);
            prop_assert!((0.0..=30.5).contains(&judgement.surprise()), "{:?}", judgement);
            for evidence in &judgement.evidence {
                prop_assert!((0.0..=1.0).contains(&evidence.tail) && evidence.expected.is_finite(), "{:?}", evidence);
            }
            if place == cut {
                let (mut own, mut others) = (crate::bytes::Writer::default(), crate::bytes::Writer::default());
                profile.write(&mut own);
                peers.write(&mut others);
                let (own, others) = (own.into_bytes(), others.into_bytes());
                let read = |bytes: &[u8]| Profile::read(&mut crate::bytes::Reader::new(bytes));
                prop_assert_eq!(read(&own), Some(profile.clone()));
                prop_assert_eq!(Peers::read(&mut crate::bytes::Reader::new(&others)), Some(peers.clone()));
                for end in 0..own.len() {
                    prop_assert_eq!(read(&own[..end]), None);
                }
                profile = read(&own).unwrap();
            }
        }
        for metric in Metric::ALL {
            let usual = profile.usual(metric, &peers);
            prop_assert!(usual.mean.is_finite() && usual.variance.is_finite());
        }
    }
}
