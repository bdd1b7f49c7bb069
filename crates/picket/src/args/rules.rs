//! Detection rules.

use super::{ShowArgs, examples};
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
