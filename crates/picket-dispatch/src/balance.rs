//! The sums of a destination, and how they compare with what its receiver has.

use crate::manage::{DispatchError, Done, row_settings, unread};
use crate::{Dispatch, Health, View};
use picket_receivers::Receiver;
use picket_stdx::Timestamp;
use picket_store::destinations::{self, Counts, State};
use std::sync::Arc;

/// Milliseconds of an hour.
const HOUR_MS: i64 = 3_600_000;

/// The sums of a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Sums since it was made.
    pub counts: Counts,
    /// Events whose fate is open.
    pub pending: u64,
    /// Whether the sums add up.
    pub is_even: bool,
    /// Entries of the log that it has not looked at.
    pub unread: u64,
    /// Dead letters that can be looked at; others of them were discarded.
    pub letters: u64,
}

/// An hour of a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HourCoverage {
    /// When it began.
    pub hour: Timestamp,
    /// Events of it that were to be sent.
    pub accepted: u64,
    /// Events of it that the receiver acknowledged.
    pub delivered: u64,
    /// Events of it that were given up.
    pub dead_lettered: u64,
    /// What the receiver says it has, where it can be asked, or why it did not say.
    pub stored: Option<Result<u64, String>>,
}

/// How much of the log a receiver has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    /// Hours in which something was to be sent, oldest first.
    pub hours: Vec<HourCoverage>,
    /// Whether the receiver itself told of an hour; else only its acknowledgements tell.
    pub is_searched: bool,
    /// Entries of the log that the destination has not looked at yet, of whatever time.
    pub unread: u64,
}

/// How much of a time a receiver has, by the sums of its destination alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// The destination's name.
    pub name: String,
    /// Events that were to be sent.
    pub accepted: u64,
    /// Events that the receiver acknowledged.
    pub delivered: u64,
    /// Events of hours that are over and that it does not have: dead letters, expired ones, and those that still wait.
    pub lacking: u64,
    /// Whether it is paused, while the log has entries that it has not looked at.
    pub is_behind: bool,
}

impl HourCoverage {
    /// What the receiver has of the hour, as far as is known.
    pub fn covered(&self) -> u64 {
        match self.stored {
            Some(Ok(stored)) => stored.min(self.accepted),
            _ => self.delivered,
        }
    }
}

impl Dispatch {
    /// The sums of a destination.
    pub fn balance(&self, id: &str) -> Done<Balance> {
        let view = self.get(id)?;
        let Health { counts, pending, .. } = view.health;
        let is_even = view.health.balances();
        let (unread, letters) = (view.unread, view.letters);
        Ok(Balance { id: view.row.id, name: view.row.name, counts, pending, is_even, unread, letters })
    }

    /// How much of the events of a time each receiver has acknowledged. Hours count that begin or end within it.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub fn covered(&self, (from, now): (Timestamp, Timestamp)) -> Result<Vec<Covered>, DispatchError> {
        let shared = self.shared();
        let this_hour = hour_of(now);
        let covered = |view: View| {
            let read = |connection: &_| {
                destinations::hours(connection, &shared.workspace, &view.row.id, (hour_of(from), this_hour + 1))
            };
            let hours = shared.db.read(read).map_err(unread)?;
            let sum = |count: &dyn Fn(&destinations::Hour) -> i64| {
                u64::try_from(hours.iter().map(count).sum::<i64>()).unwrap_or(0)
            };
            Ok(Covered {
                accepted: sum(&|hour| hour.accepted),
                delivered: sum(&|hour| hour.delivered),
                lacking: sum(&|hour| if hour.hour < this_hour { hour.accepted - hour.delivered } else { 0 }),
                is_behind: view.row.state == State::Paused && view.unread > 0,
                name: view.row.name,
            })
        };
        self.list()?.into_iter().map(covered).collect()
    }

    /// How much of the events of a time the receiver has, hour by hour.
    pub async fn coverage(&self, id: &str, (from, to): (Timestamp, Timestamp)) -> Result<Coverage, DispatchError> {
        let (own, shared, id) = (self.clone(), Arc::clone(self.shared()), id.to_owned());
        let hours = (hour_of(from), hour_of(to.plus(std::time::Duration::from_millis(3_599_999))));
        let read = tokio::task::spawn_blocking(move || {
            let row = shared.find(&id)?;
            let read = |connection: &_| destinations::hours(connection, &shared.workspace, &row.id, hours);
            let hours = shared.db.read(read).map_err(unread)?;
            // Who cannot be asked still has sums.
            let receiver = row_settings(&row).ok().and_then(|settings| shared.receiver(&row, &settings).ok());
            Ok::<_, DispatchError>((hours, receiver, own.view(row)?.unread))
        });
        let stopped = |_stopped| DispatchError::Unfinished;
        let (hours, receiver, unlooked) = read.await.map_err(stopped)??;
        let mut coverage = Coverage { hours: Vec::new(), is_searched: false, unread: unlooked };
        for one in hours.into_iter().filter(|one| one.accepted > 0) {
            let begin = Timestamp::from_millis(one.hour * HOUR_MS);
            let stored = match &receiver {
                Some(receiver) => asked(receiver, begin).await,
                None => None,
            };
            coverage.is_searched |= matches!(stored, Some(Ok(_)));
            let number = |count: i64| u64::try_from(count).unwrap_or(0);
            coverage.hours.push(HourCoverage {
                hour: begin,
                accepted: number(one.accepted),
                delivered: number(one.delivered),
                dead_lettered: number(one.dead_lettered),
                stored,
            });
        }
        Ok(coverage)
    }
}

async fn asked(receiver: &Receiver, begin: Timestamp) -> Option<Result<u64, String>> {
    let end = Timestamp::from_millis(begin.as_millis() + HOUR_MS);
    receiver.count(begin, end).await.map(|counted| counted.map_err(|problem| problem.message))
}

fn hour_of(at: Timestamp) -> i64 {
    crate::source::hour_of(at)
}
