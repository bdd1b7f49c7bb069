//! One module per noun.

mod auth;
mod detect;
mod doctor;
mod escalations;
mod events;
mod export;
mod generate;
mod keys;
mod log;
mod policy;
mod serve;
mod tokens;

use crate::args::{Arguments, Command};
use crate::client::Client;
use crate::failure::Failure;
use crate::profile::Profile;
use std::process::ExitCode;

/// What every command that speaks to a server needs.
#[derive(Debug)]
pub(crate) struct Context {
    url: Option<String>,
    token_file: Option<std::path::PathBuf>,
    quiet: bool,
}

impl Context {
    fn client(&self) -> Result<Client, Failure> {
        Client::new(Profile::resolve(self.url.as_deref(), self.token_file.as_deref())?)
    }

    fn note(&self, text: &str) {
        if !self.quiet {
            crate::output::note(text);
        }
    }
}

/// Runs one command.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let Arguments { url, token_file, quiet, command } = arguments;
    let context = Context { url, token_file, quiet };
    let done = ExitCode::SUCCESS;
    match command {
        Command::Serve(args) => return serve::serve(args.config),
        Command::Init(args) => serve::init(args.config, args.format)?,
        Command::Demo(args) => return serve::demo(&args),
        Command::Config(command) => serve::config(command)?,
        Command::Events(command) => return events::run(command, &context),
        Command::Escalations(command) => escalations::run(command, &context)?,
        Command::Export(command) => export::run(command, &context)?,
        Command::Keys(command) => keys::run(command, &context)?,
        Command::Tokens(command) => tokens::run(command, &context)?,
        Command::Policy(command) => return policy::run(command, &context),
        Command::Log(command) => return log::run(command, &context),
        Command::Search(command) => serve::search(command)?,
        Command::Auth(command) => auth::run(command, &context)?,
        Command::Detect(args) => detect::run(&args)?,
        Command::Doctor(args) => return doctor::run(args.format, &context),
        Command::Completion { shell } => generate::completion(shell),
        Command::GenerateDocs { folder, check } => generate::documents(&folder, check)?,
    }
    Ok(done)
}
