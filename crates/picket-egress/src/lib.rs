//! The only way out: connections to providers and other servers.
//!
//! An [`Upstream`] is one server, given by configuration, with its pool of connections; each runtime thread has its own,
//! so that no connection wakes another core. Redirects are not followed, proxies of the environment are not used. A
//! [`Line`] is a server of another protocol than HTTP, with one connection at a time.
//! [`gate`] judges addresses that did not come from the operator's files, where the connection is made; a [`Caller`] sends
//! single requests there.

mod after;
mod caller;
mod connect;
mod dial;
pub mod gate;
mod heads;
mod line;
mod place;
mod tls;
mod upstream;

pub use after::retry_after;
pub use caller::{ANSWER_BYTES_MAX, Call, Called, Caller, Outside};
pub use line::{Line, Secured, Stream};
pub use place::origin;
pub use tls::pem_fault;
pub use upstream::{EgressError, Limits, Upstream, UpstreamBody};
