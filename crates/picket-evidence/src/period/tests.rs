use super::*;
use proptest::prelude::*;
use std::convert::Infallible;

const HOUR: Duration = Duration::from_secs(3_600);

fn at(secs: i64) -> Timestamp {
    Timestamp::from_millis(secs * 1_000)
}

fn schedule(every: Duration, now: Timestamp) -> Schedule {
    Schedule {
        id: "exs_1".to_owned(),
        request: "{}".to_owned(),
        every,
        keep: 10,
        is_paused: false,
        created_by: "ann".to_owned(),
        created_at: now,
        changed_by: "ann".to_owned(),
        changed_at: now,
        covered: 0,
        covered_at: now,
        next_at: end_after(now, every),
        retry_at: None,
        export: None,
        failures: 0,
        error: None,
        revision: 1,
    }
}

/// The window that is due in a log whose entry at position n was taken at second n.
fn due(schedule: &Schedule, now: i64) -> Option<(u64, u64, i64)> {
    let begins_at = |at: Timestamp| Ok::<_, Infallible>(u64::try_from(at.as_secs()).unwrap());
    let window = next_window(schedule, at(now), begins_at).unwrap_or_else(|never| match never {});
    window.map(|window| (window.begin, window.until, window.to.as_secs()))
}

#[test]
fn a_period_ends_at_whole_multiples_and_the_next_begins_there() {
    let mut one = schedule(HOUR, at(1_000));
    assert_eq!(due(&one, 3_599), None);
    assert_eq!(due(&one, 3_600), Some((0, 3_600, 3_600)));
    let window = Window { begin: 0, until: 3_600, from: at(1_000), to: at(3_600) };
    settle(&mut one, &window, Ended::Done, at(3_601));
    assert_eq!((due(&one, 3_700), due(&one, 7_300)), (None, Some((3_600, 7_200, 7_200))));
}

#[test]
fn what_was_missed_is_made_up_for_a_period_at_a_time_and_what_is_older_together() {
    let one = schedule(HOUR, at(0));
    assert_eq!(due(&one, 3 * 3_600 + 5), Some((0, 3_600, 3_600)), "the oldest first");
    assert_eq!(due(&one, 24 * 3_600), Some((0, 3_600, 3_600)), "as many as may be");
    assert_eq!(due(&one, 100 * 3_600), Some((0, 77 * 3_600, 77 * 3_600)), "23 are left");
}

#[test]
fn a_failure_is_tried_again_soon_and_less_and_less_often() {
    let mut one = schedule(HOUR, at(0));
    let window = Window { begin: 0, until: 3_600, from: at(0), to: at(3_600) };
    let mut now = 3_600;
    for wait in [60, 120, 240, 480, 960, 1_920, 3_600, 3_600] {
        settle(&mut one, &window, Ended::Failed("no room".to_owned()), at(now));
        assert_eq!((due(&one, now + wait - 1), due(&one, now + wait).is_some()), (None, true), "{wait}");
        now += wait;
    }
    assert_eq!((one.failures, one.error.as_deref(), one.covered), (8, Some("no room"), 0));
    settle(&mut one, &window, Ended::Done, at(now));
    assert_eq!((one.failures, one.error, one.retry_at, one.covered), (0, None, None, 3_600));
}

#[test]
fn what_somebody_stopped_is_covered_by_the_next() {
    let mut one = schedule(HOUR, at(0));
    let window = Window { begin: 0, until: 3_600, from: at(0), to: at(3_600) };
    settle(&mut one, &window, Ended::Stopped, at(3_700));
    assert_eq!((due(&one, 7_199), due(&one, 7_200)), (None, Some((0, 7_200, 7_200))));
}

/// What happens to a schedule.
#[derive(Debug, Clone)]
enum Step {
    /// The log takes an entry, so many seconds after the clock stood where it stands.
    Append,
    /// The clock goes on, or is set.
    Clock(i64),
    /// The schedule is looked at.
    Look,
    /// The export that runs ends so.
    End(u8),
    /// Somebody pauses or resumes it.
    Pause(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Append),
        3 => (0_i64..4_000).prop_map(Step::Clock),
        1 => (-200_000_i64..200_000).prop_map(Step::Clock),
        4 => Just(Step::Look),
        4 => (0_u8..5).prop_map(Step::End),
        1 => any::<bool>().prop_map(Step::Pause),
    ]
}

/// A log, a clock, and a schedule as the store holds it: a crash loses nothing else.
struct World {
    now: i64,
    entries: Vec<Timestamp>,
    schedule: Schedule,
    window: Option<Window>,
    done: Vec<Window>,
}

impl World {
    fn look(&mut self) {
        let entries = &self.entries;
        // As the log searches: for the first that is not before, as if times only went up.
        let begin = usize::try_from(self.schedule.covered).unwrap();
        let begins_at = |at: Timestamp| {
            let rest = entries[begin..].partition_point(|taken| *taken < at);
            Ok::<_, Infallible>(u64::try_from(begin + rest).unwrap())
        };
        let window = next_window(&self.schedule, at(self.now), begins_at).unwrap_or_else(|never| match never {});
        if let Some(window) = window {
            (self.schedule.export, self.window) = (Some("exp_1".to_owned()), Some(window));
        }
    }

    fn end(&mut self, how: u8) {
        let Some(window) = self.window.take() else { return };
        let ended = match how {
            0 => Ended::Failed("no room".to_owned()),
            1 => Ended::Stopped,
            _ => Ended::Done,
        };
        if ended == Ended::Done {
            self.done.push(window);
        }
        settle(&mut self.schedule, &window, ended, at(self.now));
    }
}

proptest! {
    #[test]
    fn finished_exports_cover_every_entry_once_whatever_clocks_and_people_do(
        every in 60_u64..10_000,
        steps in proptest::collection::vec(step(), 1..200),
    ) {
        let start = at(1_000_000);
        let schedule = schedule(Duration::from_secs(every), start);
        let mut world = World { now: 1_000_000, entries: Vec::new(), schedule, window: None, done: Vec::new() };
        for step in steps {
            match step {
                Step::Append => world.entries.push(at(world.now)),
                Step::Clock(by) => world.now += by,
                Step::Look => world.look(),
                Step::End(how) => world.end(how),
                Step::Pause(is_paused) => world.schedule.is_paused = is_paused,
            }
        }
        // From now on all is well, and time passes.
        let size = u64::try_from(world.entries.len()).unwrap();
        world.schedule.is_paused = false;
        for _ in 0..100 {
            world.now += 10_000;
            world.look();
            world.end(2);
        }
        // An entry of a clock that was ahead is as far away as that clock was.
        world.now = 1_000_000 + 300 * 200_000;
        for _ in 0..30 {
            world.look();
            world.end(2);
        }
        let mut covered = 0;
        for window in &world.done {
            prop_assert_eq!(window.begin, covered, "no gap, and nothing twice: {:?}", window);
            prop_assert!(window.until >= window.begin && window.from <= window.to, "{:?}", window);
            covered = window.until;
        }
        prop_assert_eq!((covered, world.schedule.covered), (size, size));
        prop_assert!(world.window.is_none());
    }
}
