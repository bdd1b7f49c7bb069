//! What a line of raw fields looks like for each format. The shapes that others agreed on may hold more, such as the
//! number of a case; in our own, what is not known is a mistake.

use crate::wire::syslog::Framing;
use picket_stdx::Timestamp;
use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// A text, or a number or truth that is written as one.
#[derive(Debug)]
pub(super) enum Scalar {
    Text(String),
    Number(serde_json::Number),
    Truth(bool),
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let refused = |found: Unexpected<'_>| D::Error::invalid_type(found, &"a text, a number, or true or false");
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self::Text(text)),
            Value::Number(number) => Ok(Self::Number(number)),
            Value::Bool(truth) => Ok(Self::Truth(truth)),
            Value::Null => Err(refused(Unexpected::Other("null"))),
            Value::Array(_) => Err(refused(Unexpected::Seq)),
            Value::Object(_) => Err(refused(Unexpected::Map)),
        }
    }
}

impl Default for Scalar {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl fmt::Display for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Truth(truth) => write!(f, "{truth}"),
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Cef {
    pub(super) header: CefHeader,
    #[serde(default)]
    pub(super) extension: Vec<(String, Scalar)>,
}

#[derive(Debug, Deserialize)]
pub(super) struct CefHeader {
    #[serde(rename = "deviceVendor")]
    pub(super) vendor: String,
    #[serde(rename = "deviceProduct")]
    pub(super) product: String,
    #[serde(rename = "deviceVersion")]
    pub(super) version: String,
    #[serde(rename = "deviceEventClassId")]
    pub(super) class_id: String,
    pub(super) name: String,
    pub(super) severity: Scalar,
}

#[derive(Debug, Deserialize)]
pub(super) struct Leef {
    pub(super) header: LeefHeader,
    #[serde(default)]
    pub(super) delimiter: String,
    #[serde(default)]
    pub(super) attrs: Vec<(String, Scalar)>,
}

#[derive(Debug, Deserialize)]
pub(super) struct LeefHeader {
    pub(super) vendor: String,
    pub(super) product: String,
    pub(super) version: String,
    #[serde(rename = "eventId")]
    pub(super) event_id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Digest {
    pub(super) workspace_id: String,
    pub(super) event_id: String,
    pub(super) body: String,
}

#[derive(Deserialize)]
pub(super) struct SharedKey {
    pub(super) workspace_id: String,
    pub(super) shared_key_b64: String,
    pub(super) x_ms_date: String,
    pub(super) content_length: u64,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Frame {
    #[default]
    None,
    OctetCounting,
    NonTransparent,
}

impl From<Frame> for Framing {
    fn from(frame: Frame) -> Self {
        match frame {
            Frame::None => Self::None,
            Frame::OctetCounting => Self::OctetCounting,
            Frame::NonTransparent => Self::NonTransparent,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Syslog {
    pub(super) facility: u8,
    pub(super) severity: u8,
    #[serde(default)]
    pub(super) timestamp: Option<String>,
    #[serde(default)]
    pub(super) hostname: String,
    #[serde(default)]
    pub(super) app_name: String,
    #[serde(default)]
    pub(super) procid: String,
    #[serde(default)]
    pub(super) msgid: String,
    #[serde(default)]
    pub(super) structured_data: Vec<(String, Vec<(String, String)>)>,
    #[serde(default)]
    pub(super) message: Option<String>,
    #[serde(default)]
    pub(super) bom: bool,
    #[serde(default)]
    pub(super) framing: Frame,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hec {
    pub(super) time: Scalar,
    #[serde(default)]
    pub(super) host: String,
    #[serde(default)]
    pub(super) source: String,
    #[serde(default)]
    pub(super) sourcetype: String,
    #[serde(default)]
    pub(super) index: Option<String>,
    pub(super) event: Value,
    #[serde(default)]
    pub(super) fields: BTreeMap<String, Scalar>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bulk {
    pub(super) id: String,
    pub(super) document: serde_json::Map<String, Value>,
    #[serde(default)]
    pub(super) timestamp: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Webhook {
    pub(super) id: String,
    pub(super) timestamp: i64,
    pub(super) body: String,
    pub(super) secrets: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Otlp {
    pub(super) time_unix_nano: Scalar,
    #[serde(default)]
    pub(super) observed_time_unix_nano: Option<Scalar>,
    #[serde(default)]
    pub(super) severity_number: u8,
    #[serde(default)]
    pub(super) severity_text: String,
    #[serde(default)]
    pub(super) event_name: String,
    #[serde(default)]
    pub(super) body: Option<Value>,
    #[serde(default)]
    pub(super) attributes: Vec<(String, Value)>,
    #[serde(default)]
    pub(super) resource: Vec<(String, Value)>,
    #[serde(default)]
    pub(super) scope_name: String,
    #[serde(default)]
    pub(super) scope_version: String,
    #[serde(default)]
    pub(super) schema_url: String,
    #[serde(default)]
    pub(super) trace_id: Option<String>,
    #[serde(default)]
    pub(super) span_id: Option<String>,
    #[serde(default)]
    pub(super) encoding: Encoding,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Encoding {
    #[default]
    Json,
    Protobuf,
}
