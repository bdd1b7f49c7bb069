//! Destinations as they travel.

use picket_api_types as types;
use picket_dispatch::{Balance, Coverage, Health, HourCoverage, Outcome, Preview, Recount, Tested, View};

pub(super) fn destination(view: View) -> types::Destination {
    let held = view.held.into_iter().map(|held| types::HeldCredential {
        field: held.field,
        version: held.version,
        created_by: held.created_by,
        created_at: held.created_at,
    });
    let settings = serde_json::from_str(&view.row.settings).unwrap_or_default();
    types::Destination {
        id: view.row.id,
        name: view.row.name,
        kind: view.row.kind,
        host: view.row.host,
        state: view.row.state.to_string(),
        reason: view.row.reason,
        pending: view.health.pending,
        delivered: view.health.counts.delivered,
        dead_lettered: view.health.counts.dead_lettered,
        unread: view.unread,
        health: health(view.health),
        bodies: view.settings.is_some_and(|settings| settings.wanted.bodies),
        settings,
        credentials: held.collect(),
        version: view.row.version,
        created_by: view.row.created_by,
        created_at: view.row.created_at,
        changed_by: view.row.changed_by,
        changed_at: view.row.changed_at,
    }
}

fn health(health: Health) -> types::DestinationHealth {
    types::DestinationHealth {
        running: health.running,
        requests: health.requests,
        faults: health.faults,
        waits_until: health.waits_until,
        answers: health.answers.into_iter().map(|(word, count)| (word.to_owned(), count)).collect(),
        acked_at: health.acked_at,
        delay_ms: health.delay_ms,
        failure: health.failure.map(|failure| types::DestinationFailure {
            at: failure.at,
            class: failure.class.to_owned(),
            status: failure.status,
            said: failure.said,
        }),
        warning: health.warning.map(|(_, warning)| warning),
        probe: health.probe.map(|probe| types::DestinationProbe {
            at: probe.at,
            passed: probe.is_good,
            said: probe.said,
        }),
    }
}

pub(super) fn tested(tested: Tested) -> types::TestedDestination {
    let passed = tested.answer.outcome == Outcome::Ack;
    let verified = match &tested.stored {
        Some(Ok(_)) => "yes",
        Some(Err(_)) => "no",
        None if passed => "unknown",
        None => "no",
    };
    let warning = tested.answer.warning.as_ref().map(ToString::to_string);
    let (stored, unread) = match tested.stored {
        Some(Ok(stored)) => (Some(stored), None),
        Some(Err(problem)) => (None, Some(format!("it was taken, and could not be read back: {problem}"))),
        None => (None, None),
    };
    types::TestedDestination {
        passed,
        outcome: tested.answer.outcome.word().to_owned(),
        status: tested.answer.status,
        request: tested.request,
        response: tested.response,
        stored,
        verified: verified.to_owned(),
        note: warning.or(unread),
    }
}

pub(super) fn balance(balance: Balance) -> types::DestinationBalance {
    types::DestinationBalance {
        id: balance.id,
        name: balance.name,
        accepted: balance.counts.accepted,
        delivered: balance.counts.delivered,
        dead_lettered: balance.counts.dead_lettered,
        pending: balance.pending,
        expired: balance.counts.expired,
        even: balance.is_even,
        unread: balance.unread,
        dead_letters: balance.letters,
        recount: None,
    }
}

pub(super) fn recount(recount: &Recount) -> types::DestinationRecount {
    types::DestinationRecount {
        from: recount.from,
        to: recount.to,
        wanted: recount.wanted,
        accepted: recount.accepted,
        dropped: recount.dropped,
        changes: recount.changes,
        version: recount.version,
        agrees: recount.agrees(),
    }
}

pub(super) fn coverage(coverage: Coverage) -> types::DestinationCoverage {
    let all: u64 = coverage.hours.iter().map(|hour| hour.accepted).sum();
    let covered: u64 = coverage.hours.iter().map(HourCoverage::covered).sum();
    let hours = coverage.hours.into_iter().map(|hour| {
        let percent = percent(hour.covered(), hour.accepted);
        let (stored, problem) = match hour.stored {
            Some(Ok(stored)) => (Some(stored), None),
            Some(Err(problem)) => (None, Some(problem)),
            None => (None, None),
        };
        types::CoveredHour {
            hour: hour.hour,
            accepted: hour.accepted,
            delivered: hour.delivered,
            dead_lettered: hour.dead_lettered,
            stored,
            problem,
            percent,
        }
    });
    let by = if coverage.is_searched { "search" } else { "acknowledgements" };
    types::DestinationCoverage {
        by: by.to_owned(),
        percent: (all > 0).then(|| percent(covered, all)),
        unread: coverage.unread,
        hours: hours.collect(),
    }
}

/// Per cent, cut to two decimals: what is not all is never shown as 100.
#[expect(clippy::cast_precision_loss, reason = "at most 10,000, which a double holds exactly")]
fn percent(part: u64, whole: u64) -> f64 {
    let hundredths = part.min(whole).saturating_mul(10_000).checked_div(whole).unwrap_or(10_000);
    hundredths as f64 / 100.0
}

pub(super) fn preview(preview: Preview) -> types::PreviewedEvent {
    let (encoded, problem) = match preview.encoded {
        Ok(encoded) => (Some(encoded), None),
        Err(problem) => (None, Some(problem)),
    };
    types::PreviewedEvent { event_id: preview.event_id.to_string(), event_type: preview.event_type, encoded, problem }
}
