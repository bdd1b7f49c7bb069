use super::*;
use std::io::Write as _;

fn file(lines: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(lines.as_bytes()).unwrap();
    file
}

const HEAD: &str = "{\"by\":\"other 1\",\"check\":\"pii\"}\n";

#[test]
fn verdicts_of_others_are_read_with_their_places() {
    let lines = [
        r#"{"row":1,"score":0.25,"flagged":true,"seconds":0.5,"entities":[{"type":"IP","start":2,"end":4}]}"#,
        r#"{"row":0,"score":null,"flagged":true,"seconds":0}"#,
    ];
    let verdicts = read(file(&format!("{HEAD}{}\n{}\n", lines[0], lines[1])).path(), 3).unwrap();
    assert_eq!((verdicts.by.as_str(), verdicts.check.as_str()), ("other 1", "pii"));
    let entities = vec![Entity { kind: "IP".to_owned(), span: 2..4 }];
    let second = Verdict { score: 0.25, flagged: true, entities, time: Duration::from_millis(500) };
    let first = Verdict { score: 1.0, flagged: true, ..Verdict::default() };
    assert_eq!(verdicts.list, [Some(first), Some(second), None]);
}

#[test]
fn a_bad_verdict_is_told_with_its_line() {
    for (lines, told) in [
        ("{\"by\":\"x\"}\n".to_owned(), ":1: `check` is missing"),
        (format!("{HEAD}{{}}\n"), ":2: is no verdict"),
        (format!("{HEAD}{{\"row\":7,\"flagged\":true,\"seconds\":0}}\n"), ":2: there is no such row"),
        (format!("{HEAD}{{\"row\":0,\"flagged\":true,\"seconds\":-1}}\n"), ":2: is no verdict"),
    ] {
        let failure = read(file(&lines).path(), 2).unwrap_err().to_string();
        assert!(failure.ends_with(told), "{failure} does not say {told}");
    }
}

#[test]
fn detectors_of_a_check_are_compared_on_the_texts_that_all_were_asked_about() {
    let some = || Some(Verdict::default());
    let of = |check: &str, list: Vec<Option<Verdict>>| Verdicts { by: String::new(), check: check.to_owned(), list };
    let mut all = [of("pii", vec![some(), some()]), of("pii", vec![None, some()]), of("secret", vec![some(), some()])];
    keep_common(&mut all);
    let asked = all.map(|verdicts| verdicts.list.iter().map(Option::is_some).collect::<Vec<_>>());
    assert_eq!(asked, [vec![false, true], vec![false, true], vec![true, true]]);
}
