"""What ``btracker up`` consists of: its options, its processes, what each of them is told."""

import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from btracker.child_process import Spec
from btracker.kafka_access import UNSECURED
from btracker.run_folder import Addresses
from btracker.settings import load
from schemas.kafka import Kafka
from streams.settings import EMBEDDED, StreamSettings

DEMO = Path(__file__).with_name("demo") / "market-a"
DEMO_HEAD_START_HOURS = 22
"""Enough of the demo's day to have a full board at once; the rest of it follows live."""
PROGRAM = (sys.executable, "-m", "btracker")


class UpOptions(NamedTuple):
    """What ``btracker up`` was asked for; None: what is embedded, or the default.

    ``recording`` is None where there are Solana nodes; those may hold keys.
    """

    data: Path
    host: str
    port: int
    recording: Path | None
    speed: str | None
    as_live: bool
    head_start_hours: float
    kafka: Kafka | None
    store: str | None
    redis: str | None
    workers: int
    solana: str = ""
    x: str = ""


def environment(options: UpOptions, addresses: Addresses) -> Mapping[str, str]:
    """Return what every process of a deployment is told."""
    # It forgets, so its journal is all there is: a token without its first half would be wrong.
    embedded = {**EMBEDDED, "journal_hours": 0} if addresses.embedded else {}
    told = {
        # What the environment says of a Kafka holds for that one alone.
        **(dict.fromkeys(UNSECURED, "") if addresses.embedded else {}),
        "kafka": addresses.kafka,
        "store": addresses.store,
        "redis": addresses.redis,
        "data": options.data,
        # What is in memory alone begins anew, and with it every table.
        "tables": "" if addresses.embedded else options.data / "tables",
        "host": options.host,
        "port": options.port,
        "recording": options.recording or "",
        "solana": options.solana,
        "x": options.x,
        "speed": options.speed,
        "as_live": options.as_live,
        "head_start_hours": options.head_start_hours,
        # A recording brings the documents.
        "fetch_documents": False if options.recording else None,
        **embedded,
    }
    return {
        f"BTRACKER_{name.upper()}": str(value) for name, value in told.items() if value is not None
    }


def store_url(options: UpOptions) -> str:
    """Return the store that was asked for, else SQLite in the data folder."""
    return options.store or f"sqlite:///{(options.data / 'store.sqlite').resolve()}"


def api_spec(env: Mapping[str, str], ready: Callable[[], Awaitable[bool]]) -> Spec:
    """Return the API with its interactive page."""
    return Spec("api", (*PROGRAM, "api"), env, ready=ready, grace_s=4.0)


def river_specs(
    env: Mapping[str, str], *, workers: int, needs: Callable[[], Awaitable[bool]]
) -> list[Spec]:
    """Return what hangs on the broker; *needs* tells whether that answers."""
    own = [_worker(env, f"worker-{number}") for number in range(workers)]
    told = {**dict(own), "index": env, "collect": env}
    specs = [
        Spec(name, (*PROGRAM, name.partition("-")[0]), env, needs=needs)
        for name, env in told.items()
    ]
    return specs if load(StreamSettings).read_with == "nothing" else [_reader(env, needs), *specs]


def _reader(env: Mapping[str, str], needs: Callable[[], Awaitable[bool]]) -> Spec:
    """Return the worker that reads what projects are about: what it loads is large and slow."""
    name, told = _worker(env, "reader")
    return Spec(name, (*PROGRAM, "worker", "--agents", "read_projects"), told, needs=needs)


def _worker(env: Mapping[str, str], name: str) -> tuple[str, Mapping[str, str]]:
    """Return what a worker is told: of checkpoints, it has a folder of its own."""
    tables = env["BTRACKER_TABLES"]
    return name, {**env, "BTRACKER_TABLES": tables and f"{tables}/{name}"}
