//! What the operator wrote. All problems are reported at once, with line, column and remedy.

mod beside;
mod bounds;
mod containment;
mod destinations;
mod detection;
mod identity;
mod integrations;
mod jwt;
mod policies;
mod review;
mod routes;
mod scim;
mod secrets;

pub use destinations::Destinations;
pub(crate) use integrations::Integrations;
use ipnet::IpNet;
use picket_contain::Rules as ContainmentRules;
use picket_detect::Settings as DetectionSettings;
use picket_egress::{Limits, Upstream};
use picket_event::Workspace;
use picket_gateway::{Audit, Auth, Capture, JwtSettings, Patience, Price, Provider, Reach, Route};
use picket_identity::{OidcSettings, Rules, ScimSettings};
use picket_llm::Dialect;
use picket_policy::document::{self, Key, Node, Problems, Value};
use picket_review::Routing;
use picket_stdx::encode::hex;
pub(crate) use secrets::unset;
use secrets::{authorities, secret};
use sha2::{Digest as _, Sha256};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder of the store.
    pub data: PathBuf,
    /// Folder of the high-water file; the data folder's `state` by default.
    pub state: PathBuf,
    /// File of the root key; in the user's configuration folder by default.
    pub root_key: Option<PathBuf>,
    /// The workspace whose store that is; whichever it is, if absent.
    pub workspace: Option<Workspace>,
    /// Name of the instance in log origins and events.
    pub host: String,
    /// Where the gateway listens.
    pub gateway: SocketAddr,
    /// Certificate and key of the gateway.
    pub gateway_tls: Option<(PathBuf, PathBuf)>,
    /// Threads of the gateway; one for each core by default.
    pub threads: usize,
    /// Whose credentials go upstream.
    pub auth: Auth,
    /// The tokens that callers may show instead of a key.
    pub jwt: Option<JwtSettings>,
    /// When a request is written down.
    pub audit: Audit,
    /// How long callers may take.
    pub patience: Patience,
    /// Where the control API listens.
    pub api: SocketAddr,
    /// Certificate and key of the control API.
    pub api_tls: Option<(PathBuf, PathBuf)>,
    /// How long a reader of a long answer of the control API may take nothing.
    pub send_timeout: Duration,
    /// Names that the control API answers to; without a list `localhost` where it listens there, and any elsewhere.
    pub api_hosts: Option<Vec<String>>,
    /// Long answers that the control API sends at a time.
    pub downloads: usize,
    /// Providers.
    pub providers: Vec<Arc<Provider>>,
    /// Routes.
    pub routes: Vec<Route>,
    /// Prices.
    pub prices: Vec<Price>,
    /// What is kept of prompts and answers.
    pub capture: Capture,
    /// How long content is kept.
    pub keep_bodies: Duration,
    /// How long entries are kept.
    pub keep_entries: Duration,
    /// How long files of exports are kept.
    pub keep_exports: Duration,
    /// Proxies whose forwarded address is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How services are reached that checks of a policy ask.
    pub remotes: Reach,
    /// Threads of the lane beside the requests, and how many examinations may wait there.
    pub late: (usize, usize),
    /// What responses may do.
    pub containment: ContainmentRules,
    /// What holds for all destinations of events.
    pub destinations: Destinations,
    /// Rules, and what they may do.
    pub detection: DetectionSettings,
    /// How often what the machine does becomes an event; never, if absent.
    pub record_metrics: Option<Duration>,
    /// Who may sign in how.
    pub rules: Rules,
    /// The identity provider.
    pub oidc: Option<OidcSettings>,
    /// Who sends users.
    pub scim: Option<ScimSettings>,
    /// How tickets and webhooks get out.
    pub integrations: Integrations,
    /// Who decides what in the review queue.
    pub review: Routing,
    /// Whether the control API makes exceptions from the policy, if that is said.
    pub exceptions: Option<bool>,
    /// Whether a change of the policy by the control API takes two people.
    pub approval: bool,
    /// The policy, as far as the configuration says.
    pub policy: PolicySource,
    /// First 12 hex digits of the text's digest.
    pub version: String,
    /// The file, to be read again on reload.
    pub file: Option<PathBuf>,
}

/// Where the policy comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicySource {
    /// The store; the API changes it.
    Api,
    /// A text that a file holds, one of its own or the configuration; the API does not change it.
    File(String),
}

/// A configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// What it says is wrong.
    #[error("{0}")]
    Problems(Problems),
}

const DAY: Duration = Duration::from_secs(86_400);

impl Config {
    /// Reads a file; without one, safe defaults with data in `./picket-data`.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let Some(path) = file else {
            return Self::parse("", "defaults", Path::new(".")).map_err(ConfigError::Problems);
        };
        let text =
            std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        let config = Self::parse(&text, &path.display().to_string(), folder).map_err(ConfigError::Problems)?;
        Ok(Self { file: Some(path.to_owned()), ..config })
    }

    /// Reads a text; `folder` is what relative paths of policy files start from.
    pub fn parse(text: &str, source: &str, folder: &Path) -> Result<Self, Problems> {
        let root = document::parse(if text.trim().is_empty() { "{}" } else { text }, source)?;
        let mut problems = Problems::new(source);
        let mut config = Self::defaults(text);
        for (key, node) in root.map(&mut problems) {
            config.section(key, node, &mut problems);
        }
        let sections = root.map(&mut Problems::default());
        if let Some(policy) = policies::source(text, sections, folder, &mut problems) {
            config.policy = policy;
        }
        config.approval = policies::approval(sections, &config.policy, &mut problems);
        let routes = sections.iter().find(|(key, _)| key.name == "routes");
        for (_, node) in routes.into_iter().flat_map(|(_, node)| routes::providers_named(node)) {
            let name = node.text(&mut problems).unwrap_or_default();
            if !config.providers.iter().any(|provider| provider.name == name) {
                problems.at(node, "no provider of this name stands under `providers`, or its entry has a problem");
            }
        }
        detection::settle(&mut config.detection.sources, folder);
        destinations::settle(&mut config.destinations, folder);
        if config.state.as_os_str().is_empty() {
            config.state = config.data.join("state");
        }
        problems.or(config)
    }

    /// Whether the control API makes exceptions from the policy. Where a file is the truth, it has to say so.
    pub fn allows_exceptions(&self) -> bool {
        self.exceptions.unwrap_or(self.policy == PolicySource::Api)
    }

    fn defaults(text: &str) -> Self {
        Self {
            data: PathBuf::from("./picket-data"),
            state: PathBuf::new(),
            root_key: None,
            workspace: None,
            host: "picket.local".to_owned(),
            gateway: SocketAddr::from(([127, 0, 0, 1], 8080)),
            gateway_tls: None,
            threads: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            auth: Auth::Keys,
            jwt: None,
            audit: Audit::Strict,
            patience: Patience::default(),
            api: SocketAddr::from(([127, 0, 0, 1], 8081)),
            api_tls: None,
            send_timeout: Duration::from_secs(30),
            api_hosts: None,
            downloads: 32,
            providers: Vec::new(),
            routes: Vec::new(),
            prices: Vec::new(),
            capture: Capture::All,
            keep_bodies: 30 * DAY,
            keep_entries: 400 * DAY,
            keep_exports: 7 * DAY,
            trusted_proxies: Vec::new(),
            remotes: Reach::default(),
            late: (1, 1_024),
            containment: ContainmentRules::default(),
            destinations: Destinations::default(),
            detection: DetectionSettings::default(),
            record_metrics: Some(bounds::RECORD_USUAL),
            rules: Rules::default(),
            oidc: None,
            scim: None,
            integrations: Integrations::default(),
            review: Routing::default(),
            exceptions: None,
            approval: false,
            policy: PolicySource::Api,
            version: hex(&Sha256::digest(text.as_bytes())).chars().take(12).collect(),
            file: None,
        }
    }

    fn section(&mut self, key: &Key, node: &Node, problems: &mut Problems) {
        const SECTIONS: &[&str] = &[
            "data",
            "state",
            "keys",
            "workspace",
            "host",
            "gateway",
            "api",
            "providers",
            "routes",
            "prices",
            "capture",
            "retention",
            "trusted_proxies",
            "remotes",
            "late",
            "infrastructure",
            "containment",
            "destinations",
            "detection",
            "identity",
            "integrations",
            "review",
            "policies",
            "policy",
        ];
        match key.name.as_str() {
            "data" => self.data = path(node, problems).unwrap_or_default(),
            "state" => self.state = path(node, problems).unwrap_or_default(),
            "host" => self.host = node.text(problems).unwrap_or_default().to_owned(),
            "workspace" => self.workspace = beside::workspace(node, problems),
            "keys" => self.keys(node, problems),
            "gateway" => self.gateway_section(node, problems),
            "api" => self.api_section(node, problems),
            "providers" => {
                self.providers =
                    node.map(problems).to_vec().iter().filter_map(|(key, node)| provider(key, node, problems)).collect()
            }
            "routes" => {
                self.routes = list(node, problems).iter().filter_map(|node| routes::route(node, problems)).collect()
            }
            "prices" => {
                self.prices = list(node, problems).iter().filter_map(|node| routes::price(node, problems)).collect()
            }
            "capture" => self.capture = beside::capture(node, problems),
            "retention" => self.retention(node, problems),
            "trusted_proxies" => {
                self.trusted_proxies = list(node, problems).iter().filter_map(|node| network(node, problems)).collect()
            }
            "remotes" => self.remotes = beside::remotes(node, problems),
            "late" => self.late = beside::late(node, self.late, problems),
            "containment" => self.containment = containment::rules(node, problems),
            "destinations" => self.destinations = destinations::settings(node, problems),
            "detection" => self.detection = detection::settings(node, problems),
            "infrastructure" => self.record_metrics = beside::infrastructure(node, self.record_metrics, problems),
            "identity" => (self.rules, self.oidc, self.scim) = identity::identity(node, problems),
            "integrations" => self.integrations = integrations::settings(node, problems),
            "review" => (self.review, self.exceptions) = review::review(node, problems),
            // Read together, when the others are.
            "policies" | "policy" => {}
            _ => key.unknown(SECTIONS, problems),
        }
    }

    fn keys(&mut self, node: &Node, problems: &mut Problems) {
        for (key, node) in node.map(problems) {
            match key.name.as_str() {
                "root" => self.root_key = path(node, problems),
                _ => key.unknown(&["root"], problems),
            }
        }
    }

    fn gateway_section(&mut self, node: &Node, problems: &mut Problems) {
        const KEYS: &[&str] = &[
            "listen",
            "auth",
            "audit",
            "tls",
            "threads",
            "head_timeout",
            "idle_timeout",
            "body_timeout",
            "send_timeout",
            "jwt",
        ];
        let mut tokens = None;
        for (key, node) in node.map(problems) {
            match key.name.as_str() {
                "listen" => self.gateway = address(node, problems).unwrap_or(self.gateway),
                "auth" => {
                    self.auth = node
                        .word(&[("keys", Auth::Keys), ("passthrough", Auth::Passthrough)], problems)
                        .unwrap_or(Auth::Keys)
                }
                "audit" => {
                    let words = [("strict", Audit::Strict), ("ahead", Audit::Ahead), ("buffered", Audit::Buffered)];
                    self.audit = node.word(&words, problems).unwrap_or(Audit::Strict);
                }
                "tls" => self.gateway_tls = tls(node, problems),
                "threads" => self.threads = bounds::count(node, bounds::THREADS, self.threads, problems),
                "head_timeout" => self.patience.head = bounds::time(node, bounds::HEAD, self.patience.head, problems),
                "idle_timeout" => self.patience.idle = bounds::time(node, bounds::IDLE, self.patience.idle, problems),
                "body_timeout" => self.patience.body = bounds::time(node, bounds::IDLE, self.patience.body, problems),
                "send_timeout" => {
                    self.patience.send = bounds::time(node, bounds::CONNECT, self.patience.send, problems)
                }
                "jwt" => {
                    tokens = Some(node);
                    self.jwt = jwt::jwt(node, problems);
                }
                _ => key.unknown(KEYS, problems),
            }
        }
        if let Some(node) = tokens.filter(|_node| self.auth == Auth::Passthrough) {
            problems.at(node, "`auth: passthrough` sends what callers show to the provider; tokens need `auth: keys`");
        }
    }

    fn api_section(&mut self, node: &Node, problems: &mut Problems) {
        for (key, node) in node.map(problems) {
            match key.name.as_str() {
                "listen" => self.api = address(node, problems).unwrap_or(self.api),
                "tls" => self.api_tls = tls(node, problems),
                "send_timeout" => {
                    self.send_timeout = bounds::time(node, bounds::CONNECT, self.send_timeout, problems);
                }
                "downloads" => self.downloads = bounds::count(node, bounds::DOWNLOADS, self.downloads, problems),
                "hosts" => {
                    self.api_hosts =
                        Some(list(node, problems).iter().filter_map(|node| host(node, problems)).collect());
                }
                _ => key.unknown(&["listen", "tls", "send_timeout", "downloads", "hosts"], problems),
            }
        }
    }

    fn retention(&mut self, node: &Node, problems: &mut Problems) {
        for (key, node) in node.map(problems) {
            match key.name.as_str() {
                "bodies" => self.keep_bodies = bounds::time(node, bounds::KEPT, self.keep_bodies, problems),
                "entries" => self.keep_entries = bounds::time(node, bounds::KEPT, self.keep_entries, problems),
                "exports" => self.keep_exports = bounds::time(node, bounds::KEPT, self.keep_exports, problems),
                _ => key.unknown(&["bodies", "entries", "exports"], problems),
            }
        }
    }
}

fn path(node: &Node, problems: &mut Problems) -> Option<PathBuf> {
    node.text(problems).map(PathBuf::from)
}

fn list<'a>(node: &'a Node, problems: &mut Problems) -> &'a [Node] {
    match &node.value {
        Value::List(items) => items,
        Value::Null => &[],
        _ => {
            problems.at(node, "expected a list");
            &[]
        }
    }
}

fn address(node: &Node, problems: &mut Problems) -> Option<SocketAddr> {
    let parsed = node.text(problems)?.parse();
    parsed.map_err(|_error| problems.at(node, "expected an address such as 127.0.0.1:8080")).ok()
}

/// A name without a port.
fn host(node: &Node, problems: &mut Problems) -> Option<String> {
    let text = node.text(problems)?;
    let is_name = (1..=253).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    if !is_name {
        problems.at(node, "expected a host name such as picket.example.com, without scheme and port");
    }
    is_name.then(|| text.to_owned())
}

fn network(node: &Node, problems: &mut Problems) -> Option<IpNet> {
    let text = node.text(problems)?;
    let parsed = text.parse().ok().or_else(|| text.parse::<std::net::IpAddr>().ok().map(IpNet::from));
    if parsed.is_none() {
        problems.at(node, "expected an address or a network such as 10.0.0.0/8");
    }
    parsed
}

fn tls(node: &Node, problems: &mut Problems) -> Option<(PathBuf, PathBuf)> {
    let (mut certificate, mut key_file) = (None, None);
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "certificate" => certificate = path(node, problems),
            "key" => key_file = path(node, problems),
            _ => key.unknown(&["certificate", "key"], problems),
        }
    }
    let both = certificate.zip(key_file);
    if both.is_none() {
        problems.at(node, "tls needs `certificate:` and `key:`, paths of PEM files");
    }
    both
}

const DIALECTS: &[(&str, Dialect)] = &[("openai", Dialect::OpenAi), ("anthropic", Dialect::Anthropic)];
const PROVIDER_KEYS: &[&str] =
    &["dialect", "base_url", "api_key", "timeout", "idle_timeout", "total_timeout", "connect_timeout", "ca"];

fn provider(key: &Key, node: &Node, problems: &mut Problems) -> Option<Arc<Provider>> {
    let (mut dialect, mut base_url, mut api_key, mut ca) = (None, None, None, None);
    let mut limits = Limits::default();
    for (key, node) in node.map(problems) {
        match key.name.as_str() {
            "dialect" => dialect = node.word(DIALECTS, problems),
            "base_url" => base_url = node.text(problems).map(|text| (node, text.to_owned())),
            "api_key" => api_key = secret(node, problems),
            "timeout" => limits.head = bounds::time(node, bounds::IDLE, limits.head, problems),
            "idle_timeout" => limits.idle = bounds::time(node, bounds::IDLE, limits.idle, problems),
            "total_timeout" => limits.total = bounds::time(node, bounds::IDLE, limits.total, problems),
            "ca" => ca = authorities(node, problems),
            "connect_timeout" => limits.connect = bounds::time(node, bounds::CONNECT, limits.connect, problems),
            _ => key.unknown(PROVIDER_KEYS, problems),
        }
    }
    if let Some((node, url)) = &base_url
        && let Err(error) = Upstream::new(url, limits.clone())
    {
        problems.at(node, error.to_string());
    }
    let named = !key.name.is_empty()
        && key.name.len() <= 32
        && key.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b));
    if !named {
        problems.at_key(key, "a provider's name has 1 to 32 of a-z, 0-9, - and _");
    }
    let (Some(dialect), Some((_, base_url))) = (dialect, base_url) else {
        problems.at_key(key, "a provider needs `dialect: openai | anthropic` and `base_url:`");
        return None;
    };
    Some(Arc::new(Provider { name: key.name.clone(), dialect, base_url, api_key, limits, ca }))
}

#[cfg(test)]
mod tests;
