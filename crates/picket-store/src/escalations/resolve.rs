//! Decisions, once for each escalation, and the end of what nobody decides.

use super::rows::{COLUMNS, get, read, text};
use super::{Escalation, Note, QueueError};
use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::params;
use serde::{Deserialize, Serialize};

/// A decision.
#[derive(Debug, Clone)]
pub struct Resolve {
    /// `approved`, `rejected` or `investigate`.
    pub resolution: &'static str,
    /// Verdict.
    pub verdict: String,
    /// Remark.
    pub note: Option<String>,
    /// Who decides, by name.
    pub by: String,
    /// Who that is, whatever name he gives.
    pub person: String,
    /// What else he is called.
    pub also: Vec<String>,
    /// When.
    pub at: Timestamp,
    /// The version that the reviewer saw.
    pub version: Option<u64>,
    /// Severities whose approval takes two people.
    pub two_for: Vec<String>,
    /// The incident that it is handed on to.
    pub incident: Option<String>,
}

/// What the first of two said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Who, by name.
    pub by: String,
    /// Who that is.
    pub person: String,
    /// What.
    pub resolution: String,
    /// When.
    pub at: Timestamp,
}

/// What a decision came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// It is decided.
    Decided(Escalation),
    /// It takes a second person, who has to say the same.
    Seconded(Escalation),
}

/// Takes a decision, once. An approval that takes two is kept until the second person says the same; whoever refuses, or
/// hands it on, needs nobody else.
pub fn resolve(tx: &mut Tx<'_>, workspace: &Workspace, id: &str, resolve: &Resolve) -> Result<Resolved, QueueError> {
    let found = get(tx.connection(), workspace, id)?.ok_or(QueueError::NotFound)?;
    let seen = resolve.version.is_none_or(|version| version == found.version);
    let overdue = found.expires_at.is_some_and(|end| end <= resolve.at);
    if found.status != "pending" || !seen || overdue {
        return Err(QueueError::Conflict(Box::new(found)));
    }
    let approves = resolve.resolution == "approved";
    if let Some(user) = found.user.as_ref().filter(|user| approves && is_same(user, resolve)) {
        return Err(QueueError::OwnRequest { user: user.clone() });
    }
    let mut notes = found.notes;
    notes.extend(resolve.note.clone().map(|text| Note { at: resolve.at, by: resolve.by.clone(), text }));
    let notes = text(&notes)?;
    let first = found.vote.filter(|vote| vote.resolution == resolve.resolution);
    if approves && resolve.two_for.contains(&found.severity) {
        match first {
            Some(vote) if vote.person == resolve.person || vote.by == resolve.by => {
                return Err(QueueError::SamePerson { by: vote.by });
            }
            Some(_) => {}
            None => {
                let vote = Vote {
                    by: resolve.by.clone(),
                    person: resolve.person.clone(),
                    resolution: resolve.resolution.to_owned(),
                    at: resolve.at,
                };
                tx.connection().execute(
                    "UPDATE escalation SET stage = 'in_review', snoozed_until = NULL, vote = ?3, notes = ?4, touched_at = coalesce(touched_at, ?5),
                       changed_by = ?6, changed_at = ?5, version = version + 1 WHERE workspace = ?1 AND id = ?2",
                    params![workspace.as_str(), id, text(&vote)?, notes, resolve.at.as_micros(), resolve.by],
                )?;
                return get(tx.connection(), workspace, id)?.map(Resolved::Seconded).ok_or(QueueError::NotFound);
            }
        }
    }
    tx.connection().execute(
        "UPDATE escalation SET status = 'resolved', resolution = ?3, verdict = ?4, notes = ?5, resolved_at = ?6, resolved_by = ?7, snoozed_until = NULL,
           touched_at = coalesce(touched_at, ?6), changed_by = ?7, changed_at = ?6, incident = ?8, version = version + 1
         WHERE workspace = ?1 AND id = ?2",
        params![
            workspace.as_str(),
            id,
            resolve.resolution,
            resolve.verdict,
            notes,
            resolve.at.as_micros(),
            resolve.by,
            resolve.incident
        ],
    )?;
    get(tx.connection(), workspace, id)?.map(Resolved::Decided).ok_or(QueueError::NotFound)
}

fn is_same(user: &str, resolve: &Resolve) -> bool {
    [&resolve.by, &resolve.person].into_iter().chain(&resolve.also).any(|who| who.eq_ignore_ascii_case(user))
}

/// Ends what nobody decided in time; the ended ones.
pub fn expire(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Escalation>, rusqlite::Error> {
    let sql = format!(
        "UPDATE escalation SET status = 'expired', snoozed_until = NULL, version = version + 1 WHERE id IN
           (SELECT id FROM escalation WHERE workspace = ?1 AND status = 'pending' AND expires_at <= ?2 ORDER BY expires_at LIMIT ?3)
         RETURNING {COLUMNS}"
    );
    let mut statement = tx.connection().prepare_cached(&sql)?;
    statement.query_map(params![workspace.as_str(), now.as_micros(), limit], read)?.collect()
}
