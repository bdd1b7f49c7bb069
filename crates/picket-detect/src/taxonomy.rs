//! The alert taxonomy: seven categories, how bad they usually are, what that means for a SOC, and how each is triaged.
//!
//! All of it is data. The operator may change it for the workspace: severities, times, owners and procedures; the
//! categories themselves are words of the event schema.

mod procedures;

use picket_event::{Category, Severity};
use picket_store::detection::findings::Frameworks;
use std::time::Duration;

/// The release of MITRE ATLAS that the ids are of.
pub const ATLAS: &str = "5.6.0";
/// The edition of OWASP's list for applications of language models.
pub const OWASP_LLM: &str = "2025";
/// The edition of OWASP's list for agentic applications.
pub const OWASP_AGENTIC: &str = "2026";

/// What a severity means for those who answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// The severity.
    pub severity: Severity,
    /// What a SOC calls it.
    pub soc: String,
    /// How soon somebody must have looked; none where nobody needs to.
    pub respond_within: Option<Duration>,
    /// What is done.
    pub response: String,
}

/// A step of a triage procedure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What to do, or to ask.
    pub ask: String,
    /// Answers, and what follows from each; empty where there is nothing to decide.
    pub answers: Vec<(String, String)>,
}

/// A category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its word.
    pub category: Category,
    /// Its name for people.
    pub title: String,
    /// What sees it.
    pub source: String,
    /// How bad one usually is, at least.
    pub severity: Severity,
    /// And at most.
    pub severity_max: Severity,
    /// What it looks like.
    pub examples: Vec<String>,
    /// Who answers for it.
    pub owner: String,
    /// Ids of frameworks, the most usual first.
    pub frameworks: Frameworks,
    /// How it is triaged.
    pub triage: Vec<Step>,
}

/// The taxonomy of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taxonomy {
    /// By severity, the mildest first.
    pub levels: Vec<Level>,
    /// By category.
    pub entries: Vec<Entry>,
}

impl Default for Taxonomy {
    fn default() -> Self {
        Self { levels: levels(), entries: Category::ALL.iter().map(|category| entry(*category)).collect() }
    }
}

impl Taxonomy {
    /// The entry of a category.
    pub fn of(&self, category: Category) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.category == category)
    }

    /// What a severity means.
    pub fn level(&self, severity: Severity) -> Option<&Level> {
        self.levels.iter().find(|level| level.severity == severity)
    }

    /// How bad a finding of a category is when its rule does not say.
    pub fn severity(&self, category: Option<Category>) -> Severity {
        category.and_then(|category| self.of(category)).map_or(Severity::Medium, |entry| entry.severity)
    }
}

fn levels() -> Vec<Level> {
    const HOUR: u64 = 3_600;
    [
        (Severity::Info, "none", None, "nothing; it is there to be searched"),
        (Severity::Low, "informational", None, "log and aggregate; somebody looks each week"),
        (Severity::Medium, "warning", Some(4 * HOUR), "triage within four hours"),
        (Severity::High, "alert", Some(HOUR), "triage within an hour"),
        (Severity::Critical, "incident", Some(0), "respond at once"),
    ]
    .into_iter()
    .map(|(severity, soc, within, response)| Level {
        severity,
        soc: soc.to_owned(),
        respond_within: within.map(Duration::from_secs),
        response: response.to_owned(),
    })
    .collect()
}

/// Facts of a category: name, source, severities, owner.
const fn facts(category: Category) -> (&'static str, &'static str, (Severity, Severity), &'static str) {
    use Severity::{High, Low, Medium};
    match category {
        Category::GuardrailBlock => {
            ("Guardrail block", "checks of requests and answers", (Low, Medium), "AI platform team")
        }
        Category::JudgeFlag => ("Judge flag", "a model that judges answers", (Medium, High), "AI security, SOC L1"),
        Category::Anomaly => ("Anomaly", "baselines of behaviour", (Medium, Medium), "SOC L1"),
        Category::PromptAttack => ("Prompt attack", "checks and judge together", (High, High), "SOC L2, AI security"),
        Category::DataExfiltration => ("Data exfiltration signal", "checks of answers", (High, High), "SOC L2"),
        Category::AgentBoundaryViolation => {
            ("Agent boundary violation", "limits of agents and tools", (High, High), "AI platform team, SOC L2")
        }
        Category::ModelDrift => {
            ("Model drift", "measures of models and of the judge", (Medium, Medium), "AI platform team")
        }
    }
}

fn entry(category: Category) -> Entry {
    let (title, source, (severity, severity_max), owner) = facts(category);
    Entry {
        category,
        title: title.to_owned(),
        source: source.to_owned(),
        severity,
        severity_max,
        examples: examples(category).iter().map(|text| (*text).to_owned()).collect(),
        owner: owner.to_owned(),
        frameworks: frameworks(category),
        triage: procedures::of(category),
    }
}

const fn examples(category: Category) -> &'static [&'static str] {
    match category {
        Category::GuardrailBlock => &["personal data in an answer", "abusive text", "a question off the topic"],
        Category::JudgeFlag => &["an answer against the policy", "invented facts", "reasoning that is unsafe"],
        Category::Anomaly => &["use unlike before", "answers of another length or kind", "latency that jumps"],
        Category::PromptAttack => &["injected instructions", "a jailbreak", "a try to read the system prompt"],
        Category::DataExfiltration => &["data in bulk in an answer", "records drawn out one by one"],
        Category::AgentBoundaryViolation => {
            &["a tool that is not allowed", "delegation against the rules", "wider rights"]
        }
        Category::ModelDrift => &["a judge that errs more often", "answers that changed with no change of ours"],
    }
}

/// ATLAS, OWASP LLM, OWASP agentic, ATT&CK.
const fn ids(category: Category) -> [&'static str; 4] {
    match category {
        Category::GuardrailBlock => {
            ["AML.T0051 AML.T0054 AML.T0068 AML.T0042 AML.T0015", "LLM01 LLM02 LLM05", "ASI01", "T1190 T1059"]
        }
        Category::JudgeFlag => {
            ["AML.T0054 AML.T0048 AML.T0057 AML.T0062 AML.T0067 AML.T0031", "LLM05 LLM09", "ASI09", "T1565"]
        }
        Category::Anomaly => [
            "AML.T0012 AML.T0040 AML.T0034 AML.T0029 AML.T0046 AML.T0091.000",
            "LLM10",
            "ASI03 ASI08",
            "T1078 T1496 T1499",
        ],
        Category::PromptAttack => [
            "AML.T0051 AML.T0054 AML.T0065 AML.T0068 AML.T0069 AML.T0056 AML.T0061 AML.T0093 AML.T0094 AML.T0043",
            "LLM01 LLM07",
            "ASI01 ASI06",
            "T1190 T1027",
        ],
        Category::DataExfiltration => [
            "AML.T0024 AML.T0025 AML.T0057 AML.T0077 AML.T0085 AML.T0086 AML.T0082 AML.T0055 AML.T0036 AML.T0037",
            "LLM02 LLM08",
            "ASI02",
            "T1567 T1048 T1530 T1552 T1213",
        ],
        Category::AgentBoundaryViolation => [
            "AML.T0053 AML.T0081 AML.T0084 AML.T0086 AML.T0098 AML.T0099 AML.T0101 AML.T0103 AML.T0105 AML.T0108 AML.T0110 AML.T0112.000 AML.T0011.002 AML.T0050 AML.T0072 AML.T0080",
            "LLM06 LLM03",
            "ASI02 ASI03 ASI04 ASI05 ASI06 ASI07 ASI10",
            "T1059 T1078 T1098 T1611",
        ],
        Category::ModelDrift => [
            "AML.T0018 AML.T0020 AML.T0031 AML.T0059 AML.T0070 AML.T0071 AML.T0076 AML.T0109 AML.T0092",
            "LLM03 LLM04 LLM08 LLM09",
            "ASI08",
            "T1565 T1195",
        ],
    }
}

fn frameworks(category: Category) -> Frameworks {
    let [atlas, owasp_llm, owasp_agentic, attack] =
        ids(category).map(|ids| ids.split(' ').map(str::to_owned).collect());
    Frameworks { atlas, owasp_llm, owasp_agentic, attack }
}

/// The ids that the tags of a rule name, such as `atlas.aml.t0051`, `owasp.llm01` or `attack.t1190`.
pub fn frameworks_of_tags(tags: &[String]) -> Frameworks {
    let mut found = Frameworks::default();
    for tag in tags {
        let upper = tag.to_ascii_uppercase().replace(['-', '_'], ".");
        let last = upper.rsplit('.').next().unwrap_or_default();
        let digits = |text: &str, prefix: &str| {
            let rest = text.strip_prefix(prefix).filter(|rest| rest.len() >= 2);
            rest.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
        };
        if let Some(at) = upper.find("AML.T") {
            found.atlas.extend(upper.get(at..).map(str::to_owned));
        } else if digits(last, "LLM") {
            found.owasp_llm.push(last.to_owned());
        } else if digits(last, "ASI") {
            found.owasp_agentic.push(last.to_owned());
        } else if let Some(id) = upper.strip_prefix("ATTACK.").filter(|id| digits(id, "T")) {
            found.attack.push(id.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests;
