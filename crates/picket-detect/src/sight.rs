//! Events as rules see them, with what profiles say of them, and the rules that they match: the half of an engine that
//! knows no correlation.

use crate::profiles::Profiles;
use crate::set::RuleSet;
use crate::view::{self, Repeats, Unseen};
use picket_event::Event;
use picket_rules::Scratch;
use std::sync::Arc;

/// An event as rules see it.
#[derive(Debug)]
pub(crate) struct Sight {
    /// The caller's name for it.
    pub(crate) number: u64,
    /// Series that left their course before it, as rules see that.
    pub(crate) told: Vec<String>,
    /// The event as JSON, with what is unusual about it.
    pub(crate) text: String,
    /// What was read of that, and the rules that it matches.
    pub(crate) scratch: Scratch,
    /// Whether it could be read.
    pub(crate) is_read: bool,
}

impl Sight {
    /// Room for what rules of a set see.
    pub(crate) fn of(set: &RuleSet) -> Self {
        let (told, text, scratch) = (Vec::new(), String::new(), set.rules.scratch());
        Self { number: 0, told, text, scratch, is_read: false }
    }
}

/// What has to see all events in their order before rules do.
#[derive(Debug)]
pub(crate) struct Eye {
    pub(crate) set: Arc<RuleSet>,
    pub(crate) repeats: Repeats,
    /// What is usual.
    pub(crate) profiles: Profiles,
    /// Events with smaller numbers are in the profiles already.
    pub(crate) profiles_from: u64,
}

impl Eye {
    pub(crate) fn new(set: Arc<RuleSet>, profiles: Profiles) -> Self {
        Self { set, repeats: Repeats::default(), profiles, profiles_from: 0 }
    }

    /// Takes an event in, and writes what rules see of it and which of them it matches.
    pub(crate) fn see(&mut self, event: &Event, number: u64, sight: &mut Sight) -> Result<(), Unseen> {
        sight.number = number;
        sight.told.clear();
        let is_repeated = view::write(event, &mut self.repeats, &mut sight.text)?;
        if number >= self.profiles_from {
            sight.told = self.profiles.take(event, is_repeated, &mut sight.text);
        }
        sight.is_read = self.set.rules.find(&sight.text, &mut sight.scratch).is_ok();
        Ok(())
    }
}
