use crate::{DEVICES_MAX, Disk, Gpu, Host, Interface, Look, Process, Series};
use proptest::prelude::*;
use std::time::{Duration, Instant};

fn look(at: Instant) -> Look {
    Look {
        at,
        cpu: Some(0.5),
        cpus: 4,
        load: Some(2.0),
        memory_used: 250,
        memory_total: 1_000,
        interfaces: vec![Interface { name: "eth0".to_owned(), received: 1_000, sent: 500 }],
        disks: vec![
            Disk { mount: "/".to_owned(), used: 10, total: 100, read: 0, written: 0 },
            Disk { mount: "/data".to_owned(), used: 90, total: 100, read: 50, written: 70 },
        ],
        gpus: Vec::new(),
        process: Some(Process { cpu_ms: 1_000, resident: 100, open_files: Some(7), started: 0 }),
    }
}

#[test]
fn two_looks_are_shares_and_rates() {
    let began = Instant::now();
    let before = look(began);
    let mut now = look(began + Duration::from_secs(10));
    now.interfaces = vec![Interface { name: "eth0".to_owned(), received: 6_000, sent: 600 }];
    now.disks[1].written = 170;
    now.process = Some(Process { cpu_ms: 21_000, resident: 100, open_files: Some(7), started: 0 });
    let gpu = |index, busy, celsius| Gpu {
        index,
        busy: Some(busy),
        memory_used: Some(1),
        memory_total: Some(4),
        celsius: Some(celsius),
        milliwatts: Some(100_000),
    };
    now.gpus = vec![gpu(0, 0.25, 60), gpu(1, 0.97, 50)];
    let series = Series::between(&before, &now, Some(0.75));
    let expected = [
        ("cpu_ratio", 0.75),
        ("load_per_cpu", 0.5),
        ("memory_ratio", 0.25),
        ("disk_ratio", 0.9),
        ("disk_read_bytes_per_second", 0.0),
        ("disk_written_bytes_per_second", 10.0),
        ("network_received_bytes_per_second", 500.0),
        ("network_sent_bytes_per_second", 10.0),
        ("gpu_ratio", 0.97),
        ("gpu_memory_ratio", 0.25),
        ("gpu_celsius", 60.0),
        ("gpu_watts", 200.0),
        ("process_cpu_ratio", 0.5),
        ("process_memory_ratio", 0.1),
    ];
    assert_eq!(series.iter().collect::<Vec<_>>(), expected);
}

#[test]
fn what_is_not_known_is_absent() {
    let began = Instant::now();
    let mut before = look(began);
    let mut now = look(began + Duration::from_secs(10));
    before.process = None;
    (now.memory_total, now.cpus, now.load) = (0, 0, None);
    now.disks.clear();
    // An interface that came meanwhile has no rate yet.
    now.interfaces = vec![Interface { name: "eth1".to_owned(), received: 6_000, sent: 600 }];
    assert_eq!(Series::between(&before, &now, None), Series::default());
}

#[test]
fn a_counter_that_went_back_is_no_rate() {
    let began = Instant::now();
    let (before, mut now) = (look(began), look(began + Duration::from_secs(10)));
    now.interfaces = vec![Interface { name: "eth0".to_owned(), received: 10, sent: 600 }];
    let series = Series::between(&before, &now, None);
    assert_eq!(series.get("network_received_bytes_per_second"), None);
    assert_eq!(series.get("disk_read_bytes_per_second"), Some(0.0));
}

#[test]
fn this_machine_can_be_looked_at() {
    let mut host = Host::new();
    let before = host.look();
    let began = Instant::now();
    // Busy until the clock of the machine says so: sysinfo tells usage from ticks.
    let mut now = host.look();
    let used = |look: &Look| look.process.as_ref().map_or(0, |process| process.cpu_ms);
    while used(&now) <= used(&before) && began.elapsed() < Duration::from_secs(60) {
        std::hint::black_box((0..100_000_u64).sum::<u64>());
        now = host.look();
    }
    assert!(now.cpus > 0 && now.memory_total > 0 && now.memory_used > 0);
    let process = now.process.as_ref().unwrap();
    assert!(process.resident > 0 && process.started > 0 && used(&now) > used(&before));
    assert!(now.interfaces.len() <= DEVICES_MAX && now.disks.len() <= DEVICES_MAX);
    assert!(now.interfaces.iter().all(|interface| interface.name != "lo"));
    let series = Series::between(&before, &now, now.cpu);
    assert!(series.get("memory_ratio").is_some_and(|ratio| ratio > 0.0 && ratio <= 1.0));
    assert!(series.get("process_cpu_ratio").is_some_and(|ratio| ratio > 0.0));
}

proptest! {
    #[test]
    fn no_pair_of_looks_makes_a_share_out_of_range_or_a_rate_below_nothing(
        numbers in proptest::collection::vec(any::<u64>(), 16), cpus in 0_usize..8, apart in 0_u64..1_000_000
    ) {
        let began = Instant::now();
        let of = |at, numbers: &[u64]| Look {
            at,
            cpu: None,
            cpus,
            load: Some(1.0),
            memory_used: numbers[0],
            memory_total: numbers[1],
            interfaces: vec![Interface { name: "a".to_owned(), received: numbers[2], sent: numbers[3] }],
            disks: vec![Disk { mount: "/".to_owned(), used: numbers[4], total: numbers[5], read: numbers[6], written: numbers[7] }],
            gpus: Vec::new(),
            process: Some(Process { cpu_ms: numbers[3], resident: numbers[4], open_files: None, started: 0 }),
        };
        let (before, now) = (of(began, &numbers[..8]), of(began + Duration::from_millis(apart), &numbers[8..]));
        for (name, value) in Series::between(&before, &now, None).iter() {
            prop_assert!(value.is_finite() && value >= 0.0, "{name} {value}");
            prop_assert!(!name.ends_with("_ratio") || value <= 1.0, "{name} {value}");
        }
    }
}
