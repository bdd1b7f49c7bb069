//! Lines of a file on this machine, durable before they count as delivered.
//!
//! A file that would grow beyond its size is put aside as `NAME.000001`, `NAME.000002`, … and a new one begun. What a
//! crash or a full disk left of a line is cut off before the next one: its event was never acknowledged, and comes again.

use crate::answer::{Answer, Outcome};
use crate::credentials::{Credentials, SecretField};
use crate::destination::{Configured, Destination, Frame, Limits, Request, Sent, Waited};
use crate::kind::Problem;
use crate::network::Network;
use crate::rendering::Rendering;
use picket_render::wire::WireError;
use picket_render::{Fixed, Renderer, Subject};
use picket_stdx::fs::sync_folder;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use utoipa::ToSchema;

const NAME_BYTES_MAX: usize = 128;
const ROTATE_BYTES_MIN: u64 = 64 * 1024;
const ROTATE_BYTES: u64 = 256 * 1024 * 1024;
/// Digits behind the name of a file that was put aside.
const ASIDE_DIGITS: usize = 6;
const REQUEST_BYTES: usize = 1024 * 1024;
const REQUEST_EVENTS: usize = 1_000;
/// Bytes that are read at a time where the end of the last whole line is looked for.
const LOOK_BYTES: usize = 64 * 1024;

/// Options of the kind `file`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Name of the file, in the folder that the operator's configuration names for such destinations.
    pub name: String,
    /// Bytes after which a file is put aside and a new one begun; 256 MiB when absent.
    #[serde(default = "rotate_bytes")]
    pub rotate_bytes: u64,
    /// How many files that were put aside are kept; all when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<u32>,
    /// In what language; `canonical` when absent.
    #[serde(default)]
    pub rendering: Rendering,
}

const fn rotate_bytes() -> u64 {
    ROTATE_BYTES
}

impl Configured for Config {
    fn name(&self) -> &'static str {
        "file"
    }

    fn check(&self) -> Result<(), Problem> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let name = self.name.as_bytes();
        if !(1..=NAME_BYTES_MAX).contains(&name.len()) || !name.iter().copied().all(is_plain) || name.starts_with(b".")
        {
            let message = format!(
                "is no name of a file: give 1 to {NAME_BYTES_MAX} letters, digits, `.`, `_` and `-`, and no dot in front"
            );
            return Err(Problem::new("name", message));
        }
        let is_number = |end: &str| end.len() >= ASIDE_DIGITS && end.bytes().all(|byte| byte.is_ascii_digit());
        if self.name.rsplit_once('.').is_some_and(|(_, end)| is_number(end)) {
            let message =
                "ends as files do that were put aside, which may be of another destination: leave the number out";
            return Err(Problem::new("name", message));
        }
        if self.rotate_bytes < ROTATE_BYTES_MIN {
            return Err(Problem::new("rotate_bytes", format!("is too little: give {ROTATE_BYTES_MIN} or more")));
        }
        self.rendering.check("canonical")
    }

    fn host(&self) -> Option<String> {
        None
    }

    fn secrets(&self) -> &'static [SecretField] {
        &[]
    }

    fn open(&self, _credentials: &Credentials, network: &Network) -> Result<Arc<dyn Destination>, Problem> {
        let Some(folder) = &network.folder else {
            let message = "files may be written nowhere: the operator's configuration has to name a folder for them";
            return Err(Problem::new("name", message));
        };
        Ok(Arc::new(Lines {
            renderer: self.rendering.renderer("canonical", &network.maker)?,
            file: Arc::new(Mutex::new(Rotated {
                path: folder.join(&self.name),
                rotate_bytes: self.rotate_bytes,
                keep: self.keep,
                open: None,
            })),
            place: format!("append to {}", self.name),
        }))
    }
}

#[derive(Debug)]
struct Lines {
    renderer: Renderer,
    file: Arc<Mutex<Rotated>>,
    place: String,
}

impl Destination for Lines {
    fn encode(&self, event: &Subject<'_>, out: &mut Vec<u8>) -> Result<(), WireError> {
        self.renderer.render(event, out);
        Ok(())
    }

    fn frame(&self) -> Frame<'_> {
        Frame::Fixed(Fixed::LINES)
    }

    fn limits(&self) -> Limits {
        Limits { bytes: REQUEST_BYTES, compressed_bytes: None, events: REQUEST_EVENTS }
    }

    fn send<'a>(&'a self, request: Request<'a>) -> Waited<'a, Answer> {
        let (file, body) = (Arc::clone(&self.file), request.body);
        Box::pin(async move {
            let append = move || file.lock().unwrap_or_else(PoisonError::into_inner).append(&body);
            match tokio::task::spawn_blocking(append).await {
                Ok(Ok(())) => Answer::new(Outcome::Ack, ""),
                Ok(Err(error)) => refused(&error),
                Err(_stopped) => Answer::new(Outcome::Retry, "the program ends"),
            }
        })
    }

    fn place(&self, _request: &Request<'_>) -> String {
        self.place.clone()
    }

    fn read_back<'a>(&'a self, event: Sent<'a>) -> Waited<'a, Option<Result<String, Problem>>> {
        let (file, id) = (Arc::clone(&self.file), event.id.to_owned());
        Box::pin(async move {
            let look = move || file.lock().unwrap_or_else(PoisonError::into_inner).last_with(&id);
            let read = tokio::task::spawn_blocking(look).await.unwrap_or_else(|_stopped| Err(ErrorKind::Other.into()));
            Some(read.map_err(|error| Problem::new("name", format!("the line cannot be read back: {error}"))))
        })
    }
}

/// What an error of the file system means.
fn refused(error: &io::Error) -> Answer {
    let outcome = match error.kind() {
        ErrorKind::PermissionDenied
        | ErrorKind::NotFound
        | ErrorKind::NotADirectory
        | ErrorKind::IsADirectory
        | ErrorKind::ReadOnlyFilesystem => Outcome::Config,
        _ => Outcome::Retry,
    };
    Answer::new(outcome, &format!("the file cannot be written: {error}"))
}

/// A file that is put aside when it is full.
#[derive(Debug)]
struct Rotated {
    path: PathBuf,
    rotate_bytes: u64,
    keep: Option<u32>,
    /// The file with its length up to the end of the last durable line; none after an error, which may have left anything.
    open: Option<(File, u64)>,
}

impl Rotated {
    /// Appends lines, all or none.
    fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        let (mut file, mut length) = match self.open.take() {
            Some(open) => open,
            None => open_whole(&self.path)?,
        };
        let added = u64::try_from(lines.len()).unwrap_or(u64::MAX);
        if length > 0 && length.saturating_add(added) > self.rotate_bytes {
            drop(file);
            self.put_aside()?;
            (file, length) = open_whole(&self.path)?;
        }
        let written = file.write_all(lines).and_then(|()| file.sync_data());
        if let Err(error) = written {
            // If this fails too, the next opening cuts what has no end; whole lines stay, and come twice.
            file.set_len(length).and_then(|()| file.sync_data()).unwrap_or_default();
            return Err(error);
        }
        self.open = Some((file, length + added));
        Ok(())
    }

    fn put_aside(&self) -> io::Result<()> {
        let folder = folder_of(&self.path);
        let aside = self.set_aside(folder)?;
        let number = aside.last().map_or(1, |last| last + 1);
        std::fs::rename(&self.path, self.numbered(number))?;
        if let Some(keep) = self.keep {
            let keep = usize::try_from(keep).unwrap_or(usize::MAX);
            let surplus = (aside.len() + 1).saturating_sub(keep);
            for old in aside.iter().chain([&number]).take(surplus) {
                std::fs::remove_file(self.numbered(*old))?;
            }
        }
        sync_folder(folder)
    }

    /// Numbers of the files that were put aside, ascending: of those that are named as [`Rotated::numbered`] does.
    fn set_aside(&self, folder: &Path) -> io::Result<Vec<u64>> {
        let name = self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let mut numbers = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?.file_name();
            let end = entry.to_str().and_then(|entry| entry.strip_prefix(name)?.strip_prefix('.'));
            let number = end.and_then(|end| end.parse().ok()).filter(|number| end == Some(&aside(*number)));
            numbers.extend(number);
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn numbered(&self, number: u64) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(format!(".{}", aside(number)));
        name.into()
    }

    /// The last line, if it holds this text.
    fn last_with(&self, text: &str) -> io::Result<String> {
        let mut file = File::open(&self.path)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(as_u64(LOOK_BYTES))))?;
        let mut end = Vec::new();
        file.take(as_u64(LOOK_BYTES)).read_to_end(&mut end)?;
        let end = String::from_utf8_lossy(&end);
        let line = end.lines().rev().find(|line| line.contains(text));
        line.map(str::to_owned).ok_or_else(|| io::Error::new(ErrorKind::InvalidData, "it is not among the last lines"))
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Opens a file to append to, without what is left of a line that has no end; and its length.
fn open_whole(path: &Path) -> io::Result<(File, u64)> {
    if std::fs::symlink_metadata(path).is_ok_and(|what| what.is_symlink()) {
        // It may lead out of the folder that the operator named.
        return Err(io::Error::new(ErrorKind::NotADirectory, "a link has its name, and links are not followed"));
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(ErrorKind::IsADirectory, "something else than a file has its name"));
    }
    let length = file.metadata()?.len();
    let whole = whole_lines(&mut file, length)?;
    if whole < length {
        file.set_len(whole)?;
    }
    file.sync_all()?;
    sync_folder(folder_of(path))?;
    Ok((file, whole))
}

/// Bytes up to the end of the last line that has one.
fn whole_lines(file: &mut File, length: u64) -> io::Result<u64> {
    let mut end = length;
    let mut piece = vec![0; LOOK_BYTES];
    while end > 0 {
        let begin = end.saturating_sub(as_u64(LOOK_BYTES));
        file.seek(SeekFrom::Start(begin))?;
        let wanted = usize::try_from(end - begin).unwrap_or(LOOK_BYTES);
        let piece = piece.get_mut(..wanted).unwrap_or_default();
        file.read_exact(piece)?;
        if let Some(at) = piece.iter().rposition(|byte| *byte == b'\n') {
            return Ok(begin + as_u64(at) + 1);
        }
        end = begin;
    }
    Ok(0)
}

/// What the name of a file that was put aside ends with.
fn aside(number: u64) -> String {
    format!("{number:0ASIDE_DIGITS$}")
}

#[cfg(test)]
mod tests;
