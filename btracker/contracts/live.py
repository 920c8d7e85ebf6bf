"""What the live WebSocket says: every message of every channel, as JSON Schema."""

from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from api.stream.protocol import Auth, Message, Ping, Subscribe, Unsubscribe
from schemas.base import Record
from schemas.candle import Candle
from schemas.fields import Slot, Timestamp
from schemas.post import Post
from schemas.public import HolderRecord, LifecycleRecord, TradeRecord
from schemas.token import Token
from views.live.contract import Channel
from views.live.heads import ChainHead

REF = "#/components/schemas/{name}"
Schema = dict[str, Any]


class Limits(Record, frozen=True, kw_only=True, rename="camel"):
    """What one connection may do; ``stall_ms``: how long it may read nothing."""

    subscriptions: int
    messages_per_second: int
    message_max_bytes: int
    queued_events: int
    stall_ms: int


class Welcome(Record, frozen=True, kw_only=True, rename="camel"):
    """The first message of a connection; ``pictures``: whether the API fetches those of tokens."""

    protocol: str
    heartbeat_ms: int
    channels: tuple[str, ...]
    limits: Limits
    pictures: bool = False


class Subscribed(Record, frozen=True, kw_only=True, rename="camel"):
    """What a subscription was given; null: its messages are not merged."""

    max_rate: float | None


class Admitted(Record, frozen=True, kw_only=True, rename="camel"):
    """What a client may do after ``auth``, and until when."""

    scopes: tuple[str, ...]
    expires_at: Timestamp | None


class Refusal(Record, frozen=True, kw_only=True, rename="camel"):
    """Why a command cannot be done: ``code`` for programs, ``detail`` for people."""

    code: str
    detail: str


class Heartbeat(Record, frozen=True, kw_only=True, rename="camel"):
    """That the connection lives; ``paused``: nothing comes, the cache is out of reach."""

    head_slot: Slot
    lag_ms: int | None
    paused: bool


class Missed(Record, frozen=True, kw_only=True, rename="camel"):
    """What was dropped because it was read too slowly, ends included."""

    from_seq: int
    to_seq: int
    from_slot: Slot
    to_slot: Slot


class Deleted(Record, frozen=True, kw_only=True, rename="camel"):
    """A post that was deleted on X."""

    id: str
    deleted: bool


COMMANDS: Mapping[str, Any] = {
    "subscribe": Subscribe, "unsubscribe": Unsubscribe, "ping": Ping, "auth": Auth,
}  # fmt: skip
TYPES = (
    *COMMANDS.values(), Message, Welcome, Subscribed, Admitted, Refusal, Heartbeat, Missed, Deleted,
    Token, TradeRecord, Candle, HolderRecord, LifecycleRecord, Post, ChainHead,
)  # fmt: skip
NUMBERED = ("type", "channel", "key", "epoch", "seq", "prevSeq", "slot", "data")
"""What every message of a channel has."""


def ref(kind: type[Any]) -> Schema:
    """Return a reference to the schema of a type."""
    return {"$ref": REF.format(name=kind.__name__)}


def any_of(*schemas: Schema) -> Schema:
    """Return the schema of a value that fits one of some."""
    return {"anyOf": [*schemas]}


def listed(item: Schema) -> Schema:
    """Return the schema of ``{"items": […]}``."""
    return closed({"items": {"type": "array", "items": item}})


def closed(properties: Schema, **more: Any) -> Schema:
    """Return the schema of an object that has all of some properties."""
    return {"type": "object", "properties": properties, "required": [*properties], **more}


def changed(kind: type[Any]) -> Schema:
    """Return the schema of those members of a token that changed, with its version."""
    properties = _COMPONENTS[kind.__name__]["properties"]
    return {"type": "object", "properties": properties, "required": ["version"]}


_, _COMPONENTS = msgspec.json.schema_components(TYPES, ref_template=REF)
MINTS = {"type": "array", "items": {"type": "string"}}
NOTHING: Schema = {"type": "object", "maxProperties": 0}
BY_ACCOUNT = {"type": "object", "additionalProperties": ref(HolderRecord)}
BOARD = {
    "type": "object",
    "properties": {"order": MINTS},
    "required": ["order"],
    "additionalProperties": ref(Token),
}
DATA: Mapping[str, Mapping[str, Schema]] = {
    "token": {"snapshot": any_of(ref(Token), NOTHING), "delta": changed(Token)},
    "trades": {"snapshot": listed(ref(TradeRecord)), "event": ref(TradeRecord)},
    "candles": {"snapshot": listed(ref(Candle)), "candle": ref(Candle)},
    "holders": {"snapshot": BY_ACCOUNT, "delta": BY_ACCOUNT},
    "board": {"snapshot": BOARD, "delta": BOARD},
    "launches": {"snapshot": listed(ref(LifecycleRecord)), "event": ref(LifecycleRecord)},
    "posts": {"snapshot": listed(ref(Post)), "event": any_of(ref(Post), ref(Deleted))},
    "status": {"snapshot": ref(ChainHead), "delta": ref(ChainHead)},
}
"""The data of the messages of each channel, by their type."""
NUMBERED_ELSE: Mapping[str, Schema] = {"gap": ref(Missed), "reset": {"type": "null"}}
"""The data of messages that any channel may have."""
UNNUMBERED: Mapping[str, Schema] = {
    "welcome": ref(Welcome),
    "ack": any_of(ref(Subscribed), ref(Admitted)),
    "heartbeat": ref(Heartbeat),
    "error": ref(Refusal),
}
"""The data of messages that belong to no channel; an ack need not have any."""


def live_schemas() -> dict[str, Schema]:
    """Return the schemas of everything that is said, by name."""
    return {name: schema for name, schema in _COMPONENTS.items() if name != "Message"}


def commands() -> dict[str, Schema]:
    """Return what a client may say, by name."""
    return {name: ref(kind) for name, kind in COMMANDS.items()}


def told() -> dict[str, Schema]:
    """Return what the server says, by name: ``welcome``, ``token.snapshot`` and so on."""
    every = [*get_args(Channel)]
    return {
        **{kind: _message(kind, data) for kind, data in UNNUMBERED.items()},
        **{
            f"{channel}.{kind}": _message(kind, data, channels=[channel])
            for channel, kinds in DATA.items()
            for kind, data in kinds.items()
        },
        **{kind: _message(kind, data, channels=every) for kind, data in NUMBERED_ELSE.items()},
    }


def _message(kind: str, data: Schema, *, channels: list[str] | None = None) -> Schema:
    """Return the schema of a message; with *channels*, of one that has a number."""
    properties = {**_COMPONENTS["Message"]["properties"], "type": {"const": kind}, "data": data}
    if channels is None:
        required = ["type"] if kind == "ack" else ["type", "data"]
        return {"type": "object", "properties": properties, "required": required}
    numbered = {
        "channel": {"enum": channels},
        "key": {"type": "string"},
        "epoch": {"type": "string"},
        "seq": {"type": "integer"},
        "slot": {"type": "integer"},
    }
    return {
        "type": "object",
        "properties": {**properties, **numbered},
        "required": [*NUMBERED],
    }
