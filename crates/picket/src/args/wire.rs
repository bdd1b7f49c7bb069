//! What other systems receive: renderings of events, and wire formats for checks of conformance.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct RenderArgs {
    /// canonical, ai_security, mapped, ecs, ocsf, ocsf-1.1, otel, cef or leef.
    #[arg(long = "as", value_name = "FORMAT")]
    pub(crate) format: String,
    /// Whose rules lines of cef and leef follow: the standard's, or those of the lines that other products print.
    #[arg(long, value_enum, default_value = "strict")]
    pub(crate) profile: LineProfile,
    /// Vendor in headers and members.
    #[arg(long, default_value = "Picket")]
    pub(crate) vendor: String,
    /// Product in headers and members.
    #[arg(long, default_value = "Picket")]
    pub(crate) product: String,
    /// Version in headers and members; that of this program without it.
    #[arg(long = "product-version", value_name = "VERSION")]
    pub(crate) product_version: Option<String>,
    /// More fields of the event for `canonical`, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "FIELDS")]
    pub(crate) extra: Vec<String>,
    /// A table of names of your own for `mapped`.
    #[arg(long, value_name = "FILE")]
    pub(crate) mapping: Option<PathBuf>,
    /// With --mapping: show for each member where it comes from and what it holds.
    #[arg(long, requires = "mapping")]
    pub(crate) preview: bool,
    /// Events as JSON lines, or as one JSON array; `-` is standard input.
    #[arg(default_value = "-", value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// Whose rules lines follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LineProfile {
    /// The standard's.
    Strict,
    /// Those of the lines that other products print, to the byte.
    AsPrinted,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DebugCommand {
    /// Encode raw fields: JSON lines in, for each a line {"wire": "…"} out, or {"error": "…"}.
    #[command(after_help = DEBUG_ENCODE)]
    Encode {
        /// The wire format; the help shows what a line looks like for each.
        #[arg(long, value_enum)]
        format: WireFormat,
        /// JSON lines; `-` is standard input.
        #[arg(default_value = "-", value_name = "FILE")]
        file: PathBuf,
    },
}

/// A wire format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WireFormat {
    Cef,
    Leef,
    Digest,
    Sharedkey,
    Syslog,
    Hec,
    Bulk,
    Webhook,
    Otlp,
    Ocsf,
}

pub(super) const RENDER: &str = "\
Examples:
  picket render --as cef events.ndjson
  picket render --as leef --profile as-printed --vendor Acme --product AIFirewall events.ndjson
  picket render --as canonical --extra user,model,request_id events.ndjson
  picket render --as mapped --mapping table.yaml --preview events.ndjson
  curl -H \"Authorization: Bearer $API_TOKEN\" \"$PICKET_URL/v1/events\" | picket render --as ocsf

A table of names is YAML or JSON: `fields` maps fields of events to names (`drop` leaves one out), `constants` adds members, \
`rest: keep` keeps all other fields under their own names. A mapping of fields to names alone is a table too.";

pub(super) const DEBUG: &str = "Examples:\n  picket debug encode --format cef < fields.ndjson";
pub(super) const DEBUG_ENCODE: &str = "\
Examples:
  picket debug encode --format cef < fields.ndjson | jq -r .wire
  picket debug encode --format digest bodies.ndjson

A line for each format; members with `?` may be absent:
cef        {\"header\":{\"deviceVendor\",\"deviceProduct\",\"deviceVersion\",\"deviceEventClassId\",
             \"name\",\"severity\"},\"extension\":[[\"key\",\"value\"],...]}
leef       {\"header\":{\"vendor\",\"product\",\"version\",\"eventId\"},\"delimiter\"?:\"^\" or \"x09\",
             \"attrs\":[[\"key\",\"value\"],...]}
digest     {\"workspace_id\",\"event_id\",\"body\"}; lower-case hex
sharedkey  {\"workspace_id\",\"shared_key_b64\",\"x_ms_date\",\"content_length\"}; what stands in
             Authorization
syslog     {\"facility\",\"severity\",\"timestamp\"?,\"hostname\"?,\"app_name\"?,\"procid\"?,\"msgid\"?,
             \"structured_data\"?:[[\"id\",[[\"name\",\"value\"],...]],...],\"message\"?,\"bom\"?:false,
             \"framing\"?:\"none\" or \"octet_counting\" or \"non_transparent\"}
hec        {\"time\":seconds,\"host\"?,\"source\"?,\"sourcetype\"?,\"index\"?,\"event\",\"fields\"?:{}}
bulk       {\"id\",\"document\":{},\"timestamp\"?}; two lines, an action and a document
webhook    {\"id\",\"timestamp\":seconds,\"body\",\"secrets\":[\"whsec_...\" or \"whsk_...\"]}; what stands
             in webhook-signature
otlp       {\"time_unix_nano\",\"observed_time_unix_nano\"?,\"severity_number\"?,\"severity_text\"?,
             \"event_name\"?,\"body\"?,\"attributes\"?:[[\"key\",value],...],\"trace_id\"?,\"span_id\"?,
             \"resource\"?:[[\"key\",value],...],\"scope_name\"?,\"scope_version\"?,\"schema_url\"?,
             \"encoding\"?:\"json\" or \"protobuf\"}; protobuf is base64
ocsf       {\"event\":an event,\"version\"?:\"1.8\" or \"1.1\"}, or the event alone";
