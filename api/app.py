"""The app: routes, live socket and layers around them, over a store and a live feed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Never

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Match, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from api.access.gate import Gate
from api.cursors import Cursors, load_key
from api.dashboard_files import Dashboard, File, is_for_people
from api.envelope import Envelope
from api.graphql.socket import graphql_socket
from api.head import Head
from api.hot.boards import HotBoards
from api.hot.front import Front
from api.hot.tokens import HotTokens
from api.metrics import Metrics
from api.pictures import Fetch, Pictures
from api.problem import Problem, invalid
from api.reads.market import MARKET_S, market_now
from api.recent import Recent
from api.routes import (
    access,
    dashboard,
    explorer,
    graphql,
    market,
    operations,
    people,
    pictures,
    token_parts,
    tokens,
    udf,
)
from api.services import Services
from api.settings import ApiSettings
from api.stream import socket, sse
from api.stream.hub import Hub
from views.contract import Views
from views.live.contract import LiveFeed

ROUTERS = (
    tokens.router, token_parts.router, pictures.router, market.router, people.router,
    graphql.router, sse.router, socket.router, udf.router, access.router, operations.router,
    explorer.router, dashboard.router,
)  # fmt: skip
EXPOSED = (
    "ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Btracker-Lag-Ms",
    "X-Btracker-Live", "X-Btracker-Slot", "X-Btracker-Stale", "X-Request-Id", "WWW-Authenticate",
)  # fmt: skip
ALLOWED = (
    "Authorization", "Content-Type", "If-None-Match", "Last-Event-ID", "X-API-Key", "X-Request-Id",
)  # fmt: skip
STREAM = "/v1/stream"
CODES = {404: "notFound", 405: "methodNotAllowed"}


class App(FastAPI):
    """The framework's application, and what goes past it: hot answers and the live socket."""

    front: Front
    live: socket.LiveSocket

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or connection."""
        if scope["type"] == "websocket" and scope["path"] == STREAM:
            await self.live(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def create_app(
    views: Views, live: LiveFeed, settings: ApiSettings, *, fetch: Fetch | None = None
) -> App:
    """Return the app. Its lifespan starts and stops the live side; the store is its owner's.

    *fetch* gets pictures of tokens; without it, there are none.
    """
    services = assemble(views, live, settings, fetch)
    app = routed()
    app.state.services = services
    app.state.dashboard = Dashboard(settings.dashboard)
    app.front = Front(services)
    app.live = socket.LiveSocket(services.hub, services.gate, metrics=services.metrics)
    app.router.routes.append(WebSocketRoute(graphql.PATH, graphql_socket(services)))
    # The last one added is the outermost.
    app.add_middleware(
        Envelope,
        settings=settings,
        head=services.head,
        gate=services.gate,
        metrics=services.metrics,
    )
    if settings.cors_origins:
        # Around all else, so that a page may also read why it was refused.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=("GET", "HEAD", "POST"),
            allow_headers=ALLOWED,
            expose_headers=EXPOSED,
        )
    return app


def routed() -> App:
    """Return the routes over nothing: all that the description of the API is made of."""
    app = App(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        exception_handlers={HTTPException: refused, RequestValidationError: misunderstood},
    )
    for router in ROUTERS:
        app.include_router(router)
    return app


def assemble(views: Views, live: LiveFeed, settings: ApiSettings, fetch: Fetch | None) -> Services:
    """Return what the routes work with."""
    given, metrics = settings.cursor_key, Metrics()
    gate = Gate(settings, metrics)
    key = given.get_secret_value().encode() if given else load_key(settings.data)
    head = Head(views, live, partitions=settings.partitions, max_age_ms=settings.head_ms)
    return Services(
        views=views,
        hub=Hub(live, gate, settings=settings, metrics=metrics),
        settings=settings,
        cursors=Cursors(key),
        head=head,
        hot=HotTokens(views, live, keep_ms=settings.hot_token_ms, most=settings.hot_tokens),
        boards=HotBoards(views, live),
        market=Recent(partial(market_now, views, head), for_s=MARKET_S),
        metrics=metrics,
        pictures=Pictures(fetch, most=settings.pictures_mib << 20),
        gate=gate,
    )


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Run the live side and the limits that are shared as long as the app runs."""
    services: Services = app.state.services
    await services.gate.start()
    await services.hub.start()
    await services.boards.start()
    yield
    await services.boards.close()
    await services.hot.close()
    await services.hub.stop()
    await services.gate.stop()


async def refused(request: Request, error: Exception) -> Response:
    """Turn what the router refuses into a problem, which the envelope renders.

    Who looks for a page that is not there is shown the dashboard, which says so.
    """
    if not isinstance(error, HTTPException):
        raise error
    if isinstance(error.__cause__, Problem):
        # The framework wraps what goes wrong while a body is read.
        raise error.__cause__
    page = app_page(request) if error.status_code == 404 else None
    if page:
        return page.answer(request, status=404)
    code = CODES.get(error.status_code, "badRequest")
    sentence = f"{error.detail}; the description is at /openapi.json."
    headers = {"Allow": allowed(request)} if error.status_code == 405 else error.headers
    raise Problem(error.status_code, code, sentence, headers=headers)


def app_page(request: Request) -> File | None:
    """Return the dashboard's page for a browser that goes to what is no route of the API."""
    files: Dashboard = request.app.state.dashboard
    return files.page if is_for_people(request) else None


def allowed(request: Request) -> str:
    """Return the methods that a path has; the framework names those of its first route alone."""
    routes = [one for router in ROUTERS for one in router.routes if isinstance(one, Route)]
    first = next(one for one in routes if one.matches(request.scope)[0] != Match.NONE)
    same = [one for one in routes if one.path == first.path]
    # What is left out of the description beside a route that is in it only says what to do instead.
    shown = [one for one in same if one.include_in_schema] or same
    return ", ".join(sorted({method for one in shown for method in one.methods or ()}))


async def misunderstood(_: Request, error: Exception) -> Never:
    """Turn parameters that make no sense into a problem, which the envelope renders."""
    if not isinstance(error, RequestValidationError):
        raise error
    raise invalid(error.errors())
