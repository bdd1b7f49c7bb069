//! What rules would have found in events that are over, and what their responses would have done. Nothing is stored, and
//! nobody is contained.

use crate::draft::{Draft, drafts};
use crate::engine::{Engine, Hit, Judged};
use crate::set::RuleSet;
use crate::sight::Sight;
use crate::taxonomy::Taxonomy;
use crate::view::Unseen;
use picket_event::{Category, Event, Severity};
use picket_rules::{Counters, Settings};
use picket_stdx::Timestamp;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// Findings that are remembered at a time; older ones are taken as over.
const REMEMBERED: usize = 1_000_000;
/// Events that are handed from one thread to the other together, and so many times that wait.
const TOGETHER: usize = 64;
const WAITING_MAX: usize = 4;

/// What a rule would have found.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// Place of the rule in the set.
    pub rule: usize,
    /// How bad the worst of it is.
    pub severity: Severity,
    /// Place in the taxonomy.
    pub category: Option<Category>,
    /// Findings.
    pub findings: u64,
    /// How often the rule said them.
    pub hits: u64,
    /// How many entities they are about.
    pub entities: u64,
    /// Time of the first.
    pub first_at: Timestamp,
    /// Time of the newest.
    pub last_at: Timestamp,
    /// What one of them says.
    pub example: String,
    /// Targets that its responses would have concerned, by response, such as `block user`.
    pub responses: BTreeMap<String, u64>,
}

/// What one event had a rule say.
#[derive(Debug, Clone, PartialEq)]
pub struct Alert {
    /// Place of the rule in the set.
    pub rule: usize,
    /// How bad it is.
    pub severity: Severity,
    /// What it is about, such as `user`, and its name.
    pub entity: (String, String),
    /// Whether it is a finding of its own, and not one more of another.
    pub is_new: bool,
    /// Time of the newest event.
    pub last_at: Timestamp,
    /// Events that it rests on, by their numbers from 1.
    pub evidence: Vec<u64>,
    /// What would be done, by the places of the rule's responses, and to whom: what it is, and its name.
    pub answers: Vec<(usize, (String, String))>,
}

/// Rules that are tried on events.
#[derive(Debug)]
pub struct Backtest {
    engine: Engine,
    events: u64,
    tally: Tally,
}

/// An event on its way from one thread to the other.
#[derive(Debug)]
struct Seen {
    event: Event,
    sight: Sight,
    /// Why rules do not see it.
    unseen: Option<Unseen>,
}

/// What was found so far.
#[derive(Debug)]
struct Tally {
    taxonomy: Taxonomy,
    window: Duration,
    unseen: u64,
    newest: HashMap<String, Timestamp>,
    tried: BTreeMap<usize, Trying>,
}

/// What a rule found so far, about whom, and against whom it would have responded.
#[derive(Debug)]
struct Trying {
    tried: Tried,
    entities: HashSet<(String, String)>,
    targets: HashSet<(String, String)>,
}

impl Backtest {
    /// A trial of a set; what one rule says of one entity within `window` is one finding.
    pub fn new(set: Arc<RuleSet>, bounds: Settings, window: Duration) -> Self {
        let tally =
            Tally { taxonomy: Taxonomy::default(), window, unseen: 0, newest: HashMap::new(), tried: BTreeMap::new() };
        Self { engine: Engine::new(set, bounds), events: 0, tally }
    }

    /// Takes in an event; what rules say at it.
    pub fn take(&mut self, event: &Event) -> Vec<Alert> {
        let mut hits = Vec::new();
        self.events += 1;
        let judged = self.engine.judge(event, self.events, &|_number| None, &mut hits);
        self.tally.count(self.engine.set(), judged, hits)
    }

    /// Takes in the events that `feed` gives, one after another. The next ones are read and seen while another thread
    /// judges those before.
    pub fn take_all<T>(&mut self, feed: impl FnOnce(&mut dyn FnMut(Event)) -> T) -> T {
        let Self { engine, events, tally } = self;
        let (eye, judge) = engine.halves();
        let (sender, receiver) = mpsc::sync_channel::<Vec<Seen>>(WAITING_MAX);
        // What was judged goes back to where it was made: memory is given back by who took it, and sights are used again.
        let (returner, returned) = mpsc::sync_channel::<Vec<Seen>>(WAITING_MAX + 2);
        let judging = move || {
            for seen in receiver {
                for Seen { event, sight, unseen } in &seen {
                    let mut hits = Vec::new();
                    let judged = match unseen {
                        None => judge.judge(event, sight, &|_number| None, &mut hits),
                        Some(unseen) => Judged::Unseen(*unseen),
                    };
                    tally.count(judge.set(), judged, hits);
                }
                drop(returner.try_send(seen));
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(judging);
            let mut together = Vec::with_capacity(TOGETHER);
            let mut used: Vec<Sight> = Vec::new();
            let fed = feed(&mut |event| {
                *events += 1;
                let mut sight = used.pop().unwrap_or_else(|| Sight::of(&eye.set));
                let unseen = eye.see(&event, *events, &mut sight).err();
                together.push(Seen { event, sight, unseen });
                if together.len() == TOGETHER {
                    let mut room = returned.try_recv().unwrap_or_else(|_none| Vec::with_capacity(TOGETHER));
                    used.extend(room.drain(..).map(|seen| seen.sight));
                    // Nobody takes them only where the other thread panicked, which ends this one as well.
                    drop(sender.send(std::mem::replace(&mut together, room)));
                }
            });
            drop(sender.send(together));
            // Without it the other thread waits for more.
            drop(sender);
            fed
        })
    }

    /// What each rule would have found, those that found most first.
    pub fn tried(&self) -> Vec<&Tried> {
        let mut all: Vec<&Tried> = self.tally.tried.values().map(|trying| &trying.tried).collect();
        all.sort_by_key(|tried| (std::cmp::Reverse(tried.findings), tried.rule));
        all
    }

    /// Its rules.
    pub fn set(&self) -> &Arc<RuleSet> {
        self.engine.set()
    }

    /// Events, and how many of them rules did not see.
    pub fn events(&self) -> (u64, u64) {
        (self.events, self.tally.unseen)
    }

    /// What correlations had to leave out.
    pub fn counters(&self) -> Counters {
        self.engine.counters()
    }
}

impl Tally {
    fn count(&mut self, set: &RuleSet, judged: Judged, hits: Vec<Hit>) -> Vec<Alert> {
        self.unseen += u64::from(judged != Judged::Seen);
        if hits.is_empty() {
            return Vec::new();
        }
        drafts(set, &self.taxonomy, hits).into_iter().filter_map(|draft| self.settle(set, draft)).collect()
    }

    fn settle(&mut self, set: &RuleSet, draft: Draft) -> Option<Alert> {
        let info = set.infos.get(draft.rule).filter(|_| draft.hits > draft.taken_back)?;
        let window = info.extension.suppress.as_ref().map_or(self.window, |suppress| suppress.lasts);
        if self.newest.len() >= REMEMBERED {
            self.newest.clear();
        }
        let before = self.newest.insert(draft.fingerprint.clone(), draft.last_at);
        let is_new = before.is_none_or(|before| draft.first_at > before.plus(window));
        let Trying { tried, entities, targets } = self.tried.entry(draft.rule).or_insert_with(|| {
            let tried = Tried {
                rule: draft.rule,
                severity: draft.severity,
                category: draft.category,
                findings: 0,
                hits: 0,
                entities: 0,
                first_at: draft.first_at,
                last_at: draft.last_at,
                example: draft.reason.clone(),
                responses: BTreeMap::new(),
            };
            Trying { tried, entities: HashSet::new(), targets: HashSet::new() }
        });
        tried.findings += u64::from(is_new);
        tried.hits += draft.hits - draft.taken_back;
        tried.severity = tried.severity.max(draft.severity);
        tried.first_at = tried.first_at.min(draft.first_at);
        tried.last_at = tried.last_at.max(draft.last_at);
        tried.entities += u64::from(entities.insert(draft.entity.clone()));
        let mut answers = Vec::new();
        for (place, response) in info.extension.responses.iter().enumerate() {
            let whom =
                response.target.as_ref().map_or_else(|| Some(draft.entity.clone()), |entity| draft.named(entity));
            let Some((kind, target)) = whom else { continue };
            let what = format!("{} {kind}", response.effect.as_str());
            answers.push((place, (kind, target.clone())));
            if targets.insert((what.clone(), target)) {
                *tried.responses.entry(what).or_default() += 1;
            }
        }
        let Draft { rule, severity, entity, last_at, evidence, .. } = draft;
        Some(Alert { rule, severity, entity, is_new, last_at, evidence, answers })
    }
}

#[cfg(test)]
mod tests;
