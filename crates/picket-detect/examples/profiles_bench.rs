//! What profiles cost: memory of so many users, updates of those that were met just now and of any, keeping and recovering
//! them; then memory of everything when each request has a name of its own.
//!
//! `cargo xt bench profiles [USERS] [NAMES]`: 1,000,000 and 10,000,000 by default.

use picket_db::{Db, Lane, Options, Ticket};
use picket_detect::{Bounds, Engine, ProfileBounds, Profiles, RuleSet, Sources};
use picket_event::{Event, EventType, Identity, Workspace};
use picket_stdx::{Timestamp, random};
use picket_store::detection::profiles;
use std::error::Error;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;

const WORKSPACE: &str = "ws_bench";
/// Monday, in milliseconds since the Unix epoch.
const BEGIN_MS: i64 = 1_795_392_000_000;
const HOUR_MS: i64 = 3_600_000;
/// Hours in which each user sends a request.
const HOURS: u64 = 8;
const PAGE: f64 = 4_096.0;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |usual: u64| arguments.next().map_or(Ok(usual), |text| text.parse());
    let (users, names) = (number(1_000_000)?, number(10_000_000)?);
    of_users(users)?;
    of_names(names)
}

fn bounds(most: u64) -> Outcome<ProfileBounds> {
    Ok(ProfileBounds { most: usize::try_from(most)?, lateness_ms: 300_000, ahead_ms: 300_000 })
}

fn of_users(users: u64) -> Outcome<()> {
    let before = resident()?;
    let profiles = Profiles::new(bounds(users + 1_000)?);
    let mut engine = Engine::feeding(Arc::new(RuleSet::default()), Bounds::default(), profiles.clone());
    let begun = busy_s()?;
    for hour in 0..HOURS {
        for user in 0..users {
            judge(&mut engine, hour * users + user, user, i64::try_from(hour)?);
        }
    }
    let fed = busy_s()? - begun;
    say(&format!(
        "{} profiles: {:.0} MB resident, {:.0} bytes each; {:.2} us of a core a request of anybody, reading and five profiles included",
        profiles.counts().profiles,
        (resident()? - before) / 1e6,
        (resident()? - before) / float(users),
        micros(fed, HOURS * users),
    ))?;
    let begun = busy_s()?;
    for number in 0..users {
        judge(&mut engine, HOURS * users + number, number % 1_000, i64::try_from(HOURS)?);
    }
    say(&format!("{:.2} us of a core a request of one of a thousand", micros(busy_s()? - begun, users)))?;
    drop(engine);
    recover(&profiles, users)
}

/// Keeps all of them, and reads them back.
fn recover(old: &Profiles, users: u64) -> Outcome<()> {
    let folder = std::env::temp_dir().join(format!("picket-profiles-{}", random::number()));
    std::fs::create_dir_all(&folder)?;
    let db = Db::open(Options::new(folder.join("picket.db")), &[picket_store::detection::MIGRATIONS])?;
    let workspace = Workspace::parse(WORKSPACE)?;
    let begun = Instant::now();
    let (shared, changed) = old.changes();
    let (whose, bytes) =
        (workspace.clone(), changed.iter().filter_map(|row| row.state.as_ref()).map(Vec::len).sum::<usize>());
    let kept: Ticket<(), rusqlite::Error> =
        db.write(Lane::Consumer, "bench.keep", move |tx| profiles::keep(tx, &whose, (1, &shared), &changed));
    kept.wait()?;
    let kept = begun.elapsed();
    let new = Profiles::new(bounds(users + 1_000)?);
    let (begun, busy) = (Instant::now(), busy_s()?);
    let is_read = db.read(|connection| {
        let shared = profiles::shared(connection, &workspace)?.map(|(_, shared)| shared);
        new.restore(shared.as_deref(), |take| profiles::each(connection, &workspace, take))
    })?;
    let (recovered, busy) = (begun.elapsed(), busy_s()? - busy);
    let is_same = is_read && new.counts() == old.counts();
    say(&format!(
        "all of them kept in {:.1} s ({:.0} MB), recovered in {:.1} s ({busy:.1} s of a core){}",
        kept.as_secs_f64(),
        float(u64::try_from(bytes)?) / 1e6,
        recovered.as_secs_f64(),
        if is_same { "" } else { ", and NOT what was kept" },
    ))?;
    db.close();
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

/// A name for each request, against the rules of the program and with the bounds of an installation.
fn of_names(names: u64) -> Outcome<()> {
    let read = Sources::default().read();
    let (set, problems) = RuleSet::load(&read);
    if let Some(problem) = problems.into_iter().next() {
        return Err(problem.into());
    }
    let settings = picket_detect::Settings::default();
    let before = resident()?;
    let profiles = Profiles::new(bounds(u64::try_from(settings.profiles_max)?)?);
    let mut engine = Engine::feeding(Arc::new(set), settings.bounds, profiles.clone());
    let (begun, mut shown) = (busy_s()?, Vec::new());
    for number in 0..names {
        // 2,000 a second.
        judge_at(&mut engine, number, &format!("made up {number}"), BEGIN_MS + i64::try_from(number / 2)?);
        if number % (names / 5).max(1) == (names / 5).max(1) - 1 {
            shown.push(format!("{:.0}", (resident()? - before) / 1e6));
        }
    }
    let (counts, lost) = (profiles.counts(), engine.evicted());
    say(&format!(
        "{names} names, {:.1} us of a core each: {} MB resident after each fifth; {} profiles and {} groups remembered, {} and {lost} evicted and counted",
        micros(busy_s()? - begun, names),
        shown.join(", "),
        counts.profiles,
        engine.groups(),
        counts.evicted,
    ))?;
    Ok(())
}

fn judge(engine: &mut Engine, number: u64, user: u64, hour: i64) {
    judge_at(
        engine,
        number,
        &format!("user{user}@example.com"),
        BEGIN_MS + hour * HOUR_MS + i64::try_from(user % 3_600).unwrap_or(0),
    );
}

fn judge_at(engine: &mut Engine, number: u64, user: &str, at_ms: i64) {
    let mut event = Event::new(EventType::REQUEST, WORKSPACE, Timestamp::from_millis(at_ms));
    (event.user, event.identity) = (Some(user.to_owned()), Some(Identity::Key));
    (event.key_id, event.team) = (Some(format!("key_{}", number % 512)), Some(format!("team {}", number % 20)));
    (event.model, event.application) = (Some("gpt-4o".to_owned()), Some("assistant".to_owned()));
    event.src_ip = Some(format!("203.0.{}.7", number % 200));
    (event.tokens_in, event.tokens_out) = (Some(300 + number % 200), Some(900 + number % 700));
    (event.latency_ms, event.cost) = (Some(800), Some(0.004));
    engine.judge(&event, number, &|_| None, &mut Vec::new());
}

/// Bytes in memory.
fn resident() -> Outcome<f64> {
    let status = std::fs::read_to_string("/proc/self/statm")?;
    let pages: u64 = status.split(' ').nth(1).ok_or("no resident size")?.parse()?;
    Ok(float(pages) * PAGE)
}

/// Seconds that this thread had a core.
fn busy_s() -> Outcome<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 =
        text.split(' ').next().ok_or("the kernel does not tell how long a thread was busy")?.parse()?;
    Ok(nanoseconds / 1e9)
}

fn micros(seconds: f64, many: u64) -> f64 {
    seconds * 1e6 / float(many)
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn float(number: u64) -> f64 {
    number as f64
}

fn say(text: &str) -> io::Result<()> {
    writeln!(io::stdout(), "{text}")
}
