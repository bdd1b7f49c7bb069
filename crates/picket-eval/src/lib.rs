//! What the program that measures and those that train share: reading corpora, drawing, learning.

pub mod atr;
pub mod corpus;
pub mod draws;
pub mod learn;
pub mod templates;

use std::error::Error;

/// What may fail for a reason that is told to whoever started the program.
pub type Outcome<T> = Result<T, Box<dyn Error>>;
