use super::*;
use proptest::prelude::*;

/// Texts that look like holes, to be put wherever an entry has a text.
fn texts() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(proptest::sample::select(vec![
        "plain".to_owned(),
        String::new(),
        "\"seq\":0".to_owned(),
        "\\\"ts\":\"\"".to_owned(),
        "{\"user\":\"\"".to_owned(),
        "\u{1f600}\u{2028}\u{7}".to_owned(),
    ]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn a_filled_draft_is_the_canonical_entry(
        (user, team, model, application) in (texts(), texts(), texts(), texts()),
        (target, actor, key, found) in (texts(), texts(), texts(), texts()),
        tools in proptest::collection::vec("[a-z\"]{0,6}", 0..4),
        (count, status) in (proptest::option::of(0..INTEGER_MAX), proptest::option::of(any::<u16>())),
        (position, received) in (0..INTEGER_MAX, proptest::option::of(0..INTEGER_MAX)),
        roles in proptest::collection::vec("[a-z0-9_]{1,8}", 0..4),
    ) {
        let mut event = Event::new(EventType::REQUEST, "ws_1", Timestamp::from_millis(0));
        (event.user, event.team, event.model, event.application) = (user, team, model, application);
        (event.target, event.actor, event.key_id, event.finding_type) = (target, actor, key, found);
        (event.tools, event.count, event.status_code) = (tools, count, status);
        let bodies: Vec<BodyRef> =
            roles.into_iter().map(|role| BodyRef { commit: "sha256s:00".to_owned(), role, size: 64 }).collect();
        let id = |kind: NameKind, name: &str| Ok::<_, Infallible>(format!("{}_{}", kind.prefix(), name.len()));
        let place = Place { log: "t_a", position, at: Timestamp::from_micros(1_700_000_000_123_456), received };
        let Ok(mut entry) = Entry::of(&event, &place, bodies.clone(), id);
        entry.event_type = EventType::REQUEST_COMPLETED;
        let draft = Draft::new("t_a", &event, bodies).unwrap();
        let Ok(ids) = draft.names().map(id);
        prop_assert_eq!(draft.fill(&place, &EventType::REQUEST_COMPLETED, &ids).unwrap(), entry.to_canonical().unwrap());
    }
}

#[test]
fn a_draft_that_no_entry_can_hold_is_refused() {
    let mut event = Event::new(EventType::REQUEST, "ws_1", Timestamp::from_millis(0));
    event.count = Some(INTEGER_MAX + 1);
    assert!(matches!(Draft::new("t_a", &event, Vec::new()), Err(EntryError::IntegerTooLarge)));
    event.count = None;
    let draft = Draft::new("t_a", &event, Vec::new()).unwrap();
    let place = Place { log: "t_a", position: INTEGER_MAX + 1, at: Timestamp::default(), received: None };
    assert!(matches!(draft.fill(&place, &EventType::REQUEST, &Names::default()), Err(EntryError::IntegerTooLarge)));
    event.tools = vec!["x".repeat(100); 200];
    let draft = Draft::new("t_a", &event, Vec::new()).unwrap();
    assert!(matches!(
        draft.fill(&Place { position: 1, ..place }, &EventType::REQUEST, draft.names()),
        Err(EntryError::TooLong(_))
    ));
}
