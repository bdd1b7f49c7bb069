//! Export jobs.

use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};

/// The format of an export file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    /// One JSON array.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// Comma-separated values, formula-safe.
    Csv,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportState {
    /// It waits.
    Queued,
    /// It is being written.
    Running,
    /// The file is ready.
    Done,
    /// It failed; see `error`.
    Failed,
    /// Somebody stopped it.
    Cancelled,
    /// It was ready, and its files are gone: `retention.exports` passed.
    Expired,
}

/// A new job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateExport {
    /// What to export; `events`.
    #[serde(rename = "type", default = "events")]
    pub kind: String,
    /// File format.
    pub format: ExportFormat,
    /// Recorded since: relative (`48h`) or absolute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Happened from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Happened until.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Filter in the query grammar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Why; shown in the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether prompts and answers are in it; recorded.
    #[serde(default)]
    pub include_bodies: bool,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Export {
    /// `exp_…`.
    pub id: String,
    /// What is exported.
    #[serde(rename = "type")]
    pub kind: String,
    /// File format.
    pub format: ExportFormat,
    /// Where it stands.
    pub state: ExportState,
    /// Share done, 0 to 1.
    pub progress: f64,
    /// Events written.
    pub rows: u64,
    /// Bytes written.
    pub bytes: u64,
    /// SHA-256 of the finished file, hex.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// SHA-256 of the finished context file (policies and decisions), hex; not in lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_sha256: Option<String>,
    /// Filter, normalised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether prompts and answers are in it.
    pub include_bodies: bool,
    /// Who asked for it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// When the files of a finished job go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How often the server stopped while it ran. It went on after the rows that were safely in its file then.
    #[serde(default)]
    pub restarts: u64,
    /// When it last was taken up again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub restarted_at: Option<Timestamp>,
}

fn events() -> String {
    "events".to_owned()
}
