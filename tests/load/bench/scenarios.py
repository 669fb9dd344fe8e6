"""What is measured: a function each, ours beside a peer."""

import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from . import nginx, overload, pocketbase, stepwell
from .dataset import Dataset, posts
from .http import wait_until_it_answers
from .needs import Programs
from .nginx import Nginx
from .pocketbase import PocketBase
from .process import Process
from .stepwell import Edge, Stepwell
from .wrk import Load, Run, run

# The least that the setting takes: what is read past the edge's store must not fit into it.
EDGE_MEMORY_LEAST = "1MiB"
# Enough for seconds of rest.
MIXED_RUN_S = 10


@dataclass(frozen=True)
class Plan:
    """How much is done."""

    runs: int = 5
    seconds: int = 10
    records: int = 20_000
    connections: int = 64
    starts: int = 20
    mixed_requests: int = 1_000_000
    # Before idle memory is read.
    settle_s: float = 3


@dataclass
class Result:
    """Figures of both sides, one a run; `goal` is the ratio or the figure that we aim at."""

    name: str
    unit: str
    peer: str
    goal: str
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    our_cpu_us: list[float] = field(default_factory=list)
    their_cpu_us: list[float] = field(default_factory=list)
    note: str = ""
    # Why the figures say nothing of the goal. Then no ratio is told.
    void: str = ""


class Sides:
    """Both servers, filled with the same data, and a folder for what wrk reads."""

    def __init__(self, plan: Plan, programs: Programs, folder: Path):
        self.plan, self.programs, self.folder = plan, programs, folder
        self.our_data, self.their_data, self._overloads = Dataset(), Dataset(), None

    def fill(self) -> None:
        """Gives both sides the same records."""
        plan, ours, theirs = self.plan, self.stepwell(), self.pocketbase()
        theirs.prepare()
        tell(f"filling both sides with {plan.records} records")
        with ours.start():
            self.our_data = ours.seed(plan.records)
        with theirs.start():
            self.their_data = theirs.seed(plan.records)

    def stepwell(self, **settings: object) -> Stepwell:
        return Stepwell(self.programs, self.folder / "stepwell", **settings)

    def pocketbase(self) -> PocketBase:
        return PocketBase(self.programs, self.folder / "pocketbase")

    def overload_data(self, pinned: overload.Pinned) -> Dataset:
        """What the server that is overloaded holds: other records, filled in when they are first needed."""
        self._overloads = self._overloads or overload.fill(pinned.server)
        return self._overloads

    def file(self, name: str, lines: list[str]) -> str:
        path = self.folder / name
        path.write_text("\n".join(lines), encoding="utf-8")
        return str(path)

    def reads(self, side: Stepwell | PocketBase, targets: list[str]) -> Load:
        return Load(side.port, "get.lua", {"TARGETS": self.file(f"targets-{side.port}", targets)})

    def creation(self, side: Stepwell | PocketBase, data: Dataset) -> dict[str, str]:
        body = json.dumps(posts(data.topics, 1)[0])
        return {"BODY": self.file(f"body-{side.port}", [body]), "TARGET": side.create_target, "TOKEN": data.token}

    def alternate(self, result: Result, ours: tuple[Load, Process], theirs: tuple[Load, Process]) -> Result:
        """Runs both in turn, after a short one of each to warm up, and notes what they came to."""
        for load, server in (ours, theirs):
            self._run(load, server, 1)
        for number in range(self.plan.runs):
            for (load, server), figures, cpu in (
                (ours, result.ours, result.our_cpu_us),
                (theirs, result.theirs, result.their_cpu_us),
            ):
                done = self._run(load, server, self.plan.seconds)
                figures.append(done.per_second)
                cpu.append(done.cpu_us_per_request)
            tell(f"{result.name}, run {number + 1}: {result.ours[-1]:,.0f} beside {result.theirs[-1]:,.0f}")
        return result

    def _run(self, load: Load, server: Process, seconds: int) -> Run:
        return run(self.programs, load, server, seconds, self.plan.connections)


def cached_reads(sides: Sides) -> Result:
    """One record of 1 KB from the edge's store, on one thread; nginx serves the same bytes on one worker."""
    result = Result("cached reads of a 1 KB record, one thread", "requests/s", nginx.NAME, "≥ 1.0")
    ours = sides.stepwell(threads=1)
    target = ours.record_target(sides.our_data.posts[0])
    with ours.start() as our_process:
        theirs = Nginx(sides.programs, sides.folder, ours.port)
        try:
            with theirs.start(target) as their_process:
                if not ours.is_hit(target):
                    raise RuntimeError(f"our edge does not keep {target}")
                targets = {"TARGETS": sides.file("target", [target])}
                loads = (Load(ours.port, "get.lua", targets), Load(theirs.port, "get.lua", targets))
                return sides.alternate(result, (loads[0], our_process), (loads[1], their_process))
        finally:
            theirs.clean()


def edge_alone(sides: Sides) -> Result:
    """The same record from `stepwell edge`, which goes by HTTP's own header fields; nginx is in front of the same server."""
    result = Result("the same from `stepwell edge`, by RFC 9111", "requests/s", nginx.NAME, "–")
    origin = sides.stepwell(threads=1)
    target = origin.record_target(sides.our_data.posts[0])
    with origin.start():
        ours, theirs = Edge(sides.programs, sides.folder, origin.port), Nginx(sides.programs, sides.folder, origin.port)
        try:
            with ours.start(target) as our_process, theirs.start(target) as their_process:
                targets = {"TARGETS": sides.file("target", [target])}
                loads = (Load(ours.port, "get.lua", targets), Load(theirs.port, "get.lua", targets))
                return sides.alternate(result, (loads[0], our_process), (loads[1], their_process))
        finally:
            theirs.clean()


def record_reads(sides: Sides) -> Result:
    """Single records from the database."""
    result = Result("single records past the edge cache", "requests/s", pocketbase.NAME, "≥ 3.0")
    return past_the_edge(sides, result, lambda side, data: [side.record_target(post) for post in data.posts])


def list_reads(sides: Sides) -> Result:
    """The 20 newest posts of a topic from the database."""
    result = Result("lists of 20 by an index, past the edge cache", "requests/s", pocketbase.NAME, "≥ 3.0")
    return past_the_edge(sides, result, lambda side, data: [side.list_target(topic) for topic in data.topics])


def past_the_edge(sides: Sides, result: Result, targets_of: Callable[..., list[str]]) -> Result:
    """Asks for each target once before any of them again, so that an edge with the least memory has dropped it."""
    ours, theirs = sides.stepwell(edge_memory=EDGE_MEMORY_LEAST), sides.pocketbase()
    our_targets = targets_of(ours, sides.our_data)
    with ours.start() as our_process, theirs.start() as their_process:
        our_load = sides.reads(ours, our_targets)
        their_load = sides.reads(theirs, targets_of(theirs, sides.their_data))
        sides.alternate(result, (our_load, our_process), (their_load, their_process))
        sample = our_targets[:: max(1, len(our_targets) // 500)]
        hits = sum(ours.is_hit(target) for target in sample)
    result.note = f"{len(our_targets):,} targets in turn, edge memory {EDGE_MEMORY_LEAST}; {hits} of {len(sample)} asked for after it were stored"
    return result


def durable_creates(sides: Sides) -> Result:
    """Creates of 1 KB records. Ours are on the disk when they are answered; PocketBase's are not synced one by one."""
    result = Result("durable creates of a 1 KB record", "requests/s", pocketbase.NAME, "≥ 2.0")
    ours, theirs = sides.stepwell(), sides.pocketbase()
    with ours.start() as our_process, theirs.start() as their_process:
        our_load = Load(ours.port, "create.lua", sides.creation(ours, sides.our_data))
        their_load = Load(theirs.port, "create.lua", sides.creation(theirs, sides.their_data))
        return sides.alternate(result, (our_load, our_process), (their_load, their_process))


def memory(sides: Sides) -> Result:
    """Resident memory after many mixed requests: 90 % records, 9 % lists, 1 % creates."""
    count = sides.plan.mixed_requests
    result = Result(f"memory after {count:,} mixed requests", "MB", pocketbase.NAME, "< 150 MB")
    peaks, counts = [], []
    for side, data, figures in (
        (sides.stepwell(), sides.our_data, result.ours),
        (sides.pocketbase(), sides.their_data, result.theirs),
    ):
        records = sides.file(f"records-{side.port}", [side.record_target(post) for post in data.posts])
        lists = sides.file(f"lists-{side.port}", [side.list_target(topic) for topic in data.topics])
        load = Load(side.port, "mixed.lua", sides.creation(side, data) | {"RECORDS": records, "LISTS": lists})
        sent = 0
        with side.start() as process:
            while sent < count:
                seconds = min(MIXED_RUN_S, sides.plan.seconds)
                sent += run(sides.programs, load, process, seconds, sides.plan.connections).requests
            figures.append(process.memory_mb())
            peaks.append(process.memory_mb("VmHWM"))
            counts.append(sent)
        tell(f"{result.name}: {figures[-1]:.0f} MB after {sent:,}")
    result.note = (
        f"{counts[0]:,} and {counts[1]:,} in the end, 90 % records, 9 % lists, 1 % creates; "
        f"at their highest {peaks[0]:.0f} and {peaks[1]:.0f} MB"
    )
    return result


def idle_memory(sides: Sides) -> Result:
    """Resident memory of a server that has answered one request."""
    result = Result("idle memory", "MB", pocketbase.NAME, "< 30 MB")
    for side, data, figures in (
        (sides.stepwell(), sides.our_data, result.ours),
        (sides.pocketbase(), sides.their_data, result.theirs),
    ):
        with side.start() as process:
            wait_until_it_answers(side.port, side.record_target(data.posts[0]), process.has_ended)
            time.sleep(sides.plan.settle_s)
            figures.append(process.memory_mb())
    tell(f"{result.name}: {result.ours[0]:.1f} beside {result.theirs[0]:.1f} MB")
    return result


def first_answer(sides: Sides) -> Result:
    """From the start of the program to the first record that it serves."""
    result = Result("start to first answer", "ms", pocketbase.NAME, "< 100 ms")
    for _ in range(sides.plan.starts):
        for side, data, figures in (
            (sides.stepwell(), sides.our_data, result.ours),
            (sides.pocketbase(), sides.their_data, result.theirs),
        ):
            target = side.record_target(data.posts[0])
            started_s = time.perf_counter()
            with side.launch() as process:
                wait_until_it_answers(side.port, target, process.has_ended)
                figures.append((time.perf_counter() - started_s) * 1000)
    tell(f"{result.name}: {statistics.median(result.ours):.0f} beside {statistics.median(result.theirs):.0f} ms")
    return result


def overloaded(what: str, work_of: Callable[..., overload.Work], sides: Sides) -> Result:
    """Work at five times the best rate, from a server on one core."""
    name = f"{what}, asked for at five times the best rate"
    result = Result(name, "requests/s", "the best rate", "≥ 0.9")
    with overload.Pinned(sides) as pinned:
        work = work_of(pinned, sides.overload_data(pinned), sides.file)
        for number in range(sides.plan.runs):
            best = pinned.best(work, sides.plan.seconds)
            flood = pinned.flood(work, overload.TIMES * best, sides.plan.seconds)
            result.ours.append(flood.served)
            result.theirs.append(best)
            result.note, result.void = flood.note(), result.void or flood.void()
            tell(f"{name}, run {number + 1}: {flood.served:,.0f} of {best:,.0f}; {result.note}")
    return result


# Creates are last of those that count requests, since they change what lists and records are read from.
ALL: dict[str, Callable[[Sides], Result]] = {
    "cached-reads": cached_reads,
    "edge-alone": edge_alone,
    "record-reads": record_reads,
    "list-reads": list_reads,
    "idle-memory": idle_memory,
    "first-answer": first_answer,
    "overload-lists": partial(overloaded, "lists of about 90 past the edge cache", overload.lists),
    "overload-log-ins": partial(overloaded, "log-ins", overload.log_ins),
    "creates": durable_creates,
    "overload-creates": partial(overloaded, "durable creates", overload.creates),
    "memory": memory,
}
NAMES = list(ALL)
ALONE = ("overload-lists", "overload-log-ins", "overload-creates")


def has_peers(names: list[str]) -> bool:
    """Whether any of these holds Stepwell against another's program."""
    return any(name not in ALONE for name in names)


def measure(plan: Plan, programs: Programs, folder: Path, names: list[str]) -> list[Result]:
    """The scenarios of these names, in our order."""
    sides = Sides(plan, programs, folder)
    if has_peers(names):
        sides.fill()
    results = []
    for name, scenario in ALL.items():
        if name in names:
            tell(name)
            results.append(scenario(sides))
    return results


def tell(what: str) -> None:
    print(f"load: {what}", file=sys.stderr, flush=True)
