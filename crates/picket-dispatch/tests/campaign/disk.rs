//! A small disk of its own where the tests run as root, so that it can be full for real; a folder elsewhere.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

pub(crate) struct Disk {
    folder: TempDir,
    is_mounted: bool,
}

impl Disk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let is_mounted = run("mount", &["-t", "tmpfs", "-o", "size=48m,mode=0700", "tmpfs", path]);
        Self { folder, is_mounted }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes all the room there is; none where the disk is everybody's.
    pub(crate) fn fill(&self) -> Option<PathBuf> {
        if !self.is_mounted {
            return None;
        }
        let path = self.path().join("filler");
        let mut file = File::create(&path).unwrap();
        // From large pieces to single bytes, until nothing more fits.
        for size in [1024 * 1024, 4_096, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
        Some(path)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.is_mounted {
            run("umount", &["-l", self.path().to_str().unwrap()]);
        }
    }
}

fn run(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}
