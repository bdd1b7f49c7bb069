//! An outsider verifies the log with a verifier that shares no code with the product.

use crate::clients::clients;
use crate::harness::Product;
use http::Method;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// More entries than one tile holds.
const REQUESTS: usize = 140;
const TILE: u64 = 256;

struct Outsider<'a> {
    product: &'a Product,
    python: PathBuf,
    log: String,
    vkey: String,
}

impl Outsider<'_> {
    fn run(&self, args: &[&str]) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../verify/verify_tlog.py");
        let mut command = Command::new(&self.python);
        command.arg(script).args(args).args(["--vkey", &self.vkey]).env("PICKET_TOKEN", &self.product.token);
        command.output().unwrap()
    }

    /// What the verifier finds, which must be that everything holds.
    fn holds(&self, args: &[&str]) -> Value {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn refuses(&self, args: &[&str], cause: &str) {
        let output = self.run(args);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {error}");
        assert!(error.contains(cause), "{args:?}: {error}");
    }

    fn checkpoint(&self) -> String {
        self.product.admin(Method::GET, &format!("/v1/log/{}/checkpoint", self.log), &Value::Null).text
    }

    /// A checkpoint of so many entries at least.
    fn checkpoint_from(&self, size: u64) -> String {
        self.product.wait("the checkpoint", |_| {
            let checkpoint = self.checkpoint();
            let found: u64 = checkpoint.lines().nth(1)?.parse().ok()?;
            (found >= size).then_some(checkpoint)
        })
    }

    /// Copies the log in its public layout.
    fn mirror(&self, folder: &Path) -> u64 {
        let checkpoint = self.checkpoint();
        let size: u64 = checkpoint.lines().nth(1).unwrap().parse().unwrap();
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join("checkpoint"), checkpoint).unwrap();
        for (kind, hashes) in [("entries", size), ("0", size), ("1", size / TILE)] {
            for number in 0..hashes.div_ceil(TILE) {
                let width = (hashes - number * TILE).min(TILE);
                let part = if width == TILE { String::new() } else { format!(".p/{width}") };
                let path = format!("tile/{kind}/{number:03}{part}");
                let bytes = self.product.bytes(&format!("/v1/log/{}/{path}", self.log));
                std::fs::create_dir_all(folder.join(&path).parent().unwrap()).unwrap();
                std::fs::write(folder.join(path), bytes).unwrap();
            }
        }
        size
    }
}

#[test]
fn an_outsider_verifies_the_log_and_sees_every_change_of_it() {
    let Some(clients) = clients() else { return };
    let product = Product::start();
    let logs = product.get("/v1/log");
    let logs = logs.as_array().unwrap();
    let workspace = logs.iter().find(|log| log["kind"] == "workspace").unwrap();
    let text = |name: &str| workspace[name].as_str().unwrap().to_owned();
    let python = clients.join("venv/bin/python");
    let outsider = Outsider { product: &product, python, log: text("id"), vkey: text("vkey") };
    let first = product.event_of(&product.chat("hello"));
    let old = product.folder.path().join("old-checkpoint");
    std::fs::write(&old, outsider.checkpoint_from(first["log"]["completed"].as_u64().unwrap() + 1)).unwrap();
    for _ in 1..REQUESTS {
        assert_eq!(product.chat("hello").status, 200);
    }
    // Closing entries follow the answers: the last of them is what the checkpoint must cover.
    let closed = product.events("", REQUESTS).iter().map(|event| event["log"]["completed"].as_u64().unwrap()).max();
    outsider.checkpoint_from(closed.unwrap() + 1);

    let url = format!("{}/v1/log/{}", product.api, outsider.log);
    let found = outsider.holds(&["tree", "--url", &url, "--since", old.to_str().unwrap()]);
    assert_eq!(found["types"]["request.completed"].as_u64(), Some(REQUESTS as u64), "{found}");

    let mirror = product.folder.path().join("mirror");
    let size = outsider.mirror(&mirror);
    let folder = mirror.to_str().unwrap();
    outsider.holds(&["tree", "--folder", folder]);
    every_change_shows(&outsider, &mirror, size);

    let id = first["event_id"].as_str().unwrap();
    let written = crate::commands::run(&product, &format!("kt log proof {id} --output proof --entry entry"));
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    let [entry, document] = ["entry", "proof"].map(|name| product.folder.path().join(name));
    let args = ["proof", "--entry", entry.to_str().unwrap(), "--proof", document.to_str().unwrap()];
    assert_eq!(outsider.holds(&args)["index"], first["log"]["completed"]);
    let changed = std::fs::read_to_string(&entry).unwrap().replace("allowed", "blocked");
    std::fs::write(&entry, changed).unwrap();
    outsider.refuses(&args, "does not lead from the entry to the root");
}

#[test]
fn the_reference_implementation_of_tiled_logs_finds_nothing_wrong() {
    // Tessera's own checker, which the second tier of the tests builds.
    let Some(fsck) = std::env::var_os("PICKET_TEST_FSCK") else { return };
    let product = Product::start();
    for _ in 0..REQUESTS {
        assert_eq!(product.chat("hello").status, 200);
    }
    for log in product.get("/v1/log").as_array().unwrap() {
        let text = |name: &str| log[name].as_str().unwrap().to_owned();
        let key = product.folder.path().join("vkey");
        std::fs::write(&key, text("vkey")).unwrap();
        product.wait("the checkpoint", |product| {
            let path = format!("/v1/log/{}/checkpoint", text("id"));
            let size = product.admin(Method::GET, &path, &Value::Null).text.lines().nth(1)?.parse::<u64>().ok()?;
            (size >= log["size"].as_u64().unwrap()).then_some(())
        });
        let output = Command::new(&fsck)
            .args(["--storage_url", &format!("{}/v1/log/{}/", product.api, text("id"))])
            .args(["--bearer_token", &product.token, "--ui=false", "--public_key"])
            .arg(key)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Changes one byte in each file of a mirror in turn.
fn every_change_shows(outsider: &Outsider<'_>, mirror: &Path, size: u64) {
    let last = format!("tile/entries/{:03}.p/{}", size / TILE, size % TILE);
    let leaves = format!("tile/0/{:03}.p/{}", size / TILE, size % TILE);
    for (path, cause) in [
        ("tile/entries/000", "entr"),
        (last.as_str(), "entr"),
        ("tile/0/000", "tile/0/000: does not hold"),
        (leaves.as_str(), "does not hold the hashes"),
        ("tile/1/000.p/1", "tile/1/000.p/1: does not hold"),
        ("checkpoint", "signature"),
    ] {
        let whole = std::fs::read(mirror.join(path)).unwrap();
        let mut changed = whole.clone();
        // Inside of an entry, after its length.
        changed[20] ^= 1;
        std::fs::write(mirror.join(path), changed).unwrap();
        outsider.refuses(&["tree", "--folder", mirror.to_str().unwrap()], cause);
        std::fs::write(mirror.join(path), whole).unwrap();
    }
}
