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
pub(super) const COMPLETIONS: &str = "/v1/completions";

/// A piece that says nothing, for channels whose text comes in one event.
const QUIET_CHAT: &str = r#"{"choices":[{"index":0,"delta":{"content":"."}}]}"#;
const QUIET_BLOCK: &str = r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"."}}"#;
const QUIET_RESPONSE: &str =
    r#"{"type":"response.output_text.delta","item_id":"m","output_index":9,"content_index":0,"delta":"."}"#;
const BLOCK: &[&str] = &[r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#];

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
    Channel {
        name: "completions-text",
        path: COMPLETIONS,
        whole: r#"{"object":"text_completion","choices":[{"index":0,"text":"@@","finish_reason":"stop"}]}"#,
        whole_is_json: false,
        start: &[],
        piece: r#"{"object":"text_completion","choices":[{"index":0,"text":"@@"}]}"#,
        piece_is_json: false,
        end: &[r#"{"choices":[{"index":0,"text":"","finish_reason":"stop"}]}"#, "[DONE]"],
    },
    chat(
        "chat-logprobs",
        r#"{"choices":[{"index":0,"message":{"content":"@@"},"logprobs":{"content":[{"token":"@@","logprob":-0.1,"bytes":null,"top_logprobs":[]}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"content":"@@"},"logprobs":{"content":[{"token":"@@","logprob":-0.1,"bytes":null,"top_logprobs":[]}]}}]}"#,
        false,
        STOP,
    ),
    chat(
        "chat-transcript",
        r#"{"choices":[{"index":0,"message":{"content":null,"audio":{"id":"audio_1","data":"","transcript":"@@"}}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"audio":{"transcript":"@@"}}}]}"#,
        false,
        STOP,
    ),
    chat(
        "chat-annotation",
        r#"{"choices":[{"index":0,"message":{"content":"","annotations":[{"type":"url_citation","url_citation":{"url":"https://example.com","title":"@@"}}]}}]}"#,
        QUIET_CHAT,
        false,
        &[
            r#"{"choices":[{"index":0,"delta":{"annotations":[{"type":"url_citation","url_citation":{"url":"https://example.com","title":"@@"}}]}}]}"#,
            r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
            "[DONE]",
        ],
    ),
    chat(
        "chat-unknown-member",
        r#"{"choices":[],"later_invention":"@@"}"#,
        QUIET_CHAT,
        false,
        &[
            r#"{"choices":[],"later_invention":["@@"]}"#,
            r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#,
            "[DONE]",
        ],
    ),
    Channel {
        name: "messages-citation",
        path: MESSAGES,
        whole: r#"{"type":"message","role":"assistant","content":[{"type":"text","text":"x","citations":[{"type":"page_location","cited_text":"@@"}]}]}"#,
        whole_is_json: false,
        start: BLOCK,
        piece: QUIET_BLOCK,
        piece_is_json: false,
        end: &[
            r#"{"type":"content_block_delta","index":0,"delta":{"type":"citations_delta","citation":{"type":"page_location","cited_text":"@@"}}}"#,
            r#"{"type":"content_block_stop","index":0}"#,
            r#"{"type":"message_stop"}"#,
        ],
    },
    Channel {
        name: "messages-search-result",
        path: MESSAGES,
        whole: r#"{"type":"message","role":"assistant","content":[{"type":"web_search_tool_result","tool_use_id":"t","content":[{"type":"web_search_result","title":"@@","url":"https://example.com"}]}]}"#,
        whole_is_json: false,
        start: BLOCK,
        piece: QUIET_BLOCK,
        piece_is_json: false,
        end: &[
            r#"{"type":"content_block_start","index":1,"content_block":{"type":"web_search_tool_result","tool_use_id":"t","content":[{"type":"web_search_result","title":"@@","url":"https://example.com"}]}}"#,
            r#"{"type":"content_block_stop","index":1}"#,
            r#"{"type":"message_stop"}"#,
        ],
    },
    Channel {
        name: "messages-unknown-event",
        path: MESSAGES,
        whole: r#"{"type":"message","role":"assistant","content":[{"type":"later_invention","words":"@@"}]}"#,
        whole_is_json: false,
        start: BLOCK,
        piece: QUIET_BLOCK,
        piece_is_json: false,
        end: &[r#"{"type":"later_invention","words":"@@"}"#, r#"{"type":"message_stop"}"#],
    },
    Channel {
        name: "responses-transcript",
        path: RESPONSES,
        whole: r#"{"object":"response","output":[{"type":"message","content":[{"type":"output_audio","data":"","transcript":"@@"}]}]}"#,
        whole_is_json: false,
        start: &[],
        piece: r#"{"type":"response.audio.transcript.delta","response_id":"r","delta":"@@"}"#,
        piece_is_json: false,
        end: &[
            r#"{"type":"response.audio.transcript.done","response_id":"r"}"#,
            r#"{"type":"response.completed","response":{"output":[]}}"#,
        ],
    },
    Channel {
        name: "responses-code",
        path: RESPONSES,
        whole: r#"{"object":"response","output":[{"type":"code_interpreter_call","id":"c","code":"@@"}]}"#,
        whole_is_json: false,
        start: &[],
        piece: r#"{"type":"response.code_interpreter_call_code.delta","item_id":"c","output_index":0,"delta":"@@"}"#,
        piece_is_json: false,
        end: &[
            r#"{"type":"response.code_interpreter_call_code.done","item_id":"c","output_index":0,"code":"@@"}"#,
            r#"{"type":"response.completed","response":{"output":[{"type":"code_interpreter_call","code":"@@"}]}}"#,
        ],
    },
    Channel {
        name: "responses-annotation",
        path: RESPONSES,
        whole: r#"{"object":"response","output":[{"type":"message","content":[{"type":"output_text","text":"x","annotations":[{"type":"url_citation","url":"https://example.com","title":"@@"}]}]}]}"#,
        whole_is_json: false,
        start: &[],
        piece: QUIET_RESPONSE,
        piece_is_json: false,
        end: &[
            r#"{"type":"response.output_text.annotation.added","item_id":"m","output_index":0,"content_index":0,"annotation_index":0,"annotation":{"type":"url_citation","url":"https://example.com","title":"@@"}}"#,
            r#"{"type":"response.completed","response":{"output":[]}}"#,
        ],
    },
];
