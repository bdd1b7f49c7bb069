//! What is usual of those who are alike.

use super::known::Few;
use super::metric::{METRICS, Metric};
use crate::bytes::{Reader, Writer};
use crate::moving::Moving;

/// Values that are remembered of all peers together.
const KNOWN: usize = 32;

/// What is usual of those who are alike: a team, all keys of a workspace.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Peers {
    metrics: [Moving; METRICS],
    pub(super) models: Few<KNOWN>,
    pub(super) applications: Few<KNOWN>,
    pub(super) networks: Few<KNOWN>,
}

impl Peers {
    /// What is usual of them in a metric, as it is followed.
    pub fn usual(&self, metric: Metric) -> Moving {
        self.metrics.get(metric.place()).copied().unwrap_or_default()
    }

    pub(super) fn add(&mut self, metric: Metric, followed: f64) {
        if let Some(moving) = self.metrics.get_mut(metric.place()) {
            moving.add(followed, &metric.course());
        }
    }

    /// Writes them.
    pub fn write(&self, out: &mut Writer) {
        self.metrics.iter().for_each(|moving| out.moving(moving));
        self.models.write(out);
        self.applications.write(out);
        self.networks.write(out);
    }

    /// Reads them.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut peers = Self::default();
        for moving in &mut peers.metrics {
            *moving = reader.moving()?;
        }
        (peers.models, peers.applications, peers.networks) =
            (Few::read(reader)?, Few::read(reader)?, Few::read(reader)?);
        Some(peers)
    }
}

impl<const N: usize> Few<N> {
    pub(super) fn write(&self, out: &mut Writer) {
        out.number(u64::try_from(self.iter().count()).unwrap_or(0));
        // Their order says which of those of one day gives way.
        for known in self.iter() {
            out.number(u64::from(known.value));
            out.number(u64::from(known.last_day));
            out.number(u64::from(known.last_day.saturating_sub(known.first_day)));
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let count: usize = reader.fitting()?;
        let mut few = Self::default();
        for place in 0..count {
            let known = few.0.get_mut(place)?;
            (known.value, known.last_day) = (reader.fitting()?, reader.fitting()?);
            known.first_day = known.last_day.checked_sub(reader.fitting()?)?;
        }
        Some(few)
    }
}
