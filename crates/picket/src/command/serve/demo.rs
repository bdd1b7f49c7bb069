//! Everything in one process: a provider, the server, and traffic of several teams with attacks in it.

mod promises;
mod traffic;

use crate::args::DemoArgs;
use crate::failure::{Failure, Kind};
use crate::output;
use picket_server::{Config, Server, SetupToken, StartError};
use picket_stdx::encode::random_base62;
use picket_stdx::{Clock, fs};
use picket_testkit::provider::{Config as ProviderConfig, Provider};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use traffic::Players;

const POLICY: &str = include_str!("demo/policy.yaml");

/// Everything that plays a part.
struct Stage {
    server: Server,
    players: Players,
    /// The administrator's token.
    token: SetupToken,
    /// Below the server, which ends first.
    runtime: Runtime,
    _provider: Provider,
    _folder: Folder,
}

impl Stage {
    /// Starts everything; with port 0 on free ports.
    fn set(data: Option<PathBuf>, policy: Option<&Path>, port: u16) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let pace = ProviderConfig { latency: Duration::from_millis(30), pace: Duration::from_millis(5), keep: 0 };
        let provider = runtime.block_on(Provider::start(pace))?;
        let folder = Folder::new(data, policy)?;
        let config = Config::parse(&configuration(&folder.path, port, &provider), "demo", &folder.path)
            .map_err(Failure::usage)?;
        let failed = |error: StartError| Failure::general(picket_stdx::error_chain(&error));
        let server = Server::start(config, &Clock::system()).map_err(failed)?;
        let token = server.administrator().map_err(failed)?;
        let players = runtime.block_on(Players::new(&server.gateway_url(), &server.api_url(), token.reveal()))?;
        Ok(Self { server, players, token, runtime, _provider: provider, _folder: folder })
    }
}

pub(super) fn run(args: &DemoArgs) -> Result<ExitCode, Failure> {
    let port = if args.once && args.port == 8080 { 0 } else { args.port };
    let Stage { server, players, token, runtime, _provider, _folder } =
        Stage::set(args.data.clone(), args.policy.as_deref(), port)?;
    introduce(&server.gateway_url(), &server.api_url(), token.reveal(), args.once)?;
    let (begun, since) = (Instant::now(), Clock::system().now());
    let limit = args.once.then(|| Duration::from_secs(args.seconds));
    let played = runtime.block_on(async {
        tokio::select! {
            played = players.play(limit) => played.map(Some),
            _ = tokio::signal::ctrl_c() => Ok(None),
        }
    })?;
    let Some(played) = played else {
        drop(server.stop());
        return if args.once { Err(Failure::interrupted()) } else { Ok(ExitCode::SUCCESS) };
    };
    let summary =
        format!("{} requests in {:.1} s: {}", played.sent(), begun.elapsed().as_secs_f64(), played.describe());
    let observed = runtime.block_on(async {
        tokio::select! {
            observed = players.observe(played, since) => observed,
            _ = tokio::signal::ctrl_c() => Err(Failure::interrupted()),
        }
    })?;
    let stopped = server.stop();
    drop(runtime);
    output::line(&summary)?;
    if let Err(unfinished) = stopped {
        return Err(Failure::general(format!("did not end: {}", unfinished.0.join(", "))));
    }
    verdict(&promises::broken(&observed))
}

/// The end of `--once`: every promise was kept, or which were not.
fn verdict(broken: &[String]) -> Result<ExitCode, Failure> {
    if broken.is_empty() {
        output::line(
            "every promise was kept: each request is in the log once and found, attacks were stopped, nothing leaked, and the log verifies",
        )?;
        return Ok(ExitCode::SUCCESS);
    }
    Err(Failure::new(Kind::Gate, format!("promises were broken:\n  {}", broken.join("\n  "))))
}

fn introduce(gateway: &str, api: &str, token: &str, once: bool) -> Result<(), Failure> {
    output::note(&format!(
        "Picket is running with made-up traffic.\n\n  gateway      {gateway}\n  control API  {api}\n"
    ));
    if !once {
        let program = std::env::current_exe()?;
        let path = place(&program, std::env::var_os("PATH").as_deref());
        let path = path.map(|folder| format!("  export PATH={folder}:\"$PATH\"\n")).unwrap_or_default();
        output::note(&format!(
            "In another terminal:\n\n{path}  export PICKET_URL={api} PICKET_TOKEN={token}\n  picket events tail --severity high\n  picket events list --filter \"action:blocked\" --limit 10\n  picket escalations list --status pending\n  picket events stats --by team\n  picket log verify\n\nCtrl-C ends it; the data goes with it unless --data keeps it.\n"
        ));
    }
    Ok(())
}

/// The folder of the program, quoted for a shell, if `picket` is not found there anyway.
fn place(program: &Path, path: Option<&OsStr>) -> Option<String> {
    let folder = program.parent()?;
    let first = path.and_then(|path| std::env::split_paths(path).find(|folder| folder.join("picket").is_file()));
    let is_found = first.and_then(|first| first.canonicalize().ok()) == folder.canonicalize().ok();
    (!is_found).then(|| format!("'{}'", folder.display().to_string().replace('\'', "'\\''")))
}

fn configuration(folder: &Path, port: u16, provider: &Provider) -> String {
    let api = if port == 0 { 0 } else { port.saturating_add(1) };
    let policy = folder.join("policy.yaml");
    format!(
        "data: {data}\nstate: {state}\nkeys: {{ root: {root} }}\nhost: demo\ngateway: {{ listen: 127.0.0.1:{port}, threads: 1 }}\napi: {{ listen: 127.0.0.1:{api} }}\nproviders:\n  openai: {{ dialect: openai, base_url: \"{openai}\" }}\n  anthropic: {{ dialect: anthropic, base_url: \"{anthropic}\" }}\nroutes:\n  - {{ model: \"gpt-*\", provider: openai }}\n  - {{ model: \"text-embedding-*\", provider: openai }}\n  - {{ model: \"claude*\", provider: anthropic }}\nprices:\n  - {{ model: \"gpt-*\", input: 2.5, output: 10 }}\n  - {{ model: \"claude*\", input: 3, output: 15 }}\ndetection: {{ respond: false }}\npolicies: {{ file: {policy}, managed: file }}\n",
        data = quoted(&folder.join("data")),
        state = quoted(&folder.join("state")),
        root = quoted(&folder.join("keys/root.key")),
        policy = quoted(&policy),
        openai = provider.openai_url(),
        anthropic = provider.anthropic_url(),
    )
}

fn quoted(path: &Path) -> String {
    serde_json::Value::String(path.display().to_string()).to_string()
}

/// The folder of the demo; removed with it unless it was given.
struct Folder {
    path: PathBuf,
    keep: bool,
}

impl Folder {
    fn new(given: Option<PathBuf>, policy: Option<&Path>) -> Result<Self, Failure> {
        let keep = given.is_some();
        let path = given.unwrap_or_else(|| std::env::temp_dir().join(format!("picket-demo-{}", random_base62(8))));
        fs::create_private_folder(&path)?;
        let policy = match policy {
            None => POLICY.to_owned(),
            Some(file) => std::fs::read_to_string(file)
                .map_err(|error| Failure::usage(format!("{}: cannot be read: {error}", file.display())))?,
        };
        std::fs::write(path.join("policy.yaml"), policy)?;
        Ok(Self { path: path.canonicalize()?, keep })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.keep {
            std::fs::remove_dir_all(&self.path).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests;
