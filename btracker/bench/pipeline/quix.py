"""A peer: the same fold in Quix Streams, one event at a time, with its own state and changelog.

Its state is kept by message key; the fold's is kept by partition, so all of its messages get one
key. Run as a module, with a worker's settings in its environment, ``stock`` or ``tuned``, the
number of events (after the last of them it commits, and waits to be ended), and a folder.
"""

import signal
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from quixstreams import Application, State, message_context
from quixstreams.models import Deserializer, Serializer

from agents.fold_events import output
from btracker.bench.pipeline.course import ROWS
from btracker.bench.pipeline.folds import encode, open_fold
from domain.fold.partition import PartitionFold
from domain.fold.state import Folded, Tables
from schemas.event import Event
from schemas.topics import EVENTS
from streams.outputs import Output
from streams.settings import StreamSettings
from streams.wire import codec

GROUP = "btracker-quix"
STATE_KEY = b"fold"
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "stock": {},
    # What its documentation says of checkpoints: longer intervals flush state and changelogs less
    # often. The rest is librdkafka's: larger buffers, batches that wait to be filled.
    "tuned": {
        "commit_interval": 20.0,
        "consumer_extra_config": {"queued.min.messages": 200_000},
        "producer_extra_config": {
            "linger.ms": 50,
            "batch.size": 1_000_000,
            "queue.buffering.max.messages": 1_000_000,
        },
    },
}


class Value(Deserializer):  # type: ignore[misc]  # The library is not there everywhere.
    """Decodes an event."""

    def __init__(self) -> None:
        super().__init__()
        self._decode = codec(Event).decode

    def __call__(self, value: bytes, ctx: object) -> Event:  # noqa: ARG002  # Its signature.
        """Return the event."""
        event: Event = self._decode(value)
        return event


class OneKey(Deserializer):  # type: ignore[misc]
    """Gives all messages of a partition one state."""

    def __call__(self, value: bytes, ctx: object) -> bytes:  # noqa: ARG002
        """Return the same key for all."""
        return STATE_KEY


class Ready(Serializer):  # type: ignore[misc]
    """Outputs are bytes already."""

    def __call__(self, value: Output, ctx: object) -> bytes | None:  # noqa: ARG002
        """Return them."""
        return value.value


class Stored(Mapping[str, Any]):
    """A table in the state; its keys are also kept in memory, since the state does not list any."""

    def __init__(self, name: str, schema: type) -> None:
        self._name, self._decode = name, codec(schema).decode
        self._keys: dict[str, None] = {}
        self.state: State

    def __getitem__(self, key: str) -> Any:
        if key not in self._keys:
            raise KeyError(key)
        return self._decode(self.state.get_bytes(self._place(key)))

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def apply(self, rows: Mapping[str, Any]) -> None:
        """Write rows; None deletes one."""
        for key, row in rows.items():
            if row is not None:
                self._keys[key] = None
                self.state.set_bytes(self._place(key), encode(row))
            elif key in self._keys:
                del self._keys[key]
                self.state.delete(self._place(key))

    def _place(self, key: str) -> str:
        return f"{self._name}/{key}"


class Partition:
    """The fold of a partition, and its tables."""

    def __init__(self, number: int, settings: StreamSettings) -> None:
        self._number, self._settings = number, settings
        self._tables = {name: Stored(name, row) for name, row in ROWS.items()}
        self._fold: PartitionFold | None = None

    def take(self, offset: int, event: Event, state: State) -> list[Output]:
        """Fold an event, write its rows, return its outputs."""
        for table in self._tables.values():
            table.state = state
        if self._fold is None:
            self._fold = open_fold(Tables(**self._tables), self._number, self._settings)
        folded = self._fold.fold([(offset, event)])
        self._write(folded)
        return [output(publication, self._number) for publication in folded.publications]

    def _write(self, folded: Folded) -> None:
        for name, rows in (folded.rows() | {"clocks": folded.clock}).items():
            self._tables[name].apply(rows)


class Quix:
    """The application."""

    def __init__(
        self, settings: StreamSettings, state_dir: str, options: Mapping[str, Any]
    ) -> None:
        self._partitions = [Partition(n, settings) for n in range(settings.partitions)]
        self._left = 0
        session_ms = int(settings.session_timeout_s * 1_000)
        consumer = {
            **options.get("consumer_extra_config", {}),
            "session.timeout.ms": session_ms,
            # The embedded broker holds a join back for half of this, which is 5 minutes otherwise.
            "max.poll.interval.ms": session_ms,
        }
        self._app = Application(
            broker_address=settings.cluster.servers,
            consumer_group=GROUP,
            auto_offset_reset="earliest",
            state_dir=state_dir,
            loglevel="WARNING",
            on_message_processed=self._count,
            **{**options, "consumer_extra_config": consumer},
        )
        events = self._app.topic(EVENTS.name, key_deserializer=OneKey(), value_deserializer=Value())
        self._topics: dict[str, Any] = {}  # By name; made when the first output comes.
        frame = self._app.dataframe(events)
        frame = frame.apply(self._take, stateful=True, expand=True)
        frame = frame.set_headers(lambda one, *_: list(one.headers))
        frame.to_topic(lambda one, *_: self._topic(one.topic), key=lambda one: one.key)

    def run(self, events: int) -> None:
        """Take so many events, and make all that came of them durable."""
        self._left = events
        self._app.run()

    def _take(self, event: Event, state: State) -> list[Output]:
        at = message_context()
        return self._partitions[int(at.partition)].take(at.offset, event, state)

    def _topic(self, name: str) -> Any:
        if name not in self._topics:
            self._topics[name] = self._app.topic(
                name, key_serializer="bytes", value_serializer=Ready()
            )
        return self._topics[name]

    def _count(self, *_: object) -> None:
        self._left -= 1
        if not self._left:
            self._app.stop()


def main(manner: str, events: str, folder: str) -> None:
    """Run until ended."""
    Quix(StreamSettings(), folder, SETTINGS[manner]).run(int(events))
    # The library has its own answer to this signal, which would be none from now on.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
