//! A set of rules that is ready for events, with what is known of each.

use crate::source::{Origin, Read};
use crate::taxonomy;
use picket_event::Severity;
use picket_rules::{About, Extension, Level, Loaded, Rules, Status};
use picket_stdx::encode::hex;
use picket_store::detection::findings::Frameworks;
use picket_store::detection::rules::RuleState;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::time::Duration;

/// How likely a finding is real before anybody has said, by the maturity of its rule.
const CONFIDENCE: (f64, f64, f64) = (0.9, 0.7, 0.5);

/// Warnings that a set keeps.
const WARNINGS_MAX: usize = 1_000;

/// What is known of a rule.
#[derive(Debug, Clone)]
pub struct Info {
    /// Id, else name, else title.
    pub key: String,
    /// Title.
    pub title: String,
    /// What it detects.
    pub description: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Whether it is about several events.
    pub is_correlation: bool,
    /// Whether it finds something by itself, and is not only a part of others.
    pub is_told: bool,
    /// Whether it is only the first half of another, and of one document with it.
    pub is_feed: bool,
    /// Where it comes from.
    pub origin: Origin,
    /// File and line.
    pub place: String,
    /// SHA-256 of its text, hex.
    pub digest: String,
    /// How bad what it finds is, if it says so.
    pub severity: Option<Severity>,
    /// How mature it is.
    pub status: Option<Status>,
    /// Tests that stand in it.
    pub tests: usize,
    /// What it says beyond Sigma.
    pub extension: Extension,
    /// Ids of frameworks.
    pub frameworks: Frameworks,
    /// The time that it looks at, of a correlation.
    pub span: Option<Duration>,
    /// What keeps it from being trusted.
    pub lacks: Vec<String>,
}

impl Info {
    /// What it does when nobody decided: those of the program are enabled, those of others watch.
    pub fn usual_state(&self) -> RuleState {
        match (self.origin, self.status) {
            (_, Some(Status::Unsupported | Status::Deprecated)) => RuleState::Disabled,
            (Origin::Shipped, Some(Status::Experimental)) | (Origin::Configured, _) => RuleState::Shadow,
            (Origin::Shipped, _) => RuleState::Enabled,
        }
    }

    /// Whether it responds when nobody decided: only if it is part of the program, stable, and says what to do. Whatever
    /// others would do waits until somebody wants it.
    pub fn usually_responds(&self) -> bool {
        let is_stable = self.status == Some(Status::Stable);
        self.origin == Origin::Shipped && is_stable && self.has_response()
    }

    /// Whether it says what is to be done.
    pub fn has_response(&self) -> bool {
        !self.extension.responses.is_empty()
    }

    /// How likely what it finds is real, before anybody has said.
    pub fn confidence(&self) -> f64 {
        self.extension.confidence.unwrap_or(match self.status {
            Some(Status::Stable) => CONFIDENCE.0,
            Some(Status::Test) => CONFIDENCE.1,
            _ => CONFIDENCE.2,
        })
    }
}

/// Rules that are ready, never changed.
#[derive(Debug)]
pub struct RuleSet {
    /// The rules: first those about single events, then correlations, as in `infos`.
    pub rules: Rules,
    /// What is known of each.
    pub infos: Vec<Info>,
    /// What is allowed, and probably not meant.
    pub warnings: Vec<String>,
    /// What tells this set from another.
    pub digest: [u8; 32],
    by_key: HashMap<String, usize>,
}

impl Default for RuleSet {
    fn default() -> Self {
        Self::load(&Read::default()).0
    }
}

impl RuleSet {
    /// Makes a set of what was read. What could not be read, and rules with mistakes, are left out of it, and told.
    pub fn load(read: &Read) -> (Self, Vec<String>) {
        let files = read.files.iter().map(|file| (file.name.as_str(), file.text.as_str()));
        Self::of(Rules::load(files, &read.data), read)
    }

    /// The same for as long as `goes_on` says so; nothing if it did not up to the end.
    pub(crate) fn load_while(read: &Read, goes_on: &dyn Fn() -> bool) -> Option<(Self, Vec<String>)> {
        let files = read.files.iter().map(|file| (file.name.as_str(), file.text.as_str()));
        Some(Self::of(Rules::load_while(files, &read.data, goes_on)?, read))
    }

    fn of(loaded: Loaded, read: &Read) -> (Self, Vec<String>) {
        let rules = loaded.rules;
        let texts: HashMap<&str, (Origin, Texts<'_>)> =
            read.files.iter().map(|file| (file.name.as_str(), (file.origin, Texts::of(&file.text)))).collect();
        let singles = rules.rules().iter().enumerate().map(|(at, rule)| {
            let mut info = info(&rule.about, &texts);
            (info.is_feed, info.is_told) = (rule.is_feed(), !rule.is_feed() && rules.is_told(at));
            info
        });
        let correlations = rules.correlations().iter().enumerate().map(|(at, correlation)| Info {
            is_correlation: true,
            is_feed: correlation.is_feed(),
            is_told: !correlation.is_feed() && rules.is_correlation_told(at),
            span: Some(correlation.span()),
            ..info(&correlation.about, &texts)
        });
        let infos: Vec<Info> = singles.chain(correlations).collect();
        let whole = infos.iter().enumerate().filter(|(_, info)| !info.is_feed);
        let by_key = whole.map(|(at, info)| (info.key.clone(), at)).collect();
        let lines = |issues: &[picket_rules::Issue]| issues.iter().map(ToString::to_string).collect::<Vec<_>>();
        let told = loaded.issues.warnings.get(..WARNINGS_MAX).unwrap_or(&loaded.issues.warnings);
        let more = loaded.issues.warnings.len() - told.len();
        let more = (more > 0).then(|| format!("and {more} more; `picket rules lint` tells all"));
        let warnings = lines(told).into_iter().chain(more).collect();
        let problems = read.problems.iter().cloned().chain(lines(&loaded.issues.errors)).collect();
        (Self { rules, infos, warnings, digest: read.digest, by_key }, problems)
    }

    /// The place of a rule by its key, or by another name that it is called by.
    pub fn find(&self, name: &str) -> Option<usize> {
        let is_whole = |at: &usize| self.infos.get(*at).is_some_and(|info| !info.is_feed);
        let abouts = self.rules.rules().iter().map(|rule| &rule.about);
        let abouts = abouts.chain(self.rules.correlations().iter().map(|rule| &rule.about)).enumerate();
        let called = |is_called: &dyn Fn(&About) -> bool| {
            abouts.clone().filter(|(_, about)| is_called(about)).map(|(at, _)| at).find(is_whole)
        };
        let by_key = self.by_key.get(name).copied();
        by_key.or_else(|| called(&|about| about.is_called(name))).or_else(|| called(&|about| about.title == name))
    }

    /// The key of the rule that somebody calls by its key, id, name or title.
    pub fn key_of(&self, name: &str) -> Option<&str> {
        self.infos.get(self.find(name)?).map(|info| info.key.as_str())
    }

    /// The correlation that is told under a key.
    pub(crate) fn told_correlation(&self, key: &str) -> Option<usize> {
        let key_of = |at: usize| self.infos.get(self.correlation(at)).map(|info| info.key.as_str());
        (0..self.rules.correlations().len()).find(|at| self.rules.is_correlation_told(*at) && key_of(*at) == Some(key))
    }

    /// The place in `infos` of a correlation.
    pub(crate) fn correlation(&self, at: usize) -> usize {
        self.rules.rules().len() + at
    }
}

fn info(about: &About, files: &HashMap<&str, (Origin, Texts<'_>)>) -> Info {
    let file = files.get(&*about.place.source);
    let origin = file.map_or(Origin::Configured, |(origin, _)| *origin);
    let text = file.map(|(_, texts)| texts.at(about.place.line)).unwrap_or_default();
    let mut frameworks = taxonomy::frameworks_of_tags(&about.tags);
    let add = |list: &mut Vec<String>, id: &String| {
        if !list.contains(id) {
            list.push(id.clone());
        }
    };
    about.extension.atlas.iter().for_each(|id| add(&mut frameworks.atlas, id));
    for id in &about.extension.owasp {
        let list = if id.starts_with("ASI") { &mut frameworks.owasp_agentic } else { &mut frameworks.owasp_llm };
        add(list, id);
    }
    let lacks = [
        (about.tests() == 0, "tests"),
        (about.extension.category.is_none(), "category"),
        (about.level.is_none(), "level"),
        (about.id.is_none(), "id"),
    ];
    Info {
        key: about.key().to_owned(),
        title: about.title.clone(),
        description: about.description.clone(),
        author: about.author.clone(),
        is_correlation: false,
        is_told: true,
        is_feed: false,
        origin,
        place: format!("{}:{}", about.place.source, about.place.line),
        digest: hex(&Sha256::digest(text.as_bytes())),
        severity: about.level.map(severity),
        status: about.status,
        tests: about.tests(),
        extension: about.extension.clone(),
        frameworks,
        span: None,
        lacks: lacks.into_iter().filter(|(lacks, _)| *lacks).map(|(_, what)| what.to_owned()).collect(),
    }
}

/// The texts of the documents of a file, each with how many lines come before it. A file has many, and is read once.
struct Texts<'a>(Vec<(usize, &'a str)>);

impl<'a> Texts<'a> {
    fn of(text: &'a str) -> Self {
        Self(picket_yaml::documents(text).map(|(document, before)| (before, document)).collect())
    }

    /// The one that a line, from 1, is in, without regard to how lines end.
    fn at(&self, line: usize) -> String {
        let at = self.0.partition_point(|(before, _)| *before < line.max(1)).saturating_sub(1);
        let text = self.0.get(at).map(|(_, text)| *text).unwrap_or_default();
        text.lines().collect::<Vec<_>>().join("\n").trim().to_owned()
    }
}

fn severity(level: Level) -> Severity {
    match level {
        Level::Informational => Severity::Info,
        Level::Low => Severity::Low,
        Level::Medium => Severity::Medium,
        Level::High => Severity::High,
        Level::Critical => Severity::Critical,
    }
}

#[cfg(test)]
mod tests;
