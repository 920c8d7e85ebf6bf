"""Fetches pictures for the API as documents are fetched: guarded, bounded, through gateways."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.pictures import Fetch
from streams.sources.fetch import Failed, open_fetcher
from streams.sources.metadata_settings import MetadataSettings

BYTES_MAX = 5_000_000
GATEWAYS_TRIED = 2


@asynccontextmanager
async def picture_fetch(settings: MetadataSettings) -> AsyncIterator[Fetch]:
    """Give what fetches a picture, of 5 MB at most."""
    limits = settings.limits._replace(bytes_max=BYTES_MAX, accept="image/*, */*;q=0.1")
    # A page asks for a hundred at once: waiting for a turn must not count as a host's time.
    turns = asyncio.Semaphore(limits.concurrency)
    async with open_fetcher(limits) as fetcher:

        async def fetch(uri: str) -> bytes | None:
            async with turns:
                for attempt in range(GATEWAYS_TRIED):
                    found = await fetcher.fetch(uri, attempt=attempt)
                    if not isinstance(found, Failed):
                        return found
                    if found.cause in ("forbidden", "content"):
                        break
            return None

        yield fetch
