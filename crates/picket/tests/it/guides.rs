//! What README and guides print, run as it stands by somebody who has only the program.

use crate::commands::run;
use crate::harness::Product;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// Ends with the test, whatever happens.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// README and guides, by name.
fn documents() -> Vec<(String, String)> {
    let guides = std::fs::read_dir(root().join("docs/guide")).unwrap().map(|file| file.unwrap().path());
    let mut paths: Vec<PathBuf> = guides.collect();
    paths.sort();
    paths.insert(0, root().join("README.md"));
    paths.into_iter().map(|path| (path.display().to_string(), std::fs::read_to_string(path).unwrap())).collect()
}

/// The blocks of a language.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    text.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// A terminal of somebody who has nothing but what was printed.
struct Terminal {
    folder: tempfile::TempDir,
    exports: String,
    url: String,
}

impl Terminal {
    fn command(&self, line: &str) -> Command {
        let bin = Path::new(env!("CARGO_BIN_EXE_kt")).parent().unwrap();
        let mut shell = Command::new("bash");
        shell.args(["-c", &format!("{}{line}", self.exports)]).current_dir(self.folder.path());
        shell.env("PATH", format!("{}:{}", bin.display(), std::env::var("PATH").unwrap()));
        shell.env("HOME", self.folder.path()).env("PICKET_URL", &self.url);
        for name in ["XDG_CONFIG_HOME", "PICKET_TOKEN", "API_TOKEN"] {
            shell.env_remove(name);
        }
        shell
    }

    /// Runs a line with something pasted into it.
    fn run(&self, line: &str, pasted: &str) -> Output {
        let mut command = self.command(line);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A command that reads nothing may be gone already.
        child.stdin.take().unwrap().write_all(pasted.as_bytes()).unwrap_or_default();
        child.wait_with_output().unwrap()
    }

    /// Serves as it is printed; the set-up token.
    fn serve(&mut self, line: &str) -> (Serving, String) {
        let mut command = self.command(&format!("exec {line}"));
        let mut serving = Serving(command.stderr(Stdio::piped()).spawn().unwrap());
        let mut lines = BufReader::new(serving.0.stderr.take().unwrap()).lines().map_while(Result::ok);
        let mut token = None;
        for said in lines.by_ref() {
            if let Some(url) = said.strip_prefix("control API") {
                url.trim().clone_into(&mut self.url);
            }
            token = said.split("PICKET_TOKEN=").nth(1).map(|rest| rest.split(' ').next().unwrap().to_owned());
            if token.is_some() {
                break;
            }
        }
        std::thread::spawn(move || lines.for_each(drop));
        (serving, token.unwrap())
    }
}

#[test]
fn a_stranger_gets_from_the_readme_to_an_answer_and_every_printed_command_works() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let mut terminal = Terminal { folder: tempfile::tempdir().unwrap(), exports: String::new(), url: String::new() };
    // Only the ports are free ones.
    let yaml =
        blocks(&readme, "yaml")[0].replace("127.0.0.1:8080", "127.0.0.1:0").replace("127.0.0.1:8081", "127.0.0.1:0");
    std::fs::write(terminal.folder.path().join("picket.yaml"), yaml).unwrap();
    let mut serving = None;
    let mut ran = 0;
    for (name, text) in documents() {
        for line in blocks(&text, "sh").into_iter().flat_map(str::lines).filter(|line| !line.starts_with("cargo ")) {
            if line.starts_with("export ") {
                writeln!(terminal.exports, "{line}").unwrap();
                continue;
            }
            if line.starts_with("picket serve ") {
                serving = Some(terminal.serve(line));
                continue;
            }
            let endless = line.starts_with("picket events tail");
            let line = if endless { format!("timeout -s INT --preserve-status 2 {line}") } else { line.to_owned() };
            let token = serving.as_ref().map_or("", |(_, token)| token.as_str());
            let output = terminal.run(&line, &format!("{token}\n"));
            let error = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(if endless { 130 } else { 0 }), "{name}: {line}: {error}");
            ran += 1;
        }
    }
    assert!(serving.is_some() && ran >= 13, "{ran} commands were found");
}

#[test]
fn every_command_in_a_sentence_of_the_guides_exists_with_its_options() {
    let product = Product::start();
    let mut seen = 0;
    for (name, text) in documents() {
        let spans = text.split('`').skip(1).step_by(2);
        for line in spans.filter(|span| span.starts_with("picket ") && !span.contains('\n')) {
            // What stands for one of several words is not a pipe, nor a place for something a file.
            let line = line.replace(" | ", "|").split('|').next().unwrap().to_owned();
            let output = run(&product, &format!("{line} --help"));
            assert!(output.status.success(), "{name}: {line}: {}", String::from_utf8_lossy(&output.stderr));
            seen += 1;
        }
    }
    assert!(seen >= 15, "{seen} commands were found");
}

#[test]
fn the_policy_of_the_guide_passes_its_own_cases() {
    let product = Product::start();
    let guide = std::fs::read_to_string(root().join("docs/guide/policies.md")).unwrap();
    let yaml = blocks(&guide, "yaml");
    std::fs::write(product.folder.path().join("policy.yaml"), yaml[0]).unwrap();
    std::fs::write(product.folder.path().join("cases.yaml"), yaml[1]).unwrap();
    let printed = "picket policy test policy.yaml --cases cases.yaml";
    assert!(guide.contains(&format!("`{printed}`")));
    let output = run(&product, printed);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stderr).contains("2 passed, 0 failed"));
}
