"""What only the Elasticsearch store has: what it refuses, its locks, days of trades, a takeover."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from domain.errors import StoreError, UsageError
from tests import samples
from tests.elastic.server import ElasticServer
from tests.samples import batch, put
from tests.stores import elastic_store, emptied
from tests.workers import until
from views import metrics
from views.elastic import lock as lock_module
from views.elastic.names import DAY_SLOTS, Place
from views.elastic.store import ElasticViews
from views.elastic.takeover import fresh_generation
from views.writes import RejectedError

pytestmark = pytest.mark.slow


@pytest_asyncio.fixture
async def store(elastic: ElasticServer) -> AsyncIterator[ElasticViews]:
    """An empty store."""
    views = elastic_store(elastic)
    await emptied(views)
    yield views
    await views.close()


async def test_what_is_refused_is_named_and_the_rest_lands(store: ElasticViews) -> None:
    """One record too many for the server's numbers keeps no other from being written."""
    writes = [put(samples.trade("m", 1)), put(samples.trade("m", 2, slot=2**63))]
    huge = put(samples.lifecycle("m", "launch", 3), 2**63)

    with pytest.raises(RejectedError) as raised:
        await store.write(batch(*writes, huge, samples.token("m")))

    rejected = {(one.noun, one.key, one.version) for one in raised.value.rejected}
    assert {("trades", "2:m:2", 1), ("lifecycle", "3:m:launch", 2**63)} == rejected
    assert all(one.why for one in raised.value.rejected)
    await store.ask.refresh("trades")
    assert [trade.slot for trade in (await store.trades("m", limit=9)).items] == [1]
    assert await store.token("m") is not None


async def test_what_finds_no_room_waits_for_it(elastic: ElasticServer, store: ElasticViews) -> None:
    """A disk that is all but full answers 429 for some records: those wait, the others land."""
    await store.write(batch(put(samples.trade("m", 1)), samples.token("m")))
    full = ",".join(index for index in made_by(elastic) if "trades" in index)
    block(elastic, full, True)
    try:
        writing = asyncio.create_task(
            store.write(batch(put(samples.trade("m", 2)), put(samples.token("n"), 7)))
        )
        await asyncio.to_thread(until, lambda: metrics.STORE_BUSY._value.get() == 1)
        assert not writing.done()
        assert await store.token("n") is not None
    finally:
        block(elastic, full, None)
    await writing

    await store.ask.refresh("trades")
    assert 2 == len((await store.trades("m", limit=9)).items)
    assert 0 == metrics.STORE_BUSY._value.get()


async def test_a_server_with_too_much_to_do_is_like_one_that_is_gone(
    elastic: ElasticServer, store: ElasticViews
) -> None:
    """What it refuses as a whole (429) is an error of the store, and can be put again later."""
    records = batch(*(put(samples.trade("m", number)) for number in range(1, 101)))
    breaker(elastic, "8kb")
    try:
        with pytest.raises(StoreError, match="429"):
            await store.write(records)
    finally:
        breaker(elastic, None)
    await store.write(records)

    await store.ask.refresh("trades")
    assert 100 == len((await store.trades("m", limit=200)).items)


def made_by(elastic: ElasticServer) -> list[str]:
    """Return the names of all indices."""
    listed = elastic.ask("GET", "/_cat/indices?format=json&h=index")
    assert isinstance(listed, list)
    return [entry["index"] for entry in listed]


def block(elastic: ElasticServer, index: str, value: bool | None) -> None:
    """Do to an index what the server does when its disk is all but full; None undoes it."""
    elastic.ask("PUT", f"/{index}/_settings", {"index.blocks.read_only_allow_delete": value})


def breaker(elastic: ElasticServer, limit: str | None) -> None:
    """Let all requests under way be no longer than *limit* together; None is as it was."""
    setting = {"network.breaker.inflight_requests.limit": limit}
    elastic.ask("PUT", "/_cluster/settings", {"persistent": setting})


async def test_progress_waits_for_what_is_refused(store: ElasticViews) -> None:
    """Progress is not put while anything before it was refused."""
    refused = put(samples.trade("m", 2, slot=2**63))
    with pytest.raises(RejectedError):
        await store.write(batch(refused, samples.progress("fold", head_slot=9)))

    assert () == await store.progress()


async def test_progress_shows_what_it_speaks_of(
    elastic: ElasticServer, store: ElasticViews
) -> None:
    """Whoever sees progress finds by search what was put before it, without further waiting."""
    plain = ElasticViews(store.elastic, store.names)
    for number in range(3):
        await plain.write(batch(samples.token(f"m{number}", name="Kiwi")))
        await plain.write(batch(put(samples.progress("fold", head_slot=number), number)))

        assert number + 1 == len(await plain.search("kiwi", limit=9))


async def test_old_days_of_trades_go_as_wholes(store: ElasticViews) -> None:
    """With two days kept the third newest is dropped, and what comes late for it is left out."""
    keeping = ElasticViews(store.elastic, store.names, keep_days=2, at_once=True)
    for day in (1, 2, 3):
        await keeping.write(batch(samples.trade("m", day * DAY_SLOTS + 5)))
    await keeping.write(batch(samples.trade("m", DAY_SLOTS + 6)))

    days = {store.names.parts(index)[0] for index in (await store.layout.state()).live}
    assert {Place("trades", 2), Place("trades", 3)} == {p for p in days if p.day is not None}
    found = (await keeping.trades("m", limit=9)).items
    assert [3, 2] == [trade.slot // DAY_SLOTS for trade in found]


async def test_nobody_else_writes_while_one_is_alone(store: ElasticViews) -> None:
    """Others are told to wait, whoever is alone writes, and afterwards all may again."""
    other = ElasticViews(store.elastic, store.names)
    await other.write(batch(samples.token("a")))
    async with store.alone():
        await store.write(batch(samples.token("b")))
        with pytest.raises(StoreError, match="rebuilt"):
            await other.write(batch(samples.token("c")))
        with pytest.raises(StoreError, match="rebuilt"):
            await other.write(batch(samples.trade("m", 1)))
        with pytest.raises(StoreError, match="rebuilt"):
            async with other.alone():
                pass
        assert await other.token("b") is not None
    await other.write(batch(samples.token("d")))

    assert [True, True, False, True] == [await other.token(m) is not None for m in "abcd"]


async def test_a_lock_whose_holder_died_is_broken(
    store: ElasticViews, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once its time is over the next write goes through; the old holder can do nothing more."""
    other = ElasticViews(store.elastic, store.names)
    monkeypatch.setattr(lock_module, "HOLDS_S", -5.0)
    async with fresh_generation(store.layout) as (names, _):
        fresh = ElasticViews(store.elastic, names)
        async with store.alone():
            await store._held.settle()
            await other.write(batch(samples.token("c")))
            with pytest.raises(StoreError, match="meanwhile"):
                await store.become(fresh)

    assert await other.token("c") is not None


async def test_another_generation_takes_over_at_once(store: ElasticViews) -> None:
    """Readers and writers that had the store open go on with the other one; nothing is left."""
    reader = ElasticViews(store.elastic, store.names, at_once=True)
    await store.write(batch(put(samples.token("a", name="Old"), 9), samples.post("1", "kiwi")))
    async with fresh_generation(store.layout) as (names, was_there):
        fresh = ElasticViews(store.elastic, names, at_once=True)
        await fresh.write(batch(put(samples.token("a", name="New"), 3), samples.trade("a", 1)))
        with pytest.raises(UsageError, match="already"):
            async with fresh_generation(reader.layout):
                pass
        assert was_there
        assert ((await reader.counts()).posts, await reader.search("new", limit=1)) == (1, ())
        async with store.alone():
            await store.become(fresh)

    found = await reader.token("a")
    assert found is not None
    assert (3, b'"name":"New"' in bytes(found.body)) == (found.version, True)
    assert [hit.id for hit in await reader.search("new", limit=9)] == ["a"]
    assert ((await reader.counts()).posts, (await reader.counts()).trades) == (0, 1)
    await reader.write(batch(put(samples.token("a", name="Newer"), 4), samples.trade("a", 2)))
    assert [2, 1] == [trade.slot for trade in (await store.trades("a", limit=9)).items]
    left = await store.layout.state()
    assert (1, None, None) == (len(left.generations), left.lock("alone"), left.lock("rebuilding"))


async def test_a_generation_takes_the_place_of_nothing(store: ElasticViews) -> None:
    """Where there was no store yet there is one afterwards, with all that was put into it."""
    await store.layout.drop((await store.layout.state()).aliases)
    async with fresh_generation(store.layout) as (names, was_there):
        fresh = ElasticViews(store.elastic, names, at_once=True)
        await fresh.write(batch(samples.token("a", name="New"), samples.trade("a", 1)))
        async with store.alone():
            await store.become(fresh)

    assert not was_there
    assert ["a"] == [hit.id for hit in await store.search("new", limit=9)]
    assert (1, 1) == ((await store.counts()).trades, len((await store.layout.state()).generations))


async def test_two_writers_do_not_lose_a_holding(store: ElasticViews) -> None:
    """A sum over accounts is right whoever writes them at the same time."""
    other = ElasticViews(store.elastic, store.names)
    await store.write(batch(samples.account("m", "z", "ann", 1)))
    await asyncio.gather(
        *(
            views.write(batch(samples.account("m", f"a{number}", "ann", 10**number)))
            for number, views in enumerate([store, other, store, other], start=6)
        )
    )
    await store.ask.refresh("holdings")

    (held,) = (await store.holders("m", limit=9)).items
    assert "1111.000001" == held.amount
