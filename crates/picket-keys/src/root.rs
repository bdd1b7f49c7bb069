//! Where the root key comes from: a systemd credential, a file apart from the data, or (warned) the environment.

use crate::Key;
use picket_stdx::{encode, fs, random};
use std::path::{Path, PathBuf};

/// The key that wraps all others. Never printed.
#[derive(Debug, Clone)]
pub struct RootKey(Key);

/// Where to look for the root key.
#[derive(Debug, Clone)]
pub enum RootSource {
    /// A file with the 32 bytes, readable by its owner only; made when the store is new.
    File(PathBuf),
    /// 64 hexadecimal digits.
    Hex(String),
}

/// There is no usable root key.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// The store has keys, but the root key is gone.
    #[error(
        "{0}: the root key of this store is missing; restore the file from its backup, the store cannot be read without it"
    )]
    Missing(PathBuf),
    /// The root key would lie with the data that it protects.
    #[error(
        "{0}: the root key must not lie in the data folder; set XDG_CONFIG_HOME, or `keys.root` in the configuration"
    )]
    WithData(PathBuf),
    /// Others can read it.
    #[error("{path}: others may read the root key (mode {mode:o}); run: chmod 600 {path}")]
    Open {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It is not 32 bytes.
    #[error("{0}: a root key is exactly 32 bytes, or 64 hexadecimal digits")]
    Length(String),
    /// The file cannot be read or written.
    #[error("{path}: the root key cannot be read or written")]
    Access {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl RootKey {
    /// These bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Key::new(bytes))
    }

    pub(crate) fn key(&self) -> &Key {
        &self.0
    }

    /// Reads the root key; makes its file when `store_is_new`, and only then.
    pub fn load(source: &RootSource, data: &Path, store_is_new: bool) -> Result<Self, RootError> {
        match source {
            RootSource::Hex(text) => encode::unhex(text.trim())
                .and_then(|bytes| bytes.try_into().ok())
                .map(Self::new)
                .ok_or_else(|| RootError::Length("root key in the environment".to_owned())),
            RootSource::File(path) => from_file(path, data, store_is_new),
        }
    }
}

fn from_file(path: &Path, data: &Path, store_is_new: bool) -> Result<RootKey, RootError> {
    let access = |source| RootError::Access { path: path.to_owned(), source };
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    if !path.exists() {
        if !store_is_new {
            return Err(RootError::Missing(path.to_owned()));
        }
        fs::create_private_folder(folder).map_err(access)?;
        refuse_inside(path, folder, data)?;
        fs::create_private(path, &random::bytes::<32>()).map_err(access)?;
    }
    refuse_inside(path, folder, data)?;
    refuse_open(path)?;
    let bytes = std::fs::read(path).map_err(access)?;
    bytes.try_into().map(RootKey::new).map_err(|_bytes| RootError::Length(path.display().to_string()))
}

fn refuse_inside(path: &Path, folder: &Path, data: &Path) -> Result<(), RootError> {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    if real(folder).starts_with(real(data)) { Err(RootError::WithData(path.to_owned())) } else { Ok(()) }
}

#[cfg(unix)]
fn refuse_open(path: &Path) -> Result<(), RootError> {
    use std::os::unix::fs::PermissionsExt as _;
    // Nothing for others, and at most reading for the group: a credential of systemd is mode 0400 or 0440 in a folder that only the service can enter.
    let mode = std::fs::metadata(path).map_or(0, |file| file.permissions().mode() & 0o777);
    if mode.trailing_zeros() >= 5 { Ok(()) } else { Err(RootError::Open { path: path.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn refuse_open(_path: &Path) -> Result<(), RootError> {
    Ok(())
}
