//! The policy in force: from files or from the store, swapped while requests run.

use crate::build::StartError;
use crate::config::{Config, PolicySource};
use crate::open::Opened;
use picket_db::Lane;
use picket_event::{Event, EventType};
use picket_gateway::Snapshot;
use picket_log::{AppendError, EventLog};
use picket_store::policies::{self, PolicyVersion};
use std::sync::Arc;

/// Stores a text as the policy in force, with its event; the same text makes no new version.
pub(crate) fn activate(opened: &Opened, log: &EventLog, text: &str, author: &str) -> Result<PolicyVersion, StartError> {
    let policy = picket_policy::compile(text, "policy").map_err(|problems| StartError::Store(problems.to_string()))?;
    let (log, workspace, text, author) = (log.clone(), opened.workspace.clone(), text.to_owned(), author.to_owned());
    let (digest, now) = (policy.digest().to_owned(), log.clock().now());
    let ticket = opened.db.write(Lane::Admin, "policy.activate", move |tx| {
        let before = policies::active(tx.connection(), &workspace)?;
        let active = policies::activate(tx, &workspace, &text, &digest, &author, now)?;
        if before.is_none_or(|before| before.version != active.version) {
            let mut event = Event::new(EventType::of("policy.deployed"), &workspace, now);
            event.actor = Some(author);
            event.target = Some(format!("policy:{}", active.version));
            (event.policy_version, event.policy_digest) = (Some(active.version), Some(active.digest.clone()));
            log.append_in(tx, log.prepare(event, &[]))?;
        }
        Ok::<_, AppendError>(active)
    });
    ticket.wait().map_err(|error| StartError::Store(error.to_string()))
}

/// The version that requests are judged by from now on.
pub(crate) fn in_force(config: &Config, opened: &Opened, log: &EventLog) -> Result<PolicyVersion, StartError> {
    if let PolicySource::File(text) = &config.policy {
        return activate(opened, log, text, "file");
    }
    let stored = opened.db.read(|connection| policies::active(connection, &opened.workspace));
    match stored.map_err(|error| StartError::Store(error.to_string()))? {
        Some(active) => Ok(active),
        None => activate(opened, log, picket_policy::DEFAULT, "default"),
    }
}

/// The snapshot of a configuration and a policy version.
pub(crate) fn snapshot(config: &Config, version: &PolicyVersion) -> Result<Snapshot, StartError> {
    let policy =
        picket_policy::compile(&version.text, "policy").map_err(|problems| StartError::Store(problems.to_string()))?;
    Ok(Snapshot {
        config_version: config.version.clone(),
        gateway_id: format!("gw_{}", config.host),
        auth: config.auth,
        audit: config.audit,
        patience: config.patience,
        capture: config.capture,
        providers: config.providers.clone(),
        routes: config.routes.clone(),
        prices: config.prices.clone(),
        trusted_proxies: config.trusted_proxies.clone(),
        policy: Arc::new(policy),
        policy_version: version.version,
    })
}
