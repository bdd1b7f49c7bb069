//! The background work: notary, consumers, exports, expiry, retention, accounting.

use crate::config::Config;
use crate::control::System;
use crate::infrastructure::{Latest, Observer};
use crate::open::Opened;
use crate::past::Past;
use picket_db::{Lane, Ticket};
use picket_detect::{Detection, SecondLook};
use picket_dispatch::Dispatch;
use picket_event::{Decision, Event, EventType, Severity};
use picket_evidence::Exporter;
use picket_gateway::Gateway;
use picket_log::{EventLog, Expired, Notary};
use picket_pipeline::{Consumer, Shutdown, Status, TaskKind, Tasks};
use picket_review::Queue;
use picket_search::Index;
use picket_stdx::backoff::Backoff;
use std::collections::HashSet;
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Starts a consumer on its own thread.
pub(crate) fn consumer(tasks: &Tasks, log: &EventLog, consumer: impl Consumer + 'static) -> io::Result<Arc<Status>> {
    driven(tasks, log, consumer, picket_pipeline::Settings::default())
}

/// Starts a consumer that gathers for a moment only: who attacks, and who is to be told of it, does not wait.
pub(crate) fn prompt(tasks: &Tasks, log: &EventLog, consumer: impl Consumer + 'static) -> io::Result<Arc<Status>> {
    let settings =
        picket_pipeline::Settings { gather: Duration::from_millis(5), ..picket_pipeline::Settings::default() };
    driven(tasks, log, consumer, settings)
}

fn driven(
    tasks: &Tasks,
    log: &EventLog,
    mut consumer: impl Consumer + 'static,
    settings: picket_pipeline::Settings,
) -> io::Result<Arc<Status>> {
    let status = Status::new(consumer.name(), log.clone());
    let (seen, shutdown) = (Arc::clone(&status), tasks.shutdown());
    tasks.thread(TaskKind::Consumer(consumer.name()), move || {
        picket_pipeline::run(&mut consumer, &seen, &settings, &shutdown)
    })?;
    Ok(status)
}

/// Repeats `work` every `pause` until the process drains, and once more then. Failures are logged; the next try comes.
pub(crate) fn every(
    tasks: &Tasks,
    kind: TaskKind,
    pause: Duration,
    mut work: impl FnMut() -> Result<(), String> + Send + 'static,
) -> io::Result<()> {
    let shutdown = tasks.shutdown();
    tasks.thread(kind, move || -> Result<(), io::Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        loop {
            let last = !shutdown.is_running();
            if let Err(error) = work() {
                tracing::error!(task = %kind, %error, "background work failed; it will be tried again");
            }
            if last {
                return Ok(());
            }
            runtime.block_on(wait(&shutdown, pause));
        }
    })
}

async fn wait(shutdown: &Shutdown, pause: Duration) {
    tokio::select! {
        () = tokio::time::sleep(pause) => {}
        () = shutdown.draining() => {}
    }
}

/// Starts everything that is no consumer.
pub(crate) fn start(
    tasks: &Tasks,
    config: &Config,
    opened: &Opened,
    log: &EventLog,
    gateway: &Gateway,
    exporter: Exporter,
    queue: &Queue,
) -> io::Result<()> {
    let mut notary = Notary::new(&opened.logs);
    every(tasks, TaskKind::Notary, Duration::from_secs(1), move || {
        notary.tick().map(drop).map_err(|error| picket_stdx::error_chain(&error))
    })?;
    let exports = exporter.clone();
    every(tasks, TaskKind::Exports, Duration::from_millis(200), move || {
        // One does not keep the other from working.
        let made = exporter.tick().map(drop).map_err(|error| picket_stdx::error_chain(&error));
        exporter.step().map(drop).map_err(|error| picket_stdx::error_chain(&error)).and(made)
    })?;
    let (queue, container) = (queue.clone(), crate::build::container(config, opened, log.clone()));
    every(tasks, TaskKind::Expiry, Duration::from_secs(1), move || {
        let ended = queue.tick().map(drop).map_err(|error| picket_stdx::error_chain(&error));
        container.tick().map(drop).map_err(|error| picket_stdx::error_chain(&error)).and(ended)
    })?;
    retention(tasks, config, opened, exports)?;
    closing(tasks, log, gateway)?;
    closing_again(tasks, gateway)?;
    accounting(tasks, opened, log, gateway)
}

/// Ends exceptions whose time is over.
pub(crate) fn exceptions(tasks: &Tasks, system: &Arc<System>) -> io::Result<()> {
    let system = Arc::downgrade(system);
    every(tasks, TaskKind::Exceptions, Duration::from_secs(1), move || {
        system.upgrade().map_or(Ok(()), |system| system.expire_exceptions())
    })
}

/// What detection does beside its consumer.
pub(crate) fn detection(tasks: &Tasks, config: &Config, detection: &Detection, index: &Index) -> io::Result<()> {
    rules(tasks, config, detection)?;
    second_look(tasks, detection, index)
}

/// Files of detection rules that change come into force; findings go when entries do.
fn rules(tasks: &Tasks, config: &Config, detection: &Detection) -> io::Result<()> {
    detection.end_with(tasks.shutdown());
    let (detection, keep, mut looked) = (detection.clone(), config.keep_entries, 0_u32);
    every(tasks, TaskKind::Rules, Duration::from_secs(2), move || {
        detection.look();
        looked = looked.wrapping_add(1);
        if looked % 30 != 0 {
            return Ok(());
        }
        let before = detection.log().clock().now().minus(keep);
        detection.drop_older(before).map(drop).map_err(|error| picket_stdx::error_chain(&error))
    })
}

/// Sends events to destinations, on threads of its own.
pub(crate) fn delivery(tasks: &Tasks, dispatch: &Dispatch) -> io::Result<()> {
    let (dispatch, shutdown) = (dispatch.clone(), tasks.shutdown());
    tasks.thread(TaskKind::Delivery, move || dispatch.serve(&shutdown))
}

/// What came too late for the correlations is looked at again in the index.
fn second_look(tasks: &Tasks, detection: &Detection, index: &Index) -> io::Result<()> {
    let look = SecondLook::new(detection, Arc::new(Past(index.clone())));
    every(tasks, TaskKind::SecondLook, Duration::from_secs(2), move || {
        look.step().map(drop).map_err(|error| picket_stdx::error_chain(error.as_ref()))
    })
}

/// Steps of retention in a log at a time, so that none keeps the others waiting.
const RETENTION_STEPS: usize = 1_000;

/// What is kept for a time and no longer: in every log of the store, and in files of exports.
fn retention(tasks: &Tasks, config: &Config, opened: &Opened, exports: Exporter) -> io::Result<()> {
    let (logs, bodies, entries) = (opened.logs.clone(), config.keep_bodies, config.keep_entries);
    every(tasks, TaskKind::Retention, Duration::from_secs(60), move || {
        for log in logs.all() {
            for _ in 0..RETENTION_STEPS {
                let now = log.clock().now();
                let step = log.retain(now.minus(bodies), now.minus(entries)).map_err(|error| error.to_string())?;
                if step == Expired::default() {
                    break;
                }
            }
        }
        exports.expire().map(drop).map_err(|error| picket_stdx::error_chain(&error))
    })
}

/// What the machine does: shown, and written down now and then.
pub(crate) fn infrastructure(tasks: &Tasks, config: &Config, opened: &Opened, log: &EventLog) -> io::Result<Latest> {
    let latest = Latest::default();
    let names = (&opened.workspace, config.host.as_str());
    let mut observer = Observer::new(latest.clone(), log, names, config.record_metrics);
    every(tasks, TaskKind::Infrastructure, observer.pause(), move || observer.step())?;
    Ok(latest)
}

/// Erasures that a stop or a failure interrupted.
pub(crate) fn erasing(tasks: &Tasks, state: picket_api::State) -> io::Result<()> {
    let shutdown = tasks.shutdown();
    every(tasks, TaskKind::Erasure, Duration::from_secs(30), move || {
        let open = if shutdown.is_running() { picket_api::finish_erasures(&state) } else { Ok(0) };
        open.map(drop).map_err(|problem| problem.to_string())
    })
}

/// Requests that the log holds open, though nothing runs that would close them: their end was lost. Two looks must agree,
/// since an end may just be on its way.
fn closing(tasks: &Tasks, log: &EventLog, gateway: &Gateway) -> io::Result<()> {
    let (log, gateway, mut suspected) = (log.clone(), gateway.clone(), HashSet::new());
    every(tasks, TaskKind::Closing, Duration::from_secs(2), move || {
        let mut still = HashSet::new();
        let lost = |event| {
            let known = suspected.contains(&event);
            !gateway.runs(event) && (known || !still.insert(event))
        };
        let closed = log.close_unknown("the end of the request could not be recorded", lost);
        suspected = still;
        match closed.map_err(|error| error.to_string())? {
            0 => {}
            closed => tracing::warn!(closed, "requests whose end was lost were closed with outcome unknown"),
        }
        Ok(())
    })
}

/// Ends of requests that the log could not take: they are tried again, less and less often while none is taken.
fn closing_again(tasks: &Tasks, gateway: &Gateway) -> io::Result<()> {
    let (shutdown, gateway) = (tasks.shutdown(), gateway.clone());
    tasks.thread(TaskKind::Unclosed, move || -> Result<(), io::Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));
        while shutdown.is_running() {
            runtime.block_on(async {
                tokio::select! {
                    () = gateway.any_unclosed() => wait(&shutdown, backoff.next_wait()).await,
                    () = shutdown.draining() => {}
                }
            });
            if gateway.close_again() {
                backoff.reset();
            }
        }
        Ok(())
    })
}

/// Last use, spending and failed authentications: counted in memory, written now and then.
fn accounting(tasks: &Tasks, opened: &Opened, log: &EventLog, gateway: &Gateway) -> io::Result<()> {
    let (opened, log, gateway) = (opened.clone(), log.clone(), gateway.clone());
    every(tasks, TaskKind::Accounting, Duration::from_secs(5), move || {
        let (credentials, identity) = (opened.credentials.clone(), opened.identity.clone());
        let flushed: Ticket<(), picket_db::OpenError> =
            opened.db.write(Lane::Consumer, "accounting.flush", move |tx| {
                credentials.flush(tx)?;
                Ok(identity.flush_sessions(tx)?)
            });
        flushed.wait().map_err(|error| error.to_string())?;
        for event in opened.identity.take_failures() {
            log.append(Lane::Admin, log.prepare(event, &[])).wait().map(drop).map_err(|error| error.to_string())?;
        }
        let Some(failures) = gateway.metrics().take_auth_failures() else { return Ok(()) };
        let mut event = Event::new(EventType::AUTH_FAILED, opened.workspace.as_str(), failures.first);
        event.count = Some(failures.count);
        event.severity = if failures.count > 100 { Severity::Medium } else { Severity::Low };
        event.decision = Decision::Blocked;
        event.reason = Some(format!(
            "{} failed authentications at the gateway from {} to {}",
            failures.count, failures.first, failures.last
        ));
        log.append(Lane::Admin, log.prepare(event, &[])).wait().map(drop).map_err(|error| error.to_string())
    })
}
