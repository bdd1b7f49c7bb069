//! A server of its own for each test: free ports, a temporary folder, a provider that does what the prompt says.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use picket_db::OpenError;
use picket_egress::{Limits, Upstream};
use picket_server::{Config, Server, StartError};
use picket_stdx::Clock;
use picket_testkit::provider::{Config as ProviderConfig, Provider};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

pub(crate) const POLICY: &str = "policies:
  chain: [tool-guard, prompt-injection, pii-detector, secret-detector, human-oversight, audit-logger]
policy:
  tool-guard: { deny: [shell] }
  prompt-injection: { response: { action: escalate } }
  pii-detector: { action: redact, entities: [EMAIL, US_SSN, CREDIT_CARD] }
  secret-detector: { action: block }
  human-oversight: { require_review: true, escalation_priority: high }
  audit-logger: { immutable: true }
";

pub(crate) struct Product {
    pub(crate) runtime: Runtime,
    pub(crate) provider: Provider,
    server: Option<Server>,
    clock: Clock,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) gateway: String,
    pub(crate) api: String,
    pub(crate) token: String,
    /// The set-up token, where the store had no owner when the server started.
    pub(crate) setup: Option<String>,
    pub(crate) key: String,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

impl Product {
    pub(crate) fn start() -> Self {
        Self::with(POLICY, "")
    }

    pub(crate) fn with(policy: &str, gateway_options: &str) -> Self {
        Self::at(&Clock::system(), policy, gateway_options)
    }

    /// One whose time is told by `clock`.
    pub(crate) fn at(clock: &Clock, policy: &str, gateway_options: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let provider =
            runtime.block_on(Provider::start(ProviderConfig { keep: 512, ..ProviderConfig::default() })).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("policy.yaml"), policy).unwrap();
        let text = format!(
            "data: {0}/data\nkeys: {{ root: {0}/keys/root.key }}\ngateway: {{ listen: 127.0.0.1:0, threads: 1{gateway_options} }}\napi: {{ listen: 127.0.0.1:0 }}\nproviders:\n  openai: {{ dialect: openai, base_url: \"{1}\", idle_timeout: 2s, timeout: 2s }}\n  anthropic: {{ dialect: anthropic, base_url: \"{2}\" }}\nroutes:\n  - {{ model: \"gpt-*\", provider: openai }}\n  - {{ model: \"text-*\", provider: openai }}\n  - {{ model: \"claude*\", provider: anthropic }}\nprices:\n  - {{ model: \"gpt-*\", input: 1, output: 2 }}\ninfrastructure: {{ record: never }}\ndetection: {{ shipped: false }}\npolicies: {{ file: policy.yaml, managed: file }}\n",
            folder.path().display(),
            provider.openai_url(),
            provider.anthropic_url()
        );
        let file = folder.path().join("picket.yaml");
        std::fs::write(&file, text).unwrap();
        let mut product = Self {
            runtime,
            provider,
            server: None,
            clock: clock.clone(),
            folder,
            gateway: String::new(),
            api: String::new(),
            token: String::new(),
            setup: None,
            key: String::new(),
        };
        product.open();
        product.take_administrator();
        product.key = product.new_key(json!({"user": "ana@example.com", "team": "engineering", "application": "ide"}));
        product
    }

    fn open(&mut self) {
        let config = Config::load(Some(&self.folder.path().join("picket.yaml"))).unwrap();
        // Another test may be starting a program, which has a copy of every open file, locks too, until it runs.
        let deadline = Instant::now() + Duration::from_secs(20);
        let server = loop {
            match Server::start(config.clone(), &self.clock) {
                Err(StartError::Database(OpenError::Locked(_)) | StartError::Index(_)) if Instant::now() < deadline => {
                    std::thread::yield_now()
                }
                started => break started.unwrap(),
            }
        };
        self.gateway = format!("http://{}", server.gateway_address());
        self.api = format!("http://{}", server.api_address());
        self.setup = server.setup_token().map(|token| token.reveal().to_owned());
        self.server = Some(server);
    }

    /// Stops the server, if it runs, and starts it again on the same data.
    pub(crate) fn restart(&mut self) {
        if let Some(server) = self.server.take() {
            server.stop().unwrap();
        }
        self.open();
    }

    /// Changes the text of the configuration, and starts the server again with it.
    pub(crate) fn reconfigure(&mut self, change: impl FnOnce(&str, &Path) -> String) {
        let file = self.folder.path().join("picket.yaml");
        let text = std::fs::read_to_string(&file).unwrap();
        let changed = change(&text, self.folder.path());
        assert_ne!(changed, text, "the configuration did not change");
        std::fs::write(file, changed).unwrap();
        self.restart();
    }

    /// The workspace's log, behind the gateway's back.
    pub(crate) fn log(&self) -> &picket_log::EventLog {
        self.server.as_ref().unwrap().log()
    }

    /// Takes the token that the owner of a new store is given.
    pub(crate) fn take_administrator(&mut self) {
        self.token = self.server.as_ref().unwrap().administrator().unwrap().reveal().to_owned();
    }

    /// Stops the server; the data stays.
    pub(crate) fn stop(&mut self) {
        self.server.take().unwrap().stop().unwrap();
    }

    pub(crate) fn new_key(&self, wanted: Value) -> String {
        let created = self.admin(Method::POST, "/v1/keys", &wanted);
        assert_eq!(created.status, 201, "{}", created.text);
        created.json()["token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn send(&self, base: &str, method: Method, path: &str, headers: &[(&str, &str)], body: Bytes) -> Answer {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        self.runtime.block_on(async {
            let upstream = Upstream::new(base, Limits::default()).unwrap();
            let answer = upstream.send(method, path, map, body).await.unwrap();
            let (head, mut body) = answer.into_parts();
            let mut text = Vec::new();
            while let Ok(Some(piece)) = body.piece().await {
                text.extend_from_slice(&piece);
            }
            Answer {
                status: head.status.as_u16(),
                headers: head.headers,
                text: String::from_utf8_lossy(&text).into_owned(),
            }
        })
    }

    pub(crate) fn ask(&self, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {}", self.key);
        self.send(
            &self.gateway,
            Method::POST,
            path,
            &[("authorization", &bearer), ("content-type", "application/json")],
            body.to_string().into(),
        )
    }

    pub(crate) fn chat(&self, prompt: &str) -> Answer {
        self.ask("/v1/chat/completions", &json!({"model": "gpt-4o", "messages": [{"role": "user", "content": prompt}]}))
    }

    pub(crate) fn chat_stream(&self, prompt: &str) -> Answer {
        self.ask(
            "/v1/chat/completions",
            &json!({"model": "gpt-4o", "stream": true, "messages": [{"role": "user", "content": prompt}]}),
        )
    }

    pub(crate) fn admin(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.admin_as(&self.token, method, path, body)
    }

    pub(crate) fn admin_as(&self, token: &str, method: Method, path: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        self.send(&self.api, method, path, &[("authorization", &bearer), ("content-type", "application/json")], body)
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        let answer = self.admin(Method::GET, path, &Value::Null);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        answer.json()
    }

    /// What is no text.
    pub(crate) fn bytes(&self, path: &str) -> Bytes {
        self.runtime.block_on(async {
            let upstream = Upstream::new(&self.api, Limits::default()).unwrap();
            let bearer = HeaderValue::from_str(&format!("Bearer {}", self.token)).unwrap();
            let headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, bearer)]);
            let answer = upstream.send(Method::GET, path, headers, Bytes::new()).await.unwrap();
            assert_eq!(answer.status(), 200, "{path}");
            answer.into_body().whole().await.unwrap()
        })
    }

    /// Waits until `found` returns something. The end of patience is only for what never comes: other tests and builds
    /// may keep the machine busy for long.
    pub(crate) fn wait<T>(&self, what: &str, mut found: impl FnMut(&Self) -> Option<T>) -> T {
        let deadline = Instant::now() + Duration::from_secs(120);
        loop {
            if let Some(found) = found(self) {
                return found;
            }
            assert!(Instant::now() < deadline, "waited in vain for {what}");
            std::thread::yield_now();
        }
    }

    /// The events of a query, once there are so many.
    pub(crate) fn events(&self, query: &str, count: usize) -> Vec<Value> {
        self.wait(&format!("{count} events of {query}"), |product| {
            let events = product.get(&format!("/v1/events{query}")).as_array().unwrap().clone();
            (events.len() >= count).then_some(events)
        })
    }

    /// The event behind an answer of the gateway.
    pub(crate) fn event_of(&self, answer: &Answer) -> Value {
        let id = answer.headers["picket-event"].to_str().unwrap().to_owned();
        self.wait("the event", |product| {
            let found = product.admin(Method::GET, &format!("/v1/events/{id}"), &Value::Null);
            (found.status == 200).then(|| found.json())
        })
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            drop(server.stop());
        }
    }
}
