//! Reading and writing the rows of entries and tiles.

use crate::failure::ReadError;
use crate::tree::{Changed, TILE_WIDTH};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::fmt;
use std::ops::Range;
use tlog_tiles::tlog::Hash;

/// Entries in a sealed chunk. Four of them are an entry bundle.
pub(crate) const CHUNK_ENTRIES: u64 = 64;
const CHUNK_BYTES_MAX: usize = 64 * (16_384 + 2);
const CHUNK_LEVEL: i32 = 1;

pub(crate) fn insert_entry(
    connection: &Connection,
    log: &str,
    position: u64,
    bytes: &[u8],
    leaf: &Hash,
) -> Result<(), rusqlite::Error> {
    let mut statement =
        connection.prepare_cached("INSERT INTO entry (log, position, bytes, leaf) VALUES (?1, ?2, ?3, ?4)")?;
    statement.execute(params![log, position, bytes, leaf.0]).map(drop)
}

/// The leaf hashes of entries `from .. to` that are not in a chunk yet, with their positions.
pub(crate) fn leaves(
    connection: &Connection,
    log: &str,
    from: u64,
    to: u64,
) -> Result<Vec<(u64, Hash)>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT position, leaf FROM entry WHERE log = ?1 AND position >= ?2 AND position < ?3 ORDER BY position",
    )?;
    statement.query_map(params![log, from, to], |row| Ok((row.get(0)?, Hash(row.get(1)?))))?.collect()
}

/// The oldest entry that retention left.
pub(crate) fn first(connection: &Connection, log: &str) -> Result<u64, rusqlite::Error> {
    connection
        .prepare_cached("SELECT first FROM log WHERE id = ?1")?
        .query_row(params![log], |row| row.get(0))
        .optional()
        .map(Option::unwrap_or_default)
}

pub(crate) fn put_tile(connection: &Connection, log: &str, tile: &Changed) -> Result<(), rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO tile (log, level, number, hashes) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (log, level, number) DO UPDATE SET hashes = excluded.hashes",
    )?;
    statement.execute(params![log, tile.level, tile.number, tile.hashes]).map(drop)
}

/// Packs entries into a chunk; kept from chunk to chunk, since a compressor is dear to make.
#[derive(Default)]
pub(crate) struct Packer {
    bundle: Vec<u8>,
    compressor: Option<zstd::bulk::Compressor<'static>>,
}

impl fmt::Debug for Packer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Packer")
    }
}

impl Packer {
    pub(crate) fn add(&mut self, entry: &[u8]) {
        self.bundle.extend_from_slice(&u16::try_from(entry.len()).unwrap_or(u16::MAX).to_be_bytes());
        self.bundle.extend_from_slice(entry);
    }

    fn pack(&mut self) -> std::io::Result<Vec<u8>> {
        let compressor = match &mut self.compressor {
            Some(compressor) => compressor,
            None => self.compressor.insert(zstd::bulk::Compressor::new(CHUNK_LEVEL)?),
        };
        let packed = compressor.compress(&self.bundle);
        self.bundle.clear();
        packed
    }
}

/// Moves the tail's entries of these positions into `packer`.
pub(crate) fn take_tail(
    connection: &Connection,
    log: &str,
    positions: Range<u64>,
    packer: &mut Packer,
) -> Result<(), rusqlite::Error> {
    if positions.is_empty() {
        return Ok(());
    }
    let bounds = params![log, positions.start, positions.end];
    let mut statement = connection.prepare_cached(
        "SELECT bytes FROM entry WHERE log = ?1 AND position >= ?2 AND position < ?3 ORDER BY position",
    )?;
    let mut rows = statement.query(bounds)?;
    while let Some(row) = rows.next()? {
        packer.add(row.get_ref(0)?.as_blob()?);
    }
    connection
        .prepare_cached("DELETE FROM entry WHERE log = ?1 AND position >= ?2 AND position < ?3")?
        .execute(bounds)
        .map(drop)
}

/// Stores what `packer` holds as the chunk that begins at `first`.
pub(crate) fn put_chunk(
    connection: &Connection,
    log: &str,
    first: u64,
    packer: &mut Packer,
) -> Result<(), rusqlite::Error> {
    let packed = packer.pack().map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    connection
        .prepare_cached("INSERT INTO chunk (log, first, entries) VALUES (?1, ?2, ?3)")?
        .execute(params![log, first, packed])
        .map(drop)
}

/// Entries in a log, durable or in the present transaction.
pub(crate) fn size(connection: &Connection, log: &str) -> Result<u64, rusqlite::Error> {
    // The newest entries are never sealed, so the tail knows the size.
    let mut statement = connection.prepare_cached("SELECT max(position) FROM entry WHERE log = ?1")?;
    let last: Option<u64> = statement.query_row(params![log], |row| row.get(0))?;
    Ok(last.map_or(0, |last| last + 1))
}

/// The first position that is not in a chunk.
pub(crate) fn tail_start(connection: &Connection, log: &str) -> Result<u64, rusqlite::Error> {
    let mut statement = connection.prepare_cached("SELECT min(position) FROM entry WHERE log = ?1")?;
    statement.query_row(params![log], |row| row.get::<_, Option<u64>>(0)).map(Option::unwrap_or_default)
}

/// The bytes of entries `from .. to`, ascending; those that retention dropped are absent.
pub(crate) fn entries(
    connection: &Connection,
    log: &str,
    from: u64,
    to: u64,
) -> Result<Vec<(u64, Vec<u8>)>, ReadError> {
    let mut found = Vec::new();
    let mut chunks = connection.prepare_cached(
        "SELECT first, entries FROM chunk WHERE log = ?1 AND first >= ?2 AND first < ?3 ORDER BY first",
    )?;
    let mut rows = chunks.query(params![log, from / CHUNK_ENTRIES * CHUNK_ENTRIES, to])?;
    while let Some(row) = rows.next()? {
        let first: u64 = row.get(0)?;
        let unpacked = unpack(first, row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?)?;
        found.extend(unpacked.into_iter().filter(|(position, _)| (from..to).contains(position)));
    }
    let mut tail = connection.prepare_cached(
        "SELECT position, bytes FROM entry WHERE log = ?1 AND position >= ?2 AND position < ?3 ORDER BY position",
    )?;
    let rows = tail.query_map(params![log, from, to], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for row in rows {
        found.push(row?);
    }
    Ok(found)
}

/// Reads single entries, and unpacks each chunk once for a run of them.
#[derive(Default)]
pub(crate) struct Single {
    chunk: Vec<(u64, Vec<u8>)>,
}

impl Single {
    /// The bytes of the entry at `position`.
    pub(crate) fn entry(
        &mut self,
        connection: &Connection,
        log: &str,
        position: u64,
    ) -> Result<Option<Vec<u8>>, ReadError> {
        let first = position / CHUNK_ENTRIES * CHUNK_ENTRIES;
        if self.chunk.first().is_none_or(|(at, _)| *at != first) {
            let mut statement = connection.prepare_cached("SELECT entries FROM chunk WHERE log = ?1 AND first = ?2")?;
            let packed: Option<Vec<u8>> = statement.query_row(params![log, first], |row| row.get(0)).optional()?;
            self.chunk = packed.map(|packed| unpack(first, &packed)).transpose()?.unwrap_or_default();
        }
        let offset = usize::try_from(position - first).unwrap_or(usize::MAX);
        if let Some((_, bytes)) = self.chunk.get(offset) {
            return Ok(Some(bytes.clone()));
        }
        let mut tail = connection.prepare_cached("SELECT bytes FROM entry WHERE log = ?1 AND position = ?2")?;
        Ok(tail.query_row(params![log, position], |row| row.get(0)).optional()?)
    }
}

fn unpack(first: u64, packed: &[u8]) -> Result<Vec<(u64, Vec<u8>)>, ReadError> {
    let damaged = |cause: &str| ReadError::Damaged { position: first, cause: cause.to_owned() };
    let bundle =
        zstd::bulk::decompress(packed, CHUNK_BYTES_MAX).map_err(|_error| damaged("its chunk does not decompress"))?;
    let mut entries = Vec::with_capacity(64);
    let mut rest = bundle.as_slice();
    while let Some((length, tail)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length));
        let (bytes, tail) = tail.split_at_checked(length).ok_or_else(|| damaged("its chunk is cut"))?;
        entries.push((first + u64::try_from(entries.len()).unwrap_or(0), bytes.to_vec()));
        rest = tail;
    }
    if entries.len() == usize::try_from(CHUNK_ENTRIES).unwrap_or(64) {
        Ok(entries)
    } else {
        Err(damaged("its chunk is short"))
    }
}

/// Bytes of a full tile.
pub(crate) const TILE_BYTES: usize = TILE_WIDTH * 32;

/// The stored bytes of a tile.
pub(crate) fn tile_bytes(
    connection: &Connection,
    log: &str,
    level: u8,
    number: u64,
) -> Result<Option<Vec<u8>>, rusqlite::Error> {
    let mut statement =
        connection.prepare_cached("SELECT hashes FROM tile WHERE log = ?1 AND level = ?2 AND number = ?3")?;
    statement.query_row(params![log, level, number], |row| row.get(0)).optional()
}

/// The stored hashes of a tile, full or partial; empty when there is none.
pub(crate) fn tile(connection: &Connection, log: &str, level: u8, number: u64) -> Result<Vec<Hash>, rusqlite::Error> {
    let bytes = tile_bytes(connection, log, level, number)?.unwrap_or_default();
    Ok(bytes.chunks_exact(32).take(TILE_WIDTH).filter_map(|hash| Some(Hash(hash.try_into().ok()?))).collect())
}
