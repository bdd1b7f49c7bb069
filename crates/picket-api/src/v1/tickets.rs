//! Tickets elsewhere: what there is, what failed, and the runbook that opens them.

use super::parameters::Parameters;
use crate::act::{About, Undone};
use crate::auth::Caller;
use crate::extract::{Json, Path};
use crate::problem::ApiProblem;
use crate::state::State;
use axum::extract::State as Shared;
use picket_api_types::{ChangeRunbookLine, DeadTicket, ReplayTickets, Replayed, RunbookLine, Ticket};
use picket_event::{Category, EventType, TicketId, Workspace};
use picket_store::tickets::{self, Action, Line, State as TicketState};
use picket_tickets::{OTHER, Runbook};
use rusqlite::Connection;

/// Parameters of the list.
pub(crate) const NAMES: &[&str] = &["state", "limit"];
/// Parameters of the list of dead letters.
pub(crate) const DEAD: &[&str] = &["limit"];
/// Tickets of one list, and when nobody says.
const LIMIT: (u64, u64) = (1_000, 100);
/// Owners of a line, and characters of one.
const OWNERS_MAX: usize = 16;
const OWNER_CHARS_MAX: usize = 64;

pub(crate) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Vec<Ticket>>, ApiProblem> {
    parameters.only(&[NAMES])?;
    let words = "`state` is opening, open, acknowledged, resolved or failed";
    let wanted: Option<TicketState> =
        parameters.get("state").map(str::parse).transpose().map_err(|()| ApiProblem::bad(words))?;
    let limit = parameters.number("limit")?.unwrap_or(LIMIT.1).min(LIMIT.0);
    let found = state.blocking(move |state| {
        Ok(state.db.read(|connection| {
            let found = tickets::list_tickets(connection, caller.workspace(), wanted, limit)?;
            named(connection, caller.workspace(), found)
        })?)
    });
    found.await.map(Json)
}

pub(crate) async fn get(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Ticket>, ApiProblem> {
    let id = id.parse::<TicketId>().map_or(id, |id| id.to_string());
    let found = state.blocking(move |state| {
        let found = state.db.read(|connection| {
            let found = tickets::get_ticket(connection, caller.workspace(), &id)?;
            named(connection, caller.workspace(), found.into_iter().collect())
        })?;
        found.into_iter().next().ok_or_else(|| ApiProblem::not_found("ticket"))
    });
    found.await.map(Json)
}

/// The tickets about something.
pub(super) fn about(
    connection: &Connection,
    workspace: &Workspace,
    subject: &str,
) -> Result<Vec<Ticket>, rusqlite::Error> {
    let found = tickets::tickets_of(connection, workspace, subject)?;
    if found.is_empty() { Ok(Vec::new()) } else { named(connection, workspace, found) }
}

/// Tickets with the names of their places.
fn named(
    connection: &Connection,
    workspace: &Workspace,
    found: Vec<tickets::Ticket>,
) -> Result<Vec<Ticket>, rusqlite::Error> {
    let places = tickets::list_places(connection, workspace)?;
    let view = |one: tickets::Ticket| Ticket {
        id: one.id,
        subject: one.subject,
        state: one.state.to_string(),
        place: places.iter().find(|place| place.id == one.place).map(|place| place.name.clone()),
        place_id: one.place,
        key: one.remote_key,
        url: one.url,
        remote_state: one.remote_state,
        seen_at: one.seen_at,
        error: one.error,
        created_at: one.created_at,
        changed_at: one.changed_at,
    };
    Ok(found.into_iter().map(view).collect())
}

pub(crate) async fn dead(
    Shared(state): Shared<State>,
    caller: Caller,
    parameters: Parameters,
) -> Result<Json<Vec<DeadTicket>>, ApiProblem> {
    parameters.only(&[DEAD])?;
    let limit = parameters.number("limit")?.unwrap_or(LIMIT.1).min(LIMIT.0);
    let found = state.blocking(move |state| {
        let found = state.db.read(|connection| tickets::dead(connection, caller.workspace(), limit))?;
        let view = |one: tickets::Dead| DeadTicket {
            ticket_id: one.was.ticket,
            place_id: one.was.place,
            subject: one.was.subject,
            act: one.was.act,
            attempts: one.was.attempts,
            error: one.error,
            created_at: one.created_at,
            dead_at: one.dead_at,
        };
        Ok(found.into_iter().map(view).collect())
    });
    found.await.map(Json)
}

pub(crate) async fn replay(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(wanted): Json<ReplayTickets>,
) -> Result<Json<Replayed>, ApiProblem> {
    let done = state.blocking(move |state| {
        let (desk, workspace) = (state.desk.clone(), caller.workspace().clone());
        if let Some(id) = &wanted.ticket_id {
            let found = state.db.read(|connection| tickets::get_ticket(connection, &workspace, id))?;
            found.ok_or_else(|| ApiProblem::not_found("ticket"))?;
        }
        let count = state.act(&caller, "tickets.replay", move |tx| {
            let now = desk.log.clock().now();
            let count = tickets::replay(tx, &workspace, wanted.ticket_id.as_deref(), now)?;
            let bell = desk.bell.clone();
            tx.on_commit(move || bell.ring());
            let target = wanted.ticket_id.map_or_else(|| "tickets".to_owned(), |id| format!("ticket:{id}"));
            let reason = Some(format!("{count} are tried anew"));
            Ok((count, About { event_type: EventType::of("ticket.replayed"), target, reason }))
        })?;
        Ok(Replayed { count: u64::try_from(count).unwrap_or(u64::MAX) })
    });
    done.await.map(Json)
}

pub(crate) async fn runbook(
    Shared(state): Shared<State>,
    caller: Caller,
) -> Result<Json<Vec<RunbookLine>>, ApiProblem> {
    let found = state.blocking(move |state| {
        let runbook = state.db.read(|connection| Runbook::read(connection, caller.workspace()))?;
        Ok(runbook.lines().iter().cloned().map(line_view).collect())
    });
    found.await.map(Json)
}

pub(crate) async fn choose(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(category): Path<String>,
    Json(wanted): Json<ChangeRunbookLine>,
) -> Result<Json<RunbookLine>, ApiProblem> {
    let category = line_of(&category)?;
    let action: Option<Action> = wanted
        .action
        .as_deref()
        .map(|word| word.parse().map_err(|error| ApiProblem::bad(format!("`action`: {error}"))))
        .transpose()?;
    let owners = wanted.owners.map(check_owners).transpose()?;
    let done = state.blocking(move |state| {
        let (workspace, by, now) = (caller.workspace().clone(), caller.name(), state.log.clock().now());
        state.act(&caller, "tickets.choose_line", move |tx| {
            let runbook = Runbook::read(tx.connection(), &workspace)?;
            let before = runbook.line(category);
            let mut line = before.cloned().unwrap_or_else(|| picket_tickets::usual(category));
            line.action = action.unwrap_or(line.action);
            line.severity = wanted.severity.unwrap_or(line.severity);
            line.owners = owners.unwrap_or(line.owners);
            line.changed = Some((by.clone(), now));
            tickets::choose_line(tx, &workspace, &line, (&by, now))?;
            let reason = Some(format!("{} from severity {} on", line.action, line.severity));
            let target = format!("runbook:{}", line.category);
            Ok((line_view(line), About { event_type: EventType::of("ticket.runbook_changed"), target, reason }))
        })
    });
    done.await.map(Json)
}

pub(crate) async fn reset(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(category): Path<String>,
) -> Result<Json<RunbookLine>, ApiProblem> {
    let category = line_of(&category)?;
    let done = state.blocking(move |state| {
        let workspace = caller.workspace().clone();
        let line = picket_tickets::usual(category);
        let name = line.category.clone();
        state.act_or(&caller, "tickets.reset_line", move |tx| {
            if !tickets::reset_line(tx, &workspace, &name)? {
                return Err(Undone::Refused(ApiProblem::conflict("nothing else than the usual was decided")));
            }
            let target = format!("runbook:{name}");
            let reason = Some("back to the usual".to_owned());
            Ok(((), About { event_type: EventType::of("ticket.runbook_changed"), target, reason }))
        })?;
        Ok(line_view(line))
    });
    done.await.map(Json)
}

fn line_of(word: &str) -> Result<Option<Category>, ApiProblem> {
    if word == OTHER {
        return Ok(None);
    }
    let parsed = word.replace('-', "_").parse().map(Some);
    parsed.map_err(|_error| ApiProblem::not_found("line; they are the categories of the taxonomy, and `other`"))
}

pub(super) fn check_owners(owners: Vec<String>) -> Result<Vec<String>, ApiProblem> {
    let fits = |owner: &String| {
        (1..=OWNER_CHARS_MAX).contains(&owner.chars().count()) && picket_stdx::escape::terminal(owner) == *owner
    };
    if owners.len() <= OWNERS_MAX && owners.iter().all(fits) {
        return Ok(owners);
    }
    Err(ApiProblem::bad(format!("`owners` are at most {OWNERS_MAX} words of 1 to {OWNER_CHARS_MAX} characters")))
}

fn line_view(line: Line) -> RunbookLine {
    let (changed_by, changed_at) = line.changed.unzip();
    RunbookLine {
        category: line.category,
        action: line.action.to_string(),
        severity: line.severity,
        owners: line.owners,
        changed_by,
        changed_at,
    }
}
