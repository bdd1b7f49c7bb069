//! `custom` with a `pack`: rules that others wrote, for the late lane.
//!
//! ```yaml
//! imported:
//!   kind: custom
//!   lane: late
//!   pack: atr
//!   categories: [prompt-injection, tool-poisoning]
//!   include: [atr-2026-00099]
//!   exclude: [atr-2026-00001]
//!   action: flag
//! ```

use super::{Asked, Custom, Members};
use crate::document::{Node, suggestion};
use picket_content::custom::pack::{PACKS, Pack, Packed};
use picket_content::custom::{Lane, Spec};
use picket_event::Action;

/// The page that tells what each category costs.
const PAGE: &str = "docs/reference/packs.md";

/// What is chosen of a pack.
pub(super) const MEMBERS: [&str; 3] = ["categories", "include", "exclude"];

impl Members<'_> {
    /// Reads what the document wants of a pack. Whatever is wrong with it, the members are known.
    pub(super) fn packed(&mut self, name: &Node, action: Action, (lane, threshold): (Lane, f32)) -> Custom {
        let lists = MEMBERS.map(|member| self.get(member));
        let Some(pack) = self.pack(name) else { return Custom::none() };
        if lane != Lane::Late {
            let message = "a pack is too slow for requests: write `lane: late` beside it, and what it finds is an event of its own";
            self.problems.at(name, message);
            return Custom::none();
        }
        let all = pack.rules().unwrap_or_else(|cause| {
            self.problems.at(name, cause);
            Vec::new()
        });
        let before = self.problems.list.len();
        let categories: Vec<&str> = pack.categories().collect();
        let ids: Vec<&str> = all.iter().map(|rule| rule.spec.id.as_str()).collect();
        let [wanted, included, excluded] = lists;
        let wanted = self.names(wanted.as_ref(), &categories, |near| {
            format!("the pack has no such category; it has {}{near}", categories.join(", "))
        });
        let mut rules = |node: Option<Node>| {
            self.names(node.as_ref(), &ids, |near| {
                format!("the pack has no such rule: its rules have names such as {}{near}", ids.first().unwrap_or(&"x"))
            })
        };
        let (included, excluded) = (rules(included), rules(excluded));
        let is_on = |rule: &Packed| {
            let id = &rule.spec.id;
            let is_named = included.contains(id);
            let is_of_category = wanted.iter().any(|wanted| wanted == rule.category);
            !excluded.contains(id) && (is_named || (is_of_category && rule.noise.is_none()))
        };
        let chosen: Vec<Packed> = all.iter().filter(|rule| is_on(rule)).cloned().collect();
        if chosen.is_empty() && self.problems.list.len() == before {
            let message = format!(
                "no rule of the pack is on: write `categories: [...]` with some of {}; {PAGE} tells what each costs in false alarms",
                categories.join(", ")
            );
            self.problems.at(name, message);
        }
        let asked = |rule: &Packed| Asked { action, message: Some(rule.title.chars().take(200).collect()) };
        let asked = chosen.iter().map(asked).collect();
        let specs: Vec<Spec> = chosen.into_iter().map(|rule| rule.spec).collect();
        let custom = Custom::compiled(&specs, asked, (lane, threshold), |refusal| {
            let id = specs.get(refusal.rule).map(|spec| spec.id.as_str()).unwrap_or_default();
            self.problems.at(name, format!("{id} {}", refusal.message));
        });
        let pack = format!("pack {} ({}), categories {}", pack.name, pack.source, wanted.join(", "));
        Custom { pack: Some(pack), ..custom }
    }

    fn pack(&mut self, name: &Node) -> Option<&'static Pack> {
        let text = name.text(self.problems)?;
        let pack = Pack::named(text);
        if pack.is_none() {
            let names: Vec<&str> = PACKS.iter().map(|pack| pack.name).collect();
            let near = suggestion(text, &names);
            self.problems.at(name, format!("there is no such pack; there is {}{near}", names.join(", ")));
        }
        pack
    }

    /// The names of a list, each of which is one of `valid`; `unknown` says what another means.
    fn names(&mut self, list: Option<&Node>, valid: &[&str], unknown: impl Fn(&str) -> String) -> Vec<String> {
        let mut names = Vec::new();
        for item in list.map(Node::items).unwrap_or_default() {
            let Some(text) = item.text(self.problems) else { continue };
            let name = text.to_ascii_lowercase().replace('_', "-");
            if valid.contains(&name.as_str()) {
                names.push(name);
            } else {
                let shown: String = name.chars().take(40).collect();
                self.problems.at(item, unknown(&suggestion(&shown, valid)));
            }
        }
        names
    }
}

#[cfg(test)]
mod tests;
