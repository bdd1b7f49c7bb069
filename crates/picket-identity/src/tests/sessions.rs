use super::*;
use proptest::prelude::*;

fn enter(place: &Place, user: &str) -> (SessionToken, String) {
    let user = user.to_owned();
    place.act(move |identity, tx| identity.mint(tx, &user, (Method::Password, false), &Origin::default())).unwrap()
}

#[test]
fn a_session_ends_when_nobody_uses_it_and_in_any_case_after_half_a_day() {
    let place = Place::new();
    let ana = place.make(new("ana", &[Role::Viewer]), owner()).unwrap();
    let (idle, used) = (enter(&place, &ana).0, enter(&place, &ana).0);
    let step = Duration::from_secs(29 * 60);
    for _ in 0..24 {
        place.clock.advance(step);
        place.identity.session(used.reveal()).unwrap();
    }
    assert_eq!(place.identity.session(idle.reveal()).unwrap_err(), RefusedSession::Ended);
    place.clock.advance(Duration::from_secs(24 * 60 - 1));
    place.identity.session(used.reveal()).unwrap();
    place.clock.advance(Duration::from_secs(1));
    assert_eq!(place.identity.session(used.reveal()).unwrap_err(), RefusedSession::Ended);
    place.act(Identity::flush_sessions).unwrap();
    assert_eq!(place.identity.session(used.reveal()).unwrap_err(), RefusedSession::Unknown, "it is forgotten");
    let left: i64 =
        place.db.read(|connection| connection.query_row("SELECT count(*) FROM session", [], |row| row.get(0))).unwrap();
    assert_eq!(left, 0);
}

#[test]
fn what_was_last_used_when_survives_a_restart_and_so_does_what_was_ended() {
    let place = Place::new();
    let ana = place.make(new("ana", &[Role::Viewer]), owner()).unwrap();
    let ((kept, _), (ended, id)) = (enter(&place, &ana), enter(&place, &ana));
    place.clock.advance(Duration::from_secs(20 * 60));
    place.identity.session(kept.reveal()).unwrap();
    assert!(place.act(move |identity, tx| identity.end_session(tx, &id)).unwrap());
    place.act(Identity::flush_sessions).unwrap();
    place.clock.advance(Duration::from_secs(20 * 60));
    let again = place.again();
    assert_eq!(again.session(kept.reveal()).unwrap().1.id, ana);
    assert_eq!(again.session(ended.reveal()).unwrap_err(), RefusedSession::Unknown);
    assert_eq!(place.identity.session(ended.reveal()).unwrap_err(), RefusedSession::Unknown);
}

#[test]
fn the_text_of_a_session_is_not_in_the_store() {
    let place = Place::new();
    let ana = place.make(new("ana", &[Role::Viewer]), owner()).unwrap();
    let (token, id) = enter(&place, &ana);
    let digest: Vec<u8> = place
        .db
        .read(|connection| connection.query_row("SELECT digest FROM session WHERE id = ?1", [id], |row| row.get(0)))
        .unwrap();
    assert_eq!(digest.len(), 32);
    assert!(!token.reveal().as_bytes().windows(8).any(|part| digest.windows(8).any(|stored| stored == part)));
}

#[test]
fn a_suspended_user_or_one_with_other_roles_has_no_session_any_more() {
    let place = Place::new();
    let ana = place.make(new("ana", &[Role::Viewer]), owner()).unwrap();
    for (change, ends) in [
        (UserChange { full_name: Some(Some("Ana".to_owned())), ..UserChange::default() }, false),
        (UserChange { roles: Some(Roles::of(&[Role::Viewer])), ..UserChange::default() }, false),
        (UserChange { roles: Some(Roles::of(&[Role::Responder])), ..UserChange::default() }, true),
        (UserChange { state: Some(UserState::Suspended), ..UserChange::default() }, true),
    ] {
        let (token, _) = enter(&place, &ana);
        let (id, shown) = (ana.clone(), format!("{change:?}"));
        place.act(move |identity, tx| identity.change_user(tx, &id, &change, &owner())).unwrap();
        assert_eq!(place.identity.session(token.reveal()).is_err(), ends, "{shown}");
    }
    let (token, _) = enter(&place, &ana);
    assert_eq!(place.identity.session(token.reveal()).unwrap_err(), RefusedSession::User);
}

#[test]
fn confirming_gives_a_session_another_text_and_counts_for_five_minutes() {
    let place = Place::new();
    place.user("ana", &[Role::Viewer]);
    let first = place.login("ana", PASSWORD).unwrap();
    let (session, user) = place.identity.session(first.token.reveal()).unwrap();
    assert!(session.is_confirmed(place.clock.now()), "who came in just now showed who he is");
    place.clock.advance(STEP_UP);
    assert!(!session.is_confirmed(place.clock.now()));
    let wrong = place.identity.confirm(&session, &user, ("several words make two", None), &Origin::default());
    assert!(matches!(wrong, Err(LoginError::Refused)));
    let from = place.log.size();
    let token = place.identity.confirm(&session, &user, (PASSWORD, None), &Origin::default()).unwrap();
    assert_eq!(place.recorded(from), [format!("auth.confirmed {} session:{}", user.id, session.id)]);
    assert_eq!(place.identity.session(first.token.reveal()).unwrap_err(), RefusedSession::Unknown);
    let (confirmed, _) = place.identity.session(token.reveal()).unwrap();
    assert!(confirmed.is_confirmed(place.clock.now()) && confirmed.id == session.id);
    assert_eq!(confirmed.ends_at, session.ends_at, "it lasts no longer for it");
    place.clock.set(START);
    assert!(!confirmed.is_confirmed(place.clock.now()), "a clock that was put back confirms nothing");
    let again = place.identity.confirm(&session, &user, (PASSWORD, None), &Origin::default());
    assert!(matches!(again, Err(LoginError::Refused)), "the old text is gone");
}

#[test]
fn a_user_has_so_many_sessions_and_the_oldest_makes_room() {
    let place = Place::new();
    let ana = place.make(new("ana", &[Role::Viewer]), owner()).unwrap();
    let bob = place.make(new("bob", &[Role::Viewer]), owner()).unwrap();
    let (other, _) = enter(&place, &bob);
    let tokens: Vec<_> = (0..40)
        .map(|_| {
            place.clock.advance(Duration::from_millis(1));
            enter(&place, &ana).0
        })
        .collect();
    let live = tokens.iter().map(|token| place.identity.session(token.reveal()).is_ok()).collect::<Vec<_>>();
    assert_eq!(live.iter().filter(|live| **live).count(), 32);
    assert!(live[8..].iter().all(|live| *live), "the newest ones");
    assert_eq!(place.identity.sessions_of(Some(&ana)).len(), 32);
    assert!(place.identity.session(other.reveal()).is_ok());
    assert_eq!(place.identity.sessions_of(None).len(), 33);
}

proptest! {
    #[test]
    fn one_character_off_is_no_session(at: prop::sample::Index, by in 1_u8..60) {
        let text = SessionToken::new();
        let mut bytes = text.reveal().as_bytes().to_vec();
        let at = at.index(bytes.len());
        bytes[at] = 33 + (bytes[at] - 33 + by) % 90;
        prop_assert!(is_session(text.reveal()));
        prop_assert!(!is_session(&String::from_utf8(bytes).unwrap()));
    }

    #[test]
    fn no_text_makes_the_form_of_a_session_panic(text in ".{0,80}", tail in "picket_ses_[a-zA-Z0-9]{0,60}") {
        prop_assert!(!is_session(&text));
        prop_assert!(!is_session(&tail));
    }
}
