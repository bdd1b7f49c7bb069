//! Files of signals: JSON lines, tables (CSV) and STIX 2.1 bundles, as signals in JSON.

mod stix;
mod table;

use serde_json::Value;
use std::io::BufRead;
pub use stix::bundle;
pub use table::table;

/// The longest line of a file, in bytes.
const LINE_BYTES_MAX: usize = 256 * 1024;

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("the file cannot be read")]
    Read(#[from] std::io::Error),
    /// A place of it makes no sense.
    #[error("line {line}: {cause}")]
    Line {
        /// From 1.
        line: u64,
        /// Why, and what would be right.
        cause: String,
    },
    /// All of it makes no sense.
    #[error("{0}")]
    Whole(String),
}

impl FileError {
    fn at(line: u64, cause: impl Into<String>) -> Self {
        Self::Line { line, cause: cause.into() }
    }
}

/// Signals of JSON lines with their lines; empty lines are passed over, and a line that is no JSON is an error in its place.
/// What a line lacks comes from `given`.
pub fn lines<R: BufRead>(read: R, given: &Given) -> impl Iterator<Item = Result<(u64, Value), FileError>> + use<R> {
    let given = given.clone();
    let mut lines = Lines { read, number: 0, ended: false };
    std::iter::from_fn(move || {
        loop {
            let line = match lines.next()? {
                Ok(line) if line.trim_ascii().is_empty() => continue,
                Ok(line) => line,
                Err(error) => return Some(Err(error)),
            };
            let number = lines.number;
            // Members that are there twice are refused here as where signals are sent.
            return Some(match picket_llm::tape::strict(&line) {
                Ok(value) => Ok((number, given.complete(value))),
                Err(error) => Err(FileError::at(number, error.to_string())),
            });
        }
    })
}

/// Lines of bounded length.
struct Lines<R> {
    read: R,
    number: u64,
    ended: bool,
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<Vec<u8>, FileError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        self.number += 1;
        let mut line = Vec::new();
        let most = u64::try_from(LINE_BYTES_MAX).unwrap_or(u64::MAX) + 1;
        match std::io::Read::take(&mut self.read, most).read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(_) if line.len() > LINE_BYTES_MAX => {
                if line.last() != Some(&b'\n')
                    && let Err(error) = picket_stdx::skip_line(&mut self.read)
                {
                    self.ended = true;
                    return Some(Err(error.into()));
                }
                Some(Err(FileError::at(self.number, format!("it has more than {LINE_BYTES_MAX} bytes"))))
            }
            Ok(_) => Some(Ok(line)),
            Err(error) => {
                self.ended = true;
                Some(Err(error.into()))
            }
        }
    }
}

/// What the person says who imports a file, for signals that do not say it themselves.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Their type.
    pub kind: Option<String>,
    /// The system that they come from.
    pub source: Option<String>,
}

impl Given {
    fn complete(&self, mut value: Value) -> Value {
        if let Value::Object(members) = &mut value {
            for (name, given) in [("type", &self.kind), ("source", &self.source)] {
                if let Some(given) = given {
                    members.entry(name).or_insert_with(|| given.as_str().into());
                }
            }
        }
        value
    }
}
