//! Prompts and answers in what is sent: only where they were asked for, and never after they were erased.

use super::*;
use picket_bodies::NewBody;
use picket_event::BodyClass;
use picket_event::entry::NameKind;
use serde_json::Value;

fn body<'a>(role: &'a str, bytes: &'a [u8]) -> NewBody<'a> {
    NewBody { role, class: BodyClass::Content, media_type: "application/json", bytes, truncated: false }
}

impl Place {
    fn say(&self, user: &str, bodies: &[NewBody<'_>]) {
        let mut event = Event::new(EventType::REQUEST, WS.as_str(), self.log.clock().now());
        event.user = Some(user.to_owned());
        self.log.append(Lane::Gateway, self.log.prepare(event, bodies)).wait().unwrap();
    }

    fn lines(&self, name: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// A destination that is a file in one language, with prompts and answers.
    fn told(&self, name: &str, format: &str) -> String {
        self.file(name, |settings| {
            settings.wanted.bodies = true;
            settings.to = serde_json::from_value(
                serde_json::json!({ "kind": "file", "name": name, "rendering": { "format": format } }),
            )
            .unwrap();
        })
    }
}

#[test]
fn bodies_stand_where_each_language_has_a_place_and_only_where_they_were_asked_for() {
    let place = Place::new();
    // Longer than may be sent, so that the cut falls between the bytes of a character.
    let long = "ä".repeat(40_000);
    place.say("ana", &[body("request", b"{\"prompt\":\"hello\"}"), body("response", b"an answer")]);
    place.say("ana", &[body("request", format!("x{long}").as_bytes()), body("evidence", b"what was found")]);
    place.say("ana", &[body("request", b"\xff\xfe")]);
    let places = [
        ("canonical", "/body_contents/request"),
        ("ecs", "/http/request/body/content"),
        ("ocsf", "/unmapped/body_contents/request"),
        ("otel", ""),
    ];
    for (format, pointer) in places {
        let id = place.told(format, format);
        place.until(format, || place.delivered(&id) == 3);
        let lines = place.lines(format);
        if format == "otel" {
            let text = lines[0].to_string();
            assert!(text.contains("aisec.request.body") && text.contains("{\\\"prompt\\\":\\\"hello\\\"}"), "{text}");
            continue;
        }
        assert_eq!(lines[0].pointer(pointer).unwrap(), "{\"prompt\":\"hello\"}", "{format}: {}", lines[0]);
        let cut = lines[1].pointer(pointer).unwrap().as_str().unwrap();
        assert_eq!(cut.len(), 64 * 1024 - 1, "{format}");
        assert!(lines[1].to_string().contains("\"bodies_truncated\":[\"request\"]"), "{format}");
        assert!(!lines[1].to_string().contains("what was found"), "{format}");
        let raw = lines[2].pointer(pointer).unwrap();
        assert!(raw.to_string().contains("base64") && raw.to_string().contains("//4="), "{format}: {raw}");
    }
    let id = place.file("without", |_| {});
    place.until("without", || place.delivered(&id) == 3);
    assert!(place.lines("without").iter().all(|line| line.get("body_contents").is_none()));
    for format in ["cef", "mapped", "ai_security"] {
        let to = serde_json::json!({ "kind": "file", "name": format, "rendering": { "format": format } });
        let wanted = Wanted { bodies: true, ..Wanted::default() };
        let to = serde_json::from_value(to).unwrap();
        let settings = Settings { to, wanted, resume: Resume::Manual, ordered: false, requests: 1 };
        assert_eq!(settings.check(), Err(SettingsError::NoPlace), "{format}");
    }
}

#[test]
fn that_bodies_are_sent_needs_a_right_and_is_told_when_it_begins_and_ends() {
    let place = Place::new();
    let id = place.told("a", "canonical");
    let view = place.dispatch.get(&id).unwrap();
    let settings = view.settings.unwrap();
    let without = Settings { wanted: Wanted { bodies: false, ..settings.wanted.clone() }, ..settings.clone() };
    // Who may not read them changes nothing about where they go, but may end it.
    let refused = [
        Change { name: Some("other".to_owned()), ..Change::default() },
        Change { settings: Some(settings.clone()), ..Change::default() },
    ];
    for change in refused {
        let error = place.dispatch.update(&id, change, "usr_bob").unwrap_err();
        assert!(matches!(error, picket_db::WriteError::Job(DispatchError::Bodies)), "{error:?}");
    }
    let entered = (Secrets::default(), false);
    assert!(place.dispatch.rotate(&id, entered, "usr_bob").is_err());
    place.dispatch.update(&id, Change { settings: Some(without.clone()), ..Change::default() }, "usr_bob").unwrap();
    let back = Change { settings: Some(settings.clone()), ..Change::default() };
    assert!(place.dispatch.update(&id, back.clone(), "usr_bob").is_err());
    place.dispatch.update(&id, Change { reads_bodies: true, ..back }, "usr_ann").unwrap();
    let new = |reads_bodies| New {
        name: "b".to_owned(),
        settings: settings.clone(),
        secrets: Secrets::default(),
        start: Start::Now,
        reads_bodies,
    };
    assert!(place.dispatch.create(new(false), "usr_bob").is_err());
    let told =
        place.event_types().into_iter().filter(|kind| kind.starts_with("destination.bodies")).collect::<Vec<_>>();
    assert_eq!(told, ["destination.bodies_included", "destination.bodies_excluded", "destination.bodies_included"]);
}

#[test]
fn what_was_erased_while_it_waited_is_not_sent() {
    let place = Place::new();
    // A folder stands where the file should be, so that everything waits.
    let path = place.folder.path().join("a");
    std::fs::create_dir(&path).unwrap();
    place.say("mallory", &[body("request", b"canary-of-mallory")]);
    place.say("ana", &[body("request", b"canary-of-ana")]);
    let id = place.told("a", "canonical");
    place.until("both wait", || place.dispatch.get(&id).unwrap().health.faults > 0);
    let mallory = place.log.id_of_name(NameKind::User, "mallory").unwrap().unwrap();
    assert_eq!(place.log.erase_user(&mallory).unwrap(), 2, "facts and prompt");
    place.dispatch.forget();
    // What was on its way when they were forgotten has failed.
    let view = || place.dispatch.get(&id).unwrap();
    let answers = || view().health.answers.values().sum::<u64>();
    let before = answers();
    place.until("later tries", || answers() >= before + 2 || view().row.state == State::Paused);
    std::fs::remove_dir(&path).unwrap();
    place.until("both are sent", || {
        // Its faults may have paused it before.
        if place.dispatch.get(&id).unwrap().row.state == State::Paused {
            place.dispatch.resume(&id, "usr_ann").unwrap();
        }
        place.delivered(&id) == 2
    });
    let lines = place.lines("a");
    let contents = |line: &Value| line["body_contents"]["request"].clone();
    let mut all: Vec<Value> = lines.iter().filter(|line| line["event_type"] != "system.test").map(contents).collect();
    all.sort_by_key(Value::is_null);
    assert_eq!(all, [Value::from("canary-of-ana"), Value::Null]);
}
