//! What the chain of checks costs in CPU, for prompts of 1 KiB and 64 KiB.
//!
//! `cargo xt bench chain [MILLISECONDS]`: each line takes so long (400 by default). CPU is the kernel's account of this
//! thread, so that other programs disturb it little; `best` is the fastest single run.

use picket_content::stream::Guard;
use picket_content::{Check, Context, Detectors};
use picket_event::{Phase, Role};
use picket_llm::{Endpoint, Request, Response};
use picket_policy::{Policy, Subject, Toolbox, compile};
use picket_stdx::Timestamp;
use std::hint::black_box;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error>;

const POLICY: &str = "policies:
  chain: [rate-limit, tool-guard, prompt-injection, pii-detector, secret-detector, audit-logger]
policy:
  rate-limit: { requests: 1000000000, window: 1m }
  tool-guard: { deny: [shell] }
  prompt-injection: { action: block }
  pii-detector: { action: redact }
  secret-detector: { action: block }
  audit-logger: { immutable: true }
";

/// Words of a prompt, so that nothing is found and everything is looked at.
const ENGLISH: &str = "\
    please summarise the quarterly report for our customers and list every risk that it names, with a \
    short reason. In 2024 we sold 17% more units than before; write code like `let total = \
    items.iter().sum();` when you show examples. The system of rules is new to me, so explain token \
    limits at 12:30 or later (see page 41) from https://docs.test/guide?id=7";

/// The same in words that are not ASCII: detectors must not become slow on them.
const OTHERS: &str = "\
    bitte fasse den Bericht über Verkäufe zusammen, и перечисли все риски, которые он называет. 每个 原因 请 \
    写 得 简短。 ¿Cuáles son los números de la página 41? Ελληνικά κείμενα também são lidas. Größe 2024";

fn main() -> Result<(), Failure> {
    let time = Duration::from_millis(std::env::args().nth(1).map_or(Ok(400), |text| text.parse())?);
    let mut bench = Bench { out: io::stdout(), time };
    let policy = compile(POLICY, "bench")?;
    writeln!(
        bench.out,
        "rate-limit, tool-guard, prompt-injection, pii-detector, secret-detector, audit-logger; 1 thread"
    )?;
    for (name, words) in [("ASCII", ENGLISH), ("not ASCII", OTHERS)] {
        for bytes in [1_024, 64 * 1_024] {
            bench.prompt(&policy, name, &prose(words, bytes))?;
        }
    }
    bench.stream(&policy)?;
    Ok(())
}

/// A text of so many bytes, without two equal sentences.
fn prose(words: &str, bytes: usize) -> String {
    let words: Vec<&str> = words.split_whitespace().collect();
    let mut text = String::with_capacity(bytes + 32);
    let mut state = 0x9e37_79b9_u32;
    while text.len() < bytes {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let at = usize::try_from(state >> 16).unwrap_or(0) % words.len();
        text.push_str(words.get(at).copied().unwrap_or_default());
        text.push(' ');
    }
    text.truncate(text.floor_char_boundary(bytes));
    text
}

struct Bench {
    out: io::Stdout,
    time: Duration,
}

impl Bench {
    fn prompt(&mut self, policy: &Policy, name: &str, text: &str) -> Result<(), Failure> {
        let body = serde_json::json!({"model": "gpt-4o", "messages": [{"role": "user", "content": text}]}).to_string();
        let body = bytes::Bytes::from(body);
        let kib = body.len() / 1_024;
        writeln!(self.out, "\nprompt of {kib} KiB, {name}")?;
        let (tools, detectors, subject) =
            (Toolbox::default(), Detectors, Subject { key_id: Some("k"), ..Subject::default() });
        self.line("  parse and walk the body", || {
            black_box(Request::parse(Endpoint::ChatCompletions, body.clone()).is_ok());
        })?;
        let context = Context { role: Role::User, phase: Phase::Input };
        for check in Check::ALL {
            self.line(&format!("  {check}"), || {
                black_box(detectors.scan(*check, text, &context));
            })?;
        }
        let request = Request::parse(Endpoint::ChatCompletions, body.clone())?;
        self.line("  whole chain, request", || {
            let digest = |_: &[u8], _: usize| [0; 16];
            black_box(policy.judge_request(&request, &subject, &tools, Timestamp::from_millis(0), digest));
        })?;
        let answer = serde_json::json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": text}}]});
        let answer = Response::parse(answer.to_string().into())?;
        self.line("  whole chain, answer", || {
            black_box(policy.judge_response(&answer, &subject, &tools));
        })?;
        Ok(())
    }

    /// A word at a time, as models send them.
    fn stream(&mut self, policy: &Policy) -> Result<(), Failure> {
        writeln!(self.out, "\nstream guard, an answer of 4 KiB word by word")?;
        let text = prose(ENGLISH, 4_096);
        let patterns = policy.stream_patterns(&Subject::default());
        let pieces: Vec<&str> = text.split_inclusive(' ').collect();
        self.line(&format!("  {} pieces", pieces.len()), || {
            let mut guard = Guard::new(patterns.clone());
            for piece in &pieces {
                black_box(guard.push(0, piece));
            }
            black_box(guard.finish(0));
        })
    }

    fn line(&mut self, name: &str, mut work: impl FnMut()) -> Result<(), Failure> {
        work();
        let (begun, cpu) = (Instant::now(), thread_cpu()?);
        let (mut runs, mut best) = (0_u32, Duration::MAX);
        while begun.elapsed() < self.time {
            let start = Instant::now();
            work();
            best = best.min(start.elapsed());
            runs += 1;
        }
        let mean = thread_cpu()?.saturating_sub(cpu) / runs.max(1);
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        writeln!(self.out, "{name:<34} {:>10.1} µs CPU   {:>10.1} µs best", micros(mean), micros(best))?;
        Ok(())
    }
}

/// CPU that this thread has used.
fn thread_cpu() -> Result<Duration, Failure> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(Duration::from_nanos(text.split(' ').next().unwrap_or_default().parse()?))
}
