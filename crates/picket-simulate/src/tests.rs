//! The same seed, the same events; labels that are right; days that look like days.

use super::*;
use picket_event::EventType;
use std::collections::{BTreeMap, BTreeSet};

fn plan(seed: u64, campaigns: &[Campaign]) -> Plan {
    let start = "2026-06-01T00:00:00Z".parse().unwrap();
    Plan { seed, users: 40, days: 24, start, campaigns: campaigns.to_vec() }
}

fn lines(plan: Plan) -> Vec<String> {
    Simulation::new(plan)
        .map(|labelled| format!("{:?} {}", labelled.campaign, serde_json::to_string(&labelled.event).unwrap()))
        .collect()
}

#[test]
fn the_same_plan_gives_the_same_events_and_another_seed_others() {
    let one = lines(plan(7, Campaign::ALL));
    assert_eq!(one, lines(plan(7, Campaign::ALL)));
    assert_ne!(one, lines(plan(8, Campaign::ALL)));
}

#[test]
fn a_campaign_moves_nothing_of_what_is_ordinary() {
    let ordinary = |campaigns: &[Campaign]| -> Vec<picket_event::EventId> {
        let all = Simulation::new(plan(7, campaigns));
        all.filter(|labelled| labelled.campaign.is_none()).map(|labelled| labelled.event.event_id).collect()
    };
    assert_eq!(ordinary(&[]), ordinary(Campaign::ALL));
}

#[test]
fn events_come_in_the_order_of_their_times_each_with_its_own_id() {
    let (mut last, mut ids) = (Timestamp::default(), BTreeSet::new());
    for Labelled { event, .. } in Simulation::new(plan(3, Campaign::ALL)) {
        assert!(event.timestamp >= last, "{event:?}");
        assert!(ids.insert(event.event_id), "{event:?}");
        last = event.timestamp;
    }
}

#[test]
fn each_campaign_begins_when_it_says_and_after_a_usual_is_known() {
    for seed in 0..5 {
        let simulation = Simulation::new(plan(seed, Campaign::ALL));
        let runs: Vec<Run> = simulation.runs().cloned().collect();
        let mut first: BTreeMap<usize, Timestamp> = BTreeMap::new();
        for Labelled { event, campaign } in simulation {
            if let Some(place) = campaign {
                first.entry(place).or_insert(event.timestamp);
            }
        }
        for (place, run) in runs.iter().enumerate() {
            let first = first.get(&place).unwrap_or_else(|| panic!("{} has no events", run.campaign.as_str()));
            assert!(*first >= run.begins, "{run:?} {first}");
            assert!(first.since(run.begins) <= DAY, "{run:?} {first}");
            assert!(run.begins >= plan(seed, &[]).start.plus(DAY * 8), "{run:?}");
        }
    }
}

#[test]
fn people_work_by_day_and_on_weekdays_and_nights_are_for_programs() {
    let (mut by_day, mut all, mut weekend) = (0_u32, 0_u32, 0_u32);
    for Labelled { event, .. } in Simulation::new(plan(1, &[])) {
        let is_person = event.user.as_deref().is_some_and(|user| user.starts_with("user-"));
        if event.event_type != EventType::REQUEST || !is_person {
            continue;
        }
        let hour = event.timestamp.as_millis() / 3_600_000;
        let start: Timestamp = plan(1, &[]).start;
        let day = (hour - start.as_millis() / 3_600_000) / 24;
        all += 1;
        by_day += u32::from((7..20).contains(&(hour % 24)));
        weekend += u32::from(day % 7 > 4);
    }
    assert!(all > 5_000 && by_day == all && weekend * 20 < all, "{all} {by_day} {weekend}");
}

#[test]
fn words_name_campaigns() {
    for campaign in Campaign::ALL {
        assert_eq!(Campaign::of(campaign.as_str()), Some(*campaign));
    }
    assert_eq!(Campaign::of("nothing"), None);
}
