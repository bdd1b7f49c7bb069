//! What is looked for in a receiver, said once: each pack writes it in the language of its receiver.

pub(crate) mod list;

use picket_event::{Category, Severity};

/// What holds of an event. Fields have the names that events have.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Is {
    /// The field is one of these words.
    One(&'static str, &'static [&'static str]),
    /// The field is none of these words, or is absent.
    Not(&'static str, &'static [&'static str]),
    /// The field is there.
    There(&'static str),
    /// The field is this number.
    Number(&'static str, u32),
    /// The field is more than this number.
    Above(&'static str, f64),
    /// At least one of these.
    Any(&'static [Is]),
}

/// What is counted of the events of a group.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Measure {
    /// Events.
    Events,
    /// Events of which all of this holds as well.
    EventsOf(&'static [Is]),
    /// Different values of a field.
    Values(&'static str),
    /// The sum of a field.
    Sum(&'static str),
}

/// A number that has to be reached.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    /// What the number is called, in lower case.
    pub(crate) name: &'static str,
    pub(crate) of: Measure,
    pub(crate) at_least: u32,
}

/// Groups of events of which every bound is reached.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    /// All of this holds of each event.
    pub(crate) of: &'static [Is],
    /// Fields whose values a group shares; nothing is one group.
    pub(crate) by: &'static [&'static str],
    pub(crate) bounds: &'static [Bound],
}

/// What no counting says, in the languages that can say it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Written {
    /// For Splunk.
    pub(crate) spl: &'static str,
    /// For Sentinel; `{events}` stands for the table.
    pub(crate) kql: &'static str,
    /// Fields of ours that the result has.
    pub(crate) by: &'static [&'static str],
}

/// What finds it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Body {
    /// Each event of which all of this holds.
    Each(&'static [Is]),
    /// Groups.
    Counted(Counted),
    /// Text.
    Written(Written),
}

/// Something that somebody should be told of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search {
    /// Its name, of lower-case words and hyphens; where the product has a rule of the same purpose, that rule's.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) about: &'static str,
    /// The query, rule or number that it answers to, as its authors have it.
    pub(crate) answers: &'static str,
    pub(crate) severity: Severity,
    pub(crate) category: Option<Category>,
    /// Over so many minutes.
    pub(crate) window: u32,
    /// Every so many minutes.
    pub(crate) every: u32,
    /// Whether it is on when the pack is installed.
    pub(crate) on: bool,
    pub(crate) body: Body,
}

impl Search {
    /// Fields whose values a result has.
    pub(crate) fn by(&self) -> &'static [&'static str] {
        match self.body {
            Body::Each(_) => &["event_id", "user", "src_ip", "type"],
            Body::Counted(counted) => counted.by,
            Body::Written(written) => written.by,
        }
    }
}

/// A technique of MITRE ATT&CK under a tactic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Technique {
    /// The tactic as one word.
    pub(crate) tactic: &'static str,
    /// Its id.
    pub(crate) tactic_id: &'static str,
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
}

const PUBLIC: Technique = technique("InitialAccess", "TA0001", "T1190", "Exploit Public-Facing Application");
const SUPPLY: Technique = technique("InitialAccess", "TA0001", "T1195", "Supply Chain Compromise");
const ACCOUNTS: Technique = technique("InitialAccess", "TA0001", "T1078", "Valid Accounts");
const SCRIPTS: Technique = technique("Execution", "TA0002", "T1059", "Command and Scripting Interpreter");
const CHANGED_ACCOUNT: Technique = technique("Persistence", "TA0003", "T1098", "Account Manipulation");
const ESCAPE: Technique = technique("PrivilegeEscalation", "TA0004", "T1611", "Escape to Host");
const OBFUSCATED: Technique = technique("DefenseEvasion", "TA0005", "T1027", "Obfuscated Files or Information");
const CREDENTIALS: Technique = technique("CredentialAccess", "TA0006", "T1552", "Unsecured Credentials");
const CLOUD: Technique = technique("Collection", "TA0009", "T1530", "Data from Cloud Storage");
const REPOSITORIES: Technique = technique("Collection", "TA0009", "T1213", "Data from Information Repositories");
const WEB: Technique = technique("Exfiltration", "TA0010", "T1567", "Exfiltration Over Web Service");
const OTHER_WAY: Technique = technique("Exfiltration", "TA0010", "T1048", "Exfiltration Over Alternative Protocol");
const MANIPULATION: Technique = technique("Impact", "TA0040", "T1565", "Data Manipulation");
const HIJACKING: Technique = technique("Impact", "TA0040", "T1496", "Resource Hijacking");
const DENIAL: Technique = technique("Impact", "TA0040", "T1499", "Endpoint Denial of Service");

const fn technique(tactic: &'static str, tactic_id: &'static str, id: &'static str, name: &'static str) -> Technique {
    Technique { tactic, tactic_id, id, name }
}

/// What a category stands for.
pub(crate) fn attack(category: Option<Category>) -> &'static [Technique] {
    match category {
        Some(Category::GuardrailBlock) => &[PUBLIC, SCRIPTS],
        Some(Category::JudgeFlag) => &[MANIPULATION],
        Some(Category::Anomaly) => &[ACCOUNTS, HIJACKING, DENIAL],
        Some(Category::PromptAttack) => &[PUBLIC, OBFUSCATED],
        Some(Category::DataExfiltration) => &[WEB, OTHER_WAY, CLOUD, REPOSITORIES, CREDENTIALS],
        Some(Category::AgentBoundaryViolation) => &[SCRIPTS, CHANGED_ACCOUNT, ESCAPE],
        Some(Category::ModelDrift) => &[MANIPULATION, SUPPLY],
        None => &[],
    }
}
