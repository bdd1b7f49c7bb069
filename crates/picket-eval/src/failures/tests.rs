use super::*;
use crate::rows::Entity;
use serde_json::Value;

fn row(label: &str, text: &str) -> Row {
    let (label, text) = (label.to_owned(), text.to_owned());
    Row { text, label, source: "s".to_owned(), lang: "en".to_owned(), entities: None }
}

fn failures(check: &str, judged: &[(&str, f64, bool)]) -> Vec<Value> {
    let rows: Vec<Row> = judged.iter().map(|(label, ..)| row(label, "the text")).collect();
    let list = judged.iter().map(|(_, score, flagged)| {
        let entities = vec![Entity { kind: "IBAN".to_owned(), span: 0..3 }];
        Some(Verdict { score: *score, flagged: *flagged, entities, ..Verdict::default() })
    });
    let verdicts = Verdicts { by: "picket".to_owned(), check: check.to_owned(), list: list.collect() };
    lines(&rows, &verdicts).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn wrong_verdicts_come_worst_first_and_right_ones_not_at_all() {
    let lines = failures(
        "prompt-injection",
        &[
            ("injection", 0.4, false),
            ("injection", 0.9, true),
            ("benign", 0.7, true),
            ("benign", 0.1, false),
            ("injection", 0.1, false),
            ("benign", 0.8, true),
            ("exfil", 0.9, true),
        ],
    );
    let rows: Vec<u64> = lines.iter().map(|line| line["row"].as_u64().unwrap()).collect();
    assert_eq!(rows, [4, 0, 5, 2]);
    assert_eq!((&lines[0]["error"], &lines[2]["error"]), (&"missed".into(), &"made up".into()));
    assert_eq!(lines[0]["head"], "the text");
}

#[test]
fn what_may_hold_personal_data_or_secrets_is_not_shown() {
    for check in ["pii", "secret"] {
        let lines = failures(check, &[("benign", 0.8, true)]);
        assert_eq!(lines[0]["head"], "");
        assert_eq!(lines[0]["kinds"], serde_json::json!(["IBAN"]));
    }
}
