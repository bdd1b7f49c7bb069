//! What fills the slots: names, towns, countries, companies and addresses by language.

use crate::Outcome;
use crate::draw::Draw;
use picket_names::hash_of;
use serde_json::Value;
use std::collections::BTreeMap;

/// The lists of one language.
#[derive(Debug, Clone, Default)]
pub struct Lists {
    pub given: Vec<String>,
    pub family: Vec<String>,
    pub city: Vec<String>,
    pub country: Vec<String>,
    pub street: Vec<String>,
    pub address: Vec<String>,
    pub company: Vec<String>,
    /// Whether its towns are those that exist: whoever invents towns invents many.
    pub has_real_towns: bool,
}

/// All lists.
#[derive(Debug, Clone)]
pub struct All {
    pub languages: BTreeMap<String, Lists>,
    /// Family names and given names of the census of the United States.
    pub census: Lists,
    pub towns: Vec<String>,
    /// Ordinary sentences by language.
    pub plain: BTreeMap<String, Vec<String>>,
    /// Months, languages and the like.
    pub terms: BTreeMap<String, Vec<String>>,
}

/// Which of the names are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    All,
    /// All but one in five.
    Learned,
    /// The fifth.
    Kept,
}

/// Whether a text belongs to a part, which its hash says.
pub fn is_of(part: Part, text: &str) -> bool {
    let is_kept = hash_of(text.as_bytes()).is_multiple_of(5);
    match part {
        Part::All => true,
        Part::Learned => !is_kept,
        Part::Kept => is_kept,
    }
}

impl All {
    pub fn read(file: &str) -> Outcome<Self> {
        let value: Value = serde_json::from_slice(&std::fs::read(file).map_err(|error| format!("{file}: {error}"))?)?;
        let lists = |value: &Value| Lists {
            given: texts(value, "given"),
            family: texts(value, "family"),
            city: texts(value, "city"),
            country: texts(value, "country"),
            street: texts(value, "street"),
            address: texts(value, "address"),
            company: texts(value, "company"),
            has_real_towns: value.get("city").and_then(Value::as_array).is_some_and(|list| list.len() < 1600),
        };
        let languages = value.get("languages").and_then(Value::as_object).ok_or("no languages")?;
        Ok(Self {
            languages: languages.iter().map(|(name, value)| (name.clone(), lists(value))).collect(),
            census: lists(value.get("census").unwrap_or(&Value::Null)),
            towns: texts(&value, "towns"),
            plain: by_language(&value, "plain"),
            terms: by_language(&value, "terms"),
        })
    }

    /// The lists with the names and towns of a part.
    pub fn part(&self, part: Part) -> Self {
        let mut all = self.clone();
        let keep = |list: &mut Vec<String>| {
            let kept: Vec<String> = list.iter().filter(|text| is_of(part, text)).cloned().collect();
            // Short lists are needed whole.
            if kept.len() > 8 {
                *list = kept;
            }
        };
        for lists in all.languages.values_mut().chain([&mut all.census]) {
            for list in [
                &mut lists.given,
                &mut lists.family,
                &mut lists.city,
                &mut lists.company,
                &mut lists.street,
                &mut lists.address,
            ] {
                keep(list);
            }
        }
        keep(&mut all.towns);
        all
    }
}

fn by_language(value: &Value, name: &str) -> BTreeMap<String, Vec<String>> {
    let languages = value.get(name).and_then(Value::as_object);
    let lists = languages.into_iter().flatten();
    lists.map(|(language, _)| (language.clone(), texts(value.get(name).unwrap_or(&Value::Null), language))).collect()
}

fn texts(value: &Value, name: &str) -> Vec<String> {
    let list = value.get(name).and_then(Value::as_array);
    list.map(|list| list.iter().filter_map(|text| Some(text.as_str()?.to_owned())).collect()).unwrap_or_default()
}

/// Languages without templates, whose names stand in sentences of others.
const GUESTS: &[&str] = &["sv", "no", "da", "fi", "cs", "hu", "ro", "hr", "sl", "id", "ha", "ga", "vi"];
/// Languages of the Latin script with templates.
const LATIN: &[&str] = &["en", "de", "fr", "es", "it", "pt", "nl", "pl", "tr"];

impl All {
    /// Lists for a text of a language: mostly its own, at times those of others.
    pub fn of<'a>(&'a self, language: &str, draw: &mut Draw) -> (&'a Lists, &'a str) {
        let own = |name: &str| self.languages.get_key_value(name);
        let chosen = if LATIN.contains(&language) {
            match draw.below(100) {
                0..55 => own(language),
                55..80 => own(GUESTS[draw.below(GUESTS.len())]),
                _ => own(LATIN[draw.below(LATIN.len())]),
            }
        } else {
            own(language)
        };
        chosen.map_or((&self.census, "en"), |(name, lists)| (lists, name.as_str()))
    }
}
