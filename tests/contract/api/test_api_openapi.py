"""The description of the API: it names what there is, and what it says is true."""

import re
from pathlib import Path
from typing import Any, get_args, get_type_hints

import httpx
import msgspec
import pytest
from fastapi import FastAPI

from api.documents import SHAPES
from api.openapi import describe
from api.stream import protocol
from domain.candles import RESOLUTIONS
from domain.windows import IN_BUCKETS, IN_MINUTES
from tests.contract.contracts.files import FOLDER, committed
from views.boards import BOARDS
from views.live.contract import Channel

OPEN = {"/healthz", "/readyz", "/.well-known/jwks.json"}
pytestmark = pytest.mark.parametrize("views", ["memory"], indirect=True)

CONTRACT = {
    "/v1/tokens", "/v1/tokens/{mint}", "/v1/tokens/{mint}/trades", "/v1/tokens/{mint}/holders",
    "/v1/tokens/{mint}/posts", "/v1/tokens/{mint}/events", "/v1/tokens/{mint}/candles",
    "/v1/tokens/{mint}/similar", "/v1/tokens/{mint}/image", "/v1/posts/{id}/similar",
    "/v1/tokens/batch", "/v1/boards/{name}", "/v1/search", "/v1/posts/{id}",
    "/v1/creators/{address}", "/v1/wallets/{address}", "/v1/stats", "/v1/status",
    "/v1/sse/{channel}/{key}", "/v1/auth/token", "/v1/usage", "/.well-known/jwks.json",
    "/v1/graphql", "/v1/udf/config", "/v1/udf/time", "/v1/udf/symbols", "/v1/udf/search",
    "/v1/udf/history", "/v1/udf/marks", "/v1/udf/timescale_marks", "/healthz", "/readyz",
    "/metrics",
}  # fmt: skip


@pytest.fixture
def document(app: FastAPI) -> dict[str, Any]:
    """The description."""
    return describe(app)


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return (path, operation) of everything described."""
    return [(path, op) for path, ops in document["paths"].items() for op in ops.values()]


def everything(value: Any) -> list[Any]:
    """Return a JSON value and all that is in it."""
    inside = list(value.values()) if isinstance(value, dict) else value
    deeper = [x for v in inside for x in everything(v)] if isinstance(inside, list) else []
    return [value, *deeper]


async def test_every_route_of_the_contract_is_described(
    client: httpx.AsyncClient, document: dict[str, Any]
) -> None:
    """The served document is OpenAPI 3.1, has every route, and is the one that is committed."""
    served = (await client.get("/openapi.json")).json()

    assert document == served == committed()["openapi.json"]
    assert served["openapi"].startswith("3.1.")
    assert set(served["paths"]) >= CONTRACT


def test_references_lead_somewhere(document: dict[str, Any]) -> None:
    """Every $ref names a component that is there."""
    for part in everything(document):
        if isinstance(part, dict) and "$ref" in part:
            assert found(document, part)


def test_every_operation_says_what_it_answers(document: dict[str, Any]) -> None:
    """Each has a summary, a description, a shape for 200, and of every answer the headers."""
    for path, operation in operations(document):
        responses = operation["responses"]

        assert operation["summary"], path
        assert operation["description"], path
        assert {"200", "400", "414", "429", "500"} <= set(responses), path
        assert all(status.isdigit() and status != "422" for status in responses), path
        assert ("404" in responses) == ("{" in path), path
        for status, response in responses.items():
            told = found(document, response)

            assert {"X-Btracker-Slot", "X-Request-Id", "Cache-Control"} <= set(told["headers"])
            assert status == "304" or all(one["schema"] for one in told["content"].values()), path


def found(document: dict[str, Any], part: dict[str, Any]) -> Any:
    """Return a part, or what it refers to."""
    target: Any = document
    for step in part.get("$ref", "").removeprefix("#/").split("/") if "$ref" in part else ():
        target = target[step]
    return target if "$ref" in part else part


def test_every_operation_says_what_it_needs(document: dict[str, Any]) -> None:
    """Each names the schemes it takes, and how it refuses; only what is open to all has none."""
    schemes = set(document["components"]["securitySchemes"])
    for path, operation in operations(document):
        taken = [name for one in operation["security"] for name in one]
        is_open = path in OPEN

        assert (set() if is_open else schemes) == set(taken), path
        assert ({"429"} if is_open else {"401", "403", "429"}) <= set(operation["responses"]), path


async def test_who_needs_a_key_is_said_truly(document: dict[str, Any], app: FastAPI) -> None:
    """A route is refused to a stranger with 401 just where no empty scheme is allowed."""
    transport = httpx.ASGITransport(app, client=("203.0.113.9", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://btracker") as stranger:
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                answer = await stranger.request(method, re.sub(r"\{\w+\}", "x", path))
                optional = not operation["security"] or {} in operation["security"]
                # Metrics could be given to anybody, and are not by default.
                assert (optional and path != "/metrics") == (answer.status_code != 401), path


def test_path_parameters_are_described(document: dict[str, Any]) -> None:
    """Every name in braces is a parameter, and every parameter of a path has a description."""
    for path, operation in operations(document):
        given = [p for p in operation.get("parameters", ()) if p["in"] == "path"]

        assert set(re.findall(r"\{(\w+)\}", path)) == {p["name"] for p in given}
        assert all(p["description"] for p in given), path


def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    """Generated clients name their functions by these."""
    ids = [operation["operationId"] for _, operation in operations(document)]

    assert len(ids) == len(set(ids))


def test_examples_are_what_they_are_examples_of(document: dict[str, Any]) -> None:
    """Every example of an answer decodes as the shape it is given for."""
    shapes = {shape.__name__: shape for shape in SHAPES}
    checked = 0
    for path, operation in operations(document):
        for content in operation["responses"]["200"]["content"].values():
            if "example" not in content:
                continue
            schema, example = content["schema"], content["example"]
            schema = schema["anyOf"][0] if "anyOf" in schema else schema
            if "$ref" in schema:
                examples, name = [example], schema["$ref"]
            else:
                examples, name = example["items"], schema["properties"]["items"]["items"]["$ref"]
            for one in examples:
                shape = shapes[name.rpartition("/")[2]]
                found = msgspec.convert(one, shape)

                assert one == msgspec.json.decode(msgspec.json.encode(found)), path
                checked += 1

    assert checked >= 15


def test_all_fields_of_a_token_are_described(document: dict[str, Any]) -> None:
    """The token's schema is its struct's: nothing missing, nothing made up."""
    token = next(shape for shape in SHAPES if shape.__name__ == "Token")
    names = {field.encode_name for field in msgspec.structs.fields(token)}

    assert names == set(document["components"]["schemas"]["Token"]["properties"])
    assert len(get_type_hints(token)) == len(names)


def test_the_live_side_is_described_whole(document: dict[str, Any]) -> None:
    """docs/api.md names every channel, board, resolution, filter, command and close code."""
    page = (Path(__file__).parents[3] / "docs/api.md").read_text()
    live = document["paths"]["/v1/sse/{channel}/{key}"]["get"]["parameters"]
    channels = next(p["schema"]["enum"] for p in live if p["name"] == "channel")
    filters = (f.encode_name for f in msgspec.structs.fields(protocol.BoardFilters))
    codes = (
        protocol.BAD_MESSAGE, protocol.NOT_AUTHORISED, protocol.TOO_SLOW, protocol.OVER_LIMIT,
        protocol.RESTART,
    )  # fmt: skip
    rows = set(re.findall(r"^\| `?(\w+)`? \|", page, re.MULTILINE))

    assert {*channels, *map(str, codes), "subscribe", "unsubscribe", "ping"} <= rows
    assert {*BOARDS, *RESOLUTIONS, *filters} <= set(re.findall(r"`(\w+)`", page))


def test_windows_say_their_buckets(document: dict[str, Any]) -> None:
    """Who counts to the second is told by how much a window may differ."""
    about = document["components"]["schemas"]["WindowFigures"]["description"]
    page = (Path(__file__).parents[3] / "docs/api.md").read_text()
    for window in (*IN_BUCKETS, *IN_MINUTES):
        width = window.bucket_s
        bucket = f"{width // 60} min" if width >= 60 else f"{width} s"

        assert f"| `{window.name}` | {bucket} |" in page
        assert bucket in about


async def test_the_overview_names_what_there_is(
    client: httpx.AsyncClient, document: dict[str, Any]
) -> None:
    """/llms.txt is Markdown, has every route and channel, and is the one that is committed."""
    served = await client.get("/llms.txt")
    routes = {
        f"{method.upper()} {path}" for path, ops in document["paths"].items() for method in ops
    }

    assert "text/markdown; charset=utf-8" == served.headers["content-type"]
    assert served.text == (FOLDER / "llms.txt").read_text()
    assert {*routes, "/v1/stream", *get_args(Channel), *BOARDS} <= set(
        re.findall(r"`([^`]+)`", served.text)
    )


async def test_the_page_needs_nobody_else(client: httpx.AsyncClient) -> None:
    """The page that explores the API loads nothing from anywhere else."""
    page = await client.get("/explorer")
    script = await client.get("/explorer/explorer.js")
    style = await client.get("/explorer/explorer.css")

    assert "text/html; charset=utf-8" == page.headers["content-type"]
    assert "script-src 'self'" in page.headers["content-security-policy"]
    for asset in (page, script, style):
        assert not re.search(r"https?://", asset.text)
