//! Serving the control API, reacting to signals, draining and stopping.

use crate::build::Server;
use axum::Router;
use axum::extract::ConnectInfo;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use picket_gateway::{Patient, Places};
use picket_pipeline::{Shutdown, Stage, Unfinished};
use picket_stdx::limits::HEADER_BYTES_MAX;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

/// How long requests that run may take to finish.
const DRAIN: Duration = Duration::from_secs(30);
/// Time for the head of a request.
const HEAD: Duration = Duration::from_secs(10);
/// Connections at a time, and requests of one of them; one that follows the tail takes a place for as long as it does.
const CONNECTIONS_MAX: usize = 1_024;
const STREAMS_MAX: u32 = 256;

/// What a process is told from outside, heard from the moment that this exists: before, a signal ends the process.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hangup: Signal,
}

impl Server {
    /// Begins to hear signals; to be called before anybody is told that the server runs.
    pub fn signals(&self) -> io::Result<Signals> {
        let _inside = self.runtime.enter();
        Ok(Signals {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Runs until a signal: the first drains, the second stops; SIGHUP reloads.
    pub fn run(self, signals: Signals) -> Result<(), Unfinished> {
        let system = Arc::clone(&self.system);
        let trigger = self.trigger.clone();
        let stop = async move {
            let Signals { mut terminate, mut interrupt, mut hangup } = signals;
            let shutdown = trigger.shutdown();
            loop {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                    _ = hangup.recv() => {
                        let system = Arc::clone(&system);
                        let reloaded = tokio::task::spawn_blocking(move || system.reload_now("file")).await;
                        if let Ok(Err(problem)) = reloaded {
                            tracing::error!(%problem, "the configuration was not reloaded");
                            for problem in problem.problems() {
                                tracing::error!("{problem}");
                            }
                        }
                        continue;
                    }
                    () = shutdown.stopped() => return,
                }
                let next = if shutdown.is_running() { Stage::Draining } else { Stage::Stopped };
                tracing::info!("stopping; a second signal stops at once");
                trigger.advance(next);
            }
        };
        self.runtime.spawn(stop);
        let shutdown = self.tasks.shutdown();
        self.runtime.block_on(shutdown.draining());
        self.stop()
    }

    /// Drains, and stops what takes too long.
    pub fn stop(self) -> Result<(), Unfinished> {
        self.trigger.advance(Stage::Draining);
        let drained = self.runtime.block_on(async {
            let shutdown = self.tasks.shutdown();
            tokio::select! {
                drained = self.tasks.drained(DRAIN) => drained,
                () = shutdown.stopped() => Ok(()),
            }
        });
        self.trigger.advance(Stage::Stopped);
        let ended = self.runtime.block_on(self.tasks.drained(Duration::from_secs(5)));
        self.runtime.shutdown_timeout(Duration::from_secs(1));
        self.system.gateway.close_last();
        self.system.opened.db.close();
        drained.and(ended)
    }
}

/// Serves the control API until the process drains.
pub(crate) async fn serve_api(
    sockets: Vec<std::net::TcpListener>,
    tls: Option<TlsAcceptor>,
    router: Router,
    patience: Duration,
    shutdown: Shutdown,
) -> io::Result<()> {
    let Some(socket) = sockets.into_iter().next() else { return Ok(()) };
    socket.set_nonblocking(true)?;
    let listener = TcpListener::from_std(socket)?;
    let graceful = GracefulShutdown::new();
    let places = Places::new(CONNECTIONS_MAX);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = shutdown.draining() => break,
        };
        let Some(place) = places.take(peer.ip(), false) else { continue };
        let serving = connection(stream, peer, tls.clone(), router.clone(), patience, graceful.watcher());
        tokio::spawn(async move {
            serving.await;
            drop(place);
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = shutdown.stopped() => {}
        () = tokio::time::sleep(Duration::from_secs(5)) => {}
    }
    Ok(())
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    router: Router,
    patience: Duration,
    watcher: Watcher,
) {
    stream.set_nodelay(true).unwrap_or_default();
    match tls {
        None => http(Patient::new(TokioIo::new(stream), patience), peer, router, watcher).await,
        Some(tls) => {
            if let Ok(Ok(stream)) = tokio::time::timeout(HEAD, tls.accept(stream)).await {
                http(Patient::new(TokioIo::new(stream), patience), peer, router, watcher).await;
            }
        }
    }
}

async fn http<I>(io: I, peer: SocketAddr, router: Router, watcher: Watcher)
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(HEADER_BYTES_MAX);
    let list_bytes = u32::try_from(HEADER_BYTES_MAX).unwrap_or(u32::MAX);
    builder.http2().timer(TokioTimer::new()).max_header_list_size(list_bytes).max_concurrent_streams(STREAMS_MAX);
    let asked = Arc::new(AtomicBool::new(false));
    let service = {
        let asked = Arc::clone(&asked);
        service_fn(move |mut request: Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().oneshot(request)
        })
    };
    let mut served = pin!(watcher.watch(builder.serve_connection(io, service).into_owned()));
    // Before its first request, a connection may be one of neither version yet, for which hyper has no clock.
    let served = match tokio::time::timeout(HEAD, &mut served).await {
        Ok(served) => served,
        Err(_) if !asked.load(Ordering::Relaxed) => return,
        Err(_) => served.await,
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection to the control API ended");
    }
}
