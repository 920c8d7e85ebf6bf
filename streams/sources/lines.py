"""One line of a recording: what must be known of it, and the same line moved in time."""

from datetime import UTC, datetime
from typing import NamedTuple

import msgspec

from domain.decode.shapes import BoundedTime
from domain.errors import UnreadableError
from schemas.fields import Slot
from streams.sources.frames import Shift

_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encode = msgspec.json.Encoder().encode


class ChainHead(msgspec.Struct, frozen=True, rename="camel"):
    """The part of a getTransaction result that places it; ``block_time`` null: not known."""

    slot: Slot
    block_time: BoundedTime | None = None


class Wrapped(msgspec.Struct, frozen=True):
    """A getTransaction answer with its JSON-RPC envelope."""

    result: ChainHead


class PostHead(NamedTuple):
    """A post's id, and its time in seconds since 1970; None for a line that is no post."""

    id: str | None
    time: float | None


class _PostData(msgspec.Struct, frozen=True):
    id: str
    created_at: str


class _PostLine(msgspec.Struct, frozen=True):
    data: _PostData | None = None


_chain = msgspec.json.Decoder(ChainHead)
_wrapped = msgspec.json.Decoder(Wrapped)
_post = msgspec.json.Decoder(_PostLine)


def chain_head(line: bytes) -> ChainHead:
    """Return slot and time of a getTransaction result, bare or inside ``result``.

    Raises:
        UnreadableError: it is not JSON, or has no slot.
    """
    try:
        return _chain.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        try:
            return _wrapped.decode(line).result
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise UnreadableError(f"not a getTransaction result with a slot: {error}") from error


def post_head(line: bytes) -> PostHead:
    """Return id and time of a line of X's stream; a control line or heartbeat has neither.

    Raises:
        UnreadableError: it is not JSON, or a post without id or time.
    """
    if not line.strip():
        return PostHead(None, None)
    try:
        data = _post.decode(line).data
        if data is None:
            return PostHead(None, None)
        return PostHead(data.id, _parse(data.created_at).timestamp())
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise UnreadableError(f"not a post of X's stream: {error}") from error


def shift_chain(line: bytes, shift: Shift) -> bytes:
    """Return a getTransaction result with slot and block time moved, all else byte for byte."""
    if shift == Shift():
        return line
    members = _object.decode(line)
    if "result" in members:
        return _encode(members | {"result": msgspec.Raw(shift_chain(members["result"], shift))})
    head = chain_head(line)
    members["slot"] = msgspec.Raw(b"%d" % (head.slot + shift.slots))
    if head.block_time is not None:
        members["blockTime"] = msgspec.Raw(b"%d" % (head.block_time + shift.seconds))
    return _encode(members)


def shift_post(line: bytes, shift: Shift) -> bytes:
    """Return a post with its time of creation moved, all else byte for byte.

    Raises:
        UnreadableError: there is no such time.
    """
    if shift == Shift() or post_head(line).time is None:
        return line
    members = _object.decode(line)
    data = _object.decode(members["data"])
    created = _parse(msgspec.json.decode(data["created_at"], type=str)).timestamp() + shift.seconds
    try:
        stamp = datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError) as error:
        raise UnreadableError(f"a post of a time that cannot be moved: {error}") from error
    data["created_at"] = msgspec.Raw(_encode(stamp.replace("+00:00", "Z")))
    return _encode(members | {"data": data})


def _parse(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
