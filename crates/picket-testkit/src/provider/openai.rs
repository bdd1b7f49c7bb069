//! Chat completions, legacy completions and embeddings.

use super::plan::Plan;
use super::{Shared, reply};
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) fn error(status: u16) -> Value {
    json!({"error": {"message": "the provider failed as it was asked to", "type": "server_error", "param": null, "code": status.to_string()}})
}

pub(super) async fn chat(State(state): State<Arc<Shared>>, headers: http::HeaderMap, body: Bytes) -> Response {
    let (request, plan) = state.plan(&headers, &body);
    if let Some(response) = reply::early_fault(&plan, error).await {
        return response;
    }
    let model = request.get("model").cloned().unwrap_or_default();
    if plan.stream {
        let usage_wanted = request.pointer("/stream_options/include_usage") == Some(&Value::Bool(true));
        return reply::events(&plan, chat_frames(&plan, &model, usage_wanted));
    }
    let choices: Vec<Value> = (0..plan.choices).map(|index| chat_choice(&plan, index)).collect();
    reply::json(
        200,
        &json!({
            "id": "chatcmpl-testkit", "object": "chat.completion", "created": 1_760_000_000, "model": model,
            "choices": choices, "usage": usage(&plan), "system_fingerprint": "fp_testkit", "x_unknown": {"kept": true}
        }),
    )
}

fn chat_choice(plan: &Plan, index: usize) -> Value {
    let mut message = json!({"role": "assistant", "content": plan.text, "refusal": null});
    if let Some(reasoning) = &plan.reasoning {
        set(&mut message, "reasoning_content", json!(reasoning));
    }
    if let Some((name, arguments)) = &plan.tool {
        set(&mut message, "content", Value::Null);
        set(
            &mut message,
            "tool_calls",
            json!([{"id": "call_1", "type": "function", "function": {"name": name, "arguments": arguments}}]),
        );
    }
    let finish = if plan.tool.is_some() { "tool_calls" } else { "stop" };
    json!({"index": index, "message": message, "logprobs": null, "finish_reason": finish})
}

fn chat_frames(plan: &Plan, model: &Value, usage_wanted: bool) -> Vec<String> {
    let chunk = |index: usize, delta: Value, finish: Value| {
        reply::frame(&json!({
            "id": "chatcmpl-testkit", "object": "chat.completion.chunk", "created": 1_760_000_000, "model": model,
            "choices": [{"index": index, "delta": delta, "logprobs": null, "finish_reason": finish}]
        }))
    };
    let mut frames = Vec::new();
    for index in 0..plan.choices {
        frames.push(chunk(index, json!({"role": "assistant", "content": ""}), Value::Null));
        for piece in plan.reasoning.iter().flat_map(|text| Plan::pieces(text)) {
            frames.push(chunk(index, json!({"reasoning_content": piece}), Value::Null));
        }
        if let Some((name, arguments)) = &plan.tool {
            let call =
                json!({"index": 0, "id": "call_1", "type": "function", "function": {"name": name, "arguments": ""}});
            frames.push(chunk(index, json!({"tool_calls": [call]}), Value::Null));
            for piece in Plan::pieces(arguments) {
                let call = json!({"index": 0, "function": {"arguments": piece}});
                frames.push(chunk(index, json!({"tool_calls": [call]}), Value::Null));
            }
            frames.push(chunk(index, json!({}), json!("tool_calls")));
        } else {
            frames.extend(
                Plan::pieces(&plan.text).into_iter().map(|piece| chunk(index, json!({"content": piece}), Value::Null)),
            );
            frames.push(chunk(index, json!({}), json!("stop")));
        }
    }
    if usage_wanted {
        frames.push(reply::frame(&json!({
            "id": "chatcmpl-testkit", "object": "chat.completion.chunk", "created": 1_760_000_000, "model": model,
            "choices": [], "usage": usage(plan)
        })));
    }
    frames.push("data: [DONE]\n\n".to_owned());
    frames
}

pub(super) async fn completions(State(state): State<Arc<Shared>>, headers: http::HeaderMap, body: Bytes) -> Response {
    let (request, plan) = state.plan(&headers, &body);
    if let Some(response) = reply::early_fault(&plan, error).await {
        return response;
    }
    let model = request.get("model").cloned().unwrap_or_default();
    let whole = |text: &str, finish: Value| {
        json!({
            "id": "cmpl-testkit", "object": "text_completion", "created": 1_760_000_000, "model": model,
            "choices": [{"text": text, "index": 0, "logprobs": null, "finish_reason": finish}], "usage": usage(&plan)
        })
    };
    if !plan.stream {
        return reply::json(200, &whole(&plan.text, json!("stop")));
    }
    let mut frames: Vec<String> =
        Plan::pieces(&plan.text).iter().map(|piece| reply::frame(&whole(piece, Value::Null))).collect();
    frames.push(reply::frame(&whole("", json!("stop"))));
    frames.push("data: [DONE]\n\n".to_owned());
    reply::events(&plan, frames)
}

pub(super) async fn embeddings(State(state): State<Arc<Shared>>, headers: http::HeaderMap, body: Bytes) -> Response {
    let (request, plan) = state.plan(&headers, &body);
    if let Some(response) = reply::early_fault(&plan, error).await {
        return response;
    }
    let inputs = request.get("input").and_then(Value::as_array).map_or(1, Vec::len);
    let data: Vec<Value> = (0..inputs)
        .map(|index| json!({"object": "embedding", "index": index, "embedding": [0.125, -0.25, 0.5]}))
        .collect();
    reply::json(
        200,
        &json!({
            "object": "list", "data": data, "model": request.get("model"),
            "usage": {"prompt_tokens": plan.tokens_in, "total_tokens": plan.tokens_in}
        }),
    )
}

fn usage(plan: &Plan) -> Value {
    let (input, output) = (plan.tokens_in, plan.tokens_out());
    json!({"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output})
}

pub(super) fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}
