//! A look at the machine in Prometheus' format. What a process shows of itself has the names that its client libraries
//! use.

use crate::metrics::{Family, label, write};
use picket_host::{Disk, Gpu, Interface, Look, Process};

/// All families.
pub(super) fn of(look: &Look) -> String {
    machine(look)
        + &network(&look.interfaces)
        + &disks(&look.disks)
        + &gpus(&look.gpus)
        + &look.process.as_ref().map(process).unwrap_or_default()
}

type Sample = (String, f64);

fn one(value: impl Into<Option<f64>>) -> Vec<Sample> {
    value.into().map(|value| (String::new(), value)).into_iter().collect()
}

/// A family; an empty one is not shown.
fn family<'a>(name: &'a str, kind: &'a str, help: &'a str, samples: Vec<Sample>) -> Option<Family<'a, f64>> {
    (!samples.is_empty()).then_some(Family { name, kind, help, samples })
}

fn shown<const N: usize>(families: [Option<Family<'_, f64>>; N]) -> String {
    write(&families.into_iter().flatten().collect::<Vec<_>>())
}

fn machine(look: &Look) -> String {
    let memory = [("used", look.memory_used), ("total", look.memory_total)];
    let memory = memory.map(|(what, bytes)| (format!("kind=\"{what}\""), float(bytes)));
    shown([
        family(
            "picket_host_cpu_ratio",
            "gauge",
            "Share of all processors that was busy in the last seconds.",
            one(look.cpu),
        ),
        family("picket_host_load1", "gauge", "Load of the last minute.", one(look.load)),
        family(
            "picket_host_memory_bytes",
            "gauge",
            "Memory of the machine, or of the control group that limits it.",
            if look.memory_total > 0 { memory.into() } else { Vec::new() },
        ),
    ])
}

fn network(interfaces: &[Interface]) -> String {
    let of = |value: fn(&Interface) -> u64| {
        interfaces.iter().map(|one| (format!("interface=\"{}\"", label(&one.name)), float(value(one)))).collect()
    };
    shown([
        family(
            "picket_host_network_receive_bytes_total",
            "counter",
            "Bytes that interfaces received.",
            of(|one| one.received),
        ),
        family(
            "picket_host_network_transmit_bytes_total",
            "counter",
            "Bytes that interfaces sent.",
            of(|one| one.sent),
        ),
    ])
}

fn disks(disks: &[Disk]) -> String {
    let of = |value: fn(&Disk) -> u64| {
        disks.iter().map(|disk| (format!("mount=\"{}\"", label(&disk.mount)), float(value(disk)))).collect()
    };
    let space = disks.iter().flat_map(|disk| {
        [("used", disk.used), ("total", disk.total)]
            .map(|(what, bytes)| (format!("mount=\"{}\",kind=\"{what}\"", label(&disk.mount)), float(bytes)))
    });
    shown([
        family("picket_host_disk_bytes", "gauge", "Room of disks.", space.collect()),
        family("picket_host_disk_read_bytes_total", "counter", "Bytes read from disks.", of(|disk| disk.read)),
        family("picket_host_disk_written_bytes_total", "counter", "Bytes written to disks.", of(|disk| disk.written)),
    ])
}

fn gpus(gpus: &[Gpu]) -> String {
    let of = |value: fn(&Gpu) -> Option<f64>| {
        gpus.iter().filter_map(|gpu| Some((format!("gpu=\"{}\"", gpu.index), value(gpu)?))).collect()
    };
    let memory = gpus.iter().flat_map(|gpu| {
        [("used", gpu.memory_used), ("total", gpu.memory_total)]
            .into_iter()
            .filter_map(|(what, bytes)| Some((format!("gpu=\"{}\",kind=\"{what}\"", gpu.index), float(bytes?))))
    });
    shown([
        family("picket_host_gpu_ratio", "gauge", "Share of time in which the GPU computed.", of(|gpu| gpu.busy)),
        family("picket_host_gpu_memory_bytes", "gauge", "Memory of GPUs.", memory.collect()),
        family("picket_host_gpu_celsius", "gauge", "Temperature of GPUs.", of(|gpu| gpu.celsius.map(f64::from))),
        family(
            "picket_host_gpu_watts",
            "gauge",
            "Power that GPUs draw.",
            of(|gpu| gpu.milliwatts.map(|milliwatts| f64::from(milliwatts) / 1_000.0)),
        ),
    ])
}

fn process(process: &Process) -> String {
    let open = process.open_files.and_then(|files| u32::try_from(files).ok()).map(f64::from);
    shown([
        family(
            "process_cpu_seconds_total",
            "counter",
            "Processor time of this process.",
            one(float(process.cpu_ms) / 1_000.0),
        ),
        family("process_resident_memory_bytes", "gauge", "Memory of this process.", one(float(process.resident))),
        family("process_open_fds", "gauge", "Files and sockets that are open.", one(open)),
        family(
            "process_start_time_seconds",
            "gauge",
            "When this process began, in seconds since 1970.",
            one(float(process.started)),
        ),
    ])
}

#[expect(clippy::cast_precision_loss, reason = "a sample is a double in Prometheus too")]
fn float(value: u64) -> f64 {
    value as f64
}
