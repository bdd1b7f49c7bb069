//! One look at the machine.

use crate::DEVICES_MAX;
use crate::gpu::{Gpu, Gpus};
use std::time::Instant;
use sysinfo::{
    DiskRefreshKind, Disks, MemoryRefreshKind, Networks, Pid, ProcessRefreshKind, ProcessesToUpdate, System,
};

/// Looks at the machine. Keeps what is needed to tell how busy the processors were since the look before.
#[derive(Debug)]
pub struct Host {
    system: Option<System>,
    networks: Option<Networks>,
    disks: Option<Disks>,
    process: Option<Pid>,
    gpus: Gpus,
}

/// The machine at one moment. Totals count from its start, those of the process from the process's.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// When.
    pub at: Instant,
    /// Share of all processors that was busy since the look before, 0 to 1.
    pub cpu: Option<f64>,
    /// Processors; 0 if unknown.
    pub cpus: usize,
    /// Load of the last minute.
    pub load: Option<f64>,
    /// Bytes of memory that are taken: of the control group, where one limits it; 0 if unknown.
    pub memory_used: u64,
    /// Bytes of memory: of the control group, where one limits it; 0 if unknown.
    pub memory_total: u64,
    /// Network interfaces but the loopback.
    pub interfaces: Vec<Interface>,
    /// Disks by where they are mounted; each device once.
    pub disks: Vec<Disk>,
    /// GPUs.
    pub gpus: Vec<Gpu>,
    /// This process.
    pub process: Option<Process>,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Bytes received.
    pub received: u64,
    /// Bytes sent.
    pub sent: u64,
}

/// A disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// Where it is mounted.
    pub mount: String,
    /// Bytes that are taken.
    pub used: u64,
    /// Bytes that it holds.
    pub total: u64,
    /// Bytes read.
    pub read: u64,
    /// Bytes written.
    pub written: u64,
}

/// This process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Milliseconds of processor time.
    pub cpu_ms: u64,
    /// Bytes in memory.
    pub resident: u64,
    /// Files, sockets and the like that are open.
    pub open_files: Option<usize>,
    /// When it began, in seconds since 1970.
    pub started: u64,
}

impl Host {
    /// Ready to look. What the first look says of busy processors begins here.
    pub fn new() -> Self {
        Self {
            // The first look's busy time counts from here.
            system: System::new().ok().map(|mut system| {
                system.refresh_cpu_usage();
                system
            }),
            networks: Networks::new().ok(),
            disks: Disks::new().ok(),
            process: sysinfo::get_current_pid().ok(),
            gpus: Gpus::find(),
        }
    }

    /// The machine now.
    pub fn look(&mut self) -> Look {
        let system = self.system.as_mut().map(|system| {
            system.refresh_cpu_usage();
            system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
            &*system
        });
        let cpu = system.map(|system| f64::from(system.global_cpu_usage()) / 100.0);
        let (memory_used, memory_total) = system.map(memory).unwrap_or_default();
        Look {
            at: Instant::now(),
            cpu: cpu.filter(|cpu| cpu.is_finite()).map(|cpu| cpu.clamp(0.0, 1.0)),
            cpus: system.map_or(0, |system| system.cpus().len()),
            load: System::load_average().ok().map(|load| load.one).filter(|load| load.is_finite()),
            memory_used,
            memory_total,
            interfaces: self.networks.as_mut().map(interfaces).unwrap_or_default(),
            disks: self.disks.as_mut().map(disks).unwrap_or_default(),
            gpus: self.gpus.look(),
            process: self.system.as_mut().zip(self.process).and_then(|(system, pid)| process(system, pid)),
        }
    }
}

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

/// Bytes taken and there: a container's limit is what it dies of, not the machine's.
fn memory(system: &System) -> (u64, u64) {
    let machine = (system.total_memory().saturating_sub(system.available_memory()), system.total_memory());
    match system.cgroup_limits() {
        Some(group) if group.total_memory > 0 && group.total_memory < machine.1 => {
            (group.total_memory.saturating_sub(group.free_memory), group.total_memory)
        }
        _ => machine,
    }
}

fn interfaces(networks: &mut Networks) -> Vec<Interface> {
    networks.refresh(true);
    let mut all: Vec<_> = networks
        .iter()
        .filter(|(name, _)| *name != "lo")
        .map(|(name, data)| Interface {
            name: name.to_string_lossy().into_owned(),
            received: data.total_received(),
            sent: data.total_transmitted(),
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all.truncate(DEVICES_MAX);
    all
}

fn disks(disks: &mut Disks) -> Vec<Disk> {
    disks.refresh_specifics(true, DiskRefreshKind::nothing().with_storage().with_io_usage());
    let mut all: Vec<_> = disks
        .iter()
        .filter(|disk| disk.total_space() > 0)
        .map(|disk| {
            let (usage, total) = (disk.usage(), disk.total_space());
            let found = Disk {
                mount: disk.mount_point().to_string_lossy().into_owned(),
                used: total.saturating_sub(disk.available_space()),
                total,
                read: usage.total_read_bytes,
                written: usage.total_written_bytes,
            };
            (disk.name().to_owned(), found)
        })
        .collect();
    // A device that is mounted in several places is told by the shortest one.
    all.sort_by(|(a, at), (b, bt)| (a, at.mount.len(), &at.mount).cmp(&(b, bt.mount.len(), &bt.mount)));
    all.dedup_by(|(later, _), (first, _)| later == first);
    let mut all: Vec<_> = all.into_iter().map(|(_, disk)| disk).collect();
    all.sort_by(|a, b| a.mount.cmp(&b.mount));
    all.truncate(DEVICES_MAX);
    all
}

fn process(system: &mut System, pid: Pid) -> Option<Process> {
    let what = ProcessRefreshKind::nothing().with_cpu().with_memory().without_tasks();
    system.refresh_processes_specifics(ProcessesToUpdate::Some(&[pid]), true, what);
    let process = system.process(pid)?;
    Some(Process {
        cpu_ms: process.accumulated_cpu_time(),
        resident: process.memory(),
        open_files: process.open_files(),
        started: process.start_time(),
    })
}
