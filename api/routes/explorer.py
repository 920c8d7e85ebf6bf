"""The description of the API, and a page on which it can be tried; works without a network."""

from functools import cache
from importlib.resources import files

import msgspec
from fastapi import APIRouter, Request, Response

from api.answers import answer
from api.llms import overview
from api.openapi import describe
from api.parameters import NOTHING_ELSE

router = APIRouter(include_in_schema=False, dependencies=[NOTHING_ELSE])

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
MAX_AGE_S = 300


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """Return the OpenAPI 3.1 document."""
    body = msgspec.json.encode(describe(request.app))
    return answer(request, body, max_age_s=MAX_AGE_S)


@router.get("/llms.txt")
async def llms(request: Request) -> Response:
    """Return what there is and where, in Markdown."""
    body = overview(describe(request.app)).encode()
    return answer(request, body, max_age_s=MAX_AGE_S, media_type="text/markdown; charset=utf-8")


@router.get("/explorer")
async def page(request: Request) -> Response:
    """Return the page."""
    found = _asset(request, "index.html", "text/html; charset=utf-8")
    found.headers["content-security-policy"] = POLICY
    return found


@router.get("/explorer/explorer.js")
async def script(request: Request) -> Response:
    """Return the page's script."""
    return _asset(request, "explorer.js", "text/javascript; charset=utf-8")


@router.get("/explorer/explorer.css")
async def style(request: Request) -> Response:
    """Return the page's style."""
    return _asset(request, "explorer.css", "text/css; charset=utf-8")


def _asset(request: Request, name: str, media_type: str) -> Response:
    return answer(request, _content(name), max_age_s=MAX_AGE_S, media_type=media_type)


@cache
def _content(name: str) -> bytes:
    return files("api").joinpath("explorer", name).read_bytes()
