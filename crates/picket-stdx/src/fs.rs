//! Files that survive a crash: written beside, synced, renamed, and the folder synced.

use crate::random;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// Replaces `path` with `bytes` so that a crash leaves either the old or the new content, never a mixture.
/// The file can be read and written by its owner only.
pub fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_os_string();
    name.push(".new");
    let beside = folder.join(name);
    let mut file = private_options().create(true).truncate(true).open(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&beside, path)?;
    sync_folder(folder)
}

/// Creates a new file for its owner only, with `bytes`; fails when it exists already. A crash leaves it whole or not at all.
pub fn create_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_os_string();
    // Of its own name, since another process may be about to make the same file.
    name.push(format!(".{:016x}.new", random::number()));
    let beside = folder.join(name);
    let mut file = private_options().create_new(true).open(&beside)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    // A link fails where something is there already, and a rename would not.
    let linked = written.and_then(|()| std::fs::hard_link(&beside, path));
    std::fs::remove_file(&beside)?;
    match linked {
        Err(error) if is_without_links(&error) => {
            let mut file = private_options().create_new(true).open(path)?;
            file.write_all(bytes)?;
            file.sync_all()?;
        }
        linked => linked?,
    }
    sync_folder(folder)
}

/// Whether a file system knows no links; then a crash may leave a file that is cut.
fn is_without_links(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied)
}

/// Creates a folder and its parents, open to their owner only.
pub fn create_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes renames and creations inside `folder` durable.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn private_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests;
