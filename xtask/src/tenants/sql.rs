//! As much of SQL as the product writes: words in upper case, columns by name, `?1` for what is bound.

use std::collections::BTreeSet;

const COLUMN: &str = "workspace";

/// Tables that a schema makes with a column `workspace`.
pub(crate) fn tables_with_workspace(text: &str) -> BTreeSet<String> {
    let words = words(text);
    let mut tables = BTreeSet::new();
    for (at, pair) in words.windows(3).enumerate() {
        let [first, second, name] = pair else { continue };
        if (first.as_str(), second.as_str()) == ("CREATE", "TABLE") && has_column(&words, at + 3) {
            tables.insert(name.clone());
        }
        let added = words.get(at + 3..at + 6).unwrap_or_default();
        if (first.as_str(), second.as_str()) == ("ALTER", "TABLE") && added == ["ADD", "COLUMN", COLUMN] {
            tables.insert(name.clone());
        }
    }
    tables
}

/// Whether the list that begins at a word defines the column: it stands right after the bracket or a comma.
fn has_column(words: &[String], open: usize) -> bool {
    let mut depth = 0_usize;
    let list = words.iter().skip(open);
    let pairs = list.clone().zip(list.skip(1));
    for (word, next) in pairs {
        match word.as_str() {
            "(" => depth += 1,
            ")" if depth <= 1 => return false,
            ")" => depth -= 1,
            _ => {}
        }
        if depth == 1 && matches!(word.as_str(), "(" | ",") && next == COLUMN {
            return true;
        }
    }
    false
}

/// Why a text may touch rows of every workspace; `None` if it does not, or is no statement.
pub(crate) fn problem(text: &str, tables: &BTreeSet<String>) -> Option<String> {
    let words = words(text);
    let is_statement = |word: &String| matches!(word.as_str(), "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "REPLACE");
    let is_schema = |word: &String| matches!(word.as_str(), "CREATE" | "ALTER");
    if !words.iter().any(is_statement) || words.first().is_some_and(is_schema) {
        return None;
    }
    scope(&words, tables)
}

/// What stands between brackets, with what stands in brackets of its own.
fn scope(words: &[String], tables: &BTreeSet<String>) -> Option<String> {
    let (own, inner) = split(words);
    if let Some(found) = inner.iter().find_map(|inner| scope(inner, tables)) {
        return Some(found);
    }
    if let Some(unseen) = touched(&own).find(|table| table.starts_with('{')) {
        return Some(format!(
            "the table {unseen} is put in when the program runs, so that nobody sees whose rows it has"
        ));
    }
    let table = touched(&own).find(|table| tables.contains(*table))?;
    if own.first().is_some_and(|word| word == "INSERT" || word == "REPLACE") {
        return inserted(&own, words, table);
    }
    let after = own.iter().position(|word| word == "WHERE");
    let conditions = after.and_then(|at| own.get(at..)).unwrap_or_default();
    if conditions.iter().any(|word| word == "OR") {
        return Some(format!(
            "what is read of `{table}` has an OR outside brackets, which opens it to every workspace"
        ));
    }
    // `id IN (SELECT … WHERE workspace = ?1)` is such a condition too.
    let is_bound = is_bound(conditions) || (after.is_some() && inner.iter().any(|inner| bounds_inside(inner)));
    (!is_bound).then(|| format!("`{table}` has rows of every workspace: add `{COLUMN} = ?1` after WHERE"))
}

fn bounds_inside(words: &[String]) -> bool {
    let (own, inner) = split(words);
    let at = own.iter().position(|word| word == "WHERE");
    at.and_then(|at| own.get(at..)).is_some_and(is_bound) || inner.iter().any(|inner| bounds_inside(inner))
}

/// Whether the column is compared with something bound.
fn is_bound(conditions: &[String]) -> bool {
    conditions.windows(3).any(|three| {
        let [column, equal, value] = three else { return false };
        (column == COLUMN || column.ends_with(".workspace")) && equal == "=" && value.starts_with('?')
    })
}

/// Why an insertion is of no workspace, or changes a row of another one.
fn inserted(own: &[String], all: &[String], table: &str) -> Option<String> {
    if own.iter().any(|word| word == "REPLACE") {
        return Some(format!("REPLACE removes whatever row of `{table}` has the key: write INSERT … ON CONFLICT"));
    }
    let list_after = |word: &str| -> Vec<&String> {
        let begin = all.iter().position(|one| one == word).map_or(all.len(), |at| at + 1);
        all.iter().skip(begin).skip_while(|word| *word != "(").take_while(|word| *word != ")").collect()
    };
    if !list_after("INTO").iter().any(|word| *word == COLUMN) {
        return Some(format!("a new row of `{table}` has to say its `{COLUMN}`"));
    }
    let changes = own.windows(2).any(|pair| pair == ["DO", "UPDATE"]);
    if changes && !list_after("CONFLICT").iter().any(|word| *word == COLUMN) {
        return Some(format!("ON CONFLICT changes a row of `{table}` that may be of another workspace"));
    }
    // Rows that come of a SELECT beside it.
    let begin = own.iter().position(|word| word == "SELECT")?;
    let read = own.get(begin..).unwrap_or_default();
    let from = touched(read).any(|from| from == table);
    (from && !is_bound(read)).then(|| format!("what is read of `{table}` is of every workspace: add `{COLUMN} = ?1`"))
}

/// Names of the tables that words read or change, without those in brackets.
fn touched(own: &[String]) -> impl Iterator<Item = &str> {
    let pairs = own.windows(2).enumerate();
    pairs.filter_map(|(at, pair)| {
        let [word, name] = pair else { return None };
        let is_table = match word.as_str() {
            "FROM" | "JOIN" | "INTO" => true,
            "UPDATE" => name != "SET",
            // `FROM a, b`
            "," => is_in_from(own.get(..at).unwrap_or_default()),
            _ => false,
        };
        (is_table && name != "(").then_some(name.as_str())
    })
}

fn is_in_from(before: &[String]) -> bool {
    let last = before.iter().rev().find(|word| word.bytes().all(|byte| byte.is_ascii_uppercase()));
    last.is_some_and(|word| word == "FROM")
}

/// The words outside brackets, and what is inside of each bracket.
fn split(words: &[String]) -> (Vec<String>, Vec<Vec<String>>) {
    let (mut own, mut inner, mut depth) = (Vec::new(), Vec::<Vec<String>>::new(), 0_usize);
    for word in words {
        match word.as_str() {
            "(" => {
                depth += 1;
                if depth == 1 {
                    own.push(word.clone());
                    inner.push(Vec::new());
                    continue;
                }
            }
            ")" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    own.push(word.clone());
                    continue;
                }
            }
            _ => {}
        }
        if depth == 0 {
            own.push(word.clone())
        } else if let Some(last) = inner.last_mut() {
            last.push(word.clone())
        }
    }
    (own, inner)
}

/// Words, numbers, signs; texts in quotes are left out.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_quoted = false;
    let mut is_joined = false;
    for character in text.chars() {
        let is_part = character.is_alphanumeric() || "_.?{}".contains(character);
        if character == '\'' {
            is_quoted = !is_quoted;
        } else if !is_quoted && is_part {
            match words.last_mut().filter(|_word| is_joined) {
                Some(word) => word.push(character),
                None => words.push(character.to_string()),
            }
        } else if !is_quoted && !character.is_whitespace() {
            words.push(character.to_string());
        }
        is_joined = is_part && !is_quoted;
    }
    words
}
