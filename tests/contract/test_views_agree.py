"""Every store answers like the reference, whatever is written and asked."""

import asyncio
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.amounts import timestamp
from schemas.token import TokenPost
from tests import samples
from tests.elastic.server import ElasticServer
from tests.samples import LAUNCH, gone, put
from tests.stores import empty_store
from views.contract import TokenQuery, Views
from views.memory import MemoryViews
from views.writes import Batch

MINTS = st.sampled_from("abcd")
PEOPLE = st.sampled_from(["ann", "bob", "cat"])
NAMES = st.sampled_from([None, "Lunar Pulse", "lunar", "Kiwi-Küche", "月亮 港口", "AI AI"])
NUMBERS = st.sampled_from([None, "0", "0.1", "0.10000000000000000000001", "9", "10", "1000.5"])
COUNTS = st.integers(0, 12)
SECONDS = st.integers(0, 300).map(lambda n: LAUNCH + n)
VERSIONS = st.integers(1, 6)

TOKENS = st.builds(
    lambda number, at, trades, status, **kw: samples.token(
        **kw, price=number, launched_at=timestamp(at), post=TokenPost(status=status),
        windows={"24h": samples.window("1", trades), "1h": samples.window("0.5", trades)},
    ),
    mint=MINTS, name=NAMES, symbol=NAMES, creator=PEOPLE, holders=COUNTS, number=NUMBERS,
    at=SECONDS, trades=COUNTS, status=st.sampled_from(["matched", "none"]), market_cap=NUMBERS,
    stage=st.sampled_from(["bonding", "completed", "migrated"]), supply=NUMBERS,
    launchpad=st.sampled_from([None, "believe", "pump"]),
    description=st.sampled_from([None, "a lunar base", "kiwi"]),
)  # fmt: skip
TRADES = st.builds(
    samples.trade, mint=MINTS, number=COUNTS,
    retracted=st.booleans(), trader=PEOPLE, price=NUMBERS,
)  # fmt: skip
MINUTES = st.builds(
    lambda mint, number, **kw: samples.minute(mint, LAUNCH + 60 * number, **kw), mint=MINTS,
    number=st.integers(0, 4), close=NUMBERS,
)  # fmt: skip
ACCOUNTS = st.builds(
    samples.account, mint=MINTS, account=st.sampled_from("xyz"), owner=PEOPLE, units=COUNTS
)
LIVES = st.builds(
    samples.lifecycle, mint=MINTS, kind=st.sampled_from(["launch", "complete"]), slot=COUNTS,
    retracted=st.booleans(),
)  # fmt: skip
POSTS = st.builds(
    samples.post, post_id=st.sampled_from("12"), created_s=SECONDS,
    text=st.sampled_from(["launch the lunar base", "kiwi!", "月亮港口真好"]),
)  # fmt: skip
LINKS = st.builds(
    samples.link, mint=MINTS, post_id=st.sampled_from([None, "1", "2"]),
    candidates=st.lists(st.sampled_from("123"), unique=True),
)  # fmt: skip
PROGRESS = st.builds(
    samples.progress, stage=st.sampled_from(["fold", "decode"]), partition=st.integers(0, 1),
    head_slot=COUNTS,
)  # fmt: skip

EMBEDDINGS = st.builds(
    lambda kind, one, direction, version: samples.embedding(
        f"{kind}:{one}", *direction, version=version
    ),
    kind=st.sampled_from(["token", "post"]), one=st.sampled_from("abcd123"),
    direction=st.sampled_from([(1, 0), (1, 1), (0.6, 0.8), (-1, 0.2), (1, 0.001)]),
    version=st.sampled_from("112"),
)  # fmt: skip

ENGAGEMENTS = st.builds(samples.engagement, st.sampled_from("123"), COUNTS)

NOUNS = {
    "tokens": TOKENS, "trades": TRADES, "candles": MINUTES, "holders": ACCOUNTS,
    "lifecycle": LIVES, "posts": POSTS, "links": LINKS, "progress": PROGRESS,
    "embeddings": EMBEDDINGS, "engagements": ENGAGEMENTS,
}  # fmt: skip


def writes(records: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return writes of records, some of them tombstones."""
    build = st.builds(put, records, VERSIONS)
    return st.tuples(build, st.integers(0, 9)).map(
        lambda pair: gone(pair[0].key, pair[0].version) if pair[1] == 0 else pair[0]
    )


BATCHES = st.fixed_dictionaries(
    {noun: st.lists(writes(records), max_size=6) for noun, records in NOUNS.items()}
).map(lambda nouns: Batch(**nouns))

BOUNDS = st.dictionaries(
    st.sampled_from(["price", "holders", "launchedAt", "trades24h"]),
    st.sampled_from([Decimal(0), Decimal("0.1"), Decimal(9), Decimal(LAUNCH + 100)]),
    max_size=1,
)
QUERIES = st.builds(
    TokenQuery, launchpad=st.sampled_from([None, "believe"]), creator=st.none() | PEOPLE,
    stages=st.sampled_from([(), ("bonding",), ("migrated", "completed")]),
    has_post=st.sampled_from([None, True, False]), at_least=BOUNDS, at_most=BOUNDS,
    text=st.sampled_from([None, "lun", "lunar p", "月", "ku", "a"]), descending=st.booleans(),
    sort_by=st.sampled_from(["price", "marketCap", "holders", "launchedAt", "traders1h"]),
    limit=st.integers(1, 3),
)  # fmt: skip
TEXTS = st.sampled_from(["lunar", "lunra", "lunarpulse", "pulse lun", "kuche", "港口", "bas", "1"])


async def everything(views: Views, query: TokenQuery, text: str, limit: int) -> list[Any]:
    """Return what a store answers to every question of the contract."""
    page = await views.tokens(query)
    more = await views.tokens(replace(query, after=page.next)) if page.next else None
    found: list[Any] = [page, more, await views.search(text, limit=20), await views.counts()]
    found += [await views.progress(), await views.stats(LAUNCH + 100)]
    for mint in "abcd":
        found += [
            await views.token(mint),
            await views.trades(mint, limit=limit),
            await views.trades_between(mint, start=LAUNCH + 1, end=LAUNCH + 5),
            await views.last_trade_before(mint, LAUNCH + 4),
            await views.minutes(mint, start=LAUNCH, end=LAUNCH + 180),
            await views.last_minute_before(mint, LAUNCH + 120),
            await views.last_minute_before(mint, LAUNCH + 120, priced=False),
            await views.holders(mint, limit=limit),
            await views.accounts(mint, limit=limit),
            await views.lifecycle(mint, limit=limit),
            await views.posts_of(mint),
            await views.similar_tokens(mint, query),
        ]
    for person in ("ann", "bob"):
        found += [
            await views.creator(person),
            await views.positions(person, limit=limit),
            await views.trades_of(person, limit=limit),
        ]
    found += [await views.similar_posts("1", limit=limit), await views.post("1")]
    found += [await views.tokens_by_mint(["d", "a"])]
    return found


async def agree(
    store: Views, batches: list[Batch], query: TokenQuery, text: str, limit: int
) -> None:
    """Write the same to a store and to the reference, and compare what they answer."""
    reference = MemoryViews()
    for batch in batches:
        await reference.write(batch)
        await store.write(batch)

        assert await reference.tokens(query) == await store.tokens(query)
    expected = await everything(reference, query, text, limit)

    assert expected == await everything(store, query, text, limit)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(st.lists(BATCHES, max_size=4), QUERIES, TEXTS, st.integers(1, 3))
def test_sqlite_answers_like_the_reference(
    batches: list[Batch], query: TokenQuery, text: str, limit: int
) -> None:
    """After any sequence of batches it gives the reference's answer to every question."""

    async def compare() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with empty_store("sqlite", Path(folder), None) as store:
                await agree(store, batches, query, text, limit)

    asyncio.run(compare())


@pytest.mark.slow
@settings(
    max_examples=15, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(st.lists(BATCHES, max_size=4), QUERIES, TEXTS, st.integers(1, 3))
def test_elasticsearch_answers_like_the_reference(
    elastic: ElasticServer, batches: list[Batch], query: TokenQuery, text: str, limit: int
) -> None:
    """The same of the other store; fewer examples, since each makes its indices anew."""

    async def compare() -> None:
        async with empty_store("elasticsearch", Path(), elastic) as store:
            await agree(store, batches, query, text, limit)

    asyncio.run(compare())
