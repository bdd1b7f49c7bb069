//! Rows of the Logs Ingestion API of Azure Monitor: objects whose members are the columns of a table. What a data
//! collection rule does not name, the service drops without a word; so the columns here are those of the tables that
//! the product ships.

use crate::json::object;
use crate::rendering::Renderer;
use crate::rendering::ai_security::{COLUMNS, members};
use crate::subject::Subject;

/// A layout of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// The members of the rendering, behind `TimeGenerated`.
    #[default]
    Rendering,
    /// `AISecurity_CL`: the members of `ai_security`, each with the suffix of its type.
    AiSecurity,
}

/// Longest name of a column.
pub const COLUMN_BYTES_MAX: usize = 45;
/// Names that the service keeps for itself.
pub const RESERVED: &[&str] = &["_ResourceId", "id", "_SubscriptionId", "TenantId", "Type", "UniqueId", "Title"];

/// Appends a row. A rendering that is no object (CEF, LEEF) stands in the column `RawData`.
pub fn row(out: &mut Vec<u8>, subject: &Subject<'_>, layout: Layout, renderer: &Renderer) {
    object(out, |object| {
        object.put("TimeGenerated", subject.event().timestamp);
        match layout {
            Layout::AiSecurity => members(subject, object, &COLUMNS),
            Layout::Rendering => {
                let mut rendered = Vec::with_capacity(1_024);
                renderer.render(subject, &mut rendered);
                let inner = rendered.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}"));
                match inner.filter(|inner| !inner.is_empty()) {
                    Some(inner) => object.members(inner),
                    None => object.put("RawData", String::from_utf8_lossy(&rendered).as_ref()),
                }
            }
        }
    });
}
