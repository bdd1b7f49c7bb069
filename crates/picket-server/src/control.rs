//! What the control API asks of the whole system.

use crate::approval::{self, ApprovalError};
use crate::config::{Config, PolicySource};
use crate::infrastructure::Latest;
use crate::open::{self, Opened};
use crate::{callers, configured, policy};
use arc_swap::ArcSwap;
use http::StatusCode;
use picket_api::{ApiProblem, Approver, Control, Deploy, Proposing};
use picket_api_types::{ConsumerHealth, Health, PolicyVersion, ProviderHealth, Reloaded};
use picket_db::WriteError;
use picket_detect::Detection;
use picket_dispatch::Dispatch;
use picket_event::{Decision, EscalationId};
use picket_gateway::{Circuit, Gateway, JwtCounts, Snapshot};
use picket_log::EventLog;
use picket_pipeline::{StatusReport, Tasks};
use picket_policy::Policy;
use picket_review::Queue;
use picket_stdx::duration;
use picket_store::proposals::{self, Proposal};
use picket_store::{escalations, policies};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Below this many free bytes the system says so.
const DISK_LOW_BYTES: u64 = 512 * 1024 * 1024;
/// A disk that lasts less long is told.
const DISK_DAYS_MIN: u64 = 7;
/// Positions that a consumer may lag behind before it counts.
const LAG_MAX: u64 = 100_000;

/// The system, as the control API sees it.
#[derive(Debug)]
pub(crate) struct System {
    pub(crate) config: Mutex<Config>,
    /// What it was when the process started: some of it holds until the next start.
    pub(crate) started: Config,
    pub(crate) opened: Opened,
    pub(crate) log: EventLog,
    pub(crate) gateway: Gateway,
    pub(crate) snapshot: Arc<ArcSwap<Snapshot>>,
    pub(crate) consumers: Vec<Arc<picket_pipeline::Status>>,
    pub(crate) machine: Latest,
    pub(crate) tasks: Tasks,
    pub(crate) queue: Queue,
    pub(crate) detection: Detection,
    pub(crate) dispatch: Dispatch,
    /// Whether exceptions changed that could not be read.
    pub(crate) stale: AtomicBool,
}

impl System {
    fn reports(&self) -> Vec<StatusReport> {
        self.consumers.iter().map(|status| status.report()).collect()
    }

    /// What waits for people, as Prometheus reads it.
    fn queue(&self) -> String {
        let now = self.log.clock().now();
        let waiting = self.opened.db.read(|connection| escalations::waiting(connection, &self.opened.workspace, now));
        waiting.map_or_else(
            |error| {
                tracing::warn!(%error, "the queue could not be counted");
                String::new()
            },
            |waiting| crate::metrics::queue(&waiting, now),
        )
    }

    /// What was found, sent elsewhere and exported, as Prometheus reads it.
    fn consequences(&self) -> String {
        let now = self.log.clock().now();
        let sent = crate::metrics::delivery::text(&self.dispatch, now);
        let exported = crate::metrics::exports::text(&self.opened.db, &self.opened.workspace, now);
        crate::metrics::detection::text(&self.detection) + &sent + &exported
    }

    fn providers(&self) -> Vec<ProviderHealth> {
        let refusing = self.gateway.metrics().refusing();
        let snapshot = self.snapshot.load();
        let health = |name: &String| {
            let error = refusing
                .get(name)
                .map(|since| format!("it refuses the operator's key since {since}; correct `api_key` and reload"));
            ProviderHealth { name: name.clone(), error }
        };
        snapshot.providers.iter().map(|provider| health(&provider.name)).collect()
    }

    /// Lets requests be judged by a version.
    fn take_policy(&self, config: &Config, applied: policies::PolicyVersion) -> Result<PolicyVersion, ApiProblem> {
        let before = self.snapshot.load_full();
        let snapshot = policy::snapshot(config, &self.opened, &applied, Some(&before), self.log.clock())
            .map_err(|error| ApiProblem::internal(&error))?;
        self.gateway.prepare(&snapshot.policy);
        self.snapshot.store(Arc::new(snapshot));
        Ok(PolicyVersion {
            version: applied.version,
            digest: applied.digest,
            author: applied.author,
            created_at: applied.created_at,
            active: applied.active,
            break_glass: applied.break_glass,
            text: Some(applied.text),
        })
    }

    /// Lets requests be judged by the exceptions that the store has now. What cannot be read is tried again in a second.
    pub(crate) fn take_exceptions(&self) {
        let config = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        match policy::exceptions(&config, &self.opened) {
            Ok(exceptions) => {
                let before = self.snapshot.load_full();
                self.snapshot.store(Arc::new(Snapshot { exceptions: Arc::new(exceptions), ..(*before).clone() }));
                self.stale.store(false, Ordering::SeqCst);
            }
            Err(error) => {
                self.stale.store(true, Ordering::SeqCst);
                tracing::error!(%error, "the exceptions could not be read; they will be in a second");
            }
        }
    }

    /// Ends exceptions whose time is over, and makes good what could not be read.
    pub(crate) fn expire_exceptions(&self) -> Result<(), String> {
        let ended = self.queue.expire_exceptions().map_err(|error| picket_stdx::error_chain(&error))?;
        if ended > 0 || self.stale.load(Ordering::SeqCst) {
            self.take_exceptions();
        }
        Ok(())
    }

    /// Reads the configuration again; requests that run keep their snapshot.
    pub(crate) fn reload_now(&self, actor: &str) -> Result<Reloaded, ApiProblem> {
        let mut config = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        let refuse = |lines: Vec<String>| {
            let message = "the configuration cannot be used; the old one stays in force";
            ApiProblem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_config", message).with_problems(lines)
        };
        let new = Config::load(config.file.as_deref())
            .map_err(|error| refuse(picket_stdx::error_chain(&error).lines().map(str::to_owned).collect()))?;
        open::refuse_other(&new, &self.opened.workspace).map_err(|error| refuse(vec![error.to_string()]))?;
        if let PolicySource::File(text) = &new.policy {
            let usable = picket_policy::compile(text, "policy").and_then(|policy| policy::remotes(&new, &policy, &[]));
            usable.map_err(|problems| refuse(problems.list.iter().map(ToString::to_string).collect()))?;
        }
        let version = policy::in_force(&new, &self.opened, &self.log).map_err(|error| ApiProblem::internal(&error))?;
        let before = self.snapshot.load_full();
        let snapshot = policy::snapshot(&new, &self.opened, &version, Some(&before), self.log.clock())
            .map_err(|error| ApiProblem::internal(&error))?;
        self.gateway.prepare(&snapshot.policy);
        let provider = open::provider(&new, self.log.clock()).map_err(|error| ApiProblem::internal(&error))?;
        let restart_needed = restart_needed(&self.started, &new);
        let rules = self.detection.prepare(new.detection.clone()).map_err(|problems| {
            refuse(problems.into_iter().map(|problem| format!("detection rules: {problem}")).collect())
        })?;
        // What cannot be recorded does not come into force.
        configured::record(&new, &self.opened, &self.log, actor).map_err(|error| ApiProblem::write(&error))?;
        callers::follow(&self.opened, new.scim.clone(), actor).map_err(|error| ApiProblem::write(&error))?;
        self.detection.put(rules);
        self.snapshot.store(Arc::new(snapshot));
        self.gateway.metrics().keys_changed();
        self.opened.identity.set_rules(new.rules.clone());
        self.opened.identity.set_oidc(provider);
        let config_version = new.version.clone();
        *config = new;
        tracing::info!(%config_version, "configuration reloaded");
        if !restart_needed.is_empty() {
            tracing::warn!(changed = restart_needed.join(", "), "some of it holds only after a restart");
        }
        Ok(Reloaded { config_version, restart_needed })
    }
}

/// A text that may come into force, or why not.
fn usable(config: &Config, text: &str) -> Result<Policy, ApiProblem> {
    if matches!(config.policy, PolicySource::File(_)) {
        return Err(ApiProblem::conflict("the policy is managed by a file; change the file and reload"));
    }
    let compiled = picket_policy::compile(text, "policy");
    let checked = compiled.and_then(|policy| policy::remotes(config, &policy, &[]).map(|_remotes| policy));
    checked.map_err(|problems| {
        let list = problems.list.iter().map(ToString::to_string).collect();
        ApiProblem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_policy", "the document cannot be used")
            .with_problems(list)
    })
}

/// Why a proposal was not made, or not decided so.
fn refused(error: &WriteError<ApprovalError>) -> ApiProblem {
    use ApprovalError as E;
    match error {
        WriteError::Job(E::Absent) => ApiProblem::not_found("proposal"),
        WriteError::Job(why @ E::SamePerson(_)) => ApiProblem::not_permitted(why.to_string()),
        WriteError::Job(why @ (E::Decided(_) | E::Stale { .. } | E::TooMany)) => ApiProblem::conflict(why.to_string()),
        _ => ApiProblem::write(error),
    }
}

/// What a running process does not change.
fn restart_needed(old: &Config, new: &Config) -> Vec<String> {
    let same = [
        ("data", old.data == new.data),
        ("state", old.state == new.state),
        ("keys.root", old.root_key == new.root_key),
        ("host", old.host == new.host),
        ("gateway.listen", old.gateway == new.gateway),
        ("gateway.tls", old.gateway_tls == new.gateway_tls),
        ("gateway.threads", old.threads == new.threads),
        ("late", old.late == new.late),
        ("review", old.review == new.review),
        ("containment", old.containment == new.containment),
        ("destinations", old.destinations == new.destinations),
        ("infrastructure", old.record_metrics == new.record_metrics),
        ("api.listen", old.api == new.api),
        ("api.tls", old.api_tls == new.api_tls),
        ("api.send_timeout", old.send_timeout == new.send_timeout),
        ("api.downloads", old.downloads == new.downloads),
        ("api.hosts", old.api_hosts == new.api_hosts),
        ("retention.bodies", old.keep_bodies == new.keep_bodies),
        ("retention.entries", old.keep_entries == new.keep_entries),
        ("retention.exports", old.keep_exports == new.keep_exports),
    ];
    same.into_iter().filter(|(_, same)| !same).map(|(name, _)| name.to_owned()).collect()
}

/// What is wrong with the keys of the identity provider whose tokens callers show.
fn keyless(counts: &JwtCounts) -> Option<String> {
    let cause = counts.failure?;
    let rest = match (counts.usable, counts.age) {
        (true, Some(age)) => {
            format!("those of {} ago still count", duration::display(Duration::from_secs(age.as_secs())))
        }
        _ => "no token of it is taken".to_owned(),
    };
    Some(format!("jwt: the keys of {} cannot be fetched: {cause}; {rest}", counts.issuer))
}

impl Control for System {
    fn health(&self) -> Health {
        let store = self.opened.db.health();
        let mut causes = Vec::new();
        let not_ready = self.not_ready();
        match not_ready {
            Some("queue") => causes.push("queue: so many writes wait that requests are refused".to_owned()),
            Some("stopping") => causes.push("stopping: no new requests are taken".to_owned()),
            _ => {}
        }
        if let Some(cause) = &store.blocked {
            causes.push(format!("log: writes cannot be made durable: {cause}"));
        }
        if store.free_bytes.is_some_and(|free| free < DISK_LOW_BYTES) {
            causes.push("disk: less than 512 MiB are free".to_owned());
        }
        let disk_days_left = self.log.forecast().and_then(|forecast| forecast.days_left);
        if let Some(days) = disk_days_left.filter(|days| *days < DISK_DAYS_MIN) {
            causes.push(format!("disk: full in {days} days at the present rate; make room or shorten retention"));
        }
        causes.extend(self.tasks.failures());
        for remote in self.gateway.remotes().iter().filter(|remote| remote.circuit != Circuit::Closed) {
            causes.push(format!("check {}: its service fails, and is left alone for a while", remote.name));
        }
        causes.extend(self.gateway.jwt().as_ref().and_then(keyless));
        let problems = self.detection.load().problems;
        if let Some(first) = problems.first() {
            let more = problems.len() - 1;
            causes.push(format!("detection: rules do not load; the old ones are in force, since a start those that are right: {first} (and {more} more)"));
        }
        let consumers = self.reports();
        for report in &consumers {
            if let Some(error) = &report.error {
                causes.push(format!("consumer {}: {error}", report.name));
            } else if report.lag > LAG_MAX {
                causes.push(format!("consumer {}: {} behind", report.name, report.lag));
            }
        }
        let providers = self.providers();
        for provider in &providers {
            causes.extend(provider.error.as_ref().map(|error| format!("provider {}: {error}", provider.name)));
        }
        Health {
            ready: not_ready.is_none(),
            causes,
            providers,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            consumers: consumers
                .into_iter()
                .map(|report| ConsumerHealth {
                    name: report.name.to_owned(),
                    cursor: report.cursor,
                    lag: report.lag,
                    error: report.error,
                })
                .collect(),
            disk_free_bytes: store.free_bytes,
            database_bytes: store.file_bytes,
            disk_days_left,
        }
    }

    /// Providers that refuse the operator's key are no reason: one answered request is what tells that they take it again,
    /// and whoever is not ready gets none.
    fn not_ready(&self) -> Option<&'static str> {
        if !self.tasks.shutdown().is_running() {
            return Some("stopping");
        }
        if let Some(cause) = self.gateway.unrecordable() {
            return Some(cause);
        }
        (!self.tasks.failures().is_empty()).then_some("task")
    }

    fn metrics(&self) -> String {
        let counts = self.gateway.metrics().counts();
        let store = self.opened.db.health();
        let mut text = String::new();
        let mut family = |name: &str, kind: &str, help: &str, samples: &[(String, u64)]| {
            write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n").unwrap_or_default();
            for (labels, value) in samples {
                writeln!(text, "{name}{labels} {value}").unwrap_or_default();
            }
        };
        let by_decision: Vec<_> = Decision::ALL
            .iter()
            .zip(counts.requests)
            .map(|(decision, count)| (format!("{{decision=\"{decision}\"}}"), count))
            .collect();
        family("picket_gateway_requests_total", "counter", "Requests by decision.", &by_decision);
        family(
            "picket_gateway_requests_in_flight",
            "gauge",
            "Requests that run now.",
            &[(String::new(), counts.in_flight)],
        );
        family(
            "picket_gateway_upstream_errors_total",
            "counter",
            "Failed calls of providers.",
            &[(String::new(), counts.upstream_errors)],
        );
        family(
            "picket_gateway_provider_keys_refused_total",
            "counter",
            "Answers of providers that refuse the operator's key.",
            &[(String::new(), counts.keys_refused)],
        );
        family(
            "picket_gateway_auth_failures_total",
            "counter",
            "Failed authentications.",
            &[(String::new(), counts.auth_failed)],
        );
        family(
            "picket_log_entries",
            "gauge",
            "Durable entries of the workspace's log.",
            &[(String::new(), self.log.size())],
        );
        let lags: Vec<_> =
            self.reports().iter().map(|report| (format!("{{consumer=\"{}\"}}", report.name), report.lag)).collect();
        family("picket_consumer_lag_entries", "gauge", "Entries behind the tail.", &lags);
        family("picket_database_bytes", "gauge", "Bytes of the database.", &[(String::new(), store.file_bytes)]);
        family(
            "picket_disk_free_bytes",
            "gauge",
            "Free bytes on the volume of the data.",
            &[(String::new(), store.free_bytes.unwrap_or(0))],
        );
        family(
            "picket_log_blocked",
            "gauge",
            "Whether writes cannot be made durable.",
            &[(String::new(), u64::from(store.blocked.is_some()))],
        );
        text + &self.queue()
            + &crate::metrics::contained(self.opened.containments.len())
            + &crate::metrics::unclosed(self.gateway.unclosed())
            + &crate::metrics::remotes(&self.gateway.remotes())
            + &crate::metrics::second_tier(&self.gateway.second_tier())
            + &crate::metrics::late(&self.gateway.lane())
            + &self.consequences()
            + &self.machine.metrics()
            + &self.gateway.jwt().as_ref().map(crate::metrics::jwt).unwrap_or_default()
    }

    fn reload(&self, actor: &str) -> Result<Reloaded, ApiProblem> {
        self.reload_now(actor)
    }

    fn policy_is_of_file(&self) -> bool {
        let config = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        matches!(config.policy, PolicySource::File(_))
    }

    fn needs_approval(&self) -> bool {
        self.config.lock().unwrap_or_else(PoisonError::into_inner).approval
    }

    fn apply_policy(
        &self,
        text: &str,
        author: &str,
        (base, deploy): (Option<u64>, &Deploy),
    ) -> Result<PolicyVersion, ApiProblem> {
        let config = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        usable(&config, text)?;
        // Whoever calls asks first; this is the last door.
        if config.approval && *deploy == Deploy::Applied {
            return Err(ApiProblem::conflict("a change of the policy takes two people here: propose it"));
        }
        let present = self.snapshot.load().policy_version;
        if base.is_some_and(|base| base != present) {
            return Err(ApiProblem::conflict(format!("version {present} is in force now")));
        }
        let why = if let Deploy::BreakGlass(why) = deploy { Some(why.as_str()) } else { None };
        let applied = policy::activate(&config, &self.opened, &self.log, (text, author), why)
            .map_err(|error| ApiProblem::internal(&error))?;
        self.take_policy(&config, applied)
    }

    fn propose_policy(&self, text: &str, proposing: &Proposing) -> Result<Proposal, ApiProblem> {
        let config = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        let policy = usable(&config, text)?;
        let made = approval::propose(&self.opened, &self.log, (text, policy.digest()), proposing);
        made.map_err(|error| refused(&error))
    }

    fn approve_policy(&self, id: &str, approver: &Approver) -> Result<PolicyVersion, ApiProblem> {
        let config = self.config.lock().unwrap_or_else(PoisonError::into_inner);
        let read = |connection: &_| proposals::get(connection, &self.opened.workspace, id);
        let found = self.opened.db.read(read)?.ok_or_else(|| ApiProblem::not_found("proposal"))?;
        // What could be used when it was proposed need not be now: services that it asks, and the configuration.
        usable(&config, &found.text)?;
        let applied = approval::approve(&self.opened, &self.log, id, approver).map_err(|error| refused(&error))?;
        self.take_policy(&config, applied)
    }

    fn reject_policy(&self, id: &str, approver: &Approver) -> Result<Proposal, ApiProblem> {
        approval::reject(&self.opened, &self.log, id, approver).map_err(|error| refused(&error))
    }

    fn allows_exceptions(&self) -> bool {
        self.config.lock().unwrap_or_else(PoisonError::into_inner).allows_exceptions()
    }

    fn exceptions_changed(&self) {
        self.take_exceptions();
    }

    fn text_digest(&self, text: &str) -> [u8; 32] {
        self.opened.keyring.keyed_hash(policy::TEXTS, text.as_bytes())
    }

    fn reseal(&self, actor: &str) -> Result<u64, ApiProblem> {
        let count = self.dispatch.renew_key(&self.opened.keyring, actor).map_err(|error| ApiProblem::write(&error))?;
        Ok(u64::try_from(count).unwrap_or(u64::MAX))
    }

    fn escalation_resolved(&self, id: EscalationId) {
        self.gateway.holds().resolved(id);
    }
}
