//! A broker of Kafka with one topic, that unpacks batches, looks at their checksums and numbers, and breaks off when it is
//! told to. It knows the versions of requests that a producer since 2.1 speaks.

use crate::receivers::http::locked;
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// Longest request.
const REQUEST_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What goes wrong with a request to store records.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// This error, and nothing is stored.
    Code(i16),
    /// The connection ends, and nothing is stored.
    Before,
    /// The records are stored, and the connection ends without an answer.
    After,
    /// The records are stored, and the answer is this error.
    Stored(i16),
    /// The answer is a length, and nothing behind it.
    Length(i32),
}

/// A stored record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its partition.
    pub partition: i32,
    /// Its key.
    pub key: Vec<u8>,
    /// Its value.
    pub value: Vec<u8>,
    /// Names and values.
    pub headers: Vec<(String, Vec<u8>)>,
    /// Milliseconds.
    pub at: i64,
}

/// A broker that runs until it is dropped.
#[derive(Debug)]
pub struct Broker {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    stop: AtomicBool,
    port: u16,
    topic: String,
    /// User and password, where it asks for them.
    user: Option<(String, String)>,
    records: Mutex<Vec<Stored>>,
    faults: Mutex<VecDeque<Fault>>,
    /// The next number of each producer and partition.
    numbers: Mutex<BTreeMap<(i64, i32), i32>>,
    producers: AtomicUsize,
}

impl Broker {
    /// Starts one with a topic of three partitions.
    pub fn start(topic: &str, user: Option<(&str, &str)>) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            stop: AtomicBool::new(false),
            port: address.port(),
            topic: topic.to_owned(),
            user: user.map(|(user, password)| (user.to_owned(), password.to_owned())),
            records: Mutex::default(),
            faults: Mutex::default(),
            numbers: Mutex::default(),
            producers: AtomicUsize::new(0),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if accepting.stop.load(Ordering::SeqCst) {
                    return;
                }
                let shared = Arc::clone(&accepting);
                std::thread::spawn(move || shared.serve(stream).unwrap_or_default());
            }
        });
        Ok(Self { address, shared })
    }

    /// Host and port.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Every stored record, in order.
    pub fn records(&self) -> Vec<Stored> {
        locked(&self.shared.records).clone()
    }

    /// How many producers there were.
    pub fn producers(&self) -> usize {
        self.shared.producers.load(Ordering::SeqCst)
    }

    /// How many faults did not happen yet.
    pub fn fail_count(&self) -> usize {
        locked(&self.shared.faults).len()
    }

    /// Nothing goes wrong any more.
    pub fn forgive(&self) {
        locked(&self.shared.faults).clear();
    }

    /// What goes wrong with the next requests to store records.
    pub fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        locked(&self.shared.faults).extend(faults);
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
    }
}

fn broken() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend(i16::try_from(text.len()).unwrap_or(0).to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

fn int(out: &mut Vec<u8>, value: i32) {
    out.extend(value.to_be_bytes());
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) -> io::Result<()> {
        let mut is_known = self.user.is_none();
        loop {
            let mut length = [0; 4];
            stream.read_exact(&mut length)?;
            let length = usize::try_from(i32::from_be_bytes(length)).map_err(|_error| broken())?;
            if length > REQUEST_BYTES_MAX {
                return Err(broken());
            }
            let mut request = vec![0; length];
            stream.read_exact(&mut request)?;
            let mut parts = Parts(&request);
            let (key, version, correlation) = (parts.i16()?, parts.i16()?, parts.i32()?);
            parts.text()?;
            let mut answer = correlation.to_be_bytes().to_vec();
            match (key, version) {
                (17, 1) => self.handshake(&parts.text()?, &mut answer),
                (36, 0) => {
                    is_known = self.knows(parts.bytes()?);
                    answer.extend(if is_known { 0_i16 } else { 58 }.to_be_bytes());
                    text(&mut answer, "");
                    int(&mut answer, 0);
                }
                // Who has not signed in is not answered.
                _ if !is_known => return Err(broken()),
                (3, 4) => self.metadata(&mut parts, &mut answer)?,
                (22, 0) => {
                    let producer = self.producers.fetch_add(1, Ordering::SeqCst);
                    int(&mut answer, 0);
                    answer.extend(0_i16.to_be_bytes());
                    answer.extend(i64::try_from(producer).unwrap_or(0).to_be_bytes());
                    answer.extend(0_i16.to_be_bytes());
                }
                (0, 7) => {
                    let fault = locked(&self.faults).pop_front();
                    if let Some(Fault::Length(length)) = fault {
                        return stream.write_all(&length.to_be_bytes());
                    }
                    let Some((partition, code)) = self.produce(&mut parts, fault)? else { return Ok(()) };
                    int(&mut answer, 1);
                    text(&mut answer, &self.topic);
                    int(&mut answer, 1);
                    int(&mut answer, partition);
                    answer.extend(code.to_be_bytes());
                    answer.extend([0; 24]);
                    int(&mut answer, 0);
                }
                _ => return Err(broken()),
            }
            let length = i32::try_from(answer.len()).unwrap_or(0);
            stream.write_all(&[&length.to_be_bytes()[..], &answer].concat())?;
        }
    }

    fn handshake(&self, mechanism: &str, answer: &mut Vec<u8>) {
        answer.extend(if mechanism == "PLAIN" { 0_i16 } else { 33 }.to_be_bytes());
        int(answer, 1);
        text(answer, "PLAIN");
    }

    fn knows(&self, said: &[u8]) -> bool {
        let expected = self.user.as_ref().map(|(user, password)| format!("\0{user}\0{password}"));
        expected.is_some_and(|expected| expected.as_bytes() == said)
    }

    fn metadata(&self, parts: &mut Parts<'_>, answer: &mut Vec<u8>) -> io::Result<()> {
        parts.i32()?;
        let is_there = parts.text()? == self.topic;
        int(answer, 0);
        int(answer, 1);
        int(answer, 7);
        text(answer, "127.0.0.1");
        int(answer, i32::from(self.port));
        answer.extend((-1_i16).to_be_bytes());
        answer.extend((-1_i16).to_be_bytes());
        int(answer, 7);
        int(answer, 1);
        answer.extend(if is_there { 0_i16 } else { 3 }.to_be_bytes());
        text(answer, &self.topic);
        answer.push(0);
        int(answer, if is_there { 3 } else { 0 });
        // Not in the order of their numbers.
        for partition in [2, 0, 1].into_iter().filter(|_number| is_there) {
            answer.extend(0_i16.to_be_bytes());
            int(answer, partition);
            int(answer, 7);
            int(answer, 0);
            int(answer, 0);
        }
        Ok(())
    }

    /// Stores records; the partition and the code of the answer, or none where the connection ends.
    fn produce(&self, parts: &mut Parts<'_>, fault: Option<Fault>) -> io::Result<Option<(i32, i16)>> {
        if parts.i16()? != -1 || parts.i16()? != -1 {
            return Err(broken());
        }
        parts.i32()?;
        if parts.i32()? != 1 || parts.text()? != self.topic || parts.i32()? != 1 {
            return Err(broken());
        }
        let partition = parts.i32()?;
        let batch = parts.bytes()?;
        let code = match fault {
            Some(Fault::Before) => return Ok(None),
            Some(Fault::Code(code)) => code,
            _ => self.store(partition, batch)?,
        };
        match fault {
            Some(Fault::After) => Ok(None),
            Some(Fault::Stored(code)) => Ok(Some((partition, code))),
            _ => Ok(Some((partition, code))),
        }
    }

    fn store(&self, partition: i32, batch: &[u8]) -> io::Result<i16> {
        let mut head = Parts(batch);
        let (offset, length) = (head.i64()?, head.i32()?);
        let is_whole = usize::try_from(length).is_ok_and(|length| length == head.0.len());
        head.i32()?;
        let (magic, sum) = (head.take(1_usize)?.first().copied(), head.i32()?);
        if offset != 0 || !is_whole || magic != Some(2) || crc32c(head.0) != sum.cast_unsigned() {
            return Ok(2);
        }
        let (attributes, last) = (head.i16()?, head.i32()?);
        let (first_at, last_at) = (head.i64()?, head.i64()?);
        let (producer, epoch, sequence, count) = (head.i64()?, head.i16()?, head.i32()?, head.i32()?);
        if attributes != 4 || last != count - 1 || epoch != 0 {
            return Ok(87);
        }
        let unpacked = zstd::bulk::decompress(head.0, REQUEST_BYTES_MAX)?;
        let mut rest = Parts(&unpacked);
        let mut records = Vec::new();
        for number in 0..count {
            let Some(record) = record(&mut rest, number, first_at, partition)? else { return Ok(87) };
            records.push(record);
        }
        if !rest.0.is_empty() || records.iter().map(|record| record.at).max() != Some(last_at) {
            return Ok(87);
        }
        let mut numbers = locked(&self.numbers);
        let next = numbers.entry((producer, partition)).or_default();
        if sequence < *next {
            return Ok(0);
        }
        if sequence > *next {
            return Ok(45);
        }
        *next = sequence + count;
        locked(&self.records).extend(records);
        Ok(0)
    }
}

/// A record, if it stands where it says.
fn record(rest: &mut Parts<'_>, number: i32, first_at: i64, partition: i32) -> io::Result<Option<Stored>> {
    let length = rest.varint()?;
    let mut inner = Parts(rest.take(length)?);
    inner.take(1_usize)?;
    let (at, offset) = (inner.varint()?, inner.varint()?);
    let (key, value) = (inner.varbytes()?.to_vec(), inner.varbytes()?.to_vec());
    let mut headers = Vec::new();
    for _ in 0..inner.varint()? {
        let name = String::from_utf8_lossy(inner.varbytes()?).into_owned();
        headers.push((name, inner.varbytes()?.to_vec()));
    }
    let stands = offset == i64::from(number) && inner.0.is_empty();
    Ok(stands.then(|| Stored { partition, key, value, headers, at: first_at + at }))
}

/// Bit by bit, as the algorithm is written down.
fn crc32c(bytes: &[u8]) -> u32 {
    let mut sum = !0_u32;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = if sum & 1 == 1 { sum >> 1 ^ 0x82f6_3b78 } else { sum >> 1 };
        }
    }
    !sum
}

/// What is left of a request.
struct Parts<'a>(&'a [u8]);

impl<'a> Parts<'a> {
    fn take(&mut self, length: impl TryInto<usize>) -> io::Result<&'a [u8]> {
        let length = length.try_into().map_err(|_error| broken())?;
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(broken)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        self.take(N)?.try_into().map_err(|_error| broken())
    }

    fn i16(&mut self) -> io::Result<i16> {
        self.array().map(i16::from_be_bytes)
    }

    fn i32(&mut self) -> io::Result<i32> {
        self.array().map(i32::from_be_bytes)
    }

    fn i64(&mut self) -> io::Result<i64> {
        self.array().map(i64::from_be_bytes)
    }

    fn bytes(&mut self) -> io::Result<&'a [u8]> {
        let length = self.i32()?;
        self.take(length)
    }

    fn text(&mut self) -> io::Result<String> {
        let length = self.i16()?;
        Ok(String::from_utf8_lossy(self.take(length)?).into_owned())
    }

    fn varint(&mut self) -> io::Result<i64> {
        let mut number = 0_u64;
        for shift in 0..10 {
            let byte = self.take(1_usize)?.first().copied().unwrap_or(0);
            number |= u64::from(byte & 0x7f) << (shift * 7);
            if byte & 0x80 == 0 {
                return Ok((number >> 1).cast_signed() ^ -(number & 1).cast_signed());
            }
        }
        Err(broken())
    }

    fn varbytes(&mut self) -> io::Result<&'a [u8]> {
        let length = self.varint()?;
        self.take(length)
    }
}
