//! Which addresses may be reached at the request of somebody: none of this machine, of private networks, or of clouds'
//! own services.

use ipnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks that are never reached unless the operator's file allows them.
const DENIED: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "::1/128",
    "100::/64",
    "2001::/23",
    "2001:db8::/32",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
];

/// Whether an address may be reached. `allowed` are the operator's exceptions.
pub fn may_reach(address: IpAddr, allowed: &[IpNet]) -> bool {
    if allowed.iter().any(|net| net.contains(&address)) {
        return true;
    }
    let real = embedded(address).map_or(address, IpAddr::V4);
    let denied = DENIED
        .iter()
        .filter_map(|net| net.parse::<IpNet>().ok())
        .any(|net| net.contains(&real) || net.contains(&address));
    !denied
}

/// The IPv4 address inside an IPv6 one: mapped, compatible, NAT64, 6to4, Teredo.
fn embedded(address: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(v6) = address else { return None };
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (a, b) {
        (0, 0)
            if c == 0
                && d == 0
                && e == 0
                && (f == 0xffff || f == 0)
                && v6 != Ipv6Addr::LOCALHOST
                && v6 != Ipv6Addr::UNSPECIFIED =>
        {
            Some(v4(g, h))
        }
        (0x64, 0xff9b) => Some(v4(g, h)),
        (0x2002, _) => Some(v4(b, c)),
        (0x2001, 0) => Some(v4(!g, !h)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
