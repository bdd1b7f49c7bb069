use super::*;

#[test]
fn a_log_of_another_workspace_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let event = store.append("ann").event_id;
    let sql = "INSERT INTO log (id, kind, workspace, origin) VALUES ('t_other', 'workspace', 'ws_other', 'picket.example/audit/t_other')";
    let made: Ticket<usize, rusqlite::Error> =
        store.db.write(Lane::Admin, "test", |tx| tx.connection().execute(sql, []));
    made.wait().unwrap();
    drop(store);
    let store = open(folder.path());
    assert_eq!(store.logs.all().len(), 3);
    let [own, other, nobody] = ["ws_1", "ws_other", "ws_nobody"].map(|name| Workspace::parse(name).unwrap());
    let system = store.logs.system().unwrap().id().to_owned();
    for (whose, log) in [(&own, Some(store.log().id())), (&other, Some("t_other")), (&nobody, None)] {
        let mut seen: Vec<&str> = store.logs.seen_by(whose).map(EventLog::id).filter(|id| *id != system).collect();
        seen.sort_unstable();
        assert_eq!(seen, Vec::from_iter(log), "{whose}");
        assert_eq!(store.logs.workspace(whose).ok().map(EventLog::id), log, "{whose}");
    }
    // What one holds is not found in the other, by its id or by its place.
    let theirs = store.logs.workspace(&other).unwrap();
    assert!(store.log().position_of(event).unwrap().is_some());
    assert_eq!(theirs.position_of(event).unwrap(), None);
    assert!(theirs.events(&[0]).map_or(true, |events| events.is_empty()));
    assert!(theirs.batch(0, 100).unwrap().is_empty() && theirs.open_requests().unwrap().is_empty());
    assert_eq!((theirs.size(), store.log().size() > 0), (0, true));
}
