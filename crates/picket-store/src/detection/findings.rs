//! Findings: what rules found, whom it is about, and what people made of it.

use super::{json_of, unreadable};
use picket_db::Tx;
use picket_event::{Category, Severity, Workspace};
use picket_stdx::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Where a finding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Nobody has looked at it.
    Open,
    /// Somebody works on it.
    Acknowledged,
    /// It is done.
    Closed,
}

/// What a person says of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It is real.
    TruePositive,
    /// There was nothing.
    FalsePositive,
    /// It is real, and authorised.
    Benign,
    /// Nobody can say.
    Undetermined,
}

/// A word that is none of those that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected one of {0}")]
pub struct UnknownWord(&'static str);

macro_rules! words {
    ($($type:ident { $($variant:ident = $word:literal),+ } $all:literal;)+) => {$(
        impl $type {
            /// Every word.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// Its word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                let word = word.trim().replace('-', "_");
                Self::ALL.iter().find(|known| known.as_str() == word).copied().ok_or(UnknownWord($all))
            }
        }
    )+};
}

words! {
    Status { Open = "open", Acknowledged = "acknowledged", Closed = "closed" } "open, acknowledged, closed";
    Verdict { TruePositive = "true_positive", FalsePositive = "false_positive", Benign = "benign", Undetermined = "undetermined" }
        "true_positive, false_positive, benign, undetermined";
}

/// A finding.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// `fnd_…`.
    pub id: String,
    /// The same for all that one rule finds about one entity.
    pub fingerprint: String,
    /// Id, else name, of the rule.
    pub rule: String,
    /// Place in the alert taxonomy.
    pub category: Option<Category>,
    /// How bad it is.
    pub severity: Severity,
    /// What the entity is, such as `user`.
    pub entity_kind: String,
    /// Whom it is about.
    pub entity: String,
    /// Whether the rule only watches.
    pub is_shadow: bool,
    /// Where it stands.
    pub status: Status,
    /// What it turned out to be.
    pub verdict: Option<Verdict>,
    /// How often the rule said it.
    pub hits: u64,
    /// Time of the first event.
    pub first_at: Timestamp,
    /// Time of the newest event.
    pub last_at: Timestamp,
    /// When it was found.
    pub created_at: Timestamp,
    /// Grows with each change by a person.
    pub version: u64,
    /// The rest.
    pub details: Details,
}

/// What nobody searches findings by.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// Title of the rule.
    pub title: String,
    /// SHA-256 of the rule's text, hex: its version.
    pub digest: String,
    /// How likely it is real, 0 to 1.
    pub confidence: f64,
    /// Why, in plain words; none of a caller's.
    pub reason: String,
    /// Ids of the newest events that it rests on.
    pub evidence: Vec<String>,
    /// Whether an event that came late changed it.
    #[serde(default)]
    pub amended: bool,
    /// From the event to the finding, in milliseconds.
    pub detected_after_ms: u64,
    /// Points of risk that it gave its entity.
    #[serde(default)]
    pub risk: f64,
    /// Ids of frameworks.
    #[serde(default)]
    pub frameworks: Frameworks,
    /// What was done at once.
    #[serde(default)]
    pub responses: Vec<Response>,
    /// Who took it up, and when.
    #[serde(default)]
    pub acknowledged: Option<(String, Timestamp)>,
    /// Who closed it, and when.
    #[serde(default)]
    pub closed: Option<(String, Timestamp)>,
    /// What people said.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// The incident that it opened, or that was open about the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
}

/// Ids by framework.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frameworks {
    /// MITRE ATLAS, such as `AML.T0051.000`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub atlas: Vec<String>,
    /// OWASP Top 10 for LLM applications, such as `LLM01`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owasp_llm: Vec<String>,
    /// OWASP Top 10 for agentic applications, such as `ASI02`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owasp_agentic: Vec<String>,
    /// MITRE ATT&CK, such as `T1190`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attack: Vec<String>,
}

/// What a rule's response did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Response {
    /// Such as `block`.
    pub effect: String,
    /// Such as `user`.
    pub kind: String,
    /// Whom.
    pub target: String,
    /// Only requests of this feature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feature: Option<String>,
    /// Only requests for this model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The containment that it made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub containment: Option<String>,
    /// Why nothing was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// What a person said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What.
    pub text: String,
}

/// Which findings are listed. What is not said is not asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Where they stand.
    pub status: Option<Status>,
    /// Those that are not closed.
    pub is_unclosed: bool,
    /// At least so bad.
    pub severity: Option<Severity>,
    /// Place in the taxonomy.
    pub category: Option<Category>,
    /// Rule.
    pub rule: Option<String>,
    /// Kind and name of the entity.
    pub entity: Option<(String, String)>,
    /// What they turned out to be.
    pub verdict: Option<Verdict>,
    /// Of rules that only watch, or of the others.
    pub is_shadow: Option<bool>,
    /// Found since.
    pub since: Option<Timestamp>,
    /// Older than the finding of this id.
    pub before: Option<String>,
}

const COLUMNS: &str = "id, fingerprint, rule, category, severity, entity_kind, entity, shadow, status, verdict, hits, first_at, last_at, created_at, version, details";

/// Stores a new one.
pub fn create(tx: &mut Tx<'_>, workspace: &Workspace, new: &Finding) -> Result<(), rusqlite::Error> {
    let sql = format!(
        "INSERT INTO finding (workspace, {COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"
    );
    let details = json_of(&new.details)?;
    let done = tx.connection().prepare_cached(&sql)?.execute(params![
        workspace.as_str(),
        new.id,
        new.fingerprint,
        new.rule,
        new.category.map(Category::as_str),
        new.severity.as_str(),
        new.entity_kind,
        new.entity,
        new.is_shadow,
        new.status.as_str(),
        new.verdict.map(Verdict::as_str),
        crate::held(new.hits),
        new.first_at.as_micros(),
        new.last_at.as_micros(),
        new.created_at.as_micros(),
        crate::held(new.version),
        details
    ]);
    done.map(drop)
}

/// Writes what changed: everything but id, fingerprint, rule and entity.
pub fn update(tx: &mut Tx<'_>, workspace: &Workspace, finding: &Finding) -> Result<(), rusqlite::Error> {
    let details = json_of(&finding.details)?;
    let mut statement = tx.connection().prepare_cached(
        "UPDATE finding SET severity = ?3, status = ?4, verdict = ?5, hits = ?6, first_at = ?7, last_at = ?8, version = ?9, details = ?10
         WHERE workspace = ?1 AND id = ?2",
    )?;
    let done = statement.execute(params![
        workspace.as_str(),
        finding.id,
        finding.severity.as_str(),
        finding.status.as_str(),
        finding.verdict.map(Verdict::as_str),
        crate::held(finding.hits),
        finding.first_at.as_micros(),
        finding.last_at.as_micros(),
        crate::held(finding.version),
        details
    ]);
    done.map(drop)
}

/// One finding.
pub fn get(connection: &Connection, workspace: &Workspace, id: &str) -> Result<Option<Finding>, rusqlite::Error> {
    let sql = format!("SELECT {COLUMNS} FROM finding WHERE workspace = ?1 AND id = ?2");
    connection.prepare_cached(&sql)?.query_row(params![workspace.as_str(), id], read).optional()
}

/// The newest of a fingerprint, among those of rules that watch or among the others.
pub fn newest(
    connection: &Connection,
    workspace: &Workspace,
    fingerprint: &str,
    is_shadow: bool,
) -> Result<Option<Finding>, rusqlite::Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM finding WHERE workspace = ?1 AND fingerprint = ?2 AND shadow = ?3 ORDER BY id DESC LIMIT 1"
    );
    connection.prepare_cached(&sql)?.query_row(params![workspace.as_str(), fingerprint, is_shadow], read).optional()
}

/// Findings, newest first.
pub fn list(
    connection: &Connection,
    workspace: &Workspace,
    filter: &Filter,
    limit: u64,
) -> Result<Vec<Finding>, rusqlite::Error> {
    let severities: Vec<String> = Severity::ALL
        .iter()
        .filter(|severity| filter.severity.is_none_or(|least| **severity >= least))
        .map(|severity| format!("'{severity}'"))
        .collect();
    let sql = format!(
        "SELECT {COLUMNS} FROM finding
         WHERE workspace = ?1 AND (?2 IS NULL OR shadow = ?2) AND (?3 IS NULL OR status = ?3) AND (?4 IS NULL OR category = ?4)
           AND (?5 IS NULL OR rule = ?5) AND (?6 IS NULL OR entity_kind = ?6) AND (?7 IS NULL OR entity = ?7) AND (?8 IS NULL OR verdict = ?8)
           AND (?9 IS NULL OR created_at >= ?9) AND (?10 IS NULL OR id < ?10) AND (NOT ?11 OR status <> 'closed') AND severity IN ({})
         ORDER BY id DESC LIMIT ?12",
        severities.join(", ")
    );
    let (kind, entity) = filter.entity.as_ref().map(|(kind, entity)| (kind, entity)).unzip();
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(
        params![
            workspace.as_str(),
            filter.is_shadow,
            filter.status.map(Status::as_str),
            filter.category.map(Category::as_str),
            filter.rule,
            kind,
            entity,
            filter.verdict.map(Verdict::as_str),
            filter.since.map(Timestamp::as_micros),
            filter.before,
            filter.is_unclosed,
            crate::held(limit)
        ],
        read,
    )?;
    rows.collect()
}

/// How the findings of a rule turned out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rule.
    pub rule: String,
    /// Findings, and how often the rule said them.
    pub findings: u64,
    /// Of those of rules that only watch.
    pub shadow: u64,
    /// Matches of all of them.
    pub hits: u64,
    /// Closed as real.
    pub true_positive: u64,
    /// Closed as nothing.
    pub false_positive: u64,
    /// Closed as real and authorised.
    pub benign: u64,
    /// Not closed, or closed without anybody knowing.
    pub undecided: u64,
    /// Time of the newest event.
    pub last_at: Option<Timestamp>,
}

/// What rules found since then, by rule.
pub fn tallies(
    connection: &Connection,
    workspace: &Workspace,
    since: Timestamp,
) -> Result<Vec<Tally>, rusqlite::Error> {
    let mut statement = connection.prepare_cached(
        "SELECT rule, count(*), sum(shadow), sum(hits), sum(verdict IS 'true_positive'), sum(verdict IS 'false_positive'), sum(verdict IS 'benign'),
                sum(verdict IS NULL OR verdict = 'undetermined'), max(last_at)
         FROM finding WHERE workspace = ?1 AND created_at >= ?2 GROUP BY rule ORDER BY rule",
    )?;
    let rows = statement.query_map(params![workspace.as_str(), since.as_micros()], |row| {
        Ok(Tally {
            rule: row.get(0)?,
            findings: row.get(1)?,
            shadow: row.get(2)?,
            hits: row.get(3)?,
            true_positive: row.get(4)?,
            false_positive: row.get(5)?,
            benign: row.get(6)?,
            undecided: row.get(7)?,
            last_at: row.get::<_, Option<i64>>(8)?.map(Timestamp::from_micros),
        })
    })?;
    rows.collect()
}

/// Drops findings that were found before a moment, at most `limit`; how many.
pub fn drop_older(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    before: Timestamp,
    limit: u64,
) -> Result<usize, rusqlite::Error> {
    tx.connection().execute(
        "DELETE FROM finding WHERE id IN (SELECT id FROM finding WHERE workspace = ?1 AND created_at < ?2 LIMIT ?3)",
        params![workspace.as_str(), before.as_micros(), crate::held(limit)],
    )
}

pub(super) fn forget_user(tx: &mut Tx<'_>, workspace: &Workspace, user: &str, id: &str) -> Result<(), rusqlite::Error> {
    let of_him = Filter { entity: Some(("user".to_owned(), user.to_owned())), ..Filter::default() };
    let mut concerned = list(tx.connection(), workspace, &of_him, u64::MAX)?;
    // A finding about another entity may say his name, or have contained him.
    let written = serde_json::to_string(user).unwrap_or_default();
    let sql = format!("SELECT {COLUMNS} FROM finding WHERE workspace = ?1 AND instr(details, ?2) > 0");
    let named = tx
        .connection()
        .prepare(&sql)?
        .query_map(params![workspace.as_str(), written.trim_matches('"')], read)?
        .collect::<Result<Vec<_>, _>>()?;
    concerned.extend(named);
    for mut finding in concerned {
        finding.details.reason = crate::FORGOTTEN.to_owned();
        finding.details.notes.iter_mut().for_each(|note| note.text = crate::FORGOTTEN.to_owned());
        for response in &mut finding.details.responses {
            if response.target == user {
                response.target = id.to_owned();
            }
            response.refused = response.refused.take().map(|why| why.replace(user, id));
        }
        update(tx, workspace, &finding)?;
    }
    // The fingerprint is made of the name.
    let sql = "UPDATE finding SET entity = ?3, fingerprint = id WHERE workspace = ?1 AND entity_kind = 'user' AND entity = ?2";
    tx.connection().execute(sql, params![workspace.as_str(), user, id]).map(drop)
}

fn read(row: &Row<'_>) -> Result<Finding, rusqlite::Error> {
    fn word<T: FromStr>(row: &Row<'_>, column: usize) -> Result<Option<T>, rusqlite::Error> {
        let text: Option<String> = row.get(column)?;
        text.map(|text| text.parse().map_err(|_error| unreadable(column, "finding"))).transpose()
    }
    let details: String = row.get(15)?;
    let needed = |column| move || unreadable(column, "finding");
    Ok(Finding {
        id: row.get(0)?,
        fingerprint: row.get(1)?,
        rule: row.get(2)?,
        category: word(row, 3)?,
        severity: word(row, 4)?.ok_or_else(needed(4))?,
        entity_kind: row.get(5)?,
        entity: row.get(6)?,
        is_shadow: row.get(7)?,
        status: word(row, 8)?.ok_or_else(needed(8))?,
        verdict: word(row, 9)?,
        hits: row.get(10)?,
        first_at: Timestamp::from_micros(row.get(11)?),
        last_at: Timestamp::from_micros(row.get(12)?),
        created_at: Timestamp::from_micros(row.get(13)?),
        version: row.get(14)?,
        details: serde_json::from_str(&details).map_err(|_error| unreadable(15, "finding"))?,
    })
}
