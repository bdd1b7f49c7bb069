//! What other systems know.

use super::ShowArgs;
use clap::{Subcommand, ValueEnum};
use picket_signals::SignalType;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum SignalsCommand {
    /// Send the signals of a file, each taken once however often it is sent.
    #[command(after_help = IMPORT)]
    Import {
        /// The file, `-` for standard input.
        file: PathBuf,
        /// What it is; by the end of its name, without this.
        #[arg(long, value_enum)]
        from: Option<SignalFormat>,
        /// Type of those that say none: login, threat_intel, credential, badge, ticket, judge, metric, custom.
        #[arg(long = "type")]
        kind: Option<String>,
        /// System that those are from that say none; `stix` for a bundle, without this.
        #[arg(long)]
        source: Option<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Signals, newest last.
    #[command(after_help = LIST)]
    List {
        /// Only of this type: login, threat_intel, credential, badge, ticket, judge, metric, custom.
        #[arg(long = "type", value_parser = kind)]
        kind: Option<SignalType>,
        /// Only of this system.
        #[arg(long)]
        source: Option<String>,
        /// At most so many.
        #[arg(long, default_value = "100")]
        limit: u64,
        #[command(flatten)]
        show: ShowArgs,
    },
}

/// What a file of signals is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SignalFormat {
    /// A table whose first row names members of signals.
    Csv,
    /// One JSON object a line.
    Ndjson,
    /// A bundle of STIX 2.1, of which the indicators are taken.
    Stix,
}

pub(super) const SIGNALS: &str = "\
Examples:
  picket signals import vpn.csv --type login --source vpn
  picket signals import bundle.json --from stix --source misp
  picket signals list --type threat_intel";

const IMPORT: &str = "\
Columns of a table are members of signals (user, src_ip, timestamp, …), `attributes.NAME` or `metrics.NAME`; a name that is
no member is taken for an attribute.

Examples:
  picket signals import vpn.csv --type login --source vpn
  picket signals import badge.ndjson --source lenel
  picket signals import bundle.json --from stix --source misp
  picket signals import - --from ndjson --source okta --type login";

const LIST: &str = "\
Examples:
  picket signals list
  picket signals list --type login --source okta --format json";

fn kind(word: &str) -> Result<SignalType, String> {
    SignalType::of(word).ok_or_else(|| {
        let words: Vec<&str> = SignalType::ALL.iter().map(|kind| kind.as_str()).collect();
        format!("expected {}", words.join(", "))
    })
}
