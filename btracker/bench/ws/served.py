"""The API as it is, with a clock at the door of its live feed.

Run as a module, with the file that the times go to; it is configured by its environment.
"""

import asyncio
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import uvloop

from api.app import create_app
from api.collection import collecting
from api.open_files import open_as_many_as_may_be
from api.serve import listen, serve
from api.settings import ApiSettings
from btracker.bench.ws.times import CHANNELS, Times
from views.live.feed import Feed
from views.live.reader import LiveReader
from views.open import open_views


class WatchedReader(LiveReader):
    """Notes the time from a message's arrival to the last write for it."""

    times: Times

    def _take(self, answer: dict[str, Any]) -> None:
        arrived = perf_counter()
        super()._take(answer)
        feed = self._feeds.get(answer["channel"].decode()) if answer["channel"] else None
        if answer["type"] == "message" and feed and feed.place.channel in CHANNELS:
            self._when_written(feed, arrived)

    def _when_written(self, feed: Feed, arrived: float) -> None:
        """Note the time as soon as nothing more is to be written.

        The loop writes at the end of a round what was put into transports in it, so the next
        round is the first moment at which all of it is in the kernel.
        """
        loop = asyncio.get_running_loop()
        rounds = [(outlet, outlet.begun) for outlet in feed.outlets.values()]

        def look() -> None:
            if any(outlet.done < begun for outlet, begun in rounds):
                loop.call_soon(look)
            else:
                self.times.note(feed.place.channel, perf_counter() - arrived)

        loop.call_soon(look)


async def main(times: Path) -> None:
    """Serve until ended."""
    settings = ApiSettings()
    open_as_many_as_may_be()
    views = open_views(settings.store)
    live = WatchedReader(settings.redis, views, partitions=settings.partitions)
    live.times = Times(times)
    app = create_app(views, live, settings)
    with collecting():
        await serve(app, listener=listen(settings), stop=asyncio.Event())


if __name__ == "__main__":
    uvloop.run(main(Path(sys.argv[1])))
