//! Files that appear whole or not at all.

use crate::failure::Failure;
use picket_stdx::encode;
use sha2::{Digest as _, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// Bytes that are read at a time.
const PIECE: usize = 64 * 1024;

/// A file being written: beside its place as `….part`, then renamed. Counts its bytes and their digest.
#[derive(Debug)]
pub struct OutputFile {
    file: BufWriter<File>,
    beside: PathBuf,
    path: PathBuf,
    digest: Sha256,
    bytes: u64,
    /// Whether what was written stays when the rest does not come.
    keep: bool,
}

/// What a file became.
#[derive(Debug)]
pub struct Written {
    /// Where.
    pub path: PathBuf,
    /// How many bytes it has.
    pub bytes: u64,
    /// SHA-256 of them, in hexadecimal.
    pub sha256: String,
}

impl OutputFile {
    /// Begins a file. Refuses to replace an existing one without `force`.
    pub fn create(path: &Path, force: bool) -> Result<Self, Failure> {
        Self::open(path, force, false)
    }

    /// Begins a file, or goes on with what an earlier try left of it; what comes stays if the rest does not.
    pub fn resume(path: &Path, force: bool) -> Result<Self, Failure> {
        let mut file = Self::open(path, force, true)?;
        let mut buffer = vec![0; PIECE];
        loop {
            let read = file.file.get_ref().read(&mut buffer)?;
            if read == 0 {
                return Ok(file);
            }
            file.count(buffer.get(..read).unwrap_or_default());
        }
    }

    fn open(path: &Path, force: bool, keep: bool) -> Result<Self, Failure> {
        if path.exists() && !force {
            return Err(Failure::usage(format!("{} exists; --force replaces it", path.display())));
        }
        // A device has to stay one, also where --force may replace files.
        if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
            let message = format!("{} is no file; give the path of one, or leave it out", path.display());
            return Err(Failure::usage(message));
        }
        let mut name = path.file_name().ok_or_else(|| Failure::usage("--output needs a file name"))?.to_os_string();
        name.push(".part");
        let beside = path.with_file_name(name);
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(!keep).open(&beside);
        let file = file.map_err(|error| Failure::usage(format!("{}: {error}", beside.display())))?;
        let file = BufWriter::new(file);
        Ok(Self { file, beside, path: path.to_owned(), digest: Sha256::new(), bytes: 0, keep })
    }

    /// Forgets what is there.
    pub fn restart(&mut self) -> Result<(), Failure> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.get_ref().set_len(0)?;
        (self.digest, self.bytes) = (Sha256::new(), 0);
        Ok(())
    }

    /// Adds bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.count(bytes);
        self.file.write_all(bytes).map_err(|error| self.failed(&error))
    }

    fn count(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        self.bytes += u64::try_from(bytes.len()).unwrap_or(0);
    }

    fn failed(&self, error: &io::Error) -> Failure {
        Failure::general(format!("{}: {error}", self.beside.display()))
    }

    /// Bytes so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// SHA-256 of what is there so far, hex.
    pub fn sha256(&self) -> String {
        encode::hex(&self.digest.clone().finalize())
    }

    /// Removes what is there: nobody can use it.
    pub fn discard(mut self) {
        self.keep = false;
    }

    /// Makes the file durable and lets it appear.
    pub fn finish(mut self) -> Result<Written, Failure> {
        let appeared = self.file.flush().and_then(|()| self.file.get_ref().sync_all());
        appeared.and_then(|()| fs::rename(&self.beside, &self.path)).map_err(|error| self.failed(&error))?;
        Ok(Written { path: self.path.clone(), bytes: self.bytes, sha256: self.sha256() })
    }
}

impl Drop for OutputFile {
    fn drop(&mut self) {
        // After `finish` there is nothing to remove.
        if !self.keep {
            fs::remove_file(&self.beside).unwrap_or_default();
        }
    }
}

/// Writes files below a folder: whoever finds one there already without `force` writes none.
pub fn write_below<'a>(
    folder: &Path,
    files: impl Iterator<Item = (&'a str, &'a str)> + Clone,
    force: bool,
) -> Result<Vec<Written>, Failure> {
    let taken = files.clone().map(|(path, _)| folder.join(path)).find(|path| path.exists());
    if let Some(path) = taken.filter(|_| !force) {
        return Err(Failure::usage(format!("{} exists; --force replaces it", path.display())));
    }
    let write = |(path, text): (&str, &str)| {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(|error| Failure::usage(format!("{}: {error}", parent.display())))?;
        let mut file = OutputFile::create(&path, force)?;
        file.write(text.as_bytes())?;
        file.finish()
    };
    files.map(write).collect()
}
