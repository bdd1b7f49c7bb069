//! Lines of raw fields, as the help describes them.

use super::*;

/// What a line becomes; the errors begin with `!`.
fn wire_of(format: WireFormat, line: &str) -> String {
    match wire(format, &with_whole_characters(line.as_bytes())) {
        Ok(bytes) => String::from_utf8(bytes).unwrap(),
        Err(cause) => format!("!{cause}"),
    }
}

#[test]
fn a_nested_field_is_refused_in_words_of_people_with_its_place() {
    let nested = r#"{"time":1,"host":"h","source":"s","sourcetype":"t","event":{},"fields":{"x":{"y":1}}}"#;
    let said = wire_of(WireFormat::Hec, nested);
    assert!(
        said.starts_with("!expected a text, a number, or true or false, found an object at line 1 column "),
        "{said}"
    );
    let said = wire_of(WireFormat::Cef, r#"{"extension":[]}"#);
    assert!(said.starts_with("!`header` is missing at line 1"), "{said}");
}

#[test]
fn each_shape_of_the_help_becomes_its_wire_form() {
    let cef = r#"{"header":{"deviceVendor":"a|b","deviceProduct":"c\\d","deviceVersion":"1\n2","deviceEventClassId":"100","name":"x=y",
        "severity":10},"extension":[["src","10.0.0.1"],["msg","a=b \\ c\nd\r\ne | f "],["n",5]]}"#;
    let leef = r#"{"header":{"vendor":"V|x","product":"P","version":"1","eventId":"id"},"delimiter":"x09",
        "attrs":[["a","b\tc^d\n"],["a","second"],["c","d=e"]]}"#;
    let syslog = r#"{"facility":4,"severity":2,"timestamp":"2003-10-11T22:14:15.003Z","hostname":"h","app_name":"su","msgid":"ID47",
        "message":"x]","structured_data":[["a@32473",[["b","3\"]\\"]]]],"framing":"octet_counting"}"#;
    let hec = r#"{"time":1717160000.123,"host":"h","source":"s","sourcetype":"t","event":{"a":1},"fields":{"x":1}}"#;
    let otlp = r#"{"time_unix_nano":"1544712660300000000","severity_number":9,"body":"b","trace_id":"5b8efff798038103d269b633813fc60c",
        "attributes":[["s","v"],["b",true],["i",-1],["d",0.5],["l",["x","y"]]]}"#;
    let event = r#"{"event_id":"evt_abc","event_type":"request","timestamp":"2026-06-01T10:13:20Z","workspace_id":"ws","severity":"high",
        "decision":"blocked","policies_triggered":[]}"#;
    let lines = [
        (WireFormat::Cef, cef, r"CEF:0|a\|b|c\\d|1 2|100|x=y|10|src=10.0.0.1 msg=a\=b \\ c\nd\ne | f n=5"),
        (WireFormat::Leef, leef, "LEEF:2.0|V/x|P|1|id|x09|a=b c^d \tc=d=e"),
        (
            WireFormat::Digest,
            r#"{"workspace_id":"ws_123","event_id":"evt_abc","body":"{}"}"#,
            "5e4a41adab902b36ba6bc868268cbbf3be3a5b8ce84a3e8f217c276570cb7d1f",
        ),
        (
            WireFormat::Sharedkey,
            r#"{"workspace_id":"w","shared_key_b64":"a2V5","x_ms_date":"Mon, 04 Apr 2016 08:00:00 GMT","content_length":1024}"#,
            "SharedKey w:cJX9BuXukuOPWr7c3teEFuB6BX9N0Q8/VanqM45ajB0=",
        ),
        (WireFormat::Syslog, syslog, "67 <34>1 2003-10-11T22:14:15.003Z h su - ID47 [a@32473 b=\"3\\\"\\]\\\\\"] x]"),
        (
            WireFormat::Hec,
            hec,
            r#"{"time":1717160000.123,"host":"h","source":"s","sourcetype":"t","event":{"a":1},"fields":{"x":"1"}}"#,
        ),
        (
            WireFormat::Bulk,
            r#"{"id":"e","document":{"a":"b\nc"}}"#,
            "{\"create\":{\"_id\":\"e\"}}\n{\"a\":\"b\\nc\"}\n",
        ),
        (
            WireFormat::Otlp,
            otlp,
            r#"{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{},"logRecords":[{"timeUnixNano":"1544712660300000000","severityNumber":9,"body":{"stringValue":"b"},"attributes":[{"key":"s","value":{"stringValue":"v"}},{"key":"b","value":{"boolValue":true}},{"key":"i","value":{"intValue":"-1"}},{"key":"d","value":{"doubleValue":0.5}},{"key":"l","value":{"arrayValue":{"values":[{"stringValue":"x"},{"stringValue":"y"}]}}}],"traceId":"5b8efff798038103d269b633813fc60c"}]}]}]}"#,
        ),
    ];
    for (format, line, expected) in lines {
        assert_eq!(wire_of(format, line), expected);
    }
    let alone = wire_of(WireFormat::Ocsf, event);
    assert_eq!(wire_of(WireFormat::Ocsf, &format!("{{\"event\":{event}}}")), alone);
    assert!(alone.contains(r#""version":"1.8.0""#) && alone.contains(r#""uid":"evt_abc""#), "{alone}");
    let older = wire_of(WireFormat::Ocsf, &format!("{{\"version\":\"1.1\",\"event\":{event}}}"));
    assert!(older.contains(r#""version":"1.1.0""#), "{older}");
    let protobuf = otlp.replacen('{', "{\"encoding\":\"protobuf\",", 1);
    assert!(
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, wire_of(WireFormat::Otlp, &protobuf))
            .is_ok()
    );
}

#[test]
fn a_webhook_is_signed_by_each_of_its_secrets() {
    let secret = ["whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"].concat();
    let line = json!({
        "id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "timestamp": 1_614_265_330, "body": "{\"test\": 2432232314}", "secrets": [secret, secret],
    });
    let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    assert_eq!(wire_of(WireFormat::Webhook, &line.to_string()), format!("{signature} {signature}"));
}

#[test]
fn what_no_format_can_carry_is_refused_with_its_remedy() {
    for (format, line, expected) in [
        (WireFormat::Cef, r#"{"header":{"deviceVendor":"a"}}"#, "!`deviceProduct` is missing"),
        (
            WireFormat::Leef,
            r#"{"header":{"vendor":"V","product":"P","version":"1","eventId":"i"},"delimiter":"xa6"}"#,
            "!delimiter of LEEF is not valid; give one ASCII character",
        ),
        (WireFormat::Hec, r#"{"time":"1e9","event":1}"#, "!`time` is no decimal number of seconds"),
        (WireFormat::Hec, r#"{"time":1,"event":" "}"#, "!event is not valid; Splunk refuses events that are blank"),
        (
            WireFormat::Hec,
            r#"{"time":1,"event":1,"fields":{"a":{}}}"#,
            "!expected a text, a number, or true or false, found an object",
        ),
        (WireFormat::Bulk, r#"{"id":"","document":{}}"#, "!_id is not valid"),
        (WireFormat::Webhook, r#"{"id":"a.b","timestamp":1,"body":"","secrets":[]}"#, "!webhook-id is not valid"),
        (WireFormat::Otlp, r#"{"time_unix_nano":1,"attributes":[["a",{}]]}"#, "!values are texts, numbers"),
        (WireFormat::Ocsf, r#"{"version":"2","event":{}}"#, "!`version` is 1.8 or 1.1"),
        (WireFormat::Digest, "nothing", "!expected"),
    ] {
        let found = wire_of(format, line);
        assert!(found.starts_with(expected), "{found}");
    }
}

#[test]
fn halves_of_characters_and_bytes_that_are_no_text_become_the_replacement_character() {
    for (line, expected) in [
        (r#""\ud83d\ude00""#, "😀"),
        (r#""\ud83dx""#, "\u{fffd}x"),
        (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
        (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
        (r#""\\ud83d""#, "\\ud83d"),
        (r#""\\\ud83d\n""#, "\\\u{fffd}\n"),
        (r#""a\u0041""#, "aA"),
    ] {
        let whole = with_whole_characters(line.as_bytes());
        assert_eq!(serde_json::from_slice::<String>(&whole).unwrap(), expected, "{line}");
    }
    let whole = with_whole_characters(b"\"\xff\\ud800\"");
    assert_eq!(serde_json::from_slice::<String>(&whole).unwrap(), "\u{fffd}\u{fffd}");
    for torn in ["\\", "\\u", "\\ud8", "\\ud800\\u"] {
        assert!(serde_json::from_slice::<String>(&with_whole_characters(torn.as_bytes())).is_err());
    }
}

#[test]
fn an_answer_is_ascii_so_that_every_reader_sees_one_line() {
    let answer = json!({ "wire": "a\u{2028}\u{85}ü😀\n" }).to_string();
    let shown = in_ascii(&answer);
    assert_eq!(shown, r#"{"wire":"a\u2028\u0085\u00fc\ud83d\ude00\n"}"#);
    assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), serde_json::from_str::<Value>(&answer).unwrap());
}
