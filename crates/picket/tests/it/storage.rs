//! Disks that are full, fail, are read-only or damaged; and data that is not what it was.
//!
//! Real faults: a small file system is mounted where the tests run as root, and syncs are made to fail by `strace` where
//! that is installed. Where neither is there, these tests say so and pass over.

use crate::harness::{Answer, Product};
use crate::served::{Served, command, kill, ready, refusal, serve, terminate};
use http::Method;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A file system of a few megabytes over the data folder, with the data on it; gone when the test ends.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` where mounting is not permitted.
    fn over(folder: &Path) -> Option<Self> {
        let aside = folder.with_extension("aside");
        std::fs::rename(folder, &aside).unwrap();
        std::fs::create_dir(folder).unwrap();
        let mounted = run("mount", &["-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs", text(folder)]);
        if !mounted {
            tell("passed over: only root can mount a small disk");
            return None;
        }
        let disk = Self(folder.to_owned());
        assert!(run("cp", &["-a", &format!("{}/.", text(&aside)), text(folder)]));
        Some(disk)
    }

    fn make_read_only(&self) {
        assert!(run("mount", &["-o", "remount,ro", text(&self.0)]));
    }

    /// Takes all the room there is.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let mut file = File::create(&path).unwrap();
        // From large pieces to single bytes, until nothing more fits.
        for size in [1024 * 1024, 4_096, 1] {
            while file.write_all(&vec![0; size]).is_ok() {}
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        run("umount", &["-l", text(&self.0)]);
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn run(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

fn tell(text: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{text}").unwrap();
}

fn stopped() -> Product {
    let mut product = Product::start();
    assert_eq!(product.chat("before").status, 200);
    product.stop();
    product
}

fn data(product: &Product) -> PathBuf {
    product.folder.path().join("data")
}

/// Asks the server until it refuses; the events of what it answered, and the refusal.
fn until_refused(product: &Product) -> (Vec<String>, Answer) {
    let mut answered = Vec::new();
    loop {
        let answer = product.chat(&format!("question {}", answered.len()));
        if answer.status != 200 {
            return (answered, answer);
        }
        assert!(answered.len() < 20_000, "the fault did not fire");
        answered.push(answer.headers["picket-event"].to_str().unwrap().to_owned());
    }
}

fn attach(product: &mut Product, served: &Served) {
    product.gateway.clone_from(&served.gateway);
    product.api.clone_from(&served.api);
}

/// An administrative act, which must not happen where it cannot be recorded.
fn assert_acts_are_refused(product: &Product) {
    let keys = product.get("/v1/keys").as_array().unwrap().len();
    let refused = product.admin(Method::POST, "/v1/keys", &json!({"user": "mallory@example.com"}));
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert_eq!(product.get("/v1/keys").as_array().unwrap().len(), keys, "an act was done and not recorded");
}

fn causes(product: &Product) -> String {
    product.admin(Method::GET, "/v1/health", &Value::Null).json()["causes"].to_string()
}

fn assert_recorded(product: &Product, events: &[String]) {
    for event in events {
        let found = product.admin(Method::GET, &format!("/v1/events/{event}"), &Value::Null);
        assert_eq!(found.status, 200, "{event} was acknowledged, and is lost: {}", found.text);
    }
    let verified = product.admin(Method::POST, "/v1/log/verify", &Value::Null).json();
    assert_eq!(verified["passed"], true, "{verified}");
}

#[test]
fn a_full_disk_refuses_what_cannot_be_recorded_and_goes_on_when_there_is_room() {
    let mut product = stopped();
    let Some(disk) = SmallDisk::over(&data(&product)) else { return };
    let served = serve(&product);
    attach(&mut product, &served);
    let filler = disk.fill();
    let (answered, refused) = until_refused(&product);
    assert_eq!(refused.status, 503, "{}", refused.text);
    assert_acts_are_refused(&product);
    assert!(causes(&product).contains("the disk is full"), "{}", causes(&product));
    std::fs::remove_file(filler).unwrap();
    product.wait("room to be noticed", |product| (product.chat("again").status == 200).then_some(()));
    assert_recorded(&product, &answered);
    // What found room is found by search as well.
    let last = product.chat("and again");
    product.event_of(&last);
    product.wait("the index", |product| {
        let newest = product.get("/v1/events?limit=1");
        (newest[0]["event_id"].as_str() == last.headers["picket-event"].to_str().ok()).then_some(())
    });
    drop(served);
}

/// An answer that runs until its caller leaves.
fn running(product: &Product) -> TcpStream {
    let body =
        json!({"model": "gpt-4o", "stream": true, "messages": [{"role": "user", "content": "#words=9000 #pace=40"}]});
    let (body, mut stream) =
        (body.to_string(), TcpStream::connect(product.gateway.trim_start_matches("http://")).unwrap());
    let head = format!("host: x\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n", product.key, body.len());
    write!(stream, "POST /v1/chat/completions HTTP/1.1\r\n{head}\r\n{body}").unwrap();
    let mut begun = [0; 256];
    stream.read_exact(&mut begun).unwrap();
    assert!(begun.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&begun));
    stream
}

fn metric(product: &Product, name: &str) -> String {
    let text = product.admin(Method::GET, "/metrics", &Value::Null).text;
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).unwrap().to_owned()
}

#[test]
fn the_end_of_a_request_that_a_full_disk_refused_is_recorded_when_there_is_room_or_before_the_stop() {
    let mut product = stopped();
    let Some(disk) = SmallDisk::over(&data(&product)) else { return };
    let mut served = serve(&product);
    attach(&mut product, &served);
    for (round, is_stopped) in [false, true].into_iter().enumerate() {
        let answers = [running(&product), running(&product)];
        let open = product.get("/v1/events?open=true").as_array().unwrap().len();
        let filler = disk.fill();
        until_refused(&product);
        drop(answers);
        product.wait("ends that wait", |product| (metric(product, "picket_gateway_ends_waiting") == "2").then_some(()));
        std::fs::remove_file(filler).unwrap();
        if is_stopped {
            terminate(&mut served.child);
            served = serve(&product);
            attach(&mut product, &served);
        }
        let gone = product.events("?outcome=client_gone", 2 * (round + 1));
        assert_eq!((open, gone.len()), (2, 2 * (round + 1)), "{gone:?}");
        product.wait("all to be closed", |product| {
            product.get("/v1/events?open=true").as_array().unwrap().is_empty().then_some(())
        });
        assert_eq!(product.get("/v1/events?outcome=unknown").as_array().unwrap().len(), 0);
        assert_eq!(metric(&product, "picket_gateway_ends_lost_total"), "0");
    }
    assert_recorded(&product, &[]);
}

#[test]
fn after_one_failed_sync_nothing_is_written_until_a_restart_and_nothing_acknowledged_is_lost() {
    if !run("strace", &["-V"]) {
        tell("passed over: strace is not installed");
        return;
    }
    let mut product = stopped();
    // Each thread's 30th sync fails, once; all later ones would succeed.
    let inject = ["strace", "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e"];
    let inject = [inject.as_slice(), &["inject=fsync,fdatasync:error=EIO:when=30"]].concat();
    let mut served = ready(command(&product, &inject).spawn().unwrap());
    attach(&mut product, &served);
    let (answered, refused) = until_refused(&product);
    assert_eq!(refused.status, 503, "{}", refused.text);
    for _ in 0..5 {
        assert_eq!(product.chat("a sync would succeed now").status, 503);
    }
    assert_acts_are_refused(&product);
    assert!(causes(&product).contains("until the program is restarted"), "{}", causes(&product));
    assert!(kill(&mut served.child));
    let served = serve(&product);
    attach(&mut product, &served);
    assert_recorded(&product, &answered);
    assert_eq!(product.chat("after the restart").status, 200);
}

#[test]
fn a_read_only_data_folder_is_a_refusal_to_start_that_names_it() {
    let product = stopped();
    let Some(disk) = SmallDisk::over(&data(&product)) else { return };
    disk.make_read_only();
    let said = refusal(&product);
    assert!(said.contains("picket.db") && said.contains("cannot be opened for writing"), "{said}");
}

#[test]
fn a_second_process_on_one_data_folder_is_refused() {
    let product = stopped();
    let served = serve(&product);
    let said = refusal(&product);
    assert!(said.contains("another process uses this store"), "{said}");
    drop(served);
}

#[test]
fn a_damaged_page_is_a_refusal_to_start_that_names_the_file_and_the_finding() {
    let product = stopped();
    let path = data(&product).join("picket.db");
    let pages = std::fs::metadata(&path).unwrap().len() / 4_096;
    let mut file = File::options().write(true).open(&path).unwrap();
    for page in pages / 2..pages {
        file.seek(SeekFrom::Start(page * 4_096)).unwrap();
        file.write_all(&[0xaa; 4_096]).unwrap();
    }
    let said = refusal(&product);
    assert!(said.contains("picket.db: the database is damaged (") && said.contains("restore a backup"), "{said}");
}

#[test]
fn data_from_before_the_newest_checkpoint_is_a_refusal_to_start() {
    let mut product = stopped();
    let old = std::fs::read(data(&product).join("picket.db")).unwrap();
    let served = serve(&product);
    attach(&mut product, &served);
    let signed = |product: &Product| {
        let logs = product.get("/v1/log");
        let log = logs.as_array().unwrap().iter().find(|log| log["kind"] == "workspace").unwrap().clone();
        let note =
            product.admin(Method::GET, &format!("/v1/log/{}/checkpoint", log["id"].as_str().unwrap()), &Value::Null);
        note.text.lines().nth(1).and_then(|size| size.parse().ok()) == log["size"].as_u64()
    };
    assert_eq!(product.chat("after the copy").status, 200);
    product.wait("a checkpoint of it", |product| signed(product).then_some(()));
    drop(served);
    for name in ["picket.db-wal", "picket.db-shm"] {
        drop(std::fs::remove_file(data(&product).join(name)));
    }
    std::fs::write(data(&product).join("picket.db"), old).unwrap();
    let said = refusal(&product);
    assert!(said.contains("LOG_ROLLBACK"), "{said}");
}
