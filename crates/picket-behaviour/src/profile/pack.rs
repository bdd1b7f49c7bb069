//! A profile as bytes.

use super::known::Few;
use super::metric::METRICS;
use super::{Hour, Profile, Week};
use crate::bytes::{Reader, Writer};
use crate::distinct::Distinct;

impl Profile {
    /// Writes it.
    pub fn write(&self, out: &mut Writer) {
        for ((mean, variance), count) in self.metrics.iter().zip(&self.counts) {
            out.number(u64::from(*count));
            if *count > 0 {
                out.short(*mean);
                out.short(*variance);
            }
        }
        out.bytes(self.week.bytes());
        // Most who have few prompts, and all whose prompts have no hash, have few registers that are not empty.
        let registers = self.prompts.bytes();
        let is_there = registers.iter().rev().fold(0_u64, |bits, register| bits << 1 | u64::from(*register > 0));
        out.number(is_there);
        registers.iter().filter(|register| **register > 0).for_each(|register| out.bytes(&[*register]));
        self.models.write(out);
        self.applications.write(out);
        self.networks.write(out);
        for hour in &self.open {
            let Hour { hour, requests, blocked, sensitive, tokens, cost } = *hour;
            [hour, requests, blocked, sensitive, tokens, cost].iter().for_each(|number| out.number(u64::from(*number)));
        }
        out.short(self.hour_tail.unwrap_or(-1.0));
        out.number(u64::from(self.first_hour));
        out.number(u64::from(self.requests));
        [self.day.0, self.day.1, self.creeping, self.peak].iter().for_each(|number| out.short(*number));
        out.number(u64::from(self.days));
        out.number(u64::from(self.day_sensitive));
        out.number(u64::from(self.peak_hour));
    }

    /// Reads one; none of what is none.
    pub fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let (mut metrics, mut counts) = ([(0.0, 0.0); METRICS], [0; METRICS]);
        for (metric, count) in metrics.iter_mut().zip(&mut counts) {
            *count = reader.fitting()?;
            if *count > 0 {
                *metric = (reader.short()?, reader.short()?);
            }
        }
        let week = Week::from_bytes(*reader.bytes(84)?.first_chunk()?);
        let (is_there, mut registers) = (reader.number()?, [0; 64]);
        for (place, register) in registers.iter_mut().enumerate() {
            if is_there >> place & 1 == 1 {
                *register = *reader.bytes(1)?.first()?;
            }
        }
        let (models, applications, networks) = (Few::read(reader)?, Few::read(reader)?, Few::read(reader)?);
        let open = [Hour::read(reader)?, Hour::read(reader)?];
        let hour_tail = Some(reader.short()?).filter(|tail| *tail >= 0.0);
        let (first_hour, requests) = (reader.fitting()?, reader.fitting()?);
        let (day, creeping, peak) = ((reader.short()?, reader.short()?), reader.short()?, reader.short()?);
        let (days, day_sensitive, peak_hour) = (reader.fitting()?, reader.fitting()?, reader.fitting()?);
        let prompts = Distinct::from_bytes(registers);
        Some(Self {
            metrics,
            counts,
            week,
            prompts,
            models,
            applications,
            networks,
            open,
            hour_tail,
            first_hour,
            requests,
            day,
            creeping,
            days,
            day_sensitive,
            peak,
            peak_hour,
        })
    }
}

impl Hour {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let (hour, requests, blocked) = (reader.fitting()?, reader.fitting()?, reader.fitting()?);
        let (sensitive, tokens, cost) = (reader.fitting()?, reader.fitting()?, reader.fitting()?);
        Some(Self { hour, requests, blocked, sensitive, tokens, cost })
    }
}
