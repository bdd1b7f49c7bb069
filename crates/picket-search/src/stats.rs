//! Counts over time and by field, with tokens, cost and latency.

use crate::failure::SearchError;
use crate::index::Index;
use crate::request::Request;
use crate::scan::{Batch, Direction, Walk};
use crate::schema::Fields;
use crate::segment::{Segment, guarded};
use crate::tally::Tally;
use picket_query::{Field, FieldKind};
use picket_stdx::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tantivy::columnar::Column;
use tantivy::{DocId, u64_to_f64, u64_to_i64};

/// Buckets of time, at most.
const BUCKETS_MAX: usize = 10_000;
/// Groups that are named, at most.
const GROUPS_MAX: usize = 1_000;
/// The shortest interval.
const INTERVAL_MIN: Duration = Duration::from_secs(1);
/// Values below this are counted in a table, others in a map.
const TABLE: usize = 65_536;

/// What to count. Limit, order and cursors of the request do not matter.
#[derive(Debug, Clone, Default)]
pub struct StatsRequest {
    /// Which events.
    pub request: Request,
    /// Also by the values of a field.
    pub by: Option<Field>,
    /// How many of them are named: those with most events.
    pub groups: usize,
    /// Also by time, in intervals of this length, which begin at multiples of it since the epoch.
    pub interval: Option<Duration>,
}

/// What some events come to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Totals {
    /// How many they are.
    pub count: u64,
    /// Prompt tokens.
    pub tokens_in: u64,
    /// Answer tokens.
    pub tokens_out: u64,
    /// US dollars.
    pub cost: f64,
}

/// The events of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// Its beginning.
    pub at: Timestamp,
    /// What they come to.
    pub totals: Totals,
}

/// The events with one value of a field.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The value: a word, a name, or the dictionary id of a name that was forgotten.
    pub value: String,
    /// What they come to.
    pub totals: Totals,
}

/// Counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stats {
    /// All events that match.
    pub totals: Totals,
    /// Median of `latency_ms`, to one percent.
    pub latency_p50: Option<u64>,
    /// 95th percentile of `latency_ms`, to one percent.
    pub latency_p95: Option<u64>,
    /// By time, from the first interval with events to the last, empty ones included.
    pub over_time: Vec<Bucket>,
    /// By value, most events first. An event with several values counts for each.
    pub groups: Vec<Group>,
    /// How many values there are, named or not.
    pub values: usize,
    /// Events without a value.
    pub without: u64,
}

impl Totals {
    fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.tokens_in += other.tokens_in;
        self.tokens_out += other.tokens_out;
        self.cost += other.cost;
    }
}

impl Index {
    /// Counts events.
    pub fn stats(&self, wanted: &StatsRequest) -> Result<Stats, SearchError> {
        if let Some(field) = wanted.by.filter(|field| !is_countable(*field)) {
            return Err(SearchError::Field(field.as_str()));
        }
        guarded(|| {
            let prepared = self.prepare(&wanted.request)?;
            let mut walk = Walk::new(&prepared.snapshot, &prepared.plan, prepared.positions, Direction::Forwards);
            let mut count = Count::new(self.fields(), wanted);
            while let Some(batch) = walk.next()? {
                count.take(&batch)?;
            }
            let mut stats = count.finish()?;
            stats.groups.truncate(wanted.groups.min(GROUPS_MAX));
            if wanted.by.is_some_and(|field| field.kind() == FieldKind::Name) {
                for group in &mut stats.groups {
                    group.value = self.log().name(&group.value)?.unwrap_or_else(|| std::mem::take(&mut group.value));
                }
            }
            Ok(stats)
        })
    }
}

fn is_countable(field: Field) -> bool {
    matches!(field.kind(), FieldKind::Closed | FieldKind::Word | FieldKind::Text | FieldKind::Name)
        || matches!(field, Field::StatusCode | Field::RiskTier | Field::PolicyVersion)
}

/// Counting, document by document.
struct Count<'a> {
    fields: &'a Fields,
    by: Option<Field>,
    interval: Option<i64>,
    stats: Stats,
    latency: Tally,
    times: BTreeMap<i64, Totals>,
    groups: HashMap<String, Totals>,
    /// The groups of the present segment.
    present: Option<(Arc<Segment>, Values)>,
    /// Documents of a batch with a value, and where it stands; kept for their memory.
    rows: (Vec<DocId>, Vec<u32>),
    numbers: Vec<u64>,
}

/// What the documents of a batch come to, one by one.
#[derive(Default)]
struct Measures {
    tokens_in: Vec<Option<u64>>,
    tokens_out: Vec<Option<u64>>,
    cost: Vec<Option<u64>>,
}

/// Totals by the numbers of a column.
#[derive(Default)]
struct Values {
    table: Vec<Totals>,
    map: HashMap<u64, Totals>,
}

impl Values {
    fn at(&mut self, value: u64) -> &mut Totals {
        match usize::try_from(value) {
            Ok(at) if at < TABLE => {
                if at >= self.table.len() {
                    self.table.resize(at + 1, Totals::default());
                }
                // It was made just now, if it was not there.
                match self.table.get_mut(at) {
                    Some(totals) => totals,
                    None => self.map.entry(value).or_default(),
                }
            }
            _ => self.map.entry(value).or_default(),
        }
    }

    /// Those that occurred, ascending.
    fn sorted(self) -> Vec<(u64, Totals)> {
        let mut all: Vec<(u64, Totals)> =
            (0..).zip(self.table).chain(self.map).filter(|(_, totals)| totals.count > 0).collect();
        all.sort_unstable_by_key(|(value, _)| *value);
        all
    }
}

impl Measures {
    fn of(fields: &Fields, batch: &Batch<'_>) -> tantivy::Result<Self> {
        Ok(Self {
            tokens_in: values(fields, Field::TokensIn, batch)?,
            tokens_out: values(fields, Field::TokensOut, batch)?,
            cost: values(fields, Field::Cost, batch)?,
        })
    }

    /// What the documents come to, one after the other.
    fn each(&self) -> impl Iterator<Item = Totals> + '_ {
        self.tokens_in.iter().zip(&self.tokens_out).zip(&self.cost).map(|((tokens_in, tokens_out), cost)| Totals {
            count: 1,
            tokens_in: tokens_in.unwrap_or(0),
            tokens_out: tokens_out.unwrap_or(0),
            cost: cost.map_or(0.0, u64_to_f64),
        })
    }
}

impl<'a> Count<'a> {
    fn new(fields: &'a Fields, wanted: &StatsRequest) -> Self {
        let micros = |interval: Duration| i64::try_from(interval.max(INTERVAL_MIN).as_micros()).unwrap_or(i64::MAX);
        Self {
            fields,
            by: wanted.by,
            interval: wanted.interval.map(micros),
            stats: Stats::default(),
            latency: Tally::default(),
            times: BTreeMap::new(),
            groups: HashMap::new(),
            present: None,
            rows: (Vec::new(), Vec::new()),
            numbers: Vec::new(),
        }
    }

    fn take(&mut self, batch: &Batch<'_>) -> Result<(), SearchError> {
        let measures = Measures::of(self.fields, batch)?;
        measures.each().for_each(|totals| self.stats.totals.add(&totals));
        values(self.fields, Field::LatencyMs, batch)?.into_iter().flatten().for_each(|ms| self.latency.add(ms));
        if let Some(interval) = self.interval {
            self.take_times(interval, batch, &measures)?;
        }
        if let Some(field) = self.by {
            self.take_groups(field, batch, &measures)?;
        }
        Ok(())
    }

    fn take_times(&mut self, interval: i64, batch: &Batch<'_>, measures: &Measures) -> Result<(), SearchError> {
        let times = values(self.fields, Field::Timestamp, batch)?;
        // Neighbours mostly fall into one interval.
        let mut run: Option<(i64, Totals)> = None;
        for (at, totals) in times.iter().zip(measures.each()) {
            let interval = at.map_or(0, u64_to_i64).div_euclid(interval);
            match &mut run {
                Some((known, sum)) if *known == interval => sum.add(&totals),
                _ => {
                    if let Some((known, sum)) = run.replace((interval, totals)) {
                        self.times.entry(known).or_default().add(&sum);
                    }
                }
            }
        }
        if let Some((known, sum)) = run {
            self.times.entry(known).or_default().add(&sum);
        }
        if self.times.len() > BUCKETS_MAX { Err(SearchError::Interval(BUCKETS_MAX)) } else { Ok(()) }
    }

    fn take_groups(&mut self, field: Field, batch: &Batch<'_>, measures: &Measures) -> Result<(), SearchError> {
        if self.present.as_ref().is_some_and(|(segment, _)| !Arc::ptr_eq(segment, batch.segment)) {
            self.end_segment()?;
        }
        let (_, groups) = self.present.get_or_insert_with(|| (Arc::clone(batch.segment), Values::default()));
        let Some(column) = column(self.fields, field, batch.segment)? else {
            self.stats.without += batch.docs.len() as u64;
            return Ok(());
        };
        // In one go for the whole batch: documents with several values stand there several times.
        let (docs, rows) = &mut self.rows;
        docs.clear();
        rows.clear();
        column.row_ids_for_docs(batch.docs, docs, rows);
        self.numbers.resize(rows.len(), 0);
        column.values.get_vals(rows, &mut self.numbers);
        let mut each = batch.docs.iter().zip(measures.each());
        let mut present = each.next();
        let (mut counted, mut found) = (None, 0);
        for (doc, value) in docs.iter().zip(&self.numbers) {
            while present.is_some_and(|(at, _)| at < doc) {
                present = each.next();
            }
            let Some((at, totals)) = &present else { break };
            found += u64::from(counted != Some(**at));
            counted = Some(**at);
            groups.at(*value).add(totals);
        }
        self.stats.without += batch.docs.len() as u64 - found;
        Ok(())
    }

    /// Names the groups of the present segment, and adds them to those of the others.
    fn end_segment(&mut self) -> Result<(), SearchError> {
        let Some((segment, values)) = self.present.take() else { return Ok(()) };
        let values = values.sorted();
        let column = self.by.and_then(|field| self.fields.column(field));
        let words = column.map(|id| segment.words(id)).transpose()?.flatten();
        let mut add = |value: String, totals: &Totals| self.groups.entry(value).or_default().add(totals);
        let Some(words) = words else {
            values.iter().for_each(|(number, totals)| add(number.to_string(), totals));
            return Ok(());
        };
        let mut totals = values.iter().map(|(_, totals)| totals);
        let ordinals: Vec<u64> = values.iter().map(|(ordinal, _)| *ordinal).collect();
        words.dictionary().sorted_ords_to_term_cb(&ordinals, |word| {
            if let Some(totals) = totals.next() {
                add(String::from_utf8_lossy(word).into_owned(), totals);
            }
        })?;
        Ok(())
    }

    fn finish(mut self) -> Result<Stats, SearchError> {
        self.end_segment()?;
        let mut stats = self.stats;
        stats.latency_p50 = self.latency.percentile(50);
        stats.latency_p95 = self.latency.percentile(95);
        stats.values = self.groups.len();
        stats.groups = self.groups.into_iter().map(|(value, totals)| Group { value, totals }).collect();
        stats.groups.sort_unstable_by(|a, b| b.totals.count.cmp(&a.totals.count).then_with(|| a.value.cmp(&b.value)));
        if let (Some(interval), Some((first, _)), Some((last, _))) =
            (self.interval, self.times.first_key_value(), self.times.last_key_value())
        {
            if usize::try_from(last - first).unwrap_or(usize::MAX) >= BUCKETS_MAX {
                return Err(SearchError::Interval(BUCKETS_MAX));
            }
            let bucket = |at: i64| Bucket {
                at: Timestamp::from_micros(at.saturating_mul(interval)),
                totals: self.times.get(&at).copied().unwrap_or_default(),
            };
            stats.over_time = (*first..=*last).map(bucket).collect();
        }
        Ok(stats)
    }
}

fn column<'a>(fields: &Fields, field: Field, segment: &'a Segment) -> tantivy::Result<Option<&'a Column<u64>>> {
    fields.column(field).map_or(Ok(None), |id| segment.column(id))
}

/// The numbers of a field, for each document of a batch.
fn values(fields: &Fields, field: Field, batch: &Batch<'_>) -> tantivy::Result<Vec<Option<u64>>> {
    let docs: &[DocId] = batch.docs;
    let mut values = vec![None; docs.len()];
    if let Some(column) = column(fields, field, batch.segment)? {
        column.first_vals(docs, &mut values);
    }
    Ok(values)
}
