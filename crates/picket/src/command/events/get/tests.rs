use super::*;

#[test]
fn what_was_not_looked_at_is_told_in_lines() {
    let event = json!({
        "event_id": "e",
        "scanned": "partial",
        "unscanned": ["image:/messages/0/content/1", "/messages/0/content/0", "file_id:/input/0/file_id", "unchecked:output"],
    });
    let text = page(event, [&[], &[], &[]], None).unwrap();
    let (_, section) = text.split_once("-- what they did not look at\n").unwrap();
    let lines: Vec<String> =
        section.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    for line in [
        "image /messages/0/content/1 pictures are not read",
        "text /messages/0/content/0 a check failed on it",
        "file_id /input/0/file_id stays at the provider",
        "unchecked output no check of the policy looked at it",
    ] {
        assert!(lines.iter().any(|told| told == line), "{line}: {lines:?}");
    }
}
