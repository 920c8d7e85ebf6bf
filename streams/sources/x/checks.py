"""Kept posts, looked up again by id: those that are gone are forgotten, edited ones read anew."""

import asyncio
import logging
import time
from collections.abc import Iterable

from streams.sources.pausing import pause
from streams.sources.x import metrics
from streams.sources.x.backoff import Cause, EndedError
from streams.sources.x.budget import DAY_S
from streams.sources.x.burial import Burial
from streams.sources.x.client import FIELDS, XClient
from streams.sources.x.desk import Desk
from streams.sources.x.watch import Watch
from streams.sources.x.wire import Seen, Told, gone_of, lines_of, read_seen

AT_ONCE = 100
LOOK_S = 1.0
AGAIN_S = 60.0
LATER_MAX = 10_000

log = logging.getLogger(__name__)


class Checks:
    """Looks up what was kept for a while, and at once what the compliance stream names."""

    def __init__(
        self,
        client: XClient,
        desk: Desk,
        watch: Watch,
        burial: Burial,
        *,
        every_s: float,
        per_day: int,
    ) -> None:
        self._client, self._desk = client, desk
        self._watch, self._burial = watch, burial
        self._every_s, self._per_day = every_s, per_day
        self._day, self._checked = 0, 0
        self._changed: dict[str, None] = {}
        self._news = asyncio.Event()
        self.trouble = ""

    def obey(self, told: Told) -> None:
        """Do what the compliance stream says, as far as it is about posts that are kept."""
        for version in told.gone:
            if (first := self._watch.first_of(version)) is not None:
                self.forget(first)
        for account in told.accounts:
            for first in self._watch.of(account):
                self.forget(first)
        for version in told.changed:
            # Whether a post that is not kept would be one of ours nobody knows.
            if self._watch.first_of(version) or version in self._desk.known:
                self._changed[version] = None
        if self._changed:
            self._news.set()

    async def run(self) -> None:
        """Look up for ever; return only where X does not want us."""
        while True:
            await pause(self._news, LOOK_S)
            self._news.clear()
            try:
                await self.look(time.time())
                self.trouble = ""
            except EndedError as error:
                metrics.REQUESTS.labels("lookup", error.cause).inc()
                self.trouble = str(error)
                if error.cause is Cause.DENIED:
                    log.error("Kept posts are not looked up: %s.", error)  # noqa: TRY400  # One sentence is enough.
                    return
                await asyncio.sleep(max(AGAIN_S, error.asked_s))

    async def look(self, now: float) -> None:
        """Look up what is due, as many at once as X allows.

        Raises:
            EndedError: X does not answer.
        """
        named = list(self._changed)[:AT_ONCE]
        room = min(AT_ONCE - len(named), self._room(now))
        due = self._watch.due(now - self._every_s, most=room) if room > 0 else []
        ids = [*named, *(kept.versions[-1] for kept in due)]
        if not ids:
            return
        self._checked += len(due)
        newer = await self._ask(ids, now)
        for version in named:
            self._changed.pop(version, None)
        if newer:
            await self._ask(newer, now)

    async def _ask(self, ids: list[str], now: float) -> list[str]:
        """Look ids up; return those of newer versions that it told of."""
        answer = await self._client.get_tweets(ids, **FIELDS)
        metrics.REQUESTS.labels("lookup", "answered").inc()
        metrics.CHECKED.inc(len(ids))
        for version in gone_of(answer) & set(ids):
            self.forget(self._watch.first_of(version) or version)
        newer = list[str]()
        for line in lines_of(answer):
            seen = read_seen(line)
            if seen is not None:
                newer += self._take(seen, line, now)
        return newer

    def _take(self, seen: Seen, line: bytes, now: float) -> Iterable[str]:
        if seen.id in self._changed:
            self._desk.readmit(seen.versions)
        self._desk.take(line, now=now)
        self._watch.keep(seen.versions, now, seen.author)
        newest = seen.versions[-1]
        return [newest] if newest != seen.id and newest not in self._desk.known else []

    def forget(self, first: str) -> None:
        """Let a post that is gone on X be gone here, by the id of its first version."""
        self._burial.take(first)
        self._watch.drop(first)

    def _room(self, now: float) -> int:
        """Return how many kept posts may still be looked up now, on this day."""
        day = int(now // DAY_S)
        if day != self._day:
            self._day, self._checked = day, 0
        return min(self._per_day - self._checked, self._desk.budget.room(now))
