//! Files of rules: each by its name, or all of a folder. What cannot be read is told, and hides nothing of the others.

use picket_rules::{FILE_BYTES_MAX, Issue, Place};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MIB: usize = 1024 * 1024;

/// How much is read at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileBounds {
    /// Files.
    pub files: usize,
    /// Bytes of all of them.
    pub bytes: usize,
    /// How deep folders may be nested.
    pub depth: usize,
}

/// What was read, and what could not be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Names and texts.
    pub files: Vec<(String, String)>,
    /// Why others are not among them, each with its place.
    pub problems: Vec<Issue>,
}

/// Reads files, and every `.yml` and `.yaml` in folders, in the order of their names.
pub fn read_files(paths: &[PathBuf], bounds: FileBounds) -> Found {
    let mut walk = Walk { bounds, is_full: false, open: Vec::new(), paths: Vec::new(), problems: Vec::new() };
    paths.iter().for_each(|path| walk.add(path));
    let Walk { paths, problems, .. } = walk;
    let mut found = Found { files: Vec::with_capacity(paths.len()), problems };
    let mut left = bounds.bytes;
    for path in paths {
        match read_text(&path) {
            Ok(text) if text.len() > left => {
                let message = format!(
                    "with this file the rules are larger than {} MiB together; name fewer. It and what follows was left out",
                    bounds.bytes / MIB
                );
                found.problems.push(issue(&path, message));
                break;
            }
            Ok(text) => {
                left -= text.len();
                found.files.push((path.display().to_string(), text));
            }
            Err(problem) => found.problems.push(problem),
        }
    }
    found
}

/// The text of one file.
///
/// # Errors
/// If it cannot be read, is no regular file, is too long, or is not UTF-8: then with the place of the first byte that is not.
pub fn read_text(path: &Path) -> Result<String, Issue> {
    let failed = |error: io::Error| issue(path, format!("cannot be read: {error}"));
    // Whoever opens a pipe waits for somebody to write into it.
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(issue(path, "this is no regular file; rules are read from such only"));
    }
    let most = u64::try_from(FILE_BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(most.saturating_add(1)).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() > FILE_BYTES_MAX {
        return Err(issue(path, format!("longer than {} MiB; split it", FILE_BYTES_MAX / MIB)));
    }
    String::from_utf8(bytes).map_err(|error| {
        let right = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let right = String::from_utf8_lossy(right);
        let line = right.matches('\n').count() + 1;
        let column = right.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let place = Place { line, column, ..place(path) };
        Issue { place, message: "not UTF-8; store the file in that encoding".to_owned() }
    })
}

struct Walk {
    bounds: FileBounds,
    /// There are more files than are read.
    is_full: bool,
    /// The folders that are being listed, one in the other.
    open: Vec<PathBuf>,
    paths: Vec<PathBuf>,
    problems: Vec<Issue>,
}

impl Walk {
    fn add(&mut self, path: &Path) {
        match std::fs::metadata(path) {
            Ok(about) if about.is_dir() => self.folder(path),
            // What it is, and that it is there, is looked at when it is read.
            Ok(_) | Err(_) => self.file(path),
        }
    }

    fn file(&mut self, path: &Path) {
        if self.paths.len() < self.bounds.files {
            self.paths.push(path.to_owned());
        } else if !std::mem::replace(&mut self.is_full, true) {
            let most = self.bounds.files;
            let message =
                format!("more than {most} files of rules; name fewer. This one and what follows was left out");
            self.problems.push(issue(path, message));
        }
    }

    fn folder(&mut self, path: &Path) {
        let listed = std::fs::canonicalize(path).and_then(|real| Ok((real, list(path)?)));
        let (real, entries) = match listed {
            Ok(listed) => listed,
            Err(error) => return self.problems.push(issue(path, format!("cannot be read: {error}"))),
        };
        if self.open.contains(&real) {
            return self.problems.push(issue(path, "this folder leads back into itself; take the link out"));
        }
        if self.open.len() > self.bounds.depth {
            let message = format!("folders are nested deeper than {}", self.bounds.depth);
            return self.problems.push(issue(path, message));
        }
        self.open.push(real);
        for entry in entries {
            let is_rule = entry.extension().is_some_and(|extension| extension == "yml" || extension == "yaml");
            if is_rule || entry.is_dir() {
                self.add(&entry);
            }
        }
        self.open.pop();
    }
}

fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    entries.sort();
    Ok(entries)
}

fn place(path: &Path) -> Place {
    Place { source: Arc::from(path.display().to_string()), line: 1, column: 1 }
}

fn issue(path: &Path, message: impl Into<String>) -> Issue {
    Issue { place: place(path), message: message.into() }
}

#[cfg(test)]
mod tests;
