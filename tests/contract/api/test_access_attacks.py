"""Attacks on keys, tokens and limits: none gets through, each leaves a line in the audit log."""

import hashlib
import hmac
import json
import subprocess
import sys
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from typing import Any, get_args

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from jose import jwk, jwt

from api.access import keys
from api.access.key_file import KeyFile
from api.access.keys import Rate
from api.access.signing import Algorithm, SigningKeys, new_kid, rotate
from api.access.tokens import Tokens
from api.problem import Problem
from tests.contract.api.door import NOW, Door, audited, bearer, door, give_key, until

ALGORITHMS = get_args(Algorithm)
BAD = (401, "badCredentials")


def encoded(value: Any) -> str:
    """Return a part of a token."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return urlsafe_b64encode(body).rstrip(b"=").decode()


def part(token: str, number: int) -> dict[str, Any]:
    """Return a part of a token, decoded."""
    text = token.split(".")[number]
    return dict(json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4))))


def signing_file(at: Door) -> Path:
    """Return the file of the key that signs."""
    return max(at.settings.signing_folder.glob("*.pem"))


def public_half(at: Door, encoding: Encoding) -> bytes:
    """Return the public half of the key that signs."""
    private = load_pem_private_key(signing_file(at).read_bytes(), None)
    return private.public_key().public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)


def hmac_signed(header: dict[str, Any], claims: dict[str, Any], secret: bytes) -> str:
    """Return a token that is signed with HMAC, whatever its key was meant for."""
    signed = f"{encoded(header)}.{encoded(claims)}"
    return f"{signed}.{encoded(hmac.digest(secret, signed.encode(), hashlib.sha256))}"


def signed(at: Door, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """Return a token with our own true signature over whatever is given."""
    key = jwk.construct(signing_file(at).read_bytes(), "ES256")
    text = f"{encoded(header)}.{encoded(claims)}"
    return f"{text}.{encoded(key.sign(text.encode()))}"


async def test_what_the_caller_has_already_costs_nothing(tmp_path: Path) -> None:
    """A 304 is not charged, neither to the rate nor to the day, and its headers say so."""
    async with door(tmp_path, hot_token_ms=0) as at:
        _, key = give_key(at.settings, rate=Rate(60, 3), per_day=4)
        first = await at.ask(headers=bearer(key))
        has = bearer(key) | {"if-none-match": first.headers["etag"]}
        again = [await at.ask(headers=has) for _ in range(9)]
        used = (await at.ask("/v1/usage", headers=bearer(key))).json()

    left = [
        [part.split(";")[1] for part in answer.headers["ratelimit"].split(", ")]
        for answer in (first, *again)
    ]
    assert [["r=2", "r=3"]] * 10 == left
    assert {304} == {answer.status_code for answer in again}
    assert 2 == used["days"][0]["requests"], used


async def test_what_is_good_gets_in(tmp_path: Path) -> None:
    """A key in either header, and a token of it, are answered and leave no refusal."""
    async with door(tmp_path, anonymous_scopes=()) as at:
        _, key = give_key(at.settings)
        token = await at.token(key)
        shown = ({"x-api-key": key}, bearer(key), bearer(token), {"authorization": f"bearer {key}"})
        answers = [await at.ask(headers=headers) for headers in shown]

        assert [200] * 4 == [answer.status_code for answer in answers]
        assert ["token.issued"] == [line["event"] for line in audited(at.settings)]
        # What was given to somebody is not for everybody behind the same cache.
        assert {"private, max-age=1"} == {answer.headers["cache-control"] for answer in answers}


@pytest.mark.parametrize(
    "change",
    [
        lambda key: key[:-1] + ("0" if key[-1] != "0" else "1"),
        lambda key: key[:-1],
        lambda key: key + "0",
        lambda key: key.upper(),
        lambda key: "bt_" + "0" * 12 + key[15:],
        lambda key: key[:16] + "0" * 64,
        lambda key: key.replace("_", "."),
        lambda _: "",
        lambda _: "null",
        lambda _: "a.b.c",
        lambda _: ".." + "A" * 3000,
        lambda _: "é",
    ],
)
async def test_a_key_that_was_changed_is_nobodys(tmp_path: Path, change: Any) -> None:
    """Whatever is not exactly a key is refused, though callers without one may read."""
    async with door(tmp_path) as at:
        _, key = give_key(at.settings)
        shown = change(key).encode()

        assert BAD == await at.refuses(headers=[(b"x-api-key", shown)])
        assert BAD == await at.refuses(headers=[(b"authorization", b"Bearer " + shown)])


async def test_the_secret_of_one_key_opens_no_other(tmp_path: Path) -> None:
    """An id with another key's secret is refused."""
    async with door(tmp_path) as at:
        (one, _), (_, other) = give_key(at.settings), give_key(at.settings)

        assert BAD == await at.refuses(headers=bearer(f"bt_{one.id}_{other[16:]}"))


async def test_comparing_tells_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret is compared in constant time, and just as often where there is no such key."""
    compared: list[tuple[int, int]] = []
    compare = hmac.compare_digest

    def watched(a: str, b: str) -> bool:
        compared.append((len(a), len(b)))
        return compare(a, b)

    monkeypatch.setattr(keys.hmac, "compare_digest", watched)
    async with door(tmp_path) as at:
        _, key = give_key(at.settings)
        for shown in (key, key[:16] + "0" * 64, "bt_" + "0" * 12 + key[15:]):
            await at.ask(headers=bearer(shown))

    assert [(64, 64)] * 3 == compared


async def test_an_expired_key_is_refused(tmp_path: Path) -> None:
    """After its time a key is refused, and its owner is told why."""
    async with door(tmp_path) as at:
        _, key = give_key(at.settings, expires=NOW - 1)

        assert (401, "keyExpired") == await at.refuses(headers=bearer(key))
        assert BAD == await at.refuses(headers=bearer(key[:-4] + "0000"))


async def test_a_token_ends_with_its_key(tmp_path: Path) -> None:
    """A token is never good for longer than its key, and is not given out near the end at all."""
    async with door(tmp_path) as at:
        _, key = give_key(at.settings, expires=int(time.time()) + 60)
        claims = part(await at.token(key), 1)

        assert 50 <= claims["exp"] - claims["iat"] <= 60


async def test_a_revoked_key_takes_its_live_tokens_along(tmp_path: Path) -> None:
    """Once a key is revoked, neither it nor a token that was good a moment before is taken."""
    async with door(tmp_path) as at:
        key, secret = give_key(at.settings)
        token = await at.token(secret)

        assert 200 == (await at.ask(headers=bearer(token))).status_code

        KeyFile(at.settings.key_file).revoke(key.id, at=NOW)
        await until(lambda: is_refused(at, secret), within_s=2)

        assert (401, "keyRevoked") == await at.refuses(headers=bearer(secret))
        assert (401, "keyRevoked") == await at.refuses(headers=bearer(token))
        assert key.id == audited(at.settings)[-2]["key"]


async def is_refused(at: Door, shown: str) -> bool:
    """Return whether a key or token is not taken any more."""
    return (await at.ask(headers=bearer(shown))).status_code == 401


def forgeries(at: Door, token: str) -> dict[str, str]:
    """Return tokens that somebody could make who has a good one, but not our signing key."""
    header, claims, signature = part(token, 0), part(token, 1), token.split(".")[2]
    other = next(one for one in ALGORITHMS if one != header["alg"])
    more = {**claims, "scope": "read stream operate", "exp": claims["exp"] + 10**6}
    body = ".".join(token.split(".")[:2])
    own = ec.generate_private_key(ec.SECP256R1())
    own_jwk = jwk.construct(own, "ES256").public_key().to_dict()
    hs, pem = {**header, "alg": "HS256"}, public_half(at, Encoding.PEM)

    def by_own_key(**changes: Any) -> str:
        said = {**header, "alg": "ES256", **changes}
        return str(jwt.encode(more, own, algorithm="ES256", headers=said))

    return {
        "alg none": f"{encoded({**header, 'alg': 'none'})}.{encoded(more)}.",
        "alg None": f"{encoded({**header, 'alg': 'None'})}.{encoded(more)}.",
        "alg empty": f"{encoded({**header, 'alg': ''})}.{encoded(more)}.{signature}",
        "alg a list": f"{encoded({**header, 'alg': ['ES256']})}.{encoded(more)}.{signature}",
        "no signature": f"{body}.",
        "no parts": token.replace(".", ""),
        "public key as a secret": hmac_signed(hs, more, pem),
        "public key without its end": hmac_signed(hs, more, pem.strip()),
        "public key in DER as a secret": hmac_signed(hs, more, public_half(at, Encoding.DER)),
        "empty secret": hmac_signed(hs, more, b""),
        "other algorithm": f"{encoded({**header, 'alg': other})}.{encoded(more)}.{signature}",
        "claims changed": f"{token.split('.', maxsplit=1)[0]}.{encoded(more)}.{signature}",
        "signature cut": token[:-8],
        "signature zero": f"{body}.{encoded(bytes(len(signature) * 3 // 4))}",
        "signed by another": by_own_key(),
        "another with its own key": by_own_key(jwk=own_jwk),
        "another from its address": by_own_key(jku="https://evil.example/jwks.json"),
        "unknown kid": by_own_key(kid="20990101T000000000Z-00000000"),
        "kid a path": by_own_key(kid="../keys"),
        "kid a list": by_own_key(kid=[header["kid"]]),
        "no kid": f"{encoded({'alg': 'ES256', 'typ': 'JWT'})}.{encoded(more)}.{signature}",
        "too long": token + "A" * 3000,
        "too deep": f"{encoded(b'[' * 1400)}.{encoded(claims)}.{signature}",
    }


FORGERIES = (
    "alg none", "alg None", "alg empty", "alg a list", "no signature", "no parts",
    "public key as a secret", "public key without its end", "public key in DER as a secret",
    "empty secret", "other algorithm", "claims changed", "signature cut", "signature zero",
    "signed by another",
    "another with its own key", "another from its address", "unknown kid", "kid a path",
    "kid a list", "no kid", "too long", "too deep",
)  # fmt: skip


@pytest.fixture(scope="session")
def pems(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A signing key of each algorithm, made once."""
    folder = tmp_path_factory.mktemp("signing")
    for algorithm in get_args(Algorithm):
        rotate(folder, algorithm, algorithm=algorithm)
    return {algorithm: (folder / f"{algorithm}.pem").read_bytes() for algorithm in ALGORITHMS}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("name", FORGERIES)
async def test_a_forged_token_is_refused(
    tmp_path: Path, name: str, algorithm: str, pems: dict[str, bytes]
) -> None:
    """No token that we did not sign is taken, whatever it says of its algorithm and key."""
    (tmp_path / "signing").mkdir()
    (tmp_path / "signing" / "ours.pem").write_bytes(pems[algorithm])
    async with door(tmp_path) as at:
        _, key = give_key(at.settings)
        forged = forgeries(at, await at.token(key))

        assert set(FORGERIES) == set(forged)
        assert algorithm == part(await at.token(key), 0)["alg"]
        assert BAD == await at.refuses(headers=bearer(forged[name]))
        assert BAD == await at.refuses("/metrics", headers=bearer(forged[name]))


async def is_signed_by_newest(at: Door) -> bool:
    """Return whether the API knows of its newest signing key."""
    shown = (await at.ask("/.well-known/jwks.json")).json()["keys"]
    return signing_file(at).stem == shown[-1]["kid"]


@pytest.mark.parametrize(
    ("header", "claims", "code"),
    [
        ({}, {"exp": NOW - 1}, "tokenExpired"),
        ({}, {"exp": None}, "badCredentials"),
        ({}, {"exp": "never"}, "badCredentials"),
        ({}, {"aud": "other"}, "badCredentials"),
        ({}, {"aud": None}, "badCredentials"),
        ({}, {"iss": "other"}, "badCredentials"),
        ({}, {"nbf": NOW + 3600}, "badCredentials"),
        ({}, {"sub": "0" * 12}, "badCredentials"),
        ({}, {"sub": 7}, "badCredentials"),
        ({}, {"scope": None}, "badCredentials"),
        ({"crit": ["exp"]}, {}, "badCredentials"),
        ({"typ": "at+jwt"}, {}, None),
    ],
)
async def test_a_signature_alone_is_not_enough(
    tmp_path: Path, header: dict[str, Any], claims: dict[str, Any], code: str | None
) -> None:
    """A token with our signature is refused unless it says all that ours say, to us, in time."""
    async with door(tmp_path) as at:
        _, key = give_key(at.settings)
        token = await at.token(key)
        said = {n: v for n, v in {**part(token, 1), **claims}.items() if v is not None}
        shown = bearer(signed(at, {**part(token, 0), **header}, said))
        if code is None:
            assert 200 == (await at.ask(headers=shown)).status_code
            return

        assert (401, code) == await at.refuses(headers=shown)


def test_a_token_that_was_good_expires(tmp_path: Path) -> None:
    """That a signature was verified before does not make a token live longer."""
    rotate(tmp_path, "ours", algorithm="ES256")
    tokens = Tokens(SigningKeys(tmp_path))
    token = tokens.issue("0" * 12, scopes=("read",), at=NOW, ttl_s=300, now=0)

    for at in (NOW, NOW + 299.9):
        assert ("read",) == tokens.verify(token, at=at, now=1).scopes
    for at in (NOW + 300, NOW + 301):
        with pytest.raises(Problem, match="expired"):
            tokens.verify(token, at=at, now=2)


async def test_tokens_outlive_one_rotation_and_no_second(tmp_path: Path) -> None:
    """After a rotation new tokens have the new kid, old ones still work; after two they do not."""
    patient = {"rate_limit_per_minute": 10**6, "rate_limit_burst": 10**6}
    async with door(tmp_path, **patient) as at:
        _, key = give_key(at.settings)
        old = await at.token(key)
        rotate(at.settings.signing_folder, new_kid(time.time()), algorithm="RS256")
        await until(lambda: is_signed_by_newest(at), within_s=2)
        new = await at.token(key)

        assert [200, 200] == [(await at.ask(headers=bearer(t))).status_code for t in (old, new)]
        assert ("ES256", "RS256") == (part(old, 0)["alg"], part(new, 0)["alg"])
        shown = (await at.ask("/.well-known/jwks.json")).json()["keys"]
        assert [part(old, 0)["kid"], part(new, 0)["kid"]] == [one["kid"] for one in shown]
        for one, token in zip(shown, (old, new), strict=True):
            # Anybody may verify with what is published, and nothing of it is secret.
            claims = jwt.decode(token, one, algorithms=[one["alg"]], audience="btracker")
            assert part(token, 1) == claims
            assert not {"d", "p", "q", "k"} & set(one)

        rotate(at.settings.signing_folder, new_kid(time.time()), algorithm="ES256")
        await until(lambda: is_signed_by_newest(at), within_s=2)

        assert BAD == await at.refuses(headers=bearer(old))
        assert 200 == (await at.ask(headers=bearer(new))).status_code


async def test_a_token_makes_no_tokens_and_has_no_more_than_its_key(tmp_path: Path) -> None:
    """A token is for what was asked and its key has; another one needs the key itself."""
    async with door(tmp_path, anonymous_scopes=()) as at:
        _, key = give_key(at.settings, scopes=("read:tokens", "stream"))
        token = await at.token(key, scopes=["read:tokens"])
        post = {"method": "POST", "headers": bearer(key)}
        again = {"method": "POST", "headers": bearer(token)}

        assert (403, "forbidden") == await at.refuses("/v1/auth/token", **again)
        assert (403, "forbidden") == await at.refuses(
            "/v1/auth/token", json={"scopes": ["read"]}, **post
        )
        assert 400 == (await at.ask("/v1/auth/token", json={"scopes": ["all"]}, **post)).status_code
        assert 200 == (await at.ask("/v1/usage", headers=bearer(token))).status_code
        assert 200 == (await at.ask("/v1/tokens", headers=bearer(token))).status_code
        assert (403, "forbidden") == await at.refuses("/v1/stats", headers=bearer(token))
        assert (403, "forbidden") == await at.refuses("/metrics", headers=bearer(token))


@pytest.mark.parametrize(
    "headers",
    [
        lambda key: [("authorization", f"Bearer {key}"), ("authorization", "Bearer x")],
        lambda key: [("x-api-key", "x"), ("x-api-key", key)],
        lambda key: [("x-api-key", key), ("authorization", f"Bearer {key}")],
        lambda key: [("authorization", f"Basic {key}")],
        lambda key: [("authorization", key)],
        lambda key: [("authorization", f"Bearer {key}, Bearer {key}")],
        lambda key: [("x-api-key", f"{key},{key}")],
    ],
)
async def test_two_credentials_are_none(tmp_path: Path, headers: Any) -> None:
    """Whoever shows more than one thing is refused: nobody can guess which counts."""
    async with door(tmp_path) as at:
        _, key = give_key(at.settings)

        assert BAD == await at.refuses(headers=headers(key))


OPEN = {
    "/explorer", "/openapi.json", "/llms.txt", "/explorer/explorer.js", "/explorer/explorer.css",
    "/healthz", "/readyz", "/.well-known/jwks.json",
}  # fmt: skip


@pytest.mark.parametrize(
    "path",
    [
        "/v1/tokens", "/v1/tokens/x", "/v1/tokens/batch", "/v1/boards/new", "/v1/search?q=a",
        "/v1/stats", "/v1/status", "/v1/posts/1", "/v1/creators/x", "/v1/wallets/x",
        "/v1/sse/token/x", "/v1/sse/nothing/x", "/v1/sse/", "/v1/usage", "/v1/auth/token",
        "/metrics", "/nothing", "/v1", "/v2/tokens", "//v1/tokens", "/v1//tokens", "/V1/tokens",
        "/v1/tokens/", "/v1/%74okens", "/v1/usage/", "/metrics/", "/healthz/",
        "/healthz/../metrics", "/.well-known/../metrics", "/explorer/", "/v1/stream/",
        "/readyz%2f..%2fmetrics",
    ],
)  # fmt: skip
async def test_nothing_is_open_by_mistake(tmp_path: Path, path: str) -> None:
    """Where nobody may do anything without a key, every path but the open ones says so."""
    async with door(tmp_path, anonymous_scopes=()) as at:
        assert (401, "notAuthorised") == await at.refuses(path)
        assert (401, "notAuthorised") == await at.refuses(path, method="POST")


async def test_what_is_open_is_open(tmp_path: Path) -> None:
    """Health, the page and the public keys need nobody's name."""
    async with door(tmp_path, anonymous_scopes=()) as at:
        assert dict.fromkeys(OPEN, 200) == {path: (await at.ask(path)).status_code for path in OPEN}
        assert [] == audited(at.settings)


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("read", {"/v1/tokens", "/v1/stats", "/v1/wallets/x", "/nothing"}),
        ("read:tokens", {"/v1/tokens"}),
        ("read:market", {"/v1/stats"}),
        ("read:people", {"/v1/wallets/x"}),
        ("stream:trades", {"/v1/sse/trades/nonsense"}),
        ("stream", {"/v1/sse/trades/nonsense", "/v1/sse/board/nonsense"}),
        ("operate", {"/metrics"}),
    ],
)
async def test_a_scope_is_for_its_routes(tmp_path: Path, scope: str, allowed: set[str]) -> None:
    """A key may do what its scopes say, on routes and channels, and nothing else."""
    paths = {
        "/v1/tokens", "/v1/stats", "/v1/wallets/x", "/nothing", "/v1/sse/trades/nonsense",
        "/v1/sse/board/nonsense", "/metrics",
    }  # fmt: skip
    async with door(tmp_path, anonymous_scopes=()) as at:
        _, key = give_key(at.settings, scopes=(scope,))
        for path in allowed:
            assert (await at.ask(path, headers=bearer(key))).status_code in {200, 400, 404}
        for path in paths - allowed:
            assert (403, "forbidden") == await at.refuses(path, headers=bearer(key))


async def test_over_its_rate_a_key_is_refused(tmp_path: Path) -> None:
    """A burst passes, the next request is a 429; a token of the key changes nothing."""
    async with door(tmp_path) as at:
        _, key = give_key(at.settings, rate=Rate(1, 3))
        token = await at.token(key)
        answers = [await at.ask(headers=bearer(shown)) for shown in (key, token)]

        assert ['"key";q=3;w=180'] * 2 == [a.headers["ratelimit-policy"] for a in answers]
        assert ['"key";r=1;t=120', '"key";r=0;t=180'] == [a.headers["ratelimit"] for a in answers]
        for shown in (key, token):
            assert (429, "rateLimited") == await at.refuses(headers=bearer(shown))


async def test_over_its_quota_a_key_waits_for_the_next_day(tmp_path: Path) -> None:
    """The quota of a day counts every request that was let in, and the one after is a 429."""
    async with door(tmp_path) as at:
        _, key = give_key(at.settings, per_day=3)
        left = [(await at.ask(headers=bearer(key))).headers["ratelimit"] for _ in range(3)]

        assert ["2", "1", "0"] == [text.partition('"day";r=')[2].partition(";")[0] for text in left]
        assert (429, "quotaExceeded") == await at.refuses(headers=bearer(key))
        assert (429, "quotaExceeded") == await at.refuses("/v1/usage", headers=bearer(key))


async def test_guessing_is_limited(tmp_path: Path) -> None:
    """Wrong credentials are charged to the address they come from."""
    async with door(tmp_path, rate_limit_burst=5, rate_limit_per_minute=1) as at:
        for _ in range(5):
            assert BAD == await at.refuses(headers={"x-api-key": "bt_"})

        assert (429, "rateLimited") == await at.refuses(headers={"x-api-key": "bt_"})


async def test_x_forwarded_for_is_not_believed_from_anybody(tmp_path: Path) -> None:
    """A stranger gets one quota whatever it says of itself, and is never taken for this machine."""
    async with door(tmp_path, rate_limit_burst=5, rate_limit_per_minute=1) as at:
        for number in range(5):
            said = {"x-forwarded-for": f"198.51.100.{number}", "x-real-ip": "127.0.0.1"}

            assert 200 == (await at.ask(headers=said)).status_code
        for said in ({"x-forwarded-for": "127.0.0.1"}, {"forwarded": "for=127.0.0.1"}, {}):
            assert (429, "rateLimited") == await at.refuses(headers=said)
        assert {"203.0.113.9"} == {line["address"] for line in audited(at.settings)}


@pytest.mark.parametrize(
    "headers",
    [
        [("x-forwarded-for", "127.0.0.1")],
        [("x-forwarded-for", "")],
        [("x-forwarded-for", "198.51.100.1"), ("x-forwarded-for", "203.0.113.9")],
        [("x-forwarded-for", "127.0.0.1, 203.0.113.9")],
        [("forwarded", "for=203.0.113.9")],
        [("x-real-ip", "203.0.113.9")],
        [("via", "1.1 proxy")],
    ],
)
async def test_a_proxy_on_this_machine_lends_nobody_its_rights(
    tmp_path: Path, headers: list[tuple[str, str]]
) -> None:
    """Whoever is relayed to the loopback address is limited, and has the scopes of strangers."""
    limits = {"rate_limit_burst": 2, "rate_limit_per_minute": 1}
    async with door(tmp_path, address="127.0.0.1", **limits) as at:
        assert 200 == (await at.ask("/metrics")).status_code
        assert (401, "notAuthorised") == await at.refuses("/metrics", headers=headers)
        assert 200 == (await at.ask(headers=headers)).status_code
        assert (429, "rateLimited") == await at.refuses(headers=headers)
        assert 200 == (await at.ask()).status_code


async def test_what_names_nothing_is_not_free(tmp_path: Path) -> None:
    """Who names the state it has is not charged for hearing that; who says * is, like anybody."""
    async with door(tmp_path, rate_limit_burst=3, rate_limit_per_minute=1) as at:
        tag = (await at.ask()).headers["etag"]
        for _ in range(5):
            assert 304 == (await at.ask(headers={"if-none-match": tag})).status_code
        for _ in range(2):
            assert 304 == (await at.ask(headers={"if-none-match": "*"})).status_code
        assert (429, "rateLimited") == await at.refuses(headers={"if-none-match": "*"})


async def test_this_machine_may_be_a_stranger_too(tmp_path: Path) -> None:
    """Where loopback is not trusted it is limited and needs a key like anybody."""
    async with door(tmp_path, address="127.0.0.1", trust_loopback=False, rate_limit_burst=1) as at:
        assert (401, "notAuthorised") == await at.refuses("/metrics")
        assert (429, "rateLimited") == await at.refuses()


def everything(folder: Path) -> list[Path]:
    """Return all files in a folder and below it."""
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_no_secret_is_written_anywhere(tmp_path: Path) -> None:
    """Neither a key's secret nor a token is in any file, whatever is done and refused with it."""
    async with door(tmp_path) as at:
        _, key = give_key(at.settings, per_day=3)
        token = await at.token(key)
        for shown in (key, token, key[:-1], token[:-1]):
            for path in ("/v1/usage", "/metrics", "/v1/usage"):
                await at.ask(path, headers=bearer(shown))
    text = b"".join(path.read_bytes() for path in everything(tmp_path))

    assert key[3:15].encode() in text
    for secret in (key[16:], key[16:40], token, token.split(".")[2]):
        assert secret.encode() not in text


def test_signatures_are_made_by_cryptography_alone() -> None:
    """The slow and timeable implementations that python-jose brings along are never loaded."""
    code = "import sys, api.app; print({'ecdsa', 'rsa', 'pyasn1'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert "set()" == done.stdout.strip()
