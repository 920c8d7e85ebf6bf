"""What the server knows and does: posts, rules, connections, and what goes wrong with them."""

import asyncio
import hashlib
import json
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from domain.posts.read import X_EPOCH_MS
from tests.xserver.faults import XFaults
from tests.xserver.matching import matches

TOKEN = "a-token-of-nobody"  # noqa: S105  # It opens nothing.
PARTITIONS = 4


class Refusal(NamedTuple):
    """An answer to whatever is asked next: a status, and in how many seconds to ask again."""

    status: int
    reset_s: float | None


class Connection:
    """One stream: what is to be written to it; None ends it, in order or not."""

    def __init__(self, partition: str | None = None) -> None:
        self.partition = partition
        self.queue = asyncio.Queue[bytes | None]()
        self.is_cut = False
        self.lines = 0


def recorded(path: Path) -> list[dict[str, Any]]:
    """Return the posts of a file of stream lines, in order."""
    return [json.loads(line) for line in path.read_bytes().splitlines() if line.strip()]


class XServer:
    """An X. ``to_come`` are the posts that ``play`` posts, as lines of the stream."""

    def __init__(self, to_come: Iterable[dict[str, Any]], faults: XFaults) -> None:
        self.to_come = deque(to_come)
        self.faults, self.token, self.port = faults, TOKEN, 0
        self.posted: dict[str, dict[str, Any]] = {}
        self.at: dict[str, float] = {}
        self.rules: dict[str, dict[str, str]] = {}
        self.connections = set[Connection]()
        self.refusals = deque[Refusal]()
        self.delivered = set[str]()
        self.asked, self.refused = Counter[str](), Counter[str]()
        self.most_connections = self.most_connects = 0
        self.connects = deque[float]()
        self._complied = deque[tuple[float, str, bytes]](maxlen=10_000)
        self._rule_ids = iter(range(1, 1 << 30))
        self._listened = asyncio.Event()

    @property
    def url(self) -> str:
        """Return the base address."""
        return f"http://127.0.0.1:{self.port}"

    def suffer(self, **faults: Any) -> None:
        """Let some faults be others from now on."""
        self.faults = replace(self.faults, **faults)

    def refuse(self, status: int, *, reset_s: float | None = None, times: int = 1) -> None:
        """Refuse the next requests."""
        self.refusals.extend([Refusal(status, reset_s)] * times)

    def cut(self) -> None:
        """Reset all streams."""
        for connection in self.connections:
            connection.is_cut = True
            connection.queue.put_nowait(None)

    def close(self) -> None:
        """End all streams in order."""
        for connection in self.connections:
            connection.queue.put_nowait(None)

    async def until_listened(self) -> None:
        """Wait until somebody listens to the filtered stream."""
        await self._listened.wait()

    def enter(self, connection: Connection) -> None:
        """Let a connection in."""
        self.connections.add(connection)
        if connection.partition is None:
            of_posts = sum(one.partition is None for one in self.connections)
            self.most_connections = max(self.most_connections, of_posts)
            self._listened.set()

    def complied(self, partition: str, *, since: float) -> Iterator[bytes]:
        """Yield what a compliance stream said in a partition (tweets/1, users/1) since a time."""
        for at, of, raw in self._complied:
            if of == partition and at >= since:
                yield raw + b"\r\n"

    def leave(self, connection: Connection) -> None:
        """Let a connection go."""
        self.connections.discard(connection)
        if not any(one.partition is None for one in self.connections):
            self._listened.clear()

    def post(self, line: dict[str, Any]) -> None:
        """Let somebody post, and tell whoever listens."""
        data = line["data"]
        self.posted[data["id"]], self.at[data["id"]] = line, time.time()
        tagged = [
            {"id": rule_id, **({} if self._happens("bare_rule", data["id"]) else rule)}
            for rule_id, rule in self.rules.items()
            if matches(rule["value"], data, username_of(line))
        ]
        for rule in tagged:
            rule.pop("value", None)
        if tagged and not self._happens("drop", data["id"]):
            raw = json.dumps({**line, "matching_rules": tagged}, ensure_ascii=False).encode()
            for connection in [one for one in self.connections if one.partition is None]:
                self._send(connection, data["id"], raw)

    async def play(self, speed: float | None = None) -> None:
        """Post all that is to come, so many times as fast as it was written; None: at once."""
        began, first = time.monotonic(), created(self.to_come[0]) if self.to_come else 0.0
        while self.to_come:
            line = self.to_come.popleft()
            if speed is not None:
                due = began + (created(line) - first) / speed
                await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.post(line)
            await asyncio.sleep(0)

    def delete(self, post_id: str) -> None:
        """Delete a post, all its versions."""
        for version in self.versions(post_id):
            self.posted.pop(version, None)
        self._comply(post_id, {"delete": {"tweet": {"id": post_id}, "event_at": _now()}})

    def leave_x(self, user_id: str, how: str = "user_delete") -> None:
        """Let an account be gone, or be seen by nobody: user_suspend, user_protect."""
        for post_id in [one for one, line in self.posted.items() if author_of(line) == user_id]:
            self.posted.pop(post_id)
        self._tell("users", user_id, {how: {"user": {"id": user_id}, "event_at": _now()}})

    def edit(self, post_id: str, text: str) -> str:
        """Give a post another text; return the id of the new version."""
        old = self.posted[post_id]
        versions = self.versions(post_id)
        new_id = self._id_after(versions[-1])
        for version in versions:
            data = {**self.posted[version]["data"], "edit_history_tweet_ids": [*versions, new_id]}
            self.posted[version] = {**self.posted[version], "data": data}
        data = {**old["data"], "id": new_id, "text": text}
        self.post({**old, "data": {**data, "edit_history_tweet_ids": [*versions, new_id]}})
        named = {"initial_tweet_id": versions[0], "edit_tweet_ids": [*versions, new_id]}
        self._comply(post_id, {"tweet_edit": {"tweet": {"id": post_id}, **named}})
        return new_id

    def _id_after(self, version: str) -> str:
        """Return an id of now that nothing has: there are several in a millisecond."""
        new_id = max(int(version) + 1, snowflake(time.time()))
        while str(new_id) in self.posted:
            new_id += 1
        return str(new_id)

    def versions(self, post_id: str) -> list[str]:
        """Return the ids of all versions of a post."""
        line = self.posted.get(post_id)
        return list(line["data"].get("edit_history_tweet_ids") or [post_id]) if line else [post_id]

    def found(self, query: str, *, since: int, after: float) -> Iterator[dict[str, Any]]:
        """Yield the posts that a search shows, newest first; *after*: when they came to be here."""
        now = time.time()
        for post_id in sorted(self.posted, key=int, reverse=True):
            line = self.posted[post_id]
            is_old = self.at[post_id] <= now - self.faults.hidden_s
            is_new = int(post_id) > since and self.at[post_id] >= after
            if is_new and is_old and matches(query, line["data"], username_of(line)):
                yield line

    def _comply(self, post_id: str, data: dict[str, Any]) -> None:
        self._tell("tweets", post_id, data)

    def _tell(self, of: str, one: str, data: dict[str, Any]) -> None:
        partition = f"{of}/{int(one) % PARTITIONS + 1}"
        raw = json.dumps({"data": data}).encode()
        self._complied.append((time.time(), partition, raw))
        for connection in self.connections:
            if connection.partition == partition:
                connection.queue.put_nowait(raw + b"\r\n")

    def _send(self, connection: Connection, post_id: str, raw: bytes) -> None:
        if self._happens("malformed", post_id):
            connection.queue.put_nowait(raw[: len(raw) // 2] + b"\r\n")
        line = raw + b"\r\n"
        half = len(line) // 2 if self._happens("split", post_id) else 0
        for part in filter(None, (line[:half], line[half:])):
            connection.queue.put_nowait(part)
        if self._happens("duplicate", post_id):
            connection.queue.put_nowait(line)
        self.delivered.add(post_id)
        connection.lines += 1
        faults = self.faults
        for every, is_cut in ((faults.cut_every, True), (faults.close_every, False)):
            if every and connection.lines % every == 0:
                connection.is_cut = is_cut
                connection.queue.put_nowait(None)

    def _happens(self, fault: str, post_id: str) -> bool:
        share = getattr(self.faults, fault)
        digest = hashlib.blake2b(f"{fault}/{post_id}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") < share * 2**64


def username_of(line: dict[str, Any]) -> str:
    """Return who wrote a post."""
    author = line["data"]["author_id"]
    users = line.get("includes", {}).get("users", [])
    return next((user["username"] for user in users if user["id"] == author), "")


def author_of(line: dict[str, Any]) -> str:
    """Return the id of the account that wrote a post."""
    return str(line["data"]["author_id"])


def created(line: dict[str, Any]) -> float:
    """Return when a post was written, in seconds since 1970."""
    return datetime.fromisoformat(line["data"]["created_at"]).timestamp()


def snowflake(at: float) -> int:
    """Return the least id of a time, as X makes them."""
    return (int(at * 1_000) - X_EPOCH_MS) << 22


def _now() -> str:
    return datetime.now(UTC).isoformat()
