"""A node that tells one client of transactions at a steady rate, whatever the client does."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from btracker.bench.capture import chain
from btracker.bench.capture.chain import SLOT_S, Block
from btracker.embedded import HOST, free_port
from schemas.fields import Signature, Slot
from streams.sources.solana.nodes import Mode

FIRST: Slot = 500_000_000
GENESIS = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"
METHODS = {
    "transactionSubscribe": Mode.TRANSACTIONS,
    "blockSubscribe": Mode.BLOCKS,
    "logsSubscribe": Mode.LOGS,
}

_encode = msgspec.json.Encoder().encode
_null = msgspec.Raw(b"null")


class Call(msgspec.Struct, frozen=True):
    """A request."""

    id: int
    method: str
    params: list[Any] = []


_call = msgspec.json.Decoder(Call).decode


class BenchNode:
    """What it told, and when, by the clock of ``perf_counter``.

    ``due``: when a transaction was to be told. ``asked`` and ``answered``: when a getTransaction
    arrived and when its answer was handed over. ``answer_s``: how long it thinks about each.
    """

    def __init__(self, *, answer_s: float) -> None:
        self.port = free_port()
        self.due: dict[Signature, float] = {}
        self.asked: dict[Signature, float] = {}
        self.answered: dict[Signature, float] = {}
        self._answer_s = answer_s
        self._blocks: dict[Slot, Block] = {FIRST: Block(FIRST, FIRST - 1, 0, ())}
        self._values: dict[Signature, bytes] = {}
        self._socket: web.WebSocketResponse | None = None
        self._slots = self._told = 0
        self._mode: Mode | None = None
        self._subscribed = asyncio.Event()

    @property
    def head(self) -> Slot:
        """The newest slot with a confirmed block."""
        return max(self._blocks)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Listen meanwhile."""
        app = web.Application()
        app.add_routes([web.get("/", self._listen), web.post("/", self._answer)])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, self.port).start()
            yield
        finally:
            await runner.cleanup()

    async def subscribed(self) -> None:
        """Return when somebody is subscribed to slots and to more."""
        await self._subscribed.wait()

    async def _listen(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        number = 0
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            call, number = _call(message.data), number + 1
            await socket.send_bytes(_reply(call.id, number))
            self._note(call, number)
            if self._mode is not None:
                self._socket = socket
                self._subscribed.set()
        self._subscribed.clear()
        self._mode = self._socket = None
        return socket

    def _note(self, call: Call, number: int) -> None:
        if call.method == "slotSubscribe":
            self._slots = number
        elif call.method != "logsSubscribe" or chain.is_of(call.params):
            self._mode, self._told = METHODS[call.method], number

    async def _answer(self, request: web.Request) -> web.Response:
        call = _call(await request.read())
        match call.method, call.params:
            case "getTransaction", [signature, *_]:
                return await self._transaction(call.id, signature)
            case "getBlocksWithLimit", [first, limit, *_]:
                slots = sorted(slot for slot in self._blocks if slot >= first)
                return _response(call.id, slots[:limit])
            case "getBlock", [slot, *_]:
                found = self._blocks.get(slot)
                body = msgspec.Raw(chain.block_json(found)) if found else _null
                return _response(call.id, body)
            case "getSlot", _:
                return _response(call.id, self.head)
            case "getGenesisHash", _:
                return _response(call.id, GENESIS)
        error = {"code": -32601, "message": "Method not found"}
        return web.json_response({"jsonrpc": "2.0", "id": call.id, "error": error})

    async def _transaction(self, number: int, signature: Signature) -> web.Response:
        self.asked.setdefault(signature, perf_counter())
        if self._answer_s:
            await asyncio.sleep(self._answer_s)
        response = _response(number, msgspec.Raw(self._values.get(signature, b"null")))
        self.answered.setdefault(signature, perf_counter())
        return response

    async def tell(self, blocks: Sequence[Block], *, per_second: int) -> None:
        """Tell of all transactions, each when it is due, and of each block at the end of its slot.

        Raises:
            ConnectionError: nobody listens any more.
        """
        began = perf_counter()
        for place, block in enumerate(blocks):
            starts = began + place * SLOT_S
            await _until(starts)
            await self._send(chain.slot_note(self._slots, block.slot))
            if self._mode is not Mode.BLOCKS:
                await self._one_by_one(block, starts, per_second=per_second)
            await _until(starts + SLOT_S)
            self._blocks[block.slot] = block
            if self._mode is Mode.BLOCKS:
                self.due.update((shot.signature, starts + SLOT_S) for shot in block.shots)
                await self._send(chain.block_note(self._told, block))

    async def _one_by_one(self, block: Block, starts: float, *, per_second: int) -> None:
        for index, shot in enumerate(block.shots):
            due = starts + index / per_second
            await _until(due)
            self.due[shot.signature] = due
            if self._mode is Mode.LOGS:
                self._values[shot.signature] = shot.value
                await self._send(chain.logs_note(self._told, shot))
            else:
                await self._send(chain.transaction_note(self._told, shot, index))

    async def _send(self, note: bytes) -> None:
        if self._socket is None or self._socket.closed:
            raise ConnectionError("The collector does not listen any more.")
        await self._socket.send_bytes(note)


async def _until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - perf_counter()))


def _reply(number: int, result: object) -> bytes:
    return _encode({"jsonrpc": "2.0", "id": number, "result": result})


def _response(number: int, result: object) -> web.Response:
    return web.Response(body=_reply(number, result), content_type="application/json")
