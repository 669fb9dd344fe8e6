"""JSON over kept-alive connections, for preparing and for asking back."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

WRITERS = 16
REST_S_MAX = 2
_connections = threading.local()


def ask(port: int, method: str, target: str, body: Any = None, token: str | None = None) -> tuple[int, dict, bytes]:
    """Status, header (names in lower case) and body of an answer."""
    headers = {"Content-Type": "application/json"} if body is not None else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection = connection_to(port)
    try:
        connection.request(method, target, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        content = response.read()
    except (OSError, http.client.HTTPException):
        connection.close()
        raise
    return response.status, {name.lower(): value for name, value in response.getheaders()}, content


def connection_to(port: int) -> http.client.HTTPConnection:
    """This thread's connection, opened anew when it has rested: servers close those that do."""
    kept = _connections.__dict__.setdefault("by_port", {})
    connection, used_s = kept.get(port) or (http.client.HTTPConnection("127.0.0.1", port, timeout=60), 0)
    now_s = time.monotonic()
    if now_s - used_s > REST_S_MAX:
        connection.close()
    kept[port] = (connection, now_s)
    return connection


def ask_json(port: int, method: str, target: str, body: Any = None, token: str | None = None) -> Any:
    """The body of an answer that must be a success."""
    status, _, content = ask(port, method, target, body, token)
    if not 200 <= status < 300:
        raise RuntimeError(f"{method} {target}: {status} {content[:500]!r}")
    return json.loads(content) if content else None


def wait_until_it_answers(port: int, target: str, has_ended: Callable[[], bool], patience_s: float = 30) -> None:
    """Asks in a tight loop, since the time until the first answer is one of the figures."""
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if has_ended():
            raise RuntimeError(f"the server on port {port} ended at its start")
        try:
            if ask(port, "GET", target)[0] == 200:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.0005)
    raise RuntimeError(f"nothing answers 200 to {target} on port {port}")


def in_parallel(work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """Does the same for each of many, several at a time; results in order."""
    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(work, items))
