//! How many events both engines judge in a second of one core, from JSON text to verdict. The time is that of the
//! processor, not of the clock on the wall, so that others on the machine change the figures little.

use crate::corpus::Corpus;
use crate::made_up::Random;
use picket_rules::{Data, Rules, Settings};
use rsigma_eval::{Engine, JsonEvent};
use rsigma_parser::parse_sigma_yaml;
use serde_json::{Value, json};
use std::hint::black_box;

/// Seconds of a core for each figure.
const MEASURED_S: f64 = 3.0;
const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];

/// Prints a row for each number of made-up rules, and one for the real ones.
pub fn run(corpus: &Corpus) -> Result<(), String> {
    println!("events in a second of one core, JSON text to verdict");
    println!("| rules | picket | rsigma | ratio | matches an event | picket loads in |");
    println!("|---|---|---|---|---|---|");
    let mut random = Random(11);
    let events: Vec<String> = (0..2_000).map(|_| event(&mut random)).collect();
    for size in SIZES {
        let rules: Vec<String> = (0..size).map(|at| rule(at, &mut random)).collect();
        row(&format!("{size} mixed"), &rules, &events)?;
    }
    let real: Vec<String> =
        corpus.rules.iter().filter(|file| !file.text.contains("|expand")).map(|file| file.text.clone()).collect();
    let events: Vec<String> = corpus.events.iter().map(|(text, _)| text.clone()).collect();
    row(&format!("{} real", real.len()), &real, &events)?;
    correlate()
}

fn row(name: &str, rules: &[String], events: &[String]) -> Result<(), String> {
    let text = rules.join("\n---\n");
    let begin = busy_s()?;
    let loaded = Rules::load([("rules", text.as_str())], &Data::default());
    let load = busy_s()? - begin;
    if let Some(error) = loaded.issues.errors.first() {
        return Err(error.to_string());
    }
    let ours = loaded.rules;
    let parsed = parse_sigma_yaml(&text).map_err(|error| error.to_string())?;
    let mut theirs = Engine::new();
    theirs.add_collection(&parsed).map_err(|error| error.to_string())?;
    let mut scratch = ours.scratch();
    let mut matches = 0;
    for event in events {
        matches += ours.find(event, &mut scratch).map_err(|error| error.to_string())?.len();
    }
    // In turns, so that what else the machine does falls on both.
    let (mut fast, mut slow) = ((0_u32, 0.0), (0_u32, 0.0));
    for _ in 0..3 {
        measure(&mut fast, events, |event| ours.find(event, &mut scratch).map_or(0, <[usize]>::len))?;
        measure(&mut slow, events, |event| {
            let value: Value = serde_json::from_str(event).unwrap_or_default();
            theirs.evaluate(&JsonEvent::borrow(&value)).len()
        })?;
    }
    let rate = |(count, seconds): (u32, f64)| f64::from(count) / seconds;
    let (ours, theirs) = (rate(fast), rate(slow));
    let matches = matches as f64 / events.len() as f64;
    println!("| {name} | {ours:.0} | {theirs:.0} | {:.1} | {matches:.2} | {load:.2} s |", ours / theirs);
    Ok(())
}

/// Seconds that this thread had a core.
fn busy_s() -> Result<f64, String> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").map_err(|error| error.to_string())?;
    let nanoseconds = text.split(' ').next().and_then(|number| number.parse::<f64>().ok());
    Ok(nanoseconds.ok_or("the kernel does not tell how long a thread was busy")? / 1e9)
}

fn measure(total: &mut (u32, f64), events: &[String], mut judge: impl FnMut(&str) -> usize) -> Result<(), String> {
    let begin = busy_s()?;
    while busy_s()? - begin < MEASURED_S / 3.0 {
        for event in events.iter().take(200) {
            black_box(judge(event));
        }
        total.0 += 200.min(events.len() as u32);
    }
    total.1 += busy_s()? - begin;
    Ok(())
}

/// Correlations over one rule that matches every event: updates in a second of one core.
fn correlate() -> Result<(), String> {
    println!("\n| correlations | users | updates in a second | of which found and read |\n|---|---|---|---|");
    for (correlations, users) in [(1, 1_000), (100, 1_000), (1, 200_000)] {
        let mut text =
            "title: all\nname: all\nlogsource: {product: x}\ndetection: {s: {kind: request}, condition: s}\n"
                .to_owned();
        for at in 0..correlations {
            text = format!(
                "{text}---\ntitle: count {at}\ncorrelation: {{type: event_count, rules: [all], group-by: [user], timespan: 1m, condition: {{gte: {}}}}}\n",
                1_000 + at
            );
        }
        let rules = Rules::load([("rules", text.as_str())], &Data::default()).rules;
        let mut random = Random(5);
        let events: Vec<String> = (0..400_000_i64)
            .map(|at| {
                format!(
                    r#"{{"timestamp": {}, "kind": "request", "user": "u{}"}}"#,
                    1_700_000_000_000 + at,
                    random.below(users)
                )
            })
            .collect();
        let mut correlator = rules.correlator(Settings::default());
        let mut scratch = rules.scratch();
        let (begin, mut count) = (busy_s()?, 0_u32);
        for (number, event) in events.iter().enumerate() {
            if number % 1_000 == 0 && busy_s()? - begin > MEASURED_S {
                break;
            }
            rules.find(event, &mut scratch).map_err(|error| error.to_string())?;
            black_box(correlator.observe(&rules, event, number as u64, None, &scratch));
            count += 1;
        }
        let seconds = busy_s()? - begin;
        let begin = busy_s()?;
        for event in events.iter().take(count as usize) {
            black_box(rules.find(event, &mut scratch).map_err(|error| error.to_string())?);
        }
        let found = busy_s()? - begin;
        let updates = f64::from(count) * f64::from(correlations);
        println!("| {correlations} | {users} | {:.0} | {:.0} % |", updates / seconds, found / seconds * 100.0);
    }
    Ok(())
}

const WORDS: [&str; 24] = [
    "invoice",
    "meeting",
    "server",
    "password",
    "ledger",
    "harbour",
    "kernel",
    "forecast",
    "translate",
    "summary",
    "customer",
    "branch",
    "delivery",
    "contract",
    "review",
    "garden",
    "protocol",
    "schedule",
    "holiday",
    "budget",
    "archive",
    "station",
    "margin",
    "pattern",
];

fn words(random: &mut Random, count: usize) -> String {
    let words: Vec<&str> = (0..count).map(|_| WORDS[random.below(WORDS.len())]).collect();
    words.join(" ")
}

/// An event of an AI gateway: some forty fields, with a prompt and an answer.
fn event(random: &mut Random) -> String {
    let mut members = json!({
        "timestamp": "2026-11-27T20:35:34.123Z",
        "event_type": "request.completed",
        "user": format!("user{}", random.below(1_000)),
        "team": format!("team{}", random.below(20)),
        "source": {"ip": format!("10.{}.{}.{}", random.below(256), random.below(256), random.below(256)), "port": 51_234},
        "model": format!("model-{}", random.below(12)),
        "provider": "made-up",
        "decision": "allowed",
        "tokens": {"input": random.below(8_000), "output": random.below(4_000)},
        "latency_ms": random.below(20_000),
        "cost_usd": 0.0123,
        "tags": ["chat", "internal", format!("tag{}", random.below(50))],
        "prompt": words(random, 55),
        "response": words(random, 80),
    });
    if let Some(members) = members.as_object_mut() {
        for at in 0..26 {
            members.insert(format!("field_{at}"), Value::from(format!("value {at} {}", random.below(1_000))));
        }
    }
    members.to_string()
}

/// A rule of one of several kinds, whose literals are rare in the events.
fn rule(at: usize, random: &mut Random) -> String {
    let rare = format!("zq{at}x{}", random.below(100_000));
    let selection = match at % 8 {
        0 => format!("user: 'user{}'\n    decision: blocked", 2_000 + at),
        1 => format!("prompt|contains: ['{rare} one', '{rare} two', '{rare} three']"),
        2 => format!("prompt|startswith: '{rare}'\n    model: 'model-3'"),
        3 => format!("tokens.input|gt: {}\n    response|contains: '{rare}'", 1_000 + at % 7_000),
        4 => format!("response|re: '{rare}[0-9]+(a|b)'"),
        5 => format!("source.ip|cidr: '172.{}.{}.0/24'\n    team: 'team7'", at % 256, random.below(256)),
        6 => format!("tags: 'tag{}'\n    user: 'user{}'", 100 + at, random.below(1_000)),
        _ => format!("prompt|contains|all: ['{rare}', 'budget', 'margin']"),
    };
    format!(
        "title: rule {at}\nid: 00000000-0000-4000-8000-{at:012}\nlogsource: {{product: made-up}}\ndetection:\n  selection:\n    {selection}\n  \
         filter: {{user: nobody}}\n  condition: selection and not filter\n"
    )
}
