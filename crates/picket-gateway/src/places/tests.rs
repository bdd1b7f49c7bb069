use super::{Place, Places};
use proptest::prelude::*;
use std::collections::HashMap;
use std::net::IpAddr;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn one_address_takes_half_of_the_places_and_a_proxy_all() {
    let places = Places::new(4);
    let held: Vec<_> = (0..4).map(|_| places.take(ip("192.0.2.1"), false)).collect();
    assert_eq!(held.iter().flatten().count(), 2);
    let other = places.take(ip("192.0.2.2"), false);
    assert!(other.is_some(), "another address still has places");
    drop((held, other));
    let proxied: Vec<_> = (0..5).map(|_| places.take(ip("192.0.2.9"), true)).collect();
    assert_eq!(proxied.iter().flatten().count(), 4, "all places, and no more");
}

#[test]
fn whoever_has_an_ipv6_network_is_one_address_and_a_mapped_one_is_that_of_ipv4() {
    let places = Places::new(4);
    for addresses in [
        ["2001:db8:0:1::1", "2001:db8:0:1:ffff::2", "2001:db8:0:1:0:1::3"],
        ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"],
    ] {
        let held = addresses.map(|address| places.take(ip(address), false));
        assert_eq!(held.map(|place| place.is_some()), [true, true, false], "{addresses:?}");
    }
    let [one, other] = ["2001:db8:0:1::1", "2001:db8:0:2::1"].map(|address| places.take(ip(address), false));
    assert!(one.is_some() && other.is_some(), "places came back, and the networks are two");
}

proptest! {
    #[test]
    fn what_is_taken_is_never_more_than_there_is_and_all_of_it_comes_back(
        all in 1_usize..8,
        steps in proptest::collection::vec((0_u8..3, any::<bool>(), any::<bool>()), 0..64),
    ) {
        let places = Places::new(all);
        let mut held: Vec<(IpAddr, bool, Place)> = Vec::new();
        for (host, brings_many, gives_back) in steps {
            let address = IpAddr::from([192, 0, 2, host]);
            if gives_back {
                held.pop();
                continue;
            }
            let mut by: HashMap<IpAddr, usize> = HashMap::new();
            held.iter().filter(|(_, many, _)| !many).for_each(|(address, ..)| *by.entry(*address).or_default() += 1);
            let free = held.len() < all
                && (brings_many || by.get(&address).copied().unwrap_or(0) < all.div_ceil(2));
            let place = places.take(address, brings_many);
            prop_assert_eq!(place.is_some(), free);
            held.extend(place.map(|place| (address, brings_many, place)));
        }
        drop(held);
        prop_assert_eq!((0..all).filter_map(|_| places.take(ip("192.0.2.1"), true)).collect::<Vec<_>>().len(), all);
    }
}
