//! What is usual of each user, key, application and model, and of the whole workspace.
//!
//! Requests feed them as they are judged, before rules see them: what is unusual about a request stands in what rules see
//! of it (`profile.user.surprise` and so on). The state belongs to that of the detector, and is kept with it: rows that
//! changed, and what they share. **Invariants:** what a request only claims feeds nobody's profile but that of the key that
//! sent it; names of users are known by a keyed hash alone; there are no more profiles than is said, and what goes for want
//! of room is counted.

mod names;
mod portrait;
mod seen;
mod series;
mod shared;
mod slots;

pub use portrait::{Compared, Portrait, Rate, Score, Since};

use names::Names;
use picket_behaviour::Peers;
use picket_event::{Event, EventType, Identity};
use picket_stdx::random;
use picket_store::detection::profiles::Changed;
use seen::Notes;
use series::{Aggregate, Request, Told};
use siphasher::sip::SipHasher24;
use slots::Slots;
use std::collections::BTreeMap;
use std::hash::Hasher as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Groups of peers that are told apart; others are one for each kind.
const GROUPS_MAX: usize = 1_024;
/// Models, applications and features whose series are followed.
const SERIES_MAX: usize = 256;
/// What the whole workspace is called.
pub(crate) const WORKSPACE: &str = "workspace";

/// What a profile is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A user whose name somebody vouches for.
    User,
    /// A gateway key.
    Key,
    /// An application.
    Application,
    /// A model.
    Model,
    /// The whole workspace.
    Workspace,
    /// A feature of applications.
    Feature,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::User, Self::Key, Self::Application, Self::Feature, Self::Model, Self::Workspace];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Key => "key",
            Self::Application => "application",
            Self::Feature => "feature",
            Self::Model => "model",
            Self::Workspace => WORKSPACE,
        }
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    const fn number(self) -> u64 {
        self as u64
    }

    fn of(number: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// What bounds profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// How many there are at most.
    pub most: usize,
    /// How much older than the newest request one may be that still counts to its quarter of an hour.
    pub lateness_ms: i64,
    /// How far ahead of the log the time of a request may be.
    pub ahead_ms: i64,
}

/// What profiles had to leave out; all of it only grows, but for how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Profiles.
    pub profiles: u64,
    /// Profiles that went for want of room.
    pub evicted: u64,
    /// Requests that did not count to their hour, since it was closed.
    pub late: u64,
    /// Requests whose time is ahead of the log.
    pub ahead: u64,
    /// Names of models, applications and teams for which there was no room.
    pub unnamed: u64,
    /// Profiles that were kept and could not be read, or had no room.
    pub lost: u64,
}

/// Profiles, shared by who feeds them and who looks at them. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Profiles(Arc<Mutex<Store>>);

/// Everything about peers: what they are, and what is usual of them.
#[derive(Debug, Default)]
struct Groups {
    places: BTreeMap<(Kind, u32), u16>,
    peers: Vec<Peers>,
}

#[derive(Debug)]
struct Store {
    bounds: Bounds,
    seed: (u64, u64),
    slots: Slots,
    names: Names,
    groups: Groups,
    /// By kind and number of the name.
    series: BTreeMap<(Kind, u32), Aggregate>,
    newest_ms: i64,
    late: u64,
    ahead: u64,
    lost: u64,
}

impl Profiles {
    /// None of anybody yet.
    pub fn new(bounds: Bounds) -> Self {
        Self(Arc::new(Mutex::new(Store::new(bounds, (random::number(), random::number())))))
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Other bounds; profiles that are too many go when others come.
    pub(crate) fn bound(&self, bounds: Bounds) {
        let mut store = self.store();
        store.slots.bound(bounds.most);
        store.bounds = bounds;
    }

    /// Takes an event in, and writes what is unusual about it behind what rules see of it. What left its course meanwhile,
    /// as rules see that.
    pub(crate) fn take(&self, event: &Event, is_repeated: bool, text: &mut String) -> Vec<String> {
        if event.event_type != EventType::REQUEST {
            return Vec::new();
        }
        self.store().take(event, is_repeated, text)
    }

    /// Lets a user's profile go; whether there was one.
    pub(crate) fn forget(&self, user: &str) -> bool {
        let mut store = self.store();
        let owner = store.owner(Kind::User, user);
        store.slots.forget(owner)
    }

    /// Where a user's profile is kept, and as whose.
    pub(crate) fn row(&self, user: &str) -> Option<(u32, u64)> {
        let store = self.store();
        let owner = store.owner(Kind::User, user);
        store.slots.find(owner).map(|(place, _)| (place, owner))
    }

    /// What they had to leave out.
    pub fn counts(&self) -> Counts {
        let store = self.store();
        Counts {
            profiles: u64::try_from(store.slots.len()).unwrap_or(u64::MAX),
            evicted: store.slots.evicted,
            late: store.late,
            ahead: store.ahead,
            unnamed: store.names.refused,
            lost: store.lost,
        }
    }

    /// What has to be kept since it was asked for last: what all share, and rows that changed.
    pub fn changes(&self) -> (Vec<u8>, Vec<Changed>) {
        let mut store = self.store();
        (store.shared(), store.slots.take_changed())
    }

    /// Begins anew, or where a state was kept: `rows` gives each row to what it is called with. Whether what they share
    /// could be read.
    pub fn restore<E>(
        &self,
        shared: Option<&[u8]>,
        rows: impl FnOnce(&mut dyn FnMut(u32, u64, &[u8])) -> Result<(), E>,
    ) -> Result<bool, E> {
        let mut store = self.store();
        let mut new = Store::new(store.bounds, (random::number(), random::number()));
        // What was there goes first: both may not fit.
        *store = Store::new(store.bounds, new.seed);
        let is_read = shared.is_some_and(|shared| new.take_shared(shared).is_some());
        if is_read {
            rows(&mut |place, owner, state| {
                let is_there = new.slots.restore(place, owner, state);
                new.lost += u64::from(!is_there);
            })?;
            *store = new;
        }
        Ok(is_read)
    }

    /// What is usual of somebody or something, and how the present hour stands against it. `now_ms` in milliseconds since
    /// the Unix epoch.
    pub fn portrait(&self, kind: Kind, name: &str, now_ms: i64) -> Option<Portrait> {
        self.store().portrait(kind, name, now_ms)
    }
}

impl Groups {
    fn place(&mut self, kind: Kind, team: u32) -> u16 {
        if let Some(place) = self.places.get(&(kind, team)) {
            return *place;
        }
        // One is left for those of each kind that have no team, or one too many.
        if team != 0 && self.peers.len() + Kind::ALL.len() >= GROUPS_MAX {
            return self.place(kind, 0);
        }
        let place = u16::try_from(self.peers.len()).unwrap_or(0);
        self.peers.push(Peers::default());
        self.places.insert((kind, team), place);
        place
    }

    fn at(&self, place: u16) -> Option<&Peers> {
        self.peers.get(usize::from(place))
    }
}

impl Store {
    fn new(bounds: Bounds, seed: (u64, u64)) -> Self {
        Self {
            bounds,
            seed,
            slots: Slots::new(bounds.most),
            names: Names::default(),
            groups: Groups::default(),
            series: BTreeMap::new(),
            newest_ms: i64::MIN,
            late: 0,
            ahead: 0,
            lost: 0,
        }
    }

    fn owner(&self, kind: Kind, name: &str) -> u64 {
        let mut hasher = SipHasher24::new_with_keys(self.seed.0, self.seed.1);
        hasher.write_u64(kind.number());
        hasher.write(name.as_bytes());
        hasher.finish()
    }

    fn take(&mut self, event: &Event, is_repeated: bool, text: &mut String) -> Vec<String> {
        let at_ms = event.timestamp.as_millis();
        let logged_ms = event.recorded_at.unwrap_or(event.timestamp).as_millis();
        if at_ms > logged_ms.saturating_add(self.bounds.ahead_ms) {
            self.ahead += 1;
            return Vec::new();
        }
        let observation = seen::observation(event, is_repeated, &mut self.names);
        let team = event.team.as_deref().and_then(|team| self.names.number(team)).unwrap_or(0);
        let user = event.user.as_deref().filter(|_| event.identity.is_some_and(Identity::is_certain));
        let named = |number: Option<u32>, name: &Option<String>| number.and_then(|_| name.clone());
        let application = named(observation.application, &event.application);
        let model = named(observation.model, &event.model);
        let feature = self.names.of(event.feature.as_deref(), seen::is_answered(event));
        let subjects = [
            (Kind::User, user, team),
            (Kind::Key, event.key_id.as_deref(), 0),
            (Kind::Application, application.as_deref(), 0),
            (Kind::Feature, event.feature.as_deref().filter(|_| feature.is_some()), 0),
            (Kind::Model, model.as_deref(), 0),
            (Kind::Workspace, Some(WORKSPACE), 0),
        ];
        let mut notes = Notes::default();
        for (kind, name, team) in subjects {
            let Some(owner) = name.map(|name| self.owner(kind, name)) else { continue };
            let group = self.groups.place(kind, team);
            let peers = self.groups.peers.get_mut(usize::from(group));
            let (Some(slot), Some(peers)) = (self.slots.of(owner, kind), peers) else { continue };
            slot.group = group;
            let judgement = slot.profile.observe(&observation, peers);
            self.late += u64::from(judgement.is_late);
            notes.add(kind, &judgement);
        }
        notes.write(text);
        self.follow(event, &observation, feature)
    }

    /// Takes a request into the series that it belongs to; what left its course, as rules see it.
    fn follow(&mut self, event: &Event, seen: &picket_behaviour::Observation, feature: Option<u32>) -> Vec<String> {
        let request = Request {
            at_ms: seen.at_ms,
            is_blocked: seen.is_blocked,
            tokens_out: seen.tokens_out,
            latency_ms: seen.latency_ms,
            cost: seen.cost,
        };
        let keys = [
            Some((Kind::Workspace, 0)),
            seen.application.map(|number| (Kind::Application, number)),
            feature.map(|number| (Kind::Feature, number)),
            seen.model.map(|number| (Kind::Model, number)),
        ];
        for key in keys.into_iter().flatten() {
            if self.series.len() < SERIES_MAX || self.series.contains_key(&key) {
                let is_taken = self.series.entry(key).or_default().add(&request);
                self.late += u64::from(!is_taken && key.0 == Kind::Workspace);
            }
        }
        let before = self.newest_ms.saturating_sub(self.bounds.lateness_ms);
        self.newest_ms = self.newest_ms.max(seen.at_ms);
        let floor = self.newest_ms.saturating_sub(self.bounds.lateness_ms);
        if series::is_same(before, floor) {
            return Vec::new();
        }
        let mut told: Vec<(Kind, u32, Told)> = Vec::new();
        for ((kind, number), aggregate) in &mut self.series {
            let mut of_one = Vec::new();
            aggregate.close(floor, &mut of_one);
            told.extend(of_one.into_iter().map(|one| (*kind, *number, one)));
        }
        let name = |number: u32| self.names.text(number).unwrap_or(WORKSPACE);
        told.iter().map(|(kind, number, one)| seen::of_series(event, (*kind, name(*number)), one)).collect()
    }
}

#[cfg(test)]
mod tests;
