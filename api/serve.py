"""The API process: uvicorn on uvloop, started and stopped by its owner."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import uvicorn
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from api.app import App, create_app
from api.collection import collecting
from api.hot.protocol import HotProtocol
from api.open_files import open_as_many_as_may_be
from api.pictures import Fetch
from api.settings import ApiSettings
from api.stream.wire import WIRE, Source
from api.tls import tls_context
from domain.errors import UsageError
from views.live.reader import LiveReader
from views.open import open_views

log = logging.getLogger(__name__)

BACKLOG = 4096
SEND_BUFFER_BYTES = 262_144
"""Back-pressure shows only once the kernel's buffers are full; by default they hold megabytes."""
WRITE_BUFFER_BYTES = 65_536
"""What a process keeps for a client beyond that, before it writes no more to it."""
GRACE_S = 3
PING_S = 20
CUT_GRACE_S = 5
SPARE_FILES = 200
"""What is open besides live connections: the store, the cache, requests."""


class Server(uvicorn.Server):
    """Uvicorn without signal handlers: whoever runs it says when to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process."""
        yield


class StreamProtocol(WebSocketsSansIOProtocol):
    """Uvicorn's WebSocket, with a way past ASGI for frames that are the same for many.

    And with an end to a client that does not read: a plain close waits for ever until it has.
    """

    _source: Source | None = None
    _is_closed = False

    def handle_connect(self, event: Request) -> None:
        """Hand the app its way to the connection."""
        super().handle_connect(event)
        scope: Any = getattr(self, "scope", None)
        if scope is not None and not self.conn.extensions:
            scope["extensions"][WIRE] = self

    @property
    def close_sent(self) -> bool:
        """Whether we have said, or were told, that the connection is over; set by uvicorn."""
        return self._is_closed

    @close_sent.setter
    def close_sent(self, value: bool) -> None:
        self._is_closed = value
        if value and self._source:
            self._source.hold()

    def attach(self, source: Source) -> Callable[[bytes], object]:
        """Return what writes a frame, except while *source* has to hold: full, or over."""
        self.transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)
        self._source = source
        # Nobody looks at them after the handshake, and they are a fifth of a connection's memory.
        self.request.headers.clear()
        del self.request, self.response
        if self.close_sent or self.transport.is_closing():
            source.hold()
        write: Callable[[bytes], object] = self.transport.write
        return write

    def pause_writing(self) -> None:
        """Write no more frames: what nobody reads must not pile up."""
        super().pause_writing()
        if self._source:
            self._source.hold()

    def resume_writing(self) -> None:
        """Write frames again."""
        super().resume_writing()
        # Who takes leave is told nothing more: what it had not read yet was all there was to come.
        if self._source and not self.close_sent and not self.transport.is_closing():
            self._source.go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        """Write no more frames: what is gone takes none."""
        if self._source:
            self._source.hold()
        super().connection_lost(exc)

    def send_receive_event_to_app(self) -> None:
        """Hand a message to the app; text that is no UTF-8 ends the connection (1007)."""
        if self.curr_msg_data_type == "text":
            try:
                b"".join(self.frames).decode()
            except UnicodeDecodeError:
                # Uvicorn does the same, and logs a traceback for what is the client's mistake.
                self.conn.send_close(1007)
                self.handle_parser_exception()
                return
        super().send_receive_event_to_app()

    async def send(self, message: Any) -> None:
        """Send what the app says.

        Raises:
            ClientDisconnected: the connection was ended by us already, because of what came on it
                or did not; uvicorn would say that the app makes a mistake.
        """
        await self.writable.wait()
        if self.handshake_complete and self.close_sent:
            raise ClientDisconnected
        await super().send(message)

    def cut(self, code: int, reason: str) -> None:
        """Close behind what is in the buffer, and soon without waiting for the client."""
        if not self.transport.is_closing():
            self.conn.send_close(code, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.transport.close()

    def keepalive_timeout(self) -> None:
        """End a connection that does not answer pings."""
        super().keepalive_timeout()
        self.loop.call_later(CUT_GRACE_S, self.transport.abort)

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """End the connection after its session, also where the client does not read."""
        super().on_task_complete(task)
        self._source = None
        if not self.disconnected:
            self.loop.call_later(CUT_GRACE_S, self.transport.abort)


def listen(settings: ApiSettings) -> socket.socket:
    """Return a socket that listens on the settings' address.

    Raises:
        UsageError: the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    address = (settings.host, settings.port)
    try:
        listener = socket.create_server(address, family=family, backlog=BACKLOG)
    except OSError as error:
        raise UsageError(
            f"Cannot listen on {settings.host}:{settings.port} ({error.strerror}); "
            "stop what uses the port, or choose another with BTRACKER_PORT."
        ) from error
    # Connections inherit it from the listener.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    return listener


async def run_api(
    settings: ApiSettings, stop: asyncio.Event, *, fetch: Fetch | None = None
) -> None:
    """Run the API until *stop*; *fetch* gets pictures of tokens, if they are to be served.

    Raises:
        UsageError: the address cannot be listened on, there is no such store, or certificate,
            keys or proxies are not what they should be.
        StoreError: the store cannot be opened.
    """
    tls = tls_context(settings)
    files = open_as_many_as_may_be()
    if files < settings.ws_connections + SPARE_FILES:
        log.warning(
            "Only %d files may be open, too few for %d live connections; raise the limit "
            "(ulimit -n), or lower BTRACKER_WS_CONNECTIONS.", files, settings.ws_connections,
        )  # fmt: skip
    listener = listen(settings)
    views = open_views(settings.store, vectors=settings.store_vectors)
    live = LiveReader(
        settings.redis, views, partitions=settings.partitions, board_size=settings.board_size
    )
    try:
        app = create_app(views, live, settings, fetch=fetch)
        with collecting():
            await serve(app, listener=listener, stop=stop, tls=tls)
    finally:
        listener.close()
        await views.close()


async def serve(
    app: App,
    *,
    listener: socket.socket,
    stop: asyncio.Event,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Serve an app until *stop*; then send live clients away, and finish what was begun."""
    server = Server(config_of(app, http=partial(HotProtocol, front=app.front), tls=tls))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    app.state.services.hub.dismiss()
    server.should_exit = True
    await serving


def config_of(
    app: Callable[..., Any], *, http: Any = "httptools", tls: ssl.SSLContext | None = None
) -> uvicorn.Config:
    """Return how we have uvicorn serve an app; *http* is the protocol, its own if not said."""
    return uvicorn.Config(
        app,
        interface="asgi3",
        # Its own choice of ciphers is an old one.
        ssl_context_factory=(lambda _config, _default: tls) if tls else None,
        loop="none",
        http=http,
        ws=StreamProtocol,
        ws_ping_interval=PING_S,
        ws_ping_timeout=PING_S,
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
