//! Exceptions and proposals: whatever people and the clock do, each ends once, and what has ended stays so.

use super::{NOW, db, ws};
use crate::exceptions::{self, Covers, Exception};
use crate::proposals::{self, Decided, Proposal};
use picket_db::{Db, Lane, Ticket, Tx};
use picket_stdx::Timestamp;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

fn write<T: Send + 'static>(
    db: &Db,
    job: impl FnOnce(&mut Tx<'_>) -> Result<T, rusqlite::Error> + Send + 'static,
) -> T {
    let ticket: Ticket<T, rusqlite::Error> = db.write(Lane::Admin, "test", job);
    ticket.wait().unwrap()
}

fn exception(id: &str, expires_at: Timestamp) -> Exception {
    Exception {
        id: id.to_owned(),
        covers: Covers { policy: "pii-detector".to_owned(), finding: "pii".to_owned(), ..Covers::default() },
        reason: "test data".to_owned(),
        author: "ann".to_owned(),
        author_id: "usr_ann".to_owned(),
        created_at: NOW,
        expires_at,
        escalation: None,
        status: "active".to_owned(),
        ended_at: None,
        ended_by: None,
    }
}

fn proposal(id: &str) -> Proposal {
    Proposal {
        id: id.to_owned(),
        digest: "d".to_owned(),
        text: "policies: {}".to_owned(),
        base: 1,
        author_id: "usr_ann".to_owned(),
        author: "ann".to_owned(),
        person: "usr_ann".to_owned(),
        created_at: NOW,
        status: "open".to_owned(),
        decided_at: None,
        decided_by: None,
        note: None,
        version: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// A step: who it concerns, what is done, and what the clock says then, which may go back.
    #[test]
    fn each_ends_once_and_stays_so(steps in proptest::collection::vec((0_u8..4, 0_u8..4, 0_u64..200), 1..30)) {
        let (db, _folder) = db();
        for number in 0..4_u64 {
            let (one, two) = (exception(&format!("exc_{number}"), NOW.plus(Duration::from_secs(50 * number))), proposal(&format!("prp_{number}")));
            write(&db, move |tx| {
                exceptions::create(tx, &ws(), &one)?;
                proposals::create(tx, &ws(), &two)
            });
        }
        let mut ended: BTreeMap<String, String> = BTreeMap::new();
        for (number, act, seconds) in steps {
            let (now, exc, prp) = (NOW.plus(Duration::from_secs(seconds)), format!("exc_{number}"), format!("prp_{number}"));
            let done: Vec<(String, String)> = match act {
                0 => write(&db, move |tx| exceptions::revoke(tx, &ws(), &exc, "bob", now)).map(|one| (one.id, one.status)).into_iter().collect(),
                1 => {
                    let all = write(&db, move |tx| exceptions::expire(tx, &ws(), now, 2));
                    prop_assert!(all.iter().all(|one| one.expires_at <= now));
                    all.into_iter().map(|one| (one.id, one.status)).collect()
                }
                word => {
                    let status = if word == 2 { "approved" } else { "rejected" };
                    let decided = Decided { status, at: now, by: "bob".to_owned(), note: None, version: (word == 2).then_some(2) };
                    write(&db, move |tx| proposals::decide(tx, &ws(), &prp, &decided)).map(|one| (one.id, one.status)).into_iter().collect()
                }
            };
            for (id, status) in done {
                prop_assert!(ended.insert(id, status).is_none(), "it ended twice");
            }
            for number in 0..4 {
                let (exc, prp) = (format!("exc_{number}"), format!("prp_{number}"));
                let one = db.read(|connection| exceptions::get(connection, &ws(), &exc)).unwrap().unwrap();
                let two = db.read(|connection| proposals::get(connection, &ws(), &prp)).unwrap().unwrap();
                prop_assert_eq!(&one.status, ended.get(&exc).map_or("active", String::as_str));
                prop_assert_eq!(&two.status, ended.get(&prp).map_or("open", String::as_str));
                prop_assert_eq!(one.ended_at.is_some(), ended.contains_key(&exc));
            }
            let active = db.read(|connection| exceptions::active(connection, &ws())).unwrap();
            prop_assert_eq!(active, 4 - ended.keys().filter(|id| id.starts_with("exc_")).count() as u64);
        }
    }
}
