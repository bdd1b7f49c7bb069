//! The rules of the package `agent-threat-rules`: taken over, and measured.
//!
//! `cargo xt atr import PACKAGE` writes `rules/atr/`; `cargo xt atr cases PACKAGE` asks the rules about all cases of the
//! package; `cargo xt atr corpora FOLDER` counts what they find in harmless texts, and measures their speed.

mod javascript;
mod measure;
mod package;
mod write;

use package::Rule;
use picket_content::custom::{Lane, Part, Rules, Spec, Views};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

pub(crate) type Failure = Box<dyn std::error::Error>;

/// A rule that looks at fewer bytes of each thousand of ordinary text may be asked while somebody waits, and all of
/// these together at so many.
const INLINE_RULE_MAX: usize = 256;
const INLINE_TOTAL_MAX: usize = 6 * 1_024;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["import", package] => {
            let (version, rules) = taken(Path::new(package))?;
            write::all(&version, &rules, Path::new("rules/atr"))?;
            cases(&rules)
        }
        ["cases", package] => cases(&taken(Path::new(package))?.1),
        ["corpora", folder] => measure::corpora(Path::new("rules/atr"), Path::new(folder)),
        _ => Err("usage: import PACKAGE | cases PACKAGE | corpora FOLDER".into()),
    }
}

/// A rule that was taken over.
#[derive(Debug)]
pub(crate) struct Taken {
    pub(crate) rule: Rule,
    pub(crate) is_late: bool,
    /// Bytes of each thousand of ordinary text that it looks at.
    pub(crate) cost: usize,
}

pub(crate) fn spec(id: &str, regexes: &[String]) -> Spec {
    Spec {
        id: id.to_owned(),
        keywords: Vec::new(),
        regexes: regexes.to_vec(),
        views: Views { text: true, folded: false, decoded: false },
        case_sensitive: false,
        whole_words: true,
        near: None,
        unless: None,
        phase: None,
        roles: Vec::new(),
        score: 1.0,
    }
}

/// The rules, without the patterns that do not compile.
fn taken(package: &Path) -> Result<(String, Vec<Taken>), Failure> {
    let (version, rules) = package::read(package)?;
    let mut all: Vec<Taken> = rules.into_iter().map(compiled).collect();
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|at| all.get(*at).map_or(0, |rule| rule.cost));
    let mut total = 0;
    for at in order {
        let Some(rule) = all.get_mut(at) else { continue };
        let is_alone = Rules::compile(&[spec(&rule.rule.id, &rule.rule.regexes)], 0.5).is_ok();
        rule.is_late = !is_alone || rule.cost > INLINE_RULE_MAX || total + rule.cost > INLINE_TOTAL_MAX;
        total += if rule.is_late { 0 } else { rule.cost };
    }
    Ok((version, all))
}

fn compiled(mut rule: Rule) -> Taken {
    for _ in 0..rule.regexes.len() {
        match Rules::compile_for(Lane::Late, &[spec(&rule.id, &rule.regexes)], 0.5) {
            Ok(rules) => {
                let cost = rules.costs().iter().sum();
                return Taken { rule, is_late: false, cost };
            }
            Err(refusals) => {
                let Some(refusal) = refusals.into_iter().next() else { break };
                let at = if let Part::Regex(at) = refusal.part { at } else { 0 };
                if at < rule.regexes.len() {
                    let pattern = rule.regexes.remove(at);
                    rule.lost.push((pattern, refusal.message));
                }
            }
        }
    }
    Taken { rule, is_late: true, cost: 0 }
}

impl Taken {
    pub(crate) fn is_whole(&self) -> bool {
        self.rule.refused.is_none() && !self.rule.regexes.is_empty()
    }
}

/// Asks each rule about its own cases.
fn cases(rules: &[Taken]) -> Result<(), Failure> {
    let mut out = std::io::stdout();
    let mut of: BTreeMap<&str, [usize; 6]> = BTreeMap::new();
    for Taken { rule, .. } in rules.iter() {
        let counts = of.entry(&rule.category).or_default();
        counts[0] += 1;
        if rule.refused.is_some() || rule.regexes.is_empty() {
            continue;
        }
        counts[1] += 1;
        let compiled = Rules::compile_for(Lane::Late, &[spec(&rule.id, &rule.regexes)], 0.5)
            .map_err(|refusals| format!("{}: {refusals:?}", rule.id))?;
        for (texts, wanted, at) in [(&rule.matching, true, 2), (&rule.other, false, 4)] {
            for text in texts {
                let holds = measure::finds(&compiled, text) == wanted;
                counts[at] += usize::from(holds);
                counts[at + 1] += 1;
                if !holds && std::env::var_os("SHOW").is_some() {
                    writeln!(
                        out,
                        "{} {wanted}: {}",
                        rule.id,
                        text.chars().take(300).collect::<String>().replace('\n', "\\n")
                    )?;
                }
            }
        }
    }
    writeln!(
        out,
        "| category | rules | taken | own attacks found | own harmless texts passed |\n|---|---|---|---|---|"
    )?;
    let mut all = [0; 6];
    for (category, counts) in &of {
        line(&mut out, category, counts)?;
        all.iter_mut().zip(counts).for_each(|(all, count)| *all += count);
    }
    line(&mut out, "all", &all)
}

fn line(out: &mut impl std::io::Write, name: &str, counts: &[usize; 6]) -> Result<(), Failure> {
    let [rules, taken, found, attacks, passed, harmless] = counts;
    let share = |part: &usize, whole: &usize| {
        format!("{part}/{whole} ({:.2} %)", 100.0 * *part as f64 / (*whole).max(1) as f64)
    };
    writeln!(out, "| {name} | {rules} | {taken} | {} | {} |", share(found, attacks), share(passed, harmless))?;
    Ok(())
}
