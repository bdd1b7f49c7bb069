//! What rules make of simulated traffic: which campaigns they find and when, what responses stop, and what they say of
//! ordinary people.

use super::super::Context;
use crate::args::{Respond, SimulateArgs};
use crate::failure::{Failure, Kind};
use crate::output::Columns;
use picket_detect::{Alert, Backtest, Bounds, RuleSet, Sources};
use picket_event::{Decision, Event, EventType, Outcome, Severity};
use picket_rules::{Effect, Extent};
use picket_simulate::{Labelled, Plan, Run, Simulation};
use picket_stdx::{Timestamp, duration};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

const COLUMNS: Columns<'_> = &[
    "campaign",
    "detected",
    "delay",
    "within",
    "rule",
    "severity",
    "own_rule",
    "own_delay",
    "events",
    "requests",
    "refused_after_minute",
];
/// What one rule says of one entity within this time is one finding.
const WINDOW: Duration = Duration::from_secs(3_600);
/// How long a containment lasts whose rule does not say.
const LASTS: Duration = Duration::from_secs(3_600);
/// From when on an attack should be stopped.
const MINUTE: Duration = Duration::from_secs(60);
/// The least severity of what is told at once.
const TOLD: Severity = Severity::Medium;
const ALERT: Severity = Severity::High;

/// One campaign, as the rules saw it.
#[derive(Debug, Default)]
struct Seen {
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    found: Option<(Timestamp, usize, Severity)>,
    /// By a rule that was made for it.
    own: Option<(Timestamp, usize)>,
    events: u64,
    requests: u64,
    late: u64,
    refused: u64,
}

/// Something that is in force against somebody.
#[derive(Debug)]
struct InForce {
    until: Timestamp,
    effect: Effect,
    feature: Option<String>,
    model: Option<String>,
    rate: Option<(u32, Duration)>,
    passed: Vec<Timestamp>,
}

struct Report {
    backtest: Backtest,
    respond: Respond,
    /// The campaign of each event, by its number from 1.
    labels: Vec<Option<usize>>,
    runs: Vec<Run>,
    seen: Vec<Seen>,
    in_force: HashMap<(String, String), Vec<InForce>>,
    contained: u64,
    /// Findings that are of no campaign, by severity and rule.
    wrong: BTreeMap<(Severity, usize), u64>,
}

pub(super) fn run(plan: Plan, args: &SimulateArgs, context: &Context) -> Result<(), Failure> {
    let sources = Sources { is_shipped: args.rules.is_empty(), rules: args.rules.clone(), data: Vec::new() };
    let broken = |problems: Vec<String>| Failure::new(Kind::Usage, problems.join("\n"));
    let (set, errors) = RuleSet::load(&sources.read());
    if !errors.is_empty() {
        return Err(broken(errors));
    }
    let user_days = u64::from(plan.users) * u64::from(plan.days);
    let simulation = Simulation::new(plan);
    let runs: Vec<Run> = simulation.runs().cloned().collect();
    let mut report = Report {
        backtest: Backtest::new(Arc::new(set), Bounds::default(), WINDOW),
        respond: args.respond,
        labels: Vec::new(),
        seen: runs.iter().map(|_| Seen::default()).collect(),
        runs,
        in_force: HashMap::new(),
        contained: 0,
        wrong: BTreeMap::new(),
    };
    let bar = context.progress(0, "{spinner} {pos} events");
    for labelled in simulation {
        report.take(labelled);
        bar.inc(1);
    }
    bar.finish_and_clear();
    let rows: Vec<Value> = report.runs.iter().zip(&report.seen).map(|(run, seen)| report.row(run, seen)).collect();
    context.list(&rows, COLUMNS, &args.show)?;
    report.tell(user_days, context);
    Ok(())
}

impl Report {
    fn take(&mut self, Labelled { mut event, campaign }: Labelled) {
        let is_refused = self.refuses(&event);
        if is_refused {
            refuse(&mut event);
        }
        self.labels.push(campaign);
        if let Some(seen) = campaign.and_then(|place| self.seen.get_mut(place)) {
            let first = *seen.first.get_or_insert(event.timestamp);
            seen.last = Some(event.timestamp);
            let is_request = event.event_type == EventType::REQUEST;
            let is_late = is_request && event.timestamp >= first.plus(MINUTE);
            seen.events += 1;
            seen.requests += u64::from(is_request);
            seen.late += u64::from(is_late);
            // What the guard refused by itself did not get through either.
            seen.refused += u64::from(is_late && event.decision == Decision::Blocked);
        }
        for alert in self.backtest.take(&event) {
            self.judge(&alert, &event);
        }
    }

    fn judge(&mut self, alert: &Alert, event: &Event) {
        let of = |number: &u64| self.labels.get(usize::try_from(*number).ok()?.checked_sub(1)?).copied().flatten();
        let campaigns: Vec<usize> = alert.evidence.iter().filter_map(of).collect();
        let mut is_right = false;
        let set = Arc::clone(self.backtest.set());
        for (place, (run, seen)) in self.runs.iter().zip(&mut self.seen).enumerate() {
            let own = campaigns.iter().filter(|campaign| **campaign == place).count();
            // What did not happen has no evidence; then it is about who does it, while he does it.
            let is_about =
                alert.entity.1 == run.actor && seen.last.is_some_and(|last| event.timestamp <= last.plus(WINDOW));
            if own * 2 < alert.evidence.len().max(1) && !is_about {
                continue;
            }
            is_right = true;
            if alert.severity >= TOLD && seen.found.is_none() {
                seen.found = Some((event.timestamp, alert.rule, alert.severity));
            }
            if seen.own.is_none() && run.campaign.rules().iter().any(|name| set.find(name) == Some(alert.rule)) {
                seen.own = Some((event.timestamp, alert.rule));
            }
        }
        if !is_right && campaigns.is_empty() && alert.is_new {
            *self.wrong.entry((alert.severity, alert.rule)).or_default() += 1;
        }
        self.respond(alert, event);
    }

    fn respond(&mut self, alert: &Alert, event: &Event) {
        let set = Arc::clone(self.backtest.set());
        let Some(info) = set.infos.get(alert.rule) else { return };
        let acts = match self.respond {
            Respond::None => false,
            Respond::Usual => info.usually_responds(),
            Respond::All => true,
        };
        for (place, (kind, name)) in &alert.answers {
            let Some(response) = info.extension.responses.get(*place).filter(|_| acts) else { continue };
            if response.approval || matches!(response.effect, Effect::Keep | Effect::Strict) {
                continue;
            }
            let made = InForce {
                until: event.timestamp.plus(response.ttl.unwrap_or(LASTS)),
                effect: response.effect,
                feature: (response.extent == Extent::Feature).then(|| event.feature.clone()).flatten(),
                model: (response.extent == Extent::Model).then(|| event.model.clone()).flatten(),
                rate: response.rate,
                passed: Vec::new(),
            };
            let all = self.in_force.entry((kind.clone(), name.clone())).or_default();
            all.retain(|one| one.until > event.timestamp);
            let is_there =
                |one: &InForce| one.effect == made.effect && one.feature == made.feature && one.model == made.model;
            if !all.iter().any(is_there) {
                all.push(made);
                self.contained += 1;
            }
        }
    }

    /// Whether something in force stops a request.
    fn refuses(&mut self, event: &Event) -> bool {
        if event.event_type != EventType::REQUEST || self.in_force.is_empty() {
            return false;
        }
        let names = [
            ("user", &event.user),
            ("key", &event.key_id),
            ("address", &event.src_ip),
            ("agent", &event.agent_id),
            ("session", &event.session_id),
            ("application", &event.application),
        ];
        names.into_iter().any(|(kind, name)| {
            let Some(name) = name else { return false };
            let Some(all) = self.in_force.get_mut(&(kind.to_owned(), name.clone())) else { return false };
            all.retain(|one| one.until > event.timestamp);
            all.iter_mut().any(|one| one.stops(event))
        })
    }

    fn row(&self, run: &Run, seen: &Seen) -> Value {
        let since = |at: Timestamp| seen.first.map(|first| at.since(first));
        let shown = |delay: Duration| duration::display(Duration::from_secs(delay.as_secs()));
        let title = |rule: usize| self.backtest.set().infos.get(rule).map(|rule| rule.title.clone());
        let delay = seen.found.and_then(|(at, ..)| since(at));
        #[expect(clippy::cast_precision_loss, reason = "for people")]
        let share = (seen.late > 0).then(|| (seen.refused as f64 / seen.late as f64 * 1e5).round() / 1e5);
        json!({
            "campaign": run.campaign.as_str(), "actor": run.actor, "begins": run.begins, "detected": seen.found.is_some(),
            "delay": delay.map(shown), "within": delay.is_some_and(|delay| delay <= run.campaign.allowed()),
            "rule": seen.found.and_then(|(_, rule, _)| title(rule)), "severity": seen.found.map(|(.., severity)| severity),
            "own_rule": seen.own.and_then(|(_, rule)| title(rule)), "own_delay": seen.own.and_then(|(at, _)| since(at)).map(shown),
            "events": seen.events, "requests": seen.requests, "refused_after_minute": share,
        })
    }

    fn tell(&self, user_days: u64, context: &Context) {
        let count = |severity: Severity| -> u64 {
            self.wrong.iter().filter(|((own, _), _)| *own == severity).map(|(_, count)| *count).sum()
        };
        let alerts: u64 = [ALERT, Severity::Critical].into_iter().map(count).sum();
        #[expect(clippy::cast_precision_loss, reason = "for people")]
        let per_thousand = |count: u64| (count as f64 / user_days.max(1) as f64 * 1e5).round() / 100.0;
        context.note(&format!(
            "{} events, {user_days} user-days; of no campaign: {alerts} alerts (high, critical; {} in 1,000 user-days), {} \
             warnings (medium; {}), {} low; {} containments",
            self.labels.len(),
            per_thousand(alerts),
            count(Severity::Medium),
            per_thousand(count(Severity::Medium)),
            count(Severity::Low) + count(Severity::Info),
            self.contained,
        ));
        for ((severity, rule), count) in self.wrong.iter().rev().filter(|((severity, _), _)| *severity >= TOLD) {
            let title = self.backtest.set().infos.get(*rule).map_or("", |info| info.title.as_str());
            context.note(&format!("of no campaign: {count} times {severity}: {title}"));
        }
    }
}

impl InForce {
    fn stops(&mut self, event: &Event) -> bool {
        let fits = |own: &Option<String>, other: &Option<String>| own.is_none() || own == other;
        if !fits(&self.feature, &event.feature) || !fits(&self.model, &event.model) {
            return false;
        }
        let Some((requests, window)) = self.rate.filter(|_| self.effect == Effect::Throttle) else { return true };
        let from = event.timestamp.minus(window);
        self.passed.retain(|at| *at > from);
        let is_full = self.passed.len() >= usize::try_from(requests).unwrap_or(usize::MAX);
        if !is_full {
            self.passed.push(event.timestamp);
        }
        is_full
    }
}

/// What the gateway writes of a request that a containment stops.
fn refuse(event: &mut Event) {
    (event.decision, event.outcome, event.status_code) = (Decision::Blocked, Some(Outcome::Refused), Some(403));
    event.finding_type = Some("contained".to_owned());
    event.policy_violated = Some("containment".to_owned());
    (event.category, event.policy_results, event.policies_triggered) = (None, Vec::new(), Vec::new());
    (event.tokens_in, event.tokens_out, event.cost) = (None, None, None);
}
