"""The figures as a document for programs, and as a table for BENCHMARKS.md."""

import datetime
import os
import platform
import statistics
from pathlib import Path

from .needs import Programs
from .scenarios import Plan, Result


def document(plan: Plan, programs: Programs, results: list[Result]) -> dict:
    """Everything: each run's figures, what they were measured on, and how."""
    return {
        "measured_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": {"processor": processor(), "cores": os.cpu_count(), "kernel": platform.release()},
        "versions": programs.versions(),
        "plan": plan.__dict__,
        "results": [result.__dict__ | summary(result) for result in results],
    }


def summary(result: Result) -> dict:
    ours, theirs = statistics.median(result.ours), statistics.median(result.theirs)
    cpu = [statistics.median(side) if side else None for side in (result.our_cpu_us, result.their_cpu_us)]
    return {
        "median": ours,
        "peer_median": theirs,
        "ratio": ours / theirs if theirs and not result.void else None,
        "cpu_us_median": cpu[0],
        "peer_cpu_us_median": cpu[1],
    }


def markdown(document: dict) -> str:
    """A table with one row a result, and what it was measured with."""
    versions, machine, plan = document["versions"], document["machine"], document["plan"]
    rows = [
        "| what | Stepwell | peer | ratio | goal | CPU a request: Stepwell, peer |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    rows += [row(result, versions) for result in document["results"]]
    notes = [
        f"- {result['name']}: {'. '.join(filter(None, (result['void'], result['note'])))}."
        for result in document["results"]
        if result["note"] or result["void"]
    ]
    setting = (
        f"Medians of {plan['runs']} alternating runs of {plan['seconds']} s over {plan['connections']} connections "
        f"(wrk {versions['wrk']}, one thread); {plan['records']:,} records; starts: median of {plan['starts']}. "
        f"{machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}, {document['measured_at'][:10]}."
    )
    return "\n".join([*rows, "", setting, *([""] if notes else []), *notes])


def row(result: dict, versions: dict[str, str]) -> str:
    # Where Stepwell is held against itself, there is no other's version.
    peer = f"{result['peer']} {versions.get(result['peer'].lower(), '')}".rstrip()
    ratio = f"{result['ratio']:.2f}" if result["ratio"] else "–"
    cpu = "–"
    if result["cpu_us_median"] is not None and result["peer_cpu_us_median"] is not None:
        cpu = f"{result['cpu_us_median']:.1f}, {result['peer_cpu_us_median']:.1f} µs"
    ours, theirs = (f"{shown(result[key])} {result['unit']}" for key in ("median", "peer_median"))
    return f"| {result['name']} | {ours} | {theirs} ({peer}) | {ratio} | {result['goal']} | {cpu} |"


def shown(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.1f}"


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
