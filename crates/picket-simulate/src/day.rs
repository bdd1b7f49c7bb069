//! An ordinary day: work, sign-ins, badges, tickets, judges, and what the guard finds by mistake.

use crate::draws::Draws;
use crate::people::{MODELS, Person, Shift};
use crate::traces::{event, found, request, signal};
use picket_event::{Category, Decision, Event, EventType, Severity};
use picket_stdx::Timestamp;
use std::time::Duration;

/// Of requests: something personal in them, which is removed.
const PERSONAL: f64 = 0.01;
/// Of requests: the guard takes an ordinary one for an attack.
const MISTAKEN: f64 = 0.000_03;
/// Of requests: a judge reads the answer; and of those, flags it.
const JUDGED: f64 = 0.05;
const FLAGGED: f64 = 0.01;

/// The moment so many hours after midnight.
pub(crate) fn at(midnight: Timestamp, hours: f64) -> Timestamp {
    midnight.plus(Duration::from_secs_f64((hours.clamp(0.0, 23.9999)) * 3_600.0))
}

/// What somebody does on a day, in no order.
pub(crate) fn ordinary(person: &Person, midnight: Timestamp, day: u32, draws: &mut Draws) -> Vec<Event> {
    // The plan begins on a Monday.
    let is_weekday = day % 7 < 5;
    let mut events = Vec::new();
    let (works, share) = match person.shift {
        Shift::Office => (is_weekday && draws.chance(0.93), 1.0),
        Shift::Any => (draws.chance(0.8), if is_weekday { 1.0 } else { 0.4 }),
        Shift::Program => (true, 1.0),
    };
    if !works {
        return events;
    }
    let is_office = person.shift == Shift::Office && draws.chance(0.65);
    let begins = person.begins + draws.normal() * 0.2;
    if person.shift != Shift::Program {
        arrive(person, (midnight, begins), is_office, draws, &mut events);
    }
    for _ in 0..draws.poisson(person.rate * share) {
        let hours = match person.shift {
            Shift::Program => draws.unit() * 24.0,
            Shift::Office => {
                // Before and after lunch.
                let half = if draws.chance(0.5) { 2.2 } else { 6.2 };
                (begins + half + draws.normal()).clamp(begins + 0.1, 19.5)
            }
            Shift::Any => (begins + 6.0 + draws.normal() * 2.5).clamp(begins + 0.1, 19.7),
        };
        let mut event = request(person, at(midnight, hours), draws);
        if !is_office && person.shift != Shift::Program {
            event.src_ip = Some(person.home.clone());
        }
        if draws.chance(0.03) {
            // The second model that somebody uses is always the same.
            let place = usize::try_from(person.number).unwrap_or(0) % MODELS.len();
            event.model = MODELS.get(place).map(|model| (*model).to_owned());
        }
        if draws.chance(PERSONAL) {
            found(&mut event, "pii-detector", "pii", Category::GuardrailBlock, Decision::Redacted);
        } else if draws.chance(MISTAKEN) {
            found(&mut event, "prompt-injection", "prompt_injection", Category::PromptAttack, Decision::Blocked);
        }
        if draws.chance(JUDGED) {
            events.push(judged(&event, person, draws.chance(FLAGGED), draws));
        }
        events.push(event);
    }
    events
}

fn arrive(
    person: &Person,
    (midnight, begins): (Timestamp, f64),
    is_office: bool,
    draws: &mut Draws,
    events: &mut Vec<Event>,
) {
    let user = Some(person.name.as_str());
    let (method, address) = if is_office { ("sso", &person.office) } else { ("vpn", &person.home) };
    // Now and then somebody mistypes the password.
    if draws.chance(0.05) {
        let said = [("result", "failure"), ("method", method), ("country", person.country)];
        let mut failed = signal("external.login", "sso", user, &said, at(midnight, begins), draws);
        failed.src_ip = Some(address.clone());
        events.push(failed);
    }
    let said = [("result", "success"), ("method", method), ("country", person.country)];
    let mut login = signal("external.login", "sso", user, &said, at(midnight, begins + 0.02), draws);
    login.src_ip = Some(address.clone());
    events.push(login);
    if is_office {
        for (direction, hours) in [("in", begins - 0.1), ("out", begins + 9.0)] {
            let said = [("direction", direction), ("site", "hq")];
            events.push(signal("external.badge", "doors", user, &said, at(midnight, hours), draws));
        }
    }
}

/// What a judge says of an answer.
pub(crate) fn judged(request: &Event, person: &Person, is_flagged: bool, draws: &mut Draws) -> Event {
    let at = request.timestamp.plus(Duration::from_secs(20));
    let mut event = event(EventType::of("judge.evaluated"), at, draws);
    event.user.clone_from(&request.user);
    (event.feature, event.model) = (Some(person.feature.to_owned()), request.model.clone());
    event.identity = request.identity;
    event.request_id.clone_from(&request.request_id);
    event.judge_model = Some("judge-1".to_owned());
    let score = if is_flagged { draws.between(0.6, 0.95) } else { (0.12 + 0.08 * draws.normal()).clamp(0.0, 0.5) };
    event.judge_score = Some(score);
    event.judge_verdict = Some(if is_flagged { "policy_violation" } else { "safe" }.to_owned());
    if is_flagged {
        (event.category, event.severity) = (Some(Category::JudgeFlag), Severity::Medium);
    }
    event
}

/// What the machine tells of itself, every ten minutes.
pub(crate) fn machine(midnight: Timestamp, draws: &mut Draws) -> Vec<Event> {
    let one = |step: u32| {
        let mut event = event(EventType::of("system.metrics"), midnight.plus(Duration::from_secs(600) * step), draws);
        event.metrics = [("cpu_ratio", draws.between(0.05, 0.5)), ("memory_ratio", draws.between(0.4, 0.6))]
            .map(|(name, value)| (name.to_owned(), value))
            .into();
        event
    };
    (0..144).map(one).collect()
}
