use super::*;
use picket_event::{Decision, EventType};
use picket_stdx::Timestamp;

const AT: Timestamp = Timestamp::from_millis(1_780_000_000_000);

fn event(name: &'static str, change: impl FnOnce(&mut Event)) -> Event {
    let mut event = Event::new(EventType::of(name), "ws_1", AT);
    change(&mut event);
    event
}

fn wanted(events: &[&str], filter: Option<&str>, severity: Option<Severity>) -> Wanted {
    Wanted {
        events: events.iter().map(|&text| text.to_owned()).collect(),
        filter: filter.map(str::to_owned),
        severity,
        bodies: false,
    }
}

#[test]
fn a_subscription_wants_what_fits_all_that_it_says() {
    let blocked = event("request", |event| (event.decision, event.severity) = (Decision::Blocked, Severity::High));
    let allowed = event("request", |event| event.team = Some("engineering".to_owned()));
    let finding = event("finding.created", |event| event.severity = Severity::Medium);
    let report = event("delivery.completed", |_| {});
    let paused = event("destination.paused", |_| {});
    for (wanted, fits) in [
        // Everything, but for what tells of deliveries.
        (wanted(&[], None, None), [true, true, true, false, true]),
        (wanted(&["*"], None, None), [true, true, true, false, true]),
        // Requests have the name of what was decided, too.
        (wanted(&["decision.rejected"], None, None), [true, false, false, false, false]),
        (wanted(&["decision.*"], None, None), [true, true, false, false, false]),
        (wanted(&["request"], None, None), [true, true, false, false, false]),
        (wanted(&["request.*"], None, None), [true, true, false, false, false]),
        (wanted(&["finding", "destination.*"], None, None), [false, false, true, false, true]),
        // Only who asks for them gets reports.
        (wanted(&["delivery.*"], None, None), [false, false, false, true, false]),
        (wanted(&["*", "delivery.completed"], None, None), [true, true, true, true, true]),
        (wanted(&[], None, Some(Severity::Medium)), [true, false, true, false, false]),
        (wanted(&[], Some("action:blocked"), None), [true, false, false, false, false]),
        (wanted(&[], Some("team:engineering"), Some(Severity::High)), [false; 5]),
        // One that was made when this was not looked at.
        (wanted(&["dec.*"], None, None), [false; 5]),
    ] {
        let subscription = wanted.compile().unwrap();
        let found = [&blocked, &allowed, &finding, &report, &paused].map(|event| subscription.wants(event));
        assert_eq!(found, fits, "{wanted:?}");
    }
}

#[test]
fn every_type_that_events_are_shown_with_may_be_wanted_and_its_family() {
    for known in types::ALL.iter().filter(|known| known.is_shown()) {
        for text in [known.name.to_owned(), format!("{}.*", family_of(known.name)), family_of(known.name).to_owned()] {
            let subscription = wanted(&[&text], None, None);
            subscription.check().unwrap();
            if known.stand == Stand::Log {
                assert!(subscription.compile().unwrap().wants(&event(known.name, |_| {})), "{text}");
            }
        }
    }
}

#[test]
fn what_cannot_be_read_is_told_with_what_to_write() {
    for (wanted, said) in [
        (wanted(&["Decision.Rejected"], None, None), "`Decision.Rejected` is no type"),
        (wanted(&["decison.*"], None, None), "did you mean `decision.*`?"),
        (wanted(&["decison"], None, None), "did you mean `decision.*`?"),
        (wanted(&["finding", "decision.rejectd"], None, None), "did you mean `decision.rejected`?"),
        (wanted(&["decision.quite_other"], None, None), "of `decision` there are decision.created, "),
        (wanted(&["foo"], None, None), "`foo` is no type of events: give a type"),
        (wanted(&["foo.*"], None, None), "docs/reference/events.md"),
        (wanted(&["request.received"], None, None), "half of a `request`"),
        (wanted(&["system.test"], None, None), "`picket destinations test`"),
        (wanted(&["tool_call"], None, None), "only other systems"),
        (wanted(&["a.*.b"], None, None), "no type"),
        (wanted(&[""], None, None), "no type"),
        (wanted(&[".*"], None, None), "no type"),
        (wanted(&[], Some("teem:x"), None), "the filter cannot be read"),
        (wanted(&["finding"; 65], None, None), "a family"),
    ] {
        let error = wanted.check().unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}
