"""The dashboard for an hour in a real browser, on a whole deployment with 200 trades a second.

``python -m tests.load.dashboard --minutes 60 --rate 200 [--json]``

One tab rests on the busiest token, second by second; another goes about by clicks and keys. What
must be so: memory, nodes and listeners stay flat, no task of the page takes more than 200 ms, the
next paint after whatever people do comes within 200 ms, a chart's candles equal REST's, and nothing
is thrown or logged as an error.
"""

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import psutil

from schemas.kafka import Kafka
from tests.brokers import running_broker
from tests.e2e.deployment import Deployment
from tests.load.judging import Judged, judged
from tests.load.stream import Market, Stream

REPOSITORY = Path(__file__).parents[2]
SOAK = REPOSITORY / "dashboard" / "test" / "browser" / "soak.mjs"
LOOK_S = 15.0
QUIET_S = 120.0
"""How long what was told last may take to be seen."""


class Notes:
    """What was noted so far, in a file also if this is ended before its end."""

    def __init__(self, path: Path | None) -> None:
        self.all: list[dict[str, Any]] = []
        self._file = path.open("w", buffering=1) if path else None

    def add(self, **note: Any) -> None:
        """Add a note."""
        self.all.append(note)
        if self._file:
            self._file.write(json.dumps(note) + "\n")


async def soak(
    up: Deployment, market: Market, notes: Notes, *, rate: int, minutes: float, niceness: int
) -> None:
    """Tell the market and let the browser look; note what is seen of either."""
    stream = Stream(market, Kafka(up.kafka()), rate=rate, minutes=minutes)
    over = asyncio.Event()
    prefer(os.getpid(), niceness)
    telling = asyncio.create_task(stream.run(over))
    looking = asyncio.create_task(look(up, stream, notes))
    browser = await browse(up, market, minutes=minutes)
    assert browser.stdin is not None
    async for note in said(browser):
        notes.add(**note)
        if note["kind"] == "begun":
            # The page is what is looked at: the deployment has a machine of its own elsewhere.
            prefer(browser.pid, 2 * niceness)
        if note["kind"] == "tired":
            over.set()
            await telling
            await asyncio.to_thread(up.reach, stream.slot, QUIET_S)
            browser.stdin.write(b"quiet\n")
            await browser.stdin.drain()
    looking.cancel()
    over.set()
    await telling
    code = await browser.wait()
    notes.add(kind="ended", code=code, sent=stream.sent, lateS=stream.late_s)


async def browse(up: Deployment, market: Market, *, minutes: float) -> asyncio.subprocess.Process:
    """Start the browser and who looks through it."""
    told = {
        "BTRACKER_URL": f"http://127.0.0.1:{up.port}",
        "BTRACKER_MINT": market.tokens[0].mint,
        "BTRACKER_MINUTES": str(minutes),
    }
    return await asyncio.create_subprocess_exec(
        "node", str(SOAK), env={**os.environ, **told}, limit=2**24,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def prefer(pid: int, niceness: int) -> None:
    """Have a process and all that it started preferred to others, or the other way round.

    Where Linux shares its time out by session, which it mostly does, only that of a session counts.
    """
    first = psutil.Process(pid)
    for process in (first, *first.children(recursive=True)):
        with suppress(OSError, psutil.NoSuchProcess):
            process.nice(niceness)
            Path(f"/proc/{process.pid}/autogroup").write_text(str(niceness))


async def said(browser: asyncio.subprocess.Process) -> AsyncIterator[dict[str, Any]]:
    """Yield what it says, as it does; faults also to people."""
    assert browser.stdout is not None
    async for line in browser.stdout:
        note = json.loads(line)
        if note["kind"] == "fault":
            sys.stderr.write(f"{note['tab']}: {note['text'][:500]}\n")
        yield note


async def look(up: Deployment, stream: Stream, notes: Notes) -> None:
    """Note from time to time how far the deployment is behind, and how busy the machine."""
    while True:
        await asyncio.sleep(LOOK_S)
        status = await asyncio.to_thread(up.status)
        behind = stream.slot - status["chain"]["completeThroughSlot"] if status else None
        notes.add(
            kind="market", at=int(time.time() * 1000), sent=stream.sent,
            behindSlots=behind, load=os.getloadavg()[0],
        )  # fmt: skip


def run(asked: argparse.Namespace) -> Judged:
    """Run it on a deployment of its own, and judge."""
    market = Market(seed=20261129)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dashboard-")))
        recording = market.record(folder / "launches", at=int(time.time()) - 60)
        options = ["--recording", str(recording), "--speed", "max"]
        if asked.broker == "kafka":
            # The embedded one has its log in memory: an hour of this is many gigabytes.
            kafka = stack.enter_context(running_broker("kafka", within=folder))
            options += ["--kafka", kafka.address]
        up = stack.enter_context(Deployment(folder / "data", *options))
        up.wait(market.last_setup_slot)
        notes = Notes(asked.notes)
        course = soak(
            up, market, notes, rate=asked.rate, minutes=asked.minutes, niceness=asked.nice
        )
        asyncio.run(course)
    return judged(notes.all, rate=asked.rate)


def main() -> int:
    """Read the command line, run, and say what was seen; 1 if something was not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=int, default=200, help="transactions in a second")
    parser.add_argument("--broker", choices=("embedded", "kafka"), default="kafka")
    parser.add_argument(
        "--nice", type=int, default=0, help="of everything; below 0 where others use the machine"
    )
    parser.add_argument("--json", action="store_true", help="the figures for programs")
    parser.add_argument("--notes", type=Path, help="a file for all that was noted")
    asked = parser.parse_args()
    # So that whoever ends it ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    found = run(asked)
    sys.stdout.write(found.as_json() if asked.json else found.as_text())
    return 0 if found.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
