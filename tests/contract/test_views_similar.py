"""What is like what: the same in every store, by the cosine of the vectors as they are kept."""

from math import cos, radians, sin
from pathlib import Path
from typing import Any

import pytest

from tests import samples
from tests.samples import batch, embedding, gone, put
from views.contract import TokenQuery, Views
from views.likeness import Similar
from views.sqlite.store import SQLiteViews
from views.writes import Batch


def at(mint: str, degrees: float, **changes: Any) -> tuple[Any, Any]:
    """Return a token and its vector, so many degrees from the first axis."""
    turned = cos(radians(degrees)), sin(radians(degrees))
    return samples.token(mint, **changes), embedding(f"token:{mint}", *turned)


def found(similar: Similar[Any]) -> list[tuple[str, float]]:
    """Return the ids and similarities of an answer."""
    return [
        (getattr(one.item, "mint", None) or one.item.id, one.similarity) for one in similar.items
    ]


async def alike(views: Views, mint: str, **query: Any) -> list[str]:
    """Return the mints that are like one."""
    answer = await views.similar_tokens(mint, TokenQuery(**{"limit": 10, **query}))
    return [mint for mint, _ in found(answer)]


async def vector_gone(views: Views, key: str, version: int) -> None:
    """Write the tombstone of a vector."""
    await views.write(Batch(embeddings=[gone(key, version)]))


async def test_the_nearest_come_first_with_their_cosine(views: Views) -> None:
    """Similarity is the cosine to 4 places, 0 where that is negative; the token is not its own."""
    places = [("a", 0), ("b", 60), ("c", 30), ("d", 100), ("e", 90)]
    await views.write(batch(*(one for place in places for one in at(*place))))

    answer = await views.similar_tokens("a", TokenQuery(limit=10))

    # Halves are good for three places.
    expected = {"b": cos(radians(60)), "c": cos(radians(30)), "d": 0, "e": 0}
    assert ["c", "b", "d", "e"] == [mint for mint, _ in found(answer)]
    assert expected == pytest.approx(dict(found(answer)), abs=5e-4)
    assert [round(s, 4) for _, s in found(answer)] == [s for _, s in found(answer)]
    assert ("onnx", "1") == (answer.engine, answer.version)
    assert answer.items[0].item == await views.token("c")
    assert ["c"] == await alike(views, "a", limit=1)


async def test_without_a_vector_nothing_is_like_it(views: Views) -> None:
    """Of a token that was not read yet, or is unknown, the answer says that there is no vector."""
    await views.write(batch(*at("a", 0), samples.token("unread")))

    assert Similar() == await views.similar_tokens("unread", TokenQuery())
    assert Similar() == await views.similar_tokens("nobody", TokenQuery())
    assert Similar() == await views.similar_posts("1", limit=5)


async def test_copies_come_by_mint_however_many_there_are(views: Views) -> None:
    """More of the same than are looked at first are ordered by mint, not by how they were found."""
    copies = [one for number in range(40, 0, -1) for one in at(f"copy{number:02d}", 10)]
    await views.write(batch(*at("a", 0), *copies))

    assert ["copy01", "copy02"] == await alike(views, "a", limit=2)


async def test_only_vectors_of_one_model_compare(views: Views) -> None:
    """Vectors of another engine, or of another version of it, are as if they were not there."""
    tokens = [samples.token(mint) for mint in "abcd"]
    vectors = [
        embedding("token:a", 1),
        embedding("token:b", 1, 2),
        embedding("token:c", 1, version="2"),
        embedding("token:d", 1, engine="torch"),
    ]
    await views.write(batch(*tokens, *vectors))

    assert ["b"] == await alike(views, "a")
    assert [] == await alike(views, "c")


async def test_what_is_deleted_is_like_nothing(views: Views) -> None:
    """A tombstone takes a vector away, and an older one does not bring it back."""
    await views.write(batch(*at("a", 0), *at("b", 10), *at("c", 20), *at("d", 30)))
    assert ["b", "c", "d"] == await alike(views, "a")
    await vector_gone(views, "token:b", 5)
    await views.write(batch(put(embedding("token:b", 1), 4)))
    await views.write(Batch(tokens=[gone("c", 2)]))

    assert ["d"] == await alike(views, "a")
    assert Similar() == await views.similar_tokens("b", TokenQuery())


async def test_a_newer_vector_takes_the_place_of_one(views: Views) -> None:
    """What a token says now counts; an older record of it changes nothing."""
    await views.write(batch(*at("a", 0), *at("b", 10), *at("c", 20)))
    assert ["b", "c"] == await alike(views, "a")
    await views.write(batch(put(embedding("token:b", 0, 1), 3)))
    await views.write(batch(put(embedding("token:b", 1), 2)))

    assert ["c", "b"] == await alike(views, "a")


FILTERS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"launchpad": "launchACoin"}, {"launchpad": "believe"}),
    ({"stages": ("completed", "migrated")}, {"stage": "migrated"}),
    ({"category": "ai"}, {"project": samples.project("ai")}),
    ({"text": "lun"}, {"name": "Lunar"}),
]


@pytest.mark.parametrize(("query", "inside"), FILTERS)
async def test_filters_are_those_of_lists(
    views: Views, query: dict[str, Any], inside: dict[str, Any]
) -> None:
    """One that fits is found behind many that are more alike and do not fit."""
    others = [one for n in range(30) for one in at(f"x{n:02d}", 5, launchpad="pump")]
    await views.write(batch(*at("a", 0), *others, *at("fits", 50, **{"launchpad": "p", **inside})))

    assert ["fits"] == await alike(views, "a", limit=2, **query)
    assert ["x00", "x01"] == await alike(views, "a", limit=2)


async def test_posts_are_like_posts(views: Views) -> None:
    """Posts are compared among each other; a deleted one is not, nor one that nobody has."""
    posts = [samples.post(number, "launch $KIWI") for number in "123"]
    vectors = [embedding(f"post:{n}", 1, (n - 1) / 10) for n in range(1, 5)]
    await views.write(batch(*posts, *vectors, *at("a", 0)))
    await views.write(Batch(posts=[gone("2", 5)]))

    assert ["3"] == [post for post, _ in found(await views.similar_posts("1", limit=9))]


async def test_the_embedded_store_compares_the_newest(tmp_path: Path) -> None:
    """It keeps so many vectors in memory as it was told to, those that were written last."""
    store = SQLiteViews(tmp_path / "store.sqlite", vectors=3)
    try:
        for version, mint in enumerate("abcd"):
            token, vector = at(mint, version)
            await store.write(batch(token, put(vector, version)))
        assert ["c", "d"] == await alike(store, "b")
        await store.write(batch(samples.token("e"), put(embedding("token:e", 1), 9)))

        assert ["e", "c", "d"] == await alike(store, "a")
        assert ["d", "e"] == await alike(store, "c")
    finally:
        await store.close()


async def test_a_store_that_takes_the_place_is_compared(tmp_path: Path) -> None:
    """What was in memory of the store before is forgotten with it."""
    old, new = (SQLiteViews(tmp_path / name) for name in ("old.sqlite", "new.sqlite"))
    try:
        await old.write(batch(*at("a", 0), *at("b", 10), *at("c", 20)))
        assert ["b", "c"] == await alike(old, "a")
        await new.write(batch(*at("a", 0), *at("c", 20), samples.token("b")))
        await old.become(new)

        assert ["c"] == await alike(old, "a")
    finally:
        await old.close()
        await new.close()
