//! Indexes synthetic events and times searches over them: `search_bench [EVENTS]`.
//!
//! The events are made here and never appended to a log: only their names are, so that filters can be resolved.

use picket_bodies::Bodies;
use picket_db::{Db, Lane, Options as DbOptions};
use picket_event::entry::{NameKind, Place};
use picket_event::{
    Category, Decision, Entry, Event, EventType, Identity, Outcome, RiskBand, Scanned, Severity, Workspace,
};
use picket_keys::{Keyring, RootKey};
use picket_log::{EventLog, LoggedEvent, Logs, Options};
use picket_pipeline::Consumer as _;
use picket_query::{Field, Query};
use picket_search::{Index, Request, SearchError, StatsRequest};
use picket_stdx::{Clock, Timestamp};
use std::collections::HashMap;
use std::error::Error;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const USERS: u64 = 5_000;
const BATCH: u64 = 1_024;
const RUNS: usize = 101;
const BUDGET: Duration = Duration::from_millis(1_500);

type Outcomes<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcomes<()> {
    let count: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let store = Store::new(folder.path())?;
    let mut world = World::new(&store.log)?;
    let index = Index::open(&folder.path().join("index"), &store.log, &store.keyring)?;
    fill(&index, &mut world, count, &folder.path().join("index"))?;
    searches(&index)?;
    statistics(&index)?;
    commits(&index, &mut world)
}

struct Store {
    log: EventLog,
    keyring: Keyring,
}

impl Store {
    fn new(folder: &Path) -> Outcomes<Self> {
        let tables = &[picket_keys::MIGRATIONS, picket_bodies::MIGRATIONS, picket_log::MIGRATIONS];
        let db = Db::open(DbOptions::new(folder.join("picket.db")), tables)?;
        let keyring = Keyring::open(&db, RootKey::new([7; 32]))?;
        let options = Options { host: "bench".to_owned(), state: folder.join("state"), clock: Clock::system() };
        Logs::create(&db, &keyring, &options, &Workspace::parse("ws_1")?)?;
        let logs = Logs::open(&db, &keyring, &Bodies::new(&db, &keyring), &options)?;
        Ok(Self { log: logs.workspace(&Workspace::parse("ws_1")?)?.clone(), keyring })
    }
}

/// Who and what the events are about.
struct World {
    ids: HashMap<(NameKind, String), String>,
    log: String,
    next: u64,
    now: Timestamp,
    state: u64,
}

impl World {
    fn new(log: &EventLog) -> Outcomes<Self> {
        let kinds = [
            (NameKind::User, USERS),
            (NameKind::Team, 40),
            (NameKind::Application, 60),
            (NameKind::Model, 30),
            (NameKind::Tool, 100),
        ];
        let mut tickets = Vec::new();
        for (kind, count) in kinds {
            for number in 0..count {
                let mut event = Event::new(EventType::REQUEST, "ws", Timestamp::default());
                let name = name(kind, number);
                match kind {
                    NameKind::User => event.user = Some(name),
                    NameKind::Team => event.team = Some(name),
                    NameKind::Application => event.application = Some(name),
                    NameKind::Model => event.model = Some(name),
                    NameKind::Tool => event.tools = vec![name],
                }
                tickets.push(log.append(Lane::Admin, log.prepare(event, &[]).closes(None)));
            }
        }
        for ticket in tickets {
            ticket.wait()?;
        }
        let mut ids = HashMap::new();
        for (kind, count) in kinds {
            for number in 0..count {
                let name = name(kind, number);
                let id = log.id_of_name(kind, &name)?.ok_or("a name has no id")?;
                ids.insert((kind, name), id);
            }
        }
        let now = log.clock().now().minus(Duration::from_hours(24 * 30));
        Ok(Self { ids, log: log.id().to_owned(), next: log.size(), now, state: 1 })
    }

    fn below(&mut self, sides: u64) -> u64 {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % sides
    }

    /// Skewed: small numbers come more often.
    fn skewed(&mut self, sides: u64) -> u64 {
        let cap = self.below(sides) + 1;
        self.below(cap)
    }

    fn event(&mut self) -> Event {
        self.now = self.now.plus(Duration::from_micros(2_500_000));
        let at = self.now.minus(Duration::from_millis(self.below(20_000)));
        let kind = if self.below(50) == 0 { EventType::AUTH_FAILED } else { EventType::REQUEST };
        let mut event = Event::new(kind, "ws", at);
        event.recorded_at = Some(self.now);
        let user = self.skewed(USERS);
        event.user = Some(name(NameKind::User, user));
        event.team = Some(name(NameKind::Team, user % 40));
        event.application = Some(name(NameKind::Application, self.skewed(60)));
        event.model = Some(name(NameKind::Model, self.skewed(30)));
        event.tools = (0..self.below(3)).map(|_| name(NameKind::Tool, self.skewed(100))).collect();
        event.session_id = Some(format!("session-{}-{}", user, self.now.as_secs() / 100_000));
        event.request_id = Some(format!("req-{}", self.next));
        event.trace_id = Some(format!("{:032x}", self.next));
        event.key_id = Some(format!("key_{}", user % 300));
        event.src_ip = Some(format!("10.{}.{}.{}", user % 7, user % 200, user % 250));
        event.user_agent = Some(format!("OpenAI/Python {}", user % 9));
        event.endpoint = Some("/v1/chat/completions".to_owned());
        event.provider = Some(if self.below(3) == 0 { "anthropic" } else { "openai" }.to_owned());
        event.gateway_id = Some("gw-1".to_owned());
        event.identity = Some(Identity::Key);
        event.outcome = Some(Outcome::Completed);
        event.scanned = Some(Scanned::Full);
        event.policy_version = Some(3);
        event.policy_digest = Some("0".repeat(64));
        event.stream = Some(self.below(2) == 0);
        event.status_code = Some(200);
        event.risk_score = Some(0.01);
        event.tokens_in = Some(self.skewed(20_000));
        event.tokens_out = Some(self.skewed(4_000));
        event.cost =
            event.tokens_in.and_then(|tokens| u32::try_from(tokens).ok()).map(|tokens| f64::from(tokens) / 1e6);
        event.latency_ms = Some(200 + self.skewed(9_000));
        event.overhead_us = Some(100 + self.skewed(900));
        if self.below(12) == 0 {
            self.found(&mut event);
        }
        event
    }

    /// Makes a finding of a request.
    fn found(&mut self, event: &mut Event) {
        let (found, policy, decision, category) = match self.below(8) {
            0 => ("secret", "secret-detector", Decision::Blocked, Category::DataExfiltration),
            1 | 2 => ("prompt_injection", "prompt-injection", Decision::Escalated, Category::PromptAttack),
            3 => ("jailbreak", "prompt-injection", Decision::Blocked, Category::PromptAttack),
            _ => ("pii", "pii-detector", Decision::Redacted, Category::GuardrailBlock),
        };
        event.finding_type = Some(found.to_owned());
        event.policies_triggered = vec![policy.to_owned()];
        (event.decision, event.category) = (decision, Some(category));
        event.severity = if decision == Decision::Redacted { Severity::Low } else { Severity::High };
        event.risk_score = Some(0.9);
        event.risk_band = Some(RiskBand::High);
    }

    fn logged(&mut self) -> Outcomes<Arc<LoggedEvent>> {
        let event = self.event();
        let place = Place { log: &self.log, position: self.next, at: self.now, received: None };
        let ids = &self.ids;
        let id_of = |kind, name: &str| ids.get(&(kind, name.to_owned())).cloned().ok_or("a name has no id");
        let entry = Entry::of(&event, &place, Vec::new(), id_of)?;
        self.next += 1;
        Ok(Arc::new(LoggedEvent { position: entry.seq, entry, event: Some(Box::new(event)) }))
    }
}

fn name(kind: NameKind, number: u64) -> String {
    match kind {
        NameKind::User => format!("user{number}@example.com"),
        other => format!("{}-{number}", other.prefix()),
    }
}

fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    if writeln!(out, "{text}").is_err() {
        // Nobody reads it.
    }
}

fn fill(index: &Index, world: &mut World, count: u64, folder: &Path) -> Outcomes<()> {
    let mut indexer = index.indexer();
    indexer.cursor().map_err(|error| error.to_string())?;
    let (mut spent, start) = (Duration::ZERO, Instant::now());
    let cpu = cpu_seconds();
    let mut making = Duration::ZERO;
    let (mut left, before, mut busy) = (count, memory_mib(), 0);
    while left > 0 {
        let made = Instant::now();
        let batch = (0..left.min(BATCH)).map(|_| world.logged()).collect::<Outcomes<Vec<_>>>()?;
        making += made.elapsed();
        left -= left.min(BATCH);
        let began = Instant::now();
        indexer.apply(&batch).map_err(|error| error.to_string())?;
        spent += began.elapsed();
        busy = busy.max(memory_mib());
    }
    let segments = index.segments();
    indexer.settle().map_err(|error| error.to_string())?;
    let cpu = cpu_seconds() - cpu - making.as_secs_f64();
    let events = f64::from(u32::try_from(count)?);
    say(&format!(
        "indexed {count} events in {:.1} s ({:.1} s in apply), {:.1} us CPU an event with merges, {segments} segments, {} settled",
        start.elapsed().as_secs_f64(),
        spent.as_secs_f64(),
        cpu * 1e6 / events,
        index.segments()
    ));
    let bytes: u64 =
        std::fs::read_dir(folder)?.map(|file| Ok(file?.metadata()?.len())).sum::<std::io::Result<u64>>()?;
    say(&format!("{} B an event on disk; {before} MiB of memory before, {busy} MiB while indexing", bytes / count));
    Ok(())
}

fn searches(index: &Index) -> Outcomes<()> {
    say(
        "\nnewest 100                                                       p50 ms   p95 ms  +rows p50  +total p50  found     total",
    );
    for filter in [
        "",
        "action:blocked",
        "action:redacted",
        "severity:>=high",
        "prompt_injection",
        "team:tea-7",
        "user:user0@example.com",
        "user:user3000@example.com",
        "user:user30*",
        "user:nobody",
        "model:mdl-29",
        "session:session-17-17950",
        "request:req-500000",
        "src_ip:10.3.0.0/16",
        "src_ip:10.0.0.0/9",
        "-action:allowed",
        "action:blocked team:tea-7 model:mdl-3",
        "action:blocked user:user3000@example.com",
        "secret OR jailbreak -team:tea-1",
        "tokens_in:>19900",
        "latency_ms:9100..",
        "action:blocked tokens_in:>19900",
        "type:* stream:true provider:openai",
        "timestamp:20d..19d",
        "tool:tol-99 action:escalated",
        "held:true",
    ] {
        let plain = Request {
            filter: Query::parse(filter)?,
            event_types: vec!["request".to_owned()],
            limit: Some(100),
            total: false,
            ..Request::default()
        };
        let (fast, slow) = timed(|| index.search(&plain))?;
        let rows = Request { rows: true, ..plain.clone() };
        let (with_rows, _) = timed(|| index.search(&rows))?;
        let total = Request { total: true, ..plain };
        let (with_total, _) = timed(|| index.search(&total))?;
        let page = index.search(&total)?;
        say(&format!(
            "{filter:60} {fast:10.3} {slow:8.3} {with_rows:10.3} {with_total:11.3} {:6} {:9}",
            page.positions.len(),
            page.total.unwrap_or(0)
        ));
    }
    let all = Request { event_types: Vec::new(), ..Request::default() };
    let began = Instant::now();
    let positions: usize = index.list(&all)?.positions.map(|page| page.map_or(0, |page| page.len())).sum();
    say(&format!("all {positions} positions in slices: {:.1} ms", began.elapsed().as_secs_f64() * 1e3));
    Ok(())
}

fn statistics(index: &Index) -> Outcomes<()> {
    say("\nstatistics                                                       p50 ms   p95 ms  values  buckets");
    let day = Some(Duration::from_hours(24));
    let hour = Some(Duration::from_hours(1));
    for (filter, by, interval) in [
        ("", None, None),
        ("", Some(Field::Decision), None),
        ("", Some(Field::User), None),
        ("", Some(Field::Model), day),
        ("", Some(Field::Tools), None),
        ("", None, hour),
        ("action:blocked", Some(Field::Team), hour),
        ("user:user3000@example.com", Some(Field::Decision), day),
    ] {
        let request = Request { filter: Query::parse(filter)?, ..Request::default() };
        let wanted = StatsRequest { request, by, groups: 20, interval };
        let (fast, slow) = timed(|| index.stats(&wanted))?;
        let stats = index.stats(&wanted)?;
        let label = format!("{filter} by {} every {interval:?}", by.map_or("-", Field::as_str));
        say(&format!("{label:60} {fast:10.3} {slow:8.3} {:7} {:8}", stats.values, stats.over_time.len()));
    }
    Ok(())
}

/// How long an event takes to become visible when nothing else is to do.
fn commits(index: &Index, world: &mut World) -> Outcomes<()> {
    let mut indexer = index.indexer();
    let mut next = world.next;
    let mut times = Vec::new();
    for _ in 0..20 {
        let batch = (0..10).map(|_| world.logged()).collect::<Outcomes<Vec<_>>>()?;
        let began = Instant::now();
        indexer.apply(&batch).map_err(|error| error.to_string())?;
        while index.cursor() < next + 10 {
            std::thread::sleep(Duration::from_millis(1));
            indexer.idle().map_err(|error| error.to_string())?;
        }
        next += 10;
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_unstable_by(f64::total_cmp);
    let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or(0.0);
    say(&format!("\nten events visible after: p50 {:.0} ms, p95 {:.0} ms", at(50), at(95)));
    Ok(())
}

/// Median and 95th percentile in milliseconds.
fn timed<T>(mut run: impl FnMut() -> Result<T, SearchError>) -> Outcomes<(f64, f64)> {
    run()?;
    let start = Instant::now();
    let mut times = Vec::new();
    while times.len() < RUNS && (times.len() < 5 || start.elapsed() < BUDGET) {
        let began = Instant::now();
        run()?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_unstable_by(f64::total_cmp);
    let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or(0.0);
    Ok((at(50), at(95)))
}

fn memory_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1_024
}

/// CPU time of the process, in seconds, where the system tells it.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    f64::from(ticks(11) + ticks(12)) / 100.0
}
