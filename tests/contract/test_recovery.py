"""Recovery that does not go on: the worker ends, so that whoever starts it asks anew."""

import asyncio
from types import SimpleNamespace

import pytest
from faust.tables.recovery import RebalanceAgain, Recovery, ServiceStopped
from faust.types import TP

from domain.errors import BtrackerError
from streams import recovery as module
from streams.recovery import OwnRecovery

STILL_S = 0.05
ROWS = TP("rows", 0)


@pytest.fixture
async def recovery(monkeypatch: pytest.MonkeyPatch) -> OwnRecovery:
    """Give a recovery that is never started, of no app."""
    monkeypatch.setattr(module, "STILL_S", STILL_S)
    app = SimpleNamespace(conf=SimpleNamespace(stream_recovery_delay=0.0))
    made = OwnRecovery(app, SimpleNamespace())
    made.active_tps = {ROWS}
    return made


async def test_what_is_not_done_in_time_is_no_stop(recovery: OwnRecovery) -> None:
    """A seek that is not answered looks to stock Faust like a stop, and it waits for ever."""
    never = asyncio.Event()
    with pytest.raises(ServiceStopped):
        await Recovery._wait(recovery, never.wait(), STILL_S)

    with pytest.raises(BtrackerError):
        await recovery._wait(never.wait(), STILL_S)


async def test_a_stop_and_an_assignment_end_it_early(recovery: OwnRecovery) -> None:
    """Neither is a failure of the worker."""
    never = asyncio.Event()
    recovery.signal_recovery_start.set()
    with pytest.raises(RebalanceAgain):
        await recovery._wait(never.wait(), STILL_S)
    recovery._stopped.set()
    with pytest.raises(ServiceStopped):
        await recovery._wait(never.wait(), STILL_S)


async def test_it_has_patience_as_long_as_rows_come(recovery: OwnRecovery) -> None:
    """However long it takes in all; once none come any more it is given up."""
    through = 0
    recovery.tp_to_table = {ROWS: SimpleNamespace(through=lambda _: through)}

    async def restoring(steps: int, done: asyncio.Event) -> None:
        nonlocal through
        for _ in range(steps):
            await asyncio.sleep(STILL_S / 2)
            through += 1
        await done.wait()

    done = asyncio.Event()
    done.set()
    await recovery._patiently(restoring(12, done))
    with pytest.raises(BtrackerError, match="no rows"):
        await recovery._patiently(restoring(2, asyncio.Event()))
