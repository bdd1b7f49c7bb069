//! What is measured of a whole workspace, model or application, as series: each quarter of an hour against what is usual at
//! that hour of the week.

use picket_behaviour::bytes::{Reader, Writer};
use picket_behaviour::{Season, Series, chance, shown};
use std::collections::VecDeque;

/// One value.
const BUCKET_MS: i64 = 15 * 60_000;
/// After something was told, a series is quiet for so long.
const QUIET_MS: i64 = 4 * 3_600_000;
/// What is less likely is told; rules say what matters of it.
const TAIL: f64 = 1e-4;
/// Values before anything is said: a week.
const LEARN: u64 = 7 * 96;
/// After a longer silence its values are not learned.
const SILENT_MAX: i64 = 96;
/// Fewer requests have no average that says anything.
const AVERAGED_MIN: u32 = 10;
/// Measures of each.
const MEASURES: [Measure; 5] =
    [Measure::Requests, Measure::Blocked, Measure::Cost, Measure::TokensOut, Measure::Latency];

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    Requests,
    Blocked,
    Cost,
    TokensOut,
    Latency,
}

impl Measure {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Blocked => "blocked",
            Self::Cost => "cost",
            Self::TokensOut => "tokens_out",
            Self::Latency => "latency_ms",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Blocked => "refused requests",
            Self::Cost => "USD",
            Self::TokensOut => "tokens in an answer on average",
            Self::Latency => "ms for an answer on average",
        }
    }

    /// The smallest deviation that is believed, of a value as it is followed.
    const fn floor(self) -> f64 {
        match self {
            // What happens one by one deviates by one there.
            Self::Requests | Self::Blocked => 1.0,
            _ => 0.2,
        }
    }

    /// A value as it is followed: so that what is usual deviates by as much, however large it is.
    fn followed(self, value: f64) -> f64 {
        match self {
            Self::Requests | Self::Blocked => 2.0 * (value + 0.375).sqrt(),
            Self::Cost => (value * 10_000.0).ln_1p(),
            Self::TokensOut | Self::Latency => value.ln_1p(),
        }
    }

    fn value(self, followed: f64) -> f64 {
        match self {
            Self::Requests | Self::Blocked => ((followed / 2.0) * (followed / 2.0) - 0.375).max(0.0),
            Self::Cost => followed.exp_m1() / 10_000.0,
            Self::TokensOut | Self::Latency => followed.exp_m1(),
        }
    }
}

/// What happened in a quarter of an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Bucket {
    number: i64,
    requests: u32,
    blocked: u32,
    answers: u32,
    tokens_out: u64,
    latency_ms: u64,
    /// In ten-thousandths.
    cost: u64,
}

/// One request.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Request {
    pub(super) at_ms: i64,
    pub(super) is_blocked: bool,
    pub(super) tokens_out: Option<u64>,
    pub(super) latency_ms: Option<u64>,
    pub(super) cost: Option<f64>,
}

/// Whether two moments close the same.
pub(super) fn is_same(one_ms: i64, other_ms: i64) -> bool {
    one_ms.div_euclid(BUCKET_MS) == other_ms.div_euclid(BUCKET_MS)
}

/// A series left its course.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    pub(super) measure: &'static str,
    pub(super) from_ms: i64,
    pub(super) until_ms: i64,
    pub(super) value: f64,
    pub(super) expected: f64,
    pub(super) surprise: f64,
    pub(super) why: String,
}

/// The series of one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Aggregate {
    series: Vec<Series>,
    /// Not closed yet, in order.
    open: VecDeque<Bucket>,
    /// The first that is not closed.
    next: Option<i64>,
}

impl Default for Aggregate {
    fn default() -> Self {
        let series = MEASURES.map(|measure| Series::new(Season::HourOfWeek, TAIL, QUIET_MS).floor(measure.floor()));
        Self { series: series.into(), open: VecDeque::new(), next: None }
    }
}

impl Aggregate {
    /// Takes a request in; false if its time is closed.
    pub(super) fn add(&mut self, request: &Request) -> bool {
        let number = request.at_ms.div_euclid(BUCKET_MS);
        let first = *self.next.get_or_insert(number);
        if number < first {
            return false;
        }
        let place = self.open.partition_point(|bucket| bucket.number < number);
        if self.open.get(place).is_none_or(|bucket| bucket.number != number) {
            self.open.insert(place, Bucket { number, ..Bucket::default() });
        }
        let Some(bucket) = self.open.get_mut(place) else { return false };
        bucket.requests = bucket.requests.saturating_add(1);
        bucket.blocked = bucket.blocked.saturating_add(u32::from(request.is_blocked));
        if let (Some(tokens), Some(latency)) = (request.tokens_out, request.latency_ms) {
            bucket.answers = bucket.answers.saturating_add(1);
            bucket.tokens_out = bucket.tokens_out.saturating_add(tokens);
            bucket.latency_ms = bucket.latency_ms.saturating_add(latency);
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what fits")]
        let cost = (request.cost.unwrap_or(0.0).clamp(0.0, 1e9) * 10_000.0) as u64;
        bucket.cost = bucket.cost.saturating_add(cost);
        true
    }

    /// Closes what nothing older than a moment can join; what left its course.
    pub(super) fn close(&mut self, floor_ms: i64, told: &mut Vec<Told>) {
        let floor = floor_ms.div_euclid(BUCKET_MS);
        while let Some(next) = self.next.filter(|next| *next < floor && !self.open.is_empty()) {
            let front = self.open.front().map_or(next, |bucket| bucket.number);
            if front.saturating_sub(next) > SILENT_MAX {
                self.next = Some(front);
                continue;
            }
            let bucket = if front == next { self.open.pop_front() } else { None };
            self.learn(&bucket.unwrap_or(Bucket { number: next, ..Bucket::default() }), told);
            self.next = Some(next + 1);
        }
    }

    fn learn(&mut self, bucket: &Bucket, told: &mut Vec<Told>) {
        let from_ms = bucket.number.saturating_mul(BUCKET_MS);
        for (measure, series) in MEASURES.iter().zip(&mut self.series) {
            let Some(value) = bucket.value(*measure) else { continue };
            let point = series.add(from_ms, measure.followed(value));
            if !point.is_told || series.values() <= LEARN {
                continue;
            }
            let expected = measure.value(point.expected);
            let text = (shown(value), measure.words(), shown(expected), chance(point.tail));
            told.push(Told {
                measure: measure.as_str(),
                from_ms,
                until_ms: from_ms.saturating_add(BUCKET_MS),
                value,
                expected,
                surprise: -point.tail.max(1e-30).log10(),
                why: format!(
                    "{} {} in a quarter of an hour, usual at that hour are {} ({})",
                    text.0, text.1, text.2, text.3
                ),
            });
        }
    }

    pub(super) fn write(&self, out: &mut Writer) {
        self.series.iter().for_each(|series| series.write(out));
        out.signed(self.next.unwrap_or(i64::MIN));
        out.number(u64::try_from(self.open.len()).unwrap_or(0));
        for bucket in &self.open {
            out.signed(bucket.number);
            let counts = [bucket.requests, bucket.blocked, bucket.answers].map(u64::from);
            counts.into_iter().chain([bucket.tokens_out, bucket.latency_ms, bucket.cost]).for_each(|n| out.number(n));
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let mut aggregate = Self::default();
        aggregate.series.iter_mut().try_for_each(|series| series.read(reader))?;
        aggregate.next = Some(reader.signed()?).filter(|next| *next != i64::MIN);
        for _ in 0..reader.number()? {
            let (number, requests, blocked) = (reader.signed()?, reader.fitting()?, reader.fitting()?);
            let (answers, tokens_out) = (reader.fitting()?, reader.number()?);
            let (latency_ms, cost) = (reader.number()?, reader.number()?);
            aggregate.open.push_back(Bucket { number, requests, blocked, answers, tokens_out, latency_ms, cost });
        }
        aggregate.open.iter().is_sorted_by(|one, other| one.number < other.number).then_some(aggregate)
    }
}

impl Bucket {
    fn value(&self, measure: Measure) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "far below what makes a difference")]
        let (tokens, latency, cost) = (self.tokens_out as f64, self.latency_ms as f64, self.cost as f64);
        let averaged = |sum: f64| (self.answers >= AVERAGED_MIN).then(|| sum / f64::from(self.answers));
        match measure {
            Measure::Requests => Some(f64::from(self.requests)),
            Measure::Blocked => Some(f64::from(self.blocked)),
            Measure::Cost => Some(cost / 10_000.0),
            Measure::TokensOut => averaged(tokens),
            Measure::Latency => averaged(latency),
        }
    }
}
