//! The states of behaviours as bytes.

use super::bytes::{Reader, Writer};
use crate::correlate::absent::Waiting;
use crate::correlate::gauge::State;
use crate::correlate::gauge::cell::{BINS, Cell, Sketch};
use crate::correlate::gauge::learned::Learned;
use crate::correlate::gauge::near::{Near, Text};
use crate::correlate::gauge::news::News;
use crate::correlate::gauge::rising::Rising;
use picket_behaviour::{Distinct, Moving, Seasonal, Seen};

impl Writer {
    pub(super) fn behaviour(&mut self, state: &State) {
        match state {
            State::Learned(learned) => {
                self.number(6);
                self.maybe(learned.first);
                self.list(learned.parts.iter(), Self::part);
                self.moving(&learned.usual.all);
                self.list(learned.usual.hours.iter(), |out, (hour, moving)| {
                    out.number(u64::from(*hour));
                    out.moving(moving);
                });
                self.list(learned.bins.iter(), |out, share| out.real(*share));
            }
            State::News(news) => {
                self.number(7);
                self.maybe(news.newest);
                self.maybe(news.seen.since);
                self.list(news.seen.values.iter(), |out, (value, at)| {
                    out.number(*value);
                    out.signed(*at);
                });
            }
            State::Rising(rising) => {
                self.number(8);
                self.maybe(rising.first);
                self.list(rising.cells.iter(), Self::part);
            }
            State::Near(near) => {
                self.number(9);
                self.list(near.0.iter(), |out, text| {
                    out.signed(text.at);
                    out.number(text.hash);
                    out.number(text.event);
                    out.number(u64::try_from(text.near).unwrap_or(u64::MAX));
                });
            }
            State::Waiting(waiting) => {
                self.number(10);
                self.list(waiting.waits.iter(), |out, (at, event)| {
                    out.signed(*at);
                    out.number(*event);
                });
                self.list(waiting.there.iter(), |out, at| out.signed(*at));
            }
            // Those of Sigma's correlations are written where they are called from.
            State::Count(_)
            | State::Distinct(_)
            | State::Sum(_)
            | State::Ranked(_)
            | State::Temporal(_)
            | State::Ordered(_) => {}
        }
    }

    fn maybe(&mut self, moment: Option<i64>) {
        self.number(u64::from(moment.is_some()));
        moment.into_iter().for_each(|moment| self.signed(moment));
    }

    fn real(&mut self, number: f64) {
        self.0.extend(number.to_bits().to_le_bytes());
    }

    fn moving(&mut self, moving: &Moving) {
        self.real(moving.mean);
        self.real(moving.variance);
        self.number(moving.count);
    }

    fn part(&mut self, (at, cell): &(i64, Cell)) {
        self.signed(*at);
        self.number(cell.count);
        self.wide(cell.sum.cast_unsigned());
        match cell.sketch.as_deref() {
            None => self.number(0),
            Some(Sketch::Distinct(distinct)) => {
                self.number(1);
                self.0.extend(distinct.bytes());
            }
            Some(Sketch::Bins(bins)) => {
                self.number(2);
                bins.iter().for_each(|bin| self.number(u64::from(*bin)));
            }
        }
    }
}

impl Reader<'_> {
    pub(super) fn behaviour(&mut self, kind: u64) -> Option<State> {
        Some(match kind {
            6 => {
                let (first, parts) = (self.maybe()?, self.list(Self::part)?);
                let all = self.moving()?;
                let hours = self.list(|reader| Some((u8::try_from(reader.number()?).ok()?, reader.moving()?)))?;
                State::Learned(Box::new(Learned {
                    parts,
                    usual: Seasonal { all, hours },
                    bins: self.list(Self::real)?,
                    first: first.0,
                }))
            }
            7 => {
                let (newest, since) = (self.maybe()?, self.maybe()?);
                let values = self.list(|reader| Some((reader.number()?, reader.signed()?)))?;
                State::News(Box::new(News { seen: Seen { values, since: since.0 }, newest: newest.0 }))
            }
            8 => {
                let first = self.maybe()?;
                State::Rising(Box::new(Rising { cells: self.list(Self::part)?, first: first.0 }))
            }
            9 => State::Near(Near(self.list(|reader| {
                let (at, hash, event) = (reader.signed()?, reader.number()?, reader.number()?);
                Some(Text { at, hash, event, near: usize::try_from(reader.number()?).ok()? })
            })?)),
            10 => {
                let waits = self.list(|reader| Some((reader.signed()?, reader.number()?)))?;
                State::Waiting(Box::new(Waiting { waits, there: self.list(Self::signed)? }))
            }
            _ => return None,
        })
    }

    fn maybe(&mut self) -> Option<Maybe> {
        Some(Maybe(if self.number()? == 0 { None } else { Some(self.signed()?) }))
    }

    fn real(&mut self) -> Option<f64> {
        Some(f64::from_bits(u64::from_le_bytes(*self.bytes(8)?.first_chunk()?))).filter(|number| number.is_finite())
    }

    fn moving(&mut self) -> Option<Moving> {
        Some(Moving { mean: self.real()?, variance: self.real()?, count: self.number()? })
    }

    fn part(&mut self) -> Option<(i64, Cell)> {
        let (at, count, sum) = (self.signed()?, self.number()?, self.wide()?.cast_signed());
        let sketch = match self.number()? {
            0 => None,
            1 => Some(Sketch::Distinct(Distinct::from_bytes(*self.bytes(64)?.first_chunk()?))),
            2 => {
                let mut bins = [0; BINS];
                for bin in &mut bins {
                    *bin = u32::try_from(self.number()?).ok()?;
                }
                Some(Sketch::Bins(bins))
            }
            _ => return None,
        };
        Some((at, Cell { count, sum, sketch: sketch.map(Box::new) }))
    }
}

/// A moment that may be none.
struct Maybe(Option<i64>);
