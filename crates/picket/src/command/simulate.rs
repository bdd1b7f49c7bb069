//! Traffic of people who do not exist: written, or held against rules.

mod report;

use super::Context;
use crate::args::SimulateArgs;
use crate::failure::Failure;
use picket_simulate::{Campaign, Labelled, Plan, Simulation};
use picket_stdx::Timestamp;
use serde_json::json;
use std::fs::File;
use std::io::{BufWriter, Write as _};
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
    let simulation = Simulation::new(plan.clone());
    let mut labels = args.labels.as_ref().map(File::create).transpose()?.map(BufWriter::new);
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut count = 0_u64;
    for Labelled { event, campaign } in simulation {
        let line = serde_json::to_vec(&event)?;
        let written = out.write_all(&line).and_then(|()| out.write_all(b"\n"));
        match written {
            // Whoever read has enough.
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
            written => written?,
        }
        let campaign = campaign.and_then(|place| plan.campaigns.get(place));
        if let (Some(labels), Some(campaign)) = (labels.as_mut(), campaign) {
            writeln!(labels, "{}", json!({"event_id": event.event_id, "campaign": campaign.as_str()}))?;
        }
        count += 1;
    }
    out.flush()?;
    labels.map(|mut labels| labels.flush()).transpose()?;
    context.note(&format!("{count} events"));
    Ok(ExitCode::SUCCESS)
}
