//! Authorization of the HTTP Data Collector API of Azure Monitor, by the workspace's shared key.

use super::WireError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use picket_stdx::Timestamp;
use sha2::Sha256;
use zeroize::Zeroizing;

/// What the names of days and months are in the dates of HTTP.
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The value of `Authorization` for a body of so many bytes, sent at `x_ms_date`.
pub fn authorization(
    workspace_id: &str,
    shared_key: &str,
    x_ms_date: &str,
    content_length: u64,
) -> Result<String, WireError> {
    let is_plain = |text: &str| text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if !is_plain(workspace_id) || workspace_id.contains(':') {
        return Err(WireError::Value { what: "workspace id", remedy: "give the id of the Log Analytics workspace" });
    }
    if !is_plain(x_ms_date) {
        return Err(WireError::Value {
            what: "x-ms-date",
            remedy: "give a date such as Mon, 01 Jun 2026 10:13:20 GMT",
        });
    }
    let key = Zeroizing::new(STANDARD.decode(shared_key.trim()).map_err(|_bad| WireError::Value {
        what: "shared key",
        remedy: "give the workspace's primary or secondary key, which is base64",
    })?);
    let signed = format!("POST\n{content_length}\napplication/json\nx-ms-date:{x_ms_date}\n/api/logs");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key)
        .map_err(|_length| WireError::Value { what: "shared key", remedy: "give the workspace's key" })?;
    mac.update(signed.as_bytes());
    Ok(format!("SharedKey {workspace_id}:{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// A moment as HTTP writes dates: `Mon, 01 Jun 2026 10:13:20 GMT`.
pub fn http_date(at: Timestamp) -> String {
    let text = at.to_string();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let days = at.as_secs().div_euclid(86_400);
    let day = usize::try_from(days.rem_euclid(7)).ok().and_then(|day| DAYS.get(day)).unwrap_or(&"Thu");
    let month = part(5, 7).parse::<usize>().ok().and_then(|month| MONTHS.get(month.wrapping_sub(1))).unwrap_or(&"Jan");
    format!("{day}, {} {month} {} {} GMT", part(8, 10), part(0, 4), part(11, 19))
}
