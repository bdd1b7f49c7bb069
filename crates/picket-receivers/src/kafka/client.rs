//! A producer on the leader of one partition.

use super::batch::{Numbers, Records};
use super::wire::{Reader, Writer, partition};
use super::{Config, Reach, place};
use crate::answer::Outcome;
use picket_egress::{EgressError, Stream};
use picket_stdx::error_chain;
use std::fmt;
use std::io;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use zeroize::Zeroizing;

/// Bytes of an answer; those about the brokers of a large cluster are the longest.
const ANSWER_BYTES_MAX: i32 = 1024 * 1024;
/// Into how many parts a request's time is divided, of which a broker that is asked about the others has one.
const SHARES: u32 = 4;
/// What the requests are called, and in which version they are spoken: such as brokers since 2.1 and up to now know.
const PRODUCE: (i16, i16) = (0, 7);
const METADATA: (i16, i16) = (3, 4);
const SASL_HANDSHAKE: (i16, i16) = (17, 1);
const INIT_PRODUCER: (i16, i16) = (22, 0);
const SASL_AUTHENTICATE: (i16, i16) = (36, 0);
/// Errors that are told apart here.
const OK: i16 = 0;
const DUPLICATE_SEQUENCE: i16 = 46;

/// Why a request was not stored, or may not be.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) outcome: Outcome,
    pub(super) said: String,
}

impl Failed {
    fn new(outcome: Outcome, said: impl Into<String>) -> Self {
        Self { outcome, said: said.into() }
    }

    fn unreached(error: &EgressError) -> Self {
        let outcome = if error.is_tls() { Outcome::Config } else { Outcome::Retry };
        Self::new(outcome, error_chain(error))
    }

    fn no_kafka() -> Self {
        Self::new(Outcome::Config, "what answers is no broker of Kafka that speaks the versions of 2.1 and later")
    }
}

/// A connection that asks one thing after another.
struct Asking {
    stream: Stream,
    correlation: i32,
}

/// A producer.
pub(super) struct Client {
    reach: Reach,
    brokers: Vec<String>,
    topic: String,
    user: Option<(String, Zeroizing<String>)>,
    timeout_ms: i32,
    /// The leader, and the partition that is its.
    leader: Option<(Asking, i32)>,
    producer: Option<Numbers>,
    /// Whether something may be stored under the present numbers that was not acknowledged.
    is_uncertain: bool,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("topic", &self.topic).field("producer", &self.producer).finish_non_exhaustive()
    }
}

impl Client {
    pub(super) fn new(reach: Reach, config: &Config, password: Option<Zeroizing<String>>) -> Self {
        let timeout_ms = i32::try_from(reach.within.as_millis()).unwrap_or(i32::MAX);
        let user = config.sasl.as_ref().map(|sasl| sasl.user.clone()).zip(password);
        let (brokers, topic) = (config.brokers.clone(), config.topic.clone());
        Self { reach, brokers, topic, user, timeout_ms, leader: None, producer: None, is_uncertain: false }
    }

    /// Lets other records follow. Where it is not known whether the last were stored, from a new producer: brokers would
    /// take the others for copies of them, and drop them.
    pub(super) fn settle(&mut self) {
        if self.is_uncertain {
            (self.leader, self.producer, self.is_uncertain) = (None, None, false);
        }
    }

    /// Sends records to the partition of a key, once. The same records may be sent again after an error.
    pub(super) async fn produce(&mut self, key: &[u8], records: &Records) -> Result<(), Failed> {
        // Taken out while it is used: one that is given up in the middle of an answer is not used again.
        let (mut leader, index) = match self.leader.take() {
            Some(leader) => leader,
            None => self.lead(key).await?,
        };
        let numbers = match self.producer {
            Some(numbers) => numbers,
            None => {
                let numbers = leader.producer().await?;
                self.producer = Some(numbers);
                numbers
            }
        };
        let mut body = Writer::default();
        body.i16(-1);
        body.i16(-1);
        body.i32(self.timeout_ms);
        body.i32(1);
        body.text(&self.topic);
        body.i32(1);
        body.i32(index);
        body.bytes(&records.batch(numbers));
        // Until the answer is there, and for good when it does not come: earlier attempts may be stored too.
        let was_uncertain = std::mem::replace(&mut self.is_uncertain, true);
        let answer = leader.ask(PRODUCE, &body.0).await?;
        let code = produced(&answer).ok_or_else(Failed::no_kafka)?;
        if matches!(code, OK | DUPLICATE_SEQUENCE) {
            let next = i64::from(numbers.sequence) + i64::from(records.count);
            let sequence = i32::try_from(next & i64::from(i32::MAX)).unwrap_or(0);
            self.producer = Some(Numbers { sequence, ..numbers });
            (self.leader, self.is_uncertain) = (Some((leader, index)), false);
            return Ok(());
        }
        // Timed out, or too few replicas after it was appended: it may be there.
        if !matches!(code, 7 | 20) {
            self.is_uncertain = was_uncertain;
        }
        // The broker does not know the producer any more, or another number came before: a new producer.
        if matches!(code, 45 | 47 | 59) {
            self.producer = None;
        }
        // A connection that was refused something is as good as before, unless the leader is another one now.
        if !matches!(code, 3 | 5 | 6 | 9) {
            self.leader = Some((leader, index));
        }
        Err(failed(code))
    }

    /// Finds the leader of the partition of a key, by way of the first broker that answers. One that does not answer has its
    /// share of the time, all of it where it is the only one, and is asked after all others from then on.
    async fn lead(&mut self, key: &[u8]) -> Result<(Asking, i32), Failed> {
        let mut last = Failed::new(Outcome::Retry, "there is no broker");
        let shares = u32::try_from(self.brokers.len()).unwrap_or(SHARES).clamp(1, SHARES);
        for _ in 0..self.brokers.len() {
            let broker = self.brokers.first().map(String::as_str).unwrap_or_default();
            let (host, port) = place(broker).ok_or_else(Failed::no_kafka)?;
            match tokio::time::timeout(self.reach.within / shares, self.found(host, port, key)).await {
                Ok(Ok((host, port, index))) => return Ok((self.connect(&host, port).await?, index)),
                Ok(Err(failed)) => last = failed,
                Err(_elapsed) => last = Failed::new(Outcome::Retry, format!("{broker} does not answer")),
            }
            self.brokers.rotate_left(1);
        }
        Err(last)
    }

    async fn found(&self, host: &str, port: u16, key: &[u8]) -> Result<(String, u16, i32), Failed> {
        let mut broker = self.connect(host, port).await?;
        let mut body = Writer::default();
        body.i32(1);
        body.text(&self.topic);
        // No topic is made by asking for it.
        body.i8(0);
        let answer = broker.ask(METADATA, &body.0).await?;
        let topic = topology(&answer).ok_or_else(Failed::no_kafka)?;
        if topic.code != OK {
            return Err(failed(topic.code));
        }
        // In the order of their numbers, and all of them: a partition without a leader has its keys too.
        let mut partitions = topic.partitions;
        partitions.sort_unstable();
        let at = partition(key, partitions.len());
        let (index, leader) = partitions.get(at).copied().ok_or_else(Failed::no_kafka)?;
        let found = topic.brokers.into_iter().find(|(id, _, _)| *id == leader);
        let (_, host, port) = found.ok_or_else(|| failed(5))?;
        let port = u16::try_from(port).map_err(|_error| Failed::no_kafka())?;
        Ok((host, port, index))
    }

    async fn connect(&self, host: &str, port: u16) -> Result<Asking, Failed> {
        // The gate judges every address, those that brokers name too.
        let line = self.reach.line(host, port).map_err(|error| Failed::unreached(&error))?;
        let stream = line.connect().await.map_err(|error| Failed::unreached(&error))?;
        let mut asking = Asking { stream, correlation: 0 };
        if let Some((user, password)) = &self.user {
            asking.sign_in(user, password).await?;
        }
        Ok(asking)
    }
}

impl Asking {
    async fn ask(&mut self, (request, version): (i16, i16), body: &[u8]) -> Result<Vec<u8>, Failed> {
        self.correlation = self.correlation.wrapping_add(1);
        let mut head = Writer::default();
        head.i16(request);
        head.i16(version);
        head.i32(self.correlation);
        head.text("picket");
        let mut whole = Writer(Vec::with_capacity(4 + head.0.len() + body.len()));
        whole.i32(i32::try_from(head.0.len() + body.len()).unwrap_or(i32::MAX));
        whole.0.extend_from_slice(&head.0);
        whole.0.extend_from_slice(body);
        // By TLS 1.3 a broker refuses a certificate only now.
        let broke = |error: io::Error| Failed::unreached(&EgressError::Broken(error.into()));
        self.stream.write_all(&whole.0).await.map_err(broke)?;
        self.stream.flush().await.map_err(broke)?;
        let length = self.stream.read_i32().await.map_err(broke)?;
        let length = usize::try_from(length).ok().filter(|_length| (4..=ANSWER_BYTES_MAX).contains(&length));
        let mut answer = vec![0; length.ok_or_else(Failed::no_kafka)?];
        self.stream.read_exact(&mut answer).await.map_err(broke)?;
        let mut reader = Reader(&answer);
        if reader.i32() != Some(self.correlation) {
            return Err(Failed::no_kafka());
        }
        Ok(reader.0.to_vec())
    }

    /// SASL PLAIN.
    async fn sign_in(&mut self, user: &str, password: &str) -> Result<(), Failed> {
        let mut body = Writer::default();
        body.text("PLAIN");
        let answer = self.ask(SASL_HANDSHAKE, &body.0).await?;
        let code = Reader(&answer).i16().ok_or_else(Failed::no_kafka)?;
        if code != OK {
            return Err(failed(code));
        }
        let mut said = Zeroizing::new(Vec::with_capacity(user.len() + password.len() + 2));
        said.push(0);
        said.extend_from_slice(user.as_bytes());
        said.push(0);
        said.extend_from_slice(password.as_bytes());
        let mut body = Writer::default();
        body.bytes(&said);
        let body = Zeroizing::new(body.0);
        let answer = self.ask(SASL_AUTHENTICATE, &body).await?;
        match Reader(&answer).i16() {
            Some(OK) => Ok(()),
            // What the broker says with it is left out: it may be the password.
            Some(code) => Err(failed(code)),
            None => Err(Failed::no_kafka()),
        }
    }

    /// A producer of its own.
    async fn producer(&mut self) -> Result<Numbers, Failed> {
        let mut body = Writer::default();
        body.i16(-1);
        body.i32(0);
        let answer = self.ask(INIT_PRODUCER, &body.0).await?;
        let mut reader = Reader(&answer);
        let mut read = || Some((reader.i32()?, reader.i16()?, reader.i64()?, reader.i16()?));
        match read().ok_or_else(Failed::no_kafka)? {
            (_, OK, producer, epoch) => Ok(Numbers { producer, epoch, sequence: 0 }),
            (_, code, _, _) => Err(failed(code)),
        }
    }
}

/// What is known of a topic.
struct Topic {
    code: i16,
    /// Ids, hosts and ports.
    brokers: Vec<(i32, String, i32)>,
    /// Numbers, and their leaders.
    partitions: Vec<(i32, i32)>,
}

fn topology(answer: &[u8]) -> Option<Topic> {
    let mut reader = Reader(answer);
    reader.i32()?;
    let brokers = reader.list(|reader| {
        let broker = (reader.i32()?, reader.text()?.to_owned(), reader.i32()?);
        reader.text()?;
        Some(broker)
    })?;
    reader.text()?;
    reader.i32()?;
    let topics = reader.list(|reader| {
        let code = reader.i16()?;
        reader.text()?;
        reader.i8()?;
        let partitions = reader.list(|reader| {
            reader.i16()?;
            let partition = (reader.i32()?, reader.i32()?);
            reader.list(Reader::i32)?;
            reader.list(Reader::i32)?;
            Some(partition)
        })?;
        Some((code, partitions))
    })?;
    let (code, partitions) = topics.into_iter().next()?;
    Some(Topic { code, brokers, partitions })
}

/// The error code of the one partition of an answer.
fn produced(answer: &[u8]) -> Option<i16> {
    let mut reader = Reader(answer);
    let topics = reader.list(|reader| {
        reader.text()?;
        reader.list(|reader| {
            reader.i32()?;
            let code = reader.i16()?;
            for _ in 0..3 {
                reader.i64()?;
            }
            Some(code)
        })
    })?;
    topics.first()?.first().copied()
}

/// What an error code means.
fn failed(code: i16) -> Failed {
    let (outcome, name) = match code {
        2 => (Outcome::Retry, "CORRUPT_MESSAGE"),
        3 => (Outcome::Config, "UNKNOWN_TOPIC_OR_PARTITION: make the topic, or name another one"),
        5 => (Outcome::Retry, "LEADER_NOT_AVAILABLE"),
        6 => (Outcome::Retry, "NOT_LEADER_OR_FOLLOWER"),
        7 => (Outcome::Retry, "REQUEST_TIMED_OUT"),
        10 => (Outcome::Split, "MESSAGE_TOO_LARGE"),
        17 => (Outcome::Config, "INVALID_TOPIC_EXCEPTION"),
        18 => (Outcome::Split, "RECORD_LIST_TOO_LARGE"),
        19 => (Outcome::Retry, "NOT_ENOUGH_REPLICAS"),
        20 => (Outcome::Retry, "NOT_ENOUGH_REPLICAS_AFTER_APPEND"),
        29 => (Outcome::Auth, "TOPIC_AUTHORIZATION_FAILED"),
        31 => (Outcome::Auth, "CLUSTER_AUTHORIZATION_FAILED"),
        32 => (Outcome::Reject, "INVALID_TIMESTAMP"),
        33 => (Outcome::Config, "UNSUPPORTED_SASL_MECHANISM: the broker does not take PLAIN"),
        34 => (Outcome::Config, "ILLEGAL_SASL_STATE: the listener asks for no such credentials"),
        35 => (Outcome::Config, "UNSUPPORTED_VERSION"),
        44 => (Outcome::Config, "POLICY_VIOLATION"),
        45 => (Outcome::Retry, "OUT_OF_ORDER_SEQUENCE_NUMBER"),
        47 => (Outcome::Retry, "INVALID_PRODUCER_EPOCH"),
        56 => (Outcome::Retry, "KAFKA_STORAGE_ERROR"),
        58 => (Outcome::Auth, "SASL_AUTHENTICATION_FAILED"),
        59 => (Outcome::Retry, "UNKNOWN_PRODUCER_ID"),
        76 => (Outcome::Config, "UNSUPPORTED_COMPRESSION_TYPE: the broker is older than 2.1"),
        87 => (Outcome::Reject, "INVALID_RECORD"),
        89 => (Outcome::Retry, "THROTTLING_QUOTA_EXCEEDED"),
        _ => (Outcome::Retry, "see the list of error codes of the protocol"),
    };
    Failed::new(outcome, format!("error {code}: {name}"))
}
