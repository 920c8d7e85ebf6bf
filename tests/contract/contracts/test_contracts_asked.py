"""The API is asked whatever its description allows and forbids: each answer is as described."""

from pathlib import Path

import pytest

from api.app import create_app
from api.settings import ApiSettings
from tests.contract.api.door import give_key
from tests.contract.api.feed import FakeFeed
from tests.contract.api.market import Market, make_market
from tests.contract.contracts.asking import Findings, ask
from views.sqlite.store import SQLiteViews

EXAMPLES = 20
UNLIMITED = 10**6


async def asked(folder: Path, *, examples: int, seed: int) -> Findings:
    """Ask an API over a store with a market in it."""
    market, store = make_market(), SQLiteViews(folder / "store.sqlite")
    await market.put(store)
    settings = ApiSettings(
        data=folder,
        hot_token_ms=0,
        head_ms=10,
        rate_limit_per_minute=UNLIMITED,
        rate_limit_burst=UNLIMITED,
    )
    _, key = give_key(settings, scopes=("read", "stream", "operate"))
    app = create_app(store, FakeFeed(), settings)
    found = ask(app, headers={"X-API-Key": key}, known=known(market), examples=examples, seed=seed)
    await store.close()
    return found


def known(market: Market) -> dict[str, list[str]]:
    """Return values that the market has, by the place where they are asked for."""
    mints = [token.mint for token in market.tokens[:5]]
    wallets = sorted({holder.owner for holder in market.holders})[:5]
    return {
        "path.mint": mints,
        "path.address": wallets,
        "path.id": [post.id for post in market.posts[:5]],
        "path.key": [*mints, "all", "new"],
        "query.q": ["lunar", market.tokens[0].symbol or "", market.posts[0].id],
        "query.creator": [token.creator or "" for token in market.tokens[:5]],
    }


@pytest.mark.slow
async def test_every_answer_is_as_described(tmp_path: Path) -> None:
    """No 5xx, no status, content type, header or shape that the description does not have."""
    found = await asked(tmp_path, examples=EXAMPLES, seed=20_260_922)

    assert [] == found.failures
    assert {200, 400, 401, 404, 405} <= set(found.statuses)
    assert found.statuses[200] > 150
