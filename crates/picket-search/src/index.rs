//! Opening the index of a log.

use crate::failure::OpenError;
use crate::indexer::Indexer;
use crate::schema::{Fields, VERSION};
use crate::segment::Snapshot;
use crate::writer::Writer;
use arc_swap::ArcSwap;
use picket_event::Entry;
use picket_keys::Keyring;
use picket_log::EventLog;
use picket_stdx::encode::hex;
use picket_stdx::fs::create_private_folder;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tantivy::directory::MmapDirectory;
use tantivy::index::IndexMeta;
use tantivy::store::Compressor;
use tantivy::{IndexBuilder, IndexSettings, TantivyError};

/// Bytes of rows that are packed together: small, since a list reads them at scattered places.
const ROW_BLOCK_BYTES: usize = 4_096;

/// Digits of a segment's id, with which the names of its files begin.
const SEGMENT_ID_DIGITS: usize = 32;

/// The index of one log, and its only writer. Cheap to clone.
#[derive(Clone)]
pub struct Index(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    tantivy: tantivy::Index,
    fields: Fields,
    log: EventLog,
    keyring: Keyring,
    snapshot: ArcSwap<Snapshot>,
    /// The oldest entry that retention left in the log.
    floor: AtomicU64,
    writer: Mutex<Writer>,
    anew: Option<Anew>,
    /// Held as long as the index is open.
    _lock: File,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Index({}, covers {})", self.0.folder.display(), self.cursor())
    }
}

/// Why an index began anew when it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anew {
    /// There was none.
    First,
    /// It was written by another version.
    Version,
    /// It covered another log, or another history of this one: a restored backup, for instance.
    Log,
}

/// What a commit covers: written into it, so that cursor and documents are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Covered {
    version: u32,
    log: String,
    /// The next position that is not covered.
    pub(crate) next: u64,
    /// Digest of the last entry that is covered: another history of the log has another one.
    entry: Option<String>,
}

impl Covered {
    pub(crate) fn new(log: &EventLog, keyring: &Keyring, next: u64, last: Option<&Entry>) -> Self {
        Self { version: VERSION, log: log.id().to_owned(), next, entry: last.map(|entry| digest(keyring, entry)) }
    }

    /// Whether the log still has the history that was covered.
    fn is_of(&self, log: &EventLog, keyring: &Keyring) -> Result<bool, OpenError> {
        if self.log != log.id() || self.next > log.size() {
            return Ok(false);
        }
        let (Some(last), Some(known)) = (self.next.checked_sub(1), &self.entry) else { return Ok(true) };
        let entries = log.entries(last, 1)?;
        // What retention dropped cannot be compared.
        let entry = entries.iter().find(|stored| stored.position == last);
        Ok(entry.is_none_or(|stored| digest(keyring, &stored.entry) == *known))
    }
}

fn digest(keyring: &Keyring, entry: &Entry) -> String {
    hex(&keyring.keyed_hash("search-covered", &entry.to_canonical().unwrap_or_default()))
}

impl Index {
    /// Opens the index in a folder, or begins one. One of another version, or of another history of the log, begins
    /// anew; its consumer fills it.
    pub fn open(folder: &Path, log: &EventLog, keyring: &Keyring) -> Result<Self, OpenError> {
        let lock = lock(folder)?;
        Self::open_locked(folder, log, keyring, lock)
    }

    pub(crate) fn open_locked(folder: &Path, log: &EventLog, keyring: &Keyring, lock: File) -> Result<Self, OpenError> {
        let damaged = |source| failed(folder, source);
        let fields = Fields::new();
        let found = existing(folder, &fields).map_err(damaged)?;
        let (usable, anew) = match found {
            Found::Usable(index, covered) if covered.is_of(log, keyring)? => (Some((index, covered)), None),
            Found::Usable(..) => (None, Some(Anew::Log)),
            Found::Unusable(anew) => (None, Some(anew)),
        };
        let (tantivy, covered) = match usable {
            Some(usable) => usable,
            None => {
                clear(folder).map_err(|source| OpenError::Folder { path: folder.to_owned(), source })?;
                (create(folder, &fields).map_err(damaged)?, Covered::new(log, keyring, 0, None))
            }
        };
        let floor = log.first()?;
        let snapshot = Snapshot::open(&tantivy, &fields, covered.next, None).map_err(damaged)?;
        let writer = Writer::open(&tantivy, covered).map_err(damaged)?;
        Ok(Self(Arc::new(Inner {
            folder: folder.to_owned(),
            tantivy,
            fields,
            log: log.clone(),
            keyring: keyring.clone(),
            snapshot: ArcSwap::from_pointee(snapshot),
            floor: AtomicU64::new(floor),
            writer: Mutex::new(writer),
            anew,
            _lock: lock,
        })))
    }

    /// Why the index began anew, if it did.
    pub fn began_anew(&self) -> Option<Anew> {
        self.0.anew
    }

    /// The consumer that fills it.
    pub fn indexer(&self) -> Indexer {
        Indexer::new(self.clone())
    }

    /// The next position that searches do not see yet.
    pub fn cursor(&self) -> u64 {
        self.0.snapshot.load().covered
    }

    /// How many entries of the log searches do not see yet.
    pub fn lag(&self) -> u64 {
        self.0.log.size().saturating_sub(self.cursor())
    }

    /// Segments of the index, for figures.
    pub fn segments(&self) -> usize {
        self.0.snapshot.load().segments.len()
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        self.0.snapshot.load_full()
    }

    pub(crate) fn show(&self, snapshot: Snapshot) {
        self.0.snapshot.store(Arc::new(snapshot));
    }

    pub(crate) fn floor(&self) -> u64 {
        self.0.floor.load(Ordering::Acquire)
    }

    pub(crate) fn raise_floor(&self, floor: u64) {
        self.0.floor.fetch_max(floor, Ordering::AcqRel);
    }

    pub(crate) fn writer(&self) -> MutexGuard<'_, Writer> {
        // Whatever a panic left undone is undone by the next rollback.
        self.0.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there are files of segments other than these.
    pub(crate) fn has_files_besides(&self, segments: &[String]) -> io::Result<bool> {
        for file in std::fs::read_dir(&self.0.folder)? {
            let name = file?.file_name();
            let stem = name.to_str().and_then(|name| name.split('.').next()).unwrap_or_default();
            let is_of_segment = stem.len() == SEGMENT_ID_DIGITS && stem.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_of_segment && !segments.iter().any(|segment| segment == stem) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(crate) fn tantivy(&self) -> &tantivy::Index {
        &self.0.tantivy
    }

    pub(crate) fn fields(&self) -> &Fields {
        &self.0.fields
    }

    pub(crate) fn log(&self) -> &EventLog {
        &self.0.log
    }

    pub(crate) fn keyring(&self) -> &Keyring {
        &self.0.keyring
    }
}

enum Found {
    Usable(tantivy::Index, Covered),
    Unusable(Anew),
}

/// The index in a folder, if it is one of this version.
fn existing(folder: &Path, fields: &Fields) -> tantivy::Result<Found> {
    let directory = MmapDirectory::open(folder)?;
    if !tantivy::Index::exists(&directory)? {
        return Ok(Found::Unusable(Anew::First));
    }
    let index = match tantivy::Index::open(directory) {
        Err(TantivyError::IncompatibleIndex(_)) => return Ok(Found::Unusable(Anew::Version)),
        opened => opened?,
    };
    let meta = index.load_metas()?;
    Ok(match covered(&meta) {
        Some(covered) if covered.version == VERSION && meta.schema == fields.schema => Found::Usable(index, covered),
        // A crash before the first commit.
        None if meta.segments.is_empty() => Found::Unusable(Anew::First),
        _ => Found::Unusable(Anew::Version),
    })
}

fn covered(meta: &IndexMeta) -> Option<Covered> {
    serde_json::from_str(meta.payload.as_deref()?).ok()
}

fn create(folder: &Path, fields: &Fields) -> tantivy::Result<tantivy::Index> {
    let settings = IndexSettings {
        docstore_compression: Compressor::Lz4,
        docstore_compress_dedicated_thread: false,
        docstore_blocksize: ROW_BLOCK_BYTES,
        ..IndexSettings::default()
    };
    let builder = IndexBuilder::new().schema(fields.schema.clone()).settings(settings);
    builder.open_or_create(MmapDirectory::open(folder)?)
}

/// Takes the lock beside the folder, and makes the folder.
pub(crate) fn lock(folder: &Path) -> Result<File, OpenError> {
    let failed = |source| OpenError::Folder { path: folder.to_owned(), source };
    create_private_folder(folder).map_err(failed)?;
    let mut path = folder.as_os_str().to_owned();
    path.push(".lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: folder.to_owned() }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Removes every file of an index: first the one that makes it one, so that a crash leaves no half of it.
pub(crate) fn clear(folder: &Path) -> io::Result<()> {
    match std::fs::remove_file(folder.join("meta.json")) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    for file in std::fs::read_dir(folder)? {
        std::fs::remove_file(file?.path())?;
    }
    Ok(())
}

/// Whether a failure is one of the system, or one of the files.
fn failed(folder: &Path, error: TantivyError) -> OpenError {
    let path = folder.to_owned();
    match error {
        TantivyError::LockFailure(..) => OpenError::InUse { path },
        TantivyError::IoError(error)
            if error.kind() != io::ErrorKind::InvalidData && error.kind() != io::ErrorKind::UnexpectedEof =>
        {
            OpenError::Folder { path, source: io::Error::new(error.kind(), error.to_string()) }
        }
        source => OpenError::Damaged { path, source },
    }
}
