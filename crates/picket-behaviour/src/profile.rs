//! What is usual of one user, key, application or model, in less than 480 bytes: a million of them are less than half a
//! gigabyte.
//!
//! Requests count to the hour and the day in which they began. The present hour with something in it and the one before are
//! open, so that what comes late still counts there; what belongs to an hour before those counts for everything but for its
//! hour, and is told. What is usual of an hour is learned of hours with something in them; in which hours of the week there
//! is something is learned for itself.

mod evidence;
mod known;
mod metric;
mod pack;
mod peers;
mod week;

pub use evidence::{Evidence, Judgement, Look, chance, compared, shown};
pub use known::{Few, Known};
pub use metric::{METRICS, Metric};
pub use peers::Peers;
pub use week::Week;

use crate::change::Cusum;
use crate::distinct::Distinct;
use crate::moving::{Course, Moving};
use crate::number::{real, short};
use crate::season::Season;
use crate::tail;
use known::Sight;
use metric::COST_UNITS;

const HOUR_MS: i64 = 3_600_000;
const DAY_HOURS: u32 = 24;
/// Values of the peers that an own profile leans on.
const LEAN: f64 = 24.0;
/// Values before anything is said of a metric, own ones and those of peers.
const WARM: u64 = 24;
/// Models and networks that are remembered, and applications.
const KNOWN: usize = 6;
const APPLICATIONS: usize = 4;
/// Requests and hours before which nothing is said to be new; hours, too, of the week.
const LEARN_REQUESTS: u32 = 50;
const LEARN_HOURS: u32 = 7 * DAY_HOURS;
/// What peers know is as new as this.
const NEW_TO_ONE: f64 = 0.2;
/// What of a day's sensitive requests is no change, in standard deviations.
const SLACK: f64 = 0.5;
/// Days without anything that are learned.
const SILENT_DAYS_MAX: u32 = 14;
/// Nearer to what is usual nothing is unusual, in standard deviations.
const NEAR: f64 = 2.3;
/// Hours of the week that are not as rare are usual.
const RARE: f64 = 0.05;
/// How days are followed.
const DAYS: Course = Course { weight: 0.05, clip: 3.0, floor: 0.5, is_count: true };

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
    /// What stands for the model; never 0.
    pub model: Option<u32>,
    /// What stands for the application; never 0.
    pub application: Option<u32>,
    /// What stands for the network that it came from; never 0.
    pub network: Option<u32>,
    /// A hash of the prompt.
    pub prompt: Option<u64>,
}

/// What happened in an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hour {
    /// Hours since the Unix epoch.
    pub hour: u32,
    /// Requests.
    pub requests: u32,
    /// Those that were refused.
    pub blocked: u32,
    /// Those with sensitive data.
    pub sensitive: u32,
    /// Tokens of prompts and answers.
    pub tokens: u32,
    /// Cost, in ten-thousandths.
    cost: u32,
}

impl Hour {
    /// What it comes to in a metric of hours.
    pub fn value(&self, metric: Metric) -> Option<f64> {
        Some(match metric {
            Metric::Requests => f64::from(self.requests),
            Metric::Blocked => f64::from(self.blocked),
            Metric::Sensitive => f64::from(self.sensitive),
            Metric::Tokens => f64::from(self.tokens),
            Metric::Spent => f64::from(self.cost) / COST_UNITS,
            Metric::TokensIn | Metric::TokensOut | Metric::Cost | Metric::Latency => return None,
        })
    }

    fn add(&mut self, seen: &Observation) {
        self.requests = self.requests.saturating_add(1);
        self.blocked = self.blocked.saturating_add(u32::from(seen.is_blocked));
        self.sensitive = self.sensitive.saturating_add(u32::from(seen.is_sensitive));
        let tokens = seen.tokens_in.unwrap_or(0).saturating_add(seen.tokens_out.unwrap_or(0));
        self.tokens = self.tokens.saturating_add(u32::try_from(tokens).unwrap_or(u32::MAX));
        let cost = seen.cost.unwrap_or(0.0).clamp(0.0, f64::from(u32::MAX) / COST_UNITS) * COST_UNITS;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to what fits")]
        let cost = cost as u32;
        self.cost = self.cost.saturating_add(cost);
    }
}

/// Metrics of hours.
pub const OF_HOURS: [Metric; 5] = [Metric::Requests, Metric::Blocked, Metric::Sensitive, Metric::Tokens, Metric::Spent];

/// What is usual of one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Profile {
    /// Mean and variance of each metric.
    metrics: [(f32, f32); METRICS],
    counts: [u16; METRICS],
    week: Week,
    prompts: Distinct,
    models: Few<KNOWN>,
    applications: Few<APPLICATIONS>,
    networks: Few<KNOWN>,
    /// The hour before the present one with something in it, and the present one.
    open: [Hour; 2],
    /// How likely it is that something happens in such an hour of the week, if that is known.
    hour_tail: Option<f32>,
    first_hour: u32,
    requests: u32,
    /// What days were like, with sensitive data in requests, and the present one.
    day: (f32, f32),
    creeping: f32,
    days: u16,
    day_sensitive: u16,
    /// The most unusual thing of a day, and when it was, in hours.
    peak: f32,
    peak_hour: u32,
}

impl Profile {
    /// Takes a request in; what is unusual about it, the least likely first. The peers learn from it too.
    pub fn observe(&mut self, seen: &Observation, peers: &mut Peers) -> Judgement {
        let mut judgement = Judgement::default();
        let place = self.pass_to(seen.at_ms, peers);
        judgement.is_late = place.is_none();
        if let Some(hour) = place.and_then(|place| self.open.get_mut(place)) {
            hour.add(seen);
            let hour = *hour;
            self.rates(&hour, seen, peers, &mut judgement);
        }
        self.sizes(seen, peers, &mut judgement);
        self.rising(seen, &mut judgement);
        self.when(seen.at_ms, RARE, &mut judgement);
        self.news(seen, peers, &mut judgement);
        self.requests = self.requests.saturating_add(1);
        judgement.settle();
        self.remember(&judgement);
        judgement
    }

    /// Requests so far.
    pub fn requests(&self) -> u32 {
        self.requests
    }

    /// When the first request came, in whole hours, in milliseconds since the Unix epoch.
    pub fn since_ms(&self) -> i64 {
        i64::from(self.first_hour) * HOUR_MS
    }

    /// The present hour: the newest with something in it.
    pub fn present(&self) -> &Hour {
        let [_, present] = &self.open;
        present
    }

    /// About how many different prompts there were.
    pub fn prompts(&self) -> f64 {
        self.prompts.count()
    }

    /// In which hours of the week there is something.
    pub fn week(&self) -> &Week {
        &self.week
    }

    /// Models that were used last.
    pub fn models(&self) -> impl Iterator<Item = &Known> {
        self.models.iter()
    }

    /// Applications that were used last.
    pub fn applications(&self) -> impl Iterator<Item = &Known> {
        self.applications.iter()
    }

    /// Networks that requests came from last.
    pub fn networks(&self) -> impl Iterator<Item = &Known> {
        self.networks.iter()
    }

    /// The most unusual thing of the last day with something in it: how unusual, and in which hour, in milliseconds since
    /// the Unix epoch.
    pub fn peak(&self) -> (f64, i64) {
        (f64::from(self.peak), i64::from(self.peak_hour) * HOUR_MS)
    }

    /// What is usual in a metric, by the own values and those of the peers, as it is followed.
    pub fn usual(&self, metric: Metric, peers: &Peers) -> Moving {
        self.own(metric).leaning_on(&peers.usual(metric), LEAN)
    }

    /// What is usual in a metric by the own values alone, as it is followed.
    pub fn own(&self, metric: Metric) -> Moving {
        let (mean, variance) = self.metrics.get(metric.place()).copied().unwrap_or_default();
        let count = self.counts.get(metric.place()).copied().unwrap_or(0);
        Moving { mean: f64::from(mean), variance: f64::from(variance), count: u64::from(count) }
    }

    /// How the present hour stands against what is usual, as long as it lasts: everything that is looked at, unusual or
    /// not.
    pub fn present_scores(&self, at_ms: i64, peers: &Peers) -> Judgement {
        let mut judgement = Judgement::default();
        let present = *self.present();
        let has_present = self.requests > 0 && i64::from(present.hour) == at_ms.div_euclid(HOUR_MS);
        for metric in OF_HOURS {
            let value = if has_present { present.value(metric).unwrap_or(0.0) } else { 0.0 };
            if self.is_warm(peers, metric) {
                let usual = self.usual(metric, peers);
                let tail = if value > 0.0 { tail_of(metric, value, &usual) } else { 1.0 };
                judgement.look(Look::Metric(metric));
                judgement.find(Look::Metric(metric), value, metric.value(usual.mean), tail);
            }
        }
        if has_present {
            self.when(at_ms, 1.0, &mut judgement);
        }
        if self.creeping > 0.0 {
            judgement.look(Look::Rising);
            let (seen, expected) = (f64::from(self.day_sensitive), f64::from(self.day.0));
            judgement.find(Look::Rising, seen, expected, self.creeping_tail());
        }
        judgement.settle();
        judgement
    }

    fn learn(&mut self, metric: Metric, followed: f64, peers: &mut Peers) {
        let mut moving = self.own(metric);
        moving.add(followed, &metric.course());
        if let (Some(own), Some(count)) = (self.metrics.get_mut(metric.place()), self.counts.get_mut(metric.place())) {
            *own = (short(moving.mean), short(moving.variance));
            *count = count.saturating_add(1);
        }
        peers.add(metric, followed);
    }

    /// Closes the hours and days that are over; which of the open hours a moment belongs to.
    fn pass_to(&mut self, at_ms: i64, peers: &mut Peers) -> Option<usize> {
        let hour = u32::try_from(at_ms.div_euclid(HOUR_MS)).unwrap_or(0);
        let [before, present] = self.open;
        if self.requests == 0 {
            (self.first_hour, self.peak_hour) = (hour, hour);
        } else if hour <= present.hour {
            return match hour {
                _ if hour == present.hour => Some(1),
                _ if hour == before.hour && before.requests > 0 => Some(0),
                _ => None,
            };
        }
        if before.requests > 0 {
            for metric in OF_HOURS {
                self.learn(metric, metric.followed(before.value(metric).unwrap_or(0.0)), peers);
            }
        }
        if self.requests > 0 {
            let days = (hour / DAY_HOURS).saturating_sub(present.hour / DAY_HOURS);
            (0..days.min(SILENT_DAYS_MAX)).for_each(|_| self.close_day());
        }
        self.open = [present, Hour { hour, ..Hour::default() }];
        self.begin_hour(at_ms, hour);
        Some(1)
    }

    fn begin_hour(&mut self, at_ms: i64, hour: u32) {
        let of_week = Season::HourOfWeek.hour(at_ms);
        let has_learned = self.requests >= LEARN_REQUESTS && hour.saturating_sub(self.first_hour) >= 2 * LEARN_HOURS;
        let (rarer, all) = self.week.rarity(of_week);
        // Someone's hours are not known to the end: one more could have been anywhere.
        let tail = (f64::from(rarer) + 1.0) / (f64::from(all) + 1.0);
        self.hour_tail = has_learned.then(|| short(tail));
        self.week.mark(of_week);
    }

    fn close_day(&mut self) {
        let mut usual =
            Moving { mean: f64::from(self.day.0), variance: f64::from(self.day.1), count: u64::from(self.days) };
        let count = f64::from(self.day_sensitive);
        if self.days > 6 {
            let mut cusum = Cusum { sum: f64::from(self.creeping) };
            self.creeping = short(cusum.add((count - usual.mean) / usual.deviation(&DAYS), SLACK));
        }
        usual.add(count, &DAYS);
        self.day = (short(usual.mean), short(usual.variance));
        self.days = self.days.saturating_add(1);
        self.day_sensitive = 0;
    }

    fn sizes(&mut self, seen: &Observation, peers: &mut Peers, judgement: &mut Judgement) {
        let sizes = [
            (Metric::TokensIn, seen.tokens_in.map(real)),
            (Metric::TokensOut, seen.tokens_out.map(real)),
            (Metric::Cost, seen.cost.filter(|cost| cost.is_finite() && *cost >= 0.0)),
            (Metric::Latency, seen.latency_ms.map(real)),
        ];
        for (metric, value) in sizes {
            let Some(value) = value else { continue };
            let followed = metric.followed(value);
            self.hold(metric, value, followed, peers, judgement);
            self.learn(metric, followed, peers);
        }
    }

    /// Holds a value against what is usual.
    fn hold(&self, metric: Metric, value: f64, followed: f64, peers: &Peers, judgement: &mut Judgement) {
        if !self.is_warm(peers, metric) {
            return;
        }
        judgement.look(Look::Metric(metric));
        let usual = self.usual(metric, peers);
        // Most values are near, and what a tail costs is saved.
        if followed <= usual.mean + NEAR * metric.deviation(&usual) {
            return;
        }
        judgement.find(Look::Metric(metric), value, metric.value(usual.mean), tail_of(metric, value, &usual));
    }

    /// Whether enough is known to call something unusual.
    fn is_warm(&self, peers: &Peers, metric: Metric) -> bool {
        let own = self.counts.get(metric.place()).copied().unwrap_or(0);
        u64::from(own) >= WARM || u64::from(own) + peers.usual(metric).count >= WARM
    }

    fn rates(&self, hour: &Hour, seen: &Observation, peers: &Peers, judgement: &mut Judgement) {
        for metric in OF_HOURS {
            let happened = match metric {
                Metric::Blocked => seen.is_blocked,
                Metric::Sensitive => seen.is_sensitive,
                Metric::Spent => seen.cost.is_some(),
                _ => true,
            };
            if let Some(value) = hour.value(metric).filter(|_| happened) {
                self.hold(metric, value, metric.followed(value), peers, judgement);
            }
        }
    }

    fn rising(&mut self, seen: &Observation, judgement: &mut Judgement) {
        self.day_sensitive = self.day_sensitive.saturating_add(u16::from(seen.is_sensitive));
        if seen.is_sensitive && self.days > 6 {
            judgement.look(Look::Rising);
            if self.creeping > 0.0 {
                let (seen, expected) = (f64::from(self.day_sensitive), f64::from(self.day.0));
                judgement.find(Look::Rising, seen, expected, self.creeping_tail());
            }
        }
    }

    /// The sum that a walk without drift reaches falls off so (Siegmund).
    fn creeping_tail(&self) -> f64 {
        (-2.0 * SLACK * f64::from(self.creeping)).exp().min(1.0)
    }

    /// The hour of the week, if it is as rare: how much of what happens happens in hours such as this.
    fn when(&self, at_ms: i64, rare: f64, judgement: &mut Judgement) {
        let Some(tail) = self.hour_tail.map(f64::from) else { return };
        judgement.look(Look::Hour);
        if tail <= rare {
            let weeks = self.week.of(Season::HourOfWeek.hour(at_ms)).saturating_sub(1);
            judgement.find(Look::Hour, f64::from(weeks), f64::from(weeks), tail);
        }
    }

    fn news(&mut self, seen: &Observation, peers: &mut Peers, judgement: &mut Judgement) {
        let hour = u32::try_from(seen.at_ms.div_euclid(HOUR_MS)).unwrap_or(0);
        let day = u16::try_from(hour / DAY_HOURS).unwrap_or(u16::MAX);
        let has_learned = self.requests >= LEARN_REQUESTS && hour.saturating_sub(self.first_hour) >= LEARN_HOURS;
        // So many kinds in so many requests: what share of requests brings a new one (Good and Turing, roughly).
        let tail = (1.0 / (f64::from(self.requests) + 1.0)).max(1e-6);
        let mut news = |look: Look, known: usize, sight: Sight, is_of_peers: bool| {
            if has_learned {
                judgement.look(look);
            }
            if has_learned && sight == Sight::New {
                let expected = evidence::of_count(known);
                judgement.find(look, expected + 1.0, expected, if is_of_peers { NEW_TO_ONE } else { tail });
            }
        };
        if let Some(value) = seen.model {
            let (known, sight, of_peers) = see(&mut self.models, &mut peers.models, value, day);
            news(Look::Model, known, sight, of_peers);
        }
        if let Some(value) = seen.application {
            let (known, sight, of_peers) = see(&mut self.applications, &mut peers.applications, value, day);
            news(Look::Application, known, sight, of_peers);
        }
        if let Some(value) = seen.network {
            let (known, sight, of_peers) = see(&mut self.networks, &mut peers.networks, value, day);
            news(Look::Network, known, sight, of_peers);
        }
        if let Some(prompt) = seen.prompt {
            self.prompts.add(prompt);
        }
    }

    fn remember(&mut self, judgement: &Judgement) {
        let hour = self.present().hour;
        let is_over = hour.saturating_sub(self.peak_hour) >= DAY_HOURS;
        let surprise = short(judgement.surprise());
        if is_over || surprise > self.peak {
            (self.peak, self.peak_hour) = (surprise, hour);
        }
    }
}

/// Takes a value in; how many others are known, whether it is new, and whether peers know it.
fn see<const N: usize, const P: usize>(
    own: &mut Few<N>,
    peers: &mut Few<P>,
    value: u32,
    day: u16,
) -> (usize, Sight, bool) {
    let sight = own.see(value, day);
    let is_of_peers = sight == Sight::New && peers.has(value, day);
    if sight != Sight::Today {
        peers.see(value, day);
    }
    // The others are counted only where that is told.
    let known = if sight == Sight::New { own.iter().count().saturating_sub(1) } else { 0 };
    (known, sight, is_of_peers)
}

/// How likely a value, or a larger one, is by chance.
fn tail_of(metric: Metric, value: f64, usual: &Moving) -> f64 {
    if metric.is_count() {
        tail::heaped_roughly(value, usual.mean.max(0.02), usual.variance)
    } else {
        tail::normal((metric.followed(value) - usual.mean) / metric.deviation(usual))
    }
}

#[cfg(test)]
mod tests;
