//! What is usual of one user, key, application or agent, in 512 bytes: a million of them are half a gigabyte.
//!
//! Times are taken as they come: an event of an earlier hour counts to the present one. Where that matters, rules look at
//! event time; a profile is for what nobody wrote a rule about.

use crate::change::Cusum;
use crate::distinct::Distinct;
use crate::moving::{Course, Moving};
use crate::number::{real, short};
use crate::season::Season;
use crate::tail;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Tokens of a prompt.
    TokensIn,
    /// Tokens of an answer.
    TokensOut,
    /// Cost of a request.
    Cost,
    /// How long an answer took.
    Latency,
    /// Requests in an hour.
    Requests,
    /// Requests that were refused in an hour.
    Blocked,
    /// Requests with sensitive data in an hour.
    Sensitive,
}

/// How many metrics there are.
pub const METRICS: usize = 7;
/// Hours whose counts are learned at once after a silence; of a longer one no more is known than that.
const SILENT_HOURS_MAX: i64 = 24 * 14;
const HOUR_MS: i64 = 3_600_000;
const DAY_HOURS: u32 = 24;
/// Values of the peers that an own profile leans on.
const LEAN: f64 = 24.0;
/// Models, and networks, that are remembered.
const KNOWN: usize = 6;
/// Days after which a model or a network is new again.
const KNOWN_DAYS: u16 = 90;
/// Requests and days before which nothing is said to be new.
const LEARN_REQUESTS: u32 = 50;
const LEARN_HOURS: u32 = 7 * DAY_HOURS;
/// What of a day's sensitive requests is no change, in standard deviations.
const SLACK: f64 = 0.5;

impl Metric {
    /// Every metric.
    pub const ALL: [Self; METRICS] =
        [Self::TokensIn, Self::TokensOut, Self::Cost, Self::Latency, Self::Requests, Self::Blocked, Self::Sensitive];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TokensIn => "tokens_in",
            Self::TokensOut => "tokens_out",
            Self::Cost => "cost",
            Self::Latency => "latency_ms",
            Self::Requests => "requests an hour",
            Self::Blocked => "blocked requests an hour",
            Self::Sensitive => "requests with sensitive data an hour",
        }
    }

    const fn place(self) -> usize {
        self as usize
    }

    /// Sizes and costs are compared by their proportion, counts as they are.
    const fn is_count(self) -> bool {
        matches!(self, Self::Requests | Self::Blocked | Self::Sensitive)
    }
}

/// One request, as far as it matters here. What is not known is none.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Observation {
    /// Milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// Tokens of the prompt.
    pub tokens_in: Option<u64>,
    /// Tokens of the answer.
    pub tokens_out: Option<u64>,
    /// Cost, in any one currency.
    pub cost: Option<f64>,
    /// How long it took.
    pub latency_ms: Option<u64>,
    /// It was refused.
    pub is_blocked: bool,
    /// Something sensitive was found in it.
    pub is_sensitive: bool,
    /// A hash of the model's name.
    pub model: Option<u64>,
    /// A hash of the network that it came from.
    pub network: Option<u64>,
    /// A hash of the prompt.
    pub prompt: Option<u64>,
}

/// Why something is unusual: what it is, what was seen, what is usual, and how likely that is by chance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// What was looked at.
    pub what: &'static str,
    /// What was seen.
    pub seen: f64,
    /// What is usual.
    pub expected: f64,
    /// How likely as much, or more, is by chance.
    pub tail: f64,
}

/// What is usual of those who are alike: a team, a role, all of a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Peers([Moving; METRICS]);

/// What is usual of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Mean and variance of each metric.
    metrics: [(f32, f32); METRICS],
    counts: [u32; METRICS],
    /// How often something happened in each hour of the week; halved all together when one is full.
    hours: [u8; 168],
    prompts: Distinct,
    models: [(u32, u16); KNOWN],
    networks: [(u32, u16); KNOWN],
    /// Hours since the Unix epoch: of the first request, and the present one.
    first_hour: u32,
    hour: u32,
    requests: u32,
    /// Of the present hour.
    now: [u32; 3],
    /// Sensitive requests of the present day, and what days were like.
    day_sensitive: u32,
    day: (f32, f32),
    days: u32,
    creeping: f32,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            metrics: [(0.0, 0.0); METRICS],
            counts: [0; METRICS],
            hours: [0; 168],
            prompts: Distinct::default(),
            models: [(0, 0); KNOWN],
            networks: [(0, 0); KNOWN],
            first_hour: 0,
            hour: 0,
            requests: 0,
            now: [0; 3],
            day_sensitive: 0,
            day: (0.0, 0.0),
            days: 0,
            creeping: 0.0,
        }
    }
}

impl Peers {
    /// What is usual of them in a metric.
    pub fn usual(&self, metric: Metric) -> Moving {
        self.0.get(metric.place()).copied().unwrap_or_default()
    }

    fn add(&mut self, metric: Metric, value: f64) {
        if let Some(moving) = self.0.get_mut(metric.place()) {
            moving.add(value, &course(metric));
        }
    }
}

/// How a metric is followed: counts, and logarithms of sizes.
fn course(metric: Metric) -> Course {
    Course { weight: 0.02, clip: 3.0, floor: if metric.is_count() { 0.5 } else { 0.2 }, is_count: metric.is_count() }
}

impl Profile {
    /// Takes a request in; what is unusual about it, the least likely first. The peers learn from it too.
    pub fn observe(&mut self, seen: &Observation, peers: &mut Peers) -> Vec<Evidence> {
        self.pass_to(seen.at_ms, peers);
        let mut evidence = Vec::new();
        self.sizes(seen, peers, &mut evidence);
        self.counts(seen, peers, &mut evidence);
        self.when(seen, &mut evidence);
        self.news(seen, &mut evidence);
        self.requests = self.requests.saturating_add(1);
        evidence.sort_by(|one, other| one.tail.total_cmp(&other.tail));
        evidence
    }

    /// Requests so far.
    pub fn requests(&self) -> u32 {
        self.requests
    }

    /// About how many different prompts there were.
    pub fn prompts(&self) -> f64 {
        self.prompts.count()
    }

    /// What is usual in a metric, by the own values and those of the peers.
    pub fn usual(&self, metric: Metric, peers: &Peers) -> Moving {
        self.own(metric).leaning_on(&peers.usual(metric), LEAN)
    }

    fn own(&self, metric: Metric) -> Moving {
        let (mean, variance) = self.metrics.get(metric.place()).copied().unwrap_or_default();
        let count = self.counts.get(metric.place()).copied().unwrap_or(0);
        Moving { mean: f64::from(mean), variance: f64::from(variance), count: u64::from(count) }
    }

    fn learn(&mut self, metric: Metric, value: f64, peers: &mut Peers) {
        let mut moving = self.own(metric);
        moving.add(value, &course(metric));
        if let (Some(own), Some(count)) = (self.metrics.get_mut(metric.place()), self.counts.get_mut(metric.place())) {
            *own = (short(moving.mean), short(moving.variance));
            *count = count.saturating_add(1);
        }
        peers.add(metric, value);
    }

    /// Closes the hours and days that are over.
    fn pass_to(&mut self, at_ms: i64, peers: &mut Peers) {
        let hour = u32::try_from(at_ms.div_euclid(HOUR_MS)).unwrap_or(0);
        if self.requests == 0 {
            (self.first_hour, self.hour) = (hour, hour);
            return;
        }
        if hour <= self.hour {
            return;
        }
        let silent = i64::from(hour - self.hour).min(SILENT_HOURS_MAX);
        for _ in 0..silent {
            for (metric, count) in [Metric::Requests, Metric::Blocked, Metric::Sensitive].into_iter().zip(self.now) {
                self.learn(metric, f64::from(count), peers);
            }
            self.now = [0; 3];
        }
        let days = (hour / DAY_HOURS).saturating_sub(self.hour / DAY_HOURS);
        for _ in 0..days.min(14) {
            self.close_day();
        }
        self.hour = hour;
    }

    fn close_day(&mut self) {
        let course = Course { weight: 0.05, clip: 3.0, floor: 0.5, is_count: true };
        let mut usual =
            Moving { mean: f64::from(self.day.0), variance: f64::from(self.day.1), count: u64::from(self.days) };
        let count = f64::from(self.day_sensitive);
        if self.days > 6 {
            let mut cusum = Cusum { sum: f64::from(self.creeping) };
            self.creeping = short(cusum.add((count - usual.mean) / usual.deviation(&course), SLACK));
        }
        usual.add(count, &course);
        self.day = (short(usual.mean), short(usual.variance));
        self.days = self.days.saturating_add(1);
        self.day_sensitive = 0;
    }

    fn sizes(&mut self, seen: &Observation, peers: &mut Peers, evidence: &mut Vec<Evidence>) {
        let sizes = [
            (Metric::TokensIn, seen.tokens_in.map(real)),
            (Metric::TokensOut, seen.tokens_out.map(real)),
            // In ten-thousandths, so that proportions of small costs show.
            (Metric::Cost, seen.cost.filter(|cost| cost.is_finite() && *cost >= 0.0).map(|cost| cost * 10_000.0)),
            (Metric::Latency, seen.latency_ms.map(real)),
        ];
        for (metric, value) in sizes {
            let Some(value) = value else { continue };
            let usual = self.usual(metric, peers);
            let log = value.ln_1p();
            if usual.count > 0 && self.is_warm(peers, metric) {
                let unit = if metric == Metric::Cost { 10_000.0 } else { 1.0 };
                evidence.push(Evidence {
                    what: metric.as_str(),
                    seen: value / unit,
                    expected: usual.mean.exp_m1() / unit,
                    tail: tail::normal((log - usual.mean) / usual.deviation(&course(metric))),
                });
            }
            self.learn(metric, log, peers);
        }
    }

    /// Whether enough is known to call something unusual.
    fn is_warm(&self, peers: &Peers, metric: Metric) -> bool {
        self.own(metric).count + peers.usual(metric).count >= 24
    }

    fn counts(&mut self, seen: &Observation, peers: &Peers, evidence: &mut Vec<Evidence>) {
        let metrics =
            [(Metric::Requests, true), (Metric::Blocked, seen.is_blocked), (Metric::Sensitive, seen.is_sensitive)];
        for (place, (metric, happened)) in metrics.into_iter().enumerate() {
            let Some(count) = self.now.get_mut(place).filter(|_| happened) else { continue };
            *count = count.saturating_add(1);
            let count = f64::from(*count);
            let usual = self.usual(metric, peers);
            if self.is_warm(peers, metric) {
                let tail = tail::heaped(count, usual.mean.max(0.02), usual.variance);
                evidence.push(Evidence { what: metric.as_str(), seen: count, expected: usual.mean, tail });
            }
        }
        self.day_sensitive = self.day_sensitive.saturating_add(u32::from(seen.is_sensitive));
        let creeping = f64::from(self.creeping);
        if seen.is_sensitive && creeping > 0.0 {
            let expected = f64::from(self.day.0);
            // The sum that a walk without drift reaches falls off so (Siegmund).
            let tail = (-2.0 * SLACK * creeping).exp().min(1.0);
            let what = "sensitive data a day, rising";
            evidence.push(Evidence { what, seen: f64::from(self.day_sensitive), expected, tail });
        }
    }

    /// The hour of the week: how much of what happens happens in hours as rare as this.
    fn when(&mut self, seen: &Observation, evidence: &mut Vec<Evidence>) {
        let hour = usize::from(Season::HourOfWeek.hour(seen.at_ms));
        let all: f64 = self.hours.iter().map(|count| f64::from(*count)).sum();
        let here = self.hours.get(hour).copied().unwrap_or(0);
        if self.requests >= LEARN_REQUESTS && self.hour.saturating_sub(self.first_hour) >= 2 * LEARN_HOURS {
            let rarer: f64 = self.hours.iter().filter(|count| **count <= here).map(|count| f64::from(*count)).sum();
            // Someone's hours are not known to the end: one request more could have been anywhere.
            let tail = (rarer + 1.0) / (all + 1.0);
            evidence.push(Evidence { what: "hour of the week", seen: f64::from(here), expected: all / 168.0, tail });
        }
        if here == u8::MAX {
            self.hours.iter_mut().for_each(|count| *count /= 2);
        }
        if let Some(count) = self.hours.get_mut(hour) {
            *count = count.saturating_add(1);
        }
    }

    fn news(&mut self, seen: &Observation, evidence: &mut Vec<Evidence>) {
        let day = u16::try_from(self.hour / DAY_HOURS % u32::from(u16::MAX)).unwrap_or(0);
        let has_learned = self.requests >= LEARN_REQUESTS && self.hour.saturating_sub(self.first_hour) >= LEARN_HOURS;
        let requests = f64::from(self.requests);
        for (what, known, value) in
            [("model", &mut self.models, seen.model), ("network", &mut self.networks, seen.network)]
        {
            let Some(value) = value else { continue };
            let others = known.iter().filter(|(hash, _)| *hash != 0).count();
            if is_new(known, value, day) && has_learned {
                // So many kinds in so many requests: what share of requests brings a new one (Good and Turing, roughly).
                let tail = (1.0 / (requests + 1.0)).max(1e-6);
                let expected = crate::number::length(others);
                evidence.push(Evidence { what, seen: expected + 1.0, expected, tail });
            }
        }
        if let Some(prompt) = seen.prompt {
            self.prompts.add(prompt);
        }
    }
}

/// Whether a value is new, which it is no longer afterwards; the one that was seen longest ago gives way.
fn is_new(known: &mut [(u32, u16); KNOWN], value: u64, day: u16) -> bool {
    let hash = u32::try_from(crate::distinct::mixed(value) >> 32).unwrap_or(0).max(1);
    if let Some((_, last)) = known.iter_mut().find(|(other, _)| *other == hash) {
        let before = std::mem::replace(last, day);
        return day.wrapping_sub(before) > KNOWN_DAYS;
    }
    let place = known.iter_mut().min_by_key(|(hash, last)| (*hash != 0, u16::MAX - day.wrapping_sub(*last)));
    place.into_iter().for_each(|place| *place = (hash, day));
    true
}

impl Evidence {
    /// How likely the least likely of several is, given that so many were looked at (Šidák): one number for all evidence
    /// about a request; 1 where there is none.
    pub fn together(all: &[Self]) -> f64 {
        let least = all.iter().map(|evidence| evidence.tail.clamp(0.0, 1.0)).fold(1.0, f64::min);
        let looks = crate::number::length(all.len().max(1));
        // For small tails one less a power of nearly one loses all digits.
        -f64::exp_m1(looks * (-least).ln_1p())
    }
}

#[cfg(test)]
mod tests;
