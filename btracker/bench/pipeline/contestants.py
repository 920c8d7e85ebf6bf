"""Who takes part in the race: ways of carrying records through the same fold."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import NamedTuple

from btracker.bench.pipeline.watch import Name, bare_name
from schemas.kafka import Kafka
from schemas.topics import EVENTS

HERE = "btracker.bench.pipeline"
QUIX_GROUP = "btracker-quix"


class Contestant(NamedTuple):
    """A way of carrying records through the fold.

    ``argv``: with the number of ``{events}`` and a ``{folder}`` of its own; ``changelog``: its
    names, ``{}`` for a table; ``row``: what keys there mean; ``group``: whose committed offsets say
    how far it is, None where it tells; ``needs``: a package that is not installed everywhere;
    ``is_slow``: it is given the first part of the market.
    """

    name: str
    label: str
    argv: tuple[str, ...]
    changelog: str = "btracker.{}.changelog"
    row: Name = bare_name
    group: str | None = None
    needs: str | None = None
    is_slow: bool = False


def _quix_row(table: str, key: str) -> str | None:
    """Return the key of a row in the state of Quix Streams: it is behind the message's key."""
    owner, _, row = key.partition("|")[2].strip('"').partition("/")
    return row if owner == table else None


def _quix(manner: str) -> Contestant:
    return Contestant(
        f"quix-{manner}",
        f"Quix Streams, {manner}",
        (f"{HERE}.quix", manner, "{events}", "{folder}"),
        changelog=f"changelog__{QUIX_GROUP}--{EVENTS.name}--default",
        row=_quix_row,
        group=QUIX_GROUP,
        needs="quixstreams",
    )


WORKER = Contestant("worker", "worker", ("btracker", "worker", "--agents", "fold_events"))
BARE = Contestant("floor", "floor (bare aiokafka)", (f"{HERE}.bare",))
CONFLUENT = Contestant(
    "confluent", "bare confluent-kafka", (f"{HERE}.confluent",), needs="confluent_kafka"
)
PLAIN = Contestant(
    "plain",
    "plain Faust",
    (f"{HERE}.plain",),
    changelog="btracker-plain-{}-changelog",
    is_slow=True,
)
FIELD: Sequence[Contestant] = (
    WORKER, BARE, CONFLUENT, _quix("stock"), _quix("tuned"), PLAIN,
)  # fmt: skip


def absent(field: Sequence[Contestant], kafka: Kafka | None) -> Mapping[str, str]:
    """Return why contestants cannot take part, by name."""
    reasons = {who.name: _lacking(who, kafka) for who in field}
    return {name: reason for name, reason in reasons.items() if reason}


def _lacking(who: Contestant, kafka: Kafka | None) -> str | None:
    if who.needs is None:
        return None
    if find_spec(who.needs) is None:
        return f"{who.needs} is not installed (make peers)"
    if kafka is not None and (kafka.tls or kafka.login):
        return "it is measured on a Kafka that is open to all"
    return None
