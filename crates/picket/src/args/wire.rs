//! What other systems receive: renderings of events, and wire formats for checks of conformance.

use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

use super::examples;

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
    #[command(after_help = examples::DEBUG_ENCODE)]
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
