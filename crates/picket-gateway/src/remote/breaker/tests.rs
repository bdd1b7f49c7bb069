//! When a service is asked.

use super::*;

const PAUSE: Duration = Duration::from_secs(10);

fn breaker(failures: u32) -> Breaker {
    Breaker::new(failures, PAUSE)
}

#[test]
fn failures_in_a_row_open_it_and_a_success_between_them_does_not_let_them_add_up() {
    let (mut breaker, now) = (breaker(3), Instant::now());
    for succeeded in [false, false, true, false, false] {
        let is_probe = breaker.ask(now).unwrap();
        breaker.tell(is_probe, succeeded, now);
    }
    assert_eq!(breaker.circuit(now), Circuit::Closed);
    breaker.tell(false, false, now);
    assert_eq!((breaker.circuit(now), breaker.ask(now)), (Circuit::Open, None));
}

#[test]
fn after_the_pause_one_question_tries_and_decides() {
    for (succeeded, circuit) in [(true, Circuit::Closed), (false, Circuit::Open)] {
        let (mut breaker, now) = (breaker(1), Instant::now());
        breaker.tell(false, false, now);
        let almost = now + PAUSE.checked_sub(Duration::from_millis(1)).unwrap();
        assert_eq!(breaker.ask(almost), None);
        let later = now + PAUSE;
        assert_eq!(breaker.circuit(later), Circuit::HalfOpen);
        assert_eq!((breaker.ask(later), breaker.ask(later)), (Some(true), None), "one at a time");
        // An answer to a question from before tells nothing.
        breaker.tell(false, true, later);
        breaker.tell(false, false, later);
        assert_eq!(breaker.circuit(later), Circuit::HalfOpen);
        breaker.tell(true, succeeded, later);
        assert_eq!(breaker.circuit(later), circuit);
    }
}

#[test]
fn a_try_that_comes_to_nothing_lets_the_next_one_try() {
    let shared = Mutex::new(Breaker::new(1, Duration::ZERO));
    assert!(attempt(&shared).unwrap().ended(false), "it opens");
    let first = attempt(&shared).unwrap();
    assert!(first.is_probe && attempt(&shared).is_none());
    drop(first);
    let second = attempt(&shared).unwrap();
    assert!(second.is_probe);
    assert!(second.ended(true), "it closes");
    assert!(!attempt(&shared).unwrap().ended(true));
}
