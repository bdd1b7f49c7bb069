//! Independent parties that read what the product writes.

use crate::process::{self, Failure, cargo, command, root};
use crate::setup;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::SystemTime;

const PYTHON: &[&str] = &[
    "cefevent==0.5.6",
    "cryptography==50.0.2",
    "jsonschema==4.26.0",
    "ocsf-json-schema==1.2.0",
    "opentelemetry-proto==1.45.2",
    "standardwebhooks==1.1.0",
];
const NODE: &[&str] = &["@elastic/ecs@9.4.0", "standardwebhooks@1.1.1"];

/// Of columns.
const COLUMNS_PYTHON: &[&str] = &["pyarrow==26.0.1"];
const COLUMNS_ROWS: &str = "40000";

/// Of tickets.
const TICKETS_PYTHON: &[&str] = &["aiosmtpd==1.4.6", "jsonschema==4.26.0", "pagerduty==7.2.0", "slack-sdk==3.47.0"];
const TICKETS_NODE: &[&str] = &["@atlaskit/adf-schema@57.7.22", "adaptivecards@3.0.6"];

/// Of content packs.
const PACKS_PYTHON: &[&str] = &["pyyaml==6.0.3", "splunk-appinspect==4.3.1"];
const PACKS_NODE: &[&str] = &["@elastic/ecs@9.4.0", "@kusto/language-service-next@12.4.1"];
/// The checker of rules of Prometheus.
const PROMTOOL: &str = "github.com/prometheus/prometheus/cmd/promtool@v0.316.0";

/// The parties of tickets, of columns, of packs, or of the encoders: `encoders [--cases N] [--seed S] [--opensearch URL]`.
pub(crate) fn run(args: &[&str]) -> Result<(), Failure> {
    let usage = || {
        Failure(
            "`oracle` takes `tickets`, `columns`, `packs`, or `encoders` and then perhaps --cases N, --seed S and --opensearch URL"
                .to_owned(),
        )
    };
    if args == ["tickets"] {
        return tickets();
    }
    if args == ["columns"] {
        return columns();
    }
    if args == ["packs"] {
        return packs();
    }
    let Some((&"encoders", options)) = args.split_first() else { return Err(usage()) };
    let (mut cases, mut seed, mut server) = (100_000, 1, None);
    for pair in options.chunks(2) {
        match pair {
            ["--cases", number] => cases = number.parse().map_err(|_error| usage())?,
            ["--seed", number] => seed = number.parse().map_err(|_error| usage())?,
            ["--opensearch", url] => server = Some(*url),
            _ => return Err(usage()),
        }
    }
    encoders(cases, seed, server)
}

/// A file of Parquet, read by the library of Apache Arrow.
fn columns() -> Result<(), Failure> {
    let cache = root().join(".cache/oracles/columns");
    let clients = setup::clients_in(&cache.join("clients"), COLUMNS_PYTHON, &[])?;
    let mut write = cargo();
    write.args(["run", "--quiet", "--locked", "--package", "picket-columns", "--example", "made_up", "--"]);
    process::run_long("made-up events", write.arg(&cache).args([COLUMNS_ROWS, "1"]))?;
    let mut check = command(clients.join("venv/bin/python"));
    process::run_long("pyarrow", check.arg(root().join("xtask/oracles/columns/check.py")).arg(&cache))
}

/// Payloads of ticket systems and chat, as the golden files of their crate hold them, and mails that arrive at a server.
fn tickets() -> Result<(), Failure> {
    let cache = root().join(".cache/oracles/tickets");
    let sources = root().join("xtask/oracles/tickets");
    let clients = setup::clients_in(&cache.join("clients"), TICKETS_PYTHON, TICKETS_NODE)?;
    let python = clients.join("venv/bin/python");
    let schema = clients.join("node_modules/@atlaskit/adf-schema/dist/json-schema/v1/full.json");
    let cards = clients.join("cards.json");
    let mut check = command(&python);
    check.arg(sources.join("check.py")).arg(root().join("crates/picket-tickets/testdata")).arg(schema).arg(&cards);
    process::run_long("Python", &mut check)?;
    // The libraries are found beside the script that asks for them.
    let script = clients.join("check.cjs");
    std::fs::copy(sources.join("check.cjs"), &script)?;
    process::run_long("Node", command("node").arg(script).arg(cards))?;
    let mut mails = cargo();
    mails.args(["test", "--quiet", "-p", "picket-tickets", "mails_arrive"]).env("PICKET_TEST_SMTP", python);
    process::run_long("mails to aiosmtpd", &mut mails)
}

/// The content packs of the repository, read by the makers' own readers where there are some, and taken by a running
/// OpenSearch.
fn packs() -> Result<(), Failure> {
    let cache = root().join(".cache/oracles/packs");
    let (sources, packs) = (root().join("xtask/oracles/packs"), root().join("packs"));
    let clients = setup::clients_in(&cache.join("clients"), PACKS_PYTHON, PACKS_NODE)?;
    let python = clients.join("venv/bin/python");
    let dashboard = cache.join("dashboard.yml");
    process::run_long("Python", command(&python).arg(sources.join("read.py")).arg(&packs).arg(&dashboard))?;
    for (script, folder) in [("kusto.mjs", "sentinel"), ("ecs.mjs", "elastic"), ("ecs.mjs", "opensearch")] {
        // The libraries are found beside the script that asks for them.
        let copy = clients.join(script);
        std::fs::copy(sources.join(script), &copy)?;
        process::run_long(script, command("node").arg(copy).arg(packs.join(folder)))?;
    }
    let app = cache.join("picket_ai_security.tar.gz");
    process::run(
        "the app",
        command("tar").arg("-czf").arg(&app).arg("-C").arg(packs.join("splunk")).arg("picket_ai_security"),
    )?;
    let mut inspect = command(clients.join("venv/bin/splunk-appinspect"));
    process::run_long("AppInspect", inspect.arg("inspect").arg(&app).args(["--mode", "precert", "--ci"]))?;
    let promtool = setup::go_program("promtool", PROMTOOL)?;
    let rules = packs.join("prometheus");
    process::run(
        "promtool: rules",
        command(&promtool).args(["check", "rules"]).arg(rules.join("alerts.yml")).arg(&dashboard),
    )?;
    process::run("promtool: tests", command(&promtool).args(["test", "rules"]).arg(rules.join("alerts_test.yml")))?;
    let server = crate::receivers::Server::start("opensearch")?;
    let mut write = cargo();
    write.args(["test", "--quiet", "--locked", "-p", "picket-packs", "documents_of_every_type"]);
    process::run_long("documents", write.env("PICKET_TEST_DOCUMENTS", &cache))?;
    let mut store = command(&python);
    store.arg(sources.join("opensearch.py")).arg(server.url()?).arg(&packs).arg(&cache);
    process::run_long("OpenSearch", &mut store)
}

fn encoders(cases: u64, seed: u64, server: Option<&str>) -> Result<(), Failure> {
    let cache = root().join(".cache/oracles/encoders");
    let sources = root().join("xtask/oracles/encoders");
    let clients = setup::clients_in(&cache.join("clients"), PYTHON, NODE)?;
    let mut build = cargo();
    build.args(["build", "--quiet", "--release", "--locked", "--manifest-path"]).arg(sources.join("Cargo.toml"));
    process::run_long("the oracle, with the parsers of Vector", build.env("CARGO_TARGET_DIR", &cache))?;
    let program = cache.join("release/encoder-oracle");
    let numbers = [cases.to_string(), seed.to_string()];
    process::run_long("read by Vector", command(&program).arg("vector").args(&numbers))?;
    let fewer = [(cases / 10).max(1_000).to_string(), seed.to_string()];
    others(&program, &sources, &clients, &fewer)?;
    let Some(url) = server else { return Ok(()) };
    let mut store = command(clients.join("venv/bin/python"));
    store.arg(sources.join("opensearch.py")).arg(url.trim_end_matches('/'));
    let mut emit = command(&program);
    piped("OpenSearch", emit.arg("emit").args(&fewer).arg("documents"), &mut store)
}

/// Hands a tenth of the cases to Python, and what it read for Node to Node.
fn others(program: &Path, sources: &Path, clients: &Path, numbers: &[String; 2]) -> Result<(), Failure> {
    // What is signed is as old as its verification allows: the whole run has one time, which is now.
    let now = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
    let mut emit = command(program);
    emit.arg("emit").args(numbers).env("ORACLE_TIME", now.to_string());
    let for_node = clients.join("cases.jsonl");
    let mut check = command(clients.join("venv/bin/python"));
    piped("Python", &mut emit, check.arg(sources.join("check.py")).arg(&for_node))?;
    // The libraries are found beside the script that asks for them.
    let script = clients.join("check.mjs");
    std::fs::copy(sources.join("check.mjs"), &script)?;
    process::run_long("Node", command("node").arg(script).arg(for_node))
}

/// Runs a party that reads the cases which another program prints.
fn piped(name: &str, emit: &mut Command, check: &mut Command) -> Result<(), Failure> {
    let mut emitting = emit.stdout(Stdio::piped()).spawn()?;
    if let Some(cases) = emitting.stdout.take() {
        check.stdin(cases);
    }
    process::run_long(name, check)?;
    if emitting.wait()?.success() { Ok(()) } else { Err(Failure(format!("{name}: the cases ended too early"))) }
}
