//! What an address carries besides naming a place.

use super::Limits;
use super::blob::{is_text, unhex};
use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::borrow::Cow;

/// How an address is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loading {
    /// It loads as soon as it is shown.
    ByItself,
    /// Somebody, or a preview, must follow it.
    Followed,
}

/// Values are looked into up to so many bytes.
const VALUE_BYTES_MAX: usize = 2_048;
/// Pieces of one address that are looked into.
const PIECES_MAX: usize = 48;

/// Names of parameters that say how a picture is to be shown; their values are short.
const DISPLAY: &[&str] = &[
    "w",
    "h",
    "q",
    "s",
    "v",
    "width",
    "height",
    "size",
    "quality",
    "format",
    "fm",
    "fit",
    "crop",
    "auto",
    "dpr",
    "raw",
    "style",
    "logo",
    "logocolor",
    "color",
    "label",
    "labelcolor",
    "branch",
    "version",
    "ver",
    "theme",
    "bg",
    "alt",
    "cs",
    "ixlib",
    "ixid",
    "type",
    "ext",
    "page",
    "lang",
    "download",
    "resize",
    "strip",
    "rect",
    "cache",
    "rev",
    "t",
    "ts",
    "cacheseconds",
];

/// Parameters of addresses that a store of files has signed.
const SIGNED: &[&str] = &[
    "sig",
    "se",
    "sv",
    "sp",
    "sr",
    "st",
    "spr",
    "skoid",
    "sktid",
    "skt",
    "ske",
    "sks",
    "skv",
    "rscd",
    "rsct",
    "expires",
    "signature",
    "key-pair-id",
    "policy",
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-signature",
    "x-amz-signedheaders",
    "x-amz-security-token",
    "x-goog-algorithm",
    "x-goog-credential",
    "x-goog-date",
    "x-goog-expires",
    "x-goog-signature",
    "x-goog-signedheaders",
    "response-content-disposition",
];

/// Names of parameters that links carry sentences in.
const SENTENCES: &[&str] = &[
    "q",
    "query",
    "search",
    "s",
    "k",
    "term",
    "text",
    "title",
    "body",
    "subject",
    "url",
    "u",
    "message",
    "keywords",
    "name",
    "description",
    "labels",
    "caption",
    "hl",
    "p",
    "st",
    "address",
    "destination",
    "origin",
    "daddr",
    "saddr",
    "location",
];

/// An address in its parts.
#[derive(Debug)]
struct Address<'a> {
    host: &'a str,
    user: &'a str,
    path: &'a str,
    query: &'a str,
    fragment: &'a str,
}

impl<'a> Address<'a> {
    /// An address that leads to another host; `None` for those within the page.
    fn parse(text: &'a str) -> Option<Self> {
        let rest = match text.find("://") {
            Some(at) if text.get(..at)?.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+') => {
                text.get(at + 3..)?
            }
            _ => text.strip_prefix("//").or_else(|| text.strip_prefix("\\\\"))?,
        };
        let rest = rest.trim_start_matches(['/', '\\']);
        let (authority, rest) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let host = host.split(':').next().unwrap_or_default();
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        (!host.is_empty()).then_some(Self { host, user, path, query, fragment })
    }

    /// A number in the place of a name: nobody writes that for people.
    fn is_number(&self) -> bool {
        let digits = self.host.strip_prefix("0x").unwrap_or(self.host);
        digits.len() >= 6 && digits.bytes().all(|byte| byte.is_ascii_digit())
            || self
                .host
                .strip_prefix("0x")
                .is_some_and(|hex| hex.len() >= 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
    }

    fn is_here(&self) -> bool {
        matches!(self.host, "localhost" | "0.0.0.0") || self.host.starts_with("127.")
    }
}

/// How sure it is that an address carries data out, 0 to 1; `None` where it leads nowhere else.
pub(super) fn judge(text: &str, loading: Loading, limits: &Limits) -> Option<f32> {
    let address = Address::parse(text)?;
    if address.is_here() || limits.allows(address.host) {
        return Some(0.0);
    }
    let mut score = if address.is_number() { 0.8_f32 } else { 0.0 };
    if !address.user.is_empty() && address.user.len() >= 6 {
        score = score.max(value(address.user, loading)).max(if loading == Loading::ByItself { 0.7 } else { 0.0 });
    }
    score = score.max(host(address.host, loading));
    for segment in address.path.split(['/', '\\', ';']).filter(|segment| segment.len() >= 4).take(PIECES_MAX) {
        score = score.max(path(segment, loading));
    }
    if !address.query.is_empty() && !is_signed(address.query) {
        score = score.max(query(address.query, loading));
    }
    if address.fragment.len() >= 6 {
        score = score.max(value(address.fragment, loading));
    }
    Some(score)
}

fn is_signed(query: &str) -> bool {
    let mut names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
    query.split('&').count() >= 3 && names.all(|name| SIGNED.iter().any(|known| known.eq_ignore_ascii_case(name)))
}

/// Labels before the name that somebody registered.
fn host(host: &str, loading: Loading) -> f32 {
    let labels: Vec<&str> = host.split('.').collect();
    let own = labels.get(..labels.len().saturating_sub(2)).unwrap_or_default();
    let mut score = 0.0_f32;
    for label in own.iter().filter(|label| label.len() >= 6) {
        if is_placeholder(label) {
            score = score.max(0.85);
        }
        if reads_as_text(label, loading) {
            score = score.max(0.9);
        }
        // A name for people is short, and has vowels between its consonants.
        if loading == Loading::ByItself && label.len() >= 24 && is_opaque(label) {
            score = score.max(0.75);
        }
    }
    let total: usize = own.iter().map(|label| label.len()).sum();
    if total > 80 { score.max(0.75) } else { score }
}

fn path(segment: &str, loading: Loading) -> f32 {
    if let Some((name, assigned)) = segment.split_once('=').filter(|(name, _)| !name.is_empty()) {
        let pair = if loading == Loading::ByItself && !is_display(name, assigned) { 0.65 } else { 0.0 };
        return value(assigned, loading).max(pair);
    }
    // The name of a file has an ending.
    let stem =
        segment.rsplit_once('.').map_or(segment, |(stem, ending)| if ending.len() <= 5 { stem } else { segment });
    let decoded = percent(stem);
    if loading == Loading::ByItself && words(&decoded, &[' ', '+']) >= 4 {
        return 0.75;
    }
    if loading == Loading::ByItself && words(&decoded, &[' ', '+', '_', '-', '.']) >= 10 {
        return 0.6;
    }
    if loading == Loading::ByItself && stem.len() >= 64 && is_opaque(stem) && !is_hash(stem) {
        return 0.6;
    }
    match loading {
        Loading::ByItself => plain(stem, loading),
        // Links to people and to their mails have names in their paths.
        Loading::Followed if reads_as_text(stem, loading) => 0.9,
        Loading::Followed => 0.0,
    }
}

fn query(query: &str, loading: Loading) -> f32 {
    let mut score = 0.0_f32;
    for pair in query.split('&').take(PIECES_MAX) {
        let (name, given) = pair.split_once('=').unwrap_or(("", pair));
        score = score.max(match loading {
            Loading::ByItself if is_display(name, given) => 0.0,
            Loading::ByItself => value(given, loading).max(if given.is_empty() { 0.3 } else { 0.6 }),
            Loading::Followed if is_one_of(SENTENCES, name) => plain(given, loading),
            Loading::Followed => value(given, loading),
        });
    }
    if loading == Loading::ByItself && query.len() > 160 { score.max(0.6) } else { score }
}

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Whether a parameter says how a picture is shown.
fn is_display(name: &str, value: &str) -> bool {
    let simple = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b',' | b'-' | b'_' | b':');
    let is_number =
        !value.is_empty() && value.len() <= 13 && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let is_short = value.len() <= 16 && value.bytes().all(simple);
    (is_one_of(DISPLAY, name) && (is_short || is_hash(value))) || (is_number && value.len() <= 4) || value == "true"
}

/// What the value of a parameter carries.
fn value(text: &str, loading: Loading) -> f32 {
    let decoded = percent(text);
    let sentence = words(&decoded, &[' ', '+', '_']);
    if sentence >= 4 {
        return if loading == Loading::ByItself { 0.85 } else { 0.65 };
    }
    if loading == Loading::ByItself && text.len() >= 20 && is_opaque(text) {
        return 0.75;
    }
    if loading == Loading::Followed && text.len() >= 512 && is_opaque(text) {
        return 0.6;
    }
    plain(text, loading)
}

/// What a value carries, whatever its place: text in code, personal data, credentials, a place to fill in.
fn plain(text: &str, loading: Loading) -> f32 {
    let text = text.get(..text.floor_char_boundary(VALUE_BYTES_MAX)).unwrap_or_default();
    if reads_as_text(text, loading) {
        return 0.9;
    }
    let decoded = percent(text);
    if loading == Loading::ByItself && is_placeholder(&decoded) {
        return 0.85;
    }
    let holds_value = decoded.contains('@')
        || decoded.bytes().filter(u8::is_ascii_digit).count() >= 9
        || (decoded.len() >= 20 && is_opaque(&decoded) && !is_hash(&decoded));
    let is_found =
        |hits: Vec<picket_text::Hit>| hits.iter().any(|hit| hit.score >= 0.6 && !super::NOBODY.contains(&hit.kind));
    if decoded.len() >= 6
        && holds_value
        && (is_found(picket_pii::scan(&decoded)) || is_found(picket_secret::scan(&decoded)))
    {
        return if loading == Loading::ByItself { 0.95 } else { 0.8 };
    }
    0.0
}

/// `%XX` undone; a plus stays.
fn percent(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..2).filter(|_| *first == b'%').and_then(|code| std::str::from_utf8(code).ok()).map(unhex);
        match code.as_deref() {
            Some([byte]) => {
                bytes.push(*byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// Words of at least two letters between separators.
fn words(text: &str, separators: &[char]) -> usize {
    text.split(separators)
        .filter(|word| word.chars().filter(|c| c.is_alphabetic()).take(2).count() == 2)
        .take(16)
        .count()
}

/// A place that somebody was told to fill in.
fn is_placeholder(text: &str) -> bool {
    [('{', '}'), ('[', ']'), ('<', '>'), ('$', ')')].iter().any(|(open, close)| {
        let inside = text.split_once(*open).and_then(|(_, rest)| rest.split_once(*close)).map(|(inside, _)| inside);
        inside.is_some_and(|inside| inside.len() >= 3 && inside.chars().filter(|c| c.is_alphabetic()).count() >= 3)
    })
}

/// The lengths of digests in hex, and identifiers.
fn is_hash(text: &str) -> bool {
    let hex = text.bytes().filter(u8::is_ascii_hexdigit).count();
    let dashes = text.bytes().filter(|byte| *byte == b'-').count();
    (hex == text.len() && matches!(hex, 8 | 24 | 32 | 40 | 56 | 64 | 96 | 128))
        || (hex == 32 && dashes == 4 && text.len() == 36)
}

/// Whether letters and digits stand in no order that words have.
fn is_opaque(text: &str) -> bool {
    let (mut upper, mut lower, mut digits, mut turns, mut before) = (0, 0, 0, 0, 0);
    for byte in text.bytes() {
        let class = match byte {
            b'A'..=b'Z' => 1,
            b'a'..=b'z' => 2,
            b'0'..=b'9' => 3,
            _ => 0,
        };
        upper += usize::from(class == 1);
        lower += usize::from(class == 2);
        digits += usize::from(class == 3);
        turns += usize::from(class != before && before != 0 && class != 0);
        before = class;
    }
    let letters = upper + lower;
    [upper, lower, digits].iter().filter(|count| **count > 0).count() >= 2
        && turns * 6 >= letters + digits
        && digits + upper > 2
}

/// Decoders that take what is cut or lacks its padding.
fn base64(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    let text = text.trim_end_matches('=');
    let whole = if text.len() % 4 == 1 { text.get(..text.len() - 1)? } else { text };
    GeneralPurpose::new(alphabet, config).decode(whole).ok()
}

fn base32(text: &str) -> Option<Vec<u8>> {
    let (mut bits, mut buffer, mut bytes) = (0_u32, 0_u32, Vec::new());
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte.to_ascii_uppercase() {
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        buffer = (buffer << 5 | u32::from(value)) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(buffer >> bits & 0xff).ok()?);
        }
    }
    Some(bytes)
}

/// Whether a run is text in base64, base32 or hex. Random letters are not, but for one in ten thousand.
fn reads_as_text(text: &str, loading: Loading) -> bool {
    let decoded = percent(text);
    let text = decoded.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '=');
    let least = if loading == Loading::ByItself { 6 } else { 12 };
    if text.len() < 8
        || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'='))
    {
        return false;
    }
    let fits = |bytes: &[u8]| {
        bytes.len() >= least
            && std::str::from_utf8(bytes).is_ok()
            && bytes.iter().filter(|byte| byte.is_ascii_graphic() || **byte == b' ' || **byte >= 0x80).count() * 100
                >= bytes.len() * 97
            && is_text(bytes)
    };
    let has = |is: fn(&u8) -> bool| text.as_bytes().iter().any(is);
    if text.len() % 2 == 0 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return fits(&unhex(text));
    }
    let is_mixed = has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    (is_mixed && base64(text).is_some_and(|bytes| fits(&bytes)))
        || (!is_mixed && text.len() >= 16 && base32(text).is_some_and(|bytes| fits(&bytes)))
}
