"""The programs that the benchmark runs, and what to do when one is missing."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Programs:
    """Where each program is; the peers are `None` where nothing is held against them."""

    stepwell: Path
    wrk: Path
    nginx: Path | None = None
    pocketbase: Path | None = None

    def versions(self) -> dict[str, str]:
        """What each says of itself."""
        versions = {
            "stepwell": said([self.stepwell, "--version"]).removeprefix("stepwell "),
            "wrk": said([self.wrk, "--version"]).split()[1],
        }
        if self.nginx:
            versions["nginx"] = said([self.nginx, "-v"]).removeprefix("nginx version: nginx/")
        if self.pocketbase:
            versions["pocketbase"] = said([self.pocketbase, "--version"]).removeprefix("pocketbase version ")
        return versions


def find_programs(with_peers: bool) -> Programs:
    """Those that are needed, or an end with what to do."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    programs = {
        "stepwell": Path(os.environ.get("TESTS_STEPWELL", target / "release" / "stepwell")),
        "wrk": on_path("wrk"),
    }
    if with_peers:
        programs["nginx"] = on_path("nginx")
        programs["pocketbase"] = ROOT / ".tools" / "python" / "bin" / "pocketbase"
    missing = [name for name, path in programs.items() if path is None or not path.is_file()]
    if "stepwell" in missing:
        sys.exit("load: there is no release binary: run `cargo build --release`")
    if missing:
        sys.exit(f"load: {', '.join(missing)} missing: run `tests/tools/install load`")
    return Programs(**programs)


def on_path(name: str) -> Path | None:
    # Debian keeps servers where only root looks.
    found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    return Path(found) if found else None


def said(command: list) -> str:
    """The first line that a command prints, wherever it prints it."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    lines = done.stdout.splitlines()
    return lines[0].strip() if lines else ""
