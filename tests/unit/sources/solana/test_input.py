"""What nodes may send: nonsense is said to be that, whatever it is, and never ends a collector."""

import pytest

from domain.errors import UnreadableError
from streams.sources.solana.blocks import Mentions, read_block, result_of
from streams.sources.solana.notices import read_message
from streams.sources.solana.rpc import RefusedError, result_in

NESTED = b"[" * 100_000 + b"]" * 100_000
BLOCK = b'{"parentSlot":6,"blockTime":5,"transactions":[{"transaction":%b,"meta":%b}]}'
NONSENSE = [
    b"", b"null", b"\xff", b"[]", NESTED,
    b'{"parentSlot":1e400,"transactions":[]}',
    b'{"parentSlot":6,"blockTime":-1,"transactions":[]}',
    b'{"parentSlot":7,"transactions":[]}',
    b'{"parentSlot":6,"blockTime":253402300799,"transactions":[]}',
    BLOCK % ('["\u00e9","base64"]'.encode(), b"{}"),
    BLOCK % (b'["A","base64"]', b"{}"),
    BLOCK % (b'["AA==","base64"]', NESTED),
]  # fmt: skip


@pytest.mark.parametrize("raw", NONSENSE)
def test_no_block_is_unreadable(raw: bytes) -> None:
    """A block that makes no sense is asked for elsewhere, so it must be known for what it is."""
    with pytest.raises(UnreadableError):
        read_block(7, raw, Mentions())


@pytest.mark.parametrize("raw", [b"", b"null", b"\xff", NESTED, b'{"transaction":1}'])
def test_no_transaction_is_unreadable(raw: bytes) -> None:
    """So is a transaction of a stream."""
    with pytest.raises(UnreadableError):
        result_of(7, raw, place=None, time=None)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"1", b"\xff", NESTED, b'{"params":{"result":' + NESTED + b"}}",
        b'{"method":"slotNotification","params":{"result":{"slot":1e30,"root":0}}}',
        b'{"method":"slotNotification","params":{"result":{"slot":null,"root":0}}}',
        (b'{"method":"transactionNotification","params":{"result":{"signature":"s","slot":1,'
        b'"transaction":{},"transactionIndex":1000000000}}}'),
    ],
)  # fmt: skip
def test_no_message_is_unreadable(raw: bytes) -> None:
    """And a message, of any kind."""
    with pytest.raises(UnreadableError):
        read_message(raw, Mentions())


@pytest.mark.parametrize("raw", [b"", b"null", b"\xff", b'{"result":' + NESTED + b"}"])
def test_no_answer_is_refused(raw: bytes) -> None:
    """An answer over HTTP that is none counts as refused, so that another node is asked."""
    with pytest.raises(RefusedError):
        result_in(200, raw)
