//! A receiver of webhooks that verifies digests and signatures, and keeps one body for each id.

use crate::receivers::http::{Ask, Reply, Server, locked};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{digest, hmac, signature};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

/// What the receiver knows of the sender.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// `whsec_…` or `whpk_…`; one signature has to fit one of them. Empty: signatures are not asked for.
    pub keys: Vec<String>,
    /// A header with its value that every request must have.
    pub header: Option<(String, String)>,
    /// The workspace, which digests are of; none: digests are not asked for.
    pub workspace: Option<String>,
}

/// A receiver.
#[derive(Debug)]
pub struct Hook {
    server: Server,
    taken: Arc<Mutex<BTreeMap<String, Ask>>>,
}

impl Hook {
    /// Starts one.
    pub fn start(trust: Trust) -> io::Result<Self> {
        let taken: Arc<Mutex<BTreeMap<String, Ask>>> = Arc::default();
        let keeping = Arc::clone(&taken);
        let server = Server::start(move |ask| match judge(ask, &trust) {
            Err(why) => Reply::html(401, why),
            Ok(id) => {
                locked(&keeping).insert(id, ask.clone());
                Reply::empty(204)
            }
        })?;
        Ok(Self { server, taken })
    }

    /// The server under it.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Requests by their ids, the last of each.
    pub fn taken(&self) -> BTreeMap<String, Ask> {
        locked(&self.taken).clone()
    }
}

/// The id of a request that is believed, or why it is not.
fn judge(ask: &Ask, trust: &Trust) -> Result<String, &'static str> {
    if let Some((name, value)) = &trust.header
        && ask.header(name) != Some(value)
    {
        return Err("the header that authenticates is missing or wrong");
    }
    let id = ask.header("webhook-id").ok_or("webhook-id is missing")?;
    let whole = format!("sha-256=:{}:", STANDARD.encode(digest::digest(&digest::SHA256, &ask.body)));
    if ask.header("content-digest") != Some(&whole) {
        return Err("content-digest is missing or wrong");
    }
    if let Some(workspace) = &trust.workspace {
        let text = [workspace.as_bytes(), b":", id.as_bytes(), b":", &ask.body].concat();
        let expected = picket_stdx::encode::hex(digest::digest(&digest::SHA256, &text).as_ref());
        if ask.header("x-picket-digest") != Some(&expected) {
            return Err("the digest is missing or wrong");
        }
    }
    if trust.keys.is_empty() {
        return Ok(id.to_owned());
    }
    let at = ask.header("webhook-timestamp").filter(|at| at.parse::<u64>().is_ok()).ok_or("no webhook-timestamp")?;
    let signed = [id.as_bytes(), b".", at.as_bytes(), b".", &ask.body].concat();
    let signatures = ask.header("webhook-signature").ok_or("webhook-signature is missing")?;
    let fits = |one: &str| trust.keys.iter().any(|key| verifies(key, one, &signed));
    if signatures.split(' ').any(fits) { Ok(id.to_owned()) } else { Err("no signature fits") }
}

fn verifies(key: &str, one: &str, signed: &[u8]) -> bool {
    let Some((version, mark)) = one.split_once(',') else { return false };
    let Ok(mark) = STANDARD.decode(mark) else { return false };
    let decoded = |prefix: &str| key.strip_prefix(prefix).and_then(|text| STANDARD.decode(text).ok());
    match version {
        "v1" => decoded("whsec_")
            .is_some_and(|key| hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed, &mark).is_ok()),
        "v1a" => decoded("whpk_").is_some_and(|key| {
            signature::UnparsedPublicKey::new(&signature::ED25519, key).verify(signed, &mark).is_ok()
        }),
        _ => false,
    }
}
