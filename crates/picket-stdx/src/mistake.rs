//! What `serde` says about a document, in words of people: without names of this program's types, and with what to write.

/// `invalid type: null, expected struct Settings at line 1` becomes `expected an object, found nothing at line 1`; what is
/// not known stays as it is.
pub fn mistake(said: &str) -> String {
    let (said, place) = match said.rfind(" at line ") {
        Some(at) => said.split_at(at),
        None => (said, ""),
    };
    format!("{}{place}", worded(said).unwrap_or_else(|| said.to_owned()))
}

fn worded(said: &str) -> Option<String> {
    if said.contains("did not match any variant of untagged enum") {
        return Some("it has none of the forms that it may have".to_owned());
    }
    if let Some(name) = said.strip_prefix("missing field ") {
        return Some(format!("{name} is missing"));
    }
    if let Some(name) = said.strip_prefix("duplicate field ") {
        return Some(format!("{name} stands twice"));
    }
    if let Some(rest) = said.strip_prefix("unknown field ").or_else(|| said.strip_prefix("unknown variant ")) {
        let (name, known) = rest.split_once(", ")?;
        let known = known.strip_prefix("expected ").map(|known| known.trim_start_matches("one of "));
        return Some(match known {
            Some(known) => format!("there is no {name}; there are {known}"),
            None => format!("there is no {name}"),
        });
    }
    let rest = said.strip_prefix("invalid type: ").or_else(|| said.strip_prefix("invalid value: "))?;
    // What was found may hold a comma, what was expected seldom does.
    let (was, expected) = rest.rsplit_once(", expected ")?;
    Some(format!("expected {}, found {}", wanted(expected), found(was)))
}

fn wanted(expected: &str) -> &str {
    match expected {
        "a sequence" | "sequence" => "a list",
        "a string" | "string" | "a borrowed string" => "a text",
        "a boolean" => "true or false",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, not below 0 and not too large",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number, not too large",
        "f32" | "f64" => "a number",
        "variant identifier" | "string or map" => "a word",
        "a map" | "map" => "an object",
        other
            if ["struct ", "internally tagged enum ", "adjacently tagged enum "]
                .iter()
                .any(|of| other.starts_with(of)) =>
        {
            "an object"
        }
        other if other.starts_with("enum ") => "a word",
        other => other,
    }
}

fn found(was: &str) -> String {
    let quoted = |rest: &str| rest.trim_matches('`').to_owned();
    match was {
        "null" | "unit value" => "nothing".to_owned(),
        "map" => "an object".to_owned(),
        "sequence" => "a list".to_owned(),
        _ => match (was.strip_prefix("string "), was.strip_prefix("boolean ")) {
            // Which one may be a secret that stands in the wrong place.
            (Some(_), _) => "a text".to_owned(),
            (_, Some(truth)) => quoted(truth),
            _ => match was.strip_prefix("integer ").or_else(|| was.strip_prefix("floating point ")) {
                Some(number) => format!("the number {}", quoted(number)),
                None => was.to_owned(),
            },
        },
    }
}

#[cfg(test)]
mod tests;
