//! Texts of our own: templates, and the lists that they draw from.
//!
//! A file has lists, `[name]` and then items between ` | ` or line ends; `{name}` in an item stands for an item of that
//! list, `\n` for a new line; a line that begins with `# ` says something about the file. `{nothing}` is empty.

use crate::Outcome;
use crate::draws::Draws;
use std::collections::BTreeMap;
use std::path::Path;

/// Lists refer to each other so deep at most; beyond, the name of a list stands for itself.
const DEPTH_MAX: usize = 9;

/// Lists of templates, by name.
#[derive(Debug, Default)]
pub struct Templates {
    lists: BTreeMap<String, Vec<String>>,
}

impl Templates {
    /// Reads files of a folder; lists of one name go on in the next file.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(folder: &Path, names: &[&str]) -> Outcome<Self> {
        let mut templates = Self::default();
        templates.lists.insert("nothing".to_owned(), vec![String::new()]);
        for name in names {
            let file = folder.join(name);
            let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            templates.add(&text);
        }
        Ok(templates)
    }

    fn add(&mut self, text: &str) {
        let mut name = String::new();
        for line in text.lines().filter(|line| !line.starts_with("# ") && !line.trim().is_empty()) {
            match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                Some(list) => list.clone_into(&mut name),
                None => {
                    let items = line.split(" | ").map(|item| item.trim().to_owned());
                    self.lists.entry(name.clone()).or_default().extend(items);
                }
            }
        }
    }

    /// Tells which of these lists are missing.
    ///
    /// # Errors
    /// When one is.
    pub fn expect(&self, names: &[&str]) -> Outcome<()> {
        match names.iter().find(|name| !self.lists.contains_key(**name)) {
            Some(name) => Err(format!("there is no list `{name}`").into()),
            None => Ok(()),
        }
    }

    /// A text of a list.
    pub fn draw(&self, list: &str, draws: &mut Draws) -> String {
        self.draw_in(list, "", draws)
    }

    /// A text of a list in a language: of `list_language` where there is such a list, and so for what it refers to.
    pub fn draw_in(&self, list: &str, language: &str, draws: &mut Draws) -> String {
        let mut text = String::new();
        self.put(list, language, draws, DEPTH_MAX, &mut text);
        text.replace("\\n", "\n")
    }

    fn put(&self, list: &str, language: &str, draws: &mut Draws, depth: usize, text: &mut String) {
        let own = self.lists.get(&format!("{list}_{language}")).or_else(|| self.lists.get(list));
        let Some(item) = own.filter(|_| depth > 0).and_then(|own| draws.one(own)) else {
            text.push_str(list);
            return;
        };
        let mut rest = item.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            rest = match after.split_once('}').filter(|(name, _)| self.lists.contains_key(*name)) {
                Some((name, tail)) => {
                    self.put(name, language, draws, depth - 1, text);
                    tail
                }
                None => {
                    text.push('{');
                    after
                }
            };
        }
        text.push_str(rest);
    }
}

#[cfg(test)]
mod tests;
