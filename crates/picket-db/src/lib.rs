//! One SQLite file: one writer thread with group commit, a pool of readers, migrations.
//!
//! All writes are jobs of the writer. A batch is what queued while the last one was being made durable; each job runs
//! in its own savepoint, and a [`Ticket`] resolves after COMMIT, never before. **Invariants:** a job that fails leaves
//! nothing behind and harms no other; a COMMIT that fails undoes the whole batch and tells every job of it; after a failed
//! sync nothing is written any more, since only a start from the files finds out what they hold.

mod condition;
mod failure;
mod migrate;
mod open;
mod queue;
mod read;
mod ticket;
mod tx;
mod wal;
mod writer;

pub use failure::{OpenError, ReadError, WriteError};
pub use migrate::Migration;
pub use queue::Lane;
pub use ticket::Ticket;
pub use tx::Tx;

use condition::Condition;
use queue::{Job, Queue};
use read::Readers;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// How a database is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// The file.
    pub path: PathBuf,
    /// Connections for reading.
    pub readers: usize,
    /// Jobs that may wait in each lane; one more is refused with [`WriteError::Busy`].
    pub queue: usize,
}

impl Options {
    /// Four readers, and room for 8,192 waiting jobs in each lane.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), readers: 4, queue: 8_192 }
    }
}

/// What is known of a write before it runs.
#[derive(Debug, Clone, Copy)]
pub struct Write {
    /// Who writes.
    pub lane: Lane,
    /// For messages.
    pub name: &'static str,
    /// Memory that the job holds; what waits has a bound in bytes, too.
    pub bytes: usize,
    /// Somebody waits for it. Otherwise it may wait some milliseconds for others, so that one commit serves them all; who
    /// begins to wait for the ticket then says so with [`Db::hurry`].
    pub urgent: bool,
}

/// An open database. Cheap to clone; the last clone that goes drains the writer and closes the file.
#[derive(Debug, Clone)]
pub struct Db(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    queue: Arc<Queue>,
    readers: Readers,
    condition: Condition,
    threads: Mutex<Vec<std::thread::JoinHandle<()>>>,
    _lock: std::fs::File,
}

/// Whether the database takes writes, and how much room there is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Why the last batch could not be made durable; `None` when it could.
    pub blocked: Option<String>,
    /// Jobs that wait, by lane: gateway, administration, consumers.
    pub waiting: [usize; 3],
    /// Bytes of the database and its write-ahead log.
    pub file_bytes: u64,
    /// Free bytes on its volume.
    pub free_bytes: Option<u64>,
}

impl Db {
    /// Opens or creates a database, and brings every component's tables up to date.
    ///
    /// # Errors
    /// [`OpenError`] names the file, the cause and what to do: it is locked by another process, is no database, is
    /// corrupt, cannot be written, or was written by a newer version.
    pub fn open(options: Options, migrations: &[&[Migration]]) -> Result<Self, OpenError> {
        let lock = open::lock(&options.path)?;
        let writer = open::writer(&options.path)?;
        migrate::run(&writer, migrations)?;
        let readers = Readers::open(&options.path, options.readers)?;
        let queue = Arc::new(Queue::new(options.queue));
        let condition = Condition::default();
        let writing = writer::spawn(writer, options.path.clone(), Arc::clone(&queue), condition.clone());
        let checkpointing = wal::spawn(options.path.clone(), Arc::clone(&queue), condition.clone());
        let threads = [writing, checkpointing].into_iter().collect::<Result<Vec<_>, _>>().map_err(OpenError::Thread)?;
        Ok(Self(Arc::new(Inner {
            path: options.path,
            queue,
            readers,
            condition,
            threads: Mutex::new(threads),
            _lock: lock,
        })))
    }

    /// Queues a write. The ticket resolves when the job's effect is durable, or says why there is none.
    pub fn write<T, E, F>(&self, lane: Lane, name: &'static str, job: F) -> Ticket<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        self.queue(Write { lane, name, bytes: 0, urgent: true }, job)
    }

    /// Has the writer begin with what is queued.
    pub fn hurry(&self) {
        self.0.queue.hurry();
    }

    /// Queues a write with all that is known of it.
    pub fn queue<T, E, F>(&self, write: Write, job: F) -> Ticket<T, E>
    where
        F: FnOnce(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: Send + 'static,
    {
        let (job, ticket) = Job::new(write.name, write.bytes, job);
        match self.0.queue.push(write.lane, write.urgent, job) {
            Ok(()) => ticket,
            Err(refusal) => Ticket::refused(refusal),
        }
    }

    /// Reads on a pooled connection; blocks while all are busy. Keep reads short: a long one lets the write-ahead log
    /// grow.
    pub fn read<T, E>(&self, read: impl FnOnce(&rusqlite::Connection) -> Result<T, E>) -> Result<T, ReadError<E>> {
        self.0.readers.with(read)
    }

    /// Whether writes become durable now, and the room left.
    pub fn health(&self) -> Health {
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
        let folder =
            self.0.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        Health {
            blocked: self.0.condition.failure().map(|failure| failure.cause.to_string()),
            waiting: self.0.queue.waiting(),
            file_bytes: size(&self.0.path) + size(&wal::path_of(&self.0.path)),
            free_bytes: rustix::fs::statvfs(folder).ok().map(|volume| volume.f_bavail * volume.f_frsize),
        }
    }

    /// Whether so many jobs of a lane wait, or so many bytes, that room runs out. Asks the file system nothing, so that
    /// every request may ask.
    pub fn is_saturated(&self, lane: Lane, most: usize) -> bool {
        let [gateway, admin, consumer] = self.0.queue.waiting();
        let waiting = match lane {
            Lane::Gateway => gateway,
            Lane::Admin => admin,
            Lane::Consumer => consumer,
        };
        waiting >= most || self.0.queue.is_heavy()
    }

    /// Whether writes cannot be made durable now.
    pub fn is_blocked(&self) -> bool {
        self.0.condition.failure().is_some()
    }

    /// Whether writes cannot be made durable for want of room on the disk.
    pub fn is_full(&self) -> bool {
        self.0.condition.failure().is_some_and(|failure| failure.full)
    }

    /// Takes no more jobs, makes what waits durable, and ends the writer.
    pub fn close(&self) {
        self.0.close();
    }
}

impl Inner {
    fn close(&self) {
        self.queue.close();
        for thread in self.threads.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // A panic of the writer was reported to the jobs of its batch.
            thread.join().unwrap_or_default();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.close();
    }
}

#[cfg(test)]
mod tests;
