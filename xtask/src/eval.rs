//! Measuring the detectors on corpora, alone and beside others that can be installed.
//!
//! Others run in surroundings of their own under `target/eval/`, never in ours: each has a file in `eval/` that says
//! what to install, and a small program there that gives it the rows and writes down its verdicts.

use crate::bench::{example_of, learn, program_of};
use crate::process::{self, Failure, command, root, say};
use std::path::{Path, PathBuf};

/// How to come by a detector.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// Python packages, listed in `eval/requirements/<name>.txt`.
    Python,
    /// A package for Node, with its exact version.
    Node(&'static str),
    /// A program written in Go, with its exact version.
    Go(&'static str),
}

/// Other detectors by name. Its program is `eval/peers/ask_<name>`, with `_` for `-`.
const PEERS: &[(&str, Source)] = &[
    ("agent-threat-rules", Source::Node("agent-threat-rules@4.0.0")),
    ("credsweeper", Source::Python),
    ("detect-secrets", Source::Python),
    ("gitleaks", Source::Go("github.com/zricethezav/gitleaks/v8@v8.30.1")),
    ("presidio", Source::Python),
    ("stackone-defender", Source::Python),
];

/// Rows of each file that others are asked about, unless the caller says otherwise: some of them are slow.
const SAMPLE: &str = "300";

/// Where scores of prompt injection by models that had not seen a text's source are kept.
const LEFT_OUT: &str = "target/eval/left-out.jsonl";

/// `eval FOLDER [OPTIONS]`, `eval left-out FOLDER`, `eval atr FOLDER [CORPORA]`, `eval sigma FOLDER [--sample]`, `eval nab FOLDER`, `eval near FOLDER` or `eval peers FOLDER [PEER..] [OPTIONS]`.
pub(crate) fn run(args: &[&str]) -> Result<(), Failure> {
    match args.split_first() {
        Some((&"peers", rest)) => peers(rest),
        Some((&"left-out", &[folder])) => {
            std::fs::create_dir_all(root().join("target/eval"))?;
            learn(folder, &["-", LEFT_OUT])
        }
        Some((&"atr", rest)) => example_of("picket-eval", "rate_atr", rest),
        Some((&"near", rest)) => example_of("picket-eval", "rate_near", rest),
        Some((&"nab", rest)) => example_of("picket-behaviour", "rate_nab", rest),
        Some((&"sigma", rest)) => sigma("compare", rest),
        Some((&"left-out", _)) => Err(Failure("`eval left-out` takes the folder of the corpora".to_owned())),
        _ => program_of("picket-eval", args),
    }
}

/// Learns the model of names: from corpora, and from lists that packages of others make.
pub(crate) fn train_names(args: &[&str]) -> Result<(), Failure> {
    let [folder, rest @ ..] = args else {
        return Err(Failure(
            "`train-names` takes the folder of the corpora, and perhaps `--quick` or `--ship`".to_owned(),
        ));
    };
    let home = installed("names", Source::Python)?;
    let (lists, told) = ("target/eval/names/lists.json", "target/eval/names");
    // What iterates over sets is to do so in the same order in every run.
    let mut python = command(home.join("bin/python"));
    process::run_long("lists", python.args(["eval/names/lists.py", lists]).env("PYTHONHASHSEED", "0"))?;
    let args = [&[*folder, lists, "crates/picket-names/model/names.bin", told], rest].concat();
    example_of("picket-names", "train_names", &args)
}

/// Where files are that Sigma's rules are compared on, and where rsigma's verdicts on some of them are kept.
const SIGMA_SAMPLE: &str = "crates/picket-rules/testdata/sigma";

/// Runs the comparison with rsigma, a workspace of its own, on a folder with `regression.jsonl` and `rules.tar.gz`.
pub(crate) fn sigma(what: &str, args: &[&str]) -> Result<(), Failure> {
    let (what, folder) = match (what, args) {
        ("compare", [folder, "--sample"]) => ("sample", folder),
        (_, [folder]) => (what, folder),
        _ => return Err(Failure("this takes a folder with `regression.jsonl` and `rules.tar.gz`".to_owned())),
    };
    let (rules, events) = (root().join("target/eval/sigma"), Path::new(folder).join("regression.jsonl"));
    std::fs::create_dir_all(&rules)?;
    let mut unpack = command("tar");
    unpack.arg("-xzf").arg(Path::new(folder).join("rules.tar.gz")).arg("-C").arg(&rules);
    process::run("unpack the rules", &mut unpack)?;
    let mut run = process::cargo();
    run.args(["run", "--release", "--quiet", "--locked", "--manifest-path", "eval/sigma/Cargo.toml"]);
    run.args(["--target-dir", "target/sigma", "--", what]).arg(rules).arg(events);
    if what == "sample" {
        run.arg(SIGMA_SAMPLE);
    }
    process::run_long("rsigma beside picket", &mut run)
}

/// What `eval peers` was asked for.
struct Wanted<'a> {
    corpora: &'a str,
    peers: Vec<&'a str>,
    /// Of the evaluation itself.
    options: Vec<&'a str>,
}

impl<'a> Wanted<'a> {
    fn of(args: &[&'a str]) -> Result<Self, Failure> {
        let mut wanted = Self { corpora: "", peers: Vec::new(), options: Vec::new() };
        let mut args = args.iter().copied();
        while let Some(arg) = args.next() {
            if arg.starts_with("--") {
                let value = args.next().ok_or_else(|| Failure(format!("`{arg}` needs a value")))?;
                wanted.options.extend([arg, value]);
            } else if wanted.corpora.is_empty() {
                wanted.corpora = arg;
            } else if PEERS.iter().any(|(name, _)| *name == arg) {
                wanted.peers.push(arg);
            } else {
                let names: Vec<&str> = PEERS.iter().map(|(name, _)| *name).collect();
                return Err(Failure(format!("no peer `{arg}`; there are {}", names.join(", "))));
            }
        }
        if wanted.corpora.is_empty() {
            return Err(Failure("`eval peers` takes the folder of the corpora".to_owned()));
        }
        if !wanted.options.contains(&"--sample") {
            wanted.options.extend(["--sample", SAMPLE]);
        }
        Ok(wanted)
    }

    /// The evaluation's arguments, with some more.
    fn with<'b>(&self, more: &[&'b str]) -> Vec<&'b str>
    where
        'a: 'b,
    {
        std::iter::once(self.corpora).chain(self.options.iter().copied()).chain(more.iter().copied()).collect()
    }
}

/// Gives the same rows to the others, then compares. One that cannot be had is told, and the rest goes on.
fn peers(args: &[&str]) -> Result<(), Failure> {
    let wanted = Wanted::of(args)?;
    let (rows, verdicts) = ("target/eval/rows.jsonl", "target/eval/verdicts");
    std::fs::create_dir_all(root().join("target/eval"))?;
    let folder = root().join(verdicts);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    program_of("picket-eval", &wanted.with(&["--export", rows]))?;
    let mut missing = Vec::new();
    for (name, source) in PEERS.iter().filter(|(name, _)| wanted.peers.is_empty() || wanted.peers.contains(name)) {
        let verdicts = folder.join(format!("{name}.jsonl"));
        if let Err(Failure(cause)) =
            installed(name, *source).and_then(|home| judge(name, *source, &home, rows, &verdicts))
        {
            missing.push(format!("{name}: {cause}"));
            if verdicts.exists() {
                std::fs::remove_file(verdicts)?;
            }
        }
    }
    let mut more = vec!["--others", verdicts, "--json", "target/eval/peers.json", "--brief", "--no-written"];
    if root().join(LEFT_OUT).exists() {
        more.extend(["--left-out", LEFT_OUT]);
    } else {
        say("`cargo xt eval left-out FOLDER` first would compare a model that has not seen the rows' sources");
    }
    program_of("picket-eval", &wanted.with(&more))?;
    if missing.is_empty() { Ok(()) } else { Err(Failure(format!("not compared:\n  {}", missing.join("\n  ")))) }
}

/// Installs a peer unless that very version is there; its folder.
fn installed(name: &str, source: Source) -> Result<PathBuf, Failure> {
    let home = root().join("target/eval").join(name);
    let requirements = root().join("eval/requirements").join(format!("{name}.txt"));
    let wanted = match source {
        Source::Python => std::fs::read_to_string(&requirements)?,
        Source::Node(package) | Source::Go(package) => package.to_owned(),
    };
    let stamp = home.join("installed.txt");
    if std::fs::read_to_string(&stamp).is_ok_and(|there| there == wanted) {
        return Ok(home);
    }
    if home.exists() {
        std::fs::remove_dir_all(&home)?;
    }
    std::fs::create_dir_all(&home)?;
    match source {
        Source::Python => {
            process::run("python environment", command("python3").args(["-m", "venv"]).arg(&home))?;
            let mut pip = command(home.join("bin/pip"));
            pip.args(["install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(requirements);
            process::run(name, &mut pip)?;
        }
        Source::Node(package) => {
            std::fs::write(home.join("package.json"), "{\"private\": true}\n")?;
            // Scripts of a foreign package are not run.
            let mut npm = command("npm");
            npm.args(["install", "--ignore-scripts", "--no-audit", "--no-fund", package]).current_dir(&home);
            process::run(name, &mut npm)?;
        }
        Source::Go(package) => {
            process::run(name, command("go").args(["install", package]).env("GOBIN", &home))?;
        }
    }
    std::fs::write(stamp, wanted)?;
    Ok(home)
}

/// Lets a peer judge the rows: its program gets its home, the rows and the file for its verdicts.
fn judge(name: &str, source: Source, home: &Path, rows: &str, verdicts: &Path) -> Result<(), Failure> {
    let program = format!("eval/peers/ask_{}", name.replace('-', "_"));
    let mut run = match source {
        Source::Python => command(home.join("bin/python")),
        Source::Node(_) => command("node"),
        Source::Go(_) => command("python3"),
    };
    let ending = if matches!(source, Source::Node(_)) { "mjs" } else { "py" };
    run.arg(format!("{program}.{ending}")).arg(home).arg(rows).arg(verdicts);
    say(&format!("{name} judges"));
    process::run_long(name, &mut run)
}
