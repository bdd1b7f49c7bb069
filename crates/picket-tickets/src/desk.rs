//! What the clerk, the courier and the API share: the store, the way out, and what is made of findings and incidents.

use crate::exchange::{Failed, Remote, Then};
use crate::network::Network;
use crate::notice::{Act, Notice};
use crate::runbook::Runbook;
use crate::{Credentials, Kind};
use picket_db::{Db, Tx};
use picket_event::{Category, Decision, Event, EventType, Severity, Workspace};
use picket_log::{AppendError, EventLog};
use picket_pipeline::Bell;
use picket_stdx::Timestamp;
use picket_store::detection::findings;
use picket_store::incidents;
use picket_store::sealed::{Secrets, Vault};
use picket_store::tickets::Place;
use rusqlite::Connection;
use zeroize::Zeroizing;

/// Tickets of a workspace. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Desk {
    /// Database.
    pub db: Db,
    /// The workspace's log.
    pub log: EventLog,
    /// The workspace.
    pub workspace: Workspace,
    /// Credentials of places.
    pub vault: Vault,
    /// The way out.
    pub network: Network,
    /// Where findings and incidents are shown to people, if the operator said so: a URL before which their ids are put.
    pub console: Option<String>,
    /// Rings when something is to be done.
    pub bell: Bell,
}

/// How trying a place went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// What was done.
    pub act: Act,
    /// What the place said.
    pub said: Result<Remote, Failed>,
}

/// What became of a ticket.
#[derive(Debug)]
pub(crate) struct Record<'a> {
    pub(crate) event_type: &'static str,
    pub(crate) ticket: &'a str,
    /// What it is about.
    pub(crate) subject: &'a str,
    pub(crate) reason: String,
    pub(crate) is_failure: bool,
}

impl Desk {
    /// What speaks to a place, and with which credentials.
    pub(crate) fn unlock(&self, place: &Place) -> Result<(Kind, Credentials), Failed> {
        let kind =
            Kind::parse(&place.kind, &place.settings).map_err(|problem| Failed::new(Then::Settings, problem.0))?;
        let credentials = self
            .db
            .read(|connection| Ok::<_, rusqlite::Error>(self.credentials(connection, place)))
            .map_err(|error| Failed::new(Then::Retry, error.to_string()))?
            .map_err(|why| Failed::new(Then::Auth, why))?;
        kind.check_credentials(&credentials).map_err(|problem| Failed::new(Then::Auth, problem.0))?;
        Ok((kind, credentials))
    }

    /// Tells in the log what became of a ticket.
    pub(crate) fn record(&self, tx: &mut Tx<'_>, what: Record<'_>) -> Result<(), AppendError> {
        let mut event = Event::new(EventType::of(what.event_type), self.workspace.as_str(), self.log.clock().now());
        event.severity = if what.is_failure { Severity::Medium } else { Severity::Info };
        event.decision = if what.is_failure { Decision::Error } else { Decision::Allowed };
        event.target = Some(format!("ticket:{}", what.ticket));
        event.incident_id = what.subject.starts_with("inc_").then(|| what.subject.to_owned());
        event.reason = Some(what.reason);
        self.log.append_in(tx, self.log.prepare(event, &[])).map(drop)
    }

    /// Credentials of a place, for the host that they were entered for.
    pub fn credentials(&self, connection: &Connection, place: &Place) -> Result<Credentials, String> {
        let now = self.log.clock().now();
        let opened = self.vault.open(connection, &self.workspace, (&place.id, &place.host), now);
        let newest = opened.map_err(|error| error.to_string())?.into_iter().next();
        let secrets = newest.map(|(_, secrets)| secrets).unwrap_or_default();
        let values = secrets.iter().filter_map(|(name, value)| {
            Some((name.to_owned(), Zeroizing::new(std::str::from_utf8(value).ok()?.to_owned())))
        });
        Ok(Credentials::new(values))
    }

    /// What a ticket about something says now; nothing if it is no longer kept.
    pub fn notice(
        &self,
        connection: &Connection,
        subject: &str,
        number: u64,
    ) -> Result<Option<Notice>, rusqlite::Error> {
        let runbook = Runbook::read(connection, &self.workspace)?;
        let notice = if subject.starts_with("inc_") {
            incidents::get(connection, &self.workspace, subject)?.map(|one| of_incident(&runbook, one))
        } else {
            findings::get(connection, &self.workspace, subject)?.map(|one| of_finding(&runbook, one))
        };
        Ok(notice.map(|notice| Notice {
            workspace: self.workspace.as_str().to_owned(),
            link: self.link(notice.noun, subject),
            number,
            ..notice
        }))
    }

    fn link(&self, noun: &str, subject: &str) -> Option<String> {
        let console = self.console.as_ref()?.trim_end_matches('/');
        Some(format!("{console}/{}s/{subject}", noun.to_lowercase()))
    }

    /// Opens a ticket in a place that says that it is a test, and resolves it.
    pub async fn try_out(&self, kind: &Kind, credentials: &Credentials, now: Timestamp) -> Vec<Tried> {
        let id = picket_event::TicketId::new(now);
        let notice = Notice {
            subject: format!("test_{id}"),
            noun: "Test",
            title: "Test of Picket: nothing has happened".to_owned(),
            severity: Severity::Info,
            category: None,
            status: "open".to_owned(),
            owners: Vec::new(),
            reason: "Somebody tries whether tickets arrive here. It resolves itself.".to_owned(),
            facts: Vec::new(),
            link: None,
            at: now,
            workspace: self.workspace.as_str().to_owned(),
            number: 1,
        };
        let mut all = Vec::new();
        for act in [Act::Open, Act::Resolve] {
            let said = kind.carry_out(credentials, act, &notice, &self.network).await;
            let is_over = said.is_err();
            all.push(Tried { act, said });
            if is_over {
                break;
            }
        }
        all
    }
}

/// Credentials as the vault takes them.
pub fn secrets_of(credentials: &Credentials) -> Secrets {
    let mut secrets = Secrets::default();
    for (name, value) in credentials.iter() {
        secrets.set(name, Zeroizing::new(value.as_bytes().to_vec()));
    }
    secrets
}

fn of_finding(runbook: &Runbook, one: findings::Finding) -> Notice {
    let mut facts = vec![
        ("Entity", format!("{} {}", one.entity_kind, one.entity)),
        ("Rule", one.rule.clone()),
        ("Times", one.hits.to_string()),
    ];
    facts.extend(one.details.frameworks.atlas.first().map(|id| ("ATLAS", id.clone())));
    facts.extend(one.verdict.map(|verdict| ("Verdict", verdict.to_string())));
    Notice {
        subject: one.id,
        noun: "Finding",
        title: one.details.title,
        severity: one.severity,
        category: one.category,
        status: one.status.to_string(),
        owners: runbook.owners(one.category),
        reason: one.details.reason,
        facts,
        link: None,
        at: one.created_at,
        workspace: String::new(),
        number: 0,
    }
}

fn of_incident(runbook: &Runbook, one: incidents::Incident) -> Notice {
    let category: Option<Category> = one.category.as_deref().and_then(|word| word.parse().ok());
    let mut facts = Vec::new();
    facts.extend(one.entity.map(|(kind, name)| ("Entity", format!("{kind} {name}"))));
    facts.extend(one.finding.map(|id| ("Finding", id)));
    facts.extend(one.escalation.map(|id| ("Escalation", id)));
    facts.push(("Opened by", one.created_by));
    facts.extend(one.verdict.map(|verdict| ("Verdict", verdict)));
    Notice {
        subject: one.id,
        noun: "Incident",
        reason: format!("{}: {}", one.kind.replace('_', " "), one.title),
        title: one.title,
        severity: one.severity.parse().unwrap_or(Severity::Medium),
        category,
        status: one.status,
        owners: runbook.owners(category),
        facts,
        link: None,
        at: one.created_at,
        workspace: String::new(),
        number: 0,
    }
}
