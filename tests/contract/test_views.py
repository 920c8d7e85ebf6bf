"""The store contract, held by every store alike."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from domain.amounts import timestamp
from domain.errors import UsageError
from schemas.candle import VersionedTrade
from schemas.post import Author
from schemas.token import Quote, Token, TokenPost
from tests import samples
from tests.samples import LAUNCH, batch, gone, put
from views.contract import Key, Page, TokenQuery, Views
from views.writes import Batch, Document


def mints(page: Page[Any]) -> list[str]:
    """Return the mints on a page."""
    return [item.mint for item in page.items]


async def test_an_unknown_token_is_none(views: Views) -> None:
    """Nothing is known of a token that was never written."""
    assert await views.token("m") is None
    assert (await views.tokens(TokenQuery())).items == ()


async def test_a_token_is_answered_as_it_came(views: Views) -> None:
    """The body is the very JSON that stood on the topic, with fields this version ignores."""
    write = put(samples.token("m", slot=7), version=3)
    body = write.body[:-1] + b',"later":1}'
    await views.write(batch(type(write)(key="m", version=3, record=write.record, body=body)))

    found = await views.token("m")

    assert found is not None
    assert (found.mint, found.version, found.slot, bytes(found.body)) == ("m", 3, 7, body)


async def test_a_smaller_version_never_overwrites(views: Views) -> None:
    """A greater version overwrites, an equal one may and does, a smaller one is ignored."""
    for version, name in ((5, "first"), (4, "stale"), (5, "again"), (9, "new"), (8, "stale")):
        await views.write(batch(put(samples.token("m", name=name), version)))

    document = await views.token("m")

    assert document is not None
    assert (document.version, b'"name":"new"' in bytes(document.body)) == (9, True)


async def test_versions_hold_within_one_batch(views: Views) -> None:
    """Of one key in one batch the greatest version stays, of equal ones the last."""
    trades = [samples.trade("m", 1, price=price) for price in ("0.1", "0.2", "0.3")]
    await views.write(batch(*(put(t, v) for t, v in zip(trades, (2, 2, 1), strict=True))))

    page = await views.trades("m", limit=9)

    assert [trade.price for trade in page.items] == ["0.2"]


async def test_what_is_deleted_stays_deleted(views: Views) -> None:
    """A tombstone hides a document, and an older write does not bring it back."""
    post = samples.post("1", "launch $KIWI")
    await views.write(batch(put(post, 1), put(samples.link("m", "1"), 1)))
    await write_gone(views, "posts", "1", 5)
    await views.write(batch(put(post, 4)))

    assert await views.post("1") is None
    assert await views.search("kiwi", limit=9) == ()
    assert (await views.posts_of("m"))[0].post is None
    assert (await views.counts()).posts == 0


async def write_gone(views: Views, noun: str, key: str, version: int) -> None:
    """Write a tombstone of a noun."""
    await views.write(Batch(**{noun: [gone(key, version)]}))


async def test_a_deleted_token_is_nowhere(views: Views) -> None:
    """A deleted token is in no list, filter, search or figure."""
    await views.write(batch(samples.token("m", name="Kiwi", creator="c")))
    await write_gone(views, "tokens", "m", 2)

    assert await views.token("m") is None
    assert mints(await views.tokens(TokenQuery())) == []
    assert mints(await views.tokens(TokenQuery(text="kiwi"))) == []
    assert await views.search("kiwi", limit=9) == ()
    assert (await views.creator("c")).launches == 0
    assert (await views.counts()).tokens == 0


async def test_tokens_by_mint_keep_the_order_asked_for(views: Views) -> None:
    """Known tokens come in the order asked for; unknown ones are left out."""
    await views.write(batch(samples.token("a"), samples.token("b")))

    assert [t.mint for t in await views.tokens_by_mint(["b", "x", "a"])] == ["b", "a"]


FACETS: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ({"launchpad": "believe"}, {"launchpad": "believe"}, {"launchpad": "other"}),
    ({"protocol": "pump"}, {"protocol": "pump.fun"}, {"protocol": None}),
    ({"launchpad": "launchACoin"}, {"launchpad": "believe"}, {"launchpad": "bags"}),
    ({"stages": ("migrated", "completed")}, {"stage": "completed"}, {"stage": "bonding"}),
    ({"category": "ai"}, {"project": samples.project("ai")}, {"project": samples.project("fun")}),
    ({"language": "en"}, {"project": samples.project("ai")}, {"project": None}),
    ({"creator": "c"}, {"creator": "c"}, {"creator": "d"}),
    ({"quote": "usd"}, {"quote": Quote(mint="usd", symbol=None, decimals=None)}, {}),
    ({"has_post": True}, {"post": TokenPost(status="matched", id="1")}, {}),
    ({"has_post": False}, {"post": TokenPost(status="pending")},
     {"post": TokenPost(status="matched", id="1")}),
    ({"text": "lunar PU"}, {"name": "Pulse of Lunaria"}, {"name": "Lunar"}),
    ({"text": "$lunpu"}, {"symbol": "LUNPU"}, {"symbol": "XLUNPU"}),
]  # fmt: skip


@pytest.mark.parametrize(("query", "inside", "outside"), FACETS)
async def test_filters_keep_what_fits(
    views: Views, query: dict[str, Any], inside: dict[str, Any], outside: dict[str, Any]
) -> None:
    """Each filter keeps the token that has what is asked for and drops the one that has not."""
    await views.write(batch(samples.token("in", **inside), samples.token("out", **outside)))

    assert mints(await views.tokens(TokenQuery(**query))) == ["in"]


def busy(mint: str, number: str) -> Token:
    """Return a token whose figures are all *number* (whole ones where they are counts)."""
    return samples.token(
        mint, progress=float(number), price=number, market_cap=number, liquidity=number,
        holders=int(number), launched_at=timestamp(int(number)),
        completed_at=timestamp(int(number)),
        windows={
            "1h": samples.window(number, traders=int(number)),
            "24h": samples.window(number, int(number)),
        },
    )  # fmt: skip


FIGURES = (
    "progress", "price", "marketCap", "liquidity", "holders", "launchedAt", "completedAt",
    "volume1h", "volume24h", "trades24h", "traders1h",
)  # fmt: skip


@pytest.mark.parametrize("figure", FIGURES)
async def test_figures_bound_and_sort_as_numbers(views: Views, figure: Any) -> None:
    """Figures compare as numbers, bounds are inclusive, either direction."""
    await views.write(batch(*(busy(f"m{n}", n) for n in ("9", "10", "100", "2"))))
    bounds = {"at_least": {figure: Decimal(9)}, "at_most": {figure: Decimal(10)}}

    up = await views.tokens(TokenQuery(sort_by=figure, descending=False))
    down = await views.tokens(TokenQuery(sort_by=figure, **bounds))

    assert mints(up) == ["m2", "m9", "m10", "m100"]
    assert mints(down) == ["m10", "m9"]


async def test_numbers_are_compared_exactly(views: Views) -> None:
    """Prices that are the same double are told apart."""
    prices = {"a": "0.1000000000000000000001", "b": "0.1000000000000000000002", "c": "0.1"}
    await views.write(batch(*(samples.token(mint, price=p) for mint, p in prices.items())))
    least = TokenQuery(sort_by="price", at_least={"price": Decimal("0.1000000000000000000001")})

    assert mints(await views.tokens(TokenQuery(sort_by="price"))) == ["b", "a", "c"]
    assert mints(await views.tokens(least)) == ["b", "a"]


@pytest.mark.parametrize("descending", [True, False])
async def test_the_unknown_comes_last_and_ties_go_by_mint(views: Views, descending: bool) -> None:
    """Unknown figures are last either way; equal ones by mint; pages cut anywhere agree."""
    prices = {"d": None, "c": "1", "b": "1", "a": None, "e": "0"}
    await views.write(batch(*(samples.token(mint, price=p) for mint, p in prices.items())))
    expected = ["b", "c", "e", "a", "d"] if descending else ["e", "b", "c", "a", "d"]

    for limit in (1, 2, 3, 5):
        query = TokenQuery(sort_by="price", descending=descending, limit=limit)

        assert await pages(views, query) == expected


async def pages(views: Views, query: TokenQuery) -> list[str]:
    """Return the mints of all pages of a query."""
    found: list[str] = []
    after: Key | None = None
    while True:
        page = await views.tokens(replaced(query, after))
        found += mints(page)
        after = page.next
        if after is None:
            return found


def replaced(query: TokenQuery, after: Key | None) -> TokenQuery:
    """Return a query for the next page."""
    return replace(query, after=after)


async def test_a_cursor_is_stable_under_inserts(views: Views) -> None:
    """What is inserted between two pages neither repeats nor hides anything that was there."""
    there = [samples.token(f"m{n}", holders=n) for n in range(10)]
    await views.write(batch(*there))
    query = TokenQuery(sort_by="holders", limit=4)
    first = await views.tokens(query)
    await views.write(batch(samples.token("new", holders=20), samples.token("mid", holders=3)))

    second = await views.tokens(replaced(query, first.next))

    assert mints(first) == ["m9", "m8", "m7", "m6"]
    assert mints(second) == ["m5", "m4", "m3", "mid"]


async def test_an_unknown_figure_is_refused(views: Views) -> None:
    """What is not a figure never reaches a statement of the store."""
    with pytest.raises(UsageError):
        await views.tokens(TokenQuery(sort_by="1; DROP TABLE tokens"))  # type: ignore[arg-type]


async def test_trades_are_newest_first_in_chain_order(views: Views) -> None:
    """Trades follow the sort key, not arrival, page by page; retracted ones are gone."""
    numbers = [3, 1, 4, 10, 5, 9, 2, 6]
    await views.write(batch(*(samples.trade("m", n) for n in numbers), samples.trade("x", 7)))
    await views.write(batch(put(samples.trade("m", 4, retracted=True), 2)))
    found, after = [], None
    while True:
        page = await views.trades("m", limit=3, after=after)
        found += [trade.slot for trade in page.items]
        after = page.next
        if after is None:
            break

    assert found == [10, 9, 6, 5, 3, 2, 1]
    assert (await views.counts()).trades == 8


async def test_a_reindexed_trade_moves(views: Views) -> None:
    """A trade whose index is corrected stands where the new sort key puts it, once."""
    await views.write(batch(samples.trade("m", 1), samples.trade("m", 2)))
    await views.write(batch(put(samples.trade("m", 1, sort_key="000000000003#0000"), 2)))

    assert [t.slot for t in (await views.trades("m", limit=9)).items] == [1, 2]


async def test_trades_of_a_time_contain_the_retracted(views: Views) -> None:
    """Candles need every state of a time's trades, oldest first, start in and end out."""
    trades = [put(samples.trade("m", n, retracted=n == 4), n) for n in (6, 4, 2, 8)]
    await views.write(batch(*trades))

    found = await views.trades_between("m", start=LAUNCH + 1, end=LAUNCH + 4)

    assert found == tuple(VersionedTrade(t.version, samples.tick(t.record)) for t in trades[2::-1])


async def test_the_last_trade_before_has_a_price(views: Views) -> None:
    """Of the trades before a time the last that stands and has a price."""
    await views.write(
        batch(
            samples.trade("m", 2), samples.trade("m", 4, price=None),
            samples.trade("m", 6, retracted=True), samples.trade("m", 8),
        )
    )  # fmt: skip

    found = await views.last_trade_before("m", LAUNCH + 4)

    assert found is not None
    assert found.slot == 2
    assert await views.last_trade_before("m", LAUNCH + 1) is None


async def test_minutes_come_in_order(views: Views) -> None:
    """Minutes of a time in order, the newest revision of each; the last before a time."""
    first = LAUNCH - LAUNCH % 60
    minutes = [samples.minute("m", first + 60 * n, close=str(n)) for n in (2, 0, 1)]
    await views.write(batch(*(put(m, 5) for m in minutes)))
    await views.write(batch(put(samples.minute("m", first, close="9"), 6)))

    found = await views.minutes("m", start=first, end=first + 120)
    last = await views.last_minute_before("m", first + 60)

    assert [minute.close for minute in found] == ["9", "1"]
    assert last is not None
    assert last.close == "9"


async def test_holders_are_summed_by_owner(views: Views) -> None:
    """Accounts of one owner count together, exactly, also beyond 64 bits; empty ones not."""
    huge = 2**63
    await views.write(
        batch(
            samples.token("m", supply="100000000000000"),
            samples.account("m", "a1", "ann", huge), samples.account("m", "a2", "ann", huge),
            samples.account("m", "b1", "bob", 5_000_000), samples.account("m", "c1", "cat", 0),
            samples.account("m", "d1", "dan", 5_000_000), samples.account("x", "z", "eve", 1),
        )
    )  # fmt: skip

    first = await views.holders("m", limit=2)
    second = await views.holders("m", limit=2, after=first.next)

    assert [(h.address, h.amount, h.share) for h in (*first.items, *second.items)] == [
        ("ann", "18446744073709.551616", 0.1844674407),
        ("bob", "5", 0.0),
        ("dan", "5", 0.0),
    ]


async def test_an_account_can_change_hands(views: Views) -> None:
    """A balance follows its account's newest owner; the old one holds nothing any more."""
    await views.write(
        batch(samples.account("m", "a", "ann", 3), samples.account("m", "b", "bob", 2))
    )
    await views.write(batch(put(samples.account("m", "a", "bob", 4), 2)))
    await views.write(batch(put(samples.account("m", "b", "bob", 9), 0)))

    assert [(h.address, h.amount) for h in (await views.holders("m", limit=9)).items] == [
        ("bob", "0.000006")
    ]
    assert [a.account for a in await views.accounts("m", limit=9)] == ["a", "b"]


async def test_lifecycle_is_newest_first(views: Views) -> None:
    """A token's life backwards; in one slot a launch stands before a completion."""
    events = [("launch", 1), ("complete", 5), ("migrate", 5), ("complete", 3)]
    await views.write(batch(*(samples.lifecycle("m", kind, slot) for kind, slot in events)))
    await views.write(batch(put(samples.lifecycle("m", "complete", 3, retracted=True), 2)))

    first = await views.lifecycle("m", limit=2)
    second = await views.lifecycle("m", limit=2, after=first.next)

    assert [e.kind for e in first.items] == ["migrate", "complete"]
    assert [e.kind for e in second.items] == ["launch"]


async def test_posts_of_a_token(views: Views) -> None:
    """A matched post, or the candidates, newest first; those whose post is unknown last."""
    await views.write(
        batch(
            samples.post("1", "old", LAUNCH), samples.post("2", "new", LAUNCH + 9),
            samples.link("m", "1"), samples.link("n", None, ["3", "1", "2"]),
        )
    )  # fmt: skip

    assert [(p.id, p.relation) for p in await views.posts_of("m")] == [("1", "matched")]
    assert [(p.id, p.relation, p.post is None) for p in await views.posts_of("n")] == [
        ("2", "candidate", False),
        ("1", "candidate", False),
        ("3", "candidate", True),
    ]
    assert await views.posts_of("x") == ()


async def test_how_a_post_did_stands_beside_it(views: Views) -> None:
    """Beside the post and its token; not without the post, nor when it is gone."""
    counted = samples.engagement("1", 3, 5)
    await views.write(batch(counted, samples.link("m", "1")))

    assert () == (await views.posts_of("m"))[0].engagement

    await views.write(batch(samples.post("1", "launch $KIWI")))
    found = await views.post("1")

    assert found is not None
    assert [3, 5] == [point.likes for point in found.engagement]
    assert counted.points == (await views.posts_of("m"))[0].engagement

    await write_gone(views, "engagements", "1", 5)
    found = await views.post("1")

    assert found is not None
    assert () == found.engagement


async def test_a_post_knows_its_tokens(views: Views) -> None:
    """A post names the tokens it is matched with or a candidate of; a withdrawn link is gone."""
    await views.write(
        batch(
            samples.post("1", "p"), samples.link("n", "1"), samples.link("m", None, ["1", "2"]),
            samples.link("o", "1"),
        )
    )  # fmt: skip
    await write_gone(views, "links", "o", 2)
    await views.write(batch(put(samples.link("m", None, ["1"]), 2)))

    view = await views.post("1")

    assert view is not None
    assert [(x.mint, x.relation, x.status) for x in view.links] == [
        ("m", "candidate", "ambiguous"),
        ("n", "matched", "matched"),
    ]
    assert (await views.counts()).links == 2


async def test_a_creator_and_what_became_of_it(views: Views) -> None:
    """Launches by stage; what migrated was completed too."""
    stages = ("bonding", "completed", "migrated")
    tokens = [
        samples.token(s, stage=s, creator="c", launched_at=timestamp(LAUNCH + n))
        for n, s in enumerate(stages)
    ]
    await views.write(batch(*tokens, samples.token("other", creator="d")))

    found = await views.creator("c")

    assert (found.launches, found.completed, found.migrated) == (3, 2, 1)
    assert found.first_launch_at == timestamp(LAUNCH)
    assert found.last_launch_at == timestamp(LAUNCH + 2)
    assert (await views.creator("x")).launches == 0


async def test_a_wallet_and_its_positions(views: Views) -> None:
    """What a wallet holds, by mint, with names where the token is known; and its trades."""
    await views.write(
        batch(
            samples.token("b", name="Kiwi", symbol="KIWI", supply="8"),
            samples.account("b", "b1", "ann", 10**6), samples.account("b", "b2", "ann", 10**6),
            samples.account("a", "a1", "ann", 7), samples.account("c", "c1", "ann", 0),
            samples.trade("b", 1, trader="ann"), samples.trade("a", 2, trader="ann"),
            samples.trade("a", 3, trader="bob"),
        )
    )  # fmt: skip

    first = await views.positions("ann", limit=1)
    second = await views.positions("ann", limit=1, after=first.next)

    assert [(p.mint, p.amount, p.share) for p in first.items] == [("a", "0.000007", None)]
    assert [(p.mint, p.symbol, p.amount, p.share) for p in second.items] == [
        ("b", "KIWI", "2", 0.25)
    ]
    assert second.next is None
    assert [t.slot for t in (await views.trades_of("ann", limit=9)).items] == [2, 1]


async def test_the_market_in_its_windows(views: Views) -> None:
    """Figures are summed by launchpad and quote; what happened longer ago counts in no window."""
    now = LAUNCH + 10_000
    windows = {"5m": samples.window("0.5", 1), "24h": samples.window("1.000000000000000001", 2)}
    usd = Quote(mint="usd", symbol="USD", decimals=6)
    await views.write(
        batch(
            samples.token("a", windows=windows, launched_at=timestamp(now - 100)),
            samples.token("b", windows=windows, completed_at=timestamp(now - 4000)),
            samples.token("c", windows=windows, quote=usd),
            samples.token("d", launchpad="pump", launched_at=timestamp(now - 90_000)),
        )
    )  # fmt: skip

    found = await views.stats(now)
    figures = {(f.quote_mint, f.window): f for f in found}
    day = figures[samples.SOL, "24h"]

    assert [f.window for f in found] == ["5m", "1h", "6h", "24h"] * 2
    assert {f.launchpad for f in found} == {"believe"}
    assert (day.volume, day.trades, day.launches, day.graduations) == (
        "2.000000000000000002", 4, 2, 1,
    )  # fmt: skip
    assert figures[samples.SOL, "5m"].launches == 1
    assert figures[samples.SOL, "1h"].graduations == 0
    assert figures[samples.SOL, "6h"].graduations == 1
    assert figures["usd", "5m"].volume == "0.5"


async def test_progress_is_the_newest_of_each_part(views: Views) -> None:
    """One record per stage, partition and source: the one with the greatest version."""
    parts = [
        put(samples.progress("fold", 1, head_slot=5), 2),
        put(samples.progress("fold", 0, head_slot=4), 2),
        put(samples.progress("collect", 0, source="x"), 1),
        put(samples.progress("collect", 0, source="chain"), 1),
        put(samples.progress("fold", 1, head_slot=3), 1),
    ]
    await views.write(batch(*parts))

    assert [(p.stage, p.partition, p.source, p.head_slot) for p in await views.progress()] == [
        ("collect", 0, "chain", 0),
        ("collect", 0, "x", 0),
        ("fold", 0, None, 4),
        ("fold", 1, None, 5),
    ]


@pytest.mark.parametrize("noun", sorted(Batch.__struct_fields__))
async def test_all_that_is_kept_can_be_read(views: Views, noun: str) -> None:
    """Page by page every document comes once, as it was written last, the deleted ones too."""
    made = {
        "tokens": lambda n: samples.token(f"m{n}"),
        "trades": lambda n: samples.trade("m", n, retracted=n == 3),
        "candles": lambda n: samples.minute(f"m{n % 3}", LAUNCH + 60 * n),
        "holders": lambda n: samples.account(f"m{n % 3}", f"a{n}", "o", n),
        "lifecycle": lambda n: samples.lifecycle("m", "launch", n),
        "posts": lambda n: samples.post(f"{n}", "launch $KIWI"),
        "links": lambda n: samples.link(f"m{n}", "1"),
        "engagements": lambda n: samples.engagement(f"{n}", n),
        "embeddings": lambda n: samples.embedding(f"token:m{n}", n + 1, 1),
        "progress": lambda n: samples.progress("fold", n),
    }[noun]
    writes = [put(made(n), version=n + 1) for n in range(7)]
    await views.write(Batch(**{noun: [*writes, put(made(5), version=9)]}))
    deleted = writes[2].key
    if noun != "progress":
        await write_gone(views, noun, deleted, 8)

    found: list[Document] = []
    while page := await views.documents(noun, limit=2, after=found[-1] if found else None):
        found += page

    expected = {write.key: (write.version, write.body) for write in writes}
    expected[writes[5].key] = (9, put(made(5)).body)
    if noun != "progress":
        expected[deleted] = (8, None)
    assert expected == {one.key: (one.version, one.body) for one in found}
    assert 7 == len(found)


async def test_search_marks_what_matched(views: Views) -> None:
    """A hit says which part of which field matched, in code points of that field."""
    await views.write(
        batch(
            samples.token("m", name="Café Lunar", symbol="LUN"),
            samples.post("1", "🚀 to the lunar base", author=Author(id="1", username="bob")),
        )
    )  # fmt: skip

    token, post = await views.search("lunar", limit=9)
    spans = {field: [(s.start, s.end) for s in found] for field, found in token.highlights.items()}

    assert (token.kind, token.id, post.kind, post.id) == ("token", "m", "post", "1")
    assert spans == {"name": [(5, 10)]}
    assert [(s.start, s.end) for s in post.highlights["text"]] == [(9, 14)]


async def test_a_changed_name_is_found_by_the_new_one_only(views: Views) -> None:
    """Search follows the newest record."""
    await views.write(batch(put(samples.token("m", name="Kiwi"), 1)))
    await views.write(batch(put(samples.token("m", name="Mango"), 2)))

    assert [hit.id for hit in await views.search("mango", limit=9)] == ["m"]
    assert await views.search("kiwi", limit=9) == ()
    assert mints(await views.tokens(TokenQuery(text="kiwi"))) == []


@pytest.mark.parametrize("text", ["", "!!!", '" OR 1', "a" * 500, "\x00", "NEAR(", "*", "💎"])
async def test_any_text_can_be_searched_for(views: Views, text: str) -> None:
    """No text is an error, whatever it would mean to a query language."""
    await views.write(batch(samples.token("m", name="Kiwi")))

    assert await views.search(text, limit=9) == ()
    assert len((await views.tokens(TokenQuery(text=text))).items) <= 1
