//! A request of OTLP with one record.

use super::Wire;
use super::shapes::{Encoding, Otlp, Scalar};
use crate::Framing as _;
use crate::wire::otlp::{Any, Attribute, JsonRequest, LogRecord, Origin, ProtobufRequest};
use crate::wire::otlp::{record_json, record_protobuf};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use picket_stdx::encode::unhex;
use serde_json::Value;

pub(super) fn encode(fields: &Otlp) -> Wire {
    let resource_texts = texts(&fields.resource)?;
    let attribute_texts = texts(&fields.attributes)?;
    let body_texts = fields.body.as_ref().map(list).transpose()?;
    let resource = attributes(&fields.resource, &resource_texts);
    let attributes = attributes(&fields.attributes, &attribute_texts);
    let origin = Origin {
        resource: &resource,
        scope_name: &fields.scope_name,
        scope_version: &fields.scope_version,
        schema_url: &fields.schema_url,
    };
    let record = LogRecord {
        time_unix_nano: nano(&fields.time_unix_nano)?,
        observed_time_unix_nano: fields.observed_time_unix_nano.as_ref().map_or(Ok(0), nano)?,
        severity_number: fields.severity_number,
        severity_text: &fields.severity_text,
        event_name: &fields.event_name,
        body: fields.body.as_ref().zip(body_texts.as_ref()).map(|(body, texts)| any(body, texts)),
        attributes: &attributes,
        trace_id: id(fields.trace_id.as_deref(), "trace_id")?,
        span_id: id(fields.span_id.as_deref(), "span_id")?,
    };
    let (mut body, mut out) = (Vec::new(), Vec::new());
    match fields.encoding {
        Encoding::Json => {
            record_json(&mut body, &record);
            JsonRequest::new(&origin).wrap(&body, &mut out);
            Ok(out)
        }
        Encoding::Protobuf => {
            record_protobuf(&mut body, &record);
            ProtobufRequest::new(&origin).wrap(&body, &mut out);
            Ok(STANDARD.encode(out).into_bytes())
        }
    }
}

fn nano(value: &Scalar) -> Result<u64, String> {
    value.to_string().parse().map_err(|_error| "times are nanoseconds since 1970, as number or text".to_owned())
}

fn id<const N: usize>(text: Option<&str>, name: &str) -> Result<Option<[u8; N]>, String> {
    let Some(text) = text else { return Ok(None) };
    let bytes = unhex(text).and_then(|bytes| <[u8; N]>::try_from(bytes).ok());
    bytes.map(Some).ok_or_else(|| format!("`{name}` is {} hexadecimal digits", N * 2))
}

/// The texts of the values that are lists.
fn texts(pairs: &[(String, Value)]) -> Result<Vec<Vec<String>>, String> {
    pairs.iter().map(|(_, value)| list(value)).collect()
}

fn list(value: &Value) -> Result<Vec<String>, String> {
    let refused = || "values are texts, numbers, truths and lists of texts".to_owned();
    match value {
        Value::Array(items) => items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(refused)).collect(),
        Value::Object(_) | Value::Null => Err(refused()),
        _ => Ok(Vec::new()),
    }
}

fn attributes<'a>(pairs: &'a [(String, Value)], texts: &'a [Vec<String>]) -> Vec<Attribute<'a>> {
    pairs.iter().zip(texts).map(|((name, value), texts)| (name.as_str(), any(value, texts))).collect()
}

fn any<'a>(value: &'a Value, texts: &'a [String]) -> Any<'a> {
    match value {
        Value::String(text) => Any::Text(text),
        Value::Bool(truth) => Any::Bool(*truth),
        Value::Number(number) => {
            number.as_i64().map_or_else(|| Any::Double(number.as_f64().unwrap_or(f64::NAN)), Any::Int)
        }
        _ => Any::Texts(texts),
    }
}
