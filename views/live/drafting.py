"""Public records -> frames without a number: changes of tokens, trades, candles, accounts."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from schemas.fields import Mint, Slot
from schemas.public import HolderRecord
from schemas.token import Token
from views.index.reading import record_of
from views.live.message import Draft, Place
from views.live.recent import Recent
from views.writes import Write

KEPT_TOKENS = 20_000
"""Tokens whose last published state is at hand; a change of another is sent in full."""
KEPT_RECORDS = 100_000
"""Records remembered, so that one delivered again is not published again."""
ALL = "all"


class Published(NamedTuple):
    """A token as subscribers know it."""

    version: int
    members: Mapping[str, msgspec.Raw]


_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def published(version: int, body: bytes) -> Published:
    """Return a token's state from its JSON."""
    return Published(version, _members(body))


class Drafting:
    """Remembers what subscribers know; turns a batch of writes into what they do not know yet.

    Of several states of one thing in a batch only the newest is published.
    """

    def __init__(self) -> None:
        self.tokens: Recent[Mint, Published] = Recent(KEPT_TOKENS)
        self._events: Recent[tuple[str, str], Any] = Recent(KEPT_RECORDS)
        self._revs: Recent[tuple[str, str], int] = Recent(KEPT_RECORDS)
        self._slot: Slot = 0

    def drafts(self, writes: Mapping[str, list[Write[Any]]]) -> Iterator[Draft]:
        """Yield the frames of a batch of writes by member of ``Batch``."""
        self._note_slot(writes)
        for write in self._newest("tokens", writes):
            yield from self._token(write)
        for write in writes.get("trades", ()):
            yield from self._event("trades", record_of(write).mint, write)
        for write in self._newest("candles", writes):
            place = Place("candles", f"{record_of(write).mint}:1m")
            yield Draft(place, "candle", self._slot, write.body, write.version)
        yield from self._holders(self._newest("holders", writes))
        for write in writes.get("lifecycle", ()):
            if record_of(write).kind == "launch":
                yield from self._event("launches", ALL, write)
        for write in writes.get("posts", ()):
            yield from self._event("posts", ALL, write)

    def _newest(self, noun: str, writes: Mapping[str, list[Write[Any]]]) -> Iterable[Write[Any]]:
        """Return the newest write per key, unless a newer one was published before."""
        found: dict[str, Write[Any]] = {}
        for write in writes.get(noun, ()):
            name = (noun, write.key)
            if write.version >= (self._revs.get(name) or 0):
                self._revs.put(name, write.version)
                found[write.key] = write
        return found.values()

    def _token(self, write: Write[Any]) -> Iterator[Draft]:
        token: Token = record_of(write)
        known, now = self.tokens.get(token.mint), published(write.version, write.body)
        if known is not None and known.version > now.version:
            return
        old = known.members if known else {}
        changed = {name: raw for name, raw in now.members.items() if old.get(name) != raw}
        if not changed:
            return
        self.tokens.put(token.mint, now)
        data = msgspec.json.encode({**changed, "version": now.members["version"]})
        place = Place("token", token.mint)
        yield Draft(place, "delta", token.slot, data, now.version, write.body)

    def _event(self, channel: Any, key: str, write: Write[Any]) -> Iterator[Draft]:
        """Yield an event, unless its very record was published before."""
        body = write.body or msgspec.json.encode({"id": write.key, "deleted": True})
        if self._events.get((channel, write.key)) != body:
            self._events.put((channel, write.key), body)
            slot = getattr(write.record, "slot", self._slot)
            yield Draft(Place(channel, key), "event", slot, body, write.version)

    def _holders(self, writes: Iterable[Write[HolderRecord]]) -> Iterator[Draft]:
        """Yield one frame per token: under its address each account that changed."""
        by_mint: dict[Mint, list[Write[HolderRecord]]] = {}
        for write in writes:
            by_mint.setdefault(record_of(write).mint, []).append(write)
        for mint, listed in by_mint.items():
            records: list[HolderRecord] = [record_of(write) for write in listed]
            slot = max(record.slot for record in records)
            version = max(write.version for write in listed)
            yield Draft(Place("holders", mint), "delta", slot, holders_data(records), version)

    def _note_slot(self, writes: Mapping[str, list[Write[Any]]]) -> None:
        """Remember the newest slot, for records that name none."""
        for noun in ("tokens", "trades"):
            for write in writes.get(noun, ()):
                self._slot = max(self._slot, record_of(write).slot)


def holders_data(accounts: Iterable[HolderRecord]) -> bytes:
    """Return the data of a frame of accounts, by their addresses."""
    return msgspec.json.encode({account.account: account for account in accounts})
