"""A seeded piece of chain history, and how its sources tell it: twice, late, out of order, wrong.

Arrival is measured in positions of slots: what runs in the slot at position 3 is told from 3 on.
Sources keep one promise: in a slot that they call complete all transactions have been told, each
processed copy is confirmed or taken back, and an index that was not exact has been corrected.
"""

from bisect import bisect_left, bisect_right
from random import Random
from typing import NamedTuple

from tests.simulation.transactions import Builder, Built, Held, Swap, named, names
from tests.truth import WINDOWS
from tests.unit.fold.world import START

HOUR_S = 3_600
DAY_S = 24 * HOUR_S
RETENTIONS_S = (2 * DAY_S, 2 * HOUR_S)
"""How long sources may take: half of it for what is late. Two days is what we ship."""
FIRST_SLOT, SLOTS_BETWEEN = 1_000, 3
PACES = {
    "seconds": (0, 1, 1, 2, 5),
    "minutes": (5, 30, 60, 90, 400),
    "hours": (60, 1_000, 4_000, 10_000),
    "days": (600, 30_000, 60_000, 100_000),
}
"""Seconds between neighbouring slots that have transactions, by kind of world."""
LONGEST_WAIT = 9.0
"""In positions: no fate takes longer, before it is squeezed into the time there is."""
WALLETS = names("wallet", 5)


class Instance(NamedTuple):
    """A transaction in one slot, by position; ``index`` is its index in that block."""

    tx: Built
    position: int
    index: int


class Copy(NamedTuple):
    """What a source says of an instance at a time; ``exact``: the index is the block's own."""

    at: float
    kind: str
    instance: Instance
    index: int
    exact: bool


class World:
    """What happens, and all that is told of it; the same for the same numbers.

    ``final`` is on the chain in the end, ``archived`` too, but told too late to count; ``forked``
    was in blocks that the chain left. ``settled`` says per position when all that must be told of
    that slot has been.
    """

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.mints = tuple(rng.sample(names("mint", 12), 3))
        self.retention_s = rng.choice(RETENTIONS_S)
        self.busy = rng.randint(5, 9)
        self.positions = self.busy + rng.randint(4, 8)
        gaps = PACES[rng.choice(tuple(PACES))]
        self.times = [START + rng.randrange(1_000)]
        for _ in range(self.positions):
            self.times.append(self.times[-1] + rng.choice(gaps))
        self.end = self._some_end()
        self.is_exact = [rng.random() < 0.5 for _ in range(self.positions)]
        self.settled = [0.0] * self.positions
        self.final: list[Instance] = []
        self.archived: list[Instance] = []
        self.forked: list[Instance] = []
        self._indexes = [0] * self.positions
        self.copies = self._tell()
        self.copies += self._tell_again()

    def _some_end(self) -> int:
        """Return the last chain time: often one at which something leaves a window, or all but."""
        rng, last = self.rng, self.times[-1]
        edges = [
            [e for time in self.times if (e := time // bucket_s * bucket_s + width_s) > last]
            for width_s, bucket_s in WINDOWS.values()
        ]
        found = rng.choice(edges)
        if found and rng.random() < 0.8:
            return rng.choice(found) - rng.choice((0, 1))
        return last + rng.choice((0, 400, 30 * HOUR_S))

    def slot(self, position: int) -> int:
        """Return the number of the slot at a position."""
        return FIRST_SLOT + SLOTS_BETWEEN * position

    def complete(self, at: float) -> int:
        """Return the last slot before which nothing is missing at a time of arrival."""
        position = 0
        while position < min(int(at), self.positions) and self.settled[position] < at:
            position += 1
        return self.slot(position - 1) if position else 0

    def _tell(self) -> list[Copy]:
        """Make up transactions and their fates; return the copies without which all is not told."""
        rng = self.rng
        fates = (self._plain, self._plain, self._late, self._archived,
                 self._forked, self._gone, self._gone, self._flipped)  # fmt: skip
        copies: list[Copy] = []
        for number, signature in enumerate(
            rng.sample(names("signature", 64, 64), rng.randint(4, 14))
        ):
            tx = self._transaction(number, signature)
            copies += rng.choice(fates)(tx, rng.randrange(self.busy))
        return copies

    def _tell_again(self) -> list[Copy]:
        """Return copies that slow nodes, restarts and backfills add: none of them says news."""
        rng, copies = self.rng, list[Copy]()
        for instance in self.final:
            for _ in range(rng.choice((0, 0, 1, 2))):
                kind = rng.choice(("processed", "confirmed"))
                copies += self._once_more(kind, instance)
            first = self._too_late(instance.position)
            if first < self.positions and rng.random() < 0.5:
                at = self._between(first, self.positions)
                copies.append(Copy(at, "confirmed", instance, instance.index, exact=True))
        for instance in self.forked:
            for kind in rng.choice(((), (), ("processed",), ("retracted",))):
                copies += self._once_more(kind, instance)
        return copies

    def _once_more(self, kind: str, instance: Instance) -> list[Copy]:
        """Return a copy after all that had to be told of its slot, if that is still in time."""
        settled, until = self.settled[instance.position], self._until(instance.position)
        at = self._between(settled, until)
        return [self._copy(at, kind, instance)] if settled < until else []

    # What a transaction does.

    def _transaction(self, number: int, signature: str) -> Built:
        rng, made = self.rng, Builder(signature)
        touched = rng.sample(self.mints, rng.choice((1, 1, 2)))
        if number < len(self.mints) and rng.random() < 0.9:
            made.launch(self.mints[number])
            if rng.random() < 0.5:  # Somebody buys in the transaction that launches it.
                touched = [self.mints[number]]
        for mint in touched:
            for _ in range(rng.choice((1, 1, 2))):
                made.swap(self._swap(mint))
        if rng.random() < 0.06:
            made.migrate(touched[0])
        return made.build([one for mint in touched for one in self._holdings(mint)])

    def _swap(self, mint: str) -> Swap:
        rng = self.rng
        is_buy, fee = rng.random() < 0.6, rng.choice((0, 7))
        return Swap(
            mint=mint,
            trader=rng.choice(WALLETS),
            is_buy=is_buy,
            included=rng.randint(100, 10**10),
            output=rng.choice((0, 1, rng.randint(10**3, 10**9), rng.randint(10**3, 10**9))),
            fee=fee,
            fee_in_base=is_buy and fee > 0 and rng.random() < 0.3,
            sqrt_price=rng.randint(1, 2**70),
            states_reserve=rng.random() < 0.8,
            completes=rng.random() < 0.05,
        )

    def _holdings(self, mint: str) -> list[Held]:
        rng = self.rng
        return [
            Held(
                mint,
                named(f"{owner}'s {which}", mint),
                rng.choice((owner, owner, WALLETS[0])),
                rng.choice((None, 3, 8, 10**9)),
            )
            for owner in rng.sample(WALLETS, rng.choice((1, 2)))
            for which in range(rng.choice((1, 1, 2)))
        ]

    # Fates: what becomes of it, and the copies that must be told.

    def _plain(self, tx: Built, position: int) -> list[Copy]:
        """It is processed, which not every node says, and confirmed."""
        return self._lands(self._on_chain(tx, position), since=position)

    def _late(self, tx: Built, position: int) -> list[Copy]:
        """All notices are lost; it is found hours later, up to half of the retention."""
        latest = bisect_right(self.times, self.times[position] + self.retention_s // 2) - 1
        since = self.rng.randint(position, max(position, min(latest, self.positions - 2)))
        return self._lands(self._on_chain(tx, position), since=since, is_seen=False)

    def _archived(self, tx: Built, position: int) -> list[Copy]:
        """It is found so late that it goes to the trade log only."""
        first = self._too_late(position)
        if first >= self.positions:
            return self._plain(tx, position)
        instance = self._in_block(tx, position)
        self.archived.append(instance)
        at = self._between(first, self.positions)
        self._settle(position, at)
        return [Copy(at, "confirmed", instance, instance.index, exact=True)]

    def _gone(self, tx: Built, position: int) -> list[Copy]:
        """It is processed in a block that the chain leaves."""
        instance = self._in_block(tx, position)
        self.forked.append(instance)
        seen = self._seen(instance, position)
        # A node may have left the block before another one tells of it.
        at = seen[0].at + self.rng.choice((-1, 1, 1, 1)) * self.rng.random()
        at = min(max(at, position), self._until(position) - 0.01)
        self._settle(position, at)
        return [*seen, Copy(at, "retracted", instance, 0, exact=False)]

    def _forked(self, tx: Built, position: int) -> list[Copy]:
        """The chain leaves its block, and it lands in a later one."""
        if position + 1 >= self.busy:
            return self._gone(tx, position)
        again = self.rng.randint(position + 1, self.busy - 1)
        landed = self._lands(self._on_chain(tx, again), since=again)
        sure = min(copy.at for copy in landed if copy.kind != "processed")
        if sure >= self._until(position) or self.rng.random() < 0.5:
            return [*landed, *self._gone(tx, position)]
        # Nobody says that the block was left; the confirmation in another one says as much.
        self._settle(position, sure)
        instance = self._in_block(tx, position)
        self.forked.append(instance)
        return [*landed, *self._seen(instance, position)]

    def _flipped(self, tx: Built, position: int) -> list[Copy]:
        """A node leaves the block and comes back to it."""
        instance = self._on_chain(tx, position)
        at = self._when(position, since=position, offset=self.rng.random() * 4)
        self._settle(position, at)
        retracted = Copy(at, "retracted", instance, 0, exact=False)
        return [*self._lands(instance, since=position), retracted]

    def _on_chain(self, tx: Built, position: int) -> Instance:
        instance = self._in_block(tx, position)
        self.final.append(instance)
        return instance

    def _in_block(self, tx: Built, position: int) -> Instance:
        self._indexes[position] += 1
        return Instance(tx, position, self._indexes[position] - 1)

    def _lands(self, instance: Instance, *, since: float, is_seen: bool = True) -> list[Copy]:
        """Return copies of a transaction that is confirmed in the end."""
        rng, position = self.rng, instance.position
        copies = self._seen(instance, since) if is_seen and rng.random() < 0.7 else []
        offset = rng.random() * 5
        for _ in range(rng.choice((1, 1, 2))):
            at = self._when(position, since=since, offset=offset + rng.random())
            copies.append(self._copy(at, "confirmed", instance))
        at = min(copy.at for copy in copies if copy.kind == "confirmed")
        if not self.is_exact[position]:
            last = self._when(position, since=since, offset=rng.random() * LONGEST_WAIT)
            copies.append(Copy(last, "indexed", instance, instance.index, exact=True))
            at = max(at, last)
        self._settle(position, at)
        return copies

    def _seen(self, instance: Instance, since: float) -> list[Copy]:
        rng = self.rng
        return [
            self._copy(self._when(instance.position, since=since, offset=rng.random() * 4),
                       "processed", instance)
            for _ in range(rng.choice((1, 1, 2)))
        ]  # fmt: skip

    def _copy(self, at: float, kind: str, instance: Instance) -> Copy:
        exact = self.is_exact[instance.position]
        index = instance.index if exact else self.rng.randrange(5)
        return Copy(at, kind, instance, index, exact)

    # When things are told.

    def _when(self, position: int, *, since: float, offset: float) -> float:
        """Return *since* + *offset*, squeezed so that it is in time."""
        return since + offset * min(1.0, (self._until(position) - since) / (LONGEST_WAIT + 1))

    def _between(self, first: float, last: float) -> float:
        return first + self.rng.random() * (min(last, self.positions) - first)

    # Ages are judged by whole hours: no copy of which it matters comes between these two.

    def _until(self, position: int) -> int:
        """Return before which arrival a copy counts."""
        until = self.times[position] + self.retention_s - HOUR_S
        return min(bisect_left(self.times, until), self.positions)

    def _too_late(self, position: int) -> int:
        """Return from which arrival on a copy goes to the log only."""
        return bisect_left(self.times, self.times[position] + self.retention_s + 2 * HOUR_S) + 1

    def _settle(self, position: int, at: float) -> None:
        self.settled[position] = max(self.settled[position], at)
