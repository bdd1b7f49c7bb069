//! The consumer of the log that judges it.
//!
//! The cursor moves with what was found. The state of the correlations is kept less often: after a restart it is read
//! back, and the entries between it and the cursor are taken in again without telling what they find, which was told.
//!
//! While more waits to be read, the next batches are judged before the writer is done with this one, and what they find goes
//! to it together. One write is on its way at most, and none follows one that failed.

use crate::Detection;
use crate::draft::{Draft, drafts};
use crate::engine::{Engine, Hit, Judged};
use crate::settle::Ready;
use picket_db::{Lane, Ticket};
use picket_event::{Event, EventId};
use picket_log::{AppendError, EventLog, LoggedEvent, ReadError};
use picket_pipeline::{ConsumeError, Consumer};
use picket_stdx::Timestamp;
use picket_store::cursors;
use picket_store::detection::late::{self, Again};
use picket_store::detection::{checkpoint, profiles};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// Its name, for cursors, metrics and logs.
const NAME: &str = "detector";
/// Ids of events by position that are remembered.
const RECENT_MAX: usize = 65_536;
/// Entries that are read at a time to find a state again.
const STEP: usize = 1_024;
/// Entries that are looked at where no state is left.
const LOOK_BACK: u64 = 100_000;
/// The least time between two states that are kept.
const KEEP_EVERY: Duration = Duration::from_secs(5);
/// Keeping states may take this part of the time.
const KEEP_SHARE: u32 = 20;
/// Findings, and groups with late events, that wait for the writer at most.
const UNSENT_MAX: usize = 2_048;
/// How long the cursor may stay behind while nothing is found.
const MOVE_EVERY: Duration = Duration::from_secs(1);

/// Judges the log.
#[derive(Debug)]
pub struct Detector {
    detection: Detection,
    engine: Engine,
    /// Where it begins when it never ran before.
    begin: u64,
    /// Ids of the newest events, by position.
    recent: VecDeque<(u64, EventId)>,
    next: u64,
    /// Groups of this batch about which an event came too late.
    late: Vec<Again>,
    /// The state is ahead of what could be stored: nothing is written before it was found again.
    is_ahead: bool,
    /// What was found since then.
    unsent: Vec<Ready>,
    /// What the writer has and did not confirm yet.
    waiting: Option<Waiting>,
    moved: Kept,
    kept: Kept,
}

/// A batch on its way into the database.
#[derive(Debug)]
struct Waiting {
    done: Ticket<(), AppendError>,
    next: u64,
    begun: Duration,
    has_state: bool,
}

/// Up to where something is durable, when that was written, and how long the writing took.
#[derive(Debug, Clone, Copy, Default)]
struct Kept {
    position: u64,
    at: Duration,
    took: Duration,
}

impl Detector {
    /// The consumer of a workspace's log. One that never ran begins at the end that the log has now: what happened before
    /// detection was there is not news.
    pub fn new(detection: &Detection) -> Self {
        let profiles = detection.profiles().clone();
        let engine = Engine::feeding(detection.set(), detection.settings().bounds, profiles);
        Self {
            begin: detection.log().size(),
            detection: detection.clone(),
            engine,
            recent: VecDeque::new(),
            next: 0,
            late: Vec::new(),
            is_ahead: false,
            unsent: Vec::new(),
            waiting: None,
            moved: Kept::default(),
            kept: Kept::default(),
        }
    }

    fn steady(&self) -> Duration {
        self.detection.log().clock().steady()
    }

    /// Finds the state again that belongs to a position.
    fn recover(&mut self, position: u64) -> Result<(), ConsumeError> {
        let detection = self.detection.clone();
        let (set, bounds) = (detection.set(), detection.settings().bounds);
        let read = |connection: &_| checkpoint::get(connection, detection.workspace());
        let kept = detection.db().read(read).map_err(|error| error.to_string())?;
        let profiled = self.recover_profiles(position)?;
        let profiles = detection.profiles().clone();
        let usable = kept.filter(|(kept, _)| *kept <= position).and_then(|(kept, state)| {
            let restored = Engine::restore(Arc::clone(&set), bounds, profiles.clone(), &state);
            if restored.is_err() {
                tracing::error!("the state of detection cannot be read; it is made anew from the log");
            }
            Some((kept, restored.ok()?))
        });
        let from = match usable {
            Some((kept, (engine, left_out))) => {
                detection.metrics().left_out(left_out);
                self.engine = engine;
                kept
            }
            None => {
                self.engine = Engine::feeding(set, bounds, profiles);
                position.saturating_sub(LOOK_BACK)
            }
        };
        self.engine.feed_from(profiled.unwrap_or(from));
        self.recent.clear();
        let (mut at, mut hits) = (from, Vec::new());
        while at < position {
            let limit = usize::try_from(position - at).unwrap_or(STEP).min(STEP);
            let batch = detection.log().batch(at, limit)?;
            let Some(last) = batch.last() else { break };
            at = last.position + 1;
            for logged in batch.iter().filter(|logged| logged.position < position) {
                // What this finds was told before.
                self.judge(logged, &|_position| None, &mut hits);
                hits.clear();
            }
        }
        // What came too late then was noted then.
        self.late.clear();
        self.unsent.clear();
        (self.next, self.moved.position, self.kept.position) = (position, position, from);
        self.is_ahead = false;
        detection.metrics().stands(&self.engine);
        Ok(())
    }

    /// Reads the profiles back that are kept; the position that they are of.
    fn recover_profiles(&self, position: u64) -> Result<Option<u64>, ConsumeError> {
        let (detection, workspace) = (&self.detection, self.detection.workspace());
        let recovered = detection.db().read(|connection| {
            let shared = profiles::shared(connection, workspace)?.filter(|(kept, _)| *kept <= position);
            let bytes = shared.as_ref().map(|(_, bytes)| bytes.as_slice());
            let rows = |take: &mut dyn FnMut(u32, u64, &[u8])| profiles::each(connection, workspace, take);
            let is_read = detection.profiles().restore(bytes, rows)?;
            Ok::<_, rusqlite::Error>((shared.map(|(kept, _)| kept), is_read))
        });
        let (kept, is_read) = recovered.map_err(|error| error.to_string())?;
        if kept.is_some() && !is_read {
            tracing::error!("what is usual of users and others cannot be read; it is learned anew");
        }
        Ok(kept.filter(|_| is_read))
    }

    fn judge(
        &mut self,
        logged: &LoggedEvent,
        look: &dyn Fn(u64) -> Option<Event>,
        hits: &mut Vec<Hit>,
    ) -> Option<Judged> {
        // A request that is still open has no event: it is judged when it has ended, once.
        let event = logged.event.as_deref()?;
        if self.recent.len() >= RECENT_MAX {
            self.recent.pop_front();
        }
        self.recent.push_back((logged.position, event.event_id));
        let judged = self.engine.judge(event, logged.position, look, hits);
        if !self.engine.late().is_empty() {
            self.note_late(logged.position);
        }
        Some(judged)
    }

    /// Takes note of the groups about which the event came too late that was judged just now.
    fn note_late(&mut self, position: u64) {
        let set = self.engine.set();
        for late in self.engine.late() {
            let Some(info) = set.infos.get(set.correlation(late.correlation)) else { continue };
            let at = Timestamp::from_millis(late.at);
            self.late.push(Again {
                rule: info.key.clone(),
                group: late.group.clone(),
                since: at,
                until: at,
                positions: vec![position],
                told: Vec::new(),
                looked: None,
            });
        }
    }

    /// Takes over what others asked for: other rules, and names to let go of.
    fn heed(&mut self) -> Result<(), ConsumeError> {
        let set = self.detection.set();
        let is_other =
            !Arc::ptr_eq(&set, self.engine.set()) || self.engine.settings() != self.detection.settings().bounds;
        if !is_other && !self.detection.has_forgotten() {
            return Ok(());
        }
        // What was found names rules by their places in the set that found it, and what is on its way holds the names.
        self.commit(false)?;
        self.settled()?;
        if is_other {
            self.engine = self.engine.with(set, self.detection.settings().bounds);
            self.kept = Kept { position: u64::MAX, ..Kept::default() };
        }
        for name in self.detection.take_forgotten() {
            self.engine.forget(&name);
            self.kept = Kept { position: u64::MAX, ..Kept::default() };
        }
        Ok(())
    }

    /// What waited for something in vain, where nothing comes that could tell how late it is.
    fn waited(&mut self) -> Result<Vec<Ready>, ReadError> {
        let log = self.detection.log().clone();
        let settings = self.detection.settings();
        let lateness = Duration::from_millis(u64::try_from(settings.bounds.lateness_ms).unwrap_or(0));
        // Twice: an answer that takes long is logged long after it began, and is not to be too late for that.
        let to = log.clock().now().minus(lateness * 2);
        let mut hits = Vec::new();
        self.engine.advance(to, &|position| event_at(&log, position), &mut hits);
        self.ready(drafts(self.engine.set(), &settings.taxonomy, hits))
    }

    fn ready(&self, drafts: Vec<Draft>) -> Result<Vec<Ready>, ReadError> {
        drafts.into_iter().map(|draft| Ready::of(draft, &|position| self.id_of(position))).collect()
    }

    fn id_of(&self, position: u64) -> Result<Option<String>, ReadError> {
        let recent = self.recent.binary_search_by_key(&position, |(position, _)| *position);
        if let Some((_, id)) = recent.ok().and_then(|at| self.recent.get(at)) {
            return Ok(Some(id.to_string()));
        }
        self.detection.log().event_id(position)
    }

    /// Whether the state is due to be kept: not all the time, since it may be large.
    fn is_due(&self, now: Duration) -> bool {
        let pause = KEEP_EVERY.max(self.kept.took * KEEP_SHARE);
        self.kept.position != self.next && now.saturating_sub(self.kept.at) >= pause
    }

    /// Has what was found written, the cursor, and now and then the state: all of it or nothing.
    fn commit(&mut self, is_last: bool) -> Result<(), ConsumeError> {
        self.settled()?;
        let begun = self.steady();
        let is_kept = (is_last && self.kept.position != self.next) || self.is_due(begun);
        let is_moved =
            self.moved.position != self.next && (is_last || begun.saturating_sub(self.moved.at) >= MOVE_EVERY);
        if self.unsent.is_empty() && self.late.is_empty() && !is_kept && !is_moved {
            return Ok(());
        }
        let state = is_kept.then(|| (self.engine.snapshot(), self.engine.profiles().changes()));
        let (detection, set, next) = (self.detection.clone(), Arc::clone(self.engine.set()), self.next);
        let (ready, late) = (std::mem::take(&mut self.unsent), std::mem::take(&mut self.late));
        let done = self.detection.db().write(Lane::Consumer, "detect.settle", move |tx| {
            let now = detection.log().clock().now();
            if !ready.is_empty() {
                detection.settle(tx, &set, &ready, now)?;
            }
            for again in &late {
                if !late::add(tx, detection.workspace(), again)? {
                    detection.metrics().late_lost();
                }
            }
            if let Some((state, (shared, changed))) = &state {
                checkpoint::set(tx, detection.workspace(), next, state)?;
                profiles::keep(tx, detection.workspace(), (next, shared), changed)?;
            }
            Ok(cursors::set(tx, NAME, detection.log().id(), next)?)
        });
        self.waiting = Some(Waiting { done, next, begun, has_state: is_kept });
        Ok(())
    }

    /// Waits until the writer is done with what it has.
    fn settled(&mut self) -> Result<(), ConsumeError> {
        let Some(Waiting { done, next, begun, has_state }) = self.waiting.take() else { return Ok(()) };
        done.wait().map_err(|error| error.to_string())?;
        let now = self.steady();
        let written = Kept { position: next, at: now, took: now.saturating_sub(begun) };
        self.moved = written;
        if has_state {
            self.kept = written;
        }
        Ok(())
    }
}

pub(crate) fn event_at(log: &EventLog, position: u64) -> Option<Event> {
    let found =
        log.events(&[position]).inspect_err(|error| tracing::warn!(%error, position, "an event could not be read"));
    found.ok()?.pop()
}

impl Consumer for Detector {
    fn name(&self) -> &'static str {
        NAME
    }

    fn cursor(&mut self) -> Result<u64, ConsumeError> {
        // Where something failed meanwhile, the cursor tells whether what was on its way is stored, once that is decided.
        if let Err(error) = self.settled() {
            tracing::debug!(%error, "what was found could not be stored; it is looked for again");
        }
        let log = self.detection.log().clone();
        let stored = self.detection.db().read(|connection| cursors::find(connection, NAME, log.id()));
        let stored: Option<u64> = stored.map_err(|error| error.to_string())?;
        let position = stored.unwrap_or(self.begin);
        self.recover(position)?;
        Ok(position)
    }

    fn apply(&mut self, batch: &[Arc<LoggedEvent>]) -> Result<u64, ConsumeError> {
        self.heed()?;
        self.is_ahead = true;
        let begun = self.steady();
        let mut hits = Vec::new();
        let log = self.detection.log().clone();
        for logged in batch {
            if let Some(judged) = self.judge(logged, &|position| event_at(&log, position), &mut hits) {
                self.detection.metrics().judged(judged);
            }
        }
        self.next = batch.last().map_or(self.next, |logged| logged.position + 1);
        let matches = hits.len();
        let drafts = drafts(self.engine.set(), &self.detection.settings().taxonomy, hits);
        let ready = self.ready(drafts)?;
        let judged = self.steady();
        self.unsent.extend(ready);
        // Who sees no lag may rely on it that all is stored.
        let is_behind = log.size() > self.next;
        let is_busy = self.waiting.as_ref().is_some_and(|waiting| !waiting.done.is_decided());
        if !is_behind || !is_busy || self.unsent.len() + self.late.len() >= UNSENT_MAX {
            self.commit(false)?;
        }
        if !is_behind {
            self.settled()?;
        }
        self.is_ahead = false;
        let metrics = self.detection.metrics();
        metrics.batch(matches, judged.saturating_sub(begun), self.steady().saturating_sub(judged));
        metrics.stands(&self.engine);
        Ok(self.next)
    }

    fn idle(&mut self) -> Result<(), ConsumeError> {
        if self.is_ahead {
            return Ok(());
        }
        self.heed()?;
        let ready = self.waited()?;
        // A name that is to be let go of is let go of at once; and what time alone has told is not told again.
        let is_urgent = self.kept.position == u64::MAX || !ready.is_empty();
        self.unsent.extend(ready);
        self.is_ahead = !self.unsent.is_empty();
        self.commit(is_urgent)?;
        self.settled()?;
        self.is_ahead = false;
        Ok(())
    }
}
