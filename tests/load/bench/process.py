"""A server's processes: started, measured through /proc, ended."""

import os
import signal
import socket
import subprocess
from pathlib import Path

CLOCK_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
STOP_PATIENCE_S = 20


class Process:
    """A program and whatever it starts. Ended when the `with` block is left."""

    def __init__(self, command: list, environment: dict[str, str] | None = None, folder: Path | None = None):
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("STEPWELL_")}
        self._popen = subprocess.Popen(
            [str(part) for part in command],
            env=inherited | (environment or {}),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def has_ended(self) -> bool:
        return self._popen.poll() is not None

    def stop(self) -> None:
        if self._popen.poll() is None:
            self._popen.send_signal(signal.SIGTERM)
        try:
            self._popen.wait(STOP_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()

    def cpu_s(self) -> float:
        """Seconds of processor time so far, of all its processes, in user and in system mode."""
        return sum(cpu_s(pid) for pid in family(self.pid))

    def memory_mb(self, which: str = "VmRSS") -> float:
        """Resident memory of all its processes in MB of 10^6 bytes: `VmRSS` now, `VmHWM` at its highest."""
        return sum(memory_kb(pid, which) for pid in family(self.pid)) * 1024 / 1e6


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := read_stat(int(entry.name))):
            parents.setdefault(int(stat[1]), []).append(int(entry.name))
    members, waiting = [], [pid]
    while waiting:
        members.append(waiting.pop())
        waiting.extend(parents.get(members[-1], []))
    return members


def cpu_s(pid: int) -> float:
    stat = read_stat(pid)
    # Fields 14 and 15 of proc(5), counted here from the state, which is the third.
    return (int(stat[11]) + int(stat[12])) / CLOCK_TICKS_PER_S if stat else 0.0


def read_stat(pid: int) -> list[str] | None:
    """The fields after the command's name, which may hold anything in its parentheses."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def memory_kb(pid: int, which: str) -> int:
    try:
        status = (Path("/proc") / str(pid) / "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith(which + ":")), 0)


def free_port() -> int:
    """A port on loopback that nobody listens on, below the range of outgoing connections."""
    for port in range(17_000 + os.getpid() % 1000, 20_000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in _handed_out:
            _handed_out.add(port)
            return port
    raise OSError("no port from 17000 to 20000 is free on 127.0.0.1")


_handed_out: set[int] = set()
