//! What signals may say, and what is refused.

use super::*;
use crate::files::{Given, lines, table};
use expect_test::expect;
use picket_event::{Attribute, Identity, Workspace};
use picket_stdx::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

fn now() -> Timestamp {
    "2026-06-01T10:00:00Z".parse().unwrap()
}

fn read(value: &Value) -> Result<Signal, Misfit> {
    Signal::read(value, &Workspace::parse("ws_test").unwrap(), now())
}

fn with(more: Value) -> Value {
    let mut signal =
        json!({"type": "login", "source": "okta", "user": "ana@example.com", "attributes": {"result": "success"}});
    let Value::Object(more) = more else { panic!("an object") };
    signal.as_object_mut().unwrap().extend(more);
    signal
}

#[test]
fn a_signal_is_an_event_with_the_moment_that_it_names() {
    let signal = read(&with(json!({
        "timestamp": "2026-05-01T08:00:00Z", "src_ip": "::ffff:192.0.2.7", "severity": "high", "count": 3,
        "attributes": {"result": "failure", "mfa": false, "tries": 4.5}, "metrics": {"risk": 0.5}, "team": null,
    })))
    .unwrap();
    let event = signal.event();
    assert_eq!(
        (event.event_type.as_str(), event.timestamp.to_string().as_str()),
        ("external.login", "2026-05-01T08:00:00.000Z")
    );
    assert_eq!((event.user.as_deref(), event.identity), (Some("ana@example.com"), Some(Identity::Asserted)));
    assert_eq!((event.src_ip.as_deref(), event.source.as_deref()), (Some("192.0.2.7"), Some("okta")));
    assert_eq!(event.attributes.get("tries"), Some(&Attribute::Number(4.5)));
    assert_eq!(event.attributes.get("mfa"), Some(&Attribute::Flag(false)));
    assert_eq!((event.metrics.get("risk"), event.count, event.team.as_ref()), (Some(&0.5), Some(3), None));
    let shown = serde_json::to_value(event).unwrap();
    assert_eq!(shown["attributes"], json!({"result": "failure", "mfa": false, "tries": 4.5}));
}

#[test]
fn a_signal_is_known_again_by_its_source_and_id_or_by_all_that_it_says() {
    let key = |value: &Value| *read(value).unwrap().key();
    let plain = with(json!({}));
    assert_eq!(key(&plain), key(&plain));
    assert_ne!(key(&plain), key(&with(json!({"severity": "low"}))));
    let named =
        |source: &str, id: &str, severity: &str| key(&with(json!({"source": source, "id": id, "severity": severity})));
    assert_eq!(named("okta", "1", "low"), named("okta", "1", "high"), "the sender corrected it");
    assert_ne!(named("okta", "1", "low"), named("okta", "2", "low"));
    assert_ne!(named("okta", "12", "low"), named("okta1", "2", "low"), "where one ends the other begins");
}

#[test]
fn what_is_wrong_is_told_with_its_member_and_a_remedy() {
    let deep = json!({"result": "success", "more": {"deep": 1}});
    let many: serde_json::Map<String, Value> = (0..65).map(|at| (format!("a{at}"), json!(at))).collect();
    let cases = [
        json!([1]),
        json!({"source": "x"}),
        with(json!({"type": "logout"})),
        with(json!({"source": null})),
        with(json!({"__proto__": {}})),
        with(json!({"attributes": {"__proto__": 1}})),
        with(json!({"attributes": {"Result": "success"}})),
        with(json!({"attributes": deep})),
        with(json!({"attributes": many})),
        with(json!({"attributes": {"result": "maybe"}})),
        with(json!({"attributes": {"user": "ana"}})),
        with(json!({"user": null})),
        with(json!({"user": "x".repeat(1_025)})),
        with(json!({"user": "a\0b"})),
        with(json!({"src_ip": "10.0.0.0/8"})),
        with(json!({"severity": "urgent"})),
        with(json!({"timestamp": "yesterday"})),
        with(json!({"timestamp": "2026-06-01T10:05:01Z"})),
        with(json!({"timestamp": "1999-12-31T00:00:00Z"})),
        with(json!({"count": -1})),
        with(json!({"judge_score": 7})),
        with(json!({"metrics": {"risk": "high"}})),
        json!({"type": "judge", "source": "x"}),
        json!({"type": "metric", "source": "x"}),
        json!({"type": "credential", "source": "x", "attributes": {"status": "leaked"}}),
    ];
    let told: Vec<String> = cases.iter().map(|case| read(case).unwrap_err().to_string()).collect();
    expect![[r#"
        a signal is an object, such as {"type": "login", …}
        `type`: expected one of login, threat_intel, credential, badge, ticket, judge, metric, custom
        `type`: expected one of login, threat_intel, credential, badge, ticket, judge, metric, custom
        `source`: which system says so, such as "okta"
        `__proto__`: no signal has this member; those are type, id, source, timestamp, severity, category, user, team, application, feature, agent_id, session_id, key_id, src_ip, user_agent, provider, model, region, tool, mcp_server, judge_model, judge_score, judge_verdict, judge_id, request_id, trace_id, count, metrics, attributes; say others in `attributes`
        `attributes.__proto__`: a name is of a-z, 0-9, `_`, `.` and `-`, begins with a letter and has at most 64 bytes
        `attributes.Result`: a name is of a-z, 0-9, `_`, `.` and `-`, begins with a letter and has at most 64 bytes
        `attributes.more`: attributes are flat: a text, a number, true or false
        `attributes`: a signal has at most 64 of them, not 65
        `attributes.result`: expected a text: one of success, failure
        `attributes.result`: a login needs it: one of success, failure
        `user`: a login needs it: whose it is
        `user`: it has at most 1024 bytes, not 1025
        `user`: it has a NUL character
        `src_ip`: expected an address, such as 192.0.2.7
        `severity`: expected one of info, low, medium, high, critical
        `timestamp`: expected a time such as 2026-06-01T10:13:20Z
        `timestamp`: it lies in the future: here it is 2026-06-01T10:00:00.000Z; look at the sender's clock
        `timestamp`: it is older than 2000-01-01T00:00:00Z
        `count`: expected a whole number from 0 to 2^53
        `judge_score`: expected a number from 0 to 1
        `metrics.risk`: expected a number
        `judge_verdict`: a judge needs it: what the judge says, or `judge_score`
        `metrics`: a metric needs it: what was measured, as names and numbers
        `user`: a credential needs it: whose it is, or `key_id` for a gateway key"#]].assert_eq(&told.join("\n"));
}

#[test]
fn each_type_can_be_said_with_what_it_needs() {
    for (kind, more) in [
        ("login", json!({"user": "a", "attributes": {"result": "failure"}})),
        ("threat-intel", json!({"attributes": {"indicator": "192.0.2.7", "verdict": "malicious"}})),
        ("credential", json!({"key_id": "key_1", "attributes": {"status": "leaked"}})),
        ("badge", json!({"user": "a", "attributes": {"direction": "in", "site": "HQ"}})),
        ("ticket", json!({"attributes": {"ticket": "CHG-1", "status": "approved"}, "model": "gpt-5"})),
        ("judge", json!({"judge_verdict": "unsafe"})),
        ("metric", json!({"metrics": {"queue_depth": 4}})),
        ("custom", json!({})),
    ] {
        let mut signal = json!({"type": kind, "source": "x"});
        signal.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let read = read(&signal).unwrap_or_else(|misfit| panic!("{kind}: {misfit}"));
        assert_eq!(read.kind().as_str(), kind.replace('-', "_"));
    }
}

#[test]
fn tables_are_read_by_their_first_row() {
    let text =
        "\u{feff}User,Source IP,attributes.result,metrics.risk,count\nana,192.0.2.7,success,0.5,2\nbob,,failure,,\n";
    let given = Given { kind: Some("login".to_owned()), source: Some("vpn".to_owned()) };
    let rows: Vec<(u64, Value)> = table(text.as_bytes(), &given).unwrap().map(Result::unwrap).collect();
    let first = json!({"type": "login", "source": "vpn", "user": "ana", "count": 2,
        "attributes": {"result": "success", "source_ip": "192.0.2.7"}, "metrics": {"risk": 0.5}});
    assert_eq!(
        rows,
        [
            (2, first),
            (3, json!({"type": "login", "source": "vpn", "user": "bob", "attributes": {"result": "failure"}}))
        ]
    );
    assert!(rows.iter().all(|(_, row)| read(row).is_ok()));
    let broken = "user,team\nana\n";
    let error = table(broken.as_bytes(), &given).unwrap().next().unwrap().unwrap_err().to_string();
    assert!(error.starts_with("line 2: "), "{error}");
    let ragged = "user,team\nana\nbob,red\nc\u{e9}cile,red,x\ndan,blue\n";
    let rows: Vec<String> = table(ragged.as_bytes(), &given)
        .unwrap()
        .map(|row| row.map_or_else(|error| error.to_string(), |(line, row)| format!("{line} {}", row["user"])))
        .collect();
    let wrong = |line: u32, cells: u32| format!("line {line}: it has {cells} cells, and the first row has 2");
    assert_eq!(rows, [wrong(2, 1), "3 \"bob\"".to_owned(), wrong(4, 3), "5 \"dan\"".to_owned()]);
    let mut latin = b"user,team\n".to_vec();
    latin.extend(b"J\xf6rg,red\nana,red\n");
    let rows: Vec<_> = table(&latin[..], &given).unwrap().collect();
    assert!(rows[0].as_ref().unwrap_err().to_string().starts_with("line 2: it is not UTF-8"), "{rows:?}");
    assert!(rows.len() == 2 && rows[1].is_ok(), "{rows:?}");
    for twice in ["user,team,User\na,b,c\n", "result,attributes.result\na,b\n"] {
        let error = table(twice.as_bytes(), &given).map(drop).unwrap_err().to_string();
        assert!(error.starts_with("line 1: two columns are `"), "{error}");
    }
    let number = "type,source,user,attributes.result,count\nlogin,x,ana,success,many\n";
    let row = table(number.as_bytes(), &Given::default()).unwrap().next().unwrap().unwrap().1;
    assert_eq!(read(&row).unwrap_err().member, "count");
}

#[test]
fn lines_are_bounded_and_told_by_their_numbers() {
    let given = Given { kind: None, source: Some("x".to_owned()) };
    let text = b"{\"type\":\"custom\"}\n\n{\"type\":\"custom\",\"source\":\"own\"}\n{broken\n";
    let read: Vec<_> = lines(&text[..], &given).collect();
    assert_eq!(read[0].as_ref().unwrap(), &(1, json!({"type": "custom", "source": "x"})));
    assert_eq!(read[1].as_ref().unwrap(), &(3, json!({"type": "custom", "source": "own"})));
    assert!(read[2].as_ref().unwrap_err().to_string().starts_with("line 4: "));
    let mut long = vec![b'x'; 300 * 1024];
    long.extend_from_slice(b"\n{\"type\":\"custom\",\"type\":\"login\"}\n{\"type\":\"custom\"}\n");
    let read: Vec<_> = lines(&long[..], &given).collect();
    assert!(read[0].as_ref().unwrap_err().to_string().contains("more than 262144 bytes"));
    assert!(read[1].as_ref().unwrap_err().to_string().starts_with("line 2: "), "a member is there twice: {read:?}");
    assert_eq!((read.len(), read[2].as_ref().unwrap().0), (3, 3), "one bad line hides nothing of the others");
    assert_eq!(lines(&vec![b'x'; 300 * 1024][..], &given).count(), 1);
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[ -~\u{0}é]{0,12}".prop_map(Value::from),
        Just(json!("2026-01-01T00:00:00Z")),
    ];
    let name = prop_oneof![proptest::sample::select(signal::MEMBERS).prop_map(str::to_owned), "[a-z_.]{1,8}"];
    leaf.prop_recursive(3, 24, 6, move |inner| {
        let map = proptest::collection::btree_map(name.clone(), inner.clone(), 0..6);
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(Value::from),
            map.prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_read_is_an_event_that_reads_back(more in value(), kind in proptest::sample::select(SignalType::ALL)) {
        let mut signal = json!({"type": kind.as_str(), "source": "x", "user": "a", "metrics": {"m": 1}, "judge_verdict": "v",
            "attributes": {"result": "success", "indicator": "i", "verdict": "benign", "status": "open", "direction": "in", "ticket": "t"}});
        if let Value::Object(more) = more {
            signal.as_object_mut().unwrap().extend(more);
        }
        if let Ok(signal) = read(&signal) {
            let event = signal.event();
            let text = serde_json::to_string(event).unwrap();
            prop_assert_eq!(&serde_json::from_str::<picket_event::Event>(&text).unwrap(), event);
            prop_assert!(event.attributes.len() <= ATTRIBUTES_MAX && event.timestamp <= now().plus(std::time::Duration::from_secs(300)));
        }
    }
}
