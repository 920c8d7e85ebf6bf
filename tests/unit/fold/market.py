"""The events of a recorded market, as the decoder sends them, for one partition."""

import json
from collections import defaultdict
from functools import cache
from typing import Any
from zlib import crc32

import zstandard

from domain.decode import decode
from schemas.chain_events import Config, Launch, Other
from schemas.event import About, Clock, Event, OnChain, Op
from schemas.place import Place, RawPosition
from tests.shared import MARKET as RECORDING

RAW_PARTITIONS = 4
EVENTS_EPOCH = 1_000_000


@cache
def truth() -> dict[str, Any]:
    """Return what the chain's own accounts say of the market."""
    return json.loads((RECORDING / "truth.json").read_text())


@cache
def events() -> tuple[Event, ...]:
    """Return all events in chain order, the configurations about each launch, and a last clock."""
    raw, seen, configs = defaultdict(int), defaultdict(int), {}
    found: list[Event] = []
    for line in _lines():
        decoded = decode(line)
        index, seen[decoded.slot] = seen[decoded.slot], seen[decoded.slot] + 1
        partition = crc32(decoded.signature.encode()) % RAW_PARTITIONS
        offset, raw[partition] = raw[partition], raw[partition] + 1
        for ordinal, one in enumerate(decoded.events):
            if isinstance(one.event, Config):
                configs[one.event.config] = one.event
            elif not isinstance(one.event, Other):
                position = RawPosition(partition, 1, offset, ordinal)
                place = Place(decoded.slot, index, one.outer, one.inner, decoded.signature)
                found.append(OnChain(Op.APPLY, position, place, decoded.time, True, one.event))
            if isinstance(one.event, Launch):
                found.append(About(one.event.mint, len(found), configs[one.event.config]))
    end, slot = truth()["end_time"], truth()["end_slot"]
    clocks = [
        Clock(RawPosition(partition, 1, raw[partition], 0), end, slot, slot)
        for partition in range(RAW_PARTITIONS)
    ]
    return (*found, *clocks)


def _lines() -> list[bytes]:
    packed = (RECORDING / "chain.jsonl.zst").read_bytes()
    return zstandard.ZstdDecompressor().decompress(packed, max_output_size=1 << 30).splitlines()
