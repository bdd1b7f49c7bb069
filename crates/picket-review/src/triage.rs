//! What an analyst asks himself at a signal, and whom he hands it to: the analyst-driven paths of the alert taxonomy.

use picket_event::Category;

/// A way out of the queue of the first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Path {
    /// Its name, for one step: `hand-on --path soc-l2`.
    pub name: &'static str,
    /// The signal that leads to it.
    pub signal: &'static str,
    /// The question that decides whether it is taken.
    pub question: &'static str,
    /// The team at its end.
    pub team: &'static str,
    /// Categories whose escalations it is offered for.
    pub categories: &'static [Category],
}

/// Every path.
pub const PATHS: &[Path] = &[
    Path {
        name: "ai-team",
        signal: "judge flags that repeat, at low severity",
        question: "Does the user test boundaries, or is it legitimate work?",
        team: "ai-team",
        categories: &[Category::JudgeFlag, Category::GuardrailBlock, Category::ModelDrift],
    },
    Path {
        name: "soc-l2",
        signal: "output of unusual volume, or a technique of injection that is new",
        question: "Is it a batch job or known pattern, or does somebody carry data out or try something new?",
        team: "soc-l2",
        categories: &[
            Category::Anomaly,
            Category::DataExfiltration,
            Category::PromptAttack,
            Category::AgentBoundaryViolation,
        ],
    },
    Path {
        name: "threat-intel",
        signal: "a technique of injection that is new",
        question: "Is the pattern known, or has nobody described it yet?",
        team: "threat-intel",
        categories: &[Category::PromptAttack],
    },
    Path {
        name: "vendor",
        signal: "a model that behaves otherwise than before",
        question: "Did the provider change the model, or is it an attack?",
        team: "vendor-liaison",
        categories: &[Category::ModelDrift],
    },
];

/// The paths that are offered for a category.
pub fn paths_of(category: Option<Category>) -> impl Iterator<Item = &'static Path> {
    PATHS.iter().filter(move |path| category.is_some_and(|category| path.categories.contains(&category)))
}
