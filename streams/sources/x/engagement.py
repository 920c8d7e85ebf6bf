"""Young posts -> how they do on X, looked up at some ages, as far as the budget goes."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from aiokafka.errors import KafkaError

from domain.amounts import timestamp_ms
from domain.errors import BtrackerError
from schemas.engagement import EngagementPoint
from schemas.kafka import Kafka
from schemas.topics import ENGAGEMENTS
from streams.cloud_events import cloud_event
from streams.onward import onward
from streams.sources.frames import Headers
from streams.sources.publisher import Publisher
from streams.sources.x import metrics
from streams.sources.x.backoff import Cause, EndedError
from streams.sources.x.checks import AGAIN_S, AT_ONCE
from streams.sources.x.client import XClient
from streams.sources.x.desk import Desk
from streams.sources.x.settings import XSettings
from streams.sources.x.watch import Watch
from streams.sources.x.wire import gone_of, metrics_of
from streams.sources.x.young import TOPICS, Due, Young

LOOK_S = 1.0

log = logging.getLogger(__name__)


class Engagements:
    """Looks posts up again while they are young. ``on_gone`` hears of those that are not there.

    What is due follows from the topics, so whoever begins anew goes on where it was left.
    """

    def __init__(
        self,
        settings: XSettings,
        client: XClient,
        desk: Desk,
        watch: Watch,
        publisher: Publisher,
        *,
        on_gone: Callable[[str], None],
    ) -> None:
        self._client, self._desk, self._watch = client, desk, watch
        self._publisher, self._on_gone = publisher, on_gone
        self._leaving = settings.x_engagement_leaves
        self._is_asked = settings.x_engagement != "nothing"
        self._young = Young(
            settings.x_engagement_after_s, only_linked=settings.x_engagement == "linked"
        )
        self._is_here = asyncio.Event()
        self.trouble = ""

    async def follow(self, kafka: Kafka) -> None:
        """Follow the topics for ever; what is said of posts that are deleted is taken back.

        Raises:
            BtrackerError: Kafka does not answer.
        """
        try:
            async for come in onward(kafka, TOPICS):
                for record in come.records:
                    self._young.hear(record)
                if come.is_all:
                    self._is_here.set()
                    for first in self._young.take_gone():
                        await self._publisher.report(ENGAGEMENTS, first, None, taken_back(first))
        except KafkaError as error:
            raise BtrackerError(f"The Kafka at {kafka} has failed: {error!r}.") from error

    async def run(self) -> None:
        """Look up for ever; return only where nobody asks for it, or X does not want us."""
        await self._is_here.wait()
        while self._is_asked:
            try:
                await self.look(time.time())
                self.trouble = ""
            except EndedError as error:
                metrics.REQUESTS.labels("engagement", error.cause).inc()
                self.trouble = str(error)
                if error.cause is Cause.DENIED:
                    log.error("Engagement is not looked up: %s.", error)  # noqa: TRY400  # One sentence is enough.
                    return
                await asyncio.sleep(max(AGAIN_S, error.asked_s))
            await asyncio.sleep(LOOK_S)

    async def look(self, now: float) -> None:
        """Look up what is due, as many at once as X allows.

        Raises:
            EndedError: X does not answer.
        """
        most = min(AT_ONCE, self._desk.budget.room(now, leaving=self._leaving))
        due = self._young.due(now, among=self._watch.kept, most=most)
        if not due:
            return
        versions = [one.version for one in due]
        answer = await self._client.get_tweets(versions, tweet_fields=["public_metrics"])
        metrics.REQUESTS.labels("engagement", "answered").inc()
        counted = metrics_of(answer)
        self._desk.budget.read(set(counted), set(), now=now)
        gone = gone_of(answer)
        for one in due:
            if one.version in counted:
                await self._count(one, counted[one.version], at=now)
            elif one.version in gone:
                self._on_gone(one.first)

    async def _count(self, due: Due, counted: Mapping[str, Any], *, at: float) -> None:
        point = point_of(counted, after_s=due.after_s, at=at)
        engagement = self._young.with_point(due.first, point)
        if engagement is None:
            return
        headers = cloud_event(
            ENGAGEMENTS,
            event_id=f"{due.first}:{due.after_s}",
            subject=due.first,
            slot=0,
            time=point.at,
            op="c" if len(engagement.points) == 1 else "u",
        )
        await self._publisher.report(ENGAGEMENTS, due.first, engagement, headers)
        self._young.note(engagement)
        metrics.ENGAGEMENTS.labels(str(due.after_s)).inc()


def taken_back(first: str) -> Headers:
    """Return the headers of the tombstone of how a post did."""
    return cloud_event(
        ENGAGEMENTS, event_id=f"{first}:deleted", subject=first, slot=0, time=None, op="d"
    )


def point_of(counted: Mapping[str, Any], *, after_s: int, at: float) -> EngagementPoint:
    """Return what X counted of a post. Source: docs.x.com, public_metrics of a post."""

    def count(name: str) -> int | None:
        found = counted.get(name)
        return found if isinstance(found, int) and found >= 0 else None

    return EngagementPoint(
        after_s=after_s,
        at=timestamp_ms(int(at * 1_000)),
        likes=count("like_count"),
        reposts=count("repost_count") if "repost_count" in counted else count("retweet_count"),
        replies=count("reply_count"),
        quotes=count("quote_count"),
        bookmarks=count("bookmark_count"),
        views=count("impression_count"),
    )
