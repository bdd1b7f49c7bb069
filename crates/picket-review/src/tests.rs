use crate::{PATHS, Route, Routing, paths_of};
use picket_event::{Category, Event, EventType, Severity};
use picket_stdx::Timestamp;

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
