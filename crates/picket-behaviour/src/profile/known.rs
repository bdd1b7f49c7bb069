//! Which of few values were there, and when.

/// Days after which a value is new again.
pub(super) const KNOWN_DAYS: u16 = 90;

/// A value, with the days since the Unix epoch on which it was seen first and last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Known {
    /// Never 0.
    pub value: u32,
    /// Since when it is known without a gap.
    pub first_day: u16,
    /// When it was there last.
    pub last_day: u16,
}

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sight {
    /// It was not there, or not for long.
    New,
    /// It was there on an earlier day.
    Earlier,
    /// It was there today.
    Today,
}

/// The values that were there last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Few<const N: usize>(pub(super) [Known; N]);

impl<const N: usize> Default for Few<N> {
    fn default() -> Self {
        Self([Known::default(); N])
    }
}

impl<const N: usize> Few<N> {
    /// The values.
    pub fn iter(&self) -> impl Iterator<Item = &Known> {
        self.0.iter().filter(|known| known.value != 0)
    }

    /// Whether a value was there not long ago.
    pub(super) fn has(&self, value: u32, day: u16) -> bool {
        self.iter().any(|known| known.value == value && day.saturating_sub(known.last_day) <= KNOWN_DAYS)
    }

    /// Takes a value in; the one that was there longest ago gives way.
    pub(super) fn see(&mut self, value: u32, day: u16) -> Sight {
        if let Some(known) = self.0.iter_mut().find(|known| known.value == value) {
            let away = day.saturating_sub(known.last_day);
            known.last_day = known.last_day.max(day);
            if away > KNOWN_DAYS {
                known.first_day = day;
                return Sight::New;
            }
            return if away == 0 { Sight::Today } else { Sight::Earlier };
        }
        let place = self.0.iter_mut().min_by_key(|known| (known.value != 0, known.last_day));
        place.into_iter().for_each(|known| *known = Known { value, first_day: day, last_day: day });
        Sight::New
    }
}
