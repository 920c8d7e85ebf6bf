"""The description of the API: what the framework knows of the routes, with our own shapes."""

from importlib.metadata import version
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.access.rules import need_of
from api.access.scopes import ANY, PARTS
from api.documents import REF, SHAPES
from api.problem import MEDIA_TYPE

ABOUT = (
    "Tokens of Solana's launchpads, joined to the posts that asked for them. Amounts and prices "
    "are exact decimals as strings, in whole tokens of the named currency; shares are 0 to 1; "
    "times are RFC 3339 in UTC, from chain time; unknown is null."
)
SCHEMES = {
    "key": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "A key, as btracker keys create gives it out.",
    },
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key, or a token of one from /v1/auth/token.",
    },
}
REFUSALS = {
    "401": "Who asks is not known, or has to be. WWW-Authenticate says what is missing.",
    "403": "Who asks may not do this: another scope is needed.",
    "429": "Too many requests, or the quota of the day is used up; Retry-After says until when.",
}
HEADERS = {
    "X-Btracker-Slot": "Slot of the state that answered.",
    "X-Btracker-Lag-Ms": "Milliseconds between that state's chain time and the answer.",
    "X-Btracker-Stale": "true while the store cannot be reached: this is from memory. Else absent.",
    "X-Btracker-Live": "paused while the cache of the live feed is out of reach. Else absent.",
    "X-Request-Id": "Names this request in logs and problems; taken from the request if given.",
    "ETag": "Names this state; send it as If-None-Match and be answered 304.",
    "Cache-Control": "How long the answer may be kept.",
    "RateLimit": "What is left of the quota.",
    "RateLimit-Policy": "The quota.",
}


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of an app, as data that JSON can hold."""
    document = get_openapi(
        title="Btracker",
        version=version("btracker"),
        openapi_version="3.1.0",
        description=ABOUT,
        routes=app.routes,
    )
    for path, methods in document["paths"].items():
        for operation in methods.values():
            _complete(operation["responses"])
            _secure(operation, path)
    _, shapes = msgspec.json.schema_components(SHAPES, ref_template=REF)
    kept = {
        name: schema
        for name, schema in document["components"]["schemas"].items()
        if name not in ("HTTPValidationError", "ValidationError")
    }
    document["components"] = {
        "schemas": {**kept, **shapes},
        "headers": {name: _header(about) for name, about in HEADERS.items()},
        "securitySchemes": SCHEMES,
    }
    described: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return described


def _complete(responses: dict[str, Any]) -> None:
    """Add to a route's responses what is the same for all of them."""
    responses.pop("422", None)
    for content in responses["200"].get("content", {}).values():
        if "example" in content:
            content["example"] = msgspec.json.decode(content["example"])
    responses["200"]["headers"] = {
        name: {"$ref": f"#/components/headers/{name}"} for name in HEADERS
    }
    responses["304"] = {"description": "The caller has it already."}
    responses["4XX"] = _problem("The request cannot be answered; code says why.")
    responses["5XX"] = _problem("It is our fault.")


def _secure(operation: dict[str, Any], path: str) -> None:
    """Say what a route needs to be shown, and how it refuses who has not got it.

    Where it is optional the deployment decides what callers without a key may do.
    """
    need, responses = need_of(path), operation["responses"]
    refusals = {code: _problem(about) for code, about in REFUSALS.items()}
    if need is None:
        operation["security"] = []
        responses["429"] = refusals["429"]
        return
    is_given = need.partition(":")[0] in PARTS
    scopes = [need.removesuffix(f":{ANY}")] if is_given else []
    operation["security"] = [{name: scopes} for name in SCHEMES] + ([{}] if is_given else [])
    responses.update(refusals)


def _problem(about: str) -> dict[str, Any]:
    schema = {"$ref": REF.format(name="ProblemDocument")}
    return {"description": about, "content": {MEDIA_TYPE: {"schema": schema}}}


def _header(about: str) -> dict[str, Any]:
    return {"description": about, "schema": {"type": "string"}}
