//! The queue with many escalations that wait: reading it, taking one, and many at once, each act durable with its event.
//!
//! `cargo xt bench queue [ESCALATIONS]`: 100,000 by default, of 1,000 users and twenty likenesses.

use picket_bodies::Bodies;
use picket_db::{Db, Lane, Options as DbOptions, Ticket};
use picket_event::Workspace;
use picket_keys::{Keyring, RootKey};
use picket_log::{Logs, Options};
use picket_review::{Act, Decide, Queue, Reviewer, Routing};
use picket_stdx::{Clock, Timestamp, random};
use picket_store::escalations::{self, Escalation, Filter, Owner, Step};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error>;

/// Escalations that are put in by one transaction.
const TOGETHER: usize = 5_000;
const READS: usize = 500;
const CLAIMS: usize = 500;

fn main() -> Result<(), Failure> {
    let count = std::env::args().nth(1).map_or(Ok(100_000), |text| text.parse())?;
    let folder = std::env::temp_dir().join(format!("picket-queue-{}", random::number()));
    std::fs::create_dir_all(&folder)?;
    let measured = open(&folder).and_then(|queue| {
        let measured = measure(&queue, count);
        queue.db.close();
        measured
    });
    std::fs::remove_dir_all(&folder)?;
    measured
}

fn open(folder: &Path) -> Result<Queue, Failure> {
    let tables = [picket_keys::MIGRATIONS, picket_bodies::MIGRATIONS, picket_log::MIGRATIONS, picket_store::MIGRATIONS];
    let db = Db::open(DbOptions::new(folder.join("picket.db")), &tables)?;
    let keyring = Keyring::open(&db, RootKey::new(random::bytes()))?;
    let bodies = Bodies::new(&db, &keyring);
    let options = Options { host: "bench.example".to_owned(), state: folder.join("state"), clock: Clock::system() };
    let workspace = Workspace::parse("ws_bench")?;
    Logs::create(&db, &keyring, &options, &workspace)?;
    let log = Logs::open(&db, &keyring, &bodies, &options)?.workspace(&workspace)?.clone();
    Ok(Queue { db, log, workspace, routing: Arc::new(Routing::default()) })
}

fn measure(queue: &Queue, count: usize) -> Result<(), Failure> {
    let mut out = io::stdout();
    let ids = fill(queue, count)?;
    writeln!(out, "{count} escalations wait; times in ms")?;
    let now = queue.log.clock().now();
    let pending = Filter { status: Some("pending".to_owned()), limit: 100, ..Filter::default() };
    let filters = [
        ("list, newest 100 of all", pending.clone()),
        ("list, of one user", Filter { user: Some("user7@example.com".to_owned()), ..pending.clone() }),
        ("list, nobody's", Filter { assignee: Some(Owner::Nobody), ..pending.clone() }),
        ("list, mine", Filter { assignee: Some(Owner::Person("ann".to_owned())), ..pending.clone() }),
        ("list, low severity", Filter { severity: Some("low".to_owned()), ..pending }),
    ];
    for (name, filter) in &filters {
        line(&mut out, name, READS, |_| {
            queue.db.read(|connection| escalations::list(connection, &queue.workspace, filter)).map(drop)
        })?;
    }
    line(&mut out, "one, with precedent", READS, |number| {
        queue.db.read(|connection| {
            let id = ids.get(number).map(String::as_str).unwrap_or_default();
            let Some(entry) = escalations::get(connection, &queue.workspace, id)? else { return Ok(()) };
            escalations::precedent(connection, &queue.workspace, &entry, now.minus(Duration::from_secs(30 * 86_400)))
                .map(drop)
        })
    })?;
    line(&mut out, "groups of equals", 10, |_| {
        queue.db.read(|connection| escalations::groups(connection, &queue.workspace, 1_000)).map(drop)
    })?;
    let ann = Reviewer { name: "ann".to_owned(), person: "tok_ann".to_owned(), also: Vec::new() };
    let claim = Act::Step { step: Step::Claim, note: None, version: None };
    line(&mut out, "claim, one after another", CLAIMS, |number| {
        queue.act(ids.get(number).map(String::as_str).unwrap_or_default(), claim.clone(), &ann).map(drop)
    })?;
    let many: Vec<String> = ids.iter().skip(CLAIMS).take(1_000).cloned().collect();
    let decide = Act::Decide(Decide { resolution: "rejected", verdict: None, note: None, version: None });
    for (name, act) in [("claim, 1,000 at once", &claim), ("decide, 1,000 at once", &decide)] {
        let begun = Instant::now();
        let failed = queue.act_on_all(many.clone(), act, &ann).iter().filter(|(_, done)| done.is_err()).count();
        writeln!(out, "{name:<28} {:>9.1}   {failed} failed", milliseconds(begun.elapsed()))?;
    }
    Ok(())
}

/// Puts escalations in; their ids.
fn fill(queue: &Queue, count: usize) -> Result<Vec<String>, Failure> {
    let now = queue.log.clock().now();
    let ids: Vec<String> = (0..count).map(|number| format!("esc_{number:026}")).collect();
    for chunk in ids.chunks(TOGETHER) {
        let entries: Vec<Escalation> = chunk.iter().map(|id| entry(id, now)).collect();
        let workspace = queue.workspace.clone();
        let created: Ticket<(), rusqlite::Error> = queue.db.write(Lane::Consumer, "bench.fill", move |tx| {
            entries.iter().try_for_each(|entry| escalations::create(tx, &workspace, entry).map(drop))
        });
        created.wait()?;
    }
    Ok(ids)
}

fn entry(id: &str, now: Timestamp) -> Escalation {
    let number: u64 = id.trim_start_matches("esc_").parse().unwrap_or(0);
    let severity = ["low", "medium", "high", "critical"];
    let place = number % 4;
    Escalation {
        id: id.to_owned(),
        kind: "prompt_injection".to_owned(),
        category: Some("prompt_attack".to_owned()),
        likeness: format!("prompt_injection: check-{}(override)", number % 20),
        created_at: now.minus(Duration::from_secs(number % 86_400)),
        severity: usize::try_from(place)
            .ok()
            .and_then(|place| severity.get(place))
            .copied()
            .unwrap_or("low")
            .to_owned(),
        priority: u8::try_from(place + 1).unwrap_or(1),
        event_id: format!("evt_{number:026}"),
        user: Some(format!("user{}@example.com", number % 1_000)),
        expires_at: Some(now.plus(Duration::from_secs(86_400))),
        ..Escalation::default()
    }
}

fn line<E: std::error::Error + 'static>(
    out: &mut impl io::Write,
    name: &str,
    times: usize,
    mut work: impl FnMut(usize) -> Result<(), E>,
) -> Result<(), Failure> {
    let mut all = Vec::with_capacity(times);
    for number in 0..times {
        let begun = Instant::now();
        work(number)?;
        all.push(begun.elapsed());
    }
    all.sort_unstable();
    let at = |share: usize| all.get((times * share / 100).min(times - 1)).copied().map_or(0.0, milliseconds);
    writeln!(out, "{name:<28} p50 {:>9.2}   p99 {:>9.2}", at(50), at(99))?;
    Ok(())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
