//! How destinations stand, as Prometheus reads it.

use super::{Family, label, write};
use picket_dispatch::{Dispatch, View};
use picket_stdx::Timestamp;
use picket_store::destinations::State;

/// All families.
pub(crate) fn text(dispatch: &Dispatch, now: Timestamp) -> String {
    dispatch.list().map_or_else(
        |error| {
            tracing::warn!(%error, "destinations could not be counted");
            String::new()
        },
        |all| families(&all, now),
    )
}

fn families(all: &[View], now: Timestamp) -> String {
    let of = |value: &dyn Fn(&View) -> u64| -> Vec<(String, u64)> {
        all.iter().map(|one| (named(one, ""), value(one))).collect()
    };
    let answers = all.iter().flat_map(|one| {
        let answer = |(word, count): (&&str, &u64)| (named(one, &format!(",outcome=\"{word}\"")), *count);
        one.health.answers.iter().map(answer).collect::<Vec<_>>()
    });
    let family = |name, kind, help, samples| Family { name, kind, help, samples };
    let counter = |name, help, value: &dyn Fn(&View) -> u64| family(name, "counter", help, of(value));
    let gauge = |name, help, value: &dyn Fn(&View) -> u64| family(name, "gauge", help, of(value));
    let sums = [
        counter("picket_destination_accepted_total", "Events that were to be sent.", &|one| one.health.counts.accepted),
        counter("picket_destination_delivered_total", "Events that receivers took.", &|one| {
            one.health.counts.delivered
        }),
        gauge("picket_destination_dead_lettered", "Events that were given up and not sent again since.", &|one| {
            one.health.counts.dead_lettered
        }),
        counter("picket_destination_expired_total", "Events that retention dropped before they were sent.", &|one| {
            one.health.counts.expired
        }),
        gauge("picket_destination_pending", "Events that wait or are on their way.", &|one| one.health.pending),
        gauge(
            "picket_destination_balanced",
            "Whether accepted = delivered + dead-lettered + pending + expired.",
            &|one| u64::from(one.health.balances()),
        ),
        gauge("picket_destination_lag_entries", "Entries of the log that were not looked at.", &|one| one.unread),
        gauge("picket_destination_paused", "Whether it is sent nothing.", &|one| {
            u64::from(one.row.state == State::Paused)
        }),
        gauge("picket_destination_faults", "Faults in a row.", &|one| u64::from(one.health.faults)),
        gauge("picket_destination_requests_in_flight", "Requests on their way.", &|one| one.health.running),
        gauge("picket_destination_concurrency", "Requests at a time that the receiver seems to bear.", &|one| {
            one.health.requests
        }),
        gauge("picket_destination_seconds_since_ack", "How long ago a receiver last took something.", &|one| {
            one.health.acked_at.map_or(0, |at| now.max(at).since(at).as_secs())
        }),
        family("picket_destination_requests_total", "counter", "Requests by what came of them.", answers.collect()),
    ];
    write(&sums)
}

fn named(view: &View, more: &str) -> String {
    format!("destination=\"{}\",kind=\"{}\"{more}", label(&view.row.name), label(&view.row.kind))
}
