"""raw.chain -> plain.numbers in plain Faust, as its guide would write it: none of our remedies.

Run as a module, with a worker's settings in its environment. What it passes on goes through
Faust's producer buffer, as the rows of its tables do.
"""

import os
from collections.abc import AsyncIterator
from typing import Any

import faust

from schemas.topics import DLQ_SUFFIX, RAW_CHAIN, Topic
from streams.options import reach
from streams.settings import StreamSettings

PASSED = Topic(name="plain.numbers", key="that of the number", value=int)
GROUP = "plain"
MANY = 20_000
WAY = os.environ.get("PLAIN_WAY", "")
"""``many``: a number makes ``MANY`` records, as a message makes rows. ``raise``: a number
of the key "bad" raises. ``typed``: Faust decodes. ``two``: the agent runs twice."""

settings = StreamSettings()
app = faust.App(
    GROUP,
    **reach(settings.cluster),
    store="memory://",
    topic_allow_declare=False,
    topic_disable_leader=True,
    web_enabled=False,
    consumer_auto_offset_reset="earliest",
    broker_commit_interval=1.0,
    broker_session_timeout=settings.session_timeout_s,
    broker_rebalance_timeout=settings.rebalance_timeout_s,
    broker_heartbeat_interval=settings.heartbeat_interval_s,
    producer_request_timeout=settings.request_timeout_s,
)


def topic(name: str, value: type = bytes, serializer: str = "raw") -> Any:
    """Return a topic as Faust sees it."""
    return app.topic(name, key_type=bytes, value_type=value, value_serializer=serializer)


numbers = topic(RAW_CHAIN.name, int, "json") if WAY == "typed" else topic(RAW_CHAIN.name)
passed = topic(PASSED.name)
letters = topic(RAW_CHAIN.name + DLQ_SUFFIX)


@app.agent(numbers, concurrency=2 if WAY == "two" else 1)
async def pass_on(stream: Any) -> AsyncIterator[None]:
    """Pass numbers on; what is none becomes a dead letter before it is acknowledged."""
    async for key, value in stream.items():
        if WAY == "raise" and key == b"bad":
            raise RuntimeError("a fault of ours")
        if WAY == "typed" or value.isdigit():
            for part in range(MANY if WAY == "many" else 1):
                passed.send_soon(key=key, value=b"%d" % (int(value) + part))
        else:
            await (await letters.send(key=key, value=value))
        yield


if __name__ == "__main__":
    faust.Worker(app, loglevel="WARN").execute_from_commandline()
