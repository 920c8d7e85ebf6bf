"""One WebSocket connection: its subscriptions, and what waits to be sent."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any

import msgspec
from aiohttp import ClientConnectionResetError, WSMessage, WSMsgType, web

from tests.node.errors import RpcError, invalid_params
from tests.node.faults import NodeFaults
from tests.node.heads import Progress
from tests.node.rpc import answered, notification, read
from tests.node.spoiling import spoiled
from tests.node.subscriptions import UNSUBSCRIBE, Note, Subscription, notes_of, subscribed
from tests.node.transactions import Json
from tests.node.view import Traits, View

MOST_WAITING = 20_000
"""Notifications; real nodes, too, leave a subscriber that reads too slowly."""

_ids = count(1)


class Connection:
    """What a client follows over one socket.

    ``asked`` is told the methods it calls, and may refuse; ``joined`` is called after each new
    subscription.
    """

    def __init__(
        self,
        socket: web.WebSocketResponse,
        transport: asyncio.Transport | None,
        *,
        traits: Callable[[], Traits],
        asked: Callable[[str], None],
        joined: Callable[[], None],
    ) -> None:
        self.subscriptions: dict[int, Subscription] = {}
        self._held: dict[int, list[Note]] = {}
        self._socket, self._transport = socket, transport
        self._traits, self._asked, self._joined = traits, asked, joined
        self._waiting: asyncio.Queue[str] = asyncio.Queue()

    async def run(self) -> None:
        """Answer and send until either side ends the connection."""
        sending = asyncio.create_task(self._send())
        try:
            async for message in self._socket:
                self._hear(message)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            while not self._waiting.empty():
                self._waiting.get_nowait()
                self._waiting.task_done()

    def tell(self, view: View, progress: Progress, faults: NodeFaults, *, key: str) -> None:
        """Queue what a new block has to say to each subscription."""
        # A node that lags never sees the chain's last blocks.
        last = view.step >= len(view.chain.seen) - 1 - faults.lag
        for number, subscription in self.subscriptions.items():
            notes = notes_of(subscription, view, progress)
            now, later = spoiled(notes, self._held.get(number, []), faults, key=key, last=last)
            self._held[number] = later
            for note in now:
                self._waiting.put_nowait(notification(subscription.kind, number, note.result))
        if self._waiting.qsize() > MOST_WAITING:
            self.cut()

    async def drained(self) -> None:
        """Return when all that was queued has been sent, or cannot be any more."""
        await self._waiting.join()

    def cut(self) -> None:
        """End the connection without a word, as where a machine or a network is lost."""
        if self._transport:
            self._transport.abort()

    def _hear(self, message: WSMessage) -> None:
        if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
            return
        try:
            found = read(message.data)
        except RpcError as error:
            answer: Json | None = {"jsonrpc": "2.0", "error": error.body(), "id": None}
        else:
            answer = answered(found, self._call)
        if answer is not None:
            self._waiting.put_nowait(msgspec.json.encode(answer).decode())

    def _call(self, method: str, params: list[Any]) -> Any:
        self._asked(method)
        if method in UNSUBSCRIBE:
            return self._unsubscribe(params)
        number = next(_ids)
        self.subscriptions[number] = subscribed(method, params, self._traits())
        self._joined()
        return number

    def _unsubscribe(self, params: list[Any]) -> bool:
        number = params[0] if params else None
        if not isinstance(number, int) or self.subscriptions.pop(number, None) is None:
            raise invalid_params("Invalid subscription id.")
        self._held.pop(number, None)
        return True

    async def _send(self) -> None:
        with suppress(ClientConnectionResetError, ConnectionResetError):
            while True:
                text = await self._waiting.get()
                try:
                    await self._socket.send_str(text)
                finally:
                    self._waiting.task_done()
