"""The test node over WebSocket, driven by Solana's own client: what subscribers are told."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import websockets
from solana.rpc.commitment import Confirmed, Finalized, Processed
from solana.rpc.websocket_api import SolanaWsClient
from solders.pubkey import Pubkey
from solders.rpc.config import (
    RpcBlockSubscribeFilter,
    RpcBlockSubscribeFilterMentions,
    RpcTransactionLogsFilter,
    RpcTransactionLogsFilterMentions,
)
from solders.rpc.responses import LogsNotification, SlotNotification
from solders.transaction_status import EncodedTransactionWithStatusMeta, TransactionDetails

from tests.node.chain import Chain, chain_of
from tests.node.faults import NodeFaults
from tests.node.loading import placed, recorded
from tests.node.serving import Nodes, serve_nodes
from tests.node.view import Traits
from tests.shared import SHARED, market_lines, needs_shared

DBC = Pubkey.from_string("dbcij3LWUppWqq96dh6gJWwBifmcGfLSB5D4DuSMaqN")
PUMP = "6EF8rrecthR5Dkzon8Nwu78hRvfCKubJ14M5uBEwF6P"
COUNT = 60


def chain(**settings: float) -> Chain:
    """Return a chain of a market's beginning."""
    return chain_of(placed(market_lines()[:COUNT]), empty_share=0.05, **settings)


@asynccontextmanager
async def raw(nodes: Nodes) -> AsyncIterator["Raw"]:
    """Give a plain connection to the first node."""
    async with websockets.connect(nodes[0].ws_url, max_size=None) as socket:
        yield Raw(socket)


class Raw:
    """A connection without a Solana client."""

    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket

    async def asked(self, method: str, *params: Any) -> dict[str, Any]:
        """Return the answer to a request; nothing else may come before it."""
        body = {"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params)}
        await self.socket.send(json.dumps(body))
        return json.loads(await self.socket.recv())

    async def told(self, nodes: Nodes) -> list[dict[str, Any]]:
        """Let the chain end; return all that the node tells until then."""
        await nodes.play()
        answer = {"jsonrpc": "2.0", "id": 8, "method": "endOfChain"}
        await self.socket.send(json.dumps(answer))
        told = []
        async for text in self.socket:
            found = json.loads(text)
            if found.get("id") == 8:
                break
            told.append(found)
        return told


async def test_logs_at_each_commitment() -> None:
    """Each transaction that mentions the program is told once, in chain order, with its log."""
    async with serve_nodes(chain()) as nodes, SolanaWsClient(nodes[0].ws_url) as client:
        levels = {}
        for level in (Processed, Confirmed, Finalized):
            mentions = RpcTransactionLogsFilterMentions(DBC)
            made = await client.logs_subscribe(filter_=mentions, commitment=level)
            levels[made.subscription_id] = level
        playing = asyncio.create_task(nodes.play())
        heard = [await client.recv() for _ in range(3 * COUNT)]
        await playing

    named = list(nodes.chain.located.items())
    for number in levels:
        mine = [each for each in heard if each.subscription == number]
        assert [(name, place.slot) for name, place in named] == [
            (str(each.result.value.signature), each.result.context.slot) for each in mine
        ]
        assert [json.loads(line)["meta"]["logMessages"] for line in market_lines()[:COUNT]] == [
            each.result.value.logs for each in mine
        ]
    order = [levels[each.subscription] for each in heard]
    assert [Processed, Finalized] == [order[0], order[-1]]


async def test_slots() -> None:
    """Each block's slot is told with its parent and the newest root, abandoned blocks too."""
    whole = chain(fork_rate=0.5)
    async with serve_nodes(whole) as nodes, SolanaWsClient(nodes[0].ws_url) as client:
        await client.slot_subscribe()
        begin = nodes[0].view.heads.processed
        playing = asyncio.create_task(nodes.play())
        due = [slot for slot in nodes.chain.seen if slot > begin]
        heard = [await client.recv() for _ in due]
        await playing

    assert all(isinstance(each, SlotNotification) for each in heard)
    assert due == [each.result.slot for each in heard]
    assert [nodes.chain.block(slot).parent for slot in due] == [
        each.result.parent for each in heard
    ]
    roots = [each.result.root for each in heard]
    assert roots == sorted(roots)
    assert len(nodes.chain.forks) > 5


async def test_forks_are_seen_at_processed_only() -> None:
    """At ``processed`` transactions of abandoned blocks come twice or in vain; never above."""
    async with serve_nodes(chain(fork_rate=0.5, lost_share=1.0)) as nodes, raw(nodes) as client:
        one = await client.asked("logsSubscribe", "all", {"commitment": "processed"})
        two = await client.asked("logsSubscribe", "all", {"commitment": "confirmed"})
        told = await client.told(nodes)

    heard: dict[int, list[tuple[str, int]]] = {one["result"]: [], two["result"]: []}
    for each in told:
        result = each["params"]["result"]
        place = (result["value"]["signature"], result["context"]["slot"])
        heard[each["params"]["subscription"]].append(place)
    lasting = [(name, place.slot) for name, place in nodes.chain.located.items()]
    abandoned = [
        (each.signature, slot)
        for slot, transactions in nodes.chain.forks.items()
        for each in transactions
    ]
    assert lasting == heard[two["result"]]
    assert sorted([*lasting, *abandoned]) == sorted(heard[one["result"]])
    assert {name for name, _ in abandoned} - {name for name, _ in lasting}


@pytest.mark.parametrize("everything", [True, False])
async def test_blocks(*, everything: bool) -> None:
    """Blocks come whole, or with what mentions the program, and then none without."""
    wish = RpcBlockSubscribeFilterMentions(DBC)
    async with serve_nodes(chain()) as nodes:
        filled = [slot for slot in nodes.chain.slots if slot in nodes.chain.filled]
        async with SolanaWsClient(nodes[0].ws_url, max_size=None) as client:
            await client.block_subscribe(
                filter_=RpcBlockSubscribeFilter.All if everything else wish,
                commitment=Confirmed,
                encoding="base64",
                transaction_details=TransactionDetails.Full,
                max_supported_transaction_version=1,
            )
            begin = nodes[0].view.heads.confirmed
            playing = asyncio.create_task(nodes.play())
            due = list(nodes.chain.between(begin + 1, nodes.chain.slots[-3]))
            due = due if everything else filled
            heard = [(await client.recv()).result.value for _ in due]
            await playing

    assert due == [each.slot for each in heard]
    assert list(nodes.chain.located) == [
        str(each.transaction.signatures[0])
        for update in heard
        for each in update.block.transactions
    ]


@needs_shared
async def test_enhanced_transactions() -> None:
    """Transactions come with all but the block's time, filtered by accounts, outcome, version."""
    real = chain_of(recorded(SHARED / "recorded", slot=1_000, time=1_790_000_000))
    options = {"commitment": "processed", "encoding": "base64", "transactionDetails": "full"}
    async with serve_nodes(real) as nodes, raw(nodes) as client:
        wish = {"accountInclude": [PUMP, str(DBC)], "failed": False, "vote": False}
        one = await client.asked(
            "transactionSubscribe", wish, {**options, "maxSupportedTransactionVersion": 0}
        )
        told = await client.told(nodes)

    due = {
        transaction.signature: slot
        for slot, (transaction,) in real.filled.items()
        if {PUMP, str(DBC)} & {*transaction.keys} and transaction.version != 1
    }
    results = [each["params"]["result"] for each in told]
    assert {"transactionNotification"} == {each["method"] for each in told}
    assert {one["result"]} == {each["params"]["subscription"] for each in told}
    assert due == {each["signature"]: each["slot"] for each in results}
    for each in results:
        assert {"transaction", "signature", "slot", "transactionIndex"} == each.keys()
        text = json.dumps(each["transaction"])
        parsed = EncodedTransactionWithStatusMeta.from_json(text)
        assert each["signature"] == str(parsed.transaction.signatures[0])


async def test_modes_can_be_off() -> None:
    """A node without a mode answers as one that never knew the method; so a client can probe."""
    off = NodeFaults(traits=Traits(blocks=False, transactions=False))
    unknown = {"code": -32601, "message": "Method not found"}
    async with serve_nodes(chain(), [off]) as nodes, raw(nodes) as client:
        for method, wish in (
            ("blockSubscribe", "all"),
            ("transactionSubscribe", {}),
            ("getSlot", None),
        ):
            answer = await client.asked(method, wish)
            assert {"jsonrpc": "2.0", "error": unknown, "id": 7} == answer


async def test_refused_subscriptions() -> None:
    """One address per logs subscription; unsubscribing what is not there is an error."""
    async with serve_nodes(chain()) as nodes, raw(nodes) as client:
        two = await client.asked("logsSubscribe", {"mentions": [str(DBC), PUMP]})
        below = await client.asked("blockSubscribe", "all", {"commitment": "processed"})
        none = await client.asked("logsUnsubscribe", 99_999_999)
        made = await client.asked("logsSubscribe", "all")
        over = await client.asked("logsUnsubscribe", made["result"])
        told = await client.told(nodes)

    assert "Invalid Request: Only 1 address supported" == two["error"]["message"]
    assert "Method does not support commitment below `confirmed`" == below["error"]["message"]
    assert {"code": -32602, "message": "Invalid subscription id."} == none["error"]
    assert over["result"] is True
    assert [] == told


async def test_notifications_parse() -> None:
    """All that a node tells is read by the library's own parser."""
    async with serve_nodes(chain()) as nodes, SolanaWsClient(nodes[0].ws_url) as client:
        await client.slots_updates_subscribe()
        await client.root_subscribe()
        await client.logs_subscribe(filter_=RpcTransactionLogsFilter.All, commitment=Finalized)
        playing = asyncio.create_task(nodes.play())
        kinds = set()
        while True:
            found = await client.recv()
            kinds.add(type(found).__name__)
            if isinstance(found, LogsNotification) and (
                str(found.result.value.signature) == list(nodes.chain.located)[-1]
            ):
                break
        await playing

    assert {"LogsNotification", "RootNotification"} < kinds
    assert any(kind.startswith("SlotUpdateNotification") for kind in kinds)
