"""A small random world: what truly happened, and how a fold may be told of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

from schemas.chain_events import Balance, Balances, Launch, Trade
from schemas.event import Clock, Event, OnChain, Op
from schemas.place import Place, RawPosition

RAW_PARTITIONS = 2
MINTS = ("MintA", "MintB", "MintC")
WALLETS = ("Ann", "Bob", "Cid", "Dot")
WSOL = "So11111111111111111111111111111111111111112"
BASE_DECIMALS, QUOTE_DECIMALS = 6, 9
START = 1_790_000_000
DAY_S = 86_400


@dataclass(frozen=True)
class Happened:
    """An event that is on the chain in the end."""

    place: Place
    time: int
    event: Trade | Balances | Launch


@dataclass(frozen=True)
class Told:
    """A record of a raw partition, with what the decoder makes of it."""

    slot: int
    op: Op
    events: tuple[tuple[Place, Trade | Balances | Launch], ...]
    settled: bool


class World:
    """Transactions with their fates, told in an order per raw partition, and the clocks between.

    ``truth`` is what is on the chain in the end, in chain order; ``streams`` holds what each raw
    partition says, in its order; ``end`` is the last chain time.
    """

    def __init__(self, seed: int, *, span_s: int) -> None:
        self.rng = Random(seed)
        self.slots = sorted(self.rng.sample(range(1000, 1100), 12))
        moments = sorted(self.rng.randrange(span_s) for _ in self.slots)
        self.time_of = {s: START + m for s, m in zip(self.slots, moments, strict=True)}
        told: list[list[tuple[float, Told]]] = [[] for _ in range(RAW_PARTITIONS)]
        for number in range(self.rng.randint(8, 30)):
            signature = f"sig{number:02d}"
            told[number % RAW_PARTITIONS] += self._fate(number, signature)
        self.end = max(self.time_of.values()) + self.rng.choice((0, 7, 400, 4000, 30 * 3600))
        self.streams = [self._stream(number, one) for number, one in enumerate(told)]
        self.truth = left_by(one for stream in self.streams for one in stream)

    def _fate(self, number: int, signature: str) -> list[tuple[float, Told]]:
        """Return the records of one transaction with their times of arrival."""
        rng, slot, final_index = self.rng, self.rng.choice(self.slots), number
        events = self._events(number)
        fate = rng.choice(("settled", "settled", "loose", "retracted", "moved", "forked", "old"))
        at = self.slots.index(slot) + rng.random() * 2
        if fate == "forked":
            first = self._told(slot, rng.randrange(40), signature, events, Op.APPLY)
            undo = self._told(slot, 0, signature, events, Op.UNDO)
            other = rng.choice(self.slots)
            again = self._told(other, final_index, signature, events, Op.APPLY, settled=True)
            return [(at, first), (at + rng.random() * 3, undo), (at + 4, again)]
        if fate == "retracted":
            first = self._told(slot, rng.randrange(40), signature, events, Op.APPLY)
            undo = self._told(slot, 0, signature, events, Op.UNDO)
            return [(at, first), (at + rng.random() * 4, undo)]
        if fate == "moved":
            first = self._told(slot, rng.randrange(40), signature, events, Op.APPLY)
            moved = self._told(slot, final_index, signature, events, Op.REINDEX, settled=True)
            return [(at, first), (at + rng.random() * 4, moved)]
        op = Op.LOG if fate == "old" else Op.APPLY
        settled = fate == "settled"
        return [(at, self._told(slot, final_index, signature, events, op, settled=settled))]

    def _told(
        self,
        slot: int,
        index: int,
        signature: str,
        events: list[Trade | Balances | Launch],
        op: Op,
        *,
        settled: bool = False,
    ) -> Told:
        placed = tuple(
            (Place(slot, index, 2, inner, signature), event) for inner, event in enumerate(events)
        )
        return Told(slot, op, placed, settled)

    def _events(self, number: int) -> list[Trade | Balances | Launch]:
        rng = self.rng
        events: list[Trade | Balances | Launch] = []
        if number < len(MINTS):
            events.append(launch(MINTS[number]))
        for mint in rng.sample(MINTS, rng.choice((1, 1, 2))):
            events += [self._trade(mint) for _ in range(rng.choice((1, 1, 2)))]
            held = [
                Balance(f"{owner}{which}", rng.choice((owner, owner, "Eve")), rng.choice((0, 3, 8)))
                for owner in rng.sample(WALLETS, rng.choice((1, 2)))
                for which in range(rng.choice((1, 2)))
            ]
            events.append(Balances(mint, tuple(held)))
        return events

    def _trade(self, mint: str) -> Trade:
        rng = self.rng
        base = rng.choice((0, 1, rng.randint(1, 10**12)))
        root, ratio = rng.randint(1, 2**70), (rng.randint(1, 10**12), rng.randint(1, 10**15))
        # A price is stated as its square root, or as a ratio of reserves; some trades state none.
        root, ratio = rng.choice(((root, None), (root, None), (None, ratio), (None, None)))
        return Trade(
            mint, f"{mint}Pool", "Program", "dbc", rng.choice(("buy", "sell")),
            rng.choice(WALLETS), base, rng.randint(0, 10**10), rng.choice((-base, base)), 7, False,
            WSOL, BASE_DECIMALS, QUOTE_DECIMALS, root, rng.randint(0, 10**11),
            10**11, None, ratio,
        )  # fmt: skip

    def _stream(self, partition: int, told: list[tuple[float, Told]]) -> list[Event]:
        """Return what one raw partition says, in order, with its clocks."""
        rng = self.rng
        ordered = [one for _, one in sorted(told, key=lambda pair: pair[0])]
        events: list[Event] = []
        head = START, 0
        for offset, one in enumerate(ordered):
            time = self.time_of[one.slot]
            for ordinal, (place, event) in enumerate(one.events):
                raw = RawPosition(partition, 1, 2 * offset, ordinal)
                events.append(OnChain(one.op, raw, place, time, one.settled, event))
            head = max(head, (time, one.slot))
            if rng.random() < 0.4:
                left = min((other.slot for other in ordered[offset + 1 :]), default=10**6)
                complete = min(left - 1, head[1] - rng.choice((0, 0, 10)))
                raw = RawPosition(partition, 1, 2 * offset + 1, 0)
                events.append(Clock(raw, head[0], head[1], max(complete, 0)))
        raw = RawPosition(partition, 1, 2 * len(ordered) + 1, 0)
        return [*events, Clock(raw, self.end, 5000, 5000)]


def left_by(events: Iterable[Event]) -> list[Happened]:
    """Return what *events*, none of them said twice, leave on the chain, by plain replay."""
    present: dict[tuple[str, int, int, str, type], Happened] = {}
    for one in events:
        if not isinstance(one, OnChain) or one.op == Op.LOG:
            continue
        place, event = one.place, one.event
        key = place.signature, place.slot, place.inner, event.mint, type(event)
        if one.op == Op.UNDO:
            present.pop(key, None)
        else:
            present[key] = Happened(place, one.time, event)
    return sorted(present.values(), key=lambda one: one.place)


def launch(mint: str) -> Launch:
    """Return the launch of *mint*."""
    return Launch(
        mint, f"{mint}Pool", "Program", "dbc", "believe", "Config", "Ann", "Ann", mint, mint,
        "https://example.org", WSOL, BASE_DECIMALS, QUOTE_DECIMALS, 10**15, True,
    )  # fmt: skip


def delivered(world: World, rng: Random, *, again: bool) -> list[Event]:
    """Return one order in which the fold may get *world*'s events.

    Each raw partition's own order holds. *again*: now and then a decoder starts over from an
    earlier record, and everything since comes a second time.
    """
    streams = [_with_repeats(stream, rng) if again else stream for stream in world.streams]
    turns = [number for number, stream in enumerate(streams) for _ in stream]
    rng.shuffle(turns)
    sources = [iter(stream) for stream in streams]
    return [next(sources[number]) for number in turns]


def _with_repeats(stream: list[Event], rng: Random) -> list[Event]:
    said: list[Event] = []
    position = 0
    while position < len(stream):
        until = min(len(stream), position + rng.randint(1, 20))
        said += stream[position:until]
        position = max(0, until - rng.randint(0, 15)) if rng.random() < 0.4 else until
    return said
