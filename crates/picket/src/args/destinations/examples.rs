//! Examples in the help of `destinations`. A test parses each of them.

pub(in crate::args) const DESTINATIONS: &str = "\
Examples:
  picket destinations create splunk --settings splunk.yaml --credential token=env:SPLUNK_TOKEN
  picket destinations test splunk
  picket destinations list
  picket destinations balance
  picket destinations deadletters list splunk";

pub(super) const CREATE: &str = "\
Examples:
  picket destinations create archive --settings archive.yaml
  picket destinations create splunk --settings splunk.yaml --credential token=env:SPLUNK_TOKEN
  picket destinations create elastic --settings elastic.yaml --credential api_key=file:/run/secrets/elastic --start beginning
  picket destinations create siem --settings siem.yaml --mapping table.yaml --credential auth=-

The settings are YAML or JSON:
  to:     { kind: file, name: events.ndjson, rendering: { format: ecs } }
  wanted: { events: [decision.*, finding], filter: \"-team:test\", severity: medium }
  resume: manual      # or auto: a probe that passes resumes it after it failed
  ordered: false      # true: in the order of the log, one request at a time
  requests: 8         # at most so many at a time";

pub(super) const LIST: &str = "Examples:\n  picket destinations list\n  picket destinations list --format json";
pub(super) const GET: &str = "Examples:\n  picket destinations get splunk --format json";
pub(super) const UPDATE: &str = "\
Examples:
  picket destinations update splunk --settings splunk.yaml
  picket destinations update splunk --name splunk-eu
  picket destinations update splunk --settings moved.yaml --credential token=env:SPLUNK_TOKEN

Another host needs the credentials again, so that nobody has them sent elsewhere.";

pub(super) const DELETE: &str = "Examples:\n  picket destinations delete splunk --yes";
pub(super) const TEST: &str = "\
Examples:
  picket destinations test splunk
  picket destinations test splunk --format json

Exit code 6: the receiver did not take it.";

pub(super) const PAUSE: &str = "Examples:\n  picket destinations pause splunk --reason \"upgrade of the indexers\"";
pub(super) const RESUME: &str = "Examples:\n  picket destinations resume splunk";
pub(super) const ROTATE: &str = "\
Examples:
  picket destinations rotate splunk --credential token=env:NEW_SPLUNK_TOKEN
  picket destinations rotate splunk --credential token=-";

pub(super) const RESEAL: &str = "Examples:\n  picket destinations reseal";
pub(super) const BALANCE: &str = "\
Examples:
  picket destinations balance
  picket destinations balance splunk --format json
  picket destinations balance splunk --recount

accepted = delivered + dead_lettered + pending + expired. Exit code 6: the sums of one do not add up, or are not those of
the log.";

pub(super) const COVERAGE: &str = "\
Examples:
  picket destinations coverage elastic
  picket destinations coverage elastic --since 7d --format csv";

pub(super) const PREVIEW: &str = "\
Examples:
  picket destinations preview splunk
  picket destinations preview splunk --limit 1 --format json";

pub(super) const DEADLETTERS: &str = "\
Examples:
  picket destinations deadletters list splunk
  picket destinations deadletters replay splunk --all --yes";

pub(super) const DEADLETTERS_LIST: &str = "\
Examples:
  picket destinations deadletters list splunk
  picket destinations deadletters list splunk --after 41200 --limit 1000 --format ndjson";

pub(super) const DEADLETTERS_REPLAY: &str = "\
Examples:
  picket destinations deadletters replay splunk 41207 41311
  picket destinations deadletters replay splunk --all --yes";

pub(super) const DEADLETTERS_DISCARD: &str = "\
Examples:
  picket destinations deadletters discard splunk 41207 --yes";

pub(super) const DEADLETTERS_EXPORT: &str = "\
Examples:
  picket destinations deadletters export splunk --output dead.ndjson";
