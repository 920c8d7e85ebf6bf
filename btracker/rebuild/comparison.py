"""Two stores, document by document: what differs, and what only the old one still has."""

from collections.abc import AsyncIterator, Callable
from typing import Any

from msgspec.structs import replace

from domain.canonical import CanonicalHash, leaf, versions
from domain.errors import UnreadableError
from schemas.base import Record
from views.index.reading import Noun, batch_of, read
from views.replacing import Replaceable
from views.scan import documents
from views.writes import Document, Write

NAMED = 5
CARRIED = 2_000

IsOlder = Callable[[Noun, Document], bool]
"""Says whether a document is older than all that its topic still has."""
Pair = tuple[Document | None, Document | None]


class Kind(Record, frozen=True, kw_only=True, rename="camel"):
    """One kind of document in the rebuilt store and in the one that was there.

    ``kept``: so many were taken over from that one, because their topic has them no more.
    ``hash`` and ``hash_before`` are canonical (``domain.canonical``). ``first`` names some of the
    ``different`` ones.
    """

    name: str
    documents: int
    kept: int
    hash: str
    hash_before: str
    different: int
    first: tuple[str, ...]


class Comparison:
    """Compares one kind; what is found grows with each document."""

    def __init__(self, noun: Noun) -> None:
        self._noun = noun
        self._now, self._before = CanonicalHash(), CanonicalHash()
        self._different, self._kept = 0, 0
        self._first: list[str] = []

    async def run(self, old: Replaceable, fresh: Replaceable, is_older: IsOlder) -> Kind:
        """Compare, and carry over into *fresh* what only *old* can still have."""
        carried: list[Write[Any]] = []
        async for was, now in _pairs(old, fresh, self._noun.field):
            if was and not now and is_older(self._noun, was):
                carried += self._carry(was)
            else:
                self._compare(was, now)
            if len(carried) >= CARRIED:
                await fresh.write(batch_of({self._noun.topic.name: carried}))
                carried = []
        if carried:
            await fresh.write(batch_of({self._noun.topic.name: carried}))
        return Kind(
            name=self._noun.field,
            documents=self._now.count,
            kept=self._kept,
            hash=str(self._now),
            hash_before=str(self._before),
            different=self._different,
            first=tuple(self._first),
        )

    def _compare(self, was: Document | None, now: Document | None) -> None:
        before, after = _leaf(was), _leaf(now)
        for total, what in ((self._before, before), (self._now, after)):
            if what is not None:
                total.add(what)
        # No hash has versions, but a store that has others than its topics will be wrong later.
        if before != after or _versions(was) != _versions(now):
            self._differ(was, now)

    def _carry(self, document: Document) -> list[Write[Any]]:
        """Return a document as a write; one that cannot be read is not carried over."""
        write = _write(self._noun, document)
        self._compare(document, document if write else None)
        self._kept += write is not None
        return [write] if write else []

    def _differ(self, was: Document | None, now: Document | None) -> None:
        self._different += 1
        if len(self._first) >= NAMED:
            return
        if was is None:
            self._first.append(f"{now.key if now else ''} was not there")
        elif now is None:
            self._first.append(f"{was.key} was there, but is on no topic")
        else:
            self._first.append(f"{was.key} was not as its topic has it")


async def _pairs(old: Replaceable, fresh: Replaceable, noun: str) -> AsyncIterator[Pair]:
    """Yield the documents of two stores side by side, by key."""
    left, right = documents(old, noun), documents(fresh, noun)
    was, now = await anext(left, None), await anext(right, None)
    while was or now:
        at_left = old.order_of(noun, was.key) if was else None
        at_right = old.order_of(noun, now.key) if now else None
        takes_left = at_right is None or (at_left is not None and at_left <= at_right)
        takes_right = at_left is None or (at_right is not None and at_right <= at_left)
        yield (was if takes_left else None), (now if takes_right else None)
        was = await anext(left, None) if takes_left else was
        now = await anext(right, None) if takes_right else now


def _leaf(document: Document | None) -> int | None:
    return leaf(document.key, document.body) if document else None


def _versions(document: Document | None) -> tuple[int, dict[str, Any]] | None:
    """Return what a hash leaves out of a document."""
    return (document.version, versions(document.body)) if document else None


def _write(noun: Noun, document: Document) -> Write[Any] | None:
    if document.body is None:
        return Write(key=document.key, version=document.version, record=None, body=b"")
    try:
        write = read(noun.topic.name, None, document.body, at=document.version)
    except UnreadableError:
        return None
    return replace(write, key=document.key, version=document.version)
