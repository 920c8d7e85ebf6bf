"""What is like a token or a post, as it is answered."""

import math

import httpx

from schemas.project import Embedding
from tests.contract.api.market import SOL, Market


def direction(market: Market, key: str) -> int:
    """Return how far off the first axis a vector of the market points: n in (30, n)."""
    kind = key.partition(":")[0]
    return [one.id for one in market.embeddings if one.id.startswith(kind)].index(key)


def alike(market: Market, key: str) -> list[tuple[str, float]]:
    """Return the ids and cosines of all others of a kind, most alike first, ties by id."""
    here = math.atan2(direction(market, key), 30)
    others = [one for one in market.embeddings if one.id != key and _kind(one) == key[:4]]
    found = [
        (one.id.partition(":")[2], math.cos(math.atan2(direction(market, one.id), 30) - here))
        for one in others
    ]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def _kind(one: Embedding) -> str:
    return one.id[:4]


async def test_tokens_like_one_come_most_alike_first(
    client: httpx.AsyncClient, market: Market
) -> None:
    """Similarities are cosines; whole tokens come with them, and who read the texts."""
    mint = market.tokens[3].mint
    answer = (await client.get(f"/v1/tokens/{mint}/similar", params={"limit": 50})).json()
    expected = dict(alike(market, f"token:{mint}"))
    told = {item["token"]["mint"]: item["similarity"] for item in answer["items"]}
    token = (await client.get(f"/v1/tokens/{answer['items'][0]['token']['mint']}")).json()

    assert ("onnx", "1") == (answer["engine"], answer["version"])
    assert expected.keys() == told.keys()
    assert all(abs(expected[mint] - similarity) < 1e-3 for mint, similarity in told.items())
    assert sorted(told.values(), reverse=True) == list(told.values())
    assert token == answer["items"][0]["token"]


async def test_tokens_like_one_are_filtered_as_lists_are(
    client: httpx.AsyncClient, market: Market
) -> None:
    """The filters of the list keep the same tokens here."""
    mint = market.tokens[3].mint
    for asked in ({"stage": "completed,migrated"}, {"category": "game"}, {"launchpad": "moonshot"}):
        listed = (await client.get("/v1/tokens", params={**asked, "limit": 200})).json()["items"]
        path = f"/v1/tokens/{mint}/similar"
        found = (await client.get(path, params={**asked, "limit": 50})).json()["items"]
        read = {one.id for one in market.embeddings}
        expected = {t["mint"] for t in listed if f"token:{t['mint']}" in read} - {mint}

        assert expected
        assert expected == {item["token"]["mint"] for item in found}


async def test_a_token_that_was_not_read_says_so(client: httpx.AsyncClient, market: Market) -> None:
    """It is known, so this is no error: engine is null, and there are no items."""
    answer = await client.get(f"/v1/tokens/{market.tokens[0].mint}/similar")

    assert 200 == answer.status_code
    assert {"engine": None, "version": None, "items": []} == answer.json()


async def test_what_nobody_knows_is_like_nothing(client: httpx.AsyncClient) -> None:
    """An unknown token or post is a 404; more than 50, or a cursor, is a 400 that names it."""
    assert 404 == (await client.get(f"/v1/tokens/{SOL}/similar")).status_code
    assert 404 == (await client.get("/v1/posts/404/similar")).status_code
    for asked in ({"limit": "51"}, {"cursor": "x"}):
        refused = await client.get(f"/v1/tokens/{SOL}/similar", params=asked)

        assert 400 == refused.status_code
        assert [*asked] == [error["name"] for error in refused.json()["errors"]]


async def test_posts_like_one(client: httpx.AsyncClient, market: Market) -> None:
    """Posts are answered in the same way, as posts."""
    post = market.posts[4]
    answer = (await client.get(f"/v1/posts/{post.id}/similar", params={"limit": 3})).json()
    expected = alike(market, f"post:{post.id}")[:3]

    assert "onnx" == answer["engine"]
    assert len(expected) == len(answer["items"])
    assert {i for i, _ in expected[:2]} == {item["post"]["id"] for item in answer["items"][:2]}
