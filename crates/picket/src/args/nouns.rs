//! Export jobs, keys, tokens, policies, logs and what else is less often used.

use super::{EndArgs, ProposalsCommand, ShowArgs, YesArgs, examples, proposals};
use crate::time::checked;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// Start a job.
    #[command(after_help = examples::EXPORT_CREATE)]
    Create {
        /// What to export.
        #[arg(long = "type", default_value = "events")]
        kind: String,
        /// Format of the file.
        #[arg(long, value_enum, default_value = "json")]
        format: JobFormat,
        /// Recorded since; with `--every`, what the first export begins with.
        #[arg(long, value_parser = checked)]
        since: Option<String>,
        /// Happened from.
        #[arg(long, value_parser = checked)]
        from: Option<String>,
        /// Happened until.
        #[arg(long, visible_alias = "until", value_parser = checked)]
        to: Option<String>,
        /// Filter.
        #[arg(long)]
        filter: Option<String>,
        /// Why; shown in the list.
        #[arg(long)]
        description: Option<String>,
        /// Prompts and answers too; recorded.
        #[arg(long)]
        include_bodies: bool,
        /// Again after each period, such as `1h`, of what came since the last time: makes a schedule.
        #[arg(long, value_name = "DURATION", conflicts_with_all = ["from", "to", "wait"])]
        every: Option<String>,
        /// Finished files that are kept with `--every`.
        #[arg(long, requires = "every", value_name = "FILES")]
        keep: Option<u32>,
        /// Wait until the file is ready.
        #[arg(long)]
        wait: bool,
    },
    /// Exports that come after each period.
    #[command(subcommand, after_help = examples::EXPORT_SCHEDULES)]
    Schedules(SchedulesCommand),
    /// All jobs, newest first.
    #[command(after_help = examples::EXPORT_LIST)]
    List {
        #[command(flatten)]
        show: ShowArgs,
    },
    /// One job.
    #[command(after_help = examples::EXPORT_GET)]
    Get {
        /// Export id.
        id: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Stop a job that waits or runs.
    #[command(after_help = examples::EXPORT_CANCEL)]
    Cancel {
        /// Export id.
        id: String,
        #[command(flatten)]
        yes: YesArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Fetch the file and check its digest.
    #[command(after_help = examples::EXPORT_DOWNLOAD)]
    Download {
        /// Export id.
        id: String,
        /// The file; the job's own name without it. What an interrupted download left beside it is gone on with.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Write the policies and decisions that belong to the events to this file too.
        #[arg(long, value_name = "FILE")]
        context: Option<PathBuf>,
        /// Replace an existing file.
        #[arg(long)]
        force: bool,
    },
}

/// The format of the file of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum JobFormat {
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// Comma-separated values.
    Csv,
    /// Columns, compressed.
    Parquet,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SchedulesCommand {
    /// All schedules, oldest first.
    #[command(after_help = examples::SCHEDULES_LIST)]
    List {
        #[command(flatten)]
        show: ShowArgs,
    },
    /// One schedule.
    #[command(after_help = examples::SCHEDULES_GET)]
    Get {
        /// Schedule id.
        id: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Export nothing for now.
    #[command(after_help = examples::SCHEDULES_PAUSE)]
    Pause {
        /// Schedule id.
        id: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Go on, with what came meanwhile.
    #[command(after_help = examples::SCHEDULES_RESUME)]
    Resume {
        /// Schedule id.
        id: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Remove a schedule; its exports stay.
    #[command(after_help = examples::SCHEDULES_DELETE)]
    Delete {
        /// Schedule id.
        id: String,
        #[command(flatten)]
        yes: YesArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make a key; its secret is printed once.
    #[command(after_help = examples::KEYS_CREATE)]
    Create {
        /// What it is for.
        #[arg(long)]
        name: Option<String>,
        /// User.
        #[arg(long)]
        user: Option<String>,
        /// Team.
        #[arg(long)]
        team: Option<String>,
        /// Application.
        #[arg(long)]
        application: Option<String>,
        /// Models that it may ask for, with `*`, separated by commas.
        #[arg(long, value_delimiter = ',')]
        models: Vec<String>,
        /// Budget in US dollars.
        #[arg(long, value_parser = dollars)]
        budget: Option<f64>,
        /// Life [default: 90d].
        #[arg(long)]
        expires: Option<String>,
        /// It may assert the end user.
        #[arg(long)]
        service: bool,
        /// Addresses that may use it, CIDR, separated by commas.
        #[arg(long, value_delimiter = ',')]
        addresses: Vec<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// All keys.
    #[command(after_help = examples::KEYS_LIST)]
    List {
        #[command(flatten)]
        show: ShowArgs,
    },
    /// End keys; within a second nothing accepts them.
    #[command(after_help = examples::KEYS_REVOKE)]
    Revoke(EndArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokensCommand {
    /// Make a token; its secret is printed once.
    #[command(after_help = examples::TOKENS_CREATE)]
    Create {
        /// Whose it is or what it is for.
        #[arg(long)]
        name: String,
        /// owner, admin, policy-editor, policy-approver, responder, auditor, dpo, viewer or service, several separated by
        /// commas; or scim, with which an identity provider sends users.
        #[arg(long)]
        role: String,
        /// Only these scopes of what the roles may do, such as events:read, separated by commas.
        #[arg(long, value_delimiter = ',')]
        scopes: Vec<String>,
        /// Addresses that may use it, CIDR, separated by commas.
        #[arg(long, value_delimiter = ',')]
        addresses: Vec<String>,
        /// Life [default: 90d].
        #[arg(long)]
        expires: Option<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// All tokens.
    #[command(after_help = examples::TOKENS_LIST)]
    List {
        #[command(flatten)]
        show: ShowArgs,
    },
    /// End tokens.
    #[command(after_help = examples::TOKENS_REVOKE)]
    Revoke(EndArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// The policy in force.
    #[command(after_help = examples::POLICY_SHOW)]
    Show {
        /// Another version.
        #[arg(long)]
        version: Option<u64>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// All versions, newest first.
    #[command(after_help = examples::POLICY_HISTORY)]
    History {
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Check a document without a server.
    #[command(after_help = examples::POLICY_LINT)]
    Lint {
        /// The document.
        file: PathBuf,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Run cases against a document without a server.
    #[command(after_help = examples::POLICY_TEST)]
    Test {
        /// The document.
        file: PathBuf,
        /// The cases; those inside the document by default.
        #[arg(long, value_name = "FILE")]
        cases: Option<PathBuf>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// What would change.
    #[command(after_help = examples::POLICY_DIFF)]
    Diff {
        /// The document.
        file: PathBuf,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Policies that wait for a second person.
    #[command(subcommand, after_help = proposals::EXAMPLES)]
    Proposals(ProposalsCommand),
    /// Make a document the policy in force, or propose it where that takes two people.
    #[command(after_help = examples::POLICY_APPLY)]
    Apply {
        /// The document.
        file: PathBuf,
        /// Only check and show what would change.
        #[arg(long)]
        dry_run: bool,
        /// Where a change takes two people: why it cannot wait for the second. For those who may write and approve.
        #[arg(long, value_name = "WHY", conflicts_with = "dry_run")]
        break_glass: Option<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Go back to the version before, or to a given one.
    #[command(after_help = examples::POLICY_ROLLBACK)]
    Rollback {
        /// The version.
        #[arg(long)]
        version: Option<u64>,
        #[command(flatten)]
        yes: YesArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Let a kind only watch, at once.
    #[command(after_help = examples::POLICY_MONITOR)]
    Monitor {
        /// Kind or name in the chain.
        kind: String,
        /// Enforce again.
        #[arg(long)]
        enforce: bool,
        /// Where a change takes two people: why it cannot wait for the second. For those who may write and approve.
        #[arg(long, value_name = "WHY")]
        break_glass: Option<String>,
        #[command(flatten)]
        yes: YesArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum LogCommand {
    /// All logs of the store.
    #[command(after_help = examples::LOG_LIST)]
    List {
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Verify the whole store: entries, tree, checkpoints, bodies.
    #[command(after_help = examples::LOG_VERIFY)]
    Verify {
        /// Data folder of a store that is not running; the running server without it.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// A proof that an event is in the log.
    #[command(after_help = examples::LOG_PROOF)]
    Proof {
        /// Event id.
        event: String,
        /// Write the exact bytes of the log entry to this file too, so that the proof can be checked without a server.
        #[arg(long, value_name = "FILE")]
        entry: Option<PathBuf>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// The signed checkpoint of a log.
    #[command(after_help = examples::LOG_CHECKPOINT)]
    Checkpoint {
        /// Log id; the workspace's log without it.
        log: Option<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SearchCommand {
    /// Build the index anew from the log, of a store that is not running.
    #[command(after_help = examples::SEARCH_REBUILD)]
    Rebuild {
        /// Configuration file.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

/// How much time detectors may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tier {
    /// Fast enough for the path of a request.
    Inline,
    /// Everything.
    Full,
}

#[derive(Debug, Args)]
pub(crate) struct DetectArgs {
    /// prompt-injection, pii, secret, safety-filter, exfiltration-guard or prompt-leak (with a `system` on each line).
    #[arg(long)]
    pub(crate) check: String,
    /// On requests or on answers.
    #[arg(long, value_parser = ["input", "output"], default_value = "input")]
    pub(crate) direction: String,
    /// Which detectors: `inline`, those of the gateway, or `full`, slower ones too where a check has any, as prompt-injection and pii have.
    #[arg(long, value_enum, default_value = "inline")]
    pub(crate) tier: Tier,
    /// Say why: the views that were looked at, rules with their places and weights, the model's share, context and checksum of values.
    #[arg(long)]
    pub(crate) explain: bool,
    /// How to show it; with --explain at a terminal `text` (which needs it), else `json`.
    #[arg(long, value_enum)]
    pub(crate) format: Option<Shown>,
}

/// How results of detectors are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shown {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// An amount of money that somebody can spend.
fn dollars(text: &str) -> Result<f64, String> {
    let amount = text.parse().ok().filter(|amount: &f64| amount.is_finite() && *amount >= 0.0);
    amount.ok_or_else(|| "expected US dollars, such as 50 or 0.5".to_owned())
}
