"""Options that several commands share."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import click


class Speed(click.ParamType):
    """A positive number of chain seconds per second, or ``max``."""

    name = "N|max"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return *value* as it was written, once it is one of these."""
        with suppress(ValueError):
            if value == "max" or 0 < float(value) < float("inf"):
                return str(value)
        return self.fail(f"{value!r} is neither a positive number nor max.", param, ctx)


speed = click.option(
    "--speed", type=Speed(), help="Chain seconds per second, or max. Default: 1 as live, else max."
)
as_live = click.option(
    "--as-live", is_flag=True, help="Shift slots and times so that the recording begins now."
)
data = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("data"),
    show_default=True,
    help="The data folder: store, journal, logs, process ids.",
)
kafka = click.option(
    "--kafka",
    metavar="HOST:PORT[,…]",
    envvar="BTRACKER_KAFKA",
    help="The Kafka of the deployment. Default: BTRACKER_KAFKA, else that of the btracker up on "
    "the data folder.",
)
other_kafka = click.option(
    "--kafka",
    metavar="HOST:PORT[,…]",
    help="A Kafka to use instead; BTRACKER_KAFKA_… say how to reach it. Default: embedded.",
)
redis = click.option(
    "--redis",
    metavar="URL",
    envvar="BTRACKER_REDIS",
    help="The Redis of the deployment. Default: BTRACKER_REDIS, else that of the btracker up on "
    "the data folder.",
)
store = click.option(
    "--store",
    metavar="URL",
    envvar="BTRACKER_STORE",
    help="The store of the deployment. Default: BTRACKER_STORE, else that of the btracker up on "
    "the data folder.",
)
