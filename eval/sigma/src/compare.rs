//! Verdicts of both, and why they differ where they do.

use crate::corpus::{Corpus, Pair};
use crate::made_up::{self, Random};
use picket_rules::{Data, Rules};
use rsigma_eval::{CompiledRule, JsonEvent, compile_rule, evaluate_rule};
use rsigma_parser::{Detection, DetectionItem, Modifier, SigmaRule, SigmaValue, parse_sigma_yaml};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Made-up events for each rule.
const MADE_UP: usize = 12;
/// Differences that are shown.
const SHOWN: usize = 20;

/// Both readings of one rule.
struct Both {
    name: String,
    text: String,
    ours: Rules,
    theirs: CompiledRule,
    parsed: SigmaRule,
}

/// What these events call fields otherwise than the rules do.
const NAMES: &str = include_str!("../data.yml");

/// Whether an event of its own matches a rule, when it is known what its fields are called.
fn is_fulfilled(corpus: &Corpus, pair: &Pair) -> bool {
    let mut data = Data::default();
    data.read("data.yml", NAMES, &mut picket_rules::Issues::default());
    let rules = Rules::load([(pair.name.as_str(), pair.rule.as_str())], &data).rules;
    let mut scratch = rules.scratch();
    pair.events.iter().any(|at| rules.find(&corpus.events[*at].0, &mut scratch).is_ok_and(|found| !found.is_empty()))
}

fn both(name: &str, text: &str, refused: &mut Vec<String>) -> Option<Both> {
    let loaded = Rules::load([(name, text)], &Data::default());
    let theirs = parse_sigma_yaml(text).ok().filter(|parsed| parsed.errors.is_empty());
    let parsed = theirs.and_then(|mut parsed| parsed.rules.pop());
    let theirs = parsed.as_ref().and_then(|rule| compile_rule(rule).ok());
    let is_ours = loaded.issues.errors.is_empty() && !loaded.rules.rules().is_empty();
    match (is_ours, parsed, theirs) {
        (true, Some(parsed), Some(theirs)) => {
            Some(Both { name: name.to_owned(), text: text.to_owned(), ours: loaded.rules, theirs, parsed })
        }
        (false, _, None) => None,
        (is_ours, _, _) => {
            let whose = if is_ours { "rsigma" } else { "picket" };
            let why = loaded.issues.errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            refused.push(format!("{name}: refused by {whose} alone: {why}"));
            None
        }
    }
}

impl Both {
    fn ask(&self, text: &str, event: &Value) -> (bool, bool) {
        let mut scratch = self.ours.scratch();
        let ours = self.ours.find(text, &mut scratch).is_ok_and(|found| !found.is_empty());
        let theirs = evaluate_rule(&self.theirs, &JsonEvent::borrow(event)).is_some();
        (ours, theirs)
    }
}

/// Compares everything.
pub fn run(corpus: &Corpus) -> Result<(), String> {
    let mut refused = Vec::new();
    let mut fulfilled = (0, 0);
    for pair in &corpus.pairs {
        let Some(both) = both(&pair.name, &pair.rule, &mut refused) else { continue };
        let verdicts: Vec<_> =
            pair.events.iter().map(|at| &corpus.events[*at]).map(|(text, event)| both.ask(text, event)).collect();
        let is_fulfilled = is_fulfilled(corpus, pair);
        if !is_fulfilled {
            println!("  no event of its own matches {}", pair.name);
        }
        fulfilled.0 += usize::from(is_fulfilled);
        fulfilled.1 += usize::from(verdicts.iter().any(|(_, theirs)| *theirs));
    }
    println!(
        "pairs of rule and event that match: picket {} of {}, rsigma {}",
        fulfilled.0,
        corpus.pairs.len(),
        fulfilled.1
    );

    let rules: Vec<Both> = corpus.rules.iter().filter_map(|file| both(&file.name, &file.text, &mut refused)).collect();
    let mut tally = Tally::default();
    let mut random = Random(1);
    for rule in &rules {
        for (text, event) in &corpus.events {
            tally.add(rule, text, event);
        }
        for _ in 0..MADE_UP {
            let event = made_up::event(&rule.parsed, &mut random);
            tally.add(rule, &event.to_string(), &event);
        }
    }
    let together = together(&rules, corpus)?;
    println!("rules that both read: {} of {}; refused by one: {}", rules.len(), corpus.rules.len(), refused.len());
    refused.iter().for_each(|line| println!("  {line}"));
    println!(
        "verdicts: {}, of which {} yes; all rules at once agree with each alone on {together} events",
        tally.asked, tally.yes
    );
    for (reason, count) in &tally.explained {
        println!("  differ, since {reason}: {count}");
    }
    println!("unexplained differences: {}", tally.unexplained.len());
    tally.unexplained.iter().take(SHOWN).for_each(|line| println!("  {line}"));
    if fulfilled.0 == corpus.pairs.len()
        && tally.unexplained.is_empty()
        && refused.iter().all(|line| line.contains("placeholder"))
    {
        Ok(())
    } else {
        Err("there are differences that nothing explains".to_owned())
    }
}

/// All rules in one matcher find what each finds alone.
fn together(rules: &[Both], corpus: &Corpus) -> Result<usize, String> {
    let files = rules.iter().map(|rule| (rule.name.as_str(), rule.text.as_str()));
    let loaded = Rules::load(files, &Data::default());
    let all = loaded.rules;
    if all.rules().len() != rules.len() {
        let errors: Vec<String> = loaded.issues.errors.iter().take(5).map(ToString::to_string).collect();
        return Err(format!("{} of {} rules load together: {}", all.rules().len(), rules.len(), errors.join("; ")));
    }
    let mut scratch = all.scratch();
    let mut scratches: Vec<_> = rules.iter().map(|rule| rule.ours.scratch()).collect();
    for (text, _) in &corpus.events {
        let found: BTreeSet<usize> =
            all.find(text, &mut scratch).map_err(|error| error.to_string())?.iter().copied().collect();
        for (at, (rule, scratch)) in rules.iter().zip(&mut scratches).enumerate() {
            let alone = rule.ours.find(text, scratch).map_err(|error| error.to_string())?;
            if found.contains(&at) == alone.is_empty() {
                return Err(format!("{} is found otherwise among the others", rule.name));
            }
        }
    }
    Ok(corpus.events.len())
}

#[derive(Default)]
struct Tally {
    asked: usize,
    yes: usize,
    explained: BTreeMap<&'static str, usize>,
    unexplained: Vec<String>,
}

impl Tally {
    fn add(&mut self, rule: &Both, text: &str, event: &Value) {
        let (ours, theirs) = rule.ask(text, event);
        self.asked += 1;
        self.yes += usize::from(ours);
        if ours == theirs {
            return;
        }
        match reason(rule, text, event) {
            Some(reason) => *self.explained.entry(reason).or_default() += 1,
            None => {
                let shown: String = text.chars().take(400).collect();
                self.unexplained.push(format!("{}: picket {ours}, rsigma {theirs}: {shown}", rule.name));
            }
        }
    }
}

/// Why the verdicts on an event may differ: something that the two read otherwise stands in rule and event.
fn reason(rule: &Both, text: &str, event: &Value) -> Option<&'static str> {
    let items = items(&rule.parsed);
    let has = |modifier: Modifier| items.iter().any(|item| item.field.modifiers.contains(&modifier));
    let absent =
        |item: &DetectionItem| item.field.name.as_ref().is_some_and(|name| event.get(name).is_none_or(Value::is_null));
    if items.iter().any(|item| item.values.len() > 1 && item.values.contains(&SigmaValue::Null) && absent(item)) {
        return Some("a field that is not there is null for picket in a list of values too");
    }
    let wild = |value: &SigmaValue| matches!(value, SigmaValue::String(text) if text.contains_wildcards());
    if items.iter().any(|item| {
        let anchored =
            [Modifier::StartsWith, Modifier::EndsWith].iter().any(|modifier| item.field.modifiers.contains(modifier));
        anchored && item.values.iter().any(wild)
    }) {
        return Some("rsigma ties a pattern with wildcards to the wrong end under startswith and endswith");
    }
    if has(Modifier::WindAsh) {
        return Some("windash also stands for a slash that begins a word, as in pySigma");
    }
    if has(Modifier::Base64Offset) {
        return Some("base64offset leaves out characters that hold bits of what follows, as in pySigma");
    }
    if items.iter().any(|item| item.field.name.is_none() && item.field.modifiers.contains(&Modifier::All)) {
        return Some("keywords with `all` may stand in several fields, and are contained, not equal");
    }
    if text.contains("\\n") && rule.text.contains('*') {
        return Some("`*` matches line ends");
    }
    None
}

fn items(rule: &SigmaRule) -> Vec<&DetectionItem> {
    fn add<'a>(detection: &'a Detection, items: &mut Vec<&'a DetectionItem>) {
        match detection {
            Detection::AllOf(all) => items.extend(all),
            Detection::AnyOf(parts) | Detection::And(parts) => parts.iter().for_each(|part| add(part, items)),
            Detection::Keywords(_) | Detection::ArrayMatch { .. } | Detection::Conditional { .. } => {}
        }
    }
    let mut items = Vec::new();
    rule.detection.named.values().for_each(|detection| add(detection, &mut items));
    items
}

/// Writes rules and events with rsigma's verdicts, for tests that run without it.
pub fn sample(corpus: &Corpus, folder: &str) -> Result<(), String> {
    let mut refused = Vec::new();
    let fail = |error: std::io::Error| format!("{folder}: {error}");
    std::fs::create_dir_all(folder).map_err(fail)?;
    // Every fifth pair, and those rules alone.
    let chosen: Vec<_> = corpus.pairs.iter().step_by(5).collect();
    let rules: Vec<Both> = chosen.iter().filter_map(|pair| both(&pair.name, &pair.rule, &mut refused)).collect();
    let text: Vec<&str> = rules.iter().map(|rule| rule.text.trim_end()).collect();
    std::fs::write(format!("{folder}/rules.yml"), text.join("\n---\n") + "\n").map_err(fail)?;
    let mut lines = String::new();
    let mut random = Random(7);
    let real = chosen.iter().flat_map(|pair| &pair.events).map(|at| corpus.events[*at].1.clone());
    let made_up =
        rules.iter().flat_map(|rule| (0..4).map(|_| made_up::event(&rule.parsed, &mut random)).collect::<Vec<_>>());
    for event in real.chain(made_up.collect::<Vec<_>>()) {
        let text = event.to_string();
        let asked = rules.iter();
        let found: Vec<_> =
            asked.clone().filter(|rule| rule.ask(&text, &event).1).filter_map(|rule| rule.parsed.id.clone()).collect();
        let differs = |rule: &&Both| {
            let (ours, theirs) = rule.ask(&text, &event);
            ours != theirs
        };
        let skipped: Vec<_> = rules.iter().filter(differs).filter_map(|rule| rule.parsed.id.clone()).collect();
        lines.push_str(&json!({"event": event, "matches": found, "not_compared": skipped}).to_string());
        lines.push('\n');
    }
    std::fs::write(format!("{folder}/verdicts.ndjson"), lines).map_err(fail)?;
    println!("{} rules", rules.len());
    Ok(())
}
