//! `packs`: what is installed in the systems that events are sent to.

use super::Context;
use crate::args::{PacksCommand, WritePackArgs};
use crate::failure::Failure;
use crate::output::OutputFile;
use picket_packs::{Options, Pack};
use serde_json::{Value, json};

pub(super) fn run(command: PacksCommand, context: &Context) -> Result<(), Failure> {
    match command {
        PacksCommand::List(show) => {
            let rows: Vec<Value> = Pack::ALL.iter().map(|pack| row(*pack)).collect();
            context.list(&rows, &["pack", "destination", "about"], &show)
        }
        PacksCommand::Write(args) => write(&args, context),
    }
}

fn row(pack: Pack) -> Value {
    json!({"pack": pack.as_str(), "destination": pack.destination(), "about": pack.about()})
}

/// Writes all files of a pack, or none: what is there already is found before the first is written.
fn write(args: &WritePackArgs, context: &Context) -> Result<(), Failure> {
    let options = Options::default().with_vendor(&args.vendor).map_err(Failure::usage)?;
    let options = options.with_index(&args.index).map_err(Failure::usage)?;
    let files = args.pack.files(&options);
    let taken = files.iter().map(|file| args.into.join(&file.path)).find(|path| path.exists());
    if let Some(path) = taken.filter(|_| !args.show.force) {
        return Err(Failure::usage(format!("{} exists; --force replaces it", path.display())));
    }
    let mut rows = Vec::with_capacity(files.len());
    for file in &files {
        let path = args.into.join(&file.path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|error| Failure::usage(format!("{}: {error}", folder.display())))?;
        }
        let mut output = OutputFile::create(&path, args.show.force)?;
        output.write(file.text.as_bytes())?;
        let written = output.finish()?;
        rows.push(json!({"file": written.path, "bytes": written.bytes, "sha256": written.sha256}));
    }
    context.list(&rows, &["file", "bytes"], &args.show)?;
    context.note(&format!("{} says what to do with them", args.into.join("README.md").display()));
    Ok(())
}
