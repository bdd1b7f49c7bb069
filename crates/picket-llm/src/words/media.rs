//! Media types, and names of files that promise one.

/// Whether a media type is text that can be scanned as it is.
pub(crate) fn is_text_media(media: &str) -> bool {
    let media = media.split(';').next().unwrap_or_default().trim();
    media.starts_with("text/")
        || media.ends_with("+json")
        || media.ends_with("+xml")
        || matches!(
            media,
            "application/json" | "application/csv" | "application/xml" | "application/yaml" | "application/x-ndjson"
        )
}

/// The media type that a file's name promises.
pub(crate) fn media_of_name(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    match ending.to_ascii_lowercase().as_str() {
        "txt" | "md" | "csv" | "tsv" | "log" | "html" | "htm" | "py" | "js" | "ts" | "rs" | "go" | "java" | "c"
        | "h" | "sh" | "sql" => Some("text/plain"),
        "json" | "jsonl" | "ndjson" => Some("application/json"),
        "xml" => Some("application/xml"),
        "yaml" | "yml" | "toml" => Some("application/yaml"),
        _ => None,
    }
}
