//! What somebody may not do for a while.

mod examples;

use super::ShowArgs;
use clap::{Args, Subcommand, ValueEnum};
pub(super) use examples::CONTAIN;

#[derive(Debug, Subcommand)]
pub(crate) enum ContainCommand {
    /// Refuse requests.
    #[command(after_help = examples::CONTAIN_BLOCK)]
    Block(ContainArgs),
    /// Let every request wait for a person.
    #[command(after_help = examples::CONTAIN_REVIEW)]
    Review(ContainArgs),
    /// Refuse whatever a check finds, where it is otherwise only flagged, masked or watched.
    #[command(after_help = examples::CONTAIN_STRICT)]
    Strict(ContainArgs),
    /// Let only so many requests through in a time.
    #[command(after_help = examples::CONTAIN_THROTTLE)]
    Throttle {
        /// How many requests pass in `--per`.
        #[arg(long)]
        requests: u32,
        /// In how long.
        #[arg(long, default_value = "1m")]
        per: String,
        #[command(flatten)]
        args: ContainArgs,
    },
    /// Containments, newest first.
    #[command(after_help = examples::CONTAIN_LIST)]
    List {
        /// Only those that stand there.
        #[arg(long, value_parser = ["proposed", "active", "undone", "expired", "refused"])]
        state: Option<String>,
        /// At most so many.
        #[arg(long, default_value = "100")]
        limit: u64,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// One containment.
    #[command(after_help = examples::CONTAIN_GET)]
    Get {
        /// Containment id.
        id: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// End containments before their time.
    #[command(after_help = examples::CONTAIN_UNDO)]
    Undo(ChangeArgs),
    /// Agree to containments that wait for a second person.
    #[command(after_help = examples::CONTAIN_APPROVE)]
    Approve(ChangeArgs),
    /// Refuse containments that wait for a second person.
    #[command(after_help = examples::CONTAIN_REFUSE)]
    Refuse(ChangeArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ContainArgs {
    /// What the target is.
    pub(crate) kind: Target,
    /// Whom: a name, an id, an address or a network.
    pub(crate) target: String,
    /// Why; everybody who looks at it reads this.
    #[arg(long)]
    pub(crate) reason: String,
    /// How long, such as 30m or 2d; without it the operator's usual time.
    #[arg(long)]
    pub(crate) ttl: Option<String>,
    /// Only requests for these models, with `*`.
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// Only requests of this feature.
    #[arg(long)]
    pub(crate) feature: Option<String>,
    /// Only count whom it would concern.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ChangeArgs {
    /// Containment ids.
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// Why.
    #[arg(long)]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Target {
    /// A user whose name a key, a token or a service vouches for.
    User,
    /// A gateway key, by its id.
    Key,
    /// An address, or a network such as 203.0.113.0/24.
    Address,
    /// An application.
    Application,
    /// An agent, by the id in its requests.
    Agent,
    /// A session, by the id in its requests.
    Session,
}

impl Target {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Key => "key",
            Self::Address => "address",
            Self::Application => "application",
            Self::Agent => "agent",
            Self::Session => "session",
        }
    }
}
