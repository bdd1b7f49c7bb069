//! What becomes of hits before anything is stored: whom a finding is about, how bad it is, and which hits are one.

use crate::engine::{Hit, Trigger};
use crate::set::{Info, RuleSet};
use crate::taxonomy::Taxonomy;
use crate::view::MARK;
use picket_event::{Category, Severity};
use picket_rules::{Entity, EntityKind, Reason};
use picket_stdx::encode::hex;
use picket_stdx::{Timestamp, duration};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// Events that a finding names, the newest.
pub(crate) const EVIDENCE_MAX: usize = 50;
/// What a finding is about that is about nobody.
const EVERYBODY: (&str, &str) = ("workspace", "workspace");
/// Whom a finding is about when its rule does not say: the first that is known.
const USUAL: &[EntityKind] = &[
    EntityKind::User,
    EntityKind::Key,
    EntityKind::Address,
    EntityKind::Agent,
    EntityKind::Session,
    EntityKind::Application,
    EntityKind::Model,
];

/// A finding that is not stored yet: all hits of one batch that are one.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Place of its rule in the set.
    pub rule: usize,
    /// The same for all that are one.
    pub fingerprint: String,
    /// What it is about, such as `user`, and its name.
    pub entity: (String, String),
    /// How bad it is.
    pub severity: Severity,
    /// Place in the taxonomy.
    pub category: Option<Category>,
    /// Hits.
    pub hits: u64,
    /// Hits that were taken back.
    pub taken_back: u64,
    /// Time of the first event.
    pub first_at: Timestamp,
    /// Time of the newest.
    pub last_at: Timestamp,
    /// Events that it rests on, by their numbers, in order.
    pub evidence: Vec<u64>,
    /// Why, in plain words.
    pub reason: String,
    /// An event that came late changed it.
    pub is_amended: bool,
    /// Group of its newest hit.
    pub group: Vec<(String, String)>,
    /// The event of its newest hit.
    pub trigger: Arc<Trigger>,
}

impl Draft {
    /// The text of a field: of the group, else of the newest event.
    pub fn field(&self, name: &str) -> Option<String> {
        field(&self.group, &self.trigger, name)
    }

    /// Whom an entity of a rule names here. A user who is only claimed is whoever sent it.
    pub fn named(&self, entity: &Entity) -> Option<(String, String)> {
        named(&self.group, &self.trigger, entity)
    }
}

/// Hits in the order in which they came, as drafts.
pub fn drafts(set: &RuleSet, taxonomy: &Taxonomy, hits: Vec<Hit>) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for hit in hits {
        let Some(info) = set.infos.get(hit.rule) else { continue };
        let fingerprint = fingerprint(info, &hit);
        match places.get(&fingerprint).and_then(|place| drafts.get_mut(*place)) {
            Some(draft) => join(draft, info, hit),
            None => {
                places.insert(fingerprint.clone(), drafts.len());
                drafts.push(draft(info, taxonomy, hit, fingerprint));
            }
        }
    }
    drafts
}

fn draft(info: &Info, taxonomy: &Taxonomy, hit: Hit, fingerprint: String) -> Draft {
    let category = info.extension.category.or(hit.trigger.category);
    // Where a rule about single events says nothing, what it found is as bad as the event.
    let usual = taxonomy.severity(category).max(hit.trigger.severity);
    Draft {
        rule: hit.rule,
        fingerprint,
        entity: entity(info, &hit),
        severity: info.severity.unwrap_or(usual),
        category,
        hits: u64::from(!hit.is_taken_back),
        taken_back: u64::from(hit.is_taken_back),
        first_at: hit.measured.map_or(hit.at, |measured| measured.since.min(hit.at)),
        last_at: hit.at,
        evidence: hit.events.clone(),
        reason: reason(info, &hit),
        is_amended: hit.is_amended,
        group: hit.group,
        trigger: hit.trigger,
    }
}

fn join(draft: &mut Draft, info: &Info, hit: Hit) {
    draft.hits += u64::from(!hit.is_taken_back);
    draft.taken_back += u64::from(hit.is_taken_back);
    draft.is_amended |= hit.is_amended;
    draft.first_at = draft.first_at.min(hit.measured.map_or(hit.at, |measured| measured.since.min(hit.at)));
    draft.evidence.extend(&hit.events);
    draft.evidence.sort_unstable();
    draft.evidence.dedup();
    let spare = draft.evidence.len().saturating_sub(EVIDENCE_MAX);
    draft.evidence.drain(..spare);
    if hit.at >= draft.last_at && !hit.is_taken_back {
        draft.reason = reason(info, &hit);
        (draft.last_at, draft.group, draft.trigger) = (hit.at, hit.group, hit.trigger);
    }
}

/// The same for hits that are told once.
fn fingerprint(info: &Info, hit: &Hit) -> String {
    let mut digest = Sha256::new();
    let mut part = |text: &str| {
        digest.update(text.len().to_le_bytes());
        digest.update(text);
    };
    part(&info.key);
    match &info.extension.suppress {
        Some(suppress) => {
            for name in &suppress.by {
                part(&field(&hit.group, &hit.trigger, name).unwrap_or_default());
            }
        }
        None => {
            let (kind, entity) = entity(info, hit);
            part(&kind);
            part(&entity);
        }
    }
    hex(&digest.finalize()).chars().take(32).collect()
}

fn entity(info: &Info, hit: &Hit) -> (String, String) {
    let everybody = || (EVERYBODY.0.to_owned(), EVERYBODY.1.to_owned());
    if let Some(entity) = &info.extension.entity {
        return named(&hit.group, &hit.trigger, entity).unwrap_or_else(everybody);
    }
    // A correlation is about its group, or about nobody.
    let is_of = |kind: &&EntityKind| hit.group.iter().any(|(name, _)| name == kind.field());
    let mut usual = USUAL.iter().filter(|kind| !info.is_correlation || is_of(kind));
    usual.find_map(|kind| named(&hit.group, &hit.trigger, &Entity::from(*kind))).unwrap_or_else(everybody)
}

fn field(group: &[(String, String)], trigger: &Trigger, name: &str) -> Option<String> {
    let of_group = group.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
    of_group.or_else(|| trigger.field(name))
}

fn named(group: &[(String, String)], trigger: &Trigger, entity: &Entity) -> Option<(String, String)> {
    let value = field(group, trigger, &entity.field).filter(|value| !value.is_empty())?;
    Some(match value.split_once(MARK) {
        Some((kind, id)) => (kind.to_owned(), id.to_owned()),
        None => (entity.kind.as_str().to_owned(), value),
    })
}

/// Why, in the words of the rule, or in ours.
fn reason(info: &Info, hit: &Hit) -> String {
    if let Some(template) = &info.extension.reason {
        return said(template, info, hit);
    }
    let Some(measured) = hit.measured else { return info.title.clone() };
    let mut text = format!("{}: {} within {}", info.title, number(measured.value), within(measured.since, hit.at));
    if let Some(expected) = measured.expected {
        write!(text, ", expected were {}", number(expected)).unwrap_or_default();
    }
    text
}

fn said(template: &Reason, info: &Info, hit: &Hit) -> String {
    template.say(&|name| match name {
        "value" => hit.measured.map(|measured| number(measured.value)),
        "expected" => hit.measured.and_then(|measured| measured.expected).map(number),
        "span" => info.span.map(duration::display),
        "title" => Some(info.title.clone()),
        name => field(&hit.group, &hit.trigger, name).map(|value| match value.split_once(MARK) {
            Some((kind, id)) => format!("whoever uses the {kind} {id}"),
            None => value,
        }),
    })
}

fn within(since: Timestamp, at: Timestamp) -> String {
    let millis = at.as_millis().saturating_sub(since.as_millis());
    if millis < 1_000 { "a second".to_owned() } else { format!("{} s", millis / 1_000) }
}

/// A number without digits that say nothing.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
