"""Hostile input: whatever is asked, the answer is never our fault."""

import json
import random
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from api.access.callers import Caller
from api.access.gate import Gate
from api.access.scopes import WHOLE
from api.metrics import Metrics
from api.settings import ApiSettings
from api.stream.hub import Hub
from api.stream.protocol import BAD_MESSAGE, NOT_AUTHORISED
from tests.contract.api.feed import FakeFeed
from tests.contract.api.market import Market

REQUESTS = 3000
NASTY = (
    "", "0", "-1", "1e309", "NaN", "null", "true", "'", '"', "\\", "%", "*", "(", ")", "NEAR", "OR",
    "\x00", "\n", "\u202e", "é", "日本語", "💥", "\ud800", "../../etc/passwd", "' OR 1=1 --",
    "{}", "[]", "a" * 500, "9" * 40, "0" * 44, "1" * 32, "2026-13-45T99:99:99Z", "bonding,,",
)  # fmt: skip
NAMES = (
    "limit", "cursor", "sortBy", "sortOrder", "q", "stage", "hasPost", "creator", "quote",
    "minPrice", "maxPrice", "minAge", "maxAge", "launchedAfter", "launchedBefore", "resolution",
    "from", "to", "kind", "empty", "launchpad", "minVolume24h", "", "x[]", "__proto__", "symbol",
    "countback", "query", "variables",
)  # fmt: skip
VALID = {
    "limit": ("1", "200"), "sortBy": ("price", "age"), "sortOrder": ("asc",), "stage": ("bonding",),
    "hasPost": ("true",), "minPrice": ("0.1",), "resolution": ("1s", "1d", "1"), "empty": ("true",),
    "from": ("0", "1790000000", "9999-12-31"), "to": ("0", "253402300799"), "minAge": ("9" * 30,),
    "symbol": ("27eC3aepCqkTJAep9nBDvngnGdWXbRUnVMwPaB791nV3",), "countback": ("1", "99999"),
    "query": ("{ __typename }", "{ tokens { nextCursor } }"), "variables": ("{}",),
    "kind": ("marketCap",), "q": ("cat", "believe OR", "a*", '"a', "日本", "t1 t2"),
}  # fmt: skip


def escaped(text: str) -> str:
    """Return *text* as it can stand in a URL, half characters too."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def address(rng: random.Random, market: Market) -> str:
    """Return a path and query, each part of which may be valid or nasty."""
    mint = rng.choice([market.tokens[0].mint, market.tokens[1].mint, escaped(rng.choice(NASTY))])
    part = rng.choice(
        ["", "/trades", "/holders", "/posts", "/events", "/candles", "/similar", "/nothing"]
    )
    path = rng.choice(
        [
            "/v1/tokens", f"/v1/tokens/{mint}{part}", f"/v1/tokens/{mint}/candles", "/v1/search",
            f"/v1/boards/{escaped(rng.choice(('new', *NASTY)))}", f"/v1/posts/{mint}{part}",
            f"/v1/wallets/{mint}{rng.choice(('', '/trades', '/positions'))}",
            f"/v1/creators/{mint}", "/v1/stats", "/v1/status", f"/v1/sse/x/{mint}", f"/{mint}",
            "/v1/usage", "/.well-known/jwks.json", "/metrics", "/v1/graphql", f"/v1/udf/{part[1:]}",
            f"/v1/udf/{rng.choice(('history', 'symbols', 'search', 'marks', 'time', 'config'))}",
        ]
    )  # fmt: skip
    names = rng.sample(NAMES, rng.randrange(4))
    values = [rng.choice(VALID.get(n, NASTY) if rng.random() < 0.6 else NASTY) for n in names]
    query = "&".join(f"{n}={escaped(v)}" for n, v in zip(names, values, strict=True))
    return f"{path}?{query}" if query else path


def credentials(rng: random.Random) -> dict[str, str]:
    """Return no credentials mostly, else something that is none."""
    if rng.random() < 0.8:
        return {}
    said = quote(rng.choice(NASTY).encode("utf-8", "surrogatepass"))
    shown = rng.choice(
        [said, f"Bearer {said}", f"Bearer e30.{said}.{said}", f"bt_{'0' * 12}_{said}"]
    )
    return {rng.choice(["authorization", "x-api-key", "x-forwarded-for"]): shown}


@pytest.mark.parametrize("views", ["sqlite"], indirect=True)
async def test_no_request_breaks_it(client: httpx.AsyncClient, market: Market) -> None:
    """Thousands of valid and nasty requests are answered, none of them with a 5xx."""
    rng = random.Random(20_260_922)
    seen: dict[int, int] = {}
    for _ in range(REQUESTS):
        path = address(rng, market)
        answer = await client.get(path, headers=credentials(rng))
        seen[answer.status_code] = seen.get(answer.status_code, 0) + 1

        assert answer.status_code < 500, path
        if answer.status_code >= 400:
            assert answer.json()["code"], path

    assert {200, 400, 401, 404} <= set(seen)


@pytest.mark.parametrize("views", ["memory"], indirect=True)
async def test_no_body_breaks_it(client: httpx.AsyncClient) -> None:
    """Bodies of any bytes are answered with a 400."""
    rng = random.Random(7)
    bodies = [
        b"", b"null", b"[]", b"{", b'{"mints": null}', b'{"mints": [null]}', b'{"mints": {"a": 1}}',
        b'{"mints": ["\\ud800"]}', b"[" * 60_000, b'{"mints": ["\\u0000"]}', b"\xff\xfe",
        *(rng.randbytes(rng.randrange(200)) for _ in range(200)),
    ]  # fmt: skip
    for body in bodies:
        for kind in ("application/json", "text/plain", ""):
            answer = await client.post(
                "/v1/tokens/batch", content=body, headers={"content-type": kind}
            )

            assert answer.status_code == 400, body[:50]


def command(rng: random.Random) -> str:
    """Return a command of a live client, each part of which may be valid or nasty."""
    said: dict[str, Any] = {
        "op": rng.choice(
            ["subscribe", "subscribe", "unsubscribe", "ping", "auth", rng.choice(NASTY)]
        ),
        "token": rng.choice([rng.choice(NASTY), "a.b.c", "bt_0_0", 1, None]),
        "id": rng.choice([1, None, -1, 1e300, "a", rng.choice(NASTY), [], {}]),
        "channel": rng.choice(["token", "board", "trades", rng.choice(NASTY)]),
        "key": rng.choice(["a", "b", "nonsense", rng.choice(NASTY)]),
        "maxRate": rng.choice([None, 1, 0.5, 0, -1, 1e300, "1"]),
        "resume": rng.choice([None, {"epoch": "e1", "seq": rng.randrange(-2, 3)}, {}, [], 1]),
        "filters": rng.choice([None, {}, {"launchpad": "x"}, {"hasPost": 1}, {"nothing": 1}]),
    }
    kept = rng.sample(sorted(said), rng.randrange(1, len(said)))
    text = json.dumps({name: said[name] for name in kept} | {"op": said["op"]})
    cut = rng.randrange(len(text)) if rng.random() < 0.1 else len(text)
    return text[:cut]


async def test_no_command_breaks_a_session(settings: ApiSettings) -> None:
    """Thousands of live commands are answered, refused, or end the session with 4400 or 4401."""
    rng, feed, ended = random.Random(11), FakeFeed(), dict[int, int]()
    patient = settings.model_copy(update={"ws_messages_per_s": 10**6})
    metrics = Metrics()
    hub = Hub(feed, Gate(patient, metrics), settings=patient, metrics=metrics)
    asked = 0
    while asked < REQUESTS:
        with hub.session(Caller(None, "loopback", WHOLE), request_id="1") as session:
            while asked < REQUESTS and not session.ended.done():
                await session.handle(command(rng))
                asked += 1
            ending = session.ended.result() if session.ended.done() else None
        if ending:
            ended[ending.code] = ended.get(ending.code, 0) + 1

            assert len(ending.reason.encode()) <= 123

    assert {BAD_MESSAGE, NOT_AUTHORISED} == set(ended)
    assert sum(ended.values()) < REQUESTS
