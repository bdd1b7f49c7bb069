//! `packs`: what is installed in the systems that events are sent to.

use super::Context;
use crate::args::{PacksCommand, WritePackArgs};
use crate::failure::Failure;
use crate::output;
use picket_packs::{Options, Pack};
use serde_json::{Value, json};

pub(super) fn run(command: PacksCommand, context: &Context) -> Result<(), Failure> {
    let row = |pack: &Pack| json!({"pack": pack.as_str(), "destination": pack.destination(), "about": pack.about()});
    match command {
        PacksCommand::List(show) => {
            context.list(&Pack::ALL.iter().map(row).collect::<Vec<_>>(), &["pack", "destination", "about"], &show)
        }
        PacksCommand::Write(args) => write(&args, context),
    }
}

fn write(args: &WritePackArgs, context: &Context) -> Result<(), Failure> {
    let options = Options::default().with_vendor(&args.vendor).and_then(|options| options.with_index(&args.index));
    let files = args.pack.files(&options.map_err(Failure::usage)?);
    let texts = files.iter().map(|file| (file.path.as_str(), file.text.as_str()));
    let written = output::write_below(&args.into, texts, args.show.force)?;
    let rows: Vec<Value> =
        written.iter().map(|one| json!({"file": one.path, "bytes": one.bytes, "sha256": one.sha256})).collect();
    context.list(&rows, &["file", "bytes"], &args.show)?;
    context.note(&format!("{} says what to do with them", args.into.join("README.md").display()));
    Ok(())
}
