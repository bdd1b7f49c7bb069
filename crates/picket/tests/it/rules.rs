//! Detection rules by the program alone.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

const GUIDE: &str = include_str!("../../../../docs/guide/rules.md");

/// The first block of a language.
fn block(language: &str) -> &'static str {
    let fence = format!("```{language}\n");
    GUIDE.split(&fence).nth(1).unwrap().split("```").next().unwrap()
}

fn run(folder: &Path, line: &str) -> Output {
    let words = line.split(' ').skip(1);
    Command::new(env!("CARGO_BIN_EXE_picket")).args(words).current_dir(folder).output().unwrap()
}

fn printed(command: &str) -> &str {
    assert!(GUIDE.contains(&format!("`{command}`")), "{command}");
    command
}

#[test]
fn the_rules_of_the_guide_do_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("rules.yml"), block("yaml")).unwrap();
    std::fs::write(folder.path().join("events.ndjson"), block("json")).unwrap();

    let lint = run(folder.path(), printed("picket rules lint rules.yml"));
    assert_eq!(lint.status.code(), Some(0), "{}", String::from_utf8_lossy(&lint.stderr));

    let matched = run(folder.path(), printed("picket rules match --rules rules.yml --events events.ndjson"));
    assert_eq!(matched.status.code(), Some(0), "{}", String::from_utf8_lossy(&matched.stderr));
    let rows: Vec<Value> =
        String::from_utf8(matched.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // The third block comes behind a later event, and is the third all the same.
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!((&rows[0]["event"], &rows[0]["level"]), (&Value::from(4), &Value::from("high")));
    let correlation = &rows[0]["correlation"];
    assert_eq!(correlation["group"]["user"], "ana@example.com");
    assert_eq!((&correlation["value"], &correlation["events"]), (&Value::from(3.0), &serde_json::json!([1, 2, 4])));
    assert_eq!(correlation["at"], "2026-11-27T20:02:00.000Z");

    let explained =
        run(folder.path(), printed("picket rules explain --rules rules.yml --events events.ndjson --format text"));
    let text = String::from_utf8(explained.stdout).unwrap();
    assert!(text.contains("event 1: Request blocked (blocked) matches"), "{text}");
    assert!(text.contains("event 3: Request blocked (blocked) does not match: one field"), "{text}");
    assert!(text.contains("- decision, and there stands: allowed"), "{text}");
    let standing = "holds for user ana@example.com at 2026-11-27T20:02:00.000Z: 3, wanted are matches gt 2";
    assert!(text.contains(standing), "{text}");

    let tested = run(folder.path(), printed("picket rules test rules.yml"));
    let told = String::from_utf8_lossy(&tested.stderr).into_owned();
    assert_eq!(tested.status.code(), Some(0), "{told}");
    assert!(told.contains("2 passed, 0 failed; 1 rules have no test"), "{told}");
    let broken = block("yaml").replace("matches: [3]", "matches: [2]");
    std::fs::write(folder.path().join("broken.yml"), broken).unwrap();
    assert_eq!(run(folder.path(), "picket rules test broken.yml").status.code(), Some(6));
}

#[test]
fn broken_rules_and_events_are_told_with_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let rule = "title: t\nlogsource: {product: x}\ndetection:\n  s: {A: 1}\n  condition: s\n";
    std::fs::create_dir(folder.path().join("rules")).unwrap();
    std::fs::write(folder.path().join("rules/good.yml"), rule).unwrap();
    std::fs::write(folder.path().join("rules/bad.yaml"), rule.replace("A:", "A|contans:")).unwrap();
    std::fs::write(folder.path().join("rules/notes.txt"), "no rule").unwrap();
    std::fs::write(folder.path().join("events.ndjson"), "{\"A\": 1}\n\n{\"A\": \n{\"A\": \"1\"}\n").unwrap();

    let lint = run(folder.path(), "picket rules lint rules --format json");
    assert_eq!(lint.status.code(), Some(6));
    let rows: Value = serde_json::from_slice(&lint.stdout).unwrap();
    assert_eq!((&rows[0]["line"], &rows[0]["column"]), (&Value::from(4), &Value::from(7)));
    assert!(rows[0]["message"].as_str().unwrap().contains("did you mean `contains`?"), "{rows}");

    let refused = run(folder.path(), "picket rules match --rules rules --events events.ndjson");
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2));
    assert!(refused.stdout.is_empty() && told.contains("bad.yaml:4:7: unknown modifier"), "{told}");

    let skipped = run(folder.path(), "picket rules match --rules rules --events events.ndjson --skip-broken");
    assert_eq!(skipped.status.code(), Some(8));
    assert_eq!(String::from_utf8_lossy(&skipped.stdout).lines().count(), 2);
    assert!(String::from_utf8_lossy(&skipped.stderr).contains("events.ndjson:3:"));

    let missing =
        run(folder.path(), "picket rules explain --rules rules/good.yml --events events.ndjson --rule nobody");
    assert_eq!(missing.status.code(), Some(3));
}

#[test]
fn an_event_that_cannot_be_read_is_told_and_the_others_are_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let rule = "title: t\nname: t\nlogsource: {product: x}\ndetection:\n  s: {A: 1}\n  condition: s\n";
    std::fs::write(folder.path().join("rule.yml"), rule).unwrap();
    std::fs::write(folder.path().join("events.ndjson"), b"{\"A\": 1}\n{\"B\": \"\xff\"}\n{\n{\"A\": 1}\n").unwrap();
    for (command, lines) in [("match", 2), ("explain", 2)] {
        let done = run(folder.path(), &format!("picket rules {command} --rules rule.yml --events events.ndjson"));
        let told = String::from_utf8_lossy(&done.stderr);
        assert_eq!(done.status.code(), Some(8), "{command}: {told}");
        assert!(told.contains("events.ndjson:2:8: not UTF-8") && told.contains("events.ndjson:3:"), "{told}");
        assert!(told.contains("2 events could not be read"), "{told}");
        assert_eq!(String::from_utf8_lossy(&done.stdout).lines().count(), lines, "{command}");
    }
    let tried = run(folder.path(), "picket rules backtest --rules rule.yml --events events.ndjson");
    let told = String::from_utf8_lossy(&tried.stderr);
    assert_eq!(tried.status.code(), Some(8), "{told}");
    assert!(told.contains("line 2 was left out (column 8): not UTF-8"), "{told}");
}

#[test]
fn a_file_that_cannot_be_read_is_one_mistake_among_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let rule = "title: t\nlogsource: {product: x}\ndetection:\n  s: {A: 1}\n  condition: s\n";
    std::fs::create_dir(at("rules")).unwrap();
    std::fs::write(at("rules/good.yml"), rule).unwrap();
    std::fs::write(at("rules/bad.yml"), rule.replace("A:", "A|contans:")).unwrap();
    std::fs::write(at("rules/latin.yml"), b"title: T\xff\n").unwrap();
    std::os::unix::fs::symlink("nowhere", at("rules/dangling.yml")).unwrap();
    // Whoever opens it waits for ever.
    assert!(Command::new("mkfifo").arg(at("rules/pipe.yml")).status().unwrap().success());
    std::fs::write(at("events.ndjson"), "{\"A\": 1}\n").unwrap();

    let lint = run(folder.path(), "picket rules lint rules --format json");
    let rows: Value = serde_json::from_slice(&lint.stdout).unwrap();
    let rows: Vec<(&str, u64, u64)> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["file"].as_str().unwrap(), row["line"].as_u64().unwrap(), row["column"].as_u64().unwrap()))
        .collect();
    let expected =
        [("rules/bad.yml", 4, 7), ("rules/dangling.yml", 1, 1), ("rules/latin.yml", 1, 9), ("rules/pipe.yml", 1, 1)];
    assert_eq!((rows.as_slice(), lint.status.code()), (&expected[..], Some(6)));
    let refused = run(folder.path(), "picket rules match --rules rules --events events.ndjson");
    assert_eq!(refused.status.code(), Some(2));
    let skipped = run(folder.path(), "picket rules match --rules rules --events events.ndjson --skip-broken");
    let told = String::from_utf8_lossy(&skipped.stderr);
    assert_eq!(skipped.status.code(), Some(0), "{told}");
    assert!(told.contains("rules/latin.yml:1:9: not UTF-8") && told.contains("1 matches"), "{told}");
    assert_eq!(run(folder.path(), "picket rules test rules").status.code(), Some(2));
    assert_eq!(run(folder.path(), "picket rules lint nowhere").status.code(), Some(2));
}

#[test]
fn what_the_command_line_asks_for_makes_sense() {
    let folder = tempfile::tempdir().unwrap();
    let refused = run(folder.path(), "picket rules backtest --from 2025-05-01 --until 2025-04-30");
    let told = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{told}");
    assert!(told.contains("--until 2025-04-30 is before --from 2025-05-01"), "{told}");
    let help = run(folder.path(), "picket rules explain --help");
    let help = String::from_utf8_lossy(&help.stdout);
    assert!(help.contains("For people") && !help.contains("--explain"), "{help}");
    std::fs::write(
        folder.path().join("rule.yml"),
        "title: t\nlogsource: {product: x}\ndetection:\n  s: {A|gt: .inf}\n  condition: s\n",
    )
    .unwrap();
    let lint = run(folder.path(), "picket rules lint rule.yml");
    let told = String::from_utf8_lossy(&lint.stdout);
    assert!(told.contains("`.inf` is no number that means something here") && !told.contains("not valid"), "{told}");
}

#[test]
fn the_rules_that_are_shipped_pass_their_tests_and_say_what_they_need() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let tested = run(&root, "picket rules test --complete rules/");
    assert_eq!(tested.status.code(), Some(0), "{}", String::from_utf8_lossy(&tested.stderr));
}

#[test]
fn behaviours_are_tested_matched_and_explained_like_correlations() {
    let folder = tempfile::tempdir().unwrap();
    let rule = GUIDE.split("```yaml\n").find(|block| block.contains("baseline:")).unwrap().split("```").next().unwrap();
    std::fs::write(folder.path().join("rule.yml"), rule).unwrap();
    let event = |hour: i64, tokens: u32| {
        let at = 1_795_392_000_000 + hour * 3_600_000;
        format!("{{\"timestamp\": {at}, \"event_type\": \"request\", \"user\": \"ana\", \"tokens_out\": {tokens}}}\n")
    };
    let events: String = (0..100).map(|hour| event(hour, 4_000)).chain([event(100, 9_000)]).collect();
    std::fs::write(folder.path().join("events.ndjson"), events).unwrap();
    let matched = run(folder.path(), "picket rules match --rules rule.yml --events events.ndjson");
    let rows: Vec<Value> =
        String::from_utf8(matched.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(rows[0]["event"], 101);
    let correlation = &rows[0]["correlation"];
    assert_eq!((&correlation["value"], &correlation["expected"]), (&Value::from(9_000.0), &Value::from(4_000.0)));

    let explained = run(folder.path(), "picket rules explain --rules rule.yml --events events.ndjson --format text");
    let text = String::from_utf8(explained.stdout).unwrap();
    let standing = "9000, wanted are sum of tokens_out above 8000.000 (2 times the usual 4000.000), at least 5000";
    assert!(text.contains(standing), "{text}");

    // Without tests it cannot be given to others.
    let refused = run(folder.path(), "picket rules test --complete rule.yml");
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("a rule that is shipped needs a test in which it matches")
    );
}
