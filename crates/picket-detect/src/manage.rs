//! What people do with findings and rules: each change and its event are one transaction.

use crate::Detection;
use crate::settle::SUPPRESSIONS_MAX;
use picket_db::{Lane, Ticket, Tx, WriteError};
use picket_event::{Event, EventType, Severity, SuppressionId};
use picket_log::AppendError;
use picket_stdx::{Timestamp, duration};
use picket_store::detection::findings::{self, Finding, Note, Status, Verdict};
use picket_store::detection::rules::{self, Choice, RuleState};
use picket_store::detection::suppressions::{self, Suppression};
use std::time::Duration;

/// How long a suppression lasts when nobody says.
pub const SUPPRESSION_LIFE: Duration = Duration::from_secs(7 * 86_400);
/// The longest: what is to be silent for ever is a change of the rule.
pub const SUPPRESSION_LIFE_MAX: Duration = Duration::from_secs(90 * 86_400);
/// The shortest.
const SUPPRESSION_LIFE_MIN: Duration = Duration::from_secs(60);
/// Characters of a reason or note.
const TEXT_CHARS_MAX: usize = 2_000;
/// Notes of a finding.
const NOTES_MAX: usize = 200;

/// How a finding is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseFinding {
    /// What it turned out to be.
    pub verdict: Verdict,
    /// What is said with it.
    pub note: Option<String>,
    /// So long the rule says nothing more of that entity.
    pub suppress: Option<Duration>,
}

/// A suppression that is wanted. It names a rule, an entity, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSuppression {
    /// The rule.
    pub rule: Option<String>,
    /// What the entity is, and its name.
    pub entity: Option<(String, String)>,
    /// Why.
    pub reason: String,
    /// How long.
    pub lasts: Duration,
}

/// Something did not happen.
#[derive(Debug, thiserror::Error)]
pub enum DetectError {
    /// There is none of that name.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// It stands elsewhere.
    #[error("it is {0} already")]
    Stands(&'static str),
    /// What was wanted makes no sense.
    #[error("{0}")]
    Misfit(String),
    /// It could not be recorded, so it did not happen.
    #[error("it could not be recorded")]
    Record(#[from] AppendError),
}

impl From<rusqlite::Error> for DetectError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Record(AppendError::Database(error))
    }
}

/// What becomes of what somebody wanted.
type Done<T> = Result<T, WriteError<DetectError>>;

impl Detection {
    /// Somebody works on a finding.
    pub fn acknowledge(&self, id: &str, note: Option<String>, by: &str) -> Done<Finding> {
        self.change(id, "finding.acknowledged", note, by, |finding, by, now| {
            if finding.status != Status::Open {
                return Err(DetectError::Stands(finding.status.as_str()));
            }
            finding.status = Status::Acknowledged;
            finding.details.acknowledged = Some((by.to_owned(), now));
            Ok(())
        })
    }

    /// Somebody says something about a finding.
    pub fn comment(&self, id: &str, note: String, by: &str) -> Done<Finding> {
        self.change(id, "finding.commented", Some(note), by, |_finding, _by, _now| Ok(()))
    }

    /// A finding is done.
    pub fn close(&self, id: &str, close: CloseFinding, by: &str) -> Done<Finding> {
        let CloseFinding { verdict, note, suppress } = close;
        let silenced = suppress.map(checked_life).transpose().map_err(WriteError::Job)?;
        let reason = note.clone().unwrap_or_else(|| format!("closed as {verdict}"));
        let closed = self.change(id, "finding.closed", note, by, move |finding, by, now| {
            if finding.status == Status::Closed {
                return Err(DetectError::Stands("closed"));
            }
            (finding.status, finding.verdict) = (Status::Closed, Some(verdict));
            finding.details.acknowledged.get_or_insert((by.to_owned(), now));
            finding.details.closed = Some((by.to_owned(), now));
            Ok(())
        })?;
        // How right the rule is has changed.
        self.refresh_or_warn();
        if let Some(lasts) = silenced {
            let entity = Some((closed.entity_kind.clone(), closed.entity.clone()));
            self.suppress(NewSuppression { rule: Some(closed.rule.clone()), entity, reason, lasts }, by)?;
        }
        Ok(closed)
    }

    fn change(
        &self,
        id: &str,
        event_type: &'static str,
        note: Option<String>,
        by: &str,
        change: impl FnOnce(&mut Finding, &str, Timestamp) -> Result<(), DetectError> + Send + 'static,
    ) -> Done<Finding> {
        let (own, id, by) = (self.clone(), id.to_owned(), by.to_owned());
        let note = note.map(|note| checked("note", &note)).transpose().map_err(WriteError::Job)?;
        let done: Ticket<_, DetectError> = self.db().write(Lane::Admin, "detect.change", move |tx| {
            let now = own.log().clock().now();
            let found = findings::get(tx.connection(), own.workspace(), &id)?;
            let mut finding = found.ok_or(DetectError::Unknown("finding"))?;
            change(&mut finding, &by, now)?;
            if let Some(text) = note {
                if finding.details.notes.len() >= NOTES_MAX {
                    return Err(DetectError::Misfit(format!("a finding has at most {NOTES_MAX} notes")));
                }
                finding.details.notes.push(Note { by: by.clone(), at: now, text });
            }
            finding.version += 1;
            findings::update(tx, own.workspace(), &finding)?;
            let mut event = own.event(EventType::of(event_type), &finding, now);
            event.actor = Some(by);
            // What people write stays where it can be changed; the event says what was decided.
            event.reason = finding.verdict.map(|verdict| format!("closed as {verdict}"));
            own.log().append_in(tx, own.log().prepare(event, &[]))?;
            Ok(finding)
        });
        done.wait()
    }

    /// Somebody does not want to be told.
    pub fn suppress(&self, new: NewSuppression, by: &str) -> Done<Suppression> {
        let NewSuppression { rule, entity, reason, lasts } = new;
        let settled = || -> Result<_, DetectError> {
            if rule.is_none() && entity.is_none() {
                return Err(DetectError::Misfit("a suppression names a rule, an entity, or both".to_owned()));
            }
            for name in rule.iter().chain(entity.iter().map(|(_, name)| name)) {
                checked("name", name)?;
            }
            Ok((checked("reason", &reason)?, checked_life(lasts)?))
        };
        let (reason, lasts) = settled().map_err(WriteError::Job)?;
        let (own, by) = (self.clone(), by.to_owned());
        let done: Ticket<_, DetectError> = self.db().write(Lane::Admin, "detect.suppress", move |tx| {
            let now = own.log().clock().now();
            let most = usize::try_from(SUPPRESSIONS_MAX).unwrap_or(usize::MAX);
            if suppressions::list(tx.connection(), own.workspace(), Some(now), SUPPRESSIONS_MAX)?.len() >= most {
                return Err(DetectError::Misfit(format!("there are {most} suppressions; end some first")));
            }
            let made = Suppression {
                id: SuppressionId::new(now).to_string(),
                rule,
                entity,
                reason,
                created_by: by,
                created_at: now,
                expires_at: now.plus(lasts),
                ended: None,
                hits: 0,
            };
            suppressions::create(tx, own.workspace(), &made)?;
            let lasts = format!("for {}", duration::display(lasts));
            own.told(tx, "suppression.created", (&made, &made.created_by), Some(lasts), now)?;
            Ok(made)
        });
        done.wait()
    }

    /// Somebody wants to be told again.
    pub fn end_suppression(&self, id: &str, by: &str) -> Done<Suppression> {
        let (own, id, by) = (self.clone(), id.to_owned(), by.to_owned());
        let done: Ticket<_, DetectError> = self.db().write(Lane::Admin, "detect.unsuppress", move |tx| {
            let now = own.log().clock().now();
            let found = suppressions::get(tx.connection(), own.workspace(), &id)?;
            found.ok_or(DetectError::Unknown("suppression"))?;
            let ended = suppressions::end(tx, own.workspace(), &id, (&by, now))?.ok_or(DetectError::Stands("over"))?;
            own.told(tx, "suppression.ended", (&ended, &by), None, now)?;
            Ok(ended)
        });
        done.wait()
    }

    fn told(
        &self,
        tx: &mut Tx<'_>,
        event_type: &'static str,
        (about, by): (&Suppression, &str),
        reason: Option<String>,
        now: Timestamp,
    ) -> Result<(), DetectError> {
        let mut event = Event::new(EventType::of(event_type), self.workspace().as_str(), now);
        event.severity = Severity::Low;
        event.actor = Some(by.to_owned());
        event.target = Some(format!("suppression:{}", about.id));
        event.rule_id.clone_from(&about.rule);
        event.reason = reason;
        if let Some((_, name)) = about.entity.as_ref().filter(|(kind, _)| kind == "user") {
            event.user = Some(name.clone());
        }
        self.log().append_in(tx, self.log().prepare(event, &[]))?;
        Ok(())
    }

    /// Decides what a rule does, and whether it responds; `None` leaves that as it is, but for rules that find nothing for
    /// people, which never respond.
    pub fn choose(
        &self,
        name: &str,
        (state, responds): (RuleState, Option<bool>),
        reason: &str,
        by: &str,
    ) -> Done<Choice> {
        let reason = checked("reason", reason).map_err(WriteError::Job)?;
        let set = self.set();
        let info = set.find(name).and_then(|at| set.infos.get(at));
        let info = info.ok_or(WriteError::Job(DetectError::Unknown("rule")))?;
        if responds == Some(true) && !info.has_response() {
            let text = "the rule says nothing of a response; there is nothing to do".to_owned();
            return Err(WriteError::Job(DetectError::Misfit(text)));
        }
        let before = self.choice(&info.key).map_or(info.usually_responds(), |choice| choice.responds);
        let responds = responds.unwrap_or(before) && state == RuleState::Enabled;
        let (own, by, key) = (self.clone(), by.to_owned(), info.key.clone());
        let done: Ticket<_, DetectError> = self.db().write(Lane::Admin, "detect.choose", move |tx| {
            let now = own.log().clock().now();
            let choice = Choice { rule: key, state, responds, reason, changed_by: by, changed_at: now };
            rules::choose(tx, own.workspace(), &choice)?;
            let event_type = match state {
                RuleState::Enabled => "detection.rule_enabled",
                RuleState::Shadow => "detection.rule_shadowed",
                RuleState::Disabled => "detection.rule_disabled",
            };
            let mut event = Event::new(EventType::of(event_type), own.workspace().as_str(), now);
            event.severity = Severity::Medium;
            event.actor = Some(choice.changed_by.clone());
            event.rule_id = Some(choice.rule.clone());
            let with = if responds { ", with its response" } else { "" };
            event.reason = Some(format!("the rule is {state}{with}: {}", choice.reason));
            own.log().append_in(tx, own.log().prepare(event, &[]))?;
            Ok(choice)
        });
        let choice = done.wait()?;
        self.refresh_or_warn();
        Ok(choice)
    }

    /// What was decided is durable; if it cannot be read back now, it counts from the next time on.
    fn refresh_or_warn(&self) {
        if let Err(error) = self.refresh() {
            tracing::warn!(%error, "what was decided about rules could not be read back");
        }
    }

    /// Drops findings and points of risk that are older than what is kept, some at a time; how many.
    pub fn drop_older(&self, before: Timestamp) -> Result<usize, WriteError<DetectError>> {
        const STEP: u64 = 1_000;
        let own = self.clone();
        let done: Ticket<_, DetectError> = self.db().write(Lane::Consumer, "detect.drop_older", move |tx| {
            let gone = findings::drop_older(tx, own.workspace(), before, STEP)?;
            Ok(gone + picket_store::detection::entities::drop_older(tx, own.workspace(), before, STEP)?)
        });
        done.wait()
    }
}

fn checked(what: &str, text: &str) -> Result<String, DetectError> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= TEXT_CHARS_MAX;
    if fits && !text.chars().any(|character| character.is_control() && character != '\n') {
        return Ok(text.to_owned());
    }
    Err(DetectError::Misfit(format!("`{what}` is a text of 1 to {TEXT_CHARS_MAX} characters")))
}

fn checked_life(lasts: Duration) -> Result<Duration, DetectError> {
    if (SUPPRESSION_LIFE_MIN..=SUPPRESSION_LIFE_MAX).contains(&lasts) {
        return Ok(lasts);
    }
    let (least, most) = (duration::display(SUPPRESSION_LIFE_MIN), duration::display(SUPPRESSION_LIFE_MAX));
    Err(DetectError::Misfit(format!("a suppression lasts from {least} to {most}")))
}
