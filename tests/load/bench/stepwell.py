"""Our side: `stepwell serve` with the built-in example, and `stepwell edge` in front of it."""

from pathlib import Path
from urllib.parse import quote

from .dataset import Dataset, posts, topic_names
from .http import ask, ask_json, in_parallel, wait_until_it_answers
from .needs import Programs
from .process import Process, free_port

NAME = "Stepwell"
PASSWORD = "a benchmark's password"
RECORDS = "/v1/collections/posts/records"
SESSIONS = "/v1/sessions"
SORTED = "sort=-created&limit=20"


# All load comes from one address, and writes from one account.
UNLIMITED = {f"STEPWELL_EDGE_RATE_{name}": "off" for name in ("READS", "WRITES", "SIGN_INS")}


class Stepwell:
    """A server on a data folder. What it is asked is said here, in paths."""

    create_target = RECORDS

    def __init__(
        self,
        programs: Programs,
        folder: Path,
        threads: int = 0,
        edge_memory: str = "64MiB",
        core: int | None = None,
        settings: dict[str, str] | None = None,
    ):
        self.port = free_port()
        pin = [] if core is None else ["taskset", "--cpu-list", core]
        self._command = [*pin, programs.stepwell, "serve"]
        self._folder = folder
        self._environment = {
            "STEPWELL_DATA_FOLDER": str(folder / "data"),
            "STEPWELL_SERVER_LISTEN": f"127.0.0.1:{self.port}",
            "STEPWELL_OPERATOR_LISTEN": f"127.0.0.1:{free_port()}",
            "STEPWELL_SERVER_THREADS": str(threads),
            "STEPWELL_EDGE_MEMORY": edge_memory,
        }
        self._environment |= UNLIMITED | (settings or {})

    def launch(self) -> Process:
        """Started, perhaps not ready."""
        self._folder.mkdir(exist_ok=True)
        return Process(self._command, self._environment, self._folder)

    def start(self) -> Process:
        """Started and ready."""
        process = self.launch()
        wait_until_it_answers(self.port, "/readyz", process.has_ended)
        return process

    def seed(self, records: int) -> Dataset:
        """Fills an empty server."""
        credentials = self.sign_up("load")
        token = ask_json(self.port, "POST", SESSIONS, credentials)["access_token"]

        def create(collection: str, body: dict) -> str:
            return ask_json(self.port, "POST", f"/v1/collections/{collection}/records", body, token)["id"]

        topics = in_parallel(lambda name: create("topics", {"name": name}), topic_names(records))
        return Dataset(token, topics, in_parallel(lambda body: create("posts", body), posts(topics, records)))

    def sign_up(self, name: str) -> dict[str, str]:
        """Makes an account, and returns what it signs in with."""
        credentials = {"email": f"{name}@example.com", "password": PASSWORD}
        ask_json(self.port, "POST", "/v1/accounts", credentials)
        return credentials

    def record_target(self, identifier: str) -> str:
        return f"{RECORDS}/{identifier}"

    def list_target(self, topic: str) -> str:
        return f"{RECORDS}?{quote('filter[topic]')}={topic}&{SORTED}"

    def is_hit(self, target: str) -> bool:
        """Whether the edge answers this from its store."""
        return is_hit(self.port, target)


class Edge:
    """The edge alone, on one thread, in front of `upstream`, a port."""

    def __init__(self, programs: Programs, folder: Path, upstream: int):
        self.port = free_port()
        self._folder = folder / "edge"
        self._command = [programs.stepwell, "edge"]
        self._environment = {
            "STEPWELL_EDGE_ORIGIN": f"http://127.0.0.1:{upstream}",
            "STEPWELL_SERVER_LISTEN": f"127.0.0.1:{self.port}",
            "STEPWELL_OPERATOR_LISTEN": f"127.0.0.1:{free_port()}",
            "STEPWELL_SERVER_THREADS": "1",
        }

    def start(self, target: str) -> Process:
        """Started, and warm for `target`."""
        self._folder.mkdir(exist_ok=True)
        process = Process(self._command, self._environment, self._folder)
        wait_until_it_answers(self.port, target, process.has_ended)
        if not is_hit(self.port, target):
            raise RuntimeError(f"the edge alone does not keep {target}")
        return process


def is_hit(port: int, target: str) -> bool:
    """Whether the last of the caches that a request passes answers it from its store."""
    return "; hit" in ask(port, "GET", target)[1].get("cache-status", "").rsplit(",", 1)[-1]
