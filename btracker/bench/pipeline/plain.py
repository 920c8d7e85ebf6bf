"""The plain idiom: stock Faust, one event at a time, through the same fold as the worker's.

Stock topics, stock tables in memory, one table write per changed row, one send per output; the
same codec per type, the same event loop and quiet loggers as the worker, so that what differs is
how records are carried. Run as a module, with a worker's settings in its environment.
"""

import logging
from collections.abc import AsyncIterator
from typing import Any

from mode.loop import use

use("uvloop")

import faust  # noqa: E402  # Faust binds its loop when it is imported.
import msgspec  # noqa: E402

from agents.fold_events import output  # noqa: E402
from btracker.bench.pipeline.course import ROWS  # noqa: E402
from btracker.bench.pipeline.folds import PROGRESS_EVERY_S, open_fold  # noqa: E402
from domain.fold.partition import PartitionFold  # noqa: E402
from domain.fold.state import Folded, Tables  # noqa: E402
from schemas.event import Event  # noqa: E402
from schemas.progress import Progress  # noqa: E402
from schemas.topics import EVENTS, PROGRESS  # noqa: E402
from streams.options import reach  # noqa: E402
from streams.settings import StreamSettings  # noqa: E402
from streams.wire import wire  # noqa: E402
from streams.worker import QUIET  # noqa: E402

NAME = "btracker-plain"
CHANGELOG = f"{NAME}-{{}}-changelog"


class Plain:
    """The app, its tables, and a fold for each partition."""

    def __init__(self, settings: StreamSettings) -> None:
        self._settings = settings
        self.app = _app(settings)
        self._tables = {
            name: self.app.Table(name, key_type=str, value_type=wire(row))
            for name, row in ROWS.items()
        }
        self._topics: dict[str, Any] = {}
        self._folds: dict[int, PartitionFold] = {}
        self._progress: dict[int, Progress] = {}
        events = self.app.topic(EVENTS.name, key_type=str, value_type=wire(Event))
        self.app.agent(events, name="fold")(self._run)
        self.app.timer(PROGRESS_EVERY_S)(self._tell)

    async def _run(self, stream: Any) -> AsyncIterator[None]:
        async for event in stream.events():
            message = event.message
            fold = self._folds.get(message.partition) or self._open(message.partition)
            folded = fold.fold([(message.offset, event.value)])
            self._write(folded)
            await self._send(folded, message.partition)
            self._progress[message.partition] = folded.progress
            yield

    def _write(self, folded: Folded) -> None:
        for name, rows in (folded.rows() | {"clocks": folded.clock}).items():
            table = self._tables[name]
            for key, row in rows.items():
                if row is None:
                    table.pop(key, None)
                else:
                    table[key] = row

    async def _send(self, folded: Folded, partition: int) -> None:
        for publication in folded.publications:
            one = output(publication, partition)
            await self._topic(one.topic).send(
                key=one.key, value=one.value, headers=list(one.headers), partition=partition
            )

    async def _tell(self) -> None:
        told, self._progress = self._progress, {}
        for progress in told.values():
            await self._topic(PROGRESS.name).send(value=msgspec.json.encode(progress), partition=0)

    def _topic(self, name: str) -> Any:
        if name not in self._topics:
            self._topics[name] = self.app.topic(
                name, key_type=bytes, value_type=bytes, value_serializer="raw"
            )
        return self._topics[name]

    def _open(self, partition: int) -> PartitionFold:
        # A mint is in one partition only, so partitions can share tables that start empty.
        fold = self._folds[partition] = open_fold(Tables(**self._tables), partition, self._settings)
        return fold


def _app(settings: StreamSettings) -> faust.App:
    return faust.App(
        NAME,
        **reach(settings.cluster),
        store="memory://",
        topic_partitions=settings.partitions,
        topic_disable_leader=True,
        web_enabled=False,
        broker_session_timeout=settings.session_timeout_s,
        broker_rebalance_timeout=settings.rebalance_timeout_s,
        broker_heartbeat_interval=settings.heartbeat_interval_s,
    )


def main() -> None:
    """Run until ended."""
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    worker = faust.Worker(
        Plain(StreamSettings()).app, quiet=True, override_logging=False, loglevel="WARN"
    )
    worker.execute_from_commandline()


if __name__ == "__main__":
    main()
