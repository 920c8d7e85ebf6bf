"""What ``btracker up`` does when one of its processes ends by itself."""

import asyncio
import sys
from pathlib import Path

import pytest

from btracker.child_process import Spec
from btracker.run_folder import RunFolder
from btracker.supervisor import Supervisor
from domain.errors import UsageError

ENDS = "import os, signal, sys; print('{said}', flush=True); {end}"


def spec(said: str, end: str) -> Spec:
    """Return a process that says something, then ends."""
    return Spec("part", (sys.executable, "-c", ENDS.format(said=said, end=end)))


@pytest.fixture
def told() -> list[str]:
    """Give the list of what the person at the terminal was told."""
    return []


@pytest.fixture
def supervisor(tmp_path: Path, told: list[str]) -> Supervisor:
    """Give a supervisor of a data folder of its own."""
    runs = RunFolder(tmp_path)
    runs.path.mkdir()
    return Supervisor(tmp_path, runs, told.append)


async def test_wrong_use_is_not_tried_again(supervisor: Supervisor, told: list[str]) -> None:
    """Exit code 2 ends the whole, with the sentence of the process that it was."""
    keeper = supervisor.keep(spec("Name a recording.", "sys.exit(2)"))
    async with asyncio.timeout(20):
        with pytest.raises(UsageError, match="part cannot run: Name a recording"):
            await supervisor.refused()
        await keeper.stop()

    assert [] == told


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        ("sys.exit(1)", "part ended (exit code 1): all is well\n"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "part ended (signal 9)\n"),
    ],
)
async def test_a_reason_is_only_what_ended_it(
    end: str, sentence: str, supervisor: Supervisor, told: list[str]
) -> None:
    """The last line is the reason of an exit; of an end by a signal there is none to tell."""
    child = await supervisor.spawn(spec("all is well", end))
    async with asyncio.timeout(20):
        supervisor.tell_of_end(child, await child.wait(), pause_s=0.5)

    assert told[0].startswith(sentence)


async def test_a_process_waits_for_what_it_needs(supervisor: Supervisor, told: list[str]) -> None:
    """It is not started before, which is said once, and stops like any other."""
    answers, asked = iter([False, False, True]), asyncio.Event()

    async def needs() -> bool:
        asked.set()
        return next(answers)

    keeper = supervisor.keep(spec("up", "input()")._replace(needs=needs))
    async with asyncio.timeout(20):
        await asked.wait()

        assert not keeper.ready.is_set()
        await keeper.ready.wait()
        await keeper.stop()

    assert ["part waits for Kafka, which does not answer."] == told
