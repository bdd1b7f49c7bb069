//! The models that ship, side by side in one table.

use super::known::{Known, Memory, Secret};
use super::walk::Walk;
use super::{Ends, Model, TABLE};
use std::cell::RefCell;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

/// Words whose sums are remembered by each thread, in a quarter of a megabyte. Of the words of real texts nine in ten are
/// among them; of four thousand, five in six would be.
const KNOWN_WORDS: usize = 16_384;

thread_local! {
    static KNOWN: RefCell<Box<[Known<2>]>> = RefCell::new(vec![Known::NOTHING; KNOWN_WORDS].into());
}

/// The models for prompt injection and for unsafe content; see `models/`. They have no weights of their own: those are in
/// one table, so that a word is looked up once. A model that cannot be read leaves its rules or words, which need none.
#[derive(Debug)]
pub(crate) struct Shipped {
    pub(crate) injection: Option<Model>,
    pub(crate) safety: Option<Model>,
    weights: Option<Box<[[i8; 2]; TABLE]>>,
    secret: Secret,
}

/// The models that ship.
pub(crate) static SHIPPED: LazyLock<Shipped> = LazyLock::new(|| {
    let mut injection = Model::from_bytes(include_bytes!("../../models/injection.bin"));
    let mut safety = Model::from_bytes(include_bytes!("../../models/safety.bin"));
    let mut weights = vec![[0; 2]; TABLE];
    for (number, model) in [&mut injection, &mut safety].into_iter().enumerate() {
        let own = model.as_mut().map(|model| std::mem::take(&mut model.weights)).unwrap_or_default();
        for (slot, weight) in weights.iter_mut().zip(own) {
            if let Some(place) = slot.get_mut(number) {
                *place = weight;
            }
        }
    }
    let secret = std::array::from_fn(|number| RandomState::new().hash_one(number) | 1);
    Shipped { injection, safety, weights: weights.into_boxed_slice().try_into().ok(), secret }
});

impl Shipped {
    /// In [`Ends`]: what the model for prompt injection says.
    pub(crate) const INJECTION: usize = 0;
    /// In [`Ends`]: what the model for unsafe content says.
    pub(crate) const SAFETY: usize = 1;

    /// Prefix sums of both over the words of a folded text.
    pub(crate) fn ends(&self, view: &str) -> Vec<Ends<2>> {
        let all = self.weights.as_deref();
        // What is a slot of the table for certain needs no look at how large the table is.
        let weights = |slot: usize| all.and_then(|all| all.get(slot % TABLE)).copied().unwrap_or([0; 2]);
        KNOWN.with_borrow_mut(|words| {
            let known = Memory { words, secret: self.secret };
            Walk { weights, known }.ends(view)
        })
    }
}
