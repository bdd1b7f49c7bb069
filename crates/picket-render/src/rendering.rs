//! An event in the language of its receiver.

pub(crate) mod ai_security;
mod canonical;
mod cef;
mod ecs;
mod leef;
mod mapped;
mod ocsf;
mod otel;

use crate::field::Field;
use crate::json::Json as _;
use crate::mapping::Mapping;
use crate::subject::Subject;
use crate::wire::otlp::{JsonRequest, ProtobufRequest};
pub use ocsf::OcsfVersion;
use std::str::FromStr;

/// Who sends: what stands in the headers of CEF and LEEF and in the members of JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maker {
    /// Vendor.
    pub vendor: String,
    /// Product.
    pub product: String,
    /// Version.
    pub version: String,
}

impl Default for Maker {
    fn default() -> Self {
        let name = || "Picket".to_owned();
        Self { vendor: name(), product: name(), version: env!("CARGO_PKG_VERSION").to_owned() }
    }
}

/// Which rules a line of CEF or LEEF follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// The standard: keys of its dictionary, the delimiter that the header declares.
    #[default]
    Strict,
    /// The lines that other products print in their documents, to the byte.
    AsPrinted,
}

/// A language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The twelve members that every receiver gets by default.
    Canonical,
    /// The flat schema of a SOC for AI.
    AiSecurity,
    /// The table of names that stands in the guides.
    Mapped,
    /// Elastic Common Schema.
    Ecs,
    /// Open Cybersecurity Schema Framework.
    Ocsf(OcsfVersion),
    /// OpenTelemetry, as a line of a file of OTLP.
    Otel,
    /// ArcSight's line.
    Cef(Profile),
    /// QRadar's line.
    Leef(Profile),
}

impl Format {
    /// The words for them.
    pub const WORDS: &[&str] =
        &["canonical", "ai_security", "mapped", "ecs", "ocsf", "ocsf-1.1", "otel", "cef", "leef"];

    /// Whether it has a place for what was said, where a receiver may have it.
    pub const fn has_bodies(self) -> bool {
        matches!(self, Self::Canonical | Self::Ecs | Self::Ocsf(_) | Self::Otel)
    }

    /// The type of a body that holds it.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Cef(_) | Self::Leef(_) => "text/plain",
            _ => "application/json",
        }
    }
}

/// A text is the name of no format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of canonical, ai_security, mapped, ecs, ocsf, ocsf-1.1, otel, cef, leef")]
pub struct UnknownFormatError(String);

impl FromStr for Format {
    type Err = UnknownFormatError;

    /// Reads a word; lines are `strict`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match picket_event::vocabulary::fold(text).as_str() {
            "canonical" => Ok(Self::Canonical),
            "ai_security" => Ok(Self::AiSecurity),
            "mapped" => Ok(Self::Mapped),
            "ecs" => Ok(Self::Ecs),
            "ocsf" | "ocsf_1.8" | "ocsf_1.8.0" => Ok(Self::Ocsf(OcsfVersion::V1_8)),
            "ocsf_1.1" | "ocsf_1.1.0" => Ok(Self::Ocsf(OcsfVersion::V1_1)),
            "otel" => Ok(Self::Otel),
            "cef" => Ok(Self::Cef(Profile::Strict)),
            "leef" => Ok(Self::Leef(Profile::Strict)),
            _ => Err(UnknownFormatError(text.chars().take(64).collect())),
        }
    }
}

/// Renders events in one language.
#[derive(Debug)]
pub struct Renderer {
    format: Format,
    maker: Maker,
    /// Lower-case vendor.
    prefix: String,
    extra: Vec<Field>,
    mapping: Option<Mapping>,
    otel: JsonRequest,
    otel_request: ProtobufRequest,
}

impl Renderer {
    /// A renderer of a format.
    pub fn new(format: Format, maker: Maker) -> Self {
        let prefix = maker.vendor.to_lowercase();
        let (otel, otel_request) = otel::requests(&maker);
        Self { format, maker, prefix, extra: Vec::new(), mapping: None, otel, otel_request }
    }

    /// The same, with more fields of the event behind the members of `canonical`.
    #[must_use]
    pub fn with_extra(mut self, extra: Vec<Field>) -> Self {
        self.extra = extra;
        self
    }

    /// The same, with a table of the operator's own in place of that of `mapped`.
    #[must_use]
    pub fn with_mapping(mut self, mapping: Mapping) -> Self {
        self.mapping = Some(mapping);
        self
    }

    /// What it renders.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Who sends.
    pub fn maker(&self) -> &Maker {
        &self.maker
    }

    /// The `sourcetype` of an event at Splunk: the vendor in lower case, and the event's name.
    pub fn sourcetype(&self, subject: &Subject<'_>) -> String {
        format!("{}:{}", self.prefix, subject.name())
    }

    /// Appends the rendering of an event: one line, without its end.
    pub fn render(&self, subject: &Subject<'_>, out: &mut Vec<u8>) {
        match self.format {
            Format::Canonical => canonical::render(subject, &self.maker, &self.extra, out),
            Format::AiSecurity => ai_security::render(subject, out),
            Format::Mapped => match &self.mapping {
                Some(mapping) => mapping.render(subject, out),
                None => mapped::render(subject, &self.prefix, out),
            },
            Format::Ecs => ecs::render(subject, &self.maker, out),
            Format::Ocsf(version) => ocsf::render(subject, &self.maker, version, out),
            Format::Otel => otel::render(subject, &self.otel, out),
            Format::Cef(Profile::Strict) => cef::strict(subject, &self.maker, out),
            Format::Cef(Profile::AsPrinted) => cef::as_printed(subject, &self.maker, out),
            Format::Leef(Profile::Strict) => leef::strict(subject, &self.maker, out),
            Format::Leef(Profile::AsPrinted) => leef::as_printed(subject, &self.maker, out),
        }
    }

    /// Whether renderings have a member `@timestamp`.
    pub fn has_at(&self) -> bool {
        match self.format {
            Format::Ecs => true,
            Format::Mapped => self.mapping.as_ref().is_none_or(|mapping| mapping.has("@timestamp")),
            _ => false,
        }
    }

    /// Whether renderings are objects of JSON.
    pub fn is_object(&self) -> bool {
        !matches!(self.format, Format::Cef(_) | Format::Leef(_))
    }

    /// The same as a value of JSON: a line of CEF or LEEF is a text then.
    pub fn render_json(&self, subject: &Subject<'_>, out: &mut Vec<u8>) {
        if self.is_object() {
            return self.render(subject, out);
        }
        let mut line = Vec::with_capacity(1_024);
        self.render(subject, &mut line);
        String::from_utf8_lossy(&line).as_ref().write(out);
    }

    /// What stands around records of [`Renderer::otel_record`]: a request in Protocol Buffers.
    pub fn otel_request(&self) -> &ProtobufRequest {
        &self.otel_request
    }

    /// Appends the record of an event in Protocol Buffers.
    pub fn otel_record(subject: &Subject<'_>, out: &mut Vec<u8>) {
        otel::with_record(subject, |record| crate::wire::otlp::record_protobuf(out, record));
    }
}
