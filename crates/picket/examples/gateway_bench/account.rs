//! What the kernel accounts for processes: CPU by thread, memory.

use crate::Failure;
use std::collections::BTreeMap;
use std::time::Duration;

/// CPU that each thread has used, by name; threads of one name together.
pub(crate) fn cpu(process: u32) -> Result<BTreeMap<String, Duration>, Failure> {
    let mut used: BTreeMap<String, Duration> = BTreeMap::new();
    for thread in std::fs::read_dir(format!("/proc/{process}/task"))? {
        let folder = thread?.path();
        // A thread that ends meanwhile has nothing to add.
        let Ok(name) = std::fs::read_to_string(folder.join("comm")) else { continue };
        let Ok(account) = std::fs::read_to_string(folder.join("schedstat")) else { continue };
        let nanos = account.split(' ').next().unwrap_or_default().parse()?;
        *used.entry(name.trim().to_owned()).or_default() += Duration::from_nanos(nanos);
    }
    Ok(used)
}

/// Threads with their names.
pub(crate) fn threads(process: u32) -> Result<Vec<(u32, String)>, Failure> {
    let mut threads = Vec::new();
    for thread in std::fs::read_dir(format!("/proc/{process}/task"))? {
        let folder = thread?.path();
        let id = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default().parse()?;
        // A thread that ends meanwhile is none.
        let Ok(name) = std::fs::read_to_string(folder.join("comm")) else { continue };
        threads.push((id, name.trim().to_owned()));
    }
    Ok(threads)
}

/// Memory in use, MiB.
pub(crate) fn resident_mib(process: u32) -> Result<f64, Failure> {
    status(process, "VmRSS:")
}

/// The most memory that was in use, MiB.
pub(crate) fn peak_mib(process: u32) -> Result<f64, Failure> {
    status(process, "VmHWM:")
}

fn status(process: u32, name: &str) -> Result<f64, Failure> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line in the status")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1_024.0)
}
