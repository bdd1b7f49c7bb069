//! The log against a list: whatever happens to it, it holds what was acknowledged, in order, and proves it.

use super::*;
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Append(u8),
    /// Appended in a transaction that is undone.
    Undone(u8),
    /// Appended twice in a caller's transaction, the second time in vain, and committed.
    Half,
    Together(u8),
    Checkpoint,
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (1_u8..90).prop_map(Step::Append),
        2 => (1_u8..5).prop_map(Step::Undone),
        2 => Just(Step::Half),
        2 => (1_u8..80).prop_map(Step::Together),
        1 => Just(Step::Checkpoint),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..25)
}

impl Store {
    fn many(&self, count: u8) -> Vec<(Event, Record)> {
        let made = (0..count).map(|n| {
            let event = self.event(&format!("user{}", n % 5));
            (event.clone(), self.log().prepare(event, &[]).closes(None))
        });
        made.collect()
    }

    fn apply(&self, step: &Step, model: &mut Vec<Event>) {
        let log = self.log().clone();
        match step {
            Step::Append(count) => {
                let (events, records): (Vec<_>, Vec<_>) = self.many(*count).into_iter().unzip();
                let tickets: Vec<_> = records.into_iter().map(|record| log.append(Lane::Gateway, record)).collect();
                for (ticket, event) in tickets.into_iter().zip(events) {
                    assert_eq!(ticket.wait().unwrap().position, u64::try_from(model.len()).unwrap());
                    model.push(event);
                }
            }
            Step::Undone(count) => {
                let records: Vec<_> = self.many(*count).into_iter().map(|(_, record)| record).collect();
                let undone: Ticket<(), AppendError> = self.db.write(Lane::Admin, "undone", move |tx| {
                    for record in records {
                        log.append_in(tx, record)?;
                    }
                    Err(AppendError::Database(rusqlite::Error::InvalidQuery))
                });
                assert!(undone.wait().is_err());
            }
            Step::Half => {
                let (event, record) = self.many(1).remove(0);
                let again = self.log().prepare(event.clone(), &[]).closes(None);
                let half: Ticket<bool, AppendError> = self.db.write(Lane::Consumer, "half", move |tx| {
                    log.append_in(tx, record)?;
                    Ok(log.append_in(tx, again).is_err())
                });
                assert!(half.wait().unwrap(), "an event is recorded once");
                model.push(event);
            }
            Step::Together(count) => {
                let (events, records): (Vec<_>, Vec<_>) = self.many(*count).into_iter().unzip();
                let together: Ticket<(), AppendError> = self.db.write(Lane::Consumer, "together", move |tx| {
                    records.into_iter().try_for_each(|record| log.append_in(tx, record).map(drop))
                });
                together.wait().unwrap();
                model.extend(events);
            }
            Step::Checkpoint => {
                Notary::new(&self.logs).tick().unwrap();
            }
            Step::Reopen => {}
        }
        assert_eq!(self.log().size(), u64::try_from(model.len()).unwrap(), "{step:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn the_log_holds_what_was_acknowledged_in_order(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        let mut model = store.log().events(&[0]).unwrap();
        for step in &steps {
            if matches!(step, Step::Reopen) {
                drop(store);
                store = open(folder.path());
            }
            store.apply(step, &mut model);
        }
        let all: Vec<u64> = (0..u64::try_from(model.len()).unwrap()).collect();
        let read = store.log().events(&all).unwrap();
        prop_assert_eq!(read.len(), model.len());
        for (read, wanted) in read.iter().zip(&model) {
            prop_assert_eq!(read.event_id, wanted.event_id);
            prop_assert_eq!(&read.user, &wanted.user);
            prop_assert_eq!(store.log().position_of(read.event_id).unwrap(), Some(read.log.as_ref().unwrap().completed));
        }
        let report = store.log().verify(&mut |_, _| {}).unwrap();
        prop_assert_eq!(report.entries, u64::try_from(model.len()).unwrap());
    }
}
