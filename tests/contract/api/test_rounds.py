"""A frame for a crowd: served in parts, to each in order, and to nobody twice."""

import asyncio

import msgspec
import pytest

from tests.contract.api.feed import FakeFeed
from views.live import outlet as outlet_module
from views.live.contract import Channel, Frame, Kind
from views.live.message import Place
from views.live.outlet import Going, Member, Outlet
from views.live.snapshots import Snapshots
from views.memory import MemoryViews

M = "E2Qwyg4fjeU2WbmrBTbL41MyJzpppy33gk3PMQ5sX7wJ"


class Ears:
    """A sink that remembers numbers."""

    def __init__(self) -> None:
        self.seqs: list[int] = []
        self.prevs: list[int | None] = []
        self.state: dict[str, object] = {}

    def receive(self, frame: Frame) -> None:
        """Take a frame."""
        self.seqs.append(frame.seq)
        self.prevs.append(frame.prev)
        self.state.update(msgspec.json.decode(frame.data) or {})


def crowd(
    number: int, channel: Channel = "trades", *, going: Going | None = None
) -> tuple[Outlet, list[Ears]]:
    """Return an outlet and the sinks of its members."""
    snapshots = Snapshots(MemoryViews(), partitions=1, board_size=10)
    outlet = Outlet(Place(channel, M), snapshots=snapshots, clock=lambda: 0, going=going or Going())
    return outlet, [joined(outlet) for _ in range(number)]


def joined(outlet: Outlet, *, after: int = 0) -> Ears:
    """Return the sink of a new member that has what came up to a number."""
    member = Member(ears := Ears())
    outlet.join(member)
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


async def test_many_in_a_row_do_not_hold_up_all_else() -> None:
    """Whoever has many frames for a crowd, and waits for room, serves only a part at a time."""
    outlet, everybody = crowd(20, going=(going := Going()))
    most = 0
    for frame in frames(100):
        before = sum(len(ears.seqs) for ears in everybody)
        outlet.offer(frame)
        most = max(most, sum(len(ears.seqs) for ears in everybody) - before)
        await outlet.room()
    await going.over.wait()

    assert most <= 2
    assert [list(range(1, 101))] * 20 == [ears.seqs for ears in everybody]


async def test_it_is_known_when_everybody_has_everything() -> None:
    """What can wait may wait for that, of all channels together."""
    going = Going()
    one, first = crowd(5, going=going)
    other, second = crowd(3, going=going)
    for outlet in (one, other):
        outlet.offer(frames(1)[0])

    assert not going.over.is_set()

    await going.over.wait()

    assert [[1]] * 8 == [ears.seqs for ears in (*first, *second)]


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
    for member in list(outlet.members):
        outlet.leave(member)
    for _ in range(9):
        await asyncio.sleep(0)

    assert before == [ears.seqs for ears in everybody]


async def test_frames_for_a_crowd_do_not_pile_up() -> None:
    """Beyond a bound the oldest one is finished at once: whoever publishes has to wait."""
    outlet, everybody = crowd(5)
    for frame in frames(outlet_module.MOST_ROUNDS + 3):
        outlet.offer(frame)

    assert [1, 2, 3] == min(ears.seqs for ears in everybody)[:3]


async def test_a_state_is_sent_to_a_crowd_as_it_is_by_then() -> None:
    """Changes that nobody has got yet are joined, whoever came meanwhile has them, none is lost."""
    outlet, everybody = crowd(5, "token")
    feed = FakeFeed()
    changes = [{f"figure{n % 7}": n, "version": n} for n in range(1, 21)]
    for change in changes[:10]:
        outlet.offer(feed.publish("token", M, change, "delta"))
    everybody.append(late := joined(outlet, after=10))
    for change in changes[10:]:
        outlet.offer(feed.publish("token", M, change, "delta"))
    for _ in range(20):
        await asyncio.sleep(0)

    merged = {name: value for change in changes for name, value in change.items()}
    assert [merged] * 5 == [ears.state for ears in everybody[:5]]
    assert {"figure6": 20, "version": 20}.items() <= late.state.items()
    for ears in everybody[:5]:
        assert 4 > len(ears.seqs)
        assert [0, *ears.seqs[:-1]] == ears.prevs


def began(version: int, *, seq: int = 0) -> tuple[FakeFeed, Member, Ears]:
    """Return a member that began with a token's snapshot, and a feed of that token."""
    feed, member = FakeFeed(), Member(ears := Ears())
    data = {"holders": version, "version": version}
    snapshot = feed.frame(("token", M), "snapshot", seq=seq, prev=None, data=data)
    member.begin([snapshot], epoch="e1", last=seq)
    return feed, member, ears


def test_what_a_store_knew_before_the_feed_is_unsaid() -> None:
    """A figure that changed and changed back: changes from before the snapshot tell what it is."""
    feed, member, ears = began(10)
    for data in ({"holders": 7, "trades": 1, "version": 9}, {"trades": 2, "version": 11}):
        member.offer(feed.publish("token", M, data))

    assert ({"holders": 7, "trades": 2, "version": 11}, [0, 2]) == (ears.state, ears.seqs)
    assert [None, 0] == ears.prevs


def test_who_is_ahead_of_a_new_beginning_does_not_go_back() -> None:
    """It was made for others, of a moment before this one began; a new epoch is for everybody."""
    feed, member, ears = began(10, seq=5)
    for epoch, seq, version in (("e1", 4, 9), ("e2", 1, 11)):
        feed.epoch = epoch
        data = {"holders": version, "version": version}
        for kind, said in (("reset", None), ("snapshot", data)):
            member.offer(feed.frame(("token", M), kind, seq=seq, prev=None, data=said))

    assert ([5, 1, 1], 11) == (ears.seqs, ears.state["version"])


async def test_a_change_is_not_joined_to_a_new_beginning() -> None:
    """A reset says that a snapshot follows, so it goes out as it is."""
    outlet, everybody = crowd(5, "token")
    feed = FakeFeed()
    kinds: list[Kind] = ["delta", "delta", "reset", "snapshot", "delta", "delta"]
    for number, kind in enumerate(kinds, start=1):
        data = None if kind == "reset" else {"version": number}
        prev = None if kind in ("reset", "snapshot") else number - 1
        outlet.offer(feed.frame(("token", M), kind, seq=number, prev=prev, data=data))
    for _ in range(20):
        await asyncio.sleep(0)

    assert [[1, 2, 3, 6]] * 5 == [ears.seqs for ears in everybody]
