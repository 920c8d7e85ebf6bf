"""Pictures of tokens, fetched for browsers: hosts that nobody vouches for do not see who looks."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import NamedTuple

from api.problem import Problem

FAILED_S = 300.0
"""So long nobody asks again for what could not be had."""
FAILURES = 10_000

PNG, JPEG, GIF = "image/png", "image/jpeg", "image/gif"
WEBP, AVIF = "image/webp", "image/avif"
MEDIA_TYPES = (PNG, JPEG, GIF, WEBP, AVIF)
_BEGINNINGS = {
    b"\x89PNG\r\n\x1a\n": PNG,
    b"\xff\xd8\xff": JPEG,
    b"GIF87a": GIF,
    b"GIF89a": GIF,
}

Fetch = Callable[[str], Awaitable[bytes | None]]
"""Returns what is behind an address, None if it cannot be had; it guards where it goes."""


class Picture(NamedTuple):
    """A picture as it came, and the media type that its bytes say, whatever its server said."""

    media_type: str
    body: bytes


def kind_of(body: bytes) -> str | None:
    """Return the media type of a raster picture, None for anything else: SVG can hold scripts.

    Source: the signatures of PNG, JPEG, GIF, WebP (RIFF) and AVIF (ISO 23000-22).
    """
    for beginning, media_type in _BEGINNINGS.items():
        if body.startswith(beginning):
            return media_type
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return WEBP
    if body[4:12] in (b"ftypavif", b"ftypavis"):
        return AVIF
    return None


class Pictures:
    """Keeps what was shown last, in *most* bytes; each is fetched once for all who ask."""

    def __init__(self, fetch: Fetch | None, *, most: int) -> None:
        self._fetch, self._most = fetch, most
        self._kept: OrderedDict[str, Picture] = OrderedDict()
        self._size = 0
        self._failed: OrderedDict[str, float] = OrderedDict()
        self._fetching: dict[str, asyncio.Future[Picture | None]] = {}

    async def get(self, uri: str | None) -> Picture:
        """Return the picture behind an address.

        Raises:
            Problem: there is none, or pictures are not fetched here (404), or it cannot be had
                just now (503).
        """
        if self._fetch is None or not uri:
            raise Problem(404, "noPicture", "No picture of this token is served here.")
        found = self._kept.get(uri)
        if found is not None:
            self._kept.move_to_end(uri)
            return found
        wait_s = self._failed.get(uri, 0.0) - monotonic()
        picture = None if wait_s > 0 else await self._once(self._fetch, uri)
        if picture is None:
            wait_s = max(1.0, self._failed.get(uri, 0.0) - monotonic())
            headers = {"Retry-After": str(int(wait_s))}
            sentence = "The picture cannot be had, or is none that browsers may be shown."
            raise Problem(503, "pictureUnavailable", sentence, headers=headers)
        return picture

    async def _once(self, fetch: Fetch, uri: str) -> Picture | None:
        fetching = self._fetching.get(uri)
        if fetching is None:
            fetching = self._fetching[uri] = asyncio.ensure_future(self._take(fetch, uri))
            fetching.add_done_callback(lambda _: self._fetching.pop(uri))
        # Who gives up waiting takes nothing from the others.
        return await asyncio.shield(fetching)

    async def _take(self, fetch: Fetch, uri: str) -> Picture | None:
        body = await fetch(uri)
        media_type = kind_of(body) if body else None
        if not body or not media_type:
            self._failed[uri] = monotonic() + FAILED_S
            if len(self._failed) > FAILURES:
                self._failed.popitem(last=False)
            return None
        picture = self._kept[uri] = Picture(media_type, body)
        self._size += len(body)
        while self._size > self._most and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest.body)
        return picture
