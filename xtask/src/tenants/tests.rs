use super::*;

const SCHEMA: &str = "CREATE TABLE thing (id TEXT PRIMARY KEY, workspace TEXT NOT NULL, UNIQUE (workspace, id)) STRICT;
    CREATE TABLE hold (workspace TEXT NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (workspace, digest)) STRICT;
    CREATE TABLE late (id TEXT); ALTER TABLE late ADD COLUMN workspace TEXT;
    CREATE TABLE part (thing TEXT NOT NULL, n INTEGER CHECK (n > 0)) STRICT;
    CREATE INDEX thing_newest ON thing (workspace, id)";

fn tables() -> BTreeSet<String> {
    sql::tables_with_workspace(SCHEMA)
}

#[test]
fn tables_are_those_that_define_the_column() {
    assert_eq!(tables().iter().map(String::as_str).collect::<Vec<_>>(), ["hold", "late", "thing"]);
}

#[test]
fn a_statement_that_forgets_whose_rows_it_means_is_found() {
    for text in [
        "SELECT id FROM thing",
        "SELECT id, workspace FROM thing WHERE id = ?1",
        "SELECT {COLUMNS} FROM thing WHERE id = ?1",
        "SELECT count(*) FROM part, thing WHERE thing.id = ?1",
        "SELECT 1 FROM part JOIN thing ON thing.id = part.thing WHERE part.thing = ?1",
        "SELECT id FROM thing WHERE workspace IS NOT NULL",
        "SELECT id FROM thing WHERE name = 'workspace = ?1'",
        "SELECT id FROM thing WHERE workspace = ?1 OR id = ?2",
        "SELECT id FROM thing ORDER BY workspace = ?1",
        "UPDATE thing SET name = ?2 WHERE id = ?1",
        "UPDATE thing SET workspace = ?2 WHERE id = ?1",
        "UPDATE thing SET name = ?2 WHERE workspace = ?1 AND id IN (SELECT digest FROM hold)",
        "UPDATE thing SET name = (SELECT max(id) FROM thing) WHERE workspace = ?1",
        "DELETE FROM thing WHERE id = ?1",
        "DELETE FROM late",
        "INSERT INTO thing (id, name) VALUES (?1, ?2)",
        "INSERT INTO thing VALUES (?1, ?2)",
        "INSERT INTO thing (id, workspace) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET name = excluded.name",
        "INSERT INTO thing (id, workspace) SELECT max(id), ?1 FROM thing",
        "INSERT OR REPLACE INTO thing (id, workspace) VALUES (?1, ?2)",
        "REPLACE INTO thing (id, workspace) VALUES (?1, ?2)",
        "SELECT id FROM {table} WHERE workspace = ?1",
        "SELECT n FROM (SELECT id AS n FROM thing WHERE id > ?1)",
    ] {
        assert!(sql::problem(text, &tables()).is_some(), "{text}");
    }
}

#[test]
fn a_statement_that_says_whose_rows_it_means_passes() {
    for text in [
        "SELECT id FROM thing WHERE workspace = ?1",
        "SELECT {COLUMNS} FROM thing WHERE workspace = ?1 AND (?2 IS NULL OR state = ?2) ORDER BY id LIMIT ?3",
        "SELECT name FROM thing JOIN part ON part.thing = thing.id WHERE thing.workspace = ?1 AND part.n = ?2",
        "UPDATE thing SET name = ?3 WHERE id = ?1 AND workspace = ?2",
        "UPDATE thing SET name = 'a' WHERE id IN (SELECT id FROM thing WHERE workspace = ?1 LIMIT ?2) RETURNING id",
        "DELETE FROM hold WHERE rowid IN (SELECT rowid FROM hold WHERE workspace = ?1)",
        "INSERT INTO thing (id, workspace) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING",
        "INSERT INTO hold (workspace, digest) VALUES (?1, ?2) ON CONFLICT (workspace, digest) DO UPDATE SET n = excluded.n",
        "INSERT INTO thing (workspace, id) SELECT ?1, coalesce(max(id), 0) + 1 FROM thing WHERE workspace = ?1",
        "SELECT n FROM part WHERE thing = ?1",
        "SELECT n FROM (SELECT id AS n FROM thing WHERE workspace = ?1)",
        "a text that says what to UPDATE",
        SCHEMA,
    ] {
        assert_eq!(sql::problem(text, &tables()), None, "{text}");
    }
}

#[test]
fn literals_are_what_the_program_has() {
    let source = "// \"no\"\n/* \"no\" /* \"no\" */ \"no\" */ fn f<'a>(x: &'a str) {\n  g('\"', '\\'', \"one \\\n     two\", r#\"three \"x\" \"#, b\"four\");\n  let r = \"five\\\"\";\n}";
    let found: Vec<(usize, String)> = literals::of(source).into_iter().map(|one| (one.line, one.text)).collect();
    let expected = [(3, "one two"), (4, "three \"x\" "), (4, "four"), (5, "five\"")];
    assert_eq!(found, expected.map(|(line, text)| (line, text.to_owned())));
}

/// The product as it is, with one source more or changed.
fn checked(change: impl FnOnce(&mut Vec<Source>)) -> Vec<String> {
    let mut sources = crate::tidy::sources().unwrap();
    change(&mut sources);
    check(&sources)
}

#[test]
fn the_product_passes_and_one_query_that_forgets_its_workspace_does_not() {
    assert_eq!(checked(|_sources| ()), Vec::<String>::new());
    let file = "crates/picket-store/src/incidents.rs";
    let found = checked(|sources| {
        let (_, text) = sources.iter_mut().find(|(name, _)| name == file).unwrap();
        *text = text.replace("FROM incident WHERE workspace = ?1 AND id = ?2", "FROM incident WHERE id = ?2");
    });
    assert!(found.len() == 1 && found[0].starts_with(file) && found[0].contains("`incident` has rows"), "{found:?}");
    let found = checked(|sources| sources.retain(|(name, _)| !name.ends_with("credentials.rs")));
    assert!(found.len() == 2 && found.iter().all(|found| found.contains("is allowed once")), "{found:?}");
}

#[test]
fn no_handler_makes_a_workspace_of_a_text() {
    for (name, text) in [
        ("crates/picket-api/src/v1/keys.rs", "let whose = Workspace::parse(&wanted.workspace)?;"),
        ("crates/picket-api-types/src/key.rs", "pub workspace: Workspace,"),
        ("crates/picket-gateway/src/serve.rs", "Workspace::random()"),
    ] {
        let found = checked(|sources| sources.push((name.to_owned(), format!("//! A module.\n{text}\n"))));
        assert!(found.len() == 1 && found[0].starts_with(&format!("{name}:2: ")), "{found:?}");
    }
}
