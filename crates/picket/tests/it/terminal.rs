//! What the command line does at a terminal and what it does without one: questions, colour, notes, zones, completion.

use crate::commands::run;
use crate::harness::Product;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a command did in a terminal where somebody types `answer`: its exit code, and what the terminal showed.
fn typed(product: &Product, command: &str, answer: &str) -> (Option<i32>, String) {
    answered(product, command, &[("", answer)])
}

/// The same where somebody answers each question when it is asked.
fn answered(product: &Product, command: &str, answers: &[(&str, &str)]) -> (Option<i32>, String) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    let terminal = || Stdio::from(OpenOptions::new().read(true).write(true).open(&name).unwrap());
    let words: Vec<&str> = command.split(' ').collect();
    // The other side is held by nobody else once the command was spawned.
    let mut child = {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kt"));
        command.args(&words).env("PICKET_URL", &product.api).env("PICKET_TOKEN", &product.token).env("TERM", "xterm");
        command.env("HOME", product.folder.path()).env_remove("XDG_CONFIG_HOME");
        command.stdin(terminal()).stdout(terminal()).stderr(terminal()).spawn().unwrap()
    };
    let mut master = File::from(master);
    let (mut shown, mut buffer, mut seen) = (Vec::new(), [0; 4096], 0);
    let mut answers = answers.iter().peekable();
    loop {
        while let Some((_, answer)) = answers.next_if(|(question, _)| text(&shown[seen..]).contains(question)) {
            seen = shown.len();
            master.write_all(answer.as_bytes()).unwrap();
        }
        // Once nobody holds the other side, reading fails; that is the end.
        let Ok(read @ 1..) = master.read(&mut buffer) else { break };
        shown.extend_from_slice(&buffer[..read]);
    }
    (child.wait().unwrap().code(), text(&shown))
}

#[test]
fn a_password_is_asked_for_and_not_shown() {
    let product = Product::start();
    crate::identity::user(&product, "ana", &["viewer"]);
    let password = format!("{}\n", crate::identity::PASSWORD);
    let login = "auth login --name ana";
    let (code, shown) = answered(&product, login, &[("Password: ", &password)]);
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("stored in") && !shown.contains(password.trim()), "{shown}");
    let (code, shown) = answered(&product, login, &[("Password: ", "several words make two\n")]);
    assert!(code == Some(4) && shown.contains("name, password or code is wrong"), "{shown}");
    let first = product.admin(http::Method::POST, "/v1/users/ana/password", &Value::Null).json();
    let first = format!("{}\n", first["password"].as_str().unwrap());
    let other = "other words make another\n";
    let answers = [("Password: ", first.as_str()), ("New password: ", other), ("The same again: ", other)];
    let (code, shown) = answered(&product, login, &answers);
    assert_eq!(code, Some(0), "{shown}");
    assert!(!shown.contains("other words") && !shown.contains(first.trim()), "{shown}");
}

fn key(product: &Product) -> String {
    let made = text(&run(product, "kt keys create --user eve --format json").stdout);
    serde_json::from_str::<Value>(&made).unwrap()["key"]["id"].as_str().unwrap().to_owned()
}

fn status(product: &Product, id: &str) -> String {
    let keys = product.get("/v1/keys");
    let key = keys.as_array().unwrap().iter().find(|key| key["id"] == id).unwrap();
    key["status"].as_str().unwrap().to_owned()
}

#[test]
fn what_cannot_be_undone_asks_at_a_terminal_and_does_nothing_without_one() {
    let product = Product::start();
    let id = key(&product);
    let versions = product.get("/v1/policies");
    for command in [
        format!("keys revoke {id}"),
        "tokens revoke pat_0000000000".to_owned(),
        "export cancel exp_00000000000000000000000001".to_owned(),
        "policy rollback".to_owned(),
        "policy monitor prompt-injection".to_owned(),
    ] {
        let output = run(&product, &format!("kt {command} < /dev/null"));
        assert_eq!(output.status.code(), Some(2), "{command}");
        assert!(text(&output.stderr).contains("--yes"), "{command}: {}", text(&output.stderr));
        for answer in ["n\n", "\n", "what?\n"] {
            let (code, shown) = typed(&product, &command, answer);
            assert_eq!(code, Some(1), "{command} {answer:?}: {shown}");
            assert!(shown.contains("[y/N]") && shown.contains("nothing was done"), "{command}: {shown}");
        }
    }
    assert_eq!(status(&product, &id), "active");
    assert_eq!(product.get("/v1/policies"), versions);
    let (code, shown) = typed(&product, &format!("keys revoke {id}"), "y\n");
    assert!(code == Some(0) && shown.contains("revoked"), "{shown}");
    assert_eq!(status(&product, &id), "revoked");
    let other = key(&product);
    assert!(run(&product, &format!("kt keys revoke {other} -y < /dev/null")).status.success());
    assert_eq!(status(&product, &other), "revoked");
    // It makes the guard stricter, so nobody is asked; that a file holds the policy is another matter.
    assert_eq!(run(&product, "kt policy monitor prompt-injection --enforce < /dev/null").status.code(), Some(5));
}

#[test]
fn colour_is_there_where_somebody_looks_or_asks_for_it() {
    let product = Product::start();
    product.chat("#leak=aws");
    product.events("", 1);
    for (command, is_coloured) in [
        ("kt events list", false),
        ("kt --color always events list --nonsense", true),
        ("kt --color=always events get evt_00000000000000000000000001", true),
        ("kt events get evt_00000000000000000000000001", false),
        ("FORCE_COLOR=1 kt events get evt_00000000000000000000000001", true),
        ("FORCE_COLOR=0 kt events get evt_00000000000000000000000001", false),
        ("NO_COLOR=1 FORCE_COLOR=1 kt events get evt_00000000000000000000000001", false),
        ("NO_COLOR=1 kt --color always events get evt_00000000000000000000000001", true),
        ("FORCE_COLOR=1 kt --color never events get evt_00000000000000000000000001", false),
        ("kt --color always events tail --since 1h --max 1", true),
        ("kt events tail --since 1h --max 1", false),
        ("kt --color always events list --format json", false),
        ("kt --color always events list --format csv", false),
    ] {
        let output = run(&product, command);
        let shown = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(shown.contains('\u{1b}'), is_coloured, "{command}: {shown:?}");
    }
    let (code, shown) = typed(&product, "events list", "");
    assert!(code == Some(0) && shown.contains("\u{1b}[31mblocked\u{1b}[0m"), "{shown:?}");
    let (code, shown) = typed(&product, "events list --color never", "");
    assert!(code == Some(0) && !shown.contains('\u{1b}') && shown.contains("blocked"), "{shown:?}");
    assert_eq!(run(&product, "kt --color pink events list").status.code(), Some(2));
}

#[test]
fn verbose_tells_each_request_and_no_secret() {
    let product = Product::start();
    let output = run(&product, "kt -v events list --filter 'user:ana' --format json");
    let told = text(&output.stderr);
    assert_eq!(text(&output.stdout), "[]\n", "data stays apart from notes");
    let expected = format!("GET {}/v1/events?filter=user%3Aana&limit=100: 200 OK, request req_", product.api);
    assert!(told.contains(&expected), "{told}");
    let created = run(&product, "kt keys create --user eve --verbose");
    let (secret, told) = (text(&created.stdout), text(&created.stderr));
    assert!(told.contains("POST ") && told.contains("201 Created"), "{told}");
    assert!(!told.contains(&product.token) && !told.contains(secret.trim()), "{told}");
    let missing = run(&product, "kt -v events get evt_00000000000000000000000001");
    let told = text(&missing.stderr);
    let id = told.split("404 Not Found, request ").nth(1).unwrap().split(',').next().unwrap();
    assert!(told.contains(&format!("(request {id})")), "the id is that of the problem: {told}");
    assert!(!text(&run(&product, "kt events list").stderr).contains("GET "));
}

#[test]
fn times_in_tables_are_in_the_zone_that_was_asked_for_and_elsewhere_in_utc() {
    let product = Product::start();
    product.chat("hello");
    let event = &product.events("", 1)[0];
    let utc = event["timestamp"].as_str().unwrap();
    let at = |zone: &str| zone.parse::<picket_stdx::Zone>().unwrap().show(utc.parse().unwrap());
    let id = event["event_id"].as_str().unwrap();
    for (command, expected) in [
        ("kt events list".to_owned(), utc.to_owned()),
        ("kt events list --tz Asia/Kathmandu".to_owned(), at("+05:45")),
        ("PICKET_TZ=Asia/Kathmandu kt events list".to_owned(), at("+05:45")),
        ("PICKET_TZ=Asia/Kathmandu kt events list --tz=-03:30".to_owned(), at("-03:30")),
        ("PICKET_TZ= kt events list".to_owned(), utc.to_owned()),
        (format!("kt events get {id} --tz Asia/Kathmandu"), at("+05:45")),
        ("kt events tail --since 1h --max 1 --tz Asia/Kathmandu".to_owned(), at("+05:45")),
        ("kt events list --format json --tz Asia/Kathmandu".to_owned(), utc.to_owned()),
        ("kt events list --format ndjson --tz Asia/Kathmandu".to_owned(), utc.to_owned()),
        ("kt events list --format csv --tz Asia/Kathmandu".to_owned(), utc.to_owned()),
        ("kt events tail --since 1h --max 1 --format csv --tz Asia/Kathmandu".to_owned(), utc.to_owned()),
    ] {
        let output = run(&product, &command);
        let shown = text(&output.stdout);
        assert!(output.status.success() && shown.contains(&expected), "{command}: {expected}: {shown}");
    }
    let refused = run(&product, "kt events list --tz Mars/Base");
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("Europe/Berlin"), "{}", text(&refused.stderr));
}

#[test]
fn completion_serves_both_names_of_the_program() {
    let product = Product::start();
    for name in ["picket", "kt"] {
        let script = format!(
            "source <(kt completion bash); complete -p {name}; COMP_WORDS=({name} eve); COMP_CWORD=1; _picket {name} eve {name}; echo \"${{COMPREPLY[@]}}\""
        );
        let output = run(&product, &script);
        let shown = text(&output.stdout);
        assert!(output.status.success() && shown.trim_end().ends_with("\nevents"), "{name}: {shown}");
    }
    for (shell, mark) in [
        ("zsh", "#compdef picket kt\n"),
        ("zsh", "compdef _picket picket kt\n"),
        ("fish", "complete -c kt -w picket\n"),
        ("elvish", "arg-completer[kt] ="),
        ("powershell", "-CommandName 'picket', 'kt' -ScriptBlock"),
    ] {
        let script = text(&run(&product, &format!("kt completion {shell}")).stdout);
        assert!(script.contains(mark), "{shell}: {mark}");
    }
}
