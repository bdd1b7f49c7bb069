//! Messages and token counts.

use super::plan::Plan;
use super::{Shared, reply};
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;

fn error(status: u16) -> Value {
    let kind = if status == 429 { "rate_limit_error" } else { "api_error" };
    json!({"type": "error", "error": {"type": kind, "message": "the provider failed as it was asked to"}})
}

pub(super) async fn messages(State(state): State<Arc<Shared>>, headers: http::HeaderMap, body: Bytes) -> Response {
    let (request, plan) = state.plan(&headers, &body);
    if let Some(response) = reply::early_fault(&plan, error).await {
        return response;
    }
    let model = request.get("model").cloned().unwrap_or_default();
    if plan.stream {
        return reply::events(&plan, frames(&plan, &model));
    }
    let mut message = envelope(&plan, &model, plan.tokens_out());
    super::openai::set(&mut message, "content", Value::Array(blocks(&plan)));
    super::openai::set(&mut message, "stop_reason", json!(stop_reason(&plan)));
    reply::json(200, &message)
}

pub(super) async fn count_tokens(State(state): State<Arc<Shared>>, headers: http::HeaderMap, body: Bytes) -> Response {
    let (_request, plan) = state.plan(&headers, &body);
    if let Some(response) = reply::early_fault(&plan, error).await {
        return response;
    }
    reply::json(200, &json!({"input_tokens": plan.tokens_in}))
}

fn envelope(plan: &Plan, model: &Value, tokens_out: u64) -> Value {
    json!({
        "id": "msg_testkit", "type": "message", "role": "assistant", "model": model, "content": [],
        "stop_reason": null, "stop_sequence": null,
        "usage": {"input_tokens": plan.tokens_in, "output_tokens": tokens_out}
    })
}

fn stop_reason(plan: &Plan) -> &'static str {
    if plan.tool.is_some() { "tool_use" } else { "end_turn" }
}

fn blocks(plan: &Plan) -> Vec<Value> {
    let mut blocks = Vec::new();
    if let Some(reasoning) = &plan.reasoning {
        blocks.push(json!({"type": "thinking", "thinking": reasoning, "signature": "c2lnbmF0dXJl"}));
    }
    if let Some((name, arguments)) = &plan.tool {
        let input: Value = serde_json::from_str(arguments).unwrap_or_default();
        blocks.push(json!({"type": "tool_use", "id": "toolu_1", "name": name, "input": input}));
    } else {
        blocks.push(json!({"type": "text", "text": plan.text}));
    }
    blocks
}

fn frames(plan: &Plan, model: &Value) -> Vec<String> {
    let mut frames = vec![reply::named(&json!({"type": "message_start", "message": envelope(plan, model, 1)}))];
    frames.push(reply::named(&json!({"type": "ping"})));
    let mut contents = Vec::new();
    if let Some(reasoning) = &plan.reasoning {
        contents.push((
            json!({"type": "thinking", "thinking": "", "signature": ""}),
            "thinking_delta",
            "thinking",
            reasoning,
        ));
    }
    if let Some((name, arguments)) = &plan.tool {
        let block = json!({"type": "tool_use", "id": "toolu_1", "name": name, "input": {}});
        contents.push((block, "input_json_delta", "partial_json", arguments));
    } else {
        contents.push((json!({"type": "text", "text": ""}), "text_delta", "text", &plan.text));
    }
    for (index, (block, kind, member, text)) in contents.into_iter().enumerate() {
        frames.push(reply::named(&json!({"type": "content_block_start", "index": index, "content_block": block})));
        for piece in Plan::pieces(text) {
            let mut delta = json!({"type": kind});
            super::openai::set(&mut delta, member, json!(piece));
            frames.push(reply::named(&json!({"type": "content_block_delta", "index": index, "delta": delta})));
        }
        frames.push(reply::named(&json!({"type": "content_block_stop", "index": index})));
    }
    frames.push(reply::named(&json!({
        "type": "message_delta", "delta": {"stop_reason": stop_reason(plan), "stop_sequence": null},
        "usage": {"output_tokens": plan.tokens_out()}
    })));
    frames.push(reply::named(&json!({"type": "message_stop"})));
    frames
}
