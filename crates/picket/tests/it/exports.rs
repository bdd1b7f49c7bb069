//! Export jobs and their files: what they hold, how they are fetched, and how they end.

use crate::commands::run;
use crate::harness::{Answer, Product};
use http::Method;
use picket_db::{Db, Lane, Options};
use picket_stdx::{Clock, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) fn digest(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    picket_stdx::encode::hex(&sha2::Sha256::digest(bytes))
}

fn create(product: &Product, wanted: &Value) -> String {
    let created = product.admin(Method::POST, "/v1/exports", wanted);
    assert_eq!(created.status, 201, "{}", created.text);
    created.json()["id"].as_str().unwrap().to_owned()
}

fn ended(product: &Product, id: &str) -> Value {
    product.wait("the export", |product| {
        let export = product.get(&format!("/v1/exports/{id}"));
        (!matches!(export["state"].as_str(), Some("queued" | "running"))).then_some(export)
    })
}

fn fetch(product: &Product, id: &str, headers: &[(&str, &str)]) -> Answer {
    let bearer = format!("Bearer {}", product.token);
    let all: Vec<_> = [("authorization", bearer.as_str())].into_iter().chain(headers.iter().copied()).collect();
    product.send(&product.api, Method::GET, &format!("/v1/exports/{id}/file"), &all, "".into())
}

#[test]
fn exports_say_what_they_hold_and_what_it_was_judged_by() {
    let product = Product::start();
    for number in 0..3 {
        product.chat(&format!("number {number}"));
    }
    product.events("", 3);
    let wanted =
        json!({"type": "events", "format": "ndjson", "since": "1h", "description": "IR-1", "include_bodies": true});
    let done = ended(&product, &create(&product, &wanted));
    assert_eq!(
        (done["state"].as_str(), done["rows"].as_u64(), done["progress"].as_f64()),
        (Some("done"), Some(3), Some(1.0))
    );
    let id = done["id"].as_str().unwrap();
    let file = fetch(&product, id, &[]);
    assert_eq!(file.headers["picket-sha256"], done["sha256"].as_str().unwrap());
    assert_eq!(file.headers["content-length"].to_str().unwrap(), done["bytes"].to_string());
    assert_eq!(digest(file.text.as_bytes()), done["sha256"].as_str().unwrap());
    assert!(file.text.lines().all(|line| {
        let event: Value = serde_json::from_str(line).unwrap();
        event["body_contents"]["request"].as_str().unwrap().contains("number") && event["event_id"].is_string()
    }));
    let context = product.get(&format!("/v1/exports/{id}/context"));
    assert!(context["policies"][0]["text"].as_str().unwrap().contains("prompt-injection"), "{context}");
    assert_eq!(context["escalations"], json!([]));
}

#[test]
fn an_export_that_ends_before_it_begins_is_refused() {
    let product = Product::start();
    for (from, to, status) in [
        ("2026-12-01", "2026-11-01", 400),
        ("2026-11-02T00:00:01Z", "2026-11-02T00:00:00Z", 400),
        ("2026-11-01", "2026-11-01", 201),
    ] {
        let wanted = json!({"type": "events", "format": "ndjson", "from": from, "to": to});
        let answer = product.admin(Method::POST, "/v1/exports", &wanted);
        assert_eq!(answer.status, status, "{from} {to}: {}", answer.text);
        assert_eq!(answer.text.contains("ends after it begins"), status == 400, "{}", answer.text);
    }
}

#[test]
fn a_file_is_fetched_in_parts_as_long_as_it_is_the_same() {
    let product = Product::start();
    product.chat("hello");
    product.events("", 1);
    let id = create(&product, &json!({"format": "json"}));
    ended(&product, &id);
    let whole = fetch(&product, &id, &[]);
    let tag = whole.headers["etag"].to_str().unwrap().to_owned();
    let length = whole.text.len();
    for (headers, status, expected, range) in [
        (vec![("range", "bytes=10-")], 206, &whole.text[10..], format!("bytes 10-{}/{length}", length - 1)),
        (
            vec![("range", "bytes=0-4"), ("if-range", tag.as_str())],
            206,
            &whole.text[..5],
            format!("bytes 0-4/{length}"),
        ),
        (
            vec![("range", "bytes=-7")],
            206,
            &whole.text[length - 7..],
            format!("bytes {}-{}/{length}", length - 7, length - 1),
        ),
        (vec![("range", "bytes=10-"), ("if-range", "\"other\"")], 200, whole.text.as_str(), String::new()),
    ] {
        let part = fetch(&product, &id, &headers);
        assert_eq!((part.status, part.text.as_str()), (status, expected), "{headers:?}");
        let shown = part.headers.get("content-range").map_or("", |range| range.to_str().unwrap());
        assert_eq!(shown, range, "{headers:?}");
    }
    let beyond = fetch(&product, &id, &[("range", &format!("bytes={length}-"))]);
    assert_eq!(
        (beyond.status, beyond.headers["content-range"].to_str().unwrap()),
        (416, format!("bytes */{length}").as_str())
    );
}

#[test]
fn a_download_goes_on_where_it_was_cut_and_a_wrong_file_never_appears() {
    let product = Product::start();
    product.chat("hello");
    product.events("", 1);
    let id = create(&product, &json!({"format": "json"}));
    let done = ended(&product, &id);
    let whole = fetch(&product, &id, &[]).text;
    let place = |name: &str| product.folder.path().join(name);
    let download = |more: &str| run(&product, &format!("kt export download {id} --output a.json {more}"));
    // What an earlier try left.
    std::fs::write(place("a.json.part"), &whole[..whole.len() / 2]).unwrap();
    let output = download("");
    let note = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && note.contains("going on after"), "{note}");
    assert!(
        note.contains(&format!("1 rows, {} bytes, sha256 {}", whole.len(), done["sha256"].as_str().unwrap())),
        "{note}"
    );
    assert_eq!(std::fs::read_to_string(place("a.json")).unwrap(), whole);
    // What lies there is of another file: as long, longer, shorter.
    for left in ["x".repeat(whole.len()), "x".repeat(whole.len() + 5), "x".repeat(5)] {
        std::fs::remove_file(place("a.json")).unwrap_or_default();
        std::fs::write(place("a.json.part"), &left).unwrap();
        let first = download("");
        if first.status.code() == Some(6) {
            assert!(!place("a.json").exists() && !place("a.json.part").exists(), "a wrong file is gone");
            assert!(download("").status.success());
        }
        assert_eq!(std::fs::read_to_string(place("a.json")).unwrap(), whole, "{} bytes", left.len());
    }
    assert_eq!(download("").status.code(), Some(2));
    assert!(download("--force --context context.json").status.success());
    assert!(std::fs::read_to_string(place("context.json")).unwrap().contains("policies"));
    assert_eq!(String::from_utf8_lossy(&run(&product, &format!("kt export download {id} --output -")).stdout), whole);
}

#[test]
fn a_job_that_a_restart_interrupted_ends_by_itself() {
    let mut product = Product::start();
    for _ in 0..3 {
        product.chat("hello");
    }
    product.events("", 3);
    // Jobs that wait while the server stops, one of them perhaps in the middle of its file.
    let ids: Vec<String> = (0..5).map(|_| create(&product, &json!({"format": "csv", "since": "1h"}))).collect();
    product.restart();
    for id in ids {
        let done = ended(&product, &id);
        assert_eq!((done["state"].as_str(), done["rows"].as_u64()), (Some("done"), Some(3)), "{done}");
        assert_eq!(digest(fetch(&product, &id, &[]).text.as_bytes()), done["sha256"].as_str().unwrap());
    }
    assert_eq!(product.events("?event_type=export.completed", 5).len(), 5);
    let left = std::fs::read_dir(product.folder.path().join("data/exports")).unwrap();
    assert!(left.map(|entry| entry.unwrap().path()).all(|path| path.extension() != Some("part".as_ref())));
}

/// Leaves what a process leaves that was killed in the middle of a job: rows that are safely in its file, and something
/// behind them that was not.
fn interrupt(product: &Product, id: &str, (written, safe): (&[u8], &[u8]), covers: std::ops::Range<u64>) {
    let data = product.folder.path().join("data");
    std::fs::write(data.join(format!("exports/{id}.part")), written).unwrap();
    // Connections that end with the server may hold the store a moment longer.
    let db = product.wait("the store", |_| Db::open(Options::new(data.join("picket.db")), &[]).ok());
    let (job, bytes, sha256) = (id.to_owned(), safe.len(), digest(safe));
    let left = db.write(Lane::Admin, "test.interrupt", move |tx| {
        let sql = "UPDATE export SET state = 'running', row_count = 1, bytes = ?2, sha256 = NULL, finished_at = NULL,
                   part_next = ?3, part_until = ?4, part_sha256 = ?5 WHERE id = ?1";
        let values = (job, bytes, covers.start, covers.end, sha256);
        tx.connection().execute(sql, values).map(|rows| rows == 1)
    });
    assert!(left.wait().unwrap());
    db.close();
}

/// A product with three events, and where they stand in the log, ascending.
fn with_three_events() -> (Product, Vec<u64>) {
    let product = Product::start();
    for _ in 0..3 {
        product.chat("hello");
    }
    let place = |event: &Value| event["log"]["completed"].as_u64().unwrap();
    let mut places: Vec<u64> = product.events("", 3).iter().map(place).collect();
    places.sort_unstable();
    (product, places)
}

#[test]
fn a_job_that_a_restart_interrupted_goes_on_after_its_safe_rows() {
    let (mut product, places) = with_three_events();
    let [cut, whole] = [0, 1].map(|_| create(&product, &json!({"format": "ndjson"})));
    for id in [&cut, &whole] {
        let done = ended(&product, id);
        assert_eq!((done["restarts"].as_u64(), done.get("restarted_at")), (Some(0), None), "{done}");
    }
    let text = fetch(&product, &cut, &[]).text;
    let first = text.split_inclusive('\n').next().unwrap().to_owned();
    // A mark shows whose row it is: one of the interrupted process, or one that was written again.
    let safe = first.replace("\"event_type\"", "\"marked\"");
    // What came later than the job was taken up is not in it.
    let covers = places[0] + 1..places[2];
    let cases = [
        ("half a line is behind it", format!("{safe}{{\"half"), safe.clone(), true),
        ("all of it is safe", safe.clone(), safe.clone(), true),
        ("it is shorter than it was", safe[..9].to_owned(), safe.clone(), false),
        ("it is another", first.clone(), safe.clone(), false),
    ];
    for (restarts, (name, written, safe, goes_on)) in (1..).zip(cases) {
        product.stop();
        interrupt(&product, &cut, (written.as_bytes(), safe.as_bytes()), covers.clone());
        product.restart();
        let done = ended(&product, &cut);
        assert_eq!(
            (done["state"].as_str(), done["restarts"].as_u64()),
            (Some("done"), Some(restarts)),
            "{name}: {done}"
        );
        assert!(done["restarted_at"].as_str() > done["created_at"].as_str(), "{name}: {done}");
        let again = fetch(&product, &cut, &[]).text;
        assert_eq!(digest(again.as_bytes()), done["sha256"].as_str().unwrap(), "{name}");
        assert_eq!(again.starts_with(&safe), goes_on, "{name}: {again}");
        assert_eq!((again.lines().count(), done["rows"].as_u64()), (2, Some(2)), "{name}");
        let last = &product.events("?event_type=export.restarted", usize::try_from(restarts).unwrap());
        assert!(last.iter().all(|event| event["target"] == format!("export:{cut}")), "{last:?}");
        assert!(last.iter().any(|event| event["count"] == u64::from(goes_on)), "{name}: {last:?}");
    }
    assert_eq!(ended(&product, &whole)["restarts"], 0, "one that was done stays as it was");
    let shown = String::from_utf8_lossy(&run(&product, "kt export list --format csv").stdout).into_owned();
    assert!(shown.lines().next().unwrap().contains("restarts"), "{shown}");
}

#[test]
fn a_job_of_any_format_is_the_same_whether_it_was_interrupted_or_not() {
    let (mut product, places) = with_three_events();
    for (format, head) in [("json", 2), ("ndjson", 1), ("csv", 2)] {
        let id = create(&product, &json!({"format": format}));
        let before = ended(&product, &id);
        let text = fetch(&product, &id, &[]).text;
        let safe: String = text.split_inclusive('\n').take(head).collect();
        // The line break after an event of an array comes with what follows it.
        let safe = if format == "json" { safe.trim_end_matches([',', '\n']).to_owned() } else { safe };
        product.stop();
        interrupt(&product, &id, (safe.as_bytes(), safe.as_bytes()), places[0] + 1..places[2] + 1);
        product.restart();
        let done = ended(&product, &id);
        assert_eq!((&done["sha256"], &done["rows"]), (&before["sha256"], &before["rows"]), "{format}");
        assert_eq!(fetch(&product, &id, &[]).text, text, "{format}");
    }
}

/// The ids of the events in a file of Parquet, and whether each row group has fewer rows than so many.
fn ids_of_columns(file: bytes::Bytes) -> Vec<String> {
    use parquet::file::reader::FileReader as _;
    let file = parquet::file::reader::SerializedFileReader::new(file).unwrap();
    let id = |row: parquet::record::Row| {
        let (_, id) = row.get_column_iter().find(|(name, _)| *name == "event_id").unwrap();
        id.to_string().trim_matches('"').to_owned()
    };
    file.get_row_iter(None).unwrap().map(|row| id(row.unwrap())).collect()
}

#[test]
fn columns_are_written_fetched_and_found_by_a_reader() {
    let (product, _places) = with_three_events();
    let id = create(&product, &json!({"format": "parquet", "include_bodies": true}));
    let done = ended(&product, &id);
    assert_eq!((done["state"].as_str(), done["format"].as_str()), (Some("done"), Some("parquet")), "{done}");
    let file = product.bytes(&format!("/v1/exports/{id}/file"));
    assert_eq!(digest(&file), done["sha256"].as_str().unwrap());
    let ids: Vec<String> =
        product.events("", 3).iter().map(|event| event["event_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids_of_columns(file.clone()), ids);
    assert!(picket_columns::holds(file.clone(), b"hello").unwrap(), "prompts were asked for");
    let without = create(&product, &json!({"format": "parquet"}));
    ended(&product, &without);
    let shorter = product.bytes(&format!("/v1/exports/{without}/file"));
    assert!(!picket_columns::holds(shorter, b"hello").unwrap());
    let output = run(&product, &format!("kt export download {id} --output a.parquet"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(std::fs::read(product.folder.path().join("a.parquet")).unwrap(), file);
}

#[test]
fn columns_go_on_after_their_safe_row_groups_or_begin_anew() {
    let (mut product, places) = with_three_events();
    let id = create(&product, &json!({"format": "parquet"}));
    ended(&product, &id);
    let first = &product.events("", 3)[0];
    let marked = first["event_id"].as_str().unwrap().replace("evt_", "marked_");
    let mut event = first.clone();
    event["event_id"] = json!(marked);
    // What a process leaves behind a row group that is safe.
    let mut writer = picket_columns::Writer::new(false).unwrap();
    writer.push(&event, 1).unwrap();
    let safe = [picket_columns::Writer::HEAD, &writer.group().unwrap()].concat();
    let written = [safe.as_slice(), b"half a row group"].concat();
    let end = product.folder.path().join(format!("data/exports/{id}.end"));
    for (name, left, goes_on) in [
        ("its end is known", writer.end().unwrap(), true),
        ("its end is of something else", b"PAR1".to_vec(), false),
        ("its end is not known", Vec::new(), false),
    ] {
        product.stop();
        interrupt(&product, &id, (&written, &safe), places[0] + 1..places[2] + 1);
        if !left.is_empty() {
            std::fs::write(&end, left).unwrap();
        }
        product.restart();
        let done = ended(&product, &id);
        assert_eq!(done["state"], "done", "{name}: {done}");
        let file = product.bytes(&format!("/v1/exports/{id}/file"));
        assert_eq!(digest(&file), done["sha256"].as_str().unwrap(), "{name}");
        let ids = ids_of_columns(file);
        assert_eq!((ids.len(), ids[0] == marked), (3, goes_on), "{name}: {ids:?}");
        assert_eq!(done["rows"], 3, "{name}");
        assert!(!end.exists(), "{name}");
    }
}

#[test]
fn a_job_is_cancelled_once_and_keeps_no_file() {
    let product = Product::start();
    product.chat("hello");
    product.events("", 1);
    // Several, so that the last still waits: one worker takes them in turn.
    let ids: Vec<String> = (0..4).map(|_| create(&product, &json!({"format": "json"}))).collect();
    let cancel = |id: &str| product.admin(Method::POST, &format!("/v1/exports/{id}/cancel"), &Value::Null);
    let last = ids.last().unwrap();
    let cancelled = cancel(last);
    assert_eq!((cancelled.status, cancelled.json()["state"].as_str()), (200, Some("cancelled")), "{}", cancelled.text);
    assert_eq!(cancel(last).status, 409);
    for id in &ids[..3] {
        assert_eq!(ended(&product, id)["state"], "done");
    }
    assert_eq!(cancel(&ids[0]).status, 409, "what is done stays done");
    assert_eq!(fetch(&product, last, &[]).status, 409);
    assert_eq!(ended(&product, last)["state"], "cancelled");
    assert_eq!(product.events("?event_type=export.cancelled", 1).len(), 1);
    let output = run(&product, &format!("kt export download {last}"));
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cancelled"));
}

#[test]
fn a_job_that_cannot_write_fails_with_the_cause_and_the_next_one_works() {
    let product = Product::start();
    product.chat("hello");
    product.events("", 1);
    let folder = product.folder.path().join("data/exports");
    std::fs::write(&folder, "in the way").unwrap();
    let failed = ended(&product, &create(&product, &json!({"format": "json"})));
    assert_eq!(failed["state"], "failed");
    assert!(failed["error"].as_str().unwrap().starts_with("the file cannot be written; make room"), "{failed}");
    assert_eq!(
        product.events("?event_type=export.failed", 1)[0]["target"],
        format!("export:{}", failed["id"].as_str().unwrap())
    );
    std::fs::remove_file(&folder).unwrap();
    assert_eq!(ended(&product, &create(&product, &json!({"format": "json"})))["state"], "done");
}

#[test]
fn files_go_when_their_time_is_over_and_the_job_says_so() {
    let clock = Clock::manual(Timestamp::from_millis(1_800_000_000_000));
    let mut product = Product::at(&clock, crate::harness::POLICY, "");
    product.chat("hello");
    product.events("", 1);
    let old = create(&product, &json!({"format": "json", "include_bodies": true}));
    let expires = ended(&product, &old)["expires_at"].as_str().unwrap().to_owned();
    assert_eq!(expires.parse::<Timestamp>().unwrap(), clock.now().plus(Duration::from_secs(7 * 86_400)));
    let folder = product.folder.path().join("data/exports");
    // What a process left behind that was killed before it could remove it, and what is none of ours.
    std::fs::write(folder.join("exp_0000.json"), "left behind").unwrap();
    std::fs::write(folder.join("readme"), "of the operator").unwrap();
    clock.advance(Duration::from_secs(4 * 86_400));
    let young = create(&product, &json!({"format": "json"}));
    ended(&product, &young);
    clock.advance(Duration::from_secs(4 * 86_400));
    // Retention looks once more before the server stops.
    product.restart();
    let gone = product.get(&format!("/v1/exports/{old}"));
    assert_eq!((gone["state"].as_str(), gone["sha256"].is_string()), (Some("expired"), true), "{gone}");
    let refused = fetch(&product, &old, &[]);
    assert_eq!((refused.status, refused.json()["code"].as_str()), (410, Some("expired")), "{}", refused.text);
    assert_eq!(fetch(&product, &young, &[]).status, 200);
    let names = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    assert_eq!(names, [format!("{young}.context.json"), format!("{young}.json"), "readme".to_owned()]);
    assert_eq!(product.events("?event_type=export.expired", 1)[0]["target"], format!("export:{old}"));
}
