"""A message as it goes over a WebSocket, built once for everybody."""

from functools import lru_cache

from websockets.frames import Frame, Opcode


@lru_cache(maxsize=4)
def framed(body: bytes) -> bytes:
    """Return a message as a server sends it where nothing is compressed.

    Who is sent the same message comes one after another, so only the last few are kept.
    """
    return Frame(Opcode.TEXT, body).serialize(mask=False)
