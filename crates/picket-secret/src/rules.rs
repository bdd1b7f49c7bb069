//! The services whose credentials are known, as data: how each looks, and what must stand near it.

mod ai;
mod cloud;
mod code;
mod data;
mod life;
mod message;
mod money;
mod security;
mod work;

/// How the credentials of a service are told from other words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// By their shape alone, which has a beginning or a middle of its own.
    Alone,
    /// By their shape, with the checksum that GitHub puts at the end.
    GitHub,
    /// By their shape behind one of these words.
    Near(&'static [&'static str]),
}

/// The credentials of a service.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// Whose they are.
    pub(super) service: &'static str,
    /// What a finding is called.
    pub(super) kind: &'static str,
    pub(super) how: How,
    /// What they look like.
    pub(super) shapes: &'static [&'static str],
}

const fn alone(service: &'static str, kind: &'static str, shapes: &'static [&'static str]) -> Rule {
    Rule { service, kind, how: How::Alone, shapes }
}

const fn near(
    service: &'static str,
    kind: &'static str,
    words: &'static [&'static str],
    shapes: &'static [&'static str],
) -> Rule {
    Rule { service, kind, how: How::Near(words), shapes }
}

/// A shape that many services share.
const UUID: &[&str] = &["{x8}-{x4}-{x4}-{x4}-{x12}"];

/// Every rule.
pub(super) fn all() -> impl Iterator<Item = &'static Rule> {
    let groups: [&'static [Rule]; 9] = [
        ai::RULES,
        cloud::RULES,
        code::RULES,
        data::RULES,
        life::RULES,
        message::RULES,
        money::RULES,
        security::RULES,
        work::RULES,
    ];
    groups.into_iter().flatten()
}
