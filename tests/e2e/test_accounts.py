"""wanted -> accounts against a broker and nodes that go wrong."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from pydantic import SecretStr

from btracker.deployment import DEMO
from domain.accounts.reading import standing_of
from schemas.accounts import AccountsRead, Wanted
from schemas.topics import ACCOUNTS, PROGRESS, WANTED
from streams import topics
from streams.sources.accounts.reader import run_account_reader
from streams.sources.accounts.settings import AccountSettings, shared
from streams.sources.solana.settings import SolanaSettings
from tests.brokers import Broker
from tests.e2e.test_solana_collect import reports
from tests.node.chain import Chain, chain_of
from tests.node.faults import NodeFaults
from tests.node.loading import recording
from tests.node.serving import Nodes, serve_nodes
from tests.node.view import Traits
from tests.shared import market_truth, needs_shared
from tests.unit.accounts.written import DBC, market_accounts
from tests.workers import Reader, send

pytestmark = [pytest.mark.slow, needs_shared]


def chain() -> Chain:
    """Return a short chain: what accounts say does not depend on it."""
    return chain_of(recording(DEMO, count=5), empty_share=0.01)


def asked(nodes: Nodes) -> list[tuple[str, bytes]]:
    """Return requests for all tokens of the market, and one that nobody can read."""
    slot = nodes[0].view.heads.confirmed
    wanted = [
        Wanted(mint, true["pool"], DBC, true["config"], slot)
        for mint, true in market_truth()["tokens"].items()
    ]
    return [("broken", b"{"), *((one.mint, msgspec.json.encode(one)) for one in wanted)]


@asynccontextmanager
async def running(broker: Broker, nodes: Nodes, *, per_s: int) -> AsyncIterator[None]:
    """Run the reader; it stops cleanly."""
    stop = asyncio.Event()
    solana = SolanaSettings(solana=SecretStr(nodes.solana), solana_requests_per_s=per_s)
    task = asyncio.create_task(
        run_account_reader(AccountSettings(kafka=broker.address), solana, stop)
    )
    try:
        yield
        assert not task.done(), task.exception()
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


def read(reader: Reader) -> list[AccountsRead]:
    """Return what was published."""
    return [msgspec.convert(row, AccountsRead) for row in reader.newest().values()]


async def test_every_token_is_read_in_few_requests(broker: Broker) -> None:
    """Forty tokens take two requests; a node that is limited, broken or behind costs nothing."""
    await topics.create(broker.kafka, partitions=1)
    well = Traits(accounts=market_accounts())
    faults = [NodeFaults(traits=well, http_500=0.3, http_429=0.2), NodeFaults(traits=well, lag=3)]
    async with serve_nodes(chain(), faults) as nodes:
        await nodes.advance(8)
        await send(broker, WANTED.name, asked(nodes))
        async with (
            Reader(broker, ACCOUNTS.name) as reader,
            running(broker, nodes, per_s=500),
        ):
            await reader.until_count(40)
        answered = sum(node.asked["getMultipleAccounts"] for node in nodes)
    found, said = read(reader), await reports(broker)

    assert {one.wanted.mint for one in found} == set(market_truth()["tokens"])
    assert {standing_of(one).name for one in found} == {
        token["name"] for token in market_truth()["tokens"].values()
    }
    assert answered <= 12
    assert ("done", 40) == (
        said["solana:accounts"]["state"],
        said["solana:accounts"]["counts"]["seen"],
    )


async def test_what_is_under_way_is_not_forgotten(broker: Broker) -> None:
    """While no node answers nothing is lost: the next reader takes up what the last one left."""
    await topics.create(broker.kafka, partitions=1)
    faults = [NodeFaults(traits=Traits(accounts=market_accounts()), down=True)]
    async with serve_nodes(chain(), faults) as nodes:
        await send(broker, WANTED.name, asked(nodes)[:3])
        async with Reader(broker, PROGRESS.name) as told, running(broker, nodes, per_s=500):
            await told.until_count(2)
            (stalled,) = told.newest().values()
        nodes[0].suffer(down=False)
        async with Reader(broker, ACCOUNTS.name) as reader, running(broker, nodes, per_s=500):
            await reader.until_count(2)

    assert "stalled" == stalled["state"]
    assert 2 == len(read(reader))


@pytest.mark.parametrize(
    ("whole", "own", "expected"), [(8, 1, (7, 1)), (8, 20, (1, 7)), (1, 1, (1, 1)), (2, 1, (1, 1))]
)
def test_the_budget_is_shared(whole: int, own: int, expected: tuple[int, int]) -> None:
    """Collector and reader together ask no more than was allowed, where that is more than one."""
    parts = shared(
        AccountSettings(account_requests_per_s=own), SolanaSettings(solana_requests_per_s=whole)
    )

    assert expected == tuple(one.solana_requests_per_s for one in parts)
