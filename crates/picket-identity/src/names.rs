//! Names: who is who must be seen, so that letters which only look alike, and what cannot be seen at all, are refused.

use picket_stdx::escape;
use picket_stdx::limits::NAME_BYTES_MAX;

/// The longest name that somebody signs in with.
pub const LOGIN_BYTES_MAX: usize = 128;
/// The longest mail address (RFC 5321).
const EMAIL_BYTES_MAX: usize = 254;

/// A name that cannot be used; its text says what can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Of a user.
    #[error(
        "a user's name has 1 to {LOGIN_BYTES_MAX} letters (a to z), digits and `.` `_` `-` `+` `@`, and begins with a letter or digit"
    )]
    Login,
    /// Of a person, as shown.
    #[error("a full name has 1 to {NAME_BYTES_MAX} bytes, without control or invisible characters")]
    Full,
    /// Of a team.
    #[error(
        "a team's name has 1 to {LOGIN_BYTES_MAX} letters (a to z), digits, single spaces and `.` `_` `-` `+` `&` `/`"
    )]
    Team,
    /// A mail address.
    #[error("a mail address is written name@host, with at most {EMAIL_BYTES_MAX} characters")]
    Email,
}

/// What names are compared by: nobody is `Ana` beside `ana`.
pub fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// Whether somebody can sign in with a name: one script only, so that no letter looks like another.
pub fn check_login(name: &str) -> Result<(), NameError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+@".contains(&byte);
    let begins_well = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    let fits = begins_well && name.len() <= LOGIN_BYTES_MAX && name.bytes().all(is_plain);
    if fits { Ok(()) } else { Err(NameError::Login) }
}

/// Whether a team can be called so.
pub fn check_team(name: &str) -> Result<(), NameError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" ._-+&/".contains(&byte);
    let spaced_well = name.trim() == name && !name.contains("  ");
    let fits = !name.is_empty() && spaced_well && name.len() <= LOGIN_BYTES_MAX && name.bytes().all(is_plain);
    if fits { Ok(()) } else { Err(NameError::Team) }
}

/// Whether a person's full name can be shown; nothing is decided by it.
pub fn check_full(name: &str) -> Result<(), NameError> {
    let is_clean = escape::terminal(name) == name && name.trim() == name;
    if !name.is_empty() && name.len() <= NAME_BYTES_MAX && is_clean { Ok(()) } else { Err(NameError::Full) }
}

/// Whether a text is a mail address; nothing is decided by it.
pub fn check_email(email: &str) -> Result<(), NameError> {
    let is_local = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_graphic() && !b"@<>()[],;:\\\"".contains(&byte))
    };
    let is_host = |part: &str| {
        !part.is_empty()
            && part.split('.').all(|label| {
                let inner = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
                !label.is_empty() && inner && !label.starts_with('-') && !label.ends_with('-')
            })
    };
    let parts = email.split_once('@').filter(|(local, host)| is_local(local) && is_host(host));
    if email.len() <= EMAIL_BYTES_MAX && parts.is_some() { Ok(()) } else { Err(NameError::Email) }
}

#[cfg(test)]
mod tests;
