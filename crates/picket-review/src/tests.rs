use crate::{Measures, PATHS, Route, Routing, Times, paths_of};
use picket_event::{Category, Event, EventType, Severity};
use picket_stdx::Timestamp;
use picket_store::escalations::Measured;

fn event(category: Category, severity: Severity) -> Event {
    let mut event = Event::new(EventType::REQUEST, "ws", Timestamp::default());
    (event.category, event.severity) = (Some(category), severity);
    (event.finding_type, event.team) = (Some("pii".to_owned()), Some("sales".to_owned()));
    event
}

#[test]
fn the_first_route_that_fits_counts_and_without_one_the_taxonomy_does() {
    let to = |to: &str, route: Route| Route { to: to.to_owned(), ..route };
    let routing = Routing {
        routes: vec![
            to("nights", Route { severity: Some(Severity::Critical), ..Route::default() }),
            to(
                "privacy",
                Route { kind: Some("pii".to_owned()), user_team: Some("sales".to_owned()), ..Route::default() },
            ),
            to("apps", Route { application: Some("ide".to_owned()), ..Route::default() }),
        ],
        two_for: Vec::new(),
    };
    for (category, severity, team, expected) in [
        (Category::PromptAttack, Severity::Critical, "sales", "nights"),
        (Category::PromptAttack, Severity::High, "sales", "privacy"),
        (Category::PromptAttack, Severity::High, "other", "soc-l2"),
        (Category::ModelDrift, Severity::Low, "other", "ai-security"),
        (Category::AgentBoundaryViolation, Severity::Low, "other", "ai-platform"),
    ] {
        let event = Event { team: Some(team.to_owned()), ..event(category, severity) };
        assert_eq!(routing.team_of(&event).as_deref(), Some(expected), "{category:?} {severity:?} {team}");
    }
    let uncategorised = Event { category: None, team: None, ..event(Category::Anomaly, Severity::Low) };
    assert_eq!(routing.team_of(&uncategorised), None);
}

#[test]
fn every_category_has_a_path_and_every_path_a_name_of_its_own() {
    for category in Category::ALL {
        assert!(paths_of(Some(*category)).count() > 0, "{category:?}");
    }
    assert_eq!(paths_of(None).count(), 0);
    let mut names: Vec<&str> = PATHS.iter().map(|path| path.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), PATHS.len());
}

#[test]
fn times_are_of_those_that_it_happened_to_and_open_ones_have_none() {
    let at = |seconds| Timestamp::from_millis(seconds * 1_000);
    let one = |queued: Option<i64>, touched: Option<i64>, verdict: Option<&str>| Measured {
        created_at: at(100),
        queued_at: queued.map(at),
        touched_at: touched.map(at),
        verdict: verdict.map(str::to_owned),
        expired: false,
    };
    let measures = Measures::of(&[
        one(Some(101), Some(161), Some("false_positive")),
        one(Some(103), Some(123), Some("true_positive")),
        one(Some(102), None, None),
        one(None, Some(140), Some("duplicate")),
        one(Some(90), Some(80), Some("benign")),
    ]);
    let seconds =
        |times: Option<Times>| times.map(|times| [times.mean, times.p50, times.p90].map(|time| time.as_secs()));
    assert_eq!(seconds(measures.detect), Some([1, 1, 3]), "a clock that stepped back gives no time below nothing");
    assert_eq!(seconds(measures.triage), Some([30, 20, 60]));
    assert_eq!(measures.triage.map(|times| times.count), Some(4));
    let verdicts = measures.verdicts;
    assert_eq!((verdicts.false_positive, verdicts.decided(), verdicts.undetermined), (1, 3, 1));
    assert_eq!(Measures::of(&[Measured { expired: true, ..one(None, None, None) }]).expired, 1);
    assert_eq!(Measures::of(&[]), Measures::default());
}
