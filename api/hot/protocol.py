"""Uvicorn's HTTP, with a way past ASGI for what is in memory.

A task, an event and a walk over every header for each answer cost more than the answer does.
"""

import logging
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from api.access.gate import Visit
from api.hot.front import Answer, Front

log = logging.getLogger(__name__)


class HotProtocol(HttpToolsProtocol):
    """Answers what the front has at once, and has the app answer the rest."""

    def __init__(self, *arguments: Any, front: Front, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._front, self._visit = front, Visit()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """Answer a request whose turn it is."""
        # Nothing waits here: who does not read waits in a task of the app. So do requests that came
        # behind one in work; answered here, each would begin the next in a deeper call.
        is_next = cycle is self.cycle and not self.flow.write_paused
        answer = self._at_once(cycle) if is_next else None
        if answer is None:
            super()._start_asgi_task(cycle, app)
            return
        cycle.response_started = cycle.response_complete = True
        cycle.on_response = _nothing
        # Not as one: a board is some 80 KB, which would have to be copied.
        self.transport.writelines((self._head(answer, keep_alive=cycle.keep_alive), answer.body))
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def _at_once(self, cycle: RequestResponseCycle) -> Answer | None:
        try:
            return self._front.answer(cycle.scope, self._visit)
        except Exception:
            # The parser, which calls us, would take a fault of ours for a request that is none.
            log.exception("A hot answer failed; the app answers.")
            return None

    def _head(self, answer: Answer, *, keep_alive: bool) -> bytes:
        content = [STATUS_LINE[answer.status]]
        for name, value in self.server_state.default_headers:
            content += (name, b": ", value, b"\r\n")
        content.append(answer.lines)
        if not keep_alive:
            content.append(b"connection: close\r\n")
        content.append(b"\r\n")
        return b"".join(content)


def _nothing() -> None:
    """Let go of the connection: it and its last request would keep one another alive."""
