//! Events as rules are to see them, with what profiles say of them: the half of an engine that comes before its rules.

use crate::profiles::Profiles;
use crate::view::{self, Repeats, Unseen};
use picket_event::Event;

/// An event as rules see it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sight {
    /// The caller's name for it.
    pub(crate) number: u64,
    /// Series that left their course before it, as rules see that.
    pub(crate) told: Vec<String>,
    /// The event as JSON, with what is unusual about it.
    pub(crate) text: String,
}

/// What has to see all events in their order before rules do.
#[derive(Debug)]
pub(crate) struct Eye {
    pub(crate) repeats: Repeats,
    /// What is usual.
    pub(crate) profiles: Profiles,
    /// Events with smaller numbers are in the profiles already.
    pub(crate) profiles_from: u64,
}

impl Eye {
    pub(crate) fn new(profiles: Profiles) -> Self {
        Self { repeats: Repeats::default(), profiles, profiles_from: 0 }
    }

    /// Takes an event in, and writes what rules see of it.
    pub(crate) fn see(&mut self, event: &Event, number: u64, sight: &mut Sight) -> Result<(), Unseen> {
        sight.number = number;
        sight.told.clear();
        let is_repeated = view::write(event, &mut self.repeats, &mut sight.text)?;
        if number >= self.profiles_from {
            sight.told = self.profiles.take(event, is_repeated, &mut sight.text);
        }
        Ok(())
    }
}
