//! Entra's token endpoint, the Logs Ingestion API of Azure Monitor, and the Data Collector API before it.

use crate::receivers::http::{Ask, Reply, Server, locked};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::{Value, json};
use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What a request may have, as the service says it.
const BYTES_MAX: usize = 1_048_576;

/// The application and key that are believed.
#[derive(Debug, Clone)]
pub struct Believed {
    /// Client of the application.
    pub client: String,
    /// Its secret.
    pub secret: String,
    /// Scope that tokens are asked for.
    pub scope: String,
    /// Workspace of the older API, and its key in base64.
    pub workspace: (String, String),
}

/// Both services at one address.
#[derive(Debug)]
pub struct Azure {
    server: Server,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    believed: Believed,
    rows: Mutex<Vec<Value>>,
    tokens: Mutex<Vec<String>>,
    given: AtomicUsize,
    life_s: AtomicU64,
}

impl Azure {
    /// Starts them.
    pub fn start(believed: Believed) -> io::Result<Self> {
        let state = Arc::new(State {
            believed,
            rows: Mutex::default(),
            tokens: Mutex::default(),
            given: AtomicUsize::new(0),
            life_s: AtomicU64::new(3_600),
        });
        let answering = Arc::clone(&state);
        Ok(Self { server: Server::start(move |ask| answering.answer(ask))?, state })
    }

    /// The server under them.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Every row that was taken.
    pub fn rows(&self) -> Vec<Value> {
        locked(&self.state.rows).clone()
    }

    /// How many tokens were given.
    pub fn tokens_given(&self) -> usize {
        self.state.given.load(Ordering::SeqCst)
    }

    /// Ends all tokens.
    pub fn end_tokens(&self) {
        locked(&self.state.tokens).clear();
    }

    /// How many seconds new tokens say that they live.
    pub fn live(&self, seconds: u64) {
        self.state.life_s.store(seconds, Ordering::SeqCst);
    }
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, &json!({"error": {"code": code, "message": message}}).to_string())
}

impl State {
    fn answer(&self, ask: &Ask) -> Reply {
        let parts: Vec<&str> = ask.path.trim_matches('/').split('/').collect();
        match parts.as_slice() {
            [_, "oauth2", "v2.0", "token"] => self.grant(ask),
            ["dataCollectionRules", rule, "streams", stream] => self.ingest(ask, rule, stream),
            ["api", "logs"] => self.collect(ask),
            _ => Reply::html(404, "<html>404</html>"),
        }
    }

    fn grant(&self, ask: &Ask) -> Reply {
        let form: Vec<(String, String)> = form_urlencoded::parse(&ask.body).into_owned().collect();
        let field = |name: &str| form.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.as_str());
        let refuse = |status: u16, error: &str, said: &str| {
            Reply::json(status, &json!({"error": error, "error_description": said}).to_string())
        };
        if ask.header("content-type") != Some("application/x-www-form-urlencoded") {
            return refuse(400, "invalid_request", "AADSTS900144: the body must be a form");
        }
        if field("grant_type") != "client_credentials" {
            return refuse(400, "unsupported_grant_type", "AADSTS70003: the grant is not supported");
        }
        if field("scope") != self.believed.scope {
            return refuse(400, "invalid_scope", "AADSTS70011: the scope is not valid");
        }
        if field("client_id") != self.believed.client {
            return refuse(400, "unauthorized_client", "AADSTS700016: the application was not found in the directory");
        }
        if field("client_secret") != self.believed.secret {
            // A careless service says back what it was given.
            let said = format!("AADSTS7000215: invalid client secret {} provided", field("client_secret"));
            return refuse(401, "invalid_client", &said);
        }
        let number = self.given.fetch_add(1, Ordering::SeqCst);
        let token = format!("{}-{number}", picket_stdx::encode::random_base62(40));
        locked(&self.tokens).push(token.clone());
        let life = self.life_s.load(Ordering::SeqCst);
        let said = json!({"token_type": "Bearer", "expires_in": life, "ext_expires_in": life, "access_token": token});
        Reply::json(200, &said.to_string())
    }

    fn ingest(&self, ask: &Ask, rule: &str, stream: &str) -> Reply {
        let token = ask.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        if !locked(&self.tokens).iter().any(|known| known == token) {
            return error(401, "InvalidToken", "The token is missing or has ended");
        }
        if ask.query != "api-version=2023-01-01" {
            return error(400, "InvalidApiVersion", "The api-version is missing or not supported");
        }
        if !rule.starts_with("dcr-") {
            return error(404, "NotFound", "Data collection rule with immutable Id not found");
        }
        if !stream.starts_with("Custom-") {
            return error(400, "InvalidStream", "The stream was not configured in the data collection rule");
        }
        if ask.body.len() > BYTES_MAX || ask.packed_bytes > BYTES_MAX {
            let said = "Maximum allowed content length: 1048576 bytes (1 MB)";
            return error(413, "ContentLengthLimitExceeded", said);
        }
        if self.take(&ask.body) {
            Reply::empty(204)
        } else {
            error(400, "InvalidPayload", "The body is no array of objects")
        }
    }

    fn collect(&self, ask: &Ask) -> Reply {
        let (workspace, key) = &self.believed.workspace;
        let refuse = |status: u16, code: &str| {
            Reply::json(status, &json!({"Error": code, "Message": "see the documentation"}).to_string())
        };
        if ask.query != "api-version=2016-04-01" {
            return refuse(400, "MissingApiVersion");
        }
        let Some(date) = ask.header("x-ms-date") else { return refuse(403, "InvalidAuthorization") };
        let signed = format!("POST\n{}\napplication/json\nx-ms-date:{date}\n/api/logs", ask.packed_bytes);
        let key = hmac::Key::new(hmac::HMAC_SHA256, &STANDARD.decode(key).unwrap_or_default());
        let expected = format!("SharedKey {workspace}:{}", STANDARD.encode(hmac::sign(&key, signed.as_bytes())));
        if ask.header("authorization") != Some(&expected) {
            return refuse(403, "InvalidAuthorization");
        }
        let log_type = ask.header("log-type").unwrap_or_default();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if log_type.is_empty() {
            return refuse(400, "MissingLogType");
        }
        if log_type.len() > 100 || !log_type.bytes().all(is_plain) {
            return refuse(400, "InvalidLogType");
        }
        if ask.header("content-type") != Some("application/json") {
            return refuse(400, "UnsupportedContentType");
        }
        if ask.body.len() > 30 * BYTES_MAX {
            return Reply::empty(404);
        }
        if self.take(&ask.body) { Reply::empty(200) } else { refuse(400, "InvalidDataFormat") }
    }

    fn take(&self, body: &[u8]) -> bool {
        let Ok(Value::Array(rows)) = serde_json::from_slice(body) else { return false };
        let is_taken = !rows.is_empty() && rows.iter().all(Value::is_object);
        if is_taken {
            locked(&self.rows).extend(rows);
        }
        is_taken
    }
}
