mod ends;
mod queue;
mod tenants;

use super::*;
use crate::credentials::Details;
use picket_db::{Db, Lane, Options, Ticket};
use picket_event::Workspace;
use picket_keys::Key;
use picket_stdx::Timestamp;
use proptest::prelude::*;
use std::time::Duration;

/// Tables of everything that the product keeps here.
const ALL: [&[picket_db::Migration]; 8] = [
    picket_keys::MIGRATIONS,
    MIGRATIONS,
    schedules::MIGRATIONS,
    detection::MIGRATIONS,
    sealed::MIGRATIONS,
    destinations::MIGRATIONS,
    tickets::MIGRATIONS,
    webhooks::MIGRATIONS,
];

fn db() -> (Db, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Db::open(Options::new(folder.path().join("s.db")), &ALL).unwrap(), folder)
}

fn ws() -> Workspace {
    Workspace::parse("ws_1").unwrap()
}

const NOW: Timestamp = Timestamp::from_millis(1_780_000_000_000);

fn new_key(addresses: &[&str]) -> NewCredential {
    NewCredential {
        kind: TokenKind::GatewayKey,
        roles: Role::Service.into(),
        workspace: ws(),
        name: None,
        details: Details {
            user: Some("alice".to_owned()),
            addresses: addresses.iter().map(|net| net.parse().unwrap()).collect(),
            ..Details::default()
        },
        created_by: "tok_x".to_owned(),
        created_at: NOW,
        expires_at: Some(NOW.plus(Duration::from_secs(60))),
    }
}

fn create(db: &Db, credentials: &Credentials, new: NewCredential) -> (String, String) {
    let credentials = credentials.clone();
    let made: Ticket<(Secret, String), rusqlite::Error> =
        db.write(Lane::Admin, "create", move |tx| credentials.create(tx, &new));
    let (secret, id) = made.wait().unwrap();
    (secret.reveal().to_owned(), id)
}

#[test]
fn a_token_is_accepted_until_it_is_revoked_or_expires() {
    let (db, _folder) = db();
    let credentials = Credentials::open(&db, &Key::new([5; 32])).unwrap();
    let (token, id) = create(&db, &credentials, new_key(&[]));
    let kinds = [TokenKind::GatewayKey];
    assert_eq!(credentials.verify(&token, &kinds, None, NOW).unwrap().details.user.as_deref(), Some("alice"));
    assert_eq!(credentials.verify(&token, &[TokenKind::Admin], None, NOW).unwrap_err(), RefusedToken::Kind);
    assert_eq!(
        credentials.verify(&token, &kinds, None, NOW.plus(Duration::from_secs(60))).unwrap_err(),
        RefusedToken::Expired
    );
    let again = Credentials::open(&db, &Key::new([5; 32])).unwrap();
    assert!(again.verify(&token, &kinds, None, NOW).is_ok());
    let other_pepper = Credentials::open(&db, &Key::new([6; 32])).unwrap();
    assert_eq!(other_pepper.verify(&token, &kinds, None, NOW).unwrap_err(), RefusedToken::Unknown);
    let revoking = credentials.clone();
    let revoked: Ticket<bool, rusqlite::Error> =
        db.write(Lane::Admin, "revoke", move |tx| revoking.revoke(tx, &ws(), &id, NOW));
    assert!(revoked.wait().unwrap());
    assert_eq!(credentials.verify(&token, &kinds, None, NOW).unwrap_err(), RefusedToken::Revoked);
}

#[test]
fn a_token_with_an_address_list_works_from_there_only() {
    let (db, _folder) = db();
    let credentials = Credentials::open(&db, &Key::new([5; 32])).unwrap();
    let (token, _) = create(&db, &credentials, new_key(&["10.0.0.0/8"]));
    let from = |address: &str| {
        credentials.verify(&token, &[TokenKind::GatewayKey], Some(address.parse().unwrap()), NOW).map(drop)
    };
    assert_eq!(from("10.1.2.3"), Ok(()));
    assert_eq!(from("::ffff:10.1.2.3"), Ok(()));
    assert_eq!(from("11.1.2.3"), Err(RefusedToken::Address));
    assert_eq!(credentials.verify(&token, &[TokenKind::GatewayKey], None, NOW).unwrap_err(), RefusedToken::Address);
}

#[test]
fn rows_of_tokens_with_one_role_and_no_scopes_are_still_read() {
    let (db, _folder) = db();
    let pepper = Key::new([5; 32]);
    let row = r#"{"user":null,"team":null,"application":null,"models":[],"budget_micro":null,"service":false,"addresses":[]}"#;
    let written: Ticket<(), rusqlite::Error> = db.write(Lane::Admin, "old", move |tx| {
        for role in ["viewer", "service", "responder", "admin", "owner"] {
            tx.connection().execute(
                "INSERT INTO credential (id, workspace, kind, role, name, mac, details, created_by, created_at)
                 VALUES ('tok_' || ?1, 'ws_1', 'pat', ?1, NULL, zeroblob(32), ?2, 'system', 0)",
                (role, row),
            )?;
        }
        Ok(())
    });
    written.wait().unwrap();
    for credential in Credentials::open(&db, &pepper).unwrap().list(&ws()) {
        let role: Role = credential.id.trim_start_matches("tok_").parse().unwrap();
        assert_eq!(credential.roles, role.into());
        assert_eq!(credential.permissions(), role.permissions());
    }
}

#[test]
fn a_credential_keeps_several_roles_and_is_narrowed_to_its_scopes() {
    let (db, _folder) = db();
    let credentials = Credentials::open(&db, &Key::new([5; 32])).unwrap();
    let mut new = new_key(&[]);
    new.kind = TokenKind::Personal;
    new.roles = Roles::of(&[Role::Auditor, Role::Responder]);
    new.details.scopes = vec!["bodies:read".to_owned(), "audit:read".to_owned(), "keys:write".to_owned()];
    let (_, id) = create(&db, &credentials, new);
    let credentials = Credentials::open(&db, &Key::new([5; 32])).unwrap();
    let found = credentials.get(&ws(), &id).unwrap();
    assert_eq!(found.roles.to_string(), "responder,auditor");
    let expected = [Permission::Open, Permission::Identify, Permission::ReadBodies, Permission::ReadAudit];
    assert_eq!(found.permissions(), Permissions::of(&expected), "a scope widens nothing");
}

#[test]
fn the_loser_of_a_race_learns_who_resolved_first() {
    let (db, _folder) = db();
    let escalation = escalations::Escalation {
        id: "esc_1".to_owned(),
        kind: "pii".to_owned(),
        created_at: NOW,
        severity: "high".to_owned(),
        priority: 3,
        status: "pending".to_owned(),
        stage: "new".to_owned(),
        event_id: "evt_1".to_owned(),
        version: 1,
        ..escalations::Escalation::default()
    };
    let resolve = |by: &str| escalations::Resolve {
        resolution: "approved",
        verdict: "false_positive".to_owned(),
        note: Some("fine".to_owned()),
        by: by.to_owned(),
        person: by.to_owned(),
        also: Vec::new(),
        at: NOW,
        version: None,
        two_for: Vec::new(),
        incident: None,
    };
    let (first, second) = (resolve("ann"), resolve("bob"));
    let created: Ticket<bool, rusqlite::Error> =
        db.write(Lane::Consumer, "create", move |tx| escalations::create(tx, &ws(), &escalation));
    assert!(created.wait().unwrap());
    let done =
        db.write(Lane::Admin, "resolve", move |tx| escalations::resolve(tx, &ws(), "esc_1", &first)).wait().unwrap();
    let escalations::Resolved::Decided(done) = done else { panic!("one person is enough: {done:?}") };
    assert_eq!((done.status.as_str(), done.notes.len(), done.version), ("resolved", 1, 2));
    let lost = db
        .write(Lane::Admin, "resolve", move |tx| escalations::resolve(tx, &ws(), "esc_1", &second))
        .wait()
        .unwrap_err();
    assert!(lost.to_string().contains("ann resolved it first"), "{lost}");
    let elsewhere = resolve("eve");
    assert!(
        db.write(Lane::Admin, "resolve", move |tx| escalations::resolve(
            tx,
            &Workspace::parse("ws_other").unwrap(),
            "esc_1",
            &elsewhere
        ))
        .wait()
        .is_err()
    );
}

proptest! {
    #[test]
    fn one_character_off_is_no_token(at: prop::sample::Index, by in 1_u8..60) {
        let (secret, _, _) = token::mint(TokenKind::Personal, &Key::new([1; 32]));
        let mut bytes = secret.reveal().as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] = 33 + (bytes[at] - 33 + by) % 90;
        prop_assert!(token::parse(secret.reveal()).is_some());
        prop_assert!(token::parse(&String::from_utf8(bytes).unwrap()).is_none());
    }

    #[test]
    fn no_text_makes_the_token_parser_panic(text in ".*", tail in "picket_[a-z]{0,5}_[a-zA-Z0-9]{0,60}") {
        prop_assert!(token::parse(&text).is_none());
        let _parsed = token::parse(&tail);
    }
}

/// What happens to a hold.
#[derive(Debug, Clone)]
enum Act {
    Ask(u8),
    Decide(u8, holds::State),
    Pass(u64),
    Forget,
}

/// The escalation of a request, what was said of it, and the second at which that ends.
type Model = std::collections::BTreeMap<u8, (String, holds::State, u64)>;

fn act() -> impl Strategy<Value = Act> {
    let states = [holds::State::Approved, holds::State::Rejected];
    prop_oneof![
        4 => (0_u8..3).prop_map(Act::Ask),
        3 => (0_u8..3, prop::sample::select(states.to_vec())).prop_map(|(request, state)| Act::Decide(request, state)),
        2 => (1_u64..40).prop_map(Act::Pass),
        1 => Just(Act::Forget),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn a_hold_is_new_waits_is_used_once_or_stays_rejected_until_it_ends(acts in prop::collection::vec(act(), 1..40)) {
        let (db, _folder) = db();
        let (mut model, mut second, mut made) = (Model::new(), 0, 0);
        for act in acts {
            let now = NOW.plus(Duration::from_secs(second));
            let live = |model: &Model, request: u8| model.get(&request).filter(|(.., end)| *end > second).cloned();
            match act {
                Act::Ask(request) => {
                    made += 1;
                    let hold = holds::Hold { escalation: format!("esc_{made}"), priority: 3, lasts: Duration::from_secs(30) };
                    let new = hold.clone();
                    let entered: Ticket<holds::Entered, rusqlite::Error> =
                        db.write(Lane::Gateway, "enter", move |tx| holds::enter(tx, &ws(), &[request; 32], &new, now));
                    let expected = match live(&model, request) {
                        None => holds::Entered::New,
                        Some((id, holds::State::Pending, _)) => holds::Entered::Waits(id),
                        Some((id, holds::State::Rejected, _)) => holds::Entered::Rejected(id),
                        Some((id, holds::State::Approved, _)) => holds::Entered::Approved(id),
                    };
                    match &expected {
                        holds::Entered::New => drop(model.insert(request, (hold.escalation, holds::State::Pending, second + 30))),
                        holds::Entered::Approved(_) => drop(model.remove(&request)),
                        _ => {}
                    }
                    prop_assert_eq!(entered.wait().unwrap(), expected);
                }
                Act::Decide(request, state) => {
                    let Some((id, _, _)) = live(&model, request) else { continue };
                    model.insert(request, (id.clone(), state, second + 30));
                    let decided: Ticket<(), rusqlite::Error> =
                        db.write(Lane::Admin, "decide", move |tx| holds::decide(tx, &ws(), &id, state, now));
                    decided.wait().unwrap();
                }
                Act::Pass(seconds) => second += seconds,
                Act::Forget => {
                    let forgotten: Ticket<usize, rusqlite::Error> =
                        db.write(Lane::Consumer, "forget", move |tx| holds::forget(tx, &ws(), now, 100));
                    let before = model.len();
                    model.retain(|_, (.., end)| *end > second);
                    prop_assert_eq!(forgotten.wait().unwrap(), before - model.len());
                }
            }
        }
    }
}
