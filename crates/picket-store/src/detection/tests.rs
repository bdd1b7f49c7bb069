use super::entities::Points;
use super::findings::{Details, Filter, Finding, Note, Response, Status, Verdict};
use super::rules::{Choice, RuleState};
use super::suppressions::Suppression;
use super::*;
use picket_db::{Db, Lane, Options, Ticket};
use picket_event::{Category, Severity, Workspace};
use picket_stdx::Timestamp;
use std::time::Duration;

static WS: std::sync::LazyLock<Workspace> = std::sync::LazyLock::new(|| Workspace::parse("ws_default").unwrap());
const NOW: Timestamp = Timestamp::from_micros(1_000_000_000_000);

fn db() -> (Db, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Db::open(Options::new(folder.path().join("s.db")), &[MIGRATIONS]).unwrap(), folder)
}

fn write<T: Send + 'static>(
    db: &Db,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T, rusqlite::Error> + Send + 'static,
) -> T {
    let done: Ticket<T, rusqlite::Error> = db.write(Lane::Admin, "test", work);
    done.wait().unwrap()
}

fn finding(number: u32, rule: &str, user: &str, severity: Severity) -> Finding {
    Finding {
        id: format!("fnd_{number:03}"),
        fingerprint: format!("{rule}/{user}"),
        rule: rule.to_owned(),
        category: Some(Category::PromptAttack),
        severity,
        entity_kind: "user".to_owned(),
        entity: user.to_owned(),
        is_shadow: false,
        status: Status::Open,
        verdict: None,
        hits: 1,
        first_at: NOW,
        last_at: NOW,
        created_at: NOW.plus(Duration::from_secs(u64::from(number))),
        version: 1,
        details: Details { title: "Blocks".to_owned(), confidence: 0.5, ..Details::default() },
    }
}

fn ids(db: &Db, filter: &Filter) -> Vec<String> {
    let found = db.read(|connection| findings::list(connection, &WS, filter, 100)).unwrap();
    found.into_iter().map(|finding| finding.id).collect()
}

#[test]
fn findings_are_listed_newest_first_by_everything_that_is_asked_for() {
    let (db, _folder) = db();
    let shadow = Finding { is_shadow: true, ..finding(4, "other", "ben", Severity::Critical) };
    let closed = Finding {
        status: Status::Closed,
        verdict: Some(Verdict::Benign),
        ..finding(3, "blocks", "ben", Severity::Low)
    };
    let all =
        [finding(1, "blocks", "ana", Severity::High), finding(2, "other", "ana", Severity::Medium), closed, shadow];
    write(&db, move |tx| all.iter().try_for_each(|finding| findings::create(tx, &WS, finding)));
    let text = |text: &str| Some(text.to_owned());
    let none = Filter::default;
    for (filter, expected) in [
        (none(), &["fnd_004", "fnd_003", "fnd_002", "fnd_001"][..]),
        (Filter { is_shadow: Some(false), ..none() }, &["fnd_003", "fnd_002", "fnd_001"]),
        (Filter { severity: Some(Severity::High), ..none() }, &["fnd_004", "fnd_001"]),
        (Filter { rule: text("other"), ..none() }, &["fnd_004", "fnd_002"]),
        (Filter { entity: Some(("user".to_owned(), "ana".to_owned())), ..none() }, &["fnd_002", "fnd_001"]),
        (Filter { entity: Some(("key".to_owned(), "ana".to_owned())), ..none() }, &[]),
        (Filter { status: Some(Status::Closed), ..none() }, &["fnd_003"]),
        (Filter { is_unclosed: true, is_shadow: Some(false), ..none() }, &["fnd_002", "fnd_001"]),
        (Filter { verdict: Some(Verdict::Benign), ..none() }, &["fnd_003"]),
        (Filter { category: Some(Category::Anomaly), ..none() }, &[]),
        (Filter { since: Some(NOW.plus(Duration::from_secs(3))), ..none() }, &["fnd_004", "fnd_003"]),
        (Filter { before: text("fnd_003"), ..none() }, &["fnd_002", "fnd_001"]),
    ] {
        assert_eq!(ids(&db, &filter), expected, "{filter:?}");
    }
    let tallies = db.read(|connection| findings::tallies(connection, &WS, NOW)).unwrap();
    let short: Vec<_> = tallies
        .iter()
        .map(|tally| (tally.rule.as_str(), tally.findings, tally.shadow, tally.benign, tally.undecided))
        .collect();
    assert_eq!(short, [("blocks", 2, 0, 1, 1), ("other", 2, 1, 0, 2)]);
}

#[test]
fn what_is_updated_is_read_back_and_other_workspaces_see_nothing() {
    let (db, _folder) = db();
    let mut one = finding(1, "blocks", "ana", Severity::High);
    let first = one.clone();
    write(&db, move |tx| findings::create(tx, &WS, &first));
    (one.status, one.verdict, one.hits, one.version) = (Status::Closed, Some(Verdict::FalsePositive), 7, 2);
    one.details.notes.push(Note { by: "bob".to_owned(), at: NOW, text: "a test".to_owned() });
    let changed = one.clone();
    write(&db, move |tx| findings::update(tx, &WS, &changed));
    assert_eq!(db.read(|connection| findings::get(connection, &WS, "fnd_001")).unwrap(), Some(one));
    assert_eq!(db.read(|connection| findings::get(connection, &Workspace::random(), "fnd_001")).unwrap(), None);
    let newest = |shadow| db.read(|connection| findings::newest(connection, &WS, "blocks/ana", shadow)).unwrap();
    assert!(newest(false).is_some() && newest(true).is_none());
    assert_eq!(write(&db, |tx| findings::drop_older(tx, &WS, NOW.plus(Duration::from_secs(9)), 10)), 1);
    assert!(newest(false).is_none());
}

#[test]
fn points_halve_in_their_own_time_and_add_up() {
    let (db, _folder) = db();
    let day = Duration::from_secs(86_400);
    let points = |at, points, half_life| Points {
        at,
        points,
        half_life,
        rule: "blocks".to_owned(),
        finding: "fnd_001".to_owned(),
    };
    let score = write(&db, move |tx| {
        entities::add(tx, &WS, ("user", "ana"), &points(NOW, 40.0, day))?;
        entities::add(tx, &WS, ("user", "ben"), &points(NOW, 50.0, day))?;
        entities::add(tx, &WS, ("user", "ana"), &points(NOW.plus(day), 30.0, day * 7))
    });
    assert!((score - 50.0).abs() < 1e-9, "{score}");
    let all = db.read(|connection| entities::list(connection, &WS, NOW, 10)).unwrap();
    assert_eq!(all.iter().map(|one| one.entity.as_str()).collect::<Vec<_>>(), ["ana", "ben"]);
    let history = db.read(|connection| entities::history(connection, &WS, ("user", "ana"), 10)).unwrap();
    assert_eq!(history.iter().map(|one| one.at).collect::<Vec<_>>(), [NOW.plus(day), NOW]);
    assert_eq!(write(&db, move |tx| entities::drop_older(tx, &WS, NOW.plus(day), 10)), 2);
    assert_eq!(db.read(|connection| entities::list(connection, &WS, NOW, 10)).unwrap().len(), 1);
}

#[test]
fn a_suppression_counts_until_it_ends() {
    let (db, _folder) = db();
    let one = Suppression {
        id: "sup_1".to_owned(),
        rule: Some("blocks".to_owned()),
        entity: Some(("user".to_owned(), "ana".to_owned())),
        reason: "a load test".to_owned(),
        created_by: "bob".to_owned(),
        created_at: NOW,
        expires_at: NOW.plus(Duration::from_secs(60)),
        ended: None,
        hits: 0,
    };
    for (rule, kind, entity, expected) in
        [("blocks", "user", "ana", true), ("other", "user", "ana", false), ("blocks", "key", "ana", false)]
    {
        assert_eq!(one.covers(rule, kind, entity), expected, "{rule} {kind} {entity}");
    }
    assert!(Suppression { rule: None, ..one.clone() }.covers("other", "user", "ana"));
    assert!(Suppression { entity: None, ..one.clone() }.covers("blocks", "key", "k"));
    write(&db, move |tx| suppressions::create(tx, &WS, &one));
    write(&db, |tx| suppressions::count(tx, &WS, "sup_1", 3));
    let active = |at| db.read(|connection| suppressions::list(connection, &WS, Some(at), 10)).unwrap().len();
    assert_eq!((active(NOW), active(NOW.plus(Duration::from_secs(60)))), (1, 0));
    let ended = write(&db, |tx| suppressions::end(tx, &WS, "sup_1", ("bob", NOW))).unwrap();
    assert_eq!((ended.hits, ended.is_active(NOW), active(NOW)), (3, false, 0));
    assert_eq!(write(&db, |tx| suppressions::end(tx, &WS, "sup_1", ("bob", NOW))), None);
}

#[test]
fn choices_and_the_checkpoint_are_replaced() {
    let (db, _folder) = db();
    for (state, responds, position) in [(RuleState::Shadow, false, 5), (RuleState::Enabled, true, 9)] {
        let choice = Choice {
            rule: "blocks".to_owned(),
            state,
            responds,
            reason: "a week of replay".to_owned(),
            changed_by: "bob".to_owned(),
            changed_at: NOW,
        };
        write(&db, move |tx| {
            rules::choose(tx, &WS, &choice)?;
            checkpoint::set(tx, &WS, position, &[7])
        });
    }
    let choices = db.read(|connection| rules::choices(connection, &WS)).unwrap();
    assert_eq!(choices.iter().map(|one| (one.state, one.responds)).collect::<Vec<_>>(), [(RuleState::Enabled, true)]);
    assert_eq!(db.read(|connection| checkpoint::get(connection, &WS)).unwrap(), Some((9, vec![7])));
    write(&db, |tx| checkpoint::forget(tx, &WS));
    assert_eq!(db.read(|connection| checkpoint::get(connection, &WS)).unwrap(), None);
}

#[test]
fn of_a_user_who_is_forgotten_no_name_is_left_in_any_table() {
    let (db, folder) = db();
    let mut one = finding(1, "blocks", "ana@example.com", Severity::High);
    one.details.notes.push(Note { by: "bob".to_owned(), at: NOW, text: "ana@example.com knows".to_owned() });
    let mut other = finding(2, "blocks", "s-1", Severity::High);
    other.entity_kind = "session".to_owned();
    let response = |target: &str| Response {
        effect: "block".to_owned(),
        kind: "user".to_owned(),
        target: target.to_owned(),
        feature: None,
        model: None,
        containment: None,
        refused: Some(format!("user {target} is on the list")),
    };
    other.details.reason = "ana@example.com had 3 requests blocked".to_owned();
    other.details.responses = vec![response("ana@example.com")];
    let suppression = Suppression {
        id: "sup_1".to_owned(),
        rule: None,
        entity: Some(("user".to_owned(), "ana@example.com".to_owned())),
        reason: "ana@example.com is on leave".to_owned(),
        created_by: "bob".to_owned(),
        created_at: NOW,
        expires_at: NOW.plus(Duration::from_secs(60)),
        ended: None,
        hits: 0,
    };
    let points = Points {
        at: NOW,
        points: 1.0,
        half_life: Duration::from_secs(60),
        rule: "blocks".to_owned(),
        finding: "fnd_001".to_owned(),
    };
    write(&db, move |tx| {
        findings::create(tx, &WS, &one)?;
        findings::create(tx, &WS, &other)?;
        suppressions::create(tx, &WS, &suppression)?;
        entities::add(tx, &WS, ("user", "ana@example.com"), &points)?;
        forget_user(tx, &WS, "ana@example.com", "usr_1")
    });
    let found = db.read(|connection| findings::get(connection, &WS, "fnd_001")).unwrap().unwrap();
    assert_eq!((found.entity.as_str(), found.fingerprint.as_str()), ("usr_1", "fnd_001"));
    let found = db.read(|connection| findings::get(connection, &WS, "fnd_002")).unwrap().unwrap();
    assert_eq!(found.details.responses, [response("usr_1")]);
    drop(db);
    let held = rusqlite::Connection::open(folder.path().join("s.db")).unwrap();
    for table in ["finding", "suppression", "entity", "entity_risk"] {
        let mut statement = held.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                let value = format!("{:?}", row.get_ref(column).unwrap());
                assert!(!value.contains("97, 110, 97, 64") && !value.contains("ana@"), "{table}: {value}");
            }
        }
    }
}
