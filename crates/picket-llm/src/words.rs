//! Member names of the dialects: what they say about the text below them.

mod media;

pub(crate) use media::{is_text_media, media_of_name};
use picket_event::Role;

/// Members whose value is a name, an id or a word of the dialect rather than text, as long as it looks like one.
const IDENTIFIERS: &[&str] = &[
    "approval_request_id",
    "audio_format",
    "call_id",
    "container_id",
    "detail",
    "effort",
    "encoding_format",
    "file_id",
    "finish_reason",
    "first_id",
    "format",
    "id",
    "item_id",
    "last_id",
    "media_type",
    "mime_type",
    "modality",
    "model",
    "native_finish_reason",
    "object",
    "owned_by",
    "parent_tool_use_id",
    "phase",
    "previous_response_id",
    "prompt_cache_retention",
    "quality",
    "request_id",
    "response_id",
    "role",
    "service_tier",
    "size",
    "status",
    "stop_reason",
    "strategy",
    "summary_format",
    "syntax",
    "system_fingerprint",
    "tool_call_id",
    "tool_choice",
    "tool_use_id",
    "truncation",
    "ttl",
    "type",
    "vector_store_id",
    "verbosity",
    "voice",
];

/// Member names that the dialects define; any other name was chosen by somebody and is text itself.
const KNOWN: &[&str] = &[
    "accepted_prediction_tokens",
    "acknowledged_safety_checks",
    "action",
    "additionalProperties",
    "allowed_domains",
    "allowed_tools",
    "annotation",
    "annotations",
    "annotations_id",
    "anyOf",
    "approximate",
    "arguments",
    "audio",
    "audio_tokens",
    "authorization",
    "authorization_token",
    "b64_json",
    "background",
    "bad_words",
    "betas",
    "billing",
    "blocked_domains",
    "budget_tokens",
    "bytes",
    "cache_control",
    "cache_creation",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "cache_write_tokens",
    "cached_tokens",
    "caller",
    "choices",
    "citation",
    "citations",
    "cited_text",
    "city",
    "code",
    "code_execution",
    "command",
    "commands",
    "completed_at",
    "completion_tokens",
    "completion_tokens_details",
    "connector_id",
    "container",
    "content",
    "content_block",
    "content_filter_offsets",
    "content_filter_results",
    "context",
    "context_management",
    "conversation",
    "country",
    "created",
    "created_at",
    "crop",
    "custom",
    "custom_tool",
    "data",
    "default",
    "definition",
    "delta",
    "description",
    "dimensions",
    "display_height_px",
    "display_name",
    "display_width_px",
    "doc",
    "document",
    "document_title",
    "documents",
    "edits",
    "embedding",
    "enabled",
    "encrypted_content",
    "encrypted_stdout",
    "end_page_number",
    "enum",
    "environment",
    "ephemeral_1h_input_tokens",
    "ephemeral_5m_input_tokens",
    "error",
    "error_code",
    "execution",
    "expires_at",
    "extra",
    "file",
    "file_data",
    "file_ids",
    "file_url",
    "filename",
    "filters",
    "finish_details",
    "frequency_penalty",
    "function",
    "function_call",
    "functions",
    "grammar",
    "has_more",
    "headers",
    "image",
    "image_url",
    "images",
    "include",
    "include_usage",
    "incomplete_details",
    "index",
    "inference_geo",
    "input",
    "input_audio",
    "input_file",
    "input_image",
    "input_schema",
    "input_tokens",
    "input_tokens_details",
    "input_transcript",
    "instructions",
    "is_error",
    "item",
    "items",
    "iterations",
    "json_schema",
    "logit_bias",
    "logprob",
    "logprobs",
    "logs",
    "max_completion_tokens",
    "max_output_tokens",
    "max_tokens",
    "max_tool_calls",
    "max_uses",
    "mcp_servers",
    "message",
    "messages",
    "metadata",
    "modalities",
    "moderation",
    "multi_agent",
    "n",
    "name",
    "num_tokens",
    "obfuscation",
    "output",
    "output_config",
    "output_json",
    "output_text",
    "output_tokens",
    "output_tokens_details",
    "outputs",
    "page_age",
    "parallel_tool_calls",
    "param",
    "parameters",
    "part",
    "partial_image_b64",
    "partial_json",
    "payer",
    "pending_safety_checks",
    "prediction",
    "presence_penalty",
    "prompt",
    "prompt_cache_key",
    "prompt_filter_results",
    "prompt_tokens",
    "prompt_tokens_details",
    "properties",
    "queries",
    "query",
    "reasoning",
    "reasoning_content",
    "reasoning_details",
    "reasoning_text",
    "reasoning_tokens",
    "refusal",
    "region",
    "rejected_prediction_tokens",
    "require_approval",
    "required",
    "response",
    "response_format",
    "result",
    "results",
    "return_code",
    "revised_prompt",
    "safety_identifier",
    "safety_settings",
    "schema",
    "score",
    "seed",
    "sequence_number",
    "server_description",
    "server_label",
    "server_name",
    "server_tool_use",
    "server_url",
    "signature",
    "skills",
    "source",
    "speed",
    "start_page_number",
    "stderr",
    "stdout",
    "stop",
    "stop_details",
    "stop_sequence",
    "stop_sequences",
    "store",
    "stream",
    "stream_options",
    "strict",
    "suffix",
    "summary",
    "system",
    "temperature",
    "text",
    "text_offset",
    "thinking",
    "thinking_config",
    "timezone",
    "title",
    "token",
    "token_logprobs",
    "tokens",
    "tool_calls",
    "tool_names",
    "tools",
    "top_k",
    "top_logprobs",
    "top_p",
    "top_p_tokens",
    "total_tokens",
    "transcript",
    "unit",
    "url",
    "url_citation",
    "usage",
    "user",
    "user_id",
    "user_location",
    "variables",
    "vector_store_ids",
    "video_url",
    "web_fetch_requests",
    "web_search_options",
    "web_search_requests",
];

/// Members that number things.
const INDICES: &[&str] = &[
    "annotation_index",
    "block_index",
    "command_index",
    "content_index",
    "document_index",
    "end_char_index",
    "end_index",
    "output_index",
    "partial_image_index",
    "search_result_index",
    "start_char_index",
    "start_index",
    "summary_index",
];

/// Words of JSON schemas and of content blocks.
const CLOSED: &[&str] = &[
    "array",
    "boolean",
    "custom",
    "function",
    "input_text",
    "integer",
    "message",
    "null",
    "number",
    "object",
    "output_text",
    "string",
    "text",
    "tool_result",
    "tool_use",
];

/// Whether a name is one of the dialects' own.
pub(crate) fn is_known(name: &str) -> bool {
    KNOWN.binary_search(&name).is_ok() || IDENTIFIERS.binary_search(&name).is_ok() || INDICES.contains(&name)
}

/// Whether a string at `name`, in a place that a dialect defines, is a name or an id rather than text: by its place, and
/// by its shape. An id has a letter, so that a number of an account or a person is none.
pub(crate) fn is_identifier(name: &str, value: &str) -> bool {
    let bytes = || value.bytes();
    value.len() <= 128
        && bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.:/+".contains(&b) || (b == b'@' && name == "model"))
        && (bytes().any(|b| b.is_ascii_alphabetic()) || value.len() < 8)
        && IDENTIFIERS.binary_search(&name).is_ok()
}

/// Whether a string at `name`, wherever it stands, is one of the closed words that say nothing.
pub(crate) fn is_closed_word(name: &str, value: &str) -> bool {
    name == "type" && CLOSED.binary_search(&value).is_ok()
}

/// Whether a model reads the string at a member as running text, which may go on in the next one.
pub(crate) fn flows(name: &str) -> bool {
    matches!(
        name,
        "content"
            | "data"
            | "file_data"
            | "input"
            | "instructions"
            | "output"
            | "prompt"
            | "reasoning"
            | "reasoning_content"
            | "refusal"
            | "summary"
            | "system"
            | "text"
            | "thinking"
            | "transcript"
    )
}

/// Whether anything may stand below a member of a dialect's object: names, words and numbers of somebody's choice.
pub(crate) fn is_free(name: &str) -> bool {
    matches!(
        name,
        "metadata"
            | "parameters"
            | "input_schema"
            | "schema"
            | "properties"
            | "default"
            | "enum"
            | "items"
            | "anyOf"
            | "extra"
            | "variables"
            | "action"
            | "headers"
            | "environment"
            | "filters"
            | "user_location"
            | "definition"
    )
}

/// The role that a member gives to what is below it.
pub(crate) fn role_of_member(name: &str) -> Option<Role> {
    match name {
        "system" | "instructions" => Some(Role::System),
        "tools" | "functions" | "response_format" | "json_schema" | "input_schema" | "parameters" | "output_config" => {
            Some(Role::Definition)
        }
        "reasoning" | "reasoning_content" | "reasoning_details" | "reasoning_text" | "thinking" | "summary" => {
            Some(Role::Reasoning)
        }
        "document" | "documents" | "file" | "source" | "citation" | "citations" | "annotations" => Some(Role::Document),
        "tool_calls" | "function_call" | "refusal" | "prediction" => Some(Role::Assistant),
        "outputs" | "results" => Some(Role::Tool),
        "metadata" | "error" | "stop" | "stop_sequences" | "logit_bias" | "user" | "safety_identifier" => {
            Some(Role::Other)
        }
        _ => None,
    }
}

/// The role that an object's `role` gives to what is inside it.
pub(crate) fn role_of_speaker(word: &str) -> Option<Role> {
    match word {
        "system" | "developer" => Some(Role::System),
        "user" => Some(Role::User),
        "assistant" | "model" => Some(Role::Assistant),
        "tool" | "function" => Some(Role::Tool),
        _ => None,
    }
}

/// The role that an object's `type` gives to what is inside it.
pub(crate) fn role_of_type(word: &str) -> Option<Role> {
    match word {
        "thinking" | "redacted_thinking" | "reasoning" | "summary_text" | "reasoning_text" => Some(Role::Reasoning),
        "document" | "search_result" | "web_search_result" | "file" | "input_file" => Some(Role::Document),
        "mcp_list_tools" => Some(Role::Definition),
        "output_text" => Some(Role::Assistant),
        _ if word.ends_with("tool_result") || word.ends_with("_output") => Some(Role::Tool),
        _ if is_call(word) => Some(Role::Assistant),
        _ => None,
    }
}

/// Whether an object of this `type` calls a tool.
pub(crate) fn is_call(word: &str) -> bool {
    word.ends_with("tool_use") || word.ends_with("_call")
}

/// Whether a tool of this `type` runs at the provider, where the model reads what nobody else sees.
pub(crate) fn is_hosted(kind: &str) -> bool {
    const HOSTED: &[&str] = &[
        "web_search",
        "web_fetch",
        "code_execution",
        "code_interpreter",
        "file_search",
        "image_generation",
        "tool_search",
    ];
    HOSTED.iter().any(|hosted| kind.starts_with(hosted))
}

/// What an object of this `type` holds that is no text.
pub(crate) fn opaque_type(word: &str) -> Option<&'static str> {
    match word {
        "image_url" | "input_image" | "image" | "computer_screenshot" | "image_generation_call" => Some("image"),
        "input_audio" | "audio" => Some("audio"),
        "input_file" | "file" | "document" | "container_upload" => Some("file"),
        "video_url" | "input_video" | "video" => Some("video"),
        _ => None,
    }
}

/// What an object at a member of this name holds that is no text.
pub(crate) fn opaque_member(name: &str) -> Option<&'static str> {
    match name {
        "image_url" | "input_image" => Some("image"),
        "audio" | "input_audio" => Some("audio"),
        "file" | "input_file" => Some("file"),
        "video_url" => Some("video"),
        _ => None,
    }
}

/// Whether a member holds the bytes of something that is no text, when its object is such a thing.
pub(crate) fn holds_bytes(name: &str) -> bool {
    matches!(name, "data" | "file_data" | "url" | "image_url" | "result" | "b64_json")
}

#[cfg(test)]
mod tests;
