use super::*;
use crate::tests::{events, network, send};
use crate::{Kind, Receiver};
use picket_render::Subject;

fn open(folder: &Path, options: &str) -> Receiver {
    let kind: Kind = serde_json::from_str(&format!(r#"{{"kind":"file","name":"out.ndjson"{options}}}"#)).unwrap();
    Receiver::open(&kind, &Credentials::default(), &network(folder)).unwrap()
}

fn ids(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    let id = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        value["event_id"].as_str().unwrap().to_owned()
    };
    text.lines().map(id).collect()
}

#[tokio::test]
async fn every_event_is_one_line_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let events = events(2_500);
    let answers = send(&open(folder.path(), ""), &events).await;
    assert_eq!(answers.len(), 3);
    assert!(answers.iter().all(|(answer, _)| answer.outcome == Outcome::Ack), "{answers:?}");
    let expected: Vec<String> = events.iter().map(|event| event.event_id.to_string()).collect();
    assert_eq!(ids(&folder.path().join("out.ndjson")), expected);
}

#[tokio::test]
async fn full_files_are_put_aside_and_the_oldest_go() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = open(folder.path(), r#","rotate_bytes":65536,"keep":2"#);
    // Files of others, which only look as if they had been put aside.
    let others = ["out.ndjson.1", "out.ndjson.00009", "out.ndjson.0000009"].map(|name| folder.path().join(name));
    others.iter().for_each(|path| std::fs::write(path, "{}\n").unwrap());
    let events = events(1_000);
    for some in events.chunks(100) {
        send(&receiver, some).await;
    }
    let mut names: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names.retain(|name| !others.iter().any(|path| path.ends_with(name)));
    assert!(others.iter().all(|path| path.exists()), "those of others stay");
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!(names[0], "out.ndjson");
    let kept: Vec<String> = [&names[1], &names[2], &names[0]]
        .into_iter()
        .flat_map(|name| {
            let path = folder.path().join(name);
            assert!(path.metadata().unwrap().len() <= 65_536);
            ids(&path)
        })
        .collect();
    let all: Vec<String> = events.iter().map(|event| event.event_id.to_string()).collect();
    assert_eq!(kept, all[all.len() - kept.len()..]);
}

#[tokio::test]
async fn a_line_without_its_end_is_cut_off_at_every_byte() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.ndjson");
    let events = events(2);
    send(&open(folder.path(), ""), &events).await;
    let whole = std::fs::read(&path).unwrap();
    let first = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for length in (0..whole.len()).step_by(7).chain([first - 1, first, first + 1, whole.len()]) {
        std::fs::write(&path, &whole[..length]).unwrap();
        let answers = send(&open(folder.path(), ""), &events[1..]).await;
        assert_eq!(answers[0].0.outcome, Outcome::Ack);
        let kept = String::from_utf8_lossy(&whole[..length]).matches('\n').count();
        assert_eq!(ids(&path).len(), kept + 1, "{length}");
    }
}

#[tokio::test]
async fn a_folder_in_its_place_is_a_fault_of_the_options() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("out.ndjson")).unwrap();
    let answers = send(&open(folder.path(), ""), &events(1)).await;
    assert_eq!(answers[0].0.outcome, Outcome::Config, "{answers:?}");
    let kind: Kind = serde_json::from_str(r#"{"kind":"file","name":"a"}"#).unwrap();
    let nowhere = Network { folder: None, ..network(folder.path()) };
    assert_eq!(Receiver::open(&kind, &Credentials::default(), &nowhere).unwrap_err().field, "name");
}

#[tokio::test]
async fn a_test_shows_what_was_sent_and_what_was_stored() {
    let folder = tempfile::tempdir().unwrap();
    let event = &events(1)[0];
    let tested = open(folder.path(), "").test(&Subject::new(event)).await;
    assert_eq!(tested.answer.outcome, Outcome::Ack);
    assert!(tested.request.contains(&event.event_id.to_string()));
    assert!(tested.stored.unwrap().unwrap().contains(&event.event_id.to_string()));
}

#[test]
fn a_name_that_another_files_rest_may_have_is_refused() {
    for (name, is_good) in [("a.000001", false), ("a.1234567", false), ("a.00001", true), ("a.000001.x", true)] {
        let kind: Kind = serde_json::from_str(&format!(r#"{{"kind":"file","name":"{name}"}}"#)).unwrap();
        assert_eq!(kind.check().is_ok(), is_good, "{name}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_is_not_followed_out_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::NamedTempFile::new().unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("out.ndjson")).unwrap();
    let answers = send(&open(folder.path(), ""), &events(3)).await;
    assert!(answers.iter().all(|(answer, _)| answer.outcome == Outcome::Config), "{answers:?}");
    assert_eq!(std::fs::read(elsewhere.path()).unwrap(), b"");
}
