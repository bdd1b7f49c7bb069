//! Examples in the help of commands. A test parses each of them.

pub(in crate::args) const TICKETS: &str = "\
Examples:
  picket tickets places create \"on call\" --kind pagerduty --credential routing_key=env:PAGERDUTY_KEY
  picket tickets runbook list
  picket tickets list --state failed";

pub(super) const TICKETS_LIST: &str = "\
Examples:
  picket tickets list
  picket tickets list --state failed --format json | jq -r '.[].error'";

pub(super) const TICKETS_GET: &str = "Examples:\n  picket tickets get tkt_01JZ8X3V6S0M7Q9T2R4W5Y6A7B";
pub(super) const TICKETS_DEAD: &str = "Examples:\n  picket tickets dead-letters";
pub(super) const TICKETS_REPLAY: &str = "\
Examples:
  picket tickets replay
  picket tickets replay --ticket tkt_01JZ8X3V6S0M7Q9T2R4W5Y6A7B";

pub(super) const PLACES: &str = "Examples:\n  picket tickets places list\n  picket tickets places test \"on call\"";
pub(super) const PLACES_CREATE: &str = "\
Examples:
  picket tickets places create \"on call\" --kind pagerduty --credential routing_key=env:PAGERDUTY_KEY
  picket tickets places create jira --kind jira --set url=https://example.atlassian.net --set email=picket@example.com --set project=SEC --credential api_token=file:token
  picket tickets places create chat --kind slack --takes alert,incident --owners soc-l2 --credential url=-";

pub(super) const PLACES_LIST: &str = "Examples:\n  picket tickets places list";
pub(super) const PLACES_GET: &str = "Examples:\n  picket tickets places get jira --format json | jq .settings";
pub(super) const PLACES_UPDATE: &str = "\
Examples:
  picket tickets places update jira --pause
  picket tickets places update jira --credential api_token=env:JIRA_TOKEN --resume";

pub(super) const PLACES_DELETE: &str = "Examples:\n  picket tickets places delete jira --yes";
pub(super) const PLACES_TEST: &str = "Examples:\n  picket tickets places test jira";
pub(super) const RUNBOOK: &str = "\
Examples:
  picket tickets runbook list
  picket tickets runbook set model-drift --action ticket --severity high --owners ai-platform,soc-l1";

pub(super) const RUNBOOK_LIST: &str = "Examples:\n  picket tickets runbook list";
pub(super) const RUNBOOK_SET: &str = "\
Examples:
  picket tickets runbook set anomaly --action nothing
  picket tickets runbook set other --action incident --severity critical";

pub(super) const RUNBOOK_RESET: &str = "Examples:\n  picket tickets runbook reset anomaly --yes";
pub(in crate::args) const WEBHOOKS: &str = "\
Examples:
  picket webhooks create paging --to https://example.com/hook --events finding.created,incident.*
  picket webhooks test paging
  picket webhooks listen --forward-to http://127.0.0.1:3000/hook";

pub(super) const WEBHOOKS_CREATE: &str = "\
Examples:
  picket webhooks create paging --to https://example.com/hook --events finding.created,incident.* --filter \"severity:>=high\"
  picket webhooks create audit --to env:AUDIT_HOOK --events policy.deployed,export.completed --scheme v1a";

pub(super) const WEBHOOKS_LIST: &str = "Examples:\n  picket webhooks list";
pub(super) const WEBHOOKS_GET: &str = "Examples:\n  picket webhooks get paging --format json | jq -r .public_key";
pub(super) const WEBHOOKS_UPDATE: &str = "\
Examples:
  picket webhooks update paging --resume
  picket webhooks update paging --events incident.* --filter \"\"";

pub(super) const WEBHOOKS_DELETE: &str = "Examples:\n  picket webhooks delete paging --yes";
pub(super) const WEBHOOKS_TEST: &str = "Examples:\n  picket webhooks test paging";
pub(super) const WEBHOOKS_ROTATE: &str = "Examples:\n  picket webhooks rotate paging --keep 48h";
pub(super) const WEBHOOKS_ATTEMPTS: &str = "Examples:\n  picket webhooks attempts paging --limit 10";
pub(super) const WEBHOOKS_REPLAY: &str = "\
Examples:
  picket webhooks replay paging --message msg_01JZ8X3V6S0M7Q9T2R4W5Y6A7B";

pub(super) const WEBHOOKS_LISTEN: &str = "\
Examples:
  picket webhooks listen --forward-to http://127.0.0.1:3000/hook
  picket webhooks listen --forward-to http://127.0.0.1:3000/hook --events finding.created --since 24h --max 1";
