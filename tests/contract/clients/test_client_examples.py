"""The examples of docs/api.md run as they stand, against a real server."""

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest

from tests.contract.clients.stage import staged

ROOT = Path(__file__).parents[3]
ADDRESS = "http://127.0.0.1:8080"
JAVASCRIPT = ("node", "--experimental-websocket", "--input-type=module", "--eval")
COMMANDS = {
    "sh": ("bash", "-euo", "pipefail", "-c"),
    "python": (sys.executable, "-c"),
    "js": JAVASCRIPT,
}
WITHIN_S = 120


def examples() -> dict[str, str]:
    """Return the examples of the page, by their language."""
    page = (ROOT / "docs" / "api.md").read_text()
    section = page.partition("## Examples")[2].partition("\n## ")[0]
    return dict(re.findall(r"```(\w+)\n(.*?)```", section, re.DOTALL))


async def printed(language: str, code: str) -> str:
    """Run an example and return what it printed."""
    process = await asyncio.create_subprocess_exec(
        *COMMANDS[language],
        code,
        env={**os.environ, "PYTHONPATH": str(ROOT / "clients" / "python" / "src")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, wrong = await asyncio.wait_for(process.communicate(), WITHIN_S)

    assert 0 == process.returncode, wrong.decode()
    return told.decode()


@pytest.mark.slow
async def test_the_examples_run(tmp_path: Path) -> None:
    """Each of curl, Python and JavaScript answers with what the market has."""
    async with staged(tmp_path) as stage:
        found = {
            language: await printed(language, code.replace(ADDRESS, stage.url))
            for language, code in examples().items()
        }

    assert set(COMMANDS) == set(found)
    assert 5 == found["sh"].count('"items":[')
    assert re.match(r"T\d+ ", found["python"])
    assert re.fullmatch(r"(T\d+ (buy|sell) \d+\n){6}", found["js"])
