"""``btracker up``."""

import asyncio
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from btracker import options
from domain.errors import UsageError

if TYPE_CHECKING:
    from btracker.deployment import UpOptions


@click.command(
    epilog="Example: btracker up --recording my-recording --speed max --port 0",
    short_help="Start everything.",
)
@click.option(
    "--recording",
    type=click.Path(path_type=Path),
    help="Folder of a recording to replay. Default: a bundled demo day, as live, 22 hours into it.",
)
@options.speed
@options.as_live
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    envvar="BTRACKER_PORT",
    show_envvar=True,
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, envvar="BTRACKER_HOST", show_envvar=True
)
@options.data
@click.option(
    "--solana",
    multiple=True,
    metavar="WS_URL[,HTTP_URL]",
    envvar="BTRACKER_SOLANA",
    help="A Solana node to listen to instead of a recording; several may be named. "
    "BTRACKER_SOLANA says the same, and shows no keys to others on this machine.",
)
@click.option(
    "--x",
    "x_url",
    metavar="BASE_URL",
    envvar="BTRACKER_X",
    help="Where X's API is, as https://api.x.com: live posts, beside the chain. Its token is in "
    "BTRACKER_X_BEARER_TOKEN.",
)
@options.other_kafka
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Workers that share the partitions. More than one needs another Kafka than the embedded.",
)
@click.option("--store", metavar="URL", help="A store to use. Default: SQLite in the data folder.")
@click.option("--redis", metavar="URL", help="A Redis to use. Default: embedded.")
def command(
    *,
    recording: Path | None,
    as_live: bool,
    solana: tuple[str, ...],
    x_url: str | None,
    kafka: str | None,
    workers: int,
    **asked: Any,
) -> None:
    """Start broker, cache, store, collectors, worker, indexer and API, and keep them running.

    Whatever is not named is embedded. Ctrl-C stops everything within 10 seconds.
    """
    _check_sources(solana, other=bool(recording) or as_live)
    if workers > 1 and kafka is None:
        raise UsageError(
            "The embedded broker runs one worker; leave --workers out, or name a Kafka with "
            "--kafka."
        )
    from btracker.deployment import DEMO, DEMO_HEAD_START_HOURS, UpOptions
    from btracker.kafka_access import other_kafka
    from streams.sources.solana.nodes import parse_nodes

    nodes = " ".join(solana)
    parse_nodes(nodes)
    check_x(x_url or "")
    is_demo = recording is None and not nodes
    asked_for = UpOptions(
        recording=DEMO if is_demo else recording,
        as_live=as_live or is_demo,
        head_start_hours=DEMO_HEAD_START_HOURS if is_demo else 0,
        solana=nodes,
        x=x_url or "",
        kafka=other_kafka(kafka),
        workers=workers,
        **asked,
    )
    asyncio.run(_run(asked_for))


def _check_sources(solana: tuple[str, ...], *, other: bool) -> None:
    """Refuse what cannot be listened to together.

    Raises:
        UsageError: it is so.
    """
    if solana and other:
        raise UsageError(
            "A recording and Solana nodes are two chains; leave --recording and --as-live out, or "
            "--solana."
        )


def check_x(x_url: str) -> None:
    """Refuse settings of X with which nothing could be collected.

    Raises:
        UsageError: there are such.
    """
    from btracker.settings import load
    from streams.sources.x.settings import XSettings

    settings = load(XSettings, x=x_url)
    if settings.base:
        _ = settings.launchers


async def _run(asked: "UpOptions") -> None:
    from btracker.settings import unknown
    from btracker.terminal import Terminal
    from btracker.up import run_up

    stops: asyncio.Queue[int] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(signum, stops.put_nowait, signum)
    terminal = Terminal()
    for sentence in unknown(os.environ):
        terminal.say(f"Warning: {sentence}")
    await run_up(asked, terminal, stops)
