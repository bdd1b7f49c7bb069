//! Keyed hashes of what a caller chose.

use ipnet::IpNet;
use lru::LruCache;
use picket_keys::Keyring;
use picket_query::Field;
use std::net::IpAddr;
use std::num::NonZeroUsize;

/// Bytes of a hash in the index: one of ten million others is the same by chance once in 10^12 searches, and longer
/// ones cost a third more to index.
const HASH_BYTES: usize = 8;
/// Lengths of the networks that are indexed are multiples of this.
pub(crate) const NETWORK_STEP: u8 = 8;
/// Addresses whose hashes are remembered.
const ADDRESSES: NonZeroUsize = NonZeroUsize::new(4_096).expect("4,096 is not zero");

/// A hash in the index.
pub(crate) type Hash = [u8; HASH_BYTES];

/// The hash of a value of a field.
pub(crate) fn hash(keyring: &Keyring, field: Field, value: &[u8]) -> Hash {
    let whole = keyring.keyed_hash(field.as_str(), value);
    std::array::from_fn(|at| whole.get(at).copied().unwrap_or(0))
}

/// The hash of a network whose length is indexed, or of a whole address.
pub(crate) fn network(keyring: &Keyring, field: Field, network: IpNet) -> Hash {
    let network = network.trunc();
    let mut value = match network.addr() {
        IpAddr::V4(four) => four.octets().to_vec(),
        IpAddr::V6(six) => six.octets().to_vec(),
    };
    value.push(network.prefix_len());
    hash(keyring, field, &value)
}

/// Hashes an address and the networks around it, once for each address that comes often.
pub(crate) struct Addresses(LruCache<IpAddr, Vec<Hash>>);

impl Addresses {
    pub(crate) fn new() -> Self {
        Self(LruCache::new(ADDRESSES))
    }

    pub(crate) fn hashes(&mut self, keyring: &Keyring, field: Field, address: IpAddr) -> &[Hash] {
        self.0.get_or_insert(address, || {
            let longest = IpNet::from(address).max_prefix_len();
            let lengths = (NETWORK_STEP..=longest).step_by(usize::from(NETWORK_STEP));
            let networks = lengths.filter_map(|length| IpNet::new(address, length).ok());
            networks.map(|one| network(keyring, field, one)).collect()
        })
    }
}
