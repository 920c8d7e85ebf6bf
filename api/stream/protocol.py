"""What is said on the live WebSocket, both ways. Pure."""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from api.parameters import address
from domain.amounts import timestamp
from schemas.base import Record
from schemas.fields import Address, Mint, Slot, Timestamp
from views.contract import TokenQuery
from views.live.contract import Channel, Resume

SUBPROTOCOL = "btracker.v1+json"

BAD_MESSAGE = 4400
NOT_AUTHORISED = 4401
TOO_SLOW = 4408
OVER_LIMIT = 4429
RESTART = 1012

BY_TOKEN: frozenset[Channel] = frozenset({"token", "trades", "candles", "holders"})
LEAST_RATE = 1 / 60
"""Messages a second of a state: what is merged in a minute is all that has to be kept of it."""

Id = int | str | None
Rate = Annotated[float, Meta(gt=0, le=1000)]
Name = Annotated[str, Meta(max_length=128)]


class Command(Record, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What a client says; ``id`` comes back in the answer. A typo is refused, not ignored."""

    id: Id = None


class BoardFilters(Record, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """Which tokens of a board; as in ``GET /tokens``."""

    launchpad: str | None = None
    protocol: str | None = None
    category: str | None = None
    language: str | None = None
    creator: Address | None = None
    quote: Mint | None = None
    has_post: bool | None = None

    def query(self) -> TokenQuery:
        """Return the filters as the store knows them."""
        return TokenQuery(**msgspec.structs.asdict(self))


class Subscribe(Command, frozen=True, kw_only=True, tag_field="op", tag="subscribe"):
    """Start one channel key. ``max_rate``: messages a second at most, merged to the newest.

    ``filters`` are for boards.
    """

    channel: Name
    key: Name = "all"
    resume: Resume | None = None
    max_rate: Rate | None = None
    filters: BoardFilters | None = None

    @property
    def rate(self) -> float | None:
        """How many messages a second may go, None: as they come."""
        return None if self.max_rate is None else max(self.max_rate, LEAST_RATE)


class Unsubscribe(Command, frozen=True, kw_only=True, tag_field="op", tag="unsubscribe"):
    """End one channel key."""

    channel: Name
    key: Name = "all"


class Ping(Command, frozen=True, kw_only=True, tag_field="op", tag="ping"):
    """Ask whether the server listens."""


class Auth(Command, frozen=True, kw_only=True, tag_field="op", tag="auth"):
    """Say who one is."""

    token: Annotated[str, Meta(max_length=2048)]


COMMANDS = msgspec.json.Decoder(Subscribe | Unsubscribe | Ping | Auth)


class Message(Record, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What the server says of itself; frames of the feed are passed on as they came.

    ``prev_seq`` None: this begins anew; it is left out only where there is no ``seq``.
    """

    type: str
    id: Id = None
    channel: str | None = None
    key: str | None = None
    epoch: str | None = None
    seq: int | None = None
    prev_seq: int | UnsetType | None = UNSET
    slot: Slot | None = None
    ts: Timestamp | None = None
    data: Any = None


def encode(message: Message) -> bytes:
    """Return a message as it goes over the wire."""
    return msgspec.json.encode(message)


def refusal(code: str, detail: str, *, asked: Id = None) -> bytes:
    """Return the error that answers a command; *detail* is one sentence for a person."""
    return encode(Message(type="error", id=asked, data={"code": code, "detail": detail}))


def heartbeat(*, slot: Slot, lag_ms: int | None, paused: bool, at_s: int) -> bytes:
    """Return a heartbeat; *paused*: nothing is coming, because the cache is out of reach."""
    data = {"headSlot": slot, "lagMs": lag_ms, "paused": paused}
    return encode(Message(type="heartbeat", slot=slot, ts=timestamp(at_s), data=data))


def is_key(channel: str, key: str) -> bool:
    """Return whether a key begins with an address, in channels of one token."""
    if channel not in BY_TOKEN:
        return True
    try:
        address(key.partition(":")[0] if channel == "candles" else key)
    except ValueError:
        return False
    return True
