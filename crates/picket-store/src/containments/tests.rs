use super::*;
use crate::MIGRATIONS;
use picket_db::{Db, Lane, Options, Ticket};
use picket_event::Workspace;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::from_micros(1_000_000_000);

fn ws() -> Workspace {
    Workspace::parse("ws_1").unwrap()
}

fn db() -> (Db, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Db::open(Options::new(folder.path().join("s.db")), &[MIGRATIONS]).unwrap(), folder)
}

fn block(id: &str, kind: TargetKind, target: &str) -> Containment {
    Containment {
        id: id.to_owned(),
        effect: Effect::Block,
        kind,
        target: target.to_owned(),
        model: None,
        feature: None,
        sender: None,
        rate: None,
        is_dry: false,
        reason: "test".to_owned(),
        cause: None,
        state: State::Active,
        created_by: "tok_1".to_owned(),
        created_at: NOW,
        lasts: Duration::from_secs(60),
        ends_at: NOW.plus(Duration::from_secs(60)),
        changed_by: None,
        changed_at: None,
        change_reason: None,
    }
}

fn add(db: &Db, all: &Containments, new: Containment) {
    let all = all.clone();
    let done: Ticket<(), rusqlite::Error> = db.write(Lane::Admin, "test", move |tx| create(tx, &all, &ws(), &new));
    done.wait().unwrap();
}

fn moved(db: &Db, all: &Containments, id: &'static str, from: &'static [State], state: State) -> Option<Containment> {
    let all = all.clone();
    let to = Change { state, by: "tok_2".to_owned(), at: NOW.plus(Duration::from_secs(1)), reason: None };
    let done: Ticket<_, rusqlite::Error> =
        db.write(Lane::Admin, "test", move |tx| change(tx, &all, &ws(), id, from, &to));
    done.wait().unwrap()
}

fn ids(all: &Containments, whom: &Whom<'_>) -> Vec<String> {
    all.of(whom, NOW).iter().map(|one| one.containment.id.clone()).collect()
}

#[test]
fn each_kind_of_target_concerns_its_own_requests_only() {
    let (db, _folder) = db();
    let all = Containments::open(&db, &ws(), Never::default()).unwrap();
    for (id, kind, target) in [
        ("cnt_user", TargetKind::User, "ana"),
        ("cnt_key", TargetKind::Key, "key_1"),
        ("cnt_address", TargetKind::Address, "203.0.113.9"),
        ("cnt_network", TargetKind::Address, "2001:db8::/32"),
        ("cnt_application", TargetKind::Application, "ide"),
        ("cnt_agent", TargetKind::Agent, "ana"),
        ("cnt_session", TargetKind::Session, "s1"),
    ] {
        add(&db, &all, block(id, kind, target));
    }
    let address = |text: &str| Some(text.parse().unwrap());
    let none = Whom::default();
    for (whom, expected) in [
        (none, None),
        (Whom { user: Some("ana"), ..none }, Some("cnt_user")),
        (Whom { user: Some("bob"), ..none }, None),
        (Whom { user: Some("Ana"), ..none }, None),
        (Whom { key: Some("key_1"), ..none }, Some("cnt_key")),
        (Whom { key: Some("ana"), ..none }, None),
        (Whom { address: address("203.0.113.9"), ..none }, Some("cnt_address")),
        (Whom { address: address("::ffff:203.0.113.9"), ..none }, Some("cnt_address")),
        (Whom { address: address("203.0.113.8"), ..none }, None),
        (Whom { address: address("2001:db8:1::1"), ..none }, Some("cnt_network")),
        (Whom { application: Some("ide"), ..none }, Some("cnt_application")),
        (Whom { agent: Some("ana"), ..none }, Some("cnt_agent")),
        (Whom { session: Some("s1"), ..none }, Some("cnt_session")),
    ] {
        assert_eq!(ids(&all, &whom), expected.into_iter().map(str::to_owned).collect::<Vec<_>>(), "{whom:?}");
    }
    assert_eq!(all.hits("cnt_address"), Some(2));
    let again = Containments::open(&db, &ws(), Never::default()).unwrap();
    assert_eq!(again.len(), 7);
    assert!(Containments::open(&db, &Workspace::parse("ws_other").unwrap(), Never::default()).unwrap().is_empty());
}

#[test]
fn models_and_features_narrow_it_and_the_strictest_comes_first() {
    let (db, _folder) = db();
    let all = Containments::open(&db, &ws(), Never::default()).unwrap();
    let user = |id: &str| block(id, TargetKind::User, "ana");
    add(&db, &all, Containment { effect: Effect::Throttle, rate: Some((1, Duration::from_secs(1))), ..user("cnt_1") });
    add(&db, &all, Containment { model: Some("gpt-5*".to_owned()), ..user("cnt_2") });
    add(&db, &all, Containment { effect: Effect::Review, feature: Some("mail".to_owned()), ..user("cnt_3") });
    add(&db, &all, Containment { is_dry: true, ..user("cnt_4") });
    let ana = Whom { user: Some("ana"), ..Whom::default() };
    assert_eq!(ids(&all, &ana), ["cnt_1"]);
    assert_eq!(ids(&all, &Whom { model: Some("GPT-5-mini"), ..ana }), ["cnt_2", "cnt_1"]);
    assert_eq!(ids(&all, &Whom { model: Some("gpt-4o"), feature: Some("mail"), ..ana }), ["cnt_3", "cnt_1"]);
    assert_eq!(all.hits("cnt_4"), Some(3), "a dry one counts");
}

#[test]
fn one_ends_by_itself_by_hand_or_by_the_second_person() {
    let (db, _folder) = db();
    let all = Containments::open(&db, &ws(), Never::default()).unwrap();
    let ana = Whom { user: Some("ana"), ..Whom::default() };
    add(&db, &all, Containment { state: State::Proposed, ..block("cnt_1", TargetKind::User, "ana") });
    assert!(ids(&all, &ana).is_empty());
    assert!(moved(&db, &all, "cnt_1", &[State::Active], State::Undone).is_none());
    let active = moved(&db, &all, "cnt_1", &[State::Proposed], State::Active).unwrap();
    assert_eq!(active.ends_at, NOW.plus(Duration::from_secs(61)), "it lasts from when it is in force");
    assert_eq!(ids(&all, &ana), ["cnt_1"]);
    assert!(all.of(&ana, NOW.plus(Duration::from_secs(61))).is_empty(), "over, though no one has looked yet");
    let due = |seconds| db.read(|c| ended(c, &ws(), NOW.plus(Duration::from_secs(seconds)), 10)).unwrap().len();
    assert_eq!((due(60), due(61)), (0, 1));
    let undone = moved(&db, &all, "cnt_1", &[State::Active], State::Undone).unwrap();
    assert_eq!((undone.state, undone.changed_by.as_deref()), (State::Undone, Some("tok_2")));
    assert!(ids(&all, &ana).is_empty());
    assert_eq!(due(1_000), 0);
    let listed = |state| db.read(|c| list(c, &ws(), state, u64::MAX)).unwrap().len();
    assert_eq!((listed(None), listed(Some(State::Active)), listed(Some(State::Undone))), (1, 0, 1));
}

#[test]
fn what_rules_asked_for_is_counted_and_what_people_asked_for_is_not() {
    let (db, _folder) = db();
    let all = Containments::open(&db, &ws(), Never::default()).unwrap();
    add(&db, &all, block("cnt_1", TargetKind::User, "ana"));
    add(&db, &all, Containment { cause: Some("rule-1".to_owned()), ..block("cnt_2", TargetKind::User, "ana") });
    add(&db, &all, Containment { cause: Some("rule-2".to_owned()), ..block("cnt_3", TargetKind::User, "ana") });
    let count = |cause, since| db.read(|c| active_since(c, &ws(), cause, since)).unwrap();
    assert_eq!((count(None, NOW), count(Some("rule-1"), NOW)), (2, 1));
    assert_eq!(count(None, NOW.plus(Duration::from_secs(1))), 0);
}

#[test]
fn whom_the_operator_names_nothing_concerns() {
    let (db, _folder) = db();
    let networks = vec!["10.0.0.0/8".parse().unwrap()];
    let never = Never { users: vec!["root".to_owned()], keys: vec!["key_0".to_owned()], networks };
    let all = Containments::open(&db, &ws(), never).unwrap();
    add(&db, &all, block("cnt_1", TargetKind::Application, "ide"));
    let none = Whom { application: Some("ide"), ..Whom::default() };
    let from = |address: &str| Whom { address: Some(address.parse().unwrap()), ..none };
    for whom in [Whom { user: Some("root"), ..none }, Whom { key: Some("key_0"), ..none }, from("::ffff:10.1.1.1")] {
        assert!(ids(&all, &whom).is_empty(), "{whom:?}");
    }
    assert_eq!(ids(&all, &from("11.1.1.1")), ["cnt_1"]);
}

#[test]
fn words_are_those_that_are_written() {
    for effect in Effect::ALL {
        assert_eq!(effect.to_string().parse(), Ok(*effect));
    }
    for kind in TargetKind::ALL {
        assert_eq!(kind.to_string().parse(), Ok(*kind));
    }
    for state in State::ALL {
        assert_eq!(state.to_string().parse(), Ok(*state));
    }
    assert_eq!("all".parse::<Effect>().unwrap_err().to_string(), "expected one of throttle, strict, review, block");
}

proptest! {
    /// Against the definition: in no window are there more than twice the rate, and after a whole window of rest as many
    /// as the rate pass at once.
    #[test]
    fn a_throttle_lets_its_rate_through_and_tells_how_long_to_wait(
        gaps in proptest::collection::vec(0_u64..2_000_000, 1..200), requests in 1_u32..20
    ) {
        let rate = Some((requests, Duration::from_secs(10)));
        let one = InForce::new(Containment { effect: Effect::Throttle, rate, ..block("cnt_1", TargetKind::User, "ana") });
        let (mut now, mut passed) = (Duration::from_secs(100), Vec::new());
        for gap in gaps {
            now += Duration::from_micros(gap);
            match one.take(now) {
                Ok(()) => passed.push(now),
                Err(wait) => {
                    prop_assert!(wait <= Duration::from_secs(10), "{wait:?}");
                    prop_assert!(one.take(now).is_err());
                    now += wait;
                    prop_assert!(one.take(now).is_ok(), "one is free after the wait");
                    passed.push(now);
                }
            }
            let window = passed.iter().filter(|at| **at + Duration::from_secs(10) > now).count();
            prop_assert!(window <= 2 * usize::try_from(requests).unwrap(), "{window} of {requests}");
        }
        now += Duration::from_secs(20);
        let burst = (0..requests * 2).filter(|_| one.take(now).is_ok()).count();
        prop_assert_eq!(burst, usize::try_from(requests).unwrap());
    }
}

#[test]
fn a_sender_is_forgotten_only_where_the_containment_has_ended() {
    let (db, _folder) = db();
    let all = Containments::open(&db, &ws(), Never::default()).unwrap();
    let sender = Some((TargetKind::User, "ana".to_owned()));
    add(&db, &all, Containment { sender: sender.clone(), ..block("cnt_1", TargetKind::Agent, "builder") });
    let forget = || {
        let done: Ticket<bool, rusqlite::Error> =
            db.write(Lane::Admin, "test", |tx| forget_user(tx, &ws(), "ana", "usr_1"));
        let is_left = done.wait().unwrap();
        (is_left, db.read(|c| get(c, &ws(), "cnt_1")).unwrap().unwrap().sender)
    };
    assert_eq!(forget(), (true, sender), "in force, it would concern nobody any more");
    moved(&db, &all, "cnt_1", &[State::Active], State::Undone).unwrap();
    assert_eq!(forget(), (false, Some((TargetKind::User, "usr_1".to_owned()))));
}
