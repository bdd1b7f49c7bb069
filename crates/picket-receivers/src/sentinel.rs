//! Microsoft Sentinel.
//!
//! With credentials of Entra, rows go to the Logs Ingestion API; what a data collection rule does not name is dropped
//! there without a word. With a shared key, the older Data Collector API is spoken, which the service has retired: each
//! answer says so.

mod token;

use crate::answer::{Answer, Outcome, Warning};
use crate::credentials::{Credentials, SecretField};
use crate::destination::{Configured, Destination, Frame, Limits, Request, Waited};
use crate::http::{self, ANSWER_BYTES_MAX, Http, Post, Reply};
use crate::kind::Problem;
use crate::network::Network;
use crate::rendering::Rendering;
use ::http::Method;
use ::http::header::{self, HeaderMap, HeaderValue};
use picket_render::wire::WireError;
use picket_render::wire::ingest::{self, Layout as Rows};
use picket_render::wire::sharedkey::{authorization, http_date};
use picket_render::{Fixed, Format, Renderer, Subject};
use picket_stdx::Clock;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use token::Tokens;
use utoipa::ToSchema;
use zeroize::Zeroizing;

/// What a request of the Logs Ingestion API may have, compressed and uncompressed.
const INGEST_BYTES: usize = 1024 * 1024;
/// What a request of the older API gets here; it takes 30 MB, and answers 404 to more.
const COLLECT_BYTES: usize = 4_000_000;
const REQUEST_EVENTS: usize = 2_000;
const COLLECT_PATH: &str = "/api/logs?api-version=2016-04-01";
/// The day from which the older API is not kept working.
const RETIRED_ON: &str = "2026-09-14";
const NAME_BYTES_MAX: usize = 100;

/// Whose Azure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cloud {
    /// The public one.
    #[default]
    Public,
    /// That of the government of the United States.
    Government,
    /// That in China.
    China,
}

impl Cloud {
    /// Where tokens come from, what they are for, and the domain of the older API.
    const fn places(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Public => ("https://login.microsoftonline.com", "https://monitor.azure.com/.default", "azure.com"),
            Self::Government => ("https://login.microsoftonline.us", "https://monitor.azure.us/.default", "azure.us"),
            Self::China => {
                ("https://login.partner.microsoftonline.cn", "https://monitor.azure.cn/.default", "azure.cn")
            }
        }
    }
}

/// Columns of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// The members of the rendering.
    #[default]
    Rendering,
    /// `AISecurity_CL`: columns whose names end in their type, such as `category_s` and `judge_score_d`.
    AiSecurity,
}

/// The Logs Ingestion API; the credential is `client_secret`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Entra {
    /// Endpoint of the data collection rule or of a data collection endpoint.
    pub endpoint: String,
    /// Immutable id of the data collection rule: `dcr-…`.
    pub rule: String,
    /// Stream of the rule; `Custom-<Vendor>Events` when absent, `Custom-AISecurity` with the layout `ai_security`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// Directory of the application.
    pub tenant: String,
    /// The application.
    pub client: String,
    /// Where tokens come from; the cloud's own address when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
}

/// The Data Collector API; the credential is `shared_key`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SharedKey {
    /// Id of the Log Analytics workspace.
    pub workspace: String,
    /// Name of the table, without `_CL`; `<Vendor>Events` when absent, `AISecurity` with the layout `ai_security`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_type: Option<String>,
    /// Where to, in place of the cloud's own address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// Options of the kind `sentinel`: one of `entra` and `shared_key`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The Logs Ingestion API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entra: Option<Entra>,
    /// The older API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_key: Option<SharedKey>,
    /// Whose Azure.
    #[serde(default)]
    pub cloud: Cloud,
    /// Columns of the table.
    #[serde(default)]
    pub layout: Layout,
    /// Authorities that vouch for the servers in place of the public ones, as PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// In what language; `canonical` when absent.
    #[serde(default)]
    pub rendering: Rendering,
}

impl Config {
    fn login(&self, entra: &Entra) -> String {
        entra.login.clone().unwrap_or_else(|| self.cloud.places().0.to_owned())
    }

    fn collector(&self, key: &SharedKey) -> String {
        let domain = self.cloud.places().2;
        key.url.clone().unwrap_or_else(|| format!("https://{}.ods.opinsights.{domain}", key.workspace))
    }

    /// The name of a table of this vendor.
    fn table(&self, vendor: &str) -> String {
        if self.layout == Layout::AiSecurity {
            return "AISecurity".to_owned();
        }
        let letters: String = vendor.chars().filter(char::is_ascii_alphanumeric).collect();
        format!("{letters}Events")
    }

    fn renderer(&self, network: &Network) -> Result<Renderer, Problem> {
        match self.layout {
            Layout::Rendering => self.rendering.renderer("canonical", &network.maker),
            Layout::AiSecurity => Ok(Renderer::new(Format::AiSecurity, network.maker.clone())),
        }
    }
}

fn check_name(field: &str, text: &str, marks: &[u8], what: &str) -> Result<(), Problem> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || marks.contains(&byte);
    if (1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(fits) {
        return Ok(());
    }
    Err(Problem::new(field, format!("is none: give {what}")))
}

impl Configured for Config {
    fn name(&self) -> &'static str {
        "sentinel"
    }

    fn check(&self) -> Result<(), Problem> {
        match (&self.entra, &self.shared_key) {
            (Some(entra), None) => {
                http::check_url("entra.endpoint", &entra.endpoint)?;
                http::check_url("entra.login", &self.login(entra))?;
                check_name("entra.rule", &entra.rule, b"-", "the immutable id of a data collection rule, `dcr-…`")?;
                if let Some(stream) = &entra.stream {
                    check_name("entra.stream", stream, b"-_", "the name of a stream of the rule, `Custom-…`")?;
                }
                check_name("entra.tenant", &entra.tenant, b"-.", "the id or domain of a directory")?;
                check_name("entra.client", &entra.client, b"-", "the id of an application")?;
                self.rendering.check("canonical")
            }
            (None, Some(key)) => {
                check_name("shared_key.workspace", &key.workspace, b"-", "the id of a Log Analytics workspace")?;
                if let Some(log_type) = &key.log_type {
                    check_name("shared_key.log_type", log_type, b"_", "letters, digits and `_`, at most 100")?;
                }
                http::check_url("shared_key.url", &self.collector(key))?;
                let has_columns = matches!(self.rendering.format.as_deref(), None | Some("canonical" | "ai_security"));
                if !has_columns || self.rendering.mapping.is_some() {
                    let message = "has names that this API takes for no columns: give `canonical` or `ai_security`";
                    return Err(Problem::new("rendering.format", message));
                }
                self.rendering.check("canonical")
            }
            _ => Err(Problem::new("entra", "or `shared_key` has to be there, and not both")),
        }
    }

    fn host(&self) -> Option<String> {
        match (&self.entra, &self.shared_key) {
            (Some(entra), _) => {
                let places = [http::origin_of(&self.login(entra))?, http::origin_of(&entra.endpoint)?];
                Some(places.join(" "))
            }
            (None, Some(key)) => http::origin_of(&self.collector(key)),
            (None, None) => None,
        }
    }

    fn secrets(&self) -> &'static [SecretField] {
        if self.entra.is_some() {
            const { &[SecretField::required("client_secret", "a secret of the application")] }
        } else {
            const { &[SecretField::required("shared_key", "the workspace's primary or secondary key")] }
        }
    }

    fn open(&self, credentials: &Credentials, network: &Network) -> Result<Arc<dyn Destination>, Problem> {
        let (renderer, ca) = (self.renderer(network)?, self.ca.as_deref());
        let table = self.table(&network.maker.vendor);
        let clock = network.clock.clone();
        let mut headers = http::headers("application/json");
        if let Some(entra) = &self.entra {
            let login = self.login(entra);
            let secret = credentials.get("client_secret").unwrap_or_default();
            let stream = entra.stream.clone().unwrap_or_else(|| format!("Custom-{table}"));
            let mut http = Http::open("entra.endpoint", &entra.endpoint, ca, network)?;
            http.hide(secret);
            let path = format!("/dataCollectionRules/{}/streams/{stream}?api-version=2023-01-01", entra.rule);
            let place = format!("POST {}{path}", entra.endpoint.trim_end_matches('/'));
            let tokens = Tokens::new(
                Http::open("entra.login", &login, ca, network)?,
                clock,
                &token::Application {
                    tenant: &entra.tenant,
                    client: &entra.client,
                    secret,
                    scope: self.cloud.places().1,
                },
            );
            let layout = if self.layout == Layout::AiSecurity { Rows::AiSecurity } else { Rows::Rendering };
            return Ok(Arc::new(Ingestion { http, headers, path, place, tokens, renderer, layout }));
        }
        let Some(key) = &self.shared_key else { return Err(Problem::new("entra", "is missing")) };
        let shared_key = credentials.get("shared_key").unwrap_or_default();
        // A key that is none is found now, not by the first event.
        authorization(&key.workspace, shared_key, "-", 0)
            .map_err(|error| Problem::new("shared_key", error.to_string()))?;
        let url = self.collector(key);
        let log_type = key.log_type.clone().unwrap_or(table);
        headers.insert("log-type", http::value(&log_type));
        headers.insert("time-generated-field", HeaderValue::from_static("timestamp"));
        Ok(Arc::new(Collector {
            http: Http::open("shared_key.url", &url, ca, network)?,
            place: format!("POST {}{COLLECT_PATH}", url.trim_end_matches('/')),
            workspace: key.workspace.clone(),
            key: Zeroizing::new(shared_key.to_owned()),
            headers,
            renderer,
            clock,
        }))
    }
}

/// The Logs Ingestion API.
#[derive(Debug)]
struct Ingestion {
    http: Http,
    headers: HeaderMap,
    path: String,
    place: String,
    tokens: Tokens,
    renderer: Renderer,
    layout: Rows,
}

impl Destination for Ingestion {
    fn encode(&self, event: &Subject<'_>, out: &mut Vec<u8>) -> Result<(), WireError> {
        ingest::row(out, event, self.layout, &self.renderer);
        Ok(())
    }

    fn frame(&self) -> Frame<'_> {
        Frame::Fixed(Fixed::ARRAY)
    }

    fn limits(&self) -> Limits {
        Limits { bytes: INGEST_BYTES, compressed_bytes: Some(INGEST_BYTES), events: REQUEST_EVENTS }
    }

    fn send<'a>(&'a self, request: Request<'a>) -> Waited<'a, Answer> {
        Box::pin(async move {
            let mut headers = self.headers.clone();
            let body = http::gzip(&mut headers, request.body).await;
            headers.insert("x-ms-client-request-id", http::value(&guid()));
            let mut is_second = false;
            loop {
                let token = match self.tokens.get().await {
                    Ok(token) => token,
                    Err(answer) => return answer,
                };
                headers.insert(header::AUTHORIZATION, token.header());
                let post = Post {
                    method: Method::POST,
                    path: &self.path,
                    headers: headers.clone(),
                    body: body.clone(),
                    answer_bytes: ANSWER_BYTES_MAX,
                };
                match self.http.send(post).await {
                    // The token may have ended on its way; a new one is tried once.
                    Ok(reply) if reply.status == 401 && !is_second => {
                        self.tokens.forget(&token).await;
                        is_second = true;
                    }
                    Ok(reply) => return ingested(&reply),
                    Err(answer) => return answer,
                }
            }
        })
    }

    fn place(&self, _request: &Request<'_>) -> String {
        self.place.clone()
    }

    fn packing(&self, body: &[u8]) -> Option<&'static str> {
        http::packing(body)
    }
}

/// A GUID that names a request to the service's support.
fn guid() -> String {
    let hex = picket_stdx::encode::hex(&picket_stdx::random::bytes::<16>());
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

#[derive(Debug, Deserialize)]
struct Said {
    error: Code,
}

#[derive(Debug, Deserialize)]
struct Code {
    code: String,
}

/// What an answer of the Logs Ingestion API means.
fn ingested(reply: &Reply) -> Answer {
    let code = reply.json::<Said>().map(|said| said.error.code).unwrap_or_default();
    match reply.status {
        204 => reply.answer(Outcome::Ack),
        200..=299 => reply.saying(Outcome::Config, b"what answers is no Logs Ingestion API: that answers 204"),
        413 => reply.answer(Outcome::Split),
        _ if code == "ContentLengthLimitExceeded" => reply.answer(Outcome::Split),
        // Names that the address is made of, not the rows.
        400 if ["Dcr", "DataCollection", "Stream", "Path", "ApiVersion"].iter().any(|word| code.contains(word)) => {
            reply.answer(Outcome::Config)
        }
        _ => reply.plain(),
    }
}

/// The Data Collector API.
#[derive(Debug)]
struct Collector {
    http: Http,
    headers: HeaderMap,
    workspace: String,
    key: Zeroizing<String>,
    place: String,
    renderer: Renderer,
    clock: Clock,
}

impl Destination for Collector {
    fn encode(&self, event: &Subject<'_>, out: &mut Vec<u8>) -> Result<(), WireError> {
        self.renderer.render(event, out);
        Ok(())
    }

    fn frame(&self) -> Frame<'_> {
        Frame::Fixed(Fixed::ARRAY)
    }

    fn limits(&self) -> Limits {
        Limits { bytes: COLLECT_BYTES, compressed_bytes: None, events: REQUEST_EVENTS }
    }

    fn send<'a>(&'a self, request: Request<'a>) -> Waited<'a, Answer> {
        Box::pin(async move {
            let date = http_date(self.clock.now());
            let length = request.body.len();
            // The length counts bytes; that of the service's own example counts characters.
            let signed = authorization(&self.workspace, &self.key, &date, u64::try_from(length).unwrap_or(u64::MAX));
            let value = signed.map_err(|error| Problem::new("shared_key", error.to_string()));
            let value = match value.and_then(|value| http::secret_value("shared_key", &value)) {
                Ok(value) => value,
                Err(problem) => return Answer::new(Outcome::Auth, &problem.to_string()),
            };
            let mut headers = self.headers.clone();
            headers.insert(header::AUTHORIZATION, value);
            headers.insert("x-ms-date", http::value(&date));
            let body = request.body;
            let post = Post { method: Method::POST, path: COLLECT_PATH, headers, body, answer_bytes: ANSWER_BYTES_MAX };
            let answer = match self.http.send(post).await {
                Ok(reply) => collected(&reply, request.events.len(), length),
                Err(answer) => answer,
            };
            answer.warned(Warning::Retiring { on: RETIRED_ON })
        })
    }

    fn place(&self, _request: &Request<'_>) -> String {
        self.place.clone()
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Refused {
    error: String,
}

/// What an answer of the Data Collector API means.
fn collected(reply: &Reply, count: usize, length: usize) -> Answer {
    /// A request that is longer may be what a 404 is about.
    const SMALL: usize = 100_000;
    let code = reply.json::<Refused>().map(|said| said.error).unwrap_or_default();
    match reply.status {
        200 => reply.answer(Outcome::Ack),
        201..=299 => reply.saying(Outcome::Config, b"what answers is no Data Collector API: that answers 200"),
        400 if code == "InvalidDataFormat" => reply.answer(Outcome::Reject),
        400 if !code.is_empty() => reply.answer(Outcome::Config),
        // No such path, or too large: halves tell.
        404 if count > 1 && length > SMALL => reply.answer(Outcome::Split),
        _ => reply.plain(),
    }
}

#[cfg(test)]
mod tests;
