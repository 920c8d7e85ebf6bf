"""How each node stands: its state for people, and what it leads, trails and misses."""

from collections import deque

from solana.rpc.commitment import Commitment

from schemas.fields import Signature, Slot
from streams.sources.solana import metrics
from streams.sources.solana.desk import Linked
from streams.sources.solana.nodes import Mode

BEHIND = 64
"""Slots after which a node that has not told of a transaction will not do so any more."""
SLOTS_MAX = 512
"""Most slots of which it is known who told of what: all may be complete much later."""


class Standing:
    """One node as it stands. ``state``: connecting, running or stalled."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.state, self.trouble = "connecting", ""
        self.mode: Mode | None = None
        self._commitment = Commitment.CONFIRMED
        self.head: Slot = 0
        self.told_count = self.first_count = self.missed_count = self.reconnects = 0
        self.told: dict[Slot, set[Signature]] = {}
        self._since: Slot | None = None
        self._judged = deque[Linked]()

    @property
    def detail(self) -> str:
        """What is to be said of it, in a few words."""
        how = f"{self.mode} mode at {self._commitment}" if self.mode else "no mode yet"
        counts = (
            f"{self.told_count:,} told, first of {self.first_count:,}, missed "
            f"{self.missed_count:,}, {self.reconnects:,} reconnects"
        )
        return ", ".join(
            part for part in (how, f"slot {self.head:,}", counts, self.trouble) if part
        )

    def connect(self, mode: Mode, commitment: Commitment) -> None:
        """Take note that it is listened to, and how; from its next slot on it is judged."""
        self.mode, self.state, self.trouble = mode, "running", ""
        self._commitment = commitment

    def leave(self, trouble: str, *, is_stalled: bool) -> None:
        """Take note that it is not listened to any more, and why."""
        self.state = "stalled" if is_stalled else "connecting"
        self.trouble = trouble
        self.reconnects += 1
        self._since = None
        self.told.clear()
        self._judged.clear()

    def end(self) -> None:
        """Take note that nobody listens to it any more."""
        self.state, self.trouble = "connecting", "not listened to, the collector has ended"

    def advance(self, slot: Slot) -> None:
        """Take note that it told of a slot."""
        if self._since is None:
            # It was connected to in the midst of slots of which it may have told before.
            self._since = slot + 1
        self.head = max(self.head, slot)
        metrics.HEAD.labels(self.name).set(self.head)
        while self._judged and self._judged[0].slot < self.head - BEHIND:
            self._judge(self._judged.popleft())

    def hear(self, slot: Slot, signature: Signature) -> bool:
        """Take note that it told of a transaction; return whether it did not before."""
        told = self.told.setdefault(slot, set())
        if signature in told:
            return False
        told.add(signature)
        self.told_count += 1
        if len(self.told) > SLOTS_MAX:
            oldest = min(self.told)
            del self.told[oldest]
            self._since = max(self._since or 0, oldest + 1)
        return True

    def judge_later(self, linked: Linked) -> None:
        """Keep a complete block until the node must have told of what is in it."""
        if self._since is not None and linked.slot >= self._since:
            self._judged.append(linked)

    def _judge(self, linked: Linked) -> None:
        missed = len(set(linked.signatures) - self.told.get(linked.slot, set()))
        self.told = {slot: told for slot, told in self.told.items() if slot > linked.slot}
        self.missed_count += missed
        metrics.MISSED.labels(self.name).inc(missed)


class Race:
    """Which node tells first, and how far behind the others are."""

    def __init__(self) -> None:
        self._first: dict[Slot, dict[Signature, float]] = {}

    def hear(self, standing: Standing, slot: Slot, signature: Signature, now: float) -> None:
        """Take note that a node told of a transaction, at *now* (monotonic seconds)."""
        if not standing.hear(slot, signature):
            return
        of_slot = self._first.setdefault(slot, {})
        if (first := of_slot.get(signature)) is None:
            of_slot[signature] = now
            standing.first_count += 1
            metrics.FIRST.labels(standing.name).inc()
        else:
            metrics.BEHIND_SECONDS.labels(standing.name).observe(now - first)
        if len(self._first) > SLOTS_MAX:
            del self._first[min(self._first)]

    def forget(self, before: Slot) -> None:
        """Forget the transactions of old slots."""
        self._first = {slot: first for slot, first in self._first.items() if slot >= before}
