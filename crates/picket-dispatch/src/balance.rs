//! The sums of a destination, and how they compare with what its receiver has.

use crate::manage::{DispatchError, Done, row_settings, unread};
use crate::{Dispatch, Health};
use picket_receivers::Receiver;
use picket_stdx::Timestamp;
use picket_store::destinations::{self, Counts};
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
    /// Whether the receiver itself was asked; else only its acknowledgements tell.
    pub is_searched: bool,
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

    /// How much of the events of a time the receiver has, hour by hour.
    pub async fn coverage(&self, id: &str, (from, to): (Timestamp, Timestamp)) -> Result<Coverage, DispatchError> {
        let (shared, id) = (Arc::clone(self.shared()), id.to_owned());
        let hours = (hour_of(from), hour_of(to.plus(std::time::Duration::from_millis(3_599_999))));
        let read = tokio::task::spawn_blocking(move || {
            let row = shared.find(&id)?;
            let read = |connection: &_| destinations::hours(connection, &shared.workspace, &row.id, hours);
            let hours = shared.db.read(read).map_err(unread)?;
            // Who cannot be asked still has sums.
            let receiver = row_settings(&row).ok().and_then(|settings| shared.receiver(&row, &settings).ok());
            Ok::<_, DispatchError>((hours, receiver))
        });
        let stopped = |_stopped| DispatchError::Unfinished;
        let (hours, receiver) = read.await.map_err(stopped)??;
        let mut coverage = Coverage { hours: Vec::new(), is_searched: false };
        for one in hours.into_iter().filter(|one| one.accepted > 0) {
            let begin = Timestamp::from_millis(one.hour * HOUR_MS);
            let stored = match &receiver {
                Some(receiver) => asked(receiver, begin).await,
                None => None,
            };
            coverage.is_searched |= stored.is_some();
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
