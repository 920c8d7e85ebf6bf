"""What waits for one client: order, merging, gaps."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.metrics import Metrics
from api.stream.filtered import FilteredBoard
from api.stream.lane import Lane
from api.stream.protocol import BoardFilters, heartbeat
from schemas.token import Token
from tests.contract.api.feed import FakeFeed
from tests.contract.api.market import Market
from views.live.contract import Channel, Frame
from views.live.merging import rewritten

METRICS = Metrics()


def lane(channel: Channel, *, limit: int = 4, interval_s: float = 0.0) -> Lane:
    """Return a lane of a client that resumed after seq 0."""
    return Lane(channel, "k", limit=limit, interval_s=interval_s, after=0, metrics=METRICS)


def taken(one: Lane, *, now: float = 0.0) -> list[dict[str, Any]]:
    """Return every message that is due."""
    found = []
    while (due := one.due()) is not None and due <= now:
        found.append(json.loads(one.take(now=now)))
    return found


def frames(channel: Channel, *data: object) -> list[Frame]:
    """Return frames in a row, with their kind in the channel."""
    feed, kinds = FakeFeed(), {"trades": "event", "candles": "candle"}
    return [feed.publish(channel, "k", one, kinds.get(channel, "delta")) for one in data]


def chained(messages: list[dict[str, Any]], after: int = 0) -> bool:
    """Return whether each message names the one before it as its predecessor."""
    before = [after, *(message["seq"] for message in messages)]
    return before[:-1] == [message["prevSeq"] for message in messages]


def test_a_client_that_reads_gets_every_frame_as_it_came() -> None:
    """Nothing is changed, not a byte, for a client that keeps up."""
    one = lane("trades")
    for frame in frames("trades", {"id": 1}, {"id": 2}):
        one.receive(frame)

        assert frame.body == one.take(now=0.0)


def test_states_are_merged_to_the_newest() -> None:
    """Changes that wait become one: the union of their members, the later one winning."""
    one = lane("token")
    for frame in frames(
        "token", {"a": 1, "version": 5}, {"b": 2, "version": 6}, {"a": 3, "version": 7}
    ):
        one.receive(frame)
    found = taken(one)

    assert [{"a": 3, "b": 2, "version": 7}] == [message["data"] for message in found]
    assert [("delta", 3, 0)] == [(m["type"], m["seq"], m["prevSeq"]) for m in found]


def test_a_change_joins_the_snapshot_that_waits() -> None:
    """A snapshot stays a snapshot, of the later state."""
    one, feed = lane("token"), FakeFeed()
    one.receive(feed.frame(("token", "k"), "snapshot", seq=4, prev=None, data={"a": 1, "b": 1}))
    one.receive(feed.frame(("token", "k"), "delta", seq=5, prev=4, data={"b": 2}))
    found = taken(one)

    assert [("snapshot", 5, {"a": 1, "b": 2})] == [(m["type"], m["seq"], m["data"]) for m in found]


def test_tokens_that_left_a_board_do_not_wait() -> None:
    """However long a client reads nothing, what waits is one board: as the last change has it."""
    one = lane("board")
    boards = [{"order": [f"m{n}", "a"], f"m{n}": {"n": n}, "a": {"n": n}} for n in range(9)]
    for frame in frames("board", *boards):
        one.receive(frame)

    assert [boards[-1]] == [message["data"] for message in taken(one)]


def test_candles_are_replaced_by_their_time() -> None:
    """Of one interval the newest candle goes out, of different ones each, in order of seq."""
    one = lane("candles")
    for frame in frames(
        "candles", {"time": "a", "rev": 1}, {"time": "b", "rev": 1}, {"time": "a", "rev": 2}
    ):
        one.receive(frame)
    found = taken(one)

    assert [("b", 2), ("a", 3)] == [(m["data"]["time"], m["seq"]) for m in found]
    assert chained(found)


def test_trades_are_not_merged_but_counted() -> None:
    """More trades than fit are dropped together, and the gap says which."""
    one = lane("trades", limit=4)
    for frame in frames("trades", *({"id": number} for number in range(1, 11))):
        one.receive(frame)
    found = taken(one)

    assert ("gap", 1, 0) == (found[0]["type"], found[0]["data"]["fromSeq"], found[0]["prevSeq"])
    assert found[0]["data"]["toSeq"] == found[0]["seq"]
    assert list(range(found[0]["seq"] + 1, 11)) == [message["seq"] for message in found[1:]]
    assert (101, 100 + found[0]["seq"]) == (
        found[0]["data"]["fromSlot"],
        found[0]["data"]["toSlot"],
    )
    assert chained(found)


@given(slots=st.lists(st.integers(1, 50), min_size=3, max_size=20))
def test_a_gap_spans_all_slots_of_what_was_dropped(slots: list[int]) -> None:
    """Late and retracted trades are of earlier slots; who asks REST for the gap's gets them too."""
    one = lane("trades", limit=2)
    for slot, frame in zip(slots, frames("trades", *({} for _ in slots)), strict=True):
        one.receive(msgspec.structs.replace(frame, slot=slot))
    gap, *rest = taken(one)
    lost = slots[: len(slots) - len(rest)]

    assert (min(lost), max(lost)) == (gap["data"]["fromSlot"], gap["data"]["toSlot"])


def test_a_reset_forgets_what_waited() -> None:
    """After a reset nothing older goes out."""
    one, feed = lane("trades"), FakeFeed()
    one.receive(feed.publish("trades", "k", {"id": 1}, "event"))
    one.receive(feed.frame(("trades", "k"), "reset", seq=1, prev=None, data=None))
    one.receive(feed.frame(("trades", "k"), "snapshot", seq=1, prev=None, data=[]))

    assert ["reset", "snapshot"] == [message["type"] for message in taken(one)]


def test_a_rate_spaces_states_but_not_trades() -> None:
    """At two a second a state goes out every half second, merged; trades go at once."""
    state, trades = lane("token", interval_s=0.5), lane("trades", interval_s=0.5)
    first, second, third = frames("token", {"a": 1}, {"a": 2}, {"a": 3})
    state.receive(first)
    at_once = taken(state, now=0.0)
    state.receive(second)
    state.receive(third)
    too_soon, later = taken(state, now=0.4), taken(state, now=0.5)
    for frame in frames("trades", {"id": 1}, {"id": 2}):
        trades.receive(frame)

    assert ([{"a": 1}], [], [{"a": 3}]) == tuple(
        [message["data"] for message in found] for found in (at_once, too_soon, later)
    )
    assert chained([*at_once, *later])
    assert len(taken(trades)) == 2


STEPS = st.lists(
    st.one_of(st.just("read"), st.dictionaries(st.sampled_from("abc"), st.integers(), min_size=1)),
    max_size=60,
)


@pytest.mark.parametrize("limit", [1, 3])
@given(steps=STEPS)
def test_a_state_ends_the_same_however_slowly_it_is_read(limit: int, steps: list[Any]) -> None:
    """Applying what was received, whenever it was read, gives the state; seq is contiguous."""
    one, feed = lane("token", limit=limit), FakeFeed()
    found, state = [], {}
    for step in steps:
        if step == "read":
            found += taken(one)
        else:
            state |= step
            one.receive(feed.publish("token", "k", step))
    found += taken(one)
    applied: dict[str, int] = {}
    for message in found:
        applied |= message["data"]

    assert state == applied
    assert chained(found)


@pytest.mark.parametrize("limit", [1, 2, 5])
@given(reads=st.lists(st.booleans(), max_size=60))
def test_every_trade_is_read_or_in_a_gap(limit: int, reads: list[bool]) -> None:
    """However a client reads, each trade comes exactly once, or is in exactly one gap."""
    one, feed, found = lane("trades", limit=limit), FakeFeed(), []
    for number, read in enumerate(reads, 1):
        one.receive(feed.publish("trades", "k", {"id": number}, "event"))
        found += taken(one) if read else []
    found += taken(one)
    covered: list[int] = []
    for message in found:
        data = message["data"]
        lost = range(data["fromSeq"], data["toSeq"] + 1) if message["type"] == "gap" else ()
        covered += lost or [message["seq"]]

    assert list(range(1, len(reads) + 1)) == covered
    assert chained(found)


def board_frame(feed: FakeFeed, kind: str, order: list[Token], changed: list[Token]) -> Frame:
    """Return a frame of a board as the feed makes them: the order, and tokens by their mint."""
    data = {"order": [token.mint for token in order], **{token.mint: token for token in changed}}
    return feed.publish("board", "new", data, kind)


def test_a_snapshot_made_for_one_client_has_no_predecessor_either() -> None:
    """Every message with a ``seq`` has a ``prevSeq``, which is null where one begins anew."""
    frame = FakeFeed().frame(("token", "a"), "snapshot", seq=3, prev=None, data={})

    assert ("prevSeq", None) in msgspec.json.decode(rewritten(frame, prev=None)).items()
    assert b"prevSeq" not in heartbeat(slot=1, lag_ms=None, paused=False, at_s=1)


def test_a_filtered_board_shows_what_fits_in_the_board_s_order(market: Market) -> None:
    """Of each frame the tokens that fit are left, and one that fits no more leaves the order."""
    feed, believe = FakeFeed(), [t for t in market.tokens if t.launchpad == "believe"][:3]
    others = [t for t in market.tokens if t.launchpad != "believe"][:3]
    mixed = [others[0], believe[0], others[1], believe[1]]
    one = Lane("board", "new", limit=4, interval_s=0, after=None, metrics=METRICS)
    board = FilteredBoard(one, BoardFilters(launchpad="believe"))
    seen = []
    gone = msgspec.structs.replace(believe[1], launchpad="moonshot")
    for kind, order, changed in (
        ("snapshot", mixed, mixed),
        ("delta", [believe[2], *mixed], [believe[2]]),
        ("delta", mixed[::-1], []),
        ("delta", [gone, *mixed[:3]], [gone]),
    ):
        board.receive(board_frame(feed, kind, order, changed))
        seen += taken(one)

    assert [
        [believe[0].mint, believe[1].mint],
        [believe[2].mint, believe[0].mint, believe[1].mint],
        [believe[1].mint, believe[0].mint],
        [believe[0].mint],
    ] == [message["data"]["order"] for message in seen]
    assert [{believe[0].mint, believe[1].mint}, {believe[2].mint}, set(), set()] == [
        set(message["data"]) - {"order"} for message in seen
    ]
    assert [1, 2, 3, 4] == [message["seq"] for message in seen]
