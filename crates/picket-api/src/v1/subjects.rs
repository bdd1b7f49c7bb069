//! Erasing what is kept of a person: name, bodies, documents of the index, files of exports. The tree of the log stays as
//! it is, and so does what cannot lead to him.

use super::acts::NOTES_CHARS_MAX;
use crate::act::{About, Undone};
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use http::StatusCode;
use picket_api_types::{EraseSubject, ErasedSubject};
use picket_db::{Lane, Ticket};
use picket_event::entry::NameKind;
use picket_event::{Event, EventType, Workspace};
use picket_identity::Erasure;
use picket_log::AppendError;
use picket_store::{TokenKind, containments, destinations, detection, escalations, exceptions, incidents};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

const REQUESTED: EventType = EventType::of("privacy.erasure_requested");
const ERASED: EventType = EventType::of("privacy.subject_erased");
/// How long the index may take to come to the end of the log.
const INDEXING: Duration = Duration::from_secs(60);

pub(crate) async fn erase(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(name): Path<String>,
    Json(wanted): Json<EraseSubject>,
) -> Result<Json<ErasedSubject>, ApiProblem> {
    if wanted.confirm != name {
        return Err(ApiProblem::bad("`confirm` is the name of who shall be erased, once more and to the letter"));
    }
    let reason = wanted.reason.trim().to_owned();
    if reason.is_empty() || reason.chars().count() > NOTES_CHARS_MAX {
        return Err(ApiProblem::bad(format!("`reason` says why, in at most {NOTES_CHARS_MAX} characters")));
    }
    let erased = state.blocking(move |state| {
        let subject = state.log.id_of_name(NameKind::User, &name)?;
        let subject = subject.ok_or_else(|| ApiProblem::not_found("user in any event"))?;
        refuse_keys(state, caller.workspace(), &name)?;
        let erasure = Erasure { subject, name, actor: caller.id().to_owned() };
        let (log_state, begun, workspace) = (state.clone(), erasure.clone(), caller.workspace().clone());
        state.act_or(&caller, "subjects.erase", move |tx| {
            let name = &begun.name;
            log_state.identity.begin_erasure(tx, &begun)?;
            log_state.credentials.forget_user(tx, &workspace, name)?;
            escalations::forget_user(tx, &workspace, name)?;
            incidents::forget_user(tx, &workspace, name)?;
            exceptions::forget_user(tx, &workspace, name)?;
            detection::forget_user(tx, &workspace, name, &begun.subject)?;
            destinations::forget_user(tx, &workspace, name)?;
            // What correlations counted of him; they begin with what the log still holds of the others.
            detection::checkpoint::forget(tx, &workspace)?;
            if let Some(row) = log_state.detection.profile_row(name) {
                detection::profiles::forget(tx, &workspace, row)?;
            }
            if containments::forget_user(tx, &workspace, name, &begun.subject)? {
                let detail = "he is contained by name, which would be lost; undo that first, or wait for its end";
                return Err(Undone::Refused(ApiProblem::conflict(detail)));
            }
            let target = format!("user:{}", begun.subject);
            Ok(((), About { event_type: REQUESTED, target, reason: Some(reason) }))
        })?;
        state.control.exceptions_changed();
        carry_out(state, caller.workspace(), &erasure)
    });
    erased.await.map(Json)
}

/// Goes on with what a stop or a failure interrupted; how many were erased.
pub fn finish_erasures(state: &State) -> Result<usize, ApiProblem> {
    let open = state.identity.erasures()?;
    open.iter().try_for_each(|erasure| carry_out(state, state.identity.workspace(), erasure).map(drop))?;
    Ok(open.len())
}

/// Whoever has a key that names him brings what is erased back with his next request.
fn refuse_keys(state: &State, workspace: &Workspace, name: &str) -> Result<(), ApiProblem> {
    let now = state.log.clock().now();
    let keys = state.credentials.list(workspace);
    let live = keys.iter().filter(|key| key.kind == TokenKind::GatewayKey && key.status(now) == "active");
    let theirs: Vec<&str> =
        live.filter(|key| key.details.user.as_deref() == Some(name)).map(|key| key.id.as_str()).collect();
    if theirs.is_empty() {
        return Ok(());
    }
    Err(ApiProblem::conflict(format!("gateway keys still name him; revoke them first: {}", theirs.join(", "))))
}

/// Erases, from the beginning or from where it was interrupted: each step may be done again.
fn carry_out(state: &State, workspace: &Workspace, erasure: &Erasure) -> Result<ErasedSubject, ApiProblem> {
    let _turn = state.erasing.lock().unwrap_or_else(PoisonError::into_inner);
    let unfinished = |error: &dyn std::error::Error| {
        tracing::error!(
            subject = erasure.subject,
            error = picket_stdx::error_chain(error),
            "an erasure is not finished"
        );
        let detail =
            "the erasure has begun, and goes on by itself within a minute; the server's log says what was in its way";
        ApiProblem::new(StatusCode::SERVICE_UNAVAILABLE, "erasure_unfinished", detail).retryable()
    };
    state.detection.forget(&erasure.name);
    let bodies = state.log.erase_user(&erasure.subject).map_err(|error| unfinished(&error))?;
    // What was read for destinations and waits to be sent is read once more, without him.
    state.dispatch.forget();
    await_index(state).map_err(|error| unfinished(&error))?;
    state.index.erase(&erasure.subject).map_err(|error| unfinished(&error))?;
    let exports = state.exporter.forget(&erasure.name, &erasure.subject).map_err(|error| unfinished(&error))?;
    let (identity, log, workspace, done) =
        (state.identity.clone(), state.log.clone(), workspace.clone(), erasure.clone());
    let count = u64::try_from(bodies).unwrap_or(u64::MAX);
    let ended: Ticket<(), AppendError> = state.db.write(Lane::Admin, "subjects.erased", move |tx| {
        identity.end_erasure(tx, &done.subject)?;
        let mut event = Event::new(ERASED, workspace.as_str(), log.clock().now());
        (event.actor, event.target, event.count) =
            (Some(done.actor), Some(format!("user:{}", done.subject)), Some(count));
        event.reason = Some(format!("{count} bodies, files of {exports} exports"));
        log.append_in(tx, log.prepare(event, &[])).map(drop)
    });
    ended.wait().map_err(|error| unfinished(&error))?;
    Ok(ErasedSubject {
        subject: erasure.subject.clone(),
        bodies: count,
        exports: u64::try_from(exports).unwrap_or(u64::MAX),
        has_account: state.identity.user_named(&erasure.name).is_some(),
    })
}

/// Waits until the index has all that was in the log when the name was forgotten, so that nothing of it comes later.
fn await_index(state: &State) -> std::io::Result<()> {
    let (end, begun) = (state.log.size(), Instant::now());
    while state.index.cursor() < end {
        if begun.elapsed() > INDEXING {
            return Err(std::io::Error::other("the index is behind the log"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
