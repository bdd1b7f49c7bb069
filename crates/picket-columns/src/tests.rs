use super::*;
use bytes::Bytes;
use expect_test::expect_file;
use parquet::basic::Compression;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::record::Field;
use picket_event::{
    Action, Category, Decision, EscalationId, Event, EventId, EventType, GuardrailResult, Identity, LogPlace, Outcome,
    Phase, PolicyResult, RiskBand, Scanned, Severity,
};
use picket_stdx::Timestamp;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// An event that has every member.
#[expect(clippy::too_many_lines, reason = "one line for each member")]
fn full() -> Value {
    let text = |text: &str| Some(text.to_owned());
    let event = Event {
        event_id: EventId::from_bits(1),
        event_type: EventType::REQUEST,
        timestamp: Timestamp::from_millis(1_780_308_800_125),
        recorded_at: Some(Timestamp::from_millis(1_780_308_900_250)),
        workspace_id: "ws_1".to_owned(),
        severity: Severity::Critical,
        decision: Decision::Blocked,
        policies_triggered: vec!["injection".to_owned(), "pii".to_owned()],
        finding_type: text("pii"),
        category: Some(Category::PromptAttack),
        held: Some(true),
        outcome: Some(Outcome::Refused),
        status_code: Some(418),
        reason: text("reason \"quoted\"\n"),
        risk_score: Some(0.613),
        risk_band: Some(RiskBand::Medium),
        risk_tier: Some(3),
        user: text("ana@example.com"),
        user_id: text("unm_1"),
        team: text("engineering"),
        application: text("ide"),
        feature: text("completion"),
        agent_id: text("agent"),
        session_id: text("session"),
        key_id: text("key_1"),
        src_ip: text("2001:db8::1"),
        user_agent: text("curl/8"),
        identity: Some(Identity::Jwt),
        gateway_id: text("gw"),
        config_version: text("7"),
        endpoint: text("/v1/chat/completions"),
        provider: text("openai"),
        model: text("gpt-5"),
        stream: Some(false),
        region: text("eu"),
        policy_version: Some(12),
        policy_digest: text("ab"),
        policy_results: vec![PolicyResult {
            policy: "pii".to_owned(),
            phase: Phase::Input,
            verdict: Action::Block,
            score: Some(0.5),
            finding_type: text("pii"),
            spans: Vec::new(),
            us: Some(3),
            monitored: None,
            exception: None,
        }],
        exceptions: vec!["exc_1".to_owned()],
        policy_violated: text("pii"),
        guardrail_result: Some(GuardrailResult::Block),
        scanned: Some(Scanned::Partial),
        unscanned: vec!["image:/messages/0".to_owned()],
        repeat: Some(true),
        prompt_simhash: text("00f3a1c2d4e5b697"),
        judge_model: text("judge"),
        judge_score: Some(0.25),
        judge_verdict: text("unsafe"),
        judge_id: text("jdg_1"),
        tool: text("search"),
        tools: vec!["search".to_owned()],
        mcp_server: text("mcp"),
        tokens_in: Some(11),
        tokens_out: Some(12),
        cost: Some(0.000_125),
        latency_ms: Some(900),
        ttft_ms: Some(100),
        overhead_us: Some(250),
        request_bytes: Some(2_000),
        response_bytes: Some(3_000),
        request_id: text("req_1"),
        trace_id: text("trace"),
        span_id: text("span"),
        provider_request_id: text("theirs"),
        client_request_id: text("mine"),
        parent_event_id: Some(EventId::from_bits(2)),
        escalation_id: Some(EscalationId::from_bits(3)),
        incident_id: text("inc_1"),
        rule_id: text("rule"),
        bodies: vec!["request".to_owned(), "response".to_owned()],
        log: Some(LogPlace { id: "log_1".to_owned(), received: Some(4), completed: 5 }),
        actor: text("usr_1"),
        target: text("export:exp_1"),
        count: Some(6),
        metrics: [("cpu".to_owned(), 0.5)].into(),
        source: text("okta"),
        attributes: [("country".to_owned(), picket_event::Attribute::Text("DE".to_owned()))].into(),
    };
    serde_json::to_value(event).unwrap()
}

fn bare(number: u64) -> Value {
    let at = Timestamp::from_millis(1_780_308_800_000 + i64::try_from(number).unwrap());
    serde_json::to_value(Event::new(EventType::REQUEST, "ws_1", at)).unwrap()
}

fn with_bodies() -> Value {
    let mut event = full();
    event["body_contents"] = json!({"request": "{\"a\":1}", "response": {"base64": "/w=="}, "evidence": null});
    event["bodies_truncated"] = json!(["response"]);
    event
}

/// A whole file of events, in row groups of so many.
fn file(events: &[Value], has_contents: bool, of: usize) -> Vec<u8> {
    let mut writer = Writer::new(has_contents).unwrap();
    let mut file = Writer::HEAD.to_vec();
    for group in events.chunks(of) {
        group.iter().for_each(|event| writer.push(event, 600).unwrap());
        file.append(&mut writer.group().unwrap());
    }
    file.append(&mut writer.end().unwrap());
    file
}

fn open(file: &[u8]) -> SerializedFileReader<Bytes> {
    SerializedFileReader::new(Bytes::copy_from_slice(file)).unwrap()
}

/// The events of a file as its reader sees them: without what is null.
fn rows(file: &[u8]) -> Vec<Map<String, Value>> {
    let file = open(file);
    let rows = file.get_row_iter(None).unwrap().map(|row| {
        let row = row.unwrap();
        row.get_column_iter().filter_map(|(name, field)| Some((name.clone(), value(field)?))).collect()
    });
    rows.collect()
}

fn value(field: &Field) -> Option<Value> {
    Some(match field {
        Field::Null => return None,
        Field::Str(text) => json!(text),
        Field::Bytes(bytes) => json!(std::str::from_utf8(bytes.data()).unwrap()),
        Field::Long(number) => json!(number),
        Field::Double(number) => json!(number),
        Field::Bool(flag) => json!(flag),
        Field::TimestampMillis(at) => json!(Timestamp::from_millis(*at)),
        Field::ListInternal(list) => list.elements().iter().filter_map(value).collect(),
        other => unreachable!("{other:?}"),
    })
}

/// What a row is expected to be: members as columns say.
fn expected(event: &Value, columns: &[&[Column]]) -> Map<String, Value> {
    let columns = columns.iter().copied().flatten();
    let cells = columns.filter_map(|column| {
        let value = column.member.iter().try_fold(event, |value, name| value.get(name))?;
        let cell = match (column.kind, value) {
            (_, Value::Null) => return None,
            (Kind::Json, value) => json!(value.to_string()),
            (Kind::Text, value) if !value.is_string() => json!(value.to_string()),
            (_, value) => value.clone(),
        };
        Some((column.name.to_owned(), cell))
    });
    cells.collect()
}

#[test]
fn every_member_of_an_event_has_its_column_and_comes_back_with_its_type() {
    let event = full();
    for member in event.as_object().unwrap().keys() {
        assert!(COLUMNS.iter().any(|column| column.member[0] == member), "`{member}` has no column");
    }
    let events = [event, bare(1), bare(2)];
    let all = rows(&file(&events, false, 2));
    assert_eq!(all, events.iter().map(|event| expected(event, &[COLUMNS])).collect::<Vec<_>>());
    assert_eq!(all[0].len(), COLUMNS.len(), "the full event has a value in each");
    assert_eq!(all[0]["timestamp"], "2026-06-01T10:13:20.125Z");
    assert_eq!(all[0]["policies_triggered"], json!(["injection", "pii"]));
    assert_eq!(all[1]["policies_triggered"], json!([]), "an empty list is not an absent one");
    assert!(!all[1].contains_key("tools"));
}

#[test]
fn prompts_and_answers_have_columns_where_they_were_asked_for() {
    let events = [with_bodies(), bare(1)];
    let all = rows(&file(&events, true, 10));
    assert_eq!(all, events.iter().map(|event| expected(event, &[COLUMNS, CONTENTS])).collect::<Vec<_>>());
    assert_eq!(all[0]["body_request"], "{\"a\":1}");
    assert_eq!(all[0]["body_response"], "{\"base64\":\"/w==\"}");
    assert!(!all[0].contains_key("body_evidence"), "what was erased is null");
    assert!(rows(&file(&events, false, 10)).iter().all(|row| !row.contains_key("body_request")));
}

#[test]
fn row_groups_are_bounded_in_rows_and_bytes_and_compressed() {
    let mut writer = Writer::new(false).unwrap();
    let mut number = 0;
    while !writer.is_full() {
        writer.push(&bare(number), 1).unwrap();
        number += 1;
    }
    assert_eq!(number, 16_384);
    let mut whole = [Writer::HEAD.to_vec(), writer.group().unwrap()].concat();
    assert!(!writer.is_full() && writer.rows() == number && writer.group().unwrap().is_empty());
    writer.push(&bare(0), 16 * 1024 * 1024).unwrap();
    assert!(writer.is_full());
    whole.append(&mut writer.group().unwrap());
    whole.append(&mut writer.end().unwrap());
    let file = open(&whole);
    let metadata = file.metadata();
    assert_eq!(metadata.row_groups().iter().map(RowGroupMetaData::num_rows).collect::<Vec<_>>(), [16_384, 1]);
    assert_eq!(metadata.file_metadata().num_rows(), 16_385);
    for (number, group) in metadata.row_groups().iter().enumerate() {
        assert_eq!(group.ordinal(), Some(i32::try_from(number).unwrap()));
        assert!(group.columns().iter().all(|column| matches!(column.compression(), Compression::ZSTD(_))));
    }
    let statistics = metadata.row_group(0).column(0).statistics();
    assert!(statistics.is_some_and(|statistics| statistics.min_bytes_opt().is_some()), "readers may skip row groups");
}

#[test]
fn an_event_that_does_not_fit_is_named_by_its_member() {
    let mut missing = full();
    missing.as_object_mut().unwrap().remove("severity");
    let mut other = full();
    other["tokens_in"] = json!("many");
    for (event, member) in [(missing, "severity"), (other, "tokens_in")] {
        let error = Writer::new(false).unwrap().push(&event, 1).unwrap_err();
        assert!(matches!(&error, ColumnsError::Misfit(name) if *name == member), "{error:?}");
    }
}

#[test]
fn somebody_is_found_in_any_column_and_nobody_who_is_not_there() {
    let written = Bytes::from(file(&[bare(1), full(), bare(2)], false, 1));
    for (wanted, is_there) in
        [("unm_1", true), ("exp_1", true), ("injection", true), ("\"DE\"", true), ("unm_2", false), ("nobody", false)]
    {
        assert_eq!(holds(written.clone(), wanted.as_bytes()).unwrap(), is_there, "{wanted}");
    }
    assert!(holds(Bytes::from_static(b"no such file"), b"x").is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Interrupted after any row group, with an end that is of then or of later, a file is the same to the byte.
    #[test]
    fn a_file_that_is_gone_on_with_is_the_same(
        numbers in proptest::collection::vec((any::<u16>(), any::<bool>()), 1..40),
        of in 1_usize..8,
        cut in any::<prop::sample::Index>(),
        ahead in 0_usize..3,
    ) {
        let events: Vec<Value> =
            numbers.iter().map(|(number, is_full)| if *is_full { with_bodies() } else { bare((*number).into()) }).collect();
        let whole = file(&events, true, of);
        let groups: Vec<&[Value]> = events.chunks(of).collect();
        let cut = cut.index(groups.len() + 1);
        let (mut writer, mut written) = (Writer::new(true).unwrap(), Writer::HEAD.to_vec());
        let mut end = writer.end().unwrap();
        let mut length = written.len();
        for (at, group) in groups.iter().enumerate().take(cut + ahead) {
            group.iter().for_each(|event| writer.push(event, 1).unwrap());
            written.append(&mut writer.group().unwrap());
            end = writer.end().unwrap();
            if at < cut {
                length = written.len();
            }
        }
        written.truncate(length);
        let mut writer = Writer::resume(true, &end, u64::try_from(length).unwrap()).unwrap();
        prop_assert_eq!(writer.rows(), u64::try_from(groups.iter().take(cut).map(|group| group.len()).sum::<usize>()).unwrap());
        for group in &groups[cut.min(groups.len())..] {
            group.iter().for_each(|event| writer.push(event, 1).unwrap());
            written.append(&mut writer.group().unwrap());
        }
        written.append(&mut writer.end().unwrap());
        prop_assert!(written == whole, "the bytes differ");
    }

    #[test]
    fn an_end_of_something_else_is_not_gone_on_with(junk in proptest::collection::vec(any::<u8>(), 0..300), length in any::<u64>()) {
        prop_assert!(Writer::resume(false, &junk, length).is_none());
        let mut writer = Writer::new(false).unwrap();
        writer.push(&full(), 1).unwrap();
        let group = u64::try_from(writer.group().unwrap().len()).unwrap();
        let end = writer.end().unwrap();
        prop_assert!(Writer::resume(true, &end, 4 + group).is_none(), "it has other columns");
        prop_assert_eq!(Writer::resume(false, &end, length).is_some(), length == 4 + group || length == 4);
    }
}

#[test]
fn the_reference_names_every_column() {
    let mut text = "# Columns of Parquet files\n\nWhat `picket export create --format parquet` and destinations of the kind `s3` with `format: parquet` write: a \
column for each member of an event, with the meaning that [events](../concepts/events.md) have. What an event does not have is null. A name keeps its type; \
new columns may come. Files are compressed with Zstandard, have row groups of at most 16,384 events or 16 MiB of events as JSON, and statistics for each.\n\n\
Nested members that tables have no use for (`JSON` below) are texts of JSON.\n\n| column | type | always there | member of the event |\n|---|---|---|---|\n"
        .to_owned();
    let row = |text: &mut String, column: &Column| {
        let there = if column.is_required { "yes" } else { "" };
        writeln!(text, "| `{}` | {} | {there} | `{}` |", column.name, column.kind.name(), column.member.join("."))
            .unwrap();
    };
    COLUMNS.iter().for_each(|column| row(&mut text, column));
    text.push_str("\nWhere prompts and answers were asked for, behind them. What is no text stands as `{\"base64\": …}`; what was erased, or is no longer kept, is null.\n\n\
| column | type | always there | member of the event |\n|---|---|---|---|\n");
    CONTENTS.iter().for_each(|column| row(&mut text, column));
    expect_file!["../../../docs/reference/columns.md"].assert_eq(&text);
}
