"""The command line: an X with the posts of a recording, until somebody says stop."""

import asyncio
import signal
from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from btracker.deployment import DEMO
from tests.xserver.faults import XFaults
from tests.xserver.server import XServer, recorded
from tests.xserver.serving import serve_x

KINDS = {"float": float, "int": int, "bool": bool}


def _with_faults(command: Any) -> Any:
    """Add an option for each fault."""
    for one in reversed(fields(XFaults)):
        kind = KINDS[str(one.type)] if isinstance(one.type, str) else one.type
        name = f"--{one.name.replace('_', '-')}"
        option = click.option(name, is_flag=True) if kind is bool else click.option(name, type=kind)
        command = option(command)
    return command


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
    epilog=XFaults.__doc__,
)
@click.option("--recording", "folder", type=Path, default=DEMO, help="A folder with posts.jsonl.")
@click.option("--speed", default="1", help="Times as fast as they were written, or max: at once.")
@click.option("--host", default="127.0.0.1", help="Where it listens.")
@click.option("--port", default=8898, help="0: any.")
@click.option("--wait/--no-wait", default=True, help="Begin when somebody listens.")
@_with_faults
def main(**given: Any) -> None:
    """Serve the posts of a recording as X's API does, with the faults that are named."""
    try:
        posts = recorded(given["folder"] / "posts.jsonl")
        speed = None if given["speed"] == "max" else float(given["speed"])
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    named = {one.name: given[one.name] for one in fields(XFaults) if given[one.name] is not None}
    asyncio.run(_serve(posts, XFaults(**named), given, speed=speed))


async def _serve(
    posts: list[dict[str, Any]], faults: XFaults, given: dict[str, Any], *, speed: float | None
) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with serve_x(posts, faults, host=given["host"], port=given["port"]) as x:
        click.echo(f"BTRACKER_X_BEARER_TOKEN={x.token} btracker up --x {x.url}")
        playing = asyncio.create_task(_play(x, speed=speed, wait=given["wait"]))
        await stop.wait()
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        click.echo(
            f"asked {dict(x.asked)}, refused {dict(x.refused)}, "
            f"delivered {len(x.delivered)} posts over at most {x.most_connections} connections"
        )


async def _play(x: XServer, *, speed: float | None, wait: bool) -> None:
    if wait:
        await x.until_listened()
    await x.play(speed)
    click.echo("all posts are posted; it goes on answering")
