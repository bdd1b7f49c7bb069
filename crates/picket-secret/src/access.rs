//! Passwords in addresses, headers, commands and the files of clients.

use super::random::{distinct, is_placeholder};
use super::runs::can_hold;

/// Words that stand for passwords in documents.
const STAND_INS: &[&str] = &[
    "password",
    "passwd",
    "pass",
    "pwd",
    "pw",
    "secret",
    "token",
    "user",
    "username",
    "test",
    "yyy",
    "xxx",
    "foo",
    "bar",
    "mypass",
    "passw0rd",
    "pass123",
    "userpass",
    "user_password",
    "db_password",
    "apikey",
    "api_key",
    "postgres",
    "root",
    "admin",
    "guest",
];

/// Bytes before a flag in which its command must stand.
const COMMAND_BYTES: usize = 200;

/// The password in an address whose `://` is at `at`: `postgres://user:password@host`.
pub(super) fn of_address(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let is_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-');
    let scheme = bytes.get(..at)?.iter().rev().take(22).take_while(|byte| is_scheme(byte)).count();
    let rest = bytes.get(at + 3..)?;
    let user = rest.iter().take(65).take_while(|byte| !b" \t\r\n\x0b\x0c:/?#".contains(byte)).count();
    let after = rest.get(user..)?.strip_prefix(b":")?;
    let length = after.iter().take(129).take_while(|byte| !b" \t\r\n\x0b\x0c:/@?#\"'`\\<>".contains(byte)).count();
    let host = after.get(length..)?.strip_prefix(b"@")?.first()?;
    let fits = (2..=21).contains(&scheme) && user <= 64 && (3..=128).contains(&length);
    let start = at + 3 + user + 1;
    let value = text.get(start..start + length)?;
    (fits && (host.is_ascii_alphanumeric() || b".-[".contains(host)) && is_chosen(value))
        .then_some((start, start + length))
}

/// Whether a password is one and no variable or stand-in.
fn is_chosen(value: &str) -> bool {
    !value.starts_with(['$', '%', '{', '<', '[', '*'])
        && !is_placeholder(value)
        && !STAND_INS.iter().any(|word| word.eq_ignore_ascii_case(value))
}

/// The credential behind `Authorization`, which ends at `at`: `Authorization: Basic …`.
pub(super) fn of_header(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = text.get(at..)?;
    let trimmed = rest.trim_start_matches(['"', '\'', ':', '=', '>', ' ', '\\', '`', ',', ']', ')', '(', '{']);
    let gap = rest.len() - trimmed.len();
    let scheme = trimmed.bytes().take(16).take_while(|byte| byte.is_ascii_alphabetic() || *byte == b'-').count();
    let (word, after) = trimmed.split_at_checked(scheme)?;
    let schemes = [
        "basic",
        "bearer",
        "token",
        "apikey",
        "ntlm",
        "negotiate",
        "digest",
        "key",
        "bot",
        "splunk",
        "sso-key",
        "api-token",
        "api-key",
        "oauth",
    ];
    if gap == 0 || gap > 12 || !schemes.iter().any(|known| known.eq_ignore_ascii_case(word)) {
        return None;
    }
    let value = after.strip_prefix(' ').or_else(|| after.strip_prefix("%20"))?;
    let value = value.trim_start_matches(['"', '\'', '\\', '`']);
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=_.~-:".contains(byte);
    let length = value.as_bytes().iter().take(2_048).take_while(|byte| belongs(byte)).count();
    let start = text.len() - value.len();
    let credential = value.get(..length)?;
    let has_sign =
        can_hold(credential) && credential.bytes().any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    let is_random = length >= 8 && distinct(credential) >= 6 && has_sign && !is_named(credential);
    (is_random && is_chosen(credential)).then_some((start, start + length))
}

/// `YOUR_TOKEN`, `API_KEY` and the like.
fn is_named(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte == b'-')
}

/// The password behind a flag of `curl` that ends at `at`: `-u user:password`.
pub(super) fn of_command(text: &str, at: usize, end: usize) -> Option<(usize, usize)> {
    let from = text.ceil_char_boundary(at.saturating_sub(COMMAND_BYTES));
    let before = text.get(from..at)?;
    let is_command = ["curl", "wget", "http ", "https "].iter().any(|command| before.contains(command));
    let rest = text.get(end..)?;
    let opened = rest.trim_start_matches(['"', '\'', '\\', ' ']);
    let belongs = |byte: &u8| byte.is_ascii_graphic() && !b"\"'\\`,;<>".contains(byte);
    let length = opened.as_bytes().iter().take(160).take_while(|byte| belongs(byte)).count();
    let pair = opened.get(..length)?;
    let (user, mut password) = pair.split_once(':')?;
    let mut start = text.len() - opened.len() + user.len() + 1;
    if password.is_empty() {
        // `-u user:'password'`.
        let quoted = text.get(start..)?.strip_prefix(['\'', '"'])?;
        let length = quoted.as_bytes().iter().take(128).take_while(|byte| belongs(byte)).count();
        (start, password) = (start + 1, quoted.get(..length)?);
    }
    let is_real =
        password.len() >= 4 && !user.contains("//") && distinct(password) >= 4 && !user.starts_with(['$', '{', '<']);
    (is_command && is_real && is_chosen(password)).then_some((start, start + password.len()))
}

/// The password at the end of a line of `.pgpass` whose port ends at `at`: `host:5432:database:user:password`.
pub(super) fn of_line(text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let host = text.as_bytes().get(..start)?.last()?;
    let rest = text.get(end..)?;
    let word =
        rest.bytes().take(200).take_while(|byte| byte.is_ascii_graphic() && !b"\"'\\`,;<>/".contains(byte)).count();
    let mut fields = rest.get(..word)?.splitn(3, ':');
    let (database, user, password) = (fields.next()?, fields.next()?, fields.next()?);
    let at = end + database.len() + user.len() + 2;
    let fits = !database.is_empty() && !user.is_empty() && password.len() >= 4 && !password.contains(':');
    let is_host = host.is_ascii_alphanumeric() || b".*]".contains(host);
    (fits && is_host && is_chosen(password)).then_some((at, at + password.len()))
}
