"""How fast transactions are decoded, next to the least that any decoder has to do."""

import time
from binascii import a2b_base64
from collections.abc import Callable, Sequence
from statistics import fmean, median
from typing import NamedTuple

import msgspec

from btracker.bench.decode.mix import LAP, Mix, lap_of
from domain.decode import decode, parse_transaction
from domain.decode.base58 import base58_bytes
from domain.decode.decoding import decode_all
from domain.decode.partition import PartitionDecoder
from domain.decode.program import CPI_EVENT
from domain.decode.raw import RawDelivery
from domain.decode.shapes import read_envelope

RETENTION_S = 48 * 3_600

_encode = msgspec.json.Encoder().encode


class Rate(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The median of several laps, by the time of one core, not of the clock."""

    transactions_per_second: int
    cpu_us_per_transaction: float


class Rates(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What decoding costs, what a worker's part does around it, and the floor.

    ``worker``: raw records in, events and rows out, encoded. ``of_floor``: the rate of ``decode``
    as a share of the floor's, the median of the laps' own.
    """

    decode: Rate
    worker: Rate
    floor: Rate
    of_floor: float


class Program(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The transactions of one program, of which ``different`` are repeated to fill a lap."""

    protocol: str
    different: int
    bytes_each: int
    rates: Rates


class DecodeResult(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The rates of an equal mix of programs, and of each."""

    transactions: int
    events: int
    laps: int
    mix: Rates
    programs: list[Program]


class Lap(NamedTuple):
    """CPU microseconds per transaction."""

    decode: float
    worker: float
    floor: float


Job = Callable[[], object]


def run(mix: Mix, *, laps: int = 5) -> DecodeResult:
    """Return how fast the transactions of *mix* are decoded on one core.

    The floor parses the JSON and undoes base64 of the transaction and base58 of the events: it
    builds no event. Laps of all take turns, so that a slow moment of the machine hits all.
    """
    filled = {protocol: lap_of(lines) for protocol, lines in mix.items()}
    jobs = {protocol: _jobs(lines) for protocol, lines in filled.items()}
    timed: dict[str, list[Lap]] = {protocol: [] for protocol in mix}
    for _ in range(laps):
        for protocol, (decoding, working, floor) in jobs.items():
            timed[protocol].append(Lap(_timed(decoding), _timed(working), _timed(floor)))
    whole = [
        Lap(*map(fmean, zip(*each, strict=True))) for each in zip(*timed.values(), strict=True)
    ]
    return DecodeResult(
        transactions=LAP * len(mix),
        events=sum(len(decode(line).events) for lines in filled.values() for line in lines),
        laps=laps,
        mix=_rates(whole),
        programs=[
            Program(
                protocol=protocol,
                different=min(len(lines), LAP),
                bytes_each=round(fmean(map(len, filled[protocol]))),
                rates=_rates(timed[protocol]),
            )
            for protocol, lines in mix.items()
        ],
    )


def _jobs(lines: Sequence[bytes]) -> tuple[Job, Job, Job]:
    """Return what decodes *lines*, what a worker does with them, and the floor."""
    records = [
        RawDelivery(offset, decode(line).signature.encode(), line, ())
        for offset, line in enumerate(lines)
    ]
    encoded = [(line, *_encoded(line)) for line in lines]
    known = [frozenset[str]()] * len(lines)
    return lambda: decode_all(lines, known), lambda: _work(records), lambda: _floor(encoded)


def _work(records: Sequence[RawDelivery]) -> None:
    """Judge, decode and encode as a worker does, whose table of signatures is empty."""
    decoder = PartitionDecoder({}, {}, partition=0, epoch=0, retention_s=RETENTION_S)
    decoded = decoder.take(records)
    for _, event in decoded.events:
        _encode(event)
    for row in decoded.signatures.values():
        _encode(row)


def _floor(encoded: Sequence[tuple[bytes, str, list[str]]]) -> None:
    """Do what cannot be left out, with the texts found beforehand."""
    for line, wire, texts in encoded:
        read_envelope(line)
        a2b_base64(wire)
        for text in texts:
            base58_bytes(text)


def _encoded(line: bytes) -> tuple[str, list[str]]:
    """Return a transaction's base64 text, and the base58 texts of our programs' events."""
    transaction = read_envelope(line).transaction
    wire = transaction[0] if isinstance(transaction, list) else ""
    texts = (each.raw_data for each in parse_transaction(line).instructions)
    ours = [text for text in texts if isinstance(text, str)]
    return wire, [text for text in ours if base58_bytes(text).startswith(CPI_EVENT)]


def _timed(job: Job) -> float:
    """Return the CPU microseconds that a job takes for each transaction of a lap."""
    start = time.process_time()
    job()
    return (time.process_time() - start) / LAP * 1e6


def _mean(laps: Sequence[Lap]) -> Lap:
    """Return what an equal part of each lap costs."""
    return Lap(*map(fmean, zip(*laps, strict=True)))


def _rates(laps: Sequence[Lap]) -> Rates:
    decoded, worker, floor = (median(side) for side in zip(*laps, strict=True))
    return Rates(
        decode=_rate(decoded),
        worker=_rate(worker),
        floor=_rate(floor),
        of_floor=round(median(lap.floor / lap.decode for lap in laps), 2),
    )


def _rate(cpu_us: float) -> Rate:
    return Rate(
        transactions_per_second=round(1e6 / cpu_us), cpu_us_per_transaction=round(cpu_us, 1)
    )
