"""Columns of the embedded store in memory: they leave nothing out, and follow whoever writes."""

import asyncio
import tempfile
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.order import order_key
from schemas.token import Token
from tests import samples
from tests.samples import batch, gone, put
from views.contract import TokenQuery, Views
from views.memory import MemoryViews
from views.sqlite.codes import codes_of_addresses, codes_of_keys
from views.sqlite.store import SQLiteViews
from views.writes import Batch

NUMBERS = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False),
    st.integers(-3, 3).map(lambda n: Decimal("0.123456789012345") + Decimal(n).scaleb(-22)),
    st.integers(-3, 3).map(lambda n: Decimal(-987654321098765) - Decimal(n).scaleb(-9)),
)
CLOSE = ("1", "1.00000000000000000001", "1.00000000000000000002", "1.0000000000000001", "2", None)
"""Prices of which all but two are the same in the first fifteen digits."""


@settings(deadline=None)
@given(st.lists(NUMBERS, min_size=2, max_size=8))
def test_numbers_are_in_the_order_of_their_keys(numbers: list[Decimal]) -> None:
    """A greater key has no smaller number; an even number is of one key alone, None of no key."""
    keys = sorted({order_key(number) for number in numbers})
    codes = codes_of_keys([*keys, None]).tolist()
    even = [code for code in codes if code % 2 == 0]

    assert sorted(codes[:-1]) == codes[:-1]
    assert len(set(even)) == len(even)
    assert codes[-1] < 0 <= codes[0]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(), min_size=2, max_size=8))
def test_addresses_are_in_the_order_of_their_texts(texts: list[str]) -> None:
    """A greater text has no smaller number, whatever letters it has."""
    codes = codes_of_addresses(sorted(texts)).tolist()

    assert sorted(codes) == codes


def close(rng: Random, number: int, **changes: Any) -> Token:
    """Return one of many tokens that hardly differ, of which many even begin alike."""
    mint = f"{rng.choice(('', 'Mint1111'))}{number:03d}"
    stage = rng.choice(("bonding", "completed", "migrated"))
    return samples.token(mint, price=rng.choice(CLOSE), stage=stage, holders=number % 2, **changes)


QUERIES = st.builds(
    TokenQuery, stages=st.sampled_from([(), ("bonding",)]), descending=st.booleans(),
    at_least=st.sampled_from([{}, {"price": Decimal("1.00000000000000000002")}]),
    at_most=st.sampled_from([{}, {"price": Decimal("1.00000000000000000001")}]),
    sort_by=st.sampled_from(["price", "holders"]), limit=st.sampled_from([1, 2, 7]),
)  # fmt: skip


@settings(max_examples=20, deadline=None, derandomize=True)
@given(QUERIES, st.integers(0, 99))
def test_tokens_that_hardly_differ_are_on_the_pages_of_the_reference(
    query: TokenQuery, seed: int
) -> None:
    """Page by page, while tokens come, change and go between two pages."""

    async def compare() -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = SQLiteViews(Path(folder) / "store.sqlite")
            try:
                await agree_page_by_page(store, query, Random(seed))
            finally:
                await store.close()

    asyncio.run(compare())


async def agree_page_by_page(store: Views, query: TokenQuery, rng: Random) -> None:
    """Compare all pages, and write something after each of the first."""
    reference = MemoryViews()
    written = batch(*(close(rng, number) for number in range(40)))
    for number in range(40, 90):
        for views in (reference, store):
            await views.write(written)
        expected = await reference.tokens(query)

        assert expected == await store.tokens(query)
        if expected.next is None:
            return
        query = replace(query, after=expected.next)
        new, old = close(rng, number), close(rng, rng.randrange(40))
        gone_ = gone(f"{rng.randrange(40):03d}", number)
        written = Batch(tokens=[put(new), put(old, number), gone_])


async def test_what_others_write_is_seen_at_once(tmp_path: Path) -> None:
    """Another process that writes to the file is followed, and so is a store that takes over."""
    writer, reader = (SQLiteViews(tmp_path / "store.sqlite") for _ in range(2))
    other = SQLiteViews(tmp_path / "other.sqlite")

    async def seen(**asked: Any) -> list[str]:
        return [token.mint for token in (await reader.tokens(TokenQuery(**asked))).items]

    await writer.write(batch(*(samples.token(mint, holders=2) for mint in "abc")))
    assert ["a", "b", "c"] == await seen()
    changed = samples.token("b", holders=9, launchpad="bags")
    await writer.write(Batch(tokens=[put(changed, 2), gone("c", 2)]))
    assert (["b", "a"], ["b"]) == (await seen(sort_by="holders"), await seen(launchpad="bags"))
    await other.write(batch(*(samples.token(mint, stage="migrated") for mint in "xya")))
    await writer.become(other)
    assert (["a", "x", "y"], []) == (await seen(stages=("migrated",)), await seen(launchpad="bags"))
    for store in (writer, reader, other):
        await store.close()
