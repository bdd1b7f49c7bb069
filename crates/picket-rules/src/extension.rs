//! What the block `x-picket` of a rule says: about whom a finding is, how much it weighs, and what is done about it.

mod reason;

pub use reason::Reason;

use crate::behaviour::Behaviour;
use crate::schedule::Schedule;
use picket_event::Category;
use std::time::Duration;

/// What a rule says in `x-picket`. Everything may be absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extension {
    /// Place of its findings in the alert taxonomy.
    pub category: Option<Category>,
    /// How often a finding is right, by its author's estimate: 0 to 1.
    pub confidence: Option<f64>,
    /// About whom a finding is; none: about the workspace.
    pub entity: Option<Entity>,
    /// What a finding adds to the risk of an entity.
    pub risk: Option<Risk>,
    /// When further findings are not told.
    pub suppress: Option<Suppress>,
    /// What is done by itself.
    pub responses: Vec<Response>,
    /// What a finding says.
    pub reason: Option<Reason>,
    /// Ids of MITRE ATLAS, such as `AML.T0051.000`.
    pub atlas: Vec<String>,
    /// Ids of OWASP's lists, such as `LLM01` and `ASI02`.
    pub owasp: Vec<String>,
    /// Public rules that it covers, as `source:name`.
    pub equivalents: Vec<String>,
    /// What is made of the document's matches.
    pub behaviour: Option<Behaviour>,
    /// When its matches count.
    pub schedule: Option<Schedule>,
}

/// What a finding may be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntityKind {
    /// A user.
    User,
    /// A gateway key.
    Key,
    /// An address.
    Address,
    /// An application.
    Application,
    /// An agent.
    Agent,
    /// A session.
    Session,
    /// A model. No response can be against one.
    Model,
}

impl EntityKind {
    pub(crate) const WORDS: &[(&str, Self)] = &[
        ("user", Self::User),
        ("key", Self::Key),
        ("address", Self::Address),
        ("application", Self::Application),
        ("agent", Self::Agent),
        ("session", Self::Session),
        ("model", Self::Model),
    ];

    /// The word of a rule.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Key => "key",
            Self::Address => "address",
            Self::Application => "application",
            Self::Agent => "agent",
            Self::Session => "session",
            Self::Model => "model",
        }
    }

    /// The field of an event that names one, where a rule says no other.
    pub const fn field(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Key => "key_id",
            Self::Address => "src_ip",
            Self::Application => "application",
            Self::Agent => "agent_id",
            Self::Session => "session_id",
            Self::Model => "model",
        }
    }
}

/// Whom or what: its name stands in a field of the group, else of the newest event that a finding rests on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entity {
    /// What it is.
    pub kind: EntityKind,
    /// Where its name stands.
    pub field: String,
}

impl From<EntityKind> for Entity {
    fn from(kind: EntityKind) -> Self {
        Self { kind, field: kind.field().to_owned() }
    }
}

/// What a finding adds to the risk of an entity.
#[derive(Debug, Clone, PartialEq)]
pub struct Risk {
    /// 0 to 100.
    pub score: f64,
    /// Whose risk; none: that of the one whom the finding is about.
    pub entity: Option<Entity>,
    /// After this time half of it is left.
    pub half_life: Duration,
}

/// Findings that are alike are told once in a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppress {
    /// Fields in which findings that are alike agree; none: all of the rule are alike.
    pub by: Vec<String>,
    /// From the one that was told last.
    pub lasts: Duration,
}

/// What is done. All but the last are effects of containments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// The target's requests pass, so many in a time.
    Throttle,
    /// Whatever a check finds in them is refused.
    Strict,
    /// They wait for a person.
    Review,
    /// They are refused.
    Block,
    /// Requests and answers that the finding rests on are kept in full.
    Keep,
}

impl Effect {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::Strict => "strict",
            Self::Review => "review",
            Self::Block => "block",
            Self::Keep => "keep",
        }
    }
}

/// What of the target's requests a response is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Extent {
    /// All of them.
    #[default]
    All,
    /// Those of the feature that the newest event names in `feature`.
    Feature,
    /// Those for the model that the newest event names in `model`.
    Model,
}

/// What is done by itself when the rule finds something. The words `halt`, `disable-feature` and `disable-model` are
/// blocks: of an agent or session, and of a feature or model for the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// What is done.
    pub effect: Effect,
    /// To whom; none with [`Effect::Keep`].
    pub target: Option<Entity>,
    /// Of which of the target's requests.
    pub extent: Extent,
    /// Requests and the time in which so many pass, of a throttle.
    pub rate: Option<(u32, Duration)>,
    /// How long; none: as long as is usual.
    pub ttl: Option<Duration>,
    /// How often in an hour, of this rule.
    pub max_per_hour: Option<u32>,
    /// A person has to agree first.
    pub approval: bool,
    /// It only counts whom it would concern.
    pub is_dry: bool,
}
