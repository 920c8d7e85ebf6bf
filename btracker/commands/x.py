"""``btracker x``."""

import asyncio
from pathlib import Path

import click

from btracker import options
from domain.errors import UsageError


@click.group(epilog="Example: btracker x delete 1960000048952237000", short_help="Posts of X.")
def command() -> None:
    """What is done by hand about posts of X."""


@command.command(epilog="Example: btracker x delete 1960000048952237000 --data data")
@click.argument("post_ids", metavar="ID...", nargs=-1, required=True)
@options.data
@options.kafka
def delete(*, post_ids: tuple[str, ...], data: Path, kafka: str | None) -> None:
    """Delete posts wherever they are: topics, store, search, links, vectors.

    For who asked for it; posts that are deleted on X are deleted by the collector.
    """
    from btracker.kafka_access import kafka_for
    from domain.posts.read import is_post_id
    from streams.sources.x.deleting import delete_posts

    wrong = [one for one in post_ids if not is_post_id(one)]
    if wrong:
        raise UsageError(f"{wrong[0]!r} is no id of a post; give the digits at its address's end.")
    count = asyncio.run(delete_posts(kafka_for(kafka, data), data / "journal", post_ids))
    click.echo(f"Deleted {count:,}; whatever has them forgets them within seconds.")
