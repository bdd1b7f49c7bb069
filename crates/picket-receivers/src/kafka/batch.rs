//! Batches of records, version 2. The numbers of a producer stand in the head of a batch, outside of what is compressed,
//! so that a batch is compressed once however often it is sent.

use super::wire::{Reader, Writer, crc32c};
use bytes::Bytes;
use picket_render::wire::kafka::Record;

const MAGIC: i8 = 2;
const ZSTD: i16 = 4;
const LEVEL: i32 = 3;

/// Whose batch it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbers {
    pub(super) producer: i64,
    pub(super) epoch: i16,
    /// Of the first record.
    pub(super) sequence: i32,
}

/// Records, compressed.
#[derive(Debug)]
pub(super) struct Records {
    compressed: Vec<u8>,
    pub(super) count: i32,
    first_at: i64,
    last_at: i64,
}

/// Appends a record but for its place in a batch, which is not known yet: its time, and the rest of it.
pub(super) fn put_record(out: &mut Vec<u8>, at_ms: i64, record: &Record<'_>) {
    let mut rest = Writer::default();
    rest.varbytes(record.key);
    rest.varbytes(record.value);
    rest.varint(i64::try_from(record.headers.len()).unwrap_or(0));
    for (name, value) in record.headers {
        rest.varbytes(name.as_bytes());
        rest.varbytes(value);
    }
    let mut writer = Writer(std::mem::take(out));
    writer.i64(at_ms);
    writer.bytes(&rest.0);
    *out = writer.0;
}

/// Puts what was appended so into their places, and compresses it.
pub(super) async fn records(body: Bytes) -> Option<Records> {
    tokio::task::spawn_blocking(move || placed(&body)).await.ok()?
}

fn placed(body: &[u8]) -> Option<Records> {
    let mut reader = Reader(body);
    let (mut all, mut one) = (Writer(Vec::with_capacity(body.len())), Writer::default());
    let (mut count, mut first_at, mut last_at) = (0_i32, None, i64::MIN);
    while !reader.0.is_empty() {
        let at = reader.i64()?;
        let length = reader.i32()?;
        let rest = reader.take(length)?;
        let first = *first_at.get_or_insert(at);
        last_at = last_at.max(at);
        one.0.clear();
        one.i8(0);
        one.varint(at.saturating_sub(first));
        one.varint(i64::from(count));
        one.0.extend_from_slice(rest);
        all.varbytes(&one.0);
        count += 1;
    }
    let compressed = zstd::bulk::compress(&all.0, LEVEL).ok()?;
    Some(Records { compressed, count, first_at: first_at?, last_at })
}

impl Records {
    /// The batch, with the numbers of its producer.
    pub(super) fn batch(&self, numbers: Numbers) -> Vec<u8> {
        let mut summed = Writer(Vec::with_capacity(self.compressed.len() + 64));
        summed.i16(ZSTD);
        summed.i32(self.count - 1);
        summed.i64(self.first_at);
        summed.i64(self.last_at);
        summed.i64(numbers.producer);
        summed.i16(numbers.epoch);
        summed.i32(numbers.sequence);
        summed.i32(self.count);
        summed.0.extend_from_slice(&self.compressed);

        // Epoch of the leader, magic and checksum stand before what is summed.
        const BEFORE: usize = 4 + 1 + 4;
        let mut batch = Writer(Vec::with_capacity(summed.0.len() + 32));
        batch.i64(0);
        batch.i32(i32::try_from(BEFORE + summed.0.len()).unwrap_or(i32::MAX));
        batch.i32(-1);
        batch.i8(MAGIC);
        batch.i32(crc32c(&summed.0).cast_signed());
        batch.0.extend_from_slice(&summed.0);
        batch.0
    }
}
