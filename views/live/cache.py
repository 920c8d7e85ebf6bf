"""Reading what the cache keeps of a place, at one moment."""

from typing import NamedTuple, cast

from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.errors import StoreError
from views.live.message import EPOCH, META, Message, Place, decode_message

NO_EPOCH = "0"
"""The epoch before any writer was there."""


class Kept(NamedTuple):
    """The newest messages of a place in the epoch, oldest first, and its snapshot if it has one.

    ``seq`` is that of the last message, 0 where nothing is kept.
    """

    epoch: str
    log: tuple[Message, ...]
    now: Message | None

    @property
    def seq(self) -> int:
        """The number of the last message."""
        last = self.log[-1] if self.log else self.now
        return last.seq if last else 0

    def after(self, epoch: str, seq: int) -> tuple[Message, ...] | None:
        """Return exactly the messages after *seq*, None where they are not all kept."""
        if epoch != self.epoch or seq > self.seq:
            return None
        missed = tuple(message for message in self.log if message.seq > seq)
        complete = not missed or missed[0].prev == seq
        return missed if complete else None


async def kept(redis: Redis, place: Place) -> Kept:
    """Return what is kept of a place.

    Raises:
        StoreError: the cache is out of reach.
    """
    pipe = redis.pipeline(transaction=True)
    pipe.hget(META, EPOCH)
    pipe.lrange(place.log, 0, -1)
    pipe.get(place.now)
    try:
        answers = await pipe.execute()
    except (RedisError, OSError) as error:
        raise StoreError(
            f"The live feed is paused: the cache is out of reach ({error})."
        ) from error
    epoch, raws, raw = cast("tuple[bytes | None, list[bytes], bytes | None]", tuple(answers))
    current = epoch.decode() if epoch else NO_EPOCH
    log = tuple(m for m in map(decode_message, raws) if m.epoch == current)
    now = decode_message(raw) if raw else None
    return Kept(current, log, now if now and now.epoch == current else None)
