//! The tamper-evident logs.

use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};

/// A log of this store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LogSummary {
    /// `t_…`.
    pub id: String,
    /// `system` or `workspace`.
    pub kind: String,
    /// Origin line of its checkpoints.
    pub origin: String,
    /// Verifier key of its checkpoints, C2SP signed-note form.
    pub vkey: String,
    /// Durable entries.
    pub size: u64,
}

/// A signed size and root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TreeHead {
    /// Entries covered.
    pub size: u64,
    /// Root hash, base64.
    pub root: String,
    /// When it was signed.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// A proof that an event is in the log, as a C2SP tlog-proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Proof {
    /// Log.
    pub log: String,
    /// Leaf index.
    pub position: u64,
    /// The exact leaf bytes, canonical JSON.
    pub entry: String,
    /// The proof document.
    pub proof: String,
}
