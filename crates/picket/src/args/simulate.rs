//! Traffic of people who do not exist.

use super::ShowArgs;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// Everything that is drawn goes by it.
    #[arg(long, default_value = "1")]
    pub(crate) seed: u64,
    /// People; a day of theirs is held in memory, some 50 KiB of each.
    #[arg(long, default_value = "200", value_parser = clap::value_parser!(u32).range(1..=20_000))]
    pub(crate) users: u32,
    /// Days, from a Monday on.
    #[arg(long, default_value = "24", value_parser = clap::value_parser!(u32).range(1..=400))]
    pub(crate) days: u32,
    /// Campaigns among them; `all` is each once.
    #[arg(long = "campaign", value_name = "NAME", value_parser = campaign)]
    pub(crate) campaigns: Vec<String>,
    /// Hold the events against rules and report of each campaign, instead of writing them.
    #[arg(long)]
    pub(crate) report: bool,
    /// Files of rules for the report, or folders of them; without any, those of the program.
    #[arg(long = "rules", num_args = 1.., value_name = "FILE", requires = "report")]
    pub(crate) rules: Vec<PathBuf>,
    /// Which responses come into force in the report.
    #[arg(long, value_enum, default_value = "usual", requires = "report")]
    pub(crate) respond: Respond,
    /// Where the labels go: a line with `event_id` and `campaign` for each event of one.
    #[arg(long, value_name = "FILE", conflicts_with = "report")]
    pub(crate) labels: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// Which responses come into force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Respond {
    /// None.
    None,
    /// Those of rules that respond when nobody decided.
    Usual,
    /// Those of every rule that needs nobody's agreement.
    All,
}

fn campaign(word: &str) -> Result<String, String> {
    let all = picket_simulate::Campaign::ALL;
    if word == "all" || picket_simulate::Campaign::of(word).is_some() {
        return Ok(word.to_owned());
    }
    let words: Vec<&str> = all.iter().map(|campaign| campaign.as_str()).collect();
    Err(format!("expected all, {}", words.join(", ")))
}

pub(super) const SIMULATE: &str = "\
The same seed gives the same events. They are written as JSON, a line each, with times of their own: input for
`picket rules match` and `picket rules backtest`.

Examples:
  picket simulate --seed 7 --users 50 --days 21 --campaign extraction > events.ndjson
  picket simulate --seed 7 --campaign all --report
  picket simulate --seed 7 --campaign slow-exfiltration --labels labels.ndjson > events.ndjson";
