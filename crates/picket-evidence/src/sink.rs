//! A file that appears whole or not at all, with its size and digest.

use picket_stdx::encode::hex;
use picket_stdx::fs;
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

/// Written beside its place, then renamed; what is not finished is removed, so that a full disk has room again.
#[derive(Debug)]
pub(crate) struct Sink {
    file: BufWriter<File>,
    beside: PathBuf,
    path: PathBuf,
    digest: Sha256,
    bytes: u64,
}

impl Sink {
    /// Begins a file that will stand at `path`.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let beside = path.with_extension("part");
        let file = BufWriter::new(File::create(&beside)?);
        Ok(Self { file, beside, path: path.to_owned(), digest: Sha256::new(), bytes: 0 })
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

    /// Makes the file durable and lets it appear; its SHA-256.
    pub(crate) fn finish(mut self) -> io::Result<String> {
        self.file.flush()?;
        self.file.get_ref().sync_all()?;
        std::fs::rename(&self.beside, &self.path)?;
        if let Some(folder) = self.path.parent() {
            fs::sync_folder(folder)?;
        }
        Ok(hex(&self.digest.clone().finalize()))
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // After `finish` there is nothing to remove.
        std::fs::remove_file(&self.beside).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finished_file_has_the_digest_of_its_bytes_and_an_unfinished_one_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let mut sink = Sink::create(&path).unwrap();
        sink.write(b"ab").unwrap();
        sink.write(b"c").unwrap();
        assert_eq!(sink.bytes(), 3);
        assert_eq!(sink.finish().unwrap(), crate::digest(b"abc"));
        assert_eq!(std::fs::read(&path).unwrap(), b"abc");
        drop(Sink::create(&folder.path().join("b.json")).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_an_error_that_says_so() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/dev/full", folder.path().join("a.part")).unwrap();
        let mut sink = Sink::create(&folder.path().join("a.json")).unwrap();
        let written = sink.write(&vec![0; 64 * 1024]).and_then(|()| sink.finish());
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::StorageFull);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
