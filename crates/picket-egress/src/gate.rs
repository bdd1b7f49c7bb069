//! Which addresses may be reached at the request of somebody: none of this machine, of private networks, or of clouds'
//! own services, and no ports at which other things than receivers of events listen.
//!
//! Every form of an address is judged as what is connected to: names and numbers in decimal, octal and hexadecimal are
//! resolved first, and an IPv4 address inside an IPv6 one counts as both. All refusals have one text, that of a name that
//! does not exist too, so that nobody maps a private network with them.

use ipnet::IpNet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

/// Ports below this one are the system's.
const SYSTEM_PORTS: u16 = 1_024;
/// Those of them where receivers listen: HTTP, HTTPS, syslog, syslog over TCP.
const OPEN_SYSTEM_PORTS: &[u16] = &[80, 443, 514, 601];
/// Ports where databases, schedulers and remote desktops listen, which take a body of HTTP for commands or fall over it.
const CLOSED_PORTS: &[u16] = &[
    1433, 1521, 2049, 2375, 2376, 2379, 2380, 3128, 3306, 3389, 5432, 5900, 5901, 5984, 5985, 5986, 6000, 6379, 6443,
    7001, 10250, 10255, 11211, 27017,
];
/// What is said of everything that may not be reached or does not exist.
pub const REFUSAL: &str = "there is no such address, or destinations may not be there";

/// Networks that are never reached unless the operator's file allows them.
const DENIED: &[&str] = &[
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    // Azure's own service, which each of its machines reaches.
    "168.63.129.16/32",
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
    "64:ff9b:1::/48",
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

/// Whether something that receives events may listen at a port.
pub fn may_use_port(port: u16) -> bool {
    if port < SYSTEM_PORTS { OPEN_SYSTEM_PORTS.contains(&port) } else { !CLOSED_PORTS.contains(&port) }
}

/// What lets connections to one port through.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    /// The operator's exceptions, at every port.
    allowed: Arc<[IpNet]>,
    /// Whether other addresses may be reached at all.
    is_open: bool,
}

impl Gate {
    /// Of connections to a port; without `is_open` the exceptions alone may be reached.
    pub(crate) fn new(allowed: &[IpNet], port: u16, is_open: bool) -> Self {
        Self { allowed: allowed.into(), is_open: is_open && may_use_port(port) }
    }

    pub(crate) fn lets(&self, address: IpAddr) -> bool {
        if self.is_open {
            may_reach(address, &self.allowed)
        } else {
            self.allowed.iter().any(|net| net.contains(&address))
        }
    }

    /// The addresses of a name that may be reached, if there are any.
    pub(crate) fn keep(&self, found: io::Result<Vec<SocketAddr>>) -> io::Result<Vec<SocketAddr>> {
        let mut addresses = found.unwrap_or_default();
        addresses.retain(|address| self.lets(address.ip()));
        if addresses.is_empty() { Err(refusal()) } else { Ok(addresses) }
    }
}

/// Whether a host is an address in another spelling than that of addresses: `127.1`, `2130706433`, `0x7f.0.0.1`,
/// `0177.0.0.1`, or one of IPv6 with a zone, `[fe80::1%25eth0]`, which only a machine's own network knows.
pub(crate) fn is_disguised(host: &str) -> bool {
    if host.contains(['[', ']', '%']) {
        let inner = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        return inner.is_none_or(|inner| inner.parse::<Ipv6Addr>().is_err());
    }
    let last = host.trim_end_matches('.').rsplit('.').next().unwrap_or_default();
    let is_hex = last.strip_prefix("0x").or(last.strip_prefix("0X")).is_some();
    let is_number = is_hex || !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    is_number && host.parse::<Ipv4Addr>().is_err()
}

/// Whether an error is a refusal, at whatever depth.
pub(crate) fn is_refusal(error: &(dyn std::error::Error + 'static)) -> bool {
    std::iter::successors(Some(error), |error| error.source()).any(|error| error.to_string() == REFUSAL)
}

pub(crate) fn refusal() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, REFUSAL)
}

/// The IPv4 address inside an IPv6 one: mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP.
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
        // Translated (SIIT): ::ffff:0:a.b.c.d.
        (0, 0) if c == 0 && d == 0 && e == 0xffff && f == 0 => Some(v4(g, h)),
        (0x64, 0xff9b) => Some(v4(g, h)),
        (0x2002, _) => Some(v4(b, c)),
        (0x2001, 0) => Some(v4(!g, !h)),
        _ if (e == 0 || e == 0x200) && f == 0x5efe => Some(v4(g, h)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
