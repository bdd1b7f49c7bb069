//! Passwords: what is a good one, and argon2id, two at a time.
//!
//! A hash takes 19 MiB and a tenth of a second, so that guessing is dear; whoever has many of them made would make that
//! the server's own trouble. Two run at a time, behind everything else that wants a core; some wait, and more are refused.

use crate::workers::Workers;
use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{self, Error};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use picket_stdx::{escape, random};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// Characters of the shortest password.
pub const CHARS_MIN: usize = 12;
/// Bytes of the longest: nobody types more, and hashing begins with reading them all.
pub const BYTES_MAX: usize = 1_024;
/// Different characters that it needs.
const DISTINCT_MIN: usize = 5;
/// Shorter names may be part of a password by chance.
const NAME_CHARS_MIN: usize = 4;

/// Hashes that are made at a time.
const RUNNING_MAX: usize = 2;
/// Those that wait for a place; the last of them waits for about a second.
const WAITING_MAX: usize = 16;

/// A password that is not taken, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too short.
    #[error("a password has at least {CHARS_MIN} characters; several words make a good one")]
    Short,
    /// Too long.
    #[error("a password has at most {BYTES_MAX} bytes")]
    Long,
    /// Nobody can type or see it.
    #[error("a password has no control or invisible characters")]
    Invisible,
    /// Too simple.
    #[error("a password has at least {DISTINCT_MIN} different characters")]
    Simple,
    /// The name is in it.
    #[error("a password does not contain the user's name")]
    Name,
}

/// All places for hashing are taken, and those for waiting too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked; try again in a moment")]
pub struct Busy;

/// The form in which a password is hashed: what one keyboard writes as one character, and another as two, is the same.
pub(crate) fn normal(password: &str) -> Zeroizing<String> {
    Zeroizing::new(password.nfkc().collect())
}

/// Whether a password may be set by the user of this name.
pub fn check(password: &str, name: &str) -> Result<(), PasswordError> {
    if password.len() > BYTES_MAX {
        return Err(PasswordError::Long);
    }
    let password = normal(password);
    if password.len() > BYTES_MAX {
        return Err(PasswordError::Long);
    }
    if password.chars().count() < CHARS_MIN {
        return Err(PasswordError::Short);
    }
    if escape::terminal(&password) != password.as_str() {
        return Err(PasswordError::Invisible);
    }
    if password.chars().collect::<BTreeSet<_>>().len() < DISTINCT_MIN {
        return Err(PasswordError::Simple);
    }
    let (lower, name) = (Zeroizing::new(password.to_lowercase()), name.to_lowercase());
    let is_named = |name: &str| name.chars().count() >= NAME_CHARS_MIN && lower.contains(name);
    if is_named(&name) || name.split('@').next().is_some_and(is_named) {
        return Err(PasswordError::Name);
    }
    Ok(())
}

/// Makes and checks hashes.
#[derive(Debug)]
pub(crate) struct Hasher {
    params: Params,
    workers: Workers,
    /// What the password of nobody is compared with, so that nobody takes as long as somebody.
    nobody: String,
}

impl Hasher {
    /// With what is asked of new hashes: 19 MiB, two passes, one lane.
    pub(crate) fn new() -> io::Result<Self> {
        Self::with(Params::DEFAULT)
    }

    pub(crate) fn with(params: Params) -> io::Result<Self> {
        let nobody = nobody(&params);
        Ok(Self { params, workers: Workers::start(RUNNING_MAX, WAITING_MAX)?, nobody })
    }

    /// The hash of a password, as a PHC string.
    pub(crate) fn hash(&self, password: &str) -> Result<String, Busy> {
        let (params, password, salt) = (self.params.clone(), normal(password), random::bytes::<16>());
        let made = self.workers.run(move || made(params, password.as_bytes(), &salt))?;
        // It fails only for want of memory.
        made.map(|made| made.to_string()).map_err(|_error| Busy)
    }

    /// Whether a password is the one that was hashed. Without a hash the same work is done, and the answer is no.
    pub(crate) fn verify(&self, password: &str, hash: Option<&str>) -> Result<bool, Busy> {
        let parsed = hash.and_then(|hash| PasswordHash::new(hash).ok());
        let (is_somebody, parsed) = match parsed {
            Some(parsed) => (true, parsed),
            None => (false, PasswordHash::new(&self.nobody).map_err(|_error| Busy)?),
        };
        let password = normal(password);
        let is_right = self.workers.run(move || is_right(password.as_bytes(), &parsed).unwrap_or(false))?;
        Ok(is_right && is_somebody)
    }

    /// Whether a hash was made with less work than is asked of new ones.
    pub(crate) fn is_outgrown(&self, hash: &str) -> bool {
        let made = PasswordHash::new(hash).ok().and_then(|hash| Params::try_from(&hash).ok());
        made.is_none_or(|made| {
            made.m_cost() < self.params.m_cost()
                || made.t_cost() < self.params.t_cost()
                || made.p_cost() < self.params.p_cost()
        })
    }
}

thread_local! {
    /// What a hash is made in. Each of the threads that hash keeps its own: blocks of this size that come and go have the
    /// allocator keep all large ones from then on, which was hundreds of MiB.
    static MEMORY: RefCell<Vec<Block>> = const { RefCell::new(Vec::new()) };
}

/// What argon2 makes of a password and a salt; nothing of it stays in the memory that it took.
fn output(argon2: &Argon2<'_>, password: &[u8], salt: &[u8]) -> password_hash::Result<Output> {
    let blocks = argon2.params().block_count();
    let length = argon2.params().output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
    MEMORY.with_borrow_mut(|memory| {
        memory.resize(memory.len().max(blocks), Block::default());
        let memory = memory.get_mut(..blocks).unwrap_or_default();
        let mut output = Zeroizing::new([0; Output::MAX_LENGTH]);
        let output = output.get_mut(..length).ok_or(Error::OutputSize)?;
        let filled = argon2.hash_password_into_with_memory(password, salt, output, &mut *memory);
        memory.fill(Block::default());
        filled?;
        Output::new(output).map_err(Error::from)
    })
}

fn made(params: Params, password: &[u8], salt: &[u8]) -> password_hash::Result<PasswordHash> {
    let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
    let argon2 = Argon2::new(algorithm, version, params);
    Ok(PasswordHash {
        algorithm: algorithm.ident(),
        version: Some(version.into()),
        params: ParamsString::try_from(argon2.params())?,
        salt: Some(Salt::new(salt)?),
        hash: Some(output(&argon2, password, salt)?),
    })
}

/// Whether a hash is one of a password. Outputs are compared in constant time.
fn is_right(password: &[u8], hash: &PasswordHash) -> password_hash::Result<bool> {
    let (Some(salt), Some(expected)) = (&hash.salt, &hash.hash) else { return Ok(false) };
    let algorithm = Algorithm::try_from(hash.algorithm.as_str())?;
    let version = hash.version.map(Version::try_from).transpose()?.unwrap_or_default();
    let argon2 = Argon2::new(algorithm, version, Params::try_from(hash)?);
    Ok(output(&argon2, password, salt)? == *expected)
}

/// A hash that no password has: its output is random.
fn nobody(params: &Params) -> String {
    let unpadded = |bytes: &[u8]| STANDARD_NO_PAD.encode(bytes);
    let (memory, passes, lanes) = (params.m_cost(), params.t_cost(), params.p_cost());
    let (salt, output) = (unpadded(&random::bytes::<16>()), unpadded(&random::bytes::<32>()));
    format!("$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${output}")
}

#[cfg(test)]
mod tests;
