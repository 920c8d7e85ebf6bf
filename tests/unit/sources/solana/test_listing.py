"""Lists of signatures: nothing is complete unless a list shows that it can be all."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest
from solders.rpc.requests import GetFirstAvailableBlock, GetSignaturesForAddress, GetSlot

from btracker.deployment import DEMO
from domain.decode.program_ids import DBC as PROGRAM
from schemas.topics import RAW_CHAIN
from streams.sources.frames import Cursor
from streams.sources.recording import CHAIN
from streams.sources.solana.cluster import Cluster
from streams.sources.solana.desk import Desk
from streams.sources.solana.listing import BEHIND, PAGE, Listing
from streams.sources.solana.nodes import parse_nodes
from streams.sources.solana.pool import Pool, UnansweredError
from streams.sources.solana.requests import get_signatures
from streams.sources.solana.rpc import Request, Rpc
from streams.sources.zst import zst_lines
from tests.node.loading import placed

LINES = [line for _, line in zip(range(40), zst_lines(DEMO / CHAIN), strict=False)]
PLACED = list(placed(LINES))
FIRST, LAST = PLACED[0].slot, PLACED[-1].slot
NOWHERE: Any = None


class Lister(Rpc):
    """A node that lists the first transactions of the demo, each alone in its slot."""

    def __init__(
        self, *, hidden: Sequence[int] = (), first: int = FIRST - 1, index: bool = True,
        newest: int = LAST + BEHIND,
    ):  # fmt: skip
        super().__init__(parse_nodes("ws://n")[0], NOWHERE, per_s=1_000, cluster=Cluster())
        self.asked = 0
        self._first, self._index, self._newest = first, index, newest
        self._listed = [one for n, one in enumerate(PLACED) if n not in hidden]
        self._lines: Mapping[str, bytes] = {
            one.transaction.signature: line for one, line in zip(PLACED, LINES, strict=True)
        }

    async def ask(self, request: Request) -> bytes:
        """Answer at once."""
        params = msgspec.json.decode(request.to_json()).get("params", [])
        match request:
            case GetSlot():
                return b"%d" % self._newest
            case GetFirstAvailableBlock():
                return b"%d" % self._first
            case GetSignaturesForAddress():
                return msgspec.json.encode(list(self.page(params)))
        self.asked += 1
        line = msgspec.json.decode(self._lines[params[0]], type=dict[str, msgspec.Raw])
        index = {"transactionIndex": msgspec.Raw(b"0")} if self._index else {}
        return msgspec.json.encode({**line, **index})

    def page(self, params: Sequence[Any]) -> Sequence[Mapping[str, Any]]:
        """List what names DBC: all of it on one page."""
        assert LAST + BEHIND == params[1]["minContextSlot"]
        listed = self._listed if params[0] == PROGRAM else []
        return [
            {"signature": one.transaction.signature, "slot": one.slot, "blockTime": one.time}
            for one in reversed(listed)
        ]


def desk_of() -> Desk:
    """Return a desk for which all before the demo is complete."""
    return Desk(Cursor(slot=FIRST - 1), doubtful=-1, bytes_max=1_000_000)


def told(desk: Desk, number: int, *, place: int | None) -> None:
    """Let a stream tell of a confirmed transaction."""
    one = PLACED[number]
    desk.tell(
        one.slot, one.transaction.signature, LINES[number],
        final=True, node="n", time=one.time, place=place,
    )  # fmt: skip


async def test_a_list_brings_what_streams_missed() -> None:
    """All that is listed goes out once, in its place; only what is not known is asked for."""
    node, desk = Lister(), desk_of()
    told(desk, 0, place=0)
    await Listing(desk, Pool([node])).step()
    frame = desk.frame()

    assert frame is not None
    assert LAST == desk.walk.through
    assert len(PLACED) - 1 == node.asked
    assert sorted(one.transaction.signature.encode() for one in PLACED) == sorted(
        entry.key or b"" for entry in frame.entries if entry.topic == RAW_CHAIN.name
    )


@pytest.mark.parametrize(
    ("node", "reason"),
    [
        (Lister(hidden=[3]), "does not list 1 transactions that were confirmed"),
        (Lister(first=FIRST + 1), "back to slot"),
        (Lister(index=False), "where in its block"),
    ],
    ids=["a hole", "too short", "no place"],
)
async def test_a_list_that_cannot_be_all_completes_nothing(node: Lister, reason: str) -> None:
    """One that leaves out what a stream told, ends too early, or does not say the order."""
    desk = desk_of()
    told(desk, 3, place=None)
    with pytest.raises(UnansweredError, match=reason):
        await Listing(desk, Pool([node])).step()

    assert FIRST - 1 == desk.walk.through


async def test_one_node_that_claims_to_be_ahead_completes_nothing_that_is_not() -> None:
    """Whoever lists nothing, and says to have all through a slot of next year, is not followed."""
    liar, desk = Lister(hidden=range(len(PLACED)), newest=2**40), desk_of()
    await Listing(desk, Pool([liar, Lister()])).step()

    assert LAST == desk.walk.through
    assert desk.filled == len(PLACED)


def test_a_page_is_as_large_as_nodes_allow() -> None:
    """Source: docs of Solana, getSignaturesForAddress: between 1 and 1,000."""
    request = get_signatures(PROGRAM, before=None, limit=PAGE, at_least=5)

    assert 1_000 == msgspec.json.decode(request.to_json())["params"][1]["limit"]
