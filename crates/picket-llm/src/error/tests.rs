use super::*;
use crate::{SseDecoder, StreamReader};
use expect_test::expect;

const ERROR: ApiError<'static> =
    ApiError { status: 403, code: "content_blocked", message: "not that", request_id: "req_1" };

fn text(bytes: &Bytes) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn errors_have_the_shape_of_their_dialect() {
    expect![[r#"{"error":{"code":"content_blocked","message":"not that","param":null,"type":"permission_error"},"request_id":"req_1"}"#]]
        .assert_eq(&text(&error_body(Dialect::OpenAi, &ERROR)));
    expect![[r#"{"error":{"code":"content_blocked","message":"not that [content_blocked]","type":"permission_error"},"request_id":"req_1","type":"error"}"#]]
        .assert_eq(&text(&error_body(Dialect::Anthropic, &ERROR)));
}

#[test]
fn an_error_inside_a_stream_is_an_event_that_ends_it() {
    for endpoint in [Endpoint::ChatCompletions, Endpoint::Completions, Endpoint::Responses, Endpoint::Messages] {
        let bytes = error_event(endpoint, &ERROR);
        let mut decoder = SseDecoder::default();
        decoder.push(&bytes).unwrap();
        let event = StreamReader::new(endpoint).read(decoder.next_frame().unwrap()).unwrap();
        assert!(event.failed && event.terminal, "{endpoint:?}");
        assert!(decoder.finish().unwrap().is_none());
        assert!(text(&bytes).contains("content_blocked"));
    }
}

#[test]
fn every_status_has_a_type_that_clients_know() {
    for (status, openai, anthropic) in [
        (400, "invalid_request_error", "invalid_request_error"),
        (401, "authentication_error", "authentication_error"),
        (403, "permission_error", "permission_error"),
        (404, "not_found_error", "not_found_error"),
        (413, "invalid_request_error", "request_too_large"),
        (429, "rate_limit_error", "rate_limit_error"),
        (502, "server_error", "api_error"),
        (503, "server_error", "overloaded_error"),
        (504, "server_error", "timeout_error"),
    ] {
        let error = ApiError { status, ..ERROR };
        for (dialect, kind) in [(Dialect::OpenAi, openai), (Dialect::Anthropic, anthropic)] {
            let body: Value = serde_json::from_slice(&error_body(dialect, &error)).unwrap();
            assert_eq!(body["error"]["type"], kind);
        }
    }
}
