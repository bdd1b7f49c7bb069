//! How many updates of correlations there are in a second of one core, and what their groups take in memory.
//!
//! `cargo xt bench correlate`: counts by user over one rule that matches every event, reading and matching included, as in
//! `cargo xt bench rules`; then kinds of correlations beside each other.

use picket_rules::{Data, Rules, Settings};
use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Write as _};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Time that each row takes.
const MEASURED_S: f64 = 3.0;
const EVENTS: i64 = 400_000;
const PAGE: f64 = 4_096.0;
const COUNT: &str = "{type: event_count, rules: [all], group-by: [user], timespan: 1m, condition: {gte: BOUND}}";
const DISTINCT: &str =
    "{type: value_count, rules: [all], group-by: [user], timespan: 1m, condition: {field: model, gte: BOUND}}";
const SUM: &str =
    "{type: value_sum, rules: [all], group-by: [user], timespan: 1m, condition: {field: tokens, gte: BOUND}}";

fn main() -> Outcome<()> {
    writeln!(
        io::stdout(),
        "| correlations | users | updates in a second | of which found and read | bytes of a group |"
    )?;
    for (name, of, correlations, users) in [
        ("count", COUNT, 1, 1_000),
        ("count", COUNT, 100, 1_000),
        ("count", COUNT, 1, 200_000),
        ("different values", DISTINCT, 20, 1_000),
        ("sum", SUM, 20, 1_000),
    ] {
        row(name, of, correlations, users)?;
    }
    Ok(())
}

fn row(name: &str, of: &str, correlations: u32, users: u64) -> Outcome<()> {
    let mut text =
        "title: all\nname: all\nlogsource: {product: x}\ndetection: {s: {kind: request}, condition: s}\n".to_owned();
    for at in 0..correlations {
        let correlation = of.replace("BOUND", &(1_000 + at).to_string());
        write!(text, "---\ntitle: {name} {at}\ncorrelation: {correlation}\n")?;
    }
    let loaded = Rules::load([("rules", text.as_str())], &Data::default());
    if let Some(error) = loaded.issues.errors.first() {
        return Err(error.to_string().into());
    }
    let rules = loaded.rules;
    let mut seed = 5_u64;
    let events: Vec<String> = (0..EVENTS)
        .map(|at| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let (user, other) = ((seed >> 33) % users, (seed >> 20) % 50);
            let at = 1_700_000_000_000 + at;
            format!(
                r#"{{"timestamp": {at}, "kind": "request", "user": "u{user}", "model": "m{other}", "tokens": {other}}}"#
            )
        })
        .collect();
    let before = resident()?;
    let (mut correlator, mut scratch) = (rules.correlator(Settings::default()), rules.scratch());
    let (begin, mut count) = (busy_s()?, 0_u32);
    for (number, event) in (0..).zip(&events) {
        if number % 1_000 == 0 && busy_s()? - begin > MEASURED_S {
            break;
        }
        rules.find(event, &mut scratch)?;
        std::hint::black_box(correlator.observe(&rules, event, number, None, &scratch));
        count += 1;
    }
    let seconds = busy_s()? - begin;
    let grown = resident()? - before;
    let begin = busy_s()?;
    for event in events.iter().take(usize::try_from(count)?) {
        std::hint::black_box(rules.find(event, &mut scratch)?);
    }
    let found = busy_s()? - begin;
    let groups = f64::from(u32::try_from(correlator.groups())?);
    let updates = f64::from(count) * f64::from(correlations);
    let (rate, share, bytes) = (updates / seconds, found / seconds * 100.0, grown / groups);
    writeln!(
        io::stdout(),
        "| {correlations} of {name} | {users} | {rate:.0} | {share:.0} % | {bytes:.0}, with {:.0} open |",
        f64::from(count) / f64::from(u32::try_from(users)?)
    )?;
    Ok(())
}

/// Seconds that this thread had a core.
fn busy_s() -> Outcome<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 =
        text.split(' ').next().ok_or("the kernel does not tell how long a thread was busy")?.parse()?;
    Ok(nanoseconds / 1e9)
}

/// Bytes in memory.
fn resident() -> Outcome<f64> {
    let status = std::fs::read_to_string("/proc/self/statm")?;
    let pages: f64 = status.split(' ').nth(1).ok_or("no resident size")?.parse()?;
    Ok(pages * PAGE)
}
