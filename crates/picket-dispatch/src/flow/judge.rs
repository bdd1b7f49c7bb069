//! What an answer means for the events of a request, and for the destination.

use super::{Attempt, Failed, Flow, Item, Now, Told};
use picket_receivers::{Answer, ItemOutcome, Outcome, Warning};

/// After so many events that were refused alone, with none taken in between, it is not the events.
const REFUSED_MAX: u32 = 32;
/// An event that makes the receiver fail so often when it is alone, while others are taken, is given up.
pub(super) const FAILED_MAX: u32 = 6;
/// What a request was cut into is tried so often as it is, and then waits with all others.
const PIECE_TRIES: u32 = 16;
/// The same for one that the receiver names among others that it takes.
const PUT_OFF_MAX: u32 = 100;

impl Flow {
    /// Takes an answer in.
    pub(crate) fn answered(&mut self, attempt: Attempt, answer: &Answer, now: Now) -> Told {
        self.running = self.running.saturating_sub(1);
        self.on_way = self.on_way.saturating_sub(attempt.items.len());
        if self.waiting.is_empty() {
            self.since = now.steady;
        }
        let told = self.judged(attempt, answer, now);
        if answer.warning == Some(Warning::Capacity) {
            self.pace.slow(answer.after, now.steady);
        }
        told
    }

    fn judged(&mut self, attempt: Attempt, answer: &Answer, now: Now) -> Told {
        match &answer.outcome {
            Outcome::Ack => {
                self.taken(attempt.body.len());
                self.delivered(attempt.items);
                Told::default()
            }
            Outcome::Items(outcomes) if outcomes.len() == attempt.items.len() => {
                self.each(attempt, (outcomes, answer), now)
            }
            // Who does not say something of each event has not said anything of any.
            Outcome::Items(_) | Outcome::Retry | Outcome::Auth | Outcome::Config => self.failed(attempt, answer, now),
            Outcome::Partial { rejected } => {
                self.taken(attempt.body.len());
                self.partly(attempt.items, *rejected, (answer, now));
                Told::default()
            }
            Outcome::Split if attempt.items.len() > 1 => {
                self.bearable = (attempt.body.len() / 2).max(1);
                self.halve(attempt.items);
                Told::default()
            }
            Outcome::Reject if attempt.items.len() > 1 => {
                self.halve(attempt.items);
                Told::default()
            }
            Outcome::Split | Outcome::Reject => self.refused_alone(attempt, answer, now),
        }
    }

    /// The receiver takes something.
    fn taken(&mut self, bytes: usize) {
        self.pace.good();
        self.requests.0 += 1;
        self.refused = 0;
        if self.bearable < usize::MAX {
            self.bearable = self.bearable.saturating_add(bytes / 8 + 1);
        }
    }

    fn delivered(&mut self, items: impl IntoIterator<Item = Item>) {
        for item in items {
            self.settled(&item);
            self.progress.deliver(item.mark);
        }
    }

    fn bury(&mut self, item: &Item, reason: String, answer: &Answer, now: Now) {
        self.settled(item);
        self.progress.bury(item.mark, item.letter(reason, Some(answer), now.at));
    }

    fn halve(&mut self, mut items: Vec<Item>) {
        let second = items.split_off(items.len() / 2);
        self.pieces.push_front(second);
        self.pieces.push_front(items);
    }

    /// The receiver says what came of each event.
    fn each(&mut self, attempt: Attempt, (outcomes, answer): (&[ItemOutcome], &Answer), now: Now) -> Told {
        if outcomes.iter().all(|outcome| *outcome == ItemOutcome::Retry) {
            return self.failed(attempt, answer, now);
        }
        let is_taken = outcomes.contains(&ItemOutcome::Ack);
        if is_taken {
            self.taken(attempt.body.len());
        }
        let mut again = Vec::new();
        for (item, outcome) in attempt.items.into_iter().zip(outcomes) {
            match outcome {
                ItemOutcome::Ack => self.delivered([item]),
                ItemOutcome::Reject { reason } => {
                    self.refused = self.refused.saturating_add(u32::from(!is_taken));
                    self.bury(&item, reason.clone(), answer, now);
                }
                ItemOutcome::Retry if is_taken && item.attempts >= PUT_OFF_MAX => {
                    let reason = format!("the receiver put it off {PUT_OFF_MAX} times and took others meanwhile");
                    self.bury(&item, reason, answer, now);
                }
                ItemOutcome::Retry => again.push(item),
            }
        }
        if !again.is_empty() {
            self.pace.slow(answer.after, now.steady);
            self.back(again);
        }
        // All of it refused, again and again: that is not the events.
        if self.refused > REFUSED_MAX { self.fault(attempt.round, answer, now) } else { Told::default() }
    }

    /// Nothing of it was taken, and no event is the cause as far as anybody can tell.
    fn failed(&mut self, attempt: Attempt, answer: &Answer, now: Now) -> Told {
        let Attempt { mut items, round, is_piece, .. } = attempt;
        let (before, is_alone) = (self.requests, items.len() == 1);
        self.requests.1 += 1;
        for item in &mut items {
            let failed = item.failed.get_or_insert(Failed { before, with_it: 0, alone: 0 });
            failed.with_it += 1;
            failed.alone += u32::from(is_alone);
        }
        if let [item] = items.as_slice()
            && answer.outcome == Outcome::Retry
            && item.failed.is_some_and(|failed| self.is_cause(failed))
        {
            let reason = format!("the receiver failed {FAILED_MAX} times when it was sent, and took others meanwhile");
            self.bury(item, reason, answer, now);
            return self.fault(round, answer, now);
        }
        if is_piece && items.iter().all(|item| item.attempts <= PIECE_TRIES) {
            self.pieces.push_front(items);
        } else if items.len() == 1 && !self.is_ordered {
            // Others may be taken: if they are, it is this one.
            self.waiting.extend(items);
        } else {
            self.back(items);
        }
        self.fault(round, answer, now)
    }

    /// Whether it is the event that makes the receiver fail: without it, requests mostly go well.
    fn is_cause(&self, failed: Failed) -> bool {
        let good = self.requests.0 - failed.before.0;
        let others = (self.requests.1 - failed.before.1).saturating_sub(failed.with_it);
        failed.alone >= FAILED_MAX && good > others.saturating_mul(2)
    }

    fn fault(&mut self, round: u64, answer: &Answer, now: Now) -> Told {
        let is_fault = self.pace.fault(round, answer.after, now.steady);
        Told { is_fault, is_enough: self.is_enough() }
    }

    /// The receiver refuses an event that is alone.
    fn refused_alone(&mut self, attempt: Attempt, answer: &Answer, now: Now) -> Told {
        if self.refused >= REFUSED_MAX {
            return self.failed(attempt, answer, now);
        }
        self.refused += 1;
        let bytes = attempt.body.len();
        for item in &attempt.items {
            let reason = if answer.outcome == Outcome::Split {
                format!("the receiver takes no request of {bytes} bytes, and it is alone in it")
            } else {
                "the receiver refuses it".to_owned()
            };
            self.bury(item, reason, answer, now);
        }
        Told::default()
    }

    /// So many were refused, and the receiver does not say which. The others must not be sent again.
    fn partly(&mut self, mut items: Vec<Item>, rejected: usize, (answer, now): (&Answer, Now)) {
        let all = items.len();
        let refused = items.split_off(all.saturating_sub(rejected));
        self.delivered(items);
        for item in &refused {
            let reason = if all == 1 {
                "the receiver refuses it".to_owned()
            } else {
                format!(
                    "the receiver refuses {rejected} of {all} events that were sent together, this or another of them"
                )
            };
            self.bury(item, reason, answer, now);
        }
    }
}
