//! Signals of other systems, which become events.

use crate::auth::Caller;
use crate::extract::{Json, Signals};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use http::StatusCode;
use picket_api_types::SignalResult;
use picket_signals::{Signal, Taken};

pub(crate) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    Signals { values, is_one }: Signals,
) -> Result<Json<Vec<SignalResult>>, ApiProblem> {
    let all = state.blocking(move |state| {
        let (now, mut results, mut fit) = (state.intake.now(), Vec::with_capacity(values.len()), Vec::new());
        for (index, value) in values.iter().enumerate() {
            let mut result = SignalResult { index, status: 422, event_id: None, error: None };
            let read = value.as_ref().map(|value| Signal::read(value, caller.workspace(), now));
            match read {
                Ok(Ok(signal)) => fit.push((index, signal)),
                Ok(Err(misfit)) if is_one => {
                    let status = StatusCode::UNPROCESSABLE_ENTITY;
                    return Err(ApiProblem::new(status, "invalid_signal", misfit.to_string()));
                }
                Ok(Err(misfit)) => result.error = Some(misfit.to_string()),
                Err(cause) => result.error = Some(cause.clone()),
            }
            results.push(result);
        }
        let (places, fit): (Vec<usize>, Vec<Signal>) = fit.into_iter().unzip();
        let taken = state.intake.take(fit, caller.person()).map_err(|error| ApiProblem::write(&error))?;
        for (index, taken) in places.into_iter().zip(taken) {
            let Some(result) = results.get_mut(index) else { continue };
            let (status, id) = match taken {
                Taken::New(id) => (201, id),
                Taken::Known(id) => (200, id),
            };
            (result.status, result.event_id) = (status, Some(id));
        }
        Ok(results)
    });
    all.await.map(Json)
}
