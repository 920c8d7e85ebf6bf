"""An X that goes wrong for as long as you like, and a collector that is killed meanwhile.

``python -m tests.load.x --help``. The test in ``e2e/test_x_collect.py`` does a few seconds of it.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from btracker.deployment import DEMO
from schemas.topics import RAW_X
from streams import topics
from streams.sources.collect import run_collect
from streams.sources.settings import CollectSettings
from streams.sources.solana.settings import SolanaSettings
from streams.sources.x.settings import XSettings
from tests.brokers import Broker, running_broker
from tests.e2e.test_collect import read
from tests.xserver.faults import XFaults
from tests.xserver.server import XServer, recorded
from tests.xserver.serving import serve_x

FAULTS = XFaults(
    drop=0.05,
    duplicate=0.05,
    malformed=0.02,
    bare_rule=0.1,
    split=0.1,
    close_every=400,
    cut_every=300,
)
FIRST_ID = 2_000_000_000_000_000_000
QUIET_S = 90.0


async def post(x: XServer, *, per_s: float, seconds: float) -> None:
    """Let people post, one after the other, with ids that grow."""
    patterns = recorded(DEMO / "posts.jsonl")
    began, count = time.monotonic(), 0
    while (now := time.monotonic() - began) < seconds:
        while count < now * per_s:
            pattern = patterns[count % len(patterns)]
            post_id = str(FIRST_ID + count)
            data = {**pattern["data"], "id": post_id, "edit_history_tweet_ids": [post_id]}
            x.post({**pattern, "data": data})
            count += 1
        await asyncio.sleep(0.02)


async def trouble(x: XServer, *, every_s: float, chance: random.Random) -> None:
    """Let something go wrong now and then, for ever."""
    while True:
        await asyncio.sleep(every_s * (0.5 + chance.random()))
        match chance.randrange(5):
            case 0:
                x.cut()
            case 1:
                x.refuse(503)
            case 2:
                x.refuse(429, reset_s=3)
            case 3:
                x.suffer(mute=True)
                await asyncio.sleep(4)
                x.suffer(mute=False)
            case 4 if x.posted:
                x.delete(chance.choice(list(x.posted)))


async def collect(broker: Broker, x: XServer, *, kill_every_s: float, until: asyncio.Event) -> int:
    """Run collectors, each killed after a while, the last until *until*; return how many."""
    settings = XSettings(
        x=x.url, x_bearer_token=SecretStr(x.token), x_sweep_s=5.0, x_stall_s=3.0,
        x_posts_per_day=10_000_000, x_usd_per_day=1_000_000, x_compliance=True,
    )  # fmt: skip
    runs = 0
    while not until.is_set():
        runs += 1
        with tempfile.TemporaryDirectory() as data:
            stop = asyncio.Event()
            told = CollectSettings(kafka=broker.address, data=Path(data))
            task = asyncio.create_task(run_collect(told, SolanaSettings(), settings, stop))
            waiting = asyncio.create_task(until.wait())
            await asyncio.wait(
                {task, waiting}, timeout=kill_every_s, return_when=asyncio.FIRST_COMPLETED
            )
            waiting.cancel()
            if until.is_set():
                stop.set()
                await task
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
    return runs


async def run(broker: Broker, arguments: argparse.Namespace) -> int:
    """Run it; return 1 if a post was lost, or a limit broken."""
    faults = XFaults(**{**vars(FAULTS), "compliance": True})
    await topics.create(broker.kafka, partitions=1)
    async with serve_x([], faults) as x:
        done = asyncio.Event()
        collecting = asyncio.create_task(
            collect(broker, x, kill_every_s=arguments.kill_every_s, until=done)
        )
        await x.until_listened()
        wrong = asyncio.create_task(
            trouble(x, every_s=arguments.trouble_every_s, chance=random.Random(arguments.seed))
        )
        await post(x, per_s=arguments.per_s, seconds=arguments.seconds)
        wrong.cancel()
        x.suffer(mute=False)
        await asyncio.sleep(arguments.quiet_s)
        done.set()
        runs = await collecting
    return report(x, await read(broker.kafka, RAW_X.name), runs)


def report(x: XServer, records: list[Any], runs: int) -> int:
    """Say what came of it."""
    copies = Counter(one.key.decode() for one in records if one.value is not None)
    newest = {one.key.decode(): one.value for one in records}
    standing = {post_id for post_id, value in newest.items() if value is not None}
    there = set(x.posted)
    lost, left = there - set(copies), standing - there
    print(  # noqa: T201
        f"{len(there):,} posts there, {len(x.at) - len(there):,} deleted, "
        f"{len(x.delivered):,} delivered by the stream; {len(copies):,} collected in {runs} runs, "
        f"{sum(copies.values()) - len(copies):,} twice; lost {len(lost)}, still there though "
        f"deleted {len(left)}; at most {x.most_connections} connections, "
        f"refused {dict(x.refused)}, connects {x.asked['GET /2/tweets/search/stream']}"
    )
    return int(
        bool(
            lost
            or left
            or x.refused["connects"]
            or x.refused["connections"]
            or x.most_connections > 1
        )
    )


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3_600.0, help="how long people post")
    parser.add_argument("--per-s", type=float, default=50.0, help="posts in a second")
    parser.add_argument("--trouble-every-s", type=float, default=60.0)
    parser.add_argument("--kill-every-s", type=float, default=300.0)
    parser.add_argument("--quiet-s", type=float, default=QUIET_S, help="to catch up at the end")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with running_broker("embedded") as broker:
        return asyncio.run(run(broker, arguments))


if __name__ == "__main__":
    sys.exit(main())
