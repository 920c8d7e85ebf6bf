"""The test node's faults as a client meets them: on command, repeatable, counted."""

import json
from collections import Counter
from typing import Any

import httpx
import pytest
import websockets
from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Confirmed, Processed
from solders.pubkey import Pubkey
from solders.signature import Signature

from tests.node.chain import Chain, chain_of
from tests.node.faults import NodeFaults
from tests.node.loading import placed
from tests.node.serving import Nodes, serve_nodes
from tests.node.spoiling import ALL_ONES
from tests.node.view import Traits
from tests.shared import market_lines

DBC = "dbcij3LWUppWqq96dh6gJWwBifmcGfLSB5D4DuSMaqN"
COUNT = 80


def chain(**settings: float) -> Chain:
    """Return a chain of a market's beginning."""
    return chain_of(placed(market_lines()[:COUNT]), empty_share=0.02, **settings)


def call(method: str, *params: Any) -> dict[str, Any]:
    """Return a request."""
    return {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)}


async def subscribe(socket: websockets.ClientConnection, level: str = "confirmed") -> None:
    """Follow all logs."""
    await socket.send(json.dumps(call("logsSubscribe", "all", {"commitment": level})))
    assert "result" in json.loads(await socket.recv())


async def until_ping(socket: websockets.ClientConnection) -> list[str]:
    """Return the signatures that were told until now."""
    await socket.send(json.dumps(call("ping")))
    heard = []
    async for text in socket:
        found = json.loads(text)
        if "id" in found:
            break
        heard.append(found["params"]["result"]["value"]["signature"])
    return heard


async def heard_with(faults: NodeFaults, seed: int = 0) -> list[str]:
    """Return the signatures that a subscriber of a whole chain is told."""
    async with (
        serve_nodes(chain(), [faults], seed=seed) as nodes,
        websockets.connect(nodes[0].ws_url) as socket,
    ):
        await subscribe(socket)
        await nodes.play()
        return await until_ping(socket)


async def test_drops() -> None:
    """A share of notifications never comes; the seed says which."""
    all_, some, again, others = [
        await heard_with(NodeFaults(drop=drop), seed)
        for drop, seed in ((0.0, 0), (0.3, 0), (0.3, 0), (0.3, 1))
    ]

    assert list(chain().located) == all_
    assert some == again == [name for name in all_ if name in set(some)]
    assert some != others
    assert 0.5 < len(some) / len(all_) < 0.9


async def test_two_nodes_drop_differently() -> None:
    """Nodes with the same faults miss different things, so that two of them miss less than one."""
    faults = [NodeFaults(drop=0.3)] * 2
    async with (
        serve_nodes(chain(), faults) as nodes,
        websockets.connect(nodes[0].ws_url) as one,
        websockets.connect(nodes[1].ws_url) as other,
    ):
        await subscribe(one)
        await subscribe(other)
        await nodes.play()
        heard, also = await until_ping(one), await until_ping(other)

    assert max(len(heard), len(also)) < len({*heard, *also}) < COUNT


async def test_duplicates_reordered_and_all_ones() -> None:
    """Notifications come twice, late, or with the signature of zeros; none of that loses any."""
    due = list(chain().located)
    twice = await heard_with(NodeFaults(duplicate=0.5))
    late = await heard_with(NodeFaults(reorder=0.3, lag=5))
    ones = await heard_with(NodeFaults(all_ones=0.5))

    assert set(due) == set(twice)
    assert {1, 2} == set(Counter(twice).values())
    assert due != late
    assert sorted(due) == sorted(late)
    assert due == [name for name in ones if name != ALL_ONES]
    assert ALL_ONES in ones


async def test_lag_stall_and_mute() -> None:
    """A lagging node is behind; a stalled one stands, then tells all; a mute one never tells."""
    faults = [NodeFaults(), NodeFaults(lag=5), NodeFaults(stalled=True), NodeFaults(mute=True)]
    async with (
        serve_nodes(chain(), faults) as nodes,
        websockets.connect(nodes[2].ws_url) as stalled,
        websockets.connect(nodes[3].ws_url) as mute,
    ):
        await subscribe(stalled)
        await subscribe(mute)
        begin = await slot_of(nodes, 2)
        await nodes.advance(60)
        assert begin == await slot_of(nodes, 2) < await slot_of(nodes, 1)
        assert await slot_of(nodes, 1) < await slot_of(nodes, 0) == await slot_of(nodes, 3)
        assert [] == await until_ping(stalled) == await until_ping(mute)
        nodes[2].suffer(stalled=False)
        nodes[3].suffer(mute=False)
        await nodes.play()
        caught_up, missing = await until_ping(stalled), await until_ping(mute)

    due = list(chain().located)
    assert due == caught_up
    assert missing == due[-len(missing) :]
    assert 0 < len(missing) < len(due)


async def slot_of(nodes: Nodes, number: int) -> int:
    """Return the newest slot of a node."""
    async with AsyncClient(nodes[number].http_url) as client:
        return (await client.get_slot(Processed)).value


async def test_health_of_a_node_far_behind() -> None:
    """A node that is too far behind says so, and by how much."""
    async with serve_nodes(chain(), [NodeFaults(stalled=True)]) as nodes:
        await nodes.advance(60)
        async with httpx.AsyncClient() as http:
            error = (await http.post(nodes[0].http_url, json=call("getHealth"))).json()["error"]

    behind = error["data"]["numSlotsBehind"]
    assert {"code": -32005, "message": f"Node is behind by {behind} slots"} == {
        name: error[name] for name in ("code", "message")
    }


async def test_null_then_found_and_too_new() -> None:
    """A share of transactions is null so many times, then found; others have -32015."""
    faults = [NodeFaults(null_share=0.5, null_times=2), NodeFaults(too_new=0.3)]
    async with serve_nodes(chain(), faults) as nodes, httpx.AsyncClient() as http:
        await nodes.play()
        options = {"maxSupportedTransactionVersion": 1, "encoding": "base64"}
        answers = {
            name: [
                (await http.post(nodes[0].http_url, json=call("getTransaction", name, options)))
                for _ in range(3)
            ]
            for name in nodes.chain.located
        }
        found = [
            tuple(answer.json()["result"] is not None for answer in three)
            for three in answers.values()
        ]
        refused = [
            (await http.post(nodes[1].http_url, json=call("getTransaction", name, options)))
            for name in nodes.chain.located
        ]

    assert {(True, True, True), (False, False, True)} == set(found)
    codes = [answer.json().get("error", {}).get("code") for answer in refused]
    assert {None, -32015} == set(codes)


async def test_blocks_come_late() -> None:
    """A share of blocks is not available at first, though their slots are told."""
    late = NodeFaults(null_share=0.5)
    async with serve_nodes(chain(), [late]) as nodes, httpx.AsyncClient() as http:
        await nodes.play()
        slots = list(nodes.chain.filled)[:30]
        options = {"maxSupportedTransactionVersion": 1, "encoding": "base64"}
        codes = []
        for slot in slots:
            request = call("getBlock", slot, options)
            twice = [(await http.post(nodes[0].http_url, json=request)).json() for _ in range(2)]
            codes.append(tuple(answer.get("error", {}).get("code") for answer in twice))

    assert {(None, None), (-32004, None)} == set(codes)


async def test_down_and_up() -> None:
    """A node that is down answers nobody, whatever they speak; afterwards it is as before."""
    async with serve_nodes(chain()) as nodes, httpx.AsyncClient() as http:
        async with websockets.connect(nodes[0].ws_url) as socket:
            nodes[0].suffer(down=True)
            with pytest.raises(websockets.ConnectionClosedError):
                await socket.recv()
        with pytest.raises(httpx.TransportError):
            await http.post(nodes[0].http_url, json=call("getSlot"))
        with pytest.raises((websockets.InvalidMessage, OSError)):
            await websockets.connect(nodes[0].ws_url)
        nodes[0].suffer(down=False)
        async with websockets.connect(nodes[0].ws_url) as socket:
            await subscribe(socket)

        assert 200 == (await http.post(nodes[0].http_url, json=call("getSlot"))).status_code


async def test_hidden_signatures() -> None:
    """Some signatures are listed on no page, and pages are full nonetheless."""
    async with serve_nodes(chain(), [NodeFaults(hidden=0.3)]) as nodes:
        await nodes.play()
        async with AsyncClient(nodes[0].http_url) as client:
            key, pages, before = Pubkey.from_string(DBC), [], None
            while found := (
                await client.get_signatures_for_address(key, before=before, limit=10)
            ).value:
                pages.append([str(each.signature) for each in found])
                before = Signature.from_string(pages[-1][-1])

    listed = [name for page in pages for name in page]
    assert listed == [name for name in reversed(chain().located) if name in set(listed)]
    assert 0.5 * COUNT < len(listed) < 0.9 * COUNT
    assert {10} == {len(page) for page in pages[:-1]}


async def test_limits_are_counted() -> None:
    """What is over the limits has 429 with Retry-After, and is counted; calls of a batch are."""
    faults = [
        NodeFaults(requests_per_s=5, retry_after_s=3),
        NodeFaults(connections=1, retry_after_s=3),
    ]
    async with serve_nodes(chain(), faults) as nodes, httpx.AsyncClient() as http:
        asked, met = nodes
        first = await http.post(asked.http_url, json=[call("getSlot")] * 5)
        second = await http.post(asked.http_url, json=[call("getSlot")] * 5)
        async with websockets.connect(met.ws_url):
            with pytest.raises(websockets.InvalidStatus) as refused:
                await websockets.connect(met.ws_url)

    assert (200, 429, 429) == (
        first.status_code,
        second.status_code,
        refused.value.response.status_code,
    )
    assert "3" == second.headers["Retry-After"] == refused.value.response.headers["Retry-After"]
    assert ({"requests_per_s": 1}, {"connections": 1}) == (asked.refused, met.refused)
    assert {"getSlot": 5} == asked.asked
    assert 1 == met.most_connections


async def test_http_fails() -> None:
    """A share of requests is refused, or fails, or hangs longer than a client waits."""
    faults = [NodeFaults(http_429=0.4), NodeFaults(http_500=0.4), NodeFaults(hang=1.0, hang_s=60)]
    async with serve_nodes(chain(), faults) as nodes, httpx.AsyncClient() as http:
        statuses = [
            {(await http.post(node.http_url, json=call("getSlot"))).status_code for _ in range(30)}
            for node in nodes[:2]
        ]
        with pytest.raises(httpx.ReadTimeout):
            await http.post(nodes[2].http_url, json=call("getSlot"), timeout=0.2)

    assert [{200, 429}, {200, 500}] == statuses


@pytest.mark.parametrize("by_itself", [True, False])
async def test_connections_are_cut(*, by_itself: bool) -> None:
    """A connection ends without a closing word, on command or by itself; a new one is taken."""
    async with serve_nodes(chain()) as nodes:
        for _ in range(2):
            async with websockets.connect(nodes[0].ws_url) as socket:
                await subscribe(socket)
                if by_itself:
                    nodes[0].suffer(disconnect_every_s=0.05)
                else:
                    nodes[0].cut()
                with pytest.raises(websockets.ConnectionClosedError) as closed:
                    await socket.recv()
            assert closed.value.rcvd is None
            nodes[0].suffer(disconnect_every_s=None)
        await nodes.play()


async def test_slow_readers_are_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """A subscriber for whom too much waits loses its connection; the chain waits for nobody."""
    monkeypatch.setattr("tests.node.connection.MOST_WAITING", 0)
    async with (
        serve_nodes(chain()) as nodes,
        websockets.connect(nodes[0].ws_url) as socket,
    ):
        await subscribe(socket)
        await nodes.advance(COUNT, wait=False)
        with pytest.raises(websockets.ConnectionClosedError):
            await until_ping(socket)


async def test_stalls_by_itself() -> None:
    """A node that stalls again and again tells all in the end, in order."""
    often = NodeFaults(stall_every_s=0.01, stall_for_s=0.01)
    async with (
        serve_nodes(chain(), [often]) as nodes,
        websockets.connect(nodes[0].ws_url) as socket,
    ):
        await subscribe(socket)
        await nodes.play(speed=5_000)
        heard = [json.loads(await socket.recv())["params"]["result"]["value"] for _ in range(COUNT)]

    assert list(nodes.chain.located) == [each["signature"] for each in heard]


async def test_truncated_logs() -> None:
    """A node that truncates logs does so in notifications and in transactions alike."""
    short = NodeFaults(traits=Traits(log_bytes=500))
    async with serve_nodes(chain(), [short]) as nodes:
        async with websockets.connect(nodes[0].ws_url) as socket:
            await subscribe(socket)
            await nodes.play()
            told = {
                found["signature"]: found["logs"]
                for found in [
                    json.loads(await socket.recv())["params"]["result"]["value"]
                    for _ in range(COUNT)
                ]
            }
        async with AsyncClient(nodes[0].http_url) as client:
            name = Signature.from_string(next(iter(told)))
            found = (await client.get_transaction(name, "base64", Confirmed, 1)).value

    assert {"Log truncated"} == {logs[-1] for logs in told.values()}
    assert found is not None
    assert told[str(name)] == found.transaction.meta.log_messages
