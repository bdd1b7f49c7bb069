//! Member names of the dialects: what they say about the text below them.

use picket_event::Role;

/// Members whose value is a name, an id or a word of the dialect rather than text, as long as it looks like one.
const STRUCTURAL: &[&str] = &[
    "annotations_id",
    "audio_format",
    "call_id",
    "code",
    "conversation",
    "created",
    "created_at",
    "detail",
    "effort",
    "encoding_format",
    "file_id",
    "finish_reason",
    "format",
    "id",
    "include",
    "item_id",
    "media_type",
    "mime_type",
    "modality",
    "model",
    "native_finish_reason",
    "object",
    "parent_tool_use_id",
    "previous_response_id",
    "prompt_cache_key",
    "quality",
    "role",
    "safety_identifier",
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
    "user_id",
    "verbosity",
    "voice",
];

/// Member names that the dialects define; any other name was chosen by somebody and is text itself.
const KNOWN: &[&str] = &[
    "accepted_prediction_tokens",
    "additionalProperties",
    "allowed_tools",
    "annotations",
    "anyOf",
    "arguments",
    "audio",
    "audio_tokens",
    "background",
    "bad_words",
    "betas",
    "billing",
    "budget_tokens",
    "bytes",
    "cache_control",
    "cache_creation",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
    "cached_tokens",
    "choices",
    "citations",
    "completed_at",
    "completion_tokens",
    "completion_tokens_details",
    "content",
    "content_block",
    "content_index",
    "context",
    "data",
    "default",
    "delta",
    "description",
    "dimensions",
    "display_name",
    "document",
    "documents",
    "embedding",
    "enum",
    "error",
    "extra",
    "file",
    "file_data",
    "filename",
    "first_id",
    "frequency_penalty",
    "function",
    "function_call",
    "functions",
    "has_more",
    "image",
    "image_url",
    "include_usage",
    "incomplete_details",
    "index",
    "input",
    "input_audio",
    "input_schema",
    "input_tokens",
    "input_tokens_details",
    "instructions",
    "is_error",
    "item",
    "items",
    "json_schema",
    "last_id",
    "logit_bias",
    "logprobs",
    "max_completion_tokens",
    "max_output_tokens",
    "max_tokens",
    "max_tool_calls",
    "message",
    "messages",
    "metadata",
    "modalities",
    "n",
    "name",
    "obfuscation",
    "output",
    "output_index",
    "output_tokens",
    "output_tokens_details",
    "owned_by",
    "parallel_tool_calls",
    "parameters",
    "part",
    "partial_json",
    "payer",
    "prediction",
    "presence_penalty",
    "prompt",
    "prompt_tokens",
    "prompt_tokens_details",
    "properties",
    "reasoning",
    "reasoning_content",
    "reasoning_details",
    "reasoning_tokens",
    "refusal",
    "rejected_prediction_tokens",
    "request_id",
    "required",
    "response",
    "response_format",
    "response_id",
    "schema",
    "score",
    "seed",
    "sequence_number",
    "server_tool_use",
    "signature",
    "source",
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
    "summary_index",
    "system",
    "temperature",
    "text",
    "text_offset",
    "thinking",
    "title",
    "token",
    "tool_calls",
    "tools",
    "top_k",
    "top_logprobs",
    "top_p",
    "total_tokens",
    "url",
    "usage",
    "user",
    "web_search_options",
];

/// Whether a name is one of the dialects' own.
pub(crate) fn is_known(name: &str) -> bool {
    KNOWN.binary_search(&name).is_ok() || STRUCTURAL.binary_search(&name).is_ok()
}

/// Whether a string at `name` is a name or an id rather than text: by its place, and by its shape.
pub(crate) fn is_structural(name: &str, value: &str) -> bool {
    let looks_like_a_name =
        value.len() <= 128 && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.:/@+".contains(&b));
    looks_like_a_name && STRUCTURAL.binary_search(&name).is_ok()
}

/// The role that a member gives to what is below it.
pub(crate) fn role_of_member(name: &str) -> Option<Role> {
    match name {
        "system" | "instructions" => Some(Role::System),
        "tools" | "functions" | "response_format" | "json_schema" | "input_schema" | "parameters" => {
            Some(Role::Definition)
        }
        "reasoning" | "reasoning_content" | "reasoning_details" | "thinking" | "summary" => Some(Role::Reasoning),
        "document" | "documents" | "file" | "source" | "citations" | "annotations" => Some(Role::Document),
        "tool_calls" | "function_call" | "refusal" => Some(Role::Assistant),
        "metadata" => Some(Role::Other),
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
        "tool_result"
        | "function_call_output"
        | "computer_call_output"
        | "local_shell_call_output"
        | "mcp_tool_result"
        | "web_search_tool_result"
        | "code_execution_tool_result"
        | "custom_tool_call_output" => Some(Role::Tool),
        "thinking" | "redacted_thinking" | "reasoning" | "summary_text" | "reasoning_text" => Some(Role::Reasoning),
        "document" | "search_result" | "file" | "input_file" => Some(Role::Document),
        "tool_use" | "server_tool_use" | "function_call" | "mcp_call" | "custom_tool_call" | "output_text" => {
            Some(Role::Assistant)
        }
        _ => None,
    }
}

/// What an object of this `type` holds that is no text.
pub(crate) fn opaque_type(word: &str) -> Option<&'static str> {
    match word {
        "image_url" | "input_image" | "image" | "computer_screenshot" | "image_generation_call" => Some("image"),
        "input_audio" | "audio" => Some("audio"),
        "input_file" | "file" | "container_upload" => Some("file"),
        "video_url" | "input_video" => Some("video"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_lists_are_sorted_for_searching() {
        assert!(super::STRUCTURAL.is_sorted());
        assert!(super::KNOWN.is_sorted());
    }
}
