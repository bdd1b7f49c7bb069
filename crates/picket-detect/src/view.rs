//! What rules see of an event.
//!
//! It is the event as everybody sees it, but for three things. What a containment decided, and what detection itself
//! wrote, they do not see: a block must not make more blocks. What was all found before in the same session has
//! `decision: repeated` and nothing that was found: it counts as a request, and as nothing else. And a name that a
//! request only claims stands in `claimed_user`; in place of `user` stands who sent it, so that nobody can have a
//! colleague counted, and whoever claims many names, or none, is still one.

use lru::LruCache;
use picket_event::{Event, GuardrailResult, Identity, PolicyResult, Severity};
use sha2::{Digest as _, Sha256};
use std::borrow::Cow;
use std::num::NonZeroUsize;

/// Between a word for what stands in place of a user and its id. No name of a user has it.
pub(crate) const MARK: char = '\u{1f}';
/// What was found, of sessions, that is remembered.
const SEEN_MAX: NonZeroUsize = NonZeroUsize::MIN.saturating_add(32_767);
/// The policy of containments.
const CONTAINMENT: &str = "containment";

/// Why rules do not see an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unseen {
    /// Detection wrote it.
    Own,
    /// A containment decided it, or it is about one that a rule made.
    Contained,
}

/// What was found before, by session.
#[derive(Debug, Clone)]
pub(crate) struct Repeats(LruCache<u64, ()>);

impl Default for Repeats {
    fn default() -> Self {
        Self(LruCache::new(SEEN_MAX))
    }
}

impl Repeats {
    /// Whether everything that an event found was found before in its session. It is remembered.
    fn knows(&mut self, event: &Event) -> bool {
        let session = event.session_id.as_deref().or(event.key_id.as_deref()).or(event.user.as_deref());
        let session = session.unwrap_or_default();
        let mut is_known = true;
        for result in &event.policy_results {
            for print in prints(session, result) {
                is_known &= self.0.put(print, ()).is_some();
            }
        }
        is_known && !event.policy_results.is_empty()
    }

    /// The oldest first.
    pub(crate) fn prints(&self) -> impl ExactSizeIterator<Item = u64> {
        self.0.iter().rev().map(|(print, ())| *print).collect::<Vec<_>>().into_iter()
    }

    pub(crate) fn of(prints: impl Iterator<Item = u64>) -> Self {
        let mut repeats = Self::default();
        for print in prints {
            repeats.0.put(print, ());
        }
        repeats
    }
}

/// A client resends its history as it was, so what was found in it stands at the same place again.
fn prints(session: &str, result: &PolicyResult) -> Vec<u64> {
    let print = |at: &str, start: usize, end: usize, kind: &str| {
        let mut digest = Sha256::new();
        for part in [session, &result.policy, result.finding_type.as_deref().unwrap_or_default(), at, kind] {
            digest.update(part.len().to_le_bytes());
            digest.update(part);
        }
        digest.update(start.to_le_bytes());
        digest.update(end.to_le_bytes());
        digest.finalize().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
    };
    if result.spans.is_empty() {
        return vec![print("", 0, 0, "")];
    }
    result.spans.iter().map(|span| print(&span.at, span.start, span.end, &span.kind)).collect()
}

/// Writes what rules see of an event as JSON; whether all that was found in it was found before.
pub(crate) fn write(event: &Event, repeats: &mut Repeats, out: &mut String) -> Result<bool, Unseen> {
    let kind = event.event_type.as_str();
    if kind.starts_with("finding.") || kind.starts_with("detection.") || kind.starts_with("suppression.") {
        return Err(Unseen::Own);
    }
    let is_of_rule = kind.starts_with("containment.") && event.rule_id.is_some();
    let is_contained = event.policy_violated.as_deref() == Some(CONTAINMENT)
        || event.finding_type.as_deref() == Some("contained") && !kind.starts_with("containment.")
        || event.policies_triggered.iter().any(|policy| policy == CONTAINMENT);
    if is_of_rule || is_contained {
        return Err(Unseen::Contained);
    }
    let mut event = Cow::Borrowed(event);
    let is_repeated = repeats.knows(&event);
    let is_repeated = is_repeated && event.repeat == Some(true);
    if is_repeated {
        forget_found(event.to_mut());
    }
    let mut beside = None;
    let claimed = match stand_in(&event) {
        StandIn::None => None,
        StandIn::Plain(name) => {
            event.to_mut().user = Some(name);
            None
        }
        StandIn::Of(sender) => std::mem::replace(&mut event.to_mut().user, sender),
        StandIn::Beside(sender) => {
            beside = Some(("user", sender));
            None
        }
    };
    let beside = beside.or(claimed.map(|claimed| ("claimed_user", claimed)));
    let mut bytes = std::mem::take(out).into_bytes();
    bytes.clear();
    // The schema has no map with other than text keys, so writing it cannot fail, and what is written is text.
    let is_written = serde_json::to_writer(&mut bytes, &*event).is_ok();
    *out = String::from_utf8(bytes).ok().filter(|_| is_written).unwrap_or_default();
    if is_repeated {
        // Not a word of the schema: no rule asks for it by accident.
        *out = out.replacen(&format!("\"decision\":\"{}\"", event.decision), "\"decision\":\"repeated\"", 1);
    }
    if let Some((member, value)) = beside {
        out.truncate(out.trim_end().len().saturating_sub(1));
        out.push_str(",\"");
        out.push_str(member);
        out.push_str("\":");
        out.push_str(&serde_json::to_string(&value).unwrap_or_default());
        out.push('}');
    }
    Ok(is_repeated)
}

/// What stands in place of a user's name.
enum StandIn {
    /// The name itself.
    None,
    /// The name without what could be taken for another.
    Plain(String),
    /// Who sent it, if anybody can be told; the name is only claimed.
    Of(Option<String>),
    /// Who sent it, where no name is said: whoever leaves it out counts like whoever says one.
    Beside(String),
}

/// Events about traffic copy its names; without a word on how they are known, they are not.
const OF_TRAFFIC: &[&str] = &["request", "verdict", "tool_call", "escalation", "decision", "judge"];

fn stand_in(event: &Event) -> StandIn {
    let family = event.event_type.as_str().split('.').next().unwrap_or_default();
    let key = || event.key_id.as_ref().map(|key| format!("key{MARK}{key}"));
    let address = || event.src_ip.as_ref().map(|address| format!("address{MARK}{address}"));
    let Some(name) = &event.user else {
        let sender = match family {
            _ if OF_TRAFFIC.contains(&family) => key().or_else(address),
            // An address in a signal is where somebody was, not who.
            "external" => key(),
            _ => None,
        };
        return sender.map_or(StandIn::None, StandIn::Beside);
    };
    if event.identity.map_or(!OF_TRAFFIC.contains(&family), Identity::is_certain) {
        return if name.contains(MARK) { StandIn::Plain(name.replace(MARK, "?")) } else { StandIn::None };
    }
    StandIn::Of(key().or_else(address))
}

fn forget_found(event: &mut Event) {
    event.severity = Severity::Info;
    (event.finding_type, event.category, event.risk_score, event.risk_band) = (None, None, None, None);
    (event.policy_violated, event.reason) = (None, None);
    event.guardrail_result = event.guardrail_result.map(|_| GuardrailResult::Pass);
    event.policies_triggered.clear();
    event.policy_results.clear();
}

#[cfg(test)]
mod tests;
