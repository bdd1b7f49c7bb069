//! Who has the last word.

use super::*;
use futures_util::FutureExt as _;
use picket_event::Action;

fn verdict() -> Judgement {
    Judgement { action: Some(Action::Block), triggered: vec!["late".to_owned()], ..Judgement::default() }
}

#[test]
fn a_verdict_before_the_end_is_heard_and_one_after_it_is_told_so() {
    let ending = Ending::default();
    assert_eq!(ending.asked().now_or_never(), None);
    assert!(ending.ask(&verdict()) && ending.ask(&verdict()));
    assert_eq!(ending.asked().now_or_never(), Some(()));
    assert_eq!(ending.over().map(|judgement| judgement.action()), Some(Action::Block));
    assert!(ending.over().is_none() && !ending.ask(&verdict()));
}

#[test]
fn exactly_one_side_has_its_way_however_they_meet() {
    for _ in 0..500 {
        let ending = Arc::new(Ending::default());
        let other = Arc::clone(&ending);
        let asking = std::thread::spawn(move || other.ask(&verdict()));
        let heard = ending.over().is_some();
        assert_eq!(asking.join().unwrap(), heard);
    }
}

#[test]
fn a_request_that_is_dropped_is_over_and_no_longer_counted() {
    let open = Arc::default();
    let answering = Answering::new(&open);
    let ending = answering.ending();
    assert_eq!(open.load(Ordering::SeqCst), 1);
    drop(answering);
    assert_eq!((open.load(Ordering::SeqCst), ending.ask(&verdict())), (0, false));
}
