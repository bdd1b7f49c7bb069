use super::*;
use serde_json::json;

/// Moves the cursor, turns the direction of text, forges a line and a formula, each in the way of a real attack.
const HOSTILE: &str = "=1\u{1b}[2J\u{9b}31m\u{202e}\nforged\ttab\u{200b}\u{7f}\u{e0041}";

const NONE: &[Value] = &[];

fn is_harmless(text: &str) -> bool {
    text.chars().all(|character| matches!(character, '\n' | '\t' | ' '..='~'))
}

#[test]
fn hostile_text_stays_on_its_line_and_acts_on_nothing() {
    let rows = [json!({"a": HOSTILE, "b": [HOSTILE, 1]}), json!({"a": 2})];
    for (wide, lines) in [(false, 3), (true, 3)] {
        let table = list(&rows, &["a", "b"], Format::Table, wide).unwrap();
        assert!(is_harmless(&table), "{table:?}");
        assert!(wide || table.lines().count() == lines, "{table:?}");
    }
    assert!(is_harmless(&object(&rows[0], &[], Format::Table).unwrap()));
    for (format, pretty) in [(Format::Json, true), (Format::Ndjson, false)] {
        let text = list(&rows, &[], format, false).unwrap();
        assert!(is_harmless(&text), "{text:?}");
        let first = if pretty {
            serde_json::from_str::<Value>(&text).unwrap()[0].clone()
        } else {
            serde_json::from_str(text.lines().next().unwrap()).unwrap()
        };
        assert_eq!(first, rows[0], "it is still the same text");
    }
}

#[test]
fn csv_keeps_every_character_in_its_cell_and_begins_none_with_a_formula() {
    let text = list(&[json!({"a": HOSTILE, "b": "x,\"y\""})], &["a", "b"], Format::Csv, false).unwrap();
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let row = reader.records().next().unwrap().unwrap();
    assert_eq!((&row[0], &row[1]), (format!("'{HOSTILE}").as_str(), "x,\"y\""));
}

#[test]
fn an_object_shows_what_matters_first_and_is_one_row_of_csv() {
    let value = json!({"a": 1, "id": "x", "z": null});
    assert_eq!(object(&value, &["id", "absent"], Format::Table).unwrap(), "id: x\na: 1\nz: \n");
    assert_eq!(object(&value, &["id"], Format::Csv).unwrap(), "id,a,z\nx,1,\n");
    assert_eq!(object(&value, &["id"], Format::Ndjson).unwrap(), "{\"a\":1,\"id\":\"x\",\"z\":null}\n");
}

#[test]
fn an_empty_list_is_an_empty_array_or_only_a_heading() {
    assert_eq!(list(NONE, &["a"], Format::Json, false).unwrap(), "[]\n");
    assert_eq!(list(NONE, &["a"], Format::Ndjson, false).unwrap(), "");
    assert_eq!(list(NONE, &["a", "b"], Format::Table, false).unwrap(), "a\tb\n");
    assert_eq!(list(NONE, &["a", "b"], Format::Csv, false).unwrap(), "a,b\n");
}

#[test]
fn a_device_and_a_folder_are_no_files_also_with_force() {
    let folder = tempfile::tempdir().unwrap();
    let device = folder.path().join("device");
    std::os::unix::fs::symlink("/dev/full", &device).unwrap();
    for path in [device.as_path(), folder.path()] {
        let refused = OutputFile::create(path, true).unwrap_err().to_string();
        assert!(refused.contains("is no file"), "{refused}");
    }
    assert!(std::fs::symlink_metadata(&device).unwrap().is_symlink(), "it was replaced");
}

#[test]
fn files_below_a_folder_are_written_all_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("a/b");
    let files = [("one.txt", "1"), ("c/two.txt", "2")];
    let written = write_below(&into, files.iter().copied(), false).unwrap();
    assert_eq!(written.iter().map(|one| one.bytes).collect::<Vec<_>>(), [1, 1]);
    assert_eq!(std::fs::read_to_string(into.join("c/two.txt")).unwrap(), "2");
    std::fs::remove_file(into.join("one.txt")).unwrap();
    let refused = write_below(&into, files.iter().copied(), false).unwrap_err().to_string();
    assert!(refused.contains("c/two.txt exists; --force replaces it"), "{refused}");
    assert!(!into.join("one.txt").exists(), "a part was written");
    write_below(&into, files.iter().copied(), true).unwrap();
    assert!(into.join("one.txt").exists());
}
