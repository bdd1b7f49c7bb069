//! Detection rules.

use super::{ShowArgs, detection, examples};
use crate::args::Shown;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// Check rules without a server: every mistake with its place.
    #[command(after_help = examples::RULES_LINT)]
    Lint {
        /// Files of Sigma rules, or folders of them.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        data: DataArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Hold events against rules without a server, and print a line for each match.
    #[command(after_help = examples::RULES_MATCH)]
    Match(MatchArgs),
    /// Run the tests that stand in rules, without a server.
    #[command(after_help = examples::RULES_TEST)]
    Test {
        /// Files of Sigma rules, or folders of them.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Also demand what rules that are given to others need: id, level, category, reason, and tests in which they match,
        /// do not match, and mind no order.
        #[arg(long)]
        complete: bool,
        #[command(flatten)]
        data: DataArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Say why rules match an event, or how far they are from it.
    #[command(after_help = examples::RULES_EXPLAIN)]
    Explain(ExplainArgs),
    /// The server's rules: what they do, what they found, and how right they were.
    #[command(after_help = detection::examples::RULES_LIST)]
    List {
        /// Only those that do this.
        #[arg(long, value_parser = ["enabled", "shadow", "disabled"])]
        state: Option<String>,
        /// Only those that come from there.
        #[arg(long, value_parser = ["shipped", "configured"])]
        source: Option<String>,
        /// Also those that find nothing by themselves.
        #[arg(long)]
        parts: bool,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// One of the server's rules.
    #[command(after_help = detection::examples::RULES_GET)]
    Get {
        /// Id, name or title.
        rule: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Let rules find for people, and respond if --respond says so.
    #[command(after_help = detection::examples::RULES_ENABLE)]
    Enable {
        /// Whether their response is carried out; as before without it.
        #[arg(long)]
        respond: Option<bool>,
        #[command(flatten)]
        args: ChangeRuleArgs,
    },
    /// Let rules only watch: what they find is for whoever tries them.
    #[command(after_help = detection::examples::RULES_SHADOW)]
    Shadow(ChangeRuleArgs),
    /// Let rules find nothing.
    #[command(after_help = detection::examples::RULES_DISABLE)]
    Disable(ChangeRuleArgs),
    /// How the server's set of rules stands, and what was wrong when it was read last.
    #[command(after_help = detection::examples::RULES_STATUS)]
    Status(ShowArgs),
    /// Have the server read its files of rules again.
    #[command(after_help = detection::examples::RULES_RELOAD)]
    Reload(ShowArgs),
    /// What rules would have found, and their responses done, over the server's events or those of a file.
    #[command(after_help = detection::examples::RULES_BACKTEST)]
    Backtest(BacktestArgs),
}

/// Which rules, and why.
#[derive(Debug, Args)]
pub(crate) struct ChangeRuleArgs {
    /// Ids, names or titles.
    #[arg(required = true, value_name = "RULE")]
    pub(crate) rules: Vec<String>,
    /// Why.
    #[arg(long)]
    pub(crate) reason: String,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// Which rules over which events.
#[derive(Debug, Args)]
pub(crate) struct BacktestArgs {
    /// Files of Sigma rules, or folders of them; without any, those of the program.
    #[arg(long = "rules", num_args = 1.., value_name = "FILE")]
    pub(crate) rules: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Events of a file, one JSON object a line; `-` is standard input. Without it the server's.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["from", "until"])]
    pub(crate) events: Option<PathBuf>,
    /// The server's events from: a time, or a date.
    #[arg(long, value_parser = crate::time::checked)]
    pub(crate) from: Option<String>,
    /// The server's events until: a time, or a date (that whole day).
    #[arg(long, value_parser = crate::time::checked)]
    pub(crate) until: Option<String>,
    /// How much older than the newest event an event may be, for correlations.
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = milliseconds)]
    pub(crate) lateness: i64,
    /// What one rule says of one entity within this time is one finding.
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = milliseconds)]
    pub(crate) window: i64,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// What rules leave to the place where they run.
#[derive(Debug, Args)]
pub(crate) struct DataArgs {
    /// Values for placeholders, and what events of a log source have in common.
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Vec<PathBuf>,
}

/// Which rules and events.
#[derive(Debug, Args)]
pub(crate) struct InputArgs {
    /// Files of Sigma rules, or folders of them.
    #[arg(long = "rules", required = true, num_args = 1.., value_name = "FILE")]
    pub(crate) rules: Vec<PathBuf>,
    /// Events, one JSON object a line; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) events: PathBuf,
    #[command(flatten)]
    pub(crate) data: DataArgs,
    /// Go on without the rules that are broken.
    #[arg(long)]
    pub(crate) skip_broken: bool,
}

#[derive(Debug, Args)]
pub(crate) struct MatchArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// How much older than the newest event of its source an event may be, for correlations.
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = milliseconds)]
    pub(crate) lateness: i64,
    /// How to show matches.
    #[arg(long, value_enum, default_value = "ndjson")]
    pub(crate) format: Matches,
}

/// How matches are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Matches {
    /// One JSON object a line.
    Ndjson,
    /// Columns, tab-separated.
    Table,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    /// Only this rule, by id, name or title.
    #[arg(long)]
    pub(crate) rule: Option<String>,
    /// How to show it; `text` at a terminal, else `json`.
    #[arg(long, value_enum)]
    pub(crate) format: Option<Shown>,
}

fn milliseconds(text: &str) -> Result<i64, String> {
    let duration = picket_stdx::duration::parse(text).map_err(|error| error.to_string())?;
    i64::try_from(duration.as_millis()).map_err(|_error| "a shorter time is expected".to_owned())
}
