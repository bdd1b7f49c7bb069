//! Searching: pages, rows, counts.

use crate::cursor::{Cursor, Cursors};
use crate::failure::SearchError;
use crate::index::Index;
use crate::plan::{Plan, Planner};
use crate::request::{Order, Request};
use crate::row::Row;
use crate::scan::{Direction, Pager, Walk, count};
use crate::schema::Slot;
use crate::segment::{Segment, Snapshot, guarded};
use picket_query::{Field, Query};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use tantivy::schema::Value as _;
use tantivy::{DocId, TantivyDocument, TantivyError};

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    /// Positions in the log, in the order asked for. `EventLog::events` gives the events.
    pub positions: Vec<u64>,
    /// The same as rows, if they were asked for.
    pub rows: Vec<Row>,
    /// How many events match in all, whatever the limit and the cursor; if that was asked for.
    pub total: Option<u64>,
    /// Goes on after this page. An ascending list always has one: newer events may come.
    pub next: Option<Cursor>,
    /// Goes back before this page.
    pub previous: Option<Cursor>,
}

/// What was found, for listings of any length: positions come in slices, over one state of the index.
#[derive(Debug)]
pub struct Listing {
    /// How many events match in all, whatever the limit and the cursor; if that was asked for.
    pub total: Option<u64>,
    /// Goes on after this listing. An ascending one always has one: newer events may come.
    pub next: Option<Cursor>,
    /// Goes back before this listing.
    pub previous: Option<Cursor>,
    /// The positions, in the order asked for.
    pub positions: Pager,
}

/// A request made ready: one state of the index, and what to look for in it.
pub(crate) struct Prepared {
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) plan: Arc<Plan>,
    /// What the index covers and retention left.
    pub(crate) positions: Range<u64>,
}

type Hit = (Arc<Segment>, DocId);

impl Index {
    /// Finds events: a page of them, and how many there are.
    pub fn search(&self, request: &Request) -> Result<Page, SearchError> {
        guarded(|| {
            let cursors = Cursors::of(request, self.keyring());
            let prepared = self.prepare(request)?;
            let total = if request.total { Some(prepared.count()?) } else { None };
            let page = prepared.page(request, &cursors)?;
            Ok(Page { total, ..page })
        })
    }

    /// What [`Index::search`] finds, in slices.
    pub fn list(&self, request: &Request) -> Result<Listing, SearchError> {
        guarded(|| {
            let cursors = Cursors::of(request, self.keyring());
            let prepared = self.prepare(request)?;
            let total = if request.total { Some(prepared.count()?) } else { None };
            let range = prepared.range(request, &cursors)?;
            let (last, more) = match request.limit {
                Some(limit) => prepared.last_within(range.clone(), limit, direction(request))?,
                None => (None, false),
            };
            let edges = Edges::new(range, prepared.positions.start, direction(request), last, more);
            let (next, previous) = edges.cursors(request.order, &cursors);
            let run = match request.order {
                Order::Ascending => Direction::Forwards,
                Order::Descending => Direction::Backwards,
            };
            let positions = Pager::new(Walk::new(&prepared.snapshot, &prepared.plan, edges.kept, run));
            Ok(Listing { total, next, previous, positions })
        })
    }

    /// What matches next to a position, in the order of the log: so many before it, it, and so many after it.
    pub fn around(&self, request: &Request, position: u64, each: usize) -> Result<Vec<u64>, SearchError> {
        guarded(|| {
            let prepared = self.prepare(request)?;
            let range = prepared.positions.clone();
            let middle = position.clamp(range.start, range.end.max(range.start));
            let mut hits = prepared.hits(range.start..middle, each, Direction::Backwards)?;
            hits.reverse();
            hits.extend(prepared.hits(middle..range.end, each.saturating_add(1), Direction::Forwards)?);
            Ok(hits.iter().map(|(segment, doc)| segment.position(*doc)).collect())
        })
    }

    /// How many events match.
    pub fn count(&self, request: &Request) -> Result<u64, SearchError> {
        guarded(|| self.prepare(request)?.count())
    }

    /// The names behind the dictionary ids of some rows. Forgotten ones are absent.
    pub fn names(&self, rows: &[Row]) -> Result<HashMap<String, String>, SearchError> {
        let mut names = HashMap::new();
        let mut ids: Vec<&String> = rows.iter().flat_map(Row::ids).collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            names.extend(self.log().name(id)?.map(|name| (id.clone(), name)));
        }
        Ok(names)
    }

    pub(crate) fn prepare(&self, request: &Request) -> Result<Prepared, SearchError> {
        let fields = self.fields();
        let now = self.log().clock().now();
        let planner = Planner { fields, log: self.log(), keyring: self.keyring(), now };
        let types = request.event_types.iter().map(String::as_str);
        let types = Query::one_of(Field::EventType, types).unwrap_or_default();
        let moments = |field, from, until| match fields.slot(field) {
            Slot::Number(column) => Plan::moments(column, from, until),
            _ => Plan::All,
        };
        let plan = Plan::and(vec![
            planner.expr(request.filter.expr())?,
            planner.expr(types.expr())?,
            moments(Field::RecordedAt, request.since, None),
            moments(Field::Timestamp, request.from, request.to),
        ]);
        let snapshot = self.snapshot();
        let mut positions = self.floor()..snapshot.covered;
        if let Some(wanted) = &request.positions {
            positions.start = positions.start.max(wanted.start);
            positions.end = positions.end.min(wanted.end).max(positions.start);
        }
        Ok(Prepared { snapshot, plan: Arc::new(plan), positions })
    }
}

impl Prepared {
    pub(crate) fn count(&self) -> Result<u64, SearchError> {
        Ok(count(&self.snapshot, &self.plan, self.positions.clone())?)
    }

    /// The positions on the wanted side of the cursor.
    fn range(&self, request: &Request, cursors: &Cursors) -> Result<Range<u64>, SearchError> {
        let mut range = self.positions.clone();
        let (above, below) = match (&request.after, &request.before, request.order) {
            (Some(_), Some(_), _) => return Err(SearchError::TwoCursors),
            (after, before, Order::Ascending) => (after, before),
            (after, before, Order::Descending) => (before, after),
        };
        if let Some(cursor) = above {
            range.start = range.start.max(cursors.check(cursor)?);
            range.end = range.end.max(range.start);
        }
        if let Some(cursor) = below {
            range.end = range.end.min(cursors.check(cursor)?).max(range.start);
        }
        Ok(range)
    }

    fn hits(&self, positions: Range<u64>, limit: usize, direction: Direction) -> Result<Vec<Hit>, SearchError> {
        let mut hits: Vec<Hit> = Vec::new();
        let mut walk = Walk::new(&self.snapshot, &self.plan, positions, direction);
        while hits.len() < limit {
            let Some(batch) = walk.next()? else { break };
            let room = limit - hits.len();
            hits.extend(batch.docs.iter().take(room).map(|doc| (Arc::clone(batch.segment), *doc)));
        }
        Ok(hits)
    }

    fn page(&self, request: &Request, cursors: &Cursors) -> Result<Page, SearchError> {
        let range = self.range(request, cursors)?;
        let direction = direction(request);
        let limit = request.limit.unwrap_or(usize::MAX);
        // One more than wanted tells whether there are more.
        let mut hits = self.hits(range.clone(), limit.saturating_add(1), direction)?;
        let more = hits.len() > limit;
        hits.truncate(limit);
        if (direction == Direction::Backwards) == (request.order == Order::Ascending) {
            hits.reverse();
        }
        let positions: Vec<u64> = hits.iter().map(|(segment, doc)| segment.position(*doc)).collect();
        let rows = if request.rows { rows(&hits)? } else { Vec::new() };
        let last = match direction {
            Direction::Backwards => positions.iter().min(),
            Direction::Forwards => positions.iter().max(),
        };
        let edges = Edges::new(range, self.positions.start, direction, last.copied(), more);
        let (next, previous) = edges.cursors(request.order, cursors);
        Ok(Page { positions, rows, total: None, next, previous })
    }

    /// The last of the first `limit` hits, and whether more follow.
    fn last_within(
        &self,
        positions: Range<u64>,
        limit: usize,
        direction: Direction,
    ) -> Result<(Option<u64>, bool), SearchError> {
        let mut walk = Walk::new(&self.snapshot, &self.plan, positions, direction);
        let (mut room, mut last) = (limit, None);
        while let Some(batch) = walk.next()? {
            if batch.docs.len() > room {
                let doc = room.checked_sub(1).and_then(|at| batch.docs.get(at));
                return Ok((doc.map(|doc| batch.segment.position(*doc)).or(last), true));
            }
            room -= batch.docs.len();
            last = batch.docs.last().map(|doc| batch.segment.position(*doc)).or(last);
        }
        Ok((last, false))
    }
}

/// What a limit kept of a range, and the places on both sides of it.
struct Edges {
    kept: Range<u64>,
    newer: u64,
    older: Option<u64>,
}

impl Edges {
    /// `last` is the hit that was reached last, and `more` whether others would follow it.
    fn new(range: Range<u64>, first: u64, direction: Direction, last: Option<u64>, more: bool) -> Self {
        let mut kept = range;
        if more {
            // Without a hit inside the limit nothing is kept.
            match direction {
                Direction::Backwards => kept.start = last.unwrap_or(kept.end),
                Direction::Forwards => kept.end = last.map_or(kept.start, |newest| newest + 1),
            }
        }
        // From the end of the range back, nothing in it is newer than what was kept.
        let older = match direction {
            Direction::Backwards => more.then_some(kept.start),
            Direction::Forwards => Some(kept.start).filter(|start| *start > first),
        };
        Self { newer: kept.end, older, kept }
    }

    fn cursors(&self, order: Order, cursors: &Cursors) -> (Option<Cursor>, Option<Cursor>) {
        let (newer, older) = (Some(cursors.at(self.newer)), self.older.map(|place| cursors.at(place)));
        match order {
            Order::Ascending => (newer, older),
            Order::Descending => (older, newer),
        }
    }
}

/// From which end of its range a request is filled.
fn direction(request: &Request) -> Direction {
    let forwards = match request.order {
        Order::Ascending => request.after.is_some(),
        Order::Descending => request.before.is_some(),
    };
    if forwards { Direction::Forwards } else { Direction::Backwards }
}

fn rows(hits: &[Hit]) -> Result<Vec<Row>, SearchError> {
    let read = |(segment, doc): &Hit| {
        let document: TantivyDocument = segment.rows.get(*doc)?;
        let (_, value) = document.field_values().next().ok_or(SearchError::Damaged)?;
        let bytes = value.as_bytes().ok_or(SearchError::Damaged)?;
        Row::read(bytes).map_err(|error| SearchError::Index(TantivyError::InternalError(error.to_string())))
    };
    hits.iter().map(read).collect()
}
