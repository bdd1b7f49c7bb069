//! Tickets and webhooks: put together, and started. They share nothing but the log.

use crate::config::Config;
use crate::control::System;
use crate::open::Opened;
use crate::tasks;
use picket_api::Control as _;
use picket_db::Lane;
use picket_egress::Caller;
use picket_event::{Decision, Event, EventType, Severity};
use picket_log::EventLog;
use picket_pipeline::{Bell, Status, TaskKind, Tasks};
use picket_tickets::{Clerk, Courier, Desk, Lookout, Network};
use picket_webhooks::{Herald, Hooks, Runner};
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// How long tries of webhooks are kept.
const ATTEMPTS_KEPT: Duration = Duration::from_secs(7 * 86_400);
/// Tries that are dropped at a time.
const STEP: u64 = 10_000;

/// What the API and the background work share of tickets.
fn desk(config: &Config, opened: &Opened, log: &EventLog) -> Desk {
    Desk {
        db: opened.db.clone(),
        log: log.clone(),
        workspace: opened.workspace.clone(),
        vault: opened.vault.clone(),
        network: Network {
            caller: Caller::new(config.integrations.outside.clone()),
            within: config.integrations.timeout,
        },
        console: config.integrations.console.clone(),
        bell: Bell::default(),
    }
}

/// The same of webhooks, with connections of their own.
fn hooks(config: &Config, opened: &Opened, log: &EventLog) -> Hooks {
    Hooks {
        db: opened.db.clone(),
        log: log.clone(),
        workspace: opened.workspace.clone(),
        vault: opened.vault.clone(),
        caller: Caller::new(config.integrations.outside.clone()),
        bell: Bell::default(),
    }
}

/// Starts who reads the log for each, who carries out what waits, and who looks at open tickets: a pool for each, on a
/// thread of its own.
pub(crate) fn start(
    tasks: &Tasks,
    config: &Config,
    opened: &Opened,
    log: &EventLog,
    consumers: &mut Vec<Arc<Status>>,
) -> io::Result<(Desk, Hooks)> {
    let (desk, hooks) = (desk(config, opened, log), hooks(config, opened, log));
    consumers.push(tasks::prompt(tasks, log, Clerk::new(&desk))?);
    consumers.push(tasks::prompt(tasks, log, Herald::new(&hooks))?);
    let (shutdown, bell, courier) = (tasks.shutdown(), desk.bell.clone(), Arc::new(Courier(desk.clone())));
    tasks
        .thread(TaskKind::Tickets, move || picket_pipeline::work(&courier, &picket_tickets::POOL, &bell, &shutdown))?;
    let (shutdown, lookout) = (tasks.shutdown(), Arc::new(Lookout(desk.clone())));
    tasks.thread(TaskKind::Lookout, move || {
        picket_pipeline::work(&lookout, &picket_tickets::LOOKS, &Bell::default(), &shutdown)
    })?;
    let (shutdown, bell, runner) = (tasks.shutdown(), hooks.bell.clone(), Arc::new(Runner(hooks.clone())));
    tasks
        .thread(TaskKind::Webhooks, move || picket_pipeline::work(&runner, &picket_webhooks::POOL, &bell, &shutdown))?;
    Ok((desk, hooks))
}

/// Tells when the gateway becomes ready or is no longer, and drops what is kept of webhooks for a while only.
pub(crate) fn watch(tasks: &Tasks, system: &Arc<System>, hooks: &Hooks) -> io::Result<()> {
    let (system, hooks, mut before, mut looked) = (Arc::downgrade(system), hooks.clone(), None, 0_u32);
    tasks::every(tasks, TaskKind::Health, Duration::from_millis(500), move || {
        let Some(system) = system.upgrade() else { return Ok(()) };
        let cause = system.not_ready().filter(|cause| *cause != "stopping");
        if cause != before {
            tell(&hooks, cause)?;
            before = cause;
        }
        looked = looked.wrapping_add(1);
        if looked % 1_200 == 0 { forget(&hooks) } else { Ok(()) }
    })
}

fn tell(hooks: &Hooks, cause: Option<&'static str>) -> Result<(), String> {
    let log = &hooks.log;
    let mut event = Event::new(EventType::of("gateway.health_changed"), hooks.workspace.as_str(), log.clock().now());
    event.severity = if cause.is_some() { Severity::High } else { Severity::Info };
    event.decision = if cause.is_some() { Decision::Error } else { Decision::Allowed };
    event.reason = Some(cause.map_or_else(|| "ready".to_owned(), |cause| format!("not ready: {cause}")));
    log.append(Lane::Admin, log.prepare(event, &[])).wait().map(drop).map_err(|error| error.to_string())
}

fn forget(hooks: &Hooks) -> Result<(), String> {
    let (workspace, before) = (hooks.workspace.clone(), hooks.log.clock().now().minus(ATTEMPTS_KEPT));
    let done: picket_db::Ticket<usize, rusqlite::Error> =
        hooks.db.write(Lane::Consumer, "webhooks.forget", move |tx| {
            picket_store::webhooks::forget_attempts(tx, &workspace, before, STEP)
        });
    done.wait().map(drop).map_err(|error| error.to_string())
}
