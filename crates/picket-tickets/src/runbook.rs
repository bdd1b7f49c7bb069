//! What is done about findings by itself: the usual runbook, and what a workspace decided otherwise.

use picket_event::{Category, Severity, Workspace};
use picket_store::tickets::{self, Action, Line, Place, PlaceState};
use rusqlite::Connection;

/// The line of findings that are of no category.
pub const OTHER: &str = "other";

/// The lines of a workspace, one for each category and one for the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runbook(Vec<Line>);

impl Default for Runbook {
    fn default() -> Self {
        let categories = Category::ALL.iter().map(|category| usual(Some(*category)));
        Self(categories.chain([usual(None)]).collect())
    }
}

impl Runbook {
    /// What counts in a workspace.
    pub fn read(connection: &Connection, workspace: &Workspace) -> Result<Self, rusqlite::Error> {
        let mut runbook = Self::default();
        for chosen in tickets::lines(connection, workspace)? {
            if let Some(line) = runbook.0.iter_mut().find(|line| line.category == chosen.category) {
                *line = chosen;
            }
        }
        Ok(runbook)
    }

    /// Every line.
    pub fn lines(&self) -> &[Line] {
        &self.0
    }

    /// The line of a category.
    pub fn line(&self, category: Option<Category>) -> Option<&Line> {
        let name = category.map_or(OTHER, Category::as_str);
        self.0.iter().find(|line| line.category == name)
    }

    /// What is done about something of a category that is so bad.
    pub fn action(&self, category: Option<Category>, severity: Severity) -> Action {
        let line = self.line(category).filter(|line| severity >= line.severity);
        line.map_or(Action::Nothing, |line| line.action)
    }

    /// Who answers for something of a category.
    pub fn owners(&self, category: Option<Category>) -> Vec<String> {
        self.line(category).map(|line| line.owners.clone()).unwrap_or_default()
    }

    /// Whether a place is told of something.
    pub fn concerns(&self, place: &Place, action: Action, (category, severity): (Option<Category>, Severity)) -> bool {
        let owners = self.owners(category);
        place.state == PlaceState::Active
            && severity >= place.severity
            && place.takes.iter().any(|word| word == action.as_str())
            && (place.owners.is_empty() || place.owners.iter().any(|owner| owners.contains(owner)))
    }
}

/// The usual line of a category. A rule that counts blocks says "high" when there were too many; a single block is less.
pub fn usual(category: Option<Category>) -> Line {
    use Action::{Alert, Incident, Ticket};
    let (action, severity, owners): (_, _, &[&str]) = match category {
        Some(Category::GuardrailBlock) => (Ticket, Severity::High, &["ai-platform"]),
        Some(Category::JudgeFlag) => (Ticket, Severity::Medium, &["ai-security", "soc-l1"]),
        Some(Category::Anomaly) => (Ticket, Severity::Medium, &["soc-l1"]),
        Some(Category::PromptAttack) => (Incident, Severity::High, &["soc-l2", "ai-security"]),
        Some(Category::DataExfiltration) => (Incident, Severity::High, &["soc-l2"]),
        Some(Category::AgentBoundaryViolation) => (Incident, Severity::Low, &["ai-platform", "soc-l2"]),
        Some(Category::ModelDrift) => (Alert, Severity::Medium, &["ai-platform"]),
        None => (Ticket, Severity::High, &["soc-l1"]),
    };
    Line {
        category: category.map_or(OTHER, Category::as_str).to_owned(),
        action,
        severity,
        owners: owners.iter().map(|owner| (*owner).to_owned()).collect(),
        changed: None,
    }
}

#[cfg(test)]
mod tests;
