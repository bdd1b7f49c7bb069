//! What callers choose never reaches an entry, and never makes one too long.

use super::*;
use picket_event::entry::NameKind;
use picket_event::{EscalationId, PolicyResult, SpanRef};

/// An event with a canary in every field that a caller can choose, or that is personal.
fn canaries(clock: &Clock) -> Event {
    let canary = |field: &str| Some(format!("canary-{field}-alice@example.com"));
    let mut event = Event::new(EventType::REQUEST, "ws_1", clock.now());
    (event.user, event.team, event.application) = (canary("user"), canary("team"), canary("application"));
    (event.feature, event.agent_id, event.session_id) = (canary("feature"), canary("agent"), canary("session"));
    (event.src_ip, event.user_agent) = (canary("ip"), canary("ua"));
    (event.endpoint, event.provider, event.model) = (canary("endpoint"), canary("provider"), canary("model"));
    (event.tool, event.tools, event.mcp_server) =
        (canary("tool"), canary("tools").into_iter().collect(), canary("mcp"));
    (event.request_id, event.trace_id, event.span_id) = (canary("request"), canary("trace"), canary("span"));
    (event.provider_request_id, event.client_request_id) = (canary("provider-request"), canary("client-request"));
    (event.reason, event.unscanned) = (canary("reason"), canary("unscanned").into_iter().collect());
    (event.gateway_id, event.region, event.judge_model) = (canary("gateway"), canary("region"), canary("judge"));
    event.escalation_id = Some(EscalationId::new(clock.now()));
    event
}

#[test]
fn no_canary_reaches_an_entry_a_tile_a_bundle_or_a_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let body = NewBody {
        role: "request",
        class: BodyClass::Content,
        media_type: "text/plain",
        bytes: b"canary-prompt",
        truncated: false,
    };
    for _ in 0..300 {
        let event = canaries(&store.clock);
        drop(store.log().append(Lane::Gateway, store.log().prepare(event, std::slice::from_ref(&body)).closes(None)));
    }
    store.append("canary-last");
    Notary::new(&store.logs).tick().unwrap();
    let mut texts: Vec<Vec<u8>> =
        store.log().entries(0, 1_000).unwrap().into_iter().map(|stored| stored.bytes).collect();
    for path in ["tile/0/000", "tile/entries/000", "tile/1/000.p/1"] {
        texts.push(store.log().tile(path).unwrap().unwrap());
    }
    texts.push(store.log().checkpoint().unwrap().unwrap());
    for text in texts {
        let text = String::from_utf8_lossy(&text);
        assert!(!text.contains("canary") && !text.contains("alice"), "{text}");
    }
}

#[test]
fn facts_and_contents_are_nowhere_in_the_file_in_clear() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    store.log().append(Lane::Gateway, store.log().prepare(canaries(&store.clock), &[]).closes(None)).wait().unwrap();
    store.append("bob");
    store.db.close();
    for name in ["picket.db", "picket.db-wal"] {
        let Ok(bytes) = std::fs::read(folder.path().join(name)) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        // Names of users, teams, applications, models and tools are in the dictionary, until they are forgotten.
        for canary in ["canary-session", "canary-ip", "canary-ua", "canary-request", "canary-reason", "the prompt"] {
            assert!(!text.contains(canary), "{canary} in {name}");
        }
    }
}

#[test]
fn hostile_events_of_any_size_are_recorded_and_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let many = |text: &str, count: usize| (0..count).map(|n| format!("{text}{n}")).collect::<Vec<_>>();
    let mut tools = store.event("a");
    tools.tools = many("tool", 5_000);
    let mut unscanned = store.event("b");
    unscanned.unscanned = many("image:/messages/0/content/", 100_000);
    let mut long = store.event(&"\u{1f600}".repeat(3_000));
    long.session_id = Some("\u{e9}".repeat(2 * 1024 * 1024));
    let mut spans = store.event("c");
    let span = SpanRef { at: "/x".repeat(5_000), start: 0, end: 1, kind: "EMAIL".to_owned() };
    spans.policy_results = (0..100)
        .map(|n| PolicyResult {
            policy: format!("p{n}"),
            phase: picket_event::Phase::Input,
            verdict: picket_event::Action::Flag,
            score: Some(0.5),
            finding_type: None,
            spans: vec![span.clone(); 64],
            us: Some(1),
            monitored: None,
            exception: None,
        })
        .collect();
    for event in [tools, unscanned, long, spans] {
        let id = event.event_id;
        let appended = store.log().append(Lane::Gateway, store.log().prepare(event, &[]).closes(None)).wait().unwrap();
        let read = store.log().events(&[appended.position]).unwrap().remove(0);
        assert_eq!(read.event_id, id);
    }
    let whole = store.log().batch(0, 100).unwrap();
    assert_eq!(whole.len(), 5);
    store.log().verify(&mut |_, _| {}).unwrap();
}

#[test]
fn names_are_cut_the_same_way_whenever_they_are_looked_up() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let long = "\u{e9}".repeat(400);
    let first = store.append(&long);
    drop(store);
    let store = open(folder.path());
    let second = store.append(&long);
    let entry = |position| store.log().entries(position, 1).unwrap().remove(0).entry.user.unwrap();
    assert_eq!(entry(first.position), entry(second.position));
    assert_eq!(store.log().id_of_name(NameKind::User, &long).unwrap(), Some(entry(first.position)));
    let kept = store.log().name(&entry(first.position)).unwrap().unwrap();
    assert!(kept.len() <= 256 && long.starts_with(&kept));
}

#[test]
fn a_clock_that_steps_back_is_told_once_and_does_not_move_the_record() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let first = store.append("a");
    store.clock.set(store.clock.now().minus(Duration::from_secs(3_600)));
    store.append("b");
    store.append("c");
    let told = |store: &Store| {
        let entries = store.log().entries(0, 1_000).unwrap();
        entries.iter().filter(|stored| stored.entry.event_type.as_str() == "system.clock_stepped_back").count()
    };
    assert_eq!(told(&store), 1);
    let entries = store.log().entries(first.position, 10).unwrap();
    assert!(entries.iter().all(|stored| stored.at == first.recorded_at), "{entries:?}");
    store.clock.advance(Duration::from_secs(7_200));
    assert!(store.append("d").recorded_at > first.recorded_at);
    store.clock.set(store.clock.now().minus(Duration::from_secs(60)));
    store.append("e");
    assert_eq!(told(&store), 2);
    store.log().verify(&mut |_, _| {}).unwrap();
}

#[test]
fn a_clock_that_jumps_a_year_ahead_and_back_keeps_the_order_and_costs_nothing_that_is_young() {
    const YEAR: Duration = Duration::from_secs(365 * 86_400);
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    for _ in 0..400 {
        drop(store.log().append(Lane::Gateway, store.log().prepare(store.event("a"), &[]).closes(None)));
    }
    let first = store.append("a");
    let retained = || {
        let before = store.clock.now().minus(Duration::from_secs(30 * 86_400));
        store.log().retain(before, before).unwrap()
    };
    store.clock.set(store.clock.now().plus(YEAR));
    assert_eq!(retained(), Expired::default(), "before an entry notices");
    let ahead = store.append("b");
    assert!(ahead.recorded_at > first.recorded_at);
    assert_eq!(retained(), Expired::default());
    store.clock.set(store.clock.now().minus(YEAR));
    let back = store.append("c");
    assert_eq!(back.recorded_at, ahead.recorded_at, "the order of record stands");
    let told: Vec<_> = store
        .log()
        .batch(first.position, 100)
        .unwrap()
        .into_iter()
        .filter_map(|logged| logged.event.clone())
        .filter(|event| event.event_type.as_str().starts_with("system.clock"))
        .map(|event| (event.event_type.as_str().to_owned(), event.reason.unwrap().starts_with("clock_skew")))
        .collect();
    let expected = ["system.clock_stepped_ahead", "system.clock_stepped_back"];
    assert_eq!(told, expected.map(|kind| (kind.to_owned(), true)));
    assert_eq!(store.log().first().unwrap(), 0);
    store.log().verify(&mut |_, _| {}).unwrap();
}

#[test]
fn what_was_erased_is_rebuilt_from_what_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let mut event = canaries(&store.clock);
    (event.risk_score, event.cost, event.tokens_in) = (Some(0.75), Some(0.0125), Some(12));
    (event.policy_version, event.policy_digest) = (Some(3), Some("ab".repeat(32)));
    event.policies_triggered = vec!["pii-detector".to_owned()];
    let at = store.log().append(Lane::Gateway, store.log().prepare(event.clone(), &[]).closes(None)).wait().unwrap();
    let log = store.log().clone();
    let erased: Ticket<usize, rusqlite::Error> =
        store.db.write(Lane::Admin, "erase", move |tx| Bodies::erase(tx, log.id(), at.position));
    assert_eq!(erased.wait().unwrap(), 1);
    let read = store.log().events(&[at.position]).unwrap().remove(0);
    assert_eq!(read.event_id, event.event_id);
    assert_eq!((read.risk_score, read.cost, read.tokens_in), (Some(0.75), Some(0.0125), Some(12)));
    assert_eq!((read.policy_version, &read.policy_digest), (Some(3), &event.policy_digest));
    assert_eq!((&read.tools, read.escalation_id), (&event.tools, event.escalation_id));
    assert_eq!((&read.src_ip, &read.session_id, &read.reason), (&None, &None, &None));
    let json = store.log().events_json(&[at.position]).unwrap().remove(0);
    assert_eq!(serde_json::from_str::<Event>(json.get()).unwrap(), read);
}
