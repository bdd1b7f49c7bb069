//! What attackers try at products like this one, as far as no other test tries it. `docs/reference/adversarial.md` says which
//! test covers which attempt.

use crate::harness::{Answer, Product};
use http::Method;
use serde_json::{Value, json};

fn chat(product: &Product, body: String, more: &[(&str, &str)]) -> Answer {
    let bearer = format!("Bearer {}", product.key);
    let headers = [&[("authorization", bearer.as_str()), ("content-type", "application/json")], more].concat();
    product.send(&product.gateway, Method::POST, "/v1/chat/completions", &headers, body.into())
}

#[test]
fn hostile_members_of_a_request_are_neither_believed_nor_a_burden() {
    let product = Product::start();
    let with = |more: &str| {
        format!("{{\"model\":\"gpt-4o\",\"messages\":[{{\"role\":\"user\",\"content\":\"hello\"}}]{more}}}")
    };
    let many: String = (0..100_000).map(|at| format!(",\"k{at}\":1")).collect();
    let nested = |depth: usize| format!(",\"x\":{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth));
    let long = format!(",\"{}\":1", "k".repeat(1 << 20));
    for (name, more, statuses) in [
        (
            "prototypes",
            ",\"__proto__\":{\"user\":\"root\"},\"constructor\":{\"prototype\":{\"decision\":\"allowed\"}}".to_owned(),
            &[200][..],
        ),
        (
            "a name of ours",
            ",\"key_id\":\"key_x\",\"workspace_id\":\"ws_x\",\"team\":\"root\",\"identity\":\"jwt\"".to_owned(),
            &[200],
        ),
        ("many members", many, &[200, 400, 413]),
        ("deep", nested(60), &[200]),
        ("too deep", nested(100), &[400]),
        ("a long name", long, &[200, 400, 413]),
    ] {
        let answer = chat(&product, with(&more), &[]);
        assert!(statuses.contains(&answer.status), "{name}: {} {}", answer.status, answer.text);
        let event = product.event_of(&answer);
        let texts = ["user", "team", "identity"].map(|field| event[field].as_str().unwrap_or_default());
        assert_eq!(texts, ["ana@example.com", "engineering", "key"], "{name}");
    }
    assert_eq!(product.chat("hello").status, 200);
}

#[test]
fn nobody_chooses_a_workspace_and_none_is_chosen_for_him_by_what_he_leaves_out() {
    let product = Product::start();
    let own = product.get("/v1/whoami")["workspace_id"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {}", product.token);
    for (name, value) in [
        ("x-workspace", "ws_other"),
        ("x-workspace-id", "ws_other"),
        ("x-tenant-id", ""),
        ("picket-workspace", "ws_other"),
        ("x-org-id", "1"),
    ] {
        let with = [("authorization", bearer.as_str()), (name, value), (name, "ws_second")];
        let who = product.send(&product.api, Method::GET, "/v1/whoami?workspace=ws_other", &with, "".into());
        assert_eq!(who.json()["workspace_id"], json!(own), "{name}");
        let without = product.send(&product.api, Method::GET, "/v1/events", &[(name, value)], "".into());
        assert_eq!(without.status, 401, "{name}: a workspace without a credential is nothing");
        let hello = json!({"model": "gpt-4o", "messages": [{"role": "user", "content": "hello"}]}).to_string();
        let asked = chat(&product, hello, &[(name, value)]);
        assert_eq!((asked.status, product.event_of(&asked)["workspace_id"].clone()), (200, json!(own)), "{name}");
    }
}

#[test]
fn no_name_in_a_path_or_a_body_leads_to_a_file() {
    let product = Product::start();
    let data = product.folder.path().join("data");
    let before = files(&data);
    for name in [
        "..%2f..%2fpicket.db",
        "..%2fkeys%2froot.key",
        "%2e%2e%2fpicket.db",
        "....//picket.db",
        "exp_x%00.json",
        "..%5cpicket.db",
    ] {
        for path in [
            format!("/v1/exports/{name}/file"),
            format!("/v1/exports/{name}/context"),
            format!("/v1/log/{name}/tile/0/000"),
            format!("/v1/log/t_x/tile/{name}"),
            format!("/v1/policies/{name}"),
            format!("/v1/users/{name}"),
            format!("/scim/v2/Users/{name}"),
        ] {
            let answer = product.admin(Method::GET, &path, &Value::Null);
            assert!(matches!(answer.status, 400 | 401 | 404), "{path}: {} {}", answer.status, answer.text);
        }
    }
    for wanted in [
        json!({"format": "../../x"}),
        json!({"format": "json", "file": "/etc/passwd"}),
        json!({"format": "json", "path": "../x"}),
        json!({"format": "json\u{0}"}),
    ] {
        let answer = product.admin(Method::POST, "/v1/exports", &wanted);
        assert_eq!(answer.status, 422, "{wanted}: {}", answer.text);
    }
    assert_eq!(files(&data), before, "nothing was written");
}

/// Names of the files below a folder, but for those of the database and the index, which come and go.
fn files(folder: &std::path::Path) -> Vec<String> {
    let items = std::fs::read_dir(folder).unwrap().map(|item| item.unwrap().path());
    let mut names: Vec<String> = items
        .filter(|path| !path.ends_with("index"))
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path.display().to_string()] })
        .filter(|name| !name.contains("picket.db"))
        .collect();
    names.sort();
    names
}

#[test]
fn nothing_that_comes_through_the_api_names_files_sockets_or_programs() {
    let product = Product::with("policies:\n  chain: [audit-logger]\n", "");
    let mut product = product;
    product.reconfigure(|text, _folder| text.replace("policies: { file: policy.yaml, managed: file }\n", ""));
    for text in [
        "policies: { chain: [ask] }\npolicy: { ask: { kind: remote, url: \"file:///etc/passwd\" } }",
        "policies: { chain: [ask] }\npolicy: { ask: { kind: remote, url: \"unix:///run/x.sock\" } }",
        "policies: { chain: [ask] }\npolicy: { ask: { kind: remote, url: \"gopher://127.0.0.1/\" } }",
        "policies: { chain: [ask] }\npolicy: { ask: { kind: remote, url: \"https://example.com\", token: { file: /etc/passwd } } }",
        "policies: { chain: [ask] }\npolicy: { ask: { kind: remote, url: \"https://example.com\", token: { env: HOME } } }",
        "policies: { chain: [own] }\npolicy: { own: { kind: custom, file: /etc/passwd } }",
        "policies: { chain: [own] }\npolicy: { own: { kind: exec, command: id } }",
        "policies: { file: /etc/passwd }",
        "policies: { chain: [audit-logger] }\npolicy: { audit-logger: { path: /tmp/x, prefix: \"#!/bin/sh\", mode: \"0777\" } }",
    ] {
        let answer = product.admin(Method::POST, "/v1/policies", &json!({ "text": text }));
        assert_eq!(answer.status, 422, "{text}: {}", answer.text);
        assert!(!answer.text.contains("root:"), "{}", answer.text);
    }
    let applied = product.admin(Method::POST, "/v1/policies", &json!({"text": "policies: { chain: [audit-logger] }"}));
    assert_eq!(applied.status, 201, "{}", applied.text);
}

#[test]
fn a_store_that_nobody_set_up_lets_nobody_in_but_with_the_word_that_it_printed() {
    let product = Product::start();
    let passwords = ["", "admin", "picket", "password", "changeme", "root"];
    for name in ["admin", "root", "picket", "owner"] {
        for password in passwords {
            let wanted = json!({"name": name, "password": password});
            let headers = [("content-type", "application/json")];
            let path = "/v1/auth/login";
            let answer = product.send(&product.api, Method::POST, path, &headers, wanted.to_string().into());
            assert!(matches!(answer.status, 401 | 429), "{name} {password}: {}", answer.text);
        }
    }
    for password in passwords {
        assert_eq!(product.admin_as(password, Method::GET, "/v1/whoami", &Value::Null).status, 401);
    }
    for address in [&product.gateway, &product.api] {
        assert!(address.starts_with("http://127.0.0.1:"), "{address}");
    }
}
