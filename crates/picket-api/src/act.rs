//! Administrative acts: the effect and its audit entry in one transaction, or neither.

use crate::auth::Caller;
use crate::problem::ApiProblem;
use crate::state::State;
use picket_db::{Lane, Tx, WriteError};
use picket_event::{Event, EventType};
use picket_log::AppendError;

/// What an act was about, for its event.
pub(crate) struct About {
    pub(crate) event_type: EventType,
    pub(crate) target: String,
    pub(crate) reason: Option<String>,
}

/// Why an act was undone.
#[derive(Debug)]
pub(crate) enum Undone {
    /// It may not be, and why.
    Refused(ApiProblem),
    /// It could not be recorded.
    Failed(AppendError),
}

impl From<AppendError> for Undone {
    fn from(error: AppendError) -> Self {
        Self::Failed(error)
    }
}

impl From<rusqlite::Error> for Undone {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(AppendError::Database(error))
    }
}

impl State {
    /// Runs `effect` and records it; blocks until both are durable.
    pub(crate) fn act<T: Send + 'static>(
        &self,
        caller: &Caller,
        name: &'static str,
        effect: impl FnOnce(&mut Tx<'_>) -> Result<(T, About), AppendError> + Send + 'static,
    ) -> Result<T, ApiProblem> {
        self.act_or(caller, name, move |tx| effect(tx).map_err(Undone::Failed))
    }

    /// Runs `effect` and records it, unless it is refused, which leaves nothing behind.
    pub(crate) fn act_or<T: Send + 'static>(
        &self,
        caller: &Caller,
        name: &'static str,
        effect: impl FnOnce(&mut Tx<'_>) -> Result<(T, About), Undone> + Send + 'static,
    ) -> Result<T, ApiProblem> {
        self.record(caller, name, move |tx| effect(tx).map(|(done, about)| (done, Some(about))))
    }

    /// Runs `effect` and records it if it changed something; whether it did.
    pub(crate) fn act_if(
        &self,
        caller: &Caller,
        name: &'static str,
        effect: impl FnOnce(&mut Tx<'_>) -> Result<Option<About>, AppendError> + Send + 'static,
    ) -> Result<bool, ApiProblem> {
        self.record(caller, name, move |tx| Ok(effect(tx).map(|about| (about.is_some(), about))?))
    }

    /// Runs `effect` and records it if it made something; what it made.
    pub(crate) fn act_if_some<T: Send + 'static>(
        &self,
        caller: &Caller,
        name: &'static str,
        effect: impl FnOnce(&mut Tx<'_>) -> Result<Option<(T, About)>, AppendError> + Send + 'static,
    ) -> Result<Option<T>, ApiProblem> {
        self.record(caller, name, move |tx| Ok(effect(tx).map(Option::unzip)?))
    }

    fn record<T: Send + 'static>(
        &self,
        caller: &Caller,
        name: &'static str,
        effect: impl FnOnce(&mut Tx<'_>) -> Result<(T, Option<About>), Undone> + Send + 'static,
    ) -> Result<T, ApiProblem> {
        let (log, workspace, actor) = (self.log.clone(), caller.workspace().clone(), caller.id().to_owned());
        let ticket = self.db.write(Lane::Admin, name, move |tx| {
            let (done, about) = effect(tx)?;
            if let Some(about) = about {
                let mut event = Event::new(about.event_type, workspace.as_str(), log.clock().now());
                event.actor = Some(actor);
                event.target = Some(about.target);
                event.reason = about.reason;
                log.append_in(tx, log.prepare(event, &[]))?;
            }
            Ok::<_, Undone>(done)
        });
        ticket.wait().map_err(|error| match error {
            WriteError::Job(Undone::Refused(problem)) => problem,
            other => ApiProblem::write(&other.map(|undone| match undone {
                Undone::Failed(error) => error,
                Undone::Refused(_) => AppendError::Database(rusqlite::Error::QueryReturnedNoRows),
            })),
        })
    }
}
