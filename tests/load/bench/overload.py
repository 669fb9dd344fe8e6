"""At five times its capacity: how much of its best rate a server on one core still serves, and how the rest is told."""

import json
import os
import statistics
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from .dataset import Dataset, posts
from .http import ask, ask_json, in_parallel
from .process import Process
from .stepwell import RECORDS, Stepwell
from .wrk import LUA, Load, run

TIMES = 5
# Few, and a few more: what serves best differs with the work.
CLOSED_CONNECTIONS = (8, 32)
# As many as wait for answers at the target, and as many again for those that are told at once.
OPEN_CONNECTIONS = 512
SERVER_CORE, CLIENT_CORE = 0, 1
PROBE_INTERVAL_S = 0.01
WARM_S = 3
# A hundred posts of 1 KB a page, and more topics and page sizes than the edge's least memory holds answers.
TOPICS, POSTS_A_TOPIC, PAGES = 50, 110, range(81, 101)


@dataclass(frozen=True)
class Flood:
    """What came of a run in an open loop. Where much less is offered than asked, the machine had no room for the load
    itself, and the figures say nothing of the server."""

    asked: float
    offered: float
    served: float
    shed_share: float
    served_ms: float
    shed_ms: float

    def note(self) -> str:
        return (
            f"{self.offered:,.0f}/s offered of {self.asked:,.0f}/s that were meant, {self.shed_share:.0%} refused; a refusal took {self.shed_ms:.1f} ms "
            f"and a success {self.served_ms:.1f} ms in the median"
        )


class Pinned:
    """One server alone on one core, and everything else on the other, until the `with` block is left."""

    def __init__(self, sides):
        self.sides = sides
        self.server = Stepwell(sides.programs, sides.folder / "overload", threads=1, edge_memory="1MiB", core=SERVER_CORE)

    def __enter__(self) -> "Pinned":
        self._cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {CLIENT_CORE})
        self.process = self.server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stop()
        os.sched_setaffinity(0, self._cores)

    def best(self, load: Load, seconds: int) -> float:
        """Requests a second in a closed loop, where nothing is refused."""
        run(self.sides.programs, load, self.process, WARM_S, CLOSED_CONNECTIONS[0])
        rates = [run(self.sides.programs, load, self.process, seconds, count).per_second for count in CLOSED_CONNECTIONS]
        return max(rates)

    def flood(self, load: Load, rate: float, seconds: int, probe) -> Flood:
        """What comes of `rate` requests a second, once the server has found its limits."""
        arguments = load.arguments | {"RATE": str(rate)}
        open_loop(self.sides.programs, Load(load.port, "open_loop.lua", arguments), WARM_S)
        probes = Probes(probe)
        with probes:
            counted = open_loop(self.sides.programs, Load(load.port, "open_loop.lua", arguments), seconds)
        if counted["unsaid"] or counted["other"] or counted["broken"]:
            raise RuntimeError(f"not every answer was a success or a whole refusal: {counted}")
        elapsed_s, answers = counted["us"] / 1e6, counted["served"] + counted["shed"]
        return Flood(
            asked=rate,
            offered=answers / elapsed_s,
            served=counted["served"] / elapsed_s,
            shed_share=counted["shed"] / answers,
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

    def median_ms(self, shed: bool) -> float:
        return statistics.median(self._taken_s[shed]) * 1000 if self._taken_s[shed] else float("nan")


def open_loop(programs, load: Load, seconds: int) -> dict:
    command = [programs.wrk, "-t1", f"-c{OPEN_CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s", "-s", LUA / load.script]
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


def lists(pinned: Pinned, data: Dataset, file) -> tuple[Load, object]:
    """Pages of a hundred, by an index, past the edge."""
    targets = [
        pinned.server.list_target(topic).replace("limit=20", f"limit={limit}") for limit in PAGES for topic in data.topics
    ]
    turns = iter(targets * 100)
    load = Load(pinned.server.port, "get.lua", {"TARGETS": file("overload-lists", targets)})
    return load, lambda: ask(pinned.server.port, "GET", next(turns))[0]


def creates(pinned: Pinned, data: Dataset, file) -> tuple[Load, object]:
    """Durable creates of a 1 KB record."""
    body = posts(data.topics, 1)[0]
    arguments = {"BODY": file("overload-body", [json.dumps(body)]), "TARGET": RECORDS, "TOKEN": data.token}
    load = Load(pinned.server.port, "create.lua", arguments)
    return load, lambda: ask(pinned.server.port, "POST", RECORDS, body, data.token)[0]
