"""The description of the API: what the framework knows of the routes, with our own shapes."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, NamedTuple

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.access.rules import need_of
from api.access.scopes import ANY, PARTS
from api.bodies import REF
from api.documents import SHAPES
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
STATUSES: Mapping[str, str] = {
    "400": "A parameter, the body or the cursor makes no sense; errors names what is wrong.",
    "401": "Who asks is not known, or has to be. WWW-Authenticate says what is missing.",
    "403": "Who asks may not do this: another scope is needed.",
    "404": "There is no such thing, or the path is none.",
    "413": "The body is too large.",
    "414": "The query is too long.",
    "429": "Too many requests, or the quota of the day is used up; Retry-After says until when.",
    "500": "It is our fault.",
    "503": "Something that is needed for the answer cannot be reached just now.",
}
STORELESS = frozenset({"/healthz", "/.well-known/jwks.json"})
"""Paths that are answered whatever else cannot be reached."""


class Header(NamedTuple):
    """A header of answers; ``always``: no answer that names it is without."""

    about: str
    type: str = "string"
    always: bool = False


HEADERS: Mapping[str, Header] = {
    "X-Btracker-Slot": Header("Slot of the state that answered.", "integer", always=True),
    "X-Btracker-Lag-Ms": Header(
        "Milliseconds between that state's chain time and the answer.", "integer", always=True
    ),
    "X-Btracker-Stale": Header(
        "true while the store cannot be reached: this is from memory. Else absent."
    ),
    "X-Btracker-Live": Header(
        "paused while the cache of the live feed is out of reach. Else absent."
    ),
    "X-Request-Id": Header(
        "Names this request in logs and problems; taken from the request if given.", always=True
    ),
    "Cache-Control": Header("How long the answer may be kept.", always=True),
    "RateLimit": Header("What is left of the quota; absent where there is none."),
    "RateLimit-Policy": Header("The quota; absent where there is none."),
    "ETag": Header(
        "Names this state; send it as If-None-Match and be answered 304; absent if no use."
    ),
    "WWW-Authenticate": Header("What would have to be shown."),
    "Retry-After": Header("Seconds until the next request is welcome.", "integer"),
}
COMMON = tuple(HEADERS)[:8]
"""Headers of every answer."""
ALSO: Mapping[str, tuple[str, ...]] = {
    "200": ("ETag",),
    "304": ("ETag",),
    "401": ("WWW-Authenticate",),
    "403": ("WWW-Authenticate",),
    "429": ("Retry-After",),
    "503": ("Retry-After",),
}
EVENT_STREAM = "text/event-stream"


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
        for method, operation in methods.items():
            _complete(operation["responses"], path, method, has_body="requestBody" in operation)
            operation["security"] = _security(path)
    _, shapes = msgspec.json.schema_components(SHAPES, ref_template=REF)
    kept = {
        name: schema
        for name, schema in document["components"]["schemas"].items()
        if name not in ("HTTPValidationError", "ValidationError")
    }
    document["components"] = {
        "schemas": {**kept, **shapes},
        "responses": {status: _problem(status) for status in STATUSES},
        "headers": {name: _header(header) for name, header in HEADERS.items()},
        "securitySchemes": SCHEMES,
    }
    described: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return described


def _complete(responses: dict[str, Any], path: str, method: str, *, has_body: bool) -> None:
    """Add to a route's responses what the layers around all routes answer."""
    responses.pop("422", None)
    contents = responses["200"].get("content", {})
    for content in contents.values():
        if "example" in content:
            content["example"] = msgspec.json.decode(content["example"])
    is_kept = method == "get" and EVENT_STREAM not in contents
    if is_kept:
        responses["304"] = {"description": "The caller has it already."}
    for status, response in responses.items():
        names = _headers(status)
        if EVENT_STREAM in contents:
            names.remove("ETag")
        response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    statuses = _statuses(path, has_body=has_body)
    responses.update({one: {"$ref": f"#/components/responses/{one}"} for one in statuses})


def _headers(status: str) -> list[str]:
    return [*COMMON, *ALSO.get(status, ())]


def _statuses(path: str, *, has_body: bool) -> list[str]:
    """Return the statuses with which a route may be refused."""
    needs = need_of(path) is not None
    left_out = {
        "401": not needs,
        "403": not needs,
        "404": "{" not in path,
        "413": not has_body,
        "503": path in STORELESS,
    }
    return [status for status in STATUSES if not left_out.get(status)]


def _security(path: str) -> list[dict[str, list[str]]]:
    """Say what a route needs to be shown.

    Where it is optional the deployment decides what callers without a key may do.
    """
    need = need_of(path)
    if need is None:
        return []
    is_given = need.partition(":")[0] in PARTS
    scopes = [need.removesuffix(f":{ANY}")] if is_given else []
    return [{name: scopes} for name in SCHEMES] + ([{}] if is_given else [])


def _problem(status: str) -> dict[str, Any]:
    return {
        "description": STATUSES[status],
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in _headers(status)},
        "content": {MEDIA_TYPE: {"schema": {"$ref": REF.format(name="ProblemDocument")}}},
    }


def _header(header: Header) -> dict[str, Any]:
    return {
        "description": header.about,
        "required": header.always,
        "schema": {"type": header.type},
    }
