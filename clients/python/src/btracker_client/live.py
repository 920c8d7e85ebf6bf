"""The live stream: places that are followed over disconnects, without holes and doubles."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from btracker_client.errors import ClosedError
from btracker_client.retry import pause_s

PROTOCOL = Subprotocol("btracker.v1+json")
SILENCE_S = 5.0
"""So long without a heartbeat is reason to connect anew."""
FOR_GOOD = frozenset({4400, 4401})
RESTART = 1012
NOT_NOW = "unavailable"
"""Neither cache nor store can answer; what is refused otherwise would be again."""


class Place(NamedTuple):
    """What can be followed: a channel and a key in it, as ``Place("token", mint)``.

    ``filters`` are for boards; ``max_rate`` is in messages a second.
    """

    channel: str
    key: str = "all"
    max_rate: float | None = None
    filters: Mapping[str, Any] | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A message of a place; ``type`` is snapshot, delta, event, candle, gap or reset."""

    type: str
    channel: str = ""
    key: str = ""
    epoch: str = ""
    seq: int = -1
    prev_seq: int | None = None
    slot: int = 0
    data: Any = None


class _Restart(msgspec.Struct, rename="camel"):
    reconnect_in_ms: int = 0


_decode = msgspec.json.Decoder(Message).decode
_encode = msgspec.json.encode


def merged(state: Mapping[str, Any], message: Message) -> dict[str, Any]:
    """Return the state of a token, board or account list after a message."""
    data = message.data or {}
    return dict(data) if message.type == "snapshot" else {**state, **data}


class Follower:
    """Where each place stands: what has been seen of it, and what a message means for it."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.places = {(place.channel, place.key): place for place in places}
        self._seen: dict[tuple[str, str], tuple[str, int]] = {}

    def subscribe(self, name: tuple[str, str]) -> dict[str, Any]:
        """Return the command that opens a place where it was left."""
        place, seen = self.places[name], self._seen.get(name)
        given = {
            "maxRate": place.max_rate,
            "filters": place.filters,
            "resume": {"epoch": seen[0], "seq": seen[1]} if seen else None,
        }
        named = {"op": "subscribe", "channel": place.channel, "key": place.key}
        return named | {name: one for name, one in given.items() if one is not None}

    def take(self, message: Message) -> bool | None:
        """Return whether a message is new; None: something before it is missing."""
        name = message.channel, message.key
        seen = self._seen.get(name)
        if message.type == "reset":
            self._seen.pop(name, None)
            return True
        if message.type != "snapshot" and seen:
            if message.epoch == seen[0] and message.seq <= seen[1]:
                return False
            if (message.epoch, message.prev_seq) != seen:
                return None
        self._seen[name] = message.epoch, message.seq
        return True


async def follow(
    url: str, places: Iterable[Place], *, key: str | None = None
) -> AsyncIterator[Message]:
    """Yield the messages of some places, for ever.

    A connection that breaks or is silent for 5 s is made anew, after a while that differs from
    client to client, and each place goes on where it was. Where what was missed cannot be had, a
    ``reset`` and a snapshot say so; a ``gap`` names events that were read too slowly. So it is
    where the API cannot answer just now.

    Raises:
        ClosedError: the API closed the connection, and would again (4400, 4401), or a
            subscription was refused (4400, with the reason).
    """
    follower, attempt = Follower(places), 0
    headers = {"X-API-Key": key} if key else {}
    while True:
        at_least_s = 0.0
        try:
            async with connect(
                url, subprotocols=[PROTOCOL], additional_headers=headers, max_size=None
            ) as socket:
                async for message in _talk(socket, follower):
                    attempt = 0
                    yield message
        except (OSError, InvalidHandshake, TimeoutError):
            pass
        except ConnectionClosed as closed:
            at_least_s = _after(closed)
        await asyncio.sleep(at_least_s + pause_s(attempt))
        attempt += 1


async def _talk(socket: ClientConnection, follower: Follower) -> AsyncIterator[Message]:
    """Yield what is new on one connection, until it ends, is silent (TimeoutError) or useless."""
    for name in follower.places:
        await socket.send(_encode(follower.subscribe(name)).decode())
    while True:
        async with asyncio.timeout(SILENCE_S):
            message = _decode(await socket.recv())
        if message.type == "error" and message.data["code"] == NOT_NOW:
            return
        if message.type == "error":
            raise ClosedError(4400, f"{message.data['code']}: {message.data['detail']}")
        name = message.channel, message.key
        if name not in follower.places or message.type == "ack":
            continue
        is_new = follower.take(message)
        if is_new is None:
            # Something is missing: ask for all that came after what was seen last.
            closing = {"op": "unsubscribe", "channel": message.channel, "key": message.key}
            await socket.send(_encode(closing).decode())
            await socket.send(_encode(follower.subscribe(name)).decode())
        elif is_new:
            yield message


def _after(closed: ConnectionClosed) -> float:
    """Return how many seconds the API wants to be left alone.

    Raises:
        ClosedError: for ever.
    """
    code = closed.rcvd.code if closed.rcvd else 1006
    reason = closed.rcvd.reason if closed.rcvd else ""
    if code in FOR_GOOD:
        raise ClosedError(code, reason) from closed
    if code != RESTART or not reason:
        return 0.0
    return msgspec.json.decode(reason, type=_Restart).reconnect_in_ms / 1000
