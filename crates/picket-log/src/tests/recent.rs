//! Followers of the tail read from memory what the database would give.

use super::*;
use proptest::prelude::*;

fn told(batch: &[Arc<LoggedEvent>]) -> Vec<(u64, picket_event::Entry, Option<Event>)> {
    batch.iter().map(|one| (one.position, one.entry.clone(), one.event.as_deref().cloned())).collect()
}

/// Appends one record of a kind: an event with a body, a request in two entries, a long one, a bare one, an undone one.
fn append(store: &Store, kind: u8) {
    let log = store.log();
    let wait = |record| log.append(Lane::Gateway, record).wait().unwrap().position;
    let mut event = store.event(&format!("user{kind}"));
    match kind % 5 {
        0 => {
            store.append("alice@example.com");
        }
        1 => {
            event.tools = (0..100).map(|number| format!("tool{number}")).collect();
            let received = wait(log.prepare(event.clone(), &[]).received());
            event.outcome = Some(Outcome::Completed);
            wait(log.prepare(event, &[]).closes(Some(received)));
        }
        2 => {
            event.reason = Some("x".repeat(300 * 1_024));
            wait(log.prepare(event, &[]));
        }
        3 => {
            wait(log.prepare_bare(event));
        }
        _ => {
            let (log, record) = (log.clone(), log.prepare(event, &[]));
            let undone: Ticket<(), AppendError> = store.db.write(Lane::Admin, "undone", move |tx| {
                log.append_in(tx, record)?;
                Err(AppendError::Database(rusqlite::Error::InvalidQuery))
            });
            assert!(undone.wait().is_err());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_memory_gives_is_what_the_database_gives(
        kinds in proptest::collection::vec(any::<u8>(), 1..24),
        from in 0_u64..24,
        limit in 1_usize..40,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path());
        kinds.iter().for_each(|kind| append(&store, *kind));
        let remembered = told(&store.log().batch(from, limit).unwrap());
        store.log().recent().clear();
        prop_assert_eq!(remembered, told(&store.log().batch(from, limit).unwrap()));
    }
}

#[test]
fn the_newest_events_need_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let from = store.append("alice").position;
    store.append("bob");
    let recent = store.log().recent().range(from, from + 2).unwrap();
    assert_eq!(recent.len(), 2);
    assert!(store.log().recent().range(from, from + 3).is_none());
}

#[test]
fn nobody_who_was_erased_is_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    let position = store.append("alice@example.com").position;
    let subject = store.log().id_of_name(picket_event::entry::NameKind::User, "alice@example.com").unwrap().unwrap();
    store.log().erase_user(&subject).unwrap();
    let batch = store.log().batch(position, 1).unwrap();
    assert_eq!(batch[0].event.as_ref().unwrap().user, None);
}

#[test]
fn memory_stays_bounded() {
    let mut recent = Recent::default();
    for position in 0..10_000 {
        recent.push(position, None, 1_024 * 1_024);
    }
    assert!(recent.range(9_992, 10_000).is_none(), "what only the database has is asked there");
    assert_eq!(recent.kept(), 8);
}
