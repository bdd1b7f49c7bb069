use super::*;

fn failure(lines: &str) -> String {
    parse("corpus.jsonl", lines.as_bytes()).unwrap_err().to_string()
}

const GOOD: &str = r#"{"text":"a","label":"benign","source":"s","lang":"en"}"#;

#[test]
fn a_bad_line_is_told_with_file_line_and_cause() {
    for (line, cause) in [
        ("{", "is no JSON"),
        (r#"{"label":"benign","source":"s","lang":"en"}"#, "`text` is missing"),
        (r#"{"text":1,"label":"benign","source":"s","lang":"en"}"#, "`text` is not a text"),
        (r#"{"text":"a","label":"good","source":"s","lang":"en"}"#, "`label` is none of injection"),
        (r#"{"text":"a","label":"benign","lang":"en"}"#, "`source` is missing"),
        (r#"{"text":"a","label":"benign","source":"s"}"#, "`lang` is missing"),
        (r#"{"text":"a","label":"pii","source":"s","lang":"en","entities":{}}"#, "`entities` is not a list"),
        (r#"{"text":"a","label":"pii","source":"s","lang":"en","entities":[{"type":"T"}]}"#, "`entities[0]` lacks"),
        (
            r#"{"text":"é","label":"pii","source":"s","lang":"en","entities":[{"type":"T","start":0,"end":2}]}"#,
            "`entities[0]` is not within the 1 characters",
        ),
    ] {
        let told = failure(&format!("{GOOD}\n\n{line}\n{GOOD}\n"));
        assert!(told.starts_with("corpus.jsonl:3: "), "{told}");
        assert!(told.contains(cause), "{told} does not say {cause}");
    }
}

#[test]
fn rows_without_entities_differ_from_rows_with_none() {
    let with = r#"{"text":"ab","label":"pii","source":"s","lang":"de","entities":[{"type":"T","start":1,"end":2}]}"#;
    let none = r#"{"text":"a","label":"pii","source":"s","lang":"en","entities":[]}"#;
    let rows = parse("f", format!("{GOOD}\n{none}\n{with}").as_bytes()).unwrap();
    let spans = vec![Entity { kind: "T".to_owned(), span: 1..2 }];
    assert_eq!(rows.iter().map(|row| row.entities.clone()).collect::<Vec<_>>(), [None, Some(Vec::new()), Some(spans)]);
}

#[test]
fn a_sample_is_the_same_for_a_seed_and_keeps_the_order() {
    let lines: String = (0..500).map(|at| GOOD.replace("\"a\"", &format!("\"{at:03}\"")) + "\n").collect();
    let rows = parse("f", lines.as_bytes()).unwrap();
    let texts = |seed| sample(rows.clone(), Some(50), seed).into_iter().map(|row| row.text).collect::<Vec<_>>();
    assert_eq!(texts(1), texts(1));
    assert_ne!(texts(1), texts(2));
    assert_eq!(texts(1).len(), 50);
    assert!(texts(1).is_sorted());
}
