//! Content packs: what is installed in a receiver.

use super::ShowArgs;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, Subcommand};
use picket_packs::Pack;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum PacksCommand {
    /// The packs that there are, and the kind of destination that each is for; `destination.yaml` in it is one.
    #[command(after_help = PACKS_LIST)]
    List(ShowArgs),
    /// Write the files of a pack into a folder; its README.md says how to install them. No server is needed.
    #[command(after_help = PACKS_WRITE)]
    Write(WritePackArgs),
}

#[derive(Debug, Args)]
pub(crate) struct WritePackArgs {
    /// Which.
    #[arg(value_name = "PACK", value_parser = PossibleValuesParser::new(Pack::ALL.iter().map(|pack| pack.as_str())).try_map(|word| word.parse::<Pack>()))]
    pub(crate) pack: Pack,
    /// The folder; it is made if it is missing.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) into: PathBuf,
    /// Vendor, where the configuration has another one in `destinations.vendor`: letters and digits.
    #[arg(long, default_value = "Picket")]
    pub(crate) vendor: String,
    /// Index of Splunk.
    #[arg(long, default_value = "ai_security")]
    pub(crate) index: String,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

pub(super) const PACKS: &str = "Examples:\n  picket packs list\n  picket packs write splunk --into splunk-pack";
const PACKS_LIST: &str = "\
Examples:
  picket packs list --format json | jq -r '.[].pack'";

const PACKS_WRITE: &str = "\
Examples:
  picket packs write sentinel --into sentinel-pack --vendor Acme";
