//! The official clients, unmodified.

use crate::harness::Product;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the clients are installed; `cargo xt test` says so.
pub(crate) fn clients() -> Option<PathBuf> {
    std::env::var_os("PICKET_TEST_CLIENTS").map(PathBuf::from)
}

fn run(product: &Product, program: &Path, script: &str, clients: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/testdata").join(script);
    // Node looks for packages beside the script.
    let copy = clients.join(script.file_name().unwrap());
    std::fs::copy(&script, &copy).unwrap();
    let output =
        Command::new(program).arg(&copy).env("GATEWAY", &product.gateway).env("KEY", &product.key).output().unwrap();
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_official_python_clients_work_unmodified() {
    let Some(clients) = clients() else { return };
    let product = Product::start();
    run(&product, &clients.join("venv/bin/python"), "clients.py", &clients);
    assert!(product.events("", 12).len() >= 12);
}

#[test]
fn the_official_node_clients_work_unmodified() {
    let Some(clients) = clients() else { return };
    let product = Product::start();
    run(&product, Path::new("node"), "clients.mjs", &clients);
    assert!(product.events("", 8).len() >= 8);
}
