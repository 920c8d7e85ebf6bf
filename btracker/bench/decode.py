"""How fast transactions are decoded, next to the least that any decoder has to do."""

import time
from binascii import a2b_base64
from collections.abc import Callable, Sequence
from statistics import median

import msgspec

from domain.decode import decode
from domain.decode.base58 import base58_bytes
from domain.decode.parse import parse_transaction
from domain.decode.program_ids import DBC as PROGRAM
from domain.decode.shapes import read_envelope


class Rate(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The median of several runs on one core."""

    transactions_per_second: int
    cpu_us_per_transaction: float


class DecodeResult(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The rate of decoding and of its floor, and what was decoded."""

    transactions: int
    events: int
    runs: int
    decode: Rate
    floor: Rate
    times_floor: float


def run(lines: Sequence[bytes], *, runs: int = 5) -> DecodeResult:
    """Return how fast *lines*, one transaction each, are decoded on one core.

    The floor parses the JSON and undoes base64 of the transaction and base58 of the events: it
    builds no event. Runs of both alternate, so that a slow moment of the machine hits both.
    """
    floor_job = _floor_job(lines)
    pairs = [(_timed(lambda: _decode_all(lines)), _timed(floor_job)) for _ in range(runs)]
    decoded, floor = (_rate(len(lines), side) for side in zip(*pairs, strict=True))
    return DecodeResult(
        transactions=len(lines),
        events=sum(len(decode(line).events) for line in lines),
        runs=runs,
        decode=decoded,
        floor=floor,
        times_floor=round(decoded.cpu_us_per_transaction / floor.cpu_us_per_transaction, 2),
    )


def _decode_all(lines: Sequence[bytes]) -> None:
    for line in lines:
        decode(line)


def _floor_job(lines: Sequence[bytes]) -> Callable[[], None]:
    """Return a function that does what cannot be left out, with the texts found beforehand."""
    work = [(line, *_encoded(line)) for line in lines]

    def floor() -> None:
        for line, wire, texts in work:
            read_envelope(line)
            a2b_base64(wire)
            for text in texts:
                base58_bytes(text)

    return floor


def _encoded(line: bytes) -> tuple[str, list[str]]:
    """Return a transaction's base64 text, and the base58 texts of its instructions of ours."""
    transaction = read_envelope(line).transaction
    wire = transaction[0] if isinstance(transaction, list) else ""
    ours = (i.raw_data for i in parse_transaction(line).instructions if i.program == PROGRAM)
    return wire, [data for data in ours if isinstance(data, str)]


def _timed(job: Callable[[], None]) -> tuple[float, float]:
    """Return the seconds and the processor seconds that a job takes."""
    wall, cpu = time.perf_counter(), time.process_time()
    job()
    return time.perf_counter() - wall, time.process_time() - cpu


def _rate(transactions: int, timings: Sequence[tuple[float, float]]) -> Rate:
    wall, cpu = (median(side) for side in zip(*timings, strict=True))
    return Rate(
        transactions_per_second=round(transactions / wall),
        cpu_us_per_transaction=round(cpu / transactions * 1e6, 2),
    )
