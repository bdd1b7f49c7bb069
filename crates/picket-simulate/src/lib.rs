//! Traffic of people who do not exist, with campaigns among it: for tests of rules, whose answers are known.
//!
//! A [`Simulation`] writes events day by day, with times of their own and in their order. [`Labelled`] says which of them
//! belong to a [`Campaign`]. **Invariants:** the same plan gives the same events, byte for byte; nothing of an event tells
//! that it belongs to a campaign; what is held at a time is one day.

mod campaign;
mod day;
mod draws;
mod people;
mod traces;

pub use campaign::Campaign;

use day::ordinary;
use draws::Draws;
use people::Person;
use picket_event::Event;
use picket_stdx::Timestamp;
use std::collections::VecDeque;
use std::time::Duration;

pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// What is simulated.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Everything that is drawn goes by it.
    pub seed: u64,
    /// People.
    pub users: u32,
    /// Days.
    pub days: u32,
    /// The first midnight, UTC.
    pub start: Timestamp,
    /// Campaigns; one named twice runs twice.
    pub campaigns: Vec<Campaign>,
}

/// An event, and what it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// The event.
    pub event: Event,
    /// The campaign's place in the plan, if it is of one.
    pub campaign: Option<usize>,
}

/// A campaign of the plan, as it runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Which.
    pub campaign: Campaign,
    /// When it begins.
    pub begins: Timestamp,
    /// Who does it, or in whose name.
    pub actor: String,
}

/// Events in the order of their times.
#[derive(Debug)]
pub struct Simulation {
    plan: Plan,
    people: Vec<Person>,
    runs: Vec<(Run, Person)>,
    day: u32,
    waiting: VecDeque<Labelled>,
}

impl Simulation {
    /// A simulation of a plan.
    pub fn new(plan: Plan) -> Self {
        let people: Vec<Person> = (0..plan.users.max(1)).map(|number| Person::new(plan.seed, number)).collect();
        let runs = plan.campaigns.iter().enumerate().filter_map(|(place, campaign)| {
            let mut draws = Draws::new(plan.seed, &format!("campaign {place}"));
            // Programs have keys of their own, and nobody acts in their name.
            let humans: Vec<&Person> = people.iter().filter(|person| person.shift != people::Shift::Program).collect();
            let person = (*humans.get(draws.below(humans.len()))?).clone();
            let begins = campaign.begins(&plan, &mut draws);
            Some((Run { campaign: *campaign, begins, actor: person.name.clone() }, person))
        });
        let runs = runs.collect();
        Self { plan, people, runs, day: 0, waiting: VecDeque::new() }
    }

    /// The campaigns as they run.
    pub fn runs(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().map(|(run, _)| run)
    }

    fn fill(&mut self) {
        let midnight = self.plan.start.plus(DAY * self.day);
        let mut events: Vec<Labelled> = Vec::new();
        for (number, person) in self.people.iter().enumerate() {
            let mut draws = Draws::new(self.plan.seed, &format!("day {} of {number}", self.day));
            let of_day = ordinary(person, midnight, self.day, &mut draws);
            events.extend(of_day.into_iter().map(|event| Labelled { event, campaign: None }));
        }
        let machine = day::machine(midnight, &mut Draws::new(self.plan.seed, &format!("machine {}", self.day)));
        events.extend(machine.into_iter().map(|event| Labelled { event, campaign: None }));
        for (place, (run, person)) in self.runs.iter().enumerate() {
            let mut draws = Draws::new(self.plan.seed, &format!("day {} of campaign {place}", self.day));
            let of_day = run.campaign.of_day(run, person, midnight, &mut draws);
            events.extend(of_day.into_iter().map(|event| Labelled { event, campaign: Some(place) }));
        }
        events.sort_by_key(|labelled| (labelled.event.timestamp, labelled.event.event_id));
        self.waiting = events.into();
        self.day += 1;
    }
}

impl Iterator for Simulation {
    type Item = Labelled;

    fn next(&mut self) -> Option<Labelled> {
        while self.waiting.is_empty() && self.day < self.plan.days {
            self.fill();
        }
        self.waiting.pop_front()
    }
}

#[cfg(test)]
mod tests;
