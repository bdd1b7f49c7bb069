use super::*;

const TABLE_TEXT: &str = r#"//! Table.
pub const ALL: &[Known] = &[
    log("request", "one AI request"), at(Stand::Foreign, "tool_call", "of others"),
    log("finding.created", "a rule found something"), log("finding.closed", "it was decided"),
];"#;

/// What is said of a file beside the table; of names that are not used, and of what is allowed, nothing.
fn said(text: &str) -> Vec<String> {
    let sources =
        [(TABLE.to_owned(), TABLE_TEXT.to_owned()), ("crates/picket-x/src/lib.rs".to_owned(), text.to_owned())];
    let mut said = check(&sources);
    said.retain(|line| line.starts_with("crates/picket-x"));
    said
}

#[test]
fn a_name_that_the_table_lacks_is_found_where_it_is_made_handed_on_or_of_a_family() {
    for text in [
        r#"const A: EventType = EventType::of("lunch.served");"#,
        r#"fn a() { told("finding.creatd") }"#,
        r#"fn a(t: &'static str) { EventType::of(t); } fn b() { a("lunch.served") }"#,
        "fn a(t: &'static str) { EventType::of(t); }\nfn b() {\n    a(\n        \"lunch.served\",\n    )\n}",
    ] {
        let said = said(text);
        assert_eq!(said.len(), 1, "{text}: {said:?}");
        assert!(said[0].contains("is no type of events"), "{said:?}");
    }
}

#[test]
fn known_names_jobs_files_and_sentences_pass() {
    for text in [
        r#"const A: EventType = EventType::of("finding.created");"#,
        r#"fn a() { db.write(Lane::Admin, "finding.settle", job) }"#,
        r#"fn a(t: &'static str) { EventType::of(t); } fn b() { self.act("lunch.serve", job) }"#,
        r#"const A: &str = "picket.yaml"; const B: &str = "it was found. so be it";"#,
        r#"// told("finding.creatd")"#,
    ] {
        assert_eq!(said(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_name_of_the_table_that_nobody_uses_is_found() {
    let sources = [
        (TABLE.to_owned(), TABLE_TEXT.to_owned()),
        ("crates/picket-x/src/lib.rs".to_owned(), r#"f("finding.created", "request", "tool_call")"#.to_owned()),
    ];
    let said = check(&sources);
    assert!(said.iter().any(|line| line.contains("`finding.closed` is written and read nowhere")), "{said:?}");
    assert!(!said.iter().any(|line| line.contains("`finding.created`")), "{said:?}");
}
