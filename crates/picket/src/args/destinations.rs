//! Systems that events are sent to.

mod examples;

use super::{ShowArgs, YesArgs};
use clap::{Args, Subcommand, ValueEnum};
pub(super) use examples::DESTINATIONS;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum DestinationsCommand {
    /// Make a destination.
    #[command(after_help = examples::CREATE)]
    Create {
        /// Its name.
        name: String,
        #[command(flatten)]
        told: ToldArgs,
        /// Where it begins: `now`, `beginning`, or a time.
        #[arg(long, default_value = "now")]
        start: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// All destinations, and how each stands.
    #[command(after_help = examples::LIST)]
    List {
        #[command(flatten)]
        show: ShowArgs,
    },
    /// One destination, with what it is told and how it stands.
    #[command(after_help = examples::GET)]
    Get(OneArgs),
    /// Change what a destination is told, its name, or its credentials.
    #[command(after_help = examples::UPDATE)]
    Update {
        /// Id or name.
        id: String,
        /// Another name.
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        told: ToldArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Delete a destination with its credentials and dead letters.
    #[command(after_help = examples::DELETE)]
    Delete {
        /// Id or name.
        id: String,
        #[command(flatten)]
        yes: YesArgs,
    },
    /// Send a test event, and show what went out, what came back, and what was stored.
    #[command(after_help = examples::TEST)]
    Test(OneArgs),
    /// Send nothing more for now; events wait in the log.
    #[command(after_help = examples::PAUSE)]
    Pause {
        /// Id or name.
        id: String,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Go on sending.
    #[command(after_help = examples::RESUME)]
    Resume(OneArgs),
    /// Enter new credentials in place of the present ones.
    #[command(after_help = examples::ROTATE)]
    Rotate {
        /// Id or name.
        id: String,
        /// FIELD=env:NAME, FIELD=file:PATH, or FIELD=- for standard input; all of them.
        #[arg(long = "credential", required = true, value_name = "FIELD=SOURCE")]
        credentials: Vec<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Seal the credentials of all destinations anew, with a new key.
    #[command(after_help = examples::RESEAL)]
    Reseal {
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Accepted, delivered, dead-lettered, pending, expired: of one destination, or of all.
    #[command(after_help = examples::BALANCE)]
    Balance {
        /// Id or name; all without it.
        id: Option<String>,
        /// Count in the log what it wants, and compare; it may take minutes.
        #[arg(long, requires = "id")]
        recount: bool,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// How much of the events of each hour the receiver has.
    #[command(after_help = examples::COVERAGE)]
    Coverage {
        /// Id or name.
        id: String,
        /// From so long ago on, such as 7d; the last day without it.
        #[arg(long)]
        since: Option<String>,
        /// From a time on.
        #[arg(long, conflicts_with = "since")]
        from: Option<String>,
        /// Up to a time.
        #[arg(long)]
        to: Option<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// The newest events as the receiver would get them; nothing is sent.
    #[command(after_help = examples::PREVIEW)]
    Preview {
        /// Id or name.
        id: String,
        /// So many.
        #[arg(long, default_value = "5")]
        limit: u64,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Events that a destination would not take.
    #[command(subcommand, after_help = examples::DEADLETTERS)]
    Deadletters(DeadlettersCommand),
}

#[derive(Debug, Args)]
pub(crate) struct OneArgs {
    /// Id or name.
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// What a destination is told.
#[derive(Debug, Args)]
pub(crate) struct ToldArgs {
    /// YAML or JSON: `to` with `kind` and its options, `wanted`, `resume`, `ordered`, `requests`; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<PathBuf>,
    /// A table of names of your own, in place of `to.rendering.mapping`.
    #[arg(long, value_name = "FILE", requires = "settings")]
    pub(crate) mapping: Option<PathBuf>,
    /// Whether prompts and answers are sent, too: `wanted.bodies`. The configuration has to let them leave; recorded.
    #[arg(long, value_enum, value_name = "ON|OFF")]
    pub(crate) bodies: Option<Switch>,
    /// FIELD=env:NAME, FIELD=file:PATH, or FIELD=- for standard input. Never the secret itself: others see command lines.
    #[arg(long = "credential", value_name = "FIELD=SOURCE")]
    pub(crate) credentials: Vec<String>,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// They are.
    On,
    /// They are not.
    Off,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeadlettersCommand {
    /// Dead letters in the order of the log.
    #[command(after_help = examples::DEADLETTERS_LIST)]
    List {
        /// Id or name of the destination.
        id: String,
        /// Only those after this position.
        #[arg(long)]
        after: Option<u64>,
        /// At most so many.
        #[arg(long, default_value = "100")]
        limit: u64,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Send them once more.
    #[command(after_help = examples::DEADLETTERS_REPLAY)]
    Replay(ChosenArgs),
    /// Drop them for good; they stay counted.
    #[command(after_help = examples::DEADLETTERS_DISCARD)]
    Discard(ChosenArgs),
    /// All of them, each with its event.
    #[command(after_help = examples::DEADLETTERS_EXPORT)]
    Export {
        /// Id or name of the destination.
        id: String,
        /// A file instead of standard output; `-` is standard output.
        #[arg(long, short, value_name = "FILE", default_value = "-")]
        output: PathBuf,
        /// Replace an existing file.
        #[arg(long)]
        force: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ChosenArgs {
    /// Id or name of the destination.
    pub(crate) id: String,
    /// Positions, as `list` shows them.
    #[arg(value_name = "POSITION", required_unless_present = "all", conflicts_with = "all")]
    pub(crate) positions: Vec<u64>,
    /// All of them.
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) yes: YesArgs,
}
