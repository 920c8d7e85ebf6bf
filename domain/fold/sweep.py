"""Retention: rows that can no longer matter are dropped, a few at a time.

A row goes when everything in it is complete and older than every window and than the retention.
It goes only so many calls after that became true, because a call whose clock row is not durable
yet may be delivered again, and has to find the rows it touched.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice

from domain.fold.index import Index, TokenIndex
from domain.fold.keys import mint_of, start_key
from domain.fold.registers import reading
from domain.fold.state import Overlays, Tables
from domain.fold.window_figures import bucket_spot, minute_spot
from domain.windows import HOUR_S, WIDEST_S, Series
from schemas.fields import ChainTime, Mint
from schemas.limits import CHUNKS_IN_FLIGHT
from schemas.rows import Spot

STEPS_PER_RECORD = 8
"""Rows looked at per record folded: more than a record creates."""


class Sweeper:
    """Walks through the rows of a partition, again and again, and drops what is too old."""

    def __init__(self, tables: Tables, index: Index, *, retention_s: int) -> None:
        self._tables = tables
        self._index = index
        self._age_s = WIDEST_S + retention_s
        self._horizons: deque[tuple[int, ChainTime]] = deque()
        self._calls = 0
        self._swept: ChainTime = 0
        self._complete_time: ChainTime = 0
        self._walk: Iterator[None] = iter(())
        self._rows: Overlays

    def sweep(self, rows: Overlays, *, complete_time: ChainTime, records: int) -> None:
        """Drop rows of *rows* that can no longer matter, in proportion to *records*."""
        self._calls += 1
        self._rows = rows
        self._complete_time = complete_time
        horizon = complete_time - self._age_s
        if not self._horizons or horizon >= self._horizons[-1][1] + HOUR_S:
            self._horizons.append((self._calls, horizon))
        steps = records * STEPS_PER_RECORD
        if sum(1 for _ in islice(self._walk, steps)) < steps:
            self._start_over()

    def _start_over(self) -> None:
        """Walk again, to the newest horizon that is old enough, if that has moved on."""
        while len(self._horizons) > 1 and self._horizons[1][0] + CHUNKS_IN_FLIGHT <= self._calls:
            self._horizons.popleft()
        since, horizon = self._horizons[0]
        if since + CHUNKS_IN_FLIGHT <= self._calls and horizon > self._swept:
            self._swept = horizon
            self._walk = self._walk_to(horizon)

    def _walk_to(self, horizon: ChainTime) -> Iterator[None]:
        for mint, token in list(self._index.tokens.items()):
            yield from self._sweep_token(mint, token, horizon)
        for key in list(self._tables.traders):
            self._sweep_trader(key, horizon)
            yield
        for key in list(self._tables.accounts):
            self._sweep_account(key, horizon)
            yield

    def _sweep_token(self, mint: Mint, token: TokenIndex, horizon: ChainTime) -> Iterator[None]:
        yield
        # The rows of the present call, which need not be those of the last step.
        parts: tuple[tuple[Series, str, Callable[[str], Spot | None]], ...] = (
            (token.buckets, "buckets", lambda key: bucket_spot(self._rows, key)),
            (token.minutes, "candles", lambda key: minute_spot(self._rows, key)),
        )
        for series, name, spot_at in parts:
            for start in series.starts[: bisect_left(series.starts, horizon)]:
                touched, key = getattr(self._rows, name), start_key(mint, start)
                if key not in touched and self._is_spare(mint, series, start, spot_at):
                    series.forget(start)
                    touched[key] = None
                yield

    def _is_spare(
        self, mint: Mint, series: Series, start: ChainTime, spot_at: Callable[[str], Spot | None]
    ) -> bool:
        """Say whether windows will never ask for the price at the end of a row.

        They ask for that of the last row before them in which a trade stands. So there has to be a
        later one before them, and it has to be complete, or its trades may still be retracted.
        """
        index, outside = bisect_left(series.starts, start), series.outside
        if index >= outside:
            return False
        settled = bisect_right(series.starts, self._complete_time - series.width_s)
        later = islice(series.starts, index + 1, min(outside, settled))
        return any(spot_at(start_key(mint, one)) is not None for one in later)

    def _sweep_trader(self, key: str, horizon: ChainTime) -> None:
        row = self._tables.traders.get(key)
        if row is None or key in self._rows.traders:
            return
        seen = reading(row.last, row.loose)
        if seen is not None and seen.time < horizon:
            self._rows.traders[key] = None
            self._index.token(mint_of(key)).move_trader(seen, None)

    def _sweep_account(self, key: str, horizon: ChainTime) -> None:
        row = self._tables.accounts.get(key)
        if row is None or key in self._rows.accounts:
            return
        held = reading(row.last, row.loose)
        if held is not None and not held.amount and held.time < horizon:
            self._rows.accounts[key] = None
