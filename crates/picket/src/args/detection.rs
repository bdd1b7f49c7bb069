//! Findings, suppressions and entities.

pub(super) mod examples;

use super::{EndArgs, ShowArgs};
use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum FindingsCommand {
    /// Findings, newest first; those of rules that only watch are left out.
    #[command(after_help = examples::FINDINGS_LIST)]
    List(FindingsArgs),
    /// One finding, with its evidence and what was done.
    #[command(after_help = examples::FINDINGS_GET)]
    Get {
        /// Finding id.
        id: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Take findings up.
    #[command(after_help = examples::FINDINGS_ACKNOWLEDGE)]
    Acknowledge {
        /// Finding ids.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// What there is to say.
        #[arg(long)]
        note: Option<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Say something about a finding.
    #[command(after_help = examples::FINDINGS_COMMENT)]
    Comment {
        /// Finding id.
        id: String,
        /// What.
        #[arg(long)]
        note: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Close findings, and say what they were.
    #[command(after_help = examples::FINDINGS_CLOSE)]
    Close {
        /// Finding ids.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// What they turned out to be.
        #[arg(long, value_enum)]
        verdict: Verdict,
        /// What there is to say.
        #[arg(long)]
        note: Option<String>,
        /// So long the rule says nothing more of that entity, such as 7d.
        #[arg(long, value_name = "DURATION")]
        suppress: Option<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
}

/// Which findings.
#[derive(Debug, Args)]
pub(crate) struct FindingsArgs {
    /// Where they stand; `unclosed` are open or acknowledged.
    #[arg(long, value_parser = ["open", "acknowledged", "closed", "unclosed"])]
    pub(crate) status: Option<String>,
    /// At least so bad.
    #[arg(long)]
    pub(crate) severity: Option<String>,
    /// Category of the alert taxonomy.
    #[arg(long)]
    pub(crate) category: Option<String>,
    /// Rule, by its id.
    #[arg(long)]
    pub(crate) rule: Option<String>,
    /// Whom they are about, as KIND:NAME.
    #[arg(long, value_name = "KIND:NAME")]
    pub(crate) entity: Option<String>,
    /// What they turned out to be.
    #[arg(long, value_enum)]
    pub(crate) verdict: Option<Verdict>,
    /// Those of rules that only watch, instead of the others.
    #[arg(long)]
    pub(crate) shadow: bool,
    /// Found since: 24h, 7d, or a time.
    #[arg(long)]
    pub(crate) since: Option<String>,
    /// At most so many.
    #[arg(long, default_value = "100")]
    pub(crate) limit: u64,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// What a finding turned out to be.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// It is real.
    #[value(alias = "true-positive")]
    TruePositive,
    /// There was nothing.
    #[value(alias = "false-positive")]
    FalsePositive,
    /// It is real, and authorised.
    Benign,
    /// Nobody can say.
    Undetermined,
}

impl Verdict {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::TruePositive => "true_positive",
            Self::FalsePositive => "false_positive",
            Self::Benign => "benign",
            Self::Undetermined => "undetermined",
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum SuppressionsCommand {
    /// Be told nothing of a rule, an entity, or a rule for an entity, for a while.
    #[command(after_help = examples::SUPPRESSIONS_CREATE)]
    Create {
        /// Rule, by its id.
        #[arg(long)]
        rule: Option<String>,
        /// Entity, as KIND:NAME.
        #[arg(long, value_name = "KIND:NAME")]
        entity: Option<String>,
        /// Why; everybody who looks at it reads this.
        #[arg(long)]
        reason: String,
        /// How long: 12h, 7d, at most 90d.
        #[arg(long, default_value = "7d", value_name = "DURATION")]
        expires: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Suppressions, newest first.
    #[command(after_help = examples::SUPPRESSIONS_LIST)]
    List {
        /// Only those that count.
        #[arg(long)]
        active: bool,
        /// At most so many.
        #[arg(long, default_value = "100")]
        limit: u64,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// End suppressions before their time.
    #[command(after_help = examples::SUPPRESSIONS_END)]
    End(EndArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum EntitiesCommand {
    /// Whom findings are about, those of most risk first.
    #[command(after_help = examples::ENTITIES_LIST)]
    List {
        /// Whose risk changed since: 24h, 7d, or a time.
        #[arg(long)]
        since: Option<String>,
        /// At most so many.
        #[arg(long, default_value = "100")]
        limit: u64,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Risk and its history, open findings and containments of one of them.
    #[command(after_help = examples::ENTITIES_GET)]
    Get {
        /// What it is.
        #[arg(value_parser = ["user", "key", "address", "application", "agent", "session", "model", "workspace"])]
        kind: String,
        /// Its name or id.
        id: String,
        #[command(flatten)]
        show: ShowArgs,
    },
}
