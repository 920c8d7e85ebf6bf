"""What Elasticsearch answers, as far as we read it."""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from msgspec import field

from domain.errors import StoreError

Answer = TypeVar("Answer")


class Source(msgspec.Struct, frozen=True, rename="camel"):
    """What is read of a document; ``record`` is what was written, byte for byte."""

    key: str = ""
    record: msgspec.Raw = msgspec.Raw(b"null")
    owner: str = ""
    mint: str = ""
    amount: str | None = None
    accounts: msgspec.Raw = msgspec.Raw(b"{}")


class Found(msgspec.Struct, frozen=True):
    """One document; ``error``: it could not be looked for. ``fields``: of it only these."""

    id: str = field(name="_id", default="")
    found: bool = True
    version: int = field(name="_version", default=0)
    seq_no: int = field(name="_seq_no", default=0)
    primary_term: int = field(name="_primary_term", default=0)
    source: Source = field(name="_source", default=Source())
    sort: list[Any] = []
    score: float | None = field(name="_score", default=None)
    fields: dict[str, list[Any]] = {}
    error: dict[str, Any] | None = None


class _Hits(msgspec.Struct, frozen=True):
    hits: tuple[Found, ...] = ()


class Searched(msgspec.Struct, frozen=True):
    """The answer to a search."""

    hits: _Hits = _Hits()


class Got(msgspec.Struct, frozen=True):
    """The answer to a question for some documents by their ids."""

    docs: tuple[Found, ...] = ()


class Counted(msgspec.Struct, frozen=True):
    """The answer to how many there are."""

    count: int = 0


class Error(msgspec.Struct, frozen=True):
    """Why something was not done."""

    type: str
    reason: str = ""
    caused_by: dict[str, Any] | None = None


class Done(msgspec.Struct, frozen=True):
    """What became of one document of many."""

    status: int
    error: Error | None = None


class Bulk(msgspec.Struct, frozen=True):
    """What became of many documents, in the order in which they were sent."""

    errors: bool
    items: tuple[dict[str, Done], ...]


def _reader(shape: type[Answer]) -> Callable[[bytes], Answer]:
    decode = msgspec.json.Decoder(shape).decode

    def read(told: bytes) -> Answer:
        """Return an answer.

        Raises:
            StoreError: it is none; something between us and the server has spoken for it.
        """
        try:
            return decode(told)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise StoreError(f"What answers is not Elasticsearch just now ({error}).") from error

    return read


searched = _reader(Searched)
got = _reader(Got)
one = _reader(Found)
counted = _reader(Counted)
bulk = _reader(Bulk)
