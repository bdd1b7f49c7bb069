//! A model provider that costs little: plain sockets, answers made beforehand. The model's name says how it behaves:
//! `gpt-now` answers at once, `gpt-20ms` after 20 ms.

use crate::Failure;
use std::io::Write as _;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Events of a stream, and the time between two of them.
const EVENTS: usize = 20;
const PACE: Duration = Duration::from_millis(5);
/// How long `gpt-20ms` thinks.
const THOUGHT: Duration = Duration::from_millis(20);

/// Serves until it is killed; says its address on standard output.
pub(crate) fn run() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        writeln!(std::io::stdout(), "{}", listener.local_addr()?)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            // A peer that closes its connection ends the task; nothing is to be said about it.
            tokio::spawn(async move { serve(stream).await.unwrap_or_default() });
        }
    })
}

async fn serve(mut stream: TcpStream) -> Result<(), Failure> {
    let (json, events) = (json(), events());
    let mut buffer = Vec::with_capacity(128 * 1_024);
    loop {
        let Some(request) = request(&mut stream, &mut buffer).await? else { return Ok(()) };
        if request.thinks {
            tokio::time::sleep(THOUGHT).await;
        }
        if !request.streams {
            stream.write_all(&json).await?;
            continue;
        }
        stream.write_all(HEAD).await?;
        for (number, event) in events.iter().enumerate() {
            if number > 0 {
                tokio::time::sleep(PACE).await;
            }
            stream.write_all(event).await?;
        }
    }
}

struct Request {
    streams: bool,
    thinks: bool,
}

/// Reads one request whole, and forgets it.
async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<Option<Request>, Failure> {
    buffer.clear();
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
        let Some((head, body)) = split(buffer) else { continue };
        if body.len() >= content_length(head).unwrap_or(0) {
            let begin = body.get(..64).unwrap_or(body);
            let says = |word: &[u8]| begin.windows(word.len()).any(|window| window == word);
            return Ok(Some(Request { streams: says(b"\"stream\":true"), thinks: says(b"gpt-20ms") }));
        }
    }
}

/// Head and body of a message whose head is whole.
pub(crate) fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.windows(4).take(4_096).position(|window| window == b"\r\n\r\n")?;
    Some((bytes.get(..at)?, bytes.get(at + 4..)?))
}

/// The content length that a head names.
pub(crate) fn content_length(head: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(head).ok()?;
    let line =
        text.lines().find(|line| line.get(..15).is_some_and(|name| name.eq_ignore_ascii_case("content-length:")))?;
    line.get(15..)?.trim().parse().ok()
}

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-accel-buffering: no\r\ntransfer-encoding: chunked\r\n\r\n";

fn json() -> Vec<u8> {
    let text = "Here is the summary that you asked for. ".repeat(12);
    let body = format!(
        r#"{{"id":"chatcmpl-1","object":"chat.completion","created":1735689600,"model":"gpt-now","choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}"}},"finish_reason":"stop"}}],"usage":{{"prompt_tokens":200,"completion_tokens":100,"total_tokens":300}}}}"#
    );
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    (head + &body).into_bytes()
}

fn events() -> Vec<Vec<u8>> {
    let event = |delta: &str, finish: &str| {
        format!(
            "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1735689600,\"model\":\"gpt-now\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{finish}}}]}}\n\n"
        )
    };
    let mut events: Vec<String> =
        (1..EVENTS).map(|_| event("{\"content\":\" and so the report says\"}", "null")).collect();
    events.push(event("{}", "\"stop\"") + "data: [DONE]\n\n");
    let last = events.len() - 1;
    let chunk = |text: &String| format!("{:x}\r\n{text}\r\n", text.len());
    let ended = |(at, text): (usize, &String)| chunk(text) + if at == last { "0\r\n\r\n" } else { "" };
    events.iter().enumerate().map(|event| ended(event).into_bytes()).collect()
}
