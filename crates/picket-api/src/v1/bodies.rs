//! Prompts and answers: who reads them is recorded before he sees them.

use super::events;
use crate::act::About;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use base64::Engine as _;
use picket_api_types::{BodyState, BodyView, Excerpt, RevealRequest};
use picket_event::EventType;
use picket_evidence::{Content, contents};
use picket_store::Permission;

pub(crate) async fn reveal(
    shared: Shared<State>,
    caller: Caller,
    id: Path<String>,
    Json(wanted): Json<RevealRequest>,
) -> Result<Json<Vec<BodyView>>, ApiProblem> {
    let reason = stated(&wanted.reason)?;
    reveal_with(shared, caller, id, reason).await
}

pub(crate) async fn reveal_unstated(
    shared: Shared<State>,
    caller: Caller,
    id: Path<String>,
) -> Result<Json<Vec<BodyView>>, ApiProblem> {
    reveal_with(shared, caller, id, "not stated".to_owned()).await
}

async fn reveal_with(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    reason: String,
) -> Result<Json<Vec<BodyView>>, ApiProblem> {
    let shown = state.blocking(move |state| {
        let event = events::one(state, &id)?;
        let target = format!("event:{}", event.event_id);
        // First the record, then the content.
        state.act(&caller, "bodies.reveal", move |_tx| {
            Ok(((), About { event_type: EventType::BODY_VIEWED, target, reason: Some(reason) }))
        })?;
        Ok(contents(&state.log, &event)?.into_iter().map(view).collect())
    });
    shown.await.map(Json)
}

/// The masked excerpt around each span that the checks found; none where nothing was found or it has expired.
pub(crate) async fn excerpts(
    Shared(state): Shared<State>,
    _caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Vec<Excerpt>>, ApiProblem> {
    let found = state.blocking(move |state| {
        let event = events::one(state, &id)?;
        let evidence = contents(&state.log, &event)?.into_iter().find(|content| content.role == "evidence");
        let present = evidence.filter(|evidence| evidence.state == picket_bodies::BodyState::Present);
        let Some(evidence) = present else { return Ok(Vec::new()) };
        serde_json::from_slice(&evidence.bytes).map_err(|error| ApiProblem::internal(&error))
    });
    found.await.map(Json)
}

/// Records that somebody reads the contents of `count` events at once, if he may.
pub(crate) async fn reveal_many(
    state: &State,
    caller: Caller,
    reason: Option<&str>,
    count: u64,
) -> Result<(), ApiProblem> {
    if !caller.may(Permission::ReadBodies) {
        return Err(ApiProblem::not_permitted(format!("{} may not read prompts and answers", caller.who())));
    }
    let reason = reason.map_or_else(|| Ok("not stated".to_owned()), stated)?;
    let recorded = state.blocking(move |state| {
        state.act(&caller, "bodies.reveal", move |_tx| {
            let target = format!("events:{count}");
            Ok(((), About { event_type: EventType::BODY_VIEWED, target, reason: Some(reason) }))
        })
    });
    recorded.await
}

/// A reason that says something, and not too much.
fn stated(text: &str) -> Result<String, ApiProblem> {
    let reason = text.trim();
    if reason.is_empty() || reason.chars().count() > 500 {
        return Err(ApiProblem::bad("a reason has 1 to 500 characters"));
    }
    Ok(reason.to_owned())
}

fn view(content: Content) -> BodyView {
    let state = match content.state {
        picket_bodies::BodyState::Present => BodyState::Present,
        picket_bodies::BodyState::Erased => BodyState::Erased,
        picket_bodies::BodyState::Expired => BodyState::Expired,
    };
    let is_present = state == BodyState::Present;
    let (text, base64) = match String::from_utf8(content.bytes) {
        Ok(text) => (is_present.then_some(text), None),
        Err(error) => (None, Some(base64::engine::general_purpose::STANDARD.encode(error.as_bytes()))),
    };
    BodyView {
        role: content.role,
        state,
        media_type: Some(content.media_type),
        text,
        base64,
        truncated: content.truncated,
        commit: content.commit,
    }
}
