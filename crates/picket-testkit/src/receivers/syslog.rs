//! A receiver of syslog over TCP that reads frames by their lengths, and breaks connections when it is told to.

use crate::receivers::http::locked;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Longest frame.
const FRAME_BYTES_MAX: usize = 1024 * 1024;

/// A receiver that runs until it is dropped.
#[derive(Debug)]
pub struct Drain {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    /// Messages after which a connection ends; 0: none.
    ends_after: AtomicUsize,
    connections: AtomicUsize,
    open: AtomicUsize,
    messages: Mutex<Vec<String>>,
    broken: AtomicUsize,
}

impl Shared {
    fn serve(&self, stream: TcpStream) {
        if read(stream, self).is_err() {
            self.broken.fetch_add(1, Ordering::SeqCst);
        }
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Drain {
    /// Starts one on a free port of this machine.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if accepting.stop.load(Ordering::SeqCst) {
                    return;
                }
                accepting.connections.fetch_add(1, Ordering::SeqCst);
                accepting.open.fetch_add(1, Ordering::SeqCst);
                let shared = Arc::clone(&accepting);
                std::thread::spawn(move || shared.serve(stream));
            }
        });
        Ok(Self { address, shared })
    }

    /// Host and port.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Every message that was read, in order.
    pub fn messages(&self) -> Vec<String> {
        locked(&self.shared.messages).clone()
    }

    /// Connections so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Connections that stand.
    pub fn open(&self) -> usize {
        self.shared.open.load(Ordering::SeqCst)
    }

    /// Connections on which something came that is no frame.
    pub fn broken(&self) -> usize {
        self.shared.broken.load(Ordering::SeqCst)
    }

    /// Ends the next connections after so many messages each, whatever else they brought; 0: never.
    pub fn end_after(&self, messages: usize) {
        self.shared.ends_after.store(messages, Ordering::SeqCst);
    }
}

impl Drop for Drain {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
    }
}

/// Reads frames until the end of the connection; an error is a frame that is none.
fn read(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut count = 0;
    loop {
        let mut length = Vec::new();
        reader.by_ref().take(8).read_until(b' ', &mut length)?;
        if length.is_empty() {
            return Ok(());
        }
        let digits = length.strip_suffix(b" ").unwrap_or_default();
        let length: Option<usize> = std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok());
        let length =
            length.filter(|length| (1..=FRAME_BYTES_MAX).contains(length)).ok_or(io::ErrorKind::InvalidData)?;
        let mut message = vec![0; length];
        reader.read_exact(&mut message)?;
        let message = String::from_utf8(message).map_err(|_error| io::ErrorKind::InvalidData)?;
        if !message.starts_with('<') {
            return Err(io::ErrorKind::InvalidData.into());
        }
        locked(&shared.messages).push(message);
        count += 1;
        if (1..=count).contains(&shared.ends_after.load(Ordering::SeqCst)) {
            return Ok(());
        }
    }
}
