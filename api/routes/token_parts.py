"""What belongs to one token: trades, holders, posts, events, candles."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import answer_json
from api.documents import CANDLES, EVENTS, HOLDERS, POSTS, SIMILAR_TOKENS, TRADES
from api.parameters import NOTHING_ELSE, CandleList, MintPath, Paging, SimilarTokenList
from api.reads import token_parts as read
from api.reads.similar import similar_tokens
from api.services import Use

router = APIRouter(prefix="/v1/tokens/{mint}", tags=["tokens"])

PageQuery = Annotated[Paging, Query()]


@router.get("/trades", responses=TRADES, summary="Trades, newest first")
async def trades(request: Request, mint: MintPath, asked: PageQuery, use: Use) -> Response:
    """Return a token's trades in chain order, amounts in whole tokens."""
    await use.known(mint)
    return answer_json(request, await read.trades(use, mint, asked))


@router.get("/holders", responses=HOLDERS, summary="Holders, largest first")
async def holders(request: Request, mint: MintPath, asked: PageQuery, use: Use) -> Response:
    """Return who holds a token; vaults of the program are no holders. Shares are of the supply.

    All transactions of the launchpads' programs through ``asOfSlot`` are counted. Transfers between
    wallets are not seen until such a transaction next touches the account.
    """
    await use.known(mint)
    return answer_json(request, await read.holders(use, mint, asked))


@router.get("/events", responses=EVENTS, summary="Launch, completion, migration, newest first")
async def events(request: Request, mint: MintPath, asked: PageQuery, use: Use) -> Response:
    """Return what became of a token."""
    await use.known(mint)
    return answer_json(request, await read.events(use, mint, asked))


@router.get(
    "/posts", responses=POSTS, dependencies=[NOTHING_ELSE], summary="Posts, linked or candidate"
)
async def posts(request: Request, mint: MintPath, use: Use) -> Response:
    """Return the post that asked for a token, or those that may have, newest first."""
    await use.known(mint)
    return answer_json(request, await read.posts(use, mint))


@router.get("/candles", responses=CANDLES, summary="Candles, oldest first")
async def candles(
    request: Request, mint: MintPath, asked: Annotated[CandleList, Query()], use: Use
) -> Response:
    """Return the newest candles of a span, of any resolution, of price or market cap.

    An empty interval opens and closes at the close before it, with no volume. The interval that
    contains ``from`` is the first. The next page has older candles, in the same order.
    """
    await use.known(mint)
    return answer_json(request, await read.candles(use, mint, asked))


@router.get("/similar", responses=SIMILAR_TOKENS, summary="Projects like this one")
async def similar(
    request: Request, mint: MintPath, asked: Annotated[SimilarTokenList, Query()], use: Use
) -> Response:
    """Return the tokens whose descriptions or posts mean nearly the same, most alike first.

    Filters are those of the list of tokens; they look at the 10,000 most alike.
    """
    await use.known(mint)
    return answer_json(request, await similar_tokens(use, mint, asked))
