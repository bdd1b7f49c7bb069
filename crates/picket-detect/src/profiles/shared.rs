//! What profiles share, as bytes: names, peers, series.

use super::series::Aggregate;
use super::{GROUPS_MAX, Kind, SERIES_MAX, Store};
use picket_behaviour::Peers;
use picket_behaviour::bytes::{Reader, Writer};

/// What it begins with; the last byte is the version, of rows too.
const MAGIC: &[u8] = b"PKPF\x01";

impl Store {
    pub(super) fn shared(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.bytes(MAGIC);
        let counters = [self.slots.evicted, self.late, self.ahead, self.names.refused];
        [self.seed.0, self.seed.1].into_iter().chain(counters).for_each(|number| out.number(number));
        out.signed(self.newest_ms);
        out.number(u64::try_from(self.slots.hand()).unwrap_or(0));
        let length = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        out.number(length(self.names.texts().len()));
        self.names.texts().for_each(|text| out.text(text));
        let mut places: Vec<_> = self.groups.places.iter().collect();
        places.sort_by_key(|(_, place)| **place);
        out.number(length(places.len()));
        for ((kind, team), place) in places {
            out.number(kind.number());
            out.number(u64::from(*team));
            self.groups.at(*place).cloned().unwrap_or_default().write(&mut out);
        }
        out.number(length(self.series.len()));
        for ((kind, number), aggregate) in &self.series {
            out.number(kind.number());
            out.number(u64::from(*number));
            aggregate.write(&mut out);
        }
        out.into_bytes()
    }

    /// Takes over what was kept.
    pub(super) fn take_shared(&mut self, bytes: &[u8]) -> Option<()> {
        let mut reader = Reader::new(bytes.strip_prefix(MAGIC)?);
        self.seed = (reader.number()?, reader.number()?);
        (self.slots.evicted, self.late) = (reader.number()?, reader.number()?);
        (self.ahead, self.names.refused) = (reader.number()?, reader.number()?);
        self.newest_ms = reader.signed()?;
        self.slots.set_hand(reader.fitting()?);
        for _ in 0..reader.number()? {
            self.names.number(reader.text()?)?;
        }
        for place in 0..reader.number()? {
            let place = u16::try_from(place).ok().filter(|place| usize::from(*place) < GROUPS_MAX)?;
            let (kind, team) = (Kind::of(reader.number()?)?, reader.fitting()?);
            self.groups.peers.push(Peers::read(&mut reader)?);
            self.groups.places.insert((kind, team), place);
        }
        for _ in 0..reader.number()? {
            let (kind, number) = (Kind::of(reader.number()?)?, reader.fitting()?);
            self.series.insert((kind, number), Aggregate::read(&mut reader)?);
        }
        (reader.is_empty() && self.series.len() <= SERIES_MAX).then_some(())
    }
}
