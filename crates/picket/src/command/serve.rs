//! Commands that run the server's own code.

mod demo;

use super::{Context, log};
use crate::args::{ConfigCommand, DemoArgs, SearchCommand, ShowArgs};
use crate::failure::{Failure, Kind};
use crate::output::{self, Format};
use picket_detect::RuleSet;
use picket_server::{Config, ConfigError, Server, StartError};
use picket_stdx::{Clock, error_chain};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(super) fn serve(config: Option<PathBuf>) -> Result<ExitCode, Failure> {
    picket_server::init_telemetry();
    let config = load(config.as_deref())?;
    let server = Server::start(config, &Clock::system()).map_err(started)?;
    // Whoever reads the next lines may send one at once.
    let signals = server.signals()?;
    output::note(&format!("gateway      {}", server.gateway_url()));
    output::note(&format!("control API  {}", server.api_url()));
    if let Some(token) = server.setup_token() {
        output::note(&format!(
            "\nThis store has no administrator yet. Within 30 minutes, on this machine:\n\n  PICKET_TOKEN={} picket auth login --setup --url {}\n",
            token.reveal(),
            server.api_url()
        ));
    }
    match server.run(signals) {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(unfinished) => Err(Failure::general(format!("stopped before this had ended: {}", unfinished.0.join(", ")))),
    }
}

pub(super) fn init(config: Option<PathBuf>, format: Format) -> Result<(), Failure> {
    let config = load(config.as_deref())?;
    let token = picket_server::set_up(&config, &Clock::system()).map_err(started)?;
    match format {
        Format::Table | Format::Csv => {
            output::note("This is the only time that the first administrator's token is shown.");
            output::line(token.reveal())
        }
        Format::Json | Format::Ndjson => output::line(&json!({"token": token.reveal()}).to_string()),
    }
}

pub(super) fn demo(args: &DemoArgs) -> Result<ExitCode, Failure> {
    demo::run(args)
}

pub(super) fn config(command: ConfigCommand) -> Result<(), Failure> {
    let ConfigCommand::Check { file, config } = command;
    let file = config.unwrap_or(file);
    let checked = load(Some(&file))?;
    // A server starts without broken rules and says so; whoever checks wants to know before.
    let (_, mistakes) = RuleSet::load(&checked.detection.sources.read());
    if !mistakes.is_empty() {
        let mistakes = mistakes.into_iter().map(|mistake| format!("detection rules: {mistake}"));
        return Err(Failure::new(Kind::Usage, mistakes.collect::<Vec<_>>().join("\n")));
    }
    output::note(&format!("{}: good, version {}", file.display(), checked.version));
    Ok(())
}

pub(super) fn verify(config: &Path, show: &ShowArgs, context: &Context) -> Result<ExitCode, Failure> {
    let config = load(Some(config))?;
    let mut progress = |done: u64, all: u64| {
        if done == all || done.is_multiple_of(102_400) {
            context.note(&format!("verified {done} of {all} entries"));
        }
    };
    match picket_server::verify(&config, &Clock::system(), &mut progress) {
        Ok(reports) => {
            let rows: Vec<_> = reports.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
            context.list(&log::verified(&json!({ "logs": rows })), log::VERIFIED, show)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error @ StartError::Verify(_)) => Err(Failure::new(Kind::Gate, error_chain(&error))),
        Err(error) => Err(started(error)),
    }
}

pub(super) fn search(command: SearchCommand) -> Result<(), Failure> {
    let SearchCommand::Rebuild { config } = command;
    let config = load(config.as_deref())?;
    let mut last = 0;
    let mut progress = |done: u64, all: u64| {
        let percent = done.saturating_mul(100) / all.max(1);
        if percent >= last + 5 {
            last = percent;
            output::note(&format!("indexed {done} of {all} entries"));
        }
    };
    let entries = picket_server::rebuild_index(&config, &Clock::system(), &mut progress).map_err(started)?;
    output::note(&format!("the index covers {entries} entries"));
    Ok(())
}

fn load(file: Option<&Path>) -> Result<Config, Failure> {
    Config::load(file).map_err(|error| match error {
        ConfigError::Problems(_) => Failure::usage(error),
        ConfigError::Read { .. } => Failure::usage(error_chain(&error)),
    })
}

fn started(error: StartError) -> Failure {
    Failure::general(error_chain(&error))
}
