"""The raw topics -> a recording: transactions in the order of the chain, posts, documents."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple, Self

import msgspec
import zstandard

from domain.decode import decode
from domain.errors import UnreadableError, UsageError
from schemas.fields import Signature, Slot
from schemas.metadata import Metadata
from streams.sources.frames import CLOCK_KEY
from streams.sources.recording import CHAIN, DOCUMENTS, POSTS

KEPT = {b"confirmed", b"indexed"}


class Heard(NamedTuple):
    """A raw record as Kafka gave it."""

    partition: int
    key: bytes | None
    value: bytes
    headers: Mapping[str, bytes]


class Count(NamedTuple):
    """What a recording got: transactions, posts, documents; and what could not be kept."""

    transactions: int = 0
    posts: int = 0
    documents: int = 0
    late: int = 0
    unreadable: int = 0


class ChainOrder:
    """Transactions in memory until their slot is complete on every partition.

    Per signature and slot the first confirmed record is kept, at the index that an *indexed*
    record gave it last; processed and retracted ones are left out.
    """

    def __init__(self, partitions: int) -> None:
        self._complete: list[Slot] = [0] * partitions
        self._waiting: dict[Slot, dict[Signature, tuple[int, bytes]]] = {}
        self._through: Slot = -1
        self.late = 0

    def hear(self, heard: Heard) -> list[bytes]:
        """Take a record; return the lines that are complete with it, in the order of the chain.

        Raises:
            UnreadableError: it is neither a clock nor a transaction with a slot.
        """
        kind = heard.headers.get("bt_kind", b"confirmed")
        if heard.key == CLOCK_KEY or kind == b"clock":
            return self._tick(heard)
        if kind in KEPT:
            self._keep(heard, corrected=kind == b"indexed")
        return []

    def rest(self) -> list[bytes]:
        """Return all lines that are left, in the order of the chain."""
        return self._release(max(self._waiting, default=0))

    def _keep(self, heard: Heard, *, corrected: bool) -> None:
        decoded = decode(heard.value)
        if decoded.slot is None:
            raise UnreadableError("the transaction has no slot")
        if decoded.slot <= self._through:
            self.late += 1
            return
        index = int(heard.headers.get("bt_index", b"%d" % (decoded.index or 0)))
        slot = self._waiting.setdefault(decoded.slot, {})
        if corrected or decoded.signature not in slot:
            slot[decoded.signature] = (index, one_line(heard.value))

    def _tick(self, heard: Heard) -> list[bytes]:
        clock = msgspec.json.decode(heard.value, type=dict[str, int])
        known = self._complete[heard.partition]
        self._complete[heard.partition] = max(known, clock["complete"])
        return self._release(min(self._complete))

    def _release(self, through: Slot) -> list[bytes]:
        slots = sorted(slot for slot in self._waiting if slot <= through)
        self._through = max(self._through, through)
        return [
            line
            for slot in slots
            for _, (_, line) in sorted(self._waiting.pop(slot).items(), key=_by_index)
        ]


def _by_index(item: tuple[Signature, tuple[int, bytes]]) -> tuple[int, Signature]:
    signature, (index, _) = item
    return index, signature


class RecordingWriter:
    """The files of a recording while it is written; complete when closed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[bytes] = (folder / CHAIN).open("wb")
        self._chain = zstandard.ZstdCompressor(level=9).stream_writer(self._file)
        self._posts: IO[bytes] = (folder / POSTS).open("wb")
        self._documents: dict[str, Any] = {}
        self.count = Count()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._chain.flush(zstandard.FLUSH_FRAME)
        self._file.close()
        self._posts.close()
        documents = msgspec.json.format(msgspec.json.encode(self._documents), indent=1)
        (self._folder / DOCUMENTS).write_bytes(documents)

    def add_chain(self, lines: Sequence[bytes]) -> None:
        """Write transactions."""
        for line in lines:
            self._chain.write(line + b"\n")
        self._add(transactions=len(lines))

    def add_post(self, line: bytes) -> None:
        """Write a line of X's stream."""
        self._posts.write(one_line(line) + b"\n")
        self._add(posts=1)

    def add_document(self, metadata: Metadata) -> None:
        """Keep the first version of a document."""
        if metadata.uri not in self._documents:
            self._documents[metadata.uri] = document_of(metadata)
            self._add(documents=1)

    def add_unreadable(self) -> None:
        """Count a record that is nothing of this."""
        self._add(unreadable=1)

    def _add(self, **more: int) -> None:
        known = self.count._asdict()
        self.count = self.count._replace(**{name: known[name] + n for name, n in more.items()})


def open_writer(folder: Path) -> RecordingWriter:
    """Return the writer of a new recording.

    Raises:
        UsageError: there is something in *folder* already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not empty; name a new folder for the recording.")
    folder.mkdir(parents=True, exist_ok=True)
    return RecordingWriter(folder)


def one_line(data: bytes) -> bytes:
    """Return JSON without line breaks, all values byte for byte."""
    return msgspec.json.format(data, indent=-1) if b"\n" in data else data


def document_of(metadata: Metadata) -> dict[str, Any] | None:
    """Return a document that reads as *metadata* does; None where there was none."""
    if metadata.error is not None:
        return None
    plain = {
        "name": metadata.name,
        "symbol": metadata.symbol,
        "description": metadata.description,
        "image": metadata.image,
        "website": metadata.website,
        "twitter": metadata.x,
        "telegram": metadata.telegram,
    }
    post = {
        "tweetId": metadata.post_id,
        "twitterConversationId": metadata.post_conversation_id,
        "tweetCreatorUserId": metadata.post_author_id,
        "tweetCreatorUsername": metadata.post_author,
    }
    known = {name: value for name, value in plain.items() if value is not None}
    about_post = {name: value for name, value in post.items() if value is not None}
    return known | ({"metadata": about_post} if about_post else {})
