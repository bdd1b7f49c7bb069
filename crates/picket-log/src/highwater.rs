//! The largest sizes that were ever signed, in one file apart from the database.

use crate::failure::OpenError;
use picket_stdx::fs;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Size and root of one log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    pub(crate) size: u64,
    /// Base64.
    pub(crate) root: String,
}

/// The file.
#[derive(Debug)]
pub(crate) struct HighWater {
    path: PathBuf,
    marks: Mutex<BTreeMap<String, Mark>>,
}

impl HighWater {
    pub(crate) fn open(folder: &Path) -> Result<Self, OpenError> {
        let path = folder.join("high-water.json");
        let fail = |source| OpenError::HighWater { path: path.clone(), source };
        fs::create_private_folder(folder).map_err(fail)?;
        let marks = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| fail(std::io::Error::other(error)))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(fail(error)),
        };
        Ok(Self { path, marks: Mutex::new(marks) })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Every log that has a mark.
    pub(crate) fn all(&self) -> Vec<(String, Mark)> {
        let marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        marks.iter().map(|(log, mark)| (log.clone(), mark.clone())).collect()
    }

    pub(crate) fn get(&self, log: &str) -> Option<Mark> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner).get(log).cloned()
    }

    /// Raises the marks and makes them durable. A mark never falls.
    pub(crate) fn raise(&self, new: &[(String, Mark)]) -> std::io::Result<()> {
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        let mut raised = marks.clone();
        for (log, mark) in new {
            if raised.get(log).is_none_or(|old| old.size <= mark.size) {
                raised.insert(log.clone(), mark.clone());
            }
        }
        fs::write_durably(&self.path, &serde_json::to_vec_pretty(&raised).map_err(std::io::Error::other)?)?;
        *marks = raised;
        Ok(())
    }
}
