//! Exceptions from the policy: a false positive becomes something narrow that ends, not a weaker rule.

use super::parameters::Parameters;
use super::{acts, escalations, events, keys};
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use http::StatusCode;
use picket_api_types::{CreateException, Exception, ExceptionCover, ExceptionProposal, ExceptionScope};
use picket_bodies::BodyState;
use picket_event::{Event, ExceptionId, Identity, Workspace};
use picket_evidence::contents;
use picket_review::{EXCEPTION_LIFE, EXCEPTION_LIFE_MAX, NewException, is_exceptable, is_for_everybody, proposed};
use picket_stdx::duration;
use picket_stdx::encode::hex;
use picket_store::Role;
use picket_store::exceptions::{self, Covers};
use std::time::Duration;

/// Parameters of the list.
pub(crate) const NAMES: &[&str] = &["status", "escalation", "limit"];
/// Exceptions of one list.
const LIMIT: u64 = 1_000;
/// Characters of a reason.
const REASON_CHARS_MAX: usize = 500;
/// Rules that one exception names.
const RULES_MAX: usize = 64;
/// The least time that is worth an exception.
const LIFE_MIN: Duration = Duration::from_secs(60);

pub(crate) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Vec<Exception>>, ApiProblem> {
    parameters.only(&[NAMES])?;
    let status = parameters.get("status").map(str::to_owned);
    if status.as_ref().is_some_and(|status| !["active", "revoked", "expired"].contains(&status.as_str())) {
        return Err(ApiProblem::bad("status is active, revoked or expired"));
    }
    let escalation = parameters.get("escalation").map(escalations::normal);
    let limit = parameters.number("limit")?.unwrap_or(LIMIT).min(LIMIT);
    let found = state.blocking(move |state| {
        let of = (status.as_deref(), escalation.as_deref());
        let found = state.db.read(|connection| exceptions::list(connection, caller.workspace(), of, limit))?;
        Ok(found.into_iter().map(|exception| view(state, exception)).collect())
    });
    found.await.map(Json)
}

pub(crate) async fn get(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Exception>, ApiProblem> {
    let found = state
        .blocking(move |state| one(state, caller.workspace(), &normal(&id)).map(|exception| view(state, exception)));
    found.await.map(Json)
}

pub(crate) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<CreateException>,
) -> Result<(StatusCode, Json<Vec<Exception>>), ApiProblem> {
    let made = state.blocking(move |state| {
        if !state.control.allows_exceptions() {
            return Err(ApiProblem::conflict(
                "the policy is managed by a file, so that it is the whole truth; exceptions are made here only where the \
                 configuration says `review: { exceptions: true }`",
            ));
        }
        let lasts = life(wanted.expires.as_deref())?;
        let (all, asked_by) = match &wanted.from_escalation {
            Some(id) => of_escalation((state, caller.workspace()), id, &wanted)?,
            None => (vec![named(&wanted)?], None),
        };
        let reason = reason(&wanted)?;
        let policy = super::policies::in_force_compiled(state, caller.workspace())?;
        for covers in &all {
            policy.may_except(&covers.policy, &covers.finding, !covers.texts.is_empty()).map_err(ApiProblem::conflict)?;
            refuse_wide(&caller, covers, wanted.everywhere)?;
            refuse_own(state, &caller, (covers, asked_by.as_ref()))?;
        }
        let escalation = wanted.from_escalation.as_deref().map(escalations::normal);
        let new =
            |covers| NewException { covers, reason: reason.clone(), lasts, escalation: escalation.clone() };
        let made = state.queue.except(all.into_iter().map(new).collect(), (&caller.name(), caller.id()));
        let made = made.map_err(|error| acts::problem(&error))?;
        state.control.exceptions_changed();
        Ok(made.into_iter().map(|exception| view(state, exception)).collect())
    });
    Ok((StatusCode::CREATED, Json(made.await?)))
}

pub(crate) async fn revoke(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Exception>, ApiProblem> {
    let ended = state.blocking(move |state| {
        let id = normal(&id);
        let ended = state.queue.revoke_exception(&id, (&caller.name(), caller.id()));
        let Some(ended) = ended.map_err(|error| acts::problem(&error))? else {
            let found = one(state, caller.workspace(), &id)?;
            return Err(ApiProblem::conflict(format!("it has ended already: {}", found.status)));
        };
        state.control.exceptions_changed();
        Ok(view(state, ended))
    });
    ended.await.map(Json)
}

/// What can be made of an escalation that was a false positive; none where nothing can.
pub(super) fn proposal(
    state: &State,
    workspace: &Workspace,
    escalation: &picket_store::escalations::Escalation,
) -> Option<ExceptionProposal> {
    if !is_exceptable(escalation) || !state.control.allows_exceptions() {
        return None;
    }
    let event = events::one(state, &escalation.event_id).ok()?;
    let policy = super::policies::in_force_compiled(state, workspace).ok()?;
    let all = proposed(&event);
    let is_exact = all.iter().any(|covers| policy.may_except(&covers.policy, &covers.finding, false).is_err());
    let may = |covers: &&Covers| policy.may_except(&covers.policy, &covers.finding, true).is_ok();
    let covers: Vec<ExceptionCover> = all.iter().filter(may).cloned().map(cover).collect();
    if covers.is_empty() || covers.len() < all.len() {
        return None;
    }
    let scope = usual_scope(&event)?;
    let request = CreateException {
        from_escalation: Some(escalation.id.clone()),
        scope: vec![scope],
        exact: is_exact,
        expires: Some(duration::display(EXCEPTION_LIFE)),
        ..CreateException::default()
    };
    Some(ExceptionProposal { request, covers })
}

/// The narrowest that an event names for certain.
fn usual_scope(event: &Event) -> Option<ExceptionScope> {
    use ExceptionScope as S;
    [S::User, S::Key, S::Application, S::Team].into_iter().find(|scope| of_event(event, *scope).is_ok())
}

/// Whom an event names in a scope.
fn of_event(event: &Event, scope: ExceptionScope) -> Result<String, ApiProblem> {
    let is_certain = event.identity.is_some_and(Identity::is_certain);
    if scope == ExceptionScope::User && event.user.is_some() && !is_certain {
        return Err(ApiProblem::conflict(
            "the user is only what the request claims; name the key, the application or the team",
        ));
    }
    let name = match scope {
        ExceptionScope::User => &event.user,
        ExceptionScope::Team => &event.team,
        ExceptionScope::Application => &event.application,
        ExceptionScope::Key => &event.key_id,
        ExceptionScope::Model => &event.model,
    };
    name.clone().ok_or_else(|| ApiProblem::conflict(format!("the request names no {}", scope.as_str())))
}

/// What an escalation found, for those of its event whom the scope names; and who asked.
fn of_escalation(
    (state, workspace): (&State, &Workspace),
    id: &str,
    wanted: &CreateException,
) -> Result<(Vec<Covers>, Option<String>), ApiProblem> {
    let given = [&wanted.policy, &wanted.finding, &wanted.direction, &wanted.user, &wanted.team, &wanted.application]
        .into_iter()
        .chain([&wanted.key, &wanted.model]);
    if given.into_iter().any(Option::is_some) || !wanted.rules.is_empty() {
        return Err(ApiProblem::bad(
            "what is excepted, and for whom, comes from the escalation; say `scope`, and no names",
        ));
    }
    let id = escalations::normal(id);
    let found = state.db.read(|connection| picket_store::escalations::get(connection, workspace, &id))?;
    let found = found.ok_or_else(|| ApiProblem::not_found("escalation"))?;
    if !is_exceptable(&found) {
        return Err(ApiProblem::conflict("an exception comes of an escalation that was resolved as a false positive"));
    }
    let event = events::one(state, &found.event_id)?;
    let mut scope = wanted.scope.clone();
    if scope.is_empty() && !wanted.everywhere {
        scope.extend(usual_scope(&event));
    }
    let mut all = proposed(&event);
    if all.is_empty() {
        return Err(ApiProblem::conflict("no check asked for a person here: there is nothing to except"));
    }
    for covers in &mut all {
        for scope in &scope {
            let name = Some(of_event(&event, *scope)?);
            match scope {
                ExceptionScope::User => covers.user = name,
                ExceptionScope::Team => covers.team = name,
                ExceptionScope::Application => covers.application = name,
                ExceptionScope::Key => covers.key = name,
                ExceptionScope::Model => covers.model = name,
            }
        }
        if wanted.exact {
            covers.texts = texts(state, &event, covers)?;
        }
    }
    Ok((all, event.user))
}

/// Digests of the texts of an event in which something was found.
fn texts(state: &State, event: &Event, covers: &Covers) -> Result<Vec<String>, ApiProblem> {
    let role = if covers.direction.as_deref() == Some("output") { "response" } else { "request" };
    let kept = contents(&state.log, event)?.into_iter().find(|content| content.role == role);
    let kept = kept.filter(|content| content.state == BodyState::Present && !content.truncated);
    let lost = || ApiProblem::conflict("what was said is not kept any more, or not as a whole: leave `exact` out");
    let body: serde_json::Value = serde_json::from_slice(&kept.ok_or_else(lost)?.bytes).map_err(|_error| lost())?;
    let found = event
        .policy_results
        .iter()
        .filter(|result| result.policy == covers.policy && result.finding_type.as_ref() == Some(&covers.finding));
    let mut digests = Vec::new();
    for span in found.flat_map(|result| &result.spans) {
        let text = body.pointer(&span.at).and_then(serde_json::Value::as_str).ok_or_else(lost)?;
        let digest = hex(&state.control.text_digest(text));
        if !digests.contains(&digest) {
            digests.push(digest);
        }
    }
    if digests.is_empty() { Err(lost()) } else { Ok(digests) }
}

/// An exception of a check by name.
fn named(wanted: &CreateException) -> Result<Covers, ApiProblem> {
    if wanted.exact || !wanted.scope.is_empty() {
        return Err(ApiProblem::bad("`exact` and `scope` go with `from_escalation`; name whom it is for"));
    }
    let (Some(policy), Some(finding)) = (wanted.policy.clone(), wanted.finding.clone()) else {
        return Err(ApiProblem::bad("an exception needs `from_escalation`, or `policy` and `type`"));
    };
    if wanted.direction.as_deref().is_some_and(|direction| !["input", "output"].contains(&direction)) {
        return Err(ApiProblem::bad("direction is input or output"));
    }
    if wanted.rules.len() > RULES_MAX {
        return Err(ApiProblem::bad(format!("an exception names at most {RULES_MAX} rules")));
    }
    let names = [&wanted.user, &wanted.team, &wanted.application, &wanted.key, &wanted.model];
    names
        .into_iter()
        .flatten()
        .chain(&wanted.rules)
        .chain([&policy, &finding])
        .try_for_each(|name| keys::check_name(name))?;
    Ok(Covers {
        policy: policy.to_ascii_lowercase().replace('_', "-"),
        finding: finding.to_ascii_lowercase().replace('-', "_"),
        rules: wanted.rules.clone(),
        direction: wanted.direction.clone(),
        user: wanted.user.clone(),
        team: wanted.team.clone(),
        application: wanted.application.clone(),
        key: wanted.key.clone(),
        model: wanted.model.clone(),
        texts: Vec::new(),
    })
}

/// What names nobody is for owners, who have to say so.
fn refuse_wide(caller: &Caller, covers: &Covers, everywhere: bool) -> Result<(), ApiProblem> {
    match (is_for_everybody(covers), everywhere) {
        (true, false) => Err(ApiProblem::bad("name whom it is for: user, team, application, key or model")),
        (true, true) if !caller.roles().has(Role::Owner) => {
            Err(ApiProblem::not_permitted("an exception for everybody takes an owner"))
        }
        (false, true) => Err(ApiProblem::bad("it is for those whom it names, or `everywhere`, not both")),
        _ => Ok(()),
    }
}

/// Nobody excepts himself, as nobody approves what he asked for: not by name, not by a key of his, not by asking first.
fn refuse_own(
    state: &State,
    caller: &Caller,
    (covers, asked_by): (&Covers, Option<&String>),
) -> Result<(), ApiProblem> {
    let key = covers.key.as_ref().and_then(|key| state.credentials.get(caller.workspace(), key));
    let of_key = key.as_ref().and_then(|key| key.details.user.as_ref());
    match [covers.user.as_ref(), of_key, asked_by].into_iter().flatten().find(|user| caller.is_known_as(user)) {
        Some(user) => Err(ApiProblem::not_permitted(format!("this is for {user}; somebody else has to make it"))),
        None => Ok(()),
    }
}

fn reason(wanted: &CreateException) -> Result<String, ApiProblem> {
    let reason = wanted.reason.as_deref().unwrap_or_default().trim().to_owned();
    if reason.chars().count() > REASON_CHARS_MAX {
        return Err(ApiProblem::bad(format!("a reason has at most {REASON_CHARS_MAX} characters")));
    }
    match (&wanted.from_escalation, reason.is_empty()) {
        (Some(_), true) => Ok("a reviewer said that it was a false positive".to_owned()),
        (None, true) => Err(ApiProblem::bad("say in `reason` why")),
        _ => Ok(reason),
    }
}

fn life(text: Option<&str>) -> Result<Duration, ApiProblem> {
    let Some(text) = text else { return Ok(EXCEPTION_LIFE) };
    let life = duration::parse(text).map_err(|error| ApiProblem::bad(error.to_string()))?;
    if !(LIFE_MIN..=EXCEPTION_LIFE_MAX).contains(&life) {
        return Err(ApiProblem::bad("an exception lasts from a minute to a year"));
    }
    Ok(life)
}

fn one(state: &State, workspace: &Workspace, id: &str) -> Result<exceptions::Exception, ApiProblem> {
    let found = state.db.read(|connection| exceptions::get(connection, workspace, id))?;
    found.ok_or_else(|| ApiProblem::not_found("exception"))
}

/// Ids are written with `_` or `-` after their prefix.
fn normal(id: &str) -> String {
    id.parse::<ExceptionId>().map_or_else(|_| id.to_owned(), |id| id.to_string())
}

fn cover(covers: Covers) -> ExceptionCover {
    let Covers { policy, finding, rules, direction, .. } = covers;
    ExceptionCover { policy, finding, rules, direction }
}

fn view(state: &State, exception: exceptions::Exception) -> Exception {
    let covers = exception.covers;
    Exception {
        in_force: exception.status == "active" && state.control.allows_exceptions(),
        id: exception.id,
        status: exception.status,
        everywhere: is_for_everybody(&covers),
        exact: !covers.texts.is_empty(),
        policy: covers.policy,
        finding: covers.finding,
        rules: covers.rules,
        direction: covers.direction,
        user: covers.user,
        team: covers.team,
        application: covers.application,
        key: covers.key,
        model: covers.model,
        reason: exception.reason,
        author: exception.author,
        created_at: exception.created_at,
        expires_at: exception.expires_at,
        escalation_id: exception.escalation,
        ended_at: exception.ended_at,
        ended_by: exception.ended_by,
    }
}
