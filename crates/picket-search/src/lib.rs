//! The index of events, and the consumer that fills it.
//!
//! Everything in it comes from the log and can be built anew from there. **Invariants:** users, teams, applications,
//! models and tools are dictionary ids, sessions, requests and addresses are keyed hashes: no clear personal data; the
//! cursor is committed with the documents, so that a crash neither loses nor repeats one; a filter is applied to the
//! whole index, never to a page.

mod collect;
mod document;
mod failure;
mod index;
mod indexer;
mod query;
mod schema;
mod stats;

pub use failure::{OpenError, SearchError};
pub use index::{Found, Index, Order, Request};
pub use indexer::Indexer;
pub use stats::{Answer, StatsRequest};
