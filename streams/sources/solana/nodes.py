"""What a node is: where its WebSocket and its HTTP are, and what is told of it to people."""

from collections import Counter
from enum import StrEnum
from typing import NamedTuple

from yarl import URL

from domain.errors import UsageError

SCHEMES = {"ws": "http", "wss": "https"}
ANSWERING = tuple(f"{scheme}://" for scheme in SCHEMES.values())
FORM = "[MODE=]WS_URL[,HTTP_URL]"


class Mode(StrEnum):
    """How a node is listened to; ``auto``: the best that it offers."""

    AUTO = "auto"
    TRANSACTIONS = "transactions"
    BLOCKS = "blocks"
    LOGS = "logs"


class Node(NamedTuple):
    """A node. ``ws`` and ``http`` may hold a key and are never shown; ``name`` is."""

    name: str
    mode: Mode
    ws: str
    http: str

    def __repr__(self) -> str:
        return f"Node({self.name}, {self.mode})"


def parse_nodes(text: str) -> tuple[Node, ...]:
    """Return the nodes in *text*: ``[MODE=]WS_URL[,HTTP_URL]``, divided by blanks or commas.

    Two on one host are told apart by a number.

    Raises:
        UsageError: one is no such thing; the sentence does not repeat it, it may hold a key.
    """
    found: list[Node] = []
    for word in text.replace(",", " ").split():
        if word.startswith(ANSWERING) and found and not found[-1].http:
            found[-1] = found[-1]._replace(http=word)
        else:
            found.append(_node(word, place=len(found) + 1))
    names = Counter[str]()
    for place, node in enumerate(found):
        names[node.name] += 1
        count = names[node.name]
        name = node.name if count == 1 else f"{node.name}#{count}"
        found[place] = node._replace(name=name, http=node.http or _http_of(URL(node.ws)))
    return tuple(found)


def _node(word: str, *, place: int) -> Node:
    """Return a node that says only where it streams."""
    before, is_set, after = word.partition("=")
    has_mode = bool(is_set) and before in set(Mode)
    mode, ws = (Mode(before), after) if has_mode else (Mode.AUTO, word)
    try:
        url = URL(ws)
        valid = url.scheme in SCHEMES and bool(url.host)
    except ValueError:
        valid = False
    if not valid:
        raise UsageError(
            f"Solana node {place} is not {FORM} with ws(s):// and http(s)://; MODE is one of "
            f"{', '.join(Mode)}."
        )
    return Node(f"solana:{url.host}:{url.port}", mode, ws, "")


def _http_of(socket: URL) -> str:
    """Return where a node answers that says only where it streams.

    Providers do both under one address. A validator streams on the port after the one on which it
    answers. Source: docs of ``agave-validator --rpc-port``.
    """
    http = socket.with_scheme(SCHEMES[socket.scheme])
    return str(http.with_port(socket.explicit_port - 1) if socket.explicit_port else http)
