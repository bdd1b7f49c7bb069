//! Slow commands: benchmarks, which are release builds of examples that print their figures, and kills.

use crate::eval::sigma;
use crate::process::{self, Failure, cargo, command};
use std::path::Path;

/// Benchmarks by name: package and example.
const BENCHES: &[(&str, &str, &str)] = &[
    ("log", "picket-log", "append_bench"),
    ("search", "picket-search", "search_bench"),
    ("queue", "picket-review", "queue_bench"),
    ("detect", "picket-detect", "detect_bench"),
    ("load", "picket-detect", "load_bench"),
    ("profiles", "picket-detect", "profiles_bench"),
    ("correlate", "picket-rules", "correlate_bench"),
    ("near", "picket-behaviour", "near_bench"),
    ("product", "picket", "product_bench"),
    ("contain", "picket-server", "contain_bench"),
    ("webhooks", "picket-server", "webhooks_bench"),
    ("gateway", "picket", "gateway_bench"),
    ("chain", "picket-policy", "chain_bench"),
    ("custom", "picket-policy", "custom_bench"),
    ("hostile", "picket-policy", "hostile_bench"),
    ("delivery", "picket-dispatch", "delivery_bench"),
    ("encoders", "picket-render", "encoders_bench"),
];

/// The names of benchmarks that take no folder.
pub(crate) fn names() -> Vec<&'static str> {
    BENCHES.iter().map(|(name, ..)| *name).collect()
}

/// Runs one benchmark.
pub(crate) fn run(args: &[&str]) -> Result<(), Failure> {
    let wanted = args.first().copied().unwrap_or_default();
    if wanted == "rules" {
        return sigma("bench", args.get(1..).unwrap_or_default());
    }
    let Some((name, package, example)) = BENCHES.iter().find(|(name, ..)| *name == wanted) else {
        return Err(Failure(format!("`bench` takes one of: {}, rules", names().join(", "))));
    };
    if *name == "gateway" && !["/usr/sbin/nginx", "/usr/local/sbin/nginx"].iter().any(|path| Path::new(path).exists()) {
        let mut install = command("apt-get");
        process::run_long(
            "nginx, the peer",
            install.args(["install", "-y", "-qq", "--no-install-recommends", "nginx-light"]),
        )?;
    }
    example_of(package, example, args.get(1..).unwrap_or_default())?;
    // The same queue, over HTTP.
    if *name == "queue" { example_of("picket", "queue_http_bench", args.get(1..).unwrap_or_default()) } else { Ok(()) }
}

/// Runs the kill test with `N` kills in place of the ordinary run's few, at the moments of a seed if one is given.
pub(crate) fn kills(args: &[&str]) -> Result<(), Failure> {
    let kills = args.first().copied().unwrap_or("20");
    if args.len() > 2 || args.iter().any(|number| number.parse::<u64>().is_err()) {
        return Err(Failure("`kills` takes a number of kills, and then perhaps a seed".to_owned()));
    }
    let mut test = cargo();
    test.args(["test", "--locked", "--package", "picket", "--test", "it", "--", "kills::", "--nocapture"]);
    if let Some(seed) = args.get(1) {
        test.env("PICKET_KILLS_SEED", seed);
    }
    process::run_long("kills", test.env("PICKET_KILLS", kills))
}

/// Campaigns: the test of the whole program that each is, its runs where none are said, and the variables of runs and seed.
const CAMPAIGNS: &[(&str, &str, u64, &str, &str)] = &[
    ("review", "kills::review", 200, "PICKET_REVIEW_KILLS", "PICKET_REVIEW_SEED"),
    ("delivery", "deliveries::campaign", 1_000, "PICKET_DELIVERY_RUNS", "PICKET_DELIVERY_SEED"),
];
/// Of so many runs of delivery one is of the whole program; the others are of its store and dispatcher in a process of
/// their own, which starts in a tenth of the time.
const WHOLE: u64 = 50;

/// Runs of faults of a campaign in place of the ordinary test's few, from a seed on if one is given.
pub(crate) fn campaign(args: &[&str]) -> Result<(), Failure> {
    let usage =
        || Failure("`campaign` takes `review` or `delivery`, `--runs` and `--seed` with a number each".to_owned());
    let [name, options @ ..] = args else { return Err(usage()) };
    let known = CAMPAIGNS.iter().find(|(known, ..)| known == name).ok_or_else(usage)?;
    let (_, filter, mut runs, runs_variable, seed_variable) = *known;
    let mut seed = None;
    for pair in options.chunks(2) {
        let ([option, number], Some(value)) = (pair, pair.get(1).and_then(|number| number.parse::<u64>().ok())) else {
            return Err(usage());
        };
        match *option {
            "--runs" => runs = value,
            "--seed" => seed = Some(*number),
            _ => return Err(usage()),
        }
    }
    let test = |arguments: &[&str], runs: u64| {
        let mut test = cargo();
        test.args(["test", "--locked"]).args(arguments).env(runs_variable, runs.to_string());
        if let Some(seed) = seed {
            test.env(seed_variable, seed);
        }
        process::run_long(&format!("campaign {name}: {runs} runs"), &mut test)
    };
    let whole = if *name == "delivery" { (runs / WHOLE).max(1) } else { runs };
    if runs > whole {
        let dispatcher =
            ["--release", "--package", "picket-dispatch", "--features", "failpoints", "--test", "campaign"];
        test(&[&dispatcher[..], &["--", "whatever_fails", "--nocapture"]].concat(), runs - whole)?;
    }
    test(&["--package", "picket", "--test", "it", "--", filter, "--nocapture"], whole)
}

/// Asks `N` streams in hostile framings in place of the ordinary run's few, from a seed on if one is given.
pub(crate) fn framings(args: &[&str]) -> Result<(), Failure> {
    let count = args.first().copied().unwrap_or("2000");
    if args.len() > 2 || args.iter().any(|number| number.parse::<u64>().is_err()) {
        return Err(Failure("`framings` takes a number of streams, and then perhaps a seed".to_owned()));
    }
    let mut test = cargo();
    test.args(["test", "--locked", "--package", "picket", "--test", "it", "--", "channels::framing", "--nocapture"]);
    if let Some(seed) = args.get(1) {
        test.env("PICKET_SEED", seed);
    }
    process::run_long("framings", test.env("PICKET_FRAMINGS", count))
}

/// Correlates `N` streams in every order in place of the ordinary run's few, from a seed on if one is given.
pub(crate) fn streams(args: &[&str]) -> Result<(), Failure> {
    let count = args.first().copied().unwrap_or("1000000");
    if args.len() > 2 || args.iter().any(|number| number.parse::<u64>().is_err()) {
        return Err(Failure("`streams` takes a number of streams, and then perhaps a seed".to_owned()));
    }
    let mut test = cargo();
    test.args([
        "test",
        "--release",
        "--locked",
        "--package",
        "picket-rules",
        "--",
        "streams_in_any_order",
        "--nocapture",
    ]);
    if let Some(seed) = args.get(1) {
        test.env("PICKET_SEED", seed);
    }
    process::run_long("streams", test.env("PICKET_STREAMS", count))
}

/// Learns the model for prompt injection from corpora and from texts of our own.
pub(crate) fn train(args: &[&str]) -> Result<(), Failure> {
    let [folder] = args else { return Err(Failure("`train` takes the folder of the corpora".to_owned())) };
    learn(folder, &["crates/picket-content/models/injection.bin"])
}

/// Trains on corpora and texts of our own; `targets` are files for the model and for scores of texts left out.
pub(crate) fn learn(folder: &str, targets: &[&str]) -> Result<(), Failure> {
    let synthetic = "target/synthetic.jsonl";
    let mut generate = command("python3");
    process::run_long("generate", generate.args(["crates/picket-eval/training/generate.py", synthetic, "1500"]))?;
    let args: Vec<&str> = [folder, synthetic].iter().chain(targets).copied().collect();
    example_of("picket-eval", "train", &args)
}

/// Makes a pack of rules that others wrote.
pub(crate) fn pack(args: &[&str]) -> Result<(), Failure> {
    match args {
        ["atr", folder] => example_of("picket-eval", "import_atr", &[folder]),
        _ => Err(Failure("`pack` takes `atr` and the folder of the package `agent-threat-rules`, unpacked".to_owned())),
    }
}

/// Sends corpora through a running server.
pub(crate) fn replay(args: &[&str]) -> Result<(), Failure> {
    example_of("picket", "replay_corpora", args)
}

/// Builds and runs an example, with its output shown.
pub(crate) fn example_of(package: &str, example: &str, args: &[&str]) -> Result<(), Failure> {
    let mut bench = cargo();
    bench.args(["run", "--release", "--locked", "--package", package, "--example", example, "--"]).args(args);
    process::run_long(example, &mut bench)
}

/// Runs the release build of a package's program.
pub(crate) fn program_of(package: &str, args: &[&str]) -> Result<(), Failure> {
    let mut program = cargo();
    program.args(["run", "--release", "--locked", "--package", package, "--bin", package, "--"]).args(args);
    process::run_long(package, &mut program)
}
