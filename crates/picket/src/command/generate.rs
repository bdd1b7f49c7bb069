//! Completions, and the reference documents that come from the code.

use crate::args::Arguments;
use crate::failure::{Failure, Kind};
use crate::output;
use clap::CommandFactory as _;
use clap_complete::Shell;
use picket_event::types::{self, Stand};
use std::fmt::Write as _;
use std::path::Path;

pub(super) fn completion(shell: Shell) -> Result<(), Failure> {
    // To memory first: the generator panics where a pipe is closed.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "picket", &mut script);
    output::print(&with_other_name(shell, &String::from_utf8_lossy(&script)))
}

/// A completion script that serves the program under its other name too.
fn with_other_name(shell: Shell, script: &str) -> String {
    let end_of_line = |script: &str, end: &str| script.replace(&format!("{end}\n"), &format!("{end} kt\n"));
    match shell {
        Shell::Bash => end_of_line(script, "-o default picket"),
        Shell::Zsh => end_of_line(&end_of_line(script, "#compdef picket"), "compdef _picket picket"),
        Shell::Fish => format!("{script}complete -c kt -w picket\n"),
        Shell::Elvish => {
            format!("{script}\nset edit:completion:arg-completer[kt] = $edit:completion:arg-completer[picket]\n")
        }
        Shell::PowerShell => script.replace("-CommandName 'picket' ", "-CommandName 'picket', 'kt' "),
        _ => script.to_owned(),
    }
}

/// Writes, or compares, the documents.
pub(super) fn documents(folder: &Path, check: bool) -> Result<(), Failure> {
    let openapi = serde_json::to_string_pretty(&picket_api::openapi())? + "\n";
    let all = [("cli.md", commands()), ("events.md", events()), ("openapi.json", openapi), ("routes.md", routes())];
    for (name, text) in all {
        let path = folder.join(name);
        if check {
            let present = std::fs::read_to_string(&path).unwrap_or_default();
            if present != text {
                return Err(Failure::new(Kind::Gate, format!("{} is out of date; run `cargo xt gen`", path.display())));
            }
        } else {
            std::fs::create_dir_all(folder)?;
            std::fs::write(&path, text)?;
        }
    }
    Ok(())
}

fn commands() -> String {
    let mut text = "# Command line\n\nWritten by `cargo xt gen`; `kt` is another name of `picket`.\n".to_owned();
    let mut command = Arguments::command();
    command.build();
    text.push_str("\n## Options of every command\n\n");
    for arg in command.get_arguments().filter(|arg| arg.is_global_set()) {
        option(arg, &mut text);
    }
    describe(&command, "picket", &mut text);
    text
}

fn describe(command: &clap::Command, name: &str, text: &mut String) {
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
        let name = format!("{name} {}", sub.get_name());
        if sub.get_subcommands().next().is_some() {
            describe(sub, &name, text);
            continue;
        }
        let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
        write!(text, "\n## {name}\n{about}\n\n").unwrap_or_default();
        for arg in
            sub.get_arguments().filter(|arg| !arg.is_hide_set() && !arg.is_global_set() && arg.get_id() != "help")
        {
            option(arg, text);
        }
        if let Some(examples) = sub.get_after_help().map(ToString::to_string) {
            let lines: String = examples.lines().skip(1).map(|line| format!("{}\n", line.trim())).collect();
            write!(text, "\n```sh\n{lines}```\n").unwrap_or_default();
        }
    }
}

fn option(arg: &clap::Arg, text: &mut String) {
    let flag = arg.get_long().map_or_else(|| format!("<{}>", arg.get_id()), |long| format!("--{long}"));
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    writeln!(text, "* `{flag}`: {help}").unwrap_or_default();
}

fn events() -> String {
    let mut text =
        "# Types of events\n\nWritten by `cargo xt gen`. What an event holds is in [events](../concepts/events.md).\n"
            .to_owned();
    for (stand, heading) in [
        (
            Stand::Log,
            "Destinations may name these, their families (`escalation.*`), or `*`, which is all but `delivery.*`",
        ),
        (Stand::Shown, "Shown as such, while the log has a request; destinations may name them, too"),
        (Stand::Half, "In the log only"),
        (Stand::Probe, "At a receiver only"),
        (Stand::Foreign, "Of other systems: rules, renderings and packs read them"),
    ] {
        write!(text, "\n## {heading}\n\n| type | what happened |\n|---|---|\n").unwrap_or_default();
        for known in types::ALL.iter().filter(|known| known.stand == stand) {
            writeln!(text, "| `{}` | {} |", known.name, known.meaning).unwrap_or_default();
        }
    }
    text
}

fn routes() -> String {
    let mut text = "# Routes of the control API\n\nWritten by `cargo xt gen`.\n\n| method | path | permission | what |\n|---|---|---|---|\n".to_owned();
    for route in picket_api::ROUTES {
        writeln!(text, "| {} | `{}` | {:?} | {} |", route.method, route.path, route.permission, route.summary)
            .unwrap_or_default();
    }
    text
}
