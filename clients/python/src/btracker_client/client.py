"""REST: one method a route, pages that turn themselves, patience where it helps."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

import httpx
import msgspec

from btracker_client import models
from btracker_client.errors import problem_of
from btracker_client.live import Message, Place, follow
from btracker_client.retry import AGAIN, pause_s

T = TypeVar("T")
Parameter = str | int | float | bool | None


class Page(msgspec.Struct, Generic[T], frozen=True, rename="camel"):
    """A page of a list."""

    items: list[T]
    next_cursor: str | None = None


class Client:
    """A client of one API; use it as an async context manager.

    Parameters of lists have the names of the API, as ``sortBy="volume24h"``. What is refused for
    now (429, 503) or cannot be reached is tried again, *attempts* times in all.

    Raises (each method):
        ProblemError: the API refused.
        httpx.TransportError: it could not be reached.
    """

    def __init__(
        self, url: str, *, key: str | None = None, attempts: int = 5, timeout_s: float = 30.0
    ) -> None:
        self._url, self._key, self._attempts = url.rstrip("/"), key, attempts
        headers = {"X-API-Key": key} if key else {}
        self._http = httpx.AsyncClient(base_url=self._url, headers=headers, timeout=timeout_s)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    async def token(self, mint: str) -> models.Token:
        """Return one token."""
        return await self._one(models.Token, f"/v1/tokens/{mint}")

    async def tokens_by_mint(self, mints: Sequence[str]) -> list[models.Token]:
        """Return the known ones of up to 100 tokens."""
        body = await self._ask("POST", "/v1/tokens/batch", json={"mints": [*mints]})
        return msgspec.json.decode(body, type=Page[models.Token]).items

    def tokens(self, **parameters: Parameter) -> AsyncIterator[models.Token]:
        """Yield all tokens that fit, page by page."""
        return self._all(models.Token, "/v1/tokens", parameters)

    def trades(self, mint: str, **parameters: Parameter) -> AsyncIterator[models.TradeRecord]:
        """Yield a token's trades, newest first."""
        return self._all(models.TradeRecord, f"/v1/tokens/{mint}/trades", parameters)

    def holders(self, mint: str, **parameters: Parameter) -> AsyncIterator[models.Holder]:
        """Yield a token's holders, largest first."""
        return self._all(models.Holder, f"/v1/tokens/{mint}/holders", parameters)

    def events(self, mint: str, **parameters: Parameter) -> AsyncIterator[models.LifecycleRecord]:
        """Yield what became of a token, newest first."""
        return self._all(models.LifecycleRecord, f"/v1/tokens/{mint}/events", parameters)

    def posts(self, mint: str) -> AsyncIterator[models.LinkedPost]:
        """Yield a token's post, or those that may be it."""
        return self._all(models.LinkedPost, f"/v1/tokens/{mint}/posts", {})

    async def similar(self, mint: str, **parameters: Parameter) -> models.SimilarTokens:
        """Return the tokens whose projects are most like a token's; filters are those of tokens."""
        return await self._one(models.SimilarTokens, f"/v1/tokens/{mint}/similar", parameters)

    async def candles(self, mint: str, **parameters: Parameter) -> list[models.Candle]:
        """Return the newest candles of a span, oldest first; ``from_`` is the API's ``from``."""
        asked = {"from" if name == "from_" else name: one for name, one in parameters.items()}
        page = await self._one(Page[models.Candle], f"/v1/tokens/{mint}/candles", asked)
        return page.items

    def board(self, name: str, **parameters: Parameter) -> AsyncIterator[models.Token]:
        """Yield a board, best first: new, graduating, graduated, trending."""
        return self._all(models.Token, f"/v1/boards/{name}", parameters)

    async def search(self, q: str, **parameters: Parameter) -> list[models.HitView]:
        """Return what fits best, best first."""
        page = await self._one(Page[models.HitView], "/v1/search", {"q": q, **parameters})
        return page.items

    async def post(self, post_id: str) -> models.PostView:
        """Return a post with its tokens."""
        return await self._one(models.PostView, f"/v1/posts/{post_id}")

    async def similar_posts(self, post_id: str, **parameters: Parameter) -> models.SimilarPosts:
        """Return the posts that are most like a post."""
        return await self._one(models.SimilarPosts, f"/v1/posts/{post_id}/similar", parameters)

    async def creator(self, address: str) -> models.CreatorView:
        """Return a creator's launches and what became of them."""
        return await self._one(models.CreatorView, f"/v1/creators/{address}")

    async def wallet(self, address: str) -> models.WalletView:
        """Return what a wallet holds, and its newest trades."""
        return await self._one(models.WalletView, f"/v1/wallets/{address}")

    async def stats(self) -> models.StatsView:
        """Return the market's figures."""
        return await self._one(models.StatsView, "/v1/stats")

    async def status(self) -> models.Status:
        """Return how far everything is."""
        return await self._one(models.Status, "/v1/status")

    def stream(self, *places: Place) -> AsyncIterator[Message]:
        """Yield what happens at some places, without holes and without doubles, for ever.

        See ``btracker_client.live.follow``.
        """
        return follow(f"ws{self._url.removeprefix('http')}/v1/stream", places, key=self._key)

    async def _one(
        self, kind: type[T], path: str, parameters: dict[str, Parameter] | None = None
    ) -> T:
        return msgspec.json.decode(await self._ask("GET", path, params=parameters), type=kind)

    async def _all(
        self, kind: type[T], path: str, parameters: dict[str, Parameter]
    ) -> AsyncIterator[T]:
        asked = dict(parameters)
        while True:
            page: Page[T] = await self._one(Page[kind], path, asked)  # type: ignore[valid-type]
            for item in page.items:
                yield item
            if page.next_cursor is None:
                return
            asked["cursor"] = page.next_cursor

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, Parameter] | None = None,
        json: Any = None,
    ) -> bytes:
        for attempt in range(self._attempts):
            is_last = attempt == self._attempts - 1
            given = {name: one for name, one in (params or {}).items() if one is not None}
            try:
                response = await self._http.request(method, path, params=given, json=json)
            except httpx.TransportError:
                if is_last:
                    raise
                await asyncio.sleep(pause_s(attempt))
                continue
            if response.is_success:
                return response.content
            if is_last or response.status_code not in AGAIN:
                raise problem_of(response)
            await asyncio.sleep(pause_s(attempt, response.headers.get("retry-after")))
        raise AssertionError("the last attempt returns or raises")
