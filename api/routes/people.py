"""Posts, creators and wallets."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import Listing, answer_json
from api.documents import CREATOR, POSITIONS, POST, TRADES, WALLET, CreatorView, WalletView
from api.parameters import NOTHING_ELSE, AddressPath, Paging, PostId
from api.problem import not_found
from api.services import Use
from views.contract import TokenQuery

router = APIRouter(prefix="/v1", tags=["people"])

PageQuery = Annotated[Paging, Query()]
FIRST = 50
"""How many launches, positions and trades are in the first answer of a creator or wallet."""


@router.get(
    "/posts/{id}", responses=POST, dependencies=[NOTHING_ELSE], summary="A post and its tokens"
)
async def post(request: Request, id: PostId, use: Use) -> Response:  # noqa: A002  (Its name in the path.)
    """Return a post with its analysis and links."""
    found = await use.views.post(id)
    if found is None:
        raise not_found(f"post {id}")
    return answer_json(request, found)


@router.get(
    "/creators/{address}",
    responses=CREATOR,
    dependencies=[NOTHING_ELSE],
    summary="A creator's launches and what became of them",
)
async def creator(request: Request, address: AddressPath, use: Use) -> Response:
    """Return a creator's figures and newest launches; ``/tokens?creator=`` has all of them."""
    figures = await use.views.creator(address)
    launches = await use.views.tokens(TokenQuery(creator=address, limit=FIRST))
    tokens = tuple(token.body for token in launches.items)
    return answer_json(request, CreatorView(figures=figures, tokens=tokens))


@router.get(
    "/wallets/{address}",
    responses=WALLET,
    dependencies=[NOTHING_ELSE],
    summary="A wallet's positions and trades",
)
async def wallet(request: Request, address: AddressPath, use: Use) -> Response:
    """Return what a wallet holds and its newest trades; the lists below have all of them."""
    positions = await use.views.positions(address, limit=FIRST)
    trades = await use.views.trades_of(address, limit=FIRST)
    view = WalletView(address=address, positions=positions.items, trades=trades.items)
    return answer_json(request, view)


@router.get("/wallets/{address}/positions", responses=POSITIONS, summary="What a wallet holds")
async def positions(request: Request, address: AddressPath, asked: PageQuery, use: Use) -> Response:
    """Return what a wallet holds, by mint."""
    listing = Listing(use.cursors, f"positions {address}")
    return await listing.read(request, asked, partial(use.views.positions, address))


@router.get("/wallets/{address}/trades", responses=TRADES, summary="A wallet's trades")
async def wallet_trades(
    request: Request, address: AddressPath, asked: PageQuery, use: Use
) -> Response:
    """Return a wallet's trades in all tokens, newest first in chain order."""
    listing = Listing(use.cursors, f"wallet trades {address}")
    return await listing.read(request, asked, partial(use.views.trades_of, address))
