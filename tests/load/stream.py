"""A market told to a raw topic at a steady rate: real transactions, again and again."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec
import zstandard
from aiokafka import AIOKafkaProducer
from solders.signature import Signature as Signed

from btracker.bench.pipeline.salvo import FIRST_SLOT, moved, resigned
from btracker.deployment import DEMO
from domain.decode import decode
from schemas.chain_events import Balances, Config, Launch, Trade
from schemas.fields import ChainTime, Mint, Slot
from schemas.kafka import Kafka
from schemas.topics import RAW_CHAIN
from streams.sources.recording import CHAIN, DOCUMENTS, POSTS
from streams.sources.zst import zst_lines

SLOTS_PER_S = 2.5
LATE = 12
"""Tokens that are launched while the market runs, one after the other."""
HOT_SHARE = 0.9
"""Of all trades, those of the busiest token; the others share the rest as they did."""
CONFIRMED, CLOCK = ("bt_kind", b"confirmed"), ("bt_kind", b"clock")


class Trades(NamedTuple):
    """A token, the transaction that launched it, and those that traded it."""

    mint: Mint
    launch: bytes
    trades: tuple[bytes, ...]


class Market:
    """The tokens of the bundled recording, the busiest first, and the configurations they have."""

    def __init__(self, *, seed: int) -> None:
        self._rng = Random(seed)
        self._configs: list[bytes] = []
        launches: dict[Mint, bytes] = {}
        trades: dict[Mint, list[bytes]] = {}
        for line in zst_lines(DEMO / CHAIN):
            match [one.event for one in decode(line).events]:
                case [Config(), *_]:
                    self._configs.append(line)
                case [Launch(mint=mint), *_]:
                    launches[mint] = line
                case [Trade(mint=mint), Balances()]:
                    trades.setdefault(mint, []).append(line)
        told = [Trades(mint, launches[mint], tuple(lines)) for mint, lines in trades.items()]
        self.tokens = sorted(told, key=lambda one: -len(one.trades))

    @property
    def last_setup_slot(self) -> Slot:
        """The slot of the recording's last line."""
        return FIRST_SLOT + len(self._configs) + len(self.tokens) - LATE - 1

    def record(self, folder: Path, *, at: ChainTime) -> Path:
        """Write a recording of configurations and launches but the late; return its folder."""
        setup = [*self._configs, *(one.launch for one in self.tokens[:-LATE])]
        lines = [moved(line, FIRST_SLOT + n, at) for n, line in enumerate(setup)]
        folder.mkdir()
        (folder / CHAIN).write_bytes(zstandard.compress(b"\n".join(lines) + b"\n"))
        (folder / POSTS).write_bytes(b"")
        (folder / DOCUMENTS).write_bytes(b"{}")
        return folder

    def lines(self, *, launch_every: int) -> Iterator[bytes]:
        """Yield transactions for ever; every so many, one launches the next of the late tokens."""
        known, late = self.tokens[:-LATE], self.tokens[-LATE:]
        turns = [_turning(one.trades) for one in known]
        number = 0
        while True:
            number += 1
            if late and number % launch_every == 0:
                one, *late = late
                turns.append(_turning(one.trades))
                known = [*known, one]
                yield one.launch
            elif self._rng.random() < HOT_SHARE:
                yield next(turns[0])
            else:
                weights = [len(one.trades) for one in known[1:]]
                yield next(self._rng.choices(turns[1:], weights)[0])

    def signed(self, line: bytes) -> tuple[bytes, bytes]:
        """Return a transaction under a new signature, and that."""
        signed = Signed(self._rng.randbytes(64))
        return resigned(line, bytes(signed)), str(signed).encode()


def _turning(lines: Sequence[bytes]) -> Iterator[bytes]:
    while True:
        yield from lines


class Stream:
    """What is told to a deployment, open loop: what is due is told, whatever became of the rest."""

    def __init__(self, market: Market, kafka: Kafka, *, rate: int, minutes: float) -> None:
        self._market, self._kafka, self._rate = market, kafka, rate
        every = max(1, int(rate * minutes * 60 / (LATE + 1)))
        self._lines = market.lines(launch_every=every)
        self.sent = 0
        self.slot, self._in_block = market.last_setup_slot, 0
        self.late_s = 0.0
        """The most that a transaction was told after it was due."""

    async def run(self, until: asyncio.Event) -> None:
        """Tell until then, and at last that nothing of it is missing."""
        async with AIOKafkaProducer(**self._kafka.options, acks="all", linger_ms=5) as producer:
            began, first, tick = time.monotonic(), self.slot, -1
            while not until.is_set():
                passed = time.monotonic() - began
                due = int(passed * self._rate) - self.sent
                self.late_s = max(self.late_s, due / self._rate)
                self._go_to(first + 1 + int(passed * SLOTS_PER_S))
                for line in islice(self._lines, due):
                    await self._tell(producer, line)
                if int(passed) > tick:
                    tick = int(passed)
                    await self._clock(producer, complete=self.slot - 1)
                await asyncio.sleep(0.01)
            await self._clock(producer, complete=self.slot)

    def _go_to(self, slot: Slot) -> None:
        if slot > self.slot:
            self.slot, self._in_block = slot, 0

    async def _tell(self, producer: AIOKafkaProducer, line: bytes) -> None:
        value, signature = self._market.signed(moved(line, self.slot, int(time.time())))
        headers = [CONFIRMED, ("bt_index", b"%d" % self._in_block), ("bt_exact", b"1")]
        await producer.send(RAW_CHAIN.name, value, key=signature, headers=headers)
        self._in_block += 1
        self.sent += 1

    async def _clock(self, producer: AIOKafkaProducer, *, complete: Slot) -> None:
        clock = {"time": int(time.time()), "slot": self.slot, "complete": complete}
        for partition in sorted(await producer.partitions_for(RAW_CHAIN.name)):
            await producer.send(
                RAW_CHAIN.name, msgspec.json.encode(clock), key=b"clock", partition=partition,
                headers=[CLOCK],
            )  # fmt: skip
