//! The review queue, what comes of it, and what tells how people do.

use super::{ExceptArgs, ShowArgs, examples};
use crate::time::checked;
use clap::{Args, Subcommand};

/// With which escalations something is done, and what is said with it.
#[derive(Debug, Args)]
pub(crate) struct StepArgs {
    /// Escalation ids.
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<String>,
    /// What there is to say.
    #[arg(long)]
    pub(crate) notes: Option<String>,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EscalationsCommand {
    /// The queue, most urgent first.
    #[command(after_help = examples::ESCALATIONS_LIST)]
    List {
        /// pending, resolved or expired.
        #[arg(long)]
        status: Option<String>,
        /// new, claimed, in_review or snoozed.
        #[arg(long)]
        stage: Option<String>,
        /// Severity.
        #[arg(long)]
        severity: Option<String>,
        /// Type of what was found.
        #[arg(long = "type")]
        kind: Option<String>,
        /// Place in the alert taxonomy.
        #[arg(long)]
        category: Option<String>,
        /// The user who caused it.
        #[arg(long)]
        user: Option<String>,
        /// The team that shall decide it.
        #[arg(long)]
        team: Option<String>,
        /// Who works on it: a name, `me` or `none`.
        #[arg(long)]
        assignee: Option<String>,
        /// Created since.
        #[arg(long, value_parser = checked)]
        since: Option<String>,
        /// At most so many.
        #[arg(long, default_value = "100")]
        limit: u64,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// What waits, equals together, most urgent first.
    #[command(after_help = examples::ESCALATIONS_GROUPS)]
    Groups {
        /// At most so many.
        #[arg(long, default_value = "100")]
        limit: u64,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// One escalation: how others like it ended, and whom it can be handed on to.
    #[command(after_help = examples::ESCALATIONS_GET)]
    Get {
        /// Escalation id.
        id: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Take escalations; what another has stays his.
    #[command(after_help = examples::ESCALATIONS_CLAIM)]
    Claim(StepArgs),
    /// Give escalations to somebody.
    #[command(after_help = examples::ESCALATIONS_ASSIGN)]
    Assign {
        #[command(flatten)]
        step: StepArgs,
        /// To whom.
        #[arg(long)]
        to: String,
    },
    /// Put escalations back for everybody.
    #[command(after_help = examples::ESCALATIONS_RELEASE)]
    Release(StepArgs),
    /// Say that you are looking at escalations.
    #[command(after_help = examples::ESCALATIONS_REVIEW)]
    Review(StepArgs),
    /// Put escalations out of sight for a time; the clock of their due time goes on.
    #[command(after_help = examples::ESCALATIONS_SNOOZE)]
    Snooze {
        /// Escalation ids.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// How long, such as 2h; at most 7d.
        #[arg(long = "for", value_name = "DURATION")]
        wait: String,
        /// Why they can wait.
        #[arg(long)]
        notes: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Hand escalations on to another team.
    #[command(after_help = examples::ESCALATIONS_HAND_ON)]
    HandOn {
        #[command(flatten)]
        step: StepArgs,
        /// By this path; `picket escalations paths` lists them.
        #[arg(long, conflicts_with = "team", required_unless_present = "team")]
        path: Option<String>,
        /// To this team.
        #[arg(long)]
        team: Option<String>,
    },
    /// Say something.
    #[command(after_help = examples::ESCALATIONS_COMMENT)]
    Comment {
        /// Escalation ids.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// What.
        #[arg(long)]
        notes: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Decide escalations.
    #[command(after_help = examples::ESCALATIONS_RESOLVE)]
    Resolve {
        /// Escalation ids.
        #[arg(value_name = "ID")]
        positional: Vec<String>,
        /// Escalation id.
        #[arg(long, conflicts_with = "positional")]
        id: Option<String>,
        /// approved, rejected or investigate (allow, deny and block are understood).
        #[arg(long)]
        resolution: String,
        /// Why.
        #[arg(long)]
        notes: Option<String>,
        /// true_positive, false_positive, benign, duplicate or undetermined, when it differs from what the resolution implies.
        #[arg(long)]
        verdict: Option<String>,
        #[command(flatten)]
        except: ExceptArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Whom escalations can be handed on to, and what to ask yourself first.
    #[command(after_help = examples::ESCALATIONS_PATHS)]
    Paths {
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Send a marked escalation through the whole way, and wait until it is in the queue.
    #[command(after_help = examples::ESCALATIONS_TEST)]
    Test {
        /// How bad it says it is.
        #[arg(long, default_value = "low")]
        severity: String,
        #[command(flatten)]
        show: ShowArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum IncidentsCommand {
    /// Incidents, newest first.
    #[command(after_help = examples::INCIDENTS_LIST)]
    List {
        /// At most so many.
        #[arg(long, default_value = "100")]
        limit: u64,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// One incident, with its tickets elsewhere.
    #[command(after_help = examples::INCIDENTS_GET)]
    Get {
        /// Incident id.
        id: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Take incidents up; their tickets hear of it.
    #[command(after_help = examples::INCIDENTS_ACKNOWLEDGE)]
    Acknowledge {
        /// Incident ids.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Close incidents, and say what they were; their tickets are resolved.
    #[command(after_help = examples::INCIDENTS_CLOSE)]
    Close {
        /// Incident ids.
        #[arg(required = true, value_name = "ID")]
        ids: Vec<String>,
        /// What they turned out to be.
        #[arg(long, value_parser = ["true_positive", "false_positive", "benign", "duplicate", "undetermined"])]
        verdict: String,
        #[command(flatten)]
        show: ShowArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct MetricsArgs {
    /// From when on.
    #[arg(long, default_value = "24h", value_parser = checked)]
    pub(crate) since: String,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Acts, newest first.
    #[command(after_help = examples::AUDIT_LIST)]
    List {
        /// Recorded since.
        #[arg(long, value_parser = checked)]
        since: Option<String>,
        /// Filter, as events take it.
        #[arg(long)]
        filter: Option<String>,
        /// At most so many.
        #[arg(long, default_value = "100")]
        limit: u64,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Verify that nothing was changed or taken out since it was recorded.
    #[command(after_help = examples::AUDIT_VERIFY)]
    Verify {
        #[command(flatten)]
        show: ShowArgs,
    },
}
