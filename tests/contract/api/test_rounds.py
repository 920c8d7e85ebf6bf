"""A frame for a crowd: served in parts, to each in order, and to nobody twice."""

import asyncio

import pytest

from tests.contract.api.feed import FakeFeed
from views.live import outlet as outlet_module
from views.live.contract import Frame
from views.live.message import Place
from views.live.outlet import Member, Outlet
from views.live.snapshots import Snapshots
from views.memory import MemoryViews

M = "E2Qwyg4fjeU2WbmrBTbL41MyJzpppy33gk3PMQ5sX7wJ"


class Ears:
    """A sink that remembers numbers."""

    def __init__(self) -> None:
        self.seqs: list[int] = []

    def receive(self, frame: Frame) -> None:
        """Take a frame."""
        self.seqs.append(frame.seq)


def crowd(number: int) -> tuple[Outlet, list[Ears]]:
    """Return an outlet and the sinks of its members."""
    snapshots = Snapshots(MemoryViews(), partitions=1, board_size=10)
    outlet = Outlet(Place("trades", M), snapshots=snapshots, clock=lambda: 0)
    return outlet, [joined(outlet) for _ in range(number)]


def joined(outlet: Outlet, *, after: int = 0) -> Ears:
    """Return the sink of a new member that has what came up to a number."""
    member = Member(ears := Ears())
    outlet.members.add(member)
    member.begin([], epoch="e1", last=after)
    return ears


def frames(number: int) -> list[Frame]:
    """Return so many frames in a row."""
    feed = FakeFeed()
    return [feed.publish("trades", M, {"n": n}, "event") for n in range(number)]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than two are a crowd."""
    monkeypatch.setattr(outlet_module, "CROWD", 2)


async def test_a_crowd_is_served_in_parts_and_in_order() -> None:
    """Others come in between, and in the end everybody has everything."""
    outlet, everybody = crowd(5)
    for frame in frames(3):
        outlet.offer(frame)

    assert 2 == sum(bool(ears.seqs) for ears in everybody)

    for _ in range(9):
        await asyncio.sleep(0)

    assert [[1, 2, 3]] * 5 == [ears.seqs for ears in everybody]


async def test_who_comes_later_is_not_served_what_it_has() -> None:
    """A member that begins while a frame is on its way has that frame already."""
    outlet, _ = crowd(5)
    first, second = frames(2)
    outlet.offer(first)
    late = joined(outlet, after=1)
    outlet.offer(second)
    for _ in range(9):
        await asyncio.sleep(0)

    assert [2] == late.seqs


async def test_who_has_left_is_served_no_more() -> None:
    """Also a frame that was on its way does not come."""
    outlet, everybody = crowd(5)
    outlet.offer(frames(1)[0])
    before = [list(ears.seqs) for ears in everybody]
    outlet.members.clear()
    for _ in range(9):
        await asyncio.sleep(0)

    assert before == [ears.seqs for ears in everybody]


async def test_frames_for_a_crowd_do_not_pile_up() -> None:
    """Beyond a bound the oldest one is finished at once: whoever publishes has to wait."""
    outlet, everybody = crowd(5)
    for frame in frames(outlet_module.MOST_ROUNDS + 3):
        outlet.offer(frame)

    assert [1, 2, 3] == min(ears.seqs for ears in everybody)[:3]
