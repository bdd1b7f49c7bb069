//! A destination that is sent to, from what was kept until something changes.

use super::Worker;
use crate::Shared;
use crate::flow::{Attempt, Flow, Now};
use crate::progress::{Mark, Progress, Save};
use crate::save::{self, Beside, Saved};
use crate::source::{Read, hour_of};
use crate::status::{Failure, Status};
use crate::subscription::{REPORTS, Subscription};
use picket_db::{Ticket, WriteError};
use picket_log::{AppendError, ReadError};
use picket_pipeline::Shutdown;
use picket_receivers::{Answer, Outcome, Receiver, Request, Sent};
use picket_stdx::error_chain;
use picket_store::destinations::{Destination, State};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

/// How long it may be unsafe how far the log was looked at.
const SAVE_EVERY: Duration = Duration::from_secs(1);
/// How long fates may be unsafe: a crash sends their events again.
const SAVE_FATES: Duration = Duration::from_millis(200);
/// This part of what a crash may send again is saved at once.
const SAVE_PART: usize = 4;
/// How often an event tells of what was delivered.
const TELL_EVERY: Duration = Duration::from_secs(60);
/// How long requests may go on when the process stops.
const STOP: Duration = Duration::from_secs(5);
/// No receiver is waited for longer, whatever it does.
const SEND_MAX: Duration = Duration::from_secs(600);
/// Wait after the log or the store failed.
const TROUBLE: Duration = Duration::from_secs(1);
/// Open positions that are read again at a time.
const AGAIN: usize = 512;
/// The same with prompts and answers, which are long.
const AGAIN_WITH_BODIES: usize = 32;
/// A wait that is shown; shorter ones are over when somebody looks.
const WAITS_SHOWN: Duration = Duration::from_secs(2);

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The destination is no longer there.
    Gone,
    /// Something about it changed.
    Changed,
    /// The process stops.
    Stopped,
}

type Reading = JoinHandle<Result<Read, ReadError>>;

pub(super) struct Session {
    shared: Arc<Shared>,
    id: String,
    status: Status,
    receiver: Receiver,
    subscription: Arc<Subscription>,
    version: (u64, State),
    /// How many erasures there were when it began.
    erasures: u64,
    flow: Flow,
    /// Open positions that have to be read again.
    again: VecDeque<u64>,
    reading: Option<Reading>,
    /// Those of them that are being read.
    asked: Vec<u64>,
    sends: JoinSet<(Arc<Attempt>, Answer)>,
    saving: Option<(Arc<Save>, Ticket<Saved, AppendError>)>,
    saved_at: Duration,
    told_at: Duration,
    /// Delivered events that no event has told of, and those that one on its way tells of.
    told: u64,
    telling: u64,
    wants_replays: bool,
    pause: Option<String>,
    /// The save that is on its way pauses the destination.
    is_pausing: bool,
    /// What did not end when the process stopped is left.
    is_cut: bool,
    ending: Option<End>,
    /// Nothing is read or saved before: something on this side failed.
    rest_until: Duration,
}

impl Session {
    pub(super) fn new(
        worker: &Worker,
        progress: Progress,
        (receiver, subscription): (Receiver, Subscription),
        requests: u32,
        row: &Destination,
    ) -> Self {
        let now = worker.shared.log.clock().steady();
        let again = progress.open().iter().copied().collect();
        Self {
            shared: Arc::clone(&worker.shared),
            id: worker.id.clone(),
            status: worker.status.clone(),
            version: (row.version, row.state),
            erasures: worker.shared.erasures.load(Ordering::SeqCst),
            flow: Flow::new(progress, receiver.limits(), (requests, worker.shared.timing.waits)),
            receiver,
            subscription: Arc::new(subscription),
            again,
            reading: None,
            asked: Vec::new(),
            sends: JoinSet::new(),
            saving: None,
            saved_at: now,
            told_at: now,
            told: 0,
            telling: 0,
            wants_replays: true,
            pause: None,
            is_pausing: false,
            is_cut: false,
            ending: None,
            rest_until: Duration::ZERO,
        }
    }

    fn now(&self) -> Now {
        let clock = self.shared.log.clock();
        Now { steady: clock.steady(), at: clock.now() }
    }

    pub(super) async fn run(mut self, poked: &mut watch::Receiver<u64>, shutdown: &Shutdown) -> Result<End, String> {
        let mut tail = self.shared.log.tail();
        let mut stopping = None;
        loop {
            if self.erasures != self.shared.erasures.load(Ordering::SeqCst) {
                // What waits here may hold what no longer is anywhere else.
                self.ending.get_or_insert(End::Changed);
            }
            self.read_on();
            self.send_on();
            self.save_on();
            self.show();
            if let Some(end) = self.ended() {
                return Ok(end);
            }
            let wake = self.wake();
            tokio::select! {
                read = result(&mut self.reading) => self.was_read(read),
                Some(sent) = self.sends.join_next() => self.was_sent(sent)?,
                saved = ticket(&mut self.saving) => self.was_saved(saved),
                _ = tail.changed(), if self.ending.is_none() => {}
                poke = poked.changed(), if self.ending.is_none() => match poke {
                    Ok(()) => self.was_poked().await,
                    Err(_gone) => self.ending = Some(End::Stopped),
                },
                () = shutdown.draining(), if stopping.is_none() => {
                    stopping = Some(tokio::time::Instant::now() + STOP);
                    self.ending.get_or_insert(End::Stopped);
                }
                () = until(stopping) => {
                    // What is still on its way stays open, and is sent again.
                    self.sends.detach_all();
                    (stopping, self.is_cut) = (None, true);
                    self.ending = Some(End::Stopped);
                }
                () = tokio::time::sleep(wake) => {}
            }
        }
    }

    /// Whether all is done that a session ends with.
    fn ended(&self) -> Option<End> {
        let is_quiet = self.sends.is_empty() && self.saving.is_none() && self.reading.is_none();
        let is_safe = !self.flow.progress.is_changed() || self.ending == Some(End::Gone) || self.is_cut;
        self.ending.filter(|_| is_quiet && is_safe)
    }

    /// How long nothing happens that nobody tells of.
    fn wake(&self) -> Duration {
        let now = self.now().steady;
        let mut next = SAVE_EVERY;
        if self.flow.progress.unsaved() > 0 && self.saving.is_none() {
            let saved = self.saved_at.max(self.rest_until.saturating_sub(SAVE_FATES));
            next = next.min((saved + SAVE_FATES).saturating_sub(now));
        }
        if let Some(at) = self.flow.wake().filter(|_| self.ending.is_none()) {
            next = next.min(at.saturating_sub(now));
        }
        if self.ending.is_some() {
            next = next.min(Duration::from_millis(50));
        }
        next.max(Duration::from_millis(1))
    }

    /// Begins to read more, if there is more and room for it.
    fn read_on(&mut self) {
        let is_late = self.now().steady < self.rest_until;
        if self.reading.is_some() || self.ending.is_some() || self.pause.is_some() || is_late {
            return;
        }
        let (shared, receiver) = (Arc::clone(&self.shared), self.receiver.clone());
        if !self.again.is_empty() {
            // They are counted as taken already, and are the first to go.
            let most = if self.subscription.has_bodies { AGAIN_WITH_BODIES } else { AGAIN };
            if self.flow.waiting() < most {
                let positions: Vec<u64> = self.again.drain(..self.again.len().min(most)).collect();
                self.asked.clone_from(&positions);
                let subscription = Arc::clone(&self.subscription);
                let read = move || shared.source.read_again(&positions, &subscription, &receiver);
                self.reading = Some(tokio::task::spawn_blocking(read));
            }
            return;
        }
        let from = self.flow.progress.scanned();
        let room = self.flow.room();
        if room == 0 || from >= shared.log.size() {
            return;
        }
        let subscription = Arc::clone(&self.subscription);
        let ahead = Arc::clone(&shared);
        drop(tokio::task::spawn_blocking(move || ahead.source.read_ahead(from)));
        self.reading = Some(tokio::task::spawn_blocking(move || {
            // More than there is room for would be more than a crash may repeat.
            shared.source.read((from, room), &subscription, &receiver)
        }));
    }

    fn was_read(&mut self, read: Result<Result<Read, ReadError>, tokio::task::JoinError>) {
        let now = self.now();
        let asked = std::mem::take(&mut self.asked);
        let read =
            match read.map_err(|error| error.to_string()).and_then(|read| read.map_err(|error| error_chain(&error))) {
                Ok(read) => read,
                Err(error) => {
                    asked.into_iter().rev().for_each(|position| self.again.push_front(position));
                    return self.trouble("log", error);
                }
            };
        if let Some(to) = read.lost_to {
            self.flow.progress.lose(to);
        }
        for position in read.expired {
            self.flow.progress.expire(position);
        }
        let marks = read.items.iter().chain(read.misfits.iter().map(|(item, _)| item)).map(|item| item.mark);
        self.flow.progress.scan(read.to, marks.collect::<Vec<_>>());
        for (item, reason) in read.misfits {
            self.flow.give_up(&item, reason, now);
        }
        self.flow.offer(read.items, now);
    }

    /// Something on this side failed; it is tried again soon.
    fn trouble(&mut self, class: &'static str, said: String) {
        tracing::error!(destination = %self.id, error = %said, "a destination waits; it will be tried again");
        let now = self.now();
        self.rest_until = now.steady + TROUBLE;
        self.status.tell(|health| health.failure = Some(Failure { at: now.at, class, status: None, said }));
    }

    /// Begins requests, as many as may be.
    fn send_on(&mut self) {
        while self.ending.is_none() && self.pause.is_none() {
            let now = self.now();
            let Some(attempt) = self.flow.next(&self.receiver.framing(), now) else { return };
            let attempt = Arc::new(attempt);
            let sending = send(self.receiver.clone(), Arc::clone(&attempt), Arc::clone(&self.shared));
            let sending = tokio::spawn(sending);
            self.sends.spawn(async move {
                let answer =
                    sending.await.unwrap_or_else(|_panic| Answer::new(Outcome::Retry, "sending failed inside"));
                (attempt, answer)
            });
        }
    }

    fn was_sent(&mut self, sent: Result<(Arc<Attempt>, Answer), tokio::task::JoinError>) -> Result<(), String> {
        // The task only waits for another one.
        let (attempt, answer) = sent.map_err(|error| error.to_string())?;
        let attempt = Arc::try_unwrap(attempt).unwrap_or_else(|shared| (*shared).clone());
        let now = self.now();
        let newest = attempt.items.last().map(|item| item.recorded_at);
        let before = self.flow.progress.counts();
        let told = self.flow.answered(attempt, &answer, now);
        let after = self.flow.progress.counts();
        self.status.tell(|health| {
            *health.answers.entry(answer.outcome.word()).or_default() += 1;
            if after.delivered > before.delivered {
                health.acked_at = Some(now.at);
                let delay = newest.map(|newest| now.at.since(newest).as_millis());
                health.delay_ms = delay.and_then(|delay| u64::try_from(delay).ok());
            }
            if told.is_fault || after.dead_lettered > before.dead_lettered {
                health.failure = Some(Failure::of(&answer, now.at));
            }
            if let Some(warning) = &answer.warning {
                health.warning = Some((now.at, warning.to_string()));
            }
        });
        if told.is_enough && self.pause.is_none() {
            let status = answer.status.map(|status| format!(" {status}")).unwrap_or_default();
            let (class, said) = (answer.outcome.word(), &answer.excerpt);
            self.pause = Some(format!("ten faults in a row, the last: {class}{status} {said}").trim_end().to_owned());
        }
        Ok(())
    }

    /// Begins to make durable what is not, if it is time.
    fn save_on(&mut self) {
        let now = self.now().steady;
        if self.saving.is_some() || now < self.rest_until || self.ending == Some(End::Gone) {
            return;
        }
        let is_last = (self.ending.is_some() || self.pause.is_some()) && self.sends.is_empty();
        let unsaved = self.flow.progress.unsaved();
        let every = if unsaved > 0 { SAVE_FATES } else { SAVE_EVERY };
        let is_time = now.saturating_sub(self.saved_at) >= every;
        let is_much = unsaved >= self.flow.repeated_max() / SAVE_PART || (unsaved > 0 && self.flow.is_held());
        let is_due = self.flow.progress.is_changed() && (is_last || is_time || is_much);
        let wants_replays = self.wants_replays && self.ending.is_none() && self.pause.is_none();
        let pause = self.pause.clone().filter(|_| is_last && self.ending.is_none());
        if !is_due && !wants_replays && pause.is_none() {
            return;
        }
        let mut beside = Beside { pause, ..Beside::default() };
        if wants_replays {
            beside.replays_max = self.flow.progress.room().min(AGAIN);
            beside.open.clone_from(self.flow.progress.open());
            // What is wanted while this save is on its way, the next one takes.
            self.wants_replays = false;
        }
        let save = Arc::new(self.flow.progress.save());
        self.told += save.tally.delivered;
        if self.told > 0 && now.saturating_sub(self.told_at) >= TELL_EVERY {
            self.telling = std::mem::take(&mut self.told);
            self.told_at = now;
        }
        (beside.told, self.is_pausing, self.saved_at) = (self.telling, beside.pause.is_some(), now);
        let ticket = save::begin(&self.shared, &self.id, &save, beside);
        self.saving = Some((save, ticket));
    }

    fn was_saved(&mut self, (save, saved): (Arc<Save>, Result<Saved, WriteError<AppendError>>)) {
        match saved {
            Ok(saved) => {
                self.flow.progress.saved(&save);
                self.telling = 0;
                // As many as were asked for: there may be more.
                self.wants_replays |= saved.replays.len() >= AGAIN;
                for letter in &saved.replays {
                    let mark = Mark {
                        position: letter.position,
                        hour: hour_of(letter.happened_at),
                        is_report: letter.event_type.starts_with(REPORTS),
                    };
                    self.flow.progress.reopen(mark);
                    self.again.push_back(letter.position);
                }
                if saved.is_gone {
                    self.ending = Some(End::Gone);
                } else if saved.is_paused || self.is_pausing {
                    self.ending.get_or_insert(End::Changed);
                }
            }
            Err(error) => {
                let save = Arc::try_unwrap(save).unwrap_or_else(|shared| (*shared).clone());
                // Told again with the next.
                self.told = self.told.saturating_sub(save.tally.delivered) + std::mem::take(&mut self.telling);
                self.flow.progress.not_saved(save);
                self.wants_replays = true;
                self.trouble("store", error_chain(&error));
            }
        }
    }

    /// Something about the destination may have changed.
    async fn was_poked(&mut self) {
        self.wants_replays = true;
        let (shared, id) = (Arc::clone(&self.shared), self.id.clone());
        match tokio::task::spawn_blocking(move || shared.look(&id)).await {
            Ok(Ok(None)) => self.ending = Some(End::Gone),
            Ok(Ok(Some((row, _)))) if (row.version, row.state) != self.version => self.ending = Some(End::Changed),
            Ok(Ok(Some(_))) => {}
            Ok(Err(error)) => self.trouble("store", error.to_string()),
            Err(error) => self.trouble("store", error.to_string()),
        }
    }

    fn show(&self) {
        let (faults, requests, until) = self.flow.pace();
        let now = self.now();
        let waits = until.saturating_sub(now.steady);
        self.status.tell(|health| {
            health.waits_until = (waits >= WAITS_SHOWN).then(|| now.at.plus(waits));
            let progress = &self.flow.progress;
            (health.counts, health.pending) = (progress.counts(), progress.pending());
            (health.cursor, health.scanned) = (progress.contiguous(), progress.scanned());
            health.running = u64::try_from(self.flow.running()).unwrap_or(u64::MAX);
            health.requests = u64::try_from(requests).unwrap_or(u64::MAX);
            health.faults = faults;
        });
    }
}

async fn send(receiver: Receiver, attempt: Arc<Attempt>, shared: Arc<Shared>) -> Answer {
    let sent = |item: &'_ crate::flow::Item| (item.id.clone(), item.name.clone(), item.timestamp, item.mark.position);
    let owned: Vec<_> = attempt.items.iter().map(sent).collect();
    let events: Vec<Sent<'_>> = owned
        .iter()
        .map(|(id, name, timestamp, position)| Sent {
            id,
            name,
            workspace: shared.workspace.as_str(),
            timestamp: *timestamp,
            position: *position,
        })
        .collect();
    let sending = receiver.send(Request { body: attempt.body.clone(), events: &events });
    tokio::time::timeout(SEND_MAX, sending)
        .await
        .unwrap_or_else(|_late| Answer::new(Outcome::Retry, "the receiver never ended its answer"))
}

/// What a task gave, once there is one.
async fn result<T>(task: &mut Option<JoinHandle<T>>) -> Result<T, tokio::task::JoinError> {
    match task {
        Some(running) => {
            let given = running.await;
            *task = None;
            given
        }
        None => std::future::pending().await,
    }
}

type Written<T, E> = Result<T, WriteError<E>>;

/// What became of a save, once there is one.
async fn ticket<T, E>(saving: &mut Option<(Arc<Save>, Ticket<T, E>)>) -> (Arc<Save>, Written<T, E>) {
    match saving {
        Some((save, ticket)) => {
            let (save, written) = (Arc::clone(save), ticket.await);
            *saving = None;
            (save, written)
        }
        None => std::future::pending().await,
    }
}

async fn until(moment: Option<tokio::time::Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
