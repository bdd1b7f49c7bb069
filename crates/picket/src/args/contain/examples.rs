//! Examples in the help of `contain`. A test parses each of them.

pub(in crate::args) const CONTAIN: &str = "\
Examples:
  picket contain block user ana@example.com --ttl 1h --reason \"tries other accounts\"
  picket contain list --state active
  picket contain undo cnt_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --reason \"it was a test\"";

pub(super) const CONTAIN_BLOCK: &str = "\
Examples:
  picket contain block user ana@example.com --ttl 1h --reason \"tries other accounts\"
  picket contain block address 203.0.113.0/24 --reason \"known bad network\"
  picket contain block user ana@example.com --model \"gpt-5*\" --ttl 1d --reason \"no ticket for that model\"
  picket contain block agent builder-7 --reason \"calls tools that it has no business with\" --dry-run";

pub(super) const CONTAIN_REVIEW: &str = "\
Examples:
  picket contain review session 7f3a --ttl 30m --reason \"odd answers\"";

pub(super) const CONTAIN_STRICT: &str = "\
Examples:
  picket contain strict application ide --ttl 4h --reason \"campaign against this application\"";

pub(super) const CONTAIN_THROTTLE: &str = "\
Examples:
  picket contain throttle key key_A1LF70TsFH --requests 10 --per 1m --reason \"runaway script\"";

pub(super) const CONTAIN_LIST: &str = "\
Examples:
  picket contain list
  picket contain list --state active --format json | jq length";

pub(super) const CONTAIN_GET: &str = "Examples:\n  picket contain get cnt_01JZ8X3V6S0M7Q9T2R4W5Y6A7B";
pub(super) const CONTAIN_UNDO: &str = "\
Examples:
  picket contain undo cnt_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --reason \"it was a test\"";

pub(super) const CONTAIN_APPROVE: &str = "Examples:\n  picket contain approve cnt_01JZ8X3V6S0M7Q9T2R4W5Y6A7B";
pub(super) const CONTAIN_REFUSE: &str = "\
Examples:
  picket contain refuse cnt_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --reason \"a colleague's test\"";
