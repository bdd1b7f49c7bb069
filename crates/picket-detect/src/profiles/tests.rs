use super::*;
use crate::engine::{Engine, Hit};
use crate::fixture::{at, request, set};
use picket_event::Decision;
use picket_rules::Settings;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

fn profiles(most: usize) -> Profiles {
    Profiles::new(Bounds { most, lateness_ms: 300_000, ahead_ms: 300_000 })
}

fn event(seconds: i64, user: &str) -> Event {
    let mut event = request(seconds, user, Decision::Allowed);
    (event.model, event.application, event.team) =
        (Some("m".to_owned()), Some("app".to_owned()), Some("red".to_owned()));
    (event.tokens_in, event.tokens_out, event.latency_ms) = (Some(200), Some(400), Some(900));
    event.src_ip = Some("203.0.113.7".to_owned());
    event
}

/// What rules see of a request.
fn seen(profiles: &Profiles, event: &Event) -> serde_json::Value {
    let mut text = serde_json::to_string(event).unwrap();
    profiles.take(event, false, &mut text);
    serde_json::from_str(&text).unwrap()
}

fn now(seconds: i64) -> i64 {
    at(seconds).as_millis()
}

/// Four weeks of a user at work.
fn month(profiles: &Profiles, user: &str) {
    for hour in (0..28 * 24).filter(|hour| hour / 24 % 7 < 5 && (9..17).contains(&(hour % 24))) {
        for request in 0..6 {
            seen(
                profiles,
                &Event {
                    tokens_in: Some(150 + u64::try_from((hour + request) % 9).unwrap() * 20),
                    ..event(hour * HOUR + request * 60, user)
                },
            );
        }
    }
}

#[test]
fn a_feature_has_a_profile_once_one_of_its_requests_was_answered() {
    let profiles = profiles(100);
    let of = |feature: &str, decision| Event { feature: Some(feature.to_owned()), decision, ..event(0, "ana") };
    for (feature, decision) in [
        ("made-up", Decision::Blocked),
        ("search", Decision::Allowed),
        ("search", Decision::Blocked),
        ("made-up", Decision::Blocked),
    ] {
        seen(&profiles, &of(feature, decision));
    }
    let requests = |name| profiles.portrait(Kind::Feature, name, now(60)).map(|portrait| portrait.requests);
    assert_eq!((requests("search"), requests("made-up")), (Some(2), None));
    assert_eq!(Kind::parse("feature"), Some(Kind::Feature));
}

#[test]
fn a_name_that_is_only_claimed_feeds_the_profile_of_the_key_and_nobody_elses() {
    let profiles = profiles(100);
    seen(&profiles, &event(0, "ana"));
    for identity in [Some(Identity::Claimed), Some(Identity::Unknown), None] {
        seen(&profiles, &Event { identity, ..event(60, "ben") });
    }
    let of = |kind, name| profiles.portrait(kind, name, now(60)).map(|portrait| portrait.requests);
    assert_eq!((of(Kind::User, "ana"), of(Kind::User, "ben"), of(Kind::Key, "key_1")), (Some(1), None, Some(4)));
    assert_eq!(
        (of(Kind::Application, "app"), of(Kind::Model, "m"), of(Kind::Workspace, WORKSPACE)),
        (Some(4), Some(4), Some(4))
    );
    assert!(profiles.forget("ana") && !profiles.forget("ana"));
    assert_eq!((of(Kind::User, "ana"), of(Kind::Key, "key_1")), (None, Some(4)));
}

#[test]
fn what_is_unusual_stands_in_what_rules_see_with_its_reasons_and_a_portrait_shows_what_is_usual() {
    let profiles = profiles(100);
    month(&profiles, "ana");
    month(&profiles, "ben");
    let noon = 28 * DAY + 12 * HOUR;
    assert_eq!(seen(&profiles, &event(noon, "ana"))["profile"]["user"], serde_json::Value::Null);
    let mut odd = Event { tokens_out: Some(90_000), ..event(noon + 10 * HOUR, "ana") };
    odd.src_ip = Some("198.51.100.9".to_owned());
    let told = &seen(&profiles, &odd)["profile"]["user"];
    assert!(told["surprise"].as_f64().unwrap() > 6.0 && told["aspects"].as_u64().unwrap() >= 3, "{told}");
    assert!(told["why"].as_str().unwrap().contains("tokens in an answer"), "{told}");

    let portrait = profiles.portrait(Kind::User, "ana", now(noon + 10 * HOUR + 60)).unwrap();
    assert!(!portrait.is_learning && portrait.peak.0 > 6.0, "{portrait:?}");
    // The beginning of these times is a Tuesday, 22:13.
    let hours = ["Wed", "Thu", "Fri", "Sat", "Sun"].map(|day| format!("{day} 07:00-15:00"));
    assert_eq!(portrait.usual_hours, hours);
    let requests = portrait.rates.iter().find(|rate| rate.metric == "requests_per_hour").unwrap();
    assert!(
        (requests.usual - 6.0).abs() < 0.5 && requests.now == Some(1.0) && requests.peers.is_some(),
        "{requests:?}"
    );
    assert_eq!(portrait.networks.len(), 2, "{:?}", portrait.networks);
    assert_eq!(portrait.models.iter().map(|model| model.name.as_str()).collect::<Vec<_>>(), ["m"]);
    let peers = portrait.peers.unwrap();
    assert!(peers.team.as_deref() == Some("red") && peers.text.contains("about as much"), "{peers:?}");
    assert!(portrait.scores.iter().any(|score| score.what == "hour" && score.surprise > 1.5), "{:?}", portrait.scores);
}

#[test]
fn there_are_no_more_than_is_said_made_up_names_push_out_each_other_and_what_goes_is_counted() {
    let profiles = profiles(64);
    month(&profiles, "ana");
    for number in 0..2_000 {
        seen(&profiles, &event(28 * DAY + number, &format!("made up {number}")));
    }
    let counts = profiles.counts();
    assert_eq!((counts.profiles, counts.evicted), (64, 2_000 + 5 - 64));
    assert!(profiles.portrait(Kind::User, "ana", 0).is_some_and(|portrait| portrait.requests == 960));
    assert!(profiles.portrait(Kind::User, "made up 0", 0).is_none());
    for number in 0..9_000 {
        let model = Some(format!("model {number}"));
        seen(&profiles, &Event { model, decision: Decision::Blocked, ..event(28 * DAY + 3_000, "ana") });
    }
    assert_eq!(profiles.counts().unnamed, 0, "it takes an answer to be known");
}

#[test]
fn wherever_profiles_are_cut_they_go_on_as_if_they_were_not() {
    let events: Vec<Event> = (0..400_i64)
        .map(|number| {
            let seconds = number * 1_700 - number % 3 * 2_000;
            let decision = if number % 7 == 0 { Decision::Blocked } else { Decision::Allowed };
            Event {
                decision,
                team: (number % 2 == 0).then(|| "red".to_owned()),
                ..event(seconds, &format!("user {}", number % 40))
            }
        })
        .collect();
    let whole = profiles(30);
    events.iter().for_each(|event| drop(seen(&whole, event)));
    let shown = |profiles: &Profiles| {
        let users = (0..40).map(|number| profiles.portrait(Kind::User, &format!("user {number}"), now(680_000)));
        (users.collect::<Vec<_>>(), profiles.portrait(Kind::Workspace, WORKSPACE, now(680_000)), profiles.counts())
    };
    for cuts in [vec![0], vec![1, 150, 151], vec![399, 400]] {
        let (mut cut, mut rows, mut from) = (profiles(30), BTreeMap::new(), 0);
        for to in cuts.into_iter().chain([400]) {
            events[from..to].iter().for_each(|event| drop(seen(&cut, event)));
            let (shared, changed) = cut.changes();
            for Changed { place, owner, state } in changed {
                match state {
                    Some(state) => drop(rows.insert(place, (owner, state))),
                    None => drop(rows.remove(&place)),
                }
            }
            cut = profiles(30);
            let give = |take: &mut dyn FnMut(u32, u64, &[u8])| {
                rows.iter().for_each(|(place, (owner, state))| take(*place, *owner, state));
                Ok::<_, ()>(())
            };
            assert_eq!(cut.restore(Some(&shared), give), Ok(true));
            assert_eq!(cut.restore(Some(&shared[..shared.len() - 1]), give), Ok(false));
            assert_eq!(cut.restore(Some(&shared), give), Ok(true));
            from = to;
        }
        assert_eq!(shown(&cut), shown(&whole));
    }
}

const RULES: &str = "\
title: A user is not as usual
id: unusual
logsource: { product: picket }
detection: { s: { profile.user.surprise|gte: 6 }, condition: s }
x-picket: { entity: user, reason: \"{user}: {profile.user.why}\" }
---
title: A series left its course
id: series
logsource: { product: picket }
detection: { s: { event_type: profile.series, profile.of: workspace }, condition: s }
x-picket: { reason: \"{profile.why}\" }
";

#[test]
fn rules_find_what_is_unusual_and_series_that_leave_their_course() {
    let mut engine = Engine::new(set(RULES), Settings::default());
    let mut hits: Vec<Hit> = Vec::new();
    let mut judge = |event: &Event, number: u64| {
        engine.judge(event, number, &|_| None, &mut hits);
        hits.drain(..)
            .map(|hit| (engine.set().infos[hit.rule].key.clone(), hit.events, hit.trigger))
            .collect::<Vec<_>>()
    };
    let mut number = 0;
    // Two weeks with a request each minute and a half, as regular as the clock.
    for second in (0..14 * DAY).step_by(90) {
        number += 1;
        assert_eq!(judge(&event(second, "ana"), number).len(), 0, "at {second}");
    }
    let mut told = Vec::new();
    for second in 0..1_800 {
        number += 1;
        told.extend(judge(&event(14 * DAY + second, &format!("user {}", second % 500)), number));
    }
    for second in (14 * DAY + 1_800..14 * DAY + 3 * HOUR).step_by(90) {
        number += 1;
        told.extend(judge(&event(second, "ana"), number));
    }
    let [(key, events, trigger)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(
        (key.as_str(), events.len(), trigger.field("profile.measure").as_deref()),
        ("series", 0, Some("requests"))
    );
    assert!(trigger.field("profile.why").is_some_and(|why| why.contains("usual at that hour are 9")), "{trigger:?}");
    let much = Event { tokens_out: Some(200_000), ..event(14 * DAY + 4 * HOUR, "ana") };
    let told = judge(&much, number + 1);
    let [(key, events, _)] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((key.as_str(), events.as_slice()), ("unusual", &[number + 1][..]));
}

#[test]
fn a_time_ahead_of_the_log_is_counted_and_teaches_nothing() {
    let profiles = profiles(10);
    let ahead = Event { recorded_at: Some(at(0)), ..event(DAY, "ana") };
    seen(&profiles, &ahead);
    assert_eq!((profiles.counts().ahead, profiles.counts().profiles), (1, 0));
}

/// The names of all that stands in an event, as rules call it.
fn names(value: &serde_json::Value, outer: &str, into: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, value) in members {
                names(value, &if outer.is_empty() { name.clone() } else { format!("{outer}.{name}") }, into);
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| names(item, outer, into)),
        _ => into.push(outer.to_owned()),
    }
}

#[test]
fn whatever_rules_see_beside_the_event_itself_is_a_field_that_they_may_speak_of() {
    let profiles = profiles(100);
    month(&profiles, "ana");
    let mut all = Vec::new();
    let unusual = Event { tokens_out: Some(400_000), ..event(28 * DAY + 3 * HOUR, "ana") };
    names(&seen(&profiles, &unusual), "", &mut all);
    let told = Told {
        measure: "requests",
        from_ms: 0,
        until_ms: 1,
        value: 2.0,
        expected: 1.0,
        surprise: 6.0,
        why: "more".to_owned(),
    };
    let series = seen::of_series(&unusual, (Kind::Feature, "search"), &told);
    names(&serde_json::from_str(&series).unwrap(), "", &mut all);
    let mut text = String::new();
    let claimed = Event { identity: Some(Identity::Claimed), ..unusual };
    crate::view::write(&claimed, &mut crate::view::Repeats::default(), &mut text).unwrap();
    names(&serde_json::from_str(&text).unwrap(), "", &mut all);
    for name in ["profile.user.looks", "profile.workspace.why", "profile.until", "claimed_user"] {
        assert!(all.iter().any(|other| other == name), "{name}: {all:?}");
    }
    for kind in Kind::ALL {
        assert!(picket_rules::is_known_field(&format!("profile.{}.why", kind.as_str())), "{kind:?}");
    }
    let unknown: Vec<&String> = all.iter().filter(|name| !picket_rules::is_known_field(name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
