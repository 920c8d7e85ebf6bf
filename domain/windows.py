"""Windows of chain time: which buckets they hold, and their running sums for one token."""

from bisect import bisect_left, insort
from dataclasses import dataclass

from schemas.fields import ChainTime, QuoteUnits

HOUR_S = 3600
DAY_S = 24 * HOUR_S


@dataclass(frozen=True, slots=True)
class Window:
    """A window: its name, its width and the width of its buckets, in seconds."""

    name: str
    width_s: int
    bucket_s: int

    def start(self, at: ChainTime) -> ChainTime:
        """Return the first second of the window at chain time *at*.

        The window is the bucket that contains *at* and the width / bucket - 1 before it.

        >>> Window("5m", 300, 5).start(1002)
        705
        """
        return at - at % self.bucket_s + self.bucket_s - self.width_s

    def end_of(self, second: ChainTime) -> ChainTime:
        """Return the chain time at which *second*'s bucket leaves the window.

        >>> Window("5m", 300, 5).end_of(705)
        1005
        """
        return second - second % self.bucket_s + self.width_s


FIVE_SECONDS = 5
MINUTE = 60
IN_BUCKETS = (Window("5m", 300, FIVE_SECONDS),)
"""Kept by rows of five seconds."""
IN_MINUTES = (
    Window("1h", HOUR_S, 60),
    Window("6h", 6 * HOUR_S, 300),
    Window("24h", DAY_S, 300),
)
"""Kept by rows of a minute: their buckets are whole minutes."""
WIDEST_S = DAY_S + 300
"""A second is outside every window once the clock is this much later."""


class Running:
    """What one window of one token holds at the series' present position."""

    __slots__ = ("buys", "first", "sells", "start", "traders", "volume", "window")

    def __init__(self, window: Window) -> None:
        self.window = window
        self.start: ChainTime = 0
        self.first = 0  # The index, in the series' starts, of the oldest one inside.
        self.volume: QuoteUnits = 0
        self.buys = 0
        self.sells = 0
        self.traders = 0

    def take(self, cell: list[int], sign: int) -> None:
        """Count a cell in (*sign* 1) or out (-1)."""
        volume, buys, sells, traders = cell
        self.volume += sign * volume
        self.buys += sign * buys
        self.sells += sign * sells
        self.traders += sign * traders


class Series:
    """The non-empty rows of one width of one token, in order, and the windows over them.

    An index in memory: it says what the rows say, and is rebuilt from them. A cell is
    ``[volume, buys, sells, traders]``, traders being those whose newest trade lies in that row,
    so a sum over a window's cells counts each trader once.
    """

    __slots__ = ("_cells", "running", "starts", "width_s")

    def __init__(self, windows: tuple[Window, ...], width_s: int) -> None:
        self.width_s = width_s
        self.running = tuple(Running(window) for window in windows)
        self.starts: list[ChainTime] = []
        self._cells: dict[ChainTime, list[int]] = {}

    def add(self, at: ChainTime, volume: QuoteUnits, buys: int, sells: int) -> None:
        """Add to the row of second *at*."""
        start = at - at % self.width_s
        cell = self._cells.get(start) or self._open(start)
        cell[0] += volume
        cell[1] += buys
        cell[2] += sells
        for running in self.running:
            if start >= running.start:
                running.volume += volume
                running.buys += buys
                running.sells += sells

    def move_trader(self, old: ChainTime | None, new: ChainTime | None) -> None:
        """Count a trader where the newest trade is *new* (None: nowhere), no more at *old*."""
        if old is not None:
            self.count_traders(old, -1)
        if new is not None:
            self.count_traders(new, 1)

    def count_traders(self, at: ChainTime, change: int) -> None:
        """Count so many more traders at second *at*."""
        start = at - at % self.width_s
        cell = self._cells.get(start)
        if cell is None:
            if change < 0:  # Forgotten before its trader was.
                return
            cell = self._open(start)
        cell[3] += change
        for running in self.running:
            if start >= running.start:
                running.traders += change

    def advance(self, at: ChainTime) -> None:
        """Put every window's end at chain time *at*; usually forward, back after a retraction."""
        for running in self.running:
            start = running.window.start(at)
            if start != running.start:
                self._slide(running, start)

    def next_exit(self) -> ChainTime | None:
        """Return the earliest chain time at which something in a window leaves it."""
        exits = [
            running.window.end_of(self.starts[running.first])
            for running in self.running
            if running.first < len(self.starts)
        ]
        return min(exits, default=None)

    @property
    def outside(self) -> int:
        """How many rows, the oldest ones, are older than every window."""
        return min(running.first for running in self.running)

    def forget(self, start: ChainTime) -> None:
        """Drop a row that is older than every window."""
        index = bisect_left(self.starts, start)
        del self.starts[index]
        del self._cells[start]
        for running in self.running:
            running.first -= 1

    def _open(self, start: ChainTime) -> list[int]:
        if self.starts and start < self.starts[-1]:
            insort(self.starts, start)
        else:
            self.starts.append(start)
        for running in self.running:
            if start < running.start:
                running.first += 1
        cell = self._cells[start] = [0, 0, 0, 0]
        return cell

    def _slide(self, running: Running, start: ChainTime) -> None:
        starts, cells, first = self.starts, self._cells, running.first
        while first < len(starts) and starts[first] < start:
            running.take(cells[starts[first]], -1)
            first += 1
        while first and starts[first - 1] >= start:
            first -= 1
            running.take(cells[starts[first]], 1)
        running.first = first
        running.start = start
