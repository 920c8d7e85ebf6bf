"""Recovery that does not go on: the worker ends, so that whoever starts it asks anew."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from faust.tables.recovery import ServiceStopped
from faust.types import TP

from domain.errors import BtrackerError
from streams import recovery as module
from streams.recovery import OwnRecovery

STILL_S = 0.05
ROWS = TP("rows", 0)


Failures = asyncio.Queue[BaseException]


@pytest.fixture
def failures() -> Failures:
    """Take what the worker fails of."""
    return asyncio.Queue()


@pytest.fixture
async def recovery(failures: Failures, monkeypatch: pytest.MonkeyPatch) -> OwnRecovery:
    """Give a recovery that is never started, of an app that only takes note of failures."""
    monkeypatch.setattr(module, "STILL_S", STILL_S)
    app = SimpleNamespace(
        conf=SimpleNamespace(stream_recovery_delay=0.0),
        fail=lambda error, stage: failures.put_nowait(error),
    )
    made = OwnRecovery(app, SimpleNamespace())
    made.active_tps = {ROWS}
    return made


async def test_a_recovery_that_ended_early_ends_the_worker(
    recovery: OwnRecovery, failures: Failures
) -> None:
    """A seek that is not answered in time looks to Faust like a stop, and it waits for ever."""

    async def seeks(*_: Any) -> None:
        raise ServiceStopped

    recovery._recover = seeks
    recovery.signal_recovery_start.set()
    task = asyncio.create_task(recovery._restart_recovery.fun(recovery))
    failure = await failures.get()
    task.cancel()

    assert isinstance(failure, BtrackerError)


async def test_an_early_end_for_the_next_assignment_is_none(
    recovery: OwnRecovery, failures: Failures
) -> None:
    """Partitions that are assigned anew are the usual reason for an early end."""
    recovery.signal_recovery_start.set()
    await recovery._expect_news()

    assert failures.empty()


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
