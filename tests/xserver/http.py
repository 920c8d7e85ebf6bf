"""The routes: what is asked as X wants it is answered as X does it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from aiohttp import web

from tests.xserver.matching import matches
from tests.xserver.server import Connection, XServer

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
CROWDED = {
    "title": "ConnectionException",
    "detail": "This stream is currently at the maximum allowed connection limit.",
    "connection_issue": "TooManyConnections",
    "type": "https://api.twitter.com/2/problems/streaming-connection",
}


def app_of(x: XServer) -> web.Application:
    """Return the server's application."""
    app = web.Application(middlewares=[_guard(x)])
    routes = Routes(x)
    app.add_routes(
        [
            web.get("/2/tweets/search/stream/rules", routes.rules),
            web.post("/2/tweets/search/stream/rules", routes.change_rules),
            web.get("/2/tweets/search/stream", routes.stream),
            web.get("/2/{of:tweets|users}/compliance/stream", routes.comply),
            web.get("/2/tweets/search/recent", routes.search),
            web.get("/2/tweets", routes.look_up),
            web.post("/control/{what}", routes.control),
        ]
    )
    return app


def problem(
    status: int, title: str, *, detail: str = "", headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return a refusal as X words it."""
    body = {"title": title, "status": status, "type": "about:blank", "detail": detail}
    return web.json_response(body, status=status, headers=headers)


def _guard(x: XServer) -> Any:
    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/control/"):
            return await handler(request)
        x.asked[f"{request.method} {request.path}"] += 1
        if x.refusals:
            refusal = x.refusals.popleft()
            x.refused[str(refusal.status)] += 1
            reset_s = refusal.reset_s
            reset = (
                {} if reset_s is None else {"x-rate-limit-reset": str(int(time.time() + reset_s))}
            )
            return problem(refusal.status, "Refused", headers=reset)
        if request.headers.get("Authorization") != f"Bearer {x.token}":
            x.refused["401"] += 1
            return problem(401, "Unauthorized")
        return await handler(request)

    return guard


class Routes:
    """The handlers of all routes."""

    def __init__(self, x: XServer) -> None:
        self._x = x

    async def rules(self, _: web.Request) -> web.Response:
        """Answer with the rules; without any there is no ``data``."""
        rules = [{"id": rule_id, **rule} for rule_id, rule in self._x.rules.items()]
        found = {"data": rules} if rules else {}
        return web.json_response({**found, "meta": {"result_count": len(rules)}})

    async def change_rules(self, request: web.Request) -> web.Response:
        """Add or delete rules."""
        body = await request.json()
        if "delete" in body:
            for rule_id in body["delete"]["ids"]:
                self._x.rules.pop(rule_id, None)
            return web.json_response({"meta": {"summary": {"deleted": len(body["delete"]["ids"])}}})
        added, errors = [], []
        for rule in body["add"]:
            try:
                matches(rule["value"], {"text": ""}, "")
            except ValueError as error:
                errors.append(
                    {"title": "Invalid Rule", "value": rule["value"], "detail": str(error)}
                )
                continue
            rule_id = str(next(self._x._rule_ids))
            self._x.rules[rule_id] = {"value": rule["value"], "tag": rule.get("tag", "")}
            added.append({"id": rule_id, **self._x.rules[rule_id]})
        summary = {"created": len(added), "not_created": len(errors)}
        answer = {"data": added, "errors": errors, "meta": {"summary": summary}}
        return web.json_response({k: v for k, v in answer.items() if v}, status=201)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Stream posts, as many connections and connects as are allowed."""
        x, now = self._x, time.monotonic()
        while x.connects and x.connects[0] <= now - x.faults.window_s:
            x.connects.popleft()
        if len(x.connects) >= x.faults.connects:
            x.refused["connects"] += 1
            return problem(429, "Too Many Requests")
        x.connects.append(now)
        x.most_connects = max(x.most_connects, len(x.connects))
        if sum(one.partition is None for one in x.connections) >= x.faults.connections:
            x.refused["connections"] += 1
            return web.json_response(CROWDED, status=429)
        return await self._streamed(request, Connection())

    async def comply(self, request: web.Request) -> web.StreamResponse:
        """Stream deletions and edits, where the plan has that."""
        if not self._x.faults.compliance:
            return problem(403, "Client Forbidden", detail="Your plan has no compliance streams.")
        partition = f"{request.match_info['of']}/{int(request.query['partition'])}"
        connection = Connection(partition)
        since = time.time() - 60 * int(request.query.get("backfill_minutes", 0))
        for part in self._x.complied(partition, since=since):
            connection.queue.put_nowait(part)
        return await self._streamed(request, connection)

    async def search(self, request: web.Request) -> web.Response:
        """Search; pages are named by how many posts stand before them."""
        query = request.query
        begin, size = int(query.get("next_token", 0)), int(query.get("max_results", 10))
        after = query.get("start_time")
        found = list(
            self._x.found(
                query["query"],
                since=int(query.get("since_id", 0)),
                after=datetime.fromisoformat(after).timestamp() if after else 0.0,
            )
        )
        page, more = found[begin : begin + size], begin + size < len(found)
        meta = {"result_count": len(page), **({"next_token": str(begin + size)} if more else {})}
        return web.json_response({**answer_of(page), "meta": meta})

    async def look_up(self, request: web.Request) -> web.Response:
        """Answer with posts by their ids, and an error for each that is not there."""
        ids = request.query["ids"].split(",")
        gone = [
            {
                "value": one, "resource_id": one, "parameter": "ids", "resource_type": "tweet",
                "title": "Not Found Error",
                "type": "https://api.twitter.com/2/problems/resource-not-found",
            }
            for one in ids
            if one not in self._x.posted
        ]  # fmt: skip
        there = [self._x.posted[one] for one in ids if one in self._x.posted]
        return web.json_response({**answer_of(there), **({"errors": gone} if gone else {})})

    async def control(self, request: web.Request) -> web.Response:
        """Do what a test would do: the method of that name, with the members of the body."""
        what = request.match_info["what"]
        if what not in {"delete", "leave_x", "edit", "cut", "close", "refuse", "suffer"}:
            raise web.HTTPNotFound
        told = await request.json() if request.can_read_body else {}
        return web.json_response({"result": getattr(self._x, what)(**told)})

    async def _streamed(self, request: web.Request, connection: Connection) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        self._x.enter(connection)
        try:
            await self._write(response, connection)
        except ConnectionError:
            connection.is_cut = True
        finally:
            self._x.leave(connection)
        if connection.is_cut and request.transport:
            request.transport.abort()
        return response

    async def _write(self, response: web.StreamResponse, connection: Connection) -> None:
        while True:
            try:
                async with asyncio.timeout(self._x.faults.keep_alive_s):
                    part = await connection.queue.get()
            except TimeoutError:
                part = b"\r\n"
            if part is None:
                return
            if not self._x.faults.mute:
                await response.write(part)


def answer_of(lines: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return posts as one answer, what was expanded once for all of them."""
    found = list(lines)
    if not found:
        return {}
    users = {u["id"]: u for line in found for u in line.get("includes", {}).get("users", ())}
    tweets = {t["id"]: t for line in found for t in line.get("includes", {}).get("tweets", ())}
    includes = {"users": list(users.values()), "tweets": list(tweets.values())}
    return {
        "data": [line["data"] for line in found],
        "includes": {name: those for name, those in includes.items() if those},
    }
