//! A service as checks of kind `remote` ask it, which answers what a test tells it to, true or not.

use serde_json::Value;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Heads that are read.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// How long a connection may do nothing.
const IDLE: Duration = Duration::from_secs(20);

/// A question that came.
#[derive(Debug, Clone)]
pub struct Question {
    /// Request line and headers, in small letters.
    pub head: String,
    /// The body.
    pub body: Value,
}

/// What the service sends.
#[derive(Debug, Clone)]
pub enum Reply {
    /// A status with a body of JSON.
    Json(u16, String),
    /// These bytes, and the end of the connection.
    Raw(Vec<u8>),
    /// These bytes, again and again.
    Endless(Vec<u8>),
    /// Nothing; the connection stays.
    Hang,
}

/// A service that runs until it is dropped.
#[derive(Debug)]
pub struct Service {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    connections: AtomicUsize,
    questions: Mutex<Vec<Question>>,
}

impl Service {
    /// Starts one on a free port of this machine.
    pub fn start(answer: impl Fn(&Question) -> Reply + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let (shared, answer) = (Arc::new(Shared::default()), Arc::new(answer));
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if accepting.stop.load(Ordering::SeqCst) {
                    return;
                }
                accepting.connections.fetch_add(1, Ordering::SeqCst);
                let (shared, answer) = (Arc::clone(&accepting), Arc::clone(&answer));
                std::thread::spawn(move || while serve(&stream, &shared, &*answer).unwrap_or(false) {});
            }
        });
        Ok(Self { address, shared })
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://{}/judge", self.address)
    }

    /// What it was asked so far.
    pub fn questions(&self) -> Vec<Question> {
        self.shared.questions.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Connections that were made to it.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
    }
}

impl Reply {
    /// One result for each text of a question.
    pub fn each(question: &Question, result: impl Fn(&str) -> Value) -> Self {
        let texts = question.body.get("texts").and_then(Value::as_array).cloned().unwrap_or_default();
        let results: Vec<Value> = texts
            .iter()
            .map(|asked| {
                let mut told = result(asked.get("text").and_then(Value::as_str).unwrap_or_default());
                if let Some(members) = told.as_object_mut() {
                    members.insert("id".to_owned(), asked.get("id").cloned().unwrap_or_default());
                }
                told
            })
            .collect();
        Self::Json(200, serde_json::json!({ "results": results }).to_string())
    }
}

/// Answers one question; whether the connection goes on.
fn serve(mut stream: &TcpStream, shared: &Shared, answer: &dyn Fn(&Question) -> Reply) -> io::Result<bool> {
    stream.set_read_timeout(Some(IDLE))?;
    stream.set_write_timeout(Some(IDLE))?;
    stream.set_nodelay(true)?;
    let question = read(stream)?;
    shared.questions.lock().unwrap_or_else(PoisonError::into_inner).push(question.clone());
    match answer(&question) {
        Reply::Json(status, body) => {
            let head = format!(
                "HTTP/1.1 {status} -\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(&[head.as_bytes(), body.as_bytes()].concat())?;
            Ok(true)
        }
        Reply::Raw(bytes) => stream.write_all(&bytes).map(|()| false),
        Reply::Endless(bytes) => loop {
            stream.write_all(&bytes)?;
        },
        Reply::Hang => stream.read(&mut [0]).map(|_| false),
    }
}

fn read(mut stream: &TcpStream) -> io::Result<Question> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && head.len() < HEAD_BYTES_MAX {
        stream.read_exact(&mut byte)?;
        head.extend_from_slice(&byte);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(Question { head, body: serde_json::from_slice(&body).unwrap_or_default() })
}
