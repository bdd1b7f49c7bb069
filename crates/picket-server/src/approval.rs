//! Policies that two people deploy: what waits, and what becomes of it, each with its events in one transaction.

use crate::open::Opened;
use picket_api::{Approver, Proposing};
use picket_db::{Lane, Tx, WriteError};
use picket_event::{Event, EventType, ProposalId, Severity, Workspace};
use picket_log::{AppendError, EventLog};
use picket_stdx::Timestamp;
use picket_store::policies::{self, PolicyVersion};
use picket_store::proposals::{self, Decided, Proposal};

/// Proposals that wait at a time.
const OPEN_MAX: u64 = 100;

/// A proposal was not made, or not decided so.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApprovalError {
    /// There is none of this id.
    #[error("there is no such proposal")]
    Absent,
    /// Somebody was first.
    #[error("{0}")]
    Decided(String),
    /// Another policy came into force meanwhile.
    #[error("it was proposed when version {base} was in force, and now version {present} is; propose it anew")]
    Stale { base: u64, present: u64 },
    /// The same person.
    #[error("{0} proposed it; somebody else has to approve it")]
    SamePerson(String),
    /// As many wait as may.
    #[error("{OPEN_MAX} proposals wait, which is as many as may; decide some first")]
    TooMany,
    /// It could not be recorded.
    #[error("it could not be recorded")]
    Record(#[from] AppendError),
}

impl From<rusqlite::Error> for ApprovalError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Record(AppendError::Database(error))
    }
}

/// Lets a text wait for a second person.
pub(crate) fn propose(
    opened: &Opened,
    log: &EventLog,
    (text, digest): (&str, &str),
    proposing: &Proposing,
) -> Result<Proposal, WriteError<ApprovalError>> {
    let (log, workspace, now) = (log.clone(), opened.workspace.clone(), log.clock().now());
    let Proposing { author_id, author, person, base } = proposing.clone();
    let (text, digest) = (text.to_owned(), digest.to_owned());
    let ticket = opened.db.write(Lane::Admin, "policy.propose", move |tx| {
        let present = policies::active(tx.connection(), &workspace)?.map_or(0, |active| active.version);
        if let Some(base) = base.filter(|base| *base != present) {
            return Err(ApprovalError::Stale { base, present });
        }
        if proposals::open(tx.connection(), &workspace, present)? >= OPEN_MAX {
            return Err(ApprovalError::TooMany);
        }
        let proposal = Proposal {
            id: ProposalId::new(now).to_string(),
            digest,
            text,
            base: present,
            author_id,
            author,
            person,
            created_at: now,
            status: "open".to_owned(),
            decided_at: None,
            decided_by: None,
            note: None,
            version: None,
        };
        proposals::create(tx, &workspace, &proposal)?;
        tell(tx, (&log, &workspace), "policy.proposed", (&proposal, &proposal.author_id, now))?;
        Ok(proposal)
    });
    ticket.wait()
}

/// Makes what somebody else proposed the policy in force.
pub(crate) fn approve(
    opened: &Opened,
    log: &EventLog,
    id: &str,
    approver: &Approver,
) -> Result<PolicyVersion, WriteError<ApprovalError>> {
    let (log, workspace, now) = (log.clone(), opened.workspace.clone(), log.clock().now());
    let (id, approver) = (id.to_owned(), approver.clone());
    let ticket = opened.db.write(Lane::Admin, "policy.approve", move |tx| {
        let found = waiting(tx, &workspace, &id)?;
        if found.person == approver.person || found.author_id == approver.id {
            return Err(ApprovalError::SamePerson(found.author));
        }
        let present = policies::active(tx.connection(), &workspace)?.map_or(0, |active| active.version);
        if found.base != present {
            return Err(ApprovalError::Stale { base: found.base, present });
        }
        let active = policies::activate(tx, &workspace, &found.text, &found.digest, &found.author_id, now)?;
        let decided = Decided {
            status: "approved",
            at: now,
            by: approver.name,
            note: approver.note,
            version: Some(active.version),
        };
        let done = proposals::decide(tx, &workspace, &id, &decided)?.ok_or(ApprovalError::Absent)?;
        tell(tx, (&log, &workspace), "policy.approved", (&done, &approver.id, now))?;
        let mut event = Event::new(EventType::of("policy.deployed"), workspace.as_str(), now);
        event.actor = Some(approver.id);
        event.target = Some(format!("policy:{}", active.version));
        event.reason = Some(format!("proposal {id} of {}", done.author_id));
        (event.policy_version, event.policy_digest) = (Some(active.version), Some(active.digest.clone()));
        log.append_in(tx, log.prepare(event, &[]))?;
        Ok(active)
    });
    ticket.wait()
}

/// Refuses what was proposed. Its author may do that too.
pub(crate) fn reject(
    opened: &Opened,
    log: &EventLog,
    id: &str,
    approver: &Approver,
) -> Result<Proposal, WriteError<ApprovalError>> {
    let (log, workspace, now) = (log.clone(), opened.workspace.clone(), log.clock().now());
    let (id, approver) = (id.to_owned(), approver.clone());
    let ticket = opened.db.write(Lane::Admin, "policy.reject", move |tx| {
        waiting(tx, &workspace, &id)?;
        let decided = Decided { status: "rejected", at: now, by: approver.name, note: approver.note, version: None };
        let done = proposals::decide(tx, &workspace, &id, &decided)?.ok_or(ApprovalError::Absent)?;
        tell(tx, (&log, &workspace), "policy.rejected", (&done, &approver.id, now))?;
        Ok::<_, ApprovalError>(done)
    });
    ticket.wait()
}

/// A proposal that nobody has decided.
fn waiting(tx: &mut Tx<'_>, workspace: &Workspace, id: &str) -> Result<Proposal, ApprovalError> {
    let found = proposals::get(tx.connection(), workspace, id)?.ok_or(ApprovalError::Absent)?;
    match (found.status.as_str(), &found.decided_by) {
        ("open", _) => Ok(found),
        (status, by) => {
            let by = by.as_deref().unwrap_or("somebody");
            Err(ApprovalError::Decided(format!("{by} decided it first: {status}")))
        }
    }
}

fn tell(
    tx: &mut Tx<'_>,
    (log, workspace): (&EventLog, &Workspace),
    word: &'static str,
    (proposal, actor, now): (&Proposal, &str, Timestamp),
) -> Result<(), AppendError> {
    let mut event = Event::new(EventType::of(word), workspace.as_str(), now);
    event.severity = Severity::Low;
    event.actor = Some(actor.to_owned());
    event.target = Some(format!("proposal:{}", proposal.id));
    // What was proposed; the version is only known once it is one.
    event.policy_digest = Some(proposal.digest.clone());
    event.policy_version = proposal.version;
    event.reason.clone_from(&proposal.note);
    log.append_in(tx, log.prepare(event, &[])).map(drop)
}
