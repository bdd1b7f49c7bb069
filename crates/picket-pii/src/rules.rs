//! Every rule for identifiers, by region.

mod africa;
mod america;
mod asia;
mod common;
mod east;
mod france;
mod germany;
mod north;
mod south;
mod united_kingdom;
mod united_states;

use super::rule::Rule;

/// All rules.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    [
        common::RULES,
        united_states::RULES,
        united_kingdom::RULES,
        germany::RULES,
        france::RULES,
        south::RULES,
        north::RULES,
        east::RULES,
        america::RULES,
        asia::RULES,
        africa::RULES,
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests;
