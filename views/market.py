"""The market's figures, of what tokens say of themselves; pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from domain.amounts import seconds_of
from domain.decimals import known_total
from domain.windows import IN_BUCKETS, IN_MINUTES, Window
from schemas.base import Record
from schemas.fields import ChainTime, Mint, Timestamp
from schemas.token import Quote, Token, WindowFigures
from views.figures import MarketFigures

WINDOWS = (*IN_BUCKETS, *IN_MINUTES)


class Traded(Record, frozen=True, kw_only=True, rename="camel"):
    """The part of a token that the market's figures are made of: reading all of it is slow."""

    launchpad: str | None
    quote: Quote
    windows: dict[str, WindowFigures]
    launched_at: Timestamp | None
    completed_at: Timestamp | None


class _Counted(NamedTuple):
    """A token whose times are numbers: there may be 100,000 of them, looked at per window."""

    launched: ChainTime | None
    completed: ChainTime | None
    windows: Mapping[str, WindowFigures]


def market(tokens: Iterable[Token | Traded], *, now: ChainTime) -> tuple[MarketFigures, ...]:
    """Return the market's figures at *now* from the tokens with anything in the widest window."""
    widest = WINDOWS[-1]
    groups: dict[tuple[str | None, Mint | None], list[_Counted]] = {}
    for token in tokens:
        one = _Counted(_seconds(token.launched_at), _seconds(token.completed_at), token.windows)
        day = token.windows.get(widest.name)
        if (day and day.trades) or _count([one.launched, one.completed], widest, now=now):
            groups.setdefault((token.launchpad, token.quote.mint), []).append(one)
    order = sorted(groups, key=lambda group: (group[0] or "", group[1] or ""))
    return tuple(
        _in_window(group, groups[group], window, now=now) for group in order for window in WINDOWS
    )


def _in_window(
    group: tuple[str | None, Mint | None],
    tokens: list[_Counted],
    window: Window,
    *,
    now: ChainTime,
) -> MarketFigures:
    figures = [token.windows[window.name] for token in tokens if window.name in token.windows]
    return MarketFigures(
        launchpad=group[0],
        quote_mint=group[1],
        window=window.name,
        launches=_count([token.launched for token in tokens], window, now=now),
        graduations=_count([token.completed for token in tokens], window, now=now),
        trades=sum(f.trades for f in figures),
        buys=sum(f.buys for f in figures),
        sells=sum(f.sells for f in figures),
        volume=known_total(f.volume for f in figures),
    )


def _count(times: Sequence[ChainTime | None], window: Window, *, now: ChainTime) -> int:
    """Return how many times are within a window."""
    start = window.start(now)
    end = start + window.width_s
    return sum(at is not None and start <= at < end for at in times)


def _seconds(at: Timestamp | None) -> ChainTime | None:
    return None if at is None else seconds_of(at)
