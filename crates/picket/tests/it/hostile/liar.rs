//! A provider that lies about what it sends. What it does is named in the prompt as `#lie=NAME`.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// What a provider sends, and how it goes.
#[derive(Debug, Clone)]
pub(crate) struct Lie {
    pub(crate) name: String,
    pub(crate) sent: Vec<u8>,
    /// Sent over and over after the rest, until nobody reads.
    pub(crate) endless: &'static [u8],
    pub(crate) end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The connection ends in order.
    Close,
    /// The connection breaks.
    Reset,
    /// The connection stays, and serves the next request.
    Stay,
    /// Nothing more happens.
    Hang,
}

pub(crate) struct Liar {
    pub(crate) address: SocketAddr,
    /// Requests that came.
    pub(crate) asked: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Liar {
    pub(crate) fn start(lies: Vec<Lie>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let thread = std::thread::spawn({
            let (stop, asked) = (Arc::clone(&stop), Arc::clone(&asked));
            move || listen(&listener, &stop, &lies.into(), &asked)
        });
        Self { address, asked, stop, thread: Some(thread) }
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        self.thread.take().into_iter().for_each(|thread| thread.join().unwrap());
    }
}

fn listen(listener: &TcpListener, stop: &AtomicBool, lies: &Arc<[Lie]>, asked: &Arc<AtomicUsize>) {
    let running = |_: &TcpStream| !stop.load(Ordering::SeqCst);
    for stream in listener.incoming().map_while(Result::ok).take_while(running) {
        let (lies, asked) = (Arc::clone(lies), Arc::clone(asked));
        std::thread::spawn(move || while tell(&stream, &lies, &asked) {});
    }
}

/// Answers one request; whether the connection goes on.
fn tell(mut stream: &TcpStream, lies: &[Lie], asked: &AtomicUsize) -> bool {
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
    let Some(request) = request(stream) else { return false };
    asked.fetch_add(1, Ordering::SeqCst);
    let name = request.split("#lie=").nth(1).and_then(|rest| rest.split(['"', ' ']).next()).unwrap_or_default();
    let lie = lies.iter().find(|lie| lie.name == name).unwrap_or_else(|| panic!("there is no lie `{name}`"));
    // A connection that closes with something unread is reset.
    if lie.end != End::Reset {
        stream.read_exact(&mut [0]).unwrap();
    }
    let mut sent = stream.write_all(&lie.sent).is_ok();
    while sent && !lie.endless.is_empty() {
        sent = stream.write_all(lie.endless).is_ok();
    }
    if lie.end == End::Hang {
        // Until the other side has had enough.
        drop(stream.read(&mut [0]));
    }
    sent && lie.end == End::Stay
}

/// Reads a request, but for its last byte.
fn request(mut stream: &TcpStream) -> Option<String> {
    let mut read = Vec::new();
    let mut byte = [0];
    while !read.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        read.push(byte[0]);
    }
    let head = String::from_utf8(read).unwrap().to_ascii_lowercase();
    let length: usize = head.split("content-length: ").nth(1)?.split("\r\n").next()?.parse().ok()?;
    let mut body = vec![0; length - 1];
    stream.read_exact(&mut body).ok()?;
    String::from_utf8(body).ok()
}
