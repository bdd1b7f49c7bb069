//! Which team decides what, and what takes two people.

use picket_event::{Category, Event, Severity};

/// Sends escalations to a team. What it does not name, it does not ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Route {
    /// Place in the alert taxonomy.
    pub category: Option<Category>,
    /// What was found.
    pub kind: Option<String>,
    /// At least so bad.
    pub severity: Option<Severity>,
    /// The team of the user who caused it.
    pub user_team: Option<String>,
    /// The application.
    pub application: Option<String>,
    /// The team that decides.
    pub to: String,
}

/// Who decides what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Routing {
    /// The first that fits counts; without one, the team that the taxonomy names.
    pub routes: Vec<Route>,
    /// Severities whose approval takes two people.
    pub two_for: Vec<Severity>,
}

impl Route {
    fn fits(&self, event: &Event) -> bool {
        let is = |wanted: &Option<String>, is: &Option<String>| wanted.is_none() || wanted == is;
        self.category.is_none_or(|category| event.category == Some(category))
            && self.severity.is_none_or(|severity| event.severity >= severity)
            && is(&self.kind, &event.finding_type)
            && is(&self.user_team, &event.team)
            && is(&self.application, &event.application)
    }
}

impl Routing {
    /// The team that decides what came of an event.
    pub fn team_of(&self, event: &Event) -> Option<String> {
        let found = self.routes.iter().find(|route| route.fits(event)).map(|route| route.to.clone());
        found.or_else(|| event.category.map(|category| owner_of(category).to_owned()))
    }
}

/// Who owns an alert of a category where nobody said otherwise: the owners of the runbooks of the alert taxonomy.
const fn owner_of(category: Category) -> &'static str {
    match category {
        Category::GuardrailBlock | Category::AgentBoundaryViolation => "ai-platform",
        Category::JudgeFlag | Category::ModelDrift => "ai-security",
        Category::PromptAttack | Category::Anomaly | Category::DataExfiltration => "soc-l2",
    }
}
