use super::*;
use picket_stdx::Timestamp;
use proptest::prelude::*;

const AT: Timestamp = Timestamp::from_millis(1_780_000_000_000);

fn mark(position: u64) -> Mark {
    Mark { position, hour: i64::try_from(position / 100).unwrap(), is_report: position.is_multiple_of(7) }
}

fn letter(position: u64) -> DeadLetter {
    DeadLetter {
        position,
        event_id: format!("evt_{position}"),
        event_type: "request".to_owned(),
        happened_at: AT,
        reason: "refused".to_owned(),
        status: None,
        excerpt: String::new(),
        attempts: 1,
        at: AT,
        is_wanted: false,
    }
}

/// What happens to a destination.
#[derive(Debug, Clone)]
enum Step {
    /// So many entries are read, as far as there is room.
    Read(u64),
    /// The receiver takes so many of the open events, from one on.
    Deliver(usize, usize),
    /// The same, and they are given up.
    Bury(usize, usize),
    /// Retention drops the first open events.
    Expire(usize),
    /// A dead letter is wanted again.
    Reopen(usize),
    Save,
    Saved,
    NotSaved,
    Crash,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1..6_000_u64).prop_map(Step::Read),
        4 => (0..5_000_usize, 1..5_000_usize).prop_map(|(skip, count)| Step::Deliver(skip, count)),
        1 => (0..5_000_usize, 1..40_usize).prop_map(|(skip, count)| Step::Bury(skip, count)),
        1 => (1..40_usize).prop_map(Step::Expire),
        1 => (0..40_usize).prop_map(Step::Reopen),
        3 => Just(Step::Save),
        3 => Just(Step::Saved),
        1 => Just(Step::NotSaved),
        1 => Just(Step::Crash),
    ];
    prop::collection::vec(step, 1..80)
}

/// A destination, what is durable of it, and what really happened.
struct World {
    progress: Progress,
    saving: Option<Save>,
    standing: Standing,
    letters: BTreeSet<u64>,
    hours: BTreeMap<i64, [i64; 4]>,
    /// Events that were ever wanted, and fates that really came about.
    wanted: BTreeSet<u64>,
    arrived: BTreeSet<u64>,
    expired: BTreeSet<u64>,
}

impl World {
    fn new() -> Self {
        Self {
            progress: Progress::default(),
            saving: None,
            standing: Standing::default(),
            letters: BTreeSet::new(),
            hours: BTreeMap::new(),
            wanted: BTreeSet::new(),
            arrived: BTreeSet::new(),
            expired: BTreeSet::new(),
        }
    }

    fn some_open(&self, skip: usize, count: usize) -> Vec<u64> {
        self.progress.open().iter().copied().skip(skip).take(count).collect()
    }

    fn apply(&mut self, step: &Step) {
        match *step {
            Step::Read(count) => {
                let from = self.progress.scanned();
                let room = u64::try_from(self.progress.room()).unwrap();
                let to = from + count.min(room);
                let wanted: Vec<u64> = (from..to).filter(|position| position % 5 != 0).collect();
                self.wanted.extend(&wanted);
                self.progress.scan(to, wanted.into_iter().map(mark));
            }
            Step::Deliver(skip, count) => {
                for position in self.some_open(skip, count) {
                    self.arrived.insert(position);
                    self.progress.deliver(mark(position));
                }
            }
            Step::Bury(skip, count) => {
                for position in self.some_open(skip, count) {
                    self.progress.bury(mark(position), letter(position));
                }
            }
            Step::Expire(count) => {
                for position in self.some_open(0, count) {
                    self.expired.insert(position);
                    self.progress.expire(position);
                }
            }
            // Only what is durably given up can be wanted again, in the transaction that takes the letter.
            Step::Reopen(skip) => {
                let found = self.letters.iter().copied().nth(skip);
                if let Some(position) = found.filter(|_| self.saving.is_none() && self.progress.room() > 0) {
                    self.apply(&Step::Save);
                    self.apply(&Step::Saved);
                    self.letters.remove(&position);
                    self.progress.reopen(mark(position));
                    self.apply(&Step::Save);
                    self.apply(&Step::Saved);
                }
            }
            Step::Save if self.saving.is_none() => self.saving = Some(self.progress.save()),
            Step::Saved => {
                if let Some(save) = self.saving.take() {
                    self.letters.extend(save.letters.iter().map(|letter| letter.position));
                    for hour in &save.hours {
                        let sums = self.hours.entry(hour.hour).or_default();
                        let more = [hour.accepted, hour.delivered, hour.dead_lettered, hour.expired];
                        sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
                    }
                    self.standing = save.standing.clone();
                    self.progress.saved(&save);
                }
            }
            Step::NotSaved => {
                if let Some(save) = self.saving.take() {
                    self.progress.not_saved(save);
                }
            }
            // A save that is on its way when the process dies is not durable here; `Saved` before it is the other case.
            Step::Crash => {
                self.saving = None;
                self.progress = Progress::read(&self.standing).unwrap();
            }
            Step::Save => {}
        }
    }

    fn check(&self) {
        let Counts { accepted, delivered, dead_lettered, expired } = self.progress.counts();
        assert_eq!(accepted, delivered + dead_lettered + expired + self.progress.pending());
        // What was not looked at is looked at later; of all else, nothing is without a fate but what is open.
        let durable = Progress::read(&self.standing).unwrap();
        for position in self.wanted.iter().filter(|position| **position < durable.scanned()) {
            let has_fate =
                self.arrived.contains(position) || self.letters.contains(position) || self.expired.contains(position);
            assert!(has_fate || durable.open().contains(position), "{position} is lost");
        }
        // Whatever a crash would repeat is within the window.
        let durably_open = |position: &&u64| **position >= durable.scanned() || durable.open().contains(position);
        let repeated = self.arrived.iter().filter(durably_open).count();
        assert!(repeated <= WINDOW, "{repeated} would be sent again");
        let contiguous = self.progress.contiguous();
        assert!(self.progress.open().iter().all(|position| *position >= contiguous));
        assert!(contiguous <= self.progress.scanned());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_nothing_is_lost_and_the_sums_add_up(steps in steps()) {
        let mut world = World::new();
        for step in &steps {
            world.apply(step);
            world.check();
        }
        // When all goes well at last, every event that is wanted has a fate.
        world.apply(&Step::Crash);
        world.apply(&Step::Deliver(0, usize::MAX));
        world.apply(&Step::Save);
        world.apply(&Step::Saved);
        world.check();
        prop_assert_eq!(world.progress.pending(), 0);
        let sums: Vec<i64> = (0..3).map(|at| world.hours.values().map(|hour| hour[at]).sum()).collect();
        let counts = world.progress.counts();
        prop_assert_eq!(sums, [counts.accepted, counts.delivered, counts.dead_lettered].map(|n| i64::try_from(n).unwrap()));
    }
}

#[test]
fn while_fates_are_not_safe_no_more_than_the_window_is_taken() {
    let mut progress = Progress::default();
    progress.scan(20_000, (0..u64::try_from(WINDOW).unwrap()).map(mark));
    assert_eq!(progress.room(), 0);
    (0..10_000).for_each(|position| progress.deliver(mark(position)));
    assert_eq!(progress.room(), 0, "delivered, and a crash would repeat them");
    let save = progress.save();
    assert_eq!(progress.room(), 0, "on its way to be safe");
    progress.saved(&save);
    assert_eq!(progress.room(), 10_000);
}

#[test]
fn a_second_fate_changes_nothing() {
    let mut progress = Progress::default();
    progress.scan(1, [mark(0)]);
    progress.deliver(mark(0));
    progress.deliver(mark(0));
    progress.bury(mark(0), letter(0));
    progress.expire(0);
    let counts = Counts { accepted: 1, delivered: 1, ..Counts::default() };
    assert_eq!((progress.counts(), progress.pending()), (counts, 0));
    assert!(progress.save().letters.is_empty());
}

#[test]
fn what_retention_dropped_unseen_is_counted_and_passed() {
    let mut progress = Progress::default();
    progress.scan(10, [mark(3)]);
    progress.lose(4_096);
    assert_eq!((progress.scanned(), progress.counts().expired, progress.counts().accepted), (4_096, 4_086, 4_087));
    assert_eq!(progress.contiguous(), 3, "what is open is still waited for");
}

#[test]
fn sums_that_do_not_add_up_are_not_gone_on_with() {
    let open = packed::pack(&BTreeSet::from([3]));
    let counts = Counts { accepted: 2, delivered: 1, ..Counts::default() };
    let sound = Standing { begin: 0, scanned: 4, open, counts };
    assert!(Progress::read(&sound).is_ok());
    let more = Standing { counts: Counts { accepted: 3, ..counts }, ..sound.clone() };
    let ahead = Standing { scanned: 3, ..sound.clone() };
    let torn = Standing { open: vec![0x80], ..sound };
    for damaged in [more, ahead, torn] {
        assert!(Progress::read(&damaged).is_err(), "{damaged:?}");
    }
}

#[test]
fn reports_of_deliveries_are_not_told_of_themselves() {
    let mut progress = Progress::default();
    progress.scan(8, [mark(6), mark(7)]);
    progress.deliver(mark(6));
    progress.deliver(mark(7));
    assert_eq!(progress.counts().delivered, 2);
    assert_eq!(progress.save().tally, Tally { delivered: 1, ..Tally::default() });
}

#[test]
fn dead_letters_that_come_when_there_is_no_more_room_are_read_back_with_the_rest() {
    let mut progress = Progress::read(&Standing::default()).unwrap();
    let window = u64::try_from(WINDOW).unwrap();
    progress.scan(window + 600, (0..window + 512).map(mark));
    assert_eq!(progress.room(), 0);
    let (open, counts) = (packed::pack(progress.open()), progress.counts());
    let kept = Standing { scanned: progress.scanned(), open, counts, ..Standing::default() };
    let again = Progress::read(&kept).unwrap();
    assert_eq!((again.open(), again.room()), (progress.open(), 0));
}
