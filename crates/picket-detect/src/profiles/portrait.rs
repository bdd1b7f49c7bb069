//! A profile for people: what is usual, and how the present stands against it, in numbers and in words.

use super::names::written;
use super::{Kind, Store};
use picket_behaviour::{Evidence, Judgement, Known, METRICS, Metric, OF_HOURS, Peers, Profile, compared, shown};
use picket_stdx::Timestamp;

const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/// Requests before which a profile says little.
const LEARNED: u32 = 50;
/// Above what is usual by so many standard deviations is unusual.
const UNUSUAL: f64 = 3.0;

/// What is usual of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Portrait {
    /// The hour of the first request that is known.
    pub since: Timestamp,
    /// The hour of the newest.
    pub last_at: Timestamp,
    /// Requests in that time.
    pub requests: u64,
    /// About how many different prompts there were, of those with a hash.
    pub prompts: u64,
    /// What is known is too little to call much unusual.
    pub is_learning: bool,
    /// How unusual the present hour is: 3 is what happens by chance once in a thousand times.
    pub surprise: f64,
    /// The most unusual of the last day with something in it, and its hour.
    pub peak: (f64, Timestamp),
    /// Hours of the week in which something happens, such as `Mon 09:00-17:00`, in UTC.
    pub usual_hours: Vec<String>,
    /// In how many weeks there was something in each hour of the week, from Monday on, in UTC; halved together now and then.
    pub hours: Vec<u8>,
    /// Sizes and rates.
    pub rates: Vec<Rate>,
    /// Models that were used last.
    pub models: Vec<Since>,
    /// Applications that were used last.
    pub applications: Vec<Since>,
    /// Networks that requests came from last.
    pub networks: Vec<Since>,
    /// Of whom it is a peer: the team, else all of its kind.
    pub peers: Option<Compared>,
    /// What is looked at now, the least likely first.
    pub scores: Vec<Score>,
}

/// A size or rate.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// What is measured.
    pub metric: &'static str,
    /// In the present hour; of sizes there is none.
    pub now: Option<f64>,
    /// What is usual.
    pub usual: f64,
    /// From where on it is unusual.
    pub unusual_from: f64,
    /// What is usual of the peers.
    pub peers: Option<f64>,
    /// How many values that is known from.
    pub values: u64,
    /// All that in words.
    pub text: String,
}

/// Something that was used, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// Its name.
    pub name: String,
    /// The day of its first use without a gap of 90 days.
    pub first_seen: Timestamp,
    /// The day of its last.
    pub last_seen: Timestamp,
}

/// How one stands among peers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The team; none: all of a kind.
    pub team: Option<String>,
    /// In words.
    pub text: String,
}

/// Something that is looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// What.
    pub what: &'static str,
    /// What is there now.
    pub seen: f64,
    /// What is usual.
    pub expected: f64,
    /// 3 is what happens by chance once in a thousand times.
    pub surprise: f64,
    /// In words.
    pub text: String,
}

impl Store {
    pub(super) fn portrait(&self, kind: Kind, name: &str, now_ms: i64) -> Option<Portrait> {
        let (_, slot) = self.slots.find(self.owner(kind, name))?;
        let profile = &slot.profile;
        let peers = self.groups.at(slot.group)?;
        let team = self.groups.places.iter().find(|(_, place)| **place == slot.group).map(|((_, team), _)| *team);
        let team = team.and_then(|team| self.names.text(team)).map(str::to_owned);
        let named = |known: &Known| self.names.text(known.value).unwrap_or_default().to_owned();
        let judgement = profile.present_scores(now_ms, peers);
        let (peak, peak_ms) = profile.peak();
        Some(Portrait {
            since: Timestamp::from_millis(profile.since_ms()),
            last_at: Timestamp::from_millis(i64::from(profile.present().hour) * HOUR_MS),
            requests: u64::from(profile.requests()),
            prompts: whole(profile.prompts()),
            is_learning: profile.requests() < LEARNED,
            surprise: judgement.surprise(),
            peak: (peak, Timestamp::from_millis(peak_ms)),
            usual_hours: usual_hours(profile),
            hours: profile.week().hours().collect(),
            rates: rates(profile, peers, kind, now_ms),
            models: since(profile.models(), named),
            applications: since(profile.applications(), named),
            networks: since(profile.networks(), |known| written(known.value)),
            peers: (kind != Kind::Workspace).then(|| among(profile, peers, kind, team)),
            scores: scores(&judgement),
        })
    }
}

/// To the next whole number.
fn whole(number: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate that is not negative")]
    let whole = number.round() as u64;
    whole
}

fn scores(judgement: &Judgement) -> Vec<Score> {
    let score = |evidence: &Evidence| Score {
        what: evidence.look.as_str(),
        seen: evidence.seen,
        expected: evidence.expected,
        surprise: (-evidence.tail.log10()).max(0.0),
        text: evidence.text(),
    };
    judgement.evidence.iter().map(score).collect()
}

fn since<'a>(known: impl Iterator<Item = &'a Known>, name: impl Fn(&Known) -> String) -> Vec<Since> {
    let day = |day: u16| Timestamp::from_millis(i64::from(day) * DAY_MS);
    let mut all: Vec<Since> = known
        .map(|known| Since { name: name(known), first_seen: day(known.first_day), last_seen: day(known.last_day) })
        .collect();
    all.sort_by(|one, other| (one.first_seen, &one.name).cmp(&(other.first_seen, &other.name)));
    all
}

/// Runs of hours that are not rare among those with something in them.
fn usual_hours(profile: &Profile) -> Vec<String> {
    let hours: Vec<u8> = profile.week().hours().collect();
    let most = hours.iter().copied().max().unwrap_or(0);
    let is_usual =
        |hour: usize| hours.get(hour).is_some_and(|count| *count > 0 && u16::from(*count) * 3 >= u16::from(most));
    let mut runs = Vec::new();
    for (day, name) in DAYS.iter().enumerate() {
        let mut begin = None;
        for hour in 0..=24 {
            let is_in = hour < 24 && is_usual(day * 24 + hour);
            match begin {
                None if is_in => begin = Some(hour),
                Some(from) if !is_in => {
                    runs.push(format!("{name} {from:02}:00-{hour:02}:00"));
                    begin = None;
                }
                _ => {}
            }
        }
    }
    runs
}

fn rates(profile: &Profile, peers: &Peers, kind: Kind, now_ms: i64) -> Vec<Rate> {
    let present = profile.present();
    let is_present = i64::from(present.hour) == now_ms.div_euclid(HOUR_MS);
    let rate = |metric: Metric| {
        let own = profile.own(metric);
        if own.count == 0 {
            return None;
        }
        let now = OF_HOURS.contains(&metric).then(|| present.value(metric).filter(|_| is_present).unwrap_or(0.0));
        let usual = metric.value(own.mean);
        let limit = profile.usual(metric, peers);
        let unusual_from = metric.value(limit.mean + UNUSUAL * metric.deviation(&limit));
        let of_peers = Some(peers.usual(metric)).filter(|moving| kind != Kind::Workspace && moving.count > own.count);
        let of_peers = of_peers.map(|moving| metric.value(moving.mean));
        let text = {
            let now = now.map(|now| format!("{} now, ", shown(now))).unwrap_or_default();
            let peers = of_peers.map(|peers| format!("; of peers {}", shown(peers))).unwrap_or_default();
            format!("{now}usual are {}, unusual from {} on{peers}", shown(usual), shown(unusual_from))
        };
        Some(Rate { metric: metric.as_str(), now, usual, unusual_from, peers: of_peers, values: own.count, text })
    };
    let all: [Metric; METRICS] = Metric::ALL;
    all.into_iter().filter_map(rate).collect()
}

fn among(profile: &Profile, peers: &Peers, kind: Kind, team: Option<String>) -> Compared {
    let whom = team
        .as_ref()
        .map_or_else(|| format!("all {}s of the workspace", kind.as_str()), |team| format!("the team {team}"));
    let parts = [
        (Metric::Requests, "requests an hour"),
        (Metric::Tokens, "tokens an hour"),
        (Metric::Blocked, "refused an hour"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(metric, _)| profile.own(*metric).count > 0 && peers.usual(*metric).count > profile.own(*metric).count)
        .map(|(metric, words)| {
            let value = |moving: picket_behaviour::Moving| metric.value(moving.mean).max(0.0);
            let (own, theirs) = (value(profile.own(metric)), value(peers.usual(metric)));
            format!("{} {words}, of peers {} ({})", shown(own), shown(theirs), compared(own, theirs))
        })
        .collect();
    let text = if parts.is_empty() {
        format!("nothing is known of others in {whom}")
    } else {
        format!("in {whom}: {}", parts.join("; "))
    };
    Compared { team, text }
}
