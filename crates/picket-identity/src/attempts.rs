//! How often somebody may try: so many times at once, then one more each interval, by account and by address.
//!
//! Names that nobody has are counted as those that somebody has, so that a limit tells nothing. Time is the steady clock's:
//! a step of the wall clock neither frees nor locks anybody.

use lru::LruCache;
use picket_stdx::Clock;
use sha2::{Digest as _, Sha256};
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// At once, and the interval after which there is one more: 5 a minute of an account.
const ACCOUNT: Rate = Rate { burst: 5, interval: Duration::from_secs(12) };
/// 20 a minute from an address.
const ADDRESS: Rate = Rate { burst: 20, interval: Duration::from_secs(3) };
/// 60 a minute from an address that go to the identity provider, where nobody guesses: who goes there takes up room here.
const WAY: Rate = Rate { burst: 60, interval: Duration::from_secs(1) };
/// Those that are remembered; beyond, the longest unused ones are forgotten.
const REMEMBERED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(65_535);

/// Too many attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts")]
pub struct Limited {
    /// When one more is taken.
    pub retry_after: Duration,
}

#[derive(Debug, Clone, Copy)]
struct Rate {
    burst: u32,
    interval: Duration,
}

impl Rate {
    /// Takes one of what is left; `full_at` is when the whole burst is there again.
    fn take(self, full_at: &mut Duration, now: Duration) -> Result<(), Limited> {
        let after = (*full_at).max(now) + self.interval;
        let room = self.interval * self.burst;
        if after > now + room {
            return Err(Limited { retry_after: after.saturating_sub(now + room) });
        }
        *full_at = after;
        Ok(())
    }
}

/// Counts attempts.
#[derive(Debug)]
pub(crate) struct Attempts {
    clock: Clock,
    accounts: Mutex<LruCache<[u8; 32], Duration>>,
    addresses: Mutex<LruCache<IpAddr, Duration>>,
    ways: Mutex<LruCache<IpAddr, Duration>>,
}

impl Attempts {
    pub(crate) fn new(clock: &Clock) -> Self {
        Self {
            clock: clock.clone(),
            accounts: Mutex::new(remembering()),
            addresses: Mutex::new(remembering()),
            ways: Mutex::new(remembering()),
        }
    }

    /// One attempt on the account of this folded name, from this address.
    pub(crate) fn take(&self, folded: &str, address: Option<IpAddr>) -> Result<(), Limited> {
        let now = self.clock.steady();
        if let Some(address) = address {
            let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
            ADDRESS.take(addresses.get_or_insert_mut(network(address), Duration::default), now)?;
        }
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        ACCOUNT.take(accounts.get_or_insert_mut(key(folded), Duration::default), now)
    }

    /// Somebody at this address goes to the identity provider.
    pub(crate) fn take_way(&self, address: IpAddr) -> Result<(), Limited> {
        let mut ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        WAY.take(ways.get_or_insert_mut(network(address), Duration::default), self.clock.steady())
    }

    /// The attempt on an account was the right one: it does not count. It does for the address, whoever else tries there.
    pub(crate) fn give_back(&self, folded: &str) {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(full_at) = accounts.get_mut(&key(folded)) {
            *full_at = full_at.saturating_sub(ACCOUNT.interval);
        }
    }
}

/// Room for the last ones, taken as it is needed.
fn remembering<K: std::hash::Hash + Eq>() -> LruCache<K, Duration> {
    let mut cache = LruCache::unbounded();
    cache.resize(REMEMBERED);
    cache
}

fn key(folded: &str) -> [u8; 32] {
    Sha256::digest(folded.as_bytes()).into()
}

/// What counts as one address: a household of IPv6 has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests;
