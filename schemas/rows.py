"""The rows of the fold's tables: what is remembered of a token, in pieces that change apart.

Every row carries its ``Fence``: the highest raw position applied, per raw partition. A row depends
only on events addressed to it; nothing is moved or counted from one row into another.
"""

from schemas.accounts import Standing
from schemas.base import Row
from schemas.chain_events import Complete, Config, Launch, Migrate
from schemas.dollars import DollarPrice
from schemas.fields import Address, BaseUnits, ChainTime, QuoteUnits, Ratio, Slot, SqrtPrice
from schemas.link import Link
from schemas.metadata import Metadata
from schemas.place import Place
from schemas.project import ProjectFact

Fence = tuple[tuple[int, int, int] | None, ...]
"""Per raw partition the highest (epoch, offset, ordinal) applied, None before the first."""


class Spot(Row, frozen=True, array_like=True, gc=False):
    """The curve or pool after one trade; of several the one last in chain order counts.

    The price is stated as ``price`` or as ``sqrt_price``. ``in_pool``: the trade was in the pool
    where the curve went.
    """

    place: Place
    time: ChainTime
    sqrt_price: SqrtPrice | None
    quote_reserve: QuoteUnits | None
    threshold: QuoteUnits | None
    price: Ratio | None = None
    base_reserve: BaseUnits | None = None
    in_pool: bool = False


class CurveRow(Row, frozen=True, array_like=True, gc=False):
    """The hot row of a token. Key: mint.

    ``last`` is the newest settled state, ``loose`` the unsettled ones above it, in chain order.
    ``base_change`` is the sum of the base reserve's changes since launch.
    """

    fence: Fence
    trades: int = 0
    base_change: BaseUnits = 0
    last: Spot | None = None
    loose: tuple[Spot, ...] = ()
    base_decimals: int | None = None
    quote_decimals: int | None = None
    quote_mint: Address | None = None


class BucketRow(Row, frozen=True, array_like=True, gc=False):
    """Five seconds of one token, for the 5m window. Key: ``mint:start``."""

    fence: Fence
    volume: QuoteUnits = 0
    buys: int = 0
    sells: int = 0
    last: Spot | None = None
    loose: tuple[Spot, ...] = ()


class Tick(Row, frozen=True, array_like=True, gc=False):
    """A trade as a candle sees it; its price is quote / base."""

    place: Place
    base_amount: BaseUnits
    quote_amount: QuoteUnits


class CandleRow(Row, frozen=True, array_like=True, gc=False):
    """One minute of one token. Key: ``mint:start``.

    The sums count every trade; open, high, low and close the settled ones; ``loose`` holds the
    unsettled trades that have a price. ``last`` and ``loose_spots`` are the curve's state at the
    end of the minute, as in ``CurveRow``.
    """

    fence: Fence
    volume: QuoteUnits = 0
    buys: int = 0
    sells: int = 0
    open: Tick | None = None
    high: Tick | None = None
    low: Tick | None = None
    close: Tick | None = None
    loose: tuple[Tick, ...] = ()
    last: Spot | None = None
    loose_spots: tuple[Spot, ...] = ()


class Seen(Row, frozen=True, array_like=True, gc=False):
    """A trader's trade, for counting distinct traders."""

    place: Place
    time: ChainTime


class TraderRow(Row, frozen=True, array_like=True, gc=False):
    """A trader's newest trade in one token. Key: ``mint:trader``."""

    fence: Fence
    last: Seen | None = None
    loose: tuple[Seen, ...] = ()


class Held(Row, frozen=True, array_like=True, gc=False):
    """What a token account held after a transaction."""

    place: Place
    owner: Address
    amount: BaseUnits
    time: ChainTime = 0


class AccountRow(Row, frozen=True, array_like=True, gc=False):
    """A token account. Key: ``mint:account``. Kept at zero too."""

    fence: Fence
    last: Held | None = None
    loose: tuple[Held, ...] = ()


class Milestone(Row, frozen=True, array_like=True, gc=False):
    """A launch, completion or migration."""

    place: Place
    time: ChainTime
    event: Launch | Complete | Migrate


class LifeRow(Row, frozen=True, array_like=True, gc=False):
    """A token's milestones in chain order, one per event id. Key: mint."""

    fence: Fence
    milestones: tuple[Milestone, ...] = ()


class FactRow(Row, frozen=True, array_like=True, gc=False):
    """What is known of a token, or of a quote token, from elsewhere.

    Key: ``mint:config``, ``:metadata``, ``:link``, ``:project``, ``:standing``; of a quote token
    ``:dollars``.
    """

    revision: int
    fact: Config | Metadata | Link | ProjectFact | DollarPrice | Standing


class Head(Row, frozen=True, array_like=True, gc=False):
    """The head clock of one raw partition, and the position that told it.

    ``complete_time``: every block before this chain time has been delivered.
    """

    epoch: int
    offset: int
    time: ChainTime
    slot: Slot
    complete: Slot
    complete_time: ChainTime = 0


class ClockRow(Row, frozen=True, array_like=True, gc=False):
    """The clock of one ``events`` partition and its counts. Key: the partition's number.

    ``through`` is the (epoch, offset) in ``events`` through which the counts go. ``fence`` is the
    highest raw position counted: the row is written after all others, so every row an event at or
    below it touched is durable, and one of those that is missing has been dropped.
    """

    heads: tuple[Head | None, ...]
    joined: Slot = 0
    through: tuple[int, int] = (0, -1)
    seen: int = 0
    applied: int = 0
    duplicate: int = 0
    trades: int = 0
    dead_lettered: int = 0
    fence: Fence = ()


RawPlace = tuple[int, int]
"""Epoch and offset of a raw record."""


class Copies(Row, frozen=True, array_like=True, gc=False):
    """The copies of one transaction in one slot: the first position of each kind of record.

    ``p`` processed, ``r`` retracted, ``c`` confirmed, ``x`` indexed, ``w`` withdrawn. ``time`` is
    the slot's block time, ``index`` what the indexed record gave.
    """

    slot: Slot
    time: ChainTime
    p: RawPlace | None = None
    r: RawPlace | None = None
    c: RawPlace | None = None
    x: RawPlace | None = None
    index: int | None = None
    w: RawPlace | None = None


class SignatureRow(Row, frozen=True, array_like=True, gc=False):
    """What the decoder knows of one transaction, by slot. Key: signature.

    ``again``: the paths that were decoded only when it was sent again, and by which raw record.
    """

    slots: tuple[Copies, ...] = ()
    again: tuple[tuple[str, RawPlace], ...] = ()

    @property
    def time(self) -> ChainTime:
        """The newest block time, by which the row is forgotten."""
        return max((copies.time for copies in self.slots), default=0)


class DecodeRow(Row, frozen=True, array_like=True, gc=False):
    """The decoder's clock and counts for one raw partition. Key: the partition's number.

    ``through`` is the (epoch, offset) through which the counts go. ``hours`` is the history of
    the clock that judges ages: (epoch, offset, first second) of each hour.
    """

    through: tuple[int, int] = (0, -1)
    head_time: ChainTime = 0
    head_slot: Slot = 0
    complete: Slot = 0
    seen: int = 0
    applied: int = 0
    duplicate: int = 0
    not_ours: int = 0
    dead_lettered: int = 0
    failed: int = 0
    archived: int = 0
    events: int = 0
    trades: int = 0
    hours: tuple[tuple[int, int, int], ...] = ()
