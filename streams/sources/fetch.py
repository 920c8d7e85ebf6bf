"""One attempt to fetch a document from an address nobody vouches for."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal, NamedTuple

from aiohttp import (
    ClientError,
    ClientResponse,
    ClientSession,
    DummyCookieJar,
    TCPConnector,
)
from yarl import URL

from streams.sources.guard import ForbiddenError, Guard, GuardedResolver

Cause = Literal["forbidden", "content", "missing", "busy"]
REDIRECTS = 4
_IPFS = re.compile(
    r"(?:ipfs://(?:ipfs/)?|https?://(?:www\.)?(?:ipfs\.io|dweb\.link|cf-ipfs\.com)/ipfs/)(.+)\Z",
    re.IGNORECASE,
)
_HEADERS = {
    # What is not compressed cannot grow in our hands.
    "Accept-Encoding": "identity",
    "User-Agent": "btracker",
}


class Failed(NamedTuple):
    """Why there is no document. ``forbidden`` will stay so; ``wait_s`` is what the server asks."""

    cause: Cause
    reason: str
    wait_s: float = 0.0


class Limits(NamedTuple):
    """What a fetcher keeps to: where it may go, and how much of time and bytes it takes.

    ``gateways`` to IPFS are asked in turn; ``secure``: beyond this machine only over TLS.
    """

    allow: tuple[str, ...]
    timeout_s: float
    bytes_max: int
    concurrency: int
    gateways: tuple[str, ...] = ()
    secure: bool = False
    accept: str = "application/json, */*;q=0.5"


@asynccontextmanager
async def open_fetcher(limits: Limits) -> AsyncIterator["Fetcher"]:
    """Give a fetcher with one pool of connections."""
    guard = Guard(limits.allow, secure=limits.secure)
    connector = TCPConnector(resolver=GuardedResolver(guard), limit=limits.concurrency)
    async with ClientSession(
        connector=connector,
        cookie_jar=DummyCookieJar(),
        headers={**_HEADERS, "Accept": limits.accept},
        auto_decompress=False,
        trust_env=False,
    ) as session:
        yield Fetcher(session, guard, limits)


class Fetcher:
    """Fetches documents; see ``open_fetcher``."""

    def __init__(self, session: ClientSession, guard: Guard, limits: Limits) -> None:
        self._session, self._guard, self._limits = session, guard, limits

    async def fetch(self, uri: str, *, attempt: int) -> bytes | Failed:
        """Return the bytes behind *uri*, or why there are none; attempts alternate gateways."""
        try:
            async with asyncio.timeout(self._limits.timeout_s):
                return await self._follow(self._url(uri, attempt))
        except TimeoutError:
            return Failed("busy", f"no answer within {self._limits.timeout_s:g} s")
        except ForbiddenError as error:
            return Failed("forbidden", str(error))
        except ValueError as error:
            return Failed("forbidden", f"no address that can be fetched: {error}")
        except ClientError as error:
            return _failed(error)

    def _url(self, uri: str, attempt: int) -> URL:
        found = _IPFS.match(uri.strip())
        gateways = self._limits.gateways
        if found and gateways:
            return URL(gateways[attempt % len(gateways)] + found[1])
        return URL(uri.strip())

    async def _follow(self, url: URL) -> bytes | Failed:
        for _ in range(REDIRECTS + 1):
            self._guard.check_url(url)
            async with self._session.get(url, allow_redirects=False) as response:
                if response.status not in {301, 302, 303, 307, 308}:
                    return await self._body(response)
                url = url.join(URL(response.headers.get("Location", "")))
        return Failed("content", f"more than {REDIRECTS} redirects")

    async def _body(self, response: ClientResponse) -> bytes | Failed:
        if response.status in {404, 410}:
            return Failed("missing", f"HTTP {response.status}")
        if response.status != 200:
            return Failed("busy", f"HTTP {response.status}", _wait_s(response))
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            return Failed("content", "compressed although it was not asked for")
        limit = self._limits.bytes_max
        body = bytearray()
        async for part in response.content.iter_any():
            body += part
            if len(body) > limit:
                return Failed("content", f"more than {limit:,} bytes")
        return bytes(body)


def _failed(error: ClientError) -> Failed:
    """Return the failure behind a client's error; a refusal of the guard may be wrapped in it."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ForbiddenError):
            return Failed("forbidden", str(cause))
        cause = cause.__cause__ or cause.__context__
    return Failed("busy", f"{type(error).__name__}: {error}"[:200])


def _wait_s(response: ClientResponse) -> float:
    """Return the seconds of ``Retry-After``, at most an hour; 0 where there is none."""
    text = response.headers.get("Retry-After", "")
    return min(float(text), 3600.0) if text.isascii() and text.isdigit() else 0.0
