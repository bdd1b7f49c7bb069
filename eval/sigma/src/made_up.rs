//! Events made up from the values of a rule, so that most of its parts are true of some of them.

use rsigma_parser::{Detection, DetectionItem, Modifier, SigmaRule, SigmaValue};
use serde_json::{Map, Value};

/// A small generator of numbers, the same in every run.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap_or(0)
    }
}

/// An event that has to do with a rule.
pub fn event(rule: &SigmaRule, random: &mut Random) -> Value {
    let mut members = Map::new();
    let mut names: Vec<&String> = rule.detection.named.keys().collect();
    names.sort();
    for name in names {
        // Filters are left out more often, so that rules match.
        let often = if name.starts_with("filter") { 1 } else { 5 };
        if random.below(6) < often {
            add(&rule.detection.named[name], &mut members, random);
        }
    }
    members.entry("message").or_insert_with(|| Value::String("nothing".to_owned()));
    Value::Object(members)
}

fn add(detection: &Detection, members: &mut Map<String, Value>, random: &mut Random) {
    match detection {
        Detection::AllOf(items) => items.iter().for_each(|item| add_item(item, members, random)),
        Detection::AnyOf(detections) => {
            let at = random.below(detections.len());
            detections[at..].first().into_iter().for_each(|detection| add(detection, members, random));
        }
        Detection::And(detections) => detections.iter().for_each(|detection| add(detection, members, random)),
        Detection::Keywords(values) => {
            let at = random.below(values.len());
            let text = text(&values[at], random);
            members.insert("message".to_owned(), Value::String(format!("a {text} b")));
        }
        Detection::ArrayMatch { .. } | Detection::Conditional { .. } => {}
    }
}

fn add_item(item: &DetectionItem, members: &mut Map<String, Value>, random: &mut Random) {
    let has = |modifier: Modifier| item.field.modifiers.contains(&modifier);
    let chosen: Vec<&SigmaValue> = if has(Modifier::All) {
        item.values.iter().collect()
    } else {
        let at = random.below(item.values.len());
        item.values.get(at).into_iter().collect()
    };
    let texts: Vec<String> = chosen.iter().map(|value| text(value, random)).collect();
    let noise = ["", " x", "\\", "Q"][random.below(4)];
    let joined = texts.join(" ");
    let value = if has(Modifier::Contains) {
        Value::String(format!("{noise}{joined}{noise}"))
    } else if has(Modifier::StartsWith) {
        Value::String(format!("{joined}{noise}"))
    } else if has(Modifier::EndsWith) {
        Value::String(format!("{noise}{joined}"))
    } else {
        match chosen.first() {
            Some(SigmaValue::Integer(number)) if random.below(2) == 0 => Value::from(*number),
            Some(SigmaValue::Null) => Value::Null,
            Some(SigmaValue::Bool(value)) => Value::Bool(*value),
            _ => Value::String(joined),
        }
    };
    let value = if random.below(10) == 0 { Value::Array(vec![Value::from("other"), value]) } else { value };
    let name = item.field.name.clone().unwrap_or_else(|| "message".to_owned());
    // Fields with dots are written flat or nested.
    match name.split_once('.') {
        Some((outer, inner)) if random.below(2) == 0 && !inner.contains('.') => {
            let place = members.entry(outer).or_insert_with(|| Value::Object(Map::new()));
            if let Some(object) = place.as_object_mut() {
                object.insert(inner.to_owned(), value);
            }
        }
        _ => drop(members.insert(name, value)),
    }
}

/// A text that a value may mean, in some case.
fn text(value: &SigmaValue, random: &mut Random) -> String {
    let text = match value {
        SigmaValue::String(text) => {
            use rsigma_parser::{SpecialChar, StringPart};
            let parts = text.parts.iter().map(|part| match part {
                StringPart::Plain(text) => text.clone(),
                StringPart::Special(SpecialChar::WildcardMulti) => ["", "zz", "a b"][random.below(3)].to_owned(),
                StringPart::Special(SpecialChar::WildcardSingle) => "q".to_owned(),
            });
            parts.collect()
        }
        other => other.to_string(),
    };
    match random.below(4) {
        0 => text.to_uppercase(),
        1 => text.to_lowercase(),
        _ => text,
    }
}
