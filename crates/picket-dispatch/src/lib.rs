//! Destinations: every event of the log reaches every system that asked for it, and the sums show it.
//!
//! There is no queue for a destination. Each has its place in the log ([`progress`]): what it has looked at, the positions
//! whose fate is open, and how many of all others were delivered, given up, or dropped by retention first. One task
//! for each ([`worker`]) reads on, packs requests ([`flow`]), sends them at the pace that the receiver bears ([`pace`]), and
//! makes durable what came of them ([`save`]). **Invariants:** `accepted = delivered + dead_lettered + pending + expired`
//! for each destination at every moment; a place moves on only past events that have their fate; after a crash only what
//! was not safely known to have arrived is sent again, at most as many events as requests hold that may be on their way
//! together (and 64, and [`WINDOW`]); one destination waits for no other.

mod balance;
mod flow;
mod manage;
mod pace;
mod packed;
mod progress;
mod recount;
mod save;
mod settings;
mod source;
mod status;
mod subscription;
mod supervise;
mod worker;

pub use balance::{Balance, Coverage, Covered, HourCoverage};
pub use manage::{Change, DESTINATIONS_MAX, DispatchError, Done, New, Preview, Start, View, fields};
pub use pace::Waits;
pub use progress::WINDOW;
pub use recount::Recount;
pub use save::DEAD_LETTERS_MAX;
pub use settings::{REQUESTS_MAX, Resume, Settings, SettingsError};
pub use status::{Failure, Health, Probe};
pub use subscription::{UnclearError, Wanted};

pub use picket_receivers::{Kind, Network, Outcome, Tested};

use picket_db::Db;
use picket_event::Workspace;
use picket_log::EventLog;
use picket_store::sealed::Vault;
use source::Source;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// What destinations are of.
#[derive(Debug, Clone)]
pub struct Options {
    /// Database.
    pub db: Db,
    /// The workspace's log.
    pub log: EventLog,
    /// The workspace.
    pub workspace: Workspace,
    /// Where credentials are sealed.
    pub vault: Vault,
    /// What all receivers share.
    pub network: Network,
    /// How long it takes.
    pub timing: Timing,
    /// Whether the operator lets prompts and answers leave.
    pub bodies: bool,
}

/// All destinations of a workspace. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Dispatch(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    shared: Arc<Shared>,
    /// Those that have a task.
    running: Mutex<BTreeMap<String, supervise::Handle>>,
    /// There may be another destination.
    changed: Notify,
}

/// What the tasks of all destinations share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) db: Db,
    pub(crate) log: EventLog,
    pub(crate) workspace: Workspace,
    pub(crate) vault: Vault,
    pub(crate) network: Network,
    pub(crate) source: Source,
    pub(crate) timing: Timing,
    pub(crate) bodies: bool,
    /// Counts erasures: what was packed before one is packed anew.
    pub(crate) erasures: AtomicU64,
}

/// How long destinations that fail are left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// Time between two probes of a destination that was paused because it failed.
    pub probe: Duration,
    /// Waits after faults.
    pub waits: Waits,
}

impl Default for Timing {
    fn default() -> Self {
        Self { probe: Duration::from_secs(60), waits: Waits::default() }
    }
}

impl Dispatch {
    /// The destinations of a workspace. Nothing is sent before [`Dispatch::serve`].
    pub fn new(options: Options) -> Self {
        let Options { db, log, workspace, vault, network, timing, bodies } = options;
        let source = Source::new(log.clone());
        let erasures = AtomicU64::new(0);
        let shared = Shared { db, log, workspace, vault, network, source, timing, bodies, erasures };
        Self(Arc::new(Inner { shared: Arc::new(shared), running: Mutex::default(), changed: Notify::new() }))
    }

    /// Sends nothing more that was read before now: what is to be sent is read from the log once more. For erasures, once
    /// the log has nothing left of whom they are of; a request that is on its way is not called back.
    pub fn forget(&self) {
        self.shared().source.forget();
        self.shared().erasures.fetch_add(1, Ordering::SeqCst);
        self.poke_all();
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.0.shared
    }
}

#[cfg(test)]
mod tests;
