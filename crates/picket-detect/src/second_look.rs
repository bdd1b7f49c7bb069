//! A second look at groups about which an event came too late for the state of the correlations.
//!
//! The events of the group are found in the past, and the rule is held against them with and without the late ones; the
//! difference is told as a finding that is amended. It is done once as soon as the late event can be found, and once more
//! when nothing can come any more that matters to the group; what was told the first time is not told again.

use crate::Detection;
use crate::consumer::event_at;
use crate::draft::drafts;
use crate::engine::told;
use crate::set::RuleSet;
use crate::settle::Ready;
use crate::view::{self, MARK, Repeats};
use picket_db::{Lane, Ticket};
use picket_log::{AppendError, ReadError};
use picket_rules::{Outcome, Past};
use picket_stdx::Timestamp;
use picket_store::detection::late::{self, Again};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Groups that are looked at in one step.
const STEP: u64 = 100;
/// Events of a group; a larger past is not looked at.
const PAST_MAX: usize = 20_000;
/// Events that are read at a time.
const READ: usize = 512;

/// Why the past cannot be asked.
pub type HistoryError = Box<dyn std::error::Error + Send + Sync>;

/// Which events are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// They happened then or later.
    pub from: Timestamp,
    /// They happened before.
    pub to: Timestamp,
    /// Members of events with the values that they have; whoever cannot look for one leaves it out.
    pub members: Vec<(String, String)>,
    /// At most so many.
    pub limit: usize,
}

/// Finds events of the past.
pub trait History: fmt::Debug + Send + Sync {
    /// The position before which everything can be found.
    fn reaches(&self) -> u64;

    /// Positions of the events that are wanted, and perhaps of others, in any order; none if there are more than the limit.
    fn find(&self, wanted: &Wanted) -> Result<Option<Vec<u64>>, HistoryError>;
}

/// What came of looking at groups again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Looked {
    /// Groups in which something changed.
    pub changed: u64,
    /// Groups in which nothing did.
    pub unchanged: u64,
    /// Groups whose past is too large, or gone.
    pub impossible: u64,
}

/// Looks again, now and then.
#[derive(Debug, Clone)]
pub struct SecondLook {
    detection: Detection,
    history: Arc<dyn History>,
}

/// What is to be done with a group.
enum Next {
    /// Its time has not come.
    Wait,
    /// Nothing can be said of it.
    Drop,
    /// This changed; and whether it was the last look.
    Tell(Vec<Outcome>, bool),
}

impl SecondLook {
    /// Looks again at what detection noted, in this past.
    pub fn new(detection: &Detection, history: Arc<dyn History>) -> Self {
        Self { detection: detection.clone(), history }
    }

    /// Looks at some groups again.
    pub fn step(&self) -> Result<Looked, HistoryError> {
        let detection = &self.detection;
        let waiting = detection.db().read(|connection| late::list(connection, detection.workspace(), STEP));
        let waiting: Vec<Again> = waiting.map_err(|error: picket_db::ReadError<rusqlite::Error>| error.to_string())?;
        let (set, reached) = (detection.set(), self.history.reaches());
        let mut looked = Looked::default();
        for again in waiting.into_iter().filter(|again| again.positions.last().is_some_and(|last| *last < reached)) {
            match self.look(&set, &again)? {
                Next::Wait => {}
                Next::Drop => {
                    looked.impossible += 1;
                    self.tell(&set, again, &[], true)?;
                }
                Next::Tell(outcomes, is_last) => {
                    if outcomes.is_empty() {
                        looked.unchanged += 1;
                    } else {
                        looked.changed += 1;
                    }
                    self.tell(&set, again, &outcomes, is_last)?;
                }
            }
        }
        detection.metrics().looked(looked);
        Ok(looked)
    }

    fn look(&self, set: &RuleSet, again: &Again) -> Result<Next, HistoryError> {
        let Some(correlation) = set.told_correlation(&again.rule) else { return Ok(Next::Drop) };
        let settings = self.detection.settings();
        let lateness = Duration::from_millis(u64::try_from(settings.bounds.lateness_ms).unwrap_or(0));
        let reach = Duration::from_millis(u64::try_from(set.rules.reach_ms(correlation)).unwrap_or(0));
        // As long as events of the last moment that matters may come.
        let complete = self.detection.log().clock().now().minus(lateness * 2);
        let is_last = complete >= again.until.plus(reach);
        if again.looked == again.positions.last().copied() && !is_last {
            return Ok(Next::Wait);
        }
        let wanted = Wanted {
            from: again.since.minus(reach),
            to: again.until.plus(reach),
            members: members(set, correlation, &again.group),
            limit: PAST_MAX,
        };
        let Some(mut positions) = self.history.find(&wanted)? else { return Ok(Next::Drop) };
        positions.extend(&again.positions);
        positions.sort_unstable();
        positions.dedup();
        let past = self.past(&positions, &again.positions)?;
        let outcomes = set.rules.look_again(correlation, &again.group, &past, complete.as_millis());
        let is_news = |outcome: &Outcome| !again.told.contains(&outcome.at);
        Ok(Next::Tell(outcomes.into_iter().filter(is_news).collect(), is_last))
    }

    /// What rules see of the events at these positions.
    fn past(&self, positions: &[u64], late: &[u64]) -> Result<Vec<Past>, ReadError> {
        let (mut past, mut repeats, mut text) = (Vec::new(), Repeats::default(), String::new());
        for some in positions.chunks(READ) {
            for event in self.detection.log().events(some)? {
                let Some(number) = event.log.as_ref().map(|place| place.completed) else { continue };
                if view::write(&event, &mut repeats, &mut text).is_ok() {
                    let is_late = late.binary_search(&number).is_ok();
                    past.push(Past { text: text.clone(), number, is_late });
                }
            }
        }
        Ok(past)
    }

    /// Stores what changed, and that it was looked at.
    fn tell(&self, set: &Arc<RuleSet>, again: Again, outcomes: &[Outcome], is_last: bool) -> Result<(), HistoryError> {
        let detection = self.detection.clone();
        let log = detection.log().clone();
        let hits = outcomes.iter().filter_map(|outcome| told(set, outcome, &|position| event_at(&log, position)));
        let drafts = drafts(set, &detection.settings().taxonomy, hits.collect());
        let ready = drafts.into_iter().map(|draft| Ready::of(draft, &|position| log.event_id(position)));
        let ready: Vec<Ready> = ready.collect::<Result<_, _>>()?;
        let moments: Vec<i64> = outcomes.iter().map(|outcome| outcome.at).collect();
        let set = Arc::clone(set);
        let done: Ticket<(), AppendError> = self.detection.db().write(Lane::Consumer, "detect.look_again", move |tx| {
            let workspace = detection.workspace();
            detection.settle(tx, &set, &ready, detection.log().clock().now())?;
            // More may have come too late meanwhile.
            let now = late::get(tx.connection(), workspace, &again.rule, &again.group)?;
            let Some(mut now) = now else { return Ok(()) };
            if is_last && now.positions == again.positions {
                return Ok(late::end(tx, workspace, &again.rule, &again.group)?);
            }
            now.looked = again.positions.last().copied();
            now.told.extend(moments);
            let spare = now.told.len().saturating_sub(late::EVENTS_MAX);
            now.told.drain(..spare);
            Ok(late::put(tx, workspace, &now)?)
        });
        Ok(done.wait().map_err(|error| error.to_string())?)
    }
}

/// Members of events by which those of a group are found: not what is called otherwise in some of its rules, and of
/// somebody who stands in place of a user's name what he is.
fn members(set: &RuleSet, correlation: usize, group: &[(String, String)]) -> Vec<(String, String)> {
    let named = group.iter().filter(|(name, _)| set.rules.is_a_field(correlation, name));
    let member = named.filter_map(|(name, value)| match value.split_once(MARK) {
        None => Some((name.clone(), value.clone())),
        Some(("key", id)) => Some(("key_id".to_owned(), id.to_owned())),
        Some(("address", address)) => Some(("src_ip".to_owned(), address.to_owned())),
        Some(_) => None,
    });
    member.filter(|(name, _)| name != "claimed_user").collect()
}
