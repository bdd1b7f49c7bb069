use super::*;
use std::sync::Barrier;

/// The secret that a user's authenticator got.
fn enrol(place: &Place, name: &str) -> (Vec<u8>, Enrolled) {
    let signed_in = place.login(name, PASSWORD).unwrap();
    let (session, user) = place.identity.session(signed_in.token.reveal()).unwrap();
    place.identity.begin_totp(&user, &Origin::default()).unwrap();
    let secret = place.identity.totp_secret(&user.id, "totp_pending").unwrap().unwrap().to_vec();
    let code = totp::code(&secret, totp::step(place.clock.now()));
    let enrolled = place.identity.confirm_totp(&session, &code, &Origin::default()).unwrap();
    (secret, enrolled)
}

fn code(place: &Place, secret: &[u8]) -> String {
    totp::code(secret, totp::step(place.clock.now()))
}

#[test]
fn from_its_confirmation_on_a_code_is_needed_and_good_once() {
    let place = Place::new();
    place.user("ana", &[Role::Viewer]);
    let (secret, enrolled) = enrol(&place, "ana");
    assert!(place.identity.session(enrolled.token.reveal()).unwrap().0.is_strong);
    assert!(matches!(place.login("ana", PASSWORD), Err(LoginError::CodeNeeded)));
    assert!(matches!(place.login("ana", "several words make two"), Err(LoginError::Refused)), "no word of a code");
    let used = code(&place, &secret);
    assert!(matches!(place.login_with("ana", &used), Err(LoginError::Refused)), "it confirmed the device already");
    place.clock.advance(Duration::from_secs(60));
    let fresh = code(&place, &secret);
    let signed_in = place.login_with("ana", &fresh).unwrap();
    assert!(place.identity.session(signed_in.token.reveal()).unwrap().0.is_strong);
    assert!(matches!(place.login_with("ana", &fresh), Err(LoginError::Refused)), "it was used");
    let earlier = totp::code(&secret, totp::step(place.clock.now()) - 1);
    assert!(matches!(place.login_with("ana", &earlier), Err(LoginError::Refused)), "a later one was used");
    place.clock.advance(Duration::from_secs(60));
    assert!(matches!(place.login_with("ana", "000000x"), Err(LoginError::Refused)));
}

#[test]
fn of_two_who_show_the_same_code_at_once_one_comes_in() {
    let place = Place::new();
    place.user("ana", &[Role::Viewer]);
    let (secret, _) = enrol(&place, "ana");
    place.clock.advance(Duration::from_secs(60));
    let (shown, barrier) = (code(&place, &secret), Barrier::new(2));
    let came_in = std::thread::scope(|scope| {
        let come = || {
            barrier.wait();
            place.login_with("ana", &shown).is_ok()
        };
        let both = [scope.spawn(come), scope.spawn(come)];
        both.into_iter().filter(|_| true).map(|one| one.join().unwrap()).filter(|is_in| *is_in).count()
    });
    assert_eq!(came_in, 1);
}

#[test]
fn a_recovery_code_is_good_once_however_it_is_typed() {
    let place = Place::new();
    place.user("ana", &[Role::Viewer]);
    place.user("bob", &[Role::Viewer]);
    let (_, ana) = enrol(&place, "ana");
    let (_, bob) = enrol(&place, "bob");
    assert_eq!(ana.recovery_codes.len(), 10);
    let typed = ana.recovery_codes[0].to_uppercase().replace('-', " ");
    place.login_with("ana", &typed).unwrap();
    assert!(matches!(place.login_with("ana", &ana.recovery_codes[0]), Err(LoginError::Refused)));
    assert!(matches!(place.login_with("ana", &bob.recovery_codes[0]), Err(LoginError::Refused)), "another's");
    place.login_with("ana", &ana.recovery_codes[9]).unwrap();
}

#[test]
fn a_secret_is_sealed_for_its_user_and_a_swapped_row_opens_nothing() {
    let place = Place::new();
    let (ana, bob) = (place.user("ana", &[Role::Viewer]), place.user("bob", &[Role::Viewer]));
    let (secret, _) = enrol(&place, "ana");
    let user = ana.clone();
    let row: Vec<u8> = place
        .db
        .read(|connection| connection.query_row("SELECT totp FROM user WHERE id = ?1", [user], |row| row.get(0)))
        .unwrap();
    assert!(!row.windows(secret.len()).any(|window| window == secret), "it is not there in the clear");
    place
        .act(move |_identity, tx| {
            let sql = "UPDATE user SET totp = (SELECT totp FROM user WHERE id = ?1) WHERE id = ?2";
            tx.connection().execute(sql, [ana, bob]).map(drop)
        })
        .unwrap();
    let bob = place.again();
    let user = bob.user_named("bob").unwrap();
    assert!(bob.totp_secret(&user.id, "totp").unwrap().is_none());
    place.clock.advance(Duration::from_secs(60));
    let shown = code(&place, &secret);
    let refused = bob.login(Shown { name: "bob", password: PASSWORD, code: Some(&shown) }, &Origin::default());
    assert!(matches!(refused, Err(LoginError::Refused)));
}

#[test]
fn ending_a_second_factor_ends_sessions_and_recovery_codes_with_it() {
    let place = Place::new();
    let id = place.user("ana", &[Role::Viewer]);
    let (_, enrolled) = enrol(&place, "ana");
    let from = place.log.size();
    let (_, user) = place.identity.session(enrolled.token.reveal()).unwrap();
    assert!(matches!(place.identity.begin_totp(&user, &Origin::default()), Err(LoginError::Factor(_))));
    place.identity.end_totp(&user, &Origin::default()).unwrap();
    assert_eq!(place.recorded(from), [format!("user.totp_ended {id} user:{id}")]);
    assert!(place.identity.session(enrolled.token.reveal()).is_err());
    place.login("ana", PASSWORD).unwrap();
    enrol(&place, "ana");
    assert!(matches!(place.login_with("ana", &enrolled.recovery_codes[1]), Err(LoginError::Refused)));
    place.act(move |identity, tx| identity.reset_totp(tx, &id, &owner())).unwrap();
    place.login("ana", PASSWORD).unwrap();
}

#[test]
fn wrong_codes_for_a_new_device_are_limited() {
    let place = Place::new();
    place.user("ana", &[Role::Viewer]);
    let signed_in = place.login("ana", PASSWORD).unwrap();
    let (session, user) = place.identity.session(signed_in.token.reveal()).unwrap();
    let confirm = |code: &str| place.identity.confirm_totp(&session, code, &Origin::default());
    assert!(matches!(confirm("123456"), Err(LoginError::Factor(_))), "nothing was begun");
    place.identity.begin_totp(&user, &Origin::default()).unwrap();
    assert!(place.login("ana", PASSWORD).is_ok(), "what was not confirmed does not count");
    let tried: Vec<bool> = (0..8).map(|_| matches!(confirm("x"), Err(LoginError::Limited(_)))).collect();
    assert_eq!(tried, [false, false, false, false, true, true, true, true]);
}
