//! Rules over events: what they find, and where the correlations stand. Knows no store; the same events in the same order
//! give the same findings, live, after a restart and in a backtest.

use crate::profiles::{self, Profiles};
use crate::set::RuleSet;
use crate::sight::{Eye, Sight};
use crate::view::{self, Repeats, Unseen};
use picket_event::{Category, Event, EventId, Severity};
use picket_rules::{Correlator, Counters, Late, Outcome, Scratch, Settings, Told};
use picket_stdx::Timestamp;
use serde_json::Value;
use std::sync::Arc;

/// What a state begins with; the last byte is the version.
const MAGIC: &[u8] = b"PKDS\x01";

/// Profiles of an engine of its own.
const PROFILES_MAX: usize = 200_000;

/// What a rule found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// Place in the set.
    pub rule: usize,
    /// The moment.
    pub at: Timestamp,
    /// Fields of the group with their values, of a correlation.
    pub group: Vec<(String, String)>,
    /// What was measured, of a correlation.
    pub measured: Option<Measured>,
    /// Events that it rests on, by their numbers.
    pub events: Vec<u64>,
    /// An event that came late changed what had been said.
    pub is_amended: bool,
    /// An event that came late says that it was nothing.
    pub is_taken_back: bool,
    /// The event at which it was found.
    pub trigger: Arc<Trigger>,
}

/// What a correlation measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// A count, a sum, or how many rules matched.
    pub value: f64,
    /// What was to be expected, where that was learned.
    pub expected: Option<f64>,
    /// The oldest moment that counts.
    pub since: Timestamp,
}

/// The event at which something was found.
#[derive(Debug, Clone)]
pub struct Trigger {
    /// Its id; none where the event is not known any more.
    pub event_id: Option<EventId>,
    /// When it happened.
    pub timestamp: Timestamp,
    /// When the log took it.
    pub recorded_at: Timestamp,
    /// Its place in the taxonomy.
    pub category: Option<Category>,
    /// How bad it is.
    pub severity: Severity,
    /// What it found.
    pub finding_type: Option<String>,
    /// What rules saw of it.
    pub fields: Value,
}

impl Trigger {
    /// Nothing but when it was.
    fn bare(at: Timestamp) -> Self {
        Self {
            event_id: None,
            timestamp: at,
            recorded_at: at,
            category: None,
            severity: Severity::Info,
            finding_type: None,
            fields: Value::Null,
        }
    }

    fn of(event: &Event, seen: &str) -> Self {
        Self {
            event_id: Some(event.event_id),
            timestamp: event.timestamp,
            recorded_at: event.recorded_at.unwrap_or(event.timestamp),
            category: event.category,
            severity: event.severity,
            finding_type: event.finding_type.clone(),
            fields: serde_json::from_str(seen).unwrap_or_default(),
        }
    }

    /// The text of a field, which may be nested (`a.b`).
    pub fn field(&self, name: &str) -> Option<String> {
        let direct = self.fields.get(name);
        let nested = || name.split('.').try_fold(&self.fields, |value, part| value.get(part));
        match direct.or_else(nested)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(value) => Some(value.to_string()),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// Rules saw it.
    Seen,
    /// Rules do not see such events.
    Unseen(Unseen),
    /// It could not be read.
    Unreadable,
}

/// Rules with the state of their correlations.
#[derive(Debug)]
pub struct Engine {
    settings: Settings,
    eye: Eye,
    judge: Judge,
    /// The event that is judged.
    sight: Sight,
}

/// Rules with where their correlations stand: the half of an engine that may judge one event while the other sees the next.
#[derive(Debug)]
pub(crate) struct Judge {
    set: Arc<RuleSet>,
    correlator: Correlator,
    /// For what is told beside events.
    scratch: Scratch,
    /// Groups that were forgotten for want of room, since the start.
    evicted: u64,
}

/// A state cannot be read: it is of another version, or damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the state of detection cannot be read")]
pub struct StateError;

impl Engine {
    /// An engine with nothing in it, whose profiles are nobody else's.
    pub fn new(set: Arc<RuleSet>, settings: Settings) -> Self {
        let profiles = Profiles::new(profiles::Bounds {
            most: PROFILES_MAX,
            lateness_ms: settings.lateness_ms,
            ahead_ms: settings.ahead_ms,
        });
        Self::feeding(set, settings, profiles)
    }

    /// An engine with nothing in it that feeds some profiles.
    pub fn feeding(set: Arc<RuleSet>, settings: Settings, profiles: Profiles) -> Self {
        let correlator = set.rules.correlator(settings);
        let scratch = set.rules.scratch();
        let (sight, eye) = (Sight::of(&set), Eye::new(Arc::clone(&set), profiles));
        Self { settings, eye, judge: Judge { set, correlator, scratch, evicted: 0 }, sight }
    }

    /// What sees events, and what judges them, for two threads.
    pub(crate) fn halves(&mut self) -> (&mut Eye, &mut Judge) {
        (&mut self.eye, &mut self.judge)
    }

    /// Events with smaller numbers are in the profiles already.
    pub(crate) fn feed_from(&mut self, number: u64) {
        self.eye.profiles_from = number;
    }

    /// What is usual.
    pub fn profiles(&self) -> &Profiles {
        &self.eye.profiles
    }

    /// Its rules.
    pub fn set(&self) -> &Arc<RuleSet> {
        &self.judge.set
    }

    /// Holds an event against all rules; what they find is added to `hits`. `number` is the caller's name for the event,
    /// and `look` gives an event back by that name: what somebody waited for in vain is about an event of before.
    pub fn judge(
        &mut self,
        event: &Event,
        number: u64,
        look: &dyn Fn(u64) -> Option<Event>,
        hits: &mut Vec<Hit>,
    ) -> Judged {
        match self.eye.see(event, number, &mut self.sight) {
            Ok(()) => self.judge.judge(event, &self.sight, look, hits),
            Err(unseen) => Judged::Unseen(unseen),
        }
    }

    /// Takes everything before a moment for complete: what waited for something by then has waited in vain.
    pub fn advance(&mut self, to: Timestamp, look: &dyn Fn(u64) -> Option<Event>, hits: &mut Vec<Hit>) {
        let Judge { set, correlator, evicted, .. } = &mut self.judge;
        for outcome in correlator.advance(&set.rules, to.as_millis()) {
            match hit(set, outcome, None, look) {
                Some(hit) => hits.push(hit),
                None => *evicted += 1,
            }
        }
    }

    /// Groups that were forgotten for want of room, since the start.
    pub fn evicted(&self) -> u64 {
        self.judge.evicted
    }

    /// Groups that the event concerns which was judged last, if it came too late for them.
    pub fn late(&self) -> &[Late] {
        self.judge.correlator.late()
    }

    /// What correlations had to leave out.
    pub fn counters(&self) -> Counters {
        self.judge.correlator.counters()
    }

    /// Groups that are remembered.
    pub fn groups(&self) -> usize {
        self.judge.correlator.groups()
    }

    /// Lets go of what is remembered of a value, such as a user's name; how many groups that were.
    pub fn forget(&mut self, value: &str) -> usize {
        self.eye.profiles.forget(value);
        self.judge.correlator.forget(value)
    }

    /// Its state as bytes, without the profiles.
    pub fn snapshot(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        let prints = self.eye.repeats.prints();
        out.extend(u64::try_from(prints.len()).unwrap_or(0).to_le_bytes());
        prints.for_each(|print| out.extend(print.to_le_bytes()));
        out.extend(self.judge.correlator.snapshot(&self.judge.set.rules));
        out
    }

    /// An engine of some rules that goes on where a state was taken, and how many groups of other rules were left out.
    pub fn restore(
        set: Arc<RuleSet>,
        settings: Settings,
        profiles: Profiles,
        state: &[u8],
    ) -> Result<(Self, usize), StateError> {
        let rest = state.strip_prefix(MAGIC).ok_or(StateError)?;
        let (count, rest) = rest.split_first_chunk::<8>().ok_or(StateError)?;
        let bytes = usize::try_from(u64::from_le_bytes(*count)).ok().and_then(|count| count.checked_mul(8));
        let (prints, rest) = bytes.and_then(|bytes| rest.split_at_checked(bytes)).ok_or(StateError)?;
        let (prints, _) = prints.as_chunks::<8>();
        let restored = Correlator::restore(&set.rules, settings, rest).map_err(|_error| StateError)?;
        let mut engine = Self::feeding(set, settings, profiles);
        engine.eye.repeats = Repeats::of(prints.iter().map(|bytes| u64::from_le_bytes(*bytes)));
        engine.judge.correlator = restored.correlator;
        Ok((engine, restored.left_out))
    }

    /// The same state under other rules: what did not change goes on.
    #[must_use]
    pub fn with(&self, set: Arc<RuleSet>, settings: Settings) -> Self {
        let profiles = self.eye.profiles.clone();
        let restored = Self::restore(Arc::clone(&set), settings, profiles.clone(), &self.snapshot());
        // Nothing of what was just written is unreadable; without it, correlations begin anew.
        let mut engine = restored.map_or_else(|_error| Self::feeding(set, settings, profiles), |(engine, _)| engine);
        (engine.judge.evicted, engine.eye.profiles_from) = (self.judge.evicted, self.eye.profiles_from);
        engine
    }

    /// What bounds it.
    pub fn settings(&self) -> Settings {
        self.settings
    }
}

impl Judge {
    /// Its rules.
    pub(crate) fn set(&self) -> &Arc<RuleSet> {
        &self.set
    }

    /// Judges an event that was seen; what rules find is added to `hits`.
    pub(crate) fn judge(
        &mut self,
        event: &Event,
        sight: &Sight,
        look: &dyn Fn(u64) -> Option<Event>,
        hits: &mut Vec<Hit>,
    ) -> Judged {
        let Self { set, correlator, scratch, evicted } = self;
        let mut find = |text: &str, scratch: &Scratch, is_event| {
            *evicted += find(set, correlator, (event, sight.number), (text, scratch, is_event), look, hits);
        };
        for told in &sight.told {
            if set.rules.find(told, scratch).is_ok() {
                find(told, scratch, false);
            }
        }
        if !sight.is_read {
            return Judged::Unreadable;
        }
        find(&sight.text, &sight.scratch, true);
        Judged::Seen
    }
}

/// Takes in what was written at an event, which is the event itself or not, and was read; how many groups had to go for it.
fn find(
    set: &RuleSet,
    correlator: &mut Correlator,
    (event, number): (&Event, u64),
    (text, scratch, is_event): (&str, &Scratch, bool),
    look: &dyn Fn(u64) -> Option<Event>,
    hits: &mut Vec<Hit>,
) -> u64 {
    let rules = &set.rules;
    let now = Some(event.recorded_at.unwrap_or(event.timestamp).as_millis());
    let outcomes = correlator.observe(rules, text, number, now, scratch);
    let mut told = scratch.matched().iter().copied().filter(|rule| rules.is_told(*rule)).peekable();
    if told.peek().is_none() && outcomes.is_empty() {
        return 0;
    }
    let seen = Trigger::of(event, text);
    // What else was told stands for itself: it rests on a quarter of an hour, and not on the event that closed that.
    let event_id = seen.event_id.filter(|_| is_event);
    let trigger = Arc::new(Trigger { event_id, ..seen });
    let evidence = if is_event { vec![number] } else { Vec::new() };
    hits.extend(told.map(|rule| Hit {
        rule,
        at: event.timestamp,
        group: Vec::new(),
        measured: None,
        events: evidence.clone(),
        is_amended: false,
        is_taken_back: false,
        trigger: Arc::clone(&trigger),
    }));
    let mut evicted = 0;
    for outcome in outcomes {
        match hit(set, outcome, Some((number, &trigger)), look) {
            Some(hit) => hits.push(hit),
            None => evicted += 1,
        }
    }
    evicted
}

/// What an outcome says that no event brought.
pub(crate) fn told(set: &RuleSet, outcome: &Outcome, look: &dyn Fn(u64) -> Option<Event>) -> Option<Hit> {
    hit(set, outcome, None, look)
}

/// What an outcome says; none if it only says that a group was forgotten.
fn hit(
    set: &RuleSet,
    outcome: &Outcome,
    present: Option<(u64, &Arc<Trigger>)>,
    look: &dyn Fn(u64) -> Option<Event>,
) -> Option<Hit> {
    let at = Timestamp::from_millis(outcome.at);
    let (measured, events, is_amended) = match &outcome.told {
        Told::Holds { value, expected, since, events, amended } => {
            let since = Timestamp::from_millis(*since);
            (Some(Measured { value: *value, expected: *expected, since }), events.clone(), *amended)
        }
        Told::TakenBack => (None, present.map(|(number, _)| number).into_iter().collect(), true),
        Told::Evicted => return None,
    };
    // The event that came just now may be somebody else's: then the newest that it rests on speaks.
    let is_of_present = |number: u64| events.is_empty() || events.contains(&number);
    let trigger = match present.filter(|(number, _)| is_of_present(*number)) {
        Some((_, trigger)) => Arc::clone(trigger),
        None => Arc::new(events.iter().max().and_then(|number| look(*number)).map_or_else(
            || Trigger::bare(at),
            |event| {
                let mut seen = String::new();
                match view::write(&event, &mut Repeats::default(), &mut seen) {
                    Ok(_) => Trigger::of(&event, &seen),
                    Err(_) => Trigger::bare(at),
                }
            },
        )),
    };
    Some(Hit {
        rule: set.correlation(outcome.correlation),
        at,
        group: outcome.group.clone(),
        is_taken_back: measured.is_none(),
        measured,
        events,
        is_amended,
        trigger,
    })
}

#[cfg(test)]
mod tests;
