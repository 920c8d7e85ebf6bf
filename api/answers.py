"""Answers: bytes with an ETag, 304 where the caller has them already."""

import re
from hashlib import blake2b
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

JSON = "application/json"
VERSION_TAG = re.compile(r'"([0-9]{1,18})"', re.ASCII)
LIVE_S = 1
"""How long live figures may be kept by a client: about what a block or two takes."""


def version_tag(version: int) -> str:
    """Return the ETag of a token's version."""
    return f'"{version}"'


def content_tag(body: bytes) -> str:
    """Return the ETag of some content."""
    return f'"{blake2b(body, digest_size=12).hexdigest()}"'


def matches(if_none_match: str | None, tag: str) -> bool:
    """Return whether the caller has what *tag* stands for, by weak comparison."""
    if if_none_match is None:
        return False
    known = {part.strip().removeprefix("W/") for part in if_none_match.split(",")}
    return tag in known or "*" in known


def version_shown(if_none_match: str | None) -> int:
    """Return the greatest version that the caller says it has, 0 if it says none."""
    parts = (if_none_match or "").split(",")
    tags = (VERSION_TAG.fullmatch(part.strip().removeprefix("W/")) for part in parts)
    return max((int(tag[1]) for tag in tags if tag), default=0)


def answer(
    request: Request,
    body: bytes,
    *,
    tag: str | None = None,
    max_age_s: int = LIVE_S,
    media_type: str = JSON,
) -> Response:
    """Return *body*, or 304 if the caller has it; whoever posts is always answered in full."""
    tag = tag or content_tag(body)
    headers = {"etag": tag, "cache-control": f"public, max-age={max_age_s}"}
    if request.method == "GET" and matches(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def answer_json(request: Request, value: Any, *, max_age_s: int = LIVE_S) -> Response:
    """Return *value* as JSON, or 304 if the caller has it."""
    return answer(request, msgspec.json.encode(value), max_age_s=max_age_s)
