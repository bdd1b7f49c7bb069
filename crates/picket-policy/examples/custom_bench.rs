//! What a customer's rules cost in CPU: 10, 100, 300 and 1,000 of them on the same prompt of 64 KiB.
//!
//! `cargo xt bench custom [MILLISECONDS]`: each line takes so long (400 by
//! default). CPU is the kernel's account of this thread. Half of the rules are keywords, half are regular expressions;
//! nothing of the text matches, and the words of the rules are those of the text in other orders.

use picket_content::stream::Guard;
use picket_llm::{Endpoint, Request};
use picket_policy::{Policy, Subject, Toolbox, compile};
use picket_stdx::Timestamp;
use std::fmt::Write as _;
use std::hint::black_box;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error>;

const WORDS: &[&str] = &[
    "summarise",
    "quarterly",
    "report",
    "customers",
    "every",
    "risk",
    "short",
    "reason",
    "sold",
    "units",
    "before",
    "write",
    "code",
    "examples",
    "system",
    "rules",
    "explain",
    "token",
    "limits",
    "later",
    "page",
    "guide",
    "please",
    "names",
    "list",
    "contract",
    "supplier",
    "payment",
    "invoice",
    "meeting",
    "schedule",
    "number",
    "travel",
    "hotel",
    "budget",
    "project",
    "review",
    "release",
    "server",
    "network",
    "account",
    "holiday",
    "weather",
    "garden",
    "kitchen",
    "history",
    "language",
    "teacher",
    "student",
    "science",
    "music",
    "picture",
    "window",
    "morning",
    "evening",
    "market",
    "price",
    "quality",
];

fn main() -> Result<(), Failure> {
    let time = Duration::from_millis(std::env::args().nth(1).map_or(Ok(400), |text| text.parse())?);
    let mut out = io::stdout();
    for views in ["text", "text, folded", "text, folded, decoded"] {
        writeln!(out, "\nviews: [{views}], prompt of 64 KiB, 1 thread")?;
        let mut first = None;
        for count in [10, 100, 300, 1_000] {
            let begun = Instant::now();
            let policy = compile(&document(count, views), "bench").map_err(|problems| problems.to_string())?;
            let compiled = begun.elapsed();
            let cost = prompt(&policy, time)?;
            let first = *first.get_or_insert(cost);
            let (micros, ratio) = (cost.as_secs_f64() * 1e6, cost.as_secs_f64() / first.as_secs_f64());
            writeln!(out, "{count:>6} rules {micros:>9.1} µs CPU   {ratio:>5.2} x of 10   compiled in {compiled:.1?}")?;
        }
    }
    writeln!(out, "\nstream guard, an answer of 4 KiB word by word")?;
    for count in [10, 300, 1_000] {
        let policy = compile(&document(count, "text"), "bench").map_err(|problems| problems.to_string())?;
        writeln!(out, "{count:>6} rules {:>9.1} µs CPU", stream(&policy, time)?.as_secs_f64() * 1e6)?;
    }
    Ok(())
}

/// A document with so many rules.
fn document(count: usize, views: &str) -> String {
    let mut text = "policies: { chain: [custom] }\npolicy:\n  custom:\n    action: redact\n    rules:\n".to_owned();
    let mut random = Random(7);
    for number in 0..count {
        let [a, b, c] = [(); 3].map(|()| random.word());
        let what = if number % 2 == 0 {
            format!("keywords: ['{a} {b} {c}']")
        } else {
            format!(r"regexes: ['\b{a}\s{{1,4}}(?:of|for)\s{{1,4}}{b}-\d{{2,8}}\b']")
        };
        // Nothing is written to a string in vain.
        writeln!(text, "      - {{ id: rule-{number}, views: [{views}], {what} }}").unwrap_or_default();
    }
    text
}

struct Random(u32);

impl Random {
    fn word(&mut self) -> &'static str {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let at = usize::try_from(self.0 >> 16).unwrap_or(0) % WORDS.len();
        WORDS.get(at).copied().unwrap_or_default()
    }
}

fn prose(bytes: usize) -> String {
    let mut random = Random(99);
    let mut text = String::with_capacity(bytes + 16);
    while text.len() < bytes {
        let end = if text.len().is_multiple_of(11) { ". " } else { " " };
        text.extend([random.word(), end]);
        if text.len().is_multiple_of(3) {
            text.push_str("the ");
        }
    }
    text.truncate(bytes);
    text
}

fn prompt(policy: &Policy, time: Duration) -> Result<Duration, Failure> {
    let body = serde_json::json!({"model": "m", "messages": [{"role": "user", "content": prose(64 * 1_024)}]});
    let request = Request::parse(Endpoint::ChatCompletions, body.to_string().into())?;
    let (subject, tools) = (Subject::default(), Toolbox::default());
    measured(time, || {
        let judgement = policy.judge_request(&request, &subject, &tools, Timestamp::from_millis(0), |_, _| [0; 16]);
        black_box(judgement);
    })
}

fn stream(policy: &Policy, time: Duration) -> Result<Duration, Failure> {
    let text = prose(4_096);
    let pieces: Vec<&str> = text.split_inclusive(' ').collect();
    let patterns = policy.stream_patterns(&Subject::default());
    measured(time, || {
        let mut guard = Guard::new(patterns.clone());
        for piece in &pieces {
            black_box(guard.push(0, piece));
        }
        black_box(guard.finish(0));
    })
}

fn measured(time: Duration, mut work: impl FnMut()) -> Result<Duration, Failure> {
    work();
    let (begun, cpu) = (Instant::now(), thread_cpu()?);
    let mut runs = 0_u32;
    while begun.elapsed() < time {
        work();
        runs += 1;
    }
    Ok(thread_cpu()?.saturating_sub(cpu) / runs.max(1))
}

/// CPU that this thread has used.
fn thread_cpu() -> Result<Duration, Failure> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(Duration::from_nanos(text.split(' ').next().unwrap_or_default().parse()?))
}
