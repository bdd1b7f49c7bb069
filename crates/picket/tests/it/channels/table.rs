//! The channels of each dialect, as templates; `@@` is where the text stands.

/// A channel.
pub(super) struct Channel {
    pub(super) name: &'static str,
    pub(super) path: &'static str,
    /// The answer that is one document.
    pub(super) whole: &'static str,
    /// Whether its text is JSON.
    pub(super) whole_is_json: bool,
    /// Events before the pieces.
    pub(super) start: &'static [&'static str],
    /// The event of a piece.
    pub(super) piece: &'static str,
    /// Whether the pieces are of a text that is JSON.
    pub(super) piece_is_json: bool,
    /// Events after the pieces; `@@` is the whole text.
    pub(super) end: &'static [&'static str],
}

const CHAT: &str = "/v1/chat/completions";
const MESSAGES: &str = "/v1/messages";
const RESPONSES: &str = "/v1/responses";

const fn chat(
    name: &'static str,
    whole: &'static str,
    piece: &'static str,
    is_json: bool,
    end: &'static [&'static str],
) -> Channel {
    Channel { name, path: CHAT, whole, whole_is_json: is_json, start: &[], piece, piece_is_json: is_json, end }
}

const STOP: &[&str] = &[r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#, "[DONE]"];
const STOP_SECOND: &[&str] = &[r#"{"choices":[{"index":1,"delta":{},"finish_reason":"stop"}]}"#, "[DONE]"];

const fn block(
    name: &'static str,
    whole: &'static str,
    start: &'static [&'static str],
    piece: &'static str,
    is_json: bool,
) -> Channel {
    const END: &[&str] = &[
        r#"{"type":"content_block_stop","index":0}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}}"#,
        r#"{"type":"message_stop"}"#,
    ];
    Channel { name, path: MESSAGES, whole, whole_is_json: false, start, piece, piece_is_json: is_json, end: END }
}

pub(super) const CHANNELS: &[Channel] = &[
    chat(
        "chat-text",
        r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"@@"},"finish_reason":"stop"}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"@@"}}]}"#,
        false,
        STOP,
    ),
    chat(
        "chat-second-choice",
        r#"{"choices":[{"index":0,"message":{"content":"nothing"}},{"index":1,"message":{"content":"@@"}}]}"#,
        r#"{"choices":[{"index":1,"delta":{"content":"@@"}}]}"#,
        false,
        STOP_SECOND,
    ),
    chat(
        "chat-tool",
        r#"{"choices":[{"index":0,"message":{"content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"find","arguments":"@@"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"@@"}}]}}]}"#,
        true,
        STOP,
    ),
    chat(
        "chat-function",
        r#"{"choices":[{"index":0,"message":{"content":null,"function_call":{"name":"find","arguments":"@@"}}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"function_call":{"arguments":"@@"}}}]}"#,
        true,
        STOP,
    ),
    chat(
        "chat-reasoning",
        r#"{"choices":[{"index":0,"message":{"content":"","reasoning_content":"@@"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"reasoning_content":"@@"}}]}"#,
        false,
        STOP,
    ),
    chat(
        "chat-refusal",
        r#"{"choices":[{"index":0,"message":{"content":null,"refusal":"@@"}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"refusal":"@@"}}]}"#,
        false,
        STOP,
    ),
    chat(
        "chat-unknown",
        r#"{"choices":[{"index":0,"message":{"content":"","later_invention":{"deep":["@@"]}}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"later_invention":"@@"}}]}"#,
        false,
        STOP,
    ),
    block(
        "messages-text",
        r#"{"type":"message","role":"assistant","content":[{"type":"text","text":"@@"}]}"#,
        &[r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#],
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"@@"}}"#,
        false,
    ),
    block(
        "messages-tool",
        r#"{"type":"message","role":"assistant","content":[{"type":"tool_use","id":"t","name":"find","input":{"note":"@@"}}]}"#,
        &[
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"find","input":{}}}"#,
        ],
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"@@"}}"#,
        true,
    ),
    block(
        "messages-thinking",
        r#"{"type":"message","role":"assistant","content":[{"type":"thinking","thinking":"@@","signature":"c2ln"}]}"#,
        &[
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}"#,
        ],
        r#"{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"@@"}}"#,
        false,
    ),
    Channel {
        name: "responses-text",
        path: RESPONSES,
        whole: r#"{"object":"response","output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"@@"}]}]}"#,
        whole_is_json: false,
        start: &[],
        piece: r#"{"type":"response.output_text.delta","item_id":"m","output_index":0,"content_index":0,"delta":"@@"}"#,
        piece_is_json: false,
        end: &[
            r#"{"type":"response.output_text.done","item_id":"m","output_index":0,"content_index":0,"text":"@@"}"#,
            r#"{"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"@@"}]}}"#,
            r#"{"type":"response.completed","response":{"output":[{"type":"message","content":[{"type":"output_text","text":"@@"}]}]}}"#,
        ],
    },
    Channel {
        name: "responses-call",
        path: RESPONSES,
        whole: r#"{"object":"response","output":[{"type":"function_call","call_id":"c","name":"find","arguments":"@@"}]}"#,
        whole_is_json: true,
        start: &[],
        piece: r#"{"type":"response.function_call_arguments.delta","item_id":"f","output_index":0,"delta":"@@"}"#,
        piece_is_json: true,
        end: &[
            r#"{"type":"response.function_call_arguments.done","item_id":"f","output_index":0,"arguments":"@@"}"#,
            r#"{"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","name":"find","arguments":"@@"}}"#,
            r#"{"type":"response.completed","response":{"output":[{"type":"function_call","name":"find","arguments":"@@"}]}}"#,
        ],
    },
    Channel {
        name: "responses-reasoning",
        path: RESPONSES,
        whole: r#"{"object":"response","output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"@@"}]}]}"#,
        whole_is_json: false,
        start: &[],
        piece: r#"{"type":"response.reasoning_summary_text.delta","item_id":"r","output_index":0,"summary_index":0,"delta":"@@"}"#,
        piece_is_json: false,
        end: &[
            r#"{"type":"response.reasoning_summary_text.done","item_id":"r","output_index":0,"summary_index":0,"text":"@@"}"#,
            r#"{"type":"response.completed","response":{"output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"@@"}]}]}}"#,
        ],
    },
    Channel {
        name: "responses-refusal",
        path: RESPONSES,
        whole: r#"{"object":"response","output":[{"type":"message","content":[{"type":"refusal","refusal":"@@"}]}]}"#,
        whole_is_json: false,
        start: &[],
        piece: r#"{"type":"response.refusal.delta","item_id":"m","output_index":0,"content_index":0,"delta":"@@"}"#,
        piece_is_json: false,
        end: &[
            r#"{"type":"response.refusal.done","item_id":"m","output_index":0,"content_index":0,"refusal":"@@"}"#,
            r#"{"type":"response.completed","response":{"output":[{"type":"message","content":[{"type":"refusal","refusal":"@@"}]}]}}"#,
        ],
    },
];
