"""What the routes work with, one of each per app."""

from typing import Annotated, NamedTuple

from fastapi import Depends, Request

from api.access.gate import Gate
from api.cursors import Cursors
from api.documents import StatsView
from api.head import Head
from api.hot.boards import HotBoards
from api.hot.tokens import HotTokens
from api.metrics import Metrics
from api.pictures import Pictures
from api.recent import Recent
from api.settings import ApiSettings
from api.stream.hub import Hub
from views.contract import TokenDocument, Views


class Services(NamedTuple):
    """The seams of the app: the store, the live feed's clients, and what the API keeps itself."""

    views: Views
    hub: Hub
    settings: ApiSettings
    cursors: Cursors
    head: Head
    hot: HotTokens
    boards: HotBoards
    market: Recent[StatsView]
    metrics: Metrics
    pictures: Pictures
    gate: Gate

    async def known(self, mint: str) -> TokenDocument:
        """Return a token.

        Raises:
            Problem: nobody has seen it (404).
        """
        return await self.hot.token(mint)


async def services(request: Request) -> Services:
    """Return the services of the app that was asked."""
    found: Services = request.app.state.services
    return found


Use = Annotated[Services, Depends(services)]
