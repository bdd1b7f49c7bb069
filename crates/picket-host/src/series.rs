//! What happened between two looks, under the names that rules use.

use crate::look::{Disk, Interface, Look};

/// Shares (0 to 1) and rates between two looks; what is not known is absent.
///
/// | name | what |
/// |---|---|
/// | `cpu_ratio` | share of all processors that was busy |
/// | `load_per_cpu` | load of the last minute for each processor |
/// | `memory_ratio` | share of memory that is taken |
/// | `disk_ratio` | share that is taken of the fullest disk |
/// | `disk_read_bytes_per_second`, `disk_written_bytes_per_second` | over all disks |
/// | `network_received_bytes_per_second`, `network_sent_bytes_per_second` | over all interfaces but the loopback |
/// | `gpu_ratio`, `gpu_memory_ratio`, `gpu_celsius` | the highest of all GPUs |
/// | `gpu_watts` | of all GPUs together |
/// | `process_cpu_ratio` | share of all processors that this process took |
/// | `process_memory_ratio` | share of memory that this process holds |
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Series(Vec<(&'static str, f64)>);

impl Series {
    /// The series of the time from `before` to `now`. `cpu` is the mean share of busy processors in that time.
    pub fn between(before: &Look, now: &Look, cpu: Option<f64>) -> Self {
        let seconds = now.at.saturating_duration_since(before.at).as_secs_f64();
        let rate = |amount: Option<u64>| amount.filter(|_| seconds > 0.0).map(|amount| float(amount) / seconds);
        let (received, sent) = network(&before.interfaces, &now.interfaces);
        let (read, written) = storage(&before.disks, &now.disks);
        let cpus = float(u64::try_from(now.cpus).unwrap_or(u64::MAX));
        let process = before.process.as_ref().zip(now.process.as_ref());
        let busy = process.and_then(|(before, now)| now.cpu_ms.checked_sub(before.cpu_ms));
        let highest = |values: &mut dyn Iterator<Item = f64>| values.reduce(f64::max);
        let gpus = || now.gpus.iter();
        let watts = gpus().map(|gpu| gpu.milliwatts).collect::<Option<Vec<_>>>().filter(|all| !all.is_empty());
        let all = [
            ("cpu_ratio", cpu),
            ("load_per_cpu", now.load.filter(|_| now.cpus > 0).map(|load| load / cpus)),
            ("memory_ratio", share(now.memory_used, now.memory_total)),
            ("disk_ratio", highest(&mut now.disks.iter().filter_map(|disk| share(disk.used, disk.total)))),
            ("disk_read_bytes_per_second", rate(read)),
            ("disk_written_bytes_per_second", rate(written)),
            ("network_received_bytes_per_second", rate(received)),
            ("network_sent_bytes_per_second", rate(sent)),
            ("gpu_ratio", highest(&mut gpus().filter_map(|gpu| gpu.busy))),
            ("gpu_memory_ratio", highest(&mut gpus().filter_map(|gpu| share(gpu.memory_used?, gpu.memory_total?)))),
            ("gpu_celsius", highest(&mut gpus().filter_map(|gpu| gpu.celsius.map(f64::from)))),
            ("gpu_watts", watts.map(|all| all.into_iter().map(f64::from).sum::<f64>() / 1_000.0)),
            (
                "process_cpu_ratio",
                rate(busy).filter(|_| now.cpus > 0).map(|milliseconds| (milliseconds / 1_000.0 / cpus).min(1.0)),
            ),
            (
                "process_memory_ratio",
                now.process.as_ref().and_then(|process| share(process.resident, now.memory_total)),
            ),
        ];
        Self(
            all.into_iter()
                .filter_map(|(name, value)| Some((name, value.filter(|value| value.is_finite())?)))
                .collect(),
        )
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, f64)> + '_ {
        self.0.iter().copied()
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

/// Bytes received and sent by the interfaces that both looks know. One whose counters went back is left out.
fn network(before: &[Interface], now: &[Interface]) -> (Option<u64>, Option<u64>) {
    sum(now.iter().filter_map(|after| {
        let before = before.iter().find(|known| known.name == after.name)?;
        Some((after.received.checked_sub(before.received)?, after.sent.checked_sub(before.sent)?))
    }))
}

/// Bytes read and written on the disks that both looks know. One whose counters went back is left out.
fn storage(before: &[Disk], now: &[Disk]) -> (Option<u64>, Option<u64>) {
    sum(now.iter().filter_map(|after| {
        let before = before.iter().find(|known| known.mount == after.mount)?;
        Some((after.read.checked_sub(before.read)?, after.written.checked_sub(before.written)?))
    }))
}

fn sum(pairs: impl Iterator<Item = (u64, u64)>) -> (Option<u64>, Option<u64>) {
    pairs.fold((None, None), |(first, second), (one, other)| {
        let add = |sum: Option<u64>, more: u64| Some(sum.unwrap_or(0).saturating_add(more));
        (add(first, one), add(second, other))
    })
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (float(part) / float(whole)).clamp(0.0, 1.0))
}

#[expect(clippy::cast_precision_loss, reason = "bytes and milliseconds as shares and rates need no more than 52 bits")]
fn float(value: u64) -> f64 {
    value as f64
}
