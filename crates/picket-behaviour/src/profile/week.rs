//! In which hours of the week something happens.

const HOURS: u8 = 168;
const MOST: u8 = 15;

/// In how many weeks there was something in each hour of the week; halved all together when one is full. Half a byte an
/// hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Week([u8; 84]);

impl Default for Week {
    fn default() -> Self {
        Self([0; 84])
    }
}

impl Week {
    /// In how many weeks there was something in an hour, from Monday at 0 on.
    pub fn of(&self, hour: u8) -> u8 {
        let pair = self.0.get(usize::from(hour / 2)).copied().unwrap_or(0);
        if hour.is_multiple_of(2) { pair & 0xf } else { pair >> 4 }
    }

    /// The same of all hours.
    pub fn hours(&self) -> impl Iterator<Item = u8> {
        (0..HOURS).map(|hour| self.of(hour))
    }

    /// There was something in an hour.
    pub(super) fn mark(&mut self, hour: u8) {
        if self.of(hour) == MOST {
            self.0.iter_mut().for_each(|pair| *pair = (*pair >> 1) & 0x77);
        }
        if let Some(pair) = self.0.get_mut(usize::from(hour / 2)) {
            *pair += if hour.is_multiple_of(2) { 1 } else { 0x10 };
        }
    }

    /// How much of what happens happens in hours that are as rare as one, and how much happens at all.
    pub(super) fn rarity(&self, hour: u8) -> (u32, u32) {
        let here = self.of(hour);
        self.hours().fold((0, 0), |(rarer, all), count| {
            (rarer + if count <= here { u32::from(count) } else { 0 }, all + u32::from(count))
        })
    }

    pub(super) fn bytes(&self) -> &[u8; 84] {
        &self.0
    }

    pub(super) fn from_bytes(bytes: [u8; 84]) -> Self {
        Self(bytes)
    }
}
