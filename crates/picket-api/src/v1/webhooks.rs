//! Webhooks: who is told of product events, and how that went.

use super::keys::check_name;
use super::parameters::Parameters;
use crate::act::{About, Undone};
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use http::StatusCode;
use picket_api_types::{
    ChangeWebhook, CreateWebhook, CreatedWebhook, ReplayWebhook, Replayed, RotateWebhook, Webhook, WebhookAttempt,
    WebhookTest,
};
use picket_event::{EventType, MessageId, WebhookId};
use picket_query::Query;
use picket_render::message;
use picket_stdx::duration;
use picket_store::sealed::{self, Entered};
use picket_store::webhooks::{self, WebhookState};
use picket_webhooks::{Hooks, Misfit, Scheme, Verdict, new_key, public_of, shown_url, verdict};
use std::time::Duration;

/// Parameters of the list of tries.
pub(crate) const NAMES: &[&str] = &["limit"];
/// Tries of one list, and when nobody says.
const LIMIT: (u64, u64) = (1_000, 100);
/// Webhooks of a workspace.
const WEBHOOKS_MAX: usize = 100;
/// The time of one exchange: shortest, usual, longest.
const TIMEOUT: (Duration, Duration, Duration) =
    (Duration::from_secs(1), Duration::from_secs(10), Duration::from_secs(30));
/// How long the old key counts beside a new one: usually, and at most.
const KEEP: (Duration, Duration) = (Duration::from_secs(86_400), Duration::from_secs(7 * 86_400));

pub(crate) async fn list(Shared(state): Shared<State>, caller: Caller) -> Result<Json<Vec<Webhook>>, ApiProblem> {
    let found = state.blocking(move |state| {
        let found = state.db.read(|connection| webhooks::list_webhooks(connection, caller.workspace()))?;
        found.into_iter().map(|one| view(state, one)).collect()
    });
    found.await.map(Json)
}

pub(crate) async fn get(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Webhook>, ApiProblem> {
    let found = state.blocking(move |state| {
        let webhook = stored(state, &caller, &id)?;
        view(state, webhook)
    });
    found.await.map(Json)
}

pub(crate) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<CreateWebhook>,
) -> Result<(StatusCode, Json<CreatedWebhook>), ApiProblem> {
    let made = state.blocking(move |state| {
        let CreateWebhook { name, url, events, filter, scheme, timeout } = wanted;
        check_name(&name)?;
        let scheme: Scheme = scheme
            .as_deref()
            .unwrap_or("v1")
            .parse()
            .map_err(|words| ApiProblem::bad(format!("`scheme` is {words}")))?;
        let (shown, host) = shown_url(&url).map_err(|misfit| ApiProblem::bad(misfit.to_string()))?;
        let (key, now) = (new_key(scheme), state.log.clock().now());
        let webhook = webhooks::Webhook {
            id: WebhookId::new(now).to_string(),
            name,
            shown,
            host,
            events: check_events(events)?,
            filter: check_filter(filter)?,
            scheme: scheme.to_string(),
            public: public_of(&key),
            timeout: check_timeout(timeout.as_deref())?.unwrap_or(TIMEOUT.1),
            state: WebhookState::Active,
            reason: None,
            created_by: caller.name(),
            created_at: now,
            version: 1,
            failures: 0,
            error: None,
            failed_at: None,
            succeeded_at: None,
        };
        let (made, hooks, workspace) = (webhook.clone(), state.hooks.clone(), caller.workspace().clone());
        let secrets = Hooks::secrets(&url, &key);
        state.act_or(&caller, "webhooks.create", move |tx| {
            if webhooks::list_webhooks(tx.connection(), &workspace)?.len() >= WEBHOOKS_MAX {
                let text = format!("there are {WEBHOOKS_MAX} webhooks; remove some first");
                return Err(Undone::Refused(ApiProblem::conflict(text)));
            }
            if !webhooks::create_webhook(tx, &workspace, &made)? {
                return Err(Undone::Refused(ApiProblem::conflict("there is a webhook of this name already")));
            }
            let entered = Entered { by: made.created_by.clone(), at: now, keep_until: None };
            hooks.vault.put(tx, &workspace, (&made.id, &made.host), &secrets, &entered)?;
            Ok(((), about("webhook.created", &made)))
        })?;
        let key = webhook.public.clone().unwrap_or_else(|| key.to_string());
        Ok(CreatedWebhook { webhook: view(state, webhook)?, key })
    });
    made.await.map(|made| (StatusCode::CREATED, Json(made)))
}

pub(crate) async fn change(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(wanted): Json<ChangeWebhook>,
) -> Result<Json<Webhook>, ApiProblem> {
    let done = state.blocking(move |state| {
        let mut webhook = stored(state, &caller, &id)?;
        if wanted.version.is_some_and(|version| version != webhook.version) {
            return Err(ApiProblem::conflict(format!("the webhook has version {} now", webhook.version)));
        }
        let url = wanted.url.clone();
        changed(&mut webhook, wanted)?;
        // The key stays, whatever the path is.
        let secrets = url.map(|url| {
            let key = state.db.read(|connection| Ok::<_, rusqlite::Error>(state.hooks.key(connection, &webhook)))?;
            Ok::<_, ApiProblem>(Hooks::secrets(&url, &key.map_err(|misfit| conflict(&misfit))?))
        });
        let secrets = secrets.transpose()?;
        let (made, hooks, workspace) = (webhook.clone(), state.hooks.clone(), caller.workspace().clone());
        let (by, now) = (caller.name(), state.log.clock().now());
        state.act_or(&caller, "webhooks.change", move |tx| {
            if !webhooks::change_webhook(tx, &workspace, &made)? {
                return Err(Undone::Refused(ApiProblem::conflict("there is a webhook of this name already")));
            }
            if let Some(secrets) = secrets {
                let entered = Entered { by, at: now, keep_until: None };
                hooks.vault.put(tx, &workspace, (&made.id, &made.host), &secrets, &entered)?;
            }
            let bell = hooks.bell.clone();
            tx.on_commit(move || bell.ring());
            Ok(((), about("webhook.changed", &made)))
        })?;
        view(state, stored(state, &caller, &webhook.id)?)
    });
    done.await.map(Json)
}

fn changed(webhook: &mut webhooks::Webhook, wanted: ChangeWebhook) -> Result<(), ApiProblem> {
    if let Some(name) = wanted.name {
        check_name(&name)?;
        webhook.name = name;
    }
    if let Some(url) = wanted.url {
        let (shown, host) = shown_url(&url).map_err(|misfit| ApiProblem::bad(misfit.to_string()))?;
        if host != webhook.host {
            return Err(ApiProblem::bad("its key was made for another host; make another webhook for this one"));
        }
        webhook.shown = shown;
    }
    if let Some(events) = wanted.events {
        webhook.events = check_events(events)?;
    }
    if let Some(filter) = wanted.filter {
        webhook.filter = check_filter(Some(filter))?;
    }
    webhook.timeout = check_timeout(wanted.timeout.as_deref())?.unwrap_or(webhook.timeout);
    if let Some(paused) = wanted.paused {
        webhook.state = if paused { WebhookState::Paused } else { WebhookState::Active };
        webhook.reason = paused.then(|| "somebody paused it".to_owned());
    }
    Ok(())
}

pub(crate) async fn remove(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Webhook>, ApiProblem> {
    let done = state.blocking(move |state| {
        let webhook = stored(state, &caller, &id)?;
        let shown = view(state, webhook.clone())?;
        let workspace = caller.workspace().clone();
        state.act_or(&caller, "webhooks.remove", move |tx| {
            if !webhooks::remove_webhook(tx, &workspace, &webhook.id)? {
                return Err(Undone::Refused(ApiProblem::not_found("webhook")));
            }
            sealed::forget(tx, &workspace, &webhook.id)?;
            Ok(((), about("webhook.removed", &webhook)))
        })?;
        Ok(shown)
    });
    done.await.map(Json)
}

pub(crate) async fn rotate(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(wanted): Json<RotateWebhook>,
) -> Result<Json<CreatedWebhook>, ApiProblem> {
    let keep = wanted.keep.as_deref().map(duration::parse).transpose();
    let keep = keep.ok().map(|keep| keep.unwrap_or(KEEP.0)).filter(|keep| *keep <= KEEP.1);
    let keep = keep.ok_or_else(|| ApiProblem::bad("`keep` is a time such as 24h, at most 7d"))?;
    let done = state.blocking(move |state| {
        let mut webhook = stored(state, &caller, &id)?;
        let scheme: Scheme = webhook.scheme.parse().unwrap_or_default();
        let key = new_key(scheme);
        webhook.public = public_of(&key);
        let url = state.db.read(|connection| Ok::<_, rusqlite::Error>(state.hooks.url(connection, &webhook)))?;
        let secrets = Hooks::secrets(&url.map_err(|misfit| conflict(&misfit))?, &key);
        let (made, hooks, workspace) = (webhook.clone(), state.hooks.clone(), caller.workspace().clone());
        let (by, now) = (caller.name(), state.log.clock().now());
        state.act_or(&caller, "webhooks.rotate", move |tx| {
            webhooks::change_webhook(tx, &workspace, &made)?;
            let keep_until = (!keep.is_zero()).then(|| now.plus(keep));
            let entered = Entered { by, at: now, keep_until };
            hooks.vault.put(tx, &workspace, (&made.id, &made.host), &secrets, &entered)?;
            let kept = Some(format!("the old key counts for {}", duration::display(keep)));
            Ok(((), About { reason: kept, ..about("webhook.rotated", &made) }))
        })?;
        let shown = webhook.public.clone().unwrap_or_else(|| key.to_string());
        Ok(CreatedWebhook { webhook: view(state, stored(state, &caller, &webhook.id)?)?, key: shown })
    });
    done.await.map(Json)
}

pub(crate) async fn test(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<WebhookTest>, ApiProblem> {
    const KIND: &str = "webhook.test";
    let ready = state.blocking(move |state| {
        let webhook = stored(state, &caller, &id)?;
        let opened = state.db.read(|connection| Ok::<_, rusqlite::Error>(state.hooks.open(connection, &webhook)))?;
        let sealed = opened.map_err(|misfit| conflict(&misfit))?;
        let timeout = webhook.timeout;
        state.act(&caller, "webhooks.test", move |_tx| Ok(((), about("webhook.tested", &webhook))))?;
        Ok((sealed, timeout))
    });
    let (sealed, timeout) = ready.await?;
    let now = state.log.clock().now();
    let message = MessageId::new(now).to_string();
    let body = message::test_message(state.hooks.workspace.as_str(), now);
    let request = String::from_utf8_lossy(&body).into_owned();
    let exchange = state.hooks.send(&sealed, (&message, KIND), body, timeout).await;
    Ok(Json(WebhookTest {
        ok: exchange.answer.as_ref().is_ok_and(|answer| verdict(answer) == Verdict::Delivered),
        message,
        request,
        status: exchange.status(),
        answer: exchange.excerpt(),
        took_ms: u64::try_from(exchange.took.as_millis()).unwrap_or(u64::MAX),
    }))
}

pub(crate) async fn attempts(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    parameters: Parameters,
) -> Result<Json<Vec<WebhookAttempt>>, ApiProblem> {
    parameters.only(&[NAMES])?;
    let limit = parameters.number("limit")?.unwrap_or(LIMIT.1).min(LIMIT.0);
    let found = state.blocking(move |state| {
        let webhook = stored(state, &caller, &id)?;
        let read = |connection: &_| webhooks::attempts(connection, caller.workspace(), &webhook.id, limit);
        let view = |one: webhooks::Attempt| WebhookAttempt {
            message: one.message,
            kind: one.kind,
            attempt: one.attempt,
            outcome: one.outcome,
            status: one.status,
            error: one.error,
            at: one.at,
            took_ms: u64::try_from(one.took.as_millis()).unwrap_or(u64::MAX),
        };
        Ok(state.db.read(read)?.into_iter().map(view).collect())
    });
    found.await.map(Json)
}

pub(crate) async fn replay(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Json(wanted): Json<ReplayWebhook>,
) -> Result<Json<Replayed>, ApiProblem> {
    let done = state.blocking(move |state| {
        let webhook = stored(state, &caller, &id)?;
        if webhook.state == WebhookState::Disabled {
            return Err(ApiProblem::conflict("the webhook is disabled; bring it back first"));
        }
        let (hooks, workspace) = (state.hooks.clone(), caller.workspace().clone());
        let message = wanted.message.parse::<MessageId>().map_or(wanted.message, |id| id.to_string());
        state.act_or(&caller, "webhooks.replay", move |tx| {
            let known = webhooks::newest_attempt(tx.connection(), &workspace, (&webhook.id, &message))?;
            let known = known.ok_or_else(|| Undone::Refused(ApiProblem::not_found("message of this webhook")))?;
            if known.outcome == "retried" {
                return Err(Undone::Refused(ApiProblem::conflict("the message is tried again by itself")));
            }
            let now = hooks.log.clock().now();
            let of = (known.kind.as_str(), known.position);
            webhooks::queue_message(tx, &workspace, (&webhook.id, &message), of, now)?;
            let bell = hooks.bell.clone();
            tx.on_commit(move || bell.ring());
            Ok((Replayed { count: 1 }, about("webhook.replayed", &webhook)))
        })
    });
    done.await.map(Json)
}

fn about(event_type: &'static str, webhook: &webhooks::Webhook) -> About {
    let target = format!("webhook:{}", webhook.id);
    About { event_type: EventType::of(event_type), target, reason: Some(format!("to {}", webhook.host)) }
}

fn conflict(misfit: &Misfit) -> ApiProblem {
    ApiProblem::conflict(misfit.to_string())
}

/// A webhook by its id, in any spelling, or by its name.
fn stored(state: &State, caller: &Caller, id: &str) -> Result<webhooks::Webhook, ApiProblem> {
    let id = id.parse::<WebhookId>().map_or_else(|_error| id.to_owned(), |id| id.to_string());
    let found = state.db.read(|connection| webhooks::get_webhook(connection, caller.workspace(), &id))?;
    found.ok_or_else(|| ApiProblem::not_found("webhook"))
}

fn check_events(events: Vec<String>) -> Result<Vec<String>, ApiProblem> {
    let is_known = |word: &String| message::TYPES.contains(&word.as_str());
    if !events.is_empty() && events.len() <= message::TYPES.len() && events.iter().all(is_known) {
        return Ok(events);
    }
    Err(ApiProblem::bad(format!("`events` are some of {}", message::TYPES.join(", "))))
}

fn check_filter(filter: Option<String>) -> Result<Option<String>, ApiProblem> {
    const CHARS_MAX: usize = 2_000;
    let filter = filter.filter(|filter| !filter.trim().is_empty());
    if let Some(filter) = &filter {
        if filter.chars().count() > CHARS_MAX {
            return Err(ApiProblem::bad(format!("`filter` has at most {CHARS_MAX} characters")));
        }
        Query::parse(filter).map_err(|error| ApiProblem::query(&error))?;
    }
    Ok(filter)
}

fn check_timeout(text: Option<&str>) -> Result<Option<Duration>, ApiProblem> {
    let Some(text) = text else { return Ok(None) };
    let parsed = duration::parse(text).ok().filter(|time| (TIMEOUT.0..=TIMEOUT.2).contains(time));
    parsed.map(Some).ok_or_else(|| ApiProblem::bad("`timeout` is 1s to 30s"))
}

fn view(state: &State, one: webhooks::Webhook) -> Result<Webhook, ApiProblem> {
    let workspace = &state.hooks.workspace;
    let read = |connection: &_| webhooks::waiting_messages(connection, workspace, Some(&one.id));
    let waiting = state.db.read(read)?;
    Ok(Webhook {
        waiting,
        id: one.id,
        name: one.name,
        url: one.shown,
        events: one.events,
        filter: one.filter,
        scheme: one.scheme,
        public_key: one.public,
        timeout: duration::display(one.timeout),
        state: one.state.to_string(),
        reason: one.reason,
        failures: one.failures,
        error: one.error,
        failed_at: one.failed_at,
        succeeded_at: one.succeeded_at,
        created_by: one.created_by,
        created_at: one.created_at,
        version: one.version,
    })
}
