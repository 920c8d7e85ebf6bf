"""What people did on X, so that it can be done again; and whether a collector has all of it."""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from schemas.topics import RAW_X
from tests.brokers import Broker
from tests.e2e.test_collect import read
from tests.xserver.server import XServer


class Post(NamedTuple):
    """Somebody posts."""

    line: dict[str, Any]

    def on(self, x: XServer) -> None:
        """Do it."""
        x.post(self.line)


class Edit(NamedTuple):
    """Somebody edits the version of a post."""

    version: str
    text: str

    def on(self, x: XServer) -> None:
        """Do it."""
        x.edit(self.version, self.text)


class Delete(NamedTuple):
    """Somebody deletes a post, named by one of its versions."""

    version: str

    def on(self, x: XServer) -> None:
        """Do it."""
        x.delete(self.version)


class Unlike(NamedTuple):
    """How a topic differs from what is there: first ids."""

    lost: list[str]
    old: list[str]
    deleted: list[str]


class Diary:
    """Everything in order."""

    def __init__(self) -> None:
        self._acts = list[Post | Edit | Delete]()

    def post(self, x: XServer, line: dict[str, Any]) -> None:
        """Let somebody post."""
        self._do(x, Post(line))

    def edit(self, x: XServer, version: str) -> None:
        """Let somebody edit a post."""
        self._do(x, Edit(version, f"{x.posted[version]['data']['text']} Plus"))

    def delete(self, x: XServer, version: str) -> None:
        """Let somebody delete a post."""
        self._do(x, Delete(version))

    def in_peace(self) -> Iterator[list[Post | Edit | Delete]]:
        """Yield all posts, then all edits, then all deletions: the end is the same."""
        for kind in (Post, Edit, Delete):
            yield [act for act in self._acts if isinstance(act, kind)]

    def _do(self, x: XServer, act: Post | Edit | Delete) -> None:
        self._acts.append(act)
        act.on(x)


async def until_collected(broker: Broker, x: XServer, *, within_s: float) -> Unlike | None:
    """Return None when the raw topic has what is there, else how it differs in the end."""
    deadline = time.monotonic() + within_s
    while (unlike := _unlike(await read(broker.kafka, RAW_X.name), x)) is not None:
        if time.monotonic() > deadline:
            return unlike
        await asyncio.sleep(2)
    return None


def _unlike(records: list[Any], x: XServer) -> Unlike | None:
    newest = {one.key.decode(): one.value for one in records}
    has = {first: _text(value) for first, value in newest.items() if value is not None}
    is_there = {
        first: x.posted[versions[-1]]["data"]["text"]
        for line in x.posted.values()
        for versions in [line["data"]["edit_history_tweet_ids"]]
        for first in versions[:1]
    }
    unlike = Unlike(
        sorted(is_there.keys() - has.keys()),
        sorted(one for one in is_there.keys() & has.keys() if is_there[one] != has[one]),
        sorted(has.keys() - is_there.keys()),
    )
    return unlike if any(unlike) else None


def _text(value: bytes) -> str:
    return str(json.loads(value)["data"]["text"])
