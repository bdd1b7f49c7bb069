//! Traffic of people who do not exist: written, or held against rules.

mod report;

use super::Context;
use crate::args::SimulateArgs;
use crate::failure::Failure;
use crate::output::{Format, OutputFile};
use picket_simulate::{Campaign, Labelled, Plan, Simulation};
use picket_stdx::Timestamp;
use serde_json::json;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::ExitCode;

/// A Monday.
const START: &str = "2026-06-01T00:00:00Z";

pub(super) fn run(args: &SimulateArgs, context: &Context) -> Result<ExitCode, Failure> {
    let start: Timestamp = START.parse().map_err(Failure::usage)?;
    let named = |word: &String| match Campaign::of(word) {
        Some(campaign) => vec![campaign],
        None => Campaign::ALL.to_vec(),
    };
    let campaigns = args.campaigns.iter().flat_map(named).collect();
    let plan = Plan { seed: args.seed, users: args.users, days: args.days, start, campaigns };
    if args.report {
        return report::run(plan, args, context).map(|()| ExitCode::SUCCESS);
    }
    if args.show.format.format == Format::Csv {
        return Err(Failure::usage("events are written as JSON, a line each; `--format` is for `--report`"));
    }
    match args.show.output.as_deref().filter(|path| *path != Path::new("-")) {
        Some(path) => {
            let mut file = OutputFile::create(path, args.show.force)?;
            let count = write(&plan, args, &mut |line| file.write(line))?;
            context.written(&file.finish()?, Some(count));
        }
        None => {
            let mut out = BufWriter::new(std::io::stdout().lock());
            let count = write(&plan, args, &mut |line| Ok(out.write_all(line)?))?;
            out.flush()?;
            context.note(&format!("{count} events"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes each event as a line, and the labels to their file; how many events there were.
fn write(plan: &Plan, args: &SimulateArgs, out: &mut dyn FnMut(&[u8]) -> Result<(), Failure>) -> Result<u64, Failure> {
    let mut labels = args.labels.as_deref().map(|path| OutputFile::create(path, args.show.force)).transpose()?;
    let mut count = 0;
    for Labelled { event, campaign } in Simulation::new(plan.clone()) {
        let mut line = serde_json::to_vec(&event)?;
        line.push(b'\n');
        out(&line)?;
        let campaign = campaign.and_then(|place| plan.campaigns.get(place));
        if let (Some(labels), Some(campaign)) = (labels.as_mut(), campaign) {
            let label = json!({"event_id": event.event_id, "campaign": campaign.as_str()});
            labels.write(format!("{label}\n").as_bytes())?;
        }
        count += 1;
    }
    labels.map(OutputFile::finish).transpose()?;
    Ok(count)
}
