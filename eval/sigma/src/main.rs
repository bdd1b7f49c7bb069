//! Picket's rules engine beside rsigma's, on the same rules and events.
//!
//! `compare RULES EVENTS` holds every rule of the folder against every event, and against events made up from the rule's
//! own values; each difference has to have one of the reasons in [`compare`]. `sample RULES EVENTS FOLDER` writes the part
//! of both, with rsigma's verdicts, that the product's own tests use. `bench RULES EVENTS` measures both.

mod bench;
mod compare;
mod corpus;
mod made_up;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["compare", rules, events] => corpus::Corpus::read(rules, events).and_then(|corpus| compare::run(&corpus)),
        ["sample", rules, events, folder] => {
            corpus::Corpus::read(rules, events).and_then(|corpus| compare::sample(&corpus, folder))
        }
        ["bench", rules, events] => corpus::Corpus::read(rules, events).and_then(|corpus| bench::run(&corpus)),
        _ => Err("compare RULES EVENTS | sample RULES EVENTS FOLDER | bench RULES EVENTS".to_owned()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("{cause}");
            ExitCode::FAILURE
        }
    }
}
