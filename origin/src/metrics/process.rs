//! What the process takes of the machine, as Linux tells; elsewhere nothing is shown of it.

use std::fmt;
use std::fs;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

use super::edge::number;
use super::write::gauge;

/// The process.
#[derive(Debug)]
pub(super) struct Process;

/// Ticks of a second in which the kernel tells times: 100 on every machine that Stepwell runs on, whatever the kernel's
/// own clock is (`USER_HZ`).
const TICKS_PER_SECOND: f64 = 100.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Taken {
    cpu_ticks: u64,
    memory_bytes: u64,
}

impl Collector for Process {
    fn encode(&self, mut page: DescriptorEncoder<'_>) -> fmt::Result {
        let page = &mut page;
        page.encode_descriptor("build", "What runs", None, MetricType::Info)?
            .encode_info(&[("version", env!("CARGO_PKG_VERSION"))])?;
        let told =
            fs::read_to_string("/proc/self/stat").ok().zip(fs::read_to_string("/proc/self/status").ok());
        if let Some(Taken { cpu_ticks, memory_bytes }) = told.and_then(|(stat, status)| read(&stat, &status))
        {
            let seconds = number(cpu_ticks) / TICKS_PER_SECOND;
            page.encode_descriptor(
                "process_cpu",
                "Time of processors",
                Some(&Unit::Seconds),
                MetricType::Counter,
            )?
            .encode_counter::<NoLabelSet, _, u64>(&seconds, None)?;
            let help = "Memory that is held";
            gauge(page, "process_resident_memory", help, Some(&Unit::Bytes), number(memory_bytes))?;
        }
        match fs::read_dir("/proc/self/fd") {
            Ok(open) => {
                let open = open.count() as u64;
                gauge(page, "process_open_fds", "File descriptors that are open", None, number(open))
            }
            Err(_) => Ok(()),
        }
    }
}

/// Reads `/proc/self/stat` and `/proc/self/status` (proc(5)).
fn read(stat: &str, status: &str) -> Option<Taken> {
    // The second field is the command's name, which may hold anything but is in parentheses; utime is the 14th.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_ascii_whitespace().skip(11).map(str::parse::<u64>);
    let (user, system) = (times.next()?.ok()?, times.next()?.ok()?);
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = resident.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(Taken { cpu_ticks: user + system, memory_bytes: kib * 1024 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_words_are_read_whatever_the_command_is_called() {
        let stat = "7 (step) well) S 1 7 7 0 -1 4194560 100 0 0 0 12 3 0 0 20 0 4 0 100 0 0";
        let status = "Name:\tstepwell\nVmRSS:\t    2048 kB\nThreads:\t4\n";
        assert_eq!(read(stat, status), Some(Taken { cpu_ticks: 15, memory_bytes: 2 << 20 }));
        assert_eq!(read("7", status), None);
    }
}
