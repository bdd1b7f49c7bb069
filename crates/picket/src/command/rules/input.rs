//! Files of rules, data and events.

use super::super::Context;
use crate::args::InputArgs;
use crate::failure::{Failure, Kind};
use picket_detect::{FileBounds, Found, read_files, read_text};
use picket_rules::{Data, EVENT_BYTES_MAX, EventError, Issues, Loaded, Rules};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// What one command reads at most.
const BOUNDS: FileBounds = FileBounds { files: 100_000, bytes: 1024 * 1024 * 1024, depth: 32 };
/// Problems that are shown.
const SHOWN_MAX: usize = 50;

/// The rules that a command asks for; broken ones are a failure, or are told and left out.
pub(super) fn rules(args: &InputArgs, context: &Context) -> Result<Rules, Failure> {
    let loaded = load(&args.rules, &args.data.data, false)?;
    if !loaded.issues.errors.is_empty() {
        let told = told(&loaded.issues);
        if !args.skip_broken {
            let message = format!("{told}\nnothing was done; correct the rules, or leave them out with --skip-broken");
            return Err(Failure::new(Kind::Usage, message));
        }
        context.note(&told);
    }
    Ok(loaded.rules)
}

/// Rules without any mistake; with `complete`, also without anything that rules which are shipped need.
pub(super) fn whole(paths: &[PathBuf], complete: bool, data: &[PathBuf]) -> Result<Rules, Failure> {
    let loaded = load(paths, data, complete)?;
    if loaded.issues.errors.is_empty() {
        Ok(loaded.rules)
    } else {
        Err(Failure::new(Kind::Usage, told(&loaded.issues)))
    }
}

/// What is right of the rules of files and folders, and what is wrong: a file that cannot be read is one mistake of many.
/// What is named and is not there at all is a failure.
pub(super) fn load(paths: &[PathBuf], data_files: &[PathBuf], complete: bool) -> Result<Loaded, Failure> {
    for path in paths {
        std::fs::metadata(path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
    }
    let data = data(data_files)?;
    let Found { files, problems } = read_files(paths, BOUNDS);
    if files.is_empty() && problems.is_empty() {
        let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let message =
            format!("there are no rules in {}; of folders, files that end in .yml or .yaml are read", paths.join(", "));
        return Err(Failure::usage(message));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let mut loaded = if complete { Rules::load_complete(&files, &data) } else { Rules::load(files, &data) };
    loaded.issues.errors.extend(problems);
    loaded.issues.sort();
    Ok(loaded)
}

/// The data that rules need.
fn data(files: &[PathBuf]) -> Result<Data, Failure> {
    let mut data = Data::default();
    let mut issues = Issues::default();
    for file in files {
        let text = read_text(file).map_err(|problem| Failure::usage(problem.to_string()))?;
        data.read(&file.display().to_string(), &text, &mut issues);
    }
    issues.sort();
    if issues.errors.is_empty() { Ok(data) } else { Err(Failure::new(Kind::Usage, told(&issues))) }
}

fn told(issues: &Issues) -> String {
    let mut lines: Vec<String> = issues.errors.iter().take(SHOWN_MAX).map(ToString::to_string).collect();
    if issues.errors.len() > SHOWN_MAX {
        lines.push(format!("and {} more; `picket rules lint` tells all", issues.errors.len() - SHOWN_MAX));
    }
    lines.join("\n")
}

/// The number of a line, and its text or why it can be no event.
type Line<'a> = (u64, Result<&'a str, EventError>);

/// Lines of a file with their numbers, or of standard input.
pub(super) struct Lines {
    name: String,
    input: Box<dyn BufRead>,
    line: Vec<u8>,
    number: u64,
}

impl Lines {
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let input: Box<dyn BufRead> = if path == Path::new("-") {
            Box::new(BufReader::new(io::stdin()))
        } else {
            let file = File::open(path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
            Box::new(BufReader::with_capacity(1024 * 1024, file))
        };
        let name = if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() };
        Ok(Self { name, input, line: Vec::new(), number: 0 })
    }

    /// The next line that is not empty, with its number; a line that can be no event says why.
    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>, Failure> {
        let limit = u64::try_from(EVENT_BYTES_MAX).unwrap_or(u64::MAX);
        loop {
            self.line.clear();
            self.number += 1;
            if self.input.by_ref().take(limit).read_until(b'\n', &mut self.line)? == 0 {
                return Ok(None);
            }
            if self.line.len() >= EVENT_BYTES_MAX && self.line.last() != Some(&b'\n') {
                picket_stdx::skip_line(&mut self.input)?;
                let message = format!("the line is longer than {} MiB", EVENT_BYTES_MAX / 1024 / 1024);
                return Ok(Some((self.number, Err(EventError { line: 1, column: 1, message }))));
            }
            if !self.line.trim_ascii().is_empty() {
                break;
            }
        }
        let text = std::str::from_utf8(&self.line).map(str::trim_end).map_err(|error| {
            let right = self.line.get(..error.valid_up_to()).unwrap_or_default();
            let column = String::from_utf8_lossy(right).chars().count() + 1;
            EventError { line: 1, column, message: "not UTF-8".to_owned() }
        });
        Ok(Some((self.number, text)))
    }

    /// A place in the line that was read last.
    pub(super) fn place(&self, column: usize) -> String {
        format!("{}:{}:{column}", self.name, self.number)
    }
}
