//! What is in force, as the data plane asks it.

use super::{Containment, Effect, TargetKind, rows};
use arc_swap::ArcSwap;
use ipnet::IpNet;
use picket_db::{Db, Tx};
use picket_event::Workspace;
use picket_stdx::{Glob, Timestamp};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// All that is in force in a workspace. Cheap to clone; asking does no I/O and takes no lock.
#[derive(Debug, Clone)]
pub struct Containments {
    workspace: Workspace,
    never: Arc<Never>,
    index: Arc<ArcSwap<Index>>,
}

/// Who is never contained, whatever is in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Never {
    /// Users.
    pub users: Vec<String>,
    /// Ids of gateway keys.
    pub keys: Vec<String>,
    /// Networks.
    pub networks: Vec<IpNet>,
}

impl Never {
    fn names(&self, whom: &Whom<'_>) -> bool {
        let is_in =
            |list: &[String], name: Option<&str>| name.is_some_and(|name| list.iter().any(|known| known == name));
        let address = whom.address.map(|address| address.to_canonical());
        is_in(&self.users, whom.user)
            || is_in(&self.keys, whom.key)
            || address.is_some_and(|address| self.networks.iter().any(|net| net.contains(&address)))
    }
}

/// Whom a request is of. A name that its caller only claims is left out: else anybody could have a colleague contained.
#[derive(Debug, Clone, Copy, Default)]
pub struct Whom<'a> {
    /// Verified user.
    pub user: Option<&'a str>,
    /// Gateway key.
    pub key: Option<&'a str>,
    /// Address.
    pub address: Option<IpAddr>,
    /// Application.
    pub application: Option<&'a str>,
    /// Agent.
    pub agent: Option<&'a str>,
    /// Session.
    pub session: Option<&'a str>,
    /// Model that is asked for.
    pub model: Option<&'a str>,
    /// Feature of the application.
    pub feature: Option<&'a str>,
}

/// One that is in force.
#[derive(Debug)]
pub struct InForce {
    /// What it is.
    pub containment: Containment,
    models: Option<Glob>,
    /// Requests that it concerned since the process began.
    hits: AtomicU64,
    /// When the next request fits the rate, in microseconds of steady time.
    free_at: AtomicU64,
}

#[derive(Debug, Default)]
struct Index {
    by_name: HashMap<TargetKind, HashMap<String, Vec<Arc<InForce>>>>,
    by_network: Vec<(IpNet, Arc<InForce>)>,
    by_id: HashMap<String, Arc<InForce>>,
}

impl Containments {
    /// Loads what is in force; whom `never` names it does not concern.
    pub fn open(db: &Db, workspace: &Workspace, never: Never) -> Result<Self, rusqlite::Error> {
        let live = db.read(|connection| rows::live(connection, workspace)).map_err(|error| match error {
            picket_db::ReadError::Job(error) | picket_db::ReadError::Database(error) => error,
        })?;
        let index = Index::of(live, &Index::default());
        Ok(Self { workspace: workspace.clone(), never: Arc::new(never), index: Arc::new(ArcSwap::from_pointee(index)) })
    }

    /// Those that concern a request now, the strictest first; dry ones are counted and left out.
    pub fn of(&self, whom: &Whom<'_>, now: Timestamp) -> Vec<Arc<InForce>> {
        let index = self.index.load();
        if index.by_id.is_empty() || self.never.names(whom) {
            return Vec::new();
        }
        let names = [
            (TargetKind::User, whom.user),
            (TargetKind::Key, whom.key),
            (TargetKind::Application, whom.application),
            (TargetKind::Agent, whom.agent),
            (TargetKind::Session, whom.session),
        ];
        let named = names.into_iter().filter_map(|(kind, name)| index.by_name.get(&kind)?.get(name?)).flatten();
        let address = whom.address.map(|address| address.to_canonical());
        let networks = index.by_network.iter().filter(|(net, _)| address.is_some_and(|address| net.contains(&address)));
        let all = named.chain(networks.map(|(_, one)| one));
        let mut found: Vec<_> = all.filter(|one| one.concerns(whom, now)).cloned().collect();
        for one in &found {
            one.hits.fetch_add(1, Ordering::Relaxed);
        }
        found.retain(|one| !one.containment.is_dry);
        found.sort_by_key(|one| std::cmp::Reverse(one.containment.effect));
        found
    }

    /// How many requests one has concerned since the process began, if it is in force.
    pub fn hits(&self, id: &str) -> Option<u64> {
        self.index.load().by_id.get(id).map(|one| one.hits.load(Ordering::Relaxed))
    }

    /// How many are in force.
    pub fn len(&self) -> usize {
        self.index.load().by_id.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads the table anew, and shows it once the transaction is durable. Counts are kept.
    pub(super) fn refresh(&self, tx: &mut Tx<'_>) -> Result<(), rusqlite::Error> {
        let live = rows::live(tx.connection(), &self.workspace)?;
        let shown = Arc::clone(&self.index);
        tx.on_commit(move || {
            let fresh = Index::of(live, &shown.load());
            shown.store(Arc::new(fresh));
        });
        Ok(())
    }
}

impl Index {
    fn of(live: Vec<Containment>, before: &Self) -> Self {
        let mut index = Self::default();
        for containment in live {
            let known = before.by_id.get(&containment.id).filter(|known| known.containment == containment);
            let one = known.cloned().unwrap_or_else(|| Arc::new(InForce::new(containment)));
            let Containment { id, kind, target, .. } = &one.containment;
            index.by_id.insert(id.clone(), Arc::clone(&one));
            if *kind == TargetKind::Address {
                index.by_network.extend(network(target).map(|net| (net, Arc::clone(&one))));
            } else {
                index.by_name.entry(*kind).or_default().entry(target.clone()).or_default().push(one);
            }
        }
        index
    }
}

impl InForce {
    pub(super) fn new(containment: Containment) -> Self {
        let models = containment.model.as_deref().map(Glob::new);
        Self { containment, models, hits: AtomicU64::new(0), free_at: AtomicU64::new(0) }
    }

    fn concerns(&self, whom: &Whom<'_>, now: Timestamp) -> bool {
        let Containment { feature, ends_at, sender, .. } = &self.containment;
        let models = self.models.as_ref().is_none_or(|models| whom.model.is_some_and(|model| models.matches(model)));
        // Another case is no way out; lower-casing meets other alphabets, too.
        let is_same = |wanted: &str| whom.feature.is_some_and(|named| named.to_lowercase() == wanted.to_lowercase());
        let features = feature.as_deref().is_none_or(is_same);
        let is_sender = sender.as_ref().is_none_or(|(kind, name)| match kind {
            TargetKind::User => whom.user == Some(name),
            TargetKind::Key => whom.key == Some(name),
            TargetKind::Address => {
                network(name).zip(whom.address).is_some_and(|(net, address)| net.contains(&address.to_canonical()))
            }
            TargetKind::Application | TargetKind::Agent | TargetKind::Session => false,
        });
        now < *ends_at && models && features && is_sender
    }

    /// Takes a place of a throttle at `steady`, or tells how long to wait for one. The others let everything through.
    pub fn take(&self, steady: Duration) -> Result<(), Duration> {
        let Some((requests, per)) = self.containment.rate.filter(|_| self.containment.effect == Effect::Throttle)
        else {
            return Ok(());
        };
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let (now, window) = (micros(steady), micros(per));
        // Each request moves the moment from which one is free; a whole window may be used up at once.
        let each = window / u64::from(requests.max(1));
        let moved = self.free_at.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |free_at| {
            let next = free_at.max(now).saturating_add(each);
            (next <= now.saturating_add(window)).then_some(next)
        });
        moved.map(drop).map_err(|free_at| {
            Duration::from_micros(free_at.saturating_add(each).saturating_sub(now.saturating_add(window)).max(1))
        })
    }
}

/// A network, or an address as one.
pub fn network(text: &str) -> Option<IpNet> {
    let address = || text.parse::<IpAddr>().ok().map(|address| IpNet::from(address.to_canonical()));
    text.parse().ok().or_else(address)
}
