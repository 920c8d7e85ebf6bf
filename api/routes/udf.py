"""UDF: a datafeed for the charts of TradingView's library, over the same candles."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute
from pydantic import AfterValidator, ConfigDict, Field

from api.answers import answer, answer_json
from api.charts import BARS, CONFIG, FOUND, MARKS, SYMBOL, TIME, TIMESCALE_MARKS
from api.parameters import LATEST, NOTHING_ELSE, Paging, Parameters, SearchQuery, address
from api.problem import Problem, invalid, not_found
from api.reads import market
from api.services import Services, Use
from api.udf import (
    Bars,
    Configuration,
    Failure,
    bars,
    listed,
    marks,
    mint_of,
    resolution_of,
    symbol_info,
    timescale_marks,
)
from domain.amounts import seconds_of
from schemas.candle import Candle
from schemas.fields import Mint
from schemas.public import LifecycleRecord
from schemas.token import Token
from views.candles import CandleQuery, candles

MOST = 5000
"""Bars in one answer, as in ``/v1/tokens/{mint}/candles``."""
EVENTS = 50
HOUR_S = 3600
UNKNOWN = "unknown_symbol"
PLAIN = "text/plain; charset=utf-8"

_token = msgspec.json.Decoder(Token).decode


class UdfRoute(APIRoute):
    """A route that says what is wrong in the way that these clients read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, with what the caller did wrong as an answer."""
        handle = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                problem = invalid(error.errors())
            except Problem as error:
                problem = error
            if problem.status >= 500:
                raise problem
            found = UNKNOWN if problem.status == 404 else problem.detail
            said = answer_json(request, Failure(errmsg=found))
            said.headers["cache-control"] = "no-store"
            return said

        return told


router = APIRouter(prefix="/v1/udf", tags=["charts"], route_class=UdfRoute)


def _resolution(name: str) -> str:
    found = resolution_of(name)
    if found is None:
        raise ValueError("is no resolution of this datafeed; /config has them")
    return found


Symbol = Annotated[str, Field(max_length=200, description="A mint, or exchange:mint.")]
Seconds = Annotated[int, Field(ge=-LATEST, le=LATEST)]


class Asked(Parameters):
    """A query of a client that may send more than we know of."""

    model_config = ConfigDict(extra="ignore")


class SymbolQuery(Asked):
    """Which symbol."""

    symbol: Symbol


class FoundQuery(Asked):
    """What is searched for; by type and exchange there is nothing to choose."""

    query: str = Field("", max_length=100, description="As in /v1/search; nothing: what trends.")
    limit: int = Field(30, ge=1, le=100, description="Symbols at most.")
    type: str = Field("", max_length=64, description="Is not looked at.")
    exchange: str = Field("", max_length=64, description="Is not looked at.")


class SpanQuery(SymbolQuery):
    """Which part of a symbol's time, in unix seconds."""

    start: Seconds = Field(alias="from", description="First time.")
    end: Seconds = Field(alias="to", description="Up to before this time.")
    resolution: Annotated[str, AfterValidator(_resolution)] = Field(
        "1D", description="1S, 5S, 15S, 30S, 1, 5, 15, 30, 60, 240 or 1D."
    )


class HistoryQuery(SpanQuery):
    """Which bars."""

    countback: int | None = Field(
        None, ge=1, description="So many bars before to, however far back; from does not count."
    )


@router.get("/config", responses=CONFIG, dependencies=[NOTHING_ELSE], summary="What it can do")
async def config(request: Request) -> Response:
    """Return what this datafeed can do."""
    return answer_json(request, Configuration(), max_age_s=HOUR_S)


@router.get(
    "/time",
    response_class=PlainTextResponse,
    responses=TIME,
    dependencies=[NOTHING_ELSE],
    summary="The chain's time",
)
async def time(request: Request, use: Use) -> Response:
    """Return the chain's time in unix seconds, as a plain number."""
    at = (await use.head.chain()).seconds
    if at is None:
        raise Problem(503, "unavailable", "Nothing is known of the chain yet.")
    return answer(request, str(at).encode(), media_type=PLAIN)


@router.get("/symbols", responses=SYMBOL, summary="A token as a symbol")
async def symbols(request: Request, asked: Annotated[SymbolQuery, Query()], use: Use) -> Response:
    """Return a token as a symbol, with a price scale for its price."""
    document = await use.known(_mint(asked))
    return answer_json(request, symbol_info(_token(document.body)))


@router.get("/search", responses=FOUND, summary="Symbols that fit")
async def search(request: Request, asked: Annotated[FoundQuery, Query()], use: Use) -> Response:
    """Return the tokens that fit best; without a query those that are traded by most people."""
    found = await _search(use, asked)
    return answer_json(request, tuple(listed(token) for token in found))


@router.get("/history", responses=BARS, summary="Bars")
async def history(request: Request, asked: Annotated[HistoryQuery, Query()], use: Use) -> Response:
    """Return the candles of ``/v1/tokens/{mint}/candles`` as columns of exact numbers.

    Intervals without trades are left out. At most 5,000 bars, the newest of those asked for.
    """
    mint = _mint(asked)
    await use.known(mint)
    return answer_json(request, await _bars(use, mint, asked))


@router.get("/marks", responses=MARKS, summary="Marks on bars")
async def get_marks(request: Request, asked: Annotated[SpanQuery, Query()], use: Use) -> Response:
    """Return launch, completion and migration as marks on the bars."""
    return answer_json(request, marks(await _events(use, asked)))


@router.get("/timescale_marks", responses=TIMESCALE_MARKS, summary="Marks below the chart")
async def get_timescale_marks(
    request: Request, asked: Annotated[SpanQuery, Query()], use: Use
) -> Response:
    """Return launch, completion and migration as marks below the chart."""
    return answer_json(request, timescale_marks(await _events(use, asked)))


def _mint(asked: SymbolQuery) -> Mint:
    """Return which token a symbol is.

    Raises:
        Problem: it is none (404).
    """
    try:
        return address(mint_of(asked.symbol))
    except ValueError:
        raise not_found("such symbol") from None


async def _search(use: Services, asked: FoundQuery) -> list[Token]:
    if not asked.query:
        board = await market.board(use, "trending", Paging(limit=asked.limit))
        return [_token(body) for body in board.items]
    hits = await market.search(use, SearchQuery(q=asked.query, limit=asked.limit))
    return [_token(hit.token) for hit in hits.items if hit.token is not None]


async def _bars(use: Services, mint: Mint, asked: HistoryQuery) -> Bars:
    start, end = max(0, asked.start), max(0, asked.end)
    if asked.countback is not None:
        # Whoever counts wants these bars wherever they are: nothing found is the beginning.
        limit = min(asked.countback, MOST)
        return bars(await _candles(use, mint, asked, end=end, limit=limit), before=None)
    found = await _candles(use, mint, asked, start=start, end=end) if start < end else ()
    if found:
        return bars(found, before=None)
    earlier = await _candles(use, mint, asked, end=min(start, end), limit=1)
    return bars((), before=earlier[0].time if earlier else None)


async def _candles(
    use: Services,
    mint: Mint,
    asked: HistoryQuery,
    *,
    end: int,
    start: int | None = None,
    limit: int = MOST,
) -> tuple[Candle, ...]:
    query = CandleQuery(
        mint=mint,
        resolution=asked.resolution,
        now=(await use.head.chain()).seconds or 0,
        start=start,
        end=end,
        limit=limit,
        empty=False,
    )
    return await candles(use.views, query)


async def _events(use: Services, asked: SpanQuery) -> list[LifecycleRecord]:
    mint = _mint(asked)
    await use.known(mint)
    found = await use.views.lifecycle(mint, limit=EVENTS)
    return [event for event in found.items if asked.start <= seconds_of(event.time) <= asked.end]
