//! Bytes as an attacker writes them: no client library between.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

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

/// Sends a head, then one byte at a time until the server answers or closes; the answers, and how long it took.
pub(super) fn trickle(base: &str, head: &[u8], byte: u8, pace: Duration) -> (Vec<Answer>, Duration) {
    let mut stream = connect(base);
    stream.write_all(head).unwrap();
    stream.set_read_timeout(Some(pace)).unwrap();
    let begun = Instant::now();
    let (mut read, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => read.extend_from_slice(&piece[..length]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if stream.write_all(&[byte]).is_err() {
                    break;
                }
            }
            Err(_) => break,
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "the server is endlessly patient");
    }
    (answers(&read), begun.elapsed())
}

pub(super) fn connect(base: &str) -> TcpStream {
    let stream = TcpStream::connect(base.trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
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
