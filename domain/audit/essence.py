"""What of a public record is the same, however the fold was cut into chunks and restarted.

Left out are ``version``, ``rev``, ``slot`` and ``asOf`` of what is told again and again: they say
which chunk told it. So does what a token is worth in dollars: a price tells nothing by itself. A
holder's ``amount`` follows from ``baseUnits``, and whether a minute is ``final`` from the clock.
"""

from typing import Any, NamedTuple

from msgspec.structs import replace

from domain.amounts import seconds_of
from domain.audit.boundary import Boundary
from domain.audit.digests import digest
from domain.audit.emitted import encode
from domain.windows import MINUTE
from schemas.fields import ChainTime
from schemas.public import CandleRecord, HolderRecord, LifecycleRecord, TradeRecord
from schemas.token import Token

SETTLES_S = 120
"""Chain seconds after its end by which a minute is final, however often the fold was restarted."""


class Essence(NamedTuple):
    """What a record says.

    ``core`` is what its own events say alone; ``full`` all of it, None where decimals were not
    known when it was told.
    """

    core: int
    full: int | None

    def agrees(self, other: "Essence", *, wholly: bool) -> bool:
        """Say whether two records say the same; not *wholly*: as far as their own events go."""
        if self.core != other.core:
            return False
        return not wholly or None in {self.full, other.full} or self.full == other.full


def essence(record: Any) -> Essence:
    """Return what a record of the fold says."""
    match record:
        case Token():
            token = without_dollars(record)
            return Essence(0, _digest(replace(token, version=0, slot=0, as_of="")))
        case CandleRecord():
            told = replace(record, rev=0, final=False)
            return _essence((record.trades,), told, decimals_known=record.volume is not None)
        case HolderRecord():
            return Essence(_digest((record.owner, record.base_units, record.slot)), None)
        case TradeRecord():
            bare = replace(record, base_amount=None, quote_amount=None, price=None, fee=None)
            known = record.base_amount is not None and record.quote_amount is not None
            return _essence(bare, record, decimals_known=known)
        case LifecycleRecord():
            return Essence(_digest(record), None)
    raise TypeError(type(record))


def without_dollars(token: Token) -> Token:
    """Return a token without what depends on the dollar price that held when it was told."""
    windows = {name: replace(one, volume_usd=None) for name, one in token.windows.items()}
    return replace(
        token,
        quote=replace(token.quote, price_usd=None, priced_at=None),
        price_usd=None,
        market_cap_usd=None,
        liquidity_usd=None,
        windows=windows,
    )


def should_be_final(record: Any, *, complete_time: ChainTime) -> bool:
    """Say whether a record is a minute in which nothing can change for quite a while now."""
    if not isinstance(record, CandleRecord):
        return False
    return seconds_of(record.time) + MINUTE + SETTLES_S <= complete_time


def is_judged(record: Any, boundary: Boundary, *, is_whole: bool) -> bool:
    """Say whether all that a record depends on is kept; *is_whole*: that of its token is."""
    if is_whole:
        return True
    match record:
        case Token():
            return False
        case CandleRecord():
            return seconds_of(record.time) > boundary.time
    return bool(record.slot > boundary.slot)


def _essence(core: Any, full: Any, *, decimals_known: bool) -> Essence:
    return Essence(_digest(core), _digest(full) if decimals_known else None)


def _digest(what: Any) -> int:
    return digest(encode(what))
