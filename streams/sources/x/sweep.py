"""Recent search since the last id -> posts that no stream brought, and how far all is here."""

import asyncio
import logging
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.posts.read import snowflake_ms
from streams.sources.pausing import pause
from streams.sources.x import metrics
from streams.sources.x.backoff import Cause, EndedError, pause_s
from streams.sources.x.client import FIELDS, XClient
from streams.sources.x.desk import Desk
from streams.sources.x.wire import Seen, lines_of, read_seen

PAGE = 100
SETTLE_S = 60.0
"""A post may be found some seconds after it was written, and one before it later than it."""
HIDDEN = timedelta(seconds=60)
"""A search does not show what is younger than 30 s. Source: docs.x.com, recent search, end_time."""
REACH_DAYS = 7

log = logging.getLogger(__name__)


class Sweep:
    """Searches now and then, and when ``wanted`` is set: a connection was made."""

    def __init__(self, client: XClient, desk: Desk, *, query: str, every_s: float) -> None:
        self._client, self._desk, self._query, self._every_s = client, desk, query, every_s
        self.wanted = asyncio.Event()
        self.trouble = ""

    async def run(self) -> None:
        """Search for ever; return only where X does not want us."""
        wait_s, failures = self._every_s, 0
        while True:
            await pause(self.wanted, wait_s)
            # What was written just before a connection was made is to be seen a little later.
            wait_s = min(self._every_s, SETTLE_S) if self.wanted.is_set() else self._every_s
            self.wanted.clear()
            try:
                await self.search(time.time())
                self.trouble, failures = "", 0
            except EndedError as error:
                metrics.REQUESTS.labels("search", error.cause).inc()
                self.trouble = str(error)
                if error.cause is Cause.DENIED:
                    log.error("Posts are not searched for: %s.", error)  # noqa: TRY400  # One sentence is enough.
                    return
                failures += 1
                await asyncio.sleep(pause_s(error, failures=failures, jitter=random.random()))  # noqa: S311  # Nothing to guess.
                self.wanted.set()

    async def search(self, now: float) -> None:
        """Take all posts since the last search, oldest page last; then it has reached them.

        Raises:
            EndedError: X does not answer, or the budget of the day is used up before the end.
        """
        found, token, asked = list[Seen](), None, self._since()
        while True:
            if not self._desk.budget.room(time.time()):
                raise EndedError(
                    Cause.LIMITED, "the budget of the day is used up",
                    asked_s=self._desk.budget.wait_s(time.time()),
                )  # fmt: skip
            answer = await self._page(asked, token)
            found += [seen for line in lines_of(answer) if (seen := self._take(line))]
            token = (answer.get("meta") or {}).get("next_token")
            if not token:
                break
        settled = [seen.id for seen in found if _is_settled(seen, now)]
        newest = max(map(int, settled), default=int(self._desk.through or 0))
        self._desk.reach(str(max(newest, int(self._desk.through or 0))) if newest else None)

    async def _page(self, asked: dict[str, Any], token: str | None) -> Any:
        try:
            answer = await self._client.search_recent_tweets(
                self._query, max_results=PAGE, next_token=token, **asked, **FIELDS
            )
        except EndedError as error:
            if error.cause is not Cause.PROTOCOL or "since_id" not in asked:
                raise
            # X refuses an id that is older than it can search.
            log.warning("Posts before the last %d days cannot be searched: %s.", REACH_DAYS, error)
            asked.clear()
            asked.update(_since_time(datetime.now(UTC) - timedelta(days=REACH_DAYS, minutes=-1)))
            return await self._page(asked, token)
        metrics.REQUESTS.labels("search", "answered").inc()
        return answer

    def _since(self) -> dict[str, Any]:
        through = self._desk.through
        return (
            {"since_id": through}
            if through
            else _since_time(datetime.fromtimestamp(self._desk.began, UTC) - HIDDEN)
        )

    def _take(self, line: bytes) -> Seen | None:
        if self._desk.take(line, now=time.time()):
            metrics.FILLED.inc()
        return read_seen(line)


def _since_time(moment: datetime) -> dict[str, Any]:
    return {"start_time": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}


def _is_settled(seen: Seen, now: float) -> bool:
    # An edited version has an id of its own time, and may have the time of the first version.
    if seen.created_at is None or (snowflake_ms(seen.id) or 0) > (now - SETTLE_S) * 1_000:
        return False
    try:
        return datetime.fromisoformat(seen.created_at).timestamp() <= now - SETTLE_S
    except ValueError:
        return False
