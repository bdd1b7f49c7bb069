//! The program as a process of its own, on the data of a product that was stopped.

use crate::harness::Product;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SIGKILL: i32 = 9;

/// Ends with the test, whatever happens.
pub(crate) struct Served {
    pub(crate) child: Child,
    pub(crate) gateway: String,
    pub(crate) api: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// `picket serve`, perhaps run by another program.
pub(crate) fn command(product: &Product, runner: &[&str]) -> Command {
    let binary = env!("CARGO_BIN_EXE_picket");
    let mut command = match runner {
        [] => Command::new(binary),
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments).arg(binary);
            command
        }
    };
    command.args(["serve", "--config"]).arg(product.folder.path().join("picket.yaml")).stderr(Stdio::piped());
    command
}

pub(crate) fn spawn(product: &Product) -> Child {
    command(product, &[]).spawn().unwrap()
}

/// A server that has started, and what it says from its first word on.
pub(crate) fn begun(product: &Product) -> (Child, impl Iterator<Item = String> + Send + use<>) {
    // Another test may be starting a program, which has a copy of every open file, locks too, until it runs.
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let mut child = spawn(product);
        let mut lines = said(&mut child);
        let mut first = Vec::new();
        for line in lines.by_ref() {
            let is_up = line.starts_with("gateway");
            first.push(line);
            if is_up {
                break;
            }
        }
        let is_locked = first.iter().any(|line| line.contains("another process uses this store"));
        if !is_locked || Instant::now() > deadline {
            return (child, first.into_iter().chain(lines));
        }
        child.wait().unwrap();
    }
}

fn said(child: &mut Child) -> impl Iterator<Item = String> + Send + use<> {
    BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok)
}

/// Serves, and waits until it takes requests.
pub(crate) fn serve(product: &Product) -> Served {
    let (child, lines) = begun(product);
    served(child, lines)
}

pub(crate) fn ready(mut child: Child) -> Served {
    let lines = said(&mut child);
    served(child, lines)
}

fn served(child: Child, mut lines: impl Iterator<Item = String> + Send + 'static) -> Served {
    let mut said = Vec::new();
    let mut address = |name: &str| {
        let line = lines.by_ref().inspect(|line| said.push(line.clone())).find(|line| line.starts_with(name));
        let line = line.unwrap_or_else(|| panic!("the server did not say {name}, but {said:?}"));
        line.split_whitespace().last().unwrap().to_owned()
    };
    let (gateway, api) = (address("gateway"), address("control API"));
    std::thread::spawn(move || lines.for_each(drop));
    Served { child, gateway, api }
}

/// What a server says that refuses to start.
pub(crate) fn refusal(product: &Product) -> String {
    let mut child = spawn(product);
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    let status = child.wait().unwrap();
    assert!(status.code().is_some_and(|code| code != 0), "{status}: {said}");
    said
}

/// Kills; whether that is what ended the server.
pub(crate) fn kill(child: &mut Child) -> bool {
    child.kill().unwrap();
    child.wait().unwrap().signal() == Some(SIGKILL)
}

/// Asks the server to stop, and waits until it has.
pub(crate) fn terminate(child: &mut Child) {
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}");
}
