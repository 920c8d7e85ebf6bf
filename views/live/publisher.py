"""Stamping frames and putting them into the cache: log, snapshot and message in one step."""

from collections.abc import Iterable, Mapping, Sequence
from time import time, time_ns
from typing import Any, cast

from redis.asyncio import Redis

from schemas.topics import EPOCH_ZERO_US
from views import metrics
from views.live.drafting import Drafting, published
from views.live.message import (
    COUNT,
    EPOCH,
    META,
    Draft,
    Message,
    Place,
    data_of,
    decode_message,
    encode_message,
    snapshot_message,
    stamped,
)
from views.live.recent import Recent

KEPT_PLACES = 200_000

# One step for the server, so that a writer that dies leaves whole batches behind: the log of each
# frame's place, its snapshot where there is one, the message, and what the batch was made from.
_PUBLISH = """
local meta, epoch, count = KEYS[1], ARGV[1], ARGV[2]
local frames, history, idle = tonumber(ARGV[3]), ARGV[4], ARGV[5]
local at = 5
for _ = 1, frames do
  local log, now, wire, message, state =
    ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]
  redis.call('RPUSH', log, message)
  redis.call('LTRIM', log, -history, -1)
  redis.call('EXPIRE', log, idle)
  if state ~= '' then redis.call('SET', now, state, 'EX', idle) end
  redis.call('PUBLISH', wire, message)
  at = at + 5
end
redis.call('HSET', meta, 'epoch', epoch, 'count', count)
while at < #ARGV do
  redis.call('HSET', meta, ARGV[at + 1], ARGV[at + 2])
  at = at + 2
end
"""


class Publisher:
    """The one writer's side of the cache. Errors of the cache come out as they are."""

    def __init__(self, redis: Redis, *, history_frames: int, history_s: int) -> None:
        self._redis = redis
        self._script = redis.register_script(_PUBLISH)
        self._history = (str(history_frames), str(history_s))
        self._seqs: Recent[Place, int] = Recent(KEPT_PLACES)
        self.epoch, self._count = "", 0

    async def resume(self) -> dict[str, str] | None:
        """Go on where the cache says the last writer was; return what it has noted there.

        None where it says nothing: then a new epoch has to begin.
        """
        meta = await self._redis.hgetall(META)
        notes = {_bytes(name).decode(): _bytes(value).decode() for name, value in meta.items()}
        if EPOCH not in notes:
            return None
        self._seqs = Recent(KEPT_PLACES)
        self.epoch, self._count = notes.pop(EPOCH), int(notes.pop(COUNT))
        return notes

    async def begin_epoch(self, notes: Mapping[str, str]) -> None:
        """Begin a new epoch, and say so: nobody can tell any more what was sent before.

        *notes* say where it begins; whatever comes after them will be sent to whoever subscribes.
        """
        self._seqs = Recent(KEPT_PLACES)
        self.epoch, self._count = f"{time_ns() // 1000 - EPOCH_ZERO_US:x}", 0
        fields: dict[Any, Any] = {**notes, EPOCH: self.epoch, COUNT: self._count}
        pipe = self._redis.pipeline(transaction=True)
        pipe.delete(META)
        pipe.hset(META, mapping=fields)
        await pipe.execute()

    async def recall(self, mints: Iterable[str], drafting: Drafting) -> None:
        """Learn from the cache what subscribers know of tokens that are not at hand."""
        places = [Place("token", m) for m in dict.fromkeys(mints) if drafting.tokens.get(m) is None]
        if not places:
            return
        found = await self._redis.mget([place.now for place in places])
        for place, raw in zip(places, found, strict=True):
            message = decode_message(_bytes(raw)) if raw else None
            if message is not None and message.epoch == self.epoch:
                self._seqs.put(place, message.seq)
                state = published(message.version, bytes(data_of(message)))
                drafting.tokens.put(place.key, state)

    async def publish(self, drafts: Sequence[Draft], *, notes: Mapping[str, str]) -> None:
        """Stamp frames, keep and send them, and note how far the writer is, all in one step."""
        await self._recall_seqs({draft.place for draft in drafts})
        arguments: list[Any] = [self.epoch, 0, len(drafts), *self._history]
        seqs: dict[Place, int] = {}
        count, now = self._count, int(time())
        for draft in drafts:
            known = seqs.get(draft.place) or self._seqs.get(draft.place)
            count += 1
            # The first of a place that has been forgotten is greater than any it ever had.
            seq, prev = (known + 1, known) if known else (count, 0)
            seqs[draft.place] = seq
            arguments += _arguments(draft, epoch=self.epoch, seq=seq, prev=prev, at=now)
        arguments[1] = count
        arguments += [item for note in notes.items() for item in note]
        await self._script(keys=[META], args=arguments)
        self._count = count
        for place, seq in seqs.items():
            self._seqs.put(place, seq)
        for draft in drafts:
            metrics.FRAMES.labels(draft.place.channel).inc()

    async def _recall_seqs(self, places: Iterable[Place]) -> None:
        """Learn from the cache the last number of places that are not at hand."""
        unknown = [place for place in places if self._seqs.get(place) is None]
        if not unknown:
            return
        pipe = self._redis.pipeline(transaction=False)
        for place in unknown:
            pipe.lindex(place.log, -1)
        for place, raw in zip(unknown, await pipe.execute(), strict=True):
            message = decode_message(_bytes(raw)) if raw else None
            if message is not None and message.epoch == self.epoch:
                self._seqs.put(place, message.seq)


def _arguments(draft: Draft, *, epoch: str, seq: int, prev: int, at: int) -> list[Any]:
    """Return what the script is told of one frame."""
    place, state = draft.place, draft.state
    message = stamped(draft, epoch=epoch, seq=seq, prev=prev, at=at)
    kept: Message | None = None
    if state is not None:
        kept = snapshot_message(
            place, epoch=epoch, seq=seq, slot=draft.slot, at=at, data=state, version=draft.version
        )
    return [
        place.log, place.now, place.wire, encode_message(message),
        encode_message(kept) if kept else b"",
    ]  # fmt: skip


def _bytes(answer: bytes | str) -> bytes:
    """Return an answer of the cache, which is bytes: the client decodes nothing."""
    return cast("bytes", answer)
