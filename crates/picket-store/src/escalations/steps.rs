//! What people do with an escalation before anybody decides it.

use super::rows::{COLUMNS, get, read, text};
use super::{Escalation, Note, QueueError};
use picket_db::Tx;
use picket_event::Workspace;
use picket_stdx::Timestamp;
use rusqlite::params;

/// Notes of one escalation; whoever has more to say writes a document.
const NOTES_MAX: usize = 200;

/// One thing that somebody does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Takes it; refused when another has it.
    Claim,
    /// Gives it to somebody, whoever has it.
    Assign {
        /// To whom.
        to: String,
    },
    /// Puts it back for everybody.
    Release,
    /// Says that it is being looked at.
    Review,
    /// Puts it out of sight for a time. The clock of its due time goes on.
    Snooze {
        /// Until when.
        until: Timestamp,
    },
    /// Gives it to another team, for everybody there.
    HandOn {
        /// Which.
        team: String,
    },
    /// Says something.
    Comment,
}

/// A step, and who takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// What is done.
    pub step: Step,
    /// What is said with it.
    pub note: Option<String>,
    /// Who does it, by name.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The version that he saw, if he says so.
    pub version: Option<u64>,
}

/// Takes a step; the escalation afterwards.
pub fn take(tx: &mut Tx<'_>, workspace: &Workspace, id: &str, taken: &Taken) -> Result<Escalation, QueueError> {
    let Taken { step, note, by, at, version } = taken;
    let mut entry = get(tx.connection(), workspace, id)?.ok_or(QueueError::NotFound)?;
    let is_open = entry.status == "pending" && entry.expires_at.is_none_or(|end| end > *at);
    let seen = version.is_none_or(|version| version == entry.version);
    let is_taken = *step == Step::Claim && entry.assignee.as_ref().is_some_and(|assignee| assignee != by);
    if !is_open || !seen || is_taken {
        return Err(QueueError::Conflict(Box::new(entry)));
    }
    if entry.notes.len() >= NOTES_MAX && note.is_some() {
        return Err(QueueError::Notes(NOTES_MAX));
    }
    if let (Step::Snooze { until }, Some(end)) = (step, entry.expires_at)
        && *until >= end
    {
        return Err(QueueError::Expires(end));
    }
    let (stage, assignee) = match step {
        Step::Claim => ("claimed", Some(by.clone())),
        Step::Assign { to } => ("claimed", Some(to.clone())),
        Step::Release | Step::HandOn { .. } => ("new", None),
        // Whoever looks at what nobody has, has it.
        Step::Review => ("in_review", Some(entry.assignee.take().unwrap_or_else(|| by.clone()))),
        Step::Snooze { .. } => ("snoozed", entry.assignee.take()),
        Step::Comment => (entry.stage.as_str(), entry.assignee.take()),
    };
    let snoozed_until = match step {
        Step::Snooze { until } => Some(*until),
        Step::Comment => entry.snoozed_until,
        _ => None,
    };
    let routed_to = if let Step::HandOn { team } = step { Some(team) } else { entry.routed_to.as_ref() };
    entry.notes.extend(note.iter().map(|text| Note { at: *at, by: by.clone(), text: text.clone() }));
    tx.connection().prepare_cached(
        "UPDATE escalation SET stage = ?3, assignee = ?4, snoozed_until = ?5, routed_to = ?6, notes = ?7, touched_at = coalesce(touched_at, ?8),
           changed_by = ?9, changed_at = ?8, version = version + 1 WHERE workspace = ?1 AND id = ?2",
    )?.execute(params![
        workspace.as_str(),
        id,
        stage,
        assignee,
        snoozed_until.map(Timestamp::as_micros),
        routed_to,
        text(&entry.notes)?,
        at.as_micros(),
        by
    ])?;
    get(tx.connection(), workspace, id)?.ok_or(QueueError::NotFound)
}

/// Brings back what was put out of sight, at most `limit`; what came back.
pub fn wake(
    tx: &mut Tx<'_>,
    workspace: &Workspace,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Escalation>, rusqlite::Error> {
    let sql = format!(
        "UPDATE escalation SET stage = iif(assignee IS NULL, 'new', 'claimed'), snoozed_until = NULL, version = version + 1 WHERE id IN
           (SELECT id FROM escalation WHERE workspace = ?1 AND snoozed_until <= ?2 AND status = 'pending' ORDER BY snoozed_until LIMIT ?3)
         RETURNING {COLUMNS}"
    );
    let mut statement = tx.connection().prepare_cached(&sql)?;
    statement.query_map(params![workspace.as_str(), now.as_micros(), limit], read)?.collect()
}
