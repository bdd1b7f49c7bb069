//! The command `picket`.

use std::process::ExitCode;

fn main() -> ExitCode {
    picket::main()
}
