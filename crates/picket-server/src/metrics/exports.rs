//! How schedules of exports stand, as Prometheus reads it.

use super::{Family, write};
use picket_db::Db;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use picket_store::schedules::{self, Schedule};

/// All families; nothing without schedules.
pub(crate) fn text(db: &Db, workspace: &Workspace, now: Timestamp) -> String {
    match db.read(|connection| schedules::list(connection, workspace)) {
        Ok(all) if all.is_empty() => String::new(),
        Ok(all) => families(&all, now),
        Err(error) => {
            tracing::warn!(%error, "schedules of exports could not be counted");
            String::new()
        }
    }
}

fn families(all: &[Schedule], now: Timestamp) -> String {
    let gauge = |name, help, value: &dyn Fn(&Schedule) -> u64| {
        // An id is made of letters and digits.
        let samples = all.iter().map(|one| (format!("schedule=\"{}\"", one.id), value(one))).collect();
        Family { name, kind: "gauge", help, samples }
    };
    write(&[
        gauge("picket_export_schedule_paused", "Whether nothing is exported for now.", &|one| u64::from(one.is_paused)),
        gauge("picket_export_schedule_failures", "Failures in a row.", &|one| u64::from(one.failures)),
        gauge("picket_export_schedule_uncovered_seconds", "Age of what is in no finished export yet.", &|one| {
            now.max(one.covered_at).since(one.covered_at).as_secs()
        }),
    ])
}
