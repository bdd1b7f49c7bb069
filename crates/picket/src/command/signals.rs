//! What other systems know: files of it are sent, and what came is listed.

use super::{Context, PARTIAL};
use crate::args::{ShowArgs, SignalFormat, SignalsCommand};
use crate::client::Client;
use crate::failure::{Failure, Kind};
use crate::output::Columns;
use picket_api_types::SignalResult;
use picket_signals::SignalType;
use picket_signals::files::{self, FileError, Given};
use picket_stdx::{Clock, escape};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader, Read as _};
use std::path::Path;
use std::process::ExitCode;

/// Signals of one request.
const STEP: usize = 500;
/// The largest bundle, in bytes.
const BUNDLE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Mistakes that are told one by one.
const TOLD_MAX: usize = 20;
const COLUMNS: Columns<'_> = &["timestamp", "event_type", "severity", "source", "user", "src_ip", "attributes"];

pub(super) fn run(command: SignalsCommand, context: &Context) -> Result<ExitCode, Failure> {
    match command {
        SignalsCommand::Import { file, from, kind, source, show } => {
            import(&file, from, &Given { kind, source }, &show, context)
        }
        SignalsCommand::List { kind, source, limit, show } => {
            let word = kind.map_or("*", SignalType::as_str);
            let from = source.map(|source| format!(" source:\"{}\"", source.replace(['"', '\\'], "")));
            let filter = format!("event_type:external.{word}{}", from.unwrap_or_default());
            let limit = limit.to_string();
            let parameters = [("event_type", Some("*")), ("filter", Some(&*filter)), ("limit", Some(&*limit))];
            let rows: Vec<Value> = context.client()?.get("/v1/events", &parameters)?;
            context.list(&rows, COLUMNS, &show)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// What became of a file.
#[derive(Debug, Default)]
struct Told {
    new: u64,
    known: u64,
    refused: u64,
    passed_over: u64,
}

fn import(
    file: &Path,
    from: Option<SignalFormat>,
    given: &Given,
    show: &ShowArgs,
    context: &Context,
) -> Result<ExitCode, Failure> {
    let format = from.or_else(|| by_name(file)).ok_or_else(|| {
        Failure::new(Kind::Usage, "which format has the file? say `--from csv`, `--from ndjson` or `--from stix`")
    })?;
    let mut import =
        Import { client: context.client()?, context, step: Vec::with_capacity(STEP), told: Told::default() };
    let bar = context.progress(0, "{spinner} {pos} signals");
    let name = file.display().to_string();
    let wrong = |error: FileError| Failure::new(Kind::Usage, format!("{name}: {}", picket_stdx::error_chain(&error)));
    let signals = import.open(file, format, given).map_err(wrong)?;
    let mut ended = Ok(());
    for signal in signals {
        ended = match signal {
            Ok((place, signal)) => {
                bar.inc(1);
                import.add(place, signal)
            }
            // One that is wrong says nothing against those behind it.
            Err(FileError::Line { line, cause }) => {
                import.refuse(&format!("line {line}"), &cause);
                Ok(())
            }
            Err(error) => Err(wrong(error)),
        };
        if ended.is_err() {
            break;
        }
    }
    // What was read before a failure is sent all the same, and what was taken is told.
    let sent = import.send();
    bar.finish_and_clear();
    let Told { new, known, refused, passed_over } = import.told;
    if let Err(failure) = ended.and(sent) {
        context.note(&format!(
            "{new} new, {known} known and {refused} refused before that; begin again, none is taken twice"
        ));
        return Err(failure);
    }
    let summary = json!({"new": new, "known": known, "refused": refused, "passed_over": passed_over});
    context.object(&summary, &["new", "known", "refused", "passed_over"], show)?;
    Ok(if refused > 0 { ExitCode::from(PARTIAL) } else { ExitCode::SUCCESS })
}

/// Signals with their places, as they are told.
type Signals = Box<dyn Iterator<Item = Result<(String, Value), FileError>>>;

/// A file on its way to the server.
struct Import<'a> {
    client: Client,
    context: &'a Context,
    step: Vec<(String, Value)>,
    told: Told,
}

impl Import<'_> {
    fn open(&mut self, file: &Path, format: SignalFormat, given: &Given) -> Result<Signals, FileError> {
        let read: Box<dyn BufRead> = if file == Path::new("-") {
            Box::new(std::io::stdin().lock())
        } else {
            Box::new(BufReader::new(File::open(file)?))
        };
        let lined = |(line, signal): (u64, Value)| (format!("line {line}"), signal);
        Ok(match format {
            SignalFormat::Ndjson => Box::new(files::lines(read, given).map(move |signal| signal.map(lined))),
            SignalFormat::Csv => Box::new(files::table(read, given)?.map(move |signal| signal.map(lined))),
            SignalFormat::Stix => {
                let mut text = Vec::new();
                read.take(BUNDLE_BYTES_MAX + 1).read_to_end(&mut text)?;
                if u64::try_from(text.len()).unwrap_or(u64::MAX) > BUNDLE_BYTES_MAX {
                    return Err(FileError::Whole(format!("a bundle has at most {BUNDLE_BYTES_MAX} bytes")));
                }
                let source = given.source.as_deref().unwrap_or("stix");
                let bundle = files::bundle(&text, source, Clock::system().now())?;
                for (id, cause) in bundle.passed_over.iter().take(TOLD_MAX) {
                    self.context.note(&format!("{}: passed over: {}", escape::terminal(id), escape::terminal(cause)));
                }
                self.told.passed_over = u64::try_from(bundle.passed_over.len()).unwrap_or(u64::MAX);
                // A bundle may be one line: its indicators are told by their ids.
                let id = |signal: &Value| signal.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
                let named = move |signal: Value| (id(&signal), signal);
                Box::new(bundle.signals.into_iter().map(named).map(Ok))
            }
        })
    }

    fn add(&mut self, place: String, signal: Value) -> Result<(), Failure> {
        self.step.push((place, signal));
        if self.step.len() < STEP { Ok(()) } else { self.send() }
    }

    fn refuse(&mut self, place: &str, cause: &str) {
        self.told.refused += 1;
        if self.told.refused <= u64::try_from(TOLD_MAX).unwrap_or(0) {
            self.context.note(&format!("{}: {}", escape::terminal(place), escape::terminal(cause)));
        }
    }

    fn send(&mut self) -> Result<(), Failure> {
        if self.step.is_empty() {
            return Ok(());
        }
        let (places, signals): (Vec<String>, Vec<Value>) = std::mem::take(&mut self.step).into_iter().unzip();
        let results: Vec<SignalResult> = self.client.post("/v1/signals", &signals)?;
        for result in results {
            match (result.status, result.error) {
                (201, _) => self.told.new += 1,
                (_, None) => self.told.known += 1,
                (_, Some(error)) => {
                    self.refuse(places.get(result.index).map(String::as_str).unwrap_or_default(), &error);
                }
            }
        }
        Ok(())
    }
}

fn by_name(file: &Path) -> Option<SignalFormat> {
    match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" => Some(SignalFormat::Csv),
        "ndjson" | "jsonl" => Some(SignalFormat::Ndjson),
        "stix" | "json" => Some(SignalFormat::Stix),
        _ => None,
    }
}
