"""The market: boards, search, figures, and how far all of it is."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import WithJsonSchema

from api.answers import answer_json
from api.documents import BOARD, SEARCH, STATS, STATUS
from api.parameters import NOTHING_ELSE, Paging, SearchQuery
from api.reads import market as read
from api.reads.market import MARKET_S
from api.services import Use
from views.boards import BOARDS

router = APIRouter(prefix="/v1", tags=["market"])

BoardName = Annotated[
    str,
    Path(description="Which board."),
    WithJsonSchema({"type": "string", "enum": list(BOARDS)}),
]


@router.get("/boards/{name}", responses=BOARD, summary="A board, ranked")
async def board(
    request: Request, name: BoardName, asked: Annotated[Paging, Query()], use: Use
) -> Response:
    """Return a board: new, close to graduation, graduated, or traded by most people this hour."""
    return answer_json(request, await read.board(use, name, asked))


@router.get("/search", responses=SEARCH, summary="Tokens and posts, ranked")
async def search(request: Request, asked: Annotated[SearchQuery, Query()], use: Use) -> Response:
    """Return what fits best, best first, with what matched in it; typos are forgiven.

    The id of a post finds that post, and before it the tokens that it asked for.
    """
    return answer_json(request, await read.search(use, asked))


@router.get("/stats", responses=STATS, dependencies=[NOTHING_ELSE], summary="The whole market")
async def stats(request: Request, use: Use) -> Response:
    """Return launches, trades, volume and graduations per window, launchpad and quote."""
    return answer_json(request, await read.stats(use), max_age_s=MARKET_S)


@router.get("/status", responses=STATUS, dependencies=[NOTHING_ELSE], summary="How far it is")
async def status(request: Request, use: Use) -> Response:
    """Return how far the chain, the sources and the store are, and what was counted.

    A source is done only when everything it delivered can be seen here.
    """
    return answer_json(request, await read.status(use), max_age_s=0)
