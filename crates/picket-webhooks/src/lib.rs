//! Webhooks: product events, signed by Standard Webhooks, to whoever subscribed.
//!
//! [`Herald`] reads the log and puts a message into the queue of each webhook that wants it, with its cursor; [`Runner`]
//! sends. Both are independent of destinations for SIEMs and of tickets: their own tables, pool, connections and schedule.
//! **Invariants:** a message keeps its id and its bytes over all tries; redirects are failures; a webhook that is slow,
//! dead or lying moves no other; URL and key of a webhook are never shown.

mod herald;
mod hooks;
mod key;
mod runner;
mod verdict;

pub use herald::{Herald, WAITING_MAX};
pub use hooks::{Exchange, Hooks, Misfit, Sealed, headers, shown_url};
pub use key::{Scheme, new_key, public_of};
pub use runner::{POOL, Runner};
pub use verdict::{SCHEDULE, Verdict, verdict};

#[cfg(test)]
mod tests;
