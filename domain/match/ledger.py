"""The matcher's rows: what changed in them, and which have grown old."""

from collections.abc import Iterator, Mapping
from heapq import heapify, heappop, heappush

from schemas.claim_rows import ClaimRow, ConfigRow, GoneRow, LaunchesRow, LinkRow
from schemas.fields import ChainTime
from schemas.metadata import Metadata
from schemas.post import PostClaim

KEPT_S = 48 * 3600
"""A day in which post and launch may follow each other, and one for sources to catch up."""

NEVER: ChainTime = 2**63
CONFIG_KEPT_S = 30 * 86_400
"""After its last launch: one configuration may serve launches for months."""


class Ledger:
    """Rows by key. ``changes`` holds what was put since they were last taken."""

    def __init__(self, rows: Mapping[str, ClaimRow]) -> None:
        self._rows = dict(rows)
        self._changes: dict[str, ClaimRow | None] = {}
        self._ages = [(_kept_until(row), key) for key, row in rows.items()]
        heapify(self._ages)

    def get(self, key: str) -> ClaimRow | None:
        """Return a row, or None."""
        return self._rows.get(key)

    def items(self) -> Iterator[tuple[str, ClaimRow]]:
        """Yield all rows with their keys."""
        yield from self._rows.items()

    def put(self, key: str, row: ClaimRow | None) -> bool:
        """Set a row, None: delete it. Return whether that changed anything."""
        if self._rows.get(key) == row:
            return False
        self._changes[key] = row
        if row is None:
            del self._rows[key]
        else:
            self._rows[key] = row
            heappush(self._ages, (_kept_until(row), key))
        return True

    def take_changes(self) -> dict[str, ClaimRow | None]:
        """Return what changed since the last call."""
        changes, self._changes = self._changes, {}
        return changes

    def take_old(self, now: ChainTime) -> list[str]:
        """Return the keys of rows that need not be kept at chain time *now*, each once."""
        old: dict[str, None] = {}
        while self._ages and self._ages[0][0] <= now:
            _, key = heappop(self._ages)
            row = self._rows.get(key)
            if row is not None and _kept_until(row) <= now:
                old[key] = None
        return list(old)


def _kept_until(row: ClaimRow) -> ChainTime:
    match row:
        case LaunchesRow():
            return max(claim.time for claim in row.claims) + KEPT_S
        case PostClaim():
            return row.post.created_ms // 1000 + KEPT_S
        case Metadata():
            return row.fetched_at + KEPT_S
        case LinkRow():
            return row.time + KEPT_S
        case ConfigRow() | GoneRow():
            kept_s = KEPT_S if isinstance(row, GoneRow) else CONFIG_KEPT_S
            # Told before the first clock, nobody knows how old it is: its first launch will say.
            return row.known_at + kept_s if row.known_at else NEVER
    return NEVER
