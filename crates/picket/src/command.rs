//! One module per noun.

mod audit;
mod auth;
mod contain;
mod destinations;
mod detect;
mod doctor;
mod encode;
mod entities;
mod escalations;
mod events;
mod exceptions;
mod export;
mod findings;
mod generate;
mod incidents;
mod keys;
mod log;
mod metrics;
mod packs;
mod policy;
mod proposals;
mod render;
mod rules;
mod serve;
mod sessions;
mod signals;
mod simulate;
mod subjects;
mod suppressions;
mod teams;
mod tickets;
mod tokens;
mod users;
mod webhooks;

use crate::args::{Arguments, Command, ShowArgs, YesArgs};
use crate::client::Client;
use crate::failure::Failure;
use crate::output::{self, Columns, Format, OutputFile, Written};
use crate::profile::Profile;
use crate::time;
use indicatif::{ProgressBar, ProgressStyle};
use picket_stdx::Zone;
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Exit code when only some of several things could be done.
const PARTIAL: u8 = 8;

/// What every command that speaks to a server needs.
#[derive(Debug)]
pub(crate) struct Context {
    url: Option<String>,
    token_file: Option<PathBuf>,
    ca: Option<PathBuf>,
    quiet: bool,
    verbose: bool,
    /// Of times in tables.
    zone: Zone,
}

impl Context {
    fn client(&self) -> Result<Client, Failure> {
        Client::new(self.profile(self.token_file.as_deref())?, self.verbose)
    }

    fn profile(&self, token_file: Option<&Path>) -> Result<Profile, Failure> {
        Profile::resolve(self.url.as_deref(), self.ca.as_deref(), token_file)
    }

    /// Asks before what cannot be undone; where nobody can be asked, it has to be said on the command line.
    fn confirm(&self, yes: &YesArgs, question: &str) -> Result<(), Failure> {
        if yes.yes {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
            return Err(Failure::usage(format!("{question}\nNobody can be asked here; --yes does it without asking")));
        }
        if output::ask(question)? { Ok(()) } else { Err(Failure::general("nothing was done")) }
    }

    /// A row or an object as it is shown: in tables, times are in the zone that was asked for.
    fn shown<'a>(&self, value: &'a Value, format: Format) -> Cow<'a, Value> {
        if format == Format::Table { time::shown(value, &self.zone) } else { Cow::Borrowed(value) }
    }

    /// Shows a list, or writes it to the file that was asked for.
    fn list(&self, rows: &[Value], columns: Columns<'_>, show: &ShowArgs) -> Result<(), Failure> {
        let format = show.format.format;
        let rows: Vec<Cow<'_, Value>> = rows.iter().map(|row| self.shown(row, format)).collect();
        self.deliver(&output::list(&rows, columns, format, is_wide(show))?, Some(rows.len()), show)
    }

    /// Shows an object, or writes it to the file that was asked for.
    fn object(&self, value: &impl Serialize, first: Columns<'_>, show: &ShowArgs) -> Result<(), Failure> {
        let value = serde_json::to_value(value)?;
        self.deliver(&output::object(&self.shown(&value, show.format.format), first, show.format.format)?, None, show)
    }

    fn deliver(&self, text: &str, rows: Option<usize>, show: &ShowArgs) -> Result<(), Failure> {
        let Some(path) = show.output.as_deref().filter(|path| *path != Path::new("-")) else {
            return output::print(text);
        };
        let mut file = OutputFile::create(path, show.force)?;
        file.write(text.as_bytes())?;
        self.written(&file.finish()?, rows.and_then(|rows| u64::try_from(rows).ok()));
        Ok(())
    }

    /// Says what a file became.
    fn written(&self, file: &Written, rows: Option<u64>) {
        let rows = rows.map(|rows| format!("{rows} rows, ")).unwrap_or_default();
        self.note(&format!("{}: {rows}{} bytes, sha256 {}", file.path.display(), file.bytes, file.sha256));
    }

    /// A bar on standard error for something that takes a while; hidden where nobody looks.
    fn progress(&self, length: u64, template: &str) -> ProgressBar {
        let bar = if self.quiet || !std::io::stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(length)
        };
        bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_bad| ProgressStyle::default_bar()))
    }

    fn note(&self, text: &str) {
        if !self.quiet {
            output::note(text);
        }
    }
}

fn is_wide(show: &ShowArgs) -> bool {
    show.output.is_none() && output::is_watched()
}

/// Does the same to each of several things: all succeed, or the first failure is the command's, or some failed.
fn each(
    ids: &[String],
    context: &Context,
    mut act: impl FnMut(&str) -> Result<Value, Failure>,
) -> Result<(Vec<Value>, ExitCode), Failure> {
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for id in ids {
        match act(id) {
            Ok(value) => done.push(value),
            Err(failure) => failed.push((id, failure)),
        }
    }
    if done.is_empty()
        && let Some((_, failure)) = failed.pop()
    {
        return Err(failure);
    }
    for (id, failure) in &failed {
        context.note(&format!("{id}: {failure}"));
    }
    Ok((done, if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(PARTIAL) }))
}

/// Runs one command.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let Arguments { url, token_file, ca, quiet, verbose, color: _, tz, command } = arguments;
    let zone = tz.filter(|name| !name.is_empty()).map(|name| name.parse().map_err(Failure::usage)).transpose()?;
    let context = Context { url, token_file, ca, quiet, verbose, zone: zone.unwrap_or(Zone::UTC) };
    let done = ExitCode::SUCCESS;
    match command {
        Command::Serve(args) => return serve::serve(args.config),
        Command::Init(args) => serve::init(args.config, args.format)?,
        Command::Demo(args) => return serve::demo(&args),
        Command::Config(command) => serve::config(command)?,
        Command::Events(command) => return events::run(command, &context),
        Command::Escalations(command) => return escalations::run(command, &context),
        Command::Exceptions(command) => return exceptions::run(command, &context),
        Command::Findings(command) => return findings::run(command, &context),
        Command::Entities(command) => entities::run(command, &context)?,
        Command::Suppressions(command) => return suppressions::run(command, &context),
        Command::Incidents(command) => return incidents::run(command, &context),
        Command::Tickets(command) => return tickets::run(command, &context),
        Command::Webhooks(command) => return webhooks::run(command, &context),
        Command::Contain(command) => return contain::run(command, &context),
        Command::Signals(command) => return signals::run(command, &context),
        Command::Simulate(args) => return simulate::run(&args, &context),
        Command::Metrics(args) => metrics::run(&args, &context)?,
        Command::Audit(command) => return audit::run(command, &context),
        Command::Destinations(command) => return destinations::run(command, &context),
        Command::Packs(command) => packs::run(command, &context)?,
        Command::Export(command) => export::run(command, &context)?,
        Command::Keys(command) => return keys::run(command, &context),
        Command::Tokens(command) => return tokens::run(command, &context),
        Command::Users(command) => return users::run(command, &context),
        Command::Teams(command) => return teams::run(command, &context),
        Command::Sessions(command) => return sessions::run(command, &context),
        Command::Subjects(command) => subjects::run(command, &context)?,
        Command::Policy(command) => return policy::run(command, &context),
        Command::Rules(command) => return rules::run(command, &context),
        Command::Log(command) => return log::run(command, &context),
        Command::Search(command) => serve::search(command)?,
        Command::Auth(command) => auth::run(command, &context)?,
        Command::Detect(args) => detect::run(&args, &context)?,
        Command::Render(args) => return render::run(&args),
        Command::Debug(command) => return encode::run(command),
        Command::Doctor(args) => return doctor::run(&args, &context),
        Command::Completion { shell } => generate::completion(shell)?,
        Command::GenerateDocs { folder, check } => generate::documents(&folder, check)?,
    }
    Ok(done)
}
