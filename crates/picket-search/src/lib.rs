//! The index of events, and the consumer that fills it.
//!
//! Everything in it comes from the log and can be built anew from there. Documents stand in the order of the log, in
//! segments that follow each other, so that the newest events that match any filter are found from the end backwards
//! without looking at the rest.
//!
//! **Invariants:** no clear personal data: users, teams, applications, models and tools are dictionary ids, what else
//! a caller chose is a keyed hash; the cursor is committed with the documents, so that a crash neither loses nor
//! repeats one; a filter is applied to the whole index, never to a page; what is found is exactly what
//! [`picket_query::Query::matches`] would keep.

mod bits;
mod cursor;
mod document;
mod failure;
mod hashing;
mod index;
mod indexer;
mod node;
mod plan;
mod rebuild;
mod request;
mod row;
mod scan;
mod schema;
mod search;
mod segment;
mod stats;
mod tally;
mod writer;
mod zones;

pub use cursor::{Cursor, ParseCursorError};
pub use failure::{OpenError, SearchError};
pub use index::{Anew, Index};
pub use indexer::Indexer;
pub use request::{Order, Request};
pub use row::Row;
pub use scan::Pager;
pub use search::{Listing, Page};
pub use stats::{Bucket, Group, Stats, StatsRequest, Totals};

#[cfg(test)]
mod tests;
