//! The grammar of the command line: `noun verb`.

mod contain;
mod destinations;
mod detection;
mod examples;
mod exceptions;
mod integrations;
mod nouns;
mod packs;
mod people;
mod proposals;
mod review;
mod rules;
mod signals;
mod simulate;
mod wire;

use crate::output::{FileFormat, Format, When};
use crate::time::checked;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

pub(crate) use contain::{ChangeArgs, ContainArgs, ContainCommand};
pub(crate) use destinations::{ChosenArgs, DeadlettersCommand, DestinationsCommand, Switch, ToldArgs};
pub(crate) use detection::{EntitiesCommand, FindingsArgs, FindingsCommand, SuppressionsCommand, Verdict};
pub(crate) use exceptions::{ExceptArgs, ExceptionsCommand, ScopeWord};
pub(crate) use integrations::{PlaceArgs, PlacesCommand, RunbookCommand, TicketsCommand, WebhooksCommand};
pub(crate) use people::{
    AuthCommand, PasswordArgs, SessionsCommand, SubjectsCommand, TeamsCommand, TotpCommand, UsersCommand,
};

pub(crate) use nouns::{
    DetectArgs, ExportCommand, JobFormat, KeysCommand, LogCommand, PolicyCommand, SchedulesCommand, SearchCommand,
    Shown, Tier, TokensCommand,
};
pub(crate) use packs::{PacksCommand, WritePackArgs};
pub(crate) use proposals::{DecideArgs, ProposalsCommand};
pub(crate) use review::{AuditCommand, EscalationsCommand, IncidentsCommand, MetricsArgs, StepArgs};
pub(crate) use rules::{BacktestArgs, ChangeRuleArgs, ExplainArgs, InputArgs, MatchArgs, Matches, RulesCommand};
pub(crate) use signals::{SignalFormat, SignalsCommand};
pub(crate) use simulate::{Respond, SimulateArgs};
pub(crate) use wire::{DebugCommand, LineProfile, RenderArgs, WireFormat};

/// Security operations for AI traffic: a gateway that checks every request and answer, a tamper-evident log of all of
/// it, search, review and evidence.
#[derive(Debug, Parser)]
#[command(
    name = "picket",
    version,
    arg_required_else_help = true,
    after_help = "\
Examples:
  picket demo                          # see it work, with made-up traffic
  picket serve --config picket.yaml    # run it
  picket events list --filter \"action:blocked\" --since 24h
  picket events tail --severity high
  picket escalations list --status pending
  picket export create --type events --format json --since 48h --description \"IR-2026-042\"

Environment: PICKET_URL, PICKET_TOKEN (or API_TOKEN), PICKET_CA, PICKET_FORMAT, PICKET_TZ, NO_COLOR, FORCE_COLOR.
Exit codes: 0 ok, 1 failure, 2 usage, 3 not found, 4 denied, 5 conflict, 6 check failed, 7 unreachable,
8 done in part, 130 interrupted."
)]
pub(crate) struct Arguments {
    /// Where the control API is [default: http://127.0.0.1:8081].
    #[arg(long, global = true, env = "PICKET_URL", hide_env_values = true)]
    pub(crate) url: Option<String>,
    /// File with the token, `-` for standard input; else PICKET_TOKEN, API_TOKEN, or what `auth login` stored.
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) token_file: Option<PathBuf>,
    /// Certificates (PEM) of the authority that signed the server's certificate, instead of the public authorities.
    #[arg(long, global = true, value_name = "FILE", env = "PICKET_CA", hide_env_values = true)]
    pub(crate) ca: Option<PathBuf>,
    /// No notes on standard error.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Each request on standard error: what was asked for, the status, and the id to find it by in the server's log.
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,
    /// When to use colour; without it also NO_COLOR, FORCE_COLOR and TERM decide.
    #[arg(long, global = true, value_enum, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: When,
    /// Zone of the times in tables: UTC, local, Europe/Berlin, +02:00. JSON and CSV are always in UTC [default: UTC].
    #[arg(long, global = true, value_name = "ZONE", env = "PICKET_TZ", hide_env_values = true)]
    pub(crate) tz: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Whether errors are wanted as JSON too: known before the arguments are, since they may be what is wrong.
pub(crate) fn wants_json_errors() -> bool {
    let is_json = |word: String| matches!(word.as_str(), "json" | "ndjson");
    given("--format").into_iter().any(is_json) || crate::profile::variable("PICKET_FORMAT").is_some_and(is_json)
}

/// The arguments of this process.
pub(crate) fn parse() -> Result<Arguments, clap::Error> {
    let color = match color() {
        When::Auto => clap::ColorChoice::Auto,
        When::Always => clap::ColorChoice::Always,
        When::Never => clap::ColorChoice::Never,
    };
    let matches = Arguments::command().color(color).try_get_matches()?;
    Arguments::from_arg_matches(&matches)
}

/// When colour is wanted: known before the arguments are, since what is wrong with them is shown in colour too.
pub(crate) fn color() -> When {
    let given = given("--color").into_iter().next_back();
    given.and_then(|word| When::from_str(&word, false).ok()).unwrap_or(When::Auto)
}

/// The values of an option in the words of the command line.
fn given(option: &str) -> Vec<String> {
    let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let apart =
        words.iter().zip(words.iter().skip(1)).filter(|(word, _)| *word == option).map(|(_, value)| value.clone());
    let joined = words.iter().filter_map(|word| word.strip_prefix(option)?.strip_prefix('=')).map(str::to_owned);
    apart.chain(joined).collect()
}

/// The answer to the question that stands before what cannot be undone.
#[derive(Debug, Args)]
pub(crate) struct YesArgs {
    /// Do it without asking; needed where nobody can be asked.
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// What is ended, once that was confirmed.
#[derive(Debug, Args)]
pub(crate) struct EndArgs {
    /// Ids.
    #[arg(required = true, value_name = "ID")]
    pub(crate) ids: Vec<String>,
    #[command(flatten)]
    pub(crate) yes: YesArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server: gateway and control API.
    #[command(after_help = examples::SERVE)]
    Serve(ServeArgs),
    /// Set a store up without questions, and print the first administrator's token once.
    #[command(after_help = examples::INIT)]
    Init(InitArgs),
    /// Run everything in one process with a built-in provider and made-up traffic.
    #[command(after_help = examples::DEMO)]
    Demo(DemoArgs),
    /// Look at the configuration.
    #[command(subcommand, after_help = examples::CONFIG)]
    Config(ConfigCommand),
    /// Search, follow and export events.
    #[command(subcommand, after_help = examples::EVENTS)]
    Events(EventsCommand),
    /// The review queue.
    #[command(subcommand, after_help = examples::ESCALATIONS)]
    Escalations(EscalationsCommand),
    /// Exceptions from the policy: what was found by mistake, for whom, and until when.
    #[command(subcommand, after_help = exceptions::EXAMPLES)]
    Exceptions(ExceptionsCommand),
    /// What detection rules found.
    #[command(subcommand, after_help = detection::examples::FINDINGS)]
    Findings(FindingsCommand),
    /// Whom findings are about: their risk, and what is done about them.
    #[command(subcommand, after_help = detection::examples::ENTITIES)]
    Entities(EntitiesCommand),
    /// What nobody wants to be told of, and until when.
    #[command(subcommand, after_help = detection::examples::SUPPRESSIONS)]
    Suppressions(SuppressionsCommand),
    /// What reviewers handed on, and what findings opened.
    #[command(subcommand, after_help = examples::INCIDENTS)]
    Incidents(IncidentsCommand),
    /// Tickets and chat: what is opened elsewhere about findings and incidents, and where.
    #[command(subcommand, after_help = integrations::examples::TICKETS)]
    Tickets(TicketsCommand),
    /// Webhooks: who is told of product events.
    #[command(subcommand, after_help = integrations::examples::WEBHOOKS)]
    Webhooks(WebhooksCommand),
    /// What somebody may not do for a while: block, hold, make stricter, slow down; and the way back.
    #[command(subcommand, after_help = contain::CONTAIN)]
    Contain(ContainCommand),
    /// Signals: what other systems know, which rules go by.
    #[command(subcommand, after_help = signals::SIGNALS)]
    Signals(SignalsCommand),
    /// Systems that events are sent to: how each stands, what it would not take, and the sums.
    #[command(subcommand, after_help = destinations::DESTINATIONS)]
    Destinations(DestinationsCommand),
    /// Content packs: what is installed in the systems that events are sent to, so that events are of use there.
    #[command(subcommand, after_help = packs::PACKS)]
    Packs(PacksCommand),
    /// Export jobs on the server.
    #[command(subcommand, after_help = examples::EXPORT)]
    Export(ExportCommand),
    /// Gateway keys: credentials of applications for the data plane.
    #[command(subcommand, after_help = examples::KEYS)]
    Keys(KeysCommand),
    /// API tokens: credentials of people and services for the control API.
    #[command(subcommand, after_help = examples::TOKENS)]
    Tokens(TokensCommand),
    /// People who sign in at the control API.
    #[command(subcommand, after_help = people::examples::USERS)]
    Users(UsersCommand),
    /// Teams of users.
    #[command(subcommand, after_help = people::examples::TEAMS)]
    Teams(TeamsCommand),
    /// What users have who signed in.
    #[command(subcommand, after_help = people::examples::SESSIONS)]
    Sessions(SessionsCommand),
    /// Persons whose data is kept.
    #[command(subcommand, after_help = people::examples::SUBJECTS)]
    Subjects(SubjectsCommand),
    /// The policy that judges requests.
    #[command(subcommand, after_help = examples::POLICY)]
    Policy(PolicyCommand),
    /// Detection rules in Sigma's language: check them, hold events against them, and decide what they do.
    #[command(subcommand, after_help = examples::RULES)]
    Rules(RulesCommand),
    /// Traffic of people who do not exist, with attacks among it, to try rules on.
    #[command(after_help = simulate::SIMULATE)]
    Simulate(SimulateArgs),
    /// What a security team watches: block rate, queue, times to detect and to triage, false alarms.
    #[command(after_help = examples::METRICS)]
    Metrics(MetricsArgs),
    /// The audit log: what people and services did.
    #[command(subcommand, after_help = examples::AUDIT)]
    Audit(AuditCommand),
    /// The tamper-evident log.
    #[command(subcommand, after_help = examples::LOG)]
    Log(LogCommand),
    /// The index of events.
    #[command(subcommand, after_help = examples::SEARCH)]
    Search(SearchCommand),
    /// Sign in, or store a server and a token; passwords and second factors.
    #[command(subcommand, after_help = people::examples::AUTH)]
    Auth(AuthCommand),
    /// Run the gateway's inline detectors over JSON lines from standard input.
    #[command(after_help = examples::DETECT)]
    Detect(DetectArgs),
    /// Render events as other systems receive them, without a server.
    #[command(after_help = wire::RENDER)]
    Render(RenderArgs),
    /// What helps to check this program against others.
    #[command(subcommand, after_help = wire::DEBUG)]
    Debug(DebugCommand),
    /// Check that the server is reachable, ready and consistent.
    #[command(after_help = examples::DOCTOR)]
    Doctor(ShowArgs),
    /// Print a completion script, for `picket` and `kt`.
    #[command(after_help = examples::COMPLETION)]
    Completion {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Write the generated reference documents.
    #[command(hide = true)]
    GenerateDocs {
        /// Folder.
        folder: PathBuf,
        /// Only compare.
        #[arg(long)]
        check: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Configuration file; without one, safe defaults with data in ./picket-data.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Configuration file; without one, safe defaults with data in ./picket-data.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// `json` prints {"token":"…"}.
    #[arg(long, value_enum, default_value = "table")]
    pub(crate) format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Stop by itself, with a summary, and fail if a promise was broken.
    #[arg(long)]
    pub(crate) once: bool,
    /// How long traffic is played with --once; everything is played once at least.
    #[arg(long, default_value = "20")]
    pub(crate) seconds: u64,
    /// Port of the gateway; the control API takes the next one.
    #[arg(long, default_value = "8080")]
    pub(crate) port: u16,
    /// Play under a policy of your own, and see which attacks it lets through.
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Keep the data here; a temporary folder otherwise.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check a configuration, and print all its problems at once.
    #[command(after_help = examples::CONFIG_CHECK)]
    Check {
        /// The file; `picket.yaml` by default.
        #[arg(default_value = "picket.yaml")]
        file: PathBuf,
        /// The file, in the way `serve` takes it.
        #[arg(long = "config", value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct FormatArgs {
    /// How to show it.
    #[arg(long, value_enum, env = "PICKET_FORMAT", default_value = "table", hide_env = true)]
    pub(crate) format: Format,
}

/// How data is shown, and where it goes.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    pub(crate) format: FormatArgs,
    /// A file instead of standard output; `-` is standard output.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace an existing file.
    #[arg(long)]
    pub(crate) force: bool,
}

/// Which events.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Selection {
    /// Recorded since: 24h, 7d, or a time.
    #[arg(long, value_parser = checked)]
    pub(crate) since: Option<String>,
    /// Happened from: a time, or a date (that whole UTC day).
    #[arg(long, value_parser = checked)]
    pub(crate) from: Option<String>,
    /// Happened until: a time, or a date (that whole UTC day).
    #[arg(long, visible_alias = "until", value_parser = checked)]
    pub(crate) to: Option<String>,
    /// Filter, such as "action:blocked severity:>=high -team:test prompt_injection".
    #[arg(long)]
    pub(crate) filter: Option<String>,
    /// Severity; repeat for several.
    #[arg(long)]
    pub(crate) severity: Vec<String>,
    /// Decision; repeat for several.
    #[arg(long)]
    pub(crate) decision: Vec<String>,
    /// User.
    #[arg(long)]
    pub(crate) user: Vec<String>,
    /// Team.
    #[arg(long)]
    pub(crate) team: Vec<String>,
    /// Model.
    #[arg(long)]
    pub(crate) model: Vec<String>,
    /// Event type, `*` for all [default: request, unless the filter names types].
    #[arg(long, value_name = "TYPE")]
    pub(crate) event_type: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum EventsCommand {
    /// The newest events, oldest first.
    #[command(after_help = examples::EVENTS_LIST)]
    List {
        #[command(flatten)]
        selection: Selection,
        /// At most so many.
        #[arg(long, default_value = "100")]
        limit: u64,
        /// All of them.
        #[arg(long, conflicts_with = "limit")]
        all: bool,
        /// Only these fields, separated by commas.
        #[arg(long, value_delimiter = ',')]
        fields: Vec<String>,
        /// Print the parsed filter on standard error.
        #[arg(long)]
        explain: bool,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// One event, with its masked excerpts and its neighbours in the session.
    #[command(after_help = examples::EVENTS_GET)]
    Get {
        /// Event id.
        id: String,
        /// Show prompt and answer too; recorded with --reason.
        #[arg(long, requires = "reason")]
        include_bodies: bool,
        /// Why the bodies are read.
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Follow events as they happen.
    #[command(after_help = examples::EVENTS_TAIL)]
    Tail {
        #[command(flatten)]
        selection: Selection,
        /// End after so many events.
        #[arg(long)]
        max: Option<u64>,
        /// End after so long.
        #[arg(long = "for", value_name = "DURATION")]
        duration: Option<String>,
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Write all matching events into a file.
    #[command(after_help = examples::EVENTS_EXPORT)]
    Export {
        #[command(flatten)]
        selection: Selection,
        /// Prompts and answers too; recorded.
        #[arg(long)]
        include_bodies: bool,
        /// Why the bodies are read.
        #[arg(long)]
        reason: Option<String>,
        /// Format of the file.
        #[arg(long, value_enum, default_value = "json")]
        format: FileFormat,
        /// The file; standard output without it, or with `-`.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Replace an existing file.
        #[arg(long)]
        force: bool,
    },
    /// Counts over time and by field.
    #[command(after_help = examples::EVENTS_STATS)]
    Stats {
        #[command(flatten)]
        selection: Selection,
        /// Count by this field.
        #[arg(long)]
        by: Option<String>,
        /// Count by intervals of this length.
        #[arg(long)]
        interval: Option<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
}

#[cfg(test)]
mod tests;
