//! Bytes as an attacker writes them: no client library between.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// An answer, read from the wire.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        lines.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
    }
}

/// Writes bytes, and reads every answer until the server closes the connection.
pub(super) fn exchange(base: &str, bytes: &[u8]) -> Vec<Answer> {
    let mut stream = connect(base);
    let mut writer = stream.try_clone().unwrap();
    std::thread::scope(|scope| {
        // A server that refuses early does not read the rest.
        scope.spawn(move || drop(writer.write_all(bytes)));
        let mut read = Vec::new();
        match stream.read_to_end(&mut read) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            Err(error) => panic!("{error}: the server keeps the connection open; so far {read:?}"),
        }
        answers(&read)
    })
}

/// Writes everything, and only then reads every answer until the server closes the connection.
pub(super) fn send_all(base: &str, bytes: &[u8]) -> Vec<Answer> {
    let mut stream = connect(base);
    stream.write_all(bytes).unwrap();
    let mut read = Vec::new();
    stream.read_to_end(&mut read).unwrap();
    answers(&read)
}

/// How a sender goes on after the head.
#[derive(Debug, Clone, Copy)]
pub(super) enum Goes {
    /// A byte now and then.
    Slowly(u8),
    /// Not at all.
    Silent,
}

/// A byte so often.
const PACE: Duration = Duration::from_millis(40);
/// Beyond that nobody waits for the server to lose its patience, however busy the machine is.
const BYTES_MAX: usize = 3_000;
const SILENCE_MAX: Duration = Duration::from_secs(120);

/// Sends a head and goes on until the server closes the connection; what it answered.
pub(super) fn trickle(base: &str, head: &[u8], goes: Goes) -> Vec<Answer> {
    let mut stream = connect(base);
    stream.write_all(head).unwrap();
    let (wait, more) = match goes {
        Goes::Slowly(_) => (PACE, BYTES_MAX),
        Goes::Silent => (SILENCE_MAX, 0),
    };
    stream.set_read_timeout(Some(wait)).unwrap();
    let (mut read, mut piece, mut sent) = (Vec::new(), [0; 4096], 0);
    loop {
        match (stream.read(&mut piece), goes) {
            (Ok(0), _) => break,
            (Ok(length), _) => read.extend_from_slice(&piece[..length]),
            (Err(error), _) if !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break,
            (Err(_waits), Goes::Slowly(byte)) if sent < more => {
                sent += 1;
                if stream.write_all(&[byte]).is_err() {
                    break;
                }
            }
            (Err(_waits), _) => panic!("the server is endlessly patient"),
        }
    }
    answers(&read)
}

pub(super) fn connect(base: &str) -> TcpStream {
    let stream = TcpStream::connect(base.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Cuts what a server sent into its answers, by their lengths.
fn answers(mut bytes: &[u8]) -> Vec<Answer> {
    let mut answers = Vec::new();
    while let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap_or_default().parse().unwrap_or_else(|_| panic!("{head}"));
        let mut answer = Answer { status, head, body: String::new() };
        let length = answer.header("content-length").map_or(0, |text| text.parse().unwrap());
        let rest = &bytes[end + 4..];
        answer.body = String::from_utf8(rest[..length.min(rest.len())].to_vec()).unwrap();
        bytes = &rest[length.min(rest.len())..];
        answers.push(answer);
    }
    assert!(bytes.is_empty(), "half an answer: {}", String::from_utf8_lossy(bytes));
    answers
}
