"""nginx in front of several replicas, as deployments have it; it has to be installed."""

import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from api.open_files import open_as_many_as_may_be
from btracker.bench.serving.stage import Stage
from btracker.embedded import HOST, free_port
from domain.errors import UsageError

WORKERS = 2
"""A connection takes two files, one on either side, and a process may not have any number."""
SETTINGS = """
daemon off;
worker_processes {workers};
worker_rlimit_nofile {files};
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections {files}; multi_accept on; }}
http {{
  access_log off;
  {paths}
  upstream replicas {{ least_conn; {servers} }}
  server {{
    listen {host}:{port} backlog=4096 reuseport;
    location / {{
      proxy_pass http://replicas;
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_read_timeout 60s;
      proxy_buffer_size 4k;
    }}
  }}
}}
"""
PATH = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"
"""Debian has it where only root looks."""
KINDS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def require_nginx() -> str:
    """Return where nginx is.

    Raises:
        UsageError: it is not installed.
    """
    found = shutil.which("nginx", path=PATH)
    if found is None:
        raise UsageError("Several replicas stand behind nginx; install it (Debian: nginx-light).")
    return found


@asynccontextmanager
async def balanced(here: Stage, ports: Sequence[int]) -> AsyncIterator[int]:
    """Give a port behind which the least busy of the servers at *ports* answers."""
    port, folder = free_port(), here.folder
    file = folder / "nginx.conf"
    file.write_text(_settings(folder, port, ports))
    argv = (require_nginx(), "-p", str(folder), "-c", str(file), "-e", "stderr")
    process = await here.helper("nginx", argv, port=port)
    try:
        yield port
    finally:
        await process.stop()


def _settings(folder: Path, port: int, ports: Sequence[int]) -> str:
    return SETTINGS.format(
        workers=WORKERS,
        files=open_as_many_as_may_be(),
        folder=folder,
        host=HOST,
        port=port,
        paths=" ".join(f"{kind}_temp_path {folder}/{kind};" for kind in KINDS),
        servers=" ".join(f"server {HOST}:{one};" for one in ports),
    )
