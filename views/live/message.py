"""How a frame travels: its envelope, its body, and where it is kept; pure."""

from typing import NamedTuple

import msgspec

from domain.amounts import timestamp
from schemas.fields import ChainTime, Slot
from views.live.contract import Channel, Frame, Kind

PREFIX = "bt:live"
META = f"{PREFIX}:meta"
"""A hash: the epoch, the number of frames in it, and how far each partition has been read."""
EPOCH, COUNT = "epoch", "count"


class Place(NamedTuple):
    """A channel key."""

    channel: Channel
    key: str

    @property
    def log(self) -> str:
        """The list of its newest messages."""
        return f"{PREFIX}:log:{self.channel}:{self.key}"

    @property
    def now(self) -> str:
        """Its newest snapshot, where the writer makes one."""
        return f"{PREFIX}:now:{self.channel}:{self.key}"

    @property
    def wire(self) -> str:
        """Where its messages are published."""
        return f"{PREFIX}:on:{self.channel}:{self.key}"


class Message(msgspec.Struct, frozen=True, array_like=True):
    """A frame's envelope in the cache. ``data_start``: where its data stand in ``body``.

    ``version`` is that of the record it carries, 0 where there is none. ``prev`` 0: nothing of
    this channel key is known before it.
    """

    epoch: str
    seq: int
    prev: int
    kind: Kind
    slot: Slot
    version: int
    data_start: int
    body: bytes


encode_message = msgspec.msgpack.Encoder().encode
decode_message = msgspec.msgpack.Decoder(Message).decode


class Draft(NamedTuple):
    """A frame that has no ``seq`` yet. ``state``: the whole state it leads to, if kept."""

    place: Place
    kind: Kind
    slot: Slot
    data: bytes
    version: int = 0
    state: bytes | None = None


def body_of(
    place: Place,
    *,
    epoch: str,
    seq: int,
    prev: int | None,
    kind: Kind,
    slot: Slot,
    at: ChainTime,
    data: bytes,
) -> tuple[bytes, int]:
    """Return a message of the WebSocket contract, and where its data start; *at* is wall time."""
    key = msgspec.json.encode(place.key).decode()
    previous = "null" if prev is None else prev
    head = (
        f'{{"type":"{kind}","channel":"{place.channel}","key":{key},"epoch":"{epoch}",'
        f'"seq":{seq},"prevSeq":{previous},"slot":{slot},"ts":"{timestamp(at)}","data":'
    ).encode()
    return head + data + b"}", len(head)


def stamped(draft: Draft, *, epoch: str, seq: int, prev: int, at: ChainTime) -> Message:
    """Return the message of a draft."""
    body, start = body_of(
        draft.place, epoch=epoch, seq=seq, prev=prev, kind=draft.kind, slot=draft.slot, at=at,
        data=draft.data,
    )  # fmt: skip
    return Message(epoch, seq, prev, draft.kind, draft.slot, draft.version, start, body)


def snapshot_message(
    place: Place, *, epoch: str, seq: int, slot: Slot, at: ChainTime, data: bytes, version: int = 0
) -> Message:
    """Return the message of a state as of *seq*."""
    body, start = body_of(
        place, epoch=epoch, seq=seq, prev=None, kind="snapshot", slot=slot, at=at, data=data
    )
    return Message(epoch, seq, 0, "snapshot", slot, version, start, body)


def data_of(message: Message) -> msgspec.Raw:
    """Return a message's data."""
    return msgspec.Raw(message.body[message.data_start : -1])


def frame_of(place: Place, message: Message) -> Frame:
    """Return a message as a subscriber sees it."""
    return Frame(
        channel=place.channel,
        key=place.key,
        epoch=message.epoch,
        seq=message.seq,
        prev=None if message.kind in ("snapshot", "reset") else message.prev,
        kind=message.kind,
        slot=message.slot,
        data=data_of(message),
        body=message.body,
        version=message.version,
    )
