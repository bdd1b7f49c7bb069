//! A file that appears whole or not at all, with its size and digest.

use picket_stdx::encode::hex;
use picket_stdx::fs;
use sha2::{Digest as _, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Bytes that are read at a time of what is there already.
const READ_BYTES: usize = 256 * 1024;

/// Written beside its place, then renamed. What is not finished stays, so that it can be gone on with; whoever gives it
/// up removes it.
#[derive(Debug)]
pub(crate) struct Sink {
    file: BufWriter<File>,
    path: PathBuf,
    digest: Sha256,
    bytes: u64,
}

/// Where a file is until it is finished.
fn beside(path: &Path) -> PathBuf {
    path.with_extension("part")
}

impl Sink {
    /// Begins a file that will stand at `path`.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let file = BufWriter::new(File::create(beside(path))?);
        Ok(Self { file, path: path.to_owned(), digest: Sha256::new(), bytes: 0 })
    }

    /// Goes on with a file after its first `bytes`, if they are there and have this digest. What follows them is cut
    /// off: nobody knows how much of it reached the disk.
    pub(crate) fn resume(path: &Path, bytes: u64, sha256: &str) -> io::Result<Option<Self>> {
        let mut file = match OpenOptions::new().read(true).write(true).open(beside(path)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let (mut digest, mut read) = (Sha256::new(), 0);
        let mut head = (&mut file).take(bytes);
        let mut buffer = vec![0; READ_BYTES];
        loop {
            let piece = head.read(&mut buffer)?;
            let Some(piece) = buffer.get(..piece).filter(|piece| !piece.is_empty()) else { break };
            digest.update(piece);
            read += u64::try_from(piece.len()).unwrap_or(0);
        }
        if read < bytes || hex(&digest.clone().finalize()) != sha256 {
            return Ok(None);
        }
        // Reading ended right after them.
        file.set_len(bytes)?;
        Ok(Some(Self { file: BufWriter::new(file), path: path.to_owned(), digest, bytes }))
    }

    /// Adds bytes.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.digest.update(bytes);
        self.bytes += u64::try_from(bytes.len()).unwrap_or(0);
        self.file.write_all(bytes)
    }

    /// Bytes so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes what was written durable, so that it can be gone on with after a crash; its SHA-256.
    pub(crate) fn settle(&mut self) -> io::Result<String> {
        self.file.flush()?;
        self.file.get_ref().sync_data()?;
        Ok(hex(&self.digest.clone().finalize()))
    }

    /// Makes the file durable and lets it appear; its SHA-256.
    pub(crate) fn finish(mut self) -> io::Result<String> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        std::fs::rename(beside(&self.path), &self.path)?;
        if let Some(folder) = self.path.parent() {
            fs::sync_folder(folder)?;
        }
        Ok(hex(&self.digest.finalize()))
    }
}

#[cfg(test)]
mod tests;
