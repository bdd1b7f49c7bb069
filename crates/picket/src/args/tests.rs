//! The help of commands.

use super::*;

/// The commands of a shell line, each as its words: quotes are taken off, and what is redirected is left out.
fn commands(line: &str) -> Vec<Vec<String>> {
    let (mut commands, mut words, mut word, mut quote) = (Vec::new(), Vec::new(), None::<String>, None);
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (Some('\''), _) | (Some(_), ' ' | '|' | '<' | '>' | '\'' | '#') => {
                word.get_or_insert_default().push(character)
            }
            (None, '\'' | '"') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (_, '\\') => word.get_or_insert_default().extend(characters.next()),
            (None, ' ') => words.extend(word.take()),
            (None, '|') => {
                words.extend(word.take());
                commands.push(std::mem::take(&mut words));
            }
            (None, '#') if word.is_none() => break,
            (None, '<' | '>') => {
                words.extend(word.take());
                // The file that follows is no argument.
                while characters.next_if_eq(&' ').is_some() {}
                while characters.next_if(|next| *next != ' ').is_some() {}
            }
            _ => word.get_or_insert_default().push(character),
        }
    }
    assert_eq!(quote, None, "a quote is left open: {line}");
    words.extend(word);
    commands.push(words);
    commands
}

/// The path of the command that a command line calls, if it can be called so.
fn called(words: &[String]) -> Result<String, clap::Error> {
    let matches = Arguments::command().try_get_matches_from(words)?;
    Arguments::from_arg_matches(&matches)?;
    let (mut path, mut inner) = ("picket".to_owned(), matches.subcommand());
    while let Some((name, matches)) = inner {
        path = format!("{path} {name}");
        inner = matches.subcommand();
    }
    Ok(path)
}

/// What the help of a command shows as examples.
fn examples(command: &clap::Command) -> Vec<String> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let shown = help.split_once("Examples:\n").map(|(_before, after)| after).unwrap_or_default();
    shown.lines().map_while(|line| line.strip_prefix("  ")).map(str::to_owned).collect()
}

fn check(command: &clap::Command, path: &str) {
    let shown = examples(command);
    assert!(!shown.is_empty(), "`{path} --help` has no examples");
    for example in &shown {
        let calls: Vec<_> = commands(example).into_iter().filter(|words| words[0] == "picket").collect();
        assert_eq!(calls.len(), 1, "{path}: an example calls picket once: {example}");
        let called = called(&calls[0]).unwrap_or_else(|error| panic!("{path}: {example}\n{error}"));
        assert!(called == path || called.starts_with(&format!("{path} ")), "{path}: {example} is of another command");
    }
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set() && inner.get_name() != "help") {
        check(inner, &format!("{path} {}", inner.get_name()));
    }
}

#[test]
fn the_help_of_every_command_has_examples_that_can_be_called() {
    let mut command = Arguments::command();
    command.build();
    check(&command, "picket");
}

/// An option of a command that has the name of one that all commands have takes its value: it would lead the command, and
/// the token with it, elsewhere.
fn assert_no_option_is_of_all(command: &clap::Command, path: &str, all: &[&clap::Arg]) {
    for arg in command.get_arguments().filter(|arg| !arg.is_global_set()) {
        let is_of_all = |other: &&&clap::Arg| {
            other.get_id() == arg.get_id() || other.get_long().is_some() && other.get_long() == arg.get_long()
        };
        let taken = all.iter().find(is_of_all).map(|other| other.get_id());
        assert!(taken.is_none(), "{path}: `{}` is an option of all commands", arg.get_id());
    }
    for inner in command.get_subcommands() {
        assert_no_option_is_of_all(inner, &format!("{path} {}", inner.get_name()), all);
    }
}

#[test]
fn no_command_has_an_option_with_the_name_of_one_that_all_commands_have() {
    let command = Arguments::command();
    let all: Vec<&clap::Arg> = command.get_arguments().filter(|arg| arg.is_global_set()).collect();
    assert!(all.iter().any(|arg| arg.get_id() == "url"));
    assert_no_option_is_of_all(&command, "picket", &all);
}

#[test]
fn an_example_is_read_as_a_shell_reads_it() {
    let line = r#"echo '{"a": "b|c"}' | picket detect --check "a \"b\" > c" < in.txt > out | jq '.[] | .x'   # so"#;
    let expected: [&[&str]; 3] =
        [&["echo", r#"{"a": "b|c"}"#], &["picket", "detect", "--check", r#"a "b" > c"#], &["jq", ".[] | .x"]];
    assert_eq!(commands(line), expected);
    let wrong = ["picket", "export", "create", "--format", "table"].map(str::to_owned);
    let error = called(&wrong).unwrap_err().to_string();
    assert!(error.contains("[possible values: json, ndjson, csv, parquet]"), "{error}");
}
