//! What a flood of wrong credentials does to good traffic: `cargo xt bench gateway flood [--seconds N]`.
//!
//! Good callers go on asking while others send junk tokens to the gateway, or wrong passwords to the control API, at a
//! rate that is kept. Load, flood and provider share one core, so that good callers are also measured past Picket, at
//! the provider itself, in the same flood: that much of the difference is the machine's.

use crate::load::{self, Load, Seen};
use crate::peers::{Picket, Provider};
use crate::provider::{content_length, split};
use crate::scenario::{FLOODED, Setup};
use crate::{Failure, account};
use picket_stdx::encode::{base62_number, random_base62};
use std::io::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

const ROUNDS: usize = 3;
/// Connections of the flood.
const CONNECTIONS: usize = 32;
/// Good callers; the provider takes 20 ms for each answer.
const CALLERS: usize = 4;

/// What is sent, how often in a second.
#[derive(Debug, Clone, Copy)]
enum Flood {
    /// Nothing.
    None,
    /// Gateway keys: half of no form at all, half with a right checksum and the id of a key that is there.
    Tokens(u32),
    /// Sign-ins with a wrong password, by names that nobody has.
    Logins(u32),
}

impl Flood {
    fn rate(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Tokens(rate) | Self::Logins(rate) => rate,
        }
    }
}

/// Times of one phase.
#[derive(Debug, Default)]
struct Phase {
    picket: Vec<Duration>,
    direct: Vec<Duration>,
    sent: u64,
    seconds: f64,
    statuses: std::collections::BTreeMap<u16, u64>,
}

/// All phases, one after the other in rounds.
pub(crate) fn measure(runtime: &Runtime, slice: Duration) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    let provider = Provider::start()?;
    let setup: &Setup = &FLOODED;
    let picket = Picket::start(runtime, setup, provider.address)?;
    let floods = [Flood::None, Flood::Tokens(10_000), Flood::Logins(1_000)];
    let mut phases = [Phase::default(), Phase::default(), Phase::default()];
    let mut answered = warm_up(runtime, &picket)?;
    for round in 0..ROUNDS {
        for (flood, phase) in floods.into_iter().zip(&mut phases) {
            let lane = u64::try_from(round)? * 16 + u64::from(flood.rate() / 1_000);
            answered += one(runtime, &picket, provider.address, flood, phase, (slice, lane))?;
        }
    }
    let recorded = picket.settled(runtime, answered)?;
    writeln!(
        out,
        "{ROUNDS} rounds of {:.0} s; audit: strict; {CALLERS} good callers of 1 KiB, provider 20 ms",
        slice.as_secs_f64()
    )?;
    for (flood, mut phase) in floods.into_iter().zip(phases) {
        phase.picket.sort_unstable();
        phase.direct.sort_unstable();
        let at = |times: &[Duration], part: usize| {
            times.get(times.len() * part / 100).copied().unwrap_or_default().as_secs_f64() * 1e3
        };
        #[expect(clippy::cast_precision_loss, reason = "figures for people")]
        let rate = phase.sent as f64 / phase.seconds;
        writeln!(
            out,
            "{flood:?}: {rate:.0}/s sent, answers {:?}; good: p50 {:.1} ms, p99 {:.1} ms of {}; past Picket: p50 {:.1} ms, p99 {:.1} ms of {}",
            phase.statuses,
            at(&phase.picket, 50),
            at(&phase.picket, 99),
            phase.picket.len(),
            at(&phase.direct, 50),
            at(&phase.direct, 99),
            phase.direct.len(),
        )?;
    }
    writeln!(out, "memory at most {:.1} MiB", account::peak_mib(picket.id())?)?;
    writeln!(out, "{answered} answers, {recorded} completed events in the index, lag 0")?;
    if answered == recorded { Ok(()) } else { Err("answers and events differ".into()) }
}

fn good(address: SocketAddr, key: &str, time: Duration, lane: u64) -> Load {
    let bearer = format!("Bearer {key}");
    Load { address, bearer, model: "gpt-20ms", streams: false, bytes: 1_024, callers: CALLERS, time, lane }
}

fn warm_up(runtime: &Runtime, picket: &Picket) -> Result<u64, Failure> {
    let seen = runtime.block_on(load::run(&good(picket.address, &picket.key, Duration::from_secs(1), 4_000)))?;
    Ok(seen.answered)
}

/// A slice of a flood: half of it beside callers of Picket, half of it beside callers of the provider.
fn one(
    runtime: &Runtime,
    picket: &Picket,
    provider: SocketAddr,
    flood: Flood,
    phase: &mut Phase,
    (slice, lane): (Duration, u64),
) -> Result<u64, Failure> {
    let mut answered = 0;
    for (address, key) in [(picket.address, picket.key.as_str()), (provider, "none")] {
        let (seen, sent) = runtime.block_on(async {
            let load = good(address, key, slice, lane);
            let until = Instant::now() + slice;
            let flooding = tokio::spawn(send(flood, picket.address, picket.api_address, picket.key.clone(), until));
            let seen: Seen = load::run(&load).await?;
            Ok::<_, Failure>((seen, flooding.await??))
        })?;
        phase.sent += sent.iter().map(|(_, count)| count).sum::<u64>();
        phase.seconds += seen.elapsed.as_secs_f64();
        for (status, count) in sent {
            *phase.statuses.entry(status).or_default() += count;
        }
        if address == picket.address {
            answered += seen.answered;
            phase.picket.extend(seen.times);
        } else {
            phase.direct.extend(seen.times);
        }
    }
    Ok(answered)
}

/// Sends at the flood's rate until the time is over; what was answered, by status.
async fn send(
    flood: Flood,
    gateway: SocketAddr,
    api: SocketAddr,
    key: String,
    until: Instant,
) -> Result<Vec<(u16, u64)>, Failure> {
    if flood.rate() == 0 {
        return Ok(Vec::new());
    }
    let pause = Duration::from_secs(1) * u32::try_from(CONNECTIONS)? / flood.rate();
    let senders: Vec<_> = (0..CONNECTIONS)
        .map(|number| {
            let target = if matches!(flood, Flood::Logins(_)) { api } else { gateway };
            tokio::spawn(sender(flood, target, key.clone(), number, pause, until))
        })
        .collect();
    let mut all = std::collections::BTreeMap::new();
    for one in senders {
        for (status, count) in one.await?? {
            *all.entry(status).or_default() += count;
        }
    }
    Ok(all.into_iter().collect())
}

async fn sender(
    flood: Flood,
    target: SocketAddr,
    key: String,
    number: usize,
    pause: Duration,
    until: Instant,
) -> Result<Vec<(u16, u64)>, Failure> {
    let mut counts = std::collections::BTreeMap::<u16, u64>::new();
    let mut stream = TcpStream::connect(target).await?;
    let mut answer = Vec::with_capacity(4_096);
    let mut next = Instant::now() + pause * u32::try_from(number)? / u32::try_from(CONNECTIONS)?;
    for sent in 0_u64.. {
        // What came late is made up for, so that the rate is kept.
        tokio::time::sleep_until(next.into()).await;
        next += pause;
        if Instant::now() >= until {
            break;
        }
        stream.write_all(request(flood, target, &key, sent).as_bytes()).await?;
        match read(&mut stream, &mut answer).await? {
            Some((status, goes_on)) => {
                *counts.entry(status).or_default() += 1;
                if !goes_on {
                    stream = TcpStream::connect(target).await?;
                }
            }
            None => stream = TcpStream::connect(target).await?,
        }
    }
    Ok(counts.into_iter().collect())
}

fn request(flood: Flood, target: SocketAddr, key: &str, sent: u64) -> String {
    match flood {
        Flood::None => String::new(),
        Flood::Tokens(_) => {
            let token = if sent.is_multiple_of(2) { random_base62(40) } else { another_secret(key) };
            format!(
                "POST /v1/chat/completions HTTP/1.1\r\nhost: {target}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{{}}"
            )
        }
        Flood::Logins(_) => {
            let body = format!("{{\"name\":\"{}\",\"password\":\"{}\"}}", random_base62(12), random_base62(20));
            format!(
                "POST /v1/auth/login HTTP/1.1\r\nhost: {target}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )
        }
    }
}

/// A key that is there, with another secret and the checksum that fits: refused only after it was looked up.
fn another_secret(key: &str) -> String {
    let id = key.get(..20).unwrap_or(key);
    let body = format!("{id}{}", random_base62(32));
    let checksum = base62_number(u64::from(crc32fast::hash(body.as_bytes())), 6);
    body + &checksum
}

/// Status of an answer, and whether the connection goes on; nothing if it was closed before.
async fn read(stream: &mut TcpStream, answer: &mut Vec<u8>) -> Result<Option<(u16, bool)>, Failure> {
    answer.clear();
    loop {
        // A connection that is reset is closed too.
        if stream.read_buf(answer).await.unwrap_or(0) == 0 {
            return Ok(None);
        }
        let Some((head, body)) = split(answer) else { continue };
        if body.len() >= content_length(head).unwrap_or(0) {
            let text = std::str::from_utf8(head)?;
            let goes_on = !text.to_ascii_lowercase().contains("connection: close");
            return Ok(Some((text.get(9..12).unwrap_or_default().parse()?, goes_on)));
        }
    }
}
