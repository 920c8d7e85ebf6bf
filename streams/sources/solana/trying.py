"""Whether a node answers and streams: what ``btracker doctor`` asks."""

import asyncio

import msgspec
from aiohttp import ClientSession, DummyCookieJar
from websockets.exceptions import InvalidStatus, WebSocketException

from domain.decode.shapes import BoundedSlot
from domain.errors import BtrackerError, UnreadableError
from schemas.fields import Slot
from streams.sources.solana.blocks import Mentions
from streams.sources.solana.cluster import Cluster
from streams.sources.solana.listener import Connect, wire_log
from streams.sources.solana.nodes import Node
from streams.sources.solana.notices import SlotSeen, read_message
from streams.sources.solana.requests import get_slot, slot_subscribe
from streams.sources.solana.rpc import RefusedError, Rpc

PATIENCE_S = 10.0
"""How long a node may say nothing of a new slot: they come more than twice a second."""
BEHIND_SLOTS = 150
PER_S = 8

_slot = msgspec.json.Decoder(BoundedSlot)


async def try_node(node: Node) -> None:
    """Ask a node for its slot, and listen until it tells of one.

    Raises:
        BtrackerError: it does not answer, does not stream, or its slots stand still; the sentence
            holds nothing of its address.
    """
    async with ClientSession(cookie_jar=DummyCookieJar(), trust_env=False) as session:
        try:
            rpc = Rpc(node, session, per_s=PER_S, cluster=Cluster())
            confirmed = _slot.decode(await rpc.ask(get_slot()))
        except (RefusedError, msgspec.MsgspecError) as error:
            raise BtrackerError(
                f"It does not answer over HTTP ({error}); look at its address and key."
            ) from None
    streamed = await _streamed(node)
    if streamed < confirmed - BEHIND_SLOTS:
        raise BtrackerError(
            f"It streams slot {streamed:,} and answers {confirmed:,}: two different nodes, or two "
            "chains; name its HTTP address behind a comma."
        )


async def _streamed(node: Node) -> Slot:
    try:
        async with (
            asyncio.timeout(PATIENCE_S),
            Connect(node.ws, proxy=None, logger=wire_log) as socket,
        ):
            await socket.send(slot_subscribe(1).to_json())
            async for raw in socket:
                said = read_message(raw, Mentions())
                if isinstance(said, SlotSeen):
                    return said.slot
            raise BtrackerError("It ends the connection without telling of a slot.")
    except TimeoutError:
        raise BtrackerError(
            f"It tells of no new slot within {PATIENCE_S:g} s; it is behind, or no node."
        ) from None
    except InvalidStatus as error:
        status = error.response.status_code
        raise BtrackerError(f"Its WebSocket answers HTTP {status}; look at its key.") from None
    except (OSError, WebSocketException, UnreadableError, ValueError) as error:
        # The text of some of them holds the address, and with it a key.
        raise BtrackerError(
            f"Its WebSocket cannot be used ({type(error).__name__}); look at its address."
        ) from None
