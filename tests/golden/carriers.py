"""What is kept across releases: values of topics and tables, clocks, the journal."""

import base64
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

import tables
from domain.decode.raw import Tick
from schemas.topics import CATALOGUE
from streams.sources.frames import Frame
from streams.sources.journal import Acknowledged, Heading


class Carrier(NamedTuple):
    """Something that holds values of one schema: ``encode`` as it is written, ``decode`` as read.

    ``encode`` answers with JSON, so that it can stand in a line as it is. ``large``: a number that
    fits, and shows that no other one gets lost.
    """

    name: str
    schema: Any
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]
    large: int


def carriers() -> list[Carrier]:
    """Return everything whose old bytes have to be read by a newer release."""
    topics = [topic for topic in (*CATALOGUE, *tables.changelogs()) if topic.value is not None]
    return [
        *(_json(topic.name, topic.value) for topic in topics),
        _json("btracker.raw.chain.clock", Tick),
        _packed("journal.frame", Frame),
        _packed("journal.heading", Heading),
        _json("journal.acknowledged", Acknowledged),
    ]


def _json(name: str, schema: Any) -> Carrier:
    return Carrier(name, schema, msgspec.json.encode, msgspec.json.Decoder(schema).decode, 2**96)


def _packed(name: str, schema: Any) -> Carrier:
    """Return a carrier of MessagePack, which stands in a line as base64."""
    decoder = msgspec.msgpack.Decoder(schema)
    return Carrier(
        name,
        schema,
        lambda value: msgspec.json.encode(base64.b64encode(msgspec.msgpack.encode(value)).decode()),
        lambda line: decoder.decode(base64.b64decode(msgspec.json.decode(line, type=str))),
        2**48,
    )
