//! Where rules come from: the program itself, and files of the operator.

use crate::files::{self, FileBounds};
use picket_rules::{Data, Issues};
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;

/// Rules that are part of the program: names and texts.
pub const SHIPPED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// What a server reads at most.
const BOUNDS: FileBounds = FileBounds { files: 10_000, bytes: 256 * 1024 * 1024, depth: 16 };

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
#[derive(Debug, Default)]
pub struct Read {
    /// Files of rules.
    pub files: Vec<RuleFile>,
    /// What they leave to this place.
    pub data: Data,
    /// What could not be read, each with its place.
    pub problems: Vec<String>,
    /// What tells one state of the files from another.
    pub digest: [u8; 32],
}

impl Sources {
    /// Reads everything that can be read; what cannot is told, and hides nothing of the rest.
    pub fn read(&self) -> Read {
        let shipped = SHIPPED.iter().filter(|_| self.is_shipped);
        let mut files: Vec<RuleFile> = shipped
            .map(|(name, text)| RuleFile {
                name: format!("shipped/{name}"),
                text: (*text).to_owned(),
                origin: Origin::Shipped,
            })
            .collect();
        let found = files::read_files(&self.rules, BOUNDS);
        let own = found.files.into_iter().map(|(name, text)| RuleFile { name, text, origin: Origin::Configured });
        files.extend(own);
        let (mut data, mut texts) = (Data::default(), Vec::new());
        let mut issues = Issues { errors: found.problems, warnings: Vec::new() };
        for path in &self.data {
            match files::read_text(path) {
                Ok(text) => {
                    data.read(&path.display().to_string(), &text, &mut issues);
                    texts.push(text);
                }
                Err(problem) => issues.errors.push(problem),
            }
        }
        let problems: Vec<String> = issues.errors.iter().map(ToString::to_string).collect();
        let mut digest = Sha256::new();
        // Another cause for which a file cannot be read is another state of the files, too.
        for part in files.iter().flat_map(|file| [&file.name, &file.text]).chain(&texts).chain(&problems) {
            digest.update(part.len().to_le_bytes());
            digest.update(part.as_bytes());
        }
        Read { files, data, problems, digest: digest.finalize().into() }
    }
}
