"""The dashboard: a page whose addresses are its own, and its files. Not part of the description."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from api.dashboard_files import ASSETS, Dashboard
from api.problem import not_found

router = APIRouter(include_in_schema=False)

PAGES = (
    "/",
    "/browse",
    "/watchlist",
    "/market",
    "/token/{_}",
    "/creator/{_}",
    "/wallet/{_}",
    "/post/{_}",
)
"""Addresses within the dashboard; api/access/rules.py lets everybody have them."""
BESIDE = ("/manifest.webmanifest", "/icon.svg", "/sw.js")
"""Files whose names have to stay; browsers ask for them by name."""


async def page(request: Request) -> Response:
    """Return the page; where it was not built, go to the one on which the API can be tried."""
    found = _dashboard(request).page
    return found.answer(request) if found else RedirectResponse("/explorer")


async def beside(request: Request) -> Response:
    """Return a file of a name that stays."""
    return _file(request, request.url.path.removeprefix("/"))


@router.get(f"/{ASSETS}{{name}}")
async def asset(request: Request, name: str) -> Response:
    """Return a file that has its content's hash in its name."""
    return _file(request, f"{ASSETS}{name}")


for _path in PAGES:
    router.add_api_route(_path, page)
for _path in BESIDE:
    router.add_api_route(_path, beside)


def _file(request: Request, name: str) -> Response:
    found = _dashboard(request).file(name)
    if found is None:
        raise not_found(f"file {name}")
    return found.answer(request)


def _dashboard(request: Request) -> Dashboard:
    dashboard: Dashboard = request.app.state.dashboard
    return dashboard
