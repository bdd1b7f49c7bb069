//! The responses endpoint of OpenAI.

use super::plan::Plan;
use super::{Shared, openai, reply};
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn create(State(state): State<Arc<Shared>>, headers: http::HeaderMap, body: Bytes) -> Response {
    let (request, plan) = state.plan(&headers, &body);
    if let Some(response) = reply::early_fault(&plan, openai::error).await {
        return response;
    }
    let model = request.get("model").cloned().unwrap_or_default();
    if plan.stream {
        reply::events(&plan, frames(&plan, &model))
    } else {
        reply::json(200, &whole(&plan, &model, "completed"))
    }
}

fn whole(plan: &Plan, model: &Value, status: &str) -> Value {
    let output = if status == "completed" { output(plan) } else { Vec::new() };
    json!({
        "id": "resp_testkit", "object": "response", "created_at": 1_760_000_000, "status": status, "model": model,
        "error": null, "incomplete_details": null, "instructions": null, "metadata": {}, "output": output,
        "parallel_tool_calls": true, "temperature": 1.0, "tool_choice": "auto", "tools": [], "top_p": 1.0,
        "usage": {
            "input_tokens": plan.tokens_in, "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": plan.tokens_out(), "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": plan.tokens_in + plan.tokens_out()
        }
    })
}

fn output(plan: &Plan) -> Vec<Value> {
    let mut items = Vec::new();
    if let Some(reasoning) = &plan.reasoning {
        items
            .push(json!({"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": reasoning}]}));
    }
    if let Some((name, arguments)) = &plan.tool {
        items.push(json!({
            "id": "fc_1", "type": "function_call", "status": "completed", "call_id": "call_1", "name": name, "arguments": arguments
        }));
    } else {
        items.push(json!({
            "id": "msg_1", "type": "message", "status": "completed", "role": "assistant",
            "content": [{"type": "output_text", "text": plan.text, "annotations": []}]
        }));
    }
    items
}

fn frames(plan: &Plan, model: &Value) -> Vec<String> {
    let mut events = vec![
        json!({"type": "response.created", "response": whole(plan, model, "in_progress")}),
        json!({"type": "response.in_progress", "response": whole(plan, model, "in_progress")}),
    ];
    for (index, item) in output(plan).into_iter().enumerate() {
        let id = item.get("id").cloned().unwrap_or_default();
        let kind = item.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let place = |name: &str| json!({"type": name, "item_id": id, "output_index": index});
        events.push(json!({"type": "response.output_item.added", "output_index": index, "item": started(&item)}));
        match kind.as_str() {
            "function_call" => {
                let text = item.get("arguments").and_then(Value::as_str).unwrap_or_default();
                events.extend(deltas(&place("response.function_call_arguments.delta"), text));
                let mut done = place("response.function_call_arguments.done");
                openai::set(&mut done, "arguments", json!(text));
                events.push(done);
            }
            "reasoning" => {
                let text = item.pointer("/summary/0/text").and_then(Value::as_str).unwrap_or_default();
                let mut delta = place("response.reasoning_summary_text.delta");
                openai::set(&mut delta, "summary_index", json!(0));
                events.extend(deltas(&delta, text));
                let mut done = place("response.reasoning_summary_text.done");
                openai::set(&mut done, "summary_index", json!(0));
                openai::set(&mut done, "text", json!(text));
                events.push(done);
            }
            _ => {
                let text = item.pointer("/content/0/text").and_then(Value::as_str).unwrap_or_default();
                let part = |text: &str| json!({"type": "output_text", "text": text, "annotations": []});
                let at = |name: &str, member: &str, value: Value| {
                    let mut event = place(name);
                    openai::set(&mut event, "content_index", json!(0));
                    openai::set(&mut event, member, value);
                    event
                };
                events.push(at("response.content_part.added", "part", part("")));
                events.extend(deltas(&at("response.output_text.delta", "logprobs", json!([])), text));
                events.push(at("response.output_text.done", "text", json!(text)));
                events.push(at("response.content_part.done", "part", part(text)));
            }
        }
        events.push(json!({"type": "response.output_item.done", "output_index": index, "item": item}));
    }
    events.push(json!({"type": "response.completed", "response": whole(plan, model, "completed")}));
    let numbered = events.into_iter().enumerate().map(|(number, mut event)| {
        openai::set(&mut event, "sequence_number", json!(number));
        reply::named(&event)
    });
    numbered.collect()
}

/// An item as it stands when it begins: without its text.
fn started(item: &Value) -> Value {
    let mut item = item.clone();
    openai::set(&mut item, "status", json!("in_progress"));
    for (member, empty) in [("content", json!([])), ("arguments", json!("")), ("summary", json!([]))] {
        if item.get(member).is_some() {
            openai::set(&mut item, member, empty);
        }
    }
    item
}

fn deltas(template: &Value, text: &str) -> Vec<Value> {
    let with = |piece: &String| {
        let mut event = template.clone();
        openai::set(&mut event, "delta", json!(piece));
        event
    };
    Plan::pieces(text).iter().map(with).collect()
}
