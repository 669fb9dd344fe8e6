//! Metrics as `OpenMetrics` has them, from what is counted.

use std::fmt::Error;

use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;
use stepwell_shared::histogram::Observed;

/// Names of labels and their values.
pub(super) type Labels<'a> = &'a [(&'static str, &'static str)];

/// What is so many at the moment.
pub(super) fn gauge(
    page: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    unit: Option<&Unit>,
    value: f64,
) -> Result<(), Error> {
    page.encode_descriptor(name, help, unit, MetricType::Gauge)?.encode_gauge(&value)
}

/// The same, by labels.
pub(super) fn gauges<'a>(
    page: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    values: impl IntoIterator<Item = (Labels<'a>, f64)>,
) -> Result<(), Error> {
    let mut family = page.encode_descriptor(name, help, None, MetricType::Gauge)?;
    for (labels, value) in values {
        family.encode_family(&labels)?.encode_gauge(&value)?;
    }
    Ok(())
}

/// What has happened so often, by labels.
pub(super) fn counters<'a>(
    page: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    counts: impl IntoIterator<Item = (Labels<'a>, u64)>,
) -> Result<(), Error> {
    let mut family = page.encode_descriptor(name, help, None, MetricType::Counter)?;
    for (labels, count) in counts {
        if labels.is_empty() {
            family.encode_counter::<NoLabelSet, _, u64>(&count, None)?;
        } else {
            family.encode_family(&labels)?.encode_counter::<NoLabelSet, _, u64>(&count, None)?;
        }
    }
    Ok(())
}

/// How long something took, by labels; observed in microseconds, shown in seconds.
pub(super) fn durations<'a>(
    page: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    observed: impl IntoIterator<Item = (Labels<'a>, Observed)>,
) -> Result<(), Error> {
    histograms(page, name, help, Some(&Unit::Seconds), 1e6, observed)
}

/// How many there were each time.
pub(super) fn sizes(
    page: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    observed: Observed,
) -> Result<(), Error> {
    histograms(page, name, help, None, 1.0, [(&[][..], observed)])
}

#[allow(clippy::cast_precision_loss, reason = "a sum above 2^53 is shown as near to it as anybody can tell")]
fn histograms<'a>(
    page: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    unit: Option<&Unit>,
    scale: f64,
    observed: impl IntoIterator<Item = (Labels<'a>, Observed)>,
) -> Result<(), Error> {
    let mut family = page.encode_descriptor(name, help, unit, MetricType::Histogram)?;
    for (labels, observed) in observed {
        let bounds = observed.buckets.iter().map(|(bound, count)| (*bound as f64 / scale, *count));
        let buckets: Vec<_> = bounds.chain([(f64::INFINITY, observed.beyond)]).collect();
        let (sum, count) = (observed.sum as f64 / scale, observed.count());
        if labels.is_empty() {
            family.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?;
        } else {
            family.encode_family(&labels)?.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?;
        }
    }
    Ok(())
}
