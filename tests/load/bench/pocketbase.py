"""The peer for everything past the cache: PocketBase with the same collections, rules and index."""

import subprocess
from pathlib import Path
from urllib.parse import quote

from .dataset import Dataset, posts, topic_names
from .http import ask_json, in_parallel, wait_until_it_answers
from .needs import Programs
from .process import Process, free_port

NAME = "PocketBase"
PASSWORD = "a benchmark's password"
OPERATOR = "operator@example.com"
RECORDS = "/api/collections/posts/records"
SIGNED_IN = "@request.auth.id != ''"


class PocketBase:
    """A server on a data folder. What it is asked is said here, in paths."""

    create_target = RECORDS

    def __init__(self, programs: Programs, folder: Path):
        self.port = free_port()
        self._program = programs.pocketbase
        self._folder = folder

    def launch(self) -> Process:
        """Started, perhaps not ready."""
        self._folder.mkdir(exist_ok=True)
        return Process([self._program, "serve", f"--http=127.0.0.1:{self.port}", f"--dir={self._folder / 'data'}"])

    def start(self) -> Process:
        """Started and ready."""
        process = self.launch()
        wait_until_it_answers(self.port, "/api/health", process.has_ended)
        return process

    def prepare(self) -> None:
        """Makes the operator's account, which only its command can while it does not run."""
        self._folder.mkdir(exist_ok=True)
        command = [self._program, "superuser", "upsert", OPERATOR, PASSWORD, f"--dir={self._folder / 'data'}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def seed(self, records: int) -> Dataset:
        """Declares the collections and fills them."""
        operator = self._sign_in("_superusers", OPERATOR)
        # Its log of requests is a write for each; a fair peer does without.
        ask_json(self.port, "PATCH", "/api/settings", {"logs": {"maxDays": 0}}, operator)
        self._declare(operator)
        person = "load@example.com"
        account = {"email": person, "password": PASSWORD, "passwordConfirm": PASSWORD}
        ask_json(self.port, "POST", "/api/collections/users/records", account)
        token = self._sign_in("users", person)

        def create(collection: str, body: dict) -> str:
            return ask_json(self.port, "POST", f"/api/collections/{collection}/records", body, token)["id"]

        topics = in_parallel(lambda name: create("topics", {"name": name}), topic_names(records))
        return Dataset(token, topics, in_parallel(lambda body: create("posts", body), posts(topics, records)))

    def _sign_in(self, collection: str, identity: str) -> str:
        credentials = {"identity": identity, "password": PASSWORD}
        target = f"/api/collections/{collection}/auth-with-password"
        return ask_json(self.port, "POST", target, credentials)["token"]

    def _declare(self, operator: str) -> None:
        created = [
            {"name": "created", "type": "autodate", "onCreate": True},
            {"name": "updated", "type": "autodate", "onCreate": True, "onUpdate": True},
        ]
        rules = {"type": "base", "listRule": "", "viewRule": "", "createRule": SIGNED_IN}
        name = {"name": "name", "type": "text", "required": True, "max": 80}
        unique = "CREATE UNIQUE INDEX idx_topics_name ON topics (name)"
        topics = {"name": "topics", "fields": [name, *created], "indexes": [unique], **rules}
        topics_id = ask_json(self.port, "POST", "/api/collections", topics, operator)["id"]
        fields = [
            {"name": "title", "type": "text", "required": True, "max": 200},
            {"name": "body", "type": "text", "max": 4000},
            {"name": "topic", "type": "relation", "collectionId": topics_id, "maxSelect": 1},
        ]
        by_topic = "CREATE INDEX idx_posts_topic ON posts (topic, created DESC)"
        declared = {"name": "posts", "fields": fields + created, "indexes": [by_topic], **rules}
        ask_json(self.port, "POST", "/api/collections", declared, operator)

    def record_target(self, identifier: str) -> str:
        return f"{RECORDS}/{identifier}"

    def list_target(self, topic: str) -> str:
        wanted = quote(f"(topic='{topic}')")
        # Without skipTotal each list would count the matches as well.
        return f"{RECORDS}?filter={wanted}&sort=-created&perPage=20&skipTotal=1"
