//! Detection: from events to findings, and from findings to action.
//!
//! [`Detector`] reads the log, holds each event against the rules ([`Engine`]), and stores what they find with what is
//! done about it. [`Detection`] is what everybody else asks: findings, rules and their state, suppressions.
//! **Invariants:** findings, their events, responses and the cursor are one transaction, so that a crash neither loses
//! nor repeats one; what detection wrote and what a containment decided is not held against rules; nobody is contained
//! for a name that a request only claims; a set of rules that does not load leaves the old one in force.

mod backtest;
mod consumer;
mod draft;
mod engine;
mod files;
#[cfg(test)]
mod fixture;
mod manage;
mod metrics;
mod profiles;
mod respond;
mod second_look;
mod set;
mod settle;
mod sight;
mod source;
pub mod taxonomy;
mod view;

pub use backtest::{Alert, Backtest, Tried};
pub use consumer::Detector;
pub use draft::{Draft, drafts};
pub use engine::{Engine, Hit, Judged, Measured, StateError, Trigger};
pub use files::{FileBounds, Found, read_files, read_text};
pub use manage::{CloseFinding, DetectError, NewSuppression, SUPPRESSION_LIFE, SUPPRESSION_LIFE_MAX};
pub use metrics::{BORDERS_MS, Counts, Metrics, OfRule};
pub use picket_rules::Settings as Bounds;
pub use profiles::{
    Bounds as ProfileBounds, Compared, Counts as ProfileCounts, Kind as ProfileKind, Portrait, Profiles, Rate, Score,
    Since,
};
pub use second_look::{History, HistoryError, Looked, SecondLook, Wanted};
pub use set::{Info, RuleSet};
pub use source::{Origin, Read, RuleFile, SHIPPED, Sources};
pub use taxonomy::Taxonomy;
pub use view::Unseen;

use arc_swap::ArcSwap;
use picket_contain::Container;
use picket_db::Db;
use picket_event::Workspace;
use picket_log::EventLog;
use picket_pipeline::Shutdown;
use picket_stdx::Timestamp;
use picket_store::detection::findings;
use picket_store::detection::rules::{self, Choice, RuleState};
use settle::NEW_PER_HOUR;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

/// Verdicts of so many days say how often a rule is right.
const VERDICTS: Duration = Duration::from_secs(90 * 86_400);
/// A rule is believed to be as right as it says until so many findings were decided.
const PRIOR: f64 = 5.0;
const HOUR: Duration = Duration::from_secs(3_600);
/// Mistakes and warnings that the program's own log tells; the status tells all.
const TOLD_MAX: usize = 20;

/// What the operator says of detection.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Where rules come from.
    pub sources: Sources,
    /// What bounds the correlations.
    pub bounds: Bounds,
    /// Profiles that are remembered.
    pub profiles_max: usize,
    /// What one rule says of one entity within this time of each other is one finding.
    pub window: Duration,
    /// Whether rules respond at all.
    pub responds: bool,
    /// The alert taxonomy of the workspace.
    pub taxonomy: Taxonomy,
}

impl Settings {
    /// What bounds profiles.
    fn of_profiles(&self) -> ProfileBounds {
        ProfileBounds { most: self.profiles_max, lateness_ms: self.bounds.lateness_ms, ahead_ms: self.bounds.ahead_ms }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sources: Sources::default(),
            bounds: Bounds { groups_max: 200_000, ..Bounds::default() },
            profiles_max: 200_000,
            window: HOUR,
            responds: true,
            taxonomy: Taxonomy::default(),
        }
    }
}

/// What came of the last try to load rules.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Load {
    /// When.
    pub at: Timestamp,
    /// What is wrong; the set that was in force before still is.
    pub problems: Vec<String>,
    /// The files that were read then.
    digest: Option<[u8; 32]>,
    /// Its number among all tries: one that began before another never undoes it.
    number: u64,
}

/// Settings with their rules, ready to come into force.
#[derive(Debug)]
pub struct Prepared {
    settings: Settings,
    /// What came of reading them, where they were read; those that are stay in force without.
    tried: Option<(Option<RuleSet>, Load)>,
}

/// Detection in a workspace. Cheap to clone.
#[derive(Clone)]
pub struct Detection(Arc<Inner>);

struct Inner {
    db: Db,
    log: EventLog,
    workspace: Workspace,
    container: Container,
    settings: ArcSwap<Settings>,
    set: ArcSwap<RuleSet>,
    choices: ArcSwap<BTreeMap<String, Choice>>,
    /// By rule: real and authorised ones, and false alarms.
    verdicts: ArcSwap<HashMap<String, (u64, u64)>>,
    metrics: Metrics,
    profiles: Profiles,
    load: Mutex<Load>,
    /// Tries to load rules so far, and how many of them are under way.
    loads: AtomicU64,
    loading: AtomicUsize,
    shutdown: OnceLock<Shutdown>,
    /// New findings of each rule in the hour that began then.
    found: Mutex<HashMap<String, (Timestamp, u64)>>,
    /// Names that the correlations have to let go of.
    forget: Mutex<Vec<String>>,
}

impl fmt::Debug for Detection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Detection({}, {} rules)", self.0.workspace, self.set().infos.len())
    }
}

impl Detection {
    /// Detection with the rules that load. What is wrong with the others is told in [`Detection::load`].
    pub fn open(container: Container, settings: Settings) -> Result<Self, rusqlite::Error> {
        let Container { db, log, workspace, .. } = container.clone();
        let profiles = Profiles::new(settings.of_profiles());
        let detection = Self(Arc::new(Inner {
            profiles,
            db,
            log,
            workspace,
            container,
            settings: ArcSwap::from_pointee(Settings { sources: none(), ..settings.clone() }),
            set: ArcSwap::from_pointee(RuleSet::default()),
            choices: ArcSwap::default(),
            verdicts: ArcSwap::default(),
            metrics: Metrics::default(),
            load: Mutex::default(),
            loads: AtomicU64::default(),
            loading: AtomicUsize::default(),
            shutdown: OnceLock::new(),
            found: Mutex::default(),
            forget: Mutex::default(),
        }));
        detection.refresh()?;
        let (number, read) = detection.begin(&settings.sources);
        // There is nothing before that could stay in force.
        let (set, problems) = RuleSet::load(&read);
        let load = detection.tried(number, &read, problems);
        detection.put(Prepared { settings, tried: Some((Some(set), load)) });
        Ok(detection)
    }

    /// From when the process begins to stop, no more rules are loaded, and a load that is under way ends.
    pub fn end_with(&self, shutdown: Shutdown) {
        // A second one has nothing to add: there is one process.
        self.0.shutdown.set(shutdown).unwrap_or_default();
    }

    fn is_stopping(&self) -> bool {
        self.0.shutdown.get().is_some_and(|shutdown| !shutdown.is_running())
    }

    /// Makes other settings ready, and reads their rules; what is wrong with them otherwise. Files that are as they were
    /// when they were read last are not loaded again, nor those that are being loaded just now, and what is wrong with them
    /// stands in no other setting's way.
    pub fn prepare(&self, settings: Settings) -> Result<Prepared, Vec<String>> {
        let same = settings.sources == self.settings().sources;
        if same && self.0.loading.load(Ordering::SeqCst) > 0 {
            return Ok(Prepared { settings, tried: None });
        }
        let (number, read) = self.begin(&settings.sources);
        if same && self.load().digest == Some(read.digest) {
            return Ok(Prepared { settings, tried: None });
        }
        let (set, problems) = self.loaded(&read)?;
        if !problems.is_empty() && !same {
            self.0.metrics.reload_failed();
            return Err(problems);
        }
        let set = problems.is_empty().then_some(set);
        Ok(Prepared { settings, tried: Some((set, self.tried(number, &read, problems))) })
    }

    /// Lets settings come into force that were made ready.
    pub fn put(&self, prepared: Prepared) {
        let Prepared { settings, tried } = prepared;
        let mut last = locked(&self.0.load);
        if settings.sources != self.settings().sources {
            // Whatever was tried in the meantime were other rules.
            last.number = 0;
        }
        self.0.profiles.bound(settings.of_profiles());
        self.0.settings.store(Arc::new(settings));
        if let Some((set, load)) = tried {
            self.settle_load(&mut last, set, load);
        }
    }

    /// Reads the rules again; whether they changed.
    pub fn reload_files(&self) -> Result<bool, Vec<String>> {
        let settings = self.settings();
        let (number, read) = self.begin(&settings.sources);
        self.reload_read(&settings, number, &read)
    }

    /// Reads the rules again if their files changed since they were read last.
    pub fn look(&self) {
        let settings = self.settings();
        if settings.sources.rules.is_empty() && settings.sources.data.is_empty() || self.is_stopping() {
            return;
        }
        let (number, read) = self.begin(&settings.sources);
        if Some(read.digest) == self.load().digest {
            return;
        }
        // What is wrong with them is told where it is taken note of.
        drop(self.reload_read(&settings, number, &read));
    }

    fn reload_read(&self, settings: &Settings, number: u64, read: &Read) -> Result<bool, Vec<String>> {
        let before = self.load().digest;
        let (set, problems) = self.loaded(read)?;
        let load = self.tried(number, read, problems.clone());
        let mut last = locked(&self.0.load);
        if self.settings().sources == settings.sources {
            self.settle_load(&mut last, problems.is_empty().then_some(set), load);
        }
        if problems.is_empty() { Ok(before != Some(read.digest)) } else { Err(problems) }
    }

    /// The number of a try, and what it reads.
    fn begin(&self, sources: &Sources) -> (u64, Read) {
        (self.0.loads.fetch_add(1, Ordering::SeqCst) + 1, sources.read())
    }

    /// What a set is made of, unless the process stops.
    fn loaded(&self, read: &Read) -> Result<(RuleSet, Vec<String>), Vec<String>> {
        let _loading = Loading::begin(&self.0.loading);
        RuleSet::load_while(read, &|| !self.is_stopping())
            .ok_or_else(|| vec!["the server stops; the rules were not loaded".to_owned()])
    }

    fn tried(&self, number: u64, read: &Read, problems: Vec<String>) -> Load {
        if !problems.is_empty() {
            self.0.metrics.reload_failed();
        }
        Load { at: self.0.log.clock().now(), problems, digest: Some(read.digest), number }
    }

    /// Takes note of what came of a try, and of its rules, unless one that began later was faster; tells both.
    fn settle_load(&self, last: &mut Load, set: Option<RuleSet>, load: Load) {
        if load.number < last.number {
            return;
        }
        match (&set, load.problems.len()) {
            (Some(set), 0) => tracing::info!(rules = set.infos.len(), "detection rules are loaded"),
            (Some(_), problems) => {
                tracing::error!(problems, "some detection rules do not load; the others are in force")
            }
            (None, problems) => tracing::error!(problems, "detection rules do not load; the old ones stay in force"),
        }
        load.problems.iter().take(TOLD_MAX).for_each(|problem| tracing::error!("detection rules: {problem}"));
        if let Some(set) = set {
            let warnings = set.warnings.len();
            set.warnings.iter().take(TOLD_MAX).for_each(|warning| tracing::warn!("detection rules: {warning}"));
            if warnings > TOLD_MAX {
                tracing::warn!(warnings, "`picket rules status` tells all warnings about detection rules");
            }
            self.0.set.store(Arc::new(set));
        }
        *last = load;
    }

    /// Reads again what people decided.
    pub(crate) fn refresh(&self) -> Result<(), rusqlite::Error> {
        let since = self.0.log.clock().now().minus(VERDICTS);
        let (choices, tallies) = self
            .0
            .db
            .read(|connection| {
                let choices = rules::choices(connection, &self.0.workspace)?;
                Ok::<_, rusqlite::Error>((choices, findings::tallies(connection, &self.0.workspace, since)?))
            })
            .map_err(|error| match error {
                picket_db::ReadError::Job(error) | picket_db::ReadError::Database(error) => error,
            })?;
        let choices = choices.into_iter().map(|choice| (choice.rule.clone(), choice)).collect();
        self.0.choices.store(Arc::new(choices));
        let verdicts = tallies
            .into_iter()
            .map(|tally| (tally.rule, (tally.true_positive + tally.benign, tally.false_positive)))
            .collect();
        self.0.verdicts.store(Arc::new(verdicts));
        Ok(())
    }

    /// What a rule does now, and whether it responds.
    pub fn standing(&self, info: &Info) -> (RuleState, bool) {
        let responds = self.settings().responds && info.has_response();
        let choices = self.0.choices.load();
        let (state, wants) = choices
            .get(&info.key)
            .map_or((info.usual_state(), info.usually_responds()), |choice| (choice.state, choice.responds));
        (state, responds && wants && state == RuleState::Enabled)
    }

    /// What a person decided about a rule.
    pub fn choice(&self, key: &str) -> Option<Choice> {
        self.0.choices.load().get(key).cloned()
    }

    /// How likely what a rule finds is real: by what people said of its findings, and before by what it says of itself.
    pub(crate) fn confidence(&self, info: &Info) -> f64 {
        let (right, wrong) = self.0.verdicts.load().get(&info.key).copied().unwrap_or_default();
        #[expect(clippy::cast_precision_loss, reason = "counts of findings are far below 2^52")]
        let (right, all) = (right as f64, (right + wrong) as f64);
        info.confidence().mul_add(PRIOR, right) / (PRIOR + all)
    }

    /// Whether a rule may find one more in this hour.
    pub(crate) fn may_find(&self, rule: &str, now: Timestamp) -> bool {
        let mut found = locked(&self.0.found);
        let (begun, count) = found.entry(rule.to_owned()).or_insert((now, 0));
        if now >= begun.plus(HOUR) {
            (*begun, *count) = (now, 0);
        }
        *count += 1;
        *count <= NEW_PER_HOUR
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The workspace's log.
    pub fn log(&self) -> &EventLog {
        &self.0.log
    }

    /// The workspace.
    pub fn workspace(&self) -> &Workspace {
        &self.0.workspace
    }

    pub(crate) fn container(&self) -> &Container {
        &self.0.container
    }

    /// Rules that are in force.
    pub fn set(&self) -> Arc<RuleSet> {
        self.0.set.load_full()
    }

    /// What the operator says.
    pub fn settings(&self) -> Arc<Settings> {
        self.0.settings.load_full()
    }

    pub(crate) fn window(&self) -> Duration {
        self.0.settings.load().window
    }

    /// What was counted.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    /// What is usual of users, keys, applications and models.
    pub fn profiles(&self) -> &Profiles {
        &self.0.profiles
    }

    /// What came of the last try to load rules.
    pub fn load(&self) -> Load {
        locked(&self.0.load).clone()
    }

    /// Where the profile of a user is kept, and as whose.
    pub fn profile_row(&self, name: &str) -> Option<(u32, u64)> {
        self.0.profiles.row(name)
    }

    /// The correlations and profiles let go of a name before they take in another event, and so does what is kept of them.
    pub fn forget(&self, name: &str) {
        locked(&self.0.forget).push(name.to_owned());
    }

    pub(crate) fn has_forgotten(&self) -> bool {
        !locked(&self.0.forget).is_empty()
    }

    pub(crate) fn take_forgotten(&self) -> Vec<String> {
        std::mem::take(&mut *locked(&self.0.forget))
    }
}

/// A load that is under way, for as long as this exists.
struct Loading<'a>(&'a AtomicUsize);

impl<'a> Loading<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Loading<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn none() -> Sources {
    Sources { is_shipped: false, rules: Vec::new(), data: Vec::new() }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
