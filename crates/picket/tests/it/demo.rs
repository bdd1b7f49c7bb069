//! The demo keeps its promises, says which it broke, and prints commands that work.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

fn once(policy: Option<&str>) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_picket"));
    demo.args(["demo", "--once", "--seconds", "5"]);
    if let Some(policy) = policy {
        let file = folder.path().join("policy.yaml");
        std::fs::write(&file, policy).unwrap();
        demo.arg("--policy").arg(file);
    }
    let output = demo.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn it_keeps_every_promise_by_itself() {
    let (code, said, errors) = once(None);
    assert_eq!(code, Some(0), "{said}{errors}");
    assert!(said.contains("every promise was kept"), "{said}");
}

#[test]
fn under_a_policy_that_lets_everything_through_it_fails_and_names_what_got_through() {
    let (code, said, errors) =
        once(Some("policies: { chain: [audit-logger] }\npolicy: { audit-logger: { immutable: true } }\n"));
    assert_eq!(code, Some(6), "{said}{errors}");
    for broken in [
        "a prompt injection: expected status 403, got 200",
        "a jailbreak: expected status 403, got 200",
        "a secret in a prompt: expected status 403, got 200",
        "a streamed answer that leaks: the answer held personal data",
        "an answer that leaks: the answer held personal data",
        "a model that is not allowed: expected status 403, got",
        "a tool that is not allowed: expected status 403, got 200",
        "no attack reached the review queue",
    ] {
        assert!(errors.contains(broken), "{broken}\n---\n{errors}");
    }
    assert!(!said.contains("every promise was kept"), "{said}");
}

#[test]
fn every_command_that_it_prints_works_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_picket"))
        .args(["demo", "--port", "0", "--data"])
        .arg(folder.path().join("demo"))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(demo.stderr.take().unwrap()).lines().map_while(Result::ok);
    let printed: Vec<String> = lines.take_while(|line| !line.starts_with("Ctrl-C")).collect();
    let setting = printed.iter().find(|line| line.trim_start().starts_with("export ")).unwrap().trim();
    let commands: Vec<&str> =
        printed.iter().map(|line| line.trim()).filter(|line| line.starts_with("picket ")).collect();
    assert!(commands.len() >= 5, "{printed:?}");
    let folder_of_binary = std::path::Path::new(env!("CARGO_BIN_EXE_picket")).parent().unwrap();
    for command in commands {
        // What follows events ends after the first.
        let command = if command.contains(" tail ") { format!("{command} --max 1") } else { command.to_owned() };
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("{setting}\nuntil {command} | grep -q .; do sleep 0.2; done\n{command}")]);
        shell.env("PATH", format!("{}:/usr/bin:/bin", folder_of_binary.display()));
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!output.stdout.is_empty(), "{command}");
    }
    let interrupted = Command::new("kill").args(["-INT", &demo.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    assert!(demo.wait().unwrap().success());
}
