//! Signatures of AWS, version 4, with the whole body in them.

use ::http::header::{self, HeaderMap};
use ::http::{HeaderValue, Method};
use hmac::{Hmac, KeyInit as _, Mac as _};
use picket_stdx::Timestamp;
use picket_stdx::encode::hex;
use sha2::{Digest as _, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// Whose signature, and for what.
pub(super) struct Signer {
    pub(super) key_id: String,
    pub(super) key: Zeroizing<String>,
    pub(super) region: String,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("region", &self.region).finish_non_exhaustive()
    }
}

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SERVICE: &str = "s3";

impl Signer {
    /// Adds date, digest of the body and signature to a request, whose `host` is among its headers. Path and query are
    /// written as they are sent, the query sorted.
    pub(super) fn sign(
        &self,
        method: &Method,
        path: &str,
        query: &str,
        headers: &mut HeaderMap,
        body: &[u8],
        at: Timestamp,
    ) {
        let moment = stamp(at);
        let digest = hex(&Sha256::digest(body));
        for (name, value) in [("x-amz-date", &moment), ("x-amz-content-sha256", &digest)] {
            headers.insert(name, crate::http::value(value));
        }
        let value = self.authorization(method, path, query, headers, &digest, &moment);
        headers.insert(header::AUTHORIZATION, value);
    }

    /// The value of `Authorization` over all headers that there are.
    fn authorization(
        &self,
        method: &Method,
        path: &str,
        query: &str,
        headers: &HeaderMap,
        digest: &str,
        moment: &str,
    ) -> HeaderValue {
        let mut names: Vec<&str> = headers.keys().map(header::HeaderName::as_str).collect();
        names.sort_unstable();
        let mut canonical = format!("{method}\n{path}\n{query}\n");
        for name in &names {
            let value = headers.get(*name).map(HeaderValue::as_bytes).unwrap_or_default();
            canonical.extend([name, ":", String::from_utf8_lossy(value).trim(), "\n"]);
        }
        let signed = names.join(";");
        canonical.extend(["\n", &signed, "\n", digest]);

        let day = moment.get(..8).unwrap_or_default();
        let scope = format!("{day}/{}/{SERVICE}/aws4_request", self.region);
        let to_sign = format!("{ALGORITHM}\n{moment}\n{scope}\n{}", hex(&Sha256::digest(&canonical)));
        let mut key = Zeroizing::new(format!("AWS4{}", self.key.as_str()).into_bytes());
        for part in [day, &self.region, SERVICE, "aws4_request"] {
            key = Zeroizing::new(mac(&key, part));
        }
        let signature = hex(&mac(&key, &to_sign));
        let value =
            format!("{ALGORITHM} Credential={}/{scope},SignedHeaders={signed},Signature={signature}", self.key_id);
        crate::http::value(&value)
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    // HMAC takes keys of every length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// `20130524T000000Z`.
fn stamp(at: Timestamp) -> String {
    let text = at.to_string();
    let seconds = text.split('.').next().unwrap_or_default();
    let mut stamp: String = seconds.chars().filter(|character| !matches!(character, '-' | ':')).collect();
    stamp.push('Z');
    stamp
}

/// A path as it is signed and sent: everything but letters, digits, `-`, `.`, `_`, `~` and `/` is escaped.
pub(super) fn escaped(path: &str) -> String {
    let mut out = String::with_capacity(path.len() + 16);
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            other => {
                out.push('%');
                out.push_str(&hex(&[other]).to_ascii_uppercase());
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
