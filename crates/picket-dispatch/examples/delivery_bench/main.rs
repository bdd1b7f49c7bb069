//! Delivery under load: how many events a second one destination takes of each kind, ten at once beside the appending,
//! how old events are when they arrive, what a dead, a slow and a lying receiver do to a good one, and how fast a
//! destination that was away catches up.
//!
//! `cargo xt bench delivery [EVENTS] [SECONDS] [PHASE]`: 200,000 events for each kind and 20 seconds for each of the others
//! by default; all of `throughput`, `ten`, `freshness`, `beside` and `outage`, or one. Receivers are in this process, on the
//! same cores: they unpack what comes, parse every event of it, and let it go. Each phase ends when everything has arrived.

mod place;
mod receivers;

use place::{Outcome, Place, say};
use receivers::{Receiver, Times};
use serde_json::json;
use std::time::{Duration, Instant};

/// Events a second of what lives beside.
const LIVE: u64 = 2_000;
const TOGETHER: u64 = 10_000;
const MANY: usize = 10;

fn main() -> Outcome<()> {
    let number = |at: usize, default: u64| std::env::args().nth(at).map_or(Ok(default), |text| text.parse());
    let (events, seconds) = (number(1, 200_000)?, number(2, 20)?);
    let wanted = std::env::args().nth(3);
    let is_wanted = |name: &str| wanted.as_deref().is_none_or(|wanted| wanted == name);
    if is_wanted("throughput") {
        throughput(events)?;
    }
    if is_wanted("ten") {
        ten(seconds)?;
    }
    if is_wanted("freshness") {
        freshness(seconds)?;
    }
    if is_wanted("beside") {
        beside(seconds)?;
    }
    if is_wanted("outage") { outage(seconds) } else { Ok(()) }
}

/// One destination of each kind reads what is in the log.
fn throughput(events: u64) -> Outcome<()> {
    say(&format!(
        "one destination, {events} events that wait in the log, requests packed with gzip where the kind has it"
    ));
    let place = Place::new()?;
    place.append(events)?;
    for receiver in
        [Receiver::hec()?, Receiver::elastic()?, Receiver::otlp()?, Receiver::syslog(false)?, Receiver::syslog(true)?]
    {
        let begun = Instant::now();
        let id = place.destination(&receiver, 8)?;
        place.until_delivered(&id, events)?;
        let rate = rate(events, begun.elapsed());
        if receiver.arrived() < events {
            return Err(format!("{}: {} of {events} arrived", receiver.name(), receiver.arrived()).into());
        }
        say(&format!("  {:22} {rate:>8.0} events/s", receiver.name()));
        place.remove(&id)?;
    }
    let begun = Instant::now();
    let id = place.create("file", json!({"kind": "file", "name": "events.ndjson"}), None, 1)?;
    place.until_delivered(&id, events)?;
    say(&format!("  {:22} {:>8.0} events/s", "file", rate(events, begun.elapsed())));
    place.close();
    Ok(())
}

/// Ten destinations beside the appending.
fn ten(seconds: u64) -> Outcome<()> {
    let place = Place::new()?;
    let receivers = (0..MANY).map(|_| Receiver::hec()).collect::<Outcome<Vec<_>>>()?;
    let ids = receivers.iter().map(|receiver| place.destination(receiver, 4)).collect::<Outcome<Vec<_>>>()?;
    let begun = Instant::now();
    let appended = place.traffic(TOGETHER, Duration::from_secs(seconds))?;
    let live = begun.elapsed();
    for id in &ids {
        place.until_delivered(id, appended)?;
    }
    say(&format!(
        "{MANY} destinations of HEC beside the appending: {:.0} events/s appended for {seconds} s (wanted {TOGETHER}), {:.0} events/s to each until all had all, {:.0} in sum",
        rate(appended, live),
        rate(appended, begun.elapsed()),
        rate(appended * MANY as u64, begun.elapsed()),
    ));
    for receiver in &receivers {
        tell("  one of them", &receiver.times());
        if receiver.arrived() < appended {
            return Err(format!("{} of {appended} arrived", receiver.arrived()).into());
        }
    }
    place.close();
    Ok(())
}

/// How old events are when they arrive, with nothing else going on.
fn freshness(seconds: u64) -> Outcome<()> {
    say(&format!("age of an event when it has arrived, {LIVE} events/s"));
    for receiver in [Receiver::hec()?, Receiver::elastic()?, Receiver::syslog(false)?] {
        let place = Place::new()?;
        let id = place.destination(&receiver, 8)?;
        let appended = place.traffic(LIVE, Duration::from_secs(seconds))?;
        place.until_delivered(&id, appended)?;
        tell(&format!("  {}", receiver.name()), &receiver.times());
        place.close();
    }
    Ok(())
}

/// A good destination alone, and then beside one that nobody answers for, one that takes nine seconds for each request, and
/// one that says something that is no answer.
fn beside(seconds: u64) -> Outcome<()> {
    say(&format!("a good destination of HEC, {LIVE} events/s"));
    for others in [false, true, false, true] {
        let place = Place::new()?;
        let good = Receiver::hec()?;
        let id = place.destination(&good, 8)?;
        let bad = if others { vec![Receiver::dead()?, Receiver::slow()?, Receiver::lying()?] } else { Vec::new() };
        for receiver in &bad {
            place.destination(receiver, 8)?;
        }
        let appended = place.traffic(LIVE, Duration::from_secs(seconds))?;
        place.until_delivered(&id, appended)?;
        tell(if others { "  beside a dead, a slow and a lying one" } else { "  alone" }, &good.times());
        place.close();
    }
    Ok(())
}

/// A receiver that is away for a while, with a destination that comes back by itself.
fn outage(seconds: u64) -> Outcome<()> {
    let place = Place::new()?;
    let receiver = Receiver::hec()?;
    let id = place.destination(&receiver, 8)?;
    receiver.break_down(true);
    let missed = place.traffic(LIVE, Duration::from_secs(seconds * 3))?;
    let before = receiver.arrived();
    receiver.break_down(false);
    place.resume(&id)?;
    let begun = Instant::now();
    let traffic = place.clone();
    let live =
        std::thread::spawn(move || traffic.traffic(LIVE, Duration::from_secs(3)).map_err(|error| error.to_string()));
    place.until_delivered(&id, missed)?;
    let took = begun.elapsed();
    let more = live.join().map_err(|_panic| "the traffic panicked")??;
    place.until_delivered(&id, missed + more)?;
    let drained = rate(missed - before, took);
    say(&format!(
        "after an outage of {} s at {LIVE} events/s: {} events drained in {:.1} s beside the live ones, {drained:.0} events/s, {:.1} times the live rate",
        seconds * 3,
        missed - before,
        took.as_secs_f64(),
        drained / rate(LIVE, Duration::from_secs(1)),
    ));
    place.close();
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn rate(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

fn tell(name: &str, times: &Times) {
    say(&format!("{name}: {times}"));
}
