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
    /// Columns of Parquet, compressed.
    Parquet,
}

impl ExportFormat {
    /// Its word, which is how names of files end.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }
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
    /// The schedule that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// What it covers, if a schedule made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<ExportWindow>,
}

/// What an export of a schedule covers: entries of the log from `begin` on and before `until`. Those are what the log
/// took from `from` on and before `to`, as long as no clock was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExportWindow {
    /// The first position of the log.
    pub begin: u64,
    /// The first position behind it, where the next export begins.
    pub until: u64,
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub to: Timestamp,
}

/// A schedule that is wanted: an export after each period, of what the log took since the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateExportSchedule {
    /// What to export; `events`.
    #[serde(rename = "type", default = "events")]
    pub kind: String,
    /// File format.
    pub format: ExportFormat,
    /// How long a period is, `1m` to `31d`; periods end at whole multiples of it, in UTC.
    #[schema(example = "1h")]
    pub every: String,
    /// The first export begins with what was recorded then: relative (`48h`) or absolute. With what comes from now on when
    /// absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// How many finished files are kept, 1 to 1000; 100 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<u32>,
    /// Filter in the query grammar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Why; shown in the lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether prompts and answers are in the files; recorded.
    #[serde(default)]
    pub include_bodies: bool,
}

/// A schedule of exports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExportSchedule {
    /// `exs_…`.
    pub id: String,
    /// What is exported.
    #[serde(rename = "type")]
    pub kind: String,
    /// File format.
    pub format: ExportFormat,
    /// How long a period is.
    pub every: String,
    /// How many finished files are kept.
    pub keep: u32,
    /// `active` or `paused`.
    pub state: String,
    /// Filter, normalised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether prompts and answers are in the files.
    pub include_bodies: bool,
    /// The position of the log before which everything is in a finished export.
    pub covered: u64,
    /// Up to when that is.
    #[schema(value_type = String, format = DateTime)]
    pub covered_at: Timestamp,
    /// When the next export is due.
    #[schema(value_type = String, format = DateTime)]
    pub next_at: Timestamp,
    /// The export that is queued or being written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export: Option<String>,
    /// Failures in a row. What could not be exported is tried again.
    pub failures: u32,
    /// Why the last export failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Who made it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Who paused or resumed it last, or made it.
    pub changed_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub changed_at: Timestamp,
}

fn events() -> String {
    "events".to_owned()
}
