//! The demo as a stranger meets it: what it prints works when it is pasted, and a broken promise fails it.

use picket_db::{Db, Lane, Options};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// Ends with the test, whatever happens.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// `picket demo` with nothing of this program in the search path, as after `cargo run`.
fn demo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_picket"));
    command.arg("demo").args(arguments);
    command
}

/// A play on a folder, once nothing of this process holds its store: another test may be starting a program, which has a
/// copy of every open file until it runs.
fn once(folder: &Path) -> Output {
    for _ in 0..100 {
        let output = demo(&["--once", "--seconds", "0", "--data", folder.to_str().unwrap()]).output().unwrap();
        if !text(&output.stderr).contains("another process uses this store") {
            return output;
        }
    }
    panic!("something holds the store");
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

/// A terminal in which the demo's own `export` lines were pasted, and then `command`.
fn pasted(folder: &Path, exports: &[String], command: &str) -> Command {
    let mut shell = Command::new("bash");
    let script = [exports, &[format!("exec {command}")]].concat().join("\n");
    shell.args(["-c", &script]).current_dir(folder).env("HOME", folder).env_remove("XDG_CONFIG_HOME");
    shell
}

#[test]
fn every_command_that_the_demo_prints_works_as_it_is_printed() {
    let mut running = Running(demo(&["--port", "0"]).stderr(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(running.0.stderr.take().unwrap()).lines().map_while(Result::ok);
    let printed: Vec<String> = lines.by_ref().take_while(|line| !line.starts_with("Ctrl-C")).collect();
    std::thread::spawn(move || lines.for_each(drop));
    let pastes: Vec<&str> = printed
        .iter()
        .skip_while(|line| !line.starts_with("In another terminal"))
        .filter_map(|line| line.strip_prefix("  "))
        .collect();
    let (exports, commands): (Vec<&str>, Vec<&str>) = pastes.into_iter().partition(|line| line.starts_with("export "));
    let exports: Vec<String> = exports.into_iter().map(str::to_owned).collect();
    assert!(!exports.is_empty() && commands.len() >= 5, "{printed:?}");
    let folder = tempfile::tempdir().unwrap();
    for command in commands {
        if command.contains(" tail") {
            // It ends when somebody ends it; what happened is shown until then.
            let mut tail = Running(pasted(folder.path(), &exports, command).stdout(Stdio::piped()).spawn().unwrap());
            let line = BufReader::new(tail.0.stdout.take().unwrap()).lines().next().unwrap().unwrap();
            assert!(line.contains("\thigh\t") || line.contains("\tcritical\t"), "{command}: {line}");
            interrupt(&tail.0);
            assert_eq!(tail.0.wait().unwrap().code(), Some(130), "{command}");
            continue;
        }
        // There is something to see once the traffic has come so far.
        loop {
            let output = pasted(folder.path(), &exports, command).output().unwrap();
            let (out, error) = (text(&output.stdout), text(&output.stderr));
            assert_eq!(output.status.code(), Some(0), "{command}: {error}");
            if out.lines().count() > 1 {
                break;
            }
            assert!(running.0.try_wait().unwrap().is_none(), "{command}: the demo ended: {out}");
        }
    }
    interrupt(&running.0);
    assert_eq!(running.0.wait().unwrap().code(), Some(0));
}

#[test]
fn a_demo_whose_log_was_changed_fails_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let kept = once(folder.path());
    assert_eq!(kept.status.code(), Some(0), "{}{}", text(&kept.stdout), text(&kept.stderr));
    assert!(text(&kept.stdout).contains("every promise was kept"), "{}", text(&kept.stdout));
    // On the same data what an earlier play left is not counted.
    let again = once(folder.path());
    assert_eq!(again.status.code(), Some(0), "{}{}", text(&again.stdout), text(&again.stderr));

    let db = Db::open(Options::new(folder.path().join("data/picket.db")), &[]).unwrap();
    let changed = db.write(Lane::Admin, "test.tamper", |tx| {
        let sql = "UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), '\"decision\":\"blocked\"', '\"decision\":\"allowed\"') AS BLOB)";
        tx.connection().execute(sql, []).map(|rows| rows > 0)
    });
    assert!(changed.wait().unwrap());
    db.close();
    drop(db);
    let broken = once(folder.path());
    assert_eq!(broken.status.code(), Some(6), "{}{}", text(&broken.stdout), text(&broken.stderr));
    let said = text(&broken.stderr);
    assert!(said.contains("the log can be checked: it does not verify"), "{said}");
    assert!(!text(&broken.stdout).contains("every promise was kept"), "{}", text(&broken.stdout));
}

#[test]
fn under_a_policy_that_lets_everything_through_the_demo_fails_and_names_what_got_through() {
    let folder = tempfile::tempdir().unwrap();
    let policy = folder.path().join("open.yaml");
    let document = "policies: { chain: [audit-logger] }\npolicy: { audit-logger: { immutable: true } }\n";
    std::fs::write(&policy, document).unwrap();
    let output = demo(&["--once", "--seconds", "0", "--policy", policy.to_str().unwrap()]).output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(6), "{said}");
    for broken in [
        "attacks are stopped: evt_",
        "of /v1/chat/completions was answered with 200",
        "ordinary work passes: evt_",
        "is allowed and completed, not redacted and completed",
        "no answer holds a secret or personal data: the answer of /v1/chat/completions to",
        "no answer holds a secret or personal data: the answer of /v1/messages to",
        "what is held is in the review queue: evt_",
    ] {
        assert!(said.contains(broken), "{broken}\n---\n{said}");
    }
    assert!(!said.contains("the log can be checked") && !said.contains("each request is in the log once"), "{said}");
}
