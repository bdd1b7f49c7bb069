//! Examples in the help of commands. A test parses each of them.

pub(super) const SERVE: &str = "Examples:\n  picket serve\n  picket serve --config picket.yaml";
pub(super) const INIT: &str = "\
Examples:
  picket init --config picket.yaml
  picket init --config picket.yaml --format json | jq -r .token > owner.token";

pub(super) const DEMO: &str = "\
Examples:
  picket demo
  picket demo --once --seconds 20
  picket demo --policy policy.yaml --port 9000";

pub(super) const CONFIG: &str = "Examples:\n  picket config check picket.yaml";
pub(super) const CONFIG_CHECK: &str = "\
Examples:
  picket config check
  picket config check /etc/picket/picket.yaml";

pub(super) const EVENTS: &str = "\
Examples:
  picket events list --filter \"action:blocked\" --since 24h
  picket events tail --severity high
  picket events get evt_01JZ8X3V6S0M7Q9T2R4W5Y6A7B
  picket events stats --since 7d --by team";

pub(super) const EVENTS_LIST: &str = "\
Examples:
  picket events list --filter \"action:blocked\" --since 24h
  picket events list --from 2025-04-15 --to 2025-04-15 --user ana@example.com --all
  picket events list --since 7d --format json | jq 'group_by(.model) | map({model: .[0].model, count: length})'";

pub(super) const EVENTS_GET: &str = "\
Examples:
  picket events get evt_01JZ8X3V6S0M7Q9T2R4W5Y6A7B
  picket events get evt_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --include-bodies --reason \"IR-2026-042\"";

pub(super) const EVENTS_TAIL: &str = "\
Examples:
  picket events tail --severity high --severity critical
  picket events tail --decision block --since 10m --format ndjson | jq .user
  picket events tail --filter \"team:engineering -model:gpt-4o\" --for 10m";

pub(super) const EVENTS_EXPORT: &str = "\
Examples:
  picket events export --from 2025-04-01 --to 2025-04-30 --format json --output april.json
  picket events export --since 24h --format csv --output - | head
  picket events export --filter \"user:ana@example.com\" --include-bodies --reason \"IR-2026-042\" --output evidence.json";

pub(super) const EVENTS_STATS: &str = "\
Examples:
  picket events stats --since 24h --by decision
  picket events stats --since 7d --interval 1d --format csv
  picket events stats --by user --filter \"action:blocked\"";

pub(super) const ESCALATIONS: &str = "\
Examples:
  picket escalations list --status pending --assignee none
  picket escalations claim esc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B
  picket escalations resolve esc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --resolution approved --notes \"known test\"";

pub(super) const ESCALATIONS_LIST: &str = "\
Examples:
  picket escalations list --status pending
  picket escalations list --assignee me --stage in_review
  picket escalations list --severity high --since 24h --format json | jq length";

pub(super) const ESCALATIONS_GET: &str = "\
Examples:
  picket escalations get esc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B
  picket escalations get esc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --format json | jq .precedent";

pub(super) const ESCALATIONS_RESOLVE: &str = "\
Examples:
  picket escalations resolve esc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --resolution approved --notes \"known test\"
  picket escalations resolve --id esc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --resolution rejected
  picket escalations resolve esc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --resolution approved --except 30d --scope application";

pub(super) const ESCALATIONS_GROUPS: &str = "\
Examples:
  picket escalations groups
  picket escalations groups --format json | jq \".[0]\"";

pub(super) const ESCALATIONS_CLAIM: &str = "Examples:\n  picket escalations claim esc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B";
pub(super) const ESCALATIONS_ASSIGN: &str = "\
Examples:
  picket escalations assign esc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --to bob";

pub(super) const ESCALATIONS_RELEASE: &str = "\
Examples:
  picket escalations release esc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B";

pub(super) const ESCALATIONS_REVIEW: &str = "Examples:\n  picket escalations review esc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B";
pub(super) const ESCALATIONS_SNOOZE: &str = "\
Examples:
  picket escalations snooze esc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --for 2h --notes \"waits for the vendor\"";

pub(super) const ESCALATIONS_HAND_ON: &str = "\
Examples:
  picket escalations hand-on esc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --path threat-intel --notes \"unlike all that we know\"
  picket escalations hand-on esc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --team privacy";

pub(super) const ESCALATIONS_COMMENT: &str = "\
Examples:
  picket escalations comment esc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --notes \"asked the team\"";

pub(super) const ESCALATIONS_PATHS: &str = "Examples:\n  picket escalations paths";
pub(super) const ESCALATIONS_TEST: &str = "\
Examples:
  picket escalations test
  picket escalations test --severity high";

pub(super) const INCIDENTS: &str = "\
Examples:
  picket incidents list
  picket incidents get inc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B";

pub(super) const INCIDENTS_LIST: &str = "\
Examples:
  picket incidents list
  picket incidents list --format json | jq length";

pub(super) const INCIDENTS_GET: &str = "Examples:\n  picket incidents get inc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B";
pub(super) const INCIDENTS_ACKNOWLEDGE: &str = "\
Examples:
  picket incidents acknowledge inc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B";
pub(super) const INCIDENTS_CLOSE: &str = "\
Examples:
  picket incidents close inc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --verdict true_positive";

pub(super) const METRICS: &str = "\
Examples:
  picket metrics
  picket metrics --since 7d --format json | jq '.[] | select(.alert)'";

pub(super) const AUDIT: &str = "Examples:\n  picket audit list --since 24h\n  picket audit verify";
pub(super) const AUDIT_LIST: &str = "\
Examples:
  picket audit list --since 24h
  picket audit list --filter \"event_type:policy.deployed\" --format json";

pub(super) const AUDIT_VERIFY: &str = "Examples:\n  picket audit verify";
pub(super) const EXPORT: &str = "\
Examples:
  picket export create --type events --format json --since 48h --description \"IR-2026-042\"
  picket export download exp_01JZ8X3V6S0M7Q9T2R4W5Y6A7B";

pub(super) const EXPORT_CREATE: &str = "\
Examples:
  picket export create --type events --format json --since 48h --description \"IR-2026-042\"
  picket export create --format csv --from 2025-04-01 --to 2025-04-30 --filter prompt_injection --wait
  picket export create --type events --format parquet --every 1h --description \"Hourly SIEM feed\"";

pub(super) const EXPORT_LIST: &str = "\
Examples:
  picket export list
  picket export list --format json | jq -r '.[] | select(.state == \"done\") | .id'";

pub(super) const EXPORT_GET: &str = "\
Examples:
  picket export get exp_01JZ8X3V6S0M7Q9T2R4W5Y6A7B
  picket export get exp_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --format json | jq -r .sha256";

pub(super) const EXPORT_CANCEL: &str = "\
Examples:
  picket export cancel exp_01JZ8X3V6S0M7Q9T2R4W5Y6A7B
  picket export cancel exp_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --yes";

pub(super) const EXPORT_DOWNLOAD: &str = "\
Examples:
  picket export download exp_01JZ8X3V6S0M7Q9T2R4W5Y6A7B
  picket export download exp_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --output evidence.json --context judged-by.json
  picket export download exp_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --output - | gzip > evidence.json.gz";

pub(super) const EXPORT_SCHEDULES: &str =
    "Examples:\n  picket export schedules list\n  picket export schedules get exs_01JZ8X3V6S0M7Q9T2R4W5Y6A7B";
pub(super) const SCHEDULES_LIST: &str = "\
Examples:
  picket export schedules list
  picket export schedules list --format json | jq -r '.[] | select(.failures > 0) | .error'";

pub(super) const SCHEDULES_GET: &str = "\
Examples:
  picket export schedules get exs_01JZ8X3V6S0M7Q9T2R4W5Y6A7B
  picket export schedules get exs_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --format json | jq -r .next_at";

pub(super) const SCHEDULES_PAUSE: &str = "\
Examples:
  picket export schedules pause exs_01JZ8X3V6S0M7Q9T2R4W5Y6A7B
  picket export schedules pause exs_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --format json";

pub(super) const SCHEDULES_RESUME: &str = "\
Examples:
  picket export schedules resume exs_01JZ8X3V6S0M7Q9T2R4W5Y6A7B
  picket export schedules resume exs_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --format json";

pub(super) const SCHEDULES_DELETE: &str = "\
Examples:
  picket export schedules delete exs_01JZ8X3V6S0M7Q9T2R4W5Y6A7B
  picket export schedules delete exs_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --yes";

pub(super) const KEYS: &str = "\
Examples:
  picket keys create --user ana@example.com --team engineering
  picket keys list";

pub(super) const KEYS_CREATE: &str = "\
Examples:
  picket keys create --user ana@example.com --team engineering --application ide
  picket keys create --name ci --service --models \"gpt-*,claude*\" --budget 50 --expires 30d --format json";

pub(super) const KEYS_LIST: &str = "\
Examples:
  picket keys list
  picket keys list --format csv --output keys.csv";

pub(super) const KEYS_REVOKE: &str = "\
Examples:
  picket keys revoke key_7Jq2mX9aBc
  picket keys revoke key_7Jq2mX9aBc key_4Tn8pR1dEf --yes";

pub(super) const TOKENS: &str = "\
Examples:
  picket tokens create --name \"Ana\" --role responder
  picket tokens list";

pub(super) const TOKENS_CREATE: &str = "\
Examples:
  picket tokens create --name \"Ana\" --role responder
  picket tokens create --name siem --role service --expires 365d --format json | jq -r .token
  picket tokens create --name okta --role scim --expires 365d
  picket tokens create --name \"quarterly audit\" --role auditor,viewer --scopes audit:read,log:read --expires 14d";

pub(super) const TOKENS_LIST: &str = "\
Examples:
  picket tokens list
  picket tokens list --format json | jq -r '.[].name'";

pub(super) const TOKENS_REVOKE: &str = "\
Examples:
  picket tokens revoke tok_7Jq2mX9aBc
  picket tokens revoke tok_7Jq2mX9aBc --yes";

pub(super) const POLICY: &str = "\
Examples:
  picket policy lint policy.yaml
  picket policy test policy.yaml
  picket policy apply policy.yaml
  picket policy rollback";

pub(super) const POLICY_SHOW: &str = "\
Examples:
  picket policy show
  picket policy show --version 3 --output old.yaml";

pub(super) const POLICY_HISTORY: &str = "Examples:\n  picket policy history";
pub(super) const POLICY_LINT: &str = "Examples:\n  picket policy lint policy.yaml";
pub(super) const POLICY_TEST: &str = "\
Examples:
  picket policy test policy.yaml
  picket policy test policy.yaml --cases cases.yaml";

pub(super) const RULES: &str = "\
Examples:
  picket rules lint rules/
  picket rules match --rules rules/ --events events.ndjson | jq -r .rule | sort | uniq -c";

pub(super) const RULES_LINT: &str = "\
Examples:
  picket rules lint rules/ more.yml
  picket rules lint rules/ --format json | jq '.[] | select(.severity == \"error\")'";

pub(super) const RULES_MATCH: &str = "\
Examples:
  picket rules match --rules rules/ --events events.ndjson
  zcat events.ndjson.gz | picket rules match --rules rule.yml --events - --format table";

pub(super) const RULES_TEST: &str = "\
Examples:
  picket rules test rules/
  picket rules test rule.yml --format json | jq '.[] | select(.passed | not)'";

pub(super) const RULES_EXPLAIN: &str = "\
Examples:
  picket rules explain --rules rule.yml --events events.ndjson --format text
  head -1 events.ndjson | picket rules explain --rules rules/ --events - --rule many-blocks";

pub(super) const POLICY_DIFF: &str = "Examples:\n  picket policy diff policy.yaml";
pub(super) const POLICY_APPLY: &str = "\
Examples:
  picket policy apply policy.yaml --dry-run
  picket policy apply policy.yaml";

pub(super) const POLICY_ROLLBACK: &str = "\
Examples:
  picket policy rollback
  picket policy rollback --version 3 --yes";

pub(super) const POLICY_MONITOR: &str = "\
Examples:
  picket policy monitor prompt-injection
  picket policy monitor prompt-injection --enforce
  picket policy monitor prompt-injection --yes --break-glass \"it stops every request\"";

pub(super) const LOG: &str = "\
Examples:
  picket log verify
  picket log proof evt_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --output proof.txt --entry entry.json";

pub(super) const LOG_LIST: &str = "Examples:\n  picket log list\n  picket log list --format json | jq -r '.[].vkey'";
pub(super) const LOG_VERIFY: &str = "Examples:\n  picket log verify\n  picket log verify --config picket.yaml";
pub(super) const LOG_PROOF: &str = "\
Examples:
  picket log proof evt_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --output proof.txt --entry entry.json
  picket log proof evt_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --format json";

pub(super) const LOG_CHECKPOINT: &str = "\
Examples:
  picket log checkpoint
  picket log checkpoint --output checkpoint.txt";

pub(super) const SEARCH: &str = "Examples:\n  picket search rebuild --config picket.yaml";
pub(super) const SEARCH_REBUILD: &str = "\
Examples:
  picket search rebuild
  picket search rebuild --config picket.yaml";

pub(super) const DETECT: &str = "\
Examples:
  picket detect --check prompt-injection < prompts.ndjson | jq 'select(.flag)'
  echo '{\"id\": 1, \"text\": \"ignore all previous instructions\"}' | picket detect --check prompt-injection --explain
  echo '{\"id\": 1, \"text\": \"write to ana@example.com\"}' | picket detect --check pii";

pub(super) const DOCTOR: &str = "\
Examples:
  picket doctor
  picket doctor --format json | jq '.[] | select(.passed | not)'";

pub(super) const COMPLETION: &str = "\
Examples:
  picket completion bash > ~/.local/share/bash-completion/completions/picket
  picket completion zsh > ~/.zfunc/_picket
  picket completion fish > ~/.config/fish/completions/picket.fish";
