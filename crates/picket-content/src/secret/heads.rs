//! Where the keys of services may begin.
//!
//! Few texts hold any head, so that the search for the first bytes of all of them, many at a time, decides the cost.
//! Searchers of that kind take a few dozen patterns at most and slow down with short ones: heads are searched in groups.

use super::services::Service;
use aho_corasick::packed::{Config, MatchKind, Searcher};
use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Patterns of one group, and the bytes of a head that are searched.
const GROUP: usize = 60;
const SEARCHED: usize = 4;

pub(super) struct Heads {
    groups: Vec<Group>,
    /// Services by the first byte of their heads.
    by_byte: Vec<Vec<&'static Service>>,
}

enum Group {
    Packed(Searcher),
    /// Where the machine has no such instructions.
    Automaton(AhoCorasick),
}

impl Heads {
    pub(super) fn of(services: &'static [Service]) -> Self {
        let mut by_byte = vec![Vec::new(); 256];
        for service in services {
            let first = service.head.bytes().next().map_or(0, usize::from);
            by_byte.get_mut(first).into_iter().for_each(|list: &mut Vec<_>| list.push(service));
        }
        let starts = |head: &'static str| head.get(..SEARCHED).unwrap_or(head);
        let mut prefixes: Vec<&str> = services.iter().map(|service| starts(service.head)).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        let (long, short): (Vec<&str>, Vec<&str>) = prefixes.into_iter().partition(|prefix| prefix.len() >= SEARCHED);
        let groups = long.chunks(GROUP).chain(short.chunks(GROUP)).map(group).collect();
        Self { groups, by_byte }
    }

    /// Every place where a service's head stands, with the service, in order.
    pub(super) fn find<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (usize, &'static Service)> + 'a {
        let mut starts: Vec<usize> = Vec::new();
        for group in &self.groups {
            group.starts(text, &mut starts);
        }
        starts.sort_unstable();
        starts.dedup();
        starts.into_iter().flat_map(|start| {
            let rest = text.get(start..).unwrap_or_default();
            let candidates = rest.bytes().next().and_then(|byte| self.by_byte.get(usize::from(byte)));
            let fitting = candidates.into_iter().flatten().filter(move |service| rest.starts_with(service.head));
            fitting.map(move |service| (start, *service))
        })
    }
}

#[expect(clippy::expect_used, reason = "the heads are constants, and every test compiles them")]
fn group(prefixes: &[&str]) -> Group {
    let packed = Config::new().match_kind(MatchKind::LeftmostFirst).builder().extend(prefixes).build();
    packed.map_or_else(
        || {
            let built = AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(prefixes);
            Group::Automaton(built.expect("the heads are literals"))
        },
        Group::Packed,
    )
}

impl Group {
    fn starts(&self, text: &str, starts: &mut Vec<usize>) {
        match self {
            Self::Packed(searcher) => {
                let mut from = 0;
                while let Some(found) = searcher.find_in(text, (from..text.len()).into()) {
                    starts.push(found.start());
                    from = found.start() + 1;
                }
            }
            Self::Automaton(automaton) => {
                starts.extend(automaton.find_overlapping_iter(text).map(|found| found.start()));
            }
        }
    }
}
