//! STIX 2.1 (OASIS, 2021): indicators of a bundle, as signals of threat intelligence.
//!
//! Of a pattern those comparisons are taken that say that something is equal to a value, `[ipv4-addr:value = '…']`, joined
//! by OR; a pattern with anything else is no list of values, and is told as passed over.

use super::FileError;
use picket_stdx::Timestamp;
use serde_json::{Map, Value, json};

/// Objects of a bundle.
const OBJECTS_MAX: usize = 1_000_000;
/// Seconds of a week.
const WEEK: i64 = 7 * 86_400;
/// Values of one pattern.
const VALUES_MAX: usize = 256;

/// What a bundle holds.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bundle {
    /// One signal for each value of each indicator that is in force.
    pub signals: Vec<Value>,
    /// Indicators that were passed over, by their ids, with the cause.
    pub passed_over: Vec<(String, String)>,
}

/// Reads a bundle, or one indicator alone.
///
/// # Errors
/// If it is no STIX.
pub fn bundle(text: &[u8], source: &str, now: Timestamp) -> Result<Bundle, FileError> {
    let value: Value = serde_json::from_slice(text)
        .map_err(|error| FileError::at(u64::try_from(error.line()).unwrap_or(0), error.to_string()))?;
    let alone = std::slice::from_ref(&value);
    let objects = match value.get("type").and_then(Value::as_str) {
        Some("bundle") => value.get("objects").and_then(Value::as_array).map_or(&[][..], Vec::as_slice),
        Some("indicator") => alone,
        _ => {
            return Err(FileError::Whole(
                "this is no STIX: expected an object of type `bundle` or `indicator`".to_owned(),
            ));
        }
    };
    if objects.len() > OBJECTS_MAX {
        return Err(FileError::Whole(format!("a bundle has at most {OBJECTS_MAX} objects, not {}", objects.len())));
    }
    let mut bundle = Bundle::default();
    let is_indicator = |object: &&Value| object.get("type").and_then(Value::as_str) == Some("indicator");
    for object in objects.iter().filter(is_indicator) {
        let id = member(object, "id").unwrap_or("(without an id)").chars().take(128).collect::<String>();
        match values(object, now) {
            Ok(values) => bundle.signals.extend(values.iter().map(|value| signal(object, value, (source, now)))),
            Err(cause) => bundle.passed_over.push((id, cause)),
        }
    }
    Ok(bundle)
}

fn member<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

/// What an indicator names, if it is in force and names values.
fn values(object: &Value, now: Timestamp) -> Result<Vec<Comparison>, String> {
    if object.get("revoked").and_then(Value::as_bool) == Some(true) {
        return Err("it is revoked".to_owned());
    }
    let until = member(object, "valid_until").and_then(|until| until.parse::<Timestamp>().ok());
    if until.is_some_and(|until| until <= now) {
        return Err("its time is over".to_owned());
    }
    let from = member(object, "valid_from").and_then(|from| from.parse::<Timestamp>().ok());
    if let Some(from) = from.filter(|from| *from > now) {
        return Err(format!("it is not in force before {from}; import it again then"));
    }
    let kind = member(object, "pattern_type").unwrap_or("stix");
    if kind != "stix" {
        return Err(format!("its pattern is of type {}, not stix", kind.chars().take(32).collect::<String>()));
    }
    let values = comparisons(member(object, "pattern").unwrap_or("no text"))?;
    // Requests come from addresses, and rules compare those with what was said to be bad.
    if let Some(network) = values.iter().find(|value| value.is_address() && value.value.contains('/')) {
        let value: String = network.value.chars().take(48).collect();
        return Err(format!(
            "{value} is a network, and a signal names one address; list addresses, or write a rule with `src_ip|cidr`"
        ));
    }
    Ok(values)
}

/// What is in force is news of the moment at which it is brought in, and again in another week: rules look back thirty
/// days, and most indicators are older than that.
fn signal(object: &Value, found: &Comparison, (source, now): (&str, Timestamp)) -> Value {
    let mut attributes = Map::new();
    let mut put = |name: &str, value: Option<Value>| drop(value.map(|value| attributes.insert(name.to_owned(), value)));
    put("indicator", Some(found.value.as_str().into()));
    put("indicator_type", Some(found.object.as_str().into()));
    put("verdict", Some(verdict(object).into()));
    put("confidence", object.get("confidence").filter(|confidence| confidence.is_number()).cloned());
    put("valid_from", member(object, "valid_from").map(Value::from));
    put("valid_until", member(object, "valid_until").map(Value::from));
    put("name", member(object, "name").map(|name| name.chars().take(256).collect::<String>().into()));
    put("stix_id", member(object, "id").map(Value::from));
    let mut signal = json!({
        "type": "threat_intel",
        "source": source,
        "id": format!("{}#{}@{}", member(object, "id").unwrap_or_default(), found.value, now.as_secs() / WEEK),
        "attributes": attributes,
    });
    let is_readable = found.is_address() && found.value.parse::<std::net::IpAddr>().is_ok();
    if let Some(members) = signal.as_object_mut().filter(|_| is_readable) {
        members.insert("src_ip".to_owned(), found.value.as_str().into());
    }
    signal
}

/// The worst of the indicator's types.
fn verdict(object: &Value) -> &'static str {
    let kinds: Vec<&str> = object
        .get("indicator_types")
        .and_then(Value::as_array)
        .map(|kinds| kinds.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let suspicious = ["anomalous-activity", "anonymization", "unknown"];
    match kinds.as_slice() {
        ["benign", ..] => "benign",
        [] => "malicious",
        kinds if kinds.iter().all(|kind| suspicious.contains(kind)) => "suspicious",
        _ => "malicious",
    }
}

/// `object:… = 'value'`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Comparison {
    object: String,
    value: String,
}

impl Comparison {
    fn is_address(&self) -> bool {
        matches!(self.object.as_str(), "ipv4-addr" | "ipv6-addr")
    }
}

/// The values that a pattern lists.
fn comparisons(pattern: &str) -> Result<Vec<Comparison>, String> {
    const WANTED: &str = "its pattern is not of the form `[object:property = 'value']`, with OR between several";
    let (mut rest, mut all) = (pattern.trim(), Vec::new());
    let mut depth = 0_u32;
    loop {
        // An observation in brackets; within one, comparisons may be joined too.
        while let Some(inner) = rest.strip_prefix(['[', '(']) {
            (rest, depth) = (inner.trim_start(), depth + 1);
        }
        let (comparison, after) = comparison(rest).ok_or(WANTED)?;
        all.push(comparison);
        rest = after.trim_start();
        while let Some(outer) = rest.strip_prefix([']', ')']) {
            (rest, depth) = (outer.trim_start(), depth.checked_sub(1).ok_or(WANTED)?);
        }
        if rest.is_empty() && depth == 0 {
            return Ok(all);
        }
        rest = rest.strip_prefix("OR").ok_or(WANTED)?.trim_start();
        if all.len() >= VALUES_MAX {
            return Err(format!("its pattern has more than {VALUES_MAX} values"));
        }
    }
}

/// One comparison, and what follows.
fn comparison(text: &str) -> Option<(Comparison, &str)> {
    let (object, rest) = text.split_once(':')?;
    let is_word = !object.is_empty()
        && object.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let (path, rest) = rest.split_once('=')?;
    let path = path.trim();
    // `!=`, and paths that lead through lists or conditions.
    let is_path = !path.is_empty() && path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-'".contains(&byte));
    let quoted = rest.trim_start().strip_prefix('\'')?;
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => value.push(characters.next()?.1),
            '\'' if is_word && is_path => {
                return Some((Comparison { object: object.to_owned(), value }, quoted.get(at + 1..)?));
            }
            '\'' => return None,
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests;
