"""Young posts that matter, and how they did: from posts, links and engagements; pure."""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import msgspec

from domain.posts.command import LIKELY
from schemas.engagement import Engagement
from schemas.topics import ENGAGEMENTS, LINKS, POSTS

TOPICS = (POSTS.name, LINKS.name, ENGAGEMENTS.name)


class Due(NamedTuple):
    """A post to be looked up: its first id, its newest version, and for which age."""

    first: str
    version: str
    after_s: int


class _Command(msgspec.Struct, frozen=True):
    confidence: float = 0.0


class _Post(msgspec.Struct, frozen=True, rename="camel"):
    id: str
    created_ms: int
    edit_ids: tuple[str, ...] = ()
    command: _Command | None = None


class _Link(msgspec.Struct, frozen=True, rename="camel"):
    status: str = ""
    post_id: str | None = None


class _Linked(NamedTuple):
    post_id: str
    at: float


_post = msgspec.json.Decoder(_Post).decode
_link = msgspec.json.Decoder(_Link).decode
_engagement = msgspec.json.Decoder(Engagement).decode


class Young:
    """All that the three topics say of posts that may still be due. Times are unix seconds.

    ``ages``: at which posts are looked up, ascending. An age that is missed because nobody was
    there is left out once the next one has come; the last when a post is twice as old.
    """

    def __init__(self, ages: tuple[int, ...], *, only_linked: bool) -> None:
        self._ages, self._only_linked = ages, only_linked
        self._posts: dict[str, _Post] = {}
        self._links: dict[str, _Linked] = {}
        self._counted: dict[str, Engagement] = {}
        self._said = set[str]()
        self._gone: dict[str, None] = {}

    def hear(self, record: Any) -> None:
        """Take in a record of one of the topics, as aiokafka has it; others say nothing."""
        key = (record.key or b"").decode(errors="replace")
        try:
            match record.topic:
                case POSTS.name:
                    self._hear_post(key, record.value)
                case LINKS.name:
                    self._hear_link(key, record.value, at=record.timestamp / 1_000)
                case ENGAGEMENTS.name:
                    self._hear_counted(key, record.value)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return

    def due(self, now: float, *, among: Collection[str], most: int) -> list[Due]:
        """Return which posts are to be looked up, the youngest ages first.

        *among*: first ids of the posts that came of X.
        """
        self._forget(now)
        linked = {one.post_id for one in self._links.values()}
        found = [
            Due(first, (post.edit_ids or (first,))[-1], age)
            for first, post in self._posts.items()
            if first in among
            and (first in linked or (not self._only_linked and _asks(post)))
            and (age := self._age_of(post, now)) is not None
            and not self._has(first, age)
        ]
        return sorted(found, key=lambda one: one.after_s)[:most]

    def with_point(self, first: str, point: Any) -> Engagement | None:
        """Return how a post did with one point more; None: it is gone meanwhile."""
        if first not in self._posts:
            return None
        known = self._counted.get(first)
        points = [*(known.points if known else ()), point]
        return Engagement(id=first, points=tuple(sorted(points, key=lambda one: one.after_s)))

    def note(self, engagement: Engagement) -> None:
        """Take note of what was said of a post."""
        self._counted[engagement.id] = engagement
        self._said.add(engagement.id)

    def take_gone(self) -> Iterable[str]:
        """Return the posts that are deleted and of which something is still said."""
        gone = [first for first in self._gone if first in self._said]
        self._gone.clear()
        for first in gone:
            self._take_back(first)
        return gone

    def _hear_post(self, key: str, value: bytes | None) -> None:
        if value is None:
            self._posts.pop(key, None)
            self._gone[key] = None
            return
        post = _post(value)
        self._posts[post.id] = post
        self._gone.pop(post.id, None)

    def _hear_link(self, mint: str, value: bytes | None, *, at: float) -> None:
        link = _link(value) if value else _Link()
        if link.post_id and link.status == "matched":
            self._links[mint] = _Linked(link.post_id, at)
        else:
            self._links.pop(mint, None)

    def _hear_counted(self, key: str, value: bytes | None) -> None:
        if value is None:
            self._take_back(key)
        else:
            self.note(_engagement(value))

    def _take_back(self, first: str) -> None:
        self._said.discard(first)
        self._counted.pop(first, None)

    def _age_of(self, post: _Post, now: float) -> int | None:
        """Return the age for which a post is to be looked up, None: it is too young or old."""
        age_s = now - post.created_ms / 1_000
        passed = [age for age in self._ages if age <= age_s]
        return passed[-1] if passed and age_s < 2 * self._ages[-1] else None

    def _has(self, first: str, age: int) -> bool:
        counted = self._counted.get(first)
        return counted is not None and any(point.after_s == age for point in counted.points)

    def _forget(self, now: float) -> None:
        since = now - 2 * self._ages[-1]
        for old in [one for one, post in self._posts.items() if post.created_ms < since * 1_000]:
            del self._posts[old]
        for old in self._counted.keys() - self._posts.keys():
            del self._counted[old]
        for mint in [mint for mint, linked in self._links.items() if linked.at < since]:
            del self._links[mint]


def _asks(post: _Post) -> bool:
    return post.command is not None and post.command.confidence >= LIKELY
