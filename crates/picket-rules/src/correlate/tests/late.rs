//! What came too late for the state is made good by a second look: then the end is that of the events in order.

use super::*;

/// Far less than by which events of a stream come late.
const SHORT_MS: i64 = 500;

/// Takes what is told in; a moment stands or does not.
fn take(rules: &Rules, moments: &mut Moments, outcomes: &[Outcome]) {
    for outcome in outcomes {
        let name = rules.correlations()[outcome.correlation].about.title.clone();
        let moment = (name, outcome.group[0].1.clone(), outcome.at - BASE);
        match &outcome.told {
            Told::Holds { .. } => assert!(moments.insert(moment.clone()), "told twice: {moment:?}"),
            Told::TakenBack => assert!(moments.remove(&moment), "taken back what was not told: {moment:?}"),
            Told::Evicted => panic!("there is room"),
        }
    }
}

#[test]
fn a_second_look_at_what_came_too_late_makes_the_end_that_of_the_events_in_order() {
    let count: u64 = std::env::var("PICKET_STREAMS").ok().map_or(400, |count| count.parse().unwrap());
    let seed: u64 = std::env::var("PICKET_SEED").ok().map_or(1, |seed| seed.parse().unwrap());
    let rules = rules();
    let settings = Settings { lateness_ms: SHORT_MS, ..Settings::default() };
    let (mut late_ones, mut changed) = (0, 0);
    for number in 0..count {
        let events = stream(&mut Random(seed.wrapping_mul(1_000_003).wrapping_add(number)));
        let (mut correlator, mut scratch, mut moments) = (rules.correlator(settings), rules.scratch(), Moments::new());
        let mut past: Vec<Past> = Vec::new();
        let mut concerned: BTreeSet<(usize, String)> = BTreeSet::new();
        for (at, happened) in events.iter().enumerate() {
            let (text, number) = (happened.json(), u64::try_from(at).unwrap());
            rules.find(&text, &mut scratch).unwrap();
            take(&rules, &mut moments, correlator.observe(&rules, &text, number, None, &scratch));
            let is_late = !correlator.late().is_empty();
            late_ones += usize::from(is_late);
            concerned.extend(correlator.late().iter().map(|late| (late.correlation, late.group[0].1.clone())));
            past.push(Past { text, number, is_late });
        }
        for (correlation, user) in concerned {
            assert!(rules.reach_ms(correlation) >= SPAN_MS);
            let group = vec![("user".to_owned(), user)];
            let outcomes = rules.look_again(correlation, &group, &past, i64::MAX);
            changed += outcomes.len();
            take(&rules, &mut moments, &outcomes);
        }
        let expected = expected(&events);
        let differ: Vec<_> = moments.symmetric_difference(&expected).collect();
        assert!(differ.is_empty(), "stream {number} of seed {seed}: {differ:?}\n{events:#?}");
    }
    assert!(late_ones > 100 && changed > 100, "{late_ones} came too late, and {changed} moments changed");
}

#[test]
fn what_is_learned_from_all_events_is_not_looked_at_again() {
    let text = format!(
        "{RULES}---\ntitle: t\nid: t\nlogsource: {{product: x}}\ndetection: {{s: {{kind: d}}, condition: s}}\n\
         x-picket: {{ first-seen: {{ field: v, by: [user], learn: 1h, expire: 1d }} }}\n"
    );
    let loaded = Rules::load([("r.yml", text.as_str())], &Data::default());
    assert_eq!(loaded.issues.errors, []);
    let rules = loaded.rules;
    let (mut correlator, mut scratch) = (rules.correlator(Settings::default()), rules.scratch());
    for (at, kind) in [(10_000_000, "d"), (0, "d")] {
        let event = Happened { at, kind, user: 1, value: 1.0 }.json();
        rules.find(&event, &mut scratch).unwrap();
        correlator.observe(&rules, &event, 1, None, &scratch);
    }
    assert_eq!((correlator.counters().late, correlator.late()), (1, [].as_slice()));
}
