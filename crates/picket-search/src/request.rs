//! What to look for.

use crate::cursor::Cursor;
use picket_query::Query;
use picket_stdx::Timestamp;
use std::ops::Range;

/// Which way a list runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Oldest first.
    #[default]
    Ascending,
    /// Newest first.
    Descending,
}

/// What to look for. The order is that of recording.
///
/// With a limit and without a cursor, the newest events are found, in either order; with `after` those that follow the
/// cursor in the order asked for; with `before` those that precede it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Filter.
    pub filter: Query,
    /// Event types; empty means all.
    pub event_types: Vec<String>,
    /// Recorded at this time or later.
    pub since: Option<Timestamp>,
    /// Happened at this time or later.
    pub from: Option<Timestamp>,
    /// Happened before this time.
    pub to: Option<Timestamp>,
    /// At these positions of the log; everywhere when absent.
    pub positions: Option<Range<u64>>,
    /// Which way.
    pub order: Order,
    /// At most so many.
    pub limit: Option<usize>,
    /// Where to go on.
    pub after: Option<Cursor>,
    /// Where to end.
    pub before: Option<Cursor>,
    /// Whether rows are wanted, and not positions only.
    pub rows: bool,
    /// Whether the number of all events that match is wanted.
    pub total: bool,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            filter: Query::all(),
            event_types: vec!["request".to_owned()],
            since: None,
            from: None,
            to: None,
            positions: None,
            order: Order::default(),
            limit: None,
            after: None,
            before: None,
            rows: false,
            total: true,
        }
    }
}
