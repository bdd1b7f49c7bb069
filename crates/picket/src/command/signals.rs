//! What other systems know: files of it are sent, and what came is listed.

use super::{Context, PARTIAL};
use crate::args::{ShowArgs, SignalFormat, SignalsCommand};
use crate::client::Client;
use crate::failure::{Failure, Kind};
use crate::output::Columns;
use picket_api_types::SignalResult;
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
            let word = kind.map_or_else(|| "*".to_owned(), |kind| kind.replace('-', "_"));
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
    let client = context.client()?;
    let bar = context.progress(0, "{spinner} {pos} signals");
    let mut told = Told::default();
    let mut step: Vec<(u64, Value)> = Vec::with_capacity(STEP);
    let (is_stdin, name) = (file == Path::new("-"), file.display().to_string());
    let wrong = |error: FileError| Failure::new(Kind::Usage, format!("{name}: {}", picket_stdx::error_chain(&error)));
    let read: Box<dyn BufRead> = if is_stdin {
        Box::new(std::io::stdin().lock())
    } else {
        let open = File::open(file).map_err(|error| Failure::new(Kind::Usage, format!("{name}: {error}")))?;
        Box::new(BufReader::new(open))
    };
    let signals: Box<dyn Iterator<Item = Result<(u64, Value), FileError>>> = match format {
        SignalFormat::Ndjson => Box::new(files::lines(read, given)),
        SignalFormat::Csv => Box::new(files::table(read, given).map_err(wrong)?),
        SignalFormat::Stix => {
            let mut text = Vec::new();
            read.take(BUNDLE_BYTES_MAX + 1).read_to_end(&mut text).map_err(|error| wrong(error.into()))?;
            if u64::try_from(text.len()).unwrap_or(u64::MAX) > BUNDLE_BYTES_MAX {
                return Err(wrong(FileError::Whole(format!("a bundle has at most {BUNDLE_BYTES_MAX} bytes"))));
            }
            let source = given.source.as_deref().unwrap_or("stix");
            let bundle = files::bundle(&text, source, Clock::system().now()).map_err(wrong)?;
            for (id, cause) in bundle.passed_over.iter().take(TOLD_MAX) {
                context.note(&format!("{}: passed over: {}", escape::terminal(id), escape::terminal(cause)));
            }
            told.passed_over = u64::try_from(bundle.passed_over.len()).unwrap_or(u64::MAX);
            Box::new((1..).zip(bundle.signals).map(Ok))
        }
    };
    for signal in signals {
        step.push(signal.map_err(wrong)?);
        if step.len() >= STEP {
            send(&client, &mut step, &mut told, context)?;
            bar.inc(u64::try_from(STEP).unwrap_or(0));
        }
    }
    send(&client, &mut step, &mut told, context)?;
    bar.finish_and_clear();
    let Told { new, known, refused, passed_over } = told;
    let summary = json!({"new": new, "known": known, "refused": refused, "passed_over": passed_over});
    context.object(&summary, &["new", "known", "refused", "passed_over"], show)?;
    Ok(if refused > 0 { ExitCode::from(PARTIAL) } else { ExitCode::SUCCESS })
}

fn by_name(file: &Path) -> Option<SignalFormat> {
    match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" => Some(SignalFormat::Csv),
        "ndjson" | "jsonl" => Some(SignalFormat::Ndjson),
        "stix" | "json" => Some(SignalFormat::Stix),
        _ => None,
    }
}

fn send(client: &Client, step: &mut Vec<(u64, Value)>, told: &mut Told, context: &Context) -> Result<(), Failure> {
    if step.is_empty() {
        return Ok(());
    }
    let (places, signals): (Vec<u64>, Vec<Value>) = step.drain(..).unzip();
    let results: Vec<SignalResult> = client.post("/v1/signals", &signals)?;
    for result in results {
        match (result.status, result.error) {
            (201, _) => told.new += 1,
            (_, None) => told.known += 1,
            (_, Some(error)) => {
                told.refused += 1;
                if told.refused <= u64::try_from(TOLD_MAX).unwrap_or(0) {
                    let place = places.get(result.index).copied().unwrap_or_default();
                    context.note(&format!("line {place}: {}", escape::terminal(&error)));
                }
            }
        }
    }
    Ok(())
}
