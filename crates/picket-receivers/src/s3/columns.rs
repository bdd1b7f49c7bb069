//! Events as objects of Parquet: lines first, as they are counted and told apart, then columns.

use picket_columns::{ColumnsError, Writer};
use picket_render::Subject;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// An event as the API shows it, with what was said where that is sent.
#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    event: &'a picket_event::Event,
    #[serde(skip_serializing_if = "Map::is_empty")]
    body_contents: Map<String, Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bodies_truncated: Vec<&'a str>,
}

/// Appends an event as a line, without its end.
pub(super) fn line(subject: &Subject<'_>, out: &mut Vec<u8>) {
    let bodies = subject.bodies();
    let line = Line {
        event: subject.event(),
        body_contents: bodies.iter().map(|body| (body.role.clone(), body.content.clone())).collect(),
        bodies_truncated: bodies.iter().filter(|body| body.is_truncated).map(|body| body.role.as_str()).collect(),
    };
    // A buffer takes everything, and an event is no type that fails.
    serde_json::to_writer(out, &line).unwrap_or_default();
}

/// The file of lines. It has columns for what was said whether that is sent or not, so that all objects have the same.
pub(super) fn file(lines: &[u8]) -> Result<Vec<u8>, ColumnsError> {
    let mut writer = Writer::new(true)?;
    let mut file = Writer::HEAD.to_vec();
    for line in serde_json::Deserializer::from_slice(lines).into_iter::<&RawValue>() {
        let text = line?.get();
        writer.push(&serde_json::from_str(text)?, text.len())?;
        if writer.is_full() {
            file.append(&mut writer.group()?);
        }
    }
    file.append(&mut writer.group()?);
    file.append(&mut writer.end()?);
    Ok(file)
}
