"""The floor: uvicorn without any framework, which answers every request with the same bytes.

Run as a module, with the port and a file that has an answer as JSON: status, headers, body.
"""

import sys
from pathlib import Path

import msgspec
import uvloop
from starlette.types import Receive, Scope, Send

from api.serve import Server, config_of, listen
from api.settings import ApiSettings


class Canned(msgspec.Struct, frozen=True):
    """An answer."""

    headers: list[tuple[bytes, bytes]]
    body: bytes


class Bare:
    """Gives one answer."""

    def __init__(self, answer: Canned) -> None:
        self._answer = answer

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Give it."""
        headers = self._answer.headers
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self._answer.body})


async def main(port: int, canned: Canned) -> None:
    """Serve until ended."""
    await Server(config_of(Bare(canned))).serve(sockets=[listen(ApiSettings(port=port))])


if __name__ == "__main__":
    answer = msgspec.json.decode(Path(sys.argv[2]).read_bytes(), type=Canned)
    uvloop.run(main(int(sys.argv[1]), answer))
