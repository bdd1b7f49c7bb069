//! Content packs: what an operator installs in a receiver, so that the events that it is sent are of use there.
//!
//! A pack is a list of files. It is made of the renderings themselves ([`schema`]): members, their types and the fields
//! that they come from are read off what a renderer writes, and of one description of what is looked for, which
//! each pack writes in the language of its receiver. The same version makes the same files.

mod elastic;
mod grafana;
mod prometheus;
mod qradar;
mod readme;
mod sample;
pub mod schema;
mod search;
mod sentinel;
mod splunk;
mod text;

use std::fmt;
use std::str::FromStr;

/// A file of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path below the folder of the pack: parts of letters, digits, `-`, `_` and `.`, joined by `/`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

impl File {
    fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }
}

/// What differs from place to place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// `destinations.vendor` of the configuration: it begins sourcetypes, and names tables.
    vendor: String,
    /// The index of Splunk.
    index: String,
}

impl Default for Options {
    fn default() -> Self {
        Self { vendor: "Picket".to_owned(), index: "ai_security".to_owned() }
    }
}

/// A name that cannot stand in a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what}: give 1 to 32 {of}, a letter first")]
pub struct NameError {
    what: &'static str,
    of: &'static str,
}

impl Options {
    /// The same with another vendor. Names of tables take nothing but letters and digits, and the first has to be a
    /// letter, so that another vendor is refused.
    pub fn with_vendor(self, vendor: &str) -> Result<Self, NameError> {
        if !is_name(vendor, |byte| byte.is_ascii_alphanumeric()) {
            return Err(NameError { what: "the vendor names tables and types of sources", of: "letters and digits" });
        }
        Ok(Self { vendor: vendor.to_owned(), ..self })
    }

    /// The same with another index of Splunk.
    pub fn with_index(self, index: &str) -> Result<Self, NameError> {
        if !is_name(index, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
            return Err(NameError { what: "the index of Splunk", of: "lower-case letters, digits and `_`" });
        }
        Ok(Self { index: index.to_owned(), ..self })
    }

    /// The vendor in lower case.
    fn prefix(&self) -> String {
        self.vendor.to_lowercase()
    }

    /// The name of the table for this vendor, without `_CL`.
    fn table(&self) -> String {
        format!("{}Events", self.vendor)
    }
}

fn is_name(text: &str, fits: impl Fn(u8) -> bool) -> bool {
    let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    first && text.len() <= 32 && text.bytes().all(fits)
}

/// A receiver that there is a pack for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pack {
    /// An app for Splunk.
    Splunk,
    /// A template for Microsoft Sentinel.
    Sentinel,
    /// Templates, rules and a dashboard for Elasticsearch and Kibana.
    Elastic,
    /// The same for OpenSearch and its dashboards.
    OpenSearch,
    /// Maps for IBM QRadar.
    QRadar,
    /// Dashboards for Grafana.
    Grafana,
    /// Alerts for Prometheus.
    Prometheus,
}

impl Pack {
    /// Every pack.
    pub const ALL: &[Self] =
        &[Self::Splunk, Self::Sentinel, Self::Elastic, Self::OpenSearch, Self::QRadar, Self::Grafana, Self::Prometheus];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Splunk => "splunk",
            Self::Sentinel => "sentinel",
            Self::Elastic => "elastic",
            Self::OpenSearch => "opensearch",
            Self::QRadar => "qradar",
            Self::Grafana => "grafana",
            Self::Prometheus => "prometheus",
        }
    }

    /// What is in it.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Splunk => "app: field aliases, event types, searches with alerts, a dashboard",
            Self::Sentinel => "template: tables, data collection rule, scheduled rules; each query by itself",
            Self::Elastic => "index template with ECS types, life cycle, detection rules, a dashboard for Kibana",
            Self::OpenSearch => {
                "index template with ECS types, state management, a dashboard for OpenSearch Dashboards"
            }
            Self::QRadar => "map of LEEF events to categories, and custom properties",
            Self::Grafana => "dashboard of the gateway's own metrics",
            Self::Prometheus => "alerts on the gateway's own metrics, with their tests",
        }
    }

    /// The kind of destination that sends what it is for; none where nothing is sent, since metrics are fetched.
    pub const fn destination(self) -> Option<&'static str> {
        match self {
            Self::Splunk => Some("splunk_hec"),
            Self::Sentinel => Some("sentinel"),
            Self::Elastic | Self::OpenSearch => Some("elastic_http"),
            Self::QRadar => Some("syslog"),
            Self::Grafana | Self::Prometheus => None,
        }
    }

    /// Its files, a README first.
    pub fn files(self, options: &Options) -> Vec<File> {
        match self {
            Self::Splunk => splunk::files(options),
            Self::Sentinel => sentinel::files(options),
            Self::Elastic => elastic::files(elastic::Flavour::Elastic),
            Self::OpenSearch => elastic::files(elastic::Flavour::OpenSearch),
            Self::QRadar => qradar::files(options),
            Self::Grafana => grafana::files(),
            Self::Prometheus => prometheus::files(),
        }
    }
}

impl fmt::Display for Pack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The metrics of the program that packs go by, sorted.
pub fn metrics() -> Vec<String> {
    let alerts = prometheus::ALERTS.iter().map(|alert| alert.expr);
    let mut names: Vec<String> = alerts.chain(grafana::expressions()).flat_map(metrics_of).collect();
    names.sort();
    names.dedup();
    names
}

/// Names of metrics in an expression: ours, and those of processes, whose names their clients share.
fn metrics_of(expression: &str) -> impl Iterator<Item = String> + '_ {
    let words = expression.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
    words.filter(|word| word.starts_with("picket_") || word.starts_with("process_")).map(str::to_owned)
}

/// A text is the name of no pack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of splunk, sentinel, elastic, opensearch, qradar, grafana, prometheus")]
pub struct UnknownPackError(String);

impl FromStr for Pack {
    type Err = UnknownPackError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.iter().find(|pack| pack.as_str() == text);
        found.copied().ok_or_else(|| UnknownPackError(text.chars().take(64).collect()))
    }
}

#[cfg(test)]
mod tests;
