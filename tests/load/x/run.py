"""A run of trouble, then the same posts again in peace: nothing lost, and the same links."""

import asyncio
import random
import time
from typing import Any, NamedTuple

from tests.brokers import Broker, running_broker
from tests.load.x.collectors import Runs, collecting, killed_now_and_then
from tests.load.x.diary import Diary, Unlike, until_collected
from tests.load.x.links import claim, linked_by, linking
from tests.load.x.world import World, world_of
from tests.xserver.faults import XFaults
from tests.xserver.server import XServer
from tests.xserver.serving import serve_x

FAULTS = XFaults(
    drop=0.05,
    duplicate=0.05,
    malformed=0.02,
    bare_rule=0.1,
    split=0.1,
    close_every=400,
    cut_every=300,
    hidden_s=30,
    compliance=True,
)
QUIET_S = 900.0


class Plan(NamedTuple):
    """What a run does; the seed decides what is posted and launched."""

    seconds: float
    per_s: float
    trouble_every_s: float
    kill_every_s: float
    quiet_s: float
    seed: int


def run(plan: Plan) -> int:
    """Run it; return 1 if a post was lost, a limit broken, or a link differs."""
    world = world_of(
        seed=plan.seed,
        wishes=int(plan.per_s * plan.seconds),
        begin_s=int(time.time()) + 10,
        lasts_s=int(plan.seconds),
    )
    with running_broker("embedded") as broker, linking(broker):
        diary, faults, links = asyncio.run(in_trouble(broker, plan, world))
    with running_broker("embedded") as broker, linking(broker):
        quiet = asyncio.run(in_peace(broker, diary, world))
    differing = [mint for mint in links.keys() | quiet if links.get(mint) != quiet.get(mint)]
    matched = {mint: one["postId"] for mint, one in links.items() if one["status"] == "matched"}
    right = sum(world.truth[mint] == post_id for mint, post_id in matched.items())
    say(f"{len(links):,} links, {len(quiet):,} in peace, {len(differing)} differ")
    say(f"{right:,} of {len(matched):,} with a post have the right one")
    for mint in differing[:5]:
        say(f"{mint}: {links.get(mint)}, in peace {quiet.get(mint)}")
    return int(bool(faults or differing))


async def in_trouble(
    broker: Broker, plan: Plan, world: World
) -> tuple[Diary, list[str], dict[str, Any]]:
    """Let people post while all goes wrong; return what they did, what is wrong, and the links."""
    diary = Diary()
    async with serve_x([], FAULTS) as x:
        done, runs = asyncio.Event(), Runs()
        collecting = asyncio.create_task(
            killed_now_and_then(broker, x, runs, every_s=plan.kill_every_s, until=done)
        )
        await x.until_listened()
        wrong = asyncio.create_task(
            trouble(x, diary, every_s=plan.trouble_every_s, chance=random.Random(plan.seed))
        )
        await happen(broker, x, diary, world, until=world.begin_s + plan.seconds)
        wrong.cancel()
        x.suffer(mute=False)
        began = time.monotonic()
        unlike = await until_collected(broker, x, within_s=plan.quiet_s)
        took_s = time.monotonic() - began
        done.set()
        await collecting
    await say_of(x, unlike, runs, took_s)
    return diary, faults_of(x, unlike, runs), await linked_by(broker)


async def in_peace(broker: Broker, diary: Diary, world: World) -> dict[str, Any]:
    """Do the same where nothing goes wrong, and return the links."""
    # Signs of life more often than a collector of this run gives a connection up.
    peace = XFaults(compliance=True, keep_alive_s=1.0)
    async with serve_x([], peace) as x, collecting(broker, x):
        await x.until_listened()
        for acts in diary.in_peace():
            for act in acts:
                act.on(x)
                await asyncio.sleep(0)
            unlike = await until_collected(broker, x, within_s=600)
            assert unlike is None, unlike
    await claim(broker, [one for _, one in world.chain])
    return await linked_by(broker)


async def happen(broker: Broker, x: XServer, diary: Diary, world: World, *, until: float) -> None:
    """Let all happen when it is due; at the end what the chain would have launched later."""
    posts, chain = list(reversed(world.posts)), list(reversed(world.chain))
    while (now := time.time()) < until:
        while posts and posts[-1][0] <= now * 1_000:
            diary.post(x, posts.pop()[1])
        due = [chain.pop()[1] for _ in range(sum(at <= now * 1_000 for at, _ in chain[-50:]))]
        if due:
            await claim(broker, due)
        await asyncio.sleep(0.05)
    await claim(broker, [one for _, one in reversed(chain)])


async def trouble(x: XServer, diary: Diary, *, every_s: float, chance: random.Random) -> None:
    """Let something go wrong now and then, for ever."""
    while True:
        await asyncio.sleep(every_s * (0.5 + chance.random()))
        match chance.randrange(6):
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
                diary.delete(x, chance.choice(list(x.posted)))
            case 5 if x.posted:
                diary.edit(x, chance.choice(list(x.posted)))


def faults_of(x: XServer, unlike: Unlike | None, runs: Runs) -> list[str]:
    """Return what must not be."""
    checks = {
        "posts are lost, or deleted ones are not": unlike is not None,
        "more connections than are allowed": x.most_connections > x.faults.connections,
        "refused: too many connections": x.refused["connections"] > 0,
        "refused: too many connects": x.refused["connects"] > 0,
        "a collector ended by itself": runs.ended > 0,
    }
    found = [what for what, is_so in checks.items() if is_so]
    for what in found:
        say(what)
    return found


async def say_of(x: XServer, unlike: Unlike | None, runs: Runs, took_s: float) -> None:
    """Say what came of a run."""
    there = {line["data"]["edit_history_tweet_ids"][0] for line in x.posted.values()}
    say(
        f"{len(there):,} posts there of {len(x.at):,} versions ever, {len(x.delivered):,} of them "
        f"by the stream; all collected {took_s:.0f} s after the last, by {runs.begun} collectors: "
        f"{unlike or 'nothing lost, nothing deleted kept'}; at most {x.most_connections} "
        f"connections, {x.asked['GET /2/tweets/search/stream']} connects, at most "
        f"{x.most_connects} in 15 minutes; refused {dict(x.refused)}"
    )


def say(what: str) -> None:
    """Print it at once."""
    print(what, flush=True)  # noqa: T201
