//! Where rules come from: the program itself, and files of the operator.

use picket_rules::{Data, FILE_BYTES_MAX, Issues};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Rules that are part of the program: names and texts.
pub const SHIPPED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// Files of rules.
const FILES_MAX: usize = 10_000;
/// Bytes of all of them.
const BYTES_MAX: usize = 256 * 1024 * 1024;
/// How deep folders may be nested.
const DEPTH_MAX: usize = 16;

/// Who wrote a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// It is part of the program.
    Shipped,
    /// It is in a file that the operator names.
    Configured,
}

impl Origin {
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shipped => "shipped",
            Self::Configured => "configured",
        }
    }
}

/// Where rules come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sources {
    /// Whether those of the program are used.
    pub is_shipped: bool,
    /// Files and folders of others.
    pub rules: Vec<PathBuf>,
    /// Files with what rules leave to the place where they run.
    pub data: Vec<PathBuf>,
}

impl Default for Sources {
    fn default() -> Self {
        Self { is_shipped: true, rules: Vec::new(), data: Vec::new() }
    }
}

/// A file of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFile {
    /// Its name, for places of mistakes.
    pub name: String,
    /// What it holds.
    pub text: String,
    /// Who wrote it.
    pub origin: Origin,
}

/// What was read.
#[derive(Debug)]
pub struct Read {
    /// Files of rules.
    pub files: Vec<RuleFile>,
    /// What they leave to this place.
    pub data: Data,
    /// What tells one state of the files from another.
    pub digest: [u8; 32],
}

impl Sources {
    /// Reads everything; what could not be read otherwise, each with its place.
    pub fn read(&self) -> Result<Read, Vec<String>> {
        let shipped = SHIPPED.iter().filter(|_| self.is_shipped);
        let mut files: Vec<RuleFile> = shipped
            .map(|(name, text)| RuleFile {
                name: format!("shipped/{name}"),
                text: (*text).to_owned(),
                origin: Origin::Shipped,
            })
            .collect();
        let (mut paths, mut problems) = (Vec::new(), Vec::new());
        for path in &self.rules {
            collect(path, 0, &mut paths).unwrap_or_else(|problem| problems.push(problem));
        }
        let mut bytes = 0;
        for path in paths {
            match text(&path) {
                Ok(text) => {
                    bytes += text.len();
                    files.push(RuleFile { name: path.display().to_string(), text, origin: Origin::Configured });
                }
                Err(problem) => problems.push(problem),
            }
        }
        if bytes > BYTES_MAX {
            problems.push(format!("the rules are larger than {} MiB together; name fewer", BYTES_MAX / 1024 / 1024));
        }
        let (data, texts) = self.data(&mut problems);
        let mut digest = Sha256::new();
        for part in files.iter().flat_map(|file| [&file.name, &file.text]).chain(&texts) {
            digest.update(part.len().to_le_bytes());
            digest.update(part.as_bytes());
        }
        if problems.is_empty() { Ok(Read { files, data, digest: digest.finalize().into() }) } else { Err(problems) }
    }

    fn data(&self, problems: &mut Vec<String>) -> (Data, Vec<String>) {
        let (mut data, mut issues, mut texts) = (Data::default(), Issues::default(), Vec::new());
        for path in &self.data {
            match text(path) {
                Ok(text) => {
                    data.read(&path.display().to_string(), &text, &mut issues);
                    texts.push(text);
                }
                Err(problem) => problems.push(problem),
            }
        }
        problems.extend(issues.errors.iter().map(ToString::to_string));
        (data, texts)
    }
}

fn collect(path: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), String> {
    let place = |error: std::io::Error| format!("{}: {error}", path.display());
    if found.len() >= FILES_MAX {
        return Err(format!("more than {FILES_MAX} files of rules; name fewer"));
    }
    if !std::fs::metadata(path).map_err(place)?.is_dir() {
        found.push(path.to_owned());
        return Ok(());
    }
    if depth > DEPTH_MAX {
        return Err(format!("{}: folders are nested deeper than {DEPTH_MAX}", path.display()));
    }
    let entries: Result<Vec<PathBuf>, _> =
        std::fs::read_dir(path).map_err(place)?.map(|entry| entry.map(|entry| entry.path())).collect();
    let mut entries = entries.map_err(place)?;
    entries.sort();
    for entry in entries {
        let is_rule = entry.extension().is_some_and(|extension| extension == "yml" || extension == "yaml");
        if is_rule || entry.is_dir() {
            collect(&entry, depth + 1, found)?;
        }
    }
    Ok(())
}

fn text(path: &Path) -> Result<String, String> {
    let place = |error: std::io::Error| format!("{}: {error}", path.display());
    let most = u64::try_from(FILE_BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(place)?;
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(place)?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err(format!("{}: longer than {} MiB; split it", path.display(), FILE_BYTES_MAX / 1024 / 1024));
    }
    String::from_utf8(bytes).map_err(|_error| format!("{}: not UTF-8; store the file in that encoding", path.display()))
}
