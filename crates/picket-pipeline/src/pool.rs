//! Work that goes out: rows of an outbox, some at a time, each lane with a bound of its own, on a thread of its own.

use crate::{ConsumeError, Shutdown};
use picket_stdx::backoff::Backoff;
use picket_stdx::error_chain;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// What waits to go out.
///
/// **Contract:** a row that is due is handed out once until it was carried out, and carrying it out leaves the row gone or
/// due later, also when that fails: what the pool forgets at a stop is due again.
pub trait Outbox: Send + Sync + 'static {
    /// A row.
    type Row: Send + 'static;

    /// Rows that are due, at most so many: none of those under way, and none of full lanes.
    fn due(&self, under_way: &UnderWay, limit: usize) -> Result<Vec<Due<Self::Row>>, ConsumeError>;

    /// Does what a row says, within a bounded time.
    fn carry_out(&self, row: Self::Row) -> impl Future<Output = ()> + Send;
}

/// A row that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due<R> {
    /// Its number.
    pub id: i64,
    /// Whom it concerns: one that is slow keeps nobody else waiting.
    pub lane: String,
    /// The row.
    pub row: R,
}

/// What is under way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnderWay {
    /// Numbers of rows.
    pub ids: BTreeSet<i64>,
    /// Rows by lane.
    pub lanes: BTreeMap<String, usize>,
    /// Rows of one lane at a time.
    pub per_lane: usize,
}

impl UnderWay {
    /// The lanes that take no more now.
    pub fn full(&self) -> Vec<String> {
        self.lanes.iter().filter(|(_, count)| **count >= self.per_lane).map(|(lane, _)| lane.clone()).collect()
    }

    fn begin(&mut self, id: i64, lane: &str) {
        self.ids.insert(id);
        *self.lanes.entry(lane.to_owned()).or_default() += 1;
    }

    fn end(&mut self, id: i64, lane: &str) {
        self.ids.remove(&id);
        if let Some(count) = self.lanes.get_mut(lane) {
            *count = count.saturating_sub(1);
        }
        self.lanes.retain(|_, count| *count > 0);
    }
}

/// How a pool works.
#[derive(Debug, Clone)]
pub struct PoolSettings {
    /// Rows under way at a time.
    pub at_a_time: usize,
    /// Rows of one lane at a time.
    pub per_lane: usize,
    /// How often it looks while nobody tells it that there is something.
    pub idle: Duration,
}

/// Tells a pool that something may be due.
#[derive(Debug, Clone, Default)]
pub struct Bell(Arc<Notify>);

impl Bell {
    /// Something may be due.
    pub fn ring(&self) {
        self.0.notify_one();
    }
}

/// Works until the process drains; blocks the calling thread. What is under way then is finished.
pub fn work<O: Outbox>(
    outbox: &Arc<O>,
    settings: &PoolSettings,
    bell: &Bell,
    shutdown: &Shutdown,
) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut under_way = UnderWay { per_lane: settings.per_lane, ..UnderWay::default() };
        let mut tasks: JoinSet<(i64, String)> = JoinSet::new();
        let mut backoff = Backoff::new(Duration::from_millis(50), Duration::from_secs(10));
        while shutdown.is_running() {
            let room = settings.at_a_time.saturating_sub(tasks.len());
            let mut wait = settings.idle;
            match if room > 0 { outbox.due(&under_way, room) } else { Ok(Vec::new()) } {
                Ok(due) => {
                    backoff.reset();
                    begin(outbox, &mut tasks, &mut under_way, due);
                }
                Err(error) => {
                    tracing::error!(error = %error_chain(error.as_ref()), "what waits to go out cannot be read; it will be tried again");
                    wait = backoff.next_wait();
                }
            }
            tokio::select! {
                Some(done) = tasks.join_next() => finish(&mut under_way, done),
                () = bell.0.notified() => {}
                () = tokio::time::sleep(wait) => {}
                () = shutdown.draining() => {}
            }
        }
        let rest = async { while tasks.join_next().await.is_some() {} };
        tokio::select! { () = rest => {}, () = shutdown.stopped() => {} }
    });
    Ok(())
}

fn begin<O: Outbox>(
    outbox: &Arc<O>,
    tasks: &mut JoinSet<(i64, String)>,
    under_way: &mut UnderWay,
    due: Vec<Due<O::Row>>,
) {
    for Due { id, lane, row } in due {
        // A look at the outbox may bring more of a lane than there is room for.
        if under_way.ids.contains(&id) || under_way.lanes.get(&lane).is_some_and(|count| *count >= under_way.per_lane) {
            continue;
        }
        under_way.begin(id, &lane);
        let outbox = Arc::clone(outbox);
        tasks.spawn(async move {
            outbox.carry_out(row).await;
            (id, lane)
        });
    }
}

fn finish(under_way: &mut UnderWay, done: Result<(i64, String), tokio::task::JoinError>) {
    match done {
        Ok((id, lane)) => under_way.end(id, &lane),
        // Which one it was is not known; what is due is told by the rows.
        Err(error) => {
            tracing::error!(%error, "something that went out failed in a way that nobody thought of");
            *under_way = UnderWay { per_lane: under_way.per_lane, ..UnderWay::default() };
        }
    }
}

#[cfg(test)]
mod tests;
