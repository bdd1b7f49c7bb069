//! What a destination is.

use crate::credentials::{Credentials, SecretField};
use crate::destination::{Configured, Destination};
use crate::network::Network;
use crate::{elastic_http, file, generic_https, kafka, otlp, s3, sentinel, splunk_hec, syslog};
use picket_render::wire::cut;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// What is wrong with an option or a credential, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {message}")]
pub struct Problem {
    /// Which: the name of the member.
    pub field: String,
    /// What, and what to do. Holds no credential.
    pub message: String,
}

impl Problem {
    pub(crate) fn new(field: &str, message: impl Into<String>) -> Self {
        Self { field: cut(field, 64).to_owned(), message: message.into() }
    }
}

/// A destination without its credentials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// Splunk's HTTP Event Collector.
    SplunkHec(splunk_hec::Config),
    /// Microsoft Sentinel.
    Sentinel(sentinel::Config),
    /// Elasticsearch and OpenSearch.
    ElasticHttp(elastic_http::Config),
    /// Anything that takes a POST.
    GenericHttps(generic_https::Config),
    /// Syslog over TCP and TLS.
    Syslog(syslog::Config),
    /// Kafka.
    Kafka(kafka::Config),
    /// The OpenTelemetry Protocol over HTTP.
    Otlp(otlp::Config),
    /// Objects in S3 and what speaks like it.
    S3(s3::Config),
    /// Lines of a file on this machine.
    File(file::Config),
}

impl Kind {
    /// The words for them.
    pub const WORDS: &[&str] =
        &["splunk_hec", "sentinel", "elastic_http", "generic_https", "syslog", "kafka", "otlp", "s3", "file"];

    fn config(&self) -> &dyn Configured {
        match self {
            Self::SplunkHec(config) => config,
            Self::Sentinel(config) => config,
            Self::ElasticHttp(config) => config,
            Self::GenericHttps(config) => config,
            Self::Syslog(config) => config,
            Self::Kafka(config) => config,
            Self::Otlp(config) => config,
            Self::S3(config) => config,
            Self::File(config) => config,
        }
    }

    /// Its word.
    pub fn name(&self) -> &'static str {
        self.config().name()
    }

    /// Refuses options that cannot be used.
    pub fn check(&self) -> Result<(), Problem> {
        self.config().check()
    }

    /// Whether prompts and answers have a place in what it is sent: not in every language, not in lines and columns that
    /// cut what is long.
    pub fn has_bodies(&self) -> bool {
        match self {
            Self::SplunkHec(config) => config.rendering.has_bodies("canonical"),
            Self::ElasticHttp(config) => config.rendering.has_bodies("canonical"),
            Self::GenericHttps(config) => config.rendering.has_bodies("canonical"),
            Self::Kafka(config) => config.rendering.has_bodies("canonical"),
            Self::S3(config) => config.has_bodies(),
            Self::File(config) => config.rendering.has_bodies("canonical"),
            Self::Otlp(_) => true,
            Self::Sentinel(_) | Self::Syslog(_) => false,
        }
    }

    /// Scheme, host and port that credentials are entered for; none where nothing is connected to.
    pub fn host(&self) -> Option<String> {
        self.config().host()
    }

    /// The credentials that it takes.
    pub fn secrets(&self) -> &'static [SecretField] {
        self.config().secrets()
    }

    pub(crate) fn open(&self, credentials: &Credentials, network: &Network) -> Result<Arc<dyn Destination>, Problem> {
        self.check()?;
        credentials.check(self.secrets())?;
        self.config().open(credentials, network)
    }
}
