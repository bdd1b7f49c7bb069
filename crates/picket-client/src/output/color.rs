//! Colour, where it is wanted: words of severity, decision and status, headings, and the name before an error.
//!
//! Colour only repeats what the words say. `--color` decides, else NO_COLOR, FORCE_COLOR, TERM and whether somebody
//! looks.

use super::When;
use crate::profile::variable;
use anstream::{AutoStream, ColorChoice};
use std::io;

const RESET: &str = "\u{1b}[0m";
const BOLD: &str = "\u{1b}[1m";
const BOLD_RED: &str = "\u{1b}[1;31m";
const RED: &str = "\u{1b}[31m";
const YELLOW: &str = "\u{1b}[33m";
const CYAN: &str = "\u{1b}[36m";
const GREEN: &str = "\u{1b}[32m";

/// Decides for the whole program.
pub fn choose(when: When) {
    let is_forced = variable("FORCE_COLOR").is_some_and(|value| value != "0") && variable("NO_COLOR").is_none();
    let choice = match when {
        When::Always => ColorChoice::Always,
        When::Never => ColorChoice::Never,
        When::Auto if is_forced => ColorChoice::Always,
        When::Auto => ColorChoice::Auto,
    };
    choice.write_global();
}

/// The colour of a word.
fn of(word: &str) -> Option<&'static str> {
    Some(match word {
        "critical" => BOLD_RED,
        "high" | "blocked" | "failed" | "false" => RED,
        "medium" | "escalated" | "pending" | "flagged" => YELLOW,
        "redacted" => CYAN,
        "allowed" | "approved" | "active" | "done" | "true" => GREEN,
        _ => return None,
    })
}

/// A cell for standard output.
pub fn paint(word: &str) -> String {
    match of(word).filter(|_color| AutoStream::choice(&io::stdout()) != ColorChoice::Never) {
        Some(color) => format!("{color}{word}{RESET}"),
        None => word.to_owned(),
    }
}

/// What stands before an error, for standard error.
pub fn failure(text: &str) -> String {
    if AutoStream::choice(&io::stderr()) == ColorChoice::Never {
        text.to_owned()
    } else {
        format!("{BOLD_RED}{text}{RESET}")
    }
}

/// A table that is laid out already, in columns that its heading shows.
pub(super) fn table(text: &str) -> String {
    if AutoStream::choice(&io::stdout()) == ColorChoice::Never {
        return text.to_owned();
    }
    let mut lines = text.lines();
    let heading = lines.next().unwrap_or_default();
    let painted = lines.map(|line| line.split_inclusive(' ').map(painted).collect::<String>() + "\n");
    std::iter::once(format!("{BOLD}{heading}{RESET}\n")).chain(painted).collect()
}

/// A word of a line with the space after it.
fn painted(word: &str) -> String {
    let bare = word.trim_end();
    word.replacen(bare, &paint(bare), usize::from(!bare.is_empty()))
}
