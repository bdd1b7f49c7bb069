use super::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Little work, where the amount does not matter.
fn quick() -> Hasher {
    Hasher::with(Params::new(8, 1, 1, None).unwrap())
}

#[test]
fn a_new_password_is_long_visible_varied_and_not_the_name() {
    for (password, name, expected) in [
        ("correct horse battery", "ana", Ok(())),
        ("Пароль с пробелами", "ana", Ok(())),
        ("ana likes long words", "ana", Ok(())),
        ("short", "ana", Err(PasswordError::Short)),
        ("elevenchars", "ana", Err(PasswordError::Short)),
        ("", "ana", Err(PasswordError::Short)),
        ("aaaaaaaaaaaaaaaa", "ana", Err(PasswordError::Simple)),
        ("correct horse\0battery", "ana", Err(PasswordError::Invisible)),
        ("correct\u{202e}horse battery", "ana", Err(PasswordError::Invisible)),
        ("correct\nhorse battery", "ana", Err(PasswordError::Invisible)),
        ("Anastasia2026!xyz", "anastasia", Err(PasswordError::Name)),
        ("anastasia-is-here", "Anastasia@example.com", Err(PasswordError::Name)),
    ] {
        assert_eq!(check(password, name), expected, "{password:?}");
    }
    assert_eq!(check(&"abcdefgh".repeat(8_192), "ana"), Err(PasswordError::Long));
    // One character that becomes eighteen when it is written out.
    assert_eq!(check(&"\u{fdfa}".repeat(300), "ana"), Err(PasswordError::Long));
}

#[test]
fn a_hash_is_argon2id_with_the_work_that_is_asked_for_and_a_salt_of_its_own() {
    let hasher = Hasher::new();
    let made = hasher.hash("correct horse battery").unwrap();
    assert!(made.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{made}");
    assert_ne!(made, hasher.hash("correct horse battery").unwrap());
    assert_eq!(hasher.verify("correct horse battery", Some(&made)), Ok(true));
    for wrong in ["correct horse batterz", "", "correct horse battery ", "Correct horse battery"] {
        assert_eq!(hasher.verify(wrong, Some(&made)), Ok(false), "{wrong}");
    }
}

#[test]
fn the_same_letters_from_another_keyboard_are_the_same_password() {
    let hasher = quick();
    let made = hasher.hash("caf\u{e9} caf\u{e9} caf\u{e9}").unwrap();
    assert_eq!(hasher.verify("cafe\u{301} cafe\u{301} cafe\u{301}", Some(&made)), Ok(true));
}

#[test]
fn nobody_and_damaged_hashes_match_no_password_and_take_the_same_work() {
    let hasher = Hasher::new();
    let nobody = PasswordHash::new(&hasher.nobody).unwrap();
    let work = Params::try_from(&nobody).unwrap();
    assert_eq!((work.m_cost(), work.t_cost(), work.p_cost()), (19_456, 2, 1));
    assert!(!hasher.is_outgrown(&hasher.nobody));
    for hash in [None, Some(""), Some("$argon2id$v=19$m=1"), Some("plain")] {
        assert_eq!(hasher.verify("correct horse battery", hash), Ok(false), "{hash:?}");
    }
}

#[test]
fn a_hash_that_was_made_with_less_work_is_outgrown() {
    let made = quick().hash("correct horse battery").unwrap();
    assert!(!quick().is_outgrown(&made));
    for (memory, passes, lanes) in [(16, 1, 1), (8, 2, 1), (64, 1, 2)] {
        let grown = Hasher::with(Params::new(memory, passes, lanes, None).unwrap());
        assert!(grown.is_outgrown(&made), "{memory} {passes} {lanes}");
        assert_eq!(grown.verify("correct horse battery", Some(&made)), Ok(true), "it is still read");
    }
    assert!(quick().is_outgrown("nonsense"));
}

#[test]
fn two_hash_at_a_time_some_wait_and_more_are_refused() {
    let hasher = Arc::new(quick());
    let held: Vec<_> = (0..RUNNING_MAX).map(|_| hasher.hold_place().unwrap()).collect();
    let done = Arc::new(AtomicUsize::new(0));
    let waiting: Vec<_> = (0..WAITING_MAX)
        .map(|_| {
            let (hasher, done) = (Arc::clone(&hasher), Arc::clone(&done));
            std::thread::spawn(move || {
                hasher.verify("correct horse battery", None).unwrap();
                done.fetch_add(1, Ordering::SeqCst);
            })
        })
        .collect();
    while hasher.places.lock().unwrap().waiting < WAITING_MAX {
        std::thread::yield_now();
    }
    assert_eq!(hasher.verify("correct horse battery", None), Err(Busy));
    assert_eq!(done.load(Ordering::SeqCst), 0);
    drop(held);
    waiting.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(done.load(Ordering::SeqCst), WAITING_MAX);
    assert_eq!(hasher.verify("correct horse battery", None), Ok(false));
}
