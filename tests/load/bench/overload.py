"""At five times its capacity: how much of its best rate a server on one core still serves, and how the rest is told."""

import json
import math
import os
import resource
import statistics
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .dataset import Dataset, posts
from .http import ask, ask_json, in_parallel
from .process import CLOCK_TICKS_PER_S, Process
from .stepwell import RECORDS, SESSIONS, Stepwell
from .wrk import LUA, Load, run

TIMES = 5
# Of what was meant. With less, a server is held against another load than the one that is told of.
OFFERED_SHARE_MIN = 0.95
# Of a core's time. Above, whoever takes it could have done no more.
BUSY = 0.9
SERVER_CORE, CLIENT_CORE = 0, 1
PROBE_INTERVAL_S = 0.01
WARM_S = 3
# A hundred posts of 1 KB a page, and more topics and page sizes than the edge's least memory holds answers.
TOPICS, POSTS_A_TOPIC, PAGES = 50, 110, range(81, 101)
# So many people and addresses that none is taken for one who guesses passwords: whoever hangs up amid a log-in, as wrk
# does at its end, has had a guess.
ACCOUNTS, CLIENTS = 64, 1000
# All load comes from one address, which calls itself a proxy.
ONE_ADDRESS = {"STEPWELL_SERVER_CONNECTIONS_PER_ADDRESS_MAX": "10000", "STEPWELL_SERVER_TRUSTED_PROXIES": "127.0.0.0/8"}


@dataclass(frozen=True)
class Work:
    """What is asked for, and one question of it by itself, which returns the status."""

    load: Load
    probe: Callable[[], int]
    # Few, and a few more: what serves best differs with the work.
    closed: tuple[int, int] = (8, 32)
    # As many as the server may let wait, and as many again for those that are told at once.
    open: int = 512


@dataclass(frozen=True)
class Flood:
    """What came of a run in an open loop, all figures but shares and times a second."""

    asked: float
    offered: float
    # Shares of its core's time that the generator took, and that anybody did.
    generator_busy: float
    core_busy: float
    served: float
    shed_share: float
    served_ms: float
    shed_ms: float

    def note(self) -> str:
        return (
            f"{self.offered:,.0f}/s offered of {self.asked:,.0f}/s that were meant, {self.shed_share:.0%} refused; "
            f"in the median a refusal took {took(self.shed_ms)} and a success {took(self.served_ms)}"
        )

    def void(self) -> str:
        """Why this says nothing of the server at five times its best rate; empty where it does."""
        if self.offered >= self.asked * OFFERED_SHARE_MIN:
            return ""
        busy = f"the generator took {self.generator_busy:.0%} of its core"
        if self.generator_busy >= BUSY:
            return f"the load could not be offered, so there is no ratio: {busy}"
        if self.core_busy >= BUSY:
            return f"the load could not be offered, so there is no ratio: {busy}, and other programs the rest"
        return f"the load was not taken, so there is no ratio: {busy}, and its connections waited for answers"


def took(ms: float) -> str:
    return "a time that no probe met with" if math.isnan(ms) else f"{ms:.1f} ms"


class Pinned:
    """One server alone on one core, and everything else on the other, until the `with` block is left."""

    def __init__(self, sides):
        self.sides = sides
        folder = sides.folder / "overload"
        self.server = Stepwell(sides.programs, folder, threads=1, edge_memory="1MiB", core=SERVER_CORE, settings=ONE_ADDRESS)

    def __enter__(self) -> "Pinned":
        self._cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {CLIENT_CORE})
        self.process = self.server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stop()
        os.sched_setaffinity(0, self._cores)

    def best(self, work: Work, seconds: int) -> float:
        """Requests a second in a closed loop, where nothing is refused."""
        programs = self.sides.programs
        run(programs, work.load, self.process, WARM_S, work.closed[0])
        return max(run(programs, work.load, self.process, seconds, count).per_second for count in work.closed)

    def flood(self, work: Work, rate: float, seconds: int) -> Flood:
        """What comes of `rate` requests a second, once the server has found its limits."""
        load = Load(work.load.port, "open_loop.lua", work.load.arguments | {"RATE": str(rate)})
        open_loop(self.sides.programs, load, WARM_S, work.open)
        probes = Probes(work.probe)
        with probes:
            before_s, rested_s = generators_cpu_s(), core_rested_s(CLIENT_CORE)
            counted = open_loop(self.sides.programs, load, seconds, work.open)
            cpu_s, rested_s = generators_cpu_s() - before_s, core_rested_s(CLIENT_CORE) - rested_s
        if counted["unsaid"] or counted["other"] or counted["broken"]:
            raise RuntimeError(f"not every answer was a success or a whole refusal: {counted}")
        # Where a success is dear, those of the probes are a share of what could be served.
        served, shed = (counted[what] + probes.count(what == "shed") for what in ("served", "shed"))
        elapsed_s = counted["us"] / 1e6
        return Flood(
            asked=rate,
            offered=(served + shed) / elapsed_s,
            generator_busy=cpu_s / elapsed_s,
            core_busy=1 - rested_s / elapsed_s,
            served=served / elapsed_s,
            shed_share=shed / (served + shed),
            served_ms=probes.median_ms(False),
            shed_ms=probes.median_ms(True),
        )


class Probes:
    """Asks once every few milliseconds beside the flood, and notes how long each answer took: wrk does not tell
    successes from refusals."""

    def __init__(self, probe):
        self._probe, self._taken_s, self._stop = probe, {True: [], False: []}, threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> "Probes":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        while not self._stop.wait(PROBE_INTERVAL_S):
            began_s = time.perf_counter()
            status = self._probe()
            self._taken_s[status >= 300].append(time.perf_counter() - began_s)

    def count(self, shed: bool) -> int:
        return len(self._taken_s[shed])

    def median_ms(self, shed: bool) -> float:
        return statistics.median(self._taken_s[shed]) * 1000 if self._taken_s[shed] else float("nan")


def generators_cpu_s() -> float:
    """Of the programs that have ended: those that sent load."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def core_rested_s(core: int) -> float:
    """For how long a core has had nothing to do since the machine started: `idle` and `iowait` of proc_stat(5)."""
    lines = Path("/proc/stat").read_text().splitlines()
    fields = next(line.split() for line in lines if line.startswith(f"cpu{core} "))
    return (int(fields[4]) + int(fields[5])) / CLOCK_TICKS_PER_S


def open_loop(programs, load: Load, seconds: int, connections: int) -> dict:
    command = [programs.wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", LUA / load.script]
    done = subprocess.run(
        [*map(str, command), f"http://127.0.0.1:{load.port}/"],
        env=os.environ | load.arguments | {"LUA_PATH": f"{LUA}/?.lua"},
        capture_output=True,
        text=True,
        timeout=seconds + 60,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        raise RuntimeError(f"wrk failed: {done.stdout}\n{done.stderr}")
    return json.loads(lines[-1])


def fill(server: Stepwell) -> Dataset:
    """A few topics with long lists of posts."""
    data = server.seed(TOPICS * 20)
    create = lambda body: ask_json(server.port, "POST", RECORDS, body, data.token)["id"]
    in_parallel(create, posts(data.topics, TOPICS * (POSTS_A_TOPIC - 20)))
    return data


def lists(pinned: Pinned, data: Dataset, file) -> Work:
    """Pages of a hundred, by an index, past the edge."""
    targets = [
        pinned.server.list_target(topic).replace("limit=20", f"limit={limit}") for limit in PAGES for topic in data.topics
    ]
    turns = iter(targets * 100)
    load = Load(pinned.server.port, "get.lua", {"TARGETS": file("overload-lists", targets)})
    return Work(load, lambda: ask(pinned.server.port, "GET", next(turns))[0])


def creates(pinned: Pinned, data: Dataset, file) -> Work:
    """Durable creates of a 1 KB record. The server lets up to 1,024 wait, and they wait for one sync together."""
    body = posts(data.topics, 1)[0]
    arguments = {"BODY": file("overload-body", [json.dumps(body)]), "TARGET": RECORDS, "TOKEN": data.token}
    load = Load(pinned.server.port, "create.lua", arguments)
    return Work(load, lambda: ask(pinned.server.port, "POST", RECORDS, body, data.token)[0], open=2048)


def log_ins(pinned: Pinned, data: Dataset, file) -> Work:
    """Log-ins of many people from many addresses. A password is hashed on purpose for tens of milliseconds, and more than a
    few that wait are refused, however few ask."""
    people = [json.dumps(pinned.server.sign_up(f"person-{number}-{time.monotonic_ns()}")) for number in range(ACCOUNTS)]
    prober = pinned.server.sign_up(f"prober-{time.monotonic_ns()}")
    arguments = {"BODY": file("overload-people", people), "TARGET": SESSIONS, "CLIENTS": str(CLIENTS)}
    load = Load(pinned.server.port, "create.lua", arguments)
    return Work(load, lambda: ask(pinned.server.port, "POST", SESSIONS, prober)[0], closed=(2, 8))
