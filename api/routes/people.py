"""Posts, creators and wallets."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import answer_json
from api.documents import CREATOR, POSITIONS, POST, SIMILAR_POSTS, TRADES, WALLET
from api.parameters import NOTHING_ELSE, AddressPath, Paging, PostId, SimilarPostList
from api.reads import people as read
from api.reads.similar import similar_posts
from api.services import Use

router = APIRouter(prefix="/v1", tags=["people"])

PageQuery = Annotated[Paging, Query()]


@router.get(
    "/posts/{id}", responses=POST, dependencies=[NOTHING_ELSE], summary="A post and its tokens"
)
async def post(request: Request, id: PostId, use: Use) -> Response:  # noqa: A002  (Its name in the path.)
    """Return a post with its analysis and links."""
    return answer_json(request, await read.post(use, id))


@router.get("/posts/{id}/similar", responses=SIMILAR_POSTS, summary="Posts like this one")
async def similar(
    request: Request,
    id: PostId,  # noqa: A002  (Its name in the path.)
    asked: Annotated[SimilarPostList, Query()],
    use: Use,
) -> Response:
    """Return the posts that mean nearly the same, most alike first."""
    return answer_json(request, await similar_posts(use, id, asked))


@router.get(
    "/creators/{address}",
    responses=CREATOR,
    dependencies=[NOTHING_ELSE],
    summary="A creator's launches and what became of them",
)
async def creator(request: Request, address: AddressPath, use: Use) -> Response:
    """Return a creator's figures and newest launches; ``/tokens?creator=`` has all of them."""
    return answer_json(request, await read.creator(use, address))


@router.get(
    "/wallets/{address}",
    responses=WALLET,
    dependencies=[NOTHING_ELSE],
    summary="A wallet's positions and trades",
)
async def wallet(request: Request, address: AddressPath, use: Use) -> Response:
    """Return what a wallet holds and its newest trades; the lists below have all of them."""
    return answer_json(request, await read.wallet(use, address))


@router.get("/wallets/{address}/positions", responses=POSITIONS, summary="What a wallet holds")
async def positions(request: Request, address: AddressPath, asked: PageQuery, use: Use) -> Response:
    """Return what a wallet holds, by mint."""
    return answer_json(request, await read.positions(use, address, asked))


@router.get("/wallets/{address}/trades", responses=TRADES, summary="A wallet's trades")
async def wallet_trades(
    request: Request, address: AddressPath, asked: PageQuery, use: Use
) -> Response:
    """Return a wallet's trades in all tokens, newest first in chain order."""
    return answer_json(request, await read.wallet_trades(use, address, asked))
