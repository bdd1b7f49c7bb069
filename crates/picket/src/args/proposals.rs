//! Policies that wait for a second person.

use super::ShowArgs;
use clap::{Args, Subcommand};

pub(super) const EXAMPLES: &str = "\
Examples:
  picket policy proposals list --status open
  picket policy proposals show prp_01JZ8X3V6S0M7Q9T2R4W5Y6A7B
  picket policy proposals approve prp_01JZ8X3V6S0M7Q9T2R4W5Y6A7B";

const LIST: &str = "\
Examples:
  picket policy proposals list
  picket policy proposals list --status open --format json | jq -r '.[].id'";

const SHOW: &str = "\
Examples:
  picket policy proposals show prp_01JZ8X3V6S0M7Q9T2R4W5Y6A7B
  picket policy proposals show prp_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --format json | jq -r .text";

const APPROVE: &str = "\
Examples:
  picket policy proposals approve prp_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --notes \"tested with last week's traffic\"";

const REJECT: &str = "\
Examples:
  picket policy proposals reject prp_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --notes \"it blocks the newsletter\"";

/// Which proposal, and what there is to say of it.
#[derive(Debug, Args)]
pub(crate) struct DecideArgs {
    /// Proposal id.
    pub(crate) id: String,
    /// What there is to say.
    #[arg(long)]
    pub(crate) notes: Option<String>,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProposalsCommand {
    /// Proposals, newest first.
    #[command(after_help = LIST)]
    List {
        /// open, approved or rejected.
        #[arg(long)]
        status: Option<String>,
        /// At most so many.
        #[arg(long, default_value = "100")]
        limit: u64,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// One proposal: what it would change.
    #[command(after_help = SHOW)]
    Show {
        /// Proposal id.
        id: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Bring what somebody else proposed into force.
    #[command(after_help = APPROVE)]
    Approve(DecideArgs),
    /// Refuse what somebody proposed.
    #[command(after_help = REJECT)]
    Reject(DecideArgs),
}
