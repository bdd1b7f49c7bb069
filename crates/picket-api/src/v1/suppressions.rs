//! Suppressions: what people do not want to be told, and until when.

use super::findings::problem;
use super::parameters::Parameters;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use http::StatusCode;
use picket_api_types::{CreateSuppression, Suppression};
use picket_detect::{NewSuppression, SUPPRESSION_LIFE};
use picket_event::SuppressionId;
use picket_stdx::duration;
use picket_store::detection::suppressions;

/// Parameters of the list.
pub(crate) const NAMES: &[&str] = &["active", "limit"];
/// Suppressions of one list.
const LIMIT: u64 = 1_000;

pub(crate) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Vec<Suppression>>, ApiProblem> {
    parameters.only(&[NAMES])?;
    let is_active = parameters.flag("active")?;
    let limit = parameters.number("limit")?.unwrap_or(LIMIT).min(LIMIT);
    let found = state.blocking(move |state| {
        let now = is_active.then(|| state.log.clock().now());
        let found = state.db.read(|connection| suppressions::list(connection, caller.workspace(), now, limit))?;
        Ok(found.into_iter().map(|one| view(state, one)).collect())
    });
    found.await.map(Json)
}

pub(crate) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<CreateSuppression>,
) -> Result<(StatusCode, Json<Suppression>), ApiProblem> {
    let lasts = wanted.expires.as_deref().map(duration::parse).transpose();
    let lasts = lasts.map_err(|_error| ApiProblem::bad("`expires` is a time such as 12h or 7d"))?;
    let entity = match (wanted.entity_kind, wanted.entity) {
        (None, None) => None,
        (Some(kind), Some(entity)) => {
            known_kind(&kind)?;
            Some((kind, entity))
        }
        _ => return Err(ApiProblem::bad("`entity_kind` and `entity` go together")),
    };
    let made = state.block_on_rule(wanted.rule_id, move |state, rule| {
        let new = NewSuppression { rule, entity, reason: wanted.reason, lasts: lasts.unwrap_or(SUPPRESSION_LIFE) };
        let made = state.detection.suppress(new, caller.id());
        made.map(|one| view(state, one)).map_err(|error| problem(&error))
    });
    made.await.map(|made| (StatusCode::CREATED, Json(made)))
}

pub(crate) async fn end(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Suppression>, ApiProblem> {
    let id = id.parse::<SuppressionId>().map_or(id, |id| id.to_string());
    let ended = state.blocking(move |state| {
        let ended = state.detection.end_suppression(&id, caller.id());
        ended.map(|one| view(state, one)).map_err(|error| problem(&error))
    });
    ended.await.map(Json)
}

/// Kinds of entities.
pub(super) const KINDS: &[&str] = &["user", "key", "address", "application", "agent", "session", "model", "workspace"];

pub(super) fn known_kind(kind: &str) -> Result<(), ApiProblem> {
    if KINDS.contains(&kind) {
        return Ok(());
    }
    Err(ApiProblem::bad(format!("the kind of an entity is one of {}", KINDS.join(", "))))
}

impl State {
    /// Runs work with the key of a rule, by whatever name it was called.
    async fn block_on_rule<T: Send + 'static>(
        &self,
        name: Option<String>,
        work: impl FnOnce(&Self, Option<String>) -> Result<T, ApiProblem> + Send + 'static,
    ) -> Result<T, ApiProblem> {
        self.blocking(move |state| {
            let set = state.detection.set();
            let key = |name: String| set.key_of(&name).map(str::to_owned).ok_or_else(|| ApiProblem::not_found("rule"));
            let rule = name.map(key).transpose()?;
            work(state, rule)
        })
        .await
    }
}

fn view(state: &State, one: suppressions::Suppression) -> Suppression {
    let active = one.is_active(state.log.clock().now());
    let (entity_kind, entity) = one.entity.unzip();
    let (ended_by, ended_at) = one.ended.unzip();
    Suppression {
        id: one.id,
        active,
        rule_id: one.rule,
        entity_kind,
        entity,
        reason: one.reason,
        created_by: one.created_by,
        created_at: one.created_at,
        expires_at: one.expires_at,
        ended_by,
        ended_at,
        hits: one.hits,
    }
}
