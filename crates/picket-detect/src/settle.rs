//! From drafts to findings, in one transaction: suppressed, joined to one that is there, or new; with risk, responses and
//! events.

use crate::Detection;
use crate::draft::{Draft, EVIDENCE_MAX};
use crate::respond::FRESH;
use crate::set::{Info, RuleSet};
use picket_db::Tx;
use picket_event::{Decision, Event, EventType, FindingId};
use picket_log::AppendError;
use picket_stdx::Timestamp;
use picket_store::detection::entities::{self, Points};
use picket_store::detection::findings::{self, Details, Finding, Note, Status, Verdict};
use picket_store::detection::rules::RuleState;
use picket_store::detection::suppressions::{self, Suppression};
use std::time::Duration;

/// Suppressions that count at a time.
pub(crate) const SUPPRESSIONS_MAX: u64 = 10_000;
/// New findings of one rule in an hour.
pub(crate) const NEW_PER_HOUR: u64 = 1_000;
/// Who closes what an event that came late took back.
const ACTOR: &str = "picket";

/// A draft whose events have their ids.
#[derive(Debug, Clone)]
pub(crate) struct Ready {
    pub(crate) draft: Draft,
    /// Ids of the events that it rests on.
    pub(crate) evidence: Vec<String>,
}

impl Ready {
    /// A draft with the ids of the newest of its events, as `id_of` knows them by their numbers. One that retention dropped
    /// is no evidence any more.
    pub(crate) fn of<E>(draft: Draft, id_of: &dyn Fn(u64) -> Result<Option<String>, E>) -> Result<Self, E> {
        let newest = draft.evidence.iter().rev().take(EVIDENCE_MAX).rev();
        let evidence = newest.filter_map(|position| id_of(*position).transpose()).collect::<Result<_, _>>()?;
        Ok(Self { draft, evidence })
    }
}

impl Detection {
    /// Stores what was found. Nothing of it is counted before the transaction is durable, but for what is held back.
    pub(crate) fn settle(
        &self,
        tx: &mut Tx<'_>,
        set: &RuleSet,
        ready: &[Ready],
        now: Timestamp,
    ) -> Result<(), AppendError> {
        let workspace = self.workspace();
        let suppressions = suppressions::list(tx.connection(), workspace, Some(now), SUPPRESSIONS_MAX)?;
        for one in ready {
            let Some(info) = set.infos.get(one.draft.rule) else { continue };
            let standing = self.standing(info);
            if standing.0 == RuleState::Disabled {
                continue;
            }
            if let Some(held) = covering(&suppressions, info, &one.draft) {
                suppressions::count(tx, workspace, &held.id, one.draft.hits)?;
                self.metrics().suppressed(one.draft.hits);
                continue;
            }
            let is_shadow = standing.0 == RuleState::Shadow;
            let newest = findings::newest(tx.connection(), workspace, &one.draft.fingerprint, is_shadow)?;
            match newest.filter(|found| is_same(found, info, &one.draft, self.window())) {
                Some(found) => self.join(tx, info, one, (found, standing.1), now)?,
                None => self.create(tx, info, one, standing, now)?,
            }
        }
        Ok(())
    }

    fn create(
        &self,
        tx: &mut Tx<'_>,
        info: &Info,
        ready: &Ready,
        (state, responds): (RuleState, bool),
        now: Timestamp,
    ) -> Result<(), AppendError> {
        let Ready { draft, evidence } = ready;
        if draft.hits <= draft.taken_back {
            return Ok(());
        }
        if !self.may_find(&info.key, now) {
            self.metrics().over_limit();
            return Ok(());
        }
        let is_shadow = state == RuleState::Shadow;
        let after = detected_after(draft, now);
        let mut finding = Finding {
            id: FindingId::new(now).to_string(),
            fingerprint: draft.fingerprint.clone(),
            rule: info.key.clone(),
            category: draft.category,
            severity: draft.severity,
            entity_kind: draft.entity.0.clone(),
            entity: draft.entity.1.clone(),
            is_shadow,
            status: Status::Open,
            verdict: None,
            hits: draft.hits - draft.taken_back,
            first_at: draft.first_at,
            last_at: draft.last_at,
            created_at: now,
            version: 1,
            details: Details {
                title: info.title.clone(),
                digest: info.digest.clone(),
                confidence: self.confidence(info),
                reason: draft.reason.clone(),
                evidence: evidence.clone(),
                amended: draft.is_amended,
                detected_after_ms: after,
                frameworks: info.frameworks.clone(),
                ..Details::default()
            },
        };
        if !is_shadow {
            if responds {
                self.respond(tx, info, draft, &mut finding, now)?;
            }
            finding.details.risk = self.weigh(tx, info, draft, &finding, now)?;
            self.tell(tx, "finding.created", &finding, draft, now)?;
        }
        findings::create(tx, self.workspace(), &finding)?;
        let (metrics, of) = (self.clone(), (info.key.clone(), finding.category, finding.severity));
        tx.on_commit(move || metrics.metrics().found(of, is_shadow, after));
        Ok(())
    }

    fn join(
        &self,
        tx: &mut Tx<'_>,
        info: &Info,
        ready: &Ready,
        (mut finding, responds): (Finding, bool),
        now: Timestamp,
    ) -> Result<(), AppendError> {
        let Ready { draft, evidence } = ready;
        let before = (finding.hits, finding.severity);
        finding.hits = finding.hits.saturating_add(draft.hits).saturating_sub(draft.taken_back);
        finding.severity = finding.severity.max(draft.severity);
        (finding.first_at, finding.last_at) =
            (finding.first_at.min(draft.first_at), finding.last_at.max(draft.last_at));
        finding.details.amended |= draft.is_amended;
        finding.details.reason.clone_from(&draft.reason);
        for id in evidence {
            if !finding.details.evidence.contains(id) {
                finding.details.evidence.push(id.clone());
            }
        }
        let spare = finding.details.evidence.len().saturating_sub(EVIDENCE_MAX);
        finding.details.evidence.drain(..spare);
        if finding.hits == 0 {
            take_back(&mut finding, now);
        } else if responds && !finding.is_shadow && draft.hits > 0 {
            self.respond(tx, info, draft, &mut finding, now)?;
        }
        findings::update(tx, self.workspace(), &finding)?;
        let is_news = is_step(before.0, finding.hits)
            || finding.severity > before.1
            || draft.is_amended
            || finding.status == Status::Closed;
        if is_news && !finding.is_shadow {
            self.tell(tx, "finding.amended", &finding, draft, now)?;
        }
        Ok(())
    }

    /// Gives the entity its points of risk.
    fn weigh(
        &self,
        tx: &mut Tx<'_>,
        info: &Info,
        draft: &Draft,
        finding: &Finding,
        now: Timestamp,
    ) -> Result<f64, AppendError> {
        let Some(risk) = &info.extension.risk else { return Ok(0.0) };
        let entity = risk.entity.as_ref().map_or_else(|| Some(draft.entity.clone()), |entity| draft.named(entity));
        let Some((kind, entity)) = entity else { return Ok(0.0) };
        let points = Points {
            at: now,
            points: risk.score * finding.details.confidence,
            half_life: risk.half_life,
            rule: info.key.clone(),
            finding: finding.id.clone(),
        };
        entities::add(tx, self.workspace(), (&kind, &entity), &points)?;
        Ok(points.points)
    }

    fn tell(
        &self,
        tx: &mut Tx<'_>,
        event_type: &'static str,
        finding: &Finding,
        draft: &Draft,
        now: Timestamp,
    ) -> Result<(), AppendError> {
        let mut event = self.event(EventType::of(event_type), finding, now);
        event.finding_type.clone_from(&draft.trigger.finding_type);
        event.parent_event_id = draft.trigger.event_id;
        // Who erases a user finds by his name what speaks of him.
        let kinds = [("user", &mut event.user), ("key_id", &mut event.key_id), ("application", &mut event.application)];
        for (name, slot) in kinds {
            if slot.is_none() {
                *slot = draft.field(name).filter(|value| !value.contains(crate::view::MARK));
            }
        }
        self.log().append_in(tx, self.log().prepare(event, &[])).map(drop)
    }

    /// An event about a finding as it stands.
    pub(crate) fn event(&self, event_type: EventType, finding: &Finding, now: Timestamp) -> Event {
        let mut event = Event::new(event_type, self.workspace().as_str(), now);
        event.severity = finding.severity;
        event.category = finding.category;
        event.decision = Decision::Escalated;
        event.target = Some(format!("finding:{}", finding.id));
        event.rule_id = Some(finding.rule.clone());
        event.reason = Some(finding.details.reason.clone());
        event.risk_score = Some(finding.details.confidence);
        event.count = Some(finding.hits);
        let entity = Some(finding.entity.clone());
        match finding.entity_kind.as_str() {
            "user" => event.user = entity,
            "key" => event.key_id = entity,
            "address" => event.src_ip = entity,
            "application" => event.application = entity,
            "agent" => event.agent_id = entity,
            "session" => event.session_id = entity,
            "model" => event.model = entity,
            _ => {}
        }
        event
    }
}

/// Milliseconds from when the newest event happened. Of what was brought in long after, from when the log had it: nobody
/// could have found it before.
fn detected_after(draft: &Draft, now: Timestamp) -> u64 {
    let recorded = draft.trigger.recorded_at;
    let since = if recorded > draft.last_at.plus(FRESH) { recorded } else { draft.last_at };
    u64::try_from(now.max(since).since(since).as_millis()).unwrap_or(u64::MAX)
}

fn covering<'a>(all: &'a [Suppression], info: &Info, draft: &Draft) -> Option<&'a Suppression> {
    all.iter().find(|one| one.covers(&info.key, &draft.entity.0, &draft.entity.1))
}

/// Whether what was found is one more of a finding that is there.
fn is_same(found: &Finding, info: &Info, draft: &Draft, usual: Duration) -> bool {
    let window = info.extension.suppress.as_ref().map_or(usual, |suppress| suppress.lasts);
    let is_near = draft.first_at <= found.last_at.plus(window) && draft.last_at >= found.first_at.minus(window);
    // What somebody closed does not open again by itself.
    found.status != Status::Closed && is_near
}

/// Whether a count passed a power of two: the more there are, the rarer it is told.
fn is_step(before: u64, now: u64) -> bool {
    now > before && (before == 0 || now.ilog2() > before.ilog2())
}

fn take_back(finding: &mut Finding, now: Timestamp) {
    finding.status = Status::Closed;
    finding.verdict = Some(Verdict::Undetermined);
    finding.details.closed = Some((ACTOR.to_owned(), now));
    let text = "an event that came late says that there was nothing to find".to_owned();
    finding.details.notes.push(Note { by: ACTOR.to_owned(), at: now, text });
}
