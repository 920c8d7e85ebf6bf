"""What a subscriber of the live feed sees: frames, in order, with nothing missing in silence."""

from typing import Literal, NamedTuple, Protocol

import msgspec

from schemas.fields import ChainTime, Mint, Slot
from views.contract import TokenDocument

Channel = Literal["token", "trades", "candles", "holders", "board", "launches", "posts", "status"]
"""Keys: the mint (token, trades, holders), ``mint:resolution`` (candles), the board's name, and
``all`` for launches, posts and status."""

Kind = Literal["snapshot", "delta", "event", "candle", "reset"]


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a channel key, serialised once for everybody.

    ``body`` is the whole JSON message of the WebSocket contract; ``data`` its ``data`` member.
    ``seq`` counts the messages of the channel key within ``epoch``; ``prev`` is the one before
    it, None for a snapshot (the state as of ``seq``) and a reset (a snapshot follows).
    ``version`` is that of the state it carries, 0 where states have none.
    """

    channel: Channel
    key: str
    epoch: str
    seq: int
    prev: int | None
    kind: Kind
    slot: Slot
    data: msgspec.Raw
    body: bytes
    version: int = 0


class Sink(Protocol):
    """Who receives frames: called in the event loop, must neither block nor raise."""

    def receive(self, frame: Frame) -> None:
        """Take one frame; the next one has this one's ``seq`` as its ``prev``, or is a reset.

        Between them, states that are older than one already sent have been left out.
        """


class Resume(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last message that a client has seen of a channel key."""

    epoch: str
    seq: int


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """How far the live feed is; ``paused`` while the cache that carries it is out of reach."""

    slot: Slot
    chain_time: ChainTime | None
    complete_through_slot: Slot
    paused: bool


class Recalled(NamedTuple):
    """A token as the cache has it in an epoch of the feed, None where it does not know it."""

    epoch: str
    document: TokenDocument | None


class Subscription(Protocol):
    """A sink's place in the feed."""

    def close(self) -> None:
        """Send this sink no more frames."""


class LiveFeed(Protocol):
    """The reader's side of the live feed; one per process, over one connection."""

    @property
    def head(self) -> Head:
        """Return how far the feed is, for heartbeats."""

    @property
    def paused(self) -> bool:
        """Return whether the cache that carries the feed is out of reach."""

    async def gone_round(self) -> None:
        """Return when no message is on its way to a crowd of clients any more."""

    async def start(self) -> None:
        """Connect, and keep connected until closed; does not wait for the connection."""

    async def close(self) -> None:
        """Disconnect and forget every sink."""

    async def subscribe(
        self, channel: Channel, key: str, sink: Sink, *, resume: Resume | None = None
    ) -> Subscription:
        """Send a sink what it missed since *resume*, or a snapshot, and then everything new.

        Without *resume* the first frame is a snapshot. With it the first frames are exactly those
        missed (there may be none), or a reset and a snapshot where they cannot be had. The first
        frames have been received when this returns.

        Raises:
            UsageError: there is no such channel, board, resolution or address.
            StoreError: neither the cache nor the store can answer just now.
        """

    async def recall(self, mint: Mint) -> Recalled:
        """Return a token as the cache has it, which is never older than what was sent of it.

        Raises:
            StoreError: the cache is out of reach.
        """

    async def remember(self, document: TokenDocument, *, epoch: str) -> None:
        """Keep a token in the cache for 30 s as the store had it, which was read in *epoch*.

        Raises:
            StoreError: the cache is out of reach.
        """
