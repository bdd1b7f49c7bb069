//! From a document to a policy.

use crate::chain::patterns;
use crate::document::{self, Node, Problem, Problems, Value, suggestion};
use crate::judgement::Subject;
use crate::kind::{self, Kind, Lane, Unsure};
use crate::oversight::{self, Bands, HumanOversight};
use picket_content::stream::Patterns;
use picket_event::{Action, Phase};
use picket_stdx::Glob;
use picket_stdx::encode::hex;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// A compiled document.
#[derive(Debug, Clone)]
pub struct Policy {
    digest: String,
    text: String,
    pub(crate) checks: Vec<Check>,
    /// What a stream guard looks for, if that is the same for everybody.
    pub(crate) streams: Option<Arc<Patterns>>,
    /// What happens with what is escalated.
    pub oversight: HumanOversight,
    warnings: Vec<Problem>,
}

/// A check of the chain.
#[derive(Debug, Clone)]
pub(crate) struct Check {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) enforce: bool,
    /// What happens when the check itself fails.
    pub(crate) on_error: Action,
    /// What happens with what no check can look into; it is only told where nothing is said.
    pub(crate) on_unscanned: Option<Action>,
    pub(crate) when: When,
    /// Where it is late, and for whom.
    pub(crate) lane: Option<Lane>,
    /// Where a slower detector is asked inside requests, and about what.
    pub(crate) unsure: Option<Unsure>,
    /// Whether the document says what it asks for.
    pub(crate) is_explicit: bool,
    /// What bands of risk ask for, where they ask for anything.
    pub(crate) bands: Option<Bands>,
}

/// Whom a check concerns. Empty lists mean everybody.
#[derive(Debug, Clone, Default)]
pub(crate) struct When {
    teams: Vec<Glob>,
    users: Vec<Glob>,
    keys: Vec<Glob>,
    applications: Vec<Glob>,
    models: Vec<Glob>,
    phase: Option<Phase>,
}

impl std::fmt::Display for When {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lists = [
            ("team", &self.teams),
            ("user", &self.users),
            ("key", &self.keys),
            ("application", &self.applications),
            ("model", &self.models),
        ];
        let mut parts: Vec<String> = Vec::new();
        for (word, globs) in lists.into_iter().filter(|(_, globs)| !globs.is_empty()) {
            let names: Vec<String> = globs.iter().map(Glob::to_string).collect();
            parts.push(format!("{word} {}", names.join(", ")));
        }
        parts.extend(self.phase.map(|phase| format!("{phase} only")));
        if parts.is_empty() { f.write_str("for everybody") } else { write!(f, "for {}", parts.join("; ")) }
    }
}

impl Policy {
    /// SHA-256 of the text, hex.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The document.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The name in the chain of a kind or name.
    pub fn name_in_chain(&self, name: &str) -> Option<String> {
        let folded = name.to_ascii_lowercase().replace('_', "-");
        let canonical = kind::canonical(&folded).map_or(folded, str::to_owned);
        self.checks.iter().map(|check| check.name.clone()).find(|known| *known == canonical)
    }

    /// The document with the mode of one check changed; everything else keeps its words.
    pub fn with_mode(&self, name: &str, enforce: bool) -> Result<String, Problems> {
        let mut problems = Problems::new("policy");
        let root = document::parse(&self.text, "policy")?;
        let word = if enforce { "enforce" } else { "monitor" };
        let lists = [root.member("policy"), root.member("policies").and_then(|policies| policies.member("policy"))];
        let config = lists.into_iter().flatten().find_map(|list| list.member(name));
        let mode = config.and_then(|config| config.member("mode"));
        let mut lines: Vec<String> = self.text.lines().map(str::to_owned).collect();
        let place = mode.or(config).map(|node| (node.line, node.column));
        let line = place.and_then(|(line, _)| lines.get_mut(line - 1));
        match (line, place, mode, config.map(|config| &config.value)) {
            (Some(line), Some((_, column)), Some(_), _) => {
                let (before, after): (String, String) =
                    (line.chars().take(column - 1).collect(), line.chars().skip(column - 1).collect());
                let rest: String =
                    after.chars().skip_while(|c| c.is_alphanumeric() || matches!(c, '"' | '\'')).collect();
                *line = format!("{before}{word}{rest}");
            }
            (Some(line), Some((_, column)), None, Some(Value::Map(_))) if line.chars().nth(column - 1) == Some('{') => {
                let (before, after): (String, String) =
                    (line.chars().take(column).collect(), line.chars().skip(column).collect());
                *line = format!("{before} mode: {word},{after}");
            }
            (Some(line), Some((_, column)), None, Some(Value::Map(_))) => {
                *line = format!("{}mode: {word}\n{line}", " ".repeat(column - 1));
            }
            _ => {
                problems.at(
                    &root,
                    format!("{name} has no settings in the document; write them there, with `mode: {word}`"),
                );
                return Err(problems);
            }
        }
        Ok(lines.join("\n") + "\n")
    }

    /// What is valid, but deserves a look.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }
}

/// Compiles a document, or says everything that is wrong with it.
pub fn compile(text: &str, source: &str) -> Result<Policy, Problems> {
    let root = document::parse(text, source)?;
    let mut problems = Problems::new(source);
    let mut warnings = Vec::new();
    let mut chain = None;
    let mut configs: Vec<(document::Key, Node)> = Vec::new();
    for (key, node) in root.map(&mut problems) {
        match key.name.as_str() {
            "policies" => {
                for (key, node) in node.map(&mut problems) {
                    match key.name.as_str() {
                        "chain" => chain = Some(node.clone()),
                        "policy" => configs.extend(node.map(&mut problems).to_vec()),
                        _ => key.unknown(&["chain", "policy"], &mut problems),
                    }
                }
            }
            "policy" => configs.extend(node.map(&mut problems).to_vec()),
            "cases" => {}
            _ => key.unknown(&["policies", "policy", "cases"], &mut problems),
        }
    }
    let Some(chain) = chain else {
        problems.at(&root, "no chain: begin with `policies: { chain: [prompt-injection, …] }`");
        return problems.or(()).map(|()| unreachable_policy());
    };
    let mut checks = checks(&chain, &configs, &mut problems, &mut warnings);
    let is_overseen = checks.iter().any(|check| matches!(check.kind, Kind::Human));
    let oversight = Some(oversight::read(&configs, &mut problems)).filter(|_| is_overseen).unwrap_or_default();
    warnings.extend(oversight::warnings(&configs, &checks, &oversight.bands));
    let bands = Some(oversight.bands).filter(Bands::act);
    checks.iter_mut().for_each(|check| check.bands = bands);
    if !checks.iter().any(|check| matches!(check.kind, Kind::Audit)) {
        warnings.push(Problem {
            line: chain.line,
            column: chain.column,
            message: "audit-logger is not in the chain; everything is recorded all the same".to_owned(),
        });
    }
    let digest = hex(&Sha256::digest(text.as_bytes()));
    let streams = streams(&checks);
    problems.or(Policy { digest, text: text.to_owned(), checks, streams, oversight, warnings })
}

/// Never seen: `problems` is not empty where this stands.
fn unreachable_policy() -> Policy {
    Policy {
        digest: String::new(),
        text: String::new(),
        checks: Vec::new(),
        streams: None,
        oversight: HumanOversight::default(),
        warnings: Vec::new(),
    }
}

/// What a stream guard looks for, unless that depends on who asks.
fn streams(checks: &[Check]) -> Option<Arc<Patterns>> {
    let content = || checks.iter().filter(|check| check.kind.reads_texts() && check.lane.is_none());
    let concerning = content().filter(|check| check.when.concerns(&Subject::default(), Phase::Output));
    content().all(|check| check.when.is_for_everybody()).then(|| Arc::new(patterns(concerning, None)))
}

fn checks(
    chain: &Node,
    configs: &[(document::Key, Node)],
    problems: &mut Problems,
    warnings: &mut Vec<Problem>,
) -> Vec<Check> {
    let Value::List(items) = &chain.value else {
        problems.at(chain, "the chain is a list of kinds, such as [prompt-injection, pii-detector]");
        return Vec::new();
    };
    let mut checks: Vec<Check> = Vec::new();
    for item in items {
        let Some(name) = item.text(problems).map(str::to_owned) else { continue };
        let folded = name.replace('_', "-");
        let config = configs.iter().find(|(key, _)| key.name.replace('_', "-") == folded).map(|(_, node)| node);
        let declared =
            config.and_then(|config| config.member("kind")).and_then(|kind| kind.text(problems)).map(str::to_owned);
        let Some(kind_name) = kind::canonical(declared.as_deref().unwrap_or(&folded)) else {
            problems.at(item, unknown_kind(&folded));
            continue;
        };
        if checks.iter().any(|check| check.name == folded) {
            problems.at(item, "this stands twice in the chain; give the second one its own name and `kind:`");
            continue;
        }
        let Some(kind) = Kind::read(kind_name, config, problems) else { continue };
        if let Kind::Custom(custom) = &kind {
            warnings.extend(custom.warnings.iter().cloned());
        }
        if let Kind::Remote(remote) = &kind {
            warnings.extend(remote.warnings.iter().cloned());
            let asked = checks.iter().filter(|check| matches!(check.kind, Kind::Remote(_))).count();
            if asked >= kind::REMOTES_MAX {
                problems.at(item, format!("a chain asks at most {} services", kind::REMOTES_MAX));
            }
            if config.is_none() {
                problems.at(item, "a remote check needs settings: `remote: { url: … }` under `policy:`");
            }
        }
        if config.is_none() && !matches!(kind, Kind::Audit | Kind::Human) {
            warnings.push(Problem {
                line: item.line,
                column: item.column,
                message: format!("{folded} has no settings; it runs with its defaults"),
            });
        }
        let lane = config.and_then(|config| Lane::read(config, &kind, problems));
        let unsure = config.and_then(|config| Unsure::read(config, &kind, problems));
        let mut common = common(config, problems);
        if lane.is_some() && config.is_none_or(|config| config.member("on_error").is_none()) {
            // The request went on already.
            common.on_error = Action::Flag;
        }
        let is_explicit = config.is_some_and(kind::states_action);
        checks.push(Check { name: folded, kind, lane, unsure, is_explicit, ..common });
    }
    for (key, _) in configs {
        if !checks.iter().any(|check| check.name == key.name.replace('_', "-")) {
            if kind::canonical(&key.name).is_some() || checks.is_empty() {
                warnings.push(Problem {
                    line: key.line,
                    column: key.column,
                    message: "this is not in the chain and does nothing".to_owned(),
                });
            } else {
                let own = checks.iter().map(|check| check.name.as_str()).filter(|name| !kind::NAMES.contains(name));
                let valid: Vec<&str> = own.chain(kind::NAMES.iter().copied()).collect();
                key.unknown(&valid, problems);
            }
        }
    }
    checks
}

fn unknown_kind(name: &str) -> String {
    let shown: String = name.chars().take(40).collect();
    format!("unknown kind `{shown}`; valid here: {}{}", kind::NAMES.join(", "), suggestion(&shown, kind::NAMES))
}

/// What every check has besides its kind.
fn common(config: Option<&Node>, problems: &mut Problems) -> Check {
    const WORDS: &[(&str, Action)] = &[("block", Action::Block), ("allow", Action::Allow), ("flag", Action::Flag)];
    let mode = config
        .and_then(|config| config.member("mode"))
        .and_then(|node| node.word(&[("enforce", true), ("monitor", false)], problems));
    let mut word = |name| config.and_then(|config| config.member(name)).and_then(|node| node.word(WORDS, problems));
    let (on_error, on_unscanned) = (word("on_error"), word("on_unscanned"));
    let when = config.and_then(|config| config.member("when")).map(|node| when(node, problems)).unwrap_or_default();
    Check {
        name: String::new(),
        kind: Kind::Audit,
        enforce: mode.unwrap_or(true),
        on_error: on_error.unwrap_or(Action::Block),
        on_unscanned,
        when,
        lane: None,
        unsure: None,
        is_explicit: false,
        bands: None,
    }
}

fn when(node: &Node, problems: &mut Problems) -> When {
    let mut when = When::default();
    for (key, node) in node.map(problems) {
        let list = match key.name.as_str() {
            "team" | "teams" => &mut when.teams,
            "user" | "users" => &mut when.users,
            "key" | "keys" => &mut when.keys,
            "application" | "applications" => &mut when.applications,
            "model" | "models" => &mut when.models,
            "direction" => {
                when.phase = node
                    .word(&[("input", Some(Phase::Input)), ("output", Some(Phase::Output)), ("both", None)], problems)
                    .flatten();
                continue;
            }
            _ => {
                key.unknown(&["team", "user", "key", "application", "model", "direction"], problems);
                continue;
            }
        };
        list.extend(node.texts(problems).iter().map(|pattern| Glob::new(pattern)));
    }
    when
}

impl When {
    /// Whether it is the same for whoever asks.
    fn is_for_everybody(&self) -> bool {
        [&self.teams, &self.users, &self.keys, &self.applications, &self.models].iter().all(|globs| globs.is_empty())
    }

    pub(crate) fn concerns(&self, subject: &Subject<'_>, phase: Phase) -> bool {
        let fits = |globs: &[Glob], name: Option<&str>| {
            globs.is_empty() || name.is_some_and(|name| globs.iter().any(|glob| glob.matches(name)))
        };
        self.phase.is_none_or(|wanted| wanted == phase)
            && fits(&self.teams, subject.team)
            && fits(&self.users, subject.user)
            && fits(&self.keys, subject.key_id)
            && fits(&self.applications, subject.application)
            && fits(&self.models, subject.model)
    }
}
