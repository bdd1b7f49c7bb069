//! Connections at a time: of everybody, and of one address, so that one caller cannot take every place.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// Bits of an IPv6 address that name a network; whoever has one has all addresses in it.
const NETWORK_BITS: u32 = 64;

/// Places for connections. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Places(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    all: usize,
    each: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    /// Never more addresses than places that are taken.
    by: HashMap<IpAddr, usize>,
}

/// A place that is taken until it is dropped.
#[derive(Debug)]
pub struct Place {
    places: Places,
    address: Option<IpAddr>,
}

impl Places {
    /// So many places, of which one address may take half.
    pub fn new(all: usize) -> Self {
        Self(Arc::new(Inner { all, each: all.div_ceil(2), taken: Mutex::default() }))
    }

    /// A place for a connection from an address; none when there is none left, or none for this address. One who brings
    /// connections of many, such as a proxy, is not counted by address.
    pub fn take(&self, address: IpAddr, brings_many: bool) -> Option<Place> {
        let address = (!brings_many).then(|| network(address));
        let mut taken = self.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.all >= self.0.all {
            return None;
        }
        if let Some(address) = address {
            let theirs = taken.by.entry(address).or_default();
            if *theirs >= self.0.each {
                return None;
            }
            *theirs += 1;
        }
        taken.all += 1;
        Some(Place { places: self.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.0.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        let Some(address) = self.address else { return };
        if let Some(theirs) = taken.by.get_mut(&address) {
            *theirs -= 1;
            if *theirs == 0 {
                taken.by.remove(&address);
            }
        }
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let mask = u128::MAX << (u128::BITS - NETWORK_BITS);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests;
