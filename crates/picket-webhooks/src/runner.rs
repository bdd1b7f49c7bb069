//! Messages that are due are sent: some at a time, few to one webhook, and again by the schedule.

use crate::herald::give_up;
use crate::hooks::{Exchange, Hooks};
use crate::verdict::{Verdict, verdict, wait};
use picket_db::{Lane, Ticket, Tx};
use picket_log::AppendError;
use picket_pipeline::{ConsumeError, Due, Outbox, PoolSettings, UnderWay};
use picket_render::message;
use picket_stdx::error_chain;
use picket_store::webhooks::{self, Message, NewAttempt, Webhook};
use std::time::Duration;

/// Messages under way at a time, and to one webhook.
pub const POOL: PoolSettings = PoolSettings { at_a_time: 32, per_lane: 4, idle: Duration::from_millis(250) };

/// Sends what waits.
#[derive(Debug)]
pub struct Runner(pub Hooks);

/// A message with whom it is for.
#[derive(Debug)]
pub struct Errand {
    message: Message,
    webhook: Webhook,
}

/// How a try ended, before it is written down.
enum Ended {
    /// The event is no longer kept.
    Nothing,
    Tried(Exchange),
    /// It could not even be tried.
    Unready(String),
}

impl Outbox for Runner {
    type Row = Errand;

    fn due(&self, under_way: &UnderWay, limit: usize) -> Result<Vec<Due<Errand>>, ConsumeError> {
        let (hooks, now) = (&self.0, self.0.log.clock().now());
        let ids: Vec<i64> = under_way.ids.iter().copied().collect();
        let read = |connection: &rusqlite::Connection| {
            let limit = u64::try_from(limit).unwrap_or(u64::MAX);
            let due = webhooks::due_messages(connection, &hooks.workspace, now, (&under_way.full(), &ids), limit)?;
            let mut all = Vec::with_capacity(due.len());
            for message in due {
                let found = webhooks::get_webhook(connection, &hooks.workspace, &message.webhook)?;
                let Some(webhook) = found else { continue };
                all.push(Due { id: message.id, lane: message.webhook.clone(), row: Errand { message, webhook } });
            }
            Ok::<_, rusqlite::Error>(all)
        };
        hooks.db.read(read).map_err(|error| error.to_string().into())
    }

    async fn carry_out(&self, Errand { message, webhook }: Errand) {
        let ended = self.attempt(&message, &webhook).await;
        let (hooks, id) = (self.0.clone(), message.id);
        let ticket: Ticket<(), AppendError> = hooks
            .db
            .clone()
            .write(Lane::Consumer, "webhooks.sent", move |tx| note(&hooks, tx, (&message, &webhook), &ended));
        if let Err(error) = ticket.await {
            tracing::error!(row = id, error = %error_chain(&error), "how a webhook went could not be written down; it is sent again");
        }
    }
}

impl Runner {
    async fn attempt(&self, message: &Message, webhook: &Webhook) -> Ended {
        let hooks = &self.0;
        let logged = match hooks.log.batch(message.position, 1) {
            Ok(batch) => batch.into_iter().find(|logged| logged.position == message.position),
            Err(error) => return Ended::Unready(error_chain(&error)),
        };
        let Some(event) = logged.as_ref().and_then(|logged| logged.event.as_deref()) else { return Ended::Nothing };
        let opened = hooks.db.read(|connection| Ok::<_, rusqlite::Error>(hooks.open(connection, webhook)));
        let sealed = match opened {
            Ok(Ok(sealed)) => sealed,
            Ok(Err(misfit)) => return Ended::Unready(misfit.0),
            Err(error) => return Ended::Unready(error.to_string()),
        };
        let body = message::message(&message.kind, event);
        Ended::Tried(hooks.send(&sealed, (&message.message, &message.kind), body, webhook.timeout).await)
    }
}

/// Writes down how a try went.
fn note(
    hooks: &Hooks,
    tx: &mut Tx<'_>,
    (message, webhook): (&Message, &Webhook),
    ended: &Ended,
) -> Result<(), AppendError> {
    let (workspace, now) = (&hooks.workspace, hooks.log.clock().now());
    let (verdict, error, status, took) = match ended {
        Ended::Nothing => {
            let error = "the event is no longer kept";
            record(hooks, tx, (message, webhook), ("gone", Some(error)), (None, Duration::ZERO))?;
            webhooks::sent(tx, workspace, message.id)?;
            return Ok(());
        }
        Ended::Unready(why) => (Verdict::Failed(None), why.clone(), None, Duration::ZERO),
        Ended::Tried(exchange) => {
            let verdict = exchange.answer.as_ref().map_or(Verdict::Failed(None), verdict);
            (verdict, exchange.excerpt(), exchange.status(), exchange.took)
        }
    };
    if verdict == Verdict::Delivered {
        record(hooks, tx, (message, webhook), ("delivered", None), (status, took))?;
        webhooks::sent(tx, workspace, message.id)?;
        return Ok(webhooks::told_success(tx, workspace, &webhook.id, now)?);
    }
    let error = match status {
        Some(status) if error.is_empty() => format!("the answer was {status}"),
        Some(status) => format!("the answer was {status}: {error}"),
        None => error,
    };
    let throttled = if let Verdict::Throttled(after) = verdict { Some(now.plus(after)) } else { None };
    webhooks::told_failure(tx, workspace, &webhook.id, (&error, now), throttled)?;
    let next = wait(message.attempts + 1).filter(|_wait| verdict != Verdict::Gone);
    let outcome = if next.is_some() { "retried" } else { "failed" };
    record(hooks, tx, (message, webhook), (outcome, Some(&error)), (status, took))?;
    match next {
        Some(wait) => {
            let asked = match verdict {
                Verdict::Throttled(after) => after,
                Verdict::Failed(after) => after.unwrap_or_default(),
                Verdict::Delivered | Verdict::Gone => Duration::ZERO,
            };
            webhooks::try_again(tx, workspace, message.id, now.plus(wait.max(asked)))?;
        }
        None => {
            webhooks::sent(tx, workspace, message.id)?;
        }
    }
    if verdict == Verdict::Gone {
        return give_up(hooks, tx, webhook, "the receiver answered 410: it wants no more");
    }
    // Three days of failures, and nothing taken in between: nobody listens there.
    let is_dead = next.is_none() && webhook.succeeded_at.is_none_or(|at| at < message.created_at);
    if is_dead { give_up(hooks, tx, webhook, &format!("nothing was taken for three days: {error}")) } else { Ok(()) }
}

fn record(
    hooks: &Hooks,
    tx: &mut Tx<'_>,
    (message, webhook): (&Message, &Webhook),
    (outcome, error): (&str, Option<&str>),
    (status, took): (Option<u16>, Duration),
) -> Result<(), AppendError> {
    let new = NewAttempt {
        message: &message.message,
        kind: &message.kind,
        position: message.position,
        attempt: message.attempts + 1,
        took,
        status,
        outcome,
        error,
    };
    let now = hooks.log.clock().now();
    Ok(webhooks::record_attempt(tx, &hooks.workspace, &webhook.id, &new, now)?)
}
