use super::*;
use picket_stdx::Timestamp;

fn attempts() -> (Attempts, Clock) {
    let clock = Clock::manual(Timestamp::from_millis(1_780_000_000_000));
    (Attempts::new(&clock), clock)
}

#[test]
fn an_account_has_five_attempts_and_then_one_each_twelve_seconds() {
    let (attempts, clock) = attempts();
    let taken = |count: usize| (0..count).filter(|_| attempts.take("ana", None).is_ok()).count();
    assert_eq!(taken(20), 5);
    assert_eq!(attempts.take("ana", None), Err(Limited { retry_after: Duration::from_secs(12) }));
    assert_eq!(attempts.take("bob", None), Ok(()), "others are not hindered");
    clock.advance(Duration::from_secs(11));
    assert_eq!(attempts.take("ana", None), Err(Limited { retry_after: Duration::from_secs(1) }));
    clock.advance(Duration::from_secs(1));
    assert_eq!(taken(20), 1);
    clock.advance(Duration::from_secs(3_600));
    assert_eq!(taken(20), 5, "an hour of silence saves up no more than the burst");
}

#[test]
fn an_address_has_twenty_attempts_whatever_names_it_tries() {
    let (attempts, clock) = attempts();
    let address = Some("192.0.2.7".parse().unwrap());
    let tried =
        |address: Option<IpAddr>| (0..50).filter(|at| attempts.take(&format!("name{at}"), address).is_ok()).count();
    assert_eq!(tried(address), 20);
    assert_eq!(tried(Some("::ffff:192.0.2.7".parse().unwrap())), 0, "the same address in another spelling");
    clock.advance(Duration::from_secs(3_600));
    assert_eq!(tried(Some("2001:db8::1".parse().unwrap())), 20);
    assert_eq!(tried(Some("2001:db8::ffff".parse().unwrap())), 0, "a household of IPv6 is one address");
    assert_eq!(attempts.take("name0", Some("2001:db8:0:1::1".parse().unwrap())), Ok(()));
}

#[test]
fn a_right_attempt_does_not_count_and_a_step_of_the_wall_clock_changes_nothing() {
    let (attempts, clock) = attempts();
    for _ in 0..50 {
        attempts.take("ana", None).unwrap();
        attempts.give_back("ana");
    }
    assert_eq!((0..20).filter(|_| attempts.take("ana", None).is_ok()).count(), 5);
    clock.set(Timestamp::from_millis(4_000_000_000_000));
    assert!(attempts.take("ana", None).is_err());
    clock.set(Timestamp::from_millis(0));
    clock.advance(Duration::from_secs(12));
    assert_eq!(attempts.take("ana", None), Ok(()));
}

#[test]
fn an_address_goes_to_the_provider_sixty_times_at_once_and_then_once_a_second() {
    let (attempts, clock) = attempts();
    let address = "192.0.2.7".parse().unwrap();
    let gone = || (0..100).filter(|_| attempts.take_way(address).is_ok()).count();
    assert_eq!(gone(), 60);
    assert_eq!(attempts.take("ana", Some(address)), Ok(()), "signing in with a password is counted apart");
    clock.advance(Duration::from_secs(3));
    assert_eq!(gone(), 3);
}
