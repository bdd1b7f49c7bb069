//! The state of the system itself.

use serde::{Deserialize, Serialize};

/// An answer of `/readyz` and `/v1/health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Health {
    /// Whether requests can be served now.
    pub ready: bool,
    /// Why not, or what needs attention: queue, disk, log, provider, consumer.
    pub causes: Vec<String>,
    /// Version of the program.
    pub version: String,
    /// The consumers of the log.
    pub consumers: Vec<ConsumerHealth>,
    /// The providers of the configuration.
    #[serde(default)]
    pub providers: Vec<ProviderHealth>,
    /// Free bytes on the volume of the data folder, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk_free_bytes: Option<u64>,
    /// Bytes of the database file.
    pub database_bytes: u64,
    /// Days until the volume is full at the present rate, where it can be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disk_days_left: Option<u64>,
}

/// Where one consumer stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ConsumerHealth {
    /// Its name.
    pub name: String,
    /// Next position to read.
    pub cursor: u64,
    /// Positions behind the tail.
    pub lag: u64,
    /// The present error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What is known of one provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ProviderHealth {
    /// Its name in the configuration.
    pub name: String,
    /// What an operator has to mend.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What a reload did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reloaded {
    /// Version of the configuration now in force: the first 12 hex digits of its digest.
    pub config_version: String,
    /// Settings that changed but need a restart.
    pub restart_needed: Vec<String>,
}
