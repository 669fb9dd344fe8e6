"""The peer for cached reads: nginx's proxy_cache with one worker, over our own server as the upstream."""

import os
import tempfile
from pathlib import Path

from .http import ask, wait_until_it_answers
from .needs import Programs
from .process import Process, free_port

NAME = "nginx"

# As good as we know how: no log, connections kept on both sides, files and their metadata kept open, sendfile, a long
# life whatever the upstream says, and no check of the upstream on a hit.
CONFIGURATION = """
daemon off;
pid {folder}/nginx.pid;
error_log stderr crit;
{user}
worker_processes 1;
worker_rlimit_nofile 8192;
events {{ worker_connections 4096; use epoll; multi_accept on; }}
http {{
    access_log off;
    server_tokens off;
    sendfile on;
    tcp_nopush on;
    tcp_nodelay on;
    keepalive_timeout 1h;
    keepalive_requests 1000000000;
    open_file_cache max=10000 inactive=1h;
    open_file_cache_valid 1h;
    client_body_temp_path {folder}/client;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    proxy_cache_path {folder}/cache levels=1:2 keys_zone=posts:64m max_size=256m inactive=1h use_temp_path=off;
    upstream origin {{ server 127.0.0.1:{upstream}; keepalive 16; }}
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_cache posts;
    proxy_cache_key $request_uri;
    proxy_cache_valid 200 1h;
    proxy_cache_lock on;
    proxy_ignore_headers Cache-Control Expires Set-Cookie Vary X-Accel-Expires;
    server {{
        listen 127.0.0.1:{port} reuseport backlog=4096;
        location / {{ proxy_pass http://origin; }}
    }}
    # The same cache with its word on each answer, which the measured one need not carry.
    server {{
        listen 127.0.0.1:{told};
        location / {{ proxy_pass http://origin; add_header X-Cache $upstream_cache_status; }}
    }}
}}
"""


class Nginx:
    """A cache in front of `upstream`, a port. Its files are in memory where the system has a place for that."""

    def __init__(self, programs: Programs, folder: Path, upstream: int):
        self.port = free_port()
        self._told = free_port()
        self._program = programs.nginx
        memory = Path("/dev/shm")
        self._cache = tempfile.TemporaryDirectory(prefix="stepwell-nginx-", dir=memory if memory.is_dir() else folder)
        self._cache_folder = Path(self._cache.name)
        # A master that is root gives its workers away to `nobody`, who could not write there.
        text = CONFIGURATION.format(
            folder=self._cache_folder,
            user="user root;" if os.geteuid() == 0 else "",
            upstream=upstream,
            port=self.port,
            told=self._told,
        )
        (self._cache_folder / "nginx.conf").write_text(text)

    def start(self, target: str) -> Process:
        """Started, and warm for `target`."""
        configuration = self._cache_folder / "nginx.conf"
        process = Process([self._program, "-p", self._cache_folder, "-e", "stderr", "-c", configuration])
        wait_until_it_answers(self.port, target, process.has_ended)
        status, headers, _ = ask(self._told, "GET", target)
        if (status, headers.get("x-cache")) != (200, "HIT"):
            raise RuntimeError(f"nginx does not cache {target}: {status} {headers}")
        return process

    def clean(self) -> None:
        """Removes its files."""
        self._cache.cleanup()

