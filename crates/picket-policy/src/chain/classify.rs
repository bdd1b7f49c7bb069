//! What a finding is worth: its place in the alert taxonomy.

use picket_event::{Action, Category, Phase, Severity};

/// Category, severity and code of a finding: the baselines of the alert taxonomy.
pub(super) fn classify(finding: &str, phase: Phase, verdict: Action) -> (Option<Category>, Severity, &'static str) {
    let refused = if verdict == Action::Escalate { "review_required" } else { "content_blocked" };
    match (finding, phase) {
        ("prompt_injection" | "jailbreak" | "prompt_extraction", _) => {
            (Some(Category::PromptAttack), Severity::High, refused)
        }
        ("markdown_exfil" | "active_content" | "encoded_data" | "bulk_data" | "prompt_leak", _) => (
            Some(Category::DataExfiltration),
            if phase == Phase::Output { Severity::High } else { Severity::Medium },
            refused,
        ),
        ("off_topic", _) => (Some(Category::GuardrailBlock), Severity::Low, refused),
        ("duplicate_prompts", _) => (Some(Category::Anomaly), Severity::Medium, refused),
        ("tool_denied", _) => (Some(Category::AgentBoundaryViolation), Severity::High, "tool_denied"),
        ("model_denied", _) => (Some(Category::GuardrailBlock), Severity::Low, "model_denied"),
        ("rate_limit", _) => (Some(Category::GuardrailBlock), Severity::Low, "rate_limit_exceeded"),
        ("unscanned", _) => (Some(Category::GuardrailBlock), Severity::Medium, "content_unscanned"),
        ("check_failed", _) => (Some(Category::GuardrailBlock), Severity::High, "check_failed"),
        ("secret" | "pii", Phase::Output) => (Some(Category::DataExfiltration), Severity::High, refused),
        ("secret", Phase::Input) => (Some(Category::GuardrailBlock), Severity::High, refused),
        _ => (Some(Category::GuardrailBlock), Severity::Medium, refused),
    }
}
