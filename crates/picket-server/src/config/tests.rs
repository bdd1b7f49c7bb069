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
        "picket.yaml:1:26: unknown key `adit`; valid here: listen, auth, audit, tls, threads, head_timeout, idle_timeout, body_timeout, send_timeout; did you mean `audit`?",
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

#[test]
fn times_and_counts_that_make_no_sense_are_refused_with_place_and_remedy() {
    for (text, place, cause) in [
        ("gateway: { head_timeout: 0s }", "1:26", "0ms is too short: write a time from 100ms to 1h"),
        ("gateway: { head_timeout: 99ms }", "1:26", "too short"),
        ("gateway: { head_timeout: 2h }", "1:26", "2h is too long"),
        ("gateway: { idle_timeout: 0s }", "1:26", "leave the key out for the default"),
        ("gateway: { body_timeout: 0m }", "1:26", "too short"),
        ("gateway: { body_timeout: 365d }", "1:26", "too long"),
        ("gateway: { threads: 0 }", "1:21", "expected a whole number from 1 to 256"),
        ("gateway: { threads: 1.5 }", "1:21", "expected a whole number"),
        ("gateway: { threads: 257 }", "1:21", "expected a whole number"),
        ("gateway: { send_timeout: 0s }", "1:26", "leave the key out for the default, 1m"),
        ("api: { send_timeout: 0s }", "1:22", "leave the key out for the default, 30s"),
        ("api: { downloads: 0 }", "1:19", "from 1 to 1024, or leave the key out for 32"),
        ("retention: { bodies: 0d }", "1:22", "0ms is too short: write a time from 1h"),
        ("retention: { entries: 5000w }", "1:23", ""),
        ("retention: { entries: 9000w }", "1:23", "too long"),
        ("providers:\n  one: { dialect: openai, base_url: \"http://x\", timeout: 0s }", "2:58", "too short"),
        ("providers:\n  one: { dialect: openai, base_url: \"http://x\", idle_timeout: 0s }", "2:63", "too short"),
        ("providers:\n  one: { dialect: openai, base_url: \"http://x\", connect_timeout: 0s }", "2:66", "too short"),
    ] {
        if cause.is_empty() {
            Config::parse(text, "picket.yaml", Path::new(".")).unwrap();
            continue;
        }
        let found = problems(text);
        assert!(found.starts_with(&format!("picket.yaml:{place}: ")) && found.contains(cause), "{text}: {found}");
    }
}

#[test]
fn a_password_in_a_url_is_refused_and_not_repeated() {
    for url in ["https://user:secret-word@host.example/v1", "ftp://secret-word@host.example", "secret-word@"] {
        let text = format!("providers:\n  one: {{ dialect: openai, base_url: \"{url}\" }}");
        let found = problems(&text);
        assert!(found.contains("is not a usable base URL") && !found.contains("secret-word"), "{found}");
    }
}

#[test]
fn what_vouches_for_a_provider_is_looked_at_when_the_configuration_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, "no certificate").unwrap();
    for (path, cause) in
        [(file.as_path(), "no certificates of authorities"), (Path::new("nowhere.pem"), "cannot be read")]
    {
        let text = format!(
            "providers:\n  one: {{ dialect: openai, base_url: \"http://x\", total_timeout: 0s, ca: \"{}\" }}\n",
            path.display()
        );
        let found = problems(&text);
        assert!(found.contains(cause) && found.contains("too short"), "{found}");
    }
}
