"""How nodes are named, and that nobody is shown a key."""

import pytest

from domain.errors import UsageError
from streams.sources.solana.nodes import Mode, parse_nodes
from streams.sources.solana.settings import SolanaSettings

KEY = "6f1c-secret"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("wss://a/?k=1", [("solana:a:443", Mode.AUTO, "wss://a/?k=1", "https://a/?k=1")]),
        ("ws://a:8900", [("solana:a:8900", Mode.AUTO, "ws://a:8900", "http://a:8899")]),
        (
            "blocks=wss://a/x,https://b/y",
            [("solana:a:443", Mode.BLOCKS, "wss://a/x", "https://b/y")],
        ),
        (
            "ws://a:1,http://a:2,logs=ws://a:1 wss://c",
            [
                ("solana:a:1", Mode.AUTO, "ws://a:1", "http://a:2"),
                ("solana:a:1#2", Mode.LOGS, "ws://a:1", "http://a:0"),
                ("solana:c:443", Mode.AUTO, "wss://c", "https://c"),
            ],
        ),
        ("", []),
    ],
)
def test_nodes_are_read(text: str, told: list[tuple[str, Mode, str, str]]) -> None:
    """Divided by blanks or commas; an HTTP address belongs to the WebSocket before it."""
    assert told == [tuple(node) for node in parse_nodes(text)]


@pytest.mark.parametrize(
    "text",
    [
        f"https://host/{KEY}", f"wss://a,https://b,https://c/{KEY}", f"ftp://host/{KEY}",
        f"nonsense=wss://host/{KEY}", f"wss:///{KEY}",
    ],
)  # fmt: skip
def test_what_is_wrong_is_not_repeated(text: str) -> None:
    """The sentence gives the form and the place, never the address."""
    with pytest.raises(UsageError, match="WS_URL") as caught:
        parse_nodes(text)

    assert KEY not in str(caught.value)


def test_no_key_is_shown() -> None:
    """Neither a node nor the settings show more than a host and a port."""
    settings = SolanaSettings(solana=f"wss://user:{KEY}@host/{KEY}?api-key={KEY}")  # type: ignore[arg-type]

    assert KEY not in repr(settings) + repr(settings.nodes)
    assert KEY in settings.nodes[0].http
