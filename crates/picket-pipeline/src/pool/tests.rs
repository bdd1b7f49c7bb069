use super::*;
use crate::{Stage, Trigger};
use std::sync::Mutex;

/// Rows of two lanes, one of which never ends before it is let go.
#[derive(Default)]
struct Rows {
    waiting: Mutex<Vec<(i64, &'static str)>>,
    done: Mutex<Vec<i64>>,
    most: Mutex<BTreeMap<&'static str, (usize, usize)>>,
    gate: Notify,
}

impl Outbox for Rows {
    type Row = (i64, &'static str);

    fn due(&self, under_way: &UnderWay, limit: usize) -> Result<Vec<Due<Self::Row>>, ConsumeError> {
        let full = under_way.full();
        let rows = self.waiting.lock().unwrap();
        let free = rows.iter().filter(|(id, lane)| !under_way.ids.contains(id) && !full.iter().any(|one| one == lane));
        Ok(free.take(limit).map(|row| Due { id: row.0, lane: row.1.to_owned(), row: *row }).collect())
    }

    async fn carry_out(&self, (id, lane): Self::Row) {
        let change = |by: isize| {
            let mut most = self.most.lock().unwrap();
            let (now, peak) = most.entry(lane).or_default();
            *now = now.saturating_add_signed(by);
            *peak = (*peak).max(*now);
        };
        change(1);
        if lane == "stuck" {
            self.gate.notified().await;
        } else {
            tokio::task::yield_now().await;
        }
        change(-1);
        self.waiting.lock().unwrap().retain(|(own, _)| *own != id);
        self.done.lock().unwrap().push(id);
    }
}

#[test]
fn a_lane_that_is_stuck_keeps_nobody_else_waiting_and_lanes_have_their_bound() {
    let rows = Arc::new(Rows::default());
    let stuck = (0..50).map(|id| (id, "stuck"));
    *rows.waiting.lock().unwrap() = stuck.chain((50..150).map(|id| (id, "quick"))).collect();
    let (trigger, shutdown) = Trigger::new();
    let settings = PoolSettings { at_a_time: 8, per_lane: 3, idle: Duration::from_millis(5) };
    let (working, bell) = (Arc::clone(&rows), Bell::default());
    let ringing = bell.clone();
    let thread = std::thread::spawn(move || work(&working, &settings, &bell, &shutdown));
    while rows.done.lock().unwrap().len() < 100 {
        ringing.ring();
        std::thread::yield_now();
    }
    let done = rows.done.lock().unwrap().clone();
    assert!(done.iter().all(|id| *id >= 50), "{done:?}");
    trigger.advance(Stage::Draining);
    while !thread.is_finished() {
        rows.gate.notify_one();
        std::thread::yield_now();
    }
    thread.join().unwrap().unwrap();
    let most = rows.most.lock().unwrap().clone();
    assert_eq!(most["stuck"], (0, 3), "what is under way is finished before the thread ends");
    assert!(most["quick"].1 <= 3, "{most:?}");
}
