//! The oracle of the encoders.
//!
//! `encoder-oracle vector CASES SEED` encodes hostile values and reads them back with the parsers of Vector
//! (`parse_cef`, `parse_syslog`); `encoder-oracle emit CASES SEED [FORMATS]` prints cases with their input,
//! for `check.py`.

mod cases;
mod emit;
mod vector;

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| args.get(at).and_then(|text| text.parse::<u64>().ok());
    match (args.first().map(String::as_str), number(1), number(2)) {
        (Some("vector"), Some(cases), Some(seed)) => vector::run(cases, seed),
        (Some("emit"), Some(cases), Some(seed)) => emit::run(cases, seed, args.get(3).map(String::as_str)),
        _ => {
            eprintln!("encoder-oracle vector|emit CASES SEED [FORMATS]");
            ExitCode::FAILURE
        }
    }
}
