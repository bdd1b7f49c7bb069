//! Receivers that check what comes and let it go.

use crate::place::Outcome;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use picket_stdx::{Clock, Timestamp};
use picket_testkit::receivers::http::{Ask, Reply, Server};
use picket_testkit::receivers::otlp;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use std::fmt;
use std::io::{BufRead as _, BufReader, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Every so many events is looked at for its age.
const SAMPLE: u64 = 16;

/// What a receiver saw.
#[derive(Default)]
struct Seen {
    arrived: AtomicU64,
    is_down: AtomicBool,
    /// Milliseconds from when an event happened until it was here.
    ages: Mutex<Vec<u64>>,
}

impl Seen {
    /// Counts an event, and now and then looks how old it is.
    fn take(&self, happened: impl FnOnce() -> Option<Timestamp>) {
        if self.arrived.fetch_add(1, Ordering::Relaxed).is_multiple_of(SAMPLE)
            && let Some(at) = happened()
        {
            let age = u64::try_from(Clock::system().now().since(at).as_millis()).unwrap_or(u64::MAX);
            self.ages.lock().unwrap_or_else(PoisonError::into_inner).push(age);
        }
    }
}

/// Ages of events, in milliseconds.
pub(crate) struct Times(Vec<u64>);

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |share: usize| self.0.get(self.0.len() * share / 100).copied().unwrap_or_default();
        let most = self.0.last().copied().unwrap_or_default();
        write!(f, "p50 {} ms, p90 {}, p99 {}, most {most} ({} looked at)", at(50), at(90), at(99), self.0.len())
    }
}

pub(crate) struct Receiver {
    name: &'static str,
    settings: Value,
    secret: Option<(&'static str, &'static str)>,
    authority: Option<String>,
    seen: Arc<Seen>,
    _server: Option<Server>,
}

impl Receiver {
    fn http(
        name: &'static str,
        secret: Option<(&'static str, &'static str)>,
        answer: impl Fn(&Seen, &Ask) -> Reply + Send + Sync + 'static,
        settings: impl FnOnce(&str) -> Value,
    ) -> Outcome<Self> {
        let seen: Arc<Seen> = Arc::default();
        let seeing = Arc::clone(&seen);
        let server = Server::forgetting(move |ask| {
            if seeing.is_down.load(Ordering::Relaxed) { Reply::empty(503) } else { answer(&seeing, ask) }
        })?;
        let settings = settings(&server.url());
        Ok(Self { name, settings, secret, authority: None, seen, _server: Some(server) })
    }

    pub(crate) fn hec() -> Outcome<Self> {
        Self::http(
            "splunk_hec, gzip",
            Some(("token", "a-token")),
            take_hec,
            |url| json!({"kind": "splunk_hec", "url": url}),
        )
    }

    pub(crate) fn elastic() -> Outcome<Self> {
        Self::http(
            "elastic_http, gzip",
            Some(("api_key", "id:key")),
            take_bulk,
            |url| json!({"kind": "elastic_http", "url": url, "index": "logs-picket-default"}),
        )
    }

    pub(crate) fn otlp() -> Outcome<Self> {
        Self::http("otlp, gzip", None, take_otlp, |url| json!({"kind": "otlp", "url": url}))
    }

    /// Answers after nine seconds.
    pub(crate) fn slow() -> Outcome<Self> {
        let answer = |seen: &Seen, ask: &Ask| {
            std::thread::sleep(Duration::from_secs(9));
            take_hec(seen, ask)
        };
        Self::http("slow", Some(("token", "a-token")), answer, |url| json!({"kind": "splunk_hec", "url": url}))
    }

    /// Says what is no answer, and closes.
    pub(crate) fn lying() -> Outcome<Self> {
        let answer =
            |_: &Seen, _: &Ask| Reply::Raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n".to_vec());
        Self::http("lying", Some(("token", "a-token")), answer, |url| json!({"kind": "splunk_hec", "url": url}))
    }

    /// Nobody is there.
    pub(crate) fn dead() -> Outcome<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let settings = json!({"kind": "splunk_hec", "url": format!("http://{address}")});
        let secret = Some(("token", "a-token"));
        Ok(Self { name: "dead", settings, secret, authority: None, seen: Arc::default(), _server: None })
    }

    /// Syslog over TCP with frames of stated length, with TLS or without.
    pub(crate) fn syslog(is_secure: bool) -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let seen: Arc<Seen> = Arc::default();
        let (server, authority) = if is_secure { certified()? } else { (None, None) };
        let seeing = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (seen, server) = (Arc::clone(&seeing), server.clone());
                std::thread::spawn(move || serve_syslog(stream, server, &seen));
            }
        });
        Ok(Self {
            name: if is_secure { "syslog, TLS, CEF" } else { "syslog, TCP, CEF" },
            settings: syslog_settings(address, authority.as_deref()),
            secret: None,
            authority,
            seen,
            _server: None,
        })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn settings(&self) -> Value {
        self.settings.clone()
    }

    pub(crate) fn secret(&self) -> Option<(&str, &str)> {
        self.secret
    }

    pub(crate) fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    pub(crate) fn arrived(&self) -> u64 {
        self.seen.arrived.load(Ordering::Relaxed)
    }

    pub(crate) fn break_down(&self, is_down: bool) {
        self.seen.is_down.store(is_down, Ordering::Relaxed);
    }

    pub(crate) fn times(&self) -> Times {
        let mut ages = self.seen.ages.lock().unwrap_or_else(PoisonError::into_inner).clone();
        ages.sort_unstable();
        Times(ages)
    }
}

#[derive(Deserialize)]
struct Envelope {
    time: f64,
    #[serde(rename = "event")]
    _event: IgnoredAny,
}

fn take_hec(seen: &Seen, ask: &Ask) -> Reply {
    for envelope in serde_json::Deserializer::from_slice(&ask.body).into_iter::<Envelope>() {
        let Ok(envelope) = envelope else { return Reply::json(400, r#"{"text":"Invalid data format","code":6}"#) };
        #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970 fit by far")]
        seen.take(|| Some(Timestamp::from_millis((envelope.time * 1e3) as i64)));
    }
    Reply::json(200, r#"{"text":"Success","code":0}"#)
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "@timestamp")]
    timestamp: Timestamp,
}

fn take_bulk(seen: &Seen, ask: &Ask) -> Reply {
    let mut items = Vec::new();
    let mut lines = ask.body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    while let (Some(action), Some(document)) = (lines.next(), lines.next()) {
        let parsed = (serde_json::from_slice::<IgnoredAny>(action), serde_json::from_slice::<Document>(document));
        let (Ok(_), Ok(document)) = parsed else {
            return Reply::json(400, r#"{"error":{"type":"parse"},"status":400}"#);
        };
        seen.take(|| Some(document.timestamp));
        items.push(r#"{"create":{"status":201}}"#);
    }
    Reply::json(200, &format!(r#"{{"took":1,"errors":false,"items":[{}]}}"#, items.join(",")))
}

fn take_otlp(seen: &Seen, ask: &Ask) -> Reply {
    let Some(records) = otlp::records_of(&ask.body) else { return Reply::empty(400) };
    records.iter().for_each(|_| seen.take(|| None));
    Reply::Answer(200, vec![("content-type".to_owned(), "application/x-protobuf".to_owned())], Vec::new())
}

fn syslog_settings(address: SocketAddr, authority: Option<&str>) -> Value {
    match authority {
        Some(ca) => json!({"kind": "syslog", "address": format!("localhost:{}", address.port()), "ca": ca}),
        None => json!({"kind": "syslog", "address": address.to_string(), "transport": "tcp"}),
    }
}

fn serve_syslog(stream: TcpStream, server: Option<Arc<ServerConfig>>, seen: &Seen) {
    let read: Box<dyn Read> = match server {
        None => Box::new(stream),
        Some(server) => match ServerConnection::new(server) {
            Ok(connection) => Box::new(StreamOwned::new(connection, stream)),
            Err(_) => return,
        },
    };
    let mut reader = BufReader::with_capacity(256 * 1_024, read);
    let (mut length, mut message) = (Vec::new(), Vec::new());
    loop {
        length.clear();
        if reader.read_until(b' ', &mut length).unwrap_or(0) == 0 {
            return;
        }
        let digits = std::str::from_utf8(&length).unwrap_or_default().trim_end();
        let Ok(count) = digits.parse() else { return };
        message.resize(count, 0);
        if reader.read_exact(&mut message).is_err() {
            return;
        }
        let Ok(text) = std::str::from_utf8(&message) else { return };
        if !text.starts_with('<') || !text.contains("CEF:0|") {
            return;
        }
        seen.take(|| text.split(' ').nth(1)?.parse().ok());
    }
}

/// A certificate for this machine, and the authority that it is itself.
fn certified() -> Outcome<(Option<Arc<ServerConfig>>, Option<String>)> {
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(vec!["localhost".to_owned()])?.self_signed(&key)?;
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)?;
    Ok((
        Some(Arc::new(config)),
        Some(format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
            STANDARD.encode(certificate.der())
        )),
    ))
}
