//! Logs of the OpenTelemetry Protocol, 1.x: a request to `/v1/logs` as JSON or as Protocol Buffers.
//!
//! In JSON, integers of 64 bits are text, ids are hexadecimal, enumerations are numbers. A value that JSON cannot hold
//! (NaN, infinite) is left out in both.

use super::protobuf;
use crate::batch::Framing;
use crate::json::{Json, Object, object};
use picket_stdx::encode::hex;

/// The value of an attribute.
#[derive(Debug, Clone, Copy)]
pub enum Any<'a> {
    /// Text.
    Text(&'a str),
    /// A whole number.
    Int(i64),
    /// Another number.
    Double(f64),
    /// Truth.
    Bool(bool),
    /// Texts.
    Texts(&'a [String]),
}

impl Any<'_> {
    fn is_absent(&self) -> bool {
        matches!(self, Self::Double(number) if !number.is_finite())
    }
}

/// The name and value of an attribute.
pub type Attribute<'a> = (&'a str, Any<'a>);

/// A record.
#[derive(Debug, Clone, Copy)]
pub struct LogRecord<'a> {
    /// When it happened, nanoseconds since 1970.
    pub time_unix_nano: u64,
    /// When it was seen, nanoseconds since 1970; 0 is unknown.
    pub observed_time_unix_nano: u64,
    /// 1 to 24.
    pub severity_number: u8,
    /// The source's own word for it.
    pub severity_text: &'a str,
    /// Name of the kind of event.
    pub event_name: &'a str,
    /// Text for people.
    pub body: Option<Any<'a>>,
    /// Attributes.
    pub attributes: &'a [Attribute<'a>],
    /// Trace.
    pub trace_id: Option<[u8; 16]>,
    /// Span.
    pub span_id: Option<[u8; 8]>,
}

/// Who speaks in a request, and through what.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// Attributes of the resource.
    pub resource: &'a [Attribute<'a>],
    /// Name of the instrumentation.
    pub scope_name: &'a str,
    /// Its version.
    pub scope_version: &'a str,
    /// Version of the attributes' names; empty is none.
    pub schema_url: &'a str,
}

impl Json for Any<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        object(out, |value| match *self {
            Self::Text(text) => value.put("stringValue", text),
            Self::Int(number) => value.put("intValue", itoa::Buffer::new().format(number)),
            Self::Double(number) => value.put("doubleValue", number),
            Self::Bool(truth) => value.put("boolValue", truth),
            Self::Texts(texts) => value.write("arrayValue", |out| {
                object(out, |list| list.write("values", |out| list_of_texts(out, texts)));
            }),
        });
    }
}

fn list_of_texts(out: &mut Vec<u8>, texts: &[String]) {
    out.push(b'[');
    for (at, text) in texts.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        Any::Text(text).write(out);
    }
    out.push(b']');
}

struct Attributes<'a>(&'a [Attribute<'a>]);

impl Json for Attributes<'_> {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        let mut is_first = true;
        for (key, value) in self.0.iter().filter(|(_, value)| !value.is_absent()) {
            if !is_first {
                out.push(b',');
            }
            is_first = false;
            object(out, |pair| {
                pair.put("key", *key);
                pair.put("value", value);
            });
        }
        out.push(b']');
    }

    fn is_absent(&self) -> bool {
        self.0.is_empty()
    }
}

fn nano(object: &mut Object<'_>, key: &str, value: u64) {
    if value > 0 {
        object.put(key, itoa::Buffer::new().format(value));
    }
}

fn named(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// Appends a record as JSON.
pub fn record_json(out: &mut Vec<u8>, record: &LogRecord<'_>) {
    object(out, |object| {
        nano(object, "timeUnixNano", record.time_unix_nano);
        nano(object, "observedTimeUnixNano", record.observed_time_unix_nano);
        object.put("severityNumber", Some(u64::from(record.severity_number)).filter(|number| *number > 0));
        object.put("severityText", named(record.severity_text));
        object.put("eventName", named(record.event_name));
        object.put("body", record.body.filter(|body| !body.is_absent()));
        object.put("attributes", Attributes(record.attributes));
        object.put("traceId", record.trace_id.map(|id| hex(&id)));
        object.put("spanId", record.span_id.map(|id| hex(&id)));
    });
}

/// Appends a record as the field of a scope's records in Protocol Buffers.
pub fn record_protobuf(out: &mut Vec<u8>, record: &LogRecord<'_>) {
    protobuf::message(out, 2, |out| {
        moment(out, 1, record.time_unix_nano);
        if record.severity_number > 0 {
            protobuf::number(out, 2, u64::from(record.severity_number));
        }
        if let Some(text) = named(record.severity_text) {
            protobuf::bytes(out, 3, text.as_bytes());
        }
        if let Some(body) = record.body.filter(|body| !body.is_absent()) {
            protobuf::message(out, 5, |out| any(out, &body));
        }
        attributes(out, 6, record.attributes);
        if let Some(id) = record.trace_id {
            protobuf::bytes(out, 9, &id);
        }
        if let Some(id) = record.span_id {
            protobuf::bytes(out, 10, &id);
        }
        moment(out, 11, record.observed_time_unix_nano);
        if let Some(name) = named(record.event_name) {
            protobuf::bytes(out, 12, name.as_bytes());
        }
    });
}

fn moment(out: &mut Vec<u8>, field: u8, nanos: u64) {
    if nanos > 0 {
        protobuf::fixed64(out, field, nanos.to_le_bytes());
    }
}

fn attributes(out: &mut Vec<u8>, field: u8, attributes: &[Attribute<'_>]) {
    for (key, value) in attributes.iter().filter(|(_, value)| !value.is_absent()) {
        protobuf::message(out, field, |out| {
            if let Some(key) = named(key) {
                protobuf::bytes(out, 1, key.as_bytes());
            }
            protobuf::message(out, 2, |out| any(out, value));
        });
    }
}

fn any(out: &mut Vec<u8>, value: &Any<'_>) {
    match *value {
        Any::Text(text) => protobuf::bytes(out, 1, text.as_bytes()),
        Any::Bool(truth) => protobuf::number(out, 2, u64::from(truth)),
        Any::Int(number) => protobuf::number(out, 3, number.cast_unsigned()),
        Any::Double(number) => protobuf::fixed64(out, 4, number.to_le_bytes()),
        Any::Texts(texts) => protobuf::message(out, 5, |out| {
            for text in texts {
                protobuf::message(out, 1, |out| protobuf::bytes(out, 1, text.as_bytes()));
            }
        }),
    }
}

/// What stands around records of JSON: a whole request, which is also a line of a file of OTLP.
#[derive(Debug)]
pub struct JsonRequest {
    open: Vec<u8>,
    close: Vec<u8>,
}

impl JsonRequest {
    /// Around the records of one origin.
    pub fn new(origin: &Origin<'_>) -> Self {
        let mut open = b"{\"resourceLogs\":[{\"resource\":".to_vec();
        object(&mut open, |resource| resource.put("attributes", Attributes(origin.resource)));
        open.extend_from_slice(b",\"scopeLogs\":[{\"scope\":");
        object(&mut open, |scope| {
            scope.put("name", named(origin.scope_name));
            scope.put("version", named(origin.scope_version));
        });
        open.extend_from_slice(b",\"logRecords\":[");
        let mut close = b"]".to_vec();
        if let Some(url) = named(origin.schema_url) {
            close.extend_from_slice(b",\"schemaUrl\":");
            url.write(&mut close);
        }
        close.extend_from_slice(b"}]}]}");
        Self { open, close }
    }
}

impl Framing for JsonRequest {
    fn between(&self) -> &[u8] {
        b","
    }

    fn size(&self, body: usize) -> usize {
        self.open.len() + body + self.close.len()
    }

    fn wrap(&self, body: &[u8], out: &mut Vec<u8>) {
        for part in [&self.open, body, &self.close] {
            out.extend_from_slice(part);
        }
    }
}

/// What stands around records of Protocol Buffers: a whole request.
#[derive(Debug)]
pub struct ProtobufRequest {
    /// The resource, as a field of `ResourceLogs`.
    resource: Vec<u8>,
    /// The scope, as a field of `ScopeLogs`.
    scope: Vec<u8>,
    /// The schema, as a field of `ScopeLogs`, which comes behind the records.
    schema: Vec<u8>,
}

impl ProtobufRequest {
    /// Around the records of one origin.
    pub fn new(origin: &Origin<'_>) -> Self {
        let (mut resource, mut scope, mut schema) = (Vec::new(), Vec::new(), Vec::new());
        protobuf::message(&mut resource, 1, |out| attributes(out, 1, origin.resource));
        protobuf::message(&mut scope, 1, |out| {
            for (field, text) in [(1, origin.scope_name), (2, origin.scope_version)] {
                if let Some(text) = named(text) {
                    protobuf::bytes(out, field, text.as_bytes());
                }
            }
        });
        if let Some(url) = named(origin.schema_url) {
            protobuf::bytes(&mut schema, 3, url.as_bytes());
        }
        Self { resource, scope, schema }
    }

    /// Lengths of `ScopeLogs` and of `ResourceLogs`.
    fn lengths(&self, body: usize) -> (usize, usize) {
        let scope = self.scope.len() + body + self.schema.len();
        (scope, self.resource.len() + 1 + protobuf::varint_size(scope) + scope)
    }
}

impl Framing for ProtobufRequest {
    fn between(&self) -> &[u8] {
        b""
    }

    fn size(&self, body: usize) -> usize {
        let (_, resource) = self.lengths(body);
        1 + protobuf::varint_size(resource) + resource
    }

    fn wrap(&self, body: &[u8], out: &mut Vec<u8>) {
        let (scope, resource) = self.lengths(body.len());
        protobuf::head(out, 1, resource);
        out.extend_from_slice(&self.resource);
        protobuf::head(out, 2, scope);
        for part in [&self.scope, body, &self.schema] {
            out.extend_from_slice(part);
        }
    }
}

/// What a receiver says of records that it refused although it answered with success.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartialSuccess {
    /// How many records it refused.
    pub rejected: u64,
    /// Why, or a warning where it refused none.
    pub message: String,
}

/// Reads the answer to a request of logs in Protocol Buffers; none if it is not one.
pub fn partial_success(answer: &[u8]) -> Option<PartialSuccess> {
    let mut partial = PartialSuccess::default();
    for field in protobuf::Fields::new(answer) {
        let (1, protobuf::Value::Bytes(inner)) = field? else { continue };
        for field in protobuf::Fields::new(inner) {
            match field? {
                (1, protobuf::Value::Number(number)) => partial.rejected = number,
                (2, protobuf::Value::Bytes(text)) => partial.message = String::from_utf8_lossy(text).into_owned(),
                _ => {}
            }
        }
    }
    Some(partial)
}
