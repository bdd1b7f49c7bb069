//! Examples that the standards and their makers publish, and hostile ones whose answer follows from a rule.

use super::parsers;
use crate::Framing as _;
use crate::wire::otlp::{Any, JsonRequest, LogRecord, Origin, ProtobufRequest, record_json, record_protobuf};
use crate::wire::syslog::{Framing, Message, Time};
use crate::wire::{WireError, bulk, cef, hec, ingest, kafka, leef, sharedkey, syslog};
use crate::{Format, Profile, Renderer, Subject};
use base64::Engine as _;
use picket_stdx::Timestamp;

type Pairs = &'static [(&'static str, &'static str)];

fn cef_of(name: &str, pairs: &[(&str, &str)]) -> String {
    let mut out = Vec::new();
    let header = cef::Header {
        vendor: "security",
        product: "threatmanager",
        version: "1.0",
        class_id: "100",
        name,
        severity: "10",
    };
    let mut line = cef::Line::begin(&mut out, &header);
    for (key, value) in pairs {
        line.pair(key, value).unwrap();
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn the_examples_of_arcsight_are_written_to_the_byte() {
    let front = "CEF:0|security|threatmanager|1.0|100|";
    let cases: [(&str, Pairs, &str); 6] = [
        (
            "detected a | in message",
            &[("src", "10.0.0.1"), ("act", "blocked a |"), ("dst", "1.1.1.1")],
            "detected a \\| in message|10|src=10.0.0.1 act=blocked a | dst=1.1.1.1",
        ),
        (
            "detected a \\ in packet",
            &[("src", "10.0.0.1"), ("act", "blocked a \\"), ("dst", "1.1.1.1")],
            "detected a \\\\ in packet|10|src=10.0.0.1 act=blocked a \\\\ dst=1.1.1.1",
        ),
        (
            "detected a = in message",
            &[("src", "10.0.0.1"), ("act", "blocked a ="), ("dst", "1.1.1.1")],
            "detected a = in message|10|src=10.0.0.1 act=blocked a \\= dst=1.1.1.1",
        ),
        (
            "Detected a threat. No action needed.",
            &[("src", "10.0.0.1"), ("msg", "Detected a threat.\n No action needed.")],
            "Detected a threat. No action needed.|10|src=10.0.0.1 msg=Detected a threat.\\n No action needed.",
        ),
        (
            "worm successfully stopped",
            &[("src", "10.0.0.1"), ("dst", "2.1.2.2"), ("spt", "1232")],
            "worm successfully stopped|10|src=10.0.0.1 dst=2.1.2.2 spt=1232",
        ),
        ("two\r\nlines", &[("msg", "a\r\nb\rc  ")], "two lines|10|msg=a\\nb\\rc"),
    ];
    for (name, pairs, expected) in cases {
        let line = cef_of(name, pairs);
        assert_eq!(line, format!("{front}{expected}"));
        assert!(parsers::cef(&line).is_some(), "{line}");
    }
    assert_eq!(cef_of("plain", &[]), format!("{front}plain|10|"));
}

#[test]
fn keys_that_could_begin_a_pair_are_refused() {
    let header = cef::Header { vendor: "", product: "", version: "", class_id: "", name: "", severity: "0" };
    let leef_header = leef::Header { vendor: "", product: "", version: "", event_id: "" };
    for key in ["", "a b", "a=b", "a|b", "a\\", "ключ", "a\n", "a\0", "\u{202e}a"] {
        let mut out = Vec::new();
        let refused = cef::Line::begin(&mut out, &header).pair(key, "v");
        assert!(matches!(refused, Err(WireError::Name { .. })), "{key:?}");
    }
    for key in ["", "a b", "a=b", "a\tb", "ключ", "a\n", "a^b"] {
        let mut out = Vec::new();
        let caret = leef::Delimiter::parse("^").unwrap();
        let refused = leef::Line::begin(&mut out, &leef_header, caret).attribute(key, "v");
        assert!(matches!(refused, Err(WireError::Name { .. })), "{key:?}");
    }
}

fn leef_of(delimiter: &str, pairs: &[(&str, &str)]) -> String {
    let mut out = Vec::new();
    let header = leef::Header { vendor: "Lancope", product: "StealthWatch", version: "1.0", event_id: "41" };
    let mut line = leef::Line::begin(&mut out, &header, leef::Delimiter::parse(delimiter).unwrap());
    for (key, value) in pairs {
        line.attribute(key, value).unwrap();
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn the_examples_of_ibm_are_written_to_the_byte() {
    let pairs = [("src", "192.0.2.0"), ("dst", "172.50.123.1"), ("sev", "5"), ("cat", "anomaly"), ("srcPort", "81")];
    let front = "LEEF:2.0|Lancope|StealthWatch|1.0|41|";
    let joined = |by: &str| pairs.map(|(key, value)| format!("{key}={value}")).join(by);
    for (given, declared, by) in [
        ("^", "^", "^"),
        ("", "x09", "\t"),
        ("\t", "x09", "\t"),
        ("x09", "x09", "\t"),
        ("0x09", "0x09", "\t"),
        ("0x9", "0x09", "\t"),
        ("x0009", "x09", "\t"),
        ("x5E", "x5E", "^"),
        ("0x5e", "0x5E", "^"),
        ("x7c", "x7C", "|"),
        ("|", "|", "|"),
    ] {
        let line = leef_of(given, &pairs);
        assert_eq!(line, format!("{front}{declared}|{}", joined(by)), "{given:?}");
        let (header, read) = parsers::leef(&line).unwrap();
        assert_eq!((header[4].as_str(), read.len()), (by, 5), "{line}");
    }
}

#[test]
fn delimiters_that_readers_differ_about_are_refused() {
    for text in
        ["xa6", "0xa6", "¦", "a", "7", "=", " ", "x20", "x0a", "x0D", "x00", "x", "0x", "x12345", "xzz", "^^", "x3D"]
    {
        assert!(leef::Delimiter::parse(text).is_err(), "{text}");
    }
}

#[test]
fn what_would_end_a_value_of_leef_is_a_space() {
    let line = leef_of("^", &[("a", "b^c=d\te\r\nf|g"), ("a", "second"), ("b", "")]);
    assert_eq!(line, "LEEF:2.0|Lancope|StealthWatch|1.0|41|^|a=b c=d e  f|g^b=");
}

fn message() -> Message<'static> {
    Message {
        facility: 4,
        severity: 2,
        time: Time::Text("2003-10-11T22:14:15.003Z"),
        hostname: "mymachine.example.com",
        app_name: "su",
        procid: "",
        msgid: "ID47",
        data: &[],
        bom: true,
        text: Some(b"'su root' failed for lonvick on /dev/pts/8"),
    }
}

fn syslog_of(message: &Message<'_>, framing: Framing) -> Vec<u8> {
    let mut out = Vec::new();
    syslog::encode(&mut out, message, framing).unwrap();
    out
}

#[test]
fn the_examples_of_rfc_5424_are_written_to_the_byte() {
    const IDS: &[(&str, &str)] = &[("iut", "3"), ("eventSource", "Application"), ("eventID", "1011")];
    let local = Message {
        facility: 20,
        severity: 5,
        time: Time::Text("2003-08-24T05:14:15.000003-07:00"),
        hostname: "192.0.2.1",
        app_name: "myproc",
        procid: "8710",
        msgid: "",
        bom: false,
        text: Some(b"%% It's time to make the do-nuts."),
        ..message()
    };
    let entry = Message {
        facility: 20,
        severity: 5,
        app_name: "evntslog",
        data: &[("exampleSDID@32473", IDS)],
        text: Some(b"An application event log entry..."),
        ..message()
    };
    let two: &[syslog::Element<'_>] = &[("exampleSDID@32473", IDS), ("examplePriority@32473", &[("class", "high")])];
    let alone = Message { data: two, text: None, bom: false, ..entry };
    let sd = "[exampleSDID@32473 iut=\"3\" eventSource=\"Application\" eventID=\"1011\"]";
    let front = "2003-10-11T22:14:15.003Z mymachine.example.com";
    for (message, expected) in [
        (message(), format!("<34>1 {front} su - ID47 - \u{feff}'su root' failed for lonvick on /dev/pts/8")),
        (
            local,
            "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts."
                .to_owned(),
        ),
        (entry, format!("<165>1 {front} evntslog - ID47 {sd} \u{feff}An application event log entry...")),
        (alone, format!("<165>1 {front} evntslog - ID47 {sd}[examplePriority@32473 class=\"high\"]")),
    ] {
        let wire = syslog_of(&message, Framing::None);
        assert_eq!(String::from_utf8(wire.clone()).unwrap(), expected);
        assert!(parsers::syslog(&wire).is_some());
        let framed = syslog_of(&message, Framing::OctetCounting);
        assert_eq!(framed, format!("{} {expected}", expected.len()).into_bytes());
    }
}

#[test]
fn times_that_rfc_5424_forbids_are_refused() {
    for time in [
        "2003-08-24T05:14:15.000000003-07:00",
        "2003-08-24t05:14:15Z",
        "2003-08-24 05:14:15Z",
        "2003-08-24T05:14:15",
        "2003-08-24T05:14:15.Z",
        "2003-13-24T05:14:15Z",
        "2003-08-24T05:14:15+0700",
        "",
    ] {
        let refused = syslog::encode(&mut Vec::new(), &Message { time: Time::Text(time), ..message() }, Framing::None);
        assert!(refused.is_err(), "{time}");
    }
    for (facility, severity) in [(24, 0), (0, 8)] {
        assert!(syslog::encode(&mut Vec::new(), &Message { facility, severity, ..message() }, Framing::None).is_err());
    }
}

#[test]
fn header_fields_are_printable_and_as_long_as_they_may_be() {
    let long = "h".repeat(300);
    let hostile = Message { hostname: &long, app_name: "a b\n\u{202e}c", procid: &long, msgid: &long, ..message() };
    let read = parsers::syslog(&syslog_of(&hostile, Framing::None)).unwrap();
    let lengths: Vec<usize> = read.header.iter().map(String::len).collect();
    assert_eq!(lengths[1..], [255, 6, 128, 32]);
    assert_eq!(read.header[2], "a?b??c");
}

#[test]
fn a_framing_by_lines_has_one_line_for_each_message() {
    let data: &[syslog::Element<'_>] = &[("a@32473", &[("b", "c\nd\0")])];
    let hostile = Message { text: Some(b"one\ntwo\r\0"), bom: false, data, ..message() };
    let wire = syslog_of(&hostile, Framing::NonTransparent);
    assert_eq!(wire.iter().filter(|byte| matches!(byte, b'\n' | b'\r' | 0)).count(), 1);
    let read = parsers::syslog(wire.strip_suffix(b"\n").unwrap()).unwrap();
    assert_eq!(read.text.unwrap(), b"one\\ntwo\\r\\0");
    assert_eq!(read.data[0].1[0].1, "c\\nd\\0");
}

#[test]
fn times_of_splunk_have_milliseconds_and_no_rounding() {
    for (micros, expected) in [
        (1_717_160_000_000_000, "1717160000"),
        (1_717_160_000_001_999, "1717160000.001"),
        (1_717_160_000_120_000, "1717160000.120"),
        (0, "0"),
    ] {
        let envelope = hec::Envelope {
            time: Timestamp::from_micros(micros),
            host: "h",
            source: "s",
            sourcetype: "t",
            index: Some("main"),
            fields: &[("event_id", "evt_1")],
        };
        let mut out = Vec::new();
        hec::encode(&mut out, &envelope, |out| out.extend_from_slice(b"{}")).unwrap();
        let rest =
            r#","host":"h","source":"s","sourcetype":"t","index":"main","event":{},"fields":{"event_id":"evt_1"}}"#;
        assert_eq!(String::from_utf8(out).unwrap(), format!("{{\"time\":{expected}{rest}"));
        for blank in ["", "null", "\"\"", "\" \\t\"", " "] {
            let mut out = b"before".to_vec();
            assert!(
                hec::encode(&mut out, &envelope, |out| out.extend_from_slice(blank.as_bytes())).is_err(),
                "{blank}"
            );
            assert_eq!(out, b"before", "nothing is left behind");
        }
        let early = hec::Envelope { time: Timestamp::from_micros(-1), ..envelope };
        assert!(hec::encode(&mut Vec::new(), &early, |out| out.extend_from_slice(b"{}")).is_err());
    }
}

#[test]
fn documents_that_are_no_line_are_refused() {
    let of = |document: &str, at: Option<Timestamp>| {
        let mut out = Vec::new();
        bulk::create(&mut out, "evt_1", at, |out| out.extend_from_slice(document.as_bytes()))
            .map(|()| String::from_utf8(out).unwrap())
    };
    let action = "{\"create\":{\"_id\":\"evt_1\"}}\n";
    let at = Some(Timestamp::default());
    assert_eq!(of(r#"{"a":1}"#, None).unwrap(), format!("{action}{{\"a\":1}}\n"));
    assert_eq!(
        of(r#"{"a":1}"#, at).unwrap(),
        format!("{action}{{\"@timestamp\":\"1970-01-01T00:00:00.000Z\",\"a\":1}}\n")
    );
    assert_eq!(of("{}", at).unwrap(), format!("{action}{{\"@timestamp\":\"1970-01-01T00:00:00.000Z\"}}\n"));
    for document in ["", "[]", "{\n}", "1", "{}\r"] {
        assert!(of(document, None).is_err(), "{document:?}");
    }
    for id in ["", &"i".repeat(513)] {
        assert!(bulk::create(&mut Vec::new(), id, None, |out| out.extend_from_slice(b"{}")).is_err());
    }
}

#[test]
fn the_authorization_of_azure_is_that_of_its_documented_string() {
    // HMAC-SHA-256 by OpenSSL under the key `key` over the string of Microsoft's example.
    let signed = sharedkey::authorization("ws", "a2V5", "Mon, 04 Apr 2016 08:00:00 GMT", 1_024).unwrap();
    assert_eq!(signed, "SharedKey ws:cJX9BuXukuOPWr7c3teEFuB6BX9N0Q8/VanqM45ajB0=");
    for (workspace, key, date) in
        [("a:b", "a2V5", "x"), ("a\nb", "a2V5", "x"), ("ws", "?", "x"), ("ws", "a2V5", "x\r\ny")]
    {
        assert!(sharedkey::authorization(workspace, key, date, 1).is_err(), "{workspace:?} {date:?}");
    }
    for (at, expected) in [
        ("2016-04-04T08:00:00Z", "Mon, 04 Apr 2016 08:00:00 GMT"),
        ("1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("2024-02-29T23:59:59.999Z", "Thu, 29 Feb 2024 23:59:59 GMT"),
    ] {
        assert_eq!(sharedkey::http_date(at.parse().unwrap()), expected);
    }
}

#[test]
fn the_example_of_opentelemetry_is_written_in_both_encodings() {
    let values = ["many".to_owned(), "values".to_owned()];
    let record = LogRecord {
        time_unix_nano: 1_544_712_660_300_000_000,
        observed_time_unix_nano: 1_544_712_660_300_000_000,
        severity_number: 10,
        severity_text: "Information",
        event_name: "",
        body: Some(Any::Text("Example log record")),
        attributes: &[
            ("string.attribute", Any::Text("some string")),
            ("boolean.attribute", Any::Bool(true)),
            ("int.attribute", Any::Int(10)),
            ("double.attribute", Any::Double(637.704)),
            ("array.attribute", Any::Texts(&values)),
            ("no.number", Any::Double(f64::NAN)),
        ],
        trace_id: Some(0x5b8e_fff7_9803_8103_d269_b633_813f_c60c_u128.to_be_bytes()),
        span_id: Some(0xeee1_9b7e_c3c1_b174_u64.to_be_bytes()),
    };
    let origin = Origin {
        resource: &[("service.name", Any::Text("my.service"))],
        scope_name: "my.library",
        scope_version: "1.0.0",
        schema_url: "",
    };
    let (mut body, mut out) = (Vec::new(), Vec::new());
    record_json(&mut body, &record);
    JsonRequest::new(&origin).wrap(&body, &mut out);
    let expected = include_str!("../../testdata/otlp/logs.json");
    let written: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(written, serde_json::from_str::<serde_json::Value>(expected).unwrap());

    let (mut body, mut out) = (Vec::new(), Vec::new());
    record_protobuf(&mut body, &record);
    ProtobufRequest::new(&origin).wrap(&body, &mut out);
    let expected = include_str!("../../testdata/otlp/logs.pb.base64").trim();
    assert_eq!(base64::engine::general_purpose::STANDARD.encode(out), expected);
}

#[test]
fn rows_have_columns_that_log_analytics_takes() {
    let event = super::full();
    let subject = Subject::new(&event);
    let row = |format: Format, layout: ingest::Layout| {
        let mut out = Vec::new();
        ingest::row(&mut out, &subject, layout, &Renderer::new(format, super::maker()));
        serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&out).unwrap()
    };
    let table = row(Format::Canonical, ingest::Layout::AiSecurity);
    assert_eq!(table["user_id_s"], "ana@example.com");
    assert_eq!(table["category_s"], "guardrail_block");
    assert_eq!(table["tokens_in_d"], 450);
    assert!(
        table.iter().all(
            |(name, value)| *name == "TimeGenerated" || name.ends_with(if value.is_number() { "_d" } else { "_s" })
        )
    );
    for row in
        [table, row(Format::Canonical, ingest::Layout::Rendering), row(Format::AiSecurity, ingest::Layout::Rendering)]
    {
        assert_eq!(row["TimeGenerated"], "2026-06-01T10:13:20.000Z");
        for name in row.keys() {
            let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            assert!(plain && name.starts_with(|first: char| first.is_ascii_alphabetic()), "{name}");
            assert!(name.len() <= ingest::COLUMN_BYTES_MAX && !ingest::RESERVED.contains(&name.as_str()), "{name}");
        }
    }
    let line = row(Format::Cef(Profile::Strict), ingest::Layout::Rendering);
    assert!(line["RawData"].as_str().is_some_and(|line| line.starts_with("CEF:0|")) && line.len() == 2);
}

#[test]
fn records_of_kafka_are_ordered_by_workspace_and_known_by_their_headers() {
    let event = super::event();
    let subject = Subject::with_id(&event, "evt_abc");
    let record = kafka::Record::new(&subject, "canonical", b"{}");
    assert_eq!(record.key, b"ws_123");
    let headers: [(&str, &[u8]); 4] = [
        ("event_id", b"evt_abc"),
        ("event_type", b"decision.rejected"),
        ("schema", b"canonical"),
        ("workspace_id", b"ws_123"),
    ];
    assert_eq!(record.headers, headers);
    assert!(
        record.size()
            > record.value.len() + headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
    );
}
