//! Two workspaces in one database: to one of them it is as if the other were not there.

mod destinations;
mod detection;
mod schedules;
mod sealed;
mod tickets;
mod webhooks;

use super::{NOW, db};
use crate::containments::{self, Containment, Containments, Effect, Never, TargetKind};
use crate::credentials::{Details, NewCredential};
use crate::escalations::{self, Escalation, Filter, QueueError, Resolve, Step, Taken};
use crate::exceptions::{self, Covers, Exception};
use crate::exports::{self, Export};
use crate::holds::{self, Hold};
use crate::incidents::{self, Incident};
use crate::policies;
use crate::proposals::{self, Decided, Proposal};
use crate::sealed::Vault;
use crate::signals;
use crate::{Credentials, Role, TokenKind};
use picket_db::{Db, Lane, Ticket, Tx};
use picket_event::{EventId, Workspace};
use picket_keys::{Key, Keyring, RootKey};
use picket_stdx::Timestamp;
use rusqlite::{Connection, types::Value};
use std::collections::BTreeSet;
use std::time::Duration;

const DIGEST: [u8; 32] = [7; 32];
const LIFE: Duration = Duration::from_secs(1_000);
/// When whatever ends by itself has ended.
const LATER: Timestamp = Timestamp::from_millis(1_780_000_000_000 + 3_600_000);
/// What one asks for by name is always the other's.
const THEIRS: &str = "theirs";

fn workspaces() -> [(Workspace, &'static str, u64); 2] {
    let named = |name| Workspace::parse(name).unwrap();
    // Of different numbers, so that a count tells whose rows were counted.
    [(named("ws_mine"), "mine", 1), (named("ws_theirs"), THEIRS, 3)]
}

/// A database, and what is in memory of it.
struct Place {
    db: Db,
    credentials: Credentials,
    containments: Containments,
    vault: Vault,
    _folder: tempfile::TempDir,
}

/// What a function under test is called with.
struct At<'a, 'b> {
    tx: &'a mut Tx<'b>,
    whose: &'a Workspace,
    credentials: &'a Credentials,
    containments: &'a Containments,
    vault: &'a Vault,
}

impl At<'_, '_> {
    fn connection(&self) -> &Connection {
        self.tx.connection()
    }

    /// The id of a credential of the other, which is random.
    fn credential(&self) -> String {
        let sql = "SELECT id FROM credential WHERE name = 'theirs_1'";
        self.connection().query_row(sql, [], |row| row.get(0)).unwrap_or_else(|_none| "key_none".to_owned())
    }
}

fn id(kind: &str, mark: &str, number: u64) -> String {
    format!("{kind}_{mark}_{number}")
}

fn first(kind: &str) -> String {
    id(kind, THEIRS, 1)
}

fn credential(workspace: &Workspace, name: &str) -> NewCredential {
    NewCredential {
        kind: TokenKind::GatewayKey,
        roles: Role::Service.into(),
        workspace: workspace.clone(),
        name: Some(name.to_owned()),
        details: Details { user: Some("mallory".to_owned()), ..Details::default() },
        created_by: "tok_x".to_owned(),
        created_at: NOW,
        expires_at: None,
    }
}

fn escalation(mark: &str, number: u64) -> Escalation {
    Escalation {
        id: id("esc", mark, number),
        kind: "pii".to_owned(),
        likeness: "alike".to_owned(),
        created_at: NOW,
        severity: "high".to_owned(),
        priority: 3,
        event_id: id("evt", mark, number),
        user: Some("mallory".to_owned()),
        expires_at: Some(NOW.plus(LIFE)),
        ..Escalation::default()
    }
}

/// The key of a signal.
fn signal(mark: &str, number: u64) -> [u8; 32] {
    let mut key = [0; 32];
    id("sig", mark, number).bytes().zip(&mut key).for_each(|(byte, place)| *place = byte);
    key
}

fn incident(mark: &str, number: u64) -> Incident {
    Incident {
        id: id("inc", mark, number),
        kind: "pii".to_owned(),
        severity: "high".to_owned(),
        status: "open".to_owned(),
        title: mark.to_owned(),
        escalation: Some(id("esc", mark, number)),
        event_id: id("evt", mark, number),
        user: Some("mallory".to_owned()),
        created_at: NOW,
        created_by: "ann".to_owned(),
        finding: Some(id("fnd", mark, number)),
        category: Some("anomaly".to_owned()),
        // Only the other has one about him.
        entity: Some(("user".to_owned(), mark.to_owned())),
        ..Incident::default()
    }
}

fn exception(mark: &str, number: u64) -> Exception {
    Exception {
        id: id("exc", mark, number),
        covers: Covers {
            policy: "pii-detector".to_owned(),
            finding: "pii".to_owned(),
            user: Some("mallory".to_owned()),
            ..Covers::default()
        },
        reason: mark.to_owned(),
        author: "ann".to_owned(),
        author_id: "usr_ann".to_owned(),
        created_at: NOW,
        expires_at: NOW.plus(LIFE + Duration::from_secs(number)),
        escalation: None,
        status: "active".to_owned(),
        ended_at: None,
        ended_by: None,
    }
}

fn proposal(mark: &str, number: u64) -> Proposal {
    Proposal {
        id: id("prp", mark, number),
        digest: mark.to_owned(),
        text: mark.to_owned(),
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

fn containment(mark: &str, number: u64, state: containments::State) -> Containment {
    let kind = if state == containments::State::Active { TargetKind::Key } else { TargetKind::User };
    Containment {
        id: format!("{}_{state}", id("cnt", mark, number)),
        effect: Effect::Block,
        kind,
        target: "mallory".to_owned(),
        model: None,
        feature: None,
        sender: None,
        rate: None,
        is_dry: false,
        reason: mark.to_owned(),
        cause: Some("a rule".to_owned()),
        state,
        created_by: "tok_1".to_owned(),
        created_at: NOW,
        lasts: LIFE,
        ends_at: NOW.plus(LIFE),
        changed_by: None,
        changed_at: None,
        change_reason: None,
    }
}

fn export(state: &str) -> Export {
    Export {
        id: first("exp"),
        state: state.to_owned(),
        request: "{}".to_owned(),
        created_by: "ann".to_owned(),
        created_at: NOW,
        finished_at: (state == "done").then_some(NOW),
        rows: 9,
        bytes: 9,
        total: 9,
        sha256: None,
        error: None,
        restarts: 0,
        restarted_at: None,
        part: None,
        schedule: None,
        window: None,
    }
}

fn hold(mark: &str) -> Hold {
    Hold { escalation: id("esc", mark, 1), priority: 2, lasts: LIFE }
}

fn snoozed() -> Taken {
    let until = NOW.plus(Duration::from_secs(60));
    Taken { step: Step::Snooze { until }, note: None, by: "ann".to_owned(), at: NOW, version: None }
}

fn decision() -> Resolve {
    Resolve {
        resolution: "rejected",
        verdict: "true_positive".to_owned(),
        note: None,
        by: "bob".to_owned(),
        person: "usr_bob".to_owned(),
        also: Vec::new(),
        at: NOW,
        version: None,
        two_for: Vec::new(),
        incident: None,
    }
}

/// Puts rows of everything in, by the functions that the product has for it.
fn fill(at: &mut At<'_, '_>, mark: &str, count: u64) -> Result<(), QueueError> {
    let whose = at.whose;
    for number in 1..=count {
        at.credentials.create(at.tx, &credential(whose, &format!("{mark}_{number}")))?;
        escalations::create(at.tx, whose, &escalation(mark, number))?;
        incidents::create(at.tx, whose, &incident(mark, number))?;
        exceptions::create(at.tx, whose, &exception(mark, number))?;
        proposals::create(at.tx, whose, &proposal(mark, number))?;
        policies::activate(at.tx, whose, mark, &format!("{mark}_{number}"), "ann", NOW)?;
        exports::create(at.tx, whose, &id("exp", mark, number), "{}", "ann", NOW)?;
        for state in [containments::State::Active, containments::State::Undone] {
            containments::create(at.tx, at.containments, whose, &containment(mark, number, state))?;
        }
    }
    for number in 1..=count {
        signals::remember(at.tx, whose, &signal(mark, number), EventId::from_bits(number.into()), NOW)?;
    }
    holds::enter(at.tx, whose, &DIGEST, &hold(mark), NOW)?;
    sealed::fill(at, mark, count)?;
    destinations::fill(at, mark, count)?;
    tickets::fill(at, mark, count)?;
    webhooks::fill(at, mark, count)?;
    schedules::fill(at, mark, count)?;
    detection::fill(at, mark, count)
}

/// All cases.
fn cases() -> impl Iterator<Item = &'static Case> {
    let more =
        [detection::CASES, schedules::CASES, sealed::CASES, destinations::CASES, tickets::CASES, webhooks::CASES];
    CASES.iter().chain(more.into_iter().flatten())
}

type Case = (&'static str, fn(&mut At<'_, '_>) -> Result<String, QueueError>);

fn shown<T: std::fmt::Debug, E: Into<QueueError>>(found: Result<T, E>) -> Result<String, QueueError> {
    found.map(|found| format!("{found:?}")).map_err(Into::into)
}

/// Every function that is given a workspace.
const CASES: &[Case] = &[
    ("credentials::list", |at| {
        let names: Vec<_> = at.credentials.list(at.whose).iter().map(|one| one.name.clone()).collect();
        Ok(format!("{names:?}"))
    }),
    ("credentials::get", |at| {
        Ok(format!("{:?}", at.credentials.get(at.whose, &at.credential()).map(|one| one.name.clone())))
    }),
    ("credentials::create", |at| {
        let made = at.credentials.create(at.tx, &credential(at.whose, "new"));
        shown(made.map(drop))
    }),
    ("credentials::revoke", |at| {
        let id = at.credential();
        shown(at.credentials.revoke(at.tx, at.whose, &id, NOW))
    }),
    ("credentials::trade", |at| {
        let id = at.credential();
        shown(at.credentials.trade(at.tx, &id, &credential(at.whose, "new")).map(|made| made.is_some()))
    }),
    ("credentials::forget_user", |at| shown(at.credentials.forget_user(at.tx, at.whose, "mallory"))),
    ("escalations::create", |at| shown(escalations::create(at.tx, at.whose, &escalation("new", 1)))),
    ("escalations::get", |at| shown(escalations::get(at.connection(), at.whose, &first("esc")))),
    ("escalations::list", |at| {
        shown(escalations::list(at.connection(), at.whose, &Filter { limit: 100, ..Filter::default() }))
    }),
    ("escalations::pending", |at| shown(escalations::pending(at.connection(), at.whose))),
    ("escalations::groups", |at| shown(escalations::groups(at.connection(), at.whose, 100))),
    ("escalations::precedent", |at| {
        shown(escalations::precedent(at.connection(), at.whose, &escalation("new", 1), Timestamp::default()))
    }),
    ("escalations::measured", |at| shown(escalations::measured(at.connection(), at.whose, Timestamp::default()))),
    ("escalations::waiting", |at| shown(escalations::waiting(at.connection(), at.whose, LATER))),
    ("escalations::take", |at| shown(escalations::take(at.tx, at.whose, &first("esc"), &snoozed()))),
    ("escalations::wake", |at| {
        // What sleeps is the other's, and one's own where one is the other.
        escalations::take(at.tx, &workspaces()[1].0, &first("esc"), &snoozed()).map_or_else(
            |error| if matches!(error, QueueError::NotFound) { Ok(()) } else { Err(error) },
            |_asleep| Ok(()),
        )?;
        shown(escalations::wake(at.tx, at.whose, LATER, 100).map(|all| all.len()))
    }),
    ("escalations::resolve", |at| shown(escalations::resolve(at.tx, at.whose, &first("esc"), &decision()))),
    ("escalations::expire", |at| shown(escalations::expire(at.tx, at.whose, LATER, 100))),
    ("escalations::forget_user", |at| shown(escalations::forget_user(at.tx, at.whose, "mallory"))),
    ("incidents::create", |at| shown(incidents::create(at.tx, at.whose, &incident("new", 1)))),
    ("incidents::get", |at| shown(incidents::get(at.connection(), at.whose, &first("inc")))),
    ("incidents::list", |at| shown(incidents::list(at.connection(), at.whose, 100))),
    ("incidents::open_about", |at| {
        let about = (Some("anomaly"), "user", THEIRS);
        shown(incidents::open_about(at.connection(), at.whose, about, Timestamp::default()))
    }),
    ("incidents::opened_by_findings", |at| {
        shown(incidents::opened_by_findings(at.connection(), at.whose, Timestamp::default()))
    }),
    ("incidents::change", |at| {
        let closed = Incident { status: "closed".to_owned(), ..incident(THEIRS, 1) };
        shown(incidents::change(at.tx, at.whose, &closed))
    }),
    ("incidents::forget_user", |at| shown(incidents::forget_user(at.tx, at.whose, "mallory"))),
    ("exceptions::create", |at| shown(exceptions::create(at.tx, at.whose, &exception("new", 1)))),
    ("exceptions::get", |at| shown(exceptions::get(at.connection(), at.whose, &first("exc")))),
    ("exceptions::list", |at| shown(exceptions::list(at.connection(), at.whose, (None, None), 100))),
    ("exceptions::active", |at| shown(exceptions::active(at.connection(), at.whose))),
    ("exceptions::next_end", |at| {
        exceptions::revoke(at.tx, &workspaces()[0].0, &id("exc", "mine", 1), "ann", NOW)?;
        shown(exceptions::next_end(at.connection(), at.whose))
    }),
    ("exceptions::revoke", |at| shown(exceptions::revoke(at.tx, at.whose, &first("exc"), "bob", NOW))),
    ("exceptions::expire", |at| shown(exceptions::expire(at.tx, at.whose, LATER, 100))),
    ("exceptions::forget_user", |at| shown(exceptions::forget_user(at.tx, at.whose, "mallory"))),
    ("proposals::create", |at| shown(proposals::create(at.tx, at.whose, &proposal("new", 1)))),
    ("proposals::get", |at| shown(proposals::get(at.connection(), at.whose, &first("prp")))),
    ("proposals::list", |at| shown(proposals::list(at.connection(), at.whose, None, 100))),
    ("proposals::open", |at| shown(proposals::open(at.connection(), at.whose, 1))),
    ("proposals::decide", |at| {
        let decided = Decided { status: "approved", at: NOW, by: "bob".to_owned(), note: None, version: Some(2) };
        shown(proposals::decide(at.tx, at.whose, &first("prp"), &decided))
    }),
    ("signals::remember", |at| {
        shown(signals::remember(at.tx, at.whose, &signal(THEIRS, 1), EventId::from_bits(9), NOW))
    }),
    ("signals::forget", |at| shown(signals::forget(at.tx, at.whose, LATER, 100))),
    ("policies::activate", |at| shown(policies::activate(at.tx, at.whose, "new", "new", "bob", NOW))),
    ("policies::mark_break_glass", |at| shown(policies::mark_break_glass(at.tx, at.whose, 3, "why"))),
    ("policies::active", |at| shown(policies::active(at.connection(), at.whose))),
    ("policies::get", |at| shown(policies::get(at.connection(), at.whose, 3))),
    ("policies::history", |at| shown(policies::history(at.connection(), at.whose))),
    ("exports::create", |at| shown(exports::create(at.tx, at.whose, "exp_new", "{}", "bob", NOW))),
    ("exports::update", |at| shown(exports::update(at.tx, at.whose, &export("done")))),
    ("exports::cancel", |at| shown(exports::cancel(at.tx, at.whose, &first("exp"), NOW))),
    ("exports::expire", |at| {
        exports::update(at.tx, &workspaces()[1].0, &export("done"))?;
        shown(exports::expire(at.tx, at.whose, LATER, 100))
    }),
    ("exports::with_files", |at| {
        exports::update(at.tx, &workspaces()[1].0, &export("done"))?;
        shown(exports::with_files(at.connection(), at.whose))
    }),
    ("exports::withdraw", |at| {
        exports::update(at.tx, &workspaces()[1].0, &export("done"))?;
        shown(exports::withdraw(at.tx, at.whose, &first("exp"), NOW))
    }),
    ("exports::get", |at| shown(exports::get(at.connection(), at.whose, &first("exp")))),
    ("exports::list", |at| shown(exports::list(at.connection(), at.whose))),
    ("exports::next", |at| {
        exports::cancel(at.tx, &workspaces()[0].0, &id("exp", "mine", 1), NOW)?;
        shown(exports::next(at.connection(), at.whose))
    }),
    ("holds::enter", |at| shown(holds::enter(at.tx, at.whose, &DIGEST, &hold("new"), NOW))),
    ("holds::known", |at| shown(holds::known(at.connection(), at.whose, &DIGEST, NOW))),
    ("holds::of_escalation", |at| shown(holds::of_escalation(at.connection(), at.whose, &first("esc")))),
    ("holds::decide", |at| shown(holds::decide(at.tx, at.whose, &first("esc"), holds::State::Approved, NOW))),
    ("holds::forget", |at| shown(holds::forget(at.tx, at.whose, LATER, 100))),
    ("containments::create", |at| {
        let new = containment("new", 1, containments::State::Active);
        shown(containments::create(at.tx, at.containments, at.whose, &new))
    }),
    ("containments::change", |at| {
        let to =
            containments::Change { state: containments::State::Undone, by: "bob".to_owned(), at: NOW, reason: None };
        let id = format!("{}_active", first("cnt"));
        shown(containments::change(at.tx, at.containments, at.whose, &id, &[containments::State::Active], &to))
    }),
    ("containments::ended", |at| shown(containments::ended(at.connection(), at.whose, LATER, 100))),
    ("containments::active_since", |at| {
        shown(containments::active_since(at.connection(), at.whose, None, Timestamp::default()))
    }),
    ("containments::get", |at| {
        shown(containments::get(at.connection(), at.whose, &format!("{}_active", first("cnt"))))
    }),
    ("containments::list", |at| shown(containments::list(at.connection(), at.whose, None, 100))),
    ("containments::forget_user", |at| shown(containments::forget_user(at.tx, at.whose, "mallory", "usr_m"))),
];

impl Place {
    /// One with the rows of these.
    fn of(filled: &[(Workspace, &'static str, u64)]) -> Self {
        let (db, folder) = db();
        let credentials = Credentials::open(&db, &Key::new([5; 32])).unwrap();
        let containments = Containments::open(&db, &workspaces()[0].0, Never::default()).unwrap();
        let keyring = Keyring::open(&db, RootKey::new([1; 32])).unwrap();
        let vault = Vault::of(&keyring).unwrap();
        let place = Self { db, credentials, containments, vault, _folder: folder };
        for (whose, mark, count) in filled.iter().cloned() {
            assert_eq!(place.run(&whose, move |at| fill(at, mark, count).map(|()| String::new())), "");
        }
        // What is sealed now is so with an older key.
        place.vault.renew(&keyring).unwrap();
        place
    }

    fn run(
        &self,
        whose: &Workspace,
        case: impl FnOnce(&mut At<'_, '_>) -> Result<String, QueueError> + Send + 'static,
    ) -> String {
        let (whose, credentials) = (whose.clone(), self.credentials.clone());
        let (containments, vault) = (self.containments.clone(), self.vault.clone());
        let done: Ticket<String, QueueError> = self.db.write(Lane::Admin, "test", move |tx| {
            let mut at =
                At { tx, whose: &whose, credentials: &credentials, containments: &containments, vault: &vault };
            case(&mut at)
        });
        done.wait().unwrap_or_else(|error| format!("{error:?}"))
    }

    /// All rows of a workspace, in every table that has some of several; what is random of them is left out, and numbers
    /// that are of the file.
    fn rows(&self, whose: &Workspace) -> Vec<String> {
        let read = |connection: &Connection| {
            let sql = "SELECT t.name, group_concat(c.name) FROM sqlite_master t JOIN pragma_table_info(t.name) c
                       WHERE t.type = 'table' AND NOT (t.name = 'credential' AND c.name IN ('id', 'mac'))
                         AND NOT (t.name IN ('ticket_outbox', 'webhook_message', 'webhook_attempt') AND c.name = 'id')
                       AND NOT (t.name = 'sealed' AND c.name = 'secret')
                       GROUP BY t.name HAVING sum(c.name = 'workspace') > 0";
            let mut tables = connection.prepare(sql)?;
            let tables = tables.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let tables = tables.collect::<Result<Vec<(String, String)>, _>>()?;
            let mut all = Vec::new();
            for (table, columns) in tables {
                let sql = format!("SELECT {columns} FROM {table} WHERE workspace = ?1 ORDER BY {columns}");
                let mut statement = connection.prepare(&sql)?;
                let width = statement.column_count();
                let rows = statement.query_map([whose.as_str()], |row| {
                    (0..width).map(|column| row.get(column)).collect::<Result<Vec<Value>, _>>()
                })?;
                for row in rows {
                    all.push(format!("{table} {:?}", row?));
                }
            }
            Ok::<_, rusqlite::Error>(all)
        };
        self.db.read(read).unwrap()
    }
}

#[test]
fn to_a_workspace_it_is_as_if_no_other_were_there() {
    let [mine, theirs] = workspaces();
    for (name, case) in cases() {
        let (alone, both) = (Place::of(std::slice::from_ref(&mine)), Place::of(&[mine.clone(), theirs.clone()]));
        let untouched = Place::of(std::slice::from_ref(&theirs));
        // What a case does first, in the other's name, is no fault of it.
        let prepared = [
            "escalations::wake",
            "exports::expire",
            "exports::expire_surplus",
            "exports::forget_ended",
            "exports::with_files",
            "exports::withdraw",
            "tickets::dead",
            "tickets::replay",
        ];
        let (before, is_prepared) = (both.rows(&theirs.0), prepared.contains(name));
        assert_eq!(before, untouched.rows(&theirs.0), "{name}");
        let (without, with) = (alone.run(&mine.0, case), both.run(&mine.0, case));
        assert_eq!(with, without, "{name} finds what is of another workspace");
        assert!(!with.contains(THEIRS), "{name}: {with}");
        assert_eq!(both.rows(&mine.0), alone.rows(&mine.0), "{name} does something else to its own rows");
        if is_prepared {
            let slept = before.iter().filter(|row| both.rows(&theirs.0).contains(row)).count();
            assert_eq!(slept + 1, before.len(), "{name} changes what is of another workspace");
        } else {
            assert_eq!(both.rows(&theirs.0), before, "{name} changes what is of another workspace");
        }
        // Asked by whom it belongs to, there is something to find or to change.
        let own = Place::of(&[mine.clone(), theirs.clone()]);
        let found = own.run(&theirs.0, case);
        assert!(found != with || own.rows(&theirs.0) != before, "{name} shows nothing: {found}");
    }
}

#[test]
fn a_snapshot_of_containments_is_of_one_workspace() {
    let [mine, theirs] = workspaces();
    let place = Place::of(&[mine.clone(), theirs.clone()]);
    for (whose, mark, count) in [mine, theirs] {
        let in_force = Containments::open(&place.db, &whose, Never::default()).unwrap();
        assert_eq!(in_force.len() as u64, count);
        let is_in_force = |mark| in_force.hits(&format!("{}_active", id("cnt", mark, 1))).is_some();
        assert_eq!((is_in_force("mine"), is_in_force(THEIRS)), (mark == "mine", mark == THEIRS));
    }
}

#[test]
fn every_function_that_is_given_a_workspace_is_among_those() {
    let known: BTreeSet<&str> = cases().map(|(name, _)| *name).collect();
    assert_eq!(known.len(), cases().count());
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut found = 0;
    while let Some(folder) = folders.pop() {
        for item in std::fs::read_dir(folder).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let (_, inside) = path.to_str().unwrap().rsplit_once("/src/").unwrap();
            let module = inside.trim_start_matches("detection/").split(['/', '.']).next().unwrap();
            if inside.contains("tests") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for function in text.split("pub fn ").skip(1) {
                let head = function.split('{').next().unwrap();
                let name = format!("{module}::{}", head.split('(').next().unwrap());
                let is_given = head.contains("&Workspace") && name != "containments::open";
                assert!(!is_given || known.contains(name.as_str()), "{name} is not tried with two workspaces");
                found += usize::from(is_given);
            }
        }
    }
    let count = cases().count();
    assert!(found + 2 == count, "{found} functions, {count} cases: credentials say theirs themselves");
}
