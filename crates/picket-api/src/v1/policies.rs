//! Policy versions.

use super::parameters::Parameters;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::{Approver, Deploy, Proposing, State};
use axum::extract::State as Shared;
use http::StatusCode;
use picket_api_types::{
    ApplyPolicy, DecideProposal, MonitorRequest, PolicyDiff, PolicyProposal, PolicyText, PolicyVersion, RollbackRequest,
};
use picket_event::{ProposalId, Workspace};
use picket_policy::{Policy, compile};
use picket_store::{Permission, policies, proposals as stored_proposals};
use serde::Serialize;

/// Parameters of the list of proposals.
pub(crate) const NAMES: &[&str] = &["status", "limit"];
/// Proposals of one list.
const LIMIT: u64 = 1_000;
/// Characters of what is said with a decision.
const NOTE_CHARS_MAX: usize = 500;

pub(crate) async fn history(
    Shared(state): Shared<State>,
    caller: Caller,
) -> Result<Json<Vec<PolicyVersion>>, ApiProblem> {
    let all = state
        .blocking(move |state| Ok(state.db.read(|connection| policies::history(connection, caller.workspace()))?))
        .await?;
    Ok(Json(all.into_iter().map(|version| PolicyVersion { text: None, ..view(version) }).collect()))
}

pub(crate) async fn active(Shared(state): Shared<State>, caller: Caller) -> Result<Json<PolicyVersion>, ApiProblem> {
    state.blocking(move |state| in_force(state, caller.workspace())).await.map(view).map(Json)
}

pub(crate) async fn get(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(version): Path<u64>,
) -> Result<Json<PolicyVersion>, ApiProblem> {
    state.blocking(move |state| stored(state, caller.workspace(), version)).await.map(view).map(Json)
}

/// What came of a change: it is in force, or waits for a second person.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Changed {
    InForce(PolicyVersion),
    Proposed(PolicyProposal),
}

impl Changed {
    fn answer(self, done: StatusCode) -> (StatusCode, Json<Self>) {
        let status = if matches!(self, Self::InForce(_)) { done } else { StatusCode::ACCEPTED };
        (status, Json(self))
    }
}

pub(crate) async fn apply(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<ApplyPolicy>,
) -> Result<(StatusCode, Json<Changed>), ApiProblem> {
    let ApplyPolicy { text, base_version, break_glass } = wanted;
    let changed = state.blocking(move |state| change(state, &caller, &text, (base_version, break_glass)));
    changed.await.map(|changed| changed.answer(StatusCode::CREATED))
}

/// Brings a text into force, or lets it wait, as the configuration wants it.
fn change(
    state: &State,
    caller: &Caller,
    text: &str,
    (base, break_glass): (Option<u64>, Option<String>),
) -> Result<Changed, ApiProblem> {
    let deploy = match (state.control.needs_approval(), break_glass) {
        (false, _) => Deploy::Applied,
        (true, Some(why)) => Deploy::BreakGlass(broken(caller, &why)?),
        (true, None) => {
            let (person, author) = (caller.proven()?.to_owned(), caller.name());
            let proposing = Proposing { author_id: caller.id().to_owned(), author, person, base };
            let made = state.control.propose_policy(text, &proposing)?;
            return proposed((state, caller.workspace()), made).map(Changed::Proposed);
        }
    };
    state.control.apply_policy(text, caller.id(), (base, &deploy)).map(Changed::InForce)
}

/// Why somebody does alone what takes two; only whoever may do either half.
fn broken(caller: &Caller, why: &str) -> Result<String, ApiProblem> {
    let why = why.trim();
    if why.is_empty() || why.chars().count() > NOTE_CHARS_MAX {
        return Err(ApiProblem::bad(format!("break_glass says why, in 1 to {NOTE_CHARS_MAX} characters")));
    }
    if !caller.may(Permission::ApprovePolicies) {
        return Err(ApiProblem::not_permitted(format!("{} may not do this without a second person", caller.who())));
    }
    Ok(why.to_owned())
}

pub(crate) async fn proposals(
    Shared(state): Shared<State>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Vec<PolicyProposal>>, ApiProblem> {
    parameters.only(&[NAMES])?;
    let status = parameters.get("status").map(str::to_owned);
    if status.as_ref().is_some_and(|status| !["open", "approved", "rejected"].contains(&status.as_str())) {
        return Err(ApiProblem::bad("status is open, approved or rejected"));
    }
    let limit = parameters.number("limit")?.unwrap_or(LIMIT).min(LIMIT);
    let all = state.blocking(move |state| {
        let present = in_force(state, caller.workspace())?.version;
        let list = |connection: &_| stored_proposals::list(connection, caller.workspace(), status.as_deref(), limit);
        let all = state.db.read(list)?;
        Ok(all.into_iter().map(|one| PolicyProposal { text: None, ..shown(one, present) }).collect())
    });
    all.await.map(Json)
}

pub(crate) async fn proposal(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<PolicyProposal>, ApiProblem> {
    let found = state.blocking(move |state| {
        let get = |connection: &_| stored_proposals::get(connection, caller.workspace(), &normal(&id));
        proposed((state, caller.workspace()), state.db.read(get)?.ok_or_else(|| ApiProblem::not_found("proposal"))?)
    });
    found.await.map(Json)
}

pub(crate) async fn approve(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(wanted): Json<DecideProposal>,
) -> Result<Json<PolicyVersion>, ApiProblem> {
    let approved = state.blocking(move |state| {
        let approver = approver(&caller, caller.proven()?.to_owned(), wanted)?;
        state.control.approve_policy(&normal(&id), &approver)
    });
    approved.await.map(Json)
}

pub(crate) async fn reject(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(wanted): Json<DecideProposal>,
) -> Result<Json<PolicyProposal>, ApiProblem> {
    let rejected = state.blocking(move |state| {
        let approver = approver(&caller, caller.person().to_owned(), wanted)?;
        proposed((state, caller.workspace()), state.control.reject_policy(&normal(&id), &approver)?)
    });
    rejected.await.map(Json)
}

fn approver(caller: &Caller, person: String, wanted: DecideProposal) -> Result<Approver, ApiProblem> {
    let note = wanted.note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > NOTE_CHARS_MAX) {
        return Err(ApiProblem::bad(format!("a note has at most {NOTE_CHARS_MAX} characters")));
    }
    Ok(Approver { id: caller.id().to_owned(), name: caller.name(), person, note })
}

/// Ids are written with `_` or `-` after their prefix.
fn normal(id: &str) -> String {
    id.parse::<ProposalId>().map_or_else(|_| id.to_owned(), |id| id.to_string())
}

/// A proposal with what it would change.
fn proposed(
    (state, workspace): (&State, &Workspace),
    proposal: stored_proposals::Proposal,
) -> Result<PolicyProposal, ApiProblem> {
    let present = in_force(state, workspace)?;
    let changes = match proposal.status.as_str() {
        "open" => picket_policy::diff(&compiled(&present.text)?, &compiled(&proposal.text)?),
        _ => Vec::new(),
    };
    Ok(PolicyProposal { changes, ..shown(proposal, present.version) })
}

fn shown(proposal: stored_proposals::Proposal, present: u64) -> PolicyProposal {
    PolicyProposal {
        stale: proposal.status == "open" && proposal.base != present,
        id: proposal.id,
        status: proposal.status,
        base_version: proposal.base,
        digest: proposal.digest,
        author: proposal.author,
        created_at: proposal.created_at,
        decided_by: proposal.decided_by,
        decided_at: proposal.decided_at,
        note: proposal.note,
        version: proposal.version,
        changes: Vec::new(),
        text: Some(proposal.text),
    }
}

pub(crate) async fn diff(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<PolicyText>,
) -> Result<Json<PolicyDiff>, ApiProblem> {
    let diff = state.blocking(move |state| {
        let new = compiled(&wanted.text)?;
        let changes = picket_policy::diff(&compiled(&in_force(state, caller.workspace())?.text)?, &new);
        Ok(PolicyDiff { changes, managed_by_file: state.control.policy_is_of_file() })
    });
    diff.await.map(Json)
}

pub(crate) async fn rollback(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<RollbackRequest>,
) -> Result<Json<PolicyVersion>, ApiProblem> {
    let applied = state.blocking(move |state| {
        let target = match wanted.version {
            Some(version) => version,
            None => in_force(state, caller.workspace())?
                .version
                .checked_sub(1)
                .filter(|version| *version > 0)
                .ok_or_else(|| ApiProblem::conflict("there is no earlier version"))?,
        };
        let target = stored(state, caller.workspace(), target)?;
        if state.control.needs_approval() && target.break_glass.is_some() {
            return Err(ApiProblem::conflict(format!(
                "version {} was deployed without a second person; apply its text, so that somebody approves it",
                target.version
            )));
        }
        state.control.apply_policy(&target.text, caller.id(), (None, &Deploy::RolledBack))
    });
    applied.await.map(Json)
}

pub(crate) async fn monitor(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<MonitorRequest>,
) -> Result<(StatusCode, Json<Changed>), ApiProblem> {
    let changed = state.blocking(move |state| {
        let present = in_force(state, caller.workspace())?;
        let text = with_mode(&present.text, &wanted.kind, wanted.enforce)?;
        change(state, &caller, &text, (Some(present.version), wanted.break_glass))
    });
    changed.await.map(|changed| changed.answer(StatusCode::OK))
}

/// The document with the mode of one kind changed, by JSON, which YAML reads too.
fn with_mode(text: &str, kind: &str, enforce: bool) -> Result<String, ApiProblem> {
    let policy = compiled(text)?;
    let name = policy.name_in_chain(kind).ok_or_else(|| ApiProblem::bad("this kind is not in the chain"))?;
    policy.with_mode(&name, enforce).map_err(|problems| ApiProblem::conflict(problems.to_string()))
}

fn compiled(text: &str) -> Result<Policy, ApiProblem> {
    compile(text, "policy").map_err(|problems| {
        let list = problems.list.iter().map(ToString::to_string).collect();
        ApiProblem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_policy", "the document cannot be used")
            .with_problems(list)
    })
}

/// The policy in force.
pub(super) fn in_force_compiled(state: &State, workspace: &Workspace) -> Result<Policy, ApiProblem> {
    compiled(&in_force(state, workspace)?.text)
}

fn in_force(state: &State, workspace: &Workspace) -> Result<policies::PolicyVersion, ApiProblem> {
    let active = state.db.read(|connection| policies::active(connection, workspace))?;
    active.ok_or_else(|| ApiProblem::not_found("policy"))
}

fn stored(state: &State, workspace: &Workspace, version: u64) -> Result<policies::PolicyVersion, ApiProblem> {
    let found = state.db.read(|connection| policies::get(connection, workspace, version))?;
    found.ok_or_else(|| ApiProblem::not_found("policy version"))
}

fn view(version: policies::PolicyVersion) -> PolicyVersion {
    PolicyVersion {
        version: version.version,
        digest: version.digest,
        author: version.author,
        created_at: version.created_at,
        active: version.active,
        break_glass: version.break_glass,
        text: Some(version.text),
    }
}
