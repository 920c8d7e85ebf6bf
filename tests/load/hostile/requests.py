"""What a hostile client sends: bytes that are a request nearly, or not at all."""

import base64
import json
import random
from urllib.parse import quote

from tests.contract.api.market import Market
from tests.contract.api.test_api_fuzz import NASTY, address, command

DEEP = 60_000
HUGE = 100_000
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "BREW", "get")


def request(rng: random.Random, market: Market) -> bytes:
    """Return a request whose answer can be read: well framed, whatever is in it."""
    kind = rng.random()
    if kind < 0.6:
        path = udf_address(rng, market) if kind < 0.05 else address(rng, market)
        headers, body = odd_headers(rng), b""
        method = "GET" if rng.random() < 0.9 else rng.choice(METHODS)
    else:
        paths = ["/v1/tokens/batch", "/v1/auth/token", "/v1/tokens", "/", "/v1/graphql"]
        method, path = "POST", rng.choice(paths)
        body = odd_query(rng, market) if path == "/v1/graphql" else odd_body(rng, market)
        kind_of_body = rng.choice(
            ["application/json", "text/plain", "", "application/json; x=\x01"]
        )
        headers = [*odd_headers(rng), ("Content-Type", kind_of_body)]
    headers.append(("Content-Length", str(len(body))))
    lines = [f"{method} {path} HTTP/1.1", "Host: btracker", *(f"{n}: {v}" for n, v in headers)]
    return "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body


def odd_headers(rng: random.Random) -> list[tuple[str, str]]:
    """Return some headers that mean nothing, or the wrong thing."""
    given = [
        ("X-Request-Id", rng.choice(["a b", "x" * 300, "\xff", "ok"])),
        ("If-None-Match", rng.choice(["*", '"', "W/", '"a",' * 100])),
        ("Authorization", rng.choice(["Bearer", "Bearer \xe9", "Basic eA==", "Bearer a.b.c"])),
        ("X-API-Key", rng.choice(["bt_", "bt_000000000000_0", "\x7f"])),
        ("X-Forwarded-For", rng.choice(["127.0.0.1", "::1, ", "999.9.9.9", ","])),
        ("Last-Event-ID", rng.choice(["e1:1", ":", "a:b", "x" * 500, "e:" + "9" * 100])),
        ("Accept-Encoding", "br;q=nan"),
        ("Cookie", "a=" + "b" * rng.randrange(4000)),
        ("Expect", "200-ok"),
    ]
    return rng.sample(given, rng.randrange(3))


def odd_body(rng: random.Random, market: Market) -> bytes:
    """Return a body that is JSON, nearly, or not at all."""
    mints = [rng.choice(market.tokens).mint for _ in range(rng.randrange(1, 100))]
    return rng.choice(
        [
            json.dumps({"mints": mints}).encode(),
            json.dumps({"mints": mints * 3}).encode(),
            json.dumps({"mints": [rng.choice(NASTY)]}).encode(),
            json.dumps({"scopes": [rng.choice(NASTY)], "expiresIn": 10**30}).encode(),
            b"[" * DEEP, b'{"a":' * 9000, b'{"expiresIn": -1e400}', b'{"mints": ["\xff\xfe"]}',
            b'{"mints": ["\x00"]}',
            b'{"mints": ["\\ud800"]}', b"", b"null", b"1e999999", rng.randbytes(rng.randrange(300)),
        ]
    )  # fmt: skip


def odd_query(rng: random.Random, market: Market) -> bytes:
    """Return the body of a GraphQL request: one that is too much, or makes no sense, or works."""
    mint, nasty = rng.choice(market.tokens).mint, rng.choice(NASTY)
    token = f'token(mint: "{mint}") {{ mint price }}'
    queries = [
        "{" + token + "}",
        "{" + " ".join(f"t{n}: {token}" for n in range(rng.randrange(1, 300))) + "}",
        "{" * rng.randrange(5_000),
        "query A { ...f } fragment f on Query { ...f }",
        "{ __schema { types { fields { type { fields { type { name } } } } } } }",
        "query ($m: String!) { token(mint: $m) { mint } }",
        f"{{ tokens(first: {rng.choice(['-1', '1e99', '99999999999', 'null'])}) {{ items }} }}",
        "subscription { launches { seq } }",
        "mutation { drop }",
        nasty,
    ]
    said: dict[str, object] = {
        "query": rng.choice(queries),
        "variables": rng.choice([{"m": nasty}, [], None, "x"]),
    }
    return rng.choice([json.dumps(said).encode(), json.dumps([said] * 50).encode(), b'{"query"'])


def udf_address(rng: random.Random, market: Market) -> str:
    """Return an address under which charts ask, with what no chart would ask for."""
    mint, nasty = rng.choice(market.tokens).mint, quote(rng.choice(NASTY), errors="replace")
    number = rng.choice(["-1", "0", "1e400", "9" * 40, "1790000000", "NaN", nasty])
    resolution = rng.choice(["1", "1D", "0", "-5", "1S", nasty])
    of = rng.choice([mint, nasty, ""])
    return rng.choice(
        [
            f"/v1/udf/history?symbol={of}&from={number}&to=1790086400&resolution={resolution}",
            f"/v1/udf/history?symbol={of}&from=0&to={number}&resolution=1&countback={number}",
            f"/v1/udf/symbols?symbol={of}",
            f"/v1/udf/search?query={nasty}&limit={number}",
            f"/v1/udf/marks?symbol={of}&from={number}&to={number}&resolution={resolution}",
            "/v1/udf/config",
        ]
    )


def garbage(rng: random.Random) -> bytes:
    """Return bytes that are no request, after which a connection is of no use."""
    ws = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: "
    return rng.choice(
        [
            rng.randbytes(rng.randrange(1, 2000)),
            b"GET / HTTP/9.9\r\n\r\n",
            b"GET /v1/tokens HTTP/1.1\r\nHost: x\r\nX: " + b"y" * HUGE + b"\r\n\r\n",
            b"GET /v1/tokens HTTP/1.1\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
            b"GET /" + b"a" * HUGE + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            b"GET /\x00\xff HTTP/1.1\r\nHost: x\r\n\r\n",
            b"POST /v1/auth/token HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n{}",
            b"POST /v1/auth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n{",
            b"POST /v1/auth/token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
            b"POST /v1/auth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n" + b"ffff\r\n" + b"[" * 0xFFFF + b"\r\n" * 2,
            b"POST /v1/auth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{",
            b"GET /v1/stream HTTP/1.1\r\nHost: x\r\n" + ws + b"13\r\n\r\n",
            b"GET /v1/stream HTTP/1.1\r\nHost: x\r\n" + ws + b"8\r\nSec-WebSocket-Key: x\r\n\r\n",
            b"POST /v1/stream HTTP/1.1\r\nHost: x\r\n" + ws + b"13\r\nContent-Length: 0\r\n\r\n",
            b"GET /v1/tokens HTTP/1.1\r\nHost: x\r\n" + ws + b"13\r\nSec-WebSocket-Key: "
            + base64.b64encode(rng.randbytes(16)) + b"\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ]
    )  # fmt: skip


def upgrade(rng: random.Random) -> bytes:
    """Return the request that opens a WebSocket."""
    key = base64.b64encode(rng.randbytes(16))
    protocol = rng.choice([b"btracker.v1+json", b"chat, x", b"btracker.v1+json, other"])
    return (
        b"GET /v1/stream HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + b"\r\n"
        b"Sec-WebSocket-Protocol: " + protocol + b"\r\n\r\n"
    )


def frame(rng: random.Random, market: Market) -> bytes:
    """Return a frame of a live client: a command mostly, sometimes one that must not be."""
    kind = rng.random()
    if kind < 0.75:
        mint = rng.choice(market.tokens).mint
        channel = rng.choice(["token", "trades", "candles", "holders", "board", "posts"])
        key = {"candles": f"{mint}:1m", "board": "new", "posts": "all"}.get(channel, mint)
        op = rng.choice(["subscribe", "subscribe", "unsubscribe", "ping"])
        said = {"op": op} | ({} if op == "ping" else {"channel": channel, "key": key})
        return masked(rng, 1, json.dumps(said).encode())
    if kind < 0.9:
        return masked(rng, 1, command(rng).encode("utf-8", "surrogatepass"))
    payload = rng.choice(
        [b"[" * 4000, b"\xff\xfe\x00", b"\x00", b"{}" * 1500, b'{"op":"ping"}' + b" " * 10_000]
    )
    opcode = rng.choice([0, 1, 1, 2, 3, 8, 9, 10, 15])
    return rng.choice(
        [
            masked(rng, opcode, payload),
            b"\x81\x02{}",
            b"\xf1\x80" + rng.randbytes(6),
            rng.randbytes(9),
        ]
    )


def masked(rng: random.Random, opcode: int, payload: bytes) -> bytes:
    """Return one whole frame as a client sends it (RFC 6455, section 5.2)."""
    size, mask = len(payload), rng.randbytes(4)
    head = bytes([0x80 | opcode])
    head += bytes([0x80 | size]) if size < 126 else b"\xfe" + size.to_bytes(2, "big")
    key = (mask * (size // 4 + 1))[:size]
    mixed = int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")
    return head + mask + mixed.to_bytes(size, "big")
