//! A server that loses a node while it is sent to, and what the product does about it: what is answered with retry is sent
//! again, after waits.

use crate::{Failure, Place, say, send};
use picket_event::Event;
use picket_receivers::{ItemOutcome, Outcome, Receiver};
use std::process::Command;
use std::time::{Duration, Instant};

/// Events of a request.
const PART: usize = 100;
/// The first wait; each is twice as long as the one before. The dispatcher's own.
const WAIT: Duration = Duration::from_millis(250);
/// How long one request may take to be taken, with all of its waits.
const TAKEN_WITHIN: Duration = Duration::from_secs(180);

/// What becomes of a node.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    /// It is gone, and its connections are reset.
    Killed,
    /// It keeps its connections, and does nothing any more.
    Hung,
}

impl Fault {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::Hung => "hung",
        }
    }

    fn strike(self, pid: &str) -> bool {
        let signal = match self {
            Self::Killed => "-KILL",
            Self::Hung => "-STOP",
        };
        Command::new("kill").args([signal, pid]).status().is_ok_and(|status| status.success())
    }

    /// Whether the process is what it was made, by what the kernel says.
    pub(crate) fn holds(self, pid: &str) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next());
        match self {
            // A process that nobody waits for stays as a zombie.
            Self::Killed => matches!(state, None | Some('Z' | 'X')),
            Self::Hung => state == Some('T'),
        }
    }
}

/// What it took.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    /// Events of requests that were sent again, once for each time.
    pub(crate) again: usize,
    /// The longest that a request took to be taken, with its waits.
    pub(crate) longest: Duration,
}

/// Sends all, and strikes a node while the request in the middle is under way. All has to be taken in the end.
pub(crate) async fn carry(receiver: &Receiver, events: &[Event], fault: Fault, pid: &str) -> Result<Carried, Failure> {
    let middle = events.len() / PART / 2;
    let mut carried = Carried::default();
    let mut requests = 0;
    for (at, part) in events.chunks(PART).enumerate() {
        let begun = Instant::now();
        let mut left = part.to_vec();
        let mut wait = WAIT;
        let mut is_due = at == middle;
        while !left.is_empty() {
            requests += 1;
            let answers = if std::mem::take(&mut is_due) {
                let pid = pid.to_owned();
                let strike = tokio::task::spawn_blocking(move || fault.strike(&pid));
                let (answers, struck) = tokio::join!(send(receiver, &left), strike);
                if !struck? {
                    return Err("the node could not be struck".into());
                }
                answers?
            } else {
                send(receiver, &left).await?
            };
            let [answer] = answers.as_slice() else { return Err("more than one request".into()) };
            left = unsettled(left, &answer.outcome).ok_or_else(|| format!("refused: {answer:?}"))?;
            if !left.is_empty() {
                say(&format!("        {} of request {at} again: {}", left.len(), answer.excerpt))?;
                carried.again += left.len();
                if begun.elapsed() > TAKEN_WITHIN {
                    return Err(format!("not taken: {answer:?}").into());
                }
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
        }
        carried.longest = carried.longest.max(begun.elapsed());
    }
    say(&format!(
        "{} events in {requests} requests, the node {} in the middle: {} sent again, at most {:.1} s for a request",
        events.len(),
        fault.word(),
        carried.again,
        carried.longest.as_secs_f64()
    ))?;
    Ok(carried)
}

/// What has to be sent again; none, if something was refused.
fn unsettled(events: Vec<Event>, outcome: &Outcome) -> Option<Vec<Event>> {
    match outcome {
        Outcome::Ack => Some(Vec::new()),
        Outcome::Retry => Some(events),
        Outcome::Items(items) if !items.iter().any(|item| matches!(item, ItemOutcome::Reject { .. })) => {
            let settled = items.iter().map(|item| *item == ItemOutcome::Ack);
            Some(
                events.into_iter().zip(settled).filter(|(_, is_settled)| !is_settled).map(|(event, _)| event).collect(),
            )
        }
        _ => None,
    }
}

/// The process of a node, by its number.
pub(crate) fn process<'a>(place: &'a Place, node: &str) -> Result<&'a str, Failure> {
    place.get(&format!("PID_{node}"))
}
