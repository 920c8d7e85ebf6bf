"""Posts, creators and wallets."""

from functools import partial

from api.documents import CreatorView, WalletView
from api.lists import Listing, ListOf
from api.parameters import Paging
from api.problem import not_found
from api.services import Services
from schemas.fields import Address
from views.contract import PostView, TokenQuery

FIRST = 50
"""How many launches, positions and trades are in the first answer of a creator or wallet."""


async def post(use: Services, post_id: str) -> PostView:
    """Return a post with its analysis and links.

    Raises:
        Problem: nobody has seen it (404).
    """
    found = await use.views.post(post_id)
    if found is None:
        raise not_found(f"post {post_id}")
    return found


async def creator(use: Services, address: Address) -> CreatorView:
    """Return a creator's figures and newest launches."""
    figures = await use.views.creator(address)
    launches = await use.views.tokens(TokenQuery(creator=address, limit=FIRST))
    return CreatorView(figures=figures, tokens=tuple(token.body for token in launches.items))


async def wallet(use: Services, address: Address) -> WalletView:
    """Return what a wallet holds and its newest trades, the first of each."""
    positions = await use.views.positions(address, limit=FIRST)
    trades = await use.views.trades_of(address, limit=FIRST)
    return WalletView(address=address, positions=positions.items, trades=trades.items)


async def positions(use: Services, address: Address, asked: Paging) -> ListOf:
    """Return what a wallet holds, by mint.

    Raises:
        Problem: the cursor is not one of this list (400).
    """
    listing = Listing(use.cursors, f"positions {address}")
    return await listing.read(asked, partial(use.views.positions, address))


async def wallet_trades(use: Services, address: Address, asked: Paging) -> ListOf:
    """Return a wallet's trades in all tokens, newest first in chain order.

    Raises:
        Problem: the cursor is not one of this list (400).
    """
    listing = Listing(use.cursors, f"wallet trades {address}")
    return await listing.read(asked, partial(use.views.trades_of, address))
