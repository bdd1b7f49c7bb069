//! Opening and searching.

use crate::collect::Newest;
use crate::failure::{OpenError, SearchError};
use crate::indexer::Indexer;
use crate::query::Translator;
use crate::schema::{Fields, VERSION};
use picket_keys::Keyring;
use picket_log::EventLog;
use picket_query::{Field, Query as Filter};
use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tantivy::query::{BooleanQuery, Occur, Query, RangeQuery};
use tantivy::{IndexReader, ReloadPolicy, Term};

/// The index of one log. Cheap to clone.
#[derive(Clone)]
pub struct Index(Arc<Inner>);

struct Inner {
    folder: PathBuf,
    index: tantivy::Index,
    reader: IndexReader,
    fields: Fields,
    log: EventLog,
    keyring: Keyring,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Index({})", self.0.folder.display())
    }
}

/// What a commit covers: written into it, so that cursor and documents are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Covered {
    pub(crate) version: u32,
    pub(crate) log: String,
    pub(crate) position: u64,
}

/// Which way a list runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Oldest first; with a limit, the newest ones, still oldest first.
    #[default]
    Ascending,
    /// Newest first.
    Descending,
}

/// What to look for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Filter.
    pub filter: Filter,
    /// Event types; empty means all.
    pub event_types: Vec<String>,
    /// Recorded since.
    pub since: Option<Timestamp>,
    /// Happened from.
    pub from: Option<Timestamp>,
    /// Happened before.
    pub to: Option<Timestamp>,
    /// Which way.
    pub order: Order,
    /// At most so many.
    pub limit: Option<usize>,
    /// Only positions below.
    pub before: Option<u64>,
    /// Only positions above; with a limit the oldest of them.
    pub after: Option<u64>,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            filter: Filter::all(),
            event_types: vec!["request".to_owned()],
            since: None,
            from: None,
            to: None,
            order: Order::default(),
            limit: None,
            before: None,
            after: None,
        }
    }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Positions in the log, in the order asked for.
    pub positions: Vec<u64>,
    /// How many match in all.
    pub total: u64,
}

impl Index {
    /// Opens the index in a folder, or begins one; one of another version or log begins anew.
    pub fn open(folder: &Path, log: &EventLog, keyring: &Keyring) -> Result<Self, OpenError> {
        let fail = |source| OpenError::Folder { path: folder.to_owned(), source };
        let damaged = |source| OpenError::Damaged { path: folder.to_owned(), source };
        let fields = Fields::new();
        picket_stdx::fs::create_private_folder(folder).map_err(fail)?;
        let open = || -> tantivy::Result<tantivy::Index> {
            let directory = tantivy::directory::MmapDirectory::open(folder)?;
            tantivy::Index::open_or_create(directory, fields.schema.clone())
        };
        let mut index = open();
        let usable = index.as_ref().is_ok_and(|index| covered(index, log).is_some());
        if !usable {
            std::fs::remove_dir_all(folder).map_err(fail)?;
            picket_stdx::fs::create_private_folder(folder).map_err(fail)?;
            index = open();
        }
        let index = index.map_err(damaged)?;
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(damaged)?;
        Ok(Self(Arc::new(Inner {
            folder: folder.to_owned(),
            index,
            reader,
            fields,
            log: log.clone(),
            keyring: keyring.clone(),
        })))
    }

    /// Removes an index, so that the next opening builds it anew.
    pub fn remove(folder: &Path) -> Result<(), OpenError> {
        match std::fs::remove_dir_all(folder) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(OpenError::Folder { path: folder.to_owned(), source })
            }
            _ => Ok(()),
        }
    }

    /// The consumer that fills it. One at a time.
    pub fn indexer(&self) -> Result<Indexer, OpenError> {
        Indexer::new(self.clone()).map_err(|source| OpenError::Damaged { path: self.0.folder.clone(), source })
    }

    /// The next position that is not covered.
    pub fn cursor(&self) -> u64 {
        covered(&self.0.index, &self.0.log).unwrap_or(0)
    }

    /// Finds events.
    pub fn search(&self, request: &Request) -> Result<Found, SearchError> {
        let query = self.query(request)?;
        let searcher = self.0.reader.searcher();
        let all = usize::try_from(searcher.num_docs()).unwrap_or(usize::MAX).max(1);
        // After a cursor the oldest come first: they are all collected, then cut.
        let limit = if request.after.is_some() { all } else { request.limit.unwrap_or(all).clamp(1, all) };
        let newest = Newest { limit, below: request.before.unwrap_or(u64::MAX), above: request.after };
        let (mut positions, total) = searcher.search(&query, &newest)?;
        if request.limit == Some(0) {
            positions.clear();
        }
        if request.order == Order::Ascending {
            positions.reverse();
        }
        if let Some(limit) = request.limit.filter(|_| request.after.is_some()) {
            positions.truncate(limit);
        }
        Ok(Found { positions, total })
    }

    pub(crate) fn query(&self, request: &Request) -> Result<Box<dyn Query>, SearchError> {
        let inner = &*self.0;
        let translator = Translator { fields: &inner.fields, log: &inner.log, keyring: &inner.keyring };
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = vec![(Occur::Must, translator.expr(request.filter.expr())?)];
        if !request.event_types.is_empty() {
            let types = Filter::one_of(Field::EventType, request.event_types.clone());
            clauses.push((Occur::Must, translator.expr(types.expr())?));
        }
        let at = |field, moment: Timestamp| Term::from_field_i64(field, moment.as_millis());
        if let Some(since) = request.since {
            let field = inner.fields.recorded_at;
            clauses.push((Occur::Must, Box::new(RangeQuery::new(Bound::Included(at(field, since)), Bound::Unbounded))));
        }
        if request.from.is_some() || request.to.is_some() {
            let field = inner.fields.timestamp;
            let from = request.from.map_or(Bound::Unbounded, |from| Bound::Included(at(field, from)));
            let to = request.to.map_or(Bound::Unbounded, |to| Bound::Excluded(at(field, to)));
            clauses.push((Occur::Must, Box::new(RangeQuery::new(from, to))));
        }
        Ok(Box::new(BooleanQuery::new(clauses)))
    }

    pub(crate) fn tantivy(&self) -> &tantivy::Index {
        &self.0.index
    }

    pub(crate) fn reader(&self) -> &IndexReader {
        &self.0.reader
    }

    pub(crate) fn fields(&self) -> &Fields {
        &self.0.fields
    }

    pub(crate) fn log(&self) -> &EventLog {
        &self.0.log
    }

    pub(crate) fn keyring(&self) -> &Keyring {
        &self.0.keyring
    }
}

/// The position that an index covers; `None` when it is of another log or version, or claims more than the log has.
fn covered(index: &tantivy::Index, log: &EventLog) -> Option<u64> {
    let metas = index.load_metas().ok()?;
    let Some(payload) = metas.payload else { return metas.segments.is_empty().then_some(0) };
    let covered: Covered = serde_json::from_str(&payload).ok()?;
    (covered.version == VERSION && covered.log == log.id() && covered.position <= log.size())
        .then_some(covered.position)
}
