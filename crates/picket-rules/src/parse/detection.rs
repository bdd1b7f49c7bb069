//! Selections and their conditions.

use super::condition::{self, Wrong};
use super::modifiers::{Base64, Modifiers, Operator, Wide};
use crate::issue::{Report, shown};
use crate::model::{Condition, Detection, Item, Selection, Test, Them};
use crate::pattern::{How, Pattern};
use crate::regexes;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipnet::IpNet;
use picket_yaml::{Key, Node, Value};

/// How deep lists and maps of a selection may be nested.
const DEPTH_MAX: usize = 8;
/// Values of one field.
const VALUES_MAX: usize = 100_000;
/// The longest value.
const VALUE_BYTES_MAX: usize = 64 * 1024;

/// Reads selections and conditions; `others` are keys beside them that others read.
pub(super) fn read(node: &Node, others: &[&str], report: &mut Report<'_>) -> Option<Detection> {
    let Value::Map(members) = &node.value else {
        report.at(node, "expected selections by name, and a `condition`");
        return None;
    };
    let mut selections = Vec::new();
    let mut condition = None;
    for (key, value) in members {
        match key.name.as_str() {
            "condition" => condition = Some(value),
            "timeframe" => {
                let message = "`timeframe` is no part of Sigma 2; write a correlation rule with `timespan`";
                report.at_key(key, message);
            }
            name if others.contains(&name) => {}
            name => selections.extend(selection(value, 0, report).map(|selection| (name.to_owned(), selection))),
        }
    }
    let Some(condition) = condition else {
        let names: Vec<&str> = selections.iter().map(|(name, _)| name.as_str()).take(3).collect();
        let example = if names.is_empty() { "selection".to_owned() } else { names.join(" and ") };
        report.at(node, format!("`condition` is missing; say for example `condition: {example}`"));
        return None;
    };
    let mut detection = Detection { selections, conditions: Vec::new() };
    if detection.selections.is_empty() {
        report.at(node, "there is no selection; give the condition something to speak of");
        return None;
    }
    for text in condition.items() {
        detection.conditions.extend(read_condition(text, &detection, report));
    }
    if condition.items().is_empty() {
        report.at(condition, "the condition is empty; name a selection");
    }
    if detection.conditions.len() < condition.items().len() {
        return None;
    }
    unused(members, others, &detection, report);
    Some(detection)
}

/// A condition whose names are known.
fn read_condition(node: &Node, detection: &Detection, report: &mut Report<'_>) -> Option<Condition> {
    let text = report.with(|problems| node.text(problems).map(str::to_owned))?;
    let names: Vec<&str> = detection.selections.iter().map(|(name, _)| name.as_str()).collect();
    match condition::parse(&text).and_then(|condition| known(&condition, &text, &names).map(|()| condition)) {
        Ok(condition) => Some(condition),
        Err(wrong) => {
            complain(node, &text, &wrong, report);
            None
        }
    }
}

/// Tells a mistake where it stands, if the condition is one line.
pub(super) fn complain(node: &Node, text: &str, wrong: &Wrong, report: &mut Report<'_>) {
    let mut place = report.place(node);
    if !text.contains('\n') {
        place.column += text.get(..wrong.at).map_or(0, |before| before.chars().count());
    }
    report.error(place, format!("in the condition: {}", wrong.message));
}

/// Whether everything that a condition names is there.
pub(super) fn known(condition: &Condition, text: &str, names: &[&str]) -> Result<(), Wrong> {
    let lacks = |name: &str, what: &str| {
        let at = text.find(name).unwrap_or(0);
        let hint = picket_yaml::suggestion(name, names);
        Wrong { at, message: format!("{what} `{}`; there are {}{hint}", shown(name), names.join(", ")) }
    };
    match condition {
        Condition::Name(name) if !names.contains(&name.as_str()) => Err(lacks(name, "there is no selection")),
        Condition::Name(_) => Ok(()),
        Condition::And(parts) | Condition::Or(parts) => parts.iter().try_for_each(|part| known(part, text, names)),
        Condition::Not(inner) => known(inner, text, names),
        Condition::Of(count, them) => {
            let found = names.iter().filter(|name| them.has(name)).count();
            let pattern = if let Them::Named(pattern) = them { pattern.as_str() } else { "them" };
            if found == 0 {
                return Err(lacks(pattern, "no selection is called"));
            }
            match count {
                Some(count) if *count > found => {
                    let at = text.find(pattern).unwrap_or(0);
                    Err(Wrong { at, message: format!("`{count} of {pattern}` never holds: there are {found}") })
                }
                _ => Ok(()),
            }
        }
    }
}

/// Warns of selections that no condition speaks of.
fn unused(members: &[(Key, Node)], others: &[&str], detection: &Detection, report: &mut Report<'_>) {
    for (key, _) in members {
        let name = key.name.as_str();
        let is_selection = name != "condition" && name != "timeframe" && !others.contains(&name);
        if is_selection && !detection.conditions.iter().any(|condition| speaks_of(condition, name)) {
            let place = report.place_of_key(key);
            report.warn(place, format!("no condition speaks of `{}`; name it, or take it out", shown(name)));
        }
    }
}

fn speaks_of(condition: &Condition, name: &str) -> bool {
    match condition {
        Condition::Name(other) => other == name,
        Condition::And(parts) | Condition::Or(parts) => parts.iter().any(|part| speaks_of(part, name)),
        Condition::Not(inner) => speaks_of(inner, name),
        Condition::Of(_, them) => them.has(name),
    }
}

pub(super) fn selection(node: &Node, depth: usize, report: &mut Report<'_>) -> Option<Selection> {
    if depth > DEPTH_MAX {
        report.at(node, format!("a selection is nested deeper than {DEPTH_MAX}; give its parts names of their own"));
        return None;
    }
    match &node.value {
        Value::Map(members) if members.is_empty() => {
            report.at(node, "the selection is empty; give it a field and a value");
            None
        }
        Value::Map(members) => {
            let items = members.iter().filter_map(|(key, value)| item(key, value, report));
            Some(Selection::All(items.collect()))
        }
        Value::List(items) if items.is_empty() => {
            report.at(node, "the list is empty; give it a value");
            None
        }
        Value::List(items) if items.iter().any(|item| matches!(item.value, Value::Map(_) | Value::List(_))) => {
            // Words among them are looked for in any text of the event.
            let parts = items.iter().filter_map(|item| selection(item, depth + 1, report));
            Some(Selection::Any(parts.collect()))
        }
        _ => {
            let key = Key { name: String::new(), line: node.line, column: node.column };
            item(&key, node, report).map(|item| Selection::All(vec![item]))
        }
    }
}

/// A field, or no field, with its values.
fn item(key: &Key, node: &Node, report: &mut Report<'_>) -> Option<Item> {
    let (field, words) =
        key.name.split_once('|').map_or((key.name.as_str(), None), |(field, words)| (field, Some(words)));
    let modifiers = match words.map(Modifiers::parse).transpose() {
        Ok(modifiers) => modifiers.unwrap_or_default(),
        Err(message) => {
            report.at_key(key, message);
            return None;
        }
    };
    let field = Some(field.trim()).filter(|field| !field.is_empty()).map(str::to_owned);
    let nodes = node.items();
    if let Some(message) = misuse(&modifiers, field.is_none(), nodes) {
        report.at_key(key, message);
        return None;
    }
    let mut values = Vec::with_capacity(nodes.len());
    for value in nodes {
        match test(value, &modifiers, field.is_none()) {
            Ok(test) => values.push(test),
            Err(message) => report.at(value, message),
        }
    }
    if values.len() < nodes.len() {
        return None;
    }
    let place = report.place_of_key(key);
    Some(Item { place, key: key.name.clone(), field, values, all: modifiers.all, differs: modifiers.differs })
}

/// What is wrong with a field and its values as a whole.
fn misuse(modifiers: &Modifiers, any_text: bool, nodes: &[Node]) -> Option<String> {
    if nodes.is_empty() {
        return Some("the list is empty; give it a value".to_owned());
    }
    if nodes.len() > VALUES_MAX {
        return Some(format!("there are more than {VALUES_MAX} values; split the rule"));
    }
    if modifiers.all && nodes.len() < 2 {
        return Some("`all` needs several values; take it out, or give a list".to_owned());
    }
    let operator = modifiers.operator.map(|(operator, _)| operator);
    let of_fields =
        matches!(operator, Some(Operator::Exists | Operator::Compare(_) | Operator::Time(_))) || modifiers.field;
    if any_text && of_fields {
        return Some("this modifier needs a field before the `|`".to_owned());
    }
    if operator == Some(Operator::Exists) && nodes.len() > 1 {
        return Some("`exists` takes true or false, not a list".to_owned());
    }
    None
}

/// What a value asks for; or what is wrong with it, and what to do.
fn test(node: &Node, modifiers: &Modifiers, any_text: bool) -> Result<Test, String> {
    if let Value::Text(text) = &node.value
        && text.len() > VALUE_BYTES_MAX
    {
        return Err(format!("the value is longer than {} KiB; look for a part of it", VALUE_BYTES_MAX / 1024));
    }
    let cased = modifiers.cased;
    let how = match modifiers.operator {
        Some((Operator::Exists, _)) => return exists(node),
        Some((Operator::Regex, _)) => return regexes::build(&text_of(node)?, modifiers.flags).map(Test::Regex),
        Some((Operator::Network, _)) => return network(&text_of(node)?),
        Some((Operator::Compare(order), _)) => return Ok(Test::Compare(order, number(node)?)),
        Some((Operator::Time(part), _)) => {
            let value = number(node)?;
            #[expect(clippy::cast_possible_truncation, reason = "the fraction was looked at")]
            return if value.fract() == 0.0 {
                Ok(Test::Time(part, value as i64))
            } else {
                Err("expected a whole number".to_owned())
            };
        }
        Some((Operator::Text(how), _)) => how,
        None if any_text => How::Contains,
        None => How::Equals,
    };
    if modifiers.field {
        let name = text_of(node)?;
        return Ok(Test::Field { name, how, cased });
    }
    let is_encoded = modifiers.wide.is_some() || modifiers.base64.is_some() || modifiers.expand || modifiers.windash;
    let text = match &node.value {
        Value::Text(text) => text.clone(),
        Value::Integer(_) | Value::Float(_) if any_text || is_encoded || modifiers.operator.is_some() => text_of(node)?,
        Value::Integer(_) | Value::Float(_) => return number(node).map(Test::Number),
        Value::Bool(value) if any_text || is_encoded || modifiers.operator.is_some() => value.to_string(),
        Value::Bool(value) => return Ok(Test::Bool(*value)),
        Value::Null if any_text || is_encoded || modifiers.operator.is_some() => {
            return Err("nothing stands here; give a value".to_owned());
        }
        Value::Null => return Ok(Test::Null),
        Value::List(_) | Value::Map(_) => return Err("expected a text or a number, not a list or map".to_owned()),
    };
    if any_text && text.is_empty() {
        return Err("an empty text stands in every event; give a value".to_owned());
    }
    if modifiers.expand {
        return Ok(Test::Placeholder { text, how, cased });
    }
    Ok(encoded(&text, how, modifiers))
}

/// A text as the modifiers want it written.
fn encoded(text: &str, how: How, modifiers: &Modifiers) -> Test {
    let cased = modifiers.cased;
    let pattern = Pattern::parse(text, how);
    if modifiers.wide.is_none() && modifiers.base64.is_none() {
        let pattern = if modifiers.windash { pattern.with_dashes() } else { pattern };
        return Test::Text { pattern: if cased { pattern } else { pattern.folded() }, cased };
    }
    let plain = Pattern::parse(text, How::Equals).plain().unwrap_or(text).to_owned();
    let bytes = widened(&plain, modifiers.wide);
    let written = match modifiers.base64 {
        None => vec![String::from_utf8_lossy(&bytes).into_owned()],
        Some(Base64::Whole) => vec![STANDARD.encode(&bytes)],
        Some(Base64::Offset) => offsets(&bytes),
    };
    let how = if modifiers.base64 == Some(Base64::Offset) { How::Contains } else { how };
    let patterns = written.iter().map(|text| {
        let pattern = Pattern::literal(text, how);
        if cased { pattern } else { pattern.folded() }
    });
    Test::Texts { patterns: patterns.collect(), cased }
}

fn widened(text: &str, wide: Option<Wide>) -> Vec<u8> {
    let Some(wide) = wide else { return text.as_bytes().to_vec() };
    let mark: &[u16] = if wide == Wide::Marked { &[0xfeff] } else { &[] };
    let units = mark.iter().copied().chain(text.encode_utf16());
    units.flat_map(|unit| if wide == Wide::Big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

/// What surely stands in the base64 of a text that has these bytes in it, for each of the three places where a group may
/// begin.
fn offsets(bytes: &[u8]) -> Vec<String> {
    let variants = (0..3_usize).filter_map(|before| {
        let mut padded = vec![0; before];
        padded.extend_from_slice(bytes);
        let written = STANDARD.encode(&padded);
        // The characters that hold bits of what stands before or behind are unknown.
        let begin = (before * 4).div_ceil(3);
        let end = padded.len() * 8 / 6;
        written.get(begin..end).filter(|text| !text.is_empty()).map(str::to_owned)
    });
    variants.collect()
}

fn exists(node: &Node) -> Result<Test, String> {
    match &node.value {
        Value::Bool(value) => Ok(Test::Exists(*value)),
        Value::Text(text) if matches!(text.as_str(), "true" | "yes") => Ok(Test::Exists(true)),
        Value::Text(text) if matches!(text.as_str(), "false" | "no") => Ok(Test::Exists(false)),
        _ => Err("expected true or false".to_owned()),
    }
}

fn network(text: &str) -> Result<Test, String> {
    let network = text
        .parse::<IpNet>()
        .map_err(|_error| format!("`{}` is no network; write it like 10.0.0.0/8 or 2001:db8::/32", shown(text)))?;
    Ok(Test::Network(network.trunc()))
}

fn text_of(node: &Node) -> Result<String, String> {
    match &node.value {
        Value::Text(text) => Ok(text.clone()),
        Value::Integer(number) => Ok(number.to_string()),
        Value::Float(number) => Ok(number.to_string()),
        Value::Bool(value) => Ok(value.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => Err("expected a text".to_owned()),
    }
}

fn number(node: &Node) -> Result<f64, String> {
    #[expect(clippy::cast_precision_loss, reason = "numbers are compared as floating point, as Sigma's are")]
    let number = match &node.value {
        Value::Integer(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        Value::Text(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Map(_) => None,
    };
    number.filter(|number: &f64| number.is_finite()).ok_or_else(|| "expected a number".to_owned())
}
