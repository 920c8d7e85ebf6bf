"""Subscriptions: the channels of the live feed, with the messages that the WebSocket has."""

from collections.abc import Callable
from typing import Any, NamedTuple, cast

import msgspec
from pydantic import Field

from api.graphql.arguments import OfBoard, OfMint, Seq
from api.graphql.context import Context
from api.parameters import NoParameters, Parameters, Resolution
from api.problem import Problem, bad_parameter
from api.stream.outbox import Following
from api.stream.protocol import Subscribe
from schemas.base import Record
from schemas.fields import Slot, Timestamp
from views.live.contract import Channel, Resume


class LiveMessage(Record, frozen=True, kw_only=True, rename="camel"):
    """A message of the live WebSocket: its numbers, and its data as they are there.

    ``type``: snapshot, delta, event, candle, gap or reset. ``prev_seq`` is the one before it; null
    in what begins anew.
    """

    type: str
    channel: str
    key: str
    epoch: str
    seq: int
    prev_seq: int | None = None
    slot: Slot
    ts: Timestamp | None = None
    data: Any = None


class OfCandles(OfMint):
    """The candles of one token."""

    resolution: Resolution = Field("1m", description="As in GET /v1/tokens/{mint}/candles.")


class Pace(Parameters):
    """From where on, and how often."""

    epoch: str | None = Field(None, max_length=128, description="Of the last message seen.")
    seq: Seq | None = Field(None, description="Of the last message seen: to go on behind it.")
    max_rate: float | None = Field(
        None, gt=0, le=1000, description="Messages a second at most, merged to the newest."
    )


class Followed(NamedTuple):
    """A channel: what it is called, where in it, and the key that this is."""

    channel: Channel
    about: str
    key: Callable[[Any], str] = lambda _: "all"
    at: type[Parameters] = NoParameters


FOLLOWED: tuple[Followed, ...] = (
    Followed("token", "One token.", lambda at: str(at.mint), OfMint),
    Followed("trades", "The trades of one token.", lambda at: str(at.mint), OfMint),
    Followed(
        "candles", "The candles of one token.", lambda at: f"{at.mint}:{at.resolution}", OfCandles
    ),
    Followed("holders", "The accounts of one token.", lambda at: str(at.mint), OfMint),
    Followed("board", "A board, in its order.", lambda at: str(at.name), OfBoard),
    Followed("launches", "Every launch."),
    Followed("posts", "Every post."),
    Followed("status", "How far it is."),
)
_message = msgspec.json.Decoder(LiveMessage).decode


class Messages:
    """The messages of one subscription, as GraphQL reads them."""

    def __init__(self, following: Following) -> None:
        self._following = following

    def __aiter__(self) -> "Messages":
        return self

    async def __anext__(self) -> LiveMessage:
        return _message(await self._following.next())

    async def aclose(self) -> None:
        """Follow no more."""
        self._following.close()


async def follow(context: Context, followed: Followed, at: Any, pace: Pace) -> Messages:
    """Return the messages of a channel key, from its snapshot or behind a message on.

    Raises:
        Problem: this is no live connection (400), or half of a message is named (400).
        RefusedError: there is no such key, or its client may not follow it.
        StoreError: neither the cache nor the store can answer just now.
    """
    if context.session is None:
        raise Problem(400, "badQuery", "Subscriptions need a WebSocket.")
    asked = Subscribe(
        channel=cast("str", followed.channel),
        key=followed.key(at),
        resume=_resume(pace),
        max_rate=pace.max_rate,
    )
    return Messages(await context.session.follow(asked))


def _resume(pace: Pace) -> Resume | None:
    if pace.epoch is not None and pace.seq is not None:
        return Resume(pace.epoch, pace.seq)
    if pace.epoch is None and pace.seq is None:
        return None
    raise bad_parameter("seq", "is given with its epoch, or not at all")
