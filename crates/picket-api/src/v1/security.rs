//! The metrics that a security team watches, with the thresholds at which it looks.

use super::destinations;
use super::parameters::Parameters;
use crate::auth::Caller;
use crate::extract::Json;
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use picket_api_types::{SecurityMetric, SecurityMetrics};
use picket_db::WriteError;
use picket_dispatch::Covered;
use picket_event::Workspace;
use picket_query::{Field, Query};
use picket_review::{Measures, Times};
use picket_search::{Request, StatsRequest};
use picket_stdx::Timestamp;
use picket_store::detection::findings::{self, Filter, Finding, Status, Verdict};
use picket_store::escalations;
use std::time::Duration;

/// Parameters.
pub(crate) const NAMES: &[&str] = &["since"];
/// How far back, where nobody says.
const WINDOW: Duration = Duration::from_secs(86_400);
/// The baseline is the mean of so many windows before.
const BASELINE: u32 = 7;
/// Of fewer, a share says nothing.
const RATE_MIN: u64 = 5;
/// Findings that are looked at, the newest.
const FINDINGS: u64 = 10_000;
/// Models that are looked up in history.
const MODELS: usize = 100;

pub(crate) async fn get(
    Shared(state): Shared<State>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<SecurityMetrics>, ApiProblem> {
    parameters.only(&[NAMES])?;
    let measured = state.blocking(move |state| {
        let now = state.log.clock().now();
        let since = parameters.moment("since", now)?.unwrap_or(now.minus(WINDOW));
        let window = Window { since, now, length: now.max(since).since(since) };
        let mut metrics = traffic(state, &window)?;
        metrics.extend(queue(state, caller.workspace(), &window)?);
        metrics.extend(findings(state, caller.workspace(), &window)?);
        metrics.push(coverage(state, &window)?);
        Ok(SecurityMetrics { since, until: now, metrics })
    });
    measured.await.map(Json)
}

/// The time that is looked at.
struct Window {
    since: Timestamp,
    now: Timestamp,
    length: Duration,
}

fn traffic(state: &State, window: &Window) -> Result<Vec<SecurityMetric>, ApiProblem> {
    let Window { since, now, length } = *window;
    let count = |filter: &Query, from: Timestamp, to: Timestamp| {
        let request = Request { filter: filter.clone(), from: Some(from), to: Some(to), ..Request::default() };
        state.index.count(&request)
    };
    let query = |text: &str| Query::parse(text).map_err(|error| ApiProblem::query(&error));
    let (all, blocked) = (Query::all(), query("decision:blocked")?);
    let (total, refused) = (count(&all, since, now)?, count(&blocked, since, now)?);
    let before = since.minus(length * BASELINE);
    let baseline = rate(count(&blocked, before, since)?, count(&all, before, since)?);
    let by = |filter: &Query, field: Field| {
        let request = Request { filter: filter.clone(), from: Some(since), to: Some(now), ..Request::default() };
        state.index.stats(&StatsRequest { request, by: Some(field), groups: MODELS, interval: None })
    };
    let users = by(&blocked, Field::User)?.values;
    let mut new = Vec::new();
    for model in by(&all, Field::Model)?.groups {
        let of_model = Query::one_of(Field::Model, std::iter::once(model.value.as_str()))
            .map_err(|error| ApiProblem::query(&error))?;
        if count(&of_model, Timestamp::default(), since)? == 0 {
            new.push(model.value);
        }
    }
    let found = u64::try_from(new.len()).unwrap_or(u64::MAX);
    let users = u64::try_from(users).unwrap_or(u64::MAX);
    Ok(vec![
        SecurityMetric {
            detail: baseline.map(|rate| format!("baseline {rate:.4}, the {BASELINE} windows before")),
            ..metric("block_rate", "ratio", rate(refused, total), total, baseline.map(|rate| rate * 2.0))
        },
        metric("unique_blocked_users", "users", Some(float(users)), refused, Some(5.0 * days(length))),
        SecurityMetric {
            detail: Some(new.join(", ")).filter(|names| !names.is_empty()),
            ..metric("new_models", "models", Some(float(found)), total, Some(0.0))
        },
    ])
}

fn queue(state: &State, workspace: &Workspace, window: &Window) -> Result<Vec<SecurityMetric>, ApiProblem> {
    let (waiting, measured) = state.db.read(|connection| {
        let waiting = escalations::waiting(connection, workspace, window.now)?;
        Ok::<_, rusqlite::Error>((waiting, escalations::measured(connection, workspace, window.since)?))
    })?;
    let Measures { detect, triage, verdicts, expired } = Measures::of(&measured);
    let created = u64::try_from(measured.len()).unwrap_or(u64::MAX);
    let depth = waiting.iter().map(|one| one.count).sum();
    let oldest = waiting.iter().map(|one| one.oldest).min().map(|oldest| window.now.max(oldest).since(oldest));
    let breached: u64 = waiting.iter().map(|one| one.breached).sum();
    let (decided, all) = (verdicts.decided(), verdicts.decided() + verdicts.undetermined);
    let time = |name: &str, times: Option<Times>, threshold: Duration| SecurityMetric {
        detail: times.map(|times| {
            format!("median {:.1} s, nine of ten within {:.1} s", times.p50.as_secs_f64(), times.p90.as_secs_f64())
        }),
        ..metric(
            name,
            "seconds",
            times.map(|times| times.mean.as_secs_f64()),
            times.map_or(0, |times| times.count),
            Some(threshold.as_secs_f64()),
        )
    };
    Ok(vec![
        metric("escalation_queue_depth", "escalations", Some(float(depth)), depth, Some(10.0)),
        metric("escalation_oldest_age", "seconds", oldest.map(|age| age.as_secs_f64()), depth, None),
        metric("escalations_breached", "escalations", Some(float(breached)), depth, Some(0.0)),
        metric("escalations_expired", "escalations", Some(float(expired)), created, Some(0.0)),
        time("mean_time_to_detect", detect, Duration::from_secs(300)),
        time("mean_time_to_triage", triage, Duration::from_secs(1_800)),
        SecurityMetric {
            detail: Some(format!(
                "{} false, {} true, {} authorised; {} undetermined",
                verdicts.false_positive, verdicts.true_positive, verdicts.benign, verdicts.undetermined
            )),
            ..metric("false_positive_rate", "ratio", rate(verdicts.false_positive, decided), decided, Some(0.2))
        },
        metric("undetermined_share", "ratio", rate(verdicts.undetermined, all), all, None),
    ])
}

/// What detection rules found, those that only watch left out.
fn findings(state: &State, workspace: &Workspace, window: &Window) -> Result<Vec<SecurityMetric>, ApiProblem> {
    let filter = Filter { since: Some(window.since), is_shadow: Some(false), ..Filter::default() };
    let all = state.db.read(|connection| findings::list(connection, workspace, &filter, FINDINGS))?;
    let count = |is: &dyn Fn(&Finding) -> bool| {
        u64::try_from(all.iter().filter(|finding| is(finding)).count()).unwrap_or(u64::MAX)
    };
    let total = count(&|_| true);
    let open = count(&|finding| finding.status != Status::Closed);
    let wrong = count(&|finding| finding.verdict == Some(Verdict::FalsePositive));
    let decided = wrong + count(&|finding| matches!(finding.verdict, Some(Verdict::TruePositive | Verdict::Benign)));
    let times: Vec<Duration> =
        all.iter().map(|finding| Duration::from_millis(finding.details.detected_after_ms)).collect();
    let times = Times::of(times);
    let truncated = (total >= FINDINGS).then(|| format!("of the newest {FINDINGS}"));
    Ok(vec![
        SecurityMetric { detail: truncated, ..metric("findings", "findings", Some(float(total)), total, None) },
        metric("findings_unclosed", "findings", Some(float(open)), total, None),
        SecurityMetric {
            detail: times.map(|times| {
                format!("median {:.3} s, nine of ten within {:.3} s", times.p50.as_secs_f64(), times.p90.as_secs_f64())
            }),
            ..metric(
                "finding_time_to_detect",
                "seconds",
                times.map(|times| times.mean.as_secs_f64()),
                total,
                Some(300.0),
            )
        },
        metric("finding_false_positive_rate", "ratio", rate(wrong, decided), decided, Some(0.2)),
        metric("finding_undecided_share", "ratio", rate(total - decided, total), total, None),
    ])
}

/// What the destination with the least of its events has of them.
fn coverage(state: &State, window: &Window) -> Result<SecurityMetric, ApiProblem> {
    let covered = state.dispatch.covered((window.since, window.now));
    let covered = covered.map_err(|error| destinations::problem(&WriteError::Job(error)))?;
    let alert = covered.iter().any(|one| one.lacking > 0 || one.is_behind);
    let share = |one: &Covered| float(one.delivered) / float(one.accepted);
    let sent = covered.iter().filter(|one| one.accepted > 0);
    let Some(least) = sent.min_by(|one, other| share(one).total_cmp(&share(other))) else {
        let detail = if covered.is_empty() { "no destination is configured" } else { "nothing was to be sent" };
        let metric = metric("siem_coverage", "ratio", None, 0, Some(1.0));
        return Ok(SecurityMetric { detail: Some(detail.to_owned()), alert, ..metric });
    };
    let behind: Vec<&str> = covered.iter().filter(|one| one.is_behind).map(|one| one.name.as_str()).collect();
    let paused = if behind.is_empty() { String::new() } else { format!("; paused and behind: {}", behind.join(", ")) };
    let detail = format!("{} has {} of {} events{paused}", least.name, least.delivered, least.accepted);
    let metric = metric("siem_coverage", "ratio", Some(share(least)), least.accepted, Some(1.0));
    Ok(SecurityMetric { detail: Some(detail), alert, ..metric })
}

fn metric(name: &str, unit: &str, value: Option<f64>, n: u64, threshold: Option<f64>) -> SecurityMetric {
    let alert = value.zip(threshold).is_some_and(|(value, threshold)| value > threshold);
    SecurityMetric { name: name.to_owned(), value, unit: unit.to_owned(), n, threshold, alert, detail: None }
}

/// A share; none of too few.
fn rate(part: u64, of: u64) -> Option<f64> {
    (of >= RATE_MIN).then(|| float(part) / float(of))
}

/// Days, and a part of a day as a whole one.
fn days(length: Duration) -> f64 {
    (length.as_secs_f64() / 86_400.0).ceil().max(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "a count of events is far below 2^52")]
fn float(count: u64) -> f64 {
    count as f64
}
