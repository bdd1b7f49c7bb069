//! Addresses of the network: e-mail, IP, MAC, and pages of people.

use super::codes::{Found, Place, Topic};
use super::wallet;
use memchr::memmem::Finder;
use regex::Regex;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

/// Words before a page that is somebody's own.
pub(super) const WORDS: &[&str] =
    &["my website", "my site", "my blog", "my homepage", "my page", "my profile", "my portfolio", "website"];
/// Words that make four numbers a version.
pub(super) const VERSION: &[&str] =
    &["version", "versions", "release", "build", "build number", "v", "firmware", "driver"];
/// Sites whose pages are of people, up to the name.
const PROFILES: &[&str] = &[
    "linkedin.com/in/",
    "facebook.com/",
    "instagram.com/",
    "twitter.com/",
    "x.com/",
    "t.me/",
    "tiktok.com/@",
    "vk.com/",
];
/// Names that stand for any name, in domains that nobody has.
const ANYBODY: &[&str] = &[
    "name",
    "user",
    "username",
    "email",
    "mail",
    "you",
    "yourname",
    "your.name",
    "your-name",
    "your_name",
    "your.email",
    "youremail",
    "your_email",
    "someone",
    "somebody",
    "foo",
    "bar",
    "example",
    "test",
    "firstname.lastname",
    "first.last",
];
const RESERVED: &[&str] = &[
    "example.com",
    "example.org",
    "example.net",
    "domain.com",
    "email.com",
    "test.com",
    "company.com",
    "yourdomain.com",
];
/// The longest address of an interface.
const ADDRESS_BYTES: usize = 45;
const PAGE_BYTES: usize = 120;
/// The longest names of a mailbox and of a host.
const NAME_BYTES: usize = 64;
const HOST_BYTES: usize = 255;

#[expect(clippy::expect_used, reason = "the pattern is a constant, and every test compiles it")]
static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"(?i)\b[a-z0-9][a-z0-9._%+\-]{0,63}@(?:[a-z0-9](?:[a-z0-9\-]{0,62}[a-z0-9])?\.){1,8}(?:[a-z]{2,24}|xn--[a-z0-9\-]{2,58}[a-z0-9])\b";
    Regex::new(&picket_text::ascii_boundaries(pattern)).expect("the address is a pattern")
});

static ADDRESS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("://"));

/// E-mail addresses: looked for around each `@`.
pub(super) fn emails(text: &str, from: usize, add: &mut impl FnMut(Found)) {
    let bytes = text.as_bytes();
    let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-');
    let is_host = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    for at in memchr::memchr_iter(b'@', bytes.get(from..).unwrap_or_default()).map(|at| from + at) {
        let before = bytes.get(..at).unwrap_or_default().iter().rev().take(NAME_BYTES + 1).take_while(is_name).count();
        let after = bytes.get(at + 1..).unwrap_or_default().iter().take(HOST_BYTES).take_while(is_host).count();
        if before == 0 || after < 4 {
            continue;
        }
        // One more byte on either side tells whether a word begins and ends there.
        let from = text.floor_char_boundary((at - before).saturating_sub(1));
        let to = text.ceil_char_boundary((at + after + 2).min(bytes.len()));
        let found =
            text.get(from..to).and_then(|around| EMAIL.find(around)).filter(|found| !is_anybody(found.as_str()));
        if let Some(found) = found {
            add(("EMAIL", from + found.start(), from + found.end(), 0.9));
        }
    }
}

/// Whether an address is a placeholder: a name for any name, at a domain that is kept for examples.
fn is_anybody(address: &str) -> bool {
    let small = address.to_ascii_lowercase();
    let Some((name, domain)) = small.split_once('@') else { return false };
    ANYBODY.contains(&name)
        && (RESERVED.contains(&domain) || domain.ends_with(".example") || domain.ends_with(".invalid"))
}

/// Addresses of hosts and interfaces.
pub(super) fn addresses(text: &str, from: usize, add: &mut impl FnMut(Found)) {
    let bytes = text.as_bytes();
    let mut done = 0;
    for at in memchr::memchr3_iter(b':', b'.', b'-', bytes.get(from..).unwrap_or_default()).map(|at| from + at) {
        if at < done || !may_be_address(bytes, at) {
            continue;
        }
        let belongs = |byte: &&u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.' | b'-');
        let before =
            bytes.get(done..at).unwrap_or_default().iter().rev().take(ADDRESS_BYTES).take_while(belongs).count();
        let (start, after) = (
            at - before,
            bytes.get(at..).unwrap_or_default().iter().take(ADDRESS_BYTES + 1).take_while(belongs).count(),
        );
        done = at + after;
        let span = text.get(start..done).unwrap_or_default();
        let trimmed = span.trim_end_matches(['.', '-']);
        let trimmed = if trimmed.ends_with("::") { trimmed } else { trimmed.trim_end_matches(':') };
        let skipped = trimmed.len() - trimmed.trim_start_matches(['.', '-']).len();
        address(text, start + skipped, trimmed.get(skipped..).unwrap_or_default(), add);
    }
}

/// Whether the signs about one of `:`, `.` and `-` are those of an address: most texts end here.
fn may_be_address(bytes: &[u8], at: usize) -> bool {
    let sign = bytes.get(at).copied();
    let after = bytes.get(at + 1);
    // Most signs end a sentence or join words.
    if !after.is_some_and(|after| after.is_ascii_hexdigit() || *after == b':') {
        return false;
    }
    let is_near = || {
        let near = bytes.get(at + 1..(at + 6).min(bytes.len())).unwrap_or_default();
        near.iter().any(|byte| Some(*byte) == sign)
    };
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    let hex = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
    match sign {
        Some(b':') => (hex(before) || after == Some(&b':')) && is_near(),
        Some(b'-') => bytes.get(at + 3) == Some(&b'-') && hex(before) && hex(after),
        _ => {
            hex(before)
                && hex(after)
                && (before.is_some_and(u8::is_ascii_digit) || bytes.get(at + 5) == Some(&b'.'))
                && is_near()
        }
    }
}

/// What kind of address a span is.
fn address(text: &str, start: usize, span: &str, add: &mut impl FnMut(Found)) {
    let bytes = text.as_bytes();
    let end = start + span.len();
    let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let before = start.checked_sub(1).and_then(|before| bytes.get(before));
    if is_word(before) || matches!(before, Some(b'-' | b'/' | b'%')) && !span.contains(':') || is_word(bytes.get(end)) {
        return;
    }
    if is_mac(span.as_bytes()) {
        add(("MAC_ADDRESS", start, end, 0.8));
    } else if span.contains(':') {
        if is_version_6(span) {
            add(("IP_ADDRESS", start, end, 0.7));
        }
    } else if is_version_4(span) && Place::new(text, start).near(Topic::Version).is_none_or(|near| near > 24) {
        add(("IP_ADDRESS", start, end, 0.7));
    }
}

fn is_version_4(span: &str) -> bool {
    let Ok(address) = span.parse::<Ipv4Addr>() else { return false };
    !(address.is_loopback() || address.is_unspecified() || address.is_broadcast())
}

/// Two colons alone are a path in a program, so that some digits must stand there too.
fn is_version_6(span: &str) -> bool {
    let Ok(address) = span.parse::<Ipv6Addr>() else { return false };
    let digits = span.bytes().filter(u8::is_ascii_digit).count();
    let groups = span.split(':').filter(|group| !group.is_empty()).count();
    let is_long = groups >= 2 && span.split(':').any(|group| group.len() >= 3);
    !(address.is_loopback() || address.is_unspecified()) && digits > 0 && is_long
}

/// Six pairs with one sign between, or three groups of four; not all alike.
fn is_mac(span: &[u8]) -> bool {
    let (size, sign) = match span.len() {
        17 => (3, span.get(2).copied()),
        14 => (5, Some(b'.')),
        _ => return false,
    };
    let is_shaped = span
        .iter()
        .enumerate()
        .all(|(at, byte)| if at % size == size - 1 { Some(*byte) == sign } else { byte.is_ascii_hexdigit() });
    let first = span.first();
    let differs = span.iter().filter(|byte| byte.is_ascii_hexdigit()).any(|byte| Some(byte) != first);
    is_shaped && differs && matches!(sign, Some(b':' | b'-' | b'.'))
}

/// Pages of people: of sites for that, or behind words that say so.
pub(super) fn pages(text: &str, from: usize, add: &mut impl FnMut(Found)) {
    for at in ADDRESS.find_iter(text.as_bytes().get(from..).unwrap_or_default()).map(|at| from + at) {
        let Some(start) = ["https", "http"].iter().find_map(|scheme| {
            let start = at.checked_sub(scheme.len())?;
            text.get(start..at)?.eq_ignore_ascii_case(scheme).then_some(start)
        }) else {
            continue;
        };
        let rest = text.get(at + 3..).unwrap_or_default();
        let length = rest
            .bytes()
            .take(PAGE_BYTES)
            .take_while(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'/' | b'-' | b'_' | b'~' | b'@' | b'%')
            })
            .count();
        let page = rest.get(..length).unwrap_or_default().trim_end_matches(['.', '-']);
        let small = page.to_ascii_lowercase();
        let site = small.strip_prefix("www.").unwrap_or(&small);
        let is_profile = PROFILES.iter().any(|known| {
            site.strip_prefix(known).is_some_and(|name| name.len() > 2 && !name.trim_end_matches('/').contains('/'))
        });
        let is_anybody = RESERVED.iter().any(|known| site.split('/').next() == Some(known));
        let is_named = || !is_anybody && Place::new(text, start).near(Topic::Network).is_some_and(|near| near <= 4);
        if page.contains('.') && (is_profile || is_named()) {
            add(("PERSONAL_URL", start, at + 3 + page.len(), 0.7));
        }
    }
}

/// Wallets, among words with digits.
pub(super) fn wallets(text: &str, start: usize, end: usize, add: &mut impl FnMut(Found)) {
    let bytes = text.as_bytes();
    let is_free = |byte: Option<&u8>| !byte.is_some_and(|byte| matches!(byte, b'+' | b'/' | b'=' | b'-'));
    let before = start.checked_sub(1).and_then(|before| bytes.get(before));
    if end - start >= 14
        && is_free(before)
        && is_free(bytes.get(end))
        && bytes.get(start..end).is_some_and(wallet::is_address)
    {
        add(("CRYPTO_WALLET", start, end, 0.85));
    }
}
