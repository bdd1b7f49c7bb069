use super::*;
use argon2::Params;

#[test]
fn who_shows_name_and_password_comes_in_and_it_is_written_down() {
    let place = Place::new();
    let id = place.user("ana", &[Role::Viewer]);
    let from = place.log.size();
    let origin = Origin { address: Some("192.0.2.1".parse().unwrap()), agent: Some("a client".to_owned()) };
    let shown = Shown { name: "ANA", password: PASSWORD, code: None };
    let signed_in = place.identity.login(shown, &origin).unwrap();
    let (session, user) = place.identity.session(signed_in.token.reveal()).unwrap();
    assert_eq!((user.id.as_str(), session.is_strong, session.method), (id.as_str(), false, Method::Password));
    assert_eq!(user.last_login_at, Some(START));
    assert_eq!(place.recorded(from), [format!("auth.login {id} session:{}", signed_in.session)]);
    let event = place.log.events(&[from]).unwrap().remove(0);
    assert_eq!((event.src_ip.as_deref(), event.user_agent.as_deref()), (Some("192.0.2.1"), Some("a client")));
    assert!(!format!("{signed_in:?} {session:?} {user:?} {shown:?}").contains("several words"));
}

#[test]
fn whatever_is_wrong_is_refused_alike_and_counted_by_account() {
    let place = Place::new();
    let (ana, bob) = (place.user("ana", &[Role::Viewer]), place.user("bob", &[Role::Viewer]));
    let suspended = UserChange { state: Some(UserState::Suspended), ..UserChange::default() };
    let id = bob.clone();
    place.act(move |identity, tx| identity.change_user(tx, &id, &suspended, &owner())).unwrap();
    place.make(new("carl", &[Role::Viewer]), owner()).unwrap();
    let (long, from) = ("x".repeat(65_536), place.log.size());
    for (name, password) in [
        ("ana", "several words make two"),
        ("ana", ""),
        ("bob", PASSWORD),
        ("carl", PASSWORD),
        ("carl", ""),
        ("nobody", PASSWORD),
        ("ana", &long),
        (&long, PASSWORD),
        ("ana\0", PASSWORD),
        ("*", ""),
    ] {
        let refused = place.login(name, password).unwrap_err();
        assert!(matches!(refused, LoginError::Refused), "{name:.20}: {refused}");
    }
    assert_eq!(place.log.size(), from, "who guesses writes nothing");
    let mut told: Vec<(Option<String>, Option<u64>)> =
        place.identity.take_failures().into_iter().map(|event| (event.target, event.count)).collect();
    told.sort();
    let carl = place.identity.user_named("carl").unwrap().id.clone();
    let mut expected = vec![
        (None, Some(5)),
        (Some(format!("user:{ana}")), Some(2)),
        (Some(format!("user:{bob}")), Some(1)),
        (Some(format!("user:{carl}")), Some(2)),
    ];
    expected.sort();
    assert_eq!(told, expected);
    assert!(place.identity.take_failures().is_empty());
}

#[test]
fn guessing_is_limited_by_account_and_by_address_and_the_right_password_waits_too() {
    let place = Place::new();
    place.user("ana", &[Role::Viewer]);
    for name in ["ana", "nobody"] {
        for _ in 0..5 {
            assert!(matches!(place.login(name, "several words make two"), Err(LoginError::Refused)));
        }
        assert!(matches!(place.login(name, PASSWORD), Err(LoginError::Limited(_))), "{name}");
    }
    place.clock.advance(Duration::from_secs(12));
    place.login("ana", PASSWORD).unwrap();
    let origin = Origin { address: Some("192.0.2.1".parse().unwrap()), agent: None };
    let tried = (0..25).map(|at| {
        let name = format!("name{at}");
        place.identity.login(Shown { name: &name, password: "", code: None }, &origin)
    });
    let limited = tried.filter(|tried| matches!(tried, Err(LoginError::Limited(_)))).count();
    assert_eq!(limited, 5);
}

#[test]
fn a_password_that_somebody_else_chose_only_serves_to_set_another_and_not_for_long() {
    let place = Place::new();
    let (first, hash) = place.identity.temporary_password().unwrap();
    let with = |name: &str| NewUser { temporary: Some(hash.clone()), ..new(name, &[Role::Viewer]) };
    place.make(with("ana"), owner()).unwrap();
    place.make(with("bob"), owner()).unwrap();
    assert!(matches!(place.login("ana", &first), Err(LoginError::Temporary)));
    let set = |name: &str, old: &str, new: &str| {
        place.identity.change_password(Shown { name, password: old, code: None }, new, &Origin::default())
    };
    assert!(matches!(set("ana", &first, "short"), Err(LoginError::Password(PasswordError::Short))));
    assert!(matches!(set("ana", &first, &first), Err(LoginError::Factor(_))));
    assert!(matches!(set("ana", "several words make two", PASSWORD), Err(LoginError::Refused)));
    set("ana", &first, PASSWORD).unwrap();
    assert!(matches!(place.login("ana", &first), Err(LoginError::Refused)));
    place.login("ana", PASSWORD).unwrap();
    place.clock.advance(TEMPORARY_LIFE);
    assert!(matches!(set("bob", &first, PASSWORD), Err(LoginError::Refused)), "it has ended");
}

#[test]
fn a_new_password_ends_every_session() {
    let place = Place::new();
    let id = place.user("ana", &[Role::Viewer]);
    let tokens: Vec<_> = (0..2).map(|_| place.login("ana", PASSWORD).unwrap().token).collect();
    let shown = Shown { name: "ana", password: PASSWORD, code: None };
    place.identity.change_password(shown, "other words make another", &Origin::default()).unwrap();
    for token in &tokens {
        assert_eq!(place.identity.session(token.reveal()).unwrap_err(), RefusedSession::Unknown);
    }
    let token = place.login("ana", "other words make another").unwrap().token;
    let hash = place.identity.hasher().hash(PASSWORD).unwrap();
    place.act(move |identity, tx| identity.reset_password(tx, &id, &hash, &owner())).unwrap();
    assert!(place.identity.session(token.reveal()).is_err());
}

#[test]
fn a_hash_of_less_work_is_made_anew_when_its_user_comes_in() {
    let place = Place::new();
    let id = place.user("ana", &[Role::Viewer]);
    let weak = Hasher::with(Params::new(64, 1, 1, None).unwrap()).unwrap().hash(PASSWORD).unwrap();
    let (user, old) = (id.clone(), weak.clone());
    place.act(move |identity, tx| identity.set_password(tx, &user, &old, None)).unwrap();
    place.login("ana", PASSWORD).unwrap();
    let kept = place.identity.user(&id).unwrap().password.clone().unwrap();
    assert!(kept != weak && kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
    place.login("ana", PASSWORD).unwrap();
    assert_eq!(place.identity.user(&id).unwrap().password.as_deref(), Some(kept.as_str()));
}

#[test]
fn with_a_provider_alone_no_password_leads_anywhere() {
    let place = Place::new();
    let id = place.user("ana", &[Role::Viewer]);
    let signed_in = place.login("ana", PASSWORD).unwrap();
    let (session, user) = place.identity.session(signed_in.token.reveal()).unwrap();
    place.identity.set_rules(Rules { sso_only: true, ..Rules::default() });
    let from = place.log.size();
    let shown = Shown { name: "ana", password: PASSWORD, code: None };
    let origin = Origin::default();
    assert!(matches!(place.identity.login(shown, &origin), Err(LoginError::Sso(_))));
    assert!(matches!(place.login("nobody", ""), Err(LoginError::Sso(_))));
    let changed = place.identity.change_password(shown, "other words make another", &origin);
    assert!(matches!(changed, Err(LoginError::Sso(_))));
    let confirmed = place.identity.confirm(&session, &user, (PASSWORD, None), &origin);
    assert!(matches!(confirmed, Err(LoginError::Sso(_))));
    let minted = place.act(move |identity, tx| identity.mint(tx, &id, (Method::Password, true), &Origin::default()));
    assert!(matches!(minted, Err(LoginError::Sso(_))), "whoever makes a session asks");
    assert_eq!(place.identity.session(signed_in.token.reveal()).unwrap_err(), RefusedSession::Ended);
    assert_eq!(place.log.size(), from);
    let id = user.id.clone();
    let entered = place.act(move |identity, tx| identity.mint(tx, &id, (Method::Sso, true), &Origin::default()));
    assert!(place.identity.session(entered.unwrap().0.reveal()).is_ok());
}

#[test]
fn who_cannot_be_written_down_does_not_come_in() {
    let place = Place::new();
    place.user("ana", &[Role::Viewer]);
    place.db.close();
    assert!(matches!(place.login("ana", PASSWORD), Err(LoginError::NotRecorded(_))));
    assert!(place.identity.sessions_of(None).is_empty());
}
