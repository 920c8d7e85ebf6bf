"""What belongs to a token, a wallet or a post; search, figures, status."""

from decimal import Decimal

import httpx
import pytest

from schemas.public import TradeRecord
from tests.contract.api.market import (
    NOW,
    SLOT,
    Market,
    make_progress,
    put_progress,
    rfc3339,
)
from tests.contract.api.test_api_tokens import every
from views.contract import Views
from views.writes import Batch


def trades_of(market: Market, mint: str) -> list[TradeRecord]:
    """Return a token's trades in chain order."""
    return sorted((t for t in market.trades if t.mint == mint), key=lambda t: t.sort_key)


async def test_trades_come_newest_first(client: httpx.AsyncClient, market: Market) -> None:
    """Trades are listed against chain order, page by page, with exact amounts."""
    mint = market.tokens[0].mint
    items = await every(client, f"/v1/tokens/{mint}/trades", limit=4)
    newest_first = trades_of(market, mint)[::-1]

    assert [t.id for t in newest_first] == [item["id"] for item in items]
    assert [t.quote_amount for t in newest_first] == [item["quoteAmount"] for item in items]


async def test_holders_come_largest_first_summed_by_owner(
    client: httpx.AsyncClient, market: Market
) -> None:
    """Accounts of one owner are one holder; shares are of what was minted, as of a slot."""
    mint, units = market.tokens[0].mint, dict[str, int]()
    for account in market.holders:
        if account.mint == mint:
            units[account.owner] = units.get(account.owner, 0) + int(account.base_units)
    items = await every(client, f"/v1/tokens/{mint}/holders", limit=4)
    expected = sorted(units.items(), key=lambda pair: -pair[1])

    assert [(owner, Decimal(n) / 10**6) for owner, n in expected] == [
        (item["address"], Decimal(item["amount"])) for item in items
    ]
    assert [pytest.approx(n / 10**15) for _, n in expected] == [i["share"] for i in items]
    chain = (await client.get("/v1/status")).json()["chain"]
    assert {chain["completeThroughSlot"]} == {item["asOfSlot"] for item in items}
    assert chain["completeThroughSlot"] > 0


async def test_events_come_newest_first(client: httpx.AsyncClient, market: Market) -> None:
    """What became of a token is listed from its last step back to its launch."""
    migrated = next(t for t in market.tokens if t.stage == "migrated")
    items = await every(client, f"/v1/tokens/{migrated.mint}/events")

    assert ["migrate", "complete", "launch"] == [item["kind"] for item in items]


async def test_posts_are_the_matched_one_and_candidates(
    client: httpx.AsyncClient, market: Market
) -> None:
    """A token's posts name the matched one with its text, and candidates with their score."""
    link = market.links[0]
    items = (await client.get(f"/v1/tokens/{link.mint}/posts")).json()["items"]

    assert [(link.post_id, "matched"), ("1", "candidate")] == [
        (item["id"], item["relation"]) for item in items
    ]
    assert market.posts[0].text == items[0]["post"]["text"]


async def test_a_post_names_its_tokens(client: httpx.AsyncClient, market: Market) -> None:
    """A post has its analysis and the tokens that it asked for."""
    answer = (await client.get(f"/v1/posts/{market.posts[2].id}")).json()

    assert market.posts[2].text == answer["post"]["text"]
    assert [market.links[2].mint] == [link["mint"] for link in answer["links"]]


@pytest.mark.parametrize("path", ["trades", "holders", "events", "posts", "candles"])
async def test_parts_of_an_unknown_token_are_404(client: httpx.AsyncClient, path: str) -> None:
    """Nothing belongs to a token that nobody has seen."""
    answer = await client.get(f"/v1/tokens/11111111111111111111111111111111/{path}")

    assert (404, "notFound") == (answer.status_code, answer.json()["code"])


async def test_an_unknown_post_is_404(client: httpx.AsyncClient) -> None:
    """A post that nobody has seen is not found."""
    assert (await client.get("/v1/posts/1")).status_code == 404


async def test_a_creator_is_told_by_the_launches(client: httpx.AsyncClient, market: Market) -> None:
    """A creator's figures count launches and what became of them."""
    creator = market.tokens[0].creator
    launched = [t for t in market.tokens if t.creator == creator]
    answer = (await client.get(f"/v1/creators/{creator}")).json()

    assert len(launched) == answer["figures"]["launches"]
    assert sum(t.stage == "migrated" for t in launched) == answer["figures"]["migrated"]
    assert {t.mint for t in launched} == {t["mint"] for t in answer["tokens"]}


async def test_a_wallet_has_positions_and_trades(client: httpx.AsyncClient, market: Market) -> None:
    """A wallet's lists have everything it holds and did; the first answer has the beginning."""
    wallet = market.trades[0].trader
    mine = sorted((t for t in market.trades if t.trader == wallet), key=lambda t: t.sort_key)
    held = sorted({h.mint for h in market.holders if h.owner == wallet})
    first = (await client.get(f"/v1/wallets/{wallet}")).json()
    trades = await every(client, f"/v1/wallets/{wallet}/trades", limit=3)
    positions = await every(client, f"/v1/wallets/{wallet}/positions", limit=7)

    assert {t.id for t in mine} == {item["id"] for item in trades}
    assert held == [item["mint"] for item in positions]
    assert [item["id"] for item in trades[:50]] == [item["id"] for item in first["trades"]]


async def test_search_finds_by_name_with_highlights(
    client: httpx.AsyncClient, market: Market
) -> None:
    """A name finds its token first, and says what matched in it."""
    answer = (await client.get("/v1/search", params={"q": "Neon Garden 5"})).json()
    first = answer["items"][0]

    assert ("token", market.tokens[5].mint) == (first["kind"], first["id"])
    assert {"start": 0, "end": 4} in first["highlights"]["name"]
    assert market.tokens[5].symbol == first["token"]["symbol"]


async def test_search_finds_a_post_and_its_token_by_the_id(
    client: httpx.AsyncClient, market: Market
) -> None:
    """The id of a post finds the token it asked for, then the post; one nobody has, nothing."""
    link = market.links[2]
    found = (await client.get("/v1/search", params={"q": link.post_id or ""})).json()["items"]
    nothing = (await client.get("/v1/search", params={"q": "1960000099999999999"})).json()

    assert [("token", link.mint), ("post", link.post_id)] == [(i["kind"], i["id"]) for i in found]
    assert (link.mint, market.posts[2].text) == (
        found[0]["token"]["mint"],
        found[1]["post"]["text"],
    )
    assert [] == nothing["items"]


async def test_stats_add_up(client: httpx.AsyncClient, market: Market) -> None:
    """Figures of the market are sums over its tokens, per launchpad and window."""
    answer = (await client.get("/v1/stats")).json()
    believe = [t for t in market.tokens if t.launchpad == "believe"]
    day = next(i for i in answer["items"] if (i["launchpad"], i["window"]) == ("believe", "24h"))

    assert rfc3339(NOW) == answer["asOf"]
    assert sum(t.windows["24h"].trades for t in believe) == day["trades"]
    assert sum(Decimal(t.windows["24h"].volume or 0) for t in believe) == Decimal(day["volume"])


async def test_status_says_how_far_everything_is(
    client: httpx.AsyncClient, market: Market, views: Views
) -> None:
    """Status names the chain, the sources, the counts and the store, and nothing else."""
    answer = (await client.get("/v1/status")).json()
    lag_ms = answer["chain"].pop("lagMs")

    assert lag_ms >= 0
    assert {
        "chain": {
            "headSlot": SLOT, "chainTime": rfc3339(NOW), "completeThroughSlot": SLOT,
        },
        "sources": [
            {"name": "recording:made-up", "kind": kind, "state": "done", "detail": None}
            for kind in ("chain", "metadata", "x")
        ],
        "counts": {
            "transactions": 400, "failed": 12, "events": 1000, "trades": len(market.trades),
            "tokens": len(market.tokens), "posts": len(market.posts), "links": len(market.links),
            "deadLettered": 4, "duplicates": 40,
        },
        "store": {"kind": views.kind, "indexedSlot": SLOT},
    } == answer  # fmt: skip


async def test_a_source_is_done_only_when_all_of_it_is_visible(
    client: httpx.AsyncClient, views: Views
) -> None:
    """A source that delivered more than can be seen is still running."""
    late = [put_progress(p, 2) for p in make_progress(complete=SLOT - 1, joined=SLOT)]
    await views.write(Batch(progress=late))
    first = (await client.get("/v1/status")).json()
    later = [put_progress(p, 3) for p in make_progress(complete=SLOT, joined=SLOT - 1)]
    await views.write(Batch(progress=later))
    second = (await client.get("/v1/status")).json()

    assert SLOT - 1 == first["chain"]["completeThroughSlot"]
    assert ["running", "done", "done"] == [source["state"] for source in first["sources"]]
    assert ["done", "running", "running"] == [source["state"] for source in second["sources"]]
