//! The data plane: one request from its head to the last byte of its answer.
//!
//! `serve` accepts connections on one thread for each core; `exchange` is the path of a request; `answer` and `stream`
//! guard what comes back; `remote` asks the services that checks name; `second` asks slower detectors while a request waits; `lane` examines beside requests; `record` writes it down. **Invariants:** under `audit: strict` no byte of an answer leaves
//! before its `request.received` is durable; every request ends with one closing entry and its true outcome; nothing of
//! a request decides where it goes or with which credentials.

mod answer;
mod contained;
mod exchange;
mod failure;
mod flow;
mod gunzip;
mod held;
mod holds;
mod identify;
mod inbound;
mod judge;
mod jwt;
mod lane;
mod late;
mod metrics;
mod models;
mod outcomes;
mod patient;
mod places;
mod pool;
mod probe;
mod record;
mod remote;
mod running;
mod second;
mod serve;
mod snapshot;
mod stream;
mod unclosed;
mod warm;

/// The address that a request comes from, as far as trusted proxies say.
#[cfg(fuzzing)]
pub fn forwarded(proxies: &[ipnet::IpNet], headers: &http::HeaderMap, peer: std::net::IpAddr) -> std::net::IpAddr {
    identify::address(proxies, headers, peer)
}

pub use gunzip::{GunzipError, gunzip};
pub use holds::Holds;
pub use jwt::{Algorithm, Jwt, JwtClaims, JwtCounts, JwtSettings, JwtSubject, People, Standing};
pub use lane::{LaneCounts, examine};
pub use metrics::{AuthFailures, Counts, Metrics};
pub use patient::Patient;
pub use places::{Place, Places};
pub use remote::{Circuit, Reach, Remote, RemoteCounts};
pub use second::SecondTierCounts;
pub use serve::{Gateway, Listeners, Settings, serve};
pub use snapshot::{Audit, Auth, Capture, Patience, Price, Provider, Route, Snapshot};
pub use unclosed::UnclosedCounts;

#[cfg(test)]
mod tests;
