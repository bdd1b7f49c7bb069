//! From the browser to the program that asked: a code that is good once, for a minute, and only with what the program kept
//! to itself.

use super::flows::{Wanted, fresh, hash};
use super::{OidcError, Vouched};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use picket_stdx::Clock;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use subtle::ConstantTimeEq as _;

const LIFE: Duration = Duration::from_secs(60);
const WAITING_MAX: usize = 1_024;

/// Those who came back and have not been fetched, by code, until when.
#[derive(Debug)]
pub(crate) struct Handovers {
    clock: Clock,
    all: Mutex<HashMap<[u8; 32], (Vouched, Duration)>>,
}

impl Handovers {
    pub(crate) fn new(clock: &Clock) -> Self {
        Self { clock: clock.clone(), all: Mutex::default() }
    }

    /// A code for somebody who came back.
    pub(crate) fn give(&self, vouched: Vouched) -> Result<String, OidcError> {
        let (code, now) = (fresh(), self.clock.steady());
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= WAITING_MAX {
            all.retain(|_code, (_vouched, until)| now < *until);
        }
        if all.len() >= WAITING_MAX {
            return Err(OidcError::Busy);
        }
        all.insert(hash(&code), (vouched, now + LIFE));
        Ok(code)
    }

    /// Who came back, for the program that began. The code is used up, whoever shows it.
    pub(crate) fn take(&self, code: &str, verifier: &str) -> Result<Vouched, OidcError> {
        let found = self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&hash(code));
        let (vouched, _until) = found.filter(|(_, until)| self.clock.steady() < *until).ok_or(OidcError::State)?;
        let shown = URL_SAFE_NO_PAD.encode(hash(verifier));
        let is_it = match &vouched.wanted {
            Wanted::Loopback { challenge, .. } => bool::from(challenge.as_bytes().ct_eq(shown.as_bytes())),
            Wanted::Browser => false,
        };
        if is_it { Ok(vouched) } else { Err(OidcError::State) }
    }
}
