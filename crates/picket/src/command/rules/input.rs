//! Files of rules, data and events.

use super::super::Context;
use crate::args::InputArgs;
use crate::failure::{Failure, Kind};
use picket_rules::{Data, EVENT_BYTES_MAX, FILE_BYTES_MAX, Issues, Rules};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// Files of rules that one command reads.
const FILES_MAX: usize = 100_000;
/// Bytes of all of them.
const BYTES_MAX: usize = 1024 * 1024 * 1024;
/// How deep folders of rules may be nested.
const DEPTH_MAX: usize = 32;
/// Problems that are shown.
const SHOWN_MAX: usize = 50;

/// The rules that a command asks for; broken ones are a failure, or are told and left out.
pub(super) fn rules(args: &InputArgs, context: &Context) -> Result<Rules, Failure> {
    let files = files(&args.rules)?;
    let data = data(&args.data.data)?;
    let loaded = Rules::load(files.iter().map(|(name, text)| (name.as_str(), text.as_str())), &data);
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
pub(super) fn whole(paths: &[PathBuf], complete: bool, data_files: &[PathBuf]) -> Result<Rules, Failure> {
    let (files, data) = (files(paths)?, data(data_files)?);
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let loaded = if complete { Rules::load_complete(&files, &data) } else { Rules::load(files, &data) };
    if loaded.issues.errors.is_empty() {
        Ok(loaded.rules)
    } else {
        Err(Failure::new(Kind::Usage, told(&loaded.issues)))
    }
}

/// The data that rules need.
pub(super) fn data(files: &[PathBuf]) -> Result<Data, Failure> {
    let mut data = Data::default();
    let mut issues = Issues::default();
    for file in files {
        data.read(&file.display().to_string(), &text(file)?, &mut issues);
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

/// Names and texts of files, and of all files of YAML in folders.
pub(super) fn files(paths: &[PathBuf]) -> Result<Vec<(String, String)>, Failure> {
    let mut found = Vec::new();
    for path in paths {
        collect(path, 0, &mut found)?;
    }
    let mut bytes = 0_usize;
    let mut files = Vec::with_capacity(found.len());
    for path in found {
        let text = text(&path)?;
        bytes = bytes.saturating_add(text.len());
        if bytes > BYTES_MAX {
            return Err(Failure::usage("the rules are larger than 1 GiB together; give fewer of them"));
        }
        files.push((path.display().to_string(), text));
    }
    Ok(files)
}

fn collect(path: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    if !path.is_dir() {
        found.push(path.to_owned());
    } else if depth > DEPTH_MAX {
        return Err(Failure::usage(format!("{}: folders are nested deeper than {DEPTH_MAX}", path.display())));
    } else {
        let place = |error: io::Error| Failure::usage(format!("{}: {error}", path.display()));
        let entries = std::fs::read_dir(path).map_err(place)?;
        let mut entries: Vec<PathBuf> =
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(place)?;
        entries.sort();
        for entry in entries {
            let is_rule = entry.extension().is_some_and(|extension| extension == "yml" || extension == "yaml");
            if is_rule || entry.is_dir() {
                collect(&entry, depth + 1, found)?;
            }
        }
    }
    if found.len() > FILES_MAX {
        return Err(Failure::usage(format!("more than {FILES_MAX} files of rules; give fewer of them")));
    }
    Ok(())
}

fn text(path: &Path) -> Result<String, Failure> {
    let place = |cause: &dyn std::fmt::Display| Failure::usage(format!("{}: {cause}", path.display()));
    let limit = u64::try_from(FILE_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| place(&error))?;
    file.take(limit).read_to_end(&mut bytes).map_err(|error| place(&error))?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err(place(&format!("longer than {} MiB; split it", FILE_BYTES_MAX / 1024 / 1024)));
    }
    String::from_utf8(bytes).map_err(|_error| place(&"not UTF-8; store the file in that encoding"))
}

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

    /// The next line that is not empty, with its number.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &str)>, Failure> {
        let limit = u64::try_from(EVENT_BYTES_MAX).unwrap_or(u64::MAX);
        loop {
            self.line.clear();
            self.number += 1;
            if self.input.by_ref().take(limit).read_until(b'\n', &mut self.line)? == 0 {
                return Ok(None);
            }
            if self.line.len() >= EVENT_BYTES_MAX {
                let size = EVENT_BYTES_MAX / 1024 / 1024;
                return Err(Failure::usage(format!(
                    "{}:{}: the line is longer than {size} MiB",
                    self.name, self.number
                )));
            }
            if !self.line.trim_ascii().is_empty() {
                break;
            }
        }
        let line = std::str::from_utf8(&self.line)
            .map_err(|_error| Failure::usage(format!("{}:{}: not UTF-8", self.name, self.number)))?;
        Ok(Some((self.number, line.trim_end())))
    }

    /// A place in the line that was read last.
    pub(super) fn place(&self, column: usize) -> String {
        format!("{}:{}:{column}", self.name, self.number)
    }
}
