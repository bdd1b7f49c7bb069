//! Raw fields in, wire bytes out, so that others can check the encoders with parsers of their own: what `debug encode`
//! reads. An error names the field and what to write.

mod otlp;
mod shapes;

use crate::wire;
use picket_stdx::Timestamp;
use serde::de::DeserializeOwned;
use shapes::{Bulk, Cef, Digest, Hec, Leef, SharedKey, Syslog, Webhook};

/// What a line of fields becomes, or why not.
pub type Wire = Result<Vec<u8>, String>;

/// Reads the fields of a line.
pub fn read<T: DeserializeOwned>(line: &[u8]) -> Result<T, String> {
    serde_json::from_slice(line).map_err(|error| picket_stdx::mistake(&error.to_string()))
}

/// The digest of a body, bound to its event and workspace.
pub fn digest(line: &[u8]) -> Wire {
    let Digest { workspace_id, event_id, body } = read(line)?;
    Ok(wire::digest::digest(&workspace_id, &event_id, body.as_bytes()).into_bytes())
}

/// The value of `Authorization` by a shared key of Azure.
pub fn shared_key(line: &[u8]) -> Wire {
    let SharedKey { workspace_id, shared_key_b64, x_ms_date, content_length } = read(line)?;
    wire::sharedkey::authorization(&workspace_id, &shared_key_b64, &x_ms_date, content_length)
        .map(String::into_bytes)
        .map_err(|error| error.to_string())
}

/// A request of OTLP with one record; one of protobuf as base64.
pub fn otlp(line: &[u8]) -> Wire {
    otlp::encode(&read(line)?)
}

/// A line of CEF: `header`, and pairs of `extension`.
pub fn cef(line: &[u8]) -> Wire {
    let fields: Cef = read(line)?;
    let header = &fields.header;
    let severity = header.severity.to_string();
    let mut out = Vec::new();
    let mut line = wire::cef::Line::begin(
        &mut out,
        &wire::cef::Header {
            vendor: &header.vendor,
            product: &header.product,
            version: &header.version,
            class_id: &header.class_id,
            name: &header.name,
            severity: &severity,
        },
    );
    for (key, value) in &fields.extension {
        line.pair(key, &value.to_string()).map_err(|error| error.to_string())?;
    }
    Ok(out)
}

/// A line of LEEF 2.0: `header`, `delimiter`, and pairs of `attrs`.
pub fn leef(line: &[u8]) -> Wire {
    let fields: Leef = read(line)?;
    let header = &fields.header;
    let delimiter = wire::leef::Delimiter::parse(&fields.delimiter).map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    let mut line = wire::leef::Line::begin(
        &mut out,
        &wire::leef::Header {
            vendor: &header.vendor,
            product: &header.product,
            version: &header.version,
            event_id: &header.event_id,
        },
        delimiter,
    );
    for (key, value) in &fields.attrs {
        line.attribute(key, &value.to_string()).map_err(|error| error.to_string())?;
    }
    Ok(out)
}

/// A message of syslog (RFC 5424), framed as it says.
pub fn syslog(line: &[u8]) -> Wire {
    let fields: Syslog = read(line)?;
    let parameters: Vec<Vec<(&str, &str)>> = fields
        .structured_data
        .iter()
        .map(|(_, inner)| inner.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect())
        .collect();
    let data: Vec<wire::syslog::Element<'_>> = fields
        .structured_data
        .iter()
        .zip(&parameters)
        .map(|((id, _), parameters)| (id.as_str(), parameters.as_slice()))
        .collect();
    let message = wire::syslog::Message {
        facility: fields.facility,
        severity: fields.severity,
        time: fields.timestamp.as_deref().map_or(wire::syslog::Time::Nil, wire::syslog::Time::Text),
        hostname: &fields.hostname,
        app_name: &fields.app_name,
        procid: &fields.procid,
        msgid: &fields.msgid,
        data: &data,
        bom: fields.bom,
        text: fields.message.as_ref().map(String::as_bytes),
    };
    let mut out = Vec::new();
    wire::syslog::encode(&mut out, &message, fields.framing.into()).map_err(|error| error.to_string())?;
    Ok(out)
}

/// An envelope of HEC.
pub fn hec(line: &[u8]) -> Wire {
    let fields: Hec = read(line)?;
    let time = seconds(&fields.time.to_string()).ok_or("`time` is no decimal number of seconds since 1970")?;
    let named: Vec<(&str, String)> =
        fields.fields.iter().map(|(name, value)| (name.as_str(), value.to_string())).collect();
    let named: Vec<(&str, &str)> = named.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let envelope = wire::hec::Envelope {
        time,
        host: &fields.host,
        source: &fields.source,
        sourcetype: &fields.sourcetype,
        index: fields.index.as_deref(),
        fields: &named,
    };
    let mut out = Vec::new();
    wire::hec::encode_json(&mut out, &envelope, &fields.event).map_err(|error| error.to_string())?;
    Ok(out)
}

/// Seconds since 1970 as decimal text, to the microsecond, without a detour over a double.
fn seconds(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let mut digits = fraction.bytes().map(|digit| i64::from(digit - b'0')).chain(std::iter::repeat(0));
    let micros = digits.by_ref().take(6).fold(0, |sum, digit| sum * 10 + digit);
    whole.parse::<i64>().ok()?.checked_mul(1_000_000)?.checked_add(micros).map(Timestamp::from_micros)
}

/// The two lines of a document in `_bulk`.
pub fn bulk(line: &[u8]) -> Wire {
    let fields: Bulk = read(line)?;
    let mut document = Vec::new();
    serde_json::to_writer(&mut document, &fields.document).map_err(|error| error.to_string())?;
    let mut out = Vec::new();
    wire::bulk::create(&mut out, &fields.id, fields.timestamp, |out| out.extend_from_slice(&document))
        .map_err(|error| error.to_string())?;
    Ok(out)
}

/// The signature of a webhook, by each of its keys.
pub fn webhook(line: &[u8]) -> Wire {
    let fields: Webhook = read(line)?;
    let secrets = fields.secrets.iter().map(|text| wire::webhook::Secret::parse(text)).collect::<Result<Vec<_>, _>>();
    let secrets = secrets.map_err(|error| error.to_string())?;
    wire::webhook::signature(&fields.id, fields.timestamp, fields.body.as_bytes(), &secrets)
        .map(String::into_bytes)
        .map_err(|error| error.to_string())
}
