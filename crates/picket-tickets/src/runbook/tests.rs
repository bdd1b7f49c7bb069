use super::*;
use expect_test::expect;
use std::fmt::Write as _;

#[test]
fn the_usual_runbook_is_the_table_of_the_alert_taxonomy() {
    let mut table = String::new();
    for Line { category, action, severity, owners, .. } in Runbook::default().lines() {
        writeln!(table, "{category:24} {action:8} {severity:8} {}", owners.join(", ")).unwrap();
    }
    expect![[r#"
        guardrail_block          ticket   high     ai-platform
        judge_flag               ticket   medium   ai-security, soc-l1
        anomaly                  ticket   medium   soc-l1
        prompt_attack            incident high     soc-l2, ai-security
        data_exfiltration        incident high     soc-l2
        agent_boundary_violation incident low      ai-platform, soc-l2
        model_drift              alert    medium   ai-platform
        other                    ticket   high     soc-l1
    "#]]
    .assert_eq(&table);
}

#[test]
fn what_is_less_bad_than_the_line_says_is_there_to_be_seen() {
    let runbook = Runbook::default();
    for (category, severity, action) in [
        (Some(Category::GuardrailBlock), Severity::Medium, Action::Nothing),
        (Some(Category::GuardrailBlock), Severity::High, Action::Ticket),
        (Some(Category::JudgeFlag), Severity::Low, Action::Nothing),
        (Some(Category::JudgeFlag), Severity::Medium, Action::Ticket),
        (Some(Category::PromptAttack), Severity::Medium, Action::Nothing),
        (Some(Category::PromptAttack), Severity::Critical, Action::Incident),
        (Some(Category::AgentBoundaryViolation), Severity::Low, Action::Incident),
        (Some(Category::ModelDrift), Severity::Critical, Action::Alert),
        (None, Severity::Medium, Action::Nothing),
        (None, Severity::High, Action::Ticket),
    ] {
        assert_eq!(runbook.action(category, severity), action, "{category:?} {severity}");
    }
}
