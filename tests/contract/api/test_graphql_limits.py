"""GraphQL's limits: what is too large is not done, and who may read what, field by field."""

import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import (
    OperationDefinitionNode,
    build_client_schema,
    get_introspection_query,
    parse,
    validate,
)

from api.access.rules import need_of
from api.graphql.cost import READ, Measure, Place
from api.graphql.guard import MAX_TOKENS, limits_of
from api.graphql.parts import BY_FIELD, NESTED, ROOT
from tests.contract.api.door import audited, bearer, door, give_key
from tests.contract.api.graph import PATH, ask, code_of
from tests.contract.api.market import SOL, Market
from views.contract import Views
from views.memory import MemoryViews

DEEP = "tokens(limit: 1) { items { eventList { items { token { post { author { %s } } } } } } }"
"""Seven fields in each other, and one more."""
NESTED_TRADES = "tokens(limit: %s) { items { tradeList(limit: %s) { nextCursor } } }"


class Untouched:
    """A store that must not be asked."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was read")


@pytest.fixture
async def views(market: Market) -> Views:
    """The store whose answers every other one's are compared with."""
    store = MemoryViews()
    await market.put(store)
    return store


@pytest.fixture
async def untouched(client: httpx.AsyncClient, app: Any) -> httpx.AsyncClient:
    """A client of an API whose store nobody may ask."""
    await client.get("/healthz")
    app.state.services = app.state.services._replace(views=Untouched(), hot=Untouched())
    return client


REFUSED: Mapping[str, Sequence[str]] = {
    "queryTooDeep": (
        "{ " + DEEP % "id { id }" + " }",
        "{ " + "a { " * 190 + "b" + " }" * 191,
    ),
    "queryTooCostly": (
        "{ " + NESTED_TRADES % (200, 200) + " }",
        "query ($n: Int!) { " + NESTED_TRADES % (200, "$n") + " }",
        "query ($n: Int = 200) { " + NESTED_TRADES % ("$n", "$n") + " }",
        '{ candles(mint: "x", limit: 40000) { nextCursor } }',
        '{ candles(mint: "x", limit: 99999999999) { nextCursor } }',
        "{ " + " ".join(f"a{n}: __schema {{ __typename }}" for n in range(7)) + " }",
    ),
    "queryTooLarge": (
        "{ " + " ".join(f"a{n}: __typename" for n in range(600)) + " }",
        "{ " + "__typename " * 600 + "}",
        "{ __typename } fragment Unused on Query { " + "__typename " * 600 + "}",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "{ ...F0 } fragment F30 on Query { __typename } "
        + " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(30)),
    ),
    "badQuery": (
        "{ " + "__typename " * 3000 + "}",
        "{ " + "a { " * 900,
        "{ tokens(q: " + "[" * 900 + "]" * 900 + ") { nextCursor } }",
        "{ __schema { types { " + "fields { type { " * 4 + "name" + " } }" * 4 + " } } }",
        "{ nothing }",
        "{ tokens { nothing } }",
        "{ tokens }",
        "{ tokens(nothing: 1) { nextCursor } }",
        '{ tokens(limit: "1") { nextCursor } }',
        "{ tokens(minPrice: 0.5) { nextCursor } }",
        '{ tokens(hasPost: "yes") { nextCursor } }',
        "{ token { mint } }",
        "{ token(mint: null) { mint } }",
        "query ($n: Int) { tokens(limit: $m) { nextCursor } }",
        "{ ...Missing }",
        "query A { __typename } query B { __typename }",
        "{ __typename } query B { __typename }",
        "fragment A on Query { __typename }",
        "mutation { tokens { nextCursor } }",
        "subscription { status { seq } }",
        "type Query { a: Int }",
        "{",
        "\u0000",
    ),
}


@pytest.mark.parametrize(
    ("code", "query"), [(code, query) for code, queries in REFUSED.items() for query in queries]
)
async def test_what_is_refused_is_not_done(
    untouched: httpx.AsyncClient, code: str, query: str
) -> None:
    """Too deep, dear or large, or not of the schema: one code, and the store is not asked."""
    assert code == await code_of(untouched, query)


async def test_arguments_are_checked_as_in_rest(client: httpx.AsyncClient) -> None:
    """A value that REST refuses is refused with its words, and the rest is answered."""
    rest = await client.get("/v1/tokens", params={"limit": 0, "minAge": "9", "maxAge": "1"})
    found = await ask(
        client,
        '{ tokens(limit: 0, minAge: "9", maxAge: "1") { nextCursor } status { __typename } }',
    )
    error = found["errors"][0]

    assert rest.json()["errors"] == error["extensions"]["errors"]
    assert (rest.json()["code"], rest.json()["detail"]) == (
        error["extensions"]["code"],
        error["message"],
    )
    assert {"tokens": None, "status": {"__typename": "Status"}} == found["data"]


async def test_without_a_bound_there_still_is_an_end(tmp_path: Path) -> None:
    """Where the limits are set too high, fragments in each other end all the same."""
    async with door(tmp_path, graphql_fields_max=10**9) as at:
        endless = "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"

        assert "queryTooDeep" == await code_of(at.client, endless)


async def test_what_is_at_the_limits_is_done(client: httpx.AsyncClient) -> None:
    """Eight fields in each other are not too deep, and the dearest query is answered."""
    # For each of the three: the read, its rows, two fields, and a time for each row.
    rows = (30_000 // 3 - READ - 2) // 2
    eight = await ask(client, "{ " + DEEP % "id" + " }")
    dear = (
        "{ "
        + "".join(
            f'{name}: candles(mint: "{SOL}", limit: %d) {{ items {{ time }} }} ' for name in "abc"
        )
        + "}"
    )
    found = await ask(client, dear % (rows, rows, rows))

    assert "errors" not in eight
    # Nobody knows this token, which is found out by asking the store.
    assert {"notFound"} == {error["extensions"]["code"] for error in found["errors"]}
    assert "queryTooCostly" == await code_of(client, dear % (rows, rows, rows + 1))
    assert "queryTooDeep" == await code_of(client, "{ " + DEEP % "id { id }" + " }")


async def test_the_schema_can_be_asked_for(client: httpx.AsyncClient) -> None:
    """The query that tools ask for the schema is within the limits, in its longest form."""
    longest = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True,
        input_value_deprecation=True,
    )  # fmt: skip
    schema = build_client_schema((await ask(client, longest))["data"])

    assert {"Decimal", "Time", "Long"} <= set(schema.type_map)


async def test_our_faults_say_nothing_of_us(
    client: httpx.AsyncClient, views: Views, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    """What goes wrong inside is a code and a sentence; the reason is in the log alone."""

    async def broken(*_: Any, **__: Any) -> Any:
        raise ValueError("the secret reason")

    monkeypatch.setattr(views, "trades", broken)
    monkeypatch.setattr(views, "stats", broken)
    found = await ask(
        client, "{ stats { asOf } tokens(limit: 1) { items { tradeList { nextCursor } } } }"
    )

    assert ["internal", "internal"] == [e["extensions"]["code"] for e in found["errors"]]
    assert "secret" not in str(found)
    assert "the secret reason" in caplog.text
    assert found["data"]["tokens"]["items"]


SCOPES = ("read:tokens", "read:market", "read:people")
NASTY = (
    "", "{", "}", "(", ")", "...", "on", "@skip(if: true)", "@nothing", "$n", ":", "!", "[", "]",
    "null", "true", "5", "-0", "1e999", '"', '"x"', '"""', "#", "\u0000", "💥", "__schema",
    "__typename", "fragment A on Query { ...A }", "...A", "subscription", "mutation", "query",
    "tokens", "items", "mint", "token(mint: 5)", "limit: -1", 'cursor: "x"', "nextCursor",
)  # fmt: skip


async def test_no_query_breaks_it(client: httpx.AsyncClient) -> None:
    """Queries of any words are answered; none is our fault, each refusal has a code."""
    rng, codes = random.Random(17), set[str]()
    for _ in range(600):
        words = " ".join(rng.choice(NASTY) for _ in range(rng.randrange(12)))
        query = f"{{ tokens(limit: 1) {{ {words} }} }}" if rng.random() < 0.5 else words
        body = {
            "query": query or "{",
            "variables": rng.choice([None, {}, {"n": rng.choice(NASTY)}]),
        }
        answer = await client.post(PATH, json=body)

        assert answer.status_code == 200, query
        found = {e["extensions"]["code"] for e in answer.json().get("errors", ())}
        assert "internal" not in found, query
        codes |= found

    assert "badQuery" in codes


def needs() -> list[tuple[str, str]]:
    """Return a query for every field that is read, with the scope that its route needs."""
    values = {"mint": f'"{SOL}"', "mints": f'["{SOL}"]', "address": f'"{SOL}"', "id": '"1"',
              "name": '"new"', "q": '"x"'}  # fmt: skip
    found = []
    for part in ROOT:
        fields = {**part.at.model_fields, **part.asks.model_fields}
        given = ", ".join(f"{n}: {values[n]}" for n, f in fields.items() if f.is_required())
        found.append((f"{part.name}{f'({given})' if given else ''} {{ __typename }}", part.twin))
    return [(query, need_of(twin) or "") for query, twin in found]


@pytest.mark.parametrize(("query", "need"), needs())
async def test_each_field_needs_what_its_route_needs(tmp_path: Path, query: str, need: str) -> None:
    """With the scope of its route a field is answered; with the other ones nothing is done."""
    async with door(tmp_path, anonymous_scopes=()) as at:
        # All before the first question, for a new key is noticed within a second.
        keys = {scope: give_key(at.settings, scopes=(scope,))[1] for scope in SCOPES}
        for scope, key in keys.items():
            answer = await at.ask(
                PATH, method="POST", headers=bearer(key), json={"query": f"{{ {query} }}"}
            )
            found = answer.json()
            codes = {error["extensions"]["code"] for error in found.get("errors", ())}

            assert (scope != need) == ("forbidden" in codes), (scope, found)
            assert scope == need or found["data"] is None

    assert need in SCOPES


async def test_what_is_behind_a_field_needs_its_scope_too(tmp_path: Path) -> None:
    """Who may read boards alone does not reach trades through them; it is in the audit log."""
    async with door(tmp_path, anonymous_scopes=()) as at:
        _, key = give_key(at.settings, scopes=("read:market",))
        board = 'board(name: "new") { items { symbol %s } }'
        fragment = "{ ...B } fragment B on Query { " + board % "...T" + " } "
        fragment += "fragment T on Token { tradeList { nextCursor } }"
        plain, hidden = [
            (await at.ask(PATH, method="POST", headers=bearer(key), json={"query": query})).json()
            for query in ("{ " + board % "" + " }", fragment)
        ]

        assert {"data": {"board": {"items": []}}} == plain
        assert [None, "forbidden"] == [hidden["data"], hidden["errors"][0]["extensions"]["code"]]
        assert ["query /v1/graphql"] == [line["action"] for line in audited(at.settings)]
        assert {part.twin for _, part in NESTED} >= {"/v1/tokens/{mint}/trades"}


async def test_strangers_stay_outside(tmp_path: Path) -> None:
    """Where nobody is let in without a key, nor with another scope, not even the schema is told."""
    async with door(tmp_path, anonymous_scopes=()) as at:
        _, stream = give_key(at.settings, scopes=("stream",))
        body = {"query": "{ __schema { queryType { name } } }"}

        assert (401, "notAuthorised") == await at.refuses(PATH, method="POST", json=body)
        assert (403, "forbidden") == await at.refuses(
            PATH, method="POST", json=body, headers=bearer(stream)
        )


async def test_a_query_is_charged_as_a_request(tmp_path: Path) -> None:
    """GraphQL counts against the same limit as everything else, refused queries too."""
    async with door(tmp_path, rate_limit_burst=3, rate_limit_per_minute=1) as at:
        for query in ("{ __typename }", "{ nothing }", "{"):
            assert (await at.ask(PATH, params={"query": query})).status_code == 200
        assert (429, "rateLimited") == await at.refuses(PATH, params={"query": "{ __typename }"})


async def test_the_page_says_what_is(client: httpx.AsyncClient, app: Any) -> None:
    """docs/api.md has the limits as they are, queries of the schema, and a cost that is right."""
    page = (Path(__file__).parents[3] / "docs/api.md").read_text()
    schema = build_client_schema((await ask(client, get_introspection_query()))["data"])
    limits = limits_of(app.state.services.settings)
    shown = re.findall(r"^(?:subscription|\{) .+$", page, re.MULTILINE)
    shown += re.findall(r'"query": "(.+)",$', page, re.MULTILINE)
    document = parse(re.findall(r"`(\{ tokens\(limit: 50\) .+?)`", page)[0])
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    measure = Measure(document, operation, parts=BY_FIELD, variables={}, limits=limits)
    measure.take(operation.selection_set, Place(schema.query_type, 0))

    assert len(shown) >= 4
    for query in shown:
        assert [] == validate(schema, parse(query.replace('\\"', '"')))
    assert f"{measure.cost:,} in all" in page
    for most, name in ((limits.depth, "DEPTH"), (limits.cost, "COST"), (limits.fields, "FIELDS")):
        assert f"| {most:,} | `BTRACKER_GRAPHQL_{name}_MAX` |" in page
    assert f"{MAX_TOKENS:,}" in page
