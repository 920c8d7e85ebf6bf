"""The test node over HTTP, driven by Solana's own client: what real nodes answer."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Confirmed, Finalized, Processed
from solana.rpc.core import RPCException
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction_status import TransactionDetails

from tests.node.chain import Chain, chain_of
from tests.node.faults import NodeFaults
from tests.node.loading import placed, recorded
from tests.node.serving import Nodes, serve_nodes
from tests.node.view import Traits
from tests.shared import SHARED, market_lines, needs_shared

DBC = Pubkey.from_string("dbcij3LWUppWqq96dh6gJWwBifmcGfLSB5D4DuSMaqN")
COUNT = 60


def chain() -> Chain:
    """Return a chain of a market's beginning."""
    return chain_of(placed(market_lines()[:COUNT]), empty_share=0.05, seed=1)


@pytest_asyncio.fixture
async def nodes() -> AsyncIterator[Nodes]:
    """Give two nodes, one with an archive."""
    archive = NodeFaults(traits=Traits(archive=True))
    async with serve_nodes(chain(), [NodeFaults(), archive]) as served:
        yield served


@pytest_asyncio.fixture
async def client(nodes: Nodes) -> AsyncIterator[AsyncClient]:
    """Give a client of the first node."""
    async with AsyncClient(nodes[0].http_url) as connected:
        yield connected


async def asked(url: str, body: Any) -> Any:
    """Return what a node answers to *body*."""
    async with httpx.AsyncClient() as http:
        return (await http.post(url, json=body)).json()


def call(method: str, *params: Any, number: int = 1) -> dict[str, Any]:
    """Return a request."""
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": list(params)}


async def refusal(nodes: Nodes, method: str, *params: Any, node: int = 0) -> tuple[int, str]:
    """Return code and message of the error that a node answers with."""
    error = (await asked(nodes[node].http_url, call(method, *params)))["error"]
    return error["code"], error["message"]


async def test_three_heads(nodes: Nodes, client: AsyncClient) -> None:
    """Processed is ahead of confirmed, confirmed of finalized, which is taken by default."""
    await nodes.advance(20)

    slots = [(await client.get_slot(level)).value for level in (Finalized, Confirmed, Processed)]
    heights = [
        (await client.get_block_height(level)).value for level in (Finalized, Confirmed, Processed)
    ]

    assert slots == sorted(set(slots))
    assert [heights[2] - 32, heights[2] - 2] == heights[:2]
    assert slots[0] == (await client._provider.make_request(*_bare_slot())).value


def _bare_slot() -> tuple[Any, Any]:
    from solders.rpc.requests import GetSlot
    from solders.rpc.responses import GetSlotResp

    return GetSlot(None), GetSlotResp


async def test_transaction_is_null_until_confirmed(nodes: Nodes, client: AsyncClient) -> None:
    """A transaction is null while only processed, and below the commitment that is asked for."""
    (place,) = list(nodes.chain.located.items())[:1]
    signature, slot = Signature.from_string(place[0]), place[1].slot
    found = []
    while (await client.get_slot(Finalized)).value < slot:
        await nodes.advance()
        heads = [(await client.get_slot(level)).value for level in (Confirmed, Finalized)]
        answers = [
            (await client.get_transaction(signature, "base64", level, 1)).value
            for level in (Confirmed, Finalized)
        ]

        assert [slot <= head for head in heads] == [answer is not None for answer in answers]
        found += answers
    assert None in found


async def test_transaction_is_the_recorded_line(nodes: Nodes, client: AsyncClient) -> None:
    """Slot, time, bytes and meta are those of the line; the index is its place in the block."""
    await nodes.play()
    for line in market_lines()[:COUNT]:
        (one,) = placed([line])
        name = Signature.from_string(one.transaction.signature)
        found = (await client.get_transaction(name, "base64", Confirmed, 1)).value

        assert found is not None
        assert (one.slot, one.time) == (found.slot, found.block_time)
        assert one.transaction.wire == bytes(found.transaction.transaction)
        assert found.transaction.meta is not None


@needs_shared
@pytest.mark.parametrize("encoding", ["base58", "base64", "json", "jsonParsed"])
async def test_every_encoding_is_read(encoding: str) -> None:
    """Transactions of mainnet, of all versions, are read by the library in every encoding."""
    real = chain_of(recorded(SHARED / "recorded", slot=1_000, time=1_790_000_000))
    async with serve_nodes(real) as nodes, AsyncClient(nodes[0].http_url) as client:
        await nodes.play()
        for name, place in real.located.items():
            signature = Signature.from_string(name)
            found = (await client.get_transaction(signature, encoding, Confirmed, 1)).value
            assert found is not None
            assert place.slot == found.slot
            assert not real.at(place).failed
            assert signature in _signatures(found.transaction.transaction)


def _signatures(transaction: Any) -> list[Signature]:
    return list(getattr(transaction, "signatures", ()))


async def test_no_commitment_below_confirmed(nodes: Nodes, client: AsyncClient) -> None:
    """What needs votes is not served at ``processed``."""
    name = next(iter(nodes.chain.located))
    below = (-32602, "Method does not support commitment below `confirmed`")
    level = {"commitment": "processed"}

    assert below == await refusal(nodes, "getTransaction", name, level)
    assert below == await refusal(nodes, "getSignaturesForAddress", str(DBC), level)
    assert below == await refusal(nodes, "getBlock", 452_000_029, level)
    assert below == await refusal(nodes, "getBlocks", 452_000_000, 452_000_029, level)


async def test_pages_of_signatures(nodes: Nodes, client: AsyncClient) -> None:
    """Pages by ``before`` hold all there is, newest first; ``until`` is where they end."""
    await nodes.play()
    pages, before = [], None
    while page := (await client.get_signatures_for_address(DBC, before=before, limit=7)).value:
        pages += page
        before = page[-1].signature
    names = list(nodes.chain.located)
    until = Signature.from_string(names[9])
    newer = (await client.get_signatures_for_address(DBC, until=until)).value

    assert names[::-1] == [str(each.signature) for each in pages]
    assert names[:9:-1] == [str(each.signature) for each in newer]
    failed = [nodes.chain.at(place).failed for place in nodes.chain.located.values()]
    assert failed[::-1] == [each.err is not None for each in pages]


async def test_signatures_refused(nodes: Nodes, client: AsyncClient) -> None:
    """No page is longer than 1,000; a node that is not as far as asked says so."""
    ahead = nodes.chain.slots[-1]

    assert (-32602, "Invalid limit; max 1000") == await refusal(
        nodes, "getSignaturesForAddress", str(DBC), {"limit": 1_001}
    )
    assert (-32602, "Invalid param: WrongSize") == await refusal(
        nodes, "getSignaturesForAddress", str(DBC)[:-4]
    )
    assert (-32016, "Minimum context slot has not been reached") == await refusal(
        nodes, "getSignaturesForAddress", str(DBC), {"minContextSlot": ahead}
    )


async def test_blocks_hold_all_transactions(nodes: Nodes, client: AsyncClient) -> None:
    """Slot by slot, getBlocks and getBlock give the recording in order; parents connect them."""
    await nodes.play()
    first, last = nodes.chain.slots[0], (await client.get_slot(Confirmed)).value
    slots = (await client.get_blocks(first, last)).value
    blocks = [
        (await client.get_block(slot, "base64", 1, commitment=Confirmed)).value for slot in slots
    ]

    held = [
        str(each.transaction.signatures[0]) for block in blocks for each in block.transactions or ()
    ]
    assert list(nodes.chain.located) == held
    assert [first - 1, *slots[:-1]] == [block.parent_slot for block in blocks]
    assert [block.blockhash for block in blocks[:-1]] == [
        block.previous_blockhash for block in blocks[1:]
    ]
    times = [(await client.get_block_time(slot)).value for slot in slots[:3]]
    assert [block.block_time for block in blocks[:3]] == times


async def test_blocks_in_less_detail(nodes: Nodes, client: AsyncClient) -> None:
    """A block may come with accounts and balances, with signatures, or without transactions."""
    await nodes.play()
    slot, (transaction, *_) = next(iter(nodes.chain.filled.items()))
    accounts, signatures, none = [
        (
            await client.get_block(
                slot, max_supported_transaction_version=1, transaction_details=detail, rewards=False
            )
        ).value
        for detail in (
            TransactionDetails.Accounts,
            TransactionDetails.Signatures,
            TransactionDetails.None_,
        )
    ]

    keys = accounts.transactions[0].transaction.account_keys
    assert list(transaction.keys) == [str(each.pubkey) for each in keys]
    assert transaction.signature == str(signatures.signatures[0])
    assert (None, None) == (none.transactions, none.signatures)
    assert {None} == {each.rewards for each in (accounts, signatures, none)}


async def test_absent_blocks(nodes: Nodes, client: AsyncClient) -> None:
    """Ahead: not available. Skipped: so, by two codes. Thrown away: cleaned up."""
    await nodes.play()
    known = nodes.chain.slots
    gap = next(slot for slot in range(known[0], known[-1]) if not nodes.chain.is_lasting(slot))
    ahead, config = known[-1], {"maxSupportedTransactionVersion": 1}
    nodes[1].suffer(traits=Traits(thrown_away=10))

    assert (-32004, f"Block not available for slot {ahead}") == await refusal(
        nodes, "getBlock", ahead, config
    )
    assert (
        -32007,
        f"Slot {gap} was skipped, or missing due to ledger jump to recent snapshot",
    ) == await refusal(nodes, "getBlock", gap, config)
    code, why = await refusal(nodes, "getBlock", known[3], config, node=1)
    assert -32001 == code
    assert why.endswith(f"First available block: {known[10]}")
    nodes[1].suffer(traits=Traits(archive=True))
    assert (
        -32009,
        f"Slot {gap} was skipped, or missing in long-term storage",
    ) == await refusal(nodes, "getBlock", gap, config, node=1)


@needs_shared
async def test_versions_of_mainnet() -> None:
    """Asked without a version, a transaction and its whole block are refused with -32015."""
    real = chain_of(recorded(SHARED / "recorded", slot=1_000, time=1_790_000_000))
    async with serve_nodes(real) as nodes, AsyncClient(nodes[0].http_url) as client:
        await nodes.play()
        for name, place in real.located.items():
            version = real.at(place).version
            signature = Signature.from_string(name)
            found = (await client.get_transaction(signature, "json", Confirmed, 1)).value
            assert found is not None
            if version == "legacy":
                await client.get_block(place.slot, commitment=Confirmed)
                continue
            with pytest.raises(RPCException) as refused:
                await client.get_transaction(signature, "json", Confirmed)
            assert "UnsupportedTransactionVersion" in repr(refused.value)
            with pytest.raises(RPCException):
                await client.get_block(place.slot, commitment=Confirmed)


async def test_the_rest(nodes: Nodes, client: AsyncClient) -> None:
    """What a client asks at its start is answered, and accounts are not there."""
    await nodes.advance(40)

    assert (await client.get_version()).value.solana_core
    assert "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d" == str(
        (await client.get_genesis_hash()).value
    )
    assert nodes.chain.slots[0] == (await client.get_first_available_block()).value
    assert (await client.get_account_info(DBC)).value is None
    assert [None, None] == (await client.get_multiple_accounts([DBC, DBC])).value
    names = [Signature.from_string(name) for name in list(nodes.chain.located)[::30]]
    statuses = (await client.get_signature_statuses(names)).value
    assert statuses[0] is not None
    assert statuses[-1] is None


async def test_protocol(nodes: Nodes) -> None:
    """Batches are answered in order; errors of JSON-RPC have its codes; bodies have a limit."""
    url = nodes[0].http_url
    batch = [call("getSlot", number=1), call("getWhatever", number=2), {"id": 3}]
    answers = await asked(url, batch)
    async with httpx.AsyncClient() as http:
        head = {"Content-Type": "application/json"}
        broken = (await http.post(url, content=b"{", headers=head)).json()
        long = await http.post(url, json=[call("getSlot")] * 2_000)
        plain = await http.post(url, content=b"{}")
        got = await http.get(url)
        health = await http.get(f"{url}/health")
        raw = await http.post(url, json=call("getSlot", {"commitment": "processed"}))

    assert [1, 2, None] == [answer["id"] for answer in answers]
    assert {"code": -32601, "message": "Method not found"} == answers[1]["error"]
    assert -32600 == answers[2]["error"]["code"]
    assert -32700 == broken["error"]["code"]
    assert (413, 415, 405) == (long.status_code, plain.status_code, got.status_code)
    assert "ok" == health.text
    head = nodes[0].view.heads.processed
    assert f'{{"jsonrpc":"2.0","result":{head},"id":1}}\n'.encode() == raw.content
