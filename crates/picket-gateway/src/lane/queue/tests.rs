//! What waits, and what finds no room.

use super::*;
use futures_util::FutureExt as _;
use std::sync::Arc;

#[test]
fn what_is_beyond_the_bounds_finds_no_room_until_something_left() {
    let queue = Queue::new(3, 100);
    assert!(queue.push("a", 60) && queue.push("b", 40));
    assert!(!queue.push("c", 1), "bytes");
    assert_eq!((queue.pop().now_or_never(), queue.waiting()), (Some("a"), (1, 40)));
    assert!(queue.push("c", 0) && queue.push("d", 60));
    assert!(!queue.push("e", 0), "number");
    assert!(!queue.push("f", usize::MAX));
    let rest: Vec<_> = (0..3).map(|_| queue.pop().now_or_never()).collect();
    assert_eq!(rest, [Some("b"), Some("c"), Some("d")]);
    assert_eq!((queue.pop().now_or_never(), queue.waiting()), (None, (0, 0)));
}

async fn take_all(queue: &Queue<usize>) -> Vec<usize> {
    let mut taken = Vec::new();
    while taken.last() != Some(&usize::MAX) {
        // Whoever looks and goes away must not take the call with him.
        taken.extend(queue.pop().now_or_never());
        taken.push(queue.pop().await);
    }
    taken
}

#[test]
fn every_thread_is_called_and_nothing_is_lost_when_somebody_gives_up_waiting() {
    const ITEMS: usize = 2_000;
    let queue = Arc::new(Queue::new(ITEMS, usize::MAX));
    let takers: Vec<_> = (0..3)
        .map(|_| {
            let queue = Arc::clone(&queue);
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(take_all(&queue))
            })
        })
        .collect();
    (0..ITEMS).for_each(|item| assert!(queue.push(item, 1)));
    // One for each, and more for those who take two at a look.
    let mut ended = 0;
    while ended < 64 {
        ended += usize::from(queue.push(usize::MAX, 0));
        std::thread::yield_now();
    }
    let mut taken: Vec<usize> = takers.into_iter().flat_map(|taker| taker.join().unwrap()).collect();
    taken.retain(|item| *item != usize::MAX);
    taken.sort_unstable();
    assert_eq!(taken, (0..ITEMS).collect::<Vec<_>>());
}
