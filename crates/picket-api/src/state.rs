//! What handlers work with.

use crate::auth::Caller;
use crate::feed::Feeds;
use crate::hosts::Hosts;
use crate::problem::ApiProblem;
use picket_api_types::{Health, PolicyVersion, Reloaded};
use picket_contain::Container;
use picket_db::Db;
use picket_detect::Detection;
use picket_dispatch::Dispatch;
use picket_event::{EscalationId, Workspace};
use picket_evidence::Exporter;
use picket_identity::Identity;
use picket_log::{EventLog, Logs};
use picket_pipeline::Shutdown;
use picket_review::Queue;
use picket_search::Index;
use picket_signals::Intake;
use picket_store::proposals::Proposal;
use picket_store::{Credentials, Role, Roles, TokenKind};
use std::fmt;
use std::sync::{Arc, Mutex};

/// How a policy comes into force that nobody else approves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deploy {
    /// By whoever may change it.
    Applied,
    /// It was in force before, and two people or none had to want it.
    RolledBack,
    /// By one person where it takes two, and why.
    BreakGlass(String),
}

/// Who proposes a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposing {
    /// Id of the credential or user.
    pub author_id: String,
    /// By name.
    pub author: String,
    /// Who that is, whatever credential he shows.
    pub person: String,
    /// The version that he started from; another one in force is a conflict.
    pub base: Option<u64>,
}

/// Who decides about a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approver {
    /// Id of the credential or user.
    pub id: String,
    /// By name.
    pub name: String,
    /// Who that is, whatever credential he shows.
    pub person: String,
    /// What there is to say.
    pub note: Option<String>,
}

/// What only the composition root can do.
pub trait Control: Send + Sync + fmt::Debug {
    /// Whether the system serves, and how it stands.
    fn health(&self) -> Health;
    /// Why requests are not taken now, in a word for those who may know no more; none while they are.
    fn not_ready(&self) -> Option<&'static str>;
    /// Counters in the text format of Prometheus.
    fn metrics(&self) -> String;
    /// Reads the configuration again.
    fn reload(&self, actor: &str) -> Result<Reloaded, ApiProblem>;
    /// Whether a file holds the policy, so that it is changed there and not here.
    fn policy_is_of_file(&self) -> bool;
    /// Whether a change of the policy takes two people.
    fn needs_approval(&self) -> bool;
    /// Makes a policy text the one in force, recorded with its author.
    fn apply_policy(&self, text: &str, author: &str, how: (Option<u64>, &Deploy)) -> Result<PolicyVersion, ApiProblem>;
    /// Lets a policy text wait for a second person.
    fn propose_policy(&self, text: &str, proposing: &Proposing) -> Result<Proposal, ApiProblem>;
    /// Makes what somebody else proposed the policy in force.
    fn approve_policy(&self, id: &str, approver: &Approver) -> Result<PolicyVersion, ApiProblem>;
    /// Refuses what was proposed.
    fn reject_policy(&self, id: &str, approver: &Approver) -> Result<Proposal, ApiProblem>;
    /// Whether exceptions from the policy are made here.
    fn allows_exceptions(&self) -> bool;
    /// Exceptions were made or ended: requests are judged by what the store has now.
    fn exceptions_changed(&self);
    /// The keyed digest by which an exception names a text.
    fn text_digest(&self, text: &str) -> [u8; 32];
    /// Seals the credentials for other systems with a new key; how many there are.
    fn reseal(&self, actor: &str) -> Result<u64, ApiProblem>;
    /// An escalation was decided: the same request is asked about anew.
    fn escalation_resolved(&self, id: EscalationId);
}

/// What handlers work with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct State {
    /// Database.
    pub db: Db,
    /// All logs.
    pub logs: Logs,
    /// The log of the workspace that is served: whoever is of another one is refused.
    pub log: EventLog,
    /// Credentials.
    pub credentials: Credentials,
    /// Users and sessions.
    pub identity: Identity,
    /// Index.
    pub index: Index,
    /// The review queue.
    pub queue: Queue,
    /// What rules find, and what people make of it.
    pub detection: Detection,
    /// Contains people, and lets them go.
    pub container: Container,
    /// Destinations of events.
    pub dispatch: Dispatch,
    /// Takes signals.
    pub intake: Intake,
    /// Runs exports, and knows where their files are.
    pub exporter: Exporter,
    /// Sends long answers.
    pub feeds: Feeds,
    /// The names that it answers to.
    pub hosts: Hosts,
    /// One person is erased at a time.
    pub erasing: Arc<Mutex<()>>,
    /// The rest of the system.
    pub control: Arc<dyn Control>,
    /// Sees when the process drains.
    pub shutdown: Shutdown,
}

impl State {
    /// Runs work that blocks on disk, away from the threads that serve.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, ApiProblem> + Send + 'static,
    ) -> Result<T, ApiProblem> {
        let state = self.clone();
        tokio::task::spawn_blocking(move || work(&state)).await.map_err(|error| ApiProblem::internal(&error))?
    }

    /// Whether a caller would still be let in: what runs for long asks again.
    pub(crate) fn is_active(&self, caller: &Caller) -> bool {
        caller.is_still_good(self)
    }

    /// Whether the log that handlers read, and with it all else here, is that of a workspace.
    pub(crate) fn serves(&self, workspace: &Workspace) -> bool {
        self.log.info().workspace.as_ref() == Some(workspace)
    }

    /// Whether a token owns a workspace: then no user needs to.
    pub(crate) fn a_token_owns(&self, workspace: &Workspace) -> bool {
        let now = self.log.clock().now();
        self.credentials.list(workspace).iter().any(|token| {
            token.roles.has(Role::Owner) && token.kind != TokenKind::Setup && token.status(now) == "active"
        })
    }

    /// Whether roles count only with a second factor.
    pub(crate) fn needs_factor(&self, roles: Roles) -> bool {
        let strong = self.identity.rules().strong;
        roles.iter().any(|role| strong.has(role))
    }
}
