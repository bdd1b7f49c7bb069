//! NVIDIA's GPUs, by the library that their driver brings (NVML), found when the program runs.

use crate::DEVICES_MAX;
use nvml_wrapper::Nvml;
use nvml_wrapper::enum_wrappers::device::TemperatureSensor;

/// A GPU at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Gpu {
    /// Its place among the machine's GPUs.
    pub index: u32,
    /// Share of the last moments in which it computed, 0 to 1.
    pub busy: Option<f64>,
    /// Bytes of its memory that are taken.
    pub memory_used: Option<u64>,
    /// Bytes of its memory.
    pub memory_total: Option<u64>,
    /// Degrees Celsius.
    pub celsius: Option<u32>,
    /// Milliwatts that it draws.
    pub milliwatts: Option<u32>,
}

/// The driver's library, where there is one.
#[derive(Debug)]
pub(crate) struct Gpus(Option<Nvml>);

impl Gpus {
    /// Asks for the library; a machine without it has no GPUs.
    pub(crate) fn find() -> Self {
        Self(Nvml::init().ok())
    }

    /// All GPUs now. One that does not answer is left out.
    pub(crate) fn look(&self) -> Vec<Gpu> {
        let Some(library) = &self.0 else { return Vec::new() };
        let count = library.device_count().unwrap_or(0).min(u32::try_from(DEVICES_MAX).unwrap_or(u32::MAX));
        (0..count).filter_map(|index| one(library, index)).collect()
    }
}

fn one(library: &Nvml, index: u32) -> Option<Gpu> {
    let device = library.device_by_index(index).ok()?;
    let memory = device.memory_info().ok();
    Some(Gpu {
        index,
        busy: device.utilization_rates().ok().map(|rates| f64::from(rates.gpu) / 100.0),
        memory_used: memory.as_ref().map(|memory| memory.used),
        memory_total: memory.as_ref().map(|memory| memory.total),
        celsius: device.temperature(TemperatureSensor::Gpu).ok(),
        milliwatts: device.power_usage().ok(),
    })
}
