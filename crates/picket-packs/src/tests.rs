//! The packs against what is sent, and against readers of their formats.

mod elastic;
mod files;
mod metrics;
mod names;
mod parties;
mod qradar;
mod samples;
mod schema;
mod sentinel;
mod splunk;

use crate::{File, Options, Pack};

/// The files of a pack as it is by itself.
fn files(pack: Pack) -> Vec<File> {
    pack.files(&Options::default())
}

/// The text of a file.
fn text(pack: Pack, path: &str) -> String {
    let files = files(pack);
    let file = files.iter().find(|file| file.path == path);
    file.unwrap_or_else(|| panic!("{pack} has no {path}")).text.clone()
}
