//! Events that a destination would not take.

use super::problem;
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use crate::v1::parameters::Parameters;
use axum::extract::State as Shared;
use picket_api_types::{ActedLetters, ChosenLetters, DeadLetter};
use picket_db::WriteError;
use picket_store::destinations::{Chosen, Which};

/// Parameters of the list.
pub(crate) const LETTERS: &[&str] = &["after", "limit"];
/// Dead letters of one list.
const LIMIT: u64 = 1_000;
/// Positions of one request.
const CHOSEN_MAX: usize = 10_000;

pub(crate) async fn dead_letters(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Json<Vec<DeadLetter>>, ApiProblem> {
    parameters.only(&[LETTERS])?;
    let after = parameters.number("after")?;
    let limit = parameters.number("limit")?.unwrap_or(LIMIT).min(LIMIT);
    let found = state.blocking(move |state| {
        let letters = state.dispatch.dead_letters(&id, after, limit);
        let letters = letters.map_err(|error| problem(&WriteError::Job(error)))?;
        Ok(letters.into_iter().map(view).collect())
    });
    found.await.map(Json)
}

pub(crate) async fn replay(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(chosen): Json<ChosenLetters>,
) -> Result<Json<ActedLetters>, ApiProblem> {
    let which = which(chosen)?;
    let done =
        state.blocking(move |state| state.dispatch.replay(&id, which, caller.id()).map_err(|error| problem(&error)));
    done.await.map(acted)
}

pub(crate) async fn discard(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(chosen): Json<ChosenLetters>,
) -> Result<Json<ActedLetters>, ApiProblem> {
    let which = which(chosen)?;
    let done =
        state.blocking(move |state| state.dispatch.discard(&id, which, caller.id()).map_err(|error| problem(&error)));
    done.await.map(acted)
}

fn acted(chosen: Chosen) -> Json<ActedLetters> {
    Json(ActedLetters { count: u64::try_from(chosen.count).unwrap_or(u64::MAX), missing: chosen.missing })
}

fn which(chosen: ChosenLetters) -> Result<Which, ApiProblem> {
    match (chosen.all, chosen.positions) {
        (true, positions) if positions.is_empty() => Ok(Which::All),
        (false, positions) if (1..=CHOSEN_MAX).contains(&positions.len()) => Ok(Which::At(positions)),
        _ => Err(ApiProblem::bad(format!("give `all: true`, or up to {CHOSEN_MAX} `positions`"))),
    }
}

fn view(letter: picket_store::destinations::DeadLetter) -> DeadLetter {
    DeadLetter {
        position: letter.position,
        event_id: letter.event_id,
        event_type: letter.event_type,
        timestamp: letter.happened_at,
        reason: letter.reason,
        status: letter.status,
        excerpt: letter.excerpt,
        attempts: letter.attempts,
        at: letter.at,
        replay: letter.is_wanted,
    }
}
