//! The command line: `picket`, also `kt`.
//!
//! `serve`, `init`, `demo` and `config check` run the server's code; everything else speaks the HTTP API and nothing
//! else, so that whatever the command line can do, a script can do too. Data goes to standard output; progress, notes
//! and errors go to standard error. Exit codes are listed in [`failure::Failure`].

mod args;
mod command;

use picket_client::{client, failure, output, profile, time};
use std::process::ExitCode;

/// Reads the arguments, runs the command and returns its exit code.
pub fn main() -> ExitCode {
    output::choose_color(args::color());
    let arguments = match args::parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            if error.use_stderr() && args::wants_json_errors() {
                return failure::Failure::usage(error.render()).report(true);
            }
            // Help and version are no errors; a closed pipe is nobody's fault.
            error.print().unwrap_or_default();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match command::run(arguments) {
        Ok(code) => code,
        Err(failure) => failure.report(args::wants_json_errors()),
    }
}
