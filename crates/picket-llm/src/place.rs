//! Places of texts, kept as a tree of steps, so that a pointer costs its depth and not the length of its document.

use crate::tape::{NodeId, Tape};
use std::fmt::Write as _;

/// The index of a place; 0 is the whole document.
pub(crate) type PlaceId = u32;

/// One step down.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// To the member whose name is this node.
    Member(NodeId),
    /// To an element: its index and its node.
    Element(u32, NodeId),
    /// Into the JSON that a string holds.
    Inside,
    /// To a member in there.
    Key(Box<str>),
}

#[derive(Debug, Clone)]
struct Place {
    parent: PlaceId,
    step: Step,
}

/// The places that have a text, and those above them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    places: Vec<Place>,
}

impl Places {
    /// The steps to a place.
    pub(crate) fn steps(&self, place: PlaceId) -> Vec<&Step> {
        let mut steps = Vec::new();
        let mut at = place;
        while let Some(found) = at.checked_sub(1).and_then(|at| self.places.get(usize::try_from(at).ok()?)) {
            steps.push(&found.step);
            at = found.parent;
        }
        steps.reverse();
        steps
    }

    /// The JSON pointer (RFC 6901) of a place. A place inside JSON that a string holds follows after `#`.
    pub(crate) fn pointer(&self, tape: &Tape, bytes: &[u8], place: PlaceId) -> String {
        let mut pointer = String::new();
        for step in self.steps(place) {
            match step {
                Step::Member(name) => push_name(&mut pointer, &tape.text(bytes, *name).unwrap_or_default()),
                Step::Key(name) => push_name(&mut pointer, name),
                Step::Element(index, _) => write!(pointer, "/{index}").unwrap_or_default(),
                Step::Inside => pointer.push('#'),
            }
        }
        pointer
    }
}

fn push_name(pointer: &mut String, name: &str) {
    pointer.push('/');
    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
}

/// The way from the root to where a walker is. Steps become places only when something is there.
#[derive(Debug, Default)]
pub(crate) struct Path {
    steps: Vec<(Step, Option<PlaceId>)>,
    pub(crate) places: Places,
}

impl Path {
    pub(crate) fn enter(&mut self, step: Step) {
        self.steps.push((step, None));
    }

    pub(crate) fn leave(&mut self) {
        drop(self.steps.pop());
    }

    /// Whether the walker is `depth` steps below the root.
    pub(crate) fn is_at_depth(&self, depth: usize) -> bool {
        self.steps.len() == depth
    }

    /// The place where the walker is.
    pub(crate) fn place(&mut self) -> PlaceId {
        let mut parent = 0;
        for (step, known) in &mut self.steps {
            parent = match known {
                Some(place) => *place,
                None => {
                    self.places.places.push(Place { parent, step: step.clone() });
                    let place = PlaceId::try_from(self.places.places.len()).unwrap_or(0);
                    *known.insert(place)
                }
            };
        }
        parent
    }
}
