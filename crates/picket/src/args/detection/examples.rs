//! Examples in the help of commands. A test parses each of them.

pub(in crate::args) const FINDINGS: &str = "\
Examples:
  picket findings list --status unclosed
  picket findings acknowledge fnd_01JZ8X3V6S0M7Q9T2R4W5Y6A7B
  picket findings close fnd_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --verdict true_positive --note \"contained\"";

pub(super) const FINDINGS_LIST: &str = "\
Examples:
  picket findings list --status unclosed --severity high
  picket findings list --entity user:ana@example.com --since 7d
  picket findings list --shadow --rule many-blocks --format json | jq length";

pub(super) const FINDINGS_GET: &str = "\
Examples:
  picket findings get fnd_01JZ8X3V6S0M7Q9T2R4W5Y6A7B
  picket findings get fnd_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --format json | jq -r '.evidence[]'";

pub(super) const FINDINGS_ACKNOWLEDGE: &str = "\
Examples:
  picket findings acknowledge fnd_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --note \"asking the team\"";

pub(super) const FINDINGS_COMMENT: &str = "\
Examples:
  picket findings comment fnd_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --note \"a load test, says the team\"";

pub(super) const FINDINGS_CLOSE: &str = "\
Examples:
  picket findings close fnd_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --verdict true_positive --note \"contained\"
  picket findings close fnd_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --verdict false_positive --suppress 7d";

pub(in crate::args) const SUPPRESSIONS: &str = "\
Examples:
  picket suppressions create --rule many-blocks --entity user:load@example.com --expires 2d --reason \"load test\"
  picket suppressions list --active
  picket suppressions end sup_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --yes";

pub(super) const SUPPRESSIONS_CREATE: &str = "\
Examples:
  picket suppressions create --rule many-blocks --entity user:load@example.com --expires 2d --reason \"load test\"
  picket suppressions create --entity application:ci --reason \"red team until Friday\"";

pub(super) const SUPPRESSIONS_LIST: &str = "\
Examples:
  picket suppressions list --active
  picket suppressions list --format json | jq '.[] | select(.hits == 0) | .id'";

pub(super) const SUPPRESSIONS_END: &str = "\
Examples:
  picket suppressions end sup_01JZ8X3V6S0M7Q9T2R4W5Y6A7B
  picket suppressions end sup_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --yes";

pub(in crate::args) const ENTITIES: &str = "\
Examples:
  picket entities list --since 7d
  picket entities get user ana@example.com";

pub(super) const ENTITIES_LIST: &str = "\
Examples:
  picket entities list
  picket entities list --since 24h --limit 10 --format json | jq '.[] | {kind, id, risk}'";

pub(super) const ENTITIES_GET: &str = "\
Examples:
  picket entities get user ana@example.com
  picket entities get key key_7Jq2mX9aBc --format json | jq .risk";

pub(in crate::args) const RULES_LIST: &str = "\
Examples:
  picket rules list
  picket rules list --state shadow --format json | jq '.[] | {id, lacks, findings, false_positives}'";

pub(in crate::args) const RULES_GET: &str = "Examples:\n  picket rules get many-blocks";
pub(in crate::args) const RULES_ENABLE: &str = "\
Examples:
  picket rules enable many-blocks --reason \"two weeks in shadow, no false alarm\"
  picket rules enable many-blocks --respond true --reason \"agreed with the team\"";

pub(in crate::args) const RULES_SHADOW: &str = "\
Examples:
  picket rules shadow many-blocks --reason \"too many false alarms since Monday\"";

pub(in crate::args) const RULES_DISABLE: &str = "\
Examples:
  picket rules disable many-blocks --reason \"replaced by another\"";

pub(in crate::args) const RULES_STATUS: &str = "\
Examples:
  picket rules status
  picket rules status --format json | jq -r '.problems[]'";

pub(in crate::args) const RULES_RELOAD: &str = "Examples:\n  picket rules reload";
pub(in crate::args) const RULES_BACKTEST: &str = "\
Examples:
  picket rules backtest --rules rules/ --from 2025-04-01 --until 2025-04-30
  picket rules backtest --rules rule.yml --events events.ndjson --format json | jq '.[] | {rule, findings}'";
