//! What a rule does by itself, in the transaction of the finding that wants it: a containment, or content that is kept.

use crate::Detection;
use crate::draft::Draft;
use crate::set::Info;
use crate::view::MARK;
use picket_contain::{ContainError, Wanted};
use picket_db::Tx;
use picket_event::Workspace;
use picket_log::{AppendError, KEPT_MAX};
use picket_rules::{Effect, Extent, Response};
use picket_stdx::Timestamp;
use picket_store::containments::{self, Containment, State, TargetKind};
use picket_store::detection::findings::{self, Finding};
use std::time::Duration;

/// Who makes the containments of rules.
const ACTOR: &str = "picket";
/// An event that ended, or was recorded, longer ago is no reason to do something now: it was brought in or caught up with.
pub(crate) const FRESH: Duration = Duration::from_secs(600);
/// Bytes of the name of a rule as the cause of a containment.
const CAUSE_BYTES_MAX: usize = 200;
const HOUR: Duration = Duration::from_secs(3_600);
/// How long content is kept that a rule keeps, where it does not say.
const KEEP: Duration = Duration::from_secs(90 * 86_400);
/// What is kept, as kind and name.
const CONTENT: (&str, &str) = ("content", "evidence");

/// What is asked for, or why it is not.
type Planned = Result<Wanted, &'static str>;

impl Detection {
    /// Carries out the responses of a rule for a finding that is new, or was found again.
    pub(crate) fn respond(
        &self,
        tx: &mut Tx<'_>,
        info: &Info,
        draft: &Draft,
        finding: &mut Finding,
        now: Timestamp,
    ) -> Result<(), AppendError> {
        for response in &info.extension.responses {
            let done = match contained(response.effect) {
                None => self.keep(tx, response, draft, now)?,
                Some(effect) => match plan(info, draft, finding, (response, effect), now) {
                    Ok(wanted) => match self.carry_out(tx, (response, finding.created_at), wanted, now)? {
                        // Nothing to tell: it is in force, or a person ended it.
                        None => continue,
                        Some(done) => done,
                    },
                    Err(why) => {
                        let kind = response.target.as_ref().map(|entity| entity.kind.as_str()).unwrap_or_default();
                        told(response, (kind, ""), Err(why.to_owned()))
                    }
                },
            };
            self.metrics().responded(done.refused.is_none());
            if !finding.details.responses.contains(&done) {
                finding.details.responses.push(done);
            }
        }
        Ok(())
    }

    /// Keeps what was asked and answered in the events that the finding rests on from expiring.
    fn keep(
        &self,
        tx: &mut Tx<'_>,
        response: &Response,
        draft: &Draft,
        now: Timestamp,
    ) -> Result<findings::Response, AppendError> {
        let until = now.plus(response.ttl.unwrap_or(KEEP));
        for position in &draft.evidence {
            if !self.log().keep(tx, *position, until)? {
                let why = format!("the content of {KEPT_MAX} entries is kept already");
                return Ok(told(response, CONTENT, Err(why)));
            }
        }
        let (kind, target) = CONTENT;
        let (kind, target) = (kind.to_owned(), target.to_owned());
        Ok(findings::Response {
            effect: response.effect.as_str().to_owned(),
            kind,
            target,
            feature: None,
            model: None,
            containment: None,
            refused: None,
        })
    }

    fn carry_out(
        &self,
        tx: &mut Tx<'_>,
        (response, since): (&Response, Timestamp),
        wanted: Wanted,
        now: Timestamp,
    ) -> Result<Option<findings::Response>, AppendError> {
        let workspace = self.workspace();
        let cause = wanted.cause.clone().unwrap_or_default();
        if stands(tx, workspace, &wanted, since)? {
            return Ok(None);
        }
        let (kind, target) = (wanted.kind, wanted.target.clone());
        let (feature, model) = (wanted.feature.clone(), wanted.model.clone());
        let told = |result| {
            let (feature, model) = (feature.clone(), model.clone());
            Some(findings::Response { feature, model, ..told(response, (kind.as_str(), &target), result) })
        };
        if let Some(most) = response.max_per_hour {
            let made = containments::active_since(tx.connection(), workspace, Some(&cause), now.minus(HOUR))?;
            if made >= u64::from(most) {
                return Ok(told(Err(format!("the rule contained {made} in the last hour, which is its limit"))));
            }
        }
        match self.container().contain_in(tx, wanted, ACTOR) {
            Ok(made) => {
                tracing::info!(rule = cause, containment = made.id, state = %made.state, "a rule contained");
                Ok(told(Ok(made.id)))
            }
            Err(ContainError::Record(error)) => Err(error),
            Err(refused) => Ok(told(Err(refused.to_string()))),
        }
    }
}

/// Whether the same is in force or waits, or a person ended it since the finding began: then it is not done again.
fn stands(tx: &Tx<'_>, workspace: &Workspace, wanted: &Wanted, since: Timestamp) -> Result<bool, rusqlite::Error> {
    let cause = wanted.cause.as_deref().unwrap_or_default();
    let same = containments::of_cause(tx.connection(), workspace, cause, (wanted.kind, &wanted.target))?;
    let is_same = |one: &&Containment| {
        one.effect == wanted.effect
            && (&one.model, &one.feature, &one.sender) == (&wanted.model, &wanted.feature, &wanted.sender)
    };
    Ok(same.iter().find(is_same).is_some_and(|one| match one.state {
        State::Active | State::Proposed => true,
        State::Undone | State::Refused => one.created_at >= since,
        State::Expired => false,
    }))
}

/// The effect of a containment; none if the response is none.
fn contained(effect: Effect) -> Option<containments::Effect> {
    match effect {
        Effect::Throttle => Some(containments::Effect::Throttle),
        Effect::Strict => Some(containments::Effect::Strict),
        Effect::Review => Some(containments::Effect::Review),
        Effect::Block => Some(containments::Effect::Block),
        Effect::Keep => None,
    }
}

/// What a response asks for.
fn plan(
    info: &Info,
    draft: &Draft,
    finding: &Finding,
    (response, effect): (&Response, containments::Effect),
    now: Timestamp,
) -> Planned {
    // A request may well have taken longer than that.
    let took =
        draft.trigger.field("latency_ms").and_then(|ms| ms.parse().ok()).map_or(Duration::ZERO, Duration::from_millis);
    if draft.trigger.recorded_at.min(draft.last_at.plus(took)) < now.minus(FRESH) {
        return Err("the event happened or was recorded more than ten minutes ago");
    }
    let whom = match &response.target {
        Some(entity) => draft.named(entity),
        None => Some(draft.entity.clone()),
    };
    let (kind, target) = whom.ok_or("the event does not name whom")?;
    let kind: TargetKind = kind.parse().map_err(|_error| "nothing can be done against that")?;
    // Containments know addresses in one form.
    let network = || containments::network(&target).map(|net| net.trunc().to_string());
    let target = if kind == TargetKind::Address { network().ok_or("it is no address")? } else { target };
    let of = |extent: Extent, name: &str| {
        (response.extent == extent)
            .then(|| draft.trigger.field(name).ok_or("the event names no feature or model"))
            .transpose()
    };
    let (model, feature) = (of(Extent::Model, "model")?, of(Extent::Feature, "feature")?);
    let is_claim = matches!(kind, TargetKind::Agent | TargetKind::Session);
    let sender = if is_claim { Some(sender(draft).ok_or("nobody vouches for who sent it")?) } else { None };
    let cause: String = cause(&info.key);
    Ok(Wanted {
        effect,
        kind,
        target,
        model,
        feature,
        sender,
        rate: response.rate,
        lasts: response.ttl,
        is_dry: response.is_dry,
        needs_second: response.approval,
        reason: format!("{} ({})", info.title, finding.id)
            .chars()
            .filter(|character| !character.is_control())
            .collect(),
        cause: Some(cause),
    })
}

/// Who sent the newest event: ids of agents and sessions are claims, which concern nobody else's requests.
fn sender(draft: &Draft) -> Option<(TargetKind, String)> {
    let key = draft.trigger.field("key_id").map(|key| (TargetKind::Key, key));
    let user = || draft.trigger.field("user").filter(|user| !user.contains(MARK)).map(|user| (TargetKind::User, user));
    let address = || draft.trigger.field("src_ip").map(|address| (TargetKind::Address, address));
    key.or_else(user).or_else(address)
}

/// The name of a rule, as far as it fits.
fn cause(key: &str) -> String {
    let mut cause: String = key.chars().filter(|character| !character.is_control()).collect();
    while cause.len() > CAUSE_BYTES_MAX {
        cause.pop();
    }
    cause
}

/// What became of a response against somebody.
fn told(response: &Response, (kind, target): (&str, &str), result: Result<String, String>) -> findings::Response {
    let (containment, refused) = result.map_or_else(|why| (None, Some(why)), |id| (Some(id), None));
    findings::Response {
        effect: response.effect.as_str().to_owned(),
        kind: kind.to_owned(),
        target: target.to_owned(),
        feature: None,
        model: None,
        containment,
        refused,
    }
}
