//! What the machine does: for Prometheus as it is now, for rules as an event now and then.

mod families;

use arc_swap::ArcSwapOption;
use picket_db::Lane;
use picket_event::{Event, EventType, Workspace};
use picket_host::{Host, Look, Series};
use picket_log::EventLog;
use std::sync::Arc;
use std::time::Duration;

/// What the machine did since the event of this type before.
const METRICS: EventType = EventType::of("system.metrics");
/// Between two looks.
pub(crate) const PAUSE: Duration = Duration::from_secs(5);

/// The last look at the machine. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Latest(Arc<ArcSwapOption<Look>>);

impl Latest {
    /// It, as Prometheus reads it; nothing before the first look.
    pub(crate) fn metrics(&self) -> String {
        self.0.load().as_deref().map(families::of).unwrap_or_default()
    }
}

/// Looks at the machine again and again, and writes an event when it is time.
#[derive(Debug)]
pub(crate) struct Observer {
    /// Made in the thread that looks: a driver may take its time.
    host: Option<Host>,
    latest: Latest,
    log: EventLog,
    workspace: Workspace,
    gateway: String,
    record: Option<Duration>,
    since: Option<Since>,
}

/// What was seen since the last event.
#[derive(Debug)]
struct Since {
    first: Look,
    busy: Vec<f64>,
}

impl Observer {
    /// Shows what it sees in `latest`, and writes an event of `workspace` every `record`.
    pub(crate) fn new(
        latest: Latest,
        log: &EventLog,
        (workspace, gateway): (&Workspace, &str),
        record: Option<Duration>,
    ) -> Self {
        Self {
            host: None,
            latest,
            log: log.clone(),
            workspace: workspace.clone(),
            gateway: gateway.to_owned(),
            record,
            since: None,
        }
    }

    /// How long to wait between two looks.
    pub(crate) fn pause(&self) -> Duration {
        self.record.map_or(PAUSE, |record| record.min(PAUSE))
    }

    /// One look.
    pub(crate) fn step(&mut self) -> Result<(), String> {
        let look = self.host.get_or_insert_with(Host::new).look();
        self.latest.0.store(Some(Arc::new(look.clone())));
        let Some(record) = self.record else { return Ok(()) };
        let Some(since) = &mut self.since else {
            self.since = Some(Since { first: look, busy: Vec::new() });
            return Ok(());
        };
        since.busy.extend(look.cpu);
        if look.at.saturating_duration_since(since.first.at) < record {
            return Ok(());
        }
        let series = Series::between(&since.first, &look, mean(&since.busy));
        self.since = Some(Since { first: look, busy: Vec::new() });
        let event = self.event(&series);
        self.log
            .append(Lane::Consumer, self.log.prepare(event, &[]))
            .wait()
            .map(drop)
            .map_err(|error| error.to_string())
    }

    fn event(&self, series: &Series) -> Event {
        let mut event = Event::new(METRICS, self.workspace.as_str(), self.log.clock().now());
        event.gateway_id = Some(self.gateway.clone());
        event.metrics = series.iter().map(|(name, value)| (name.to_owned(), rounded(value))).collect();
        event
    }
}

/// The mean of shares; all cover about the same time.
fn mean(shares: &[f64]) -> Option<f64> {
    let count = u32::try_from(shares.len()).ok().filter(|count| *count > 0)?;
    Some(shares.iter().sum::<f64>() / f64::from(count))
}

/// To four digits after the point: more would be noise.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}
