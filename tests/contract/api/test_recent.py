"""Answers that take long to make: made once for all who ask, never kept too long."""

import asyncio

import pytest

from api.recent import Recent
from domain.errors import StoreError

pytestmark = pytest.mark.anyio


class Making:
    """Numbers its answers; each waits until it may be given, or fails."""

    def __init__(self) -> None:
        self.count = 0
        self.may_end = asyncio.Event()
        self.fails = False

    async def __call__(self) -> int:
        self.count += 1
        number = self.count
        await self.may_end.wait()
        if self.fails:
            raise StoreError("out of reach")
        return number


async def test_all_who_ask_meanwhile_share_one_answer_and_may_give_up() -> None:
    """A thousand who ask at once cost one answer; who gives up takes it from nobody."""
    making = Making()
    recent = Recent(making, for_s=5, clock=lambda: 0.0)
    asking = [asyncio.ensure_future(recent.get()) for _ in range(1_000)]
    await asyncio.sleep(0)
    asking.pop(0).cancel()
    making.may_end.set()

    assert set(await asyncio.gather(*asking)) == {1}
    assert making.count == 1


async def test_an_answer_is_no_older_than_it_may_be() -> None:
    """Its age counts from when it began to be made; then it is made anew."""
    making, now = Making(), 100.0
    recent = Recent(making, for_s=5, clock=lambda: now)
    making.may_end.set()

    assert await recent.get() == 1
    now = 104.9
    assert await recent.get() == 1
    now = 105.0
    assert await recent.get() == 2


async def test_a_failure_is_not_kept() -> None:
    """Who waited for it is told; who asks next has it tried again."""
    making = Making()
    recent = Recent(making, for_s=5, clock=lambda: 0.0)
    making.fails = True
    making.may_end.set()
    with pytest.raises(StoreError):
        await recent.get()
    making.fails = False

    assert await recent.get() == 2
