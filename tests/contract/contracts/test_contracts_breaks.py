"""What breaks a contract is named, what only adds to it is let pass; by changing the real one."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from btracker.contracts.folder import breaks
from tests.contract.contracts.files import FOLDER, committed

Change = Callable[[Any], Any]
OPENAPI, ASYNCAPI, TRADE, POST = (
    "openapi.json", "asyncapi.json", "schemas/trade.json", "schemas/post.json",
)  # fmt: skip
TOKEN_LIST = ("paths", "/v1/tokens", "get")


def within(document: Any, *steps: str | int) -> Any:
    """Return what stands in a document under some names."""
    for step in steps:
        document = document[step]
    return document


def drop(*steps: str | int) -> Change:
    """Return a change that removes something."""

    def change(document: Any) -> None:
        del within(document, *steps[:-1])[steps[-1]]

    return change


def put(value: Any, *steps: str | int) -> Change:
    """Return a change that puts a value somewhere."""

    def change(document: Any) -> None:
        within(document, *steps[:-1])[steps[-1]] = value

    return change


def rename(new: str, *steps: str) -> Change:
    """Return a change that gives something another name."""

    def change(document: Any) -> None:
        around = within(document, *steps[:-1])
        around[new] = around.pop(steps[-1])

    return change


def also(value: Any, *steps: str | int) -> Change:
    """Return a change that appends to a list."""
    return lambda document: within(document, *steps).append(value)


def parameter(of: str, **members: Any) -> Change:
    """Return a change of a parameter of ``GET /v1/tokens``."""
    return lambda document: found(document, of).update(members)


def found(document: Any, name: str) -> Any:
    """Return a parameter of ``GET /v1/tokens``."""
    return next(p for p in within(document, *TOKEN_LIST, "parameters") if p["name"] == name)


def without_parameter(document: Any) -> None:
    """Remove a parameter of ``GET /v1/tokens``."""
    within(document, *TOKEN_LIST, "parameters").remove(found(document, "launchpad"))


def without_topic(document: Any) -> None:
    """Remove a topic."""
    del document["channels"]["trades"], document["operations"]["publish.trades"]


def without_sorting(document: Any) -> None:
    """Remove a value that a parameter may have."""
    found(document, "sortBy")["schema"]["enum"].remove("price")


NEW = {"name": "new", "in": "query", "schema": {"type": "string"}}
TOKEN = ("components", "schemas", "Token")
BATCH = ("components", "schemas", "Batch")
RECORD = ("components", "schemas", "TradeRecord")
SUBSCRIBE = ("components", "schemas", "Subscribe")
TRADE_DEF = ("$defs", "TradeRecord")

BREAKS: dict[str, tuple[str, Change, str]] = {
    "path removed": (OPENAPI, drop("paths", "/v1/stats"), "/v1/stats: removed"),
    "path renamed": (OPENAPI, rename("/v1/figures", "paths", "/v1/stats"), "/v1/stats: removed"),
    "method removed": (OPENAPI, drop("paths", "/v1/tokens", "get"), "GET /v1/tokens: removed"),
    "operation renamed": (OPENAPI, put("x", *TOKEN_LIST, "operationId"), "operationId renamed"),
    "parameter removed": (OPENAPI, without_parameter, "query launchpad: removed"),
    "parameter renamed": (OPENAPI, parameter("launchpad", name="pad"), "launchpad: removed"),
    "parameter newly required": (OPENAPI, parameter("q", required=True), "q: newly required"),
    "new parameter that is required": (
        OPENAPI, also({**NEW, "required": True}, *TOKEN_LIST, "parameters"), "new: newly required",
    ),
    "parameter of another type": (
        OPENAPI, parameter("limit", schema={"type": "boolean"}), "query limit: changed type",
    ),
    "value of a parameter removed": (OPENAPI, without_sorting, "value 'price' removed"),
    "parameter bounded": (
        OPENAPI, parameter("limit", schema={"type": "integer", "maximum": 10}), "maximum is 10",
    ),
    "field removed": (OPENAPI, drop(*TOKEN, "properties", "stage"), ".stage: removed"),
    "field renamed": (OPENAPI, rename("phase", *TOKEN, "properties", "stage"), ".stage: removed"),
    "field of another type": (
        OPENAPI, put({"type": "string"}, *TOKEN, "properties", "trades"), ".trades: changed type",
    ),
    "field that may be null now": (
        OPENAPI,
        put({"anyOf": [{"type": "integer"}, {"type": "null"}]}, *TOKEN, "properties", "trades"),
        ".trades: changed type",
    ),
    "field that may be absent now": (
        OPENAPI, lambda d: within(d, *TOKEN, "required").remove("mint"), ".mint: may be absent",
    ),
    "value of a field removed": (
        OPENAPI,
        lambda d: within(d, *TOKEN, "properties", "stage", "enum").remove("bonding"),
        ".stage: value 'bonding' removed",
    ),
    "member of a body newly required": (
        OPENAPI,
        lambda d: (
            put({"type": "string"}, *BATCH, "properties", "why")(d),
            also("why", *BATCH, "required")(d),
        ),
        ".why: newly required",
    ),
    "body of another kind": (
        OPENAPI,
        rename(
            "text/plain", "paths", "/v1/tokens/batch", "post", "requestBody", "content",
            "application/json",
        ),
        "body application/json: removed",
    ),
    "answer of another kind": (
        OPENAPI,
        rename("text/plain", *TOKEN_LIST, "responses", "200", "content", "application/json"),
        "200 application/json: removed",
    ),
    "header removed": (
        OPENAPI, drop(*TOKEN_LIST, "responses", "200", "headers", "ETag"), "header ETag: removed",
    ),
    "key needed": (
        OPENAPI, lambda d: within(d, *TOKEN_LIST, "security").remove({}), "needs a key now",
    ),
    "topic removed": (ASYNCAPI, without_topic, "trades: removed"),
    "topic renamed": (
        ASYNCAPI, put("btracker.swaps", "channels", "trades", "address"), "trades: address renamed",
    ),
    "key changed": (
        ASYNCAPI,
        put("pool", "components", "messages", "record.trade", "bindings", "kafka", "key",
            "description"),
        "trade key: changed",
    ),
    "header of a record removed": (
        ASYNCAPI,
        drop("components", "messages", "record.trade", "headers", "properties", "ce_id"),
        "headers.ce_id: removed",
    ),
    "field of a record dropped": (
        ASYNCAPI, drop(*RECORD, "properties", "fee"), "trade payload.fee: removed",
    ),
    "field of a record of another type": (
        ASYNCAPI,
        put({"type": "number"}, *RECORD, "properties", "slot"),
        "trade payload.slot: changed type",
    ),
    "message removed": (
        ASYNCAPI,
        lambda d: within(d, "operations", "tell", "messages").remove(
            {"$ref": "#/channels/stream/messages/gap"}
        ),
        "tell gap: removed",
    ),
    "member of a message removed": (
        ASYNCAPI, drop("components", "schemas", "Missed", "properties", "toSeq"), "toSeq: removed",
    ),
    "member of a command removed": (
        ASYNCAPI, drop(*SUBSCRIBE, "properties", "maxRate"), "subscribe payload.maxRate: removed",
    ),
    "member of a command newly required": (
        ASYNCAPI, also("key", *SUBSCRIBE, "required"), "subscribe payload.key: newly required",
    ),
    "tombstones where there were none": (
        ASYNCAPI,
        put({"anyOf": [{"$ref": "#/components/schemas/TradeRecord"}, {"type": "null"}]},
            "components", "messages", "record.trade", "payload"),
        "trade payload: changed type",
    ),
    "field of a noun removed": (TRADE, drop(*TRADE_DEF, "properties", "path"), ".path: removed"),
    "type of a noun's field": (
        TRADE,
        put({"anyOf": [{"type": "number"}, {"type": "null"}]}, *TRADE_DEF, "properties", "price"),
        ".price: changed type",
    ),
    "value of a noun's field": (
        TRADE, put({"enum": ["buy"]}, *TRADE_DEF, "properties", "side"), "value 'sell' removed",
    ),
    "type of what is in a list": (
        POST, put({"type": "integer"}, "$defs", "Post", "properties", "cashtags", "items"),
        ".cashtags[]: changed type",
    ),
}  # fmt: skip

PASSES: dict[str, tuple[str, Change]] = {
    "path added": (OPENAPI, lambda d: put(d["paths"]["/v1/stats"], "paths", "/v1/new")(d)),
    "optional parameter added": (OPENAPI, also(NEW, *TOKEN_LIST, "parameters")),
    "parameter not required any more": (
        OPENAPI,
        put(False, "paths", "/v1/search", "get", "parameters", 0, "required"),
    ),
    "parameter bounded less": (
        OPENAPI, parameter("limit", schema={"type": "integer", "minimum": 0, "maximum": 500}),
    ),
    "value of a parameter added": (
        OPENAPI, lambda d: found(d, "sortBy")["schema"]["enum"].append("new"),
    ),
    "field added": (OPENAPI, put({"type": "string"}, *TOKEN, "properties", "new")),
    "value of a field added": (OPENAPI, also("new", *TOKEN, "properties", "stage", "enum")),
    "field never null any more": (OPENAPI, put({"type": "string"}, *TOKEN, "properties", "name")),
    "integers where there were numbers": (
        OPENAPI,
        put({"type": "integer"}, "components", "schemas", "HitView", "properties", "score"),
    ),
    "refusal added": (
        OPENAPI, put({"$ref": "#/components/responses/404"}, *TOKEN_LIST, "responses", "404"),
    ),
    "optional member of a body added": (
        OPENAPI, put({"type": "string"}, *BATCH, "properties", "why"),
    ),
    "topic added": (ASYNCAPI, lambda d: put(d["channels"]["trades"], "channels", "new")(d)),
    "field of a record added": (ASYNCAPI, put({"type": "string"}, *RECORD, "properties", "new")),
    "optional member of a command added": (
        ASYNCAPI, put({"type": "string"}, *SUBSCRIBE, "properties", "new"),
    ),
    "description changed": (ASYNCAPI, put("x", *SUBSCRIBE, "description")),
    "field of a noun added": (TRADE, put({"type": "string"}, *TRADE_DEF, "properties", "new")),
}  # fmt: skip


GRAPHQL_BREAKS = {
    "field removed": ("  username: String\n", "", "Author.username was removed"),
    "field of another type": ("  trades: Long!", "  trades: Boolean!", "changed type"),
    "argument removed": (
        "    mint: String!\n  ): Token\n",
        "    a: Int\n  ): Token\n",
        "Query.token(mint:) was removed",
    ),
    "argument newly required": (
        "    mint: String!\n",
        "    mint: String!\n    why: String!\n",
        "required argument Query.token(why:)",
    ),
}


def rewritten(old: str, new: str) -> list[str]:
    """Return what replacing some text in the GraphQL schema breaks."""
    name = "schema.graphql"
    now = (FOLDER / name).read_text()

    assert old in now
    return list(breaks({name: now}, {name: now.replace(old, new)}))


@pytest.mark.parametrize("case", GRAPHQL_BREAKS)
def test_a_break_of_graphql_is_named(case: str) -> None:
    """What is removed, newly required or of another type in the schema is named."""
    old, new, sentence = GRAPHQL_BREAKS[case]

    assert any(sentence in one for one in rewritten(old, new))


def test_an_addition_to_graphql_passes() -> None:
    """A new field breaks nothing."""
    assert [] == rewritten("type Author {", "type Author {\n  new: String")


def changed(name: str, change: Change) -> list[str]:
    """Return what a change of one contract breaks."""
    old = {name: committed()[name]}
    new = copy.deepcopy(old)
    change(new[name])

    assert new != old
    return list(breaks(old, new))


@pytest.mark.parametrize("case", BREAKS)
def test_a_break_is_named(case: str) -> None:
    """What is removed, renamed, newly required or of another type is named, with where it was."""
    name, change, sentence = BREAKS[case]
    told = changed(name, change)

    assert any(sentence in one for one in told), told


@pytest.mark.parametrize("case", PASSES)
def test_an_addition_passes(case: str) -> None:
    """What only adds, or asks for less, breaks nothing."""
    assert [] == changed(*PASSES[case])
