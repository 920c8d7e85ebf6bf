"""What retention has dropped is no fault, and what stands behind it is judged all the same."""

import json
import random

import pytest

from schemas.topics import CLAIMS, EVENTS, LAUNCHES, RAW_CHAIN, RAW_X, TRADES
from tests.logs import MemoryLog, audited

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", range(2))
async def test_what_is_no_longer_kept_is_no_fault(log: MemoryLog, seed: int) -> None:
    """Wherever the logs begin, nothing is missed, and it is said since when all was judged."""
    report = await audited(log.beginning_at(starts(log, seed)))
    judged = [one for one in report.stages if one.stage == "decode"]

    assert () == report.findings
    assert all(one.from_slot > 0 for one in judged)


def starts(log: MemoryLog, seed: int) -> dict[tuple[str, int], int]:
    """Return offsets in the first part of each internal log."""
    rng = random.Random(seed)
    places = log.places([RAW_CHAIN.name, EVENTS.name, CLAIMS.name, LAUNCHES.name, RAW_X.name])
    return {place: 1 + rng.randrange(len(log.records[place]) // 3) for place in places}


async def test_behind_what_is_no_longer_kept_all_is_judged(log: MemoryLog) -> None:
    """A trade that is gone is named also where its token's beginning is no longer kept."""
    left = log.beginning_at({(EVENTS.name, p): 60 for p in range(4)})
    report = await audited(left)
    since = max(one.from_slot for one in report.stages if one.stage == "fold")
    lost = log.some(TRADES.name, random.Random(5), lambda r: json.loads(r.value)["slot"] > since)
    report = await audited(left.without(lost))

    assert [json.loads(lost.value)["id"]] == [one.what.split()[0] for one in report.findings]
