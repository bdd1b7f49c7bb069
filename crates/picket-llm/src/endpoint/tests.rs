use super::*;

#[test]
fn a_path_has_one_spelling_and_one_method() {
    let known = [
        ("POST", "/v1/chat/completions", Endpoint::ChatCompletions),
        ("POST", "/v1/responses", Endpoint::Responses),
        ("POST", "/v1/completions", Endpoint::Completions),
        ("POST", "/v1/embeddings", Endpoint::Embeddings),
        ("POST", "/v1/messages", Endpoint::Messages),
        ("POST", "/v1/messages/count_tokens", Endpoint::CountTokens),
        ("GET", "/v1/models", Endpoint::Models(Dialect::OpenAi)),
        ("GET", "/v1/models/gpt-4o:mini", Endpoint::Model(Dialect::OpenAi)),
    ];
    for (method, path, endpoint) in known {
        assert_eq!(Endpoint::of(method, path, false), Ok(endpoint), "{path}");
        for spelling in [
            path.replacen('/', "//", 1),
            format!("{path}/"),
            format!("{path};a=b"),
            format!("{path}/.."),
            path.replace("/v1/", "/v1/./"),
            path.replace("/v1/", "/V1/"),
            path.replace("/v1/", "/v1%2f"),
            path.replace("v1", "v1/../v1"),
            path.to_uppercase(),
            format!(" {path}"),
            format!("{path}%20"),
        ] {
            assert!(Endpoint::of(method, &spelling, false).is_err(), "{spelling}");
        }
        for other in ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "post", ""] {
            assert!(Endpoint::of(other, path, false).is_err(), "{other} {path}");
        }
    }
}

#[test]
fn what_is_not_served_is_refused_in_the_dialect_that_asked() {
    for (method, path, anthropic, dialect) in [
        ("GET", "/v1/responses/resp_1", false, Dialect::OpenAi),
        ("DELETE", "/v1/responses/resp_1", false, Dialect::OpenAi),
        ("POST", "/v1/files", false, Dialect::OpenAi),
        ("POST", "/v1/messages/batches", false, Dialect::Anthropic),
        ("POST", "/v1/files", true, Dialect::Anthropic),
        ("GET", "/v1/models/", false, Dialect::OpenAi),
        ("GET", "/v1/models/a/b", false, Dialect::OpenAi),
        ("GET", "/v1/models/a%2fb", false, Dialect::OpenAi),
        ("GET", "/v1/models/..", false, Dialect::OpenAi),
        ("GET", "/", false, Dialect::OpenAi),
    ] {
        assert_eq!(Endpoint::of(method, path, anthropic), Err(Unsupported { dialect }), "{path}");
    }
}

#[test]
fn the_header_of_one_dialect_tells_whose_models_are_asked_for() {
    assert_eq!(Endpoint::of("GET", "/v1/models", true), Ok(Endpoint::Models(Dialect::Anthropic)));
    assert_eq!(Endpoint::of("GET", "/v1/models/claude-x", true), Ok(Endpoint::Model(Dialect::Anthropic)));
    assert_eq!(Endpoint::model_id("/v1/models/claude-x"), Some("claude-x"));
    assert_eq!(Endpoint::Messages.upstream_path(), "/v1/messages");
    assert_eq!(Endpoint::Responses.upstream_path(), "/responses");
}
