//! The project's own commands: `cargo xt <command>`. Standard library only, so that it builds in a second.

mod bench;
mod ci;
mod eval;
mod fuzz;
mod keycloak;
mod layers;
mod oracle;
mod process;
mod receivers;
mod schema;
mod setup;
mod tenants;
mod tidy;
mod types;

use process::{Failure, say};
use std::process::ExitCode;

const HELP: &str = "\
cargo xt <command>

  ci [--full]        everything that must hold: format, lints, layers, tidy, tests, documents; installs what tests need
  setup              install what tests need (packages, the official Python and Node clients) into .cache/
  test [ARGS]        run the tests with the official clients switched on
  layers             check that crates know only lower layers
  tidy               check file sizes, module documents, forbidden words, and that statements name their workspace
  gen [--check]      write, or check, the generated documents (OpenAPI, command line) and the content packs
  bench NAME [ARGS]  measure, and print figures that belong in docs/benchmarks.md: {benches}, rules FOLDER
  eval FOLDER [..]   measure the detectors on corpora: rates, places, speed; `eval` alone tells the options; see docs/quality.md
  eval left-out FOLDER   score each text for prompt injection by a model that has not seen its source
  eval peers FOLDER [PEER..] [--sample N] [--seed N]   the same rows through other detectors, side by side
  pack atr FOLDER    make the pack of rules `atr` of the unpacked npm package agent-threat-rules
  eval atr FOLDER [CORPORA] [--usual]   the pack of rules `atr`: its authors' cases (FOLDER), false alarms, time and memory
  eval nab FOLDER    how well series find what the Numenta benchmark labels, by its score (a checkout of it)
  eval near FOLDER   how often prompts of one template are within so many bits of each other, and different ones, too
  eval sigma FOLDER [--sample]   Sigma rules beside rsigma, on regression.jsonl and rules.tar.gz: no unexplained difference
  streams [N [SEED]]   correlate N streams (1,000,000) in shuffled order, and compare with the events in order
  replay FOLDER [N]  send corpora (N texts of each file) through a running server and compare the counts
  train FOLDER       learn the model for prompt injection from corpora, rate it on sources left out, and write it
  train-names FOLDER [--quick | --ship]   learn the model of names from corpora and lists, rate it on what was left out, and write it
  oracle encoders [--cases N] [--seed S] [--opensearch URL]   hand hostile values (100,000) through the encoders to parsers that are not ours: Vector, Python, Node, a running OpenSearch
  receivers [KIND]   kinds of destinations ({receivers}) against the real servers that they are for, which it fetches and starts
  oracle packs       hold the content packs against readers of their formats: Kusto, ECS, AppInspect, promtool, and a running OpenSearch
  oracle tickets     hold payloads of ticket systems and chat against the makers' libraries, and send mails to a server
  framings [N [SEED]]   ask N streams (2,000) in hostile framings for values that get out
  kills [N [SEED]]   kill -9 a loaded server N times and check that nothing acknowledged was lost
  schema [N [SEED]]  hold the control API against its OpenAPI document by schemathesis, N requests (20) for each operation
  campaign review [--runs N] [--seed N]   kill -9 a server N times (200) while people decide and approved requests run, and check that no decision was lost or counted twice
  campaign delivery [--runs N] [--seed N]   N runs (1,000) of faults of receivers, disk, clock and process (kill -9, torn writes) while events are delivered, one in 50 with the whole program; a run counts if its faults fired, and none may lose an event
  fuzz [S] [NAMES]   fuzz every parser for S seconds each (30), or those named; installs cargo-fuzz when it is missing
";

fn help() -> String {
    HELP.replace("{benches}", &bench::names().join(", ")).replace("{receivers}", &receivers::names().join(", "))
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mut words = args.iter().map(String::as_str);
    let command = words.next().unwrap_or("help");
    let rest: Vec<&str> = words.collect();
    let result = match command {
        "ci" => ci::run(rest.contains(&"--full")),
        "setup" => setup::run().map(drop),
        "test" => ci::test(&rest),
        "layers" => layers::check(),
        "tidy" => tidy::check(),
        "gen" => ci::generate(rest.contains(&"--check")),
        "bench" => bench::run(&rest),
        "eval" => eval::run(&rest),
        "fuzz" => fuzz::run(&rest),
        "oracle" => oracle::run(&rest),
        "receivers" => receivers::run(&rest),
        "framings" => bench::framings(&rest),
        "kills" => bench::kills(&rest),
        "campaign" => bench::campaign(&rest),
        "streams" => bench::streams(&rest),
        "schema" => schema::run(&rest),
        "pack" => bench::pack(&rest),
        "replay" => bench::replay(&rest),
        "train" => bench::train(&rest),
        "train-names" => eval::train_names(&rest),
        "help" | "--help" | "-h" => {
            say(&help());
            Ok(())
        }
        other => Err(Failure(format!("no command `{other}`\n\n{}", help()))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure(cause)) => {
            say(&format!("\nxt: {cause}"));
            ExitCode::FAILURE
        }
    }
}
