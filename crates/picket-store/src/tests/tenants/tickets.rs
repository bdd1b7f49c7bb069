//! Tickets of two workspaces. Numbers of the outbox are of the file, so that they are looked up.

use super::{At, Case, LATER, NOW, THEIRS, first, id, shown};
use crate::escalations::QueueError;
use crate::tickets::{self, Action, Line, Place, PlaceState, Seen, State, Told};
use picket_event::Severity;

fn place(mark: &str, number: u64) -> Place {
    Place {
        id: id("tkp", mark, number),
        name: format!("{mark} {number}"),
        kind: "jira".to_owned(),
        settings: serde_json::json!({}),
        takes: vec!["ticket".to_owned()],
        owners: Vec::new(),
        severity: Severity::Low,
        host: "example.com".to_owned(),
        state: PlaceState::Active,
        created_by: "ann".to_owned(),
        created_at: NOW,
        version: 1,
        failures: 0,
        error: None,
        failed_at: None,
        succeeded_at: None,
    }
}

fn line(category: &str) -> Line {
    let owners = vec!["soc-l2".to_owned()];
    Line { category: category.to_owned(), action: Action::Ticket, severity: Severity::Low, owners, changed: None }
}

pub(super) fn fill(at: &mut At<'_, '_>, mark: &str, count: u64) -> Result<(), QueueError> {
    for number in 1..=count {
        tickets::create_place(at.tx, at.whose, &place(mark, number))?;
        let (ticket, place, subject) = (id("tkt", mark, number), id("tkp", mark, number), id("fnd", mark, number));
        tickets::ensure(at.tx, at.whose, (&ticket, &place, &subject), NOW)?;
        tickets::enqueue(at.tx, at.whose, (&ticket, &place, &subject, "open"), NOW)?;
        // One that is open, with nothing left to do.
        let (open, incident) = (id("tkt_open", mark, number), id("inc", mark, number));
        tickets::ensure(at.tx, at.whose, (&open, &place, &incident), NOW)?;
        let told = Told { state: Some(State::Open), look_at: Some(NOW), ..Told::default() };
        tickets::tell(at.tx, at.whose, &open, &told, NOW)?;
    }
    tickets::choose_line(at.tx, at.whose, &line(&format!("of_{mark}")), ("ann", NOW))?;
    Ok(())
}

/// The number of what the other has in the outbox.
fn number(at: &At<'_, '_>) -> i64 {
    let sql = "SELECT id FROM ticket_outbox WHERE ticket = ?1";
    at.connection().query_row(sql, [first("tkt")], |row| row.get(0)).unwrap_or(-1)
}

/// Gives up what the other wants to be done first.
fn buried(at: &mut At<'_, '_>) -> Result<(), QueueError> {
    let number = number(at);
    tickets::bury(at.tx, &super::workspaces()[1].0, number, (NOW, "why"))?;
    Ok(())
}

pub(super) const CASES: &[Case] = &[
    ("tickets::create_place", |at| shown(tickets::create_place(at.tx, at.whose, &place(THEIRS, 9)))),
    ("tickets::change_place", |at| shown(tickets::change_place(at.tx, at.whose, &place(THEIRS, 1), NOW))),
    ("tickets::remove_place", |at| shown(tickets::remove_place(at.tx, at.whose, &first("tkp")))),
    ("tickets::get_place", |at| shown(tickets::get_place(at.connection(), at.whose, &first("tkp")))),
    ("tickets::list_places", |at| shown(tickets::list_places(at.connection(), at.whose))),
    ("tickets::succeeded_at", |at| shown(tickets::succeeded_at(at.tx, at.whose, &first("tkp"), NOW))),
    ("tickets::failed_at", |at| shown(tickets::failed_at(at.tx, at.whose, &first("tkp"), ("why", NOW)))),
    ("tickets::choose_line", |at| shown(tickets::choose_line(at.tx, at.whose, &line("of_theirs"), ("bob", LATER)))),
    ("tickets::reset_line", |at| shown(tickets::reset_line(at.tx, at.whose, "of_theirs"))),
    ("tickets::lines", |at| shown(tickets::lines(at.connection(), at.whose))),
    ("tickets::ensure", |at| {
        let of = (first("tkp"), first("fnd"));
        shown(tickets::ensure(at.tx, at.whose, ("tkt_new", &of.0, &of.1), NOW).map(|(_id, is_new)| is_new))
    }),
    ("tickets::to_look_at", |at| {
        let found = tickets::to_look_at(at.connection(), at.whose, (LATER, &[]), 100);
        shown(found.map(|found| found.into_iter().map(|(_number, ticket)| ticket.id).collect::<Vec<_>>()))
    }),
    ("tickets::look_later", |at| shown(tickets::look_later(at.tx, at.whose, &first("tkp"), LATER))),
    ("tickets::see", |at| {
        let theirs = tickets::get_ticket(at.connection(), &super::workspaces()[1].0, &first("tkt"))?;
        let seen = Seen { state: Some(State::Resolved), ..Seen::default() };
        shown(theirs.map_or(Ok(false), |theirs| tickets::see(at.tx, at.whose, &theirs, &seen, NOW)))
    }),
    ("tickets::tell", |at| {
        let told = Told { state: Some(State::Open), ..Told::default() };
        shown(tickets::tell(at.tx, at.whose, &first("tkt"), &told, NOW))
    }),
    ("tickets::get_ticket", |at| shown(tickets::get_ticket(at.connection(), at.whose, &first("tkt")))),
    ("tickets::tickets_of", |at| shown(tickets::tickets_of(at.connection(), at.whose, &first("fnd")))),
    ("tickets::list_tickets", |at| shown(tickets::list_tickets(at.connection(), at.whose, None, 100))),
    ("tickets::enqueue", |at| {
        let (ticket, place, subject) = (first("tkt"), first("tkp"), first("fnd"));
        shown(tickets::enqueue(at.tx, at.whose, (&ticket, &place, &subject, "open"), NOW))
    }),
    ("tickets::due", |at| {
        let due = tickets::due(at.connection(), at.whose, (LATER, &[]), 100);
        shown(due.map(|due| due.into_iter().map(|one| one.ticket).collect::<Vec<_>>()))
    }),
    ("tickets::next_due", |at| {
        tickets::put_off(at.tx, &super::workspaces()[0].0, 1, (LATER, "why"))?;
        shown(tickets::next_due(at.connection(), at.whose))
    }),
    ("tickets::waiting_of", |at| shown(tickets::waiting_of(at.connection(), at.whose, None))),
    ("tickets::done_with", |at| {
        let number = number(at);
        shown(tickets::done_with(at.tx, at.whose, number))
    }),
    ("tickets::put_off", |at| {
        let number = number(at);
        shown(tickets::put_off(at.tx, at.whose, number, (LATER, "why")))
    }),
    ("tickets::bury", |at| {
        let number = number(at);
        shown(tickets::bury(at.tx, at.whose, number, (LATER, "why")))
    }),
    ("tickets::dead", |at| {
        buried(at)?;
        shown(tickets::dead(at.connection(), at.whose, 100))
    }),
    ("tickets::replay", |at| {
        buried(at)?;
        shown(tickets::replay(at.tx, at.whose, None, NOW))
    }),
];
