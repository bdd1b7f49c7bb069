//! Webhooks of two workspaces.

use super::{At, Case, LATER, NOW, THEIRS, first, id, shown};
use crate::escalations::QueueError;
use crate::webhooks::{self, NewAttempt, Webhook, WebhookState};
use std::time::Duration;

fn webhook(mark: &str, number: u64) -> Webhook {
    Webhook {
        id: id("whk", mark, number),
        name: format!("{mark} {number}"),
        shown: "https://example.com/…".to_owned(),
        host: "example.com".to_owned(),
        events: vec!["finding.created".to_owned()],
        filter: None,
        scheme: "v1".to_owned(),
        public: None,
        timeout: Duration::from_secs(10),
        state: WebhookState::Active,
        reason: None,
        created_by: "ann".to_owned(),
        created_at: NOW,
        version: 1,
        failures: 0,
        error: None,
        failed_at: None,
        succeeded_at: None,
    }
}

fn attempt(message: &str) -> NewAttempt<'_> {
    NewAttempt {
        message,
        kind: "finding.created",
        position: 7,
        attempt: 1,
        took: Duration::from_millis(3),
        status: Some(200),
        outcome: "delivered",
        error: None,
    }
}

pub(super) fn fill(at: &mut At<'_, '_>, mark: &str, count: u64) -> Result<(), QueueError> {
    for number in 1..=count {
        webhooks::create_webhook(at.tx, at.whose, &webhook(mark, number))?;
        let (webhook, message) = (id("whk", mark, number), id("msg", mark, number));
        webhooks::queue_message(at.tx, at.whose, (&webhook, &message), ("finding.created", number), NOW)?;
        webhooks::record_attempt(at.tx, at.whose, &webhook, &attempt(&message), NOW)?;
    }
    Ok(())
}

/// The number of a message of the other.
fn number(at: &At<'_, '_>) -> i64 {
    let sql = "SELECT id FROM webhook_message WHERE message = ?1";
    at.connection().query_row(sql, [first("msg")], |row| row.get(0)).unwrap_or(-1)
}

pub(super) const CASES: &[Case] = &[
    ("webhooks::create_webhook", |at| shown(webhooks::create_webhook(at.tx, at.whose, &webhook(THEIRS, 9)))),
    ("webhooks::change_webhook", |at| shown(webhooks::change_webhook(at.tx, at.whose, &webhook(THEIRS, 1)))),
    ("webhooks::disable", |at| shown(webhooks::disable(at.tx, at.whose, &first("whk"), "why"))),
    ("webhooks::remove_webhook", |at| shown(webhooks::remove_webhook(at.tx, at.whose, &first("whk")))),
    ("webhooks::get_webhook", |at| shown(webhooks::get_webhook(at.connection(), at.whose, &first("whk")))),
    ("webhooks::list_webhooks", |at| shown(webhooks::list_webhooks(at.connection(), at.whose))),
    ("webhooks::told_success", |at| shown(webhooks::told_success(at.tx, at.whose, &first("whk"), NOW))),
    ("webhooks::told_failure", |at| {
        shown(webhooks::told_failure(at.tx, at.whose, &first("whk"), ("why", NOW), Some(LATER)))
    }),
    ("webhooks::queue_message", |at| {
        let (webhook, message) = (first("whk"), first("msg"));
        shown(webhooks::queue_message(at.tx, at.whose, (&webhook, &message), ("finding.created", 9), NOW))
    }),
    ("webhooks::due_messages", |at| {
        let due = webhooks::due_messages(at.connection(), at.whose, LATER, (&[], &[]), 100);
        shown(due.map(|due| due.into_iter().map(|one| one.message).collect::<Vec<_>>()))
    }),
    ("webhooks::waiting_messages", |at| shown(webhooks::waiting_messages(at.connection(), at.whose, None))),
    ("webhooks::sent", |at| {
        let number = number(at);
        shown(webhooks::sent(at.tx, at.whose, number))
    }),
    ("webhooks::try_again", |at| {
        let number = number(at);
        shown(webhooks::try_again(at.tx, at.whose, number, LATER))
    }),
    ("webhooks::record_attempt", |at| {
        let (webhook, message) = (first("whk"), first("msg"));
        shown(webhooks::record_attempt(at.tx, at.whose, &webhook, &attempt(&message), NOW))
    }),
    ("webhooks::attempts", |at| {
        let all = webhooks::attempts(at.connection(), at.whose, &first("whk"), 100);
        shown(all.map(|all| all.into_iter().map(|one| one.message).collect::<Vec<_>>()))
    }),
    ("webhooks::newest_attempt", |at| {
        let found = webhooks::newest_attempt(at.connection(), at.whose, (&first("whk"), &first("msg")));
        shown(found.map(|found| found.map(|one| one.message)))
    }),
    ("webhooks::forget_attempts", |at| shown(webhooks::forget_attempts(at.tx, at.whose, LATER, 100))),
];
