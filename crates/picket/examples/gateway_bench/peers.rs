//! The programs that are measured, each a process of its own; they end with their values.

use crate::scenario::Setup;
use crate::{Failure, LOAD_CORE, PEER_CORE, account, pin};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use picket_egress::{Limits, Upstream};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A process that ends with its value.
#[derive(Debug)]
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().unwrap_or_default();
        drop(self.0.wait());
    }
}

fn on_core(core: &str, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", core]).arg(program);
    command
}

/// The model provider, beside the load.
#[derive(Debug)]
pub(crate) struct Provider {
    _process: Process,
    pub(crate) address: SocketAddr,
}

impl Provider {
    pub(crate) fn start() -> Result<Self, Failure> {
        let mut command = on_core(LOAD_CORE, &std::env::current_exe()?);
        let mut child = command.arg("provider").stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or("no output of the provider")?;
        let process = Process(child);
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        Ok(Self { _process: process, address: line.trim().parse()? })
    }
}

/// nginx with connections that it keeps on both sides, and no log of accesses.
#[derive(Debug)]
pub(crate) struct Nginx {
    process: Process,
    _folder: TempDir,
    pub(crate) address: SocketAddr,
}

impl Nginx {
    pub(crate) fn start(provider: SocketAddr) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let config = format!(
            "daemon off; master_process off; worker_processes 1; pid nginx.pid; error_log error.log warn;
events {{ worker_connections 1024; }}
http {{
  access_log off; tcp_nodelay on; keepalive_requests 100000000; client_body_buffer_size 256k; client_max_body_size 16m;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  upstream provider {{ server {provider}; keepalive 256; keepalive_requests 100000000; }}
  server {{
    listen {address} backlog=1024;
    location / {{ proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection \"\"; }}
  }}
}}\n"
        );
        std::fs::write(folder.path().join("nginx.conf"), config)?;
        let program = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/usr/bin/nginx"]
            .into_iter()
            .map(Path::new)
            .find(|path| path.exists())
            .ok_or("nginx is missing: apt-get install nginx-light")?;
        let mut command = on_core(PEER_CORE, program);
        command.arg("-p").arg(folder.path()).args(["-c", "nginx.conf", "-e", "error.log"]);
        let process = Process(command.spawn()?);
        wait_for(Duration::from_secs(10), "nginx", || Ok(std::net::TcpStream::connect(address).is_ok().then_some(())))?;
        Ok(Self { process, _folder: folder, address })
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.0.id()
    }
}

/// Picket with everything on.
#[derive(Debug)]
pub(crate) struct Picket {
    process: Process,
    _folder: TempDir,
    pub(crate) address: SocketAddr,
    pub(crate) key: String,
    /// Of the control API.
    pub(crate) api_address: SocketAddr,
    api: Upstream,
    token: String,
}

/// Every check that this version has.
pub(crate) const CHAIN: &str = "rate-limit, tool-guard, model-filter, prompt-injection, pii-detector, secret-detector, human-oversight, audit-logger";

impl Picket {
    pub(crate) fn start(runtime: &Runtime, setup: &Setup, provider: SocketAddr) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let place = folder.path().display();
        let policy = format!(
            "policies:\n  chain: [{CHAIN}]\npolicy:\n  rate-limit: {{ requests: 100000000, window: 1m }}\n  tool-guard: {{ deny: [shell] }}\n  model-filter: {{ allow: [\"gpt-*\"] }}\n  prompt-injection: {{ response: {{ action: escalate }} }}\n  pii-detector: {{ action: redact }}\n  secret-detector: {{ action: block }}\n  human-oversight: {{ require_review: true }}\n  audit-logger: {{ immutable: true }}\n"
        );
        std::fs::write(folder.path().join("policy.yaml"), policy)?;
        let config = format!(
            "data: {place}/data\nkeys: {{ root: {place}/keys/root.key }}\ngateway: {{ listen: 127.0.0.1:0, threads: 1, audit: {} }}\napi: {{ listen: 127.0.0.1:0 }}\nproviders:\n  openai: {{ dialect: openai, base_url: \"http://{provider}/v1\" }}\nroutes:\n  - {{ model: \"gpt-*\", provider: openai }}\nprices:\n  - {{ model: \"gpt-*\", input: 1, output: 2 }}\ncapture: {{ bodies: all }}\npolicies: {{ file: policy.yaml, managed: file }}\n",
            setup.audit
        );
        let file = folder.path().join("picket.yaml");
        std::fs::write(&file, config)?;
        let program = std::env::current_exe()?;
        let init = Command::new(&program).args(["init", "--config"]).arg(&file).output()?;
        let token = String::from_utf8(init.stdout)?.lines().last().unwrap_or_default().trim().to_owned();
        let mut child = on_core(PEER_CORE, &program)
            .env("MALLOC_ARENA_MAX", "2")
            .args(["serve", "--config"])
            .arg(&file)
            .stderr(Stdio::piped())
            .spawn()?;
        let errors = child.stderr.take().ok_or("no messages of the server")?;
        let process = Process(child);
        let mut lines = BufReader::new(errors).lines().map_while(Result::ok);
        let mut address = |name: &str| {
            let line =
                lines.find(|line| line.starts_with(name)).ok_or_else(|| format!("the server did not say {name}"))?;
            Ok::<_, Failure>(line.split_whitespace().last().unwrap_or_default().to_owned())
        };
        let (gateway, api) = (address("gateway")?, address("control API")?);
        std::thread::spawn(move || lines.for_each(drop));
        let address = gateway.trim_start_matches("http://").parse()?;
        let api_address = api.trim_start_matches("http://").parse()?;
        let api = Upstream::new(&api, Limits { head: Duration::from_secs(20), ..Limits::default() })?;
        let mut picket = Self { process, _folder: folder, address, key: String::new(), api_address, api, token };
        let wanted = json!({"user": "ana@example.com", "team": "engineering", "application": "ide"});
        let created = picket.ask(runtime, Method::POST, "/v1/keys", &wanted)?;
        created.get("token").and_then(Value::as_str).ok_or("no key was made")?.clone_into(&mut picket.key);
        if setup.splits {
            picket.move_others()?;
        }
        Ok(picket)
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.0.id()
    }

    /// Puts every thread but those of the gateway on the other core.
    fn move_others(&self) -> Result<(), Failure> {
        for (thread, _) in account::threads(self.id())?.into_iter().filter(|(_, name)| name != "gateway") {
            // A thread may have ended meanwhile.
            if let Err(error) = pin(thread, LOAD_CORE)
                && account::threads(self.id())?.iter().any(|(there, _)| *there == thread)
            {
                return Err(error);
            }
        }
        Ok(())
    }

    fn ask(&self, runtime: &Runtime, method: Method, path: &str, body: &Value) -> Result<Value, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_str(&format!("Bearer {}", self.token))?);
        headers.insert("content-type", HeaderValue::from_static("application/json"));
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        runtime.block_on(async {
            let answer = self.api.send(method, path, headers, body).await?;
            let status = answer.status();
            let bytes = answer.into_body().whole().await?;
            if !status.is_success() {
                return Err(format!("{path}: {status}: {}", String::from_utf8_lossy(&bytes)).into());
            }
            Ok(serde_json::from_slice(&bytes)?)
        })
    }

    /// Waits until no consumer lags; two looks in a row must see the same.
    pub(crate) fn drained(&self, runtime: &Runtime) -> Result<(), Failure> {
        let mut before = None;
        wait_for(Duration::from_secs(120), "lag zero", || {
            let health = self.ask(runtime, Method::GET, "/v1/health", &Value::Null)?;
            let consumers = health.get("consumers").and_then(Value::as_array).cloned().unwrap_or_default();
            let lags = consumers.iter().filter_map(|consumer| consumer.get("lag")?.as_u64()).sum::<u64>();
            let cursors: Vec<_> = consumers.iter().filter_map(|consumer| consumer.get("cursor")?.as_u64()).collect();
            let same = lags == 0 && before.as_ref() == Some(&cursors);
            before = Some(cursors);
            Ok(same.then_some(()))
        })
    }

    /// Waits until the index holds so many completed requests, or the time is over; how many it holds.
    pub(crate) fn settled(&self, runtime: &Runtime, wanted: u64) -> Result<u64, Failure> {
        self.drained(runtime)?;
        let mut total = 0;
        let reached = wait_for(Duration::from_secs(10), "the count", || {
            let stats = self.ask(runtime, Method::GET, "/v1/events/stats?outcome=completed", &Value::Null)?;
            total = stats.get("total").and_then(Value::as_u64).unwrap_or(0);
            Ok((total >= wanted).then_some(()))
        });
        // What is missing is told with the count.
        reached.or_else(|error| if total > 0 { Ok(()) } else { Err(error) })?;
        Ok(total)
    }
}

fn wait_for(
    limit: Duration,
    what: &str,
    mut ready: impl FnMut() -> Result<Option<()>, Failure>,
) -> Result<(), Failure> {
    let deadline = Instant::now() + limit;
    while ready()?.is_none() {
        if Instant::now() > deadline {
            return Err(format!("waited in vain for {what}").into());
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    Ok(())
}
