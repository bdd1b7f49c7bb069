//! Values that try to end the field that they stand in.

use super::{full, maker, parsers, rendered};
use crate::wire::syslog::{Framing, Message, Time};
use crate::wire::{bulk, cef, hec, leef, syslog};
use crate::{Format, OcsfVersion, Profile, Renderer, Subject};
use picket_event::Event;
use picket_stdx::Timestamp;
use proptest::prelude::*;

/// Text of what formats use, and of what readers stumble over.
fn text() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "|",
        "=",
        "\\",
        "\n",
        "\r",
        "\r\n",
        "\t",
        " ",
        "  ",
        "\"",
        "]",
        "[",
        "\0",
        "^",
        ",",
        "{",
        "}",
        ":",
        "/",
        " cs1=",
        "src=1.1.1.1",
        "key=value",
        "\\n",
        "\\=",
        "\\|",
        "CEF:0|a|b|",
        "LEEF:2.0|",
        "x09",
        "\u{202e}",
        "\u{2028}",
        "\u{85}",
        "\u{0b}",
        "\u{feff}",
        "\u{fffd}",
        "ü",
        "😀",
        "a",
        "Z",
        "0",
        "\u{7f}",
        "\u{1b}[31m",
        "\n{\"delete\":{}}\n",
    ]);
    prop_oneof![
        4 => prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat()),
        1 => any::<String>(),
    ]
}

fn key() -> impl Strategy<Value = String> {
    "[A-Za-z][A-Za-z0-9_]{0,12}"
}

/// What CEF has in place of a value.
fn cef_value(value: &str) -> String {
    value.trim_end_matches(' ').replace("\r\n", "\n")
}

fn cef_header(value: &str) -> String {
    value.replace("\r\n", " ").replace(['\r', '\n'], " ")
}

fn leef_value(value: &str, delimiter: char) -> String {
    value.replace(['\r', '\n', '\t', delimiter], " ")
}

fn owned(pairs: &[(String, String)], value: impl Fn(&str) -> String) -> Vec<(String, String)> {
    pairs.iter().map(|(key, text)| (key.clone(), value(text))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn lines_of_cef_are_read_back(header in prop::array::uniform6(text()), pairs in prop::collection::vec((key(), text()), 0..8)) {
        let [vendor, product, version, class_id, name, severity] = &header;
        let mut out = Vec::new();
        let mut line = cef::Line::begin(&mut out, &cef::Header { vendor, product, version, class_id, name, severity });
        for (key, value) in &pairs {
            line.pair(key, value).unwrap();
        }
        let line = String::from_utf8(out).unwrap();
        let (read_header, read_pairs) = parsers::cef(&line).ok_or_else(|| TestCaseError::fail(line.clone()))?;
        prop_assert_eq!(read_header, header.iter().map(|text| cef_header(text)).collect::<Vec<_>>());
        prop_assert_eq!(read_pairs, owned(&pairs, cef_value), "{}", line);
    }

    #[test]
    fn lines_of_leef_are_read_back(
        header in prop::array::uniform4(text()),
        mut pairs in prop::collection::vec((key(), text()), 0..8),
        declared in prop::sample::select(vec![("^", '^'), ("x09", '\t'), ("0x5E", '^'), ("|", '|'), ("x7C", '|'), ("~", '~'), ("x01", '\x01')]),
    ) {
        let (declared, delimiter) = declared;
        let [vendor, product, version, event_id] = &header;
        let mut out = Vec::new();
        let parsed = leef::Delimiter::parse(declared).unwrap();
        let mut line = leef::Line::begin(&mut out, &leef::Header { vendor, product, version, event_id }, parsed);
        for (key, value) in &pairs {
            line.attribute(key, value).unwrap();
        }
        let line = String::from_utf8(out).unwrap();
        let (read_header, read_pairs) = parsers::leef(&line).ok_or_else(|| TestCaseError::fail(line.clone()))?;
        let mut expected: Vec<String> =
            header.iter().map(|text| text.replace('|', "/").replace(['\r', '\n', '\t'], " ")).collect();
        expected.push(delimiter.to_string());
        prop_assert_eq!(read_header, expected);
        let mut known = std::collections::HashSet::new();
        pairs.retain(|(key, _)| known.insert(key.clone()));
        prop_assert_eq!(read_pairs, owned(&pairs, |value| leef_value(value, delimiter)), "{}", line);
    }

    #[test]
    fn frames_of_syslog_are_read_back(
        host in text(), app in text(), id in "[a-z]{1,8}@32473", pairs in prop::collection::vec((key(), text()), 0..6),
        body in prop::option::of(any::<Vec<u8>>()), bom: bool, facility in 0_u8..24, severity in 0_u8..8,
    ) {
        let parameters: Vec<(&str, &str)> = pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let data: &[syslog::Element<'_>] = &[(&id, &parameters)];
        let message = Message {
            facility, severity, time: Time::At(Timestamp::default()), hostname: &host, app_name: &app, procid: "1", msgid: "", data,
            bom, text: body.as_deref(),
        };
        let mut stream = Vec::new();
        syslog::encode(&mut stream, &message, Framing::OctetCounting).unwrap();
        syslog::encode(&mut stream, &message, Framing::OctetCounting).unwrap();
        let read = parsers::octet_counted(&stream).ok_or_else(|| TestCaseError::fail(String::from_utf8_lossy(&stream).into_owned()))?;
        prop_assert_eq!(read.len(), 2);
        prop_assert_eq!(&read[0], &read[1]);
        prop_assert_eq!(read[0].priority, facility * 8 + severity);
        prop_assert_eq!(&read[0].data, &[(id.clone(), pairs.clone())]);
        let mark: &[u8] = if bom { b"\xef\xbb\xbf" } else { b"" };
        prop_assert_eq!(&read[0].text, &body.as_ref().map(|body| [mark, body.as_slice()].concat()));

        let mut lines = Vec::new();
        syslog::encode(&mut lines, &message, Framing::NonTransparent).unwrap();
        prop_assert_eq!(memchr::memchr_iter(b'\n', &lines).count(), 1);
        prop_assert!(parsers::syslog(lines.strip_suffix(b"\n").unwrap()).is_some());
    }

    #[test]
    fn envelopes_and_lines_of_json_are_read_back(id in text(), host in text(), value in text()) {
        let event = hostile(&value);
        let subject = Subject::with_id(&event, &id);
        let document = |out: &mut Vec<u8>| Renderer::new(Format::Canonical, maker()).render(&subject, out);
        let envelope = hec::Envelope {
            time: event.timestamp, host: &host, source: &value, sourcetype: &value, index: Some(&value), fields: &[("a", &value)],
        };
        let mut out = Vec::new();
        hec::encode(&mut out, &envelope, document).unwrap();
        hec::encode(&mut out, &envelope, document).unwrap();
        let mut read = serde_json::Deserializer::from_slice(&out).into_iter::<serde_json::Value>();
        for _ in 0..2 {
            let read = read.next().unwrap().unwrap();
            let keys: Vec<&String> = read.as_object().unwrap().keys().collect();
            prop_assert_eq!(keys, ["event", "fields", "host", "index", "source", "sourcetype", "time"]);
            prop_assert_eq!(&read["host"], &host);
            prop_assert_eq!(&read["fields"]["a"], &value);
            prop_assert_eq!(&read["event"]["event_id"], &id);
        }
        prop_assert!(read.next().is_none());

        if (1..=512).contains(&id.len()) {
            let mut out = Vec::new();
            bulk::create(&mut out, &id, Some(event.timestamp), document).unwrap();
            let lines: Vec<&[u8]> = out.split(|byte| *byte == b'\n').collect();
            prop_assert_eq!((lines.len(), lines[2].len()), (3, 0));
            let action: serde_json::Value = serde_json::from_slice(lines[0]).unwrap();
            prop_assert_eq!(action, serde_json::json!({"create": {"_id": id}}));
            let document: serde_json::Value = serde_json::from_slice(lines[1]).unwrap();
            prop_assert_eq!(&document["category"], &value);
        }
    }

    #[test]
    fn every_rendering_of_a_hostile_event_has_the_fields_of_a_harmless_one(value in text(), id in text()) {
        let (event, harmless) = (hostile(&value), hostile("harmless"));
        let (event, harmless) = (Subject::with_id(&event, &id), Subject::with_id(&harmless, "evt_1"));
        for format in [
            Format::Canonical, Format::AiSecurity, Format::Mapped, Format::Ecs, Format::Ocsf(OcsfVersion::V1_1),
            Format::Ocsf(OcsfVersion::V1_8), Format::Otel,
        ] {
            let read = rendered(format, &event);
            prop_assert!(!read.contains(['\n', '\r']), "one line: {}", read);
            let (read, expected) = (super::parse(&read), super::parse(&rendered(format, &harmless)));
            let (read, expected) = (shape(&read), shape(&expected));
            prop_assert!(read.iter().all(|path| expected.contains(path)), "{:?}: {:?} {:?}", format, read, expected);
        }
        for profile in [Profile::Strict, Profile::AsPrinted] {
            let keys = |pairs: Vec<(String, String)>| pairs.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
            let (read, expected) = (rendered(Format::Cef(profile), &event), rendered(Format::Cef(profile), &harmless));
            let read = keys(parsers::cef(&read).ok_or_else(|| TestCaseError::fail(read.clone()))?.1);
            let expected = keys(parsers::cef(&expected).unwrap().1);
            let all = [expected, vec!["flexString2Label".to_owned(), "flexString2".to_owned()]].concat();
            prop_assert!(read.iter().all(|key| all.contains(key)), "{:?}", read);
        }
        let keys = |pairs: Vec<(String, String)>| pairs.into_iter().map(|(key, _)| key).collect::<Vec<_>>();
        let strict = |subject: &Subject<'_>| parsers::leef(&rendered(Format::Leef(Profile::Strict), subject)).map(|read| keys(read.1));
        let expected = strict(&harmless).unwrap();
        prop_assert!(strict(&event).unwrap().iter().all(|key| expected.contains(key)));
    }
}

/// An event with one value wherever somebody else chooses it.
fn hostile(value: &str) -> Event {
    let text = || Some(value.to_owned());
    Event {
        workspace_id: value.to_owned(),
        policies_triggered: vec![value.to_owned(), value.to_owned()],
        finding_type: text(),
        reason: text(),
        user: text(),
        user_id: text(),
        team: text(),
        application: text(),
        agent_id: text(),
        session_id: text(),
        key_id: text(),
        user_agent: text(),
        gateway_id: text(),
        endpoint: text(),
        provider: text(),
        model: text(),
        region: text(),
        policy_digest: text(),
        policy_violated: text(),
        judge_model: text(),
        judge_verdict: text(),
        tool: text(),
        tools: vec![value.to_owned()],
        mcp_server: text(),
        request_id: text(),
        provider_request_id: text(),
        client_request_id: text(),
        incident_id: text(),
        rule_id: text(),
        actor: text(),
        target: text(),
        ..full()
    }
}

/// The paths of all members, without numbers of places.
fn shape(value: &serde_json::Value) -> std::collections::BTreeSet<String> {
    fn walk(value: &serde_json::Value, path: &str, paths: &mut std::collections::BTreeSet<String>) {
        match value {
            serde_json::Value::Object(members) => {
                for (key, value) in members {
                    walk(value, &format!("{path}/{key}"), paths);
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| walk(item, path, paths)),
            _ => drop(paths.insert(path.to_owned())),
        }
    }
    let mut paths = std::collections::BTreeSet::new();
    walk(value, "", &mut paths);
    paths
}

#[test]
fn members_of_five_megabytes_are_cut_where_a_format_has_lengths_and_whole_where_it_has_none() {
    let long = "ü|=\n".repeat(1_000_000);
    let event = hostile(&long);
    let subject = Subject::new(&event);
    for (format, bytes_max) in [(Format::Cef(Profile::Strict), 64_000), (Format::Leef(Profile::Strict), 4_000)] {
        let line = rendered(format, &subject);
        assert!(line.len() < bytes_max, "{format:?}: {} bytes", line.len());
    }
    let (_, pairs) = parsers::cef(&rendered(Format::Cef(Profile::Strict), &subject)).unwrap();
    let value = |key: &str| &pairs.iter().find(|(name, _)| name == key).unwrap().1;
    assert!(value("flexString2").starts_with("cat,reason") || value("flexString2").starts_with("reason,suser"));
    assert!(value("suser").len() <= 1_023 && long.starts_with(value("suser").trim_end()));
    let canonical = super::parse(&rendered(Format::Canonical, &subject));
    assert_eq!(canonical["category"], long);
}
