//! The control API against its own document, by a program that reads nothing else.

use crate::process::{self, Failure, cargo, command, root};
use std::path::PathBuf;

const CHECKER: &str = "schemathesis==4.32.5";

/// Installs the checker if it is missing; its path.
pub(crate) fn checker() -> Result<PathBuf, Failure> {
    let venv = root().join(".cache/oracles/schemathesis");
    let stamp = venv.join("installed");
    let program = venv.join("bin/schemathesis");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == CHECKER) {
        return Ok(program);
    }
    process::run("python environment", command("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    let install = ["install", "--quiet", "--disable-pip-version-check", CHECKER];
    process::run("schemathesis", command(venv.join("bin/pip")).args(install))?;
    std::fs::write(stamp, CHECKER)?;
    Ok(program)
}

/// `schema [EXAMPLES [SEED]]`: that many requests for each operation and phase (20), made from the seed.
pub(crate) fn run(args: &[&str]) -> Result<(), Failure> {
    if args.len() > 2 || args.iter().any(|number| number.parse::<u64>().is_err()) {
        return Err(Failure("`schema` takes a number of examples, and then perhaps a seed".to_owned()));
    }
    let mut test = cargo();
    test.args(["test", "--locked", "--package", "picket", "--test", "it", "--", "schemas::", "--nocapture"]);
    let names = ["PICKET_TEST_EXAMPLES", "PICKET_TEST_SEED"];
    test.envs(names.into_iter().zip(args.iter().copied())).env("PICKET_TEST_SCHEMATHESIS", checker()?);
    process::run_long("the control API against its document", &mut test)
}
