//! A server of HTTP/1.1 that does to a connection whatever a test wants.

use flate2::read::GzDecoder;
use std::collections::VecDeque;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Heads that are read.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// Bodies that are read, packed and unpacked.
const BODY_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How long a connection may do nothing.
const IDLE: Duration = Duration::from_secs(20);

/// A request that came.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Method.
    pub method: String,
    /// Path, without the query.
    pub path: String,
    /// Behind `?`.
    pub query: String,
    /// Names in small letters, with values.
    pub headers: Vec<(String, String)>,
    /// The body, unpacked.
    pub body: Vec<u8>,
    /// Bytes of the body as they came.
    pub packed_bytes: usize,
}

impl Ask {
    /// The value of a header, whose name is in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What is sent back.
#[derive(Debug, Clone)]
pub enum Reply {
    /// Status, headers, body.
    Answer(u16, Vec<(String, String)>, Vec<u8>),
    /// These bytes, and the end of the connection.
    Raw(Vec<u8>),
    /// These bytes, and then nothing; the connection stays.
    Stuck(Vec<u8>),
    /// These bytes, again and again.
    Endless(Vec<u8>),
}

impl Reply {
    /// A status with a body of JSON.
    pub fn json(status: u16, body: &str) -> Self {
        Self::Answer(status, vec![("content-type".to_owned(), "application/json".to_owned())], body.into())
    }

    /// A status with a page for people.
    pub fn html(status: u16, body: &str) -> Self {
        Self::Answer(status, vec![("content-type".to_owned(), "text/html".to_owned())], body.into())
    }

    /// A status alone.
    pub fn empty(status: u16) -> Self {
        Self::Answer(status, Vec::new(), Vec::new())
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if let Self::Answer(_, headers, _) = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }
}

/// What goes wrong with a request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// This is said, and nothing was taken in.
    Instead(Reply),
    /// The request was taken in, and this is said.
    After(Reply),
    /// The connection is reset before the body was read.
    Reset,
}

type Handler = dyn Fn(&Ask) -> Reply + Send + Sync;

/// A server that runs until it is dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

struct Shared {
    stop: AtomicBool,
    keeps: bool,
    connections: AtomicUsize,
    asked: Mutex<Vec<Ask>>,
    faults: Mutex<VecDeque<Fault>>,
    always: Mutex<Option<Fault>>,
    handler: Box<Handler>,
}

impl Server {
    /// Starts one on a free port of this machine.
    pub fn start(handler: impl Fn(&Ask) -> Reply + Send + Sync + 'static) -> io::Result<Self> {
        Self::of(handler, true)
    }

    /// The same, but what was asked is not kept: for benchmarks.
    pub fn forgetting(handler: impl Fn(&Ask) -> Reply + Send + Sync + 'static) -> io::Result<Self> {
        Self::of(handler, false)
    }

    fn of(handler: impl Fn(&Ask) -> Reply + Send + Sync + 'static, keeps: bool) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            stop: AtomicBool::new(false),
            keeps,
            connections: AtomicUsize::new(0),
            asked: Mutex::default(),
            faults: Mutex::default(),
            always: Mutex::default(),
            handler: Box::new(handler),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if accepting.stop.load(Ordering::SeqCst) {
                    return;
                }
                accepting.connections.fetch_add(1, Ordering::SeqCst);
                let shared = Arc::clone(&accepting);
                std::thread::spawn(move || while serve(&stream, &shared).unwrap_or(false) {});
            }
        });
        Ok(Self { address, shared })
    }

    /// Scheme, host and port.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far, those with faults too, but for such as were not read.
    pub fn asked(&self) -> Vec<Ask> {
        locked(&self.shared.asked).clone()
    }

    /// How many connections were made.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// What goes wrong with the next requests, one after another.
    pub fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        locked(&self.shared.faults).extend(faults);
    }

    /// What goes wrong with every request that no other fault is for, until it is `None`.
    pub fn fail_always(&self, fault: Option<Fault>) {
        *locked(&self.shared.always) = fault;
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        locked(&self.shared.faults).clear();
        self.fail_always(None);
    }

    /// How many faults did not happen yet.
    pub fn faults_left(&self) -> usize {
        locked(&self.shared.faults).len()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        drop(TcpStream::connect(self.address));
    }
}

/// A mutex whose holder may have panicked in a test.
pub fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers one request; true when the connection goes on.
fn serve(stream: &TcpStream, shared: &Shared) -> io::Result<bool> {
    stream.set_read_timeout(Some(IDLE))?;
    let Some((head, mut body)) = read_head(stream)? else { return Ok(false) };
    let next = locked(&shared.faults).pop_front();
    let fault = next.or_else(|| locked(&shared.always).clone());
    if matches!(fault, Some(Fault::Reset)) {
        // What is closed with bytes that nobody read is reset.
        return Ok(false);
    }
    let mut ask = parse(&head);
    let length: u64 = ask.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    if length > BODY_BYTES_MAX {
        return Ok(false);
    }
    let missing = length.saturating_sub(body.len().try_into().unwrap_or(u64::MAX));
    stream.take(missing).read_to_end(&mut body)?;
    ask.packed_bytes = body.len();
    ask.body = body;
    let refused = match ask.header("content-encoding") {
        None => None,
        Some("gzip") => {
            let mut unpacked = Vec::new();
            let read = GzDecoder::new(&ask.body[..]).take(BODY_BYTES_MAX).read_to_end(&mut unpacked);
            ask.body = unpacked;
            read.err().map(|_error| Reply::html(400, "<html>not gzip</html>"))
        }
        Some(_) => Some(Reply::html(415, "<html><h1>415 Unsupported Media Type</h1></html>")),
    };
    if shared.keeps {
        locked(&shared.asked).push(ask.clone());
    }
    let reply = match (refused, fault) {
        (Some(reply), _) => reply,
        (None, Some(Fault::Instead(reply))) => reply,
        (None, Some(Fault::After(reply))) => {
            drop((shared.handler)(&ask));
            reply
        }
        (None, _) => (shared.handler)(&ask),
    };
    answer(stream, shared, reply)
}

fn answer(mut stream: &TcpStream, shared: &Shared, reply: Reply) -> io::Result<bool> {
    match reply {
        Reply::Answer(status, headers, body) => {
            let mut head = format!("HTTP/1.1 {status} Reason\r\ncontent-length: {}\r\n", body.len());
            for (name, value) in headers {
                head.push_str(&name);
                head.push_str(": ");
                head.push_str(&value);
                head.push_str("\r\n");
            }
            head.push_str("\r\n");
            stream.write_all(&[head.as_bytes(), &body].concat())?;
            Ok(true)
        }
        Reply::Raw(bytes) => {
            stream.write_all(&bytes)?;
            stream.shutdown(Shutdown::Write)?;
            Ok(false)
        }
        Reply::Stuck(bytes) => {
            stream.write_all(&bytes)?;
            // Until the other side gives up.
            loop {
                if shared.stop.load(Ordering::SeqCst) || stream.read(&mut [0; 64])? == 0 {
                    return Ok(false);
                }
            }
        }
        Reply::Endless(bytes) => {
            while !shared.stop.load(Ordering::SeqCst) {
                stream.write_all(&bytes)?;
            }
            Ok(false)
        }
    }
}

/// The head, and what was read behind it; none at the end of the connection.
fn read_head(mut stream: &TcpStream) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut bytes = Vec::new();
    let mut piece = [0; 8_192];
    loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let rest = bytes.split_off(at + 4);
            return Ok(Some((String::from_utf8_lossy(&bytes).into_owned(), rest)));
        }
        let read = stream.read(&mut piece)?;
        if read == 0 || bytes.len() > HEAD_BYTES_MAX {
            return Ok(None);
        }
        bytes.extend_from_slice(piece.get(..read).unwrap_or_default());
    }
}

fn parse(head: &str) -> Ask {
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    Ask {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: lines.filter_map(header).collect(),
        body: Vec::new(),
        packed_bytes: 0,
    }
}
