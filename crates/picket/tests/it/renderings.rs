//! `render` and `debug encode`, run as a person runs them.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

const EVENT: &str = r#"{"event_id":"evt_abc","event_type":"request","timestamp":"2026-06-01T10:13:20.000Z","workspace_id":"ws_123",
"severity":"high","decision":"blocked","policies_triggered":["pii-detector"],"type":"pii","risk_band":"high"}"#;

fn picket(args: &[&str], input: &[u8]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_picket"));
    let program = program.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = program.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // What refuses its input early closes it, and that is no failure of the test.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn printed(args: &[&str], input: &str) -> String {
    let output = picket(args, input.as_bytes());
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn render_writes_the_lines_that_other_products_print_to_the_byte() {
    let maker =
        ["--vendor", "Kirtonic", "--product", "AIFirewall", "--product-version", "1.0", "--profile", "as-printed"];
    let line = EVENT.replace('\n', "");
    let leef = printed(&[&["render", "--as", "leef"], maker.as_slice()].concat(), &line);
    assert_eq!(leef, include_str!("../../../picket-render/testdata/printed/decision.leef"));
    let earlier = line.replace("2026-06-01T10:13:20.000Z", "2024-05-31T12:53:20Z");
    let cef = printed(&[&["render", "--as", "cef"], maker.as_slice()].concat(), &earlier);
    assert_eq!(cef, include_str!("../../../picket-render/testdata/printed/decision.cef"));
}

#[test]
fn render_reads_lines_and_arrays_and_writes_a_line_for_each_event() {
    let array = format!("[{EVENT},\n{EVENT}]");
    for format in ["canonical", "ai_security", "mapped", "ecs", "ocsf", "ocsf-1.1", "otel", "cef", "leef"] {
        let line = EVENT.replace('\n', "");
        let lines = printed(&["render", "--as", format], &format!("{line}\n\n{line}\n"));
        assert_eq!(lines.lines().count(), 2, "{format}");
        assert_eq!(printed(&["render", "--as", format, "-"], &array), lines, "{format}");
    }
}

#[test]
fn decisions_may_be_any_word_for_them() {
    let line = EVENT.replace('\n', "");
    let expected = printed(&["render", "--as", "cef"], &line);
    for word in [r#""decision":"block""#, r#""decision":"deny""#, r#""action":"blocked""#] {
        assert_eq!(
            printed(&["render", "--as", "cef"], &line.replace(r#""decision":"blocked""#, word)),
            expected,
            "{word}"
        );
    }
}

#[test]
fn what_cannot_be_rendered_is_told_with_its_place() {
    for (args, input, expected) in [
        (&["render", "--as", "xml"][..], "", "`xml` is none of canonical"),
        (&["render", "--as", "ecs", "--profile", "as-printed"], "", "--profile is for cef and leef"),
        (&["render", "--as", "canonical", "--extra", "modell"], "", "no field `modell`; did you mean `model`?"),
        (&["render", "--as", "cef"], "{}", "line 1: no event: missing field"),
        (&["render", "--as", "cef"], "\nnothing", "line 2: not JSON"),
    ] {
        let output = picket(args, input.as_bytes());
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_table_of_names_is_applied_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("table.yaml");
    std::fs::write(&table, "fields: { event_id: acme.id, user: user.name }\nconstants: { observer.type: gateway }\n")
        .unwrap();
    let table = table.to_str().unwrap();
    let line = EVENT.replace('\n', "");
    let rendered = printed(&["render", "--as", "mapped", "--mapping", table], &line);
    assert_eq!(rendered, "{\"acme.id\":\"evt_abc\",\"observer.type\":\"gateway\"}\n");
    let preview = printed(&["render", "--as", "mapped", "--mapping", table, "--preview"], &line);
    let expected =
        "event_id\tacme.id\t\"evt_abc\"\nuser\tuser.name\t(absent)\n(constant)\tobserver.type\t\"gateway\"\n\n";
    assert_eq!(preview, expected);
}

#[test]
fn encode_answers_every_line_and_says_when_some_were_refused() {
    let lines = "{\"workspace_id\":\"w\",\"event_id\":\"e\",\"body\":\"b\"}\n\n{\"workspace_id\":1}\n\
        {\"workspace_id\":\"w\",\"event_id\":\"e\",\"body\":\"b\"}\n";
    let output = picket(&["debug", "encode", "--format", "digest"], lines.as_bytes());
    let answers = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<serde_json::Value> = answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((answers.len(), output.status.code()), (3, Some(8)));
    assert_eq!(answers[0], answers[2]);
    assert!(answers[0]["wire"].as_str().is_some_and(|digest| digest.len() == 64));
    assert!(answers[1]["error"].as_str().unwrap().starts_with("line 3: "), "{}", answers[1]);
}

#[test]
fn values_of_five_megabytes_come_through_whole() {
    let value = "a|b=c\\\n".repeat(700_000);
    let line = serde_json::json!({
        "header": {"deviceVendor": "v", "deviceProduct": "p", "deviceVersion": "1", "deviceEventClassId": "c", "name": "n", "severity": 1},
        "extension": [["msg", value], ["end", "x"]],
    });
    let answer = printed(&["debug", "encode", "--format", "cef"], &line.to_string());
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let wire = answer["wire"].as_str().unwrap();
    let read = wire.split_once("msg=").unwrap().1.strip_suffix(" end=x").unwrap();
    assert_eq!(read, "a|b\\=c\\\\\\n".repeat(700_000));
}
