"""A record of the raw chain topic, with what its headers say of it."""

from collections.abc import Sequence

import msgspec

from domain.errors import UnreadableError
from domain.signatures import KINDS, Kind
from schemas.fields import ChainTime, Slot

CLOCK = b"clock"
AGAIN = "bt_again"
"""The header that names the paths for which a transaction is sent again, with commas between."""


class RawDelivery(msgspec.Struct, frozen=True, gc=False):
    """A raw record as it was delivered: bytes, headers and offset."""

    offset: int
    key: bytes | None
    value: bytes
    headers: Sequence[tuple[str, bytes]]


class Stamp(msgspec.Struct, frozen=True, gc=False):
    """What the source says of a transaction: all of it may be missing.

    ``index`` is the transaction's index in its block, ``exact`` whether it is the block's own.
    ``again``: paths that are decoded only now, of a transaction that is sent again for them.
    """

    kind: Kind = Kind.CONFIRMED
    index: int | None = None
    exact: bool = False
    again: frozenset[str] = frozenset()


class Tick(msgspec.Struct, frozen=True):
    """A source's clock: the newest block, and the slot through which all has been delivered."""

    time: ChainTime
    slot: Slot
    complete: Slot


_ticks = msgspec.json.Decoder(Tick)


def stamp_of(headers: Sequence[tuple[str, bytes]]) -> Stamp | None:
    """Return the stamp of a transaction, None where the headers say it is a clock.

    Raises:
        UnreadableError: a header of ours makes no sense.
    """
    ours = dict(headers)
    kind = ours.get("bt_kind", b"confirmed")
    if kind == CLOCK:
        return None
    known = KINDS.get(kind.decode("ascii", "replace"))
    if known is None:
        raise UnreadableError(f"header bt_kind is {kind[:20]!r}, which is no kind of record")
    index = ours.get("bt_index")
    if index is not None and not (index.isdigit() and len(index) < 10):
        raise UnreadableError(f"header bt_index is {index[:20]!r}, which is no index")
    exact = index is not None and ours.get("bt_exact") == b"1"
    again = frozenset(ours.get(AGAIN, b"").decode("ascii", "replace").split(",")) - {""}
    return Stamp(known, None if index is None else int(index), exact, again)


def tick_of(value: bytes) -> Tick:
    """Return a source's clock.

    Raises:
        UnreadableError: *value* is none.
    """
    try:
        return _ticks.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableError(f"a clock that cannot be read: {error}") from error
