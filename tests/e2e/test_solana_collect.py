"""The live collector against nodes that go wrong: everything on the chain, and nothing else."""

import asyncio
import json
import logging
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from btracker.deployment import DEMO
from schemas.cursor import SourceCursor
from schemas.topics import PROGRESS, RAW_CHAIN
from streams import topics
from streams.sources.collect import run_collect
from streams.sources.cursors import known_cursors
from streams.sources.publisher import open_publisher
from streams.sources.settings import CollectSettings
from streams.sources.solana.backfill import Span, run_backfill
from streams.sources.solana.settings import SolanaSettings
from streams.sources.x.settings import XSettings
from tests.brokers import Broker
from tests.e2e.raw_topic import faults_of, said
from tests.e2e.test_collect import read
from tests.node.chain import Chain, chain_of
from tests.node.faults import NodeFaults
from tests.node.loading import recording
from tests.node.serving import Nodes, serve_nodes
from tests.node.view import Traits
from tests.ports import free_port

pytestmark = pytest.mark.slow

PARTITIONS = 3
FIRST = 452_000_000
WITHIN_S = 60.0
NOWHERE = SourceCursor(through=0)
LOGS = Traits(blocks=False, transactions=False)
BLOCKS = Traits(transactions=False)


def market(*, count: int = 300, empty_share: float = 0.01, **options: Any) -> Chain:
    """Return a chain of the first hours of the demo market."""
    return chain_of(recording(DEMO, count=count), empty_share=empty_share, **options)


def listening(nodes: Nodes, **told: Any) -> SolanaSettings:
    """Return what a collector is told: a budget that does not slow a test, unless it says so."""
    usual: dict[str, Any] = {
        "solana": SecretStr(nodes.solana),
        "solana_requests_per_s": 5_000,
        "solana_sweep_s": 0.05,
        "solana_stall_s": 2.0,
        "solana_from_slot": FIRST,
    }
    return SolanaSettings(**{**usual, **told})


@asynccontextmanager
async def collecting(broker: Broker, data: Path, solana: SolanaSettings) -> AsyncIterator[None]:
    """Run a collector."""
    settings = CollectSettings(kafka=broker.address, data=data)
    stop = asyncio.Event()
    task = asyncio.create_task(run_collect(settings, solana, XSettings(), stop))
    try:
        yield
        assert not task.done(), task.exception()
    finally:
        stop.set()
        await task


async def killed(broker: Broker, data: Path, solana: SolanaSettings, after_s: float) -> None:
    """Run a collector that ends in the midst of everything."""
    settings = CollectSettings(kafka=broker.address, data=data)
    task = asyncio.create_task(run_collect(settings, solana, XSettings(), asyncio.Event()))
    await asyncio.sleep(after_s)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def until_complete(broker: Broker, slot: int) -> None:
    """Wait until a collector says that all is complete through a slot."""
    deadline = time.monotonic() + WITHIN_S
    while (await known_cursors(broker.kafka)).get("solana", NOWHERE).through < slot:
        assert time.monotonic() < deadline, await known_cursors(broker.kafka)
        await asyncio.sleep(0.1)


async def played(
    broker: Broker, data: Path, faults: Sequence[NodeFaults], *, speed: float, **told: Any
) -> tuple[Nodes, list[Any]]:
    """Collect a whole chain; return the nodes, and what is on the raw topic then."""
    chain = market(**told.pop("chain", {}))
    await topics.create(broker.kafka, partitions=PARTITIONS)
    async with (
        serve_nodes(chain, faults) as nodes,
        collecting(broker, data, listening(nodes, **told)),
    ):
        await asyncio.gather(*(node.until_subscribed(2) for node in nodes))
        await nodes.play(speed)
        await until_complete(broker, max(place.slot for place in chain.located.values()))
    return nodes, await read(broker.kafka, RAW_CHAIN.name)


async def reports(broker: Broker) -> dict[str, dict[str, Any]]:
    """Return what each source said of itself last."""
    told = [json.loads(record.value) for record in await read(broker.kafka, PROGRESS.name)]
    return {progress["source"]: progress for progress in told}


@pytest.mark.parametrize(
    ("traits", "method"),
    [(LOGS, "getTransaction"), (BLOCKS, "blockSubscribe"), (Traits(), "transactionSubscribe")],
    ids=["logs", "blocks", "transactions"],
)
async def test_each_mode_brings_everything(
    broker: Broker, tmp_path: Path, traits: Traits, method: str
) -> None:
    """One node, one mode: all that succeeded comes by its stream, and all is said in its place."""
    nodes, records = await played(
        broker,
        tmp_path,
        [NodeFaults(traits=traits)],
        speed=2_000,
        solana_sweep_s=2.0,
        solana_stall_s=60,
    )
    told = await reports(broker)
    node = told[next(name for name in told if name != "solana")]
    filled = re.search(r"(\d+) filled", told["solana"]["detail"])

    assert [] == faults_of(records, nodes.chain, since=FIRST)
    assert nodes[0].asked[method] > 0
    assert len(nodes.chain.located) == node["counts"]["seen"]
    assert filled is not None
    assert int(filled[1]) < len(nodes.chain.located) / 10


THREE = (
    NodeFaults(drop=0.05, all_ones=0.05, duplicate=0.05, reorder=0.05),
    NodeFaults(drop=0.05, traits=BLOCKS, disconnect_every_s=1.5, http_500=0.05),
    NodeFaults(drop=0.05, traits=LOGS, lag=30, null_share=0.2, http_429=0.02),
)
"""Each misses every twentieth notification; one hangs up all the time, one is 30 slots behind."""


@pytest.mark.parametrize("commitment", ["confirmed", "processed"])
async def test_three_faulty_nodes_make_one_whole_chain(
    broker: Broker, tmp_path: Path, commitment: str
) -> None:
    """Whatever each of them drops, repeats, or tells of a fork: the chain, and nothing else."""
    nodes, records = await played(
        broker, tmp_path, THREE, speed=1_500,
        solana_commitment=commitment, chain={"fork_rate": 0.1},
    )  # fmt: skip

    assert [] == faults_of(records, nodes.chain, since=FIRST)


async def test_a_node_that_answers_something_else_changes_nothing(
    broker: Broker, tmp_path: Path
) -> None:
    """A third of its transactions and blocks are others: refused, and had from the other node."""
    liar = NodeFaults(traits=LOGS, wrong=0.3)
    nodes, records = await played(
        broker, tmp_path, [liar, NodeFaults(traits=LOGS)], speed=2_000, chain={"count": 150}
    )

    assert [] == faults_of(records, nodes.chain, since=FIRST)
    assert nodes[0].asked["getTransaction"] + nodes[0].asked["getBlock"] > 0


@pytest.mark.parametrize("transactions", [False, True], ids=["logs", "transactions"])
async def test_nodes_without_blocks_make_a_whole_chain(
    broker: Broker, tmp_path: Path, transactions: bool
) -> None:
    """Where no node answers with a block, what streams miss is found by lists of signatures."""
    traits = Traits(blocks=False, transactions=transactions, ledger=False)
    nodes, records = await played(
        broker, tmp_path, [NodeFaults(drop=0.2, traits=traits)], speed=2_000,
        solana_commitment="processed", chain={"fork_rate": 0.1},
    )  # fmt: skip

    assert [] == faults_of(records, nodes.chain, since=FIRST)
    assert nodes[0].asked["getSignaturesForAddress"] > 0
    assert nodes[0].asked["getBlock"] + nodes[0].asked["getBlocksWithLimit"] < 5


async def test_what_an_abandoned_fork_did_is_taken_back(broker: Broker, tmp_path: Path) -> None:
    """Of each block that was processed and abandoned, whatever went out is retracted."""
    nodes, records = await played(
        broker, tmp_path, [NodeFaults()], speed=200, solana_commitment="processed",
        chain={"count": 30, "fork_rate": 1.0, "empty_share": 0.0},
    )  # fmt: skip
    told = [said(one) for one in records if one.key != b"clock"]
    early = {(one.slot, one.signature) for one in told if one.kind == "processed"}
    retracted = {(one.slot, one.signature) for one in told if one.kind == "retracted"}

    assert [] == faults_of(records, nodes.chain, since=FIRST)
    assert {one for one in early if one[0] in nodes.chain.forks} == retracted
    assert len(retracted) > 10


async def test_a_collector_that_is_killed_again_and_again_loses_nothing(
    broker: Broker, tmp_path: Path
) -> None:
    """Killed in the midst of processed blocks, on another machine each time: the same chain."""
    chain = market(fork_rate=0.1)
    await topics.create(broker.kafka, partitions=PARTITIONS)
    async with serve_nodes(chain, THREE) as nodes:
        solana = listening(nodes, solana_commitment="processed")
        playing = asyncio.create_task(nodes.play(1_000))
        for run in range(4):
            await killed(broker, tmp_path / str(run), solana, after_s=2.0)
        async with collecting(broker, tmp_path / "last", solana):
            await playing
            await until_complete(broker, max(place.slot for place in chain.located.values()))
    records = await read(broker.kafka, RAW_CHAIN.name)

    assert [] == faults_of(records, chain, since=FIRST)


async def test_a_backfill_goes_on_where_it_was_left(broker: Broker) -> None:
    """From one slot to another, everything and nothing else, once, in two runs; no clock moves."""
    chain = market()
    first, last = sorted(chain.filled)[50], sorted(chain.filled)[150]
    await topics.create(broker.kafka, partitions=PARTITIONS)
    stop = asyncio.Event()

    def hear(cursor: SourceCursor) -> None:
        if cursor.through > (first + last) // 2:
            stop.set()

    async with serve_nodes(chain, [NodeFaults(http_500=0.2)]) as nodes:
        await nodes.play()
        for run in (stop, asyncio.Event()):
            async with await open_publisher(broker.kafka, record_bytes_max=1_000_000) as publisher:
                reached = await run_backfill(
                    broker.kafka, publisher, listening(nodes), Span(first, last),
                    record_bytes_max=1_000_000, stop=run, hear=hear,
                )  # fmt: skip
                assert reached is not None
                assert (reached.through >= last) == (run is not stop)
    records = await read(broker.kafka, RAW_CHAIN.name)
    expected = [(p.slot, s) for s, p in chain.located.items() if first <= p.slot <= last]

    assert sorted(expected) == sorted((one.slot, one.signature) for one in map(said, records))


async def test_a_node_that_was_taken_out_is_said_to_be_gone(broker: Broker, tmp_path: Path) -> None:
    """The next collector says so of each node that the one before had and it has not."""
    await topics.create(broker.kafka, partitions=PARTITIONS)
    async with serve_nodes(market(count=5), [NodeFaults(), NodeFaults()]) as nodes:
        async with collecting(broker, tmp_path, listening(nodes)):
            await asyncio.gather(*(node.until_subscribed(2) for node in nodes))
            await nodes.play()
            await until_complete(broker, max(nodes.chain.filled))
        one = listening(nodes, solana=SecretStr(f"{nodes[0].ws_url},{nodes[0].http_url}"))
        async with collecting(broker, tmp_path, one):
            await nodes[0].until_subscribed(2)
    states = {name: told["state"] for name, told in (await reports(broker)).items()}
    first, second = (f"solana:127.0.0.1:{node.port}" for node in nodes)

    assert "gone" == states[second]
    assert "connecting" == states[first]


async def test_no_key_is_told_to_anybody(
    broker: Broker, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever goes wrong with a node, at the finest level of logs: host and port, no more."""
    caplog.set_level(logging.DEBUG)
    key = "c0ffee-secret"
    await topics.create(broker.kafka, partitions=PARTITIONS)
    async with serve_nodes(market(count=20), [NodeFaults(), NodeFaults(connections=0)]) as nodes:
        both = [f"{n.ws_url}/?api-key={key},{n.http_url}/?api-key={key}" for n in nodes]
        wrong = f"ws://127.0.0.1:{free_port()}/{key}"
        solana = listening(nodes, solana=SecretStr(" ".join([*both, wrong])))
        async with collecting(broker, tmp_path, solana):
            await nodes[0].until_subscribed(2)
            await nodes.play()
            await until_complete(broker, max(nodes.chain.filled))
    told = [one.value.decode() for one in await read(broker.kafka, PROGRESS.name)]

    assert nodes[1].refused["connections"] > 0
    assert key not in caplog.text
    assert key not in "".join(told)
    assert "HTTP 429" in "".join(told)


async def test_no_node_is_asked_more_than_it_allows(broker: Broker, tmp_path: Path) -> None:
    """A provider's limit is kept to: it never has to refuse, though it fills a gap meanwhile.

    Connections count, and what is asked over them: both hang up again and again.
    """
    limited = NodeFaults(traits=LOGS, requests_per_s=40, disconnect_every_s=0.8)
    nodes, records = await played(
        broker, tmp_path, [limited, limited], speed=2_000, solana_requests_per_s=40
    )

    assert [] == faults_of(records, nodes.chain, since=FIRST)
    assert [0, 0] == [node.refused["requests_per_s"] for node in nodes]
    assert min(node.asked["slotSubscribe"] for node in nodes) > 1


async def test_whoever_says_when_is_asked_then(broker: Broker, tmp_path: Path) -> None:
    """A node that refuses and says Retry-After is left alone for so long; nothing is lost."""
    strict = NodeFaults(traits=LOGS, requests_per_s=20, retry_after_s=1)
    nodes, records = await played(
        broker, tmp_path, [strict], speed=4_000, chain={"empty_share": 0.0, "count": 100},
        solana_requests_per_s=60,
    )  # fmt: skip

    assert [] == faults_of(records, nodes.chain, since=FIRST)
    assert 0 < nodes[0].refused["requests_per_s"] < nodes[0].requests / 5
