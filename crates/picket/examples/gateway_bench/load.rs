//! Callers: each has a connection that it keeps, and asks again as soon as it is answered.

use crate::Failure;
use crate::prompt::Prompts;
use crate::provider::{content_length, split};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// After a refusal for lack of room, a caller waits so long.
const REFUSED: Duration = Duration::from_millis(10);

/// What a slice asks for.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    pub(crate) address: SocketAddr,
    /// Value of `Authorization`.
    pub(crate) bearer: String,
    pub(crate) model: &'static str,
    pub(crate) streams: bool,
    pub(crate) bytes: usize,
    pub(crate) callers: usize,
    pub(crate) time: Duration,
    /// Which slice it is, so that no two send one prompt.
    pub(crate) lane: u64,
}

/// What callers saw.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Answers with status 200.
    pub(crate) answered: u64,
    /// Answers with status 503.
    pub(crate) refused: u64,
    /// Time to the whole answer; of a stream, to its first event.
    pub(crate) times: Vec<Duration>,
    pub(crate) elapsed: Duration,
}

/// Runs all callers of a load to its end.
pub(crate) async fn run(load: &Load) -> Result<Seen, Failure> {
    let begun = Instant::now();
    let callers: Vec<_> =
        (0..load.callers).map(|number| tokio::spawn(caller(load.clone(), number, begun + load.time))).collect();
    let mut all = Seen::default();
    for one in callers {
        let one = one.await??;
        all.answered += one.answered;
        all.refused += one.refused;
        all.times.extend(one.times);
    }
    all.elapsed = begun.elapsed();
    all.times.sort_unstable();
    Ok(all)
}

async fn caller(load: Load, number: usize, until: Instant) -> Result<Seen, Failure> {
    let lane = load.lane * 256 + u64::try_from(number)?;
    let mut prompts = Prompts::new(load.model, load.streams, load.bytes, lane);
    let head = format!(
        "POST /v1/chat/completions HTTP/1.1\r\nhost: {}\r\nauthorization: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        load.address,
        load.bearer,
        prompts.len()
    );
    let mut stream = TcpStream::connect(load.address).await?;
    stream.set_nodelay(true)?;
    let (mut seen, mut request, mut answer) = (Seen::default(), Vec::new(), Vec::with_capacity(16 * 1_024));
    while Instant::now() < until {
        request.clear();
        request.extend_from_slice(head.as_bytes());
        prompts.next(&mut request);
        let asked = Instant::now();
        stream.write_all(&request).await?;
        let (status, time) = read(&mut stream, &mut answer, asked).await?;
        match status {
            200 => {
                seen.answered += 1;
                seen.times.push(time);
            }
            503 => {
                seen.refused += 1;
                tokio::time::sleep(REFUSED).await;
            }
            other => return Err(format!("status {other}: {}", String::from_utf8_lossy(&answer)).into()),
        }
    }
    Ok(seen)
}

/// Reads one answer: its status, and when it was there; of a stream, when its first event was.
async fn read(stream: &mut TcpStream, answer: &mut Vec<u8>, asked: Instant) -> Result<(u16, Duration), Failure> {
    answer.clear();
    let mut first = None;
    loop {
        if stream.read_buf(answer).await? == 0 {
            return Err("the peer closed a connection that it was to keep".into());
        }
        let Some((head, body)) = split(answer) else { continue };
        let status = head.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or_default().parse()?;
        let whole = match content_length(head) {
            Some(length) => body.len() >= length,
            None => {
                if first.is_none() && body.len() > 16 {
                    first = Some(asked.elapsed());
                }
                body.ends_with(b"0\r\n\r\n")
            }
        };
        if whole {
            return Ok((status, first.unwrap_or_else(|| asked.elapsed())));
        }
    }
}
