//! Putting the system together, in an order that fails before it does anything.

use crate::callers::{self, Callers};
use crate::config::{Config, ConfigError};
use crate::control::System;
use crate::open::{Opened, SetupToken};
use crate::{configured, integrations, policy, tasks, tls};
use arc_swap::ArcSwap;
use picket_api::{Control, Feeds, Hosts, State};
use picket_contain::Container;
use picket_detect::{Detection, Detector};
use picket_dispatch::Dispatch;
use picket_event::Workspace;
use picket_evidence::Exporter;
use picket_gateway::{Gateway, Listeners, Settings, Snapshot};
use picket_log::EventLog;
use picket_pipeline::{Shutdown, TaskKind, Tasks, Trigger};
use picket_policy::SlowCheck;
use picket_review::{Escalator, Queue};
use picket_search::Index;
use picket_signals::Intake;
use picket_stdx::Clock;
use picket_store::TokenKind;
use picket_webhooks::Hooks;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Builder;
use tokio_rustls::TlsAcceptor;

/// The server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A port.
    #[error("cannot listen on {address}; is another program using it?")]
    Listen {
        /// Address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The data folder.
    #[error("{path}: the data folder cannot be made or used")]
    Folder {
        /// Folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The database.
    #[error("the store cannot be opened")]
    Database(#[from] picket_db::OpenError),
    /// The root key.
    #[error("the root key cannot be used")]
    Root(#[from] picket_keys::RootError),
    /// The keyring.
    #[error("the keyring cannot be opened")]
    Keys(#[from] picket_keys::KeyError),
    /// Users and sessions.
    #[error("users and sessions cannot be opened")]
    Identity(#[from] picket_identity::OpenError),
    /// The identity provider.
    #[error("the identity provider cannot be used")]
    Oidc(#[from] picket_identity::OidcError),
    /// The log.
    #[error("the log cannot be opened")]
    Log(#[from] picket_log::OpenError),
    /// The log does not hold what was signed.
    #[error("the log does not verify")]
    Verify(#[from] picket_log::VerifyError),
    /// The index.
    #[error("the index cannot be opened")]
    Index(#[from] picket_search::OpenError),
    /// Certificates.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// A thread.
    #[error("cannot start a thread")]
    Thread(#[from] std::io::Error),
    /// The store is of another workspace.
    #[error(
        "{data}: this data folder is of workspace {found}, and the configuration names {named}: \
         write the data folder of {named} under `data`, or correct `workspace`"
    )]
    Workspace {
        /// Folder.
        data: PathBuf,
        /// Whose it is.
        found: Workspace,
        /// Whose the configuration says it is.
        named: Workspace,
    },
    /// The store.
    #[error("{0}")]
    Store(String),
}

/// A running system.
#[derive(Debug)]
pub struct Server {
    pub(crate) system: Arc<System>,
    pub(crate) trigger: Trigger,
    pub(crate) tasks: Tasks,
    pub(crate) runtime: tokio::runtime::Runtime,
    gateway: SocketAddr,
    api: SocketAddr,
    /// Whether the gateway and the control API speak TLS.
    tls: (bool, bool),
    setup: Option<SetupToken>,
}

impl Server {
    /// Builds and starts everything.
    pub fn start(config: Config, clock: &Clock) -> Result<Self, StartError> {
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().thread_name("picket-api").build()?;
        let listen = |address| move |source| StartError::Listen { address, source };
        let gateway_tls = tls::acceptor(config.gateway_tls.as_ref())?;
        let api_tls = tls::acceptor(config.api_tls.as_ref())?;
        let tls = (gateway_tls.is_some(), api_tls.is_some());
        let listeners = Listeners::bind(config.gateway, config.threads).map_err(listen(config.gateway))?;
        let api_socket = Listeners::bind(config.api, 1).map_err(listen(config.api))?;
        let (gateway_address, api_address) = (listeners.address(), api_socket.address());

        let opened = Opened::open(&config, clock)?;
        let log = opened.logs.workspace(&opened.workspace)?.clone();
        close_open_requests(&log)?;
        let index = Index::open(&config.data.join("index"), &log, &opened.keyring)?;
        let version = policy::in_force(&config, &opened, &log)?;
        come_into_force(&config, &opened, &log)?;
        let snapshot = Arc::new(ArcSwap::from_pointee(policy::snapshot(&config, &opened, &version, None, clock)?));
        let gateway = gateway(&config, &opened, &log, &snapshot);
        let setup = if opened.has_owner(clock) { None } else { Some(opened.first_token(TokenKind::Setup, clock)?) };

        let (trigger, shutdown) = Trigger::new();
        let tasks = Tasks::new(trigger.clone(), runtime.handle().clone());
        let queue = queue(&config, &opened, &log);
        let detection = detection(&config, &opened, &log)?;
        let mut consumers = consumers(&tasks, &log, &index, &queue, &detection)?;
        let (desk, hooks) = integrations::start(&tasks, &config, &opened, &log, &mut consumers)?;
        let exporter = exporter(&config, &opened, &log, &index, &shutdown);
        tasks::start(&tasks, &config, &opened, &log, &gateway, exporter.clone(), &queue)?;
        serve_gateway(&tasks, listeners, gateway_tls.as_ref(), &gateway)?;
        serve_lane(&tasks, config.late.0, &gateway)?;
        let system = Arc::new(System {
            machine: tasks::infrastructure(&tasks, &config, &opened, &log)?,
            started: config.clone(),
            dispatch: dispatch(&config, &opened, &log),
            config: Mutex::new(config),
            opened: opened.clone(),
            log: log.clone(),
            gateway,
            snapshot,
            consumers,
            tasks: tasks.clone(),
            queue: queue.clone(),
            detection: detection.clone(),
            stale: AtomicBool::new(false),
        });
        attend(&tasks, &system, &hooks)?;
        tasks::detection(&tasks, &system.started, &detection, &index)?;
        let state = State {
            db: opened.db.clone(),
            logs: opened.logs.clone(),
            log,
            credentials: opened.credentials.clone(),
            identity: opened.identity.clone(),
            index,
            queue,
            detection,
            container: container(&system.started, &opened, system.log.clone()),
            intake: intake(&opened, &system.log),
            dispatch: system.dispatch.clone(),
            desk,
            hooks,
            exporter,
            feeds: Feeds::new(system.started.downloads, system.started.send_timeout),
            hosts: hosts(&system.started),
            erasing: Arc::default(),
            control: Arc::clone(&system) as Arc<dyn Control>,
            shutdown,
        };
        tasks::erasing(&tasks, state.clone())?;
        serve_api(&tasks, api_socket, api_tls, (state, system.started.send_timeout));
        Ok(Self { system, trigger, tasks, runtime, gateway: gateway_address, api: api_address, tls, setup })
    }

    /// Where the gateway listens.
    pub fn gateway_address(&self) -> SocketAddr {
        self.gateway
    }

    /// Where the control API listens.
    pub fn api_address(&self) -> SocketAddr {
        self.api
    }

    /// Base URL of the gateway.
    pub fn gateway_url(&self) -> String {
        url(self.gateway, self.tls.0)
    }

    /// Base URL of the control API.
    pub fn api_url(&self) -> String {
        url(self.api, self.tls.1)
    }

    /// The workspace's log.
    pub fn log(&self) -> &EventLog {
        &self.system.log
    }

    /// The set-up token of a store that nobody administers yet.
    pub fn setup_token(&self) -> Option<&SetupToken> {
        self.setup.as_ref()
    }

    /// A token of the first administrator, for the demo and for tests.
    pub fn administrator(&self) -> Result<SetupToken, StartError> {
        self.system.opened.first_token(TokenKind::Admin, self.system.log.clock())
    }
}

/// Requests that ran when the process ended.
fn close_open_requests(log: &EventLog) -> Result<(), StartError> {
    let closed = log.close_open_requests().map_err(|error| StartError::Store(error.to_string()))?;
    if closed > 0 {
        tracing::warn!(closed, "requests that ran when the gateway stopped were closed with outcome unknown");
    }
    Ok(())
}

/// Records that a configuration comes into force, and gives people the roles that it says.
fn come_into_force(config: &Config, opened: &Opened, log: &EventLog) -> Result<(), StartError> {
    configured::record(config, opened, log, "file").map_err(|error| StartError::Store(error.to_string()))?;
    callers::follow(opened, config.scim.clone(), "file").map_err(|error| StartError::Store(error.to_string()))
}

/// What needs the whole system: to say whether it is ready, to tell when that changes, to end exceptions, and to send events
/// to destinations.
fn attend(tasks: &Tasks, system: &Arc<System>, hooks: &Hooks) -> Result<(), StartError> {
    let asked = Arc::downgrade(system);
    system.gateway.tell_readiness(move || asked.upgrade().map_or(Some("stopping"), |system| system.not_ready()));
    integrations::watch(tasks, system, hooks)?;
    tasks::exceptions(tasks, system)?;
    Ok(tasks::delivery(tasks, &system.dispatch)?)
}

/// The names of the control API. Where it listens beyond this machine, nobody but the operator knows them.
fn hosts(config: &Config) -> Hosts {
    match &config.api_hosts {
        Some(names) => Hosts::only(names.iter().cloned()),
        None if config.api.ip().is_loopback() => Hosts::only([]),
        None => Hosts::any(),
    }
}

fn url(address: SocketAddr, tls: bool) -> String {
    format!("{}://{address}", if tls { "https" } else { "http" })
}

fn gateway(config: &Config, opened: &Opened, log: &EventLog, snapshot: &Arc<ArcSwap<Snapshot>>) -> Gateway {
    Gateway::new(Settings {
        log: log.clone(),
        db: opened.db.clone(),
        keyring: opened.keyring.clone(),
        credentials: opened.credentials.clone(),
        containments: opened.containments.clone(),
        people: Arc::new(Callers(opened.identity.clone())),
        workspace: opened.workspace.clone(),
        snapshot: Arc::clone(snapshot),
        slow: slow_checks(),
        late_waiting_max: config.late.1,
    })
}

fn queue(config: &Config, opened: &Opened, log: &EventLog) -> Queue {
    Queue {
        db: opened.db.clone(),
        log: log.clone(),
        workspace: opened.workspace.clone(),
        routing: Arc::new(config.review.clone()),
    }
}

pub(crate) fn container(config: &Config, opened: &Opened, log: EventLog) -> Container {
    Container {
        db: opened.db.clone(),
        log,
        workspace: opened.workspace.clone(),
        in_force: opened.containments.clone(),
        rules: Arc::new(config.containment.clone()),
    }
}

/// Who reads the log, each on its own thread.
fn consumers(
    tasks: &Tasks,
    log: &EventLog,
    index: &Index,
    queue: &Queue,
    detection: &Detection,
) -> std::io::Result<Vec<Arc<picket_pipeline::Status>>> {
    Ok(vec![
        tasks::consumer(tasks, log, index.indexer())?,
        tasks::consumer(tasks, log, Escalator::new(queue))?,
        tasks::prompt(tasks, log, Detector::new(detection))?,
    ])
}

/// Destinations of events; nothing is sent yet.
fn dispatch(config: &Config, opened: &Opened, log: &EventLog) -> Dispatch {
    Dispatch::new(picket_dispatch::Options {
        db: opened.db.clone(),
        log: log.clone(),
        workspace: opened.workspace.clone(),
        vault: opened.vault.clone(),
        network: config.destinations.network(log.clock()),
        timing: config.destinations.timing,
        bodies: config.destinations.bodies,
    })
}

/// Detection with the rules that load; what is wrong with the others does not keep the system from serving.
fn detection(config: &Config, opened: &Opened, log: &EventLog) -> Result<Detection, StartError> {
    let container = container(config, opened, log.clone());
    let opened = Detection::open(container, config.detection.clone());
    opened.map_err(|error| StartError::Store(error.to_string()))
}

/// The slower detectors, for checks that are late or unsure. None is loaded before it is wanted.
pub fn slow_checks() -> Vec<Arc<dyn SlowCheck>> {
    vec![
        #[cfg(feature = "encoder")]
        Arc::new(crate::second::SecondLook::default()),
        #[cfg(feature = "names")]
        Arc::new(crate::names::Names::default()),
    ]
}

/// The control API.
fn serve_api(tasks: &Tasks, socket: Listeners, tls: Option<TlsAcceptor>, (state, patience): (State, Duration)) {
    let (sockets, router) = (socket.into_sockets(), picket_api::router(state));
    let serving = crate::lifecycle::serve_api(sockets, tls, router, patience, tasks.shutdown());
    tasks.spawn(TaskKind::Api, serving);
}

fn intake(opened: &Opened, log: &EventLog) -> Intake {
    Intake { db: opened.db.clone(), log: log.clone(), workspace: opened.workspace.clone() }
}

/// One thread for each socket of the gateway.
fn serve_gateway(
    tasks: &Tasks,
    listeners: Listeners,
    tls: Option<&TlsAcceptor>,
    gateway: &Gateway,
) -> std::io::Result<()> {
    for socket in listeners.into_sockets() {
        let (gateway, tls, shutdown) = (gateway.clone(), tls.cloned(), tasks.shutdown());
        tasks.thread(TaskKind::Gateway, move || {
            let (draining, stopped) = (shutdown.clone(), shutdown);
            picket_gateway::serve(&gateway, socket, tls, async move { draining.draining().await }, async move {
                stopped.stopped().await
            })
        })?;
    }
    Ok(())
}

/// The threads beside the requests. They end when nothing waits and no request runs that could bring more.
fn serve_lane(tasks: &Tasks, threads: usize, gateway: &Gateway) -> std::io::Result<()> {
    for _ in 0..threads {
        let (gateway, draining, stopped) = (gateway.clone(), tasks.shutdown(), tasks.shutdown());
        tasks.thread(TaskKind::Late, move || {
            picket_gateway::examine(&gateway, async move { draining.draining().await }, async move {
                stopped.stopped().await
            })
        })?;
    }
    Ok(())
}

fn exporter(config: &Config, opened: &Opened, log: &EventLog, index: &Index, shutdown: &Shutdown) -> Exporter {
    Exporter {
        db: opened.db.clone(),
        log: log.clone(),
        index: index.clone(),
        workspace: opened.workspace.clone(),
        folder: config.data.join("exports"),
        keep: config.keep_exports,
        shutdown: shutdown.clone(),
    }
}
