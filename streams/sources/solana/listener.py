"""One node's WebSocket: connected, subscribed, listened to, and again whenever that ends."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import NamedTuple

from solana.rpc.commitment import Commitment
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from domain.errors import UnreadableError
from schemas.fields import Address
from streams.sources.solana import metrics
from streams.sources.solana.backoff import Cause, pause_s
from streams.sources.solana.blocks import PROGRAM_IDS, Mentions
from streams.sources.solana.nodes import Mode, Node
from streams.sources.solana.notices import (
    BlockSeen,
    LogsSeen,
    Notice,
    Reply,
    SlotSeen,
    TransactionSeen,
    read_message,
)
from streams.sources.solana.requests import (
    TransactionSubscribe,
    block_subscribe,
    logs_subscribe,
    slot_subscribe,
)
from streams.sources.solana.rpc import BODY_BYTES, RefusedError, Request, Rpc, seconds_of
from streams.sources.solana.standing import Standing

OPEN_S, REPLY_S = 10.0, 10.0
BEST_FIRST = (Mode.TRANSACTIONS, Mode.BLOCKS, Mode.LOGS)
KINDS: Mapping[type, str] = MappingProxyType(
    {SlotSeen: "slot", LogsSeen: "logs", TransactionSeen: "transaction", BlockSeen: "block"}
)
LIMITED = "error 429"
DENIED = {401, 403, 404}

log = logging.getLogger(__name__)
wire_log = logging.getLogger(f"{__name__}.wire")
# What websockets logs below that holds whole addresses, and with them keys.
wire_log.setLevel(logging.INFO)


class Connect(connect):
    """A connection to where a node was said to be, and to nowhere else."""

    def process_redirect(self, exc: Exception) -> Exception:
        """Follow none: neither do requests over HTTP."""
        return exc


class EndedError(Exception):
    """A connection has ended, or was not made."""

    def __init__(self, cause: Cause, reason: str, *, asked_s: float = 0.0) -> None:
        super().__init__(reason)
        self.cause, self.asked_s = cause, asked_s


class Listening(NamedTuple):
    """How nodes are listened to. ``stall_s``: how long a node's slot may stand still."""

    commitment: Commitment
    stall_s: float
    mentions: Mentions
    programs: tuple[Address, ...] = PROGRAM_IDS


class Listener:
    """Listens to one node until it is cancelled; *hear* is told what the node says."""

    def __init__(
        self,
        rpc: Rpc,
        standing: Standing,
        listening: Listening,
        hear: Callable[[Standing, Notice], None],
    ) -> None:
        self._rpc, self._node, self._standing = rpc, rpc.node, standing
        self._listening, self._hear = listening, hear
        self._modes = list(modes_of(self._node))
        self._failures = self._hung_up = 0

    async def run(self) -> None:
        """Connect, listen, and wait a little whenever that ends, for ever."""
        while True:
            try:
                await self._connect()
            except EndedError as ended:
                pause = self._leave(ended)
            await asyncio.sleep(pause)

    def _leave(self, ended: EndedError) -> float:
        """Take note of an end; return the seconds to wait."""
        self._failures += 1
        standing, cause = self._standing, ended.cause
        standing.leave(f"{cause}: {ended}", is_stalled=cause is Cause.STALLED)
        metrics.RECONNECTS.labels(standing.name, cause).inc()
        log.info("%s: %s (%s).", standing.name, ended, cause)
        return pause_s(
            cause,
            failures=self._failures,
            jitter=random.random(),  # noqa: S311  # It only spreads waits.
            asked_s=ended.asked_s,
        )

    async def _connect(self) -> None:
        """Listen until the connection ends.

        Raises:
            EndedError: always.
        """
        await self._introduce()
        await self._rpc.wait()  # Providers count connections like requests.
        try:
            async with Connect(
                self._node.ws,
                max_size=BODY_BYTES,
                open_timeout=OPEN_S,
                close_timeout=1,
                proxy=None,
                logger=wire_log,
                user_agent_header="btracker",
            ) as socket:
                await self._listen(socket)
        except ConnectionClosed as error:
            raise EndedError(Cause.CLOSED, "the node ended the connection") from error
        except InvalidStatus as error:
            raise _refusal(error) from None
        except UnreadableError as error:
            raise EndedError(Cause.PROTOCOL, str(error)) from error
        except (OSError, TimeoutError, WebSocketException, ValueError) as error:
            # The text of some of them holds the address, and with it a key.
            raise EndedError(Cause.REFUSED, type(error).__name__) from None

    async def _introduce(self) -> None:
        """Make sure that it is of our cluster, if it answers over HTTP.

        Raises:
            EndedError: it is not.
        """
        with suppress(RefusedError, TimeoutError):
            async with asyncio.timeout(OPEN_S):
                await self._rpc.introduce()
        if not self._rpc.is_ours:
            raise EndedError(Cause.DENIED, "it is of another cluster")

    async def _listen(self, socket: ClientConnection) -> None:
        session = _Session(socket, self._rpc, self._listening.mentions)
        mode = await self._subscribe(session)
        self._standing.connect(mode, commitment_in(mode, self._listening.commitment))
        slot, moved = 0, time.monotonic()
        while True:
            wait_s = moved + self._listening.stall_s - time.monotonic()
            notice = await session.next(wait_s)
            if isinstance(notice, SlotSeen) and notice.slot > slot:
                slot, moved = notice.slot, time.monotonic()
                self._rpc.head = max(self._rpc.head, slot)
                self._failures = 0
            if notice is None:
                raise EndedError(Cause.STALLED, f"no new slot for {self._listening.stall_s:g} s")
            metrics.NOTIFICATIONS.labels(self._standing.name, KINDS[type(notice)]).inc()
            self._hear(self._standing, notice)

    async def _subscribe(self, session: "_Session") -> Mode:
        """Subscribe in the best mode that the node offers; it is asked for no other again.

        Raises:
            EndedError: it offers none.
        """
        if error := await session.subscribe([slot_subscribe]):
            raise EndedError(Cause.DENIED, f"it tells of no slots ({error})")
        while self._modes:
            mode = self._modes[0]
            try:
                error = await session.subscribe(subscriptions(mode, self._listening))
            except ConnectionClosed:
                self._distrust(mode)
                raise
            if error is None:
                self._modes = [mode]
                return mode
            self._modes.pop(0)
            log.info("%s does not offer %s mode (%s).", self._standing.name, mode, error)
        self._modes = list(modes_of(self._node))
        raise EndedError(Cause.DENIED, "it offers no mode that was asked for")

    def _distrust(self, mode: Mode) -> None:
        """Give up a mode if the connection ended twice when it was asked for.

        Some nodes do not answer what they do not have, but hang up.
        """
        self._hung_up = self._hung_up + 1 if self._failures else 1
        if self._hung_up > 1 and len(self._modes) > 1:
            self._modes.remove(mode)
            self._hung_up = 0


class _Session:
    """One connection: requests and what comes meanwhile."""

    def __init__(self, socket: ClientConnection, rpc: Rpc, mentions: Mentions) -> None:
        self._socket, self._rpc, self._mentions = socket, rpc, mentions
        self._early: list[Notice] = []
        self._number = 0

    async def subscribe(self, wanted: Sequence[Callable[[int], Request]]) -> str | None:
        """Send requests and wait for all answers; return what is wrong, None: nothing is."""
        waiting = set[int]()
        for make in wanted:
            self._number += 1
            waiting.add(self._number)
            await self._rpc.wait()
            await self._socket.send(make(self._number).to_json())
        wrong: str | None = None
        until = time.monotonic() + REPLY_S
        while waiting:
            said = await self._read(until - time.monotonic())
            if said is None:
                raise EndedError(
                    Cause.PROTOCOL, f"a subscription had no answer within {REPLY_S:g} s"
                )
            if isinstance(said, Reply):
                if said.error == LIMITED:
                    raise EndedError(Cause.LIMITED, "a subscription over its limit")
                waiting.discard(said.id)
                wrong = said.error or wrong
            else:
                self._early.append(said)
        return wrong

    async def next(self, wait_s: float) -> Notice | None:
        """Return what the node says next, None where it says nothing of use for so long."""
        if self._early:
            return self._early.pop(0)
        while isinstance(said := await self._read(wait_s), Reply):
            pass  # The answer to nothing that is waited for.
        return said

    async def _read(self, wait_s: float) -> Notice | Reply | None:
        until = time.monotonic() + wait_s
        while (left_s := until - time.monotonic()) > 0:
            try:
                async with asyncio.timeout(left_s):  # Not wait_for, as in ``pausing``.
                    raw = await self._socket.recv()
            except TimeoutError:
                return None
            said = read_message(raw, self._mentions)
            if said is not None:
                return said
        return None


def modes_of(node: Node) -> Sequence[Mode]:
    """Return the modes to try, the best first."""
    return BEST_FIRST if node.mode is Mode.AUTO else (node.mode,)


def commitment_in(mode: Mode, wanted: Commitment) -> Commitment:
    """Return the commitment at which a mode tells of transactions.

    Nodes stream blocks, and answer what logs leave to be asked for, from confirmed on. Source:
    Agave, ``check_is_at_least_confirmed`` in ``rpc.rs`` and ``rpc_pubsub.rs``.
    """
    return wanted if mode is Mode.TRANSACTIONS else Commitment.CONFIRMED


def subscriptions(mode: Mode, listening: Listening) -> list[Callable[[int], Request]]:
    """Return the requests that make up a mode, beside that for slots."""
    match mode:
        case Mode.TRANSACTIONS:
            programs, commitment = listening.programs, listening.commitment
            return [lambda number: TransactionSubscribe(programs, commitment, number)]
        case Mode.BLOCKS:
            return [block_subscribe]
    return [_logs(program) for program in listening.programs]


def _logs(program: Address) -> Callable[[int], Request]:
    return lambda number: logs_subscribe(number, program)


def _refusal(error: InvalidStatus) -> EndedError:
    status = error.response.status_code
    if status == 429:
        asked_s = seconds_of(error.response.headers.get("Retry-After"))
        return EndedError(Cause.LIMITED, "HTTP 429", asked_s=asked_s)
    cause = Cause.DENIED if status in DENIED else Cause.REFUSED
    return EndedError(cause, f"HTTP {status}")
