//! The command under its other name, `kt`.

use std::process::ExitCode;

fn main() -> ExitCode {
    picket::main()
}
