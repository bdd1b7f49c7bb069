use super::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

/// Little work, where the amount does not matter.
fn quick() -> Hasher {
    Hasher::with(Params::new(8, 1, 1, None).unwrap()).unwrap()
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
    let hasher = Hasher::new().unwrap();
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
    let hasher = Hasher::new().unwrap();
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
        let grown = Hasher::with(Params::new(memory, passes, lanes, None).unwrap()).unwrap();
        assert!(grown.is_outgrown(&made), "{memory} {passes} {lanes}");
        assert_eq!(grown.verify("correct horse battery", Some(&made)), Ok(true), "it is still read");
    }
    assert!(quick().is_outgrown("nonsense"));
}

#[test]
fn two_hash_at_a_time_some_wait_and_more_are_refused() {
    let hasher = Arc::new(quick());
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let gate = Arc::new(Barrier::new(RUNNING_MAX + 1));
    let held = || {
        let (hasher, gate) = (Arc::clone(&hasher), Arc::clone(&gate));
        std::thread::spawn(move || hasher.workers.run(move || gate.wait().is_leader()).map(drop))
    };
    let held: Vec<_> = (0..RUNNING_MAX).map(|_| held()).collect();
    while hasher.workers.taken() < RUNNING_MAX {
        std::thread::yield_now();
    }
    let waiting: Vec<_> = (0..WAITING_MAX)
        .map(|_| {
            let (hasher, running, most) = (Arc::clone(&hasher), Arc::clone(&running), Arc::clone(&most));
            std::thread::spawn(move || {
                hasher.workers.run(move || {
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::yield_now();
                    running.fetch_sub(1, Ordering::SeqCst);
                })
            })
        })
        .collect();
    while hasher.workers.taken() < RUNNING_MAX + WAITING_MAX {
        std::thread::yield_now();
    }
    assert_eq!(hasher.verify("correct horse battery", None), Err(Busy));
    assert_eq!(hasher.hash("correct horse battery"), Err(Busy));
    assert_eq!(most.load(Ordering::SeqCst), 0, "they wait");
    gate.wait();
    held.into_iter().chain(waiting).for_each(|thread| thread.join().unwrap().unwrap());
    assert!((1..=RUNNING_MAX).contains(&most.load(Ordering::SeqCst)));
    while hasher.workers.taken() > 0 {
        std::thread::yield_now();
    }
    assert_eq!(hasher.verify("correct horse battery", None), Ok(false));
}

#[test]
fn a_hash_that_panics_gives_its_place_back_and_others_go_on() {
    let hasher = quick();
    for _ in 0..2 * (RUNNING_MAX + WAITING_MAX) {
        assert_eq!(hasher.workers.run(|| std::panic::resume_unwind(Box::new("a test"))), Err::<(), _>(Busy));
    }
    assert_eq!(hasher.verify("correct horse battery", None), Ok(false));
}

#[test]
fn a_hash_is_what_the_library_itself_makes_in_memory_that_was_used_before() {
    use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
    let hasher = Hasher::new().unwrap();
    let library = Argon2::default();
    for password in ["correct horse battery", "another one of these", "correct horse battery"] {
        let own = PasswordHash::new(&hasher.hash(password).unwrap()).unwrap();
        assert_eq!(library.verify_password(password.as_bytes(), &own), Ok(()));
        assert!(library.verify_password(b"something else here", &own).is_err());
        let theirs = library.hash_password_with_salt(password.as_bytes(), &random::bytes::<16>()).unwrap().to_string();
        assert_eq!(hasher.verify(password, Some(&theirs)), Ok(true));
        assert_eq!(hasher.verify("something else here", Some(&theirs)), Ok(false));
    }
    // Less work than is asked for now, in the same memory.
    let small = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8_192, 1, 1, None).unwrap());
    let theirs = small.hash_password_with_salt(b"correct horse battery", &[7; 16]).unwrap().to_string();
    assert_eq!(hasher.verify("correct horse battery", Some(&theirs)), Ok(true));
    assert!(hasher.is_outgrown(&theirs));
}
