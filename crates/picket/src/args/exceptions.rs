//! Exceptions from the policy.

use super::{EndArgs, ShowArgs};
use clap::{Args, Subcommand, ValueEnum};

pub(super) const EXAMPLES: &str = "\
Examples:
  picket exceptions list --status active
  picket exceptions create --from-escalation esc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --expires 30d
  picket exceptions revoke exc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B";

const LIST: &str = "\
Examples:
  picket exceptions list
  picket exceptions list --status active --format json | jq -r '.[].id'";

const GET: &str = "\
Examples:
  picket exceptions get exc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B";

const CREATE: &str = "\
Examples:
  picket exceptions create --from-escalation esc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --scope team --expires 14d --reason \"test data\"
  picket exceptions create --policy pii-detector --type pii --rules EMAIL --application newsletter --reason \"sends mail\"";

const REVOKE: &str = "\
Examples:
  picket exceptions revoke exc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B
  picket exceptions revoke exc_01JZ8X3V6S0M7Q9T2R4W5Y6A7B --yes";

/// Whom an exception is for, of those whom an escalation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScopeWord {
    User,
    Team,
    Application,
    Key,
    Model,
}

/// What is excepted along with a decision.
#[derive(Debug, Args)]
pub(crate) struct ExceptArgs {
    /// Make an exception of it too, for so long, such as 30d; at most a year.
    #[arg(long, value_name = "DURATION")]
    pub(crate) except: Option<String>,
    /// Whom the exception is for, of those whom the escalation is about; several are separated by commas [default: user, or key].
    #[arg(long, value_enum, value_delimiter = ',', requires = "except")]
    pub(crate) scope: Vec<ScopeWord>,
    /// Except only the very texts in which something was found; credentials are excepted in no other way.
    #[arg(long, requires = "except")]
    pub(crate) exact: bool,
}

/// An exception to be made.
#[derive(Debug, Args)]
pub(crate) struct CreateExceptionArgs {
    /// The escalation that was a false positive: what it found is excepted.
    #[arg(long, value_name = "ID", conflicts_with_all = ["policy", "finding", "rules", "direction", "user", "team", "application", "key", "model"])]
    pub(crate) from_escalation: Option<String>,
    /// Whom it is for, of those whom the escalation is about; several are separated by commas [default: user, or key].
    #[arg(long, value_enum, value_delimiter = ',', requires = "from_escalation")]
    pub(crate) scope: Vec<ScopeWord>,
    /// Only the very texts in which something was found.
    #[arg(long, requires = "from_escalation")]
    pub(crate) exact: bool,
    /// The check, by its name in the chain.
    #[arg(long, requires = "finding", required_unless_present = "from_escalation")]
    pub(crate) policy: Option<String>,
    /// What it finds, such as prompt_injection.
    #[arg(long = "type", id = "finding", value_name = "TYPE")]
    pub(crate) finding: Option<String>,
    /// Rules or kinds of values, such as EMAIL, separated by commas; all of the check without any.
    #[arg(long, value_delimiter = ',')]
    pub(crate) rules: Vec<String>,
    /// Requests or answers; both without it.
    #[arg(long, value_parser = ["input", "output"])]
    pub(crate) direction: Option<String>,
    /// For this user.
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// For this team.
    #[arg(long)]
    pub(crate) team: Option<String>,
    /// For this application.
    #[arg(long)]
    pub(crate) application: Option<String>,
    /// For this gateway key, by its id.
    #[arg(long)]
    pub(crate) key: Option<String>,
    /// For this model.
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// For everybody; owners may.
    #[arg(long)]
    pub(crate) everywhere: bool,
    /// Why.
    #[arg(long)]
    pub(crate) reason: Option<String>,
    /// How long, such as 30d, which is the default; at most a year.
    #[arg(long)]
    pub(crate) expires: Option<String>,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExceptionsCommand {
    /// Exceptions, newest first.
    #[command(after_help = LIST)]
    List {
        /// active, revoked or expired.
        #[arg(long)]
        status: Option<String>,
        /// Those that came of this escalation.
        #[arg(long, value_name = "ID")]
        escalation: Option<String>,
        /// At most so many.
        #[arg(long, default_value = "100")]
        limit: u64,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// One exception.
    #[command(after_help = GET)]
    Get {
        /// Exception id.
        id: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Except what was found by mistake, for somebody and for a time.
    #[command(after_help = CREATE)]
    Create(Box<CreateExceptionArgs>),
    /// End exceptions; within a second what they covered is judged as before.
    #[command(after_help = REVOKE)]
    Revoke(EndArgs),
}
