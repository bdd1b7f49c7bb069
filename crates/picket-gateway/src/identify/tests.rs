use super::{address, is_trusted};
use http::HeaderMap;
use ipnet::IpNet;
use std::net::IpAddr;

const PROXIES: &[&str] = &["10.0.0.0/8", "fd00::/8"];

/// Peer, the lines of `x-forwarded-for`, and whom the request is of.
const CASES: &[(&str, &[&str], &str)] = &[
    // Nobody else's word counts.
    ("203.0.113.9", &["198.51.100.1"], "203.0.113.9"),
    ("10.0.0.1", &[], "10.0.0.1"),
    ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
    // What a caller wrote himself stands before what the proxy added.
    ("10.0.0.1", &["192.0.2.66, 198.51.100.1"], "198.51.100.1"),
    ("10.0.0.1", &["192.0.2.66", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
    ("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
    ("10.0.0.1", &["192.0.2.66, ::ffff:198.51.100.1"], "198.51.100.1"),
    // Ports and brackets, as some proxies write them.
    ("10.0.0.1", &["192.0.2.66, 198.51.100.1:4711"], "198.51.100.1"),
    ("10.0.0.1", &["192.0.2.66, [2001:db8::1]:4711"], "2001:db8::1"),
    ("10.0.0.1", &["192.0.2.66, [2001:db8::1], [fd00::2]:80"], "2001:db8::1"),
    // A hop that cannot be read hides all before it.
    ("10.0.0.1", &["192.0.2.66, unknown"], "10.0.0.1"),
    ("10.0.0.1", &["192.0.2.66, unknown, 10.0.0.2"], "10.0.0.2"),
    ("10.0.0.1", &["192.0.2.66, , 10.0.0.2"], "10.0.0.2"),
    ("10.0.0.1", &["192.0.2.66", ""], "10.0.0.1"),
    // All are ours: the first of them.
    ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
];

#[test]
fn no_word_counts_that_stands_before_a_hop_that_is_not_trusted_or_cannot_be_read() {
    let proxies: Vec<IpNet> = PROXIES.iter().map(|net| net.parse().unwrap()).collect();
    for (peer, lines, expected) in CASES {
        let mut headers = HeaderMap::new();
        for line in *lines {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let found = address(&proxies, &headers, peer.parse().unwrap());
        assert_eq!(found, expected.parse::<IpAddr>().unwrap(), "{peer} {lines:?}");
    }
}

#[test]
fn an_address_of_either_family_is_the_same_proxy() {
    let proxies: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap()];
    assert!(is_trusted(&proxies, "::ffff:10.1.2.3".parse().unwrap()));
    assert!(!is_trusted(&proxies, "::10.1.2.3".parse().unwrap()));
}
