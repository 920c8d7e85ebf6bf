"""The command line: nodes, their chain and their faults, until somebody says stop."""

import asyncio
import signal
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from btracker.deployment import DEMO
from tests.node.chain import SLOT_MS, Chain, Placed, chain_of
from tests.node.faults import NodeFaults
from tests.node.loading import recorded, recording
from tests.node.serving import Nodes, serve_nodes
from tests.node.view import Traits

SHARES = {
    "drop": "of notifications that never come",
    "duplicate": "of notifications that come twice",
    "reorder": "of notifications that come after later ones",
    "all-ones": "of log notifications followed by one with the signature of 64 zero bytes",
    "null-share": "of transactions null at first, of blocks -32004, then found",
    "hidden": "of signatures that getSignaturesForAddress never lists",
    "wrong": "of transactions and blocks answered with another one",
    "too-new": "of transactions answered with -32015 whatever is asked",
    "http-429": "of HTTP requests refused with 429, five in a row",
    "http-500": "of HTTP requests that fail with 500",
    "hang": "of HTTP requests answered only after --hang-s",
}
NUMBERS = {
    "lag": (int, "blocks behind the chain"),
    "null-times": (int, "how often such a transaction is null (once)"),
    "disconnect-every-s": (float, "seconds after which all connections are cut, again and again"),
    "stall-every-s": (float, "seconds after which the slot stands still, again and again"),
    "stall-for-s": (float, "seconds for which it stands still (5)"),
    "hang-s": (float, "seconds for which a request hangs (30)"),
    "requests-per-s": (float, "calls and connections a second; more are refused with 429"),
    "connections": (int, "WebSocket connections at once; more are refused with 429"),
    "retry-after-s": (int, "seconds in Retry-After of a refusal (1)"),
}


class PerNode(click.ParamType):
    """One value for all nodes, or one for each, with commas between."""

    name = "value[,value…]"

    def __init__(self, kind: Callable[[str], Any]) -> None:
        self.kind = kind

    def convert(self, value: Any, param: Any, ctx: Any) -> list[Any]:
        """Return the values."""
        try:
            return [self.kind(each) for each in str(value).split(",")]
        except ValueError:
            self.fail(f"{value!r} is not {self.name}", param, ctx)


def _with_faults(command: Callable[..., None]) -> Callable[..., None]:
    """Add an option for each fault."""
    options = {name: (float, f"Share {what}.") for name, what in SHARES.items()}
    options |= {
        name: (kind, f"{what[0].upper()}{what[1:]}.") for name, (kind, what) in NUMBERS.items()
    }
    for name, (kind, what) in reversed(options.items()):
        # Both spellings, with the unit and without, for whoever types.
        names = (f"--{name}", name.replace("-", "_"))
        short = (f"--{name.removesuffix('-s')}",) if name.endswith("every-s") else ()
        command = click.option(*short, *names, type=PerNode(kind), help=what)(command)
    return command


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("--recording", "folder", type=Path, default=DEMO, help="A folder with a recording.")
@click.option("--first", default=0, help="The first of its transactions to take.")
@click.option("--count", type=int, help="How many of them; without it, all.")
@click.option(
    "--recorded",
    "mainnet",
    type=Path,
    help="Also, before them: a folder of transactions of mainnet.",
)
@click.option(
    "--speed", default="1", help="Times as fast as the chain, or max: as fast as all read."
)
@click.option("--nodes", "number", default=1, help="How many nodes see the chain.")
@click.option("--host", default="127.0.0.1", help="Where they listen.")
@click.option("--port", default=8899, help="Of the first node; the others follow. 0: any.")
@click.option("--seed", default=0, help="What chance depends on.")
@click.option("--empty-share", default=0.95, help="Share of idle slots with an empty block.")
@click.option("--fork-rate", default=0.0, help="Share of blocks that follow an abandoned one.")
@click.option(
    "--wait/--no-wait", default=None, help="Begin with the first subscription (max: yes)."
)
@click.option("--blocks/--no-blocks", default=True, help="Know blockSubscribe.")
@click.option("--transactions/--no-transactions", default=True, help="Know transactionSubscribe.")
@click.option("--log-bytes", type=int, help="Truncate logs; real nodes do at 10,000.")
@_with_faults
def main(**given: Any) -> None:
    """Serve a recording as Solana nodes do, with the faults that are named.

    A fault takes one value for all nodes, or one for each, with commas between: --lag 0,30.
    """
    try:
        chain = chain_of(
            _placed(given),
            seed=given["seed"],
            empty_share=given["empty_share"],
            fork_rate=given["fork_rate"],
        )
        faults = list(_faults(given))
        speed = None if given["speed"] == "max" else float(given["speed"])
    except (OSError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    wait = speed is None if given["wait"] is None else given["wait"]
    asyncio.run(_serve(chain, faults, given, speed=speed, wait=wait))


def _placed(given: dict[str, Any]) -> Iterable[Placed]:
    found = list(recording(given["folder"], first=given["first"], count=given["count"]))
    if given["mainnet"] is None or not found:
        return found
    before = list(recorded(given["mainnet"], slot=0, time=0))
    slot, time = found[0].slot - len(before), found[0].time - len(before) * SLOT_MS // 1_000
    return [*recorded(given["mainnet"], slot=slot, time=time), *found]


def _faults(given: dict[str, Any]) -> Iterator[NodeFaults]:
    names = [name.replace("-", "_") for name in (*SHARES, *NUMBERS)]
    traits = Traits(given["blocks"], given["transactions"], given["log_bytes"])
    for place in range(given["number"]):
        chosen = {name: given[name] for name in names if given[name] is not None}
        for name, values in chosen.items():
            if len(values) not in {1, given["number"]}:
                raise ValueError(f"--{name}: give one value, or one for each of the nodes")
        yield NodeFaults(
            traits=traits,
            **{name: values[place % len(values)] for name, values in chosen.items()},
        )


async def _serve(
    chain: Chain,
    faults: list[NodeFaults],
    given: dict[str, Any],
    *,
    speed: float | None,
    wait: bool,
) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    where = {name: given[name] for name in ("seed", "host", "port")}
    async with serve_nodes(chain, faults, **where) as nodes:
        click.echo(f"btracker up --solana {nodes.solana}")
        playing = asyncio.create_task(_play(nodes, speed=speed, wait=wait))
        await stop.wait()
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        for place, node in enumerate(nodes):
            click.echo(f"node {place}: asked {dict(node.asked)}, refused {dict(node.refused)}")


async def _play(nodes: Nodes, *, speed: float | None, wait: bool) -> None:
    if wait:
        waiting = [asyncio.create_task(node.until_subscribed()) for node in nodes]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for each in waiting:
            each.cancel()
    await nodes.play(speed)
    click.echo("the chain has ended; nodes go on answering")
