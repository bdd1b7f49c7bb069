//! Accepting connections: one thread and one runtime for each core.

use crate::exchange;
use crate::flow;
use crate::holds::Holds;
use crate::identify;
use crate::inbound;
use crate::jwt::{JwtCounts, People};
use crate::lane::{Lane as Beside, LaneCounts};
use crate::metrics::Metrics;
use crate::patient::Patient;
use crate::places::Places;
use crate::pool::Pool;
use crate::probe::{self, Readiness};
use crate::remote::{RemoteCounts, Remotes};
use crate::running::Running;
use crate::second::{SecondTier, SecondTierCounts};
use crate::snapshot::{Provider, Snapshot};
use crate::unclosed::Unclosed;
use arc_swap::ArcSwap;
use bytes::Bytes;
use http::{HeaderValue, Request, Response, Version, header};
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use picket_bodies::manifest::Seen;
use picket_db::{Db, Lane};
use picket_egress::{EgressError, Upstream};
use picket_event::{EventId, Workspace};
use picket_keys::Keyring;
use picket_log::EventLog;
use picket_policy::{Policy, SlowCheck, Toolbox};
use picket_stdx::limits::HEADER_BYTES_MAX;
use picket_store::Credentials;
use picket_store::containments::Containments;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The body of an answer to a caller.
pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// Connections of one thread at a time.
const CONNECTIONS_MAX: usize = 8_192;
/// Messages whose place is remembered, so that a conversation is stored once.
const SEEN_MESSAGES: NonZeroUsize = NonZeroUsize::new(131_072).expect("131,072 is not zero");
/// Writes that may wait before `buffered` refuses.
const SATURATED: usize = 6_000;
/// How long a caller waits for room before it is refused.
const ROOM_WAIT: Duration = Duration::from_millis(500);

/// What the gateway needs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The workspace's log.
    pub log: EventLog,
    /// The database behind it, to know how much waits.
    pub db: Db,
    /// Keys for digests.
    pub keyring: Keyring,
    /// Gateway keys.
    pub credentials: Credentials,
    /// What is in force against whom.
    pub containments: Containments,
    /// Who knows those whom an identity provider vouches for.
    pub people: Arc<dyn People>,
    /// The workspace.
    pub workspace: Workspace,
    /// Configuration and policy; swapped while requests run.
    pub snapshot: Arc<ArcSwap<Snapshot>>,
    /// Slower detectors, for checks that are late or unsure.
    pub slow: Vec<Arc<dyn SlowCheck>>,
    /// How many examinations may wait beside the requests.
    pub late_waiting_max: usize,
}

/// The data plane. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Gateway(Arc<Shared>);

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) log: EventLog,
    pub(crate) db: Db,
    pub(crate) keyring: Keyring,
    pub(crate) credentials: Credentials,
    pub(crate) containments: Containments,
    pub(crate) people: Arc<dyn People>,
    pub(crate) workspace: Workspace,
    pub(crate) snapshot: Arc<ArcSwap<Snapshot>>,
    pub(crate) toolbox: Arc<Toolbox>,
    pub(crate) holds: Holds,
    pub(crate) metrics: Metrics,
    pub(crate) running: Running,
    pub(crate) unclosed: Unclosed,
    pub(crate) seen: Seen,
    pub(crate) lane: Beside,
    pub(crate) second: SecondTier,
    /// What hashes of prompts begin with: nobody outside can tell what a hash is of.
    pub(crate) likeness: u64,
    readiness: Readiness,
}

impl Gateway {
    /// A gateway that serves nothing yet, but could at once.
    pub fn new(settings: Settings) -> Self {
        let Settings {
            log,
            db,
            keyring,
            credentials,
            containments,
            people,
            workspace,
            snapshot,
            slow,
            late_waiting_max,
        } = settings;
        let (toolbox, holds, metrics) = (Arc::new(Toolbox::with(slow)), Holds::default(), Metrics::default());
        crate::warm::warm(&snapshot.load(), log.clock().now());
        snapshot.load().policy.prepare(&toolbox);
        let likeness =
            keyring.keyed_hash("prompt", b"simhash").first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        Self(Arc::new(Shared {
            likeness,
            log,
            db,
            keyring,
            credentials,
            containments,
            people,
            workspace,
            snapshot,
            toolbox,
            holds,
            metrics,
            running: Running::default(),
            unclosed: Unclosed::default(),
            seen: Seen::new(SEEN_MESSAGES),
            lane: Beside::new(late_waiting_max),
            second: SecondTier::default(),
            readiness: Readiness::default(),
        }))
    }

    /// Counters.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// The services that checks of the policy in force ask, and how they have been doing.
    pub fn remotes(&self) -> Vec<RemoteCounts> {
        self.0.snapshot.load().remotes.iter().map(|remote| remote.counts()).collect()
    }

    /// How the keys of the identity provider have been doing whose tokens callers may show.
    pub fn jwt(&self) -> Option<JwtCounts> {
        self.0.snapshot.load().jwt.as_ref().map(|jwt| jwt.counts())
    }

    /// Makes ready what requests will ask under a policy that comes into force.
    pub fn prepare(&self, policy: &Policy) {
        policy.prepare(&self.0.toolbox);
    }

    /// How the slower detectors have been doing inside requests.
    pub fn second_tier(&self) -> SecondTierCounts {
        self.0.second.counts()
    }

    /// How what is examined beside the requests has been doing.
    pub fn lane(&self) -> LaneCounts {
        self.0.lane.counts()
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.0
    }

    /// Whether a request that the log holds open still runs here; its end will be written then.
    pub fn runs(&self, event: EventId) -> bool {
        self.0.running.has(event)
    }

    /// Says where `/readyz` asks why requests cannot be taken now, in a word or two; none while they can. Nobody is
    /// ready before.
    pub fn tell_readiness(&self, cause: impl Fn() -> Option<&'static str> + Send + Sync + 'static) {
        self.0.readiness.tell(cause);
    }

    /// Why nothing can be recorded now, in a word; none while it can.
    pub fn unrecordable(&self) -> Option<&'static str> {
        let is_saturated = || self.0.db.is_saturated(Lane::Gateway, SATURATED);
        self.0.blocked().or_else(|| is_saturated().then_some("queue"))
    }

    /// Requests that wait for a person.
    pub fn holds(&self) -> &Holds {
        &self.0.holds
    }
}

impl Shared {
    /// A keyed digest of a message, of whose it is, and of what came before it.
    pub(crate) fn digest(&self, parts: &[&[u8]]) -> [u8; 16] {
        let hash = self.keyring.keyed_hash("message", &parts.join(&0));
        hash.first_chunk().copied().unwrap_or_default()
    }

    /// Has the writer begin: an answer waits.
    pub(crate) fn hurry(&self) {
        self.db.hurry();
    }

    /// Why nothing can be made durable now, in a word.
    pub(crate) fn blocked(&self) -> Option<&'static str> {
        self.db.is_blocked().then(|| if self.db.is_full() { "disk" } else { "log" })
    }

    /// Whether a buffered record will find room, for which a caller waits a moment.
    pub(crate) async fn has_room(&self) -> bool {
        let asked = Instant::now();
        while self.db.is_saturated(Lane::Gateway, SATURATED) {
            if asked.elapsed() > ROOM_WAIT {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        true
    }
}

/// One thread's part: its own connections to providers.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    upstreams: Pool<Provider>,
    pub(crate) remotes: Remotes,
    /// Requests that are not recorded to their end yet, though their connections may be gone.
    running: TaskTracker,
    /// Ends the wait for people when the server stops.
    pub(crate) draining: CancellationToken,
}

impl Worker {
    /// The connections to a provider.
    pub(crate) fn upstream(&self, provider: &Arc<Provider>) -> Result<Upstream, EgressError> {
        self.upstreams.get(provider, |provider| {
            let (url, limits) = (&provider.base_url, provider.limits.clone());
            match &provider.ca {
                None => Upstream::new(url, limits),
                Some(pem) => Upstream::trusting(url, limits, pem),
            }
        })
    }
}

/// Sockets on one address, one for each thread.
#[derive(Debug)]
pub struct Listeners {
    address: SocketAddr,
    sockets: Vec<std::net::TcpListener>,
}

impl Listeners {
    /// Binds `threads` sockets to an address; the kernel spreads connections over them.
    pub fn bind(address: SocketAddr, threads: usize) -> io::Result<Self> {
        if threads < 2 {
            let only = listen(bound(address)?)?;
            return Ok(Self { address: only.local_addr()?, sockets: vec![only] });
        }
        // Sockets that share an address share it with other processes too, and half of the callers would reach whoever
        // came first. One that does not share fails then.
        let address = bound(address)?.local_addr()?;
        let sockets = (0..threads).map(|_| {
            let socket = unbound(address)?;
            #[cfg(unix)]
            socket.set_reuseport(true)?;
            socket.bind(address)?;
            listen(socket)
        });
        Ok(Self { address, sockets: sockets.collect::<io::Result<_>>()? })
    }

    /// Where they listen.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The sockets.
    pub fn into_sockets(self) -> Vec<std::net::TcpListener> {
        self.sockets
    }
}

fn unbound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    Ok(socket)
}

/// A socket with an address of its own.
fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = unbound(address)?;
    socket.bind(address)?;
    Ok(socket)
}

fn listen(socket: TcpSocket) -> io::Result<std::net::TcpListener> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let _inside = runtime.enter();
    socket.listen(1_024)?.into_std()
}

/// Serves one socket until `draining` resolves, then finishes what runs, at most until `stopped` resolves. Blocks the
/// calling thread.
pub fn serve<D, S>(
    gateway: &Gateway,
    socket: std::net::TcpListener,
    tls: Option<TlsAcceptor>,
    draining: D,
    stopped: S,
) -> io::Result<()>
where
    D: Future<Output = ()>,
    S: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let worker = Arc::new(Worker {
        shared: Arc::clone(&gateway.0),
        upstreams: Pool::default(),
        remotes: Remotes::default(),
        running: TaskTracker::new(),
        draining: CancellationToken::new(),
    });
    runtime.block_on(async {
        socket.set_nonblocking(true)?;
        let listener = TcpListener::from_std(socket)?;
        accept(worker, listener, tls, draining, stopped).await;
        Ok(())
    })
}

async fn accept(
    worker: Arc<Worker>,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    draining: impl Future<Output = ()>,
    stopped: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let places = Places::new(CONNECTIONS_MAX);
    tokio::pin!(draining);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut draining => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, most likely: wait for some to come back.
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let is_proxy = identify::is_trusted(&worker.shared.snapshot.load().trusted_proxies, peer.ip());
        let Some(place) = places.take(peer.ip(), is_proxy) else { continue };
        let (worker, tls, watcher) = (Arc::clone(&worker), tls.clone(), graceful.watcher());
        tokio::spawn(async move {
            connection(worker, stream, peer, tls, watcher).await;
            drop(place);
        });
    }
    drop(listener);
    worker.draining.cancel();
    let ended = async {
        graceful.shutdown().await;
        worker.running.close();
        worker.running.wait().await;
    };
    tokio::select! {
        () = ended => {}
        () = stopped => tracing::warn!("requests that still ran were ended"),
    }
}

async fn connection(
    worker: Arc<Worker>,
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    watcher: Watcher,
) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection cannot be set up");
        return;
    }
    let patience = worker.shared.snapshot.load().patience;
    let head = patience.head;
    match tls {
        None => http(worker, Patient::new(TokioIo::new(stream), patience.send), peer.ip(), watcher, head).await,
        Some(tls) => match tokio::time::timeout(head, tls.accept(stream)).await {
            Ok(Ok(stream)) => {
                http(worker, Patient::new(TokioIo::new(stream), patience.send), peer.ip(), watcher, head).await;
            }
            Ok(Err(error)) => tracing::debug!(%error, "TLS failed"),
            Err(_) => tracing::debug!("TLS took too long"),
        },
    }
}

async fn http<I>(worker: Arc<Worker>, io: I, peer: IpAddr, watcher: Watcher, head: Duration)
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(head).max_buf_size(HEADER_BYTES_MAX.max(64 * 1024));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(HEADER_BYTES_MAX).unwrap_or(32_768))
        .max_concurrent_streams(256);
    let asked = Arc::new(AtomicBool::new(false));
    let service = {
        let asked = Arc::clone(&asked);
        service_fn(move |request| {
            asked.store(true, Ordering::Relaxed);
            one(Arc::clone(&worker), request, peer)
        })
    };
    let mut served = pin!(watcher.watch(builder.serve_connection(io, service).into_owned()));
    // Before its first request, a connection may be one of neither version yet, for which hyper has no clock.
    let first = tokio::time::timeout(head, &mut served).await;
    if first.is_err() && !asked.load(Ordering::Relaxed) {
        return tracing::debug!("a connection brought no request");
    }
    let served = match first {
        Ok(served) => served,
        Err(_) => served.await,
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended");
    }
}

/// One request. Its work goes on when the caller leaves, so that its end is recorded.
async fn one(worker: Arc<Worker>, request: Request<Incoming>, peer: IpAddr) -> Result<Response<Body>, Infallible> {
    let (reply, answer) = oneshot::channel();
    let (head, mut body) = request.into_parts();
    if let Some(probed) = probe::answer(&worker.shared.readiness, &head) {
        return Ok(probed);
    }
    let is_chunked = head.headers.contains_key(header::TRANSFER_ENCODING);
    let running = worker.running.clone();
    let patience = worker.shared.snapshot.load().patience;
    let is_stream = head.version == Version::HTTP_2;
    running.spawn(async move {
        exchange::run(worker, head, &mut body, peer, reply).await;
        inbound::discard(body, patience).await;
    });
    let mut response = answer.await.unwrap_or_else(|_lost| {
        let refusal = crate::failure::Refusal::failed(
            500,
            "internal_error",
            "the gateway failed",
            picket_event::Outcome::Unknown,
        );
        refusal.response(picket_llm::Dialect::OpenAi, "")
    });
    if is_stream {
        // A little later than the one who sends would notice, who can say why.
        response = response.map(|body| flow::bounded(body, patience.send + patience.send / 4));
    }
    // hyper lets chunks win over a length, and hides whether there was one. A server in front that believed the length
    // takes what follows for another caller's request, so nothing may follow.
    if is_chunked {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    Ok(response)
}
