"""``btracker replay``."""

import asyncio
from pathlib import Path

import click

from btracker import options
from domain.errors import UnreadableError


@click.command(
    epilog="Example: btracker replay my-recording --speed 60 --as-live",
    short_help="Put a recording on a running deployment.",
)
@click.argument("folder", type=click.Path(path_type=Path))
@options.speed
@options.as_live
@options.data
@options.kafka
def command(
    *, folder: Path, speed: str | None, as_live: bool, data: Path, kafka: str | None
) -> None:
    """Put the recording in FOLDER on the raw topics of a running deployment.

    Meant for a deployment whose own sources are quiet: the recording moves the chain's clock. It
    is not kept in the journal of a `btracker up`, so an embedded broker forgets it when it ends;
    what has reached the store stays. `btracker up --recording FOLDER` replays it for good.
    """
    from btracker.kafka_access import entered, named
    from btracker.replaying import ReplayBar, told
    from btracker.service import run_service
    from btracker.settings import load
    from streams.sources.collect import replay_once
    from streams.sources.frames import Cursor
    from streams.sources.recording import open_recording
    from streams.sources.settings import CollectSettings

    settings = load(
        CollectSettings,
        **named(kafka, data),
        recording=folder,
        speed=speed,
        as_live=as_live,
    )
    open_recording(folder)
    entered(settings.cluster)

    with ReplayBar() as bar:

        async def replay(stop: asyncio.Event) -> Cursor:
            return await replay_once(settings, stop, bar.hear)

        cursor = run_service(replay)
    click.echo(told(cursor))
    if cursor.failure:
        raise UnreadableError(cursor.failure)
