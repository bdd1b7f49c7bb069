//! Exceptions: what people said is a false positive, each for somebody, and for a time.
//!
//! A check judges as it would; what an exception covers is told and asks for nothing. **Invariants:** what is set aside
//! stands in the record with the exception's id; without exceptions that concern a request, judging costs what it costs
//! without any.

use crate::compile::{Check as Configured, Policy};
use crate::judgement::Subject;
use crate::kind::Kind;
use picket_content::Hit;
use picket_event::Phase;
use picket_stdx::Timestamp;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Findings that are no opinion on a text: a check that failed, and what no check could read.
const NEVER: [&str; 2] = ["check_failed", "unscanned"];
/// What leaves only by the very text that somebody looked at.
const ONLY_EXACT: &str = "secret";

/// A keyed digest of a text.
pub type Digest = Arc<dyn Fn(&str) -> [u8; 32] + Send + Sync>;

/// What somebody said is a false positive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// `exc_…`.
    pub id: String,
    /// The check, by its name in the chain.
    pub policy: String,
    /// What it finds, in the words of events.
    pub finding: String,
    /// Rules or kinds of values, such as `EMAIL`; empty means all of the check.
    pub rules: Vec<String>,
    /// Requests or answers; both without it.
    pub phase: Option<Phase>,
    /// For whom.
    pub scope: Scope,
    /// Digests of the texts that it is for; empty means all.
    pub texts: Vec<[u8; 32]>,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// For whom an exception is. All that is named must fit; nothing named means everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// User, as far as that is certain.
    pub user: Option<String>,
    /// Team.
    pub team: Option<String>,
    /// Application.
    pub application: Option<String>,
    /// Id of the gateway key.
    pub key: Option<String>,
    /// Model.
    pub model: Option<String>,
}

/// By what an exception is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Member {
    User,
    Team,
    Application,
    Key,
    Model,
}

impl Scope {
    fn members(&self) -> [(Member, Option<&str>); 5] {
        [
            (Member::User, self.user.as_deref()),
            (Member::Key, self.key.as_deref()),
            (Member::Application, self.application.as_deref()),
            (Member::Team, self.team.as_deref()),
            (Member::Model, self.model.as_deref()),
        ]
    }

    /// Whether nothing is named.
    pub fn is_everybody(&self) -> bool {
        self.members().iter().all(|(_, name)| name.is_none())
    }

    fn fits(&self, subject: &Subject<'_>) -> bool {
        self.members().iter().zip(members(subject)).all(|((_, wanted), (_, is))| wanted.is_none() || *wanted == is)
    }
}

fn members<'a>(subject: &Subject<'a>) -> [(Member, Option<&'a str>); 5] {
    [
        (Member::User, subject.user),
        (Member::Key, subject.key_id),
        (Member::Application, subject.application),
        (Member::Team, subject.team),
        (Member::Model, subject.model),
    ]
}

/// All exceptions in force, filed by whom they are for.
#[derive(Default)]
pub struct Exceptions {
    filed: HashMap<Member, HashMap<String, Vec<Arc<Exception>>>>,
    everybody: Vec<Arc<Exception>>,
    digest: Option<Digest>,
}

impl fmt::Debug for Exceptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Exceptions({})", self.len())
    }
}

impl Exceptions {
    /// These; `digest` is the one that their texts were digested with.
    pub fn new(all: impl IntoIterator<Item = Exception>, digest: Digest) -> Self {
        let mut filed = Self { digest: Some(digest), ..Self::default() };
        for exception in all.into_iter().map(Arc::new) {
            let place = exception.scope.members().into_iter().find_map(|(member, name)| Some((member, name?)));
            match place.map(|(member, name)| (member, name.to_owned())) {
                None => filed.everybody.push(exception),
                Some((member, name)) => {
                    filed.filed.entry(member).or_default().entry(name).or_default().push(exception);
                }
            }
        }
        filed
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.everybody.len() + self.filed.values().flat_map(HashMap::values).map(Vec::len).sum::<usize>()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.everybody.is_empty() && self.filed.is_empty()
    }

    /// Those that concern a request, if any do. They count until its answer ends.
    pub fn of(&self, subject: &Subject<'_>, now: Timestamp) -> Option<Arc<Excepted>> {
        if self.is_empty() {
            return None;
        }
        let named = members(subject).into_iter().filter_map(|(member, name)| self.filed.get(&member)?.get(name?));
        let found = named.flatten().chain(&self.everybody);
        let counts = |exception: &&Arc<Exception>| exception.expires_at > now && exception.scope.fits(subject);
        let list: Vec<_> = found.filter(counts).cloned().collect();
        (!list.is_empty()).then(|| Arc::new(Excepted { list, digest: self.digest.clone() }))
    }
}

/// The exceptions that concern one request.
pub struct Excepted {
    list: Vec<Arc<Exception>>,
    digest: Option<Digest>,
}

impl fmt::Debug for Excepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.list.iter().map(|exception| &exception.id)).finish()
    }
}

/// What of some hits counts, and what is set aside, by exception.
pub(crate) struct Split {
    pub(crate) hits: Vec<Hit>,
    pub(crate) aside: Vec<(Arc<Exception>, Vec<Hit>)>,
}

impl Excepted {
    /// Exceptions for a finding of a check in a text; none with texts of their own, where the text is not known.
    fn of<'a>(
        &'a self,
        (policy, phase): (&'a str, Phase),
        finding: &'a str,
        text: Option<&'a str>,
    ) -> impl Iterator<Item = &'a Arc<Exception>> {
        let about = self.list.iter().filter(move |exception| {
            exception.policy == policy
                && exception.finding == finding
                && exception.phase.is_none_or(|wanted| wanted == phase)
                && !NEVER.contains(&finding)
        });
        let mut known = None;
        about.filter(move |exception| {
            if exception.texts.is_empty() {
                return finding != ONLY_EXACT;
            }
            let (Some(text), Some(digest)) = (text, &self.digest) else { return false };
            let digest = known.get_or_insert_with(|| digest(text));
            exception.texts.contains(digest)
        })
    }

    /// The exception that sets aside all that a check found, where rules are not told apart or all are named.
    pub(crate) fn covering<'a>(
        &'a self,
        at: (&'a str, Phase),
        finding: &'a str,
        rules: &[&str],
        text: Option<&'a str>,
    ) -> Option<&'a Arc<Exception>> {
        self.of(at, finding, text).find(|exception| {
            let is_covered = |rule: &&str| exception.rules.iter().any(|covered| covered == rule);
            exception.rules.is_empty() || (!rules.is_empty() && rules.iter().all(is_covered))
        })
    }

    /// Parts hits into those that count and those that are set aside.
    pub(crate) fn split(&self, at: (&str, Phase), finding: Option<&str>, text: Option<&str>, hits: Vec<Hit>) -> Split {
        let concerned: Vec<_> = self.of(at, finding.unwrap_or_default(), text).collect();
        let mut split = Split { hits: Vec::new(), aside: Vec::new() };
        if concerned.is_empty() {
            return Split { hits, ..split };
        }
        for hit in hits {
            let covers = |exception: &&&Arc<Exception>| {
                exception.rules.is_empty() || exception.rules.iter().any(|rule| rule == hit.kind)
            };
            let Some(exception) = concerned.iter().find(covers) else {
                split.hits.push(hit);
                continue;
            };
            match split.aside.iter_mut().find(|(known, _)| known.id == exception.id) {
                Some((_, hits)) => hits.push(hit),
                None => split.aside.push((Arc::clone(exception), vec![hit])),
            }
        }
        split
    }

    /// Whether some of them may set aside what a guard of streams finds for a check.
    pub(crate) fn on_streams<'a>(&'a self, policy: &'a str, finding: &'a str) -> Vec<&'a Exception> {
        self.of((policy, Phase::Output), finding, None).map(|exception| &**exception).collect()
    }
}

/// Parts hits; without exceptions, all count.
pub(crate) fn split(
    excepted: Option<&Arc<Excepted>>,
    at: (&str, Phase),
    finding: Option<&str>,
    text: Option<&str>,
    hits: Vec<Hit>,
) -> Split {
    match excepted {
        None => Split { hits, aside: Vec::new() },
        Some(excepted) => excepted.split(at, finding, text, hits),
    }
}

impl Policy {
    /// Whether findings of a check may have exceptions, or why not.
    pub fn may_except(&self, policy: &str, finding: &str, is_exact: bool) -> Result<(), String> {
        let Some(check) = self.checks.iter().find(|check| check.name == policy) else {
            return Err(format!("the policy in force has no check `{}`", policy.chars().take(40).collect::<String>()));
        };
        if !is_of_findings(check) {
            return Err(format!(
                "{policy} goes by lists and counts that the policy states, not by what it takes a text for: change it there"
            ));
        }
        if NEVER.contains(&finding) {
            return Err(format!("`{finding}` says that a text was not read, so that nobody knows what is in it"));
        }
        if finding == ONLY_EXACT && !is_exact {
            return Err("a credential is excepted only as part of the very text that was looked at".to_owned());
        }
        Ok(())
    }
}

/// Whether a check judges what texts say.
fn is_of_findings(check: &Configured) -> bool {
    match &check.kind {
        Kind::Content { .. } | Kind::Custom(_) | Kind::Remote(_) | Kind::Duplicate { .. } => true,
        Kind::Model { .. } | Kind::Tool { .. } | Kind::Rate { .. } | Kind::Human | Kind::Audit => false,
    }
}

#[cfg(test)]
mod tests;
