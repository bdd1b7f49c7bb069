//! A text as checks read it.

use crate::linear::{Ends, SHIPPED};
use picket_text::{Hit, fold};
use std::cell::OnceCell;

/// A text, and what several checks need of it: each is made when the first of them asks, and once.
#[derive(Debug)]
pub struct Reading<'t> {
    text: &'t str,
    folded: OnceCell<String>,
    ends: OnceCell<Vec<Ends<2>>>,
    personal: OnceCell<Vec<Hit>>,
}

impl<'t> Reading<'t> {
    /// A text that nobody has read yet.
    pub fn of(text: &'t str) -> Self {
        Self { text, folded: OnceCell::new(), ends: OnceCell::new(), personal: OnceCell::new() }
    }

    /// The text as it was given.
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// The text as a reader sees it; see [`fold`].
    pub fn folded(&self) -> &str {
        self.folded.get_or_init(|| fold(self.text))
    }

    /// What the models that ship say up to the end of each word.
    pub(crate) fn ends(&self) -> &[Ends<2>] {
        self.ends.get_or_init(|| SHIPPED.ends(self.folded()))
    }

    /// Personal data of all kinds; some of it may overlap.
    pub(crate) fn personal(&self) -> &[Hit] {
        self.personal.get_or_init(|| picket_pii::scan(self.text))
    }
}
