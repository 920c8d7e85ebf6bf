"""The list of tokens, one token, several: filters, order, pages."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pytest

from schemas.token import Token
from tests.contract.api.market import NOW, Market, put, rfc3339, seconds
from views.contract import Views
from views.writes import Batch

Figure = Callable[[Token], Any]
FIGURES: dict[str, Figure] = {
    "age": lambda t: NOW - seconds(t.launched_at or ""),
    "progress": lambda t: t.progress,
    "price": lambda t: t.price and Decimal(t.price),
    "marketCap": lambda t: t.market_cap and Decimal(t.market_cap),
    "liquidity": lambda t: t.liquidity and Decimal(t.liquidity),
    "holders": lambda t: t.holders,
    "volume24h": lambda t: Decimal(t.windows["24h"].volume or 0),
    "trades24h": lambda t: t.windows["24h"].trades,
}


async def every(client: httpx.AsyncClient, path: str, **asked: Any) -> list[Any]:
    """Return all items of a list, page by page."""
    items, cursor = [], None
    while True:
        page = {"cursor": cursor} if cursor else {}
        answer = await client.get(path, params={**asked, **page})
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        cursor = answer.json()["nextCursor"]
        if cursor is None:
            return items


def ordered(tokens: list[Token], figure: Figure, *, descending: bool) -> list[str]:
    """Return the mints by a figure, ties by mint, unknown ones last."""
    known = sorted((t for t in tokens if figure(t) is not None), key=lambda t: t.mint)
    known.sort(key=figure, reverse=descending)
    unknown = sorted(t.mint for t in tokens if figure(t) is None)
    return [t.mint for t in known] + unknown


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("order", ["asc", "desc"])
async def test_every_figure_sorts_both_ways(
    client: httpx.AsyncClient, market: Market, name: str, order: str
) -> None:
    """A list is sorted by exact value, ties by mint, unknown figures last either way."""
    items = await every(client, "/v1/tokens", sortBy=name, sortOrder=order, limit=7)
    expected = ordered(market.tokens, FIGURES[name], descending=order == "desc")

    assert expected == [item["mint"] for item in items]


@pytest.mark.parametrize("name", FIGURES)
async def test_bounds_are_inclusive_and_leave_out_the_unknown(
    client: httpx.AsyncClient, market: Market, name: str
) -> None:
    """min… and max… of a figure keep exactly the tokens within, ends included."""
    figure = FIGURES[name]
    values = sorted(v for t in market.tokens if (v := figure(t)) is not None)
    low, high = values[len(values) // 4], values[-len(values) // 4]
    tail = name[0].upper() + name[1:]
    items = await every(
        client, "/v1/tokens", **{f"min{tail}": f"{low:f}", f"max{tail}": f"{high:f}"}
    )
    inside = {t.mint for t in market.tokens if (v := figure(t)) is not None and low <= v <= high}

    assert inside == {item["mint"] for item in items}


@pytest.mark.parametrize(
    "name", [*(f"{n[0].upper()}{n[1:]}" for n in FIGURES), "launchedBefore", "to"]
)
async def test_bounds_that_cross_are_refused(
    client: httpx.AsyncClient, market: Market, name: str
) -> None:
    """An upper bound below the lower one is a mistake, and both are named; equal ones are none."""
    lower, upper = {
        "launchedBefore": ("launchedAfter", "launchedBefore"), "to": ("from", "to"),
    }.get(name, (f"min{name}", f"max{name}"))  # fmt: skip
    path = f"/v1/tokens/{market.tokens[0].mint}/candles" if name == "to" else "/v1/tokens"
    crossed = await client.get(path, params={lower: "5", upper: "1"})
    equal = await client.get(path, params={lower: "5", upper: "5"})

    assert (400, 200) == (crossed.status_code, equal.status_code)
    assert f"{upper}: is less than {lower}, so that nothing could fit" == crossed.json()["detail"]


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ({"launchpad": "believe"}, lambda t: t.launchpad == "believe"),
        ({"protocol": "meteora-dbc"}, lambda t: t.protocol == "meteora-dbc"),
        ({"stage": "bonding"}, lambda t: t.stage == "bonding"),
        ({"stage": "completed,migrated"}, lambda t: t.stage != "bonding"),
        ({"category": "game"}, lambda t: t.project.category == "game"),
        ({"language": "en"}, lambda _: True),
        ({"language": "fr"}, lambda _: False),
        ({"hasPost": "true"}, lambda t: t.post.status == "matched"),
        ({"hasPost": "false"}, lambda t: t.post.status == "none"),
        ({"q": "quiet"}, lambda t: "Quiet" in t.name),
        ({"q": "t12"}, lambda t: t.symbol == "T12"),
        ({"q": "cat quiet"}, lambda t: "Quiet Cat" in t.name),
        ({"launchpad": "believe", "hasPost": "true"},
         lambda t: t.launchpad == "believe" and t.post.status == "matched"),
        ({"launchedAfter": rfc3339(NOW - 40_000)},
         lambda t: seconds(t.launched_at) >= NOW - 40_000),
        ({"launchedBefore": str(NOW - 40_000)},
         lambda t: seconds(t.launched_at) <= NOW - 40_000),
        ({"launchedAfter": rfc3339(NOW - 50_000), "maxAge": "40000"},
         lambda t: seconds(t.launched_at) >= NOW - 40_000),
    ],
)  # fmt: skip
async def test_filters_keep_exactly_what_fits(
    client: httpx.AsyncClient, market: Market, asked: dict[str, str], fits: Any
) -> None:
    """Each filter keeps what it says, and two of them what both say."""
    items = await every(client, "/v1/tokens", **asked)

    assert {t.mint for t in market.tokens if fits(t)} == {item["mint"] for item in items}


async def test_a_creator_is_a_filter(client: httpx.AsyncClient, market: Market) -> None:
    """``creator`` keeps the launches of one address."""
    creator = market.tokens[0].creator or ""
    items = await every(client, "/v1/tokens", creator=creator)

    assert {t.mint for t in market.tokens if t.creator == creator} == {i["mint"] for i in items}


async def test_the_youngest_come_first(client: httpx.AsyncClient, market: Market) -> None:
    """Without a word on order, the list begins with the newest launch."""
    items = (await client.get("/v1/tokens", params={"limit": 1})).json()["items"]

    assert max(t.launched_at for t in market.tokens) == items[0]["launchedAt"]


async def test_pages_are_stable_under_inserts(
    client: httpx.AsyncClient, market: Market, views: Views
) -> None:
    """Tokens that appear between two pages neither repeat nor hide any other."""
    first = (await client.get("/v1/tokens", params={"limit": 15})).json()
    newer = [
        put(t.mint[::-1], replace_mint(t, t.mint[::-1], at=NOW - number), 5)
        for number, t in enumerate(market.tokens[:10])
    ]
    await views.write(Batch(tokens=newer))
    rest = await every(client, "/v1/tokens", limit=200, cursor=first["nextCursor"])
    seen = [item["mint"] for item in [*first["items"], *rest]]
    before = ordered(market.tokens, lambda t: t.launched_at, descending=True)

    assert before == [mint for mint in seen if mint in set(before)]
    assert len(seen) == len(set(seen))


def replace_mint(token: Token, mint: str, *, at: int) -> Token:
    """Return the same token under another address, launched at another time."""
    return msgspec.structs.replace(token, mint=mint, launched_at=rfc3339(at))


async def test_a_token_is_answered_as_it_stands_on_its_topic(
    client: httpx.AsyncClient, market: Market
) -> None:
    """One token is its record, byte for byte, under its version as ETag."""
    token = market.tokens[3]
    answer = await client.get(f"/v1/tokens/{token.mint}")

    assert msgspec.json.encode(token) == answer.content
    assert f'"{token.version}"' == answer.headers["etag"]


async def test_a_token_nobody_has_seen_is_404(client: httpx.AsyncClient) -> None:
    """A well-formed address without a token is not found, not empty."""
    answer = await client.get("/v1/tokens/11111111111111111111111111111111")

    assert (404, "notFound") == (answer.status_code, answer.json()["code"])


async def test_a_batch_keeps_the_order_asked_for(client: httpx.AsyncClient, market: Market) -> None:
    """Several tokens come in the order asked for, unknown ones left out."""
    mints = [market.tokens[9].mint, "11111111111111111111111111111111", market.tokens[2].mint]
    answer = await client.post("/v1/tokens/batch", json={"mints": mints})

    assert [mints[0], mints[2]] == [item["mint"] for item in answer.json()["items"]]


@pytest.mark.parametrize("mints", [[], ["x"], "x", None, ["1" * 32] * 101])
async def test_a_batch_of_nonsense_is_400(client: httpx.AsyncClient, mints: Any) -> None:
    """A batch is one to a hundred addresses."""
    answer = await client.post("/v1/tokens/batch", json={"mints": mints})

    assert (400, "badParameter") == (answer.status_code, answer.json()["code"])


@pytest.mark.parametrize(
    ("board", "fits", "figure"),
    [
        ("new", lambda t: t.stage == "bonding", lambda t: t.launched_at),
        ("graduating", lambda t: t.stage == "bonding", lambda t: t.progress),
        ("graduated", lambda t: t.stage != "bonding", lambda t: t.completed_at),
        ("trending", lambda t: t.windows["1h"].traders > 0, lambda t: t.windows["1h"].traders),
    ],
)
async def test_boards_are_ranked(
    client: httpx.AsyncClient, market: Market, board: str, fits: Any, figure: Any
) -> None:
    """A board shows what belongs on it, best first, page by page."""
    items = await every(client, f"/v1/boards/{board}", limit=6)
    expected = ordered([t for t in market.tokens if fits(t)], figure, descending=True)

    assert expected == [item["mint"] for item in items]


async def test_a_board_that_does_not_exist_is_404(client: httpx.AsyncClient) -> None:
    """There are four boards, which are named to whoever asks for another."""
    answer = await client.get("/v1/boards/best")

    assert 404 == answer.status_code
    assert "new, graduating, graduated, trending" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("xx", "application/json"),
        ("", "application/json"),
        ("[]", "application/json"),
        ('{"mints": ["11111111111111111111111111111111"]}', ""),
        ('{"mints": ["11111111111111111111111111111111"]}', "text/plain"),
    ],
)
async def test_a_body_that_is_no_json_is_named_and_told_its_type(
    client: httpx.AsyncClient, body: str, kind: str
) -> None:
    """A body that is wrong as a whole is called ``body``, with the content type to send."""
    headers = {"content-type": kind} if kind else {}
    answer = await client.post("/v1/tokens/batch", content=body, headers=headers)
    errors = answer.json()["errors"]

    assert (400, ["body"]) == (answer.status_code, [error["name"] for error in errors])
    assert "Content-Type: application/json" in errors[0]["detail"]
