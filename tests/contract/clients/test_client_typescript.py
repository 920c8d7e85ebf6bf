"""The TypeScript client: fresh types, and its own tests against a real server that goes on."""

import asyncio
import os
from itertools import count
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.contract.clients.stage import Stage, grown, staged

FOLDER = Path(__file__).parents[3] / "clients" / "typescript"
NPM_S = 240
PAUSE_S = 0.03


async def ran(*command: str, **environment: str) -> tuple[int, str]:
    """Run a command in the client's folder; return its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=FOLDER,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        told, _ = await asyncio.wait_for(process.communicate(), NPM_S)
    except TimeoutError:
        process.kill()
        return 1, "it took too long"
    return process.returncode or 0, told.decode()


async def trade_for_ever(stage: Stage) -> None:
    """Trade the first token of a market, and let it grow with each trade."""
    mint = stage.market.tokens[0].mint
    for number in count():
        trade = replace(stage.market.trades[0], mint=mint, id=f"t{number}")
        await stage.change(trade, grown(stage.market, 0, by=number + 1))
        await asyncio.sleep(PAUSE_S)


@pytest.mark.slow
async def test_the_client_works(tmp_path: Path) -> None:
    """Types are those of the contract; it compiles; pages, retries and cuts are as they should."""
    code, told = await ran("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
    if code:
        # The compiler comes from a registry, which a machine without a network does not reach.
        pytest.skip(f"npm cannot fetch what the client is built with: {told[-300:]}")

    assert (0, "") == await ran("npm", "run", "--silent", "build")
    code, told = await ran("npm", "run", "fresh")
    assert 0 == code, told
    async with staged(tmp_path) as stage:
        trading = asyncio.create_task(trade_for_ever(stage))
        code, told = await ran(
            "npm", "test", BTRACKER_URL=stage.url, BTRACKER_MINT=stage.market.tokens[0].mint
        )
        trading.cancel()

    assert 0 == code, told
    assert "skipped 0" in told
