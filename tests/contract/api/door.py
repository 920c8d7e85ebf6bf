"""An API that somebody from outside asks, with a key, and what its audit log says of it."""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from api.access.key_file import KeyFile
from api.access.keys import ApiKey, Rate, new_key, written
from api.app import create_app
from api.settings import ApiSettings
from tests.contract.api.feed import FakeFeed
from views.memory import MemoryViews

STRANGER = "203.0.113.9"
NOW = int(time.time())


def give_key(settings: ApiSettings, **options: Any) -> tuple[ApiKey, str]:
    """Return a new key that is in the file, and how its owner has it."""
    given = {"scopes": ("read", "stream"), "rate": Rate(6000, 1000), "created": NOW}
    key, shown = new_key("test", **{**given, **options})
    KeyFile(settings.key_file).add(key)
    return key, written(shown)


def audited(settings: ApiSettings) -> list[dict[str, Any]]:
    """Return all lines of the audit log."""
    path = settings.audit_file
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


class Door:
    """An API over an empty store, asked at one address."""

    def __init__(self, settings: ApiSettings, client: httpx.AsyncClient) -> None:
        self.settings, self.client = settings, client

    async def ask(self, path: str = "/v1/tokens", **options: Any) -> httpx.Response:
        """Return the answer to a request, a GET unless a method is given."""
        return await self.client.request(options.pop("method", "GET"), path, **options)

    async def refuses(
        self, path: str = "/v1/tokens", *, headers: Any = (), **options: Any
    ) -> tuple[int, str]:
        """Return status and code of a refusal, which is a problem and has one audit line."""
        request_id = secrets.token_hex(8)
        given = [*(headers.items() if isinstance(headers, dict) else headers)]
        answer = await self.ask(path, headers=[*given, ("x-request-id", request_id)], **options)
        body = answer.json()
        lines = [line for line in audited(self.settings) if line.get("requestId") == request_id]

        assert [("access", "denied", body["code"], answer.status_code)] == [
            (line["event"], line["outcome"], line["code"], line["status"]) for line in lines
        ]
        assert request_id == body["requestId"]
        assert (answer.status_code != 429) or int(answer.headers["retry-after"]) > 0
        assert (answer.status_code != 401) or "Bearer" in answer.headers["www-authenticate"]
        return answer.status_code, body["code"]

    async def token(self, key: str, **asked: Any) -> str:
        """Return a token for a key."""
        answer = await self.ask(
            "/v1/auth/token", method="POST", headers=bearer(key), json=asked or None
        )
        return str(answer.json()["token"])


@asynccontextmanager
async def door(folder: Path, *, address: str = STRANGER, **changes: Any) -> AsyncIterator[Door]:
    """Give an API that is asked by whoever has an address."""
    settings = ApiSettings(data=folder, **changes)
    app = create_app(MemoryViews(), FakeFeed(), settings)
    transport = httpx.ASGITransport(app, client=(address, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://btracker") as client:
        yield Door(settings, client)


def bearer(credential: str) -> dict[str, str]:
    """Return the header that shows a key or token."""
    return {"authorization": f"Bearer {credential}"}


async def until(condition: Callable[[], Awaitable[bool]], *, within_s: float) -> None:
    """Wait until something is so, which has to be within some seconds."""
    async with asyncio.timeout(within_s):
        while True:
            if await condition():
                return
            await asyncio.sleep(0.02)
