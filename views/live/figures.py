"""Tokens in the cache: as the feed left them, or as a store had them half a minute ago at most.

The writer replaces a token's snapshot in the same step in which it publishes the change, so what
is read here is never older than what any subscriber has. A token that has not changed for so long
that its snapshot is gone is put there from the store; a snapshot outlives that, and comes first.
"""

import asyncio
from time import time
from typing import cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.errors import StoreError
from schemas.fields import Mint
from views.contract import TokenDocument
from views.live.cache import NO_EPOCH
from views.live.contract import Recalled
from views.live.message import (
    EPOCH,
    META,
    PREFIX,
    Place,
    data_of,
    decode_message,
    encode_message,
    snapshot_message,
)

CACHED_S = 30
ANSWER_S = 0.5
"""A cache that is slower is no help: the store is asked instead."""


class Figures:
    """Reads tokens from the cache, and puts them there."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def get(self, mint: Mint) -> Recalled:
        """Return what the cache has of a token.

        Raises:
            StoreError: the cache is out of reach.
        """
        pipe = self._redis.pipeline(transaction=True)
        pipe.hget(META, EPOCH)
        pipe.mget(Place("token", mint).now, _name(mint))
        try:
            async with asyncio.timeout(ANSWER_S):
                answers = await pipe.execute()
        except (RedisError, OSError, TimeoutError) as error:
            raise StoreError(f"The cache is out of reach ({error}).") from error
        named, raws = cast("tuple[bytes | None, list[bytes | None]]", tuple(answers))
        epoch = named.decode() if named else NO_EPOCH
        messages = [decode_message(raw) for raw in raws if raw]
        current = next((m for m in messages if m.epoch == epoch and m.version), None)
        if current is None:
            return Recalled(epoch, None)
        found = TokenDocument(
            mint=mint, version=current.version, slot=current.slot, body=data_of(current)
        )
        return Recalled(epoch, found)

    async def put(self, document: TokenDocument, *, epoch: str) -> None:
        """Keep a token for a while as the store had it, which was read in *epoch*.

        Raises:
            StoreError: the cache is out of reach.
        """
        message = snapshot_message(
            Place("token", document.mint),
            epoch=epoch,
            seq=0,
            slot=document.slot,
            at=int(time()),
            data=bytes(document.body),
            version=document.version,
        )
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._redis.set(_name(document.mint), encode_message(message), ex=CACHED_S)
        except (RedisError, OSError, TimeoutError) as error:
            raise StoreError(f"The cache is out of reach ({error}).") from error


def _name(mint: Mint) -> str:
    return f"{PREFIX}:stored:token:{mint}"
