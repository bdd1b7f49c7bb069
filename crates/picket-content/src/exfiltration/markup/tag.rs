//! One tag of HTML, as lenient as browsers are.

use std::borrow::Cow;

/// What an address in a tag is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Picture,
    Link,
    Form,
    Frame,
    Sheet,
}

/// A tag: its name, and what stands behind that.
#[derive(Debug)]
pub(super) struct Tag<'a> {
    pub(super) name: Cow<'a, str>,
    body: Cow<'a, str>,
    /// One past its last byte.
    pub(super) end: usize,
}

/// Attributes with addresses.
const ADDRESSES: &[(&str, Target)] = &[
    ("src", Target::Picture),
    ("srcset", Target::Picture),
    ("poster", Target::Picture),
    ("background", Target::Picture),
    ("lowsrc", Target::Picture),
    ("dynsrc", Target::Picture),
    ("data", Target::Frame),
    ("href", Target::Link),
    ("xlink:href", Target::Link),
    ("ping", Target::Link),
    ("cite", Target::Link),
    ("action", Target::Form),
    ("formaction", Target::Form),
];

impl<'a> Tag<'a> {
    /// Reads a tag whose bracket ends at `at`, up to `limit` bytes.
    pub(super) fn read(text: &'a str, at: usize, limit: usize, is_hidden: bool) -> Option<Self> {
        let rest = text.get(at..)?;
        let rest = rest.get(..rest.floor_char_boundary(limit))?;
        let first = *rest.as_bytes().first()?;
        if !(first.is_ascii_alphabetic() || matches!(first, b'/' | b'!' | b'?')) {
            return None;
        }
        let (length, closed) = if is_hidden { end_hidden(rest) } else { end_of(rest) };
        let inside = rest.get(..length)?;
        let inside: Cow<'a, str> = unescaped(inside);
        let begin = inside.len() - inside.trim_start_matches(['/', '!', '?', '-', '[']).len();
        let name_end = inside
            .get(begin..)?
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '-')))
            .map_or(inside.len(), |end| begin + end);
        let (name, body) = match &inside {
            Cow::Borrowed(inside) => {
                (Cow::Borrowed(inside.get(begin..name_end)?), Cow::Borrowed(inside.get(name_end..)?))
            }
            Cow::Owned(inside) => {
                (Cow::Owned(inside.get(begin..name_end)?.to_owned()), Cow::Owned(inside.get(name_end..)?.to_owned()))
            }
        };
        (!name.is_empty()).then_some(Self { name, body, end: at + length + closed })
    }

    fn is(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.name.eq_ignore_ascii_case(name))
    }

    /// The rule by which a tag runs something, if it does.
    pub(super) fn runs(&self) -> Option<&'static str> {
        if self.is(&["script"]) && !self.body.trim_start().starts_with("...") {
            return Some("script");
        }
        if self.is(&["base", "applet", "isindex", "xss"]) && self.body.contains('=') {
            return Some("active tag");
        }
        if self.is(&["iframe", "frame", "object", "embed", "portal"]) && self.has("srcdoc") {
            return Some("frame with a page of its own");
        }
        let body = self.body.as_ref();
        let squeezed = || -> String {
            body.chars().filter(|c| !c.is_whitespace() && !c.is_control()).map(|c| c.to_ascii_lowercase()).collect()
        };
        if self.is(&["meta"]) && squeezed().contains("http-equiv") && squeezed().contains("refresh") {
            return Some("page that leads elsewhere");
        }
        if body.len() < 4 {
            return None;
        }
        if has_handler(body) {
            return Some("handler of an event");
        }
        // All of the signs below stand behind an equals sign, and have one of these letters.
        let bytes = body.as_bytes();
        if !bytes.contains(&b'=')
            || (memchr::memchr3(b':', b'(', b'z', bytes).is_none() && memchr::memchr(b'Z', bytes).is_none())
        {
            return None;
        }
        let squeezed = squeezed();
        let signs = [
            "javascript:",
            "vbscript:",
            "livescript:",
            "data:text/html",
            "data:image/svg",
            "expression(",
            "-moz-binding",
            "behavior:url",
        ];
        let starts = |sign: &str| {
            squeezed.find(sign).is_some_and(|at| squeezed.get(..at).is_some_and(|head| head.contains('=')))
        };
        signs.into_iter().any(starts).then_some("script in an attribute")
    }

    fn has(&self, name: &str) -> bool {
        attributes(&self.body).any(|(found, _)| found.eq_ignore_ascii_case(name))
    }

    /// The addresses of a tag.
    pub(super) fn targets(&self) -> Vec<(Target, String)> {
        let mut targets = Vec::new();
        for (name, value) in attributes(&self.body).take(64) {
            let Some((_, kind)) = ADDRESSES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) else {
                continue;
            };
            let kind = match kind {
                Target::Picture if self.is(&["iframe", "frame", "embed", "portal"]) => Target::Frame,
                Target::Frame if !self.is(&["object"]) => continue,
                Target::Link if self.is(&["link"]) => Target::Sheet,
                Target::Link if self.is(&["image", "use", "feimage"]) => Target::Picture,
                kind => *kind,
            };
            targets.push((kind, value.trim().to_owned()));
        }
        targets
    }
}

/// Where a tag ends: at its bracket, which quotes may hide; and how long that is.
fn end_of(rest: &str) -> (usize, usize) {
    let mut quote = None;
    let mut fallback = None;
    for (at, byte) in rest.bytes().enumerate() {
        match (byte, quote) {
            (b'>', None) => return (at, 1),
            (b'>', Some(_)) => fallback = fallback.or(Some(at)),
            (b'"' | b'\'', None) if at > 0 && rest.as_bytes().get(at - 1) == Some(&b'=') => quote = Some(byte),
            (_, Some(open)) if byte == open => quote = None,
            // The next tag begins; this one had no end.
            (b'<', None) => return (at, 0),
            _ => {}
        }
    }
    fallback.map_or((rest.len(), 0), |at| (at, 1))
}

/// Where a tag whose brackets are codes ends.
fn end_hidden(rest: &str) -> (usize, usize) {
    let lower = rest.to_ascii_lowercase();
    ["&gt;", "&#62;", "&#x3e;", "%3e", "\\x3e", "\\u003e", "\u{ff1e}", ">"]
        .iter()
        .filter_map(|sign| lower.find(sign).map(|at| (at, sign.len())))
        .min()
        .unwrap_or((rest.len(), 0))
}

/// Names and values of attributes.
fn attributes(body: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = body;
    std::iter::from_fn(move || {
        loop {
            let equals = rest.find('=')?;
            let (head, tail) = (rest.get(..equals)?, rest.get(equals + 1..)?.trim_start());
            let name = head.trim_end();
            let name = name.rsplit(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, ':' | '-'))).next()?;
            let tail = tail.trim_start_matches('\\');
            let (value, after) = match tail.chars().next() {
                Some(quote @ ('"' | '\'' | '`')) => {
                    let inside = tail.get(1..)?;
                    inside.split_once(quote).unwrap_or((inside, ""))
                }
                _ => {
                    let end = tail.find(char::is_whitespace).unwrap_or(tail.len());
                    (tail.get(..end)?, tail.get(end..)?)
                }
            };
            rest = after;
            if !name.is_empty() {
                return Some((name, value.trim_end_matches('\\')));
            }
        }
    })
}

/// Whether something like `onload=` stands in the inside of a tag.
pub(super) fn has_handler(body: &str) -> bool {
    let bytes = body.as_bytes();
    let mut from = 0;
    while let Some(at) = bytes.get(from..).and_then(|rest| memchr::memchr2(b'o', b'O', rest)).map(|at| from + at) {
        from = at + 1;
        if !matches!(bytes.get(from), Some(b'n' | b'N')) {
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
            && !body.get(..at).is_some_and(|head| head.ends_with("\\x20"))
        {
            continue;
        }
        let word = bytes.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let name = body.get(at..at + word).unwrap_or_default();
        let rest = body.get(at + word..).unwrap_or_default();
        let rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c.is_control());
        let is_on = name.len() >= 5 && name.get(..2).is_some_and(|on| on.eq_ignore_ascii_case("on"));
        // `onClick={…}` belongs to a language that makes pages, not to a page.
        let is_script = rest.strip_prefix('=').is_some_and(|value| !value.trim_start().starts_with('{'));
        if is_on && is_script {
            return true;
        }
    }
    false
}

/// Codes for characters undone: `&#58;`, `&lt;`, `\x3c`, `\u003c`, `%3c`.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if memchr::memchr2(b'&', b'\\', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['&', '\\']) {
        plain.push_str(rest.get(..at).unwrap_or_default());
        let tail = rest.get(at..).unwrap_or_default();
        let (character, length) = coded(tail).unwrap_or_else(|| (tail.chars().next().unwrap_or(' '), 1));
        plain.push(character);
        rest = tail.get(length..).unwrap_or_default();
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// The character that a code at the beginning of a text stands for, and its length.
fn coded(text: &str) -> Option<(char, usize)> {
    const NAMED: &[(&str, char)] = &[
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&apos;", '\''),
        ("&amp;", '&'),
        ("&colon;", ':'),
        ("&tab;", '\t'),
        ("&newline;", '\n'),
        ("&lpar;", '('),
        ("&rpar;", ')'),
        ("&sol;", '/'),
    ];
    let hex = |digits: &str| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
    let bytes = text.as_bytes();
    match (bytes.first()?, bytes.get(1)?) {
        (b'&', b'#') => {
            let is_hex = matches!(bytes.get(2), Some(b'x' | b'X'));
            let begin = if is_hex { 3 } else { 2 };
            let digits = bytes
                .get(begin..)?
                .iter()
                .take(8)
                .take_while(|byte| byte.is_ascii_hexdigit() && (is_hex || byte.is_ascii_digit()))
                .count();
            let number = text.get(begin..begin + digits)?;
            let character = if is_hex { hex(number)? } else { number.parse().ok().and_then(char::from_u32)? };
            let ends = usize::from(bytes.get(begin + digits) == Some(&b';'));
            Some((character, begin + digits + ends))
        }
        (b'&', _) => {
            let named =
                |(name, _): &&(&str, char)| text.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
            NAMED.iter().find(named).map(|(name, character)| (*character, name.len()))
        }
        (b'\\', b'x') => Some((hex(text.get(2..4)?)?, 4)),
        (b'\\', b'u') => Some((hex(text.get(2..6)?)?, 6)),
        (b'\\', b'"' | b'\'') => Some((char::from(*bytes.get(1)?), 2)),
        _ => None,
    }
}
