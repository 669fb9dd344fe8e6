"""One run of wrk, and what it counted."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .needs import Programs
from .process import Process

LUA = Path(__file__).resolve().parent.parent / "lua"


@dataclass(frozen=True)
class Load:
    """What wrk sends: `script` from lua/, with its arguments by environment variable."""

    port: int
    script: str
    arguments: dict[str, str]


@dataclass(frozen=True)
class Run:
    """What a run came to."""

    requests: int
    per_second: float
    p99_ms: float
    cpu_us_per_request: float

    def as_dict(self) -> dict[str, float]:
        return self.__dict__.copy()


def run(programs: Programs, load: Load, server: Process, seconds: int, connections: int) -> Run:
    """Sends for so long over so many connections, on one thread. Any answer that is no success fails the run."""
    command = [programs.wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", LUA / load.script]
    command.append(f"http://127.0.0.1:{load.port}/")
    environment = os.environ | load.arguments | {"LUA_PATH": f"{LUA}/?.lua"}
    cpu_before_s = server.cpu_s()
    done = subprocess.run(
        [str(part) for part in command], env=environment, capture_output=True, text=True, timeout=seconds + 60, check=False
    )
    cpu_s = server.cpu_s() - cpu_before_s
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        raise RuntimeError(f"wrk failed: {done.stdout}\n{done.stderr}")
    counted = json.loads(lines[-1])
    if counted["failures"] or not counted["requests"]:
        raise RuntimeError(f"{load.script} on port {load.port}: {counted}")
    requests = counted["requests"]
    return Run(requests, requests / (counted["us"] / 1e6), counted["p99_us"] / 1000, cpu_s * 1e6 / requests)
