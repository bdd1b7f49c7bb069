//! Places where tickets are opened.

use super::keys::check_name;
use super::tickets::check_owners;
use crate::act::{About, Undone};
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use http::StatusCode;
use picket_api_types::{
    ChangeTicketPlace, CreateTicketPlace, PlaceCredentials, TicketPlace, TicketTest, TicketTestStep,
};
use picket_event::{EventType, PlaceId, Severity};
use picket_store::sealed::{self, Entered};
use picket_store::tickets::{self, Action, Place, PlaceState};
use picket_tickets::{Credentials, Kind, Tried, secrets_of};
use serde_json::Value;

/// Places of a workspace.
const PLACES_MAX: usize = 100;

pub(crate) async fn list(Shared(state): Shared<State>, caller: Caller) -> Result<Json<Vec<TicketPlace>>, ApiProblem> {
    let found = state.blocking(move |state| {
        let found = state.db.read(|connection| tickets::list_places(connection, caller.workspace()))?;
        found.into_iter().map(|place| view(state, place)).collect()
    });
    found.await.map(Json)
}

pub(crate) async fn get(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<TicketPlace>, ApiProblem> {
    let found = state.blocking(move |state| {
        let place = stored(state, &caller, &id)?;
        view(state, place)
    });
    found.await.map(Json)
}

pub(crate) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<CreateTicketPlace>,
) -> Result<(StatusCode, Json<TicketPlace>), ApiProblem> {
    let made = state.blocking(move |state| {
        let CreateTicketPlace { name, kind, settings, credentials, takes, owners, severity } = wanted;
        check_name(&name)?;
        let settings = Value::Object(settings);
        let parsed = Kind::parse(&kind, &settings).map_err(|problem| ApiProblem::bad(problem.to_string()))?;
        let credentials = checked(&parsed, credentials)?;
        let takes = takes.map_or_else(|| Ok(usual(&parsed)), check_takes)?;
        let now = state.log.clock().now();
        let place = Place {
            id: PlaceId::new(now).to_string(),
            name,
            kind,
            settings,
            takes,
            owners: check_owners(owners)?,
            severity: severity.unwrap_or(Severity::Info),
            host: parsed.host(),
            state: PlaceState::Active,
            created_by: caller.name(),
            created_at: now,
            version: 1,
            failures: 0,
            error: None,
            failed_at: None,
            succeeded_at: None,
        };
        let (made, desk, workspace) = (place.clone(), state.desk.clone(), caller.workspace().clone());
        state.act_or(&caller, "tickets.create_place", move |tx| {
            if tickets::list_places(tx.connection(), &workspace)?.len() >= PLACES_MAX {
                let text = format!("there are {PLACES_MAX} places; remove some first");
                return Err(Undone::Refused(ApiProblem::conflict(text)));
            }
            if !tickets::create_place(tx, &workspace, &made)? {
                return Err(Undone::Refused(ApiProblem::conflict("there is a place of this name already")));
            }
            let entered = Entered { by: made.created_by.clone(), at: now, keep_until: None };
            desk.vault.put(tx, &workspace, (&made.id, &made.host), &secrets_of(&credentials), &entered)?;
            Ok(((), about("ticket.place_created", &made)))
        })?;
        view(state, place)
    });
    made.await.map(|made| (StatusCode::CREATED, Json(made)))
}

pub(crate) async fn change(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(wanted): Json<ChangeTicketPlace>,
) -> Result<Json<TicketPlace>, ApiProblem> {
    let done = state.blocking(move |state| {
        let mut place = stored(state, &caller, &id)?;
        if wanted.version.is_some_and(|version| version != place.version) {
            return Err(ApiProblem::conflict(format!("the place has version {} now", place.version)));
        }
        let host = place.host.clone();
        let credentials = changed(&mut place, wanted)?;
        if place.host != host && credentials.is_none() {
            let text = "another host needs the credentials entered anew: give `credentials` with it";
            return Err(ApiProblem::bad(text));
        }
        let (made, desk, workspace) = (place.clone(), state.desk.clone(), caller.workspace().clone());
        let (by, now) = (caller.name(), state.log.clock().now());
        state.act_or(&caller, "tickets.change_place", move |tx| {
            if !tickets::change_place(tx, &workspace, &made, now)? {
                return Err(Undone::Refused(ApiProblem::conflict("there is a place of this name already")));
            }
            if let Some(credentials) = credentials {
                let entered = Entered { by, at: now, keep_until: None };
                desk.vault.put(tx, &workspace, (&made.id, &made.host), &secrets_of(&credentials), &entered)?;
            }
            let bell = desk.bell.clone();
            tx.on_commit(move || bell.ring());
            Ok(((), about("ticket.place_changed", &made)))
        })?;
        view(state, stored(state, &caller, &place.id)?)
    });
    done.await.map(Json)
}

/// Takes over what is wanted; the credentials, if they are entered anew.
fn changed(place: &mut Place, wanted: ChangeTicketPlace) -> Result<Option<Credentials>, ApiProblem> {
    if let Some(name) = wanted.name {
        check_name(&name)?;
        place.name = name;
    }
    if let Some(settings) = wanted.settings {
        place.settings = Value::Object(settings);
    }
    let parsed = Kind::parse(&place.kind, &place.settings).map_err(|problem| ApiProblem::bad(problem.to_string()))?;
    place.host = parsed.host();
    place.takes = wanted.takes.map_or_else(|| Ok(place.takes.clone()), check_takes)?;
    place.owners = wanted.owners.map_or_else(|| Ok(place.owners.clone()), check_owners)?;
    place.severity = wanted.severity.unwrap_or(place.severity);
    if let Some(paused) = wanted.paused {
        place.state = if paused { PlaceState::Paused } else { PlaceState::Active };
    }
    wanted.credentials.map(|credentials| checked(&parsed, credentials)).transpose()
}

pub(crate) async fn remove(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<TicketPlace>, ApiProblem> {
    let done = state.blocking(move |state| {
        let place = stored(state, &caller, &id)?;
        let shown = view(state, place.clone())?;
        let workspace = caller.workspace().clone();
        state.act_or(&caller, "tickets.remove_place", move |tx| {
            if !tickets::remove_place(tx, &workspace, &place.id)? {
                return Err(Undone::Refused(ApiProblem::not_found("place")));
            }
            sealed::forget(tx, &workspace, &place.id)?;
            Ok(((), about("ticket.place_removed", &place)))
        })?;
        Ok(shown)
    });
    done.await.map(Json)
}

pub(crate) async fn test(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<TicketTest>, ApiProblem> {
    let ready = state.blocking(move |state| {
        let place = stored(state, &caller, &id)?;
        let kind = Kind::parse(&place.kind, &place.settings).map_err(|problem| ApiProblem::bad(problem.to_string()))?;
        let opened =
            state.db.read(|connection| Ok::<_, rusqlite::Error>(state.desk.credentials(connection, &place)))?;
        let credentials = opened.map_err(ApiProblem::conflict)?;
        state.act(&caller, "tickets.test_place", move |_tx| Ok(((), about("ticket.place_tested", &place))))?;
        Ok((kind, credentials))
    });
    let (kind, credentials) = ready.await?;
    let tried = state.desk.try_out(&kind, &credentials, state.log.clock().now()).await;
    Ok(Json(TicketTest {
        ok: tried.iter().all(|step| step.said.is_ok()),
        steps: tried.into_iter().map(step).collect(),
    }))
}

fn step(tried: Tried) -> TicketTestStep {
    let act = tried.act.to_string();
    match tried.said {
        Ok(remote) => TicketTestStep { act, ok: true, key: remote.key, url: remote.url, status: None, error: None },
        Err(failed) => {
            TicketTestStep { act, ok: false, key: None, url: None, status: failed.status, error: Some(failed.why) }
        }
    }
}

fn about(event_type: &'static str, place: &Place) -> About {
    About {
        event_type: EventType::of(event_type),
        target: format!("ticket_place:{}", place.id),
        reason: Some(format!("{} at {}", place.kind, place.host)),
    }
}

/// A place by its id, in any spelling, or by its name.
fn stored(state: &State, caller: &Caller, id: &str) -> Result<Place, ApiProblem> {
    let id = id.parse::<PlaceId>().map_or_else(|_error| id.to_owned(), |id| id.to_string());
    let found = state.db.read(|connection| tickets::get_place(connection, caller.workspace(), &id))?;
    found.ok_or_else(|| ApiProblem::not_found("place for tickets"))
}

fn checked(kind: &Kind, given: PlaceCredentials) -> Result<Credentials, ApiProblem> {
    let credentials = Credentials::new(given.0.into_iter().map(|(name, value)| (name, value.into())));
    kind.check_credentials(&credentials).map_err(|problem| ApiProblem::bad(problem.to_string()))?;
    Ok(credentials)
}

fn usual(kind: &Kind) -> Vec<String> {
    kind.usually_takes().iter().map(|word| (*word).to_owned()).collect()
}

fn check_takes(takes: Vec<String>) -> Result<Vec<String>, ApiProblem> {
    let fits = |word: &String| word.parse::<Action>().is_ok_and(|action| action != Action::Nothing);
    if !takes.is_empty() && takes.len() <= Action::ALL.len() && takes.iter().all(fits) {
        return Ok(takes);
    }
    Err(ApiProblem::bad("`takes` are some of alert, ticket, incident"))
}

fn view(state: &State, place: Place) -> Result<TicketPlace, ApiProblem> {
    let workspace = &state.desk.workspace;
    let ((waiting, dead), held) = state.db.read(|connection| {
        let counts = tickets::waiting_of(connection, workspace, Some(&place.id))?;
        Ok::<_, rusqlite::Error>((counts, sealed::held(connection, workspace, &place.id)?))
    })?;
    Ok(TicketPlace {
        id: place.id,
        name: place.name,
        kind: place.kind,
        settings: place.settings,
        credentials: held.into_iter().map(|one| one.field).collect(),
        host: place.host,
        takes: place.takes,
        owners: place.owners,
        severity: place.severity,
        state: place.state.to_string(),
        waiting,
        dead,
        failures: place.failures,
        error: place.error,
        failed_at: place.failed_at,
        succeeded_at: place.succeeded_at,
        created_by: place.created_by,
        created_at: place.created_at,
        version: place.version,
    })
}
