//! Tickets and webhooks.

pub(super) mod examples;

use super::{EndArgs, ShowArgs, YesArgs};
use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum TicketsCommand {
    /// Tickets about findings and incidents, newest first.
    #[command(after_help = examples::TICKETS_LIST)]
    List {
        /// Where they stand.
        #[arg(long, value_parser = ["opening", "open", "acknowledged", "resolved", "failed"])]
        state: Option<String>,
        /// At most so many.
        #[arg(long, default_value = "100")]
        limit: u64,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// One ticket.
    #[command(after_help = examples::TICKETS_GET)]
    Get {
        /// Ticket id.
        id: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// What places did not take, and nobody tries any more.
    #[command(after_help = examples::TICKETS_DEAD)]
    DeadLetters {
        /// At most so many.
        #[arg(long, default_value = "100")]
        limit: u64,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Try dead letters anew: those of a ticket, or all.
    #[command(after_help = examples::TICKETS_REPLAY)]
    Replay {
        /// Only of this ticket.
        #[arg(long, value_name = "ID")]
        ticket: Option<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Where tickets are opened: ticket systems, chat, mail.
    #[command(subcommand, after_help = examples::PLACES)]
    Places(PlacesCommand),
    /// What is done about findings of which category by itself.
    #[command(subcommand, after_help = examples::RUNBOOK)]
    Runbook(RunbookCommand),
}

/// What a place is told.
#[derive(Debug, Args)]
pub(crate) struct PlaceArgs {
    /// A setting of its kind, as NAME=VALUE; the value is JSON or a text. Repeat for several.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) settings: Vec<String>,
    /// A credential: NAME=env:VARIABLE, NAME=file:PATH, or NAME=- for standard input. Repeat for several.
    #[arg(long = "credential", value_name = "NAME=SOURCE")]
    pub(crate) credentials: Vec<String>,
    /// What it is told of: alert, ticket, incident; what its kind is usually for without.
    #[arg(long, value_delimiter = ',', value_name = "WORDS")]
    pub(crate) takes: Option<Vec<String>>,
    /// Owners whose things it is told of, such as soc-l2; everybody's without.
    #[arg(long, value_delimiter = ',', value_name = "OWNERS")]
    pub(crate) owners: Option<Vec<String>>,
    /// At least so bad.
    #[arg(long)]
    pub(crate) severity: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PlacesCommand {
    /// Make a place.
    #[command(after_help = examples::PLACES_CREATE)]
    Create {
        /// Its name.
        name: String,
        /// What it is.
        #[arg(long, value_parser = ["pagerduty", "jira", "servicenow", "jsm_operations", "slack", "teams", "email"])]
        kind: String,
        #[command(flatten)]
        place: Box<PlaceArgs>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// All places, and how each stands.
    #[command(after_help = examples::PLACES_LIST)]
    List {
        #[command(flatten)]
        show: ShowArgs,
    },
    /// One place.
    #[command(after_help = examples::PLACES_GET)]
    Get {
        /// Id or name.
        id: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Change a place; what is not said stays.
    #[command(after_help = examples::PLACES_UPDATE)]
    Update {
        /// Id or name.
        id: String,
        /// Another name.
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        place: Box<PlaceArgs>,
        /// Let what is to be done there wait.
        #[arg(long, conflicts_with = "resume")]
        pause: bool,
        /// Go on.
        #[arg(long)]
        resume: bool,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Remove places with their credentials.
    #[command(after_help = examples::PLACES_DELETE)]
    Delete(EndArgs),
    /// Open a test ticket there, and resolve it.
    #[command(after_help = examples::PLACES_TEST)]
    Test {
        /// Id or name.
        id: String,
        #[command(flatten)]
        show: ShowArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunbookCommand {
    /// All lines.
    #[command(after_help = examples::RUNBOOK_LIST)]
    List {
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Decide what is done about a category; what is not said stays.
    #[command(after_help = examples::RUNBOOK_SET)]
    Set {
        /// Category of the alert taxonomy, or `other`.
        category: String,
        /// What is done.
        #[arg(long, value_parser = ["nothing", "alert", "ticket", "incident"])]
        action: Option<String>,
        /// About those that are at least so bad.
        #[arg(long)]
        severity: Option<String>,
        /// Who answers for them.
        #[arg(long, value_delimiter = ',', value_name = "OWNERS")]
        owners: Option<Vec<String>>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Go back to the usual.
    #[command(after_help = examples::RUNBOOK_RESET)]
    Reset {
        /// Category of the alert taxonomy, or `other`.
        category: String,
        #[command(flatten)]
        yes: YesArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum WebhooksCommand {
    /// Tell somebody of product events; the key is shown once.
    #[command(after_help = examples::WEBHOOKS_CREATE)]
    Create {
        /// Its name.
        name: String,
        /// Where it leads; env:VARIABLE where the URL is a secret.
        #[arg(long, value_name = "URL")]
        to: String,
        /// Types of product events, such as finding.created or incident.*
        #[arg(long, value_delimiter = ',', required = true)]
        events: Vec<String>,
        /// Of those, what it is told of, such as "severity:>=high".
        #[arg(long)]
        filter: Option<String>,
        /// How it is signed: v1 (HMAC-SHA-256) or v1a (Ed25519).
        #[arg(long, default_value = "v1", value_parser = ["v1", "v1a"])]
        scheme: String,
        /// The time of one exchange, 1s to 30s.
        #[arg(long, default_value = "10s")]
        timeout: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// All webhooks, and how each stands.
    #[command(after_help = examples::WEBHOOKS_LIST)]
    List {
        #[command(flatten)]
        show: ShowArgs,
    },
    /// One webhook.
    #[command(after_help = examples::WEBHOOKS_GET)]
    Get {
        /// Id or name.
        id: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Change, pause or bring back a webhook; what is not said stays.
    #[command(after_help = examples::WEBHOOKS_UPDATE)]
    Update {
        /// Id or name.
        id: String,
        /// Where it leads from now on, on the same host; env:VARIABLE where the URL is a secret.
        #[arg(long, value_name = "URL")]
        to: Option<String>,
        /// Types of product events.
        #[arg(long, value_delimiter = ',')]
        events: Option<Vec<String>>,
        /// Of those, what it is told of; "" for all.
        #[arg(long)]
        filter: Option<String>,
        /// The time of one exchange.
        #[arg(long)]
        timeout: Option<String>,
        /// Let what is new wait.
        #[arg(long, conflicts_with = "resume")]
        pause: bool,
        /// Go on, also where it was disabled.
        #[arg(long)]
        resume: bool,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Remove webhooks with all that is kept of them.
    #[command(after_help = examples::WEBHOOKS_DELETE)]
    Delete(EndArgs),
    /// Send a test message, and show what comes back.
    #[command(after_help = examples::WEBHOOKS_TEST)]
    Test {
        /// Id or name.
        id: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Make a new key; messages are signed with the old one too for a while.
    #[command(after_help = examples::WEBHOOKS_ROTATE)]
    Rotate {
        /// Id or name.
        id: String,
        /// How long the old key counts beside the new one, at most 7d.
        #[arg(long, default_value = "24h", value_name = "DURATION")]
        keep: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// How sending went, newest first.
    #[command(after_help = examples::WEBHOOKS_ATTEMPTS)]
    Attempts {
        /// Id or name.
        id: String,
        /// At most so many.
        #[arg(long, default_value = "100")]
        limit: u64,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Send a message once more, under its id.
    #[command(after_help = examples::WEBHOOKS_REPLAY)]
    Replay {
        /// Id or name.
        id: String,
        /// The message, from `attempts`.
        #[arg(long, value_name = "ID")]
        message: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// For developers: follow product events here, and post them, signed, to a program of your own.
    #[command(after_help = examples::WEBHOOKS_LISTEN)]
    Listen {
        /// Where to post them.
        #[arg(long, value_name = "URL")]
        forward_to: String,
        /// Types of product events; all without.
        #[arg(long, value_delimiter = ',')]
        events: Vec<String>,
        /// Of those, what is posted, such as "severity:>=high".
        #[arg(long)]
        filter: Option<String>,
        /// Also what was recorded since: 24h, 7d, or a time.
        #[arg(long, value_parser = crate::time::checked)]
        since: Option<String>,
        /// File with the key (`whsec_…` or `whsk_…`); a new one without, which is printed.
        #[arg(long, value_name = "FILE")]
        key_file: Option<std::path::PathBuf>,
        /// Stop after so many.
        #[arg(long)]
        max: Option<u64>,
    },
}
