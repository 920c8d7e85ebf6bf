"""GraphQL over HTTP: what it answers is what REST answers, field by field."""

import random
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from graphql import GraphQLSchema
from graphql.type import get_named_type

from api.graphql.context import AT_ONCE
from tests.contract.api.graph import PATH, as_rest, ask, everything, schema_of
from tests.contract.api.market import NOW, SOL, Market, rfc3339
from views.contract import Views
from views.memory import MemoryViews

MOVING = ("lagMs",)
"""What the wall clock changes between two questions."""
TEXTS = {"launchedAfter", "launchedBefore", "from", "to"}


def still(value: Any) -> Any:
    """Return an answer without what the clock moves."""
    if isinstance(value, dict):
        return {name: still(one) for name, one in value.items() if name not in MOVING}
    return [still(one) for one in value] if isinstance(value, list) else value


def written(value: Any) -> str:
    """Return an argument as it stands in a query."""
    if isinstance(value, bool | int):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(written(one) for one in value) + "]"
    return f'"{value}"'


def query(schema: GraphQLSchema, field: str, arguments: Mapping[str, Any]) -> str:
    """Return a query for all that a field of the root gives."""
    assert schema.query_type is not None
    given = ", ".join(f"{name}: {written(value)}" for name, value in arguments.items())
    kind = get_named_type(schema.query_type.fields[field].type).name
    called = f"{field}({given})" if given else field
    return f"{{ {called} {everything(schema, kind)} }}"


@pytest.fixture
async def views(market: Market) -> Views:
    """The store whose answers every other one's are compared with."""
    store = MemoryViews()
    await market.put(store)
    return store


Ask = Callable[[str, Mapping[str, Any], str, Mapping[str, Any]], Any]


@pytest.fixture
async def same(client: httpx.AsyncClient) -> Ask:
    """Return what asks both ways, compares, and gives what REST said."""
    schema = await schema_of(client)

    async def compare(
        field: str, named: Mapping[str, Any], path: str, asked: Mapping[str, Any]
    ) -> Any:
        shown = {name: str(v).lower() if isinstance(v, bool) else v for name, v in asked.items()}
        rest = (await client.get(path, params=shown)).json()
        found = await ask(client, query(schema, field, {**named, **asked}))

        assert "errors" not in found, found
        assert still(rest) == still(as_rest(found["data"][field]))
        return rest

    return compare


async def test_every_root_field_is_its_twin(same: Ask, market: Market) -> None:
    """Each field of the root gives what its route gives, with nothing left out."""
    for token in market.tokens[:3]:
        mint, path = {"mint": token.mint}, f"/v1/tokens/{token.mint}"
        await same("token", mint, path, {})
        await same("trades", mint, f"{path}/trades", {"limit": 3})
        await same("holders", mint, f"{path}/holders", {})
        await same("events", mint, f"{path}/events", {})
        await same("posts", mint, f"{path}/posts", {})
        await same("similarTokens", mint, f"{path}/similar", {"limit": 4, "stage": "bonding"})
    wallet = {"address": market.trades[0].trader}
    await same("wallet", wallet, f"/v1/wallets/{wallet['address']}", {})
    await same("positions", wallet, f"/v1/wallets/{wallet['address']}/positions", {"limit": 7})
    await same("walletTrades", wallet, f"/v1/wallets/{wallet['address']}/trades", {"limit": 7})
    creator = market.tokens[0].creator
    await same("creator", {"address": creator}, f"/v1/creators/{creator}", {})
    post = market.posts[0].id
    await same("post", {"id": post}, f"/v1/posts/{post}", {})
    assert (await same("similarPosts", {"id": post}, f"/v1/posts/{post}/similar", {}))["items"]
    for text in (post, "cat", "lunar"):
        assert (await same("search", {}, "/v1/search", {"q": text, "limit": 5}))["items"]
    for board in ("new", "graduating", "graduated", "trending"):
        assert (await same("board", {"name": board}, f"/v1/boards/{board}", {"limit": 3}))["items"]
    assert (await same("stats", {}, "/v1/stats", {}))["items"]
    await same("status", {}, "/v1/status", {})


async def test_the_root_is_the_contract(client: httpx.AsyncClient) -> None:
    """There is a field for every route that reads, and nothing that changes anything."""
    schema = await schema_of(client)

    assert schema.mutation_type is None
    assert schema.query_type is not None
    assert schema.subscription_type is not None
    assert {
        "tokens", "token", "tokensByMint", "trades", "holders", "events", "posts", "candles",
        "board", "search", "stats", "status", "post", "creator", "wallet", "positions",
        "walletTrades", "similarTokens", "similarPosts",
    } == set(schema.query_type.fields)  # fmt: skip
    assert {
        "token", "trades", "candles", "holders", "board", "launches", "posts", "status",
    } == set(schema.subscription_type.fields)  # fmt: skip


def filters(rng: random.Random, market: Market) -> dict[str, Any]:
    """Return some filters and an order, that may fit."""
    token = rng.choice(market.tokens)
    known: dict[str, Any] = {
        "launchpad": token.launchpad, "protocol": token.protocol,
        "stage": rng.choice([token.stage, "bonding,completed"]), "creator": token.creator,
        "category": "game", "language": "en", "quote": SOL, "hasPost": rng.random() < 0.5,
        "q": rng.choice(["lunar", "cat", "t1", "nothing"]), "minPrice": token.price or "0",
        "maxMarketCap": token.market_cap or "250", "minLiquidity": "10.5", "maxProgress": "0.75",
        "minHolders": "100", "maxAge": str(rng.randrange(90_000)), "minVolume24h": "1000.5",
        "maxTrades24h": "40", "launchedAfter": rfc3339(NOW - rng.randrange(90_000)),
        "launchedBefore": str(NOW - rng.randrange(1000)),
    }  # fmt: skip
    order = {
        "sortBy": rng.choice(["age", "price", "marketCap", "holders", "volume24h", "launchedAt"]),
        "sortOrder": rng.choice(["asc", "desc"]),
    }
    chosen = rng.sample(sorted(known), rng.randrange(4))
    return {name: known[name] for name in chosen} | order | {"limit": rng.randrange(1, 20)}


async def test_lists_are_filtered_and_sorted_alike(same: Ask, market: Market) -> None:
    """Whatever is filtered and sorted by, both ways answer the same tokens and the same cursor."""
    rng, found = random.Random(3), 0
    for _ in range(60):
        asked = filters(rng, market)
        first = await same("tokens", {}, "/v1/tokens", asked)
        found += len(first["items"])
        if first["nextCursor"]:
            # A cursor of one is good in the other.
            await same("tokens", {}, "/v1/tokens", {**asked, "cursor": first["nextCursor"]})

    assert found > 100


async def test_candles_are_alike(same: Ask, market: Market) -> None:
    """Every resolution, kind, span and page of candles is the same both ways."""
    rng, found = random.Random(5), 0
    for resolution in ("1s", "5s", "15s", "30s", "1m", "5m", "15m", "30m", "1h", "4h", "1d"):
        token = rng.choice(market.tokens[:10])
        named, path = {"mint": token.mint}, f"/v1/tokens/{token.mint}/candles"
        asked: dict[str, Any] = {
            "resolution": resolution, "kind": rng.choice(["price", "marketCap"]),
            "empty": rng.random() < 0.5, "limit": rng.randrange(1, 9),
            "from": token.launched_at, "to": str(NOW),
        }  # fmt: skip
        first = await same("candles", named, path, asked)
        found += len(first["items"])
        if first["nextCursor"]:
            await same("candles", named, path, {**asked, "cursor": first["nextCursor"]})

    assert found > 20


async def test_several_at_once(client: httpx.AsyncClient, market: Market) -> None:
    """Tokens by mint are those that the batch route gives, in the order asked for."""
    mints = [market.tokens[n].mint for n in (5, 1, 3)]
    rest = (await client.post("/v1/tokens/batch", json={"mints": [*mints, SOL]})).json()
    schema = await schema_of(client)
    found = await ask(client, query(schema, "tokensByMint", {"mints": [*mints, SOL]}))

    assert mints == [token["mint"] for token in rest["items"]]
    assert rest == as_rest(found["data"]["tokensByMint"])


async def test_what_is_nested_is_what_stands_alone(
    client: httpx.AsyncClient, market: Market
) -> None:
    """A list within a token, and a token within a list, are those of the root."""
    mint = market.tokens[0].mint
    shown = "items { id token { symbol } } nextCursor"
    nested = await ask(
        client,
        f'{{ token(mint: "{mint}") {{ trades tradeList(limit: 2) {{ {shown} }} '
        "candleList(limit: 2) { items { time close } } holderList(limit: 1) { items { address } } "
        "eventList { items { kind } } postList { items { id } } "
        "similarTokens(limit: 3) { engine items { similarity token { mint } } } } }",
    )
    apart = await ask(
        client,
        f'{{ tradeList: trades(mint: "{mint}", limit: 2) {{ {shown} }} '
        f'candleList: candles(mint: "{mint}", limit: 2) {{ items {{ time close }} }} '
        f'holderList: holders(mint: "{mint}", limit: 1) {{ items {{ address }} }} '
        f'eventList: events(mint: "{mint}") {{ items {{ kind }} }} '
        f'postList: posts(mint: "{mint}") {{ items {{ id }} }} '
        f'similarTokens(mint: "{mint}", limit: 3) '
        "{ engine items { similarity token { mint } } } }",
    )

    assert apart["data"] == {n: v for n, v in nested["data"]["token"].items() if n != "trades"}
    assert {"T0"} == {one["token"]["symbol"] for one in apart["data"]["tradeList"]["items"]}
    assert market.tokens[0].trades == nested["data"]["token"]["trades"]


async def test_tokens_beside_other_things_are_read_together(
    client: httpx.AsyncClient, market: Market, views: Views, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many items name their token, the store is asked once for all of them."""
    asked: list[int] = []
    read = views.tokens_by_mint

    async def counted(mints: Any) -> Any:
        asked.append(len(mints))
        return await read(mints)

    monkeypatch.setattr(views, "tokens_by_mint", counted)
    wallet = market.trades[0].trader
    found = await ask(
        client, f'{{ wallet(address: "{wallet}") {{ positions {{ mint token {{ mint }} }} }} }}'
    )
    positions = found["data"]["wallet"]["positions"]

    assert len(positions) > 20
    assert all(one["mint"] == one["token"]["mint"] for one in positions)
    assert [len(positions)] == asked


async def test_a_query_does_not_take_the_store_for_itself(
    client: httpx.AsyncClient, views: Views, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much a query reads, only a few of its reads are under way together."""
    running, most = 0, 0
    read = views.trades

    async def counted(*args: Any, **options: Any) -> Any:
        nonlocal running, most
        running += 1
        most = max(most, running)
        found = await read(*args, **options)
        running -= 1
        return found

    monkeypatch.setattr(views, "trades", counted)
    found = await ask(
        client, "{ tokens(limit: 40) { items { tradeList(limit: 1) { nextCursor } } } }"
    )

    assert len(found["data"]["tokens"]["items"]) == 40
    assert 1 <= most <= AT_ONCE


async def test_queries_can_be_kept(client: httpx.AsyncClient) -> None:
    """A GET answers what a POST does, with an ETag and a lifetime; errors are not kept."""
    asked = {"query": "query Q($n: Int) { tokens(limit: $n) { nextCursor } }"}
    got = await client.get(PATH, params={**asked, "variables": '{"n": 2}', "operationName": "Q"})
    posted = await client.post(PATH, json={**asked, "variables": {"n": 2}})
    again = await client.get(
        PATH,
        params={**asked, "variables": '{"n": 2}'},
        headers={"if-none-match": got.headers["etag"]},
    )
    wrong = await client.get(PATH, params={"query": "{ nothing }"})

    assert posted.json() == got.json()
    assert got.json()["data"]["tokens"]["nextCursor"]
    assert "public, max-age=1" == got.headers["cache-control"]
    assert (304, b"") == (again.status_code, again.content)
    assert (200, "no-store") == (wrong.status_code, wrong.headers["cache-control"])


async def test_one_of_several_is_chosen(client: httpx.AsyncClient) -> None:
    """Of several operations the one that is named is done, and only its limits count."""
    query = (
        "query Dear { tokens(limit: 200) { items { tradeList(limit: 200) { nextCursor } } } } "
        "query Small { tokens(limit: 1) { items { symbol } } }"
    )
    answers = [
        (await client.post(PATH, json={"query": query, "operationName": name})).json()
        for name in ("Small", "Dear", "None", None)
    ]

    assert 1 == len(answers[0]["data"]["tokens"]["items"])
    assert [None] * 3 == [answer["data"] for answer in answers[1:]]
    assert ["queryTooCostly", "badQuery", "badQuery"] == [
        answer["errors"][0]["extensions"]["code"] for answer in answers[1:]
    ]


async def test_who_wants_a_status_gets_one(client: httpx.AsyncClient) -> None:
    """With GraphQL's own media type a query of which nothing was done is a 400."""
    headers = {"accept": "application/graphql-response+json"}
    wrong = await client.post(PATH, json={"query": "{ nothing }"}, headers=headers)
    right = await client.post(PATH, json={"query": "{ __typename }"}, headers=headers)

    assert [400, 200] == [wrong.status_code, right.status_code]
    assert {headers["accept"]} == {a.headers["content-type"] for a in (wrong, right)}


async def test_what_is_no_query_is_a_problem(app: FastAPI, client: httpx.AsyncClient) -> None:
    """What GraphQL cannot answer is refused as everything else is: with a problem document."""
    answers = [
        await client.post(PATH, content=b'{"query": "{ __typename }"}'),
        await client.post(PATH, json={}),
        await client.post(PATH, json={"query": 5}),
        await client.post(PATH, json=[{"query": "{ __typename }"}]),
        await client.post(PATH, json={"query": "{ __typename }", "variables": []}),
        await client.post(PATH, json={"query": "{ __typename }", "nothing": 1}),
        await client.get(PATH),
        await client.get(PATH, params={"query": "{ __typename }", "variables": "[" * 1000}),
        await client.get(PATH, params={"query": "{ __typename }", "raw": "1"}),
        await client.post(PATH, params={"query": "{ __typename }"}, json={"query": "{ a }"}),
    ]

    assert {400} == {answer.status_code for answer in answers}
    assert all(answer.json()["code"] for answer in answers)
    large = await client.post(PATH, json={"query": "#" * 70_000})
    assert (413, "bodyTooLarge") == (large.status_code, large.json()["code"])
