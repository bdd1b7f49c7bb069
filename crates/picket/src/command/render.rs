//! `render`: events in, the bytes that another system would receive out.

mod events;

pub(super) use events::Given;

use crate::args::{LineProfile, RenderArgs};
use crate::failure::Failure;
use picket_render::{Field, Format, Maker, Mapping, Profile, Renderer, Table};
use picket_stdx::escape;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn run(args: &RenderArgs) -> Result<ExitCode, Failure> {
    let mapping = args.mapping.as_deref().map(|path| table(path).map(|table| table.mapping)).transpose()?;
    let renderer = renderer(args, mapping.clone())?;
    let mut out = std::io::stdout().lock();
    let mut buffer = Vec::new();
    for given in events::Events::new(open(&args.file)?) {
        let given = given?;
        buffer.clear();
        match mapping.as_ref().filter(|_| args.preview) {
            Some(mapping) => preview(mapping, &given, &mut buffer)?,
            None => {
                renderer.render(&given.subject(), &mut buffer);
                buffer.push(b'\n');
            }
        }
        out.write_all(&buffer)?;
        // What follows events as they happen wants each at once.
        out.flush()?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads and checks a table of names.
pub(super) fn table(path: &Path) -> Result<Table, Failure> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    Table::read(&text, &name).map_err(Failure::usage)
}

fn renderer(args: &RenderArgs, mapping: Option<Mapping>) -> Result<Renderer, Failure> {
    let format: Format = args.format.parse().map_err(Failure::usage)?;
    let format = match (format, args.profile) {
        (Format::Cef(_), LineProfile::AsPrinted) => Format::Cef(Profile::AsPrinted),
        (Format::Leef(_), LineProfile::AsPrinted) => Format::Leef(Profile::AsPrinted),
        (other, LineProfile::Strict) => other,
        (_, LineProfile::AsPrinted) => return Err(Failure::usage("--profile is for cef and leef; leave it out")),
    };
    if mapping.is_some() && format != Format::Mapped {
        return Err(Failure::usage("--mapping is for --as mapped"));
    }
    if !args.extra.is_empty() && format != Format::Canonical {
        return Err(Failure::usage("--extra is for --as canonical"));
    }
    let field = |name: &String| {
        Field::of(name).ok_or_else(|| {
            let near = Field::nearest(name).map(|field| format!("; did you mean `{}`?", field.name()));
            Failure::usage(format!("an event has no field `{name}`{}", near.unwrap_or_default()))
        })
    };
    let extra = args.extra.iter().map(field).collect::<Result<Vec<_>, _>>()?;
    let version = args.product_version.clone().unwrap_or(Maker::default().version);
    let maker = Maker { vendor: args.vendor.clone(), product: args.product.clone(), version };
    let renderer = Renderer::new(format, maker).with_extra(extra);
    Ok(match mapping {
        Some(mapping) => renderer.with_mapping(mapping),
        None => renderer,
    })
}

/// What a table makes of an event: a line for each member, with its source, name and value between tabs.
fn preview(mapping: &Mapping, given: &Given, out: &mut Vec<u8>) -> Result<(), Failure> {
    for row in mapping.preview(&given.subject()) {
        let (from, value) = (row.from.unwrap_or("(constant)"), row.value.as_deref().unwrap_or("(absent)"));
        writeln!(out, "{from}\t{}\t{}", escape::terminal(&row.to), escape::terminal(value))?;
    }
    out.push(b'\n');
    Ok(())
}

/// A file, or standard input.
pub(super) fn open(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(BufReader::new(std::io::stdin())));
    }
    let file = std::fs::File::open(path).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))?;
    Ok(Box::new(BufReader::new(file)))
}
