"""Server-sent events: one channel key of the live feed over plain HTTP."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Header, Path, Request
from fastapi.responses import StreamingResponse

from api.access.callers import Caller
from api.access.gate import CALLER, REQUEST_ID
from api.parameters import NOTHING_ELSE
from api.problem import Problem, bad_parameter
from api.services import Use
from api.stream.hub import Hub
from api.stream.outbox import Queue
from api.stream.protocol import Subscribe
from api.stream.session import Session
from views.live.contract import Channel, Resume

router = APIRouter(prefix="/v1/sse", tags=["live"])

MEDIA_TYPE = "text/event-stream"
EVENT = {
    "type": "object",
    "description": "One event; data is a message as contracts/asyncapi.json describes it.",
    "properties": {
        "id": {"type": "string", "description": "What Last-Event-ID resumes after."},
        "event": {"type": "string", "description": "The type of the message."},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    "required": ["event", "data"],
}
LIVE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The messages of the WebSocket, without end.",
        "content": {MEDIA_TYPE: {"schema": EVENT}},
    }
}


class _Named(msgspec.Struct, frozen=True):
    type: str
    epoch: str | None = None
    seq: int | None = None


_NAMED = msgspec.json.Decoder(_Named)


class EventStream(StreamingResponse):
    """Server-sent events."""

    media_type = MEDIA_TYPE


@router.get(
    "/{channel}/{key}",
    response_class=EventStream,
    responses=LIVE,
    dependencies=[NOTHING_ELSE],
    summary="Live messages",
)
async def live(
    request: Request,
    channel: Annotated[Channel, Path(description="As on the WebSocket.")],
    key: Annotated[str, Path(max_length=128, description="As on the WebSocket, or all.")],
    use: Use,
    last_event_id: Annotated[str | None, Header(max_length=128)] = None,
) -> EventStream:
    """Return the messages of one channel key as they come; ``Last-Event-ID`` resumes."""
    asked = Subscribe(channel=channel, key=key, resume=resume_of(last_event_id))
    events = _events(
        use.hub, asked, caller=request.scope[CALLER], request_id=request.scope[REQUEST_ID]
    )
    # The first message is waited for here, so that a refusal is still a problem document.
    first = await anext(events)
    return EventStream(_chain(first, events), headers={"cache-control": "no-store"})


def resume_of(last_event_id: str | None) -> Resume | None:
    """Return where to go on from the id of an event, ``epoch:seq``.

    Raises:
        Problem: it is no such id (400).
    """
    if not last_event_id:
        return None
    epoch, _, seq = last_event_id.rpartition(":")
    if not epoch or not seq.isascii() or not seq.isdigit():
        raise bad_parameter("Last-Event-ID", "is not the id of an event of this stream")
    return Resume(epoch, int(seq))


def event(body: bytes) -> bytes:
    """Return a message as a server-sent event; only messages with a ``seq`` have an id."""
    named = _NAMED.decode(body)
    number = b"" if named.seq is None else f"id: {named.epoch}:{named.seq}\n".encode()
    return b"%sevent: %s\ndata: %s\n\n" % (number, named.type.encode(), body)


async def _events(
    hub: Hub, asked: Subscribe, *, caller: Caller, request_id: str
) -> AsyncIterator[bytes]:
    if hub.is_full or hub.closing:
        raise Problem(503, "overLimit", "There are too many live clients here just now.")
    refused = hub.refusal_of(caller, request_id=request_id)
    if refused:
        raise refused
    with hub.session(caller, request_id=request_id) as session:
        queue = Queue(session.outbox)
        since: float | None = None
        session.sending_since = lambda: since
        await session.open(asked)
        while (body := await _next(session, queue)) is not None:
            # While the client reads nothing, the server does not ask for the next one.
            since = monotonic()
            yield event(body)
            since = None


async def _next(session: Session, queue: Queue) -> bytes | None:
    """Return the next message, None when the session has ended."""
    waiting = asyncio.create_task(queue.next())
    either: set[asyncio.Future[Any]] = {waiting, session.ended}
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        return waiting.result() if waiting.done() else None
    finally:
        # Also when the client has gone: nobody else would end it.
        waiting.cancel()


async def _chain(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for one in rest:
        yield one
