//! Blocks about what Sigma cannot say.

use super::{lasts, number, only, texts};
use crate::behaviour::{Absent, Baseline, Behaviour, FirstSeen, Measure, NearDuplicate, Trend};
use crate::issue::{Report, shown};
use crate::schedule::{self, Free, Schedule};
use jiff::tz::TimeZone;
use picket_behaviour::Season;
use picket_yaml::{Node, Value};

const BASELINE_KEYS: &[&str] =
    &["metric", "group-by", "window", "season", "ratio", "at-least", "min-history", "p", "psi"];
const FIRST_SEEN_KEYS: &[&str] = &["field", "by", "learn", "expire"];
const TREND_KEYS: &[&str] = &["metric", "group-by", "bucket", "buckets", "p", "slope", "cusum", "at-least"];
const ABSENT_KEYS: &[&str] = &["rule", "within", "before", "group-by", "fields"];
const NEAR_KEYS: &[&str] = &["field", "simhash", "distance", "count", "window", "group-by"];
const SCHEDULE_KEYS: &[&str] = &["tz", "days", "hours", "calendar", "when"];
const SEASONS: &[(&str, Season)] =
    &[("none", Season::None), ("hour-of-day", Season::HourOfDay), ("hour-of-week", Season::HourOfWeek)];
const MINUTE_MS: i64 = 60_000;
/// Windows that a baseline may want to know first.
const HISTORY_MAX: i64 = 2_000;
/// Times of a trend.
const BUCKETS: std::ops::RangeInclusive<i64> = 5..=64;
/// Near copies that a rule may wait for.
const COPIES: std::ops::RangeInclusive<i64> = 2..=2_000;
/// Bits in which hashes may differ: a third of all is chance.
const DISTANCE_MAX: i64 = 20;
/// Days of a calendar.
const CALENDAR_MAX: usize = 1_000;
const DAY_MS: i64 = 86_400_000;

/// The blocks by name.
pub(super) type Read = fn(&Node, &mut Report<'_>) -> Option<Behaviour>;
pub(super) const BLOCKS: &[(&str, Read)] = &[
    ("baseline", baseline),
    ("first-seen", first_seen),
    ("trend", trend),
    ("absent", absent),
    ("near-duplicate", near_duplicate),
];

fn baseline(node: &Node, report: &mut Report<'_>) -> Option<Behaviour> {
    only(node, BASELINE_KEYS, report);
    let measure = measure(node, report);
    let window_ms = time(node, "window", None, report);
    if let (Some(ms), Some(window)) = (window_ms, node.member("window"))
        && ms % MINUTE_MS != 0
    {
        report.at(window, "expected whole minutes: a window moves on in twelfths");
    }
    let season = node.member("season").and_then(|node| report.with(|problems| node.word(SEASONS, problems)));
    let is_shift = matches!(measure, Some(Measure::Shift(_)));
    let (name, usual, other) = if is_shift { ("psi", 0.25, "ratio") } else { ("ratio", 2.0, "psi") };
    if let Some(other) = node.member(other) {
        report.at(other, "`psi` is for `shift of …`, and `ratio` for everything else");
    }
    let ratio = node.member(name).map_or(Some(usual), |node| number(node, 1e9, report))?;
    let counts = measure.as_ref().is_some_and(Measure::counts_nothing);
    if let Some(node) = node.member(name)
        && (ratio <= 0.0 || (!is_shift && (ratio - 1.0).abs() < 1e-9) || (counts && ratio < 1.0))
    {
        report.at(node, "expected a ratio above 1; below 1 for averages and shares, to find what falls");
    }
    let at_least = node.member("at-least").map_or(Some(10.0), |node| number(node, 1e15, report))?;
    let p = node.member("p").and_then(|node| number(node, 1.0, report));
    let history_ms = time(node, "min-history", Some(7 * DAY_MS), report);
    let (measure, window_ms, history_ms) = (measure?, window_ms?, history_ms?);
    let min_history = history_ms.div_euclid(window_ms).max(1);
    if min_history > HISTORY_MAX {
        let place = node.member("min-history").unwrap_or(node);
        report.at(place, format!("so long are {min_history} windows, and {HISTORY_MAX} are the most; use longer ones"));
    }
    let min_history = u64::try_from(min_history).unwrap_or(1);
    let (season, group_by) = (season.unwrap_or_default(), group_by(node, "group-by", report));
    Some(Behaviour::Baseline(Baseline { measure, group_by, window_ms, season, ratio, at_least, min_history, p }))
}

fn first_seen(node: &Node, report: &mut Report<'_>) -> Option<Behaviour> {
    only(node, FIRST_SEEN_KEYS, report);
    let fields = node.member("field").map(|node| texts(node, report)).unwrap_or_default();
    if fields.is_empty() {
        report.at(node, "`field` is missing; say whose values may be new");
    }
    let learn_ms = time(node, "learn", Some(7 * DAY_MS), report)?;
    let expire_ms = time(node, "expire", Some(90 * DAY_MS), report)?;
    Some(Behaviour::FirstSeen(FirstSeen { fields, by: group_by(node, "by", report), learn_ms, expire_ms }))
}

fn trend(node: &Node, report: &mut Report<'_>) -> Option<Behaviour> {
    only(node, TREND_KEYS, report);
    let measure = measure(node, report);
    if let (Some(Measure::Shift(_)), Some(node)) = (&measure, node.member("metric")) {
        report.at(node, "a shift is measured against a baseline; say `baseline`");
    }
    let bucket_ms = time(node, "bucket", None, report);
    let buckets = node.member("buckets").map_or(Some(14), |node| whole(node, &BUCKETS, report))?;
    let p = node.member("p").map_or(Some(0.05), |node| number(node, 1.0, report))?;
    let slope = node.member("slope").map_or(Some(0.0), |node| number(node, 1e15, report))?;
    let at_least = node.member("at-least").map_or(Some(0.0), |node| number(node, 1e15, report))?;
    let cusum = node.member("cusum").and_then(|node| number(node, 1e6, report));
    let group_by = group_by(node, "group-by", report);
    let (measure, bucket_ms, buckets) = (measure?, bucket_ms?, usize::try_from(buckets).ok()?);
    Some(Behaviour::Trend(Trend { measure, group_by, bucket_ms, buckets, p, slope, cusum, at_least }))
}

fn absent(node: &Node, report: &mut Report<'_>) -> Option<Behaviour> {
    only(node, ABSENT_KEYS, report);
    let Some(rule) = node.member("rule") else {
        report.at(node, "`rule` is missing; name the rule that should match too, by id or name");
        return None;
    };
    let rule = report.with(|problems| rule.text(problems).map(str::to_owned))?;
    if node.member("within").is_none() && node.member("before").is_none() {
        report.at(node, "`within` is missing; say how long afterwards, or in `before` how long before, it may come");
        return None;
    }
    let mut fields = Vec::new();
    if let Some(node) = node.member("fields") {
        for (name, field) in report.with(|problems| node.map(problems).to_vec()) {
            fields.extend(report.with(|problems| field.text(problems).map(|field| (name.name, field.to_owned()))));
        }
    }
    let within_ms = time(node, "within", Some(0), report)?;
    let before_ms = time(node, "before", Some(0), report)?;
    Some(Behaviour::Absent(Absent { rule, group_by: group_by(node, "group-by", report), fields, within_ms, before_ms }))
}

fn near_duplicate(node: &Node, report: &mut Report<'_>) -> Option<Behaviour> {
    only(node, NEAR_KEYS, report);
    let (field, is_hash) = match (node.member("field"), node.member("simhash")) {
        (Some(field), None) => (field, false),
        (None, Some(field)) => (field, true),
        _ => {
            report.at(node, "say either `field`, the one with the text, or `simhash`, the one with its hash");
            return None;
        }
    };
    let field = report.with(|problems| field.text(problems).map(str::to_owned))?;
    let distance = node.member("distance").map_or(Some(6), |node| whole(node, &(0..=DISTANCE_MAX), report));
    let Some(count) = node.member("count") else {
        report.at(node, "`count` is missing; say from how many on");
        return None;
    };
    let count = whole(count, &COPIES, report)?;
    let window_ms = time(node, "window", None, report)?;
    Some(Behaviour::NearDuplicate(NearDuplicate {
        field,
        is_hash,
        distance: u32::try_from(distance?).ok()?,
        count: usize::try_from(count).ok()?,
        window_ms,
        group_by: group_by(node, "group-by", report),
    }))
}

/// `count`, `sum of tokens_out`, `share of RULE`.
fn measure(node: &Node, report: &mut Report<'_>) -> Option<Measure> {
    const WANTED: &str =
        "expected `count`, or `sum of`, `avg of`, `distinct of` or `shift of` a field, or `share of` a rule";
    let Some(metric) = node.member("metric") else { return Some(Measure::Count) };
    let text = report.with(|problems| metric.text(problems).map(str::to_owned))?;
    let (word, of) = text.trim().split_once(" of ").map_or((text.trim(), ""), |(word, of)| (word.trim(), of.trim()));
    let of = of.to_owned();
    let measure = match word {
        "count" if of.is_empty() => return Some(Measure::Count),
        "sum" => Measure::Sum(of),
        "avg" => Measure::Avg(of),
        "distinct" => Measure::Distinct(of),
        "share" => Measure::Share(of),
        "shift" => Measure::Shift(of),
        _ => {
            report.at(metric, WANTED);
            return None;
        }
    };
    if !text.contains(" of ") || text.trim().ends_with(" of") {
        report.at(metric, WANTED);
        return None;
    }
    Some(measure)
}

/// A time that has to be said, unless there is a usual one.
fn time(node: &Node, name: &str, usual: Option<i64>, report: &mut Report<'_>) -> Option<i64> {
    match node.member(name) {
        Some(node) => lasts(node, report).and_then(|lasts| i64::try_from(lasts.as_millis()).ok()),
        None => {
            if usual.is_none() {
                report.at(node, format!("`{name}` is missing; say how long, such as 1h"));
            }
            usual
        }
    }
}

fn whole(node: &Node, range: &std::ops::RangeInclusive<i64>, report: &mut Report<'_>) -> Option<i64> {
    match node.value {
        Value::Integer(number) if range.contains(&number) => Some(number),
        _ => {
            report.at(node, format!("expected a whole number from {} to {}", range.start(), range.end()));
            None
        }
    }
}

fn group_by(node: &Node, name: &str, report: &mut Report<'_>) -> Vec<String> {
    let fields = node.member(name).map(|node| texts(node, report)).unwrap_or_default();
    if fields.len() > 16
        && let Some(node) = node.member(name)
    {
        report.at(node, "more than 16 fields; group by fewer");
    }
    fields
}

/// When matches count.
pub(super) fn schedule(node: &Node, report: &mut Report<'_>) -> Option<Schedule> {
    only(node, SCHEDULE_KEYS, report);
    let zone = match node.member("tz") {
        None => Some(TimeZone::UTC),
        Some(tz) => {
            let name = report.with(|problems| tz.text(problems).map(str::to_owned))?;
            let zone = if name == "UTC" { Some(TimeZone::UTC) } else { TimeZone::get(&name).ok() };
            if zone.is_none() {
                report
                    .at(tz, format!("`{}` is no time zone; write UTC, or a name such as Europe/Berlin", shown(&name)));
            }
            zone
        }
    };
    let days = node.member("days").map_or([true; 7], |node| days(node, report));
    let hours = node.member("hours").map_or_else(|| vec![(0, 24 * 60)], |node| hours(node, report));
    let (mut calendar, mut calendars) = (Vec::new(), Vec::new());
    if let Some(node) = node.member("calendar") {
        let texts = report.with(|problems| node.texts(problems));
        if texts.len() > CALENDAR_MAX {
            report.at(node, format!("more than {CALENDAR_MAX} days"));
        }
        for (at, text) in texts.iter().enumerate() {
            let name = text.strip_prefix('%').and_then(|text| text.strip_suffix('%'));
            match (Free::parse(text), name) {
                (Some(free), _) => calendar.push(free),
                (None, Some(name)) => calendars.push(name.to_owned()),
                (None, None) => {
                    let item = node.items().get(at).unwrap_or(node);
                    report
                        .at(item, "expected a day such as 2026-12-25, 12-25 for each year, or a placeholder `%name%`");
                }
            }
        }
    }
    let sides = &[("inside", false), ("outside", true)];
    let is_outside = node.member("when").and_then(|node| report.with(|problems| node.word(sides, problems)));
    Some(Schedule { zone: zone?, days, hours, calendar, calendars, is_outside: is_outside.unwrap_or(false) })
}

/// `[mon-fri, sun]`.
fn days(node: &Node, report: &mut Report<'_>) -> [bool; 7] {
    let mut days = [false; 7];
    for text in report.with(|problems| node.texts(problems)) {
        let (from, to) = text.split_once('-').unwrap_or((&text, &text));
        match (schedule::weekday(from.trim()), schedule::weekday(to.trim())) {
            (Some(from), Some(to)) => {
                // Friday to Monday goes over the end of the week.
                let count = (to + 7 - from) % 7;
                (0..=count).for_each(|more| {
                    if let Some(day) = days.get_mut((from + more) % 7) {
                        *day = true;
                    }
                });
            }
            _ => report.at(node, format!("`{}` is no day; write `mon`, or `mon-fri`", shown(&text))),
        }
    }
    days
}

/// `[08:00-12:00, 13:00-17:30]`.
fn hours(node: &Node, report: &mut Report<'_>) -> Vec<(u16, u16)> {
    let mut hours = Vec::new();
    for text in report.with(|problems| node.texts(problems)) {
        let range = text.split_once('-').and_then(|(from, to)| {
            Some((schedule::minute(from.trim())?, schedule::minute(to.trim())?)).filter(|(from, to)| from != to)
        });
        match range {
            Some(range) => hours.push(range),
            None => report.at(node, format!("`{}` are no hours; write `08:00-18:00`", shown(&text))),
        }
    }
    hours
}
