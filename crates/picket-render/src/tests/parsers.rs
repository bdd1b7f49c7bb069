//! Parsers written from the standards, without a look at the encoders: they refuse what a standard does not allow.

/// A header, and the pairs behind it.
pub(crate) type Parsed = (Vec<String>, Vec<(String, String)>);

/// A line of CEF 0: header fields in order, then pairs.
pub(crate) fn cef(line: &str) -> Option<Parsed> {
    let rest = line.strip_prefix("CEF:0|")?;
    if line.contains(['\n', '\r']) {
        return None;
    }
    let (mut header, mut field, mut characters) = (Vec::new(), String::new(), rest.char_indices());
    let mut extension = None;
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => match characters.next()?.1 {
                escaped @ ('\\' | '|') => field.push(escaped),
                _ => return None,
            },
            '|' => {
                header.push(std::mem::take(&mut field));
                if header.len() == 6 {
                    extension = rest.get(at + 1..);
                    break;
                }
            }
            other => field.push(other),
        }
    }
    Some((header, cef_extension(extension?)?))
}

fn cef_extension(text: &str) -> Option<Vec<(String, String)>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    // Equals signs that no backslash escapes end keys.
    let (mut equals, mut escaped) = (Vec::new(), false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\\' => escaped = !escaped,
            b'=' if !escaped => equals.push(at),
            _ => escaped = false,
        }
        if byte != b'\\' {
            escaped = false;
        }
    }
    let mut pairs = Vec::new();
    let mut value_from: Option<usize> = None;
    let mut key = String::new();
    for at in equals {
        let before = text.get(..at)?;
        let begin = before.rfind(' ').map_or(0, |space| space + 1);
        let name = before.get(begin..)?;
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return None;
        }
        match value_from {
            None if begin == 0 => {}
            None => return None,
            Some(from) => pairs.push((std::mem::take(&mut key), cef_value(text.get(from..begin.checked_sub(1)?)?)?)),
        }
        key = name.to_owned();
        value_from = Some(at + 1);
    }
    pairs.push((key, cef_value(text.get(value_from?..)?)?));
    Some(pairs)
}

fn cef_value(text: &str) -> Option<String> {
    let (mut value, mut characters) = (String::new(), text.chars());
    while let Some(character) = characters.next() {
        value.push(match character {
            '\\' => match characters.next()? {
                escaped @ ('\\' | '=') => escaped,
                'n' => '\n',
                'r' => '\r',
                _ => return None,
            },
            '=' => return None,
            other => other,
        });
    }
    Some(value)
}

/// A line of LEEF: header fields with the delimiter last, then attributes. As IBM's own reader does it, a delimiter that
/// is none is a tab, and the first of several attributes of a key counts.
pub(crate) fn leef(line: &str) -> Option<Parsed> {
    if line.contains(['\n', '\r']) {
        return None;
    }
    let rest = line.strip_prefix("LEEF:2.0|")?;
    let mut parts = rest.splitn(5, '|');
    let mut header: Vec<String> = parts.by_ref().take(4).map(str::to_owned).collect();
    let rest = parts.next()?;
    // The delimiter may be the separator of the header itself.
    let (declared, attributes) = match rest.strip_prefix("||") {
        Some(attributes) => ("|", attributes),
        None => rest.split_once('|')?,
    };
    let hexadecimal = declared.strip_prefix("0x").or_else(|| declared.strip_prefix('x'));
    let delimiter = match hexadecimal.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
        Some(code) => char::from_u32(code)?,
        None => declared.chars().next().unwrap_or('\t'),
    };
    header.push(delimiter.to_string());
    let mut pairs: Vec<(String, String)> = Vec::new();
    for attribute in attributes.split(delimiter).filter(|_| !attributes.is_empty()) {
        let (key, value) = attribute.split_once('=')?;
        if key.is_empty() || key.contains(char::is_whitespace) {
            return None;
        }
        if pairs.iter().all(|(known, _)| known != key) {
            pairs.push((key.to_owned(), value.to_owned()));
        }
    }
    Some((header, pairs))
}

/// A message of RFC 5424.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Syslog {
    pub(crate) priority: u8,
    /// Time, host, program, process, kind.
    pub(crate) header: Vec<String>,
    pub(crate) data: Vec<(String, Vec<(String, String)>)>,
    pub(crate) text: Option<Vec<u8>>,
}

/// The messages of a stream with octet counting.
pub(crate) fn octet_counted(mut stream: &[u8]) -> Option<Vec<Syslog>> {
    let mut messages = Vec::new();
    while !stream.is_empty() {
        let space = stream.iter().position(|byte| *byte == b' ')?;
        let digits = std::str::from_utf8(&stream[..space]).ok()?;
        if digits.starts_with('0') || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return None;
        }
        let length: usize = digits.parse().ok()?;
        let frame = stream.get(space + 1..space + 1 + length)?;
        messages.push(syslog(frame)?);
        stream = &stream[space + 1 + length..];
    }
    Some(messages)
}

/// One message.
pub(crate) fn syslog(frame: &[u8]) -> Option<Syslog> {
    let end = frame.iter().position(|byte| *byte == b'>')?;
    let priority: u8 = std::str::from_utf8(frame.get(1..end)?).ok()?.parse().ok().filter(|priority| *priority < 192)?;
    let mut rest = frame.get(end + 1..)?.strip_prefix(b"1 ")?;
    let mut header = Vec::new();
    for longest in [64, 255, 48, 128, 32] {
        let space = rest.iter().position(|byte| *byte == b' ')?;
        let field = &rest[..space];
        if field.is_empty() || field.len() > longest || !field.iter().all(u8::is_ascii_graphic) {
            return None;
        }
        header.push(String::from_utf8(field.to_vec()).ok()?);
        rest = &rest[space + 1..];
    }
    let mut data = Vec::new();
    if let Some(after) = rest.strip_prefix(b"-") {
        rest = after;
    } else {
        while let Some(after) = rest.strip_prefix(b"[") {
            let (element, after) = element(after)?;
            if data.iter().any(|(id, _)| *id == element.0) {
                return None;
            }
            data.push(element);
            rest = after;
        }
        if data.is_empty() {
            return None;
        }
    }
    let text = match rest {
        [] => None,
        [b' ', text @ ..] => Some(text.to_vec()),
        _ => return None,
    };
    Some(Syslog { priority, header, data, text })
}

type Element = (String, Vec<(String, String)>);

fn element(rest: &[u8]) -> Option<(Element, &[u8])> {
    let (id, mut rest) = name(rest)?;
    let mut parameters = Vec::new();
    loop {
        match rest.split_first()? {
            (b']', after) => return Some(((id, parameters), after)),
            (b' ', after) => {
                let (key, after) = name(after)?;
                let mut value = Vec::new();
                let mut bytes = after.strip_prefix(b"=\"")?;
                loop {
                    match bytes {
                        [b'"', after @ ..] => {
                            rest = after;
                            break;
                        }
                        [b'\\', escaped @ (b'"' | b'\\' | b']'), after @ ..] => {
                            value.push(*escaped);
                            bytes = after;
                        }
                        [b']', ..] | [] => return None,
                        [byte, after @ ..] => {
                            value.push(*byte);
                            bytes = after;
                        }
                    }
                }
                parameters.push((key, String::from_utf8(value).ok()?));
            }
            _ => return None,
        }
    }
}

fn name(rest: &[u8]) -> Option<(String, &[u8])> {
    let end = rest.iter().position(|byte| matches!(byte, b' ' | b'=' | b']' | b'"'))?;
    let name = &rest[..end];
    let valid = (1..=32).contains(&end) && name.iter().all(u8::is_ascii_graphic);
    valid.then(|| (String::from_utf8(name.to_vec()).unwrap(), &rest[end..]))
}
