//! Threads for what is dear and can wait: so many at a time, at a low priority, with a bounded queue before them.

use crate::Busy;
use rustix::process::setpriority_process;
use rustix::thread::gettid;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// How far behind others they stand (`nice`): who guesses passwords takes what requests leave.
const NICE: i32 = 10;

type Job = Box<dyn FnOnce() + Send>;

/// The threads; they end when this is dropped.
#[derive(Debug)]
pub(crate) struct Workers {
    jobs: SyncSender<Job>,
    /// What runs and waits.
    taken: Arc<AtomicUsize>,
    most: usize,
}

impl Workers {
    pub(crate) fn start(running: usize, waiting: usize) -> io::Result<Self> {
        let most = running + waiting;
        let (jobs, queue) = sync_channel::<Job>(most);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..running {
            let queue = Arc::clone(&queue);
            std::thread::Builder::new().name("picket-hash".to_owned()).spawn(move || work(&queue))?;
        }
        Ok(Self { jobs, taken: Arc::default(), most })
    }

    /// Runs a job, once there is a thread for it, and waits for it; refuses it where too many wait already.
    pub(crate) fn run<T: Send + 'static>(&self, job: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let place = Place::take(&self.taken, self.most).ok_or(Busy)?;
        let (done, outcome) = channel();
        let job = Box::new(move || {
            // Whoever waited may be gone.
            drop(done.send(job()));
            drop(place);
        });
        self.jobs.try_send(job).map_err(|_full| Busy)?;
        outcome.recv().map_err(|_panicked| Busy)
    }

    #[cfg(test)]
    pub(crate) fn taken(&self) -> usize {
        self.taken.load(Ordering::SeqCst)
    }
}

/// A place among those that run and wait, given back when this is dropped.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(taken: &Arc<AtomicUsize>, most: usize) -> Option<Self> {
        let more = |taken: usize| (taken < most).then_some(taken + 1);
        taken.fetch_update(Ordering::SeqCst, Ordering::SeqCst, more).ok()?;
        Some(Self(Arc::clone(taken)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn work(queue: &Mutex<Receiver<Job>>) {
    // Where that is not allowed, they are as others.
    setpriority_process(Some(gettid()), NICE).unwrap_or_default();
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            // One that panics ends alone: whoever waits for it hears that nothing came.
            Ok(job) => drop(catch_unwind(AssertUnwindSafe(job))),
            Err(_ended) => return,
        }
    }
}
