use super::*;

fn problems(text: &str) -> String {
    Config::parse(text, "picket.yaml", Path::new(".")).map(drop).unwrap_err().to_string()
}

#[test]
fn without_a_file_the_defaults_are_safe() {
    let config = Config::load(None).unwrap();
    assert!(config.gateway.ip().is_loopback() && config.api.ip().is_loopback());
    assert_eq!((config.auth, config.audit, config.capture), (Auth::Keys, Audit::Strict, Capture::All));
}

#[test]
fn all_problems_are_reported_at_once_with_place_and_remedy() {
    let text = "gateway: { listen: here, adit: strict }\nproviders:\n  openai: { dialect: open-ai, base_url: \"ftp://x\", api_key: abc }\nroutes:\n  - { model: \"gpt-*\", provider: nobody }\nretention: { bodies: 30 days }\n";
    let text = text.replace("routes:", "  two: { dialect: openai, base_url: \"http://x\", api_key: { env: PICKET_TEST_NOBODY_SETS_THIS } }\n  three: { dialect: openai, base_url: \"http://x\", api_key: { env: sk-abc } }\nroutes:");
    let found = problems(&text);
    for expected in [
        "picket.yaml:1:20: expected an address such as 127.0.0.1:8080",
        "picket.yaml:1:26: unknown key `adit`; valid here: listen, auth, audit, tls, threads, head_timeout, idle_timeout, body_timeout; did you mean `audit`?",
        "expected one of openai, anthropic; did you mean `openai`?",
        "is not a usable base URL",
        "a secret does not stand in the configuration; write { env: NAME } or { file: PATH }",
        "picket.yaml:7:33: no provider of this name stands under `providers`",
        "expected a duration such as 30s",
        "the environment variable `PICKET_TEST_NOBODY_SETS_THIS` is not set",
        "the environment variable of that name is not set",
    ] {
        assert!(found.contains(expected), "{expected}\n---\n{found}");
    }
    assert!(!found.contains("abc"), "{found}");
}
